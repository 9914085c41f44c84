//! Kubelet arguments whose values do not fit the rest of the cluster or each other.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use crate::check::support::findings::Findings;
use crate::check::support::findings::names;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::{Kubelet, Model};
use crate::origin::{Origin, Sourced};
use crate::stdlib::Maturity;

declare! {
    /// The kubelet and the runtime both manage the cgroups of pods, in the same tree. pikc sets both up to leave that
    /// to systemd. A kubelet that is told `cgroupfs` manages cgroups on its own, the two disagree, and control plane
    /// pods are killed every few minutes without a word in their logs.
    ///
    /// Newer releases ask the runtime, and then the argument changes nothing. This is a warning there.
    ///
    /// ```pik fails
    /// kubelet { extra-args { cgroup-driver = cgroupfs } }
    /// ```
    ///
    /// ```pik
    /// kubelet { extra-args { v = "4" } }
    /// ```
    pub static DRIVER = {
        code: "kubelet/cgroup-driver",
        since: "0.1.0",
        severity: Error,
        title: "a kubelet and a runtime with different cgroup drivers",
        help: "drop `cgroup-driver`: pikc sets both up for systemd",
        sources: ["kubernetes/kubernetes#106464", "kubernetes/kubernetes#117293"],
    }

    /// Every pod asks the cluster's name server, whose address is the tenth of the service range: kubeadm sets it. With
    /// another address pods ask where nothing answers, and no name of the cluster resolves.
    ///
    /// If you run a name server of your own on the nodes (a cache, say), it has such an address: then this is intended,
    /// and `allow kubelet/cluster-dns { reason = "..." }` says why.
    ///
    /// ```pik fails
    /// kubelet { extra-args { cluster-dns = "10.100.0.10" } }
    /// ```
    ///
    /// ```pik
    /// kubelet { extra-args { cluster-dns = "10.96.0.10" } }
    /// ```
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   serviceSubnet: 10.97.0.0/16
    /// ---
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// clusterDNS: [10.96.0.10]
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   serviceSubnet: 10.97.0.0/16
    /// ---
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// clusterDNS: [10.97.0.10]
    /// ```
    pub static CLUSTER_DNS = {
        code: "kubelet/cluster-dns",
        since: "0.1.0",
        severity: Warning,
        title: "pods that ask a name server other than the cluster's",
        help: "leave it out: kubeadm writes the right one",
        sources: ["kubernetes/kubernetes: cmd/kubeadm/app/componentconfigs/kubelet.go"],
    }

    /// The kubelet evicts pods before a node runs out of memory or disk space: it has a threshold for each. Setting one
    /// of them removes all the others, and nothing watches what is not listed. In a KubeletConfiguration, from 1.33 on,
    /// `mergeDefaultEvictionSettings: true` keeps them.
    ///
    /// ```pik fails
    /// kubelet { extra-args { eviction-hard = "memory.available<200Mi" } }
    /// ```
    ///
    /// ```pik
    /// kubelet {
    ///   extra-args {
    ///     eviction-hard = "memory.available<200Mi,nodefs.available<10%,nodefs.inodesFree<5%,imagefs.available<15%"
    ///   }
    /// }
    /// ```
    ///
    /// ```yaml fails
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// evictionHard:
    ///   memory.available: 200Mi
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// evictionHard:
    ///   memory.available: 200Mi
    ///   nodefs.available: 10%
    ///   nodefs.inodesFree: 5%
    ///   imagefs.available: 15%
    /// ```
    pub static EVICTIONS_LOST = {
        code: "kubelet/evictions-lost",
        since: "0.1.0",
        severity: Warning,
        title: "an eviction threshold that removes the others",
        help: "set all of memory.available, nodefs.available, nodefs.inodesFree and imagefs.available",
        sources: ["kubernetes/kubernetes: staging/src/k8s.io/kubelet/config/v1beta1/types.go (evictionHard)"],
    }

    /// When more of the disk is used than the higher number, in percent, the kubelet removes images until the lower one
    /// is reached. The lower one must be lower, otherwise the kubelet exits when it reads them. The defaults are 85 and
    /// 80.
    ///
    /// ```pik fails
    /// kubelet { extra-args { image-gc-high-threshold = "70" } }
    /// ```
    ///
    /// ```pik
    /// kubelet { extra-args { image-gc-high-threshold = "70", image-gc-low-threshold = "60" } }
    /// ```
    ///
    /// ```yaml fails
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// imageGCHighThresholdPercent: 75
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// imageGCHighThresholdPercent: 75
    /// imageGCLowThresholdPercent: 70
    /// ```
    pub static IMAGE_GC = {
        code: "kubelet/image-gc",
        since: "0.1.0",
        severity: Error,
        title: "thresholds for old images that the kubelet refuses",
        help: "write a lower number below the higher one: `image-gc-low-threshold`, `imageGCLowThresholdPercent`",
        sources: ["kubernetes/kubernetes: pkg/kubelet/apis/config/validation/validation.go", "kubernetes/kubernetes: pkg/kubelet/images/image_gc_manager.go"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&DRIVER, &CLUSTER_DNS, &EVICTIONS_LOST, &IMAGE_GC];

/// The signals for which the kubelet has a default threshold, and that threshold.
const THRESHOLDS: &[(&str, &str)] = &[
    ("memory.available", "100Mi"),
    ("nodefs.available", "10%"),
    ("nodefs.inodesFree", "5%"),
    ("imagefs.available", "15%"),
];

/// The signals alone.
pub(in crate::check) fn signals() -> impl Iterator<Item = &'static str> {
    THRESHOLDS.iter().map(|(signal, _)| *signal)
}

/// The kubelet's defaults, in percent.
const HIGH: i64 = 85;
const LOW: i64 = 80;

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    type Rule = fn(&Model, &Kubelet, &str) -> Option<Diagnostic>;
    let rules: [Rule; 4] = [driver, dns, eviction, images];
    for rule in rules {
        if let Some(finding) = rule(model, &model.cluster.kubelet, "every node") {
            out.push(finding);
        }
        out.blocks(|settings, nodes| rule(model, &settings.kubelet, &names(nodes)));
    }
}

fn argument<'a>(kubelet: &'a Kubelet, name: &str) -> Option<&'a Sourced<String>> {
    let (_, value) = kubelet
        .extra_args
        .iter()
        .find(|(key, _)| key.value == name)?;
    Some(value)
}

fn driver(model: &Model, kubelet: &Kubelet, who: &str) -> Option<Diagnostic> {
    let said = argument(kubelet, "cgroup-driver").filter(|said| said.value != "systemd")?;
    let release = model.facts.release.as_ref()?;
    let asks = release
        .driver_from_runtime
        .as_ref()
        .map(|stage| stage.value);
    let severity = match asks {
        Some(Maturity::Beta | Maturity::Ga) => Severity::Warning,
        _ => Severity::Error,
    };
    let runtime = model.cluster.runtime.as_ref();
    let mut finding = Diagnostic::new(
        &DRIVER,
        format!(
            "{who}: the kubelet's cgroup driver is {}, and the runtime's is systemd",
            said.value
        ),
    )
    .severity(severity)
    .label(said, "the kubelet's")
    .label(runtime.map(|choice| &choice.name), "set up for systemd");
    if severity == Severity::Warning {
        finding = finding.note(format!(
            "the kubelet of {} asks the runtime, and uses its answer if there is one",
            release.name
        ));
    }
    Some(match said.origin.span() {
        Some(span) => finding.fix("leave cgroups to systemd", span, "systemd"),
        None => finding,
    })
}

fn dns(model: &Model, kubelet: &Kubelet, who: &str) -> Option<Diagnostic> {
    let said = argument(kubelet, "cluster-dns")?;
    let services = model.cluster.network.services.as_ref()?;
    let IpNet::V4(range) = services.value else {
        return None;
    };
    let server = IpAddr::V4(Ipv4Addr::from(u32::from(range.network()).checked_add(10)?));
    let asks = |word: &str| {
        word.trim()
            .parse::<IpAddr>()
            .is_ok_and(|asked| asked == server)
    };
    if said.value.split(',').any(asks) {
        return None;
    }
    Some(
        Diagnostic::new(
            &CLUSTER_DNS,
            format!(
                "{who}: pods would ask {}, and the cluster's name server is {server}",
                said.value
            ),
        )
        .label(said, "nothing answers there")
        .label(services, "its tenth address is the name server's")
        .remove("leave it to kubeadm", &said.origin),
    )
}

fn eviction(_: &Model, kubelet: &Kubelet, who: &str) -> Option<Diagnostic> {
    let said = argument(kubelet, "eviction-hard")?;
    let named: Vec<&str> = said
        .value
        .split(',')
        .map(|part| part.split('<').next().unwrap_or_default().trim())
        .collect();
    let missing: Vec<&str> = signals().filter(|signal| !named.contains(signal)).collect();
    (!missing.is_empty()).then(|| {
        // The others with their defaults.
        let usual = THRESHOLDS
            .iter()
            .filter(|(signal, _)| missing.contains(signal));
        let usual: Vec<String> = usual.map(|(signal, at)| format!("{signal}<{at}")).collect();
        let finding = Diagnostic::new(
            &EVICTIONS_LOST,
            format!("{who}: nothing watches {} any more", missing.join(", ")),
        )
        .label(said, "replaces all thresholds");
        let usual = usual.join(",");
        let said_all = said.value.trim_end().ends_with(',') || said.value.trim().is_empty();
        let comma = if said_all { "" } else { "," };
        match said.origin {
            Origin::Written(span) if span.len() == said.value.len() + 2 => {
                let end = span.part(span.len() - 1, span.len() - 1);
                finding.fix(
                    "add the others with their defaults",
                    end,
                    format!("{comma}{usual}"),
                )
            }
            Origin::Written(span) if span.len() == said.value.len() => {
                let whole = format!("\"{}{comma}{usual}\"", said.value);
                finding.fix("add the others with their defaults", span, whole)
            }
            _ => finding,
        }
    })
}

fn images(_: &Model, kubelet: &Kubelet, who: &str) -> Option<Diagnostic> {
    let high = argument(kubelet, "image-gc-high-threshold");
    let low = argument(kubelet, "image-gc-low-threshold");
    let place = low.or(high)?;
    let percent = |said: Option<&Sourced<String>>, usual: i64| -> Option<i64> {
        said.map_or(Some(usual), |said| said.value.trim().parse().ok())
    };
    let (Some(above), Some(below)) = (percent(high, HIGH), percent(low, LOW)) else {
        return None;
    };
    let fits = (0..=100).contains(&above) && (0..=100).contains(&below) && below < above;
    (!fits).then(|| {
        let mut finding = Diagnostic::new(
            &IMAGE_GC,
            format!("{who}: images would be removed above {above} % until {below} % is reached, and the kubelet exits at that"),
        )
        .label(place, if low.is_some() { "the lower one" } else { "the lower one is 80" });
        if let (Some(_), Some(high)) = (low, high) {
            finding = finding.label(high, "the higher one");
        }
        finding
    })
}
