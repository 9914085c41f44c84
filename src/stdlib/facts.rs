//! Facts as types: what rules and plans work with. What only templates read stays in the entity.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Diagnostics;
use crate::origin::{Origin, Sourced};
use crate::schema::{Entity, Schema, View};
use crate::source::{Sources, Span};
use crate::value::{self, Date, Size, Type, Val, Version};

use super::Library;

mod addon;
mod cni;
mod defaults;
mod document;
mod flags;
mod gates;
mod limits;
mod platform;
mod probe;
mod record;
mod repository;
mod runtime;
mod share;
mod system;
mod taken;
mod way;
mod words;

pub use addon::Addon;
pub use cni::{Backend, Cni, Limit};
pub use defaults::Defaults;
pub use document::{Field, Known, KnownWords, KubeadmDocument, Removed, row};
pub use flags::{AdmissionPlugins, Flag, FlagType, Flags};
pub use gates::{Gate, Gates, Stage};
pub use limits::{Accepts, Demand, End, Form, Limits, NeedsGate, Place, Relation, Verb, When};
pub use platform::Platform;
pub use probe::Probe;
pub use repository::{Archive, Gone, Repository};
pub use runtime::{Distribution, Format, Runtime, Suits};
pub use share::Share;
pub use system::{BootCommandLine, Headless, Image, System};
pub use taken::Taken;
pub use way::{ConfiguredCni, RangeAt, Upstream, UpstreamKind, Way};
pub use words::{
    BootLoader, Cgroup, CgroupV1, CriVersion, Hardware, KubeadmApi, Maintenance, Maturity,
    NetworkStack, Provisioning, RuntimeConfig, RuntimeKind, SwapMechanism, TimeDaemon, Word,
};

/// Something in the library by name.
trait Fact: Sized {
    const KIND: &'static str;
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self>;
}

impl Library {
    fn fact<T: Fact>(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<T> {
        let entity = self.entity(T::KIND, name, sources, out)?;
        let schema = self.fact_schema();
        let head = entity.head;
        let fact = T::read(name.to_owned(), entity, &schema);
        if fact.is_none() && !out.has_errors() {
            out.report(
                &super::INCOMPLETE_FACT,
                format!(
                    "{} `{name}` lacks something that pikc needs to know",
                    T::KIND
                ),
                |d| d.label(head, "this fact is incomplete"),
            );
        }
        fact
    }

    /// The board of that name.
    pub fn board(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Board> {
        self.fact(name, sources, out)
    }

    /// The platform of that name.
    pub fn platform(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Platform> {
        self.fact(name, sources, out)
    }

    /// The program of that name, among those that a cluster can run in addition.
    pub fn addon(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Addon> {
        self.fact(name, sources, out)
    }

    /// The program of that name, among those that test a cluster.
    pub fn probe(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Probe> {
        self.fact(name, sources, out)
    }

    /// The document of that name, among those that `kubeadm --config` reads.
    pub fn kubeadm_document(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<KubeadmDocument> {
        self.fact(name, sources, out)
    }

    /// The operating system of that name.
    pub fn system(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<System> {
        self.fact(name, sources, out)
    }

    /// The Kubernetes release of that name (`1.36`).
    pub fn release(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Release> {
        self.fact(name, sources, out)
    }

    /// The feature gates of a program (`kubelet`).
    pub fn gates(
        &mut self,
        program: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Gates> {
        self.fact(program, sources, out)
    }

    /// What a program (`kubelet`) demands of its configuration.
    pub fn limits(
        &mut self,
        program: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Limits> {
        self.fact(program, sources, out)
    }

    /// The arguments of a program (`kube-apiserver`).
    pub fn flags(
        &mut self,
        program: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Flags> {
        self.fact(program, sources, out)
    }

    /// The admission plugins of the API server.
    pub fn admission_plugins(
        &mut self,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<AdmissionPlugins> {
        self.fact("kube-apiserver", sources, out)
    }

    /// The container runtime of that name.
    pub fn runtime(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Runtime> {
        self.fact(name, sources, out)
    }

    /// The CNI of that name.
    pub fn cni(&mut self, name: &str, sources: &mut Sources, out: &mut Diagnostics) -> Option<Cni> {
        self.fact(name, sources, out)
    }

    /// The package repository of that name.
    pub fn repository(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Repository> {
        self.fact(name, sources, out)
    }

    /// Every API version that is no longer served.
    pub fn removed(&mut self, sources: &mut Sources, out: &mut Diagnostics) -> Vec<Removed> {
        let names = self.names(Removed::KIND);
        names
            .iter()
            .filter_map(|name| self.fact(name, sources, out))
            .collect()
    }

    /// The words of that name: `init-phases`.
    pub fn words(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<KnownWords> {
        self.fact(name, sources, out)
    }

    /// What files hold where they leave something out.
    pub fn defaults(&mut self, sources: &mut Sources, out: &mut Diagnostics) -> Vec<Defaults> {
        self.names(Defaults::KIND)
            .iter()
            .filter_map(|name| self.fact(name, sources, out))
            .collect()
    }

    /// Everything that uses a share of a machine.
    pub fn shares(&mut self, sources: &mut Sources, out: &mut Diagnostics) -> Vec<Share> {
        self.names(Share::KIND)
            .iter()
            .filter_map(|name| self.fact(name, sources, out))
            .collect()
    }

    /// Every address range that something else uses.
    pub fn taken(&mut self, sources: &mut Sources, out: &mut Diagnostics) -> Vec<Taken> {
        self.names(Taken::KIND)
            .iter()
            .filter_map(|name| self.fact(name, sources, out))
            .collect()
    }

    /// Every address that is known to be gone.
    pub fn gone(&mut self, sources: &mut Sources, out: &mut Diagnostics) -> Vec<Gone> {
        let names = self.names(Gone::KIND);
        names
            .iter()
            .filter_map(|name| self.fact(name, sources, out))
            .collect()
    }
}

/// The view of a block inside an entity (or of its absence) through its schema.
fn inner<'a>(entity: &'a Entity, kind: &'a str, schema: &'a Schema) -> Option<View<'a>> {
    Some(View::new(entity.child(kind), schema.blocks.get(kind)?))
}

fn whole<'a>(entity: &'a Entity, schema: &'a Schema) -> Option<View<'a>> {
    Some(View::new(Some(entity), schema.blocks.get(&entity.kind)?))
}

fn values<T>(list: Vec<Sourced<T>>) -> Vec<T> {
    list.into_iter().map(|item| item.value).collect()
}

fn printed(list: Vec<Sourced<&Val>>) -> Vec<Sourced<String>> {
    list.into_iter()
        .map(|found| Sourced::new(found.value.to_string(), found.origin))
        .collect()
}

fn versions(list: Vec<Sourced<&Val>>) -> Vec<Sourced<Version>> {
    let version = |found: Sourced<&Val>| match found.value {
        Val::Version(version) => Some(Sourced::new(*version, found.origin)),
        _ => None,
    };
    list.into_iter().filter_map(version).collect()
}

/// A version that stands in a text.
fn version(text: &str) -> Option<Version> {
    match value::parse(Type::Version, text) {
        Ok(Val::Version(version)) => Some(version),
        _ => None,
    }
}

fn leak(list: Vec<Sourced<String>>) -> Option<(Sourced<Version>, Sourced<Version>)> {
    let version = |found: &Sourced<String>| match value::parse(Type::Version, &found.value) {
        Ok(Val::Version(version)) => Some(Sourced::new(version, found.origin.clone())),
        _ => None,
    };
    match list.as_slice() {
        [from, fixed] => Some((version(from)?, version(fixed)?)),
        _ => None,
    }
}

fn here<T>(value: T, entity: &Entity) -> Sourced<T> {
    Sourced::new(value, Origin::Written(entity.head))
}

/// A kind of machine.
#[derive(Clone, Debug)]
pub struct Board {
    /// `pi-4b-2g`
    pub name: String,
    /// "Raspberry Pi 4 Model B, 2 GB"
    pub title: String,
    /// How many minutes a first run takes, if that is known.
    pub minutes: Option<i64>,
    /// Whether that has been measured, and is not an estimate.
    pub minutes_measured: bool,
    /// `pi-4`
    pub family: String,
    /// What kind of machine.
    pub hardware: Hardware,
    /// Whether it is known to have no wired port.
    pub no_wire: bool,
    /// Whether each node sets its size; if so, the three sizes below mean nothing.
    pub by_node: bool,
    /// The number of cores.
    pub cores: Sourced<i64>,
    /// The memory as it is sold.
    pub memory: Sourced<Size>,
    /// The memory as the kernel reports it: what kubeadm measures.
    pub usable: Sourced<Size>,
    /// `arm64` or `amd64`
    pub architecture: Sourced<String>,
    /// The device tree's name for it, for machines that have one.
    pub compatible: Option<Sourced<String>>,
    /// Speed of the wired port; none if there is no port.
    pub wired: Option<String>,
    /// The kind of Wi-Fi; none if there is no Wi-Fi.
    pub wifi: Option<String>,
    /// Where it is in the library.
    pub span: Span,
    /// Everything the library has about it.
    pub entity: Arc<Entity>,
}

impl Fact for Board {
    const KIND: &'static str = "board";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let by_node = view.text("sized").is_some_and(|who| who.value == "node");
        let none = || Origin::derived("each node sets it", []);
        let unknown = |one: i64| by_node.then(|| Sourced::new(one, none()));
        let unsized_memory = || by_node.then(|| Sourced::new(Size(0), none()));
        let port = |setting: &str| {
            view.text(setting)
                .map(|found| found.value)
                .filter(|text| text != "none")
        };
        Some(Self {
            name,
            title: view.text("title")?.value,
            minutes: view.integer("minutes").map(|minutes| minutes.value),
            minutes_measured: values(view.texts("unverified"))
                .iter()
                .all(|setting| setting != "minutes"),
            family: view.text("family")?.value,
            hardware: Hardware::of(&view, "hardware")?.value,
            no_wire: view.text("wired").is_some_and(|port| port.value == "none"),
            by_node,
            cores: view.integer("cores").or_else(|| unknown(1))?,
            memory: view.size("memory").or_else(unsized_memory)?,
            usable: view.size("usable").or_else(unsized_memory)?,
            architecture: view.text("architecture")?,
            compatible: view.text("compatible").filter(|text| text.value != "none"),
            wired: port("wired"),
            wifi: port("wifi"),
            span: entity.head,
            entity: Arc::clone(&entity),
        })
    }
}

/// How a release of Kubernetes treats swap.
#[derive(Clone, Debug)]
pub struct SwapSupport {
    /// Values that the kubelet accepts for `swapBehavior`.
    pub behaviours: Vec<String>,
    /// Whether setting `swapBehavior` needs the feature gate `NodeSwap`.
    pub needs_gate: bool,
    /// Where this is in the library.
    pub origin: Origin,
}

/// The preflight checks of a release's kubeadm.
#[derive(Clone, Debug, Default)]
pub struct PreflightFacts {
    /// Programs that must be installed.
    pub required: Vec<String>,
    /// Programs that it warns about if they are missing.
    pub optional: Vec<String>,
    /// Kernels that it accepts, by the beginning of their version; for the last one, all later kernels too.
    pub kernels: Vec<Sourced<String>>,
}

/// A minor release of Kubernetes.
#[derive(Clone, Debug)]
pub struct Release {
    /// `1.36`
    pub name: String,
    /// The same as a version.
    pub version: Version,
    /// The day of x.y.0.
    pub released: Sourced<Date>,
    /// The last day of support.
    pub ends: Sourced<Date>,
    /// The newest patch release that the library knows.
    pub latest: Sourced<Version>,
    /// The API version of kubeadm's files to write.
    pub kubeadm_api: Sourced<KubeadmApi>,
    /// Every API version that its kubeadm can read.
    pub kubeadm_reads: Vec<String>,
    /// The sandbox image's tag.
    pub pause: Sourced<String>,
    /// Swap.
    pub swap: SwapSupport,
    /// Whether kubeadm applies `kubeletconfiguration` patches (from 1.25).
    pub kubelet_patches: Sourced<bool>,
    /// Whether `mergeDefaultEvictionSettings` exists.
    pub merges_evictions: bool,
    /// What kubeadm checks.
    pub preflight: PreflightFacts,
    /// What the kubelet does on a machine with cgroup v1.
    pub cgroup_v1: Option<Sourced<CgroupV1>>,
    /// The tag of etcd's image.
    pub etcd: Sourced<String>,
    /// Patch releases that leak the first node's kubelet patch to all: from the first, up to but not
    /// including the second.
    pub patch_leak: Option<(Sourced<Version>, Sourced<Version>)>,
    /// The maturity of each mode of kube-proxy.
    pub proxy_modes: BTreeMap<String, Maturity>,
    /// The oldest kernel for kube-proxy's nftables mode.
    pub nft_kernel: Option<Sourced<Version>>,
    /// The first patch release whose nftables mode works with nft 1.1.3, if there is one.
    pub nft_mended: Option<Sourced<Version>>,
    /// The maturity of the feature that the kubelet asks the runtime for the cgroup driver.
    pub driver_from_runtime: Option<Sourced<Maturity>>,
    /// Whether kubeadm finds each node's own resolv.conf (from 1.31); before, the first node's is used for all.
    pub own_resolv_conf: Option<Sourced<bool>>,
    /// The packages to install by name.
    pub packages: Vec<Sourced<String>>,
    /// Those of them whose version is that of Kubernetes.
    pub exact_packages: Vec<Sourced<String>>,
    /// Where its images come from.
    pub registry: Sourced<String>,
    /// The oldest version of the CRI that the kubelet supports.
    pub cri: Sourced<CriVersion>,
    /// What the kubelet does with a runtime that does not report its cgroup driver.
    pub runtime_config: Sourced<RuntimeConfig>,
    /// Where it is in the library.
    pub span: Span,
    /// Everything the library has about it.
    pub entity: Arc<Entity>,
}

impl Fact for Release {
    const KIND: &'static str = "release";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let kubelet = inner(&entity, "kubelet-facts", schema)?;
        let swap = inner(&entity, "swap-support", schema)?;
        let preflight = inner(&entity, "preflight", schema)?;
        let swap_head = entity.child("swap-support").map_or(entity.head, |e| e.head);
        let version = match value::parse(Type::Version, &name) {
            Ok(Val::Version(version)) => version,
            _ => return None,
        };
        Some(Self {
            version,
            released: view.date("released")?,
            ends: view.date("ends")?,
            latest: view.version("latest")?,
            kubeadm_api: KubeadmApi::of(&view, "kubeadm-api")?,
            kubeadm_reads: values(view.texts("kubeadm-reads")),
            pause: view.text("pause")?,
            swap: SwapSupport {
                behaviours: values(swap.texts("behaviours")),
                needs_gate: swap.boolean("needs-gate").is_some_and(|gate| gate.value),
                origin: Origin::Written(swap_head),
            },
            merges_evictions: kubelet.boolean("merge-eviction-defaults")?.value,
            kubelet_patches: kubelet
                .boolean("patch-target")
                .unwrap_or_else(|| here(false, &entity)),
            preflight: PreflightFacts {
                required: values(preflight.texts("required")),
                optional: values(preflight.texts("optional")),
                kernels: preflight.texts("kernels"),
            },
            cgroup_v1: CgroupV1::of(&kubelet, "cgroup-v1"),
            etcd: view.text("etcd")?,
            patch_leak: leak(kubelet.texts("patch-leak")),
            proxy_modes: ["iptables", "ipvs", "nftables"]
                .into_iter()
                .filter_map(|mode| {
                    let state = Maturity::of(&inner(&entity, "proxy-modes", schema)?, mode)?;
                    Some((mode.to_owned(), state.value))
                })
                .collect(),
            nft_kernel: inner(&entity, "proxy-modes", schema)?.version("nftables-kernel"),
            nft_mended: inner(&entity, "proxy-modes", schema)?.version("nftables-nft-1-1-3"),
            driver_from_runtime: Maturity::of(&kubelet, "cgroup-driver-from-cri"),
            own_resolv_conf: kubelet.boolean("resolv-conf-per-node"),
            packages: inner(&entity, "packages", schema)?.texts("install"),
            exact_packages: inner(&entity, "packages", schema)?.texts("exact"),
            registry: view.text("registry")?,
            cri: CriVersion::of(&kubelet, "cri")?,
            runtime_config: RuntimeConfig::of(&preflight, "runtime-config")?,
            name,
            span: entity.head,
            entity: Arc::clone(&entity),
        })
    }
}
