//! Files next to the spec that components of the control plane read: they are there, and are what the component expects.

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Brought, Model, outlines};
use crate::origin::Origin;
use crate::source::Span;

declare! {
    /// The API server and the scheduler read files that the spec names: rules of the audit log, settings of admission plugins and of
    /// the scheduler, certificates. pikc copies each of them to the control plane and tells the component where it is, so it has to
    /// be in the spec's folder, or below it, when the spec is compiled.
    ///
    /// ```pik fails
    /// api-server { audit { policy = "audit-policy-of-last-year.yaml" } }
    /// ```
    ///
    /// ```pik
    /// api-server { audit { } }
    /// ```
    pub static UNREADABLE = {
        code: "component-file/unreadable",
        since: "0.1.0",
        severity: Error,
        title: "a file of a component that cannot be read",
        help: "put the file next to the spec",
        no_edit: "the file is not part of the spec, and only its owner has it",
        sources: ["docs/language.md"],
    }

    /// Each of these files is of one kind, and the component ends at once with any other: the control plane never comes up, and the
    /// reason is in the log of a container that is gone. The kinds are
    ///
    /// - `policy` of `audit`: `apiVersion: audit.k8s.io/v1`, `kind: Policy`;
    /// - `config` of `admission`: `apiVersion: apiserver.config.k8s.io/v1`, `kind: AdmissionConfiguration`;
    /// - `config` of `scheduler`: `apiVersion: kubescheduler.config.k8s.io/v1`, `kind: KubeSchedulerConfiguration`. Its
    ///   `clientConnection.kubeconfig` must be /etc/kubernetes/scheduler.conf: with a configuration file the scheduler ignores the
    ///   argument that kubeadm passes for that.
    ///
    /// Each is a single document.
    ///
    /// ```pik fails
    /// api-server { audit { policy = "admission.yaml" } }
    /// ```
    ///
    /// ```pik
    /// api-server { audit { policy = "audit.yaml" } }
    /// ```
    pub static WRONG_KIND = {
        code: "component-file/wrong-kind",
        since: "0.1.0",
        severity: Error,
        title: "a file that its component does not read",
        help: "name a file of the kind that the component reads",
        no_edit: "the file is not part of the spec, and what it should hold is up to its owner",
        sources: [
            "kubernetes/kubernetes: staging/src/k8s.io/apiserver/pkg/audit/policy/reader.go",
            "kubernetes/kubernetes: staging/src/k8s.io/apiserver/pkg/admission/config.go",
            "kubernetes/kubernetes: cmd/kube-scheduler/app/options/configfile.go",
        ],
    }

    /// `ca` and `cert` name files of certificates: PEM, which begins with `-----BEGIN CERTIFICATE-----`. A certificate in another
    /// form (DER, PKCS 12) is not read, and the API server does not start. `openssl x509 -inform DER -in FILE` prints one as PEM.
    ///
    /// The `ca` of a `registry` is such a file, too: the container runtime would refuse every image from there.
    ///
    /// A private key never belongs into such a file. The spec's folder is in a repository, and everyone who can read that would
    /// have the key. Give a key as a secret.
    ///
    /// ```pik fails
    /// api-server { oidc { issuer = "https://login.example.org", client = kubernetes, ca = "audit.yaml" } }
    /// ```
    ///
    /// ```pik
    /// api-server { oidc { issuer = "https://login.example.org", client = kubernetes, ca = "ca.pem" } }
    /// ```
    pub static NO_CERTIFICATE = {
        code: "component-file/no-certificate",
        since: "0.1.0",
        severity: Error,
        title: "a file of certificates that holds none, or a private key",
        help: "name a PEM file that holds certificates and nothing else",
        no_edit: "the file is not part of the spec, and only its owner has the right one",
        sources: ["RFC 7468", "kubernetes/client-go: util/cert/pem.go"],
    }

    /// The system looks up an authority by a link that is named after the certificate's subject, and makes one link for each file: of
    /// a file with several certificates it makes none, and says so only in its log. Programs that use those links would refuse what
    /// the others trust. So each authority is a file and a block of its own. A chain as servers send it is no authority at all: name
    /// the root alone.
    ///
    /// ```pik fails
    /// authority office { ca = "chain.pem" }
    /// ```
    ///
    /// ```pik
    /// authority office { ca = "ca.pem" }
    /// ```
    pub static SEVERAL = {
        code: "component-file/several-certificates",
        since: "0.1.0",
        severity: Error,
        title: "an authority's file with several certificates",
        help: "write each certificate to a file of its own, with an `authority` block each",
        no_edit: "the file is not part of the spec, and which of its certificates are authorities only its owner knows",
        sources: ["openssl-rehash(1)", "update-ca-certificates(8)"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&UNREADABLE, &WRONG_KIND, &NO_CERTIFICATE, &SEVERAL];

/// What a component reads from a file.
struct Wanted {
    /// `policy` of `audit`
    setting: &'static str,
    version: &'static str,
    kind: &'static str,
}

const AUDIT: Wanted = Wanted {
    setting: "`policy` of `audit`",
    version: "audit.k8s.io/v1",
    kind: "Policy",
};
const ADMISSION: Wanted = Wanted {
    setting: "`config` of `admission`",
    version: "apiserver.config.k8s.io/v1",
    kind: "AdmissionConfiguration",
};
const SCHEDULER: Wanted = Wanted {
    setting: "`config` of `scheduler`",
    version: "kubescheduler.config.k8s.io/v1",
    kind: "KubeSchedulerConfiguration",
};
/// Where kubeadm puts the scheduler's credentials.
const CREDENTIALS: &str = "/etc/kubernetes/scheduler.conf";

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let control_plane = &model.cluster.control_plane;
    let api_server = &control_plane.api_server;
    let audit = api_server.audit.as_ref();
    let documents = [
        (audit.and_then(|audit| audit.policy.as_ref()), AUDIT),
        (api_server.admission_config.as_ref(), ADMISSION),
        (control_plane.scheduler_config.as_ref(), SCHEDULER),
    ];
    for (brought, wanted) in documents {
        if let Some((brought, text)) = brought.and_then(|brought| readable(brought, out)) {
            document(brought, text, &wanted, out);
        }
    }
    let etcd = control_plane.external_etcd.as_ref();
    let certificates = [
        api_server.oidc_ca.as_ref(),
        etcd.and_then(|etcd| etcd.ca.as_ref()),
        etcd.and_then(|etcd| etcd.cert.as_ref()),
    ];
    let registries = model.cluster.registries.iter();
    let of_registries = registries.filter_map(|registry| registry.ca.as_ref());
    let authorities = model.cluster.authorities.iter();
    let authorities = authorities.map(|authority| &authority.ca);
    let several = certificates.into_iter().flatten().chain(of_registries);
    let several = several.map(|brought| (brought, false));
    for (brought, single) in several.chain(authorities.map(|brought| (brought, true))) {
        if let Some((brought, text)) = readable(brought, out)
            && let Some(finding) = certificate(brought, text, single)
        {
            out.push(finding);
        }
    }
}

/// The text of a file; reports why there is none.
fn readable<'a>(brought: &'a Brought, out: &mut Findings<'_>) -> Option<(&'a Brought, &'a str)> {
    match &brought.text {
        Ok(text) => Some((brought, text)),
        Err(why) => {
            let message = format!("`{}` cannot be read: {why}", brought.path.value);
            out.push(Diagnostic::new(&UNREADABLE, message).label(place(brought), "this file"));
            None
        }
    }
}

fn place(brought: &Brought) -> Option<Span> {
    Origin::span(&brought.path.origin)
}

fn document(brought: &Brought, text: &str, wanted: &Wanted, out: &mut Findings<'_>) {
    let path = &brought.path.value;
    let wrong = |message: String| {
        Diagnostic::new(&WRONG_KIND, message)
            .label(place(brought), format!("read as {}", wanted.kind))
            .help(format!(
                "{} names a file with `apiVersion: {}` and `kind: {}`",
                wanted.setting, wanted.version, wanted.kind
            ))
    };
    let documents = match outlines(text) {
        Ok(documents) => documents,
        Err((why, line)) => {
            out.push(wrong(format!("`{path}` is not YAML: line {line}: {why}")));
            return;
        }
    };
    let one = match documents.as_slice() {
        [one] if one.is_map() => one,
        [_] | [] => {
            out.push(wrong(format!("`{path}` holds no {}", wanted.kind)));
            return;
        }
        more => {
            let count = more.len();
            let message = format!(
                "`{path}` holds {count} documents, and the component reads a single {}",
                wanted.kind
            );
            out.push(wrong(message));
            return;
        }
    };
    let said = |key: &str| one.text(key).unwrap_or_else(|| format!("no {key}"));
    let (version, kind) = (said("apiVersion"), said("kind"));
    if (version.as_str(), kind.as_str()) != (wanted.version, wanted.kind) {
        let message = format!(
            "`{path}` is {version} {kind}, not {} {}",
            wanted.version, wanted.kind
        );
        out.push(wrong(crate::file_format::one_line(&message)));
        return;
    }
    let credentials = one.text("clientConnection.kubeconfig");
    if wanted.kind == SCHEDULER.kind && credentials.as_deref() != Some(CREDENTIALS) {
        let message = match credentials {
            None => format!("`{path}` does not say with which credentials the scheduler works"),
            Some(other) => format!(
                "`{path}` makes the scheduler work with the credentials in {}, which kubeadm does not write",
                crate::file_format::one_line(&other)
            ),
        };
        out.push(wrong(message).help(format!(
            "write `clientConnection: {{kubeconfig: {CREDENTIALS}}}` in the file"
        )));
    }
}

/// What is wrong with a file of certificates; of which there may be a `single` one.
fn certificate(brought: &Brought, text: &str, single: bool) -> Option<Diagnostic> {
    let path = &brought.path.value;
    let wrong = |message: String| {
        Diagnostic::new(&NO_CERTIFICATE, message).label(place(brought), "this file")
    };
    let begins = |line: &&str| line.starts_with("-----BEGIN ");
    if text
        .lines()
        .filter(begins)
        .any(|line| line.contains("PRIVATE KEY"))
    {
        let message = format!("`{path}` holds a private key, and certificates are wanted");
        return Some(wrong(message).help(
            "remove the key from the file, replace it where it is in use, and give the new one as `secret:NAME`",
        ));
    }
    match certificates(text) {
        Some(0) => Some(wrong(format!("`{path}` holds no PEM certificate"))),
        Some(count @ 2..) if single => {
            let message =
                format!("`{path}` holds {count} certificates, and one authority is wanted");
            Some(Diagnostic::new(&SEVERAL, message).label(place(brought), "this file"))
        }
        Some(_) => None,
        None => Some(wrong(format!(
            "`{path}` begins a certificate that is damaged or cut off"
        ))),
    }
}

/// How many certificates a text holds; none if one is damaged.
fn certificates(text: &str) -> Option<usize> {
    use base64::Engine as _;
    let mut count = 0;
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN CERTIFICATE-----") {
        let (body, after) = after.split_once("-----END CERTIFICATE-----")?;
        let packed: String = body.split_whitespace().collect();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(packed)
            .ok()?;
        // An ASN.1 sequence whose length is that of the rest: X.509's outermost shape.
        sequence(&bytes)?;
        count += 1;
        rest = after;
    }
    Some(count)
}

/// Whether bytes are one ASN.1 sequence (DER) and nothing more.
fn sequence(bytes: &[u8]) -> Option<()> {
    let (&[tag, first], rest) = bytes.split_first_chunk::<2>()?;
    let long = usize::from(first & 0x7f);
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        _ if (1..=4).contains(&long) => {
            let (size, rest) = rest.split_at_checked(long)?;
            let length = size
                .iter()
                .fold(0, |all, byte| all << 8 | usize::from(*byte));
            (length, rest)
        }
        _ => return None,
    };
    (tag == 0x30 && length == rest.len()).then_some(())
}
