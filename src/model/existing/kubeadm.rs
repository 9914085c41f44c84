//! The documents of `kubeadm --config`, as far as rules read them.

use std::collections::BTreeSet;

use super::Existing;
use super::shape::{Look, first};
use super::yaml::Yaml;
use super::{values, versions};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics};
use crate::model::types::Cluster;
use crate::model::{GateList, Kubelet, Node, NodeSettings, Packages, Role};
use crate::origin::{Origin, Sourced};
use crate::source::{FileId, Spanned};
use crate::stdlib::{KubeadmDocument, Release};

declare! {
    /// kubeadm reads the kubelet's and kube-proxy's documents at `init` only: their settings become part of the cluster, and machines
    /// that join read them from there. In a file for `join` such a document is ignored, with one line in the log.
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
        title: "a document that `kubeadm join` ignores",
        help: "move it to the file for `init`, or write a patch for this machine",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/util/config/joinconfiguration.go"],
    }

    /// A machine that joins with a token requests the certificate authority from any server that answers at that address. The hash
    /// tells it that this is its own cluster. Without a hash kubeadm refuses, unless it is explicitly told to trust any server.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: JoinConfiguration
    /// discovery:
    ///   bootstrapToken:
    ///     token: abcdef.0123456789abcdef
    ///     apiServerEndpoint: 192.168.11.201:6443
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: JoinConfiguration
    /// discovery:
    ///   bootstrapToken:
    ///     token: abcdef.0123456789abcdef
    ///     apiServerEndpoint: 192.168.11.201:6443
    ///     caCertHashes:
    ///       - sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    /// ```
    pub static NO_CA_HASH = {
        code: "kubeadm/no-ca-hash",
        since: "0.1.0",
        severity: Error,
        title: "a machine that would trust any server that answers",
        help: "`kubeadm token create --print-join-command` on the control plane shows the hash: `caCertHashes: [sha256:...]`",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm/validation/validation.go"],
    }
}

pub(super) static CODES: &[&Descriptor] = &[&IGNORED, &NO_CA_HASH];

const KUBEADM: &str = "kubeadm.k8s.io/";

/// Whether `kubeadm --config` reads a document.
pub(super) fn is_ours(api: &str) -> bool {
    api.starts_with(KUBEADM)
        || api.starts_with("kubelet.config.k8s.io/")
        || api.starts_with("kubeproxy.config.k8s.io/")
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
            match kind.value.as_str() {
                "ClusterConfiguration" => self.cluster(root, kind),
                "InitConfiguration" => self.init(root),
                "JoinConfiguration" => self.join(root),
                "KubeletConfiguration" => self.kubelet(root),
                "KubeProxyConfiguration" => self.proxy(root),
                _ => {}
            }
        }
    }

    fn shape(&mut self, root: &Yaml, api: &Spanned<String>, kind: &Spanned<String>) {
        if let Some(version) = api.value.strip_prefix(KUBEADM) {
            // A file has it in each of its documents.
            if let Some(release) = self.release
                && self.seen.insert((api.span.file, version.to_owned()))
            {
                let asked = self.cluster.kubernetes.as_ref();
                versions::api(version, api, release, asked, self.out);
            }
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
        self.existing.services = values::ranges(root.at("networking.serviceSubnet"), self.out);
        let ipv4 = |all: &[Spanned<ipnet::IpNet>]| {
            let found = all.iter().find(|range| range.value.addr().is_ipv4())?;
            Some(Sourced::new(found.value, Origin::Written(found.span)))
        };
        self.cluster.network.pods = ipv4(&self.existing.pods);
        self.cluster.network.services = ipv4(&self.existing.services);
        self.cluster.network.node_prefix = self.node_prefix(root);
        self.cluster.kubeadm_gates = gates(root);
    }

    /// The prefix length of each node's part of the pod range: kubeadm's default, unless an argument sets it.
    fn node_prefix(&self, root: &Yaml) -> Option<Sourced<i64>> {
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

    fn init(&mut self, root: &Yaml) {
        for token in root.get("bootstrapTokens").map_or(&[][..], Yaml::items) {
            values::token(token.get("token"), self.out);
        }
        values::certificate_key(root.get("certificateKey"), self.out);
        self.node(root, root.get("localAPIEndpoint"), Role::ControlPlane);
    }

    fn join(&mut self, root: &Yaml) {
        if let Some((key, by_token)) = root
            .get("discovery")
            .and_then(|discovery| discovery.entry("bootstrapToken"))
        {
            values::token(by_token.get("token"), self.out);
            let hashes = by_token.get("caCertHashes").map_or(&[][..], Yaml::items);
            for hash in hashes {
                values::ca_hash(hash, self.out);
            }
            let trusting = values::boolean(by_token.get("unsafeSkipCAVerification"));
            let unsafe_skip = trusting.is_some_and(|skip| skip.value);
            if hashes.is_empty() && !unsafe_skip {
                let message = "this machine would join with a token, but without a hash that identifies its cluster";
                let finding = Diagnostic::new(&NO_CA_HASH, message);
                self.out.push(finding.label(key.span, "no `caCertHashes`"));
            }
        }
        values::token(root.at("discovery.tlsBootstrapToken"), self.out);
        let role = match root.get("controlPlane").filter(|node| !node.is_null()) {
            Some(control) => {
                values::certificate_key(control.get("certificateKey"), self.out);
                Role::ControlPlane
            }
            None => Role::Worker,
        };
        self.node(root, root.at("controlPlane.localAPIEndpoint"), role);
    }

    fn node(&mut self, root: &Yaml, endpoint: Option<&Yaml>, role: Role) {
        let name = root.at("nodeRegistration.name").and_then(Yaml::text);
        if let Some(name) = &name {
            values::node_name(name, self.out);
        }
        let address = endpoint
            .and_then(|endpoint| endpoint.get("advertiseAddress"))
            .and_then(|node| values::address(node, self.out));
        let place = name
            .as_ref()
            .map(|name| name.span)
            .or(address.as_ref().map(|address| address.span))
            .unwrap_or_else(|| first(root));
        let shown = match (&name, &address) {
            (Some(name), _) => name.value.to_lowercase(),
            (None, Some(address)) => address.value.to_string(),
            (None, None) => "the machine".to_owned(),
        };
        let arguments = root.at("nodeRegistration.kubeletExtraArgs");
        let sourced =
            |found: Spanned<String>| Sourced::new(found.value, Origin::Written(found.span));
        let settings = NodeSettings {
            head: place,
            damaged: false,
            role: Some(Sourced::new(role, Origin::Written(place))),
            os: None,
            board: None,
            platform: None,
            route_reflector: None,
            swap: None,
            locale: Default::default(),
            users: Vec::new(),
            interfaces: Vec::new(),
            packages: Packages::default(),
            labels: Vec::new(),
            taints: Vec::new(),
            sysctls: Vec::new(),
            kubelet: Kubelet {
                extra_args: arguments
                    .map(pairs)
                    .unwrap_or_default()
                    .into_iter()
                    .map(|(name, value)| (sourced(name), sourced(value)))
                    .collect(),
                ..Kubelet::default()
            },
            allows: Vec::new(),
        };
        self.nodes.push(Node {
            address_ipv6: None,
            name: Sourced::new(shown, Origin::Written(place)),
            address: address.map(|found| Sourced::new(found.value, Origin::Written(found.span))),
            settings: settings.into(),
        });
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
        existing.eviction_hard = root.entry("evictionHard").and_then(|(key, value)| {
            let signals: Vec<String> = value
                .pairs()
                .iter()
                .map(|(name, _)| name.value.clone())
                .collect();
            (!signals.is_empty()).then_some((key.span, signals))
        });
        existing.merges_evictions = values::boolean(root.get("mergeDefaultEvictionSettings"))
            .is_some_and(|merges| merges.value);
        existing.image_gc = (
            values::integer(root.get("imageGCHighThresholdPercent")),
            values::integer(root.get("imageGCLowThresholdPercent")),
        );
    }

    fn proxy(&mut self, root: &Yaml) {
        let mode = root.get("mode").and_then(Yaml::text);
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
fn pairs(arguments: &Yaml) -> Vec<(Spanned<String>, Spanned<String>)> {
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
