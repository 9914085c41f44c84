//! Wi-Fi: whether the board has a radio, whether it may be turned on, and whether anyone can join.

use crate::check::support::findings::{Findings, names, verb};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Node};

declare! {
    /// Raspberry Pi OS keeps the radio off until it knows the country, because each country allows different channels.
    /// A card without a country comes up without a network.
    ///
    /// ```pik fails
    /// node radio {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    ///   user pi { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop"] }
    ///   interface wlan0 { wifi { ssid = "home", passphrase = secret:wifi } }
    /// }
    /// ```
    ///
    /// ```pik
    /// locale { country = JP }
    /// interface wlan0 { wifi { ssid = "home", passphrase = secret:wifi } }
    /// ```
    pub static COUNTRY = {
        code: "wifi/no-country",
        since: "0.1.0",
        severity: Error,
        title: "Wi-Fi without a country",
        help: "write `locale { country = JP }`, with your own country",
        no_edit: "only the operator knows where the machine is",
        sources: ["raspberrypi/documentation#2487", "RPi-Distro/pi-gen#414"],
    }

    /// The board has no radio.
    ///
    /// ```pik fails
    /// node wired {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-cm4s-4g
    ///   address = 192.168.11.209
    ///   user pi { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop"] }
    ///   locale { country = JP }
    ///   interface wlan0 { wifi { ssid = "home", passphrase = secret:wifi } }
    /// }
    /// ```
    ///
    /// ```pik
    /// interface eth0 { }
    /// ```
    pub static NO_RADIO = {
        code: "wifi/board-has-none",
        since: "0.1.0",
        severity: Error,
        title: "Wi-Fi on a board without a radio",
        help: "use a wired interface, or another board",
        no_edit: "another board or a cable is a decision about the machine",
        sources: ["raspberrypi/documentation: compute-module/introduction.adoc"],
    }

    /// Without a `passphrase` the network is open: anyone nearby can read what the nodes send unencrypted, and that
    /// includes the CNI's packets.
    ///
    /// ```pik fails
    /// interface wlan0 { wifi { ssid = "home" } }
    /// ```
    ///
    /// ```pik
    /// interface wlan0 { wifi { ssid = "home", passphrase = secret:wifi } }
    /// ```
    pub static OPEN = {
        code: "wifi/open-network",
        since: "0.1.0",
        severity: Warning,
        title: "an open Wi-Fi network",
        help: "write `passphrase = secret:wifi`",
        sources: ["docs/language.md"],
    }

    /// A service of type LoadBalancer has an address of `load-balancer` that no interface has: one of the machines answers for it when
    /// others ask who has it (ARP). The Wi-Fi of Raspberry Pis passes such questions on to the system only in promiscuous mode, and many access
    /// points answer for their clients, with the addresses that they know. Then the service is reached from the machines, and from nowhere else.
    ///
    /// Whether your radio and your access point let them through shows `arping ADDRESS` on another computer. With `bgp` the addresses are
    /// announced to the router instead, and nothing is said.
    ///
    /// ```pik fails
    /// network {
    ///   lan           = 192.168.11.0/24
    ///   gateway       = 192.168.11.1
    ///   dns           = [192.168.11.1]
    ///   load-balancer = 192.168.11.240..192.168.11.250
    /// }
    /// locale { country = JP }
    /// interface wlan0 { wifi { ssid = "home", passphrase = secret:wifi } }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan           = 192.168.11.0/24
    ///   gateway       = 192.168.11.1
    ///   dns           = [192.168.11.1]
    ///   load-balancer = 192.168.11.240..192.168.11.250
    /// }
    /// ```
    pub static SERVICES = {
        code: "wifi/load-balancer",
        since: "0.1.0",
        severity: Warning,
        title: "addresses of services that machines on Wi-Fi answer for",
        help: "connect the machines by cable; or turn on promiscuous mode (`ip link set wlan0 promisc on`), test it, and say so: `allow wifi/load-balancer { reason = \"...\" }`",
        no_edit: "whether there is a cable, and what the access point lets through, is not in the spec",
        sources: ["metallb/metallb#253", "metallb/metallb#284", "metallb/metallb#2124", "raspberrypi/linux#2677"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&COUNTRY, &NO_RADIO, &OPEN, &SERVICES];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    services(model, out);
    out.blocks(|settings, nodes| {
        let wifi = settings
            .interfaces
            .iter()
            .find_map(|one| one.wifi.as_ref())?;
        let os = settings.os.as_ref()?;
        let blocked = os
            .value
            .wifi_blocked
            .as_ref()
            .is_some_and(|blocked| blocked.value);
        (blocked && settings.locale.country.is_none() && !settings.damaged).then(|| {
            Diagnostic::new(
                &COUNTRY,
                format!(
                    "{}: the radio stays off until {} knows its country",
                    names(nodes),
                    os.value.title
                ),
            )
            .label(wifi.head, "needs the radio")
            .label(os, "keeps it off")
        })
    });
    out.blocks(|settings, nodes| {
        let wifi = settings
            .interfaces
            .iter()
            .find_map(|one| one.wifi.as_ref())?;
        let board = settings.board.as_ref()?;
        board.value.wifi.is_none().then(|| {
            Diagnostic::new(
                &NO_RADIO,
                format!("{}: {} has no radio", names(nodes), board.value.title),
            )
            .label(wifi.head, "needs a radio")
            .label(board, "has none")
        })
    });
    open(out);
}

fn open(out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| {
        let wifi = settings
            .interfaces
            .iter()
            .filter_map(|one| one.wifi.as_ref())
            .find(|wifi| wifi.passphrase.is_none() && !settings.damaged)?;
        Some(
            Diagnostic::new(
                &OPEN,
                format!(
                    "{} {} an open network",
                    names(nodes),
                    verb(nodes, "joins", "join")
                ),
            )
            .label(wifi.head, "no passphrase")
            .choice(|it| {
                let line = "passphrase = secret:wifi";
                it.add_inside(format!("add `{line}`"), wifi.head, line)
            }),
        )
    });
}

/// Addresses of services, and machines on Wi-Fi that are to answer for them.
fn services(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    let Some(pool) = &network.load_balancer else {
        return;
    };
    if model.cluster.bgp.iter().any(|bgp| !bgp.peers.is_empty()) {
        return;
    }
    let wifi = |node: &Node| Some(node.settings.cluster_interface()?.wifi.as_ref()?.head);
    let near = |node: &Node| {
        let subnet = network.of(node);
        subnet.is_none_or(|subnet| subnet.contains(pool.value.first))
    };
    let wireless = |node: &&Node| wifi(node).is_some() && near(node);
    let wireless: Vec<&Node> = model.nodes.iter().filter(wireless).collect();
    let Some(first) = wireless.first() else {
        return;
    };
    let message = format!(
        "{} {} on Wi-Fi, and may not be heard when {} for addresses of `load-balancer`",
        names(&wireless),
        verb(&wireless, "is", "are"),
        verb(&wireless, "it answers", "they answer"),
    );
    out.push(
        Diagnostic::new(&SERVICES, message)
            .label(pool, "no interface has these addresses")
            .label(wifi(first), "an access point stands between"),
    );
}
