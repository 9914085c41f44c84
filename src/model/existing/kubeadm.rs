//! The documents of `kubeadm --config`, as far as rules read them.

use std::collections::BTreeSet;

use super::Existing;
use super::registration::Words;
use super::shape::Look;
use super::yaml::Yaml;
use super::{demands, fields, forms, registration, values, versions};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics};
use crate::model::types::Cluster;
use crate::model::{Carried, GateList, Ipv6, Node};
use crate::origin::{Origin, Sourced};
use crate::source::{FileId, Spanned};
use crate::stdlib::{KubeadmDocument, Release};

declare! {
    /// kubeadm reads the kubelet's and kube-proxy's documents at `init` only: their settings become part of the cluster, and machines
    /// that join read them from there. In a file for `join` such a document is ignored, with one line in the log. So is every document of another
    /// program: a Deployment or a DaemonSet in the file does not reach the cluster.
    ///
    /// Settings for a single machine go into a patch (`patches.directory`, a file `kubeletconfiguration+merge.yaml`).
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: JoinConfiguration
    /// discovery:
    ///   file: { kubeConfigPath: /etc/kubernetes/discovery.conf }
    /// ---
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// failSwapOn: false
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: JoinConfiguration
    /// discovery:
    ///   file: { kubeConfigPath: /etc/kubernetes/discovery.conf }
    /// patches: { directory: /etc/kubernetes/patches }
    /// ```
    pub static IGNORED = {
        code: "kubeadm/ignored-document",
        since: "0.1.0",
        severity: Warning,
        title: "a document that kubeadm ignores",
        help: "move it to the file for `init`, or write a patch for this machine",
        no_edit: "whether the document was meant for another command is not in the file",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/util/config/joinconfiguration.go"],
    }
}

pub(super) static CODES: &[&Descriptor] = &[&IGNORED];

/// The group of kubeadm's own documents.
pub(super) const KUBEADM: &str = "kubeadm.k8s.io/";

/// The service range that kubeadm fills in.
const SERVICES: &str = "10.96.0.0/12";

/// The groups of the documents that `kubeadm --config` reads.
pub(super) const GROUPS: &[&str] = &[
    KUBEADM,
    "kubelet.config.k8s.io/",
    "kubeproxy.config.k8s.io/",
];

/// Whether `kubeadm --config` reads a document.
pub(super) fn is_ours(api: &str) -> bool {
    GROUPS.iter().any(|group| api.starts_with(group))
}

/// The API version and the kind of a document.
pub(super) fn head(root: &Yaml) -> Option<(Spanned<String>, Spanned<String>)> {
    let api = root.get("apiVersion")?.text()?;
    let kind = root.get("kind")?.text()?;
    is_ours(&api.value).then_some((api, kind))
}

/// What has been read so far.
pub(super) struct Reading<'a> {
    pub documents: &'a [KubeadmDocument],
    pub release: Option<&'a Release>,
    pub cluster: Cluster,
    pub nodes: Vec<Node>,
    pub existing: Existing,
    /// The API versions that were checked, by file.
    pub seen: BTreeSet<(FileId, String)>,
    pub words: Words,
    /// Whether a service range is written.
    pub services_said: bool,
    pub out: &'a mut Diagnostics,
}

impl Reading<'_> {
    pub(super) fn read(&mut self, roots: &[Yaml]) {
        let heads: Vec<_> = roots
            .iter()
            .filter_map(|root| Some((root, head(root)?)))
            .collect();
        let inits = |kind: &Spanned<String>| {
            matches!(
                kind.value.as_str(),
                "InitConfiguration" | "ClusterConfiguration"
            )
        };
        let joins = heads
            .iter()
            .find(|(_, (_, kind))| kind.value == "JoinConfiguration");
        for (root, (api, kind)) in &heads {
            self.shape(root, api, kind);
            let component = !api.value.starts_with(KUBEADM);
            let same_file = |(_, (_, other)): &&(&Yaml, (_, Spanned<String>))| {
                inits(other) && other.span.file == kind.span.file
            };
            if let Some((_, (_, join))) = joins.filter(|(_, (_, join))| {
                component
                    && join.span.file == kind.span.file
                    && heads.iter().find(same_file).is_none()
            }) {
                let message = format!("`kubeadm join` ignores a {}", kind.value);
                let finding = Diagnostic::new(&IGNORED, message)
                    .label(kind.span, "read at `init` only")
                    .label(join.span, "this file is for `join`");
                self.out.push(finding);
                continue;
            }
            let carried = self.carried(root, api, kind);
            match kind.value.as_str() {
                "KubeletConfiguration" => self.cluster.kubelet.carried.extend(carried),
                _ => self.cluster.carried.extend(carried),
            }
            let machine = &mut self.existing.machine;
            machine.skips_proxy = machine.skips_proxy.or(registration::skips_proxy(root));
            // What joins gets the kubelet's settings from the cluster, which is not in the file.
            if kind.value == "InitConfiguration" {
                machine.ignores_swap = machine.ignores_swap.or(registration::ignores_swap(root));
            }
            match kind.value.as_str() {
                "ClusterConfiguration" => self.cluster(root, kind),
                "InitConfiguration" => self.init(root),
                "JoinConfiguration" => self.join(root),
                "KubeletConfiguration" => self.kubelet(root),
                "KubeProxyConfiguration" => self.proxy(root),
                _ => {}
            }
        }
        let init = heads.iter().find(|(_, (_, kind))| inits(kind));
        if let Some((_, (_, kind))) = init {
            self.defaults(kind);
        }
    }

    /// What kubeadm fills in where the files for `init` leave it out.
    fn defaults(&mut self, kind: &Spanned<String>) {
        if !self.services_said
            && let Ok(range) = SERVICES.parse::<ipnet::IpNet>()
        {
            let place = self.existing.cluster.unwrap_or(kind.span);
            self.existing.services = vec![Spanned::new(range, place)];
            self.existing.services_default = true;
            let origin = Origin::derived("kubeadm's default", [Origin::Written(place)]);
            self.cluster.network.services = Some(Sourced::new(range, origin));
        }
    }

    fn carried(&self, root: &Yaml, api: &Spanned<String>, kind: &Spanned<String>) -> Vec<Carried> {
        let own = |one: &&KubeadmDocument| one.kind == kind.value && one.api == api.value;
        let document = self.documents.iter().find(own);
        let release = self.release.map(|release| release.version);
        fields::carried(root, &kind.value, document, release)
    }

    fn shape(&mut self, root: &Yaml, api: &Spanned<String>, kind: &Spanned<String>) {
        if let Some(version) = api.value.strip_prefix(KUBEADM) {
            // A file has it in each of its documents.
            if self.seen.insert((api.span.file, version.to_owned())) {
                let asked = self.cluster.kubernetes.as_ref();
                match self.release {
                    Some(release) => versions::api(version, api, release, asked, self.out),
                    None => versions::api_alone(api, self.documents, self.out),
                }
            }
        } else {
            versions::component(api, kind, self.documents, self.out);
        }
        let document = self
            .documents
            .iter()
            .find(|document| document.kind == kind.value && document.api == api.value);
        if let Some(document) = document {
            let release = self.release.map(|release| release.version);
            let out = &mut *self.out;
            Look {
                document,
                documents: self.documents,
                release,
                out,
            }
            .whole(root);
        }
        if api.value.starts_with(KUBEADM) {
            forms::check(root, &kind.value, self.out);
            demands::check(root, kind, self.out);
            match kind.value.as_str() {
                "InitConfiguration" => registration::check(root, false, &self.words, self.out),
                "JoinConfiguration" => registration::check(root, true, &self.words, self.out),
                _ => {}
            }
        }
    }

    fn cluster(&mut self, root: &Yaml, kind: &Spanned<String>) {
        let written =
            |found: Spanned<String>| Sourced::new(found.value, Origin::Written(found.span));
        self.existing.cluster = Some(kind.span);
        self.cluster.head = kind.span;
        if let Some(name) = root.get("clusterName").and_then(Yaml::text) {
            self.cluster.name = written(name);
        }
        self.cluster.dns_domain = root
            .at("networking.dnsDomain")
            .and_then(Yaml::text)
            .map(written);
        self.existing.pods = values::ranges(root.at("networking.podSubnet"), self.out);
        let services = root.at("networking.serviceSubnet");
        self.services_said =
            services.is_some_and(|node| node.is_unfilled() || node.said().is_some());
        self.existing.services = values::ranges(services, self.out);
        self.existing.endpoint = root
            .entry("controlPlaneEndpoint")
            .filter(|(_, node)| node.is_unfilled() || node.said().is_some())
            .map(|(name, _)| name.span);
        let ipv4 = |all: &[Spanned<ipnet::IpNet>]| {
            let found = all.iter().find(|range| range.value.addr().is_ipv4())?;
            Some(Sourced::new(found.value, Origin::Written(found.span)))
        };
        self.cluster.network.pods = ipv4(&self.existing.pods);
        self.cluster.network.services = ipv4(&self.existing.services);
        self.cluster.network.ipv6 = self.ipv6(kind.span);
        self.cluster.network.node_prefix = self.node_prefix(root);
        self.cluster.kubeadm_gates = gates(root);
        self.cluster.control_plane = fields::control_plane(root);
    }

    /// The ranges of the second address family.
    fn ipv6(&self, head: crate::source::Span) -> Option<Ipv6> {
        let of = |all: &[Spanned<ipnet::IpNet>]| {
            let found = all.iter().find(|range| range.value.addr().is_ipv6())?;
            Some(Sourced::new(found.value, Origin::Written(found.span)))
        };
        let pods = of(&self.existing.pods);
        let services = of(&self.existing.services);
        (pods.is_some() || services.is_some()).then_some(Ipv6 {
            head,
            pods,
            services,
        })
    }

    /// The prefix length of each node's part of the pod range: kubeadm's default, unless an argument sets it. None if the nodes get no parts.
    fn node_prefix(&mut self, root: &Yaml) -> Option<Sourced<i64>> {
        let arguments = root.at("controllerManager.extraArgs").map(pairs);
        let allocates = arguments.unwrap_or_default().into_iter();
        let mut off = allocates
            .filter(|(name, value)| name.value == "allocate-node-cidrs" && value.value == "false");
        if let Some((_, value)) = off.next() {
            self.existing.no_node_ranges = Some(value.span);
            return None;
        }
        let given = root.at("controllerManager.extraArgs");
        let said = given.and_then(|arguments| {
            let known = ["node-cidr-mask-size-ipv4", "node-cidr-mask-size"];
            let mut all = pairs(arguments);
            all.retain(|(name, _)| known.contains(&name.value.as_str()));
            let (_, found) = all.into_iter().next()?;
            let value = found.value.parse().ok()?;
            Some(Sourced::new(value, Origin::Written(found.span)))
        });
        let pods = self.cluster.network.pods.as_ref();
        said.or_else(|| {
            let origin = pods?.origin.clone();
            Some(Sourced::new(
                24,
                Origin::derived("kubeadm's default", [origin]),
            ))
        })
    }

    fn kubelet(&mut self, root: &Yaml) {
        let sourced = |found: Spanned<i64>| Sourced::new(found.value, Origin::Written(found.span));
        self.cluster.kubelet.max_pods = values::integer(root.get("maxPods")).map(sourced);
        self.cluster.kubelet.fail_swap_on = values::boolean(root.get("failSwapOn"))
            .map(|found| Sourced::new(found.value, Origin::Written(found.span)));
        self.cluster.kubelet.gates = gates(root);
        let existing = &mut self.existing;
        for server in root.get("clusterDNS").map_or(&[][..], Yaml::items) {
            existing
                .cluster_dns
                .extend(values::address(server, self.out));
        }
        existing.swap_behaviour = root.at("memorySwap.swapBehavior").and_then(Yaml::text);
    }

    fn proxy(&mut self, root: &Yaml) {
        let mode = root.get("mode").and_then(Yaml::said);
        self.cluster.proxy_mode =
            mode.map(|mode| Sourced::new(mode.value, Origin::Written(mode.span)));
    }
}

/// The feature gates of a document.
fn gates(root: &Yaml) -> GateList {
    let written = root.get("featureGates").map_or(&[][..], Yaml::pairs);
    let gate = |(name, open): &(Spanned<String>, Yaml)| {
        let open = values::boolean(Some(open))?;
        Some((
            Sourced::new(name.value.clone(), Origin::Written(name.span)),
            Sourced::new(open.value, Origin::Written(open.span)),
        ))
    };
    written.iter().filter_map(gate).collect()
}

/// The names and values of arguments, as a map (v1beta3) or as a list (v1beta4).
pub(super) fn pairs(arguments: &Yaml) -> Vec<(Spanned<String>, Spanned<String>)> {
    let of_map = arguments
        .pairs()
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.text()?)));
    let of_list = arguments
        .items()
        .iter()
        .filter_map(|item| Some((item.get("name")?.text()?, item.get("value")?.text()?)));
    of_map.chain(of_list).collect()
}
