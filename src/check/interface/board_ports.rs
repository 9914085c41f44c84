//! Ports: whether a board has the port that an interface needs.

use crate::check::support::findings::Findings;
use crate::check::support::findings::names;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Interface, Model};

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
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&NO_PORT];

/// Whether an interface is a port of the board itself, as far as the spec says.
fn is_port(interface: &Interface) -> bool {
    let made = interface.wifi.is_some() || interface.vlan.is_some() || interface.bond.is_some();
    let found = interface.mac.is_some() || interface.driver.is_some();
    !made && !found
}

pub(in crate::check) fn check(_model: &Model, out: &mut Findings<'_>) {
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
