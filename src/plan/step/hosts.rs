//! The nodes know each other by name.

use super::super::file::Placing;
use super::{ClassView, Step};
use crate::model::HostsPolicy;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let hosts = class.model.cluster.hosts.as_ref()?;
    let word = match hosts.value {
        HostsPolicy::Auto => "auto",
        HostsPolicy::All => "all",
        HostsPolicy::ControlPlane => "control-plane",
    };
    let step = Step::new("14-hosts").asked(format!("hosts = {word}"), [hosts.origin.clone()]);
    Some(match class.hosts.for_all() {
        Some(lines) => step.file(Placing::fragment("hosts", lines)),
        None => step,
    })
}
