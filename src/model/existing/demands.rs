//! What the fields of a kubeadm document demand of each other: one that needs another, two that exclude each other.

use super::forms::each;
use super::spelling::seconds;
use super::yaml::{Value, Yaml};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics, Severity};
use crate::source::{Span, Spanned};

declare! {
    /// kubeadm refuses a document in which one field needs another that is not there:
    ///
    /// - A machine that joins needs `discovery.bootstrapToken` or `discovery.file`; a token needs `apiServerEndpoint`, a file `kubeConfigPath`.
    /// - An etcd that runs elsewhere needs `endpoints`. Its `certFile` needs `keyFile`, the other way round, and both need `caFile`.
    /// - Since v1beta4 every argument in `extraArgs` needs a `name`.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// etcd:
    ///   external:
    ///     endpoints: ["https://192.168.11.9:2379"]
    ///     caFile: /etc/kubernetes/pki/etcd/ca.crt
    ///     certFile: /etc/kubernetes/pki/apiserver-etcd-client.crt
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// etcd:
    ///   external:
    ///     endpoints: ["https://192.168.11.9:2379"]
    ///     caFile: /etc/kubernetes/pki/etcd/ca.crt
    ///     certFile: /etc/kubernetes/pki/apiserver-etcd-client.crt
    ///     keyFile: /etc/kubernetes/pki/apiserver-etcd-client.key
    /// ```
    pub static INCOMPLETE = {
        code: "kubeadm/incomplete",
        since: "0.1.0",
        severity: Error,
        title: "a field that needs another one",
        help: "write the other field as well",
        no_edit: "the value that is missing is not in the file",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm/validation/validation.go"],
    }

    /// kubeadm refuses a document that answers one question twice:
    ///
    /// | question | fields |
    /// |---|---|
    /// | who runs etcd | `etcd.local`, `etcd.external` |
    /// | how a machine finds the cluster | `discovery.bootstrapToken`, `discovery.file` |
    /// | when a token ends | `ttl`, `expires` |
    ///
    /// A token without `ttl` gets one of 24 hours before the document is judged, also if it has `expires`. By its source kubeadm refuses that,
    /// too; pikc warns.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// etcd:
    ///   local: { dataDir: /var/lib/etcd }
    ///   external: { endpoints: ["http://192.168.11.9:2379"] }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// etcd:
    ///   external: { endpoints: ["http://192.168.11.9:2379"] }
    /// ```
    pub static TWO_WAYS = {
        code: "kubeadm/two-ways",
        since: "0.1.0",
        severity: Error,
        title: "two fields that exclude each other",
        help: "remove one of the two",
        no_edit: "which of the two is right is not in the file",
        sources: [
            "kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm/validation/validation.go",
            "kubernetes/kubernetes cmd/kubeadm/app/apis/bootstraptoken/v1/defaults.go",
        ],
    }

    /// The groups of a bootstrap token are for machines that log in with it, so a token without the usage `authentication` cannot have any.
    /// kubeadm gives every token a group, and so it refuses a token that is for signing alone.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// bootstrapTokens:
    ///   - token: abcdef.0123456789abcdef
    ///     usages: [signing]
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// bootstrapTokens:
    ///   - token: abcdef.0123456789abcdef
    ///     usages: [signing, authentication]
    /// ```
    pub static TOKEN_GROUPS = {
        code: "kubeadm/token-groups",
        since: "0.1.0",
        severity: Error,
        title: "a token with groups, with which no one can log in",
        help: "write `usages: [signing, authentication]`, or leave `usages` out",
        no_edit: "which groups were meant is not in the file",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm/validation/validation.go"],
    }

    /// A bootstrap token with a `ttl` of 0 never ends. Anyone who finds it, in a repository, a log or on an old card, can join a machine to the
    /// cluster for as long as the cluster exists.
    ///
    /// Tokens are made when they are needed: `kubeadm token create --print-join-command`.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// bootstrapTokens:
    ///   - token: abcdef.0123456789abcdef
    ///     ttl: "0"
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: InitConfiguration
    /// bootstrapTokens:
    ///   - token: abcdef.0123456789abcdef
    ///     ttl: 24h
    /// ```
    pub static TOKEN_FOREVER = {
        code: "join/token-forever",
        since: "0.1.0",
        severity: Warning,
        title: "a token that never ends",
        help: "write `ttl: 24h`, or leave `ttl` out; `kubeadm token create` makes another one when it is needed",
        no_edit: "how long the token has to be valid is not in the file",
        sources: ["kubernetes.io: docs/reference/setup-tools/kubeadm/kubeadm-token"],
    }
}

pub(super) static CODES: &[&Descriptor] = &[&INCOMPLETE, &TWO_WAYS, &TOKEN_GROUPS, &TOKEN_FOREVER];

/// Checks a document.
pub(super) fn check(root: &Yaml, kind: &Spanned<String>, out: &mut Diagnostics) {
    match kind.value.as_str() {
        "ClusterConfiguration" => {
            etcd(root, out);
            for component in ["apiServer", "controllerManager", "scheduler", "etcd.local"] {
                arguments(root.at(&format!("{component}.extraArgs")), out);
            }
        }
        "InitConfiguration" => {
            for token in root.get("bootstrapTokens").map_or(&[][..], Yaml::items) {
                self::token(token, out);
            }
            arguments(root.at("nodeRegistration.kubeletExtraArgs"), out);
        }
        "JoinConfiguration" => {
            discovery(root, kind, out);
            arguments(root.at("nodeRegistration.kubeletExtraArgs"), out);
        }
        _ => {}
    }
}

/// A field that says something: neither left out nor empty.
fn said<'y>(node: &'y Yaml, key: &str) -> Option<(Span, &'y Yaml)> {
    let (name, value) = node.entry(key)?;
    let empty = match &value.value {
        Value::Scalar { text, .. } => text.is_empty() || value.is_null(),
        Value::List(items) => items.is_empty(),
        Value::Map(_) | Value::Unfilled => false,
    };
    (!empty).then_some((name.span, value))
}

fn incomplete(place: Span, message: &str, help: &str) -> Diagnostic {
    Diagnostic::new(&INCOMPLETE, message)
        .label(place, "this needs more")
        .help(help)
}

fn etcd(root: &Yaml, out: &mut Diagnostics) {
    let Some(etcd) = root.get("etcd") else {
        return;
    };
    let (local, external) = (said(etcd, "local"), said(etcd, "external"));
    if let (Some((local, _)), Some((external, _))) = (&local, &external) {
        let message = "etcd is either kubeadm's own or runs elsewhere, and this file says both";
        let finding = Diagnostic::new(&TWO_WAYS, message)
            .label(*local, "kubeadm's own")
            .label(*external, "runs elsewhere");
        out.push(finding);
    }
    let Some((place, external)) = external else {
        return;
    };
    let file = |key| said(external, key).map(|(place, _)| place);
    let (ca, cert, key) = (file("caFile"), file("certFile"), file("keyFile"));
    match (cert, key, ca) {
        (Some(one), None, _) => {
            let message = "kubeadm refuses `etcd.external.certFile` without `keyFile`";
            out.push(incomplete(
                one,
                message,
                "write `keyFile` as well, the key of that certificate",
            ));
        }
        (None, Some(one), _) => {
            let message = "kubeadm refuses `etcd.external.keyFile` without `certFile`";
            out.push(incomplete(
                one,
                message,
                "write `certFile` as well, the certificate of that key",
            ));
        }
        (Some(one), Some(_), None) => {
            let message = "kubeadm refuses a certificate for etcd without `caFile`";
            out.push(incomplete(
                one,
                message,
                "write `caFile` as well, the authority that signed etcd's own certificate",
            ));
        }
        _ => {}
    }
    if said(external, "endpoints").is_none() {
        let message = "`etcd.external` names no endpoint, and the API server would have no etcd";
        out.push(incomplete(
            place,
            message,
            "write `endpoints: [\"https://HOST:2379\"]`",
        ));
    }
    if let Some(certificates) = ca.or(cert).or(key) {
        each(external, "endpoints[]", &mut |endpoint| {
            if let Some(found) = endpoint
                .text()
                .filter(|found| found.value.starts_with("http://"))
            {
                let message = format!(
                    "`{}` is plain HTTP, and there are certificates for HTTPS",
                    found.value.escape_debug()
                );
                let finding = Diagnostic::new(&super::values::NOT_A_VALUE, message)
                    .label(found.span, "kubeadm refuses this")
                    .label(certificates, "a certificate");
                out.push(finding.help("write `https://`, or leave the certificates out"));
            }
        });
    }
}

/// Arguments of a component in the form of v1beta4.
fn arguments(list: Option<&Yaml>, out: &mut Diagnostics) {
    for item in list.map_or(&[][..], Yaml::items) {
        if matches!(item.value, Value::Map(_)) && said(item, "name").is_none() {
            let message = "kubeadm refuses an argument without a `name`";
            let help = "write `name`, without the leading dashes";
            out.push(incomplete(super::shape::first(item), message, help));
        }
    }
}

fn token(token: &Yaml, out: &mut Diagnostics) {
    if let Some((expires, _)) = said(token, "expires") {
        let (severity, message, ttl) = match said(token, "ttl") {
            Some((ttl, _)) => (
                Severity::Error,
                "`ttl` and `expires` both say when this token ends",
                Some(ttl),
            ),
            None => (
                Severity::Warning,
                "kubeadm adds a `ttl` of 24 hours next to `expires`, and then refuses both",
                None,
            ),
        };
        let finding = Diagnostic::new(&TWO_WAYS, message)
            .severity(severity)
            .label(expires, "a point in time")
            .label(ttl, "a length of time");
        out.push(finding.help("write `ttl` alone"));
    }
    if let Some((place, usages)) = said(token, "usages") {
        let mut words = usages.items().iter().filter_map(Yaml::text);
        if words.all(|usage| usage.value != "authentication") && !usages.is_unfilled() {
            let message = "kubeadm gives this token a group, and no one can log in with it: its usages lack `authentication`";
            let groups = said(token, "groups").map(|(place, _)| place);
            let finding = Diagnostic::new(&TOKEN_GROUPS, message)
                .label(place, "without `authentication`")
                .label(groups, "its groups");
            out.push(finding);
        }
    }
    if let Some((_, ttl)) = said(token, "ttl")
        && let Some(found) = ttl.text()
        && seconds(&found.value) == Some(0.0)
    {
        let message = "this token never ends: anyone who finds it can join a machine";
        out.push(Diagnostic::new(&TOKEN_FOREVER, message).label(found.span, "no end"));
    }
}

fn discovery(root: &Yaml, kind: &Spanned<String>, out: &mut Diagnostics) {
    let found = root.get("discovery");
    if found.is_some_and(Yaml::is_unfilled) {
        return;
    }
    let way = |key| found.and_then(|found| said(found, key));
    match (way("bootstrapToken"), way("file")) {
        (None, None) => {
            let message = "this machine has no way to find its cluster";
            let help = "write `discovery.bootstrapToken` as `kubeadm token create --print-join-command` shows it, or `discovery.file`";
            out.push(incomplete(kind.span, message, help));
        }
        (Some((token, _)), Some((file, _))) => {
            let message =
                "a machine finds its cluster by a token or by a file, and this file says both";
            let finding = Diagnostic::new(&TWO_WAYS, message)
                .label(token, "by a token")
                .label(file, "by a file");
            out.push(finding);
        }
        (Some((place, by)), None) => {
            if said(by, "apiServerEndpoint").is_none() {
                let message =
                    "a machine that joins with a token needs the address of the API server";
                let help = "write `apiServerEndpoint: HOST:6443`";
                out.push(incomplete(place, message, help));
            }
            if said(by, "token").is_none() && root.at("discovery.tlsBootstrapToken").is_none() {
                let message = "`discovery.bootstrapToken` holds no token";
                let help = "write `token` as `kubeadm token create` prints it";
                out.push(incomplete(place, message, help));
            }
        }
        (None, Some((place, by))) => {
            if said(by, "kubeConfigPath").is_none() {
                let message = "`discovery.file` names no file";
                let help = "write `kubeConfigPath` with the path on the machine";
                out.push(incomplete(place, message, help));
            }
        }
    }
}
