//! The rules: mistakes in a cluster that no single value shows.
//!
//! In: a [`Model`]. Out: findings, and a [`Checked`] model when none of them is an error. A rule is a pure function in
//! a file of its own, next to the declaration of the codes it reports. It never reports on a missing value, because the
//! missing value has been reported already.

mod argument;
mod cluster;
mod cni;
mod existing;
mod interface;
mod kubernetes;
mod network;
mod node;
mod policy;
mod runtime;
mod support;

pub use cluster::unwritable_values::refused;
pub use existing::apply::APPLY;
pub use existing::kubeadm_files::check_existing;
pub use support::findings::Findings;
pub use support::free_range::untouched as free_range;

use std::sync::Arc;

use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics};
use crate::model::Model;

/// A group of rules about one subject, in a file of that name.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// `addresses`
    pub name: &'static str,
    look: fn(&Model, &mut Findings<'_>),
    codes: &'static [&'static Descriptor],
}

impl Rule {
    /// Runs this rule alone. Only a run of all rules can report an `allow` that silences nothing.
    pub fn run(&self, model: &Model, out: &mut Diagnostics) {
        (self.look)(model, &mut Findings::new(model, out));
    }
}

const fn rule(
    name: &'static str,
    look: fn(&Model, &mut Findings<'_>),
    codes: &'static [&'static Descriptor],
) -> Rule {
    Rule { name, look, codes }
}

/// Every rule, in the order in which they run.
pub static RULES: &[Rule] = &[
    rule(
        "cluster_ranges",
        network::cluster_ranges::check,
        network::cluster_ranges::CODES,
    ),
    rule("lan", network::lan::check, network::lan::CODES),
    rule(
        "wide_lan",
        network::wide_lan::check,
        network::wide_lan::CODES,
    ),
    rule("subnets", network::subnets::check, network::subnets::CODES),
    rule(
        "subnet_mtu",
        network::subnet_mtu::check,
        network::subnet_mtu::CODES,
    ),
    rule("addresses", node::addresses::check, node::addresses::CODES),
    rule(
        "reserved_ranges",
        network::reserved_ranges::check,
        network::reserved_ranges::CODES,
    ),
    rule(
        "special_ranges",
        network::special_ranges::check,
        network::special_ranges::CODES,
    ),
    rule(
        "name_servers",
        network::name_servers::check,
        network::name_servers::CODES,
    ),
    rule(
        "ipv6_ranges",
        network::ipv6_ranges::check,
        network::ipv6_ranges::CODES,
    ),
    rule(
        "dual_stack",
        network::dual_stack::check,
        network::dual_stack::CODES,
    ),
    rule("names", node::names::check, node::names::CODES),
    rule(
        "system_accounts",
        node::system_accounts::check,
        node::system_accounts::CODES,
    ),
    rule(
        "reserved_labels",
        kubernetes::reserved_labels::check,
        kubernetes::reserved_labels::CODES,
    ),
    rule("roles", cluster::roles::check, cluster::roles::CODES),
    rule(
        "several_control_planes",
        cluster::several_control_planes::check,
        cluster::several_control_planes::CODES,
    ),
    rule("vip", cluster::vip::check, cluster::vip::CODES),
    rule("vip_bgp", cluster::vip_bgp::check, cluster::vip_bgp::CODES),
    rule(
        "vip_services",
        cluster::vip_services::check,
        cluster::vip_services::CODES,
    ),
    rule(
        "vip_subnets",
        cluster::vip_subnets::check,
        cluster::vip_subnets::CODES,
    ),
    rule(
        "endpoint_and_join",
        cluster::endpoint_and_join::check,
        cluster::endpoint_and_join::CODES,
    ),
    rule(
        "endpoint_address",
        cluster::endpoint_address::check,
        cluster::endpoint_address::CODES,
    ),
    rule(
        "http_proxy",
        cluster::http_proxy::check,
        cluster::http_proxy::CODES,
    ),
    rule("capacity", node::capacity::check, node::capacity::CODES),
    rule("budget", node::budget::check, node::budget::CODES),
    rule("disks", node::disks::check, node::disks::CODES),
    rule("disk_use", node::disk_use::check, node::disk_use::CODES),
    rule("boot", node::boot::check, node::boot::CODES),
    rule("firmware", node::firmware::check, node::firmware::CODES),
    rule("system", node::system::check, node::system::CODES),
    rule(
        "system_parts",
        node::system_parts::check,
        node::system_parts::CODES,
    ),
    rule(
        "kernel_versions",
        kubernetes::kernel_versions::check,
        kubernetes::kernel_versions::CODES,
    ),
    rule(
        "release",
        kubernetes::release::check,
        kubernetes::release::CODES,
    ),
    rule(
        "end_of_support",
        kubernetes::end_of_support::check,
        kubernetes::end_of_support::CODES,
    ),
    rule("source", runtime::source::check, runtime::source::CODES),
    rule(
        "packages",
        runtime::packages::check,
        runtime::packages::CODES,
    ),
    rule("mirrors", runtime::mirrors::check, runtime::mirrors::CODES),
    rule(
        "registries",
        runtime::registries::check,
        runtime::registries::CODES,
    ),
    rule(
        "registry_names",
        runtime::registry_names::check,
        runtime::registry_names::CODES,
    ),
    rule("swap", node::swap::check, node::swap::CODES),
    rule("platform", node::platform::check, node::platform::CODES),
    rule(
        "configuration",
        cni::configuration::check,
        cni::configuration::CODES,
    ),
    rule(
        "unmet-needs",
        cni::unmet_needs::check,
        cni::unmet_needs::CODES,
    ),
    rule(
        "maintenance",
        cni::maintenance::check,
        cni::maintenance::CODES,
    ),
    rule(
        "device_name",
        cni::device_name::check,
        cni::device_name::CODES,
    ),
    rule(
        "mtu_and_interface",
        cni::mtu_and_interface::check,
        cni::mtu_and_interface::CODES,
    ),
    rule(
        "cluster_interface",
        interface::cluster_interface::check,
        interface::cluster_interface::CODES,
    ),
    rule(
        "default_route",
        interface::default_route::check,
        interface::default_route::CODES,
    ),
    rule("radio", interface::radio::check, interface::radio::CODES),
    rule(
        "board_ports",
        interface::board_ports::check,
        interface::board_ports::CODES,
    ),
    rule(
        "vlan_and_bond",
        interface::vlan_and_bond::check,
        interface::vlan_and_bond::CODES,
    ),
    rule(
        "devices",
        interface::devices::check,
        interface::devices::CODES,
    ),
    rule(
        "compatibility",
        cni::compatibility::check,
        cni::compatibility::CODES,
    ),
    rule(
        "kubelet",
        kubernetes::kubelet::check,
        kubernetes::kubelet::CODES,
    ),
    rule(
        "arguments",
        argument::existence::check,
        argument::existence::CODES,
    ),
    rule(
        "written_arguments",
        argument::written::check,
        argument::written::CODES,
    ),
    rule(
        "argument_values",
        argument::value::check,
        argument::value::CODES,
    ),
    rule(
        "kubelet_settings",
        kubernetes::kubelet_settings::check,
        kubernetes::kubelet_settings::CODES,
    ),
    rule(
        "field_values",
        kubernetes::field_values::check,
        kubernetes::field_values::CODES,
    ),
    rule(
        "field_relations",
        kubernetes::field_relations::check,
        kubernetes::field_relations::CODES,
    ),
    rule(
        "memory_manager",
        kubernetes::memory_manager::check,
        kubernetes::memory_manager::CODES,
    ),
    rule(
        "field_gates",
        kubernetes::field_gates::check,
        kubernetes::field_gates::CODES,
    ),
    rule(
        "feature_gates",
        kubernetes::feature_gates::check,
        kubernetes::feature_gates::CODES,
    ),
    rule(
        "release_settings",
        kubernetes::release_settings::check,
        kubernetes::release_settings::CODES,
    ),
    rule(
        "fields",
        kubernetes::fields::check,
        kubernetes::fields::CODES,
    ),
    rule(
        "admission_plugins",
        kubernetes::admission_plugins::check,
        kubernetes::admission_plugins::CODES,
    ),
    rule(
        "gate_needs",
        kubernetes::gate_needs::check,
        kubernetes::gate_needs::CODES,
    ),
    rule(
        "resolver",
        kubernetes::resolver::check,
        kubernetes::resolver::CODES,
    ),
    rule(
        "kernel_settings",
        node::kernel_settings::check,
        node::kernel_settings::CODES,
    ),
    rule(
        "extra_packages",
        node::extra_packages::check,
        node::extra_packages::CODES,
    ),
    rule(
        "unwritable_values",
        cluster::unwritable_values::check,
        cluster::unwritable_values::CODES,
    ),
    rule(
        "component_files",
        kubernetes::component_files::check,
        kubernetes::component_files::CODES,
    ),
    rule(
        "no_effect",
        kubernetes::no_effect::check,
        kubernetes::no_effect::CODES,
    ),
    rule(
        "volumes",
        kubernetes::volumes::check,
        kubernetes::volumes::CODES,
    ),
    rule("oidc", kubernetes::oidc::check, kubernetes::oidc::CODES),
    rule(
        "cluster_dns",
        kubernetes::cluster_dns::check,
        kubernetes::cluster_dns::CODES,
    ),
    rule(
        "kube_proxy",
        kubernetes::kube_proxy::check,
        kubernetes::kube_proxy::CODES,
    ),
    rule(
        "enforcement",
        policy::enforcement::check,
        policy::enforcement::CODES,
    ),
    rule("peers", policy::peers::check, policy::peers::CODES),
    rule("bgp", cni::bgp::check, cni::bgp::CODES),
    rule("routed", cni::routed::check, cni::routed::CODES),
    rule(
        "kernel_demands",
        cni::kernel_demands::check,
        cni::kernel_demands::CODES,
    ),
    rule(
        "machine_addresses",
        network::machine_addresses::check,
        network::machine_addresses::CODES,
    ),
    rule(
        "certificates",
        kubernetes::certificates::check,
        kubernetes::certificates::CODES,
    ),
    rule("etcd", kubernetes::etcd::check, kubernetes::etcd::CODES),
    rule(
        "etcd_snapshots",
        kubernetes::etcd_snapshots::check,
        kubernetes::etcd_snapshots::CODES,
    ),
    rule(
        "node_ports",
        kubernetes::node_ports::check,
        kubernetes::node_ports::CODES,
    ),
    rule(
        "api_port",
        kubernetes::api_port::check,
        kubernetes::api_port::CODES,
    ),
    rule(
        "frozen_registry",
        runtime::frozen_registry::check,
        runtime::frozen_registry::CODES,
    ),
    rule(
        "upstream_copies",
        cni::upstream_copies::check,
        cni::upstream_copies::CODES,
    ),
];

/// Runs every rule on a model, then checks the `allow` blocks.
fn look(model: &Model, out: &mut Diagnostics) {
    let mut findings = Findings::new(model, out);
    for rule in RULES {
        (rule.look)(model, &mut findings);
    }
    findings.finish(&all_codes());
}

/// A model in which no rule has found an error. Only [`check`] creates one.
#[derive(Clone, Debug)]
pub struct Checked<T>(Arc<T>);

impl Checked<Model> {
    /// The model.
    pub fn get(&self) -> &Model {
        &self.0
    }
}

/// Runs every rule on a model, and then checks the `allow` blocks. `out` already holds the findings of the floors
/// below. The model is checked if none of all these findings is an error.
pub fn check(model: Arc<Model>, out: &mut Diagnostics) -> Option<Checked<Model>> {
    look(&model, out);
    (!out.has_errors()).then_some(Checked(model))
}

/// What the rules find in the cluster itself: everything except findings about `allow` blocks and about needs that its
/// CNI does not meet. `cni auto` uses this to judge each CNI that it tries.
pub fn verdict(model: &Model) -> Vec<Diagnostic> {
    let mut out = Diagnostics::default();
    look(model, &mut out);
    let counts = |finding: &&Diagnostic| {
        let code = finding.descriptor.code;
        !code.starts_with("allow/") && code != cni::unmet_needs::LACKS.code
    };
    out.iter().filter(counts).cloned().collect()
}

/// Every code that pikc reports about a spec, by name.
pub fn all_codes() -> Vec<&'static Descriptor> {
    let mut codes: Vec<&'static Descriptor> = [
        crate::syntax::CODES,
        crate::ast::CODES,
        crate::schema::CODES,
        crate::stdlib::CODES,
        crate::model::CODES,
        support::allow::CODES,
        existing::kubeadm_files::CODES,
        existing::overridden::CODES,
        existing::cluster_files::CODES,
    ]
    .into_iter()
    .chain(crate::model::EXISTING_CODES.iter().copied())
    .chain(RULES.iter().map(|rule| rule.codes))
    .flatten()
    .copied()
    .collect();
    codes.sort_by_key(|descriptor| descriptor.code);
    codes
}
