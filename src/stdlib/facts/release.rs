//! What the library knows about a minor release of Kubernetes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::words::Word as _;
use super::{
    CgroupV1, CriVersion, Fact, KubeadmApi, Maturity, RuntimeConfig, here, inner, values, whole,
};
use crate::origin::{Origin, Sourced};
use crate::schema::{Entity, Schema};
use crate::source::Span;
use crate::value;
use crate::value::{Date, Type, Val, Version};

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
    /// Whether it only warns of others.
    pub kernels_warn: bool,
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
    /// The program in it that restores a snapshot.
    pub etcd_restore: Sourced<String>,
    /// The first patch release whose image has that program, if not all of them do.
    pub etcd_restore_since: Option<Sourced<Version>>,
    /// Whether that program can raise the revision.
    pub etcd_bump: Sourced<bool>,
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
                kernels_warn: preflight
                    .boolean("kernels-warn")
                    .is_some_and(|warns| warns.value),
            },
            cgroup_v1: CgroupV1::of(&kubelet, "cgroup-v1"),
            etcd: view.text("etcd")?,
            etcd_restore: view.text("etcd-restore")?,
            etcd_restore_since: view.version("etcd-restore-since"),
            etcd_bump: view.boolean("etcd-bump")?,
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
