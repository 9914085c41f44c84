//! Settings of the kubelet, as fields or as arguments, whose values do not fit the rest of the cluster or each other.

use std::net::IpAddr;

use crate::check::support::findings::Findings;
use crate::check::support::findings::names;
use crate::check::support::offers::instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::{Kubelet, Model, Said, Told, quoted};
use crate::origin::{Origin, Sourced};
use crate::stdlib::Maturity;

declare! {
    /// The kubelet and the runtime both manage the cgroups of pods, in the same tree. pikc sets both up to leave that
    /// to systemd. A kubelet that is told `cgroupfs` manages cgroups on its own, the two disagree, and control plane
    /// pods are killed every few minutes without a word in their logs.
    ///
    /// Newer releases ask the runtime, and then the setting changes nothing. This is a warning there, and in a file for kubeadm,
    /// which does not say how the runtime is set up.
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
    /// With `node-local-cache = on` of `dns` the cache on each machine answers as well, at 169.254.20.10; with another mode of
    /// kube-proxy than `iptables` it answers only there, and pods that ask the service pass it by. pikc writes the right one.
    /// In files without a spec, that address is taken for the cache's, and nothing is said.
    ///
    /// If you run a name server of your own on the nodes, it has another address: then this is intended,
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
    /// of them removes all the others, and nothing watches what is not listed; from 1.30 on that includes imagefs.inodesFree. In a
    /// KubeletConfiguration, from 1.33 on, `mergeDefaultEvictionSettings: true` keeps them. For the block `evictions` of a spec
    /// pikc writes all of them.
    ///
    /// ```pik fails
    /// kubelet { extra-args { eviction-hard = "memory.available<200Mi" } }
    /// ```
    ///
    /// ```pik
    /// kubelet {
    ///   extra-args {
    ///     eviction-hard = "memory.available<200Mi,nodefs.available<10%,nodefs.inodesFree<5%,imagefs.available<15%,imagefs.inodesFree<5%"
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
        help: "write the others as well, or use `evictions { }` of a spec",
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

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    if let Some(finding) = dns(model, &model.cluster.kubelet, "every node") {
        out.push(finding);
    }
    out.blocks(|settings, nodes| dns(model, &settings.kubelet, &names(nodes)));
    let all = |told: &Told<'_>| -> Vec<Diagnostic> {
        [driver(model, told), evictions(told), images(told)]
            .into_iter()
            .flatten()
            .collect()
    };
    out.each(|settings| all(&Told::kubelet(model, Some(settings))));
    if model.nodes.is_empty() {
        for finding in all(&Told::kubelet(model, None)) {
            out.push(finding);
        }
    }
}

fn argument<'a>(kubelet: &'a Kubelet, name: &str) -> Option<&'a Sourced<String>> {
    let (_, value) = kubelet
        .extra_args
        .iter()
        .find(|(key, _)| key.value == name)?;
    Some(value)
}

fn driver(model: &Model, told: &Told<'_>) -> Option<Diagnostic> {
    let said = told
        .get("cgroupDriver")
        .filter(|said| said.text() != "systemd")
        // That a spec cannot give the field has been reported.
        .filter(|said| said.argument || !told.is_spec)?;
    let release = model.facts.release.as_ref()?;
    let asks = release
        .driver_from_runtime
        .as_ref()
        .map(|stage| stage.value);
    let asks = matches!(asks, Some(Maturity::Beta | Maturity::Ga));
    let severity = match asks || !told.is_spec {
        true => Severity::Warning,
        false => Severity::Error,
    };
    let runtime = model.cluster.runtime.as_ref();
    let whose = match told.is_spec {
        true => "and the runtime's is systemd",
        false => "and a runtime on a machine with systemd uses systemd",
    };
    let mut finding = Diagnostic::new(
        &DRIVER,
        format!(
            "the kubelet's cgroup driver is {}, {whose}",
            quoted(&said.text())
        ),
    )
    .severity(severity)
    .label(&said.value, "the kubelet's")
    .label(runtime.map(|choice| &choice.name), "set up for systemd");
    if asks {
        finding = finding.note(format!(
            "the kubelet of {} asks the runtime, and uses its answer if there is one",
            release.name
        ));
    }
    if !told.is_spec {
        return Some(finding.help("leave `cgroupDriver` out: kubeadm writes `systemd`"));
    }
    Some(match said.value.origin.span() {
        Some(span) => finding.fix("leave cgroups to systemd", span, "systemd"),
        None => finding,
    })
}

fn dns(model: &Model, kubelet: &Kubelet, who: &str) -> Option<Diagnostic> {
    let said = argument(kubelet, "cluster-dns")?;
    let services = model.cluster.network.services.as_ref()?;
    let server = model.dns_service()?;
    let listening = model.dns_cache_addresses();
    let answering = match listening.as_slice() {
        [] => std::slice::from_ref(&server),
        cache => cache,
    };
    let asks = |word: &str| {
        let asked = word.trim().parse::<IpAddr>();
        asked.is_ok_and(|asked| answering.iter().any(|server| server.value == asked))
    };
    if said.value.split(',').any(asks) {
        return None;
    }
    let first = answering.first()?;
    let whose = match (model.dns_cache(), listening.is_empty()) {
        (Some((cache, _)), false) => format!("{} listens on", cache.title),
        _ => "the cluster's name server is".to_owned(),
    };
    let message = format!(
        "{who}: pods would ask {}, and {whose} {}",
        said.value, first.value
    );
    let finding = Diagnostic::new(&CLUSTER_DNS, message);
    let finding = match model.dns_cache() {
        Some((_, on)) => finding
            .label(said, "pods pass the cache by")
            .label(on, "a cache on every machine"),
        None => finding
            .label(said, "nothing answers there")
            .label(services, "its tenth address is the name server's"),
    };
    let cache = model.facts.dns_cache.as_ref();
    let own = cache.is_some_and(|cache| said.value.trim() == cache.address.value.to_string());
    Some(match own {
        true => finding.help("write `dns { node-local-cache = on }` in `cluster`, which runs a cache there, or leave it out"),
        false => finding.remove("leave it to kubeadm", &said.origin),
    })
}

fn evictions(told: &Told<'_>) -> Option<Diagnostic> {
    let lost = told.lost_evictions();
    let said = told.within("evictionHard").next()?;
    if lost.is_empty() {
        return None;
    }
    let message = format!("the kubelet no longer evicts pods for {}", lost.join(", "));
    let place = if said.argument {
        said.value.origin.span()
    } else {
        said.key
    };
    let finding =
        Diagnostic::new(&EVICTIONS_LOST, message).label(place, "replaces the kubelet's own list");
    let help = match told.merges_evictions {
        _ if told.is_spec => None,
        true => Some("write those as well, or `mergeDefaultEvictionSettings: true` next to it"),
        false => Some("write those as well"),
    };
    Some(match help {
        Some(help) => finding.help(help),
        None => with_the_others(finding, told, said, &lost),
    })
}

/// The same argument with the others and their usual thresholds.
fn with_the_others(finding: Diagnostic, told: &Told<'_>, said: &Said, lost: &[&str]) -> Diagnostic {
    let usual: Vec<String> = told
        .usual_evictions()
        .into_iter()
        .filter(|(signal, _)| lost.contains(signal))
        .map(|(signal, at)| format!("{signal}<{at}"))
        .collect();
    let usual = usual.join(",");
    let (Origin::Written(span), Some(text)) = (&said.value.origin, told.argument(said)) else {
        return finding;
    };
    let ends = text.trim_end().ends_with(',') || text.trim().is_empty();
    let comma = if ends { "" } else { "," };
    let title = "add the others with their defaults";
    if span.len() == text.len() + 2 {
        let end = span.part(span.len() - 1, span.len() - 1);
        finding.fix(title, end, format!("{comma}{usual}"))
    } else if span.len() == text.len() {
        finding.fix(title, *span, format!("\"{text}{comma}{usual}\""))
    } else {
        finding
    }
}

fn images(told: &Told<'_>) -> Option<Diagnostic> {
    const HIGH: &str = "imageGCHighThresholdPercent";
    const LOW: &str = "imageGCLowThresholdPercent";
    let (high, low) = (told.get(HIGH), told.get(LOW));
    if !told.whole && (high.is_none() || low.is_none()) {
        return None;
    }
    let percent = |said: Option<&Said>, path: &str| -> Option<i64> {
        match said {
            Some(said) => said.text().trim().parse().ok(),
            None => told.default(path)?.parse().ok(),
        }
    };
    let (above, below) = (percent(high, HIGH)?, percent(low, LOW)?);
    if below < above {
        return None;
    }
    let usual = |said: Option<&Said>| match said {
        Some(_) => "",
        None => " (the default)",
    };
    let message = format!(
        "images are removed from {above} %{} of the disk down to {below} %{}, and the kubelet exits because of it",
        usual(high),
        usual(low)
    );
    let mut finding = Diagnostic::new(&IMAGE_GC, message);
    for (said, role) in [(low, "down to here"), (high, "from here")] {
        finding = finding.label(said.and_then(|said| said.value.origin.span()), role);
    }
    // As far below as the kubelet's own threshold is.
    let fits = (above > 5).then(|| above - 5);
    if let Some(low) = low {
        finding = instead(finding, &low.value.origin, fits);
    }
    Some(finding)
}
