//! Ports: whether a board has the port that an interface needs.

use crate::check::support::findings::{Findings, names};
use crate::check::support::offers::{instead, left_out};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::{Interface, Model, Node, NodeSettings};

declare! {
    /// The board has no wired port, so there is no `eth0` unless an adapter is plugged in. For an adapter, the spec
    /// says how to find it; then it is found whatever the kernel calls it.
    ///
    /// ```pik fails
    /// board = pi-zero-2w
    /// interface eth0 { }
    /// ```
    ///
    /// ```pik
    /// board = pi-zero-2w
    /// interface eth0 { driver = r8152 }
    /// ```
    pub static NO_PORT = {
        code: "interface/board-has-none",
        since: "0.1.0",
        severity: Warning,
        title: "a wired interface on a board without a port",
        help: "write the adapter's `mac` or `driver`, use the radio, or choose another board",
        no_edit: "how the adapter is found, by `mac` or `driver`, is written on the adapter",
        sources: ["raspberrypi/documentation introduction.adoc"],
    }

    /// A driver sends and takes packets up to a size. On the Raspberry Pis up to the 4 that is the usual 1500 bytes: the system then refuses
    /// a larger `mtu`, or leaves the interface as it was, while pods are told to use packets of that size, which get lost.
    ///
    /// For a Raspberry Pi 4 this is a warning: patches for larger packets are on their way into its kernel.
    ///
    /// ```pik fails
    /// board = pi-4b-4g
    /// interface eth0 { mtu = 9000 }
    /// ```
    ///
    /// ```pik
    /// board    = pi-5-8g
    /// firmware { kernel = 4k }
    /// interface eth0 { mtu = 9000 }
    /// ```
    pub static LARGE = {
        code: "interface/mtu-of-the-board",
        since: "0.1.0",
        severity: Error,
        title: "larger packets than the board's network port carries",
        help: "leave `mtu` out, or choose another board",
        sources: [
            "raspberrypi/linux#2660",
            "raspberrypi/linux#3978",
            "raspberrypi/linux#5561",
            "raspberrypi/linux#7617",
        ],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&NO_PORT, &LARGE];

/// Whether an interface is a port of the board itself, as far as the spec says.
fn is_port(interface: &Interface) -> bool {
    let made = interface.wifi.is_some() || interface.vlan.is_some() || interface.bond.is_some();
    let found = interface.mac.is_some() || interface.driver.is_some();
    !made && !found
}

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| large(model, settings, nodes));
    out.blocks(|settings, nodes| {
        let board = settings
            .board
            .as_ref()
            .filter(|board| board.value.no_wire)?;
        let port = settings.interfaces.iter().find(|one| is_port(one))?;
        Some(
            Diagnostic::new(
                &NO_PORT,
                format!(
                    "{}: {} has no wired port for `{}`",
                    names(nodes),
                    board.value.title,
                    port.name.value
                ),
            )
            .label(&port.name, "not Wi-Fi, and found by its name alone")
            .label(board, "comes without a wired port"),
        )
    });
}

/// A port of the board with a larger MTU than its driver has, of its own or from the subnet.
fn large(model: &Model, settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let board = settings.board.as_ref()?;
    let most = board.value.wired_mtu.as_ref()?;
    // Of several ports without a word on how each is found, only the first is sure to be the board's.
    let port = settings.interfaces.iter().find(|one| is_port(one))?;
    let subnet = || {
        let carries = settings.cluster_interface()?.name.value == port.name.value;
        let network = &model.cluster.network;
        let large = |node: &&Node| network.of(node)?.mtu.clone();
        nodes.iter().filter(|_| carries).find_map(large)
    };
    let asked = port.mtu.clone().or_else(subnet)?;
    if asked.value <= most.value {
        return None;
    }
    let message = format!(
        "{}: the network port of {} carries packets of {} bytes, and `{}` is to carry {}",
        names(nodes),
        board.value.title,
        most.value,
        port.name.value,
        asked.value
    );
    let finding = Diagnostic::new(&LARGE, message)
        .label(&asked, "larger packets")
        .label(board, "its driver does not have them");
    let finding = match board.value.wired_mtu_confirmed {
        true => finding,
        false => finding.severity(Severity::Warning),
    };
    let finding = instead(finding, &asked.origin, [most.value]);
    Some(left_out(finding, "mtu", &asked.origin))
}
