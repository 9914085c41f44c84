//! Platforms: only a machine that boots with cloud-init gets user-data.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::check::support::offers::left_out;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;
use crate::stdlib::Hardware;

declare! {
    /// `platform` names what hands a machine its user-data at first boot. A Raspberry Pi gets none: it boots from its
    /// card, and `pikc card` puts the files there. The setting would have no effect, and it would make a reader expect
    /// a machine that does not exist.
    ///
    /// ```pik fails
    /// node extra {
    ///   role     = worker
    ///   os       = raspios-trixie
    ///   board    = pi-4b-4g
    ///   platform = openstack
    ///   address  = 192.168.11.209
    ///   interface eth0 { }
    /// }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   role     = worker
    ///   os       = debian-12
    ///   board    = generic-amd64
    ///   memory   = 4GiB
    ///   cpus     = 2
    ///   platform = openstack
    ///   address  = 192.168.11.209
    ///   interface eth0 { }
    /// }
    /// ```
    pub static NOT_HANDED = {
        code: "node/platform",
        since: "0.1.0",
        severity: Error,
        title: "a platform for a machine that boots from a card",
        help: "drop `platform`, or name the board of such a machine: `board = generic-amd64`",
        sources: ["cloudinit.readthedocs.io: reference/datasources/nocloud"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&NOT_HANDED];

pub(in crate::check) fn check(_: &Model, out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| {
        let (platform, board) = (settings.platform.as_ref()?, settings.board.as_ref()?);
        if board.value.hardware != Hardware::Pi {
            return None;
        }
        Some(
            Diagnostic::new(
                &NOT_HANDED,
                format!(
                    "{} {} from a card: {} hands over no user-data there",
                    names(nodes),
                    verb(nodes, "boots", "boot"),
                    platform.value.title
                ),
            )
            .label(platform, "this platform")
            .label(board, "on this board"),
        )
        .map(|finding| left_out(finding, "platform", &platform.origin))
    });
}
