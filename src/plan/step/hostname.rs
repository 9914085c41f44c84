//! The machine carries its node's name.

use super::super::file::Placing;
use super::super::types::Line;
use super::{Class, Step};

pub(super) fn plan(class: &Class<'_>) -> Option<Step> {
    let mut lines = vec![
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
    if class.system.network_stack.value.starts_with("netplan") {
        lines.extend([
            Line::constant("# So is the network, from the first run on: its file is /etc/netplan/90-pikc.yaml."),
            Line::constant("network:"),
            Line::constant("  config: disabled"),
        ]);
    }
    Some(
        Step::new("12-hostname")
            .asked("the node's name", [])
            .file(Placing::whole("/etc/cloud/cloud.cfg.d/90-pikc.cfg", lines)),
    )
}
