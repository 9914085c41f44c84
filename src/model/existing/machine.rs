//! Machines that `kubeadm init` and `kubeadm join` make nodes of.

use super::kubeadm::{Reading, pairs};
use super::shape::first;
use super::yaml::Yaml;
use super::{labels, values};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Kubelet, Node, NodeSettings, Packages, Role};
use crate::origin::{Origin, Sourced};
use crate::source::Spanned;

declare! {
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
        no_edit: "the hash is on the control plane, not in the file",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm/validation/validation.go"],
    }
}

pub(super) static CODES: &[&Descriptor] = &[&NO_CA_HASH];

impl Reading<'_> {
    pub(super) fn init(&mut self, root: &Yaml) {
        for token in root.get("bootstrapTokens").map_or(&[][..], Yaml::items) {
            values::token(token.get("token"), self.out);
        }
        values::certificate_key(root.get("certificateKey"), self.out);
        self.cluster.api_port = values::integer(root.at("localAPIEndpoint.bindPort"))
            .and_then(|port| Some(Spanned::new(u16::try_from(port.value).ok()?, port.span)))
            .filter(|port| port.value != 0)
            .map(|port| Sourced::new(port.value, Origin::Written(port.span)));
        self.node(root, root.get("localAPIEndpoint"), Role::ControlPlane);
    }

    pub(super) fn join(&mut self, root: &Yaml) {
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
            let unfilled = by_token.get("caCertHashes").is_some_and(Yaml::is_unfilled);
            if hashes.is_empty() && !unsafe_skip && !unfilled {
                let message = "this machine would join with a token, but without a hash that identifies its cluster";
                let finding = Diagnostic::new(&NO_CA_HASH, message);
                self.out.push(finding.label(key.span, "no `caCertHashes`"));
            }
        }
        values::token(root.at("discovery.tlsBootstrapToken"), self.out);
        let role = match root.get("controlPlane").filter(|node| !node.is_null()) {
            Some(control) => {
                values::certificate_key(control.get("certificateKey"), self.out);
                self.existing.machine.joins = root.entry("controlPlane").map(|(name, _)| name.span);
                Role::ControlPlane
            }
            None => Role::Worker,
        };
        self.node(root, root.at("controlPlane.localAPIEndpoint"), role);
    }

    fn node(&mut self, root: &Yaml, endpoint: Option<&Yaml>, role: Role) {
        let name = root.at("nodeRegistration.name").and_then(Yaml::said);
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
        let extra_args = arguments.map(pairs).unwrap_or_default();
        let labels: Vec<_> = extra_args
            .iter()
            .filter(|(name, value)| name.value == "node-labels" && !value.value.is_empty())
            .flat_map(|(_, value)| labels::labels(value, self.out))
            .map(|(key, value)| (sourced(key), sourced(value)))
            .collect();
        let settings = NodeSettings {
            head: place,
            damaged: false,
            role: Some(Sourced::new(role, Origin::Written(place))),
            os: None,
            board: None,
            boot: None,
            firmware: None,
            platform: None,
            subnet: None,
            route_reflector: None,
            swap: None,
            locale: Default::default(),
            users: Vec::new(),
            interfaces: Vec::new(),
            disks: Vec::new(),
            packages: Packages::default(),
            labels,
            taints: Vec::new(),
            no_taints: None,
            sysctls: Vec::new(),
            kubelet: Kubelet {
                extra_args: extra_args
                    .into_iter()
                    .map(|(name, value)| (sourced(name), sourced(value)))
                    .collect(),
                ..Kubelet::default()
            },
            allows: Vec::new(),
        };
        self.nodes.push(Node {
            address_ipv6: None,
            subnet: None,
            name: Sourced::new(shown, Origin::Written(place)),
            address: address.map(|found| Sourced::new(found.value, Origin::Written(found.span))),
            settings: settings.into(),
        });
    }
}
