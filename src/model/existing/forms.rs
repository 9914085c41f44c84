//! The forms of single values that kubeadm's validation wants: where each stands, and what it refuses.

use super::spelling::{
    Refusal, certificate_name, discovery, endpoint, is_domain, is_etcd_url, is_time,
    is_token_group, registry, seconds,
};
use super::values::refuse;
use super::yaml::{Value, Yaml};
use crate::diagnostic::Diagnostics;
use crate::source::Spanned;

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A folder or file from `/` on.
    Path,
    /// A folder or file whose name ends in `.crt`.
    Certificate,
    /// A name of DNS in lowercase.
    Domain,
    /// The beginning of an image's name: `registry.example.org/k8s`.
    Registry,
    /// A name or an address in a certificate; of the API server's, capitals are accepted.
    CertificateName { capitals: bool },
    /// `HOST` or `HOST:PORT`.
    Endpoint,
    /// `HOST:PORT`.
    EndpointWithPort,
    /// From 1 to 65535; 0 is unset.
    Port,
    /// `system:bootstrappers:...`
    TokenGroup,
    /// A point in time.
    Time,
    /// A length of time as Go writes it.
    Duration,
    /// `https://HOST:PORT` or `http://HOST:PORT`.
    EtcdUrl,
    /// A file, or an address that begins with `https://`.
    Discovery,
}

/// The kinds, the paths in them (`[]` for each item of a list), and what must be there.
const FORMS: &[(&str, &str, Form)] = &[
    ("ClusterConfiguration", "networking.dnsDomain", Form::Domain),
    (
        "ClusterConfiguration",
        "controlPlaneEndpoint",
        Form::Endpoint,
    ),
    ("ClusterConfiguration", "imageRepository", Form::Registry),
    (
        "ClusterConfiguration",
        "dns.imageRepository",
        Form::Registry,
    ),
    (
        "ClusterConfiguration",
        "etcd.local.imageRepository",
        Form::Registry,
    ),
    ("ClusterConfiguration", "certificatesDir", Form::Path),
    ("ClusterConfiguration", "etcd.local.dataDir", Form::Path),
    ("ClusterConfiguration", "etcd.external.caFile", Form::Path),
    ("ClusterConfiguration", "etcd.external.certFile", Form::Path),
    ("ClusterConfiguration", "etcd.external.keyFile", Form::Path),
    (
        "ClusterConfiguration",
        "etcd.external.endpoints[]",
        Form::EtcdUrl,
    ),
    (
        "ClusterConfiguration",
        "etcd.external.httpEndpoints[]",
        Form::EtcdUrl,
    ),
    (
        "ClusterConfiguration",
        "apiServer.certSANs[]",
        Form::CertificateName { capitals: true },
    ),
    (
        "ClusterConfiguration",
        "etcd.local.serverCertSANs[]",
        Form::CertificateName { capitals: false },
    ),
    (
        "ClusterConfiguration",
        "etcd.local.peerCertSANs[]",
        Form::CertificateName { capitals: false },
    ),
    (
        "ClusterConfiguration",
        "apiServer.timeoutForControlPlane",
        Form::Duration,
    ),
    (
        "ClusterConfiguration",
        "certificateValidityPeriod",
        Form::Duration,
    ),
    (
        "ClusterConfiguration",
        "caCertificateValidityPeriod",
        Form::Duration,
    ),
    ("InitConfiguration", "bootstrapTokens[].ttl", Form::Duration),
    ("InitConfiguration", "bootstrapTokens[].expires", Form::Time),
    (
        "InitConfiguration",
        "bootstrapTokens[].groups[]",
        Form::TokenGroup,
    ),
    ("InitConfiguration", "localAPIEndpoint.bindPort", Form::Port),
    ("InitConfiguration", "patches.directory", Form::Path),
    ("InitConfiguration", "timeouts", Form::Duration),
    ("JoinConfiguration", "caCertPath", Form::Certificate),
    (
        "JoinConfiguration",
        "controlPlane.localAPIEndpoint.bindPort",
        Form::Port,
    ),
    (
        "JoinConfiguration",
        "discovery.bootstrapToken.apiServerEndpoint",
        Form::EndpointWithPort,
    ),
    (
        "JoinConfiguration",
        "discovery.file.kubeConfigPath",
        Form::Discovery,
    ),
    ("JoinConfiguration", "discovery.timeout", Form::Duration),
    ("JoinConfiguration", "timeouts", Form::Duration),
    ("JoinConfiguration", "patches.directory", Form::Path),
    ("ResetConfiguration", "certificatesDir", Form::Path),
    (
        "UpgradeConfiguration",
        "apply.patches.directory",
        Form::Path,
    ),
    ("UpgradeConfiguration", "node.patches.directory", Form::Path),
    ("UpgradeConfiguration", "timeouts", Form::Duration),
];

/// Checks every value of a document that has a form.
pub(super) fn check(root: &Yaml, kind: &str, out: &mut Diagnostics) {
    for (_, path, form) in FORMS.iter().filter(|(own, ..)| *own == kind) {
        each(root, path, &mut |node| {
            // Of a map, each of its values.
            match &node.value {
                Value::Map(pairs) => pairs.iter().for_each(|(_, value)| one(value, *form, out)),
                _ => one(node, *form, out),
            }
        });
    }
}

/// Calls a function with every value at a path.
pub(super) fn each<'y>(node: &'y Yaml, path: &str, found: &mut dyn FnMut(&'y Yaml)) {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let bare = name.strip_suffix("[]");
    let Some(inner) = node.get(bare.unwrap_or(name)) else {
        return;
    };
    let mut go = |node: &'y Yaml| match rest {
        "" => found(node),
        rest => each(node, rest, found),
    };
    match bare {
        Some(_) => inner.items().iter().for_each(&mut go),
        None => go(inner),
    }
}

fn one(node: &Yaml, form: Form, out: &mut Diagnostics) {
    // Empty is unset, and a value of another type has been reported.
    let Some(found) = node.said() else {
        return;
    };
    let plain = matches!(&node.value, Value::Scalar { plain: true, .. });
    if plain && form != Form::Port && found.value.parse::<f64>().is_ok() {
        return;
    }
    if let Some((why, help)) = form.refuses(&found) {
        refuse(&found, &why, help, out);
    }
}

impl Form {
    fn refuses(self, found: &Spanned<String>) -> Refusal {
        let text = found.value.as_str();
        let because = |why: &str, help| Some((why.to_owned(), help));
        match self {
            Self::Path if !text.starts_with('/') => because(
                "is not an absolute path",
                "write the whole path, from `/` on",
            ),
            Self::Certificate if !text.starts_with('/') || !text.ends_with(".crt") => because(
                "is not the absolute path of a certificate authority's certificate",
                "write the whole path of a file that ends in `.crt`, as `/etc/kubernetes/pki/ca.crt`",
            ),
            Self::Domain if !is_domain(text) => because(
                "is not a domain",
                "write a to z, 0 to 9 and `-` in lowercase, with dots between, as `cluster.local`",
            ),
            Self::Registry => registry(text),
            Self::CertificateName { capitals } => certificate_name(text, capitals),
            Self::Endpoint => endpoint(text, false),
            Self::EndpointWithPort => endpoint(text, true),
            Self::Port
                if !text
                    .parse::<i64>()
                    .is_ok_and(|port| (0..=65535).contains(&port)) =>
            {
                because("is not a port", "write a number from 1 to 65535")
            }
            Self::TokenGroup if !is_token_group(text) => because(
                "is not a group for bootstrap tokens",
                "write `system:bootstrappers:` and a name of a to z, 0 to 9, `-` and `:`",
            ),
            Self::Time if !is_time(text) => because(
                "is not a point in time",
                "write it with day, time and zone, as `\"2027-01-31T12:00:00Z\"`",
            ),
            Self::Duration if seconds(text).is_none() => because(
                "is not a length of time",
                "write hours, minutes and seconds, as `24h0m0s`; there is no unit for days",
            ),
            Self::EtcdUrl if !is_etcd_url(text) => because(
                "is not the address of an etcd",
                "write it with its scheme and port, as `https://192.168.11.9:2379`",
            ),
            Self::Discovery => discovery(text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    fn refuses(form: Form, text: &str) -> bool {
        let span = Span::new(FileId(0), 0, text.len());
        form.refuses(&Spanned::new(text.to_owned(), span)).is_some()
    }

    fn agrees(form: Form, fine: &[&str], wrong: &[&str]) {
        for text in fine {
            assert!(!refuses(form, text), "{form:?} {text}");
        }
        for text in wrong {
            assert!(refuses(form, text), "{form:?} {text}");
        }
    }

    /// What kubeadm 1.36 accepts and refuses.
    #[test]
    fn names_agree_with_kubeadm() {
        agrees(
            Form::Domain,
            &["cluster.local", "k8s"],
            &["Cluster.Local", "a_b", "a.", "-a"],
        );
        let hosts = "registry.k8s.io localhost:5000/k8s mirror/google_containers [fd00::1]:5000/x";
        let wrong =
            "https://r.example.org/k8s r.example.org/K8s r.example.org/ r.example.org/k8s:1";
        let words = |text: &'static str| text.split(' ').collect::<Vec<_>>();
        agrees(Form::Registry, &words(hosts), &words(wrong));
        agrees(Form::Registry, &[], &["a b"]);
        agrees(
            Form::CertificateName { capitals: true },
            &words("Api.example.org *.example.org 10.0.0.1 fd00::1 x"),
            &words("https://api api:6443 a_b a.*.b $IP 192.168.11.300"),
        );
        let strict = Form::CertificateName { capitals: false };
        agrees(strict, &["etcd01"], &["Etcd01"]);
        agrees(
            Form::Endpoint,
            &words("api.example.org 10.0.0.1:6443 [fd00::1]:6443 fd00::1"),
            &words(
                "https://api:6443 k8s_master:6443 10.0.0.1:64430000 10.0.0.1:0 Api:6443 10.0.0.300:6443",
            ),
        );
        agrees(
            Form::EndpointWithPort,
            &["api:6443", "[fd00::1]:6443"],
            &["192.168.11.201", "https://x:6443", "fd00::1"],
        );
        agrees(
            Form::EtcdUrl,
            &["https://192.168.11.9:2379", "http://etcd01:2379/"],
            &words("192.168.11.9:2379 etcd01 //etcd01:2379 tcp://etcd01:2379"),
        );
        agrees(
            Form::Discovery,
            &words("/etc/d.conf https://x/d.conf file:///d.conf"),
            &["http://x/d.conf", "d.conf"],
        );
    }

    #[test]
    fn paths_and_times_agree_with_kubeadm() {
        agrees(Form::Path, &["/etc/pki"], &["pki", "~/pki", "./x"]);
        agrees(
            Form::Certificate,
            &["/etc/ca.crt"],
            &["/etc/ca.pem", "ca.crt"],
        );
        agrees(Form::Port, &["0", "6443", "65535"], &["65536", "-1"]);
        agrees(
            Form::TokenGroup,
            &["system:bootstrappers:kubeadm:default-node-token"],
            &["nodes", "system:bootstrappers:", "system:bootstrappers:A"],
        );
        agrees(
            Form::Time,
            &["2027-01-01T00:00:00Z", "2027-01-01T00:00:00.5+02:00"],
            &["2027-01-01", "2027-01-01T00:00:00", "tomorrow"],
        );
        agrees(
            Form::Duration,
            &["1h30m", "0", "4m0s", "-1s", "1.5h"],
            &["1d", "24", "1 h", "h"],
        );
    }
}
