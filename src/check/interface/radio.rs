//! Wi-Fi: whether the board has a radio, whether it may be turned on, and whether anyone can join.

use crate::check::support::findings::{Findings, names, verb};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;

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
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&COUNTRY, &NO_RADIO, &OPEN];

pub(in crate::check) fn check(_model: &Model, out: &mut Findings<'_>) {
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
