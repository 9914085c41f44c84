//! The resolved cluster as plain data.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use camino::Utf8PathBuf;
use ipnet::IpNet;
use sha2::{Digest as _, Sha256};

use super::bgp::Bgp;
use super::carried::Carried;
use super::cluster_dns::ClusterDns;
use super::control_plane::ControlPlane;
use super::facts::Facts;
use super::http_proxy::HttpProxy;
use super::machine::{Node, Role};
use super::policy::Policy;
use super::registry::{Authority, Registry};
use super::subnet::Subnet;
use super::vip::Vip;
use crate::origin::{Origin, Sourced};
use crate::schema::Entity;
use crate::source::{Span, Spanned};
use crate::stdlib::{Board, Cni, Runs, Upstream};
use crate::value::{AddressRange, Date, Duration, Endpoint, Fingerprint, SecretName, Val, Version};

/// Keys and values of an open map, in alphabetical order of the keys.
pub type Pairs = Vec<(Sourced<String>, Sourced<String>)>;

/// Feature gates, and whether each is enabled.
pub type GateList = Vec<(Sourced<String>, Sourced<bool>)>;

/// Everything in a spec, resolved.
#[derive(Clone, Debug)]
pub struct Model {
    /// The cluster.
    pub cluster: Cluster,
    /// Its machines, in the order of the spec.
    pub nodes: Vec<Node>,
    /// Whether there are other machines whose names cannot be read.
    pub lost_nodes: bool,
    /// Every `allow` of the top level.
    pub allows: Vec<Allow>,
    /// The places of all `allow` blocks of the spec, wherever they are, with their codes.
    pub all_allows: Vec<Allow>,
    /// The names of the spec's profiles, in the order of their places.
    pub profiles: Vec<Spanned<String>>,
    /// What the standard library knows of the things that the spec names.
    pub facts: Facts,
    /// The day that rules use as today.
    pub as_of: Sourced<Date>,
    /// The resolved blocks, for `pikc show`: the cluster, then each node block merged with its
    /// profiles (with the names it declares).
    pub entities: Vec<(Entity, Vec<String>)>,
    /// Whether part of the spec could not be read.
    pub damaged: bool,
}

/// The `cluster` block.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its name.
    pub name: Sourced<String>,
    /// Its head in the spec.
    pub head: Span,
    /// The Kubernetes version as written.
    pub kubernetes: Option<Sourced<Version>>,
    /// The exact version: as written, or as chosen by an earlier compile, or the newest known.
    pub exact: Option<Sourced<Version>>,
    /// The endpoint of the API server, if the spec sets one.
    pub endpoint: Option<Sourced<Endpoint>>,
    /// An address that moves between the control planes.
    pub vip: Option<Vip>,
    /// The API server's port.
    pub api_port: Option<Sourced<u16>>,
    /// The DNS domain of services.
    pub dns_domain: Option<Sourced<String>>,
    /// Which nodes `/etc/hosts` lists.
    pub hosts: Option<Sourced<HostsPolicy>>,
    /// Addresses.
    pub network: Network,
    /// Time servers.
    pub time: Time,
    /// The container runtime.
    pub runtime: Option<RuntimeChoice>,
    /// The CNI.
    pub cni: Option<CniChoice>,
    /// The cluster's DNS.
    pub dns: ClusterDns,
    /// Whether the cluster has no kube-proxy.
    pub proxy_disabled: Option<Sourced<bool>>,
    /// kube-proxy's mode.
    pub proxy_mode: Option<Sourced<String>>,
    /// The kubelet's settings for all nodes.
    pub kubelet: Kubelet,
    /// kubeadm's own feature gates, in alphabetical order.
    pub kubeadm_gates: GateList,
    /// Phases of `kubeadm init` that are left out.
    pub skip_phases: Vec<Sourced<String>>,
    /// The components of the control plane.
    pub control_plane: ControlPlane,
    /// Settings that other programs' files hold as they are, other than the kubelet's.
    pub carried: Vec<Carried>,
    /// How nodes join.
    pub join: Join,
    /// Mirrors of external repositories and registries.
    pub mirror: Mirror,
    /// The HTTP proxy, if there is one.
    pub http_proxy: Option<HttpProxy>,
    /// How registries are reached.
    pub registries: Vec<Registry>,
    /// Certificate authorities that every machine trusts.
    pub authorities: Vec<Authority>,
    /// The BGP peers of the nodes, if the spec sets them.
    pub bgp: Option<Bgp>,
    /// Network policies.
    pub policies: Vec<Policy>,
}

/// Which nodes `/etc/hosts` lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostsPolicy {
    /// All up to 64 nodes, beyond that the control plane.
    Auto,
    /// All nodes.
    All,
    /// The control plane only.
    ControlPlane,
}

/// The `network` block.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Its head, if it is written.
    pub head: Option<Span>,
    /// The networks that the nodes are in, in the order of the spec; without `subnet` blocks, the one that the block itself
    /// describes.
    pub subnets: Vec<Subnet>,
    /// The pod range.
    pub pods: Option<Sourced<IpNet>>,
    /// The service range.
    pub services: Option<Sourced<IpNet>>,
    /// The length of each node's piece of the pod range.
    pub node_prefix: Option<Sourced<i64>>,
    /// The addresses that a load balancer assigns to services.
    pub load_balancer: Option<Sourced<AddressRange>>,
    /// Networks elsewhere that the cluster leaves alone, each with the user's name for it.
    pub reserved: Vec<(String, Sourced<IpNet>)>,
    /// The same for the other family, in a cluster with both.
    pub ipv6: Option<Ipv6>,
}

/// The `ipv6` block.
#[derive(Clone, Debug)]
pub struct Ipv6 {
    /// Where the block begins.
    pub head: Span,
    /// The pod range.
    pub pods: Option<Sourced<IpNet>>,
    /// The service range.
    pub services: Option<Sourced<IpNet>>,
}

impl Network {
    /// The range of the cluster's own that an address is in, if it is: no machine has it then.
    pub fn own_range(&self, address: IpAddr) -> Option<(&'static str, &Sourced<IpNet>)> {
        let pods = self.all_pods().into_iter();
        let pods = pods.map(|range| ("the pod range", range));
        let services = self.all_services().into_iter();
        let services = services.map(|range| ("the service range", range));
        let mut all = pods.chain(services);
        all.find(|(_, range)| range.value.contains(&address))
    }

    /// The pod range of each family.
    pub fn all_pods(&self) -> Vec<&Sourced<IpNet>> {
        let second = self.ipv6.as_ref().and_then(|ipv6| ipv6.pods.as_ref());
        self.pods.iter().chain(second).collect()
    }

    /// The service range of each family.
    pub fn all_services(&self) -> Vec<&Sourced<IpNet>> {
        let second = self.ipv6.as_ref().and_then(|ipv6| ipv6.services.as_ref());
        self.services.iter().chain(second).collect()
    }
}

/// The `time` block.
#[derive(Clone, Debug, Default)]
pub struct Time {
    /// Servers.
    pub servers: Vec<Sourced<String>>,
    /// Fallback servers.
    pub fallback: Vec<Sourced<String>>,
}

/// The `runtime` block.
#[derive(Clone, Debug)]
pub struct RuntimeChoice {
    /// `crio`
    pub name: Sourced<String>,
    /// Its version, if the spec sets one; else it follows Kubernetes.
    pub version: Option<Sourced<Version>>,
    /// `distribution` or `upstream`, for runtimes that leave the choice.
    pub source: Option<Sourced<String>>,
    /// All options, written or default.
    pub options: BTreeMap<String, Sourced<Val>>,
}

/// The `cni` block.
#[derive(Clone, Debug)]
pub struct CniChoice {
    /// `flannel`
    pub name: Sourced<String>,
    /// What the cluster needs of it.
    pub needs: Vec<Sourced<String>>,
    /// A folder with the user's own copies of upstream's files.
    pub upstream: Option<Sourced<Utf8PathBuf>>,
    /// Those copies, by the names of the files (`calico.yaml`): their texts, or why there are none.
    pub copies: BTreeMap<String, Result<Arc<str>, String>>,
    /// The user's own manifest.
    pub manifest: Option<Sourced<Utf8PathBuf>>,
    /// The text of that manifest, if it could be read.
    pub brought: Option<String>,
    /// The network in that manifest, with its place, or why none was found.
    pub brought_network: Option<Result<Spanned<IpNet>, String>>,
    /// All options: written, default, or neither.
    pub options: BTreeMap<String, Option<Sourced<Val>>>,
    /// The backends that read an option; for options that not all of them read.
    pub applies_to: BTreeMap<String, Vec<String>>,
    /// The option that must be on for another to be read, by the name of the other.
    pub requires: BTreeMap<String, String>,
    /// Options that the spec writes, with the backends that read them (empty for all).
    pub written: Vec<(String, Span, Vec<String>)>,
    /// The options that a running cluster keeps.
    pub fixed: Vec<String>,
}

/// A `kubelet` block.
#[derive(Clone, Debug, Default)]
pub struct Kubelet {
    /// Whether the kubelet refuses to start with swap.
    pub fail_swap_on: Option<Sourced<bool>>,
    /// How many pods can run on a node.
    pub max_pods: Option<Sourced<i64>>,
    /// Feature gates, in alphabetical order.
    pub gates: GateList,
    /// Command line arguments, without the leading dashes.
    pub extra_args: Pairs,
    /// Settings that the kubelet's configuration holds as they are.
    pub carried: Vec<Carried>,
}

/// The `join` block.
#[derive(Clone, Debug, Default)]
pub struct Join {
    /// How long a join file is valid.
    pub ttl: Option<Sourced<Duration>>,
    /// How long machines can join by themselves, with the token of the secrets file.
    pub window: Option<Sourced<Duration>>,
}

/// The `mirror` block.
#[derive(Clone, Debug, Default)]
pub struct Mirror {
    /// Mirrors of package repositories, by the repositories' names.
    pub packages: BTreeMap<&'static str, PackageMirror>,
    /// Mirrors of the archives of systems, by the archives' names.
    pub archives: BTreeMap<&'static str, Sourced<String>>,
    /// The mirror of the image registries.
    pub images: Option<Sourced<String>>,
}

/// The mirror of a package repository.
#[derive(Clone, Debug, Default)]
pub struct PackageMirror {
    /// Its address.
    pub url: Option<Sourced<String>>,
    /// Where its key is.
    pub key: Option<Sourced<String>>,
    /// The fingerprint of that key, if it is not upstream's.
    pub fingerprint: Option<Sourced<Fingerprint>>,
}

impl Mirror {
    /// The mirror address of a package repository.
    pub fn url(&self, repository: &str) -> Option<&Sourced<String>> {
        self.packages.get(repository)?.url.as_ref()
    }
}

/// An `allow` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// Which code.
    pub code: Sourced<String>,
    /// Why.
    pub reason: Option<Sourced<String>>,
    /// Its head.
    pub head: Span,
    /// Whether it is in a profile that no node uses.
    pub idle: bool,
}

impl Model {
    /// The machines whose board is of a kind; a machine without a board is not among them.
    pub fn on_boards(&self, kind: impl Fn(&Board) -> bool) -> Vec<&Node> {
        let is = |node: &&Node| {
            let board = node.settings.board.as_ref();
            board.is_some_and(|board| kind(&board.value))
        };
        self.nodes.iter().filter(is).collect()
    }

    /// The machines with a role.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(move |node| {
            node.settings
                .role
                .as_ref()
                .is_some_and(|found| found.value == role)
        })
    }

    /// The machines that are route reflectors.
    pub fn route_reflectors(&self) -> Vec<&Node> {
        let is = |node: &&Node| {
            let on = node.settings.route_reflector.as_ref();
            on.is_some_and(|on| on.value)
        };
        self.nodes.iter().filter(is).collect()
    }

    /// Whether every node peers with every other over BGP: as the spec sets it, else unless there are reflectors.
    pub fn bgp_mesh(&self) -> bool {
        let said = self.cluster.bgp.as_ref().and_then(|bgp| bgp.mesh.as_ref());
        said.map_or_else(|| self.route_reflectors().is_empty(), |mesh| mesh.value)
    }

    /// Whether the CNI uses BGP with its options.
    pub fn speaks_bgp(&self) -> bool {
        let (Some(choice), Some(facts)) = (&self.cluster.cni, &self.facts.cni) else {
            return false;
        };
        let backend = choice.backend();
        choice.manifest.is_none()
            && facts.backends.iter().any(|known| {
                known.bgp
                    && backend
                        .as_ref()
                        .is_some_and(|name| name.value == known.name)
            })
    }

    /// The machines of the control plane in the order of the spec, if there are several: the first one starts the cluster.
    pub fn several_control_planes(&self) -> Option<Vec<&Node>> {
        let planes: Vec<&Node> = self.with_role(Role::ControlPlane).collect();
        (planes.len() > 1).then_some(planes)
    }

    /// The address that moves between the control planes.
    pub fn moving_address(&self) -> Option<&Sourced<IpAddr>> {
        self.cluster.vip.as_ref()?.address.as_ref()
    }

    /// What moves the address, if it is announced by BGP: a pod that routers hear from.
    pub fn announced_by_bgp(&self) -> Option<&Vip> {
        let vip = self.cluster.vip.as_ref()?;
        let by_pod = matches!(self.facts.mover.as_ref()?.runs, Runs::Pod { .. });
        vip.by_bgp().filter(|_| by_pod)?;
        Some(vip)
    }

    /// The port at which services of the system listen for the API servers, if such services move the address.
    pub fn balanced_port(&self) -> Option<u16> {
        match self.facts.mover.as_ref()?.runs {
            Runs::Pod { .. } => None,
            Runs::Services { ref port, .. } => {
                let endpoint = self.cluster.endpoint.as_ref();
                Some(endpoint.and_then(|it| it.value.port).unwrap_or(port.value))
            }
        }
    }

    /// The first machine of the control plane.
    pub fn first_control_plane(&self) -> Option<&Node> {
        self.with_role(Role::ControlPlane).next()
    }
}

impl Cluster {
    /// Why there is no kube-proxy, if there is none.
    pub fn without_proxy(&self) -> Option<&Sourced<bool>> {
        self.proxy_disabled
            .as_ref()
            .filter(|disabled| disabled.value)
    }
}

impl CniChoice {
    /// Whether the spec leaves the choice to pikc: `cni auto`.
    pub fn is_open(&self) -> bool {
        self.name.value == "auto"
    }

    /// Whether a backend reads an option.
    pub fn applies(&self, option: &str, backend: &str) -> bool {
        self.applies_to
            .get(option)
            .is_none_or(|backends| backends.iter().any(|name| name == backend))
    }

    /// The backend, for a CNI that has several.
    pub fn backend(&self) -> Option<Sourced<String>> {
        match self.option("backend")? {
            Sourced {
                value: Val::Text(name),
                origin,
            } => Some(Sourced::new(name.clone(), origin.clone())),
            _ => None,
        }
    }

    /// The upstream files that this choice is built from.
    pub fn made_from<'a>(&self, facts: &'a Cni) -> Vec<&'a Upstream> {
        if self.manifest.is_some() {
            return Vec::new();
        }
        let holds = |file: &&Upstream| match &file.when {
            None => true,
            Some((option, value)) => self.option_text(option).as_ref() == Some(value),
        };
        facts.upstream.iter().filter(holds).collect()
    }

    /// The SHA-256 of the user's own copy of an upstream file.
    pub fn sum_of(&self, file: &str) -> Option<String> {
        let text = self.copies.get(file)?.as_ref().ok()?;
        let sum = Sha256::digest(text.as_bytes());
        Some(sum.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The value of an option, written or default.
    pub fn option(&self, name: &str) -> Option<&Sourced<Val>> {
        self.options.get(name)?.as_ref()
    }

    /// A name with the values of the options that it mentions filled in: `flannel.{vni}`. Adds their origins.
    pub fn filled(&self, name: &str, why: &mut Vec<Origin>) -> String {
        let mut filled = name.to_owned();
        for (option, value) in &self.options {
            let place = format!("{{{option}}}");
            if let (Some(value), true) = (value, filled.contains(&place)) {
                filled = filled.replace(&place, &value.value.to_string());
                why.push(value.origin.clone());
            }
        }
        filled
    }

    /// The value of an option as text, as the library's conditions compare it.
    pub fn option_text(&self, name: &str) -> Option<String> {
        Some(self.option(name)?.value.to_string())
    }

    /// The option that must be on for this one to be read, if it is off.
    pub fn switched_off(&self, option: &str) -> Option<(&str, &Sourced<Val>)> {
        let other = self.requires.get(option)?;
        let given = self.option(other)?;
        matches!(given.value, Val::Boolean(false)).then_some((other.as_str(), given))
    }

    /// The secret that an option names.
    pub fn secret(&self, name: &str) -> Option<Sourced<SecretName>> {
        match self.option(name)? {
            Sourced {
                value: Val::Secret(name),
                origin,
            } => Some(Sourced::new(name.clone(), origin.clone())),
            _ => None,
        }
    }
}
