//! The machine carries its node's name.

use super::super::file::Placing;
use super::super::types::Line;
use super::{Class, Step};

pub(super) fn plan(class: &Class<'_>) -> Option<Step> {
    let lines = vec![
        Line::constant(
            "# The host name and /etc/hosts are the spec's business: cloud-init would put back its own at each boot.",
        ),
        Line::constant(format!(
            "# Made by pikc from {}. Do not edit: change the spec and compile again.",
            class.spec
        )),
        Line::constant("preserve_hostname: true"),
        Line::constant("manage_etc_hosts: false"),
    ];
    Some(
        Step::new("12-hostname")
            .asked("the node's name", [])
            .file(Placing::whole("/etc/cloud/cloud.cfg.d/90-pikc.cfg", lines)),
    )
}
