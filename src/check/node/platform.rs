//! Platforms: only a machine that comes up by cloud-init is handed anything.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;
use crate::stdlib::Hardware;

declare! {
    /// `platform` says what hands a machine its user-data at the first start. A Raspberry Pi is handed nothing: it starts from
    /// its card, and `pikc card` puts the files there. The setting would have no effect, and it would make a reader believe in a
    /// machine that is not there.
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
        title: "a platform under a machine that starts from a card",
        help: "take `platform` out, or name the board that the platform gives: `board = generic-amd64`",
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
                    "{} {} from a card: {} hands over nothing there",
                    names(nodes),
                    verb(nodes, "starts", "start"),
                    platform.value.title
                ),
            )
            .label(platform, "this platform")
            .label(board, "on this board"),
        )
    });
}
