//! The machine has its node's name.

use super::super::file::Placing;
use super::{ClassView, Step};
use crate::file_format::Writer;
use crate::file_format::cloud_cfg::CloudCfg;
use crate::plan::network::from_cloud_init;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let mut file = Writer::<CloudCfg>::headed(
        "The spec sets the host name and /etc/hosts: cloud-init would restore its own at each boot.",
        class.spec,
    );
    file.fixed("preserve_hostname: true");
    file.fixed("manage_etc_hosts: false");
    if let Some(place) = from_cloud_init(class.system, class.board.hardware) {
        file.fixed(place);
        file.fixed("network:");
        file.fixed("  config: disabled");
    }
    Some(
        Step::new("12-hostname")
            .asked("the node's name", [])
            .file(Placing::whole("/etc/cloud/cloud.cfg.d/90-pikc.cfg", file)),
    )
}
