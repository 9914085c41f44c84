//! Machines with dnf: what holds their packages, SELinux and the firewall.

use serde_json::json;

use super::words::names;
use crate::model::Model;
use crate::plan::types::Context;
use crate::stdlib::{PackageManager, System};

/// Adds which machines these are, and what is particular about them.
pub(super) fn add(model: &Model, context: &mut Context) {
    let mut nodes = Vec::new();
    let mut systems: Vec<&System> = Vec::new();
    let mut origins = Vec::new();
    for node in &model.nodes {
        let Some(os) = &node.settings.os else {
            continue;
        };
        if os.value.package_manager.value == PackageManager::Dnf {
            nodes.push(node.name.value.as_str());
            systems.push(&os.value);
            origins.push(os.origin.clone());
        }
    }
    let packages = match nodes.len() {
        0 => "none",
        some if some == model.nodes.len() => "all",
        _ => "some",
    };
    context.set(
        "by_dnf",
        json!({
            "packages": packages,
            "nodes": names(&nodes),
            "selinux": systems.iter().any(|system| system.selinux.is_some()),
            "firewalld": systems.iter().any(|system| system.firewall.is_some()),
        }),
        origins,
    );
}
