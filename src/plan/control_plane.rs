//! Files that the components of the control plane read: where they are, and what is in them.
//!
//! A component runs in a container and sees only what is mounted into it. Each file is placed below `/etc/pikc/control-plane` by a
//! step, named to its component by an argument or a field, and mounted as that one file.

mod audit;

use std::sync::Arc;

use super::document::fields::{Field, Fields};
use super::file::Placing;
use super::network::Secrets;
use super::types::{Document, TypedDocument};
use crate::file_format::made_by;
use crate::model::{Brought, Data, Encryption, Model};
use crate::origin::{Origin, Sourced};
use crate::value::SecretName;

/// Where the API server writes what it is asked.
pub(super) const AUDIT_LOG: &str = "/var/log/kubernetes/audit/audit.log";

/// A file or folder of the control plane that a component reads or writes for a setting.
pub(super) struct Place<'a> {
    /// The component's program.
    pub program: &'static str,
    /// The argument that names it.
    pub argument: Option<&'static str>,
    /// The field of `etcd.external` that names it.
    pub field: Option<&'static str>,
    /// Where it is, on the machine and in the component.
    pub path: &'static str,
    /// Whether it has to be mounted: kubeadm mounts its own folder of certificates, and etcd's files, itself.
    pub mounted: bool,
    /// The volume's name.
    pub volume: &'static str,
    /// What must be there.
    pub kind: &'static str,
    /// Whether the component writes there.
    pub writable: bool,
    /// What is in it.
    pub content: Content<'a>,
    /// Why it is there.
    why: Origin,
}

/// What is in such a file.
pub(super) enum Content<'a> {
    /// A folder that the kubelet makes.
    Folder,
    /// A file next to the spec.
    Brought(&'a Brought),
    /// pikc's own rules of what is recorded.
    AuditPolicy,
    /// How objects are encrypted.
    Encryption(&'a Encryption),
    /// A secret as it is.
    Secret(&'a Sourced<SecretName>),
}

impl Place<'_> {
    /// Its path, as a document names it.
    pub fn path_there(&self) -> Sourced<String> {
        Sourced::new(self.path.to_owned(), self.why.clone())
    }

    /// Why it is there.
    pub fn origin(&self) -> Origin {
        self.why.clone()
    }

    /// The component that reads it: what belongs to an etcd elsewhere is the API server's.
    pub fn reader(&self) -> &'static str {
        match self.program {
            "etcd" => "kube-apiserver",
            program => program,
        }
    }
}

/// All files and folders that the components of this cluster need for settings.
pub(super) fn places(model: &Model) -> Vec<Place<'_>> {
    let mut all = audit_places(model);
    all.extend(brought_places(model));
    all.extend(external_etcd_places(model));
    all
}

/// The rules of the audit log, and its folder.
fn audit_places(model: &Model) -> Vec<Place<'_>> {
    let Some(audit) = &model.cluster.control_plane.api_server.audit else {
        return Vec::new();
    };
    let why = Origin::Written(audit.head);
    let policy = audit.policy.as_ref();
    vec![
        Place {
            argument: Some("audit-policy-file"),
            volume: "pikc-audit-policy",
            why: policy.map_or_else(|| why.clone(), |policy| policy.path.origin.clone()),
            content: policy.map_or(Content::AuditPolicy, Content::Brought),
            ..file(
                "kube-apiserver",
                "/etc/pikc/control-plane/audit-policy.yaml",
            )
        },
        Place {
            volume: "pikc-audit-log",
            kind: "DirectoryOrCreate",
            writable: true,
            content: Content::Folder,
            why,
            ..file("kube-apiserver", "/var/log/kubernetes/audit")
        },
    ]
}

/// What an argument names: files next to the spec, and the encryption of what is stored.
fn brought_places(model: &Model) -> Vec<Place<'_>> {
    let control_plane = &model.cluster.control_plane;
    let api_server = &control_plane.api_server;
    let mut all = Vec::new();
    if let Some(brought) = &api_server.admission_config {
        let path = "/etc/pikc/control-plane/admission.yaml";
        all.push(Place {
            argument: Some("admission-control-config-file"),
            volume: "pikc-admission",
            ..of_spec(brought, "kube-apiserver", path)
        });
    }
    if let Some(brought) = &api_server.oidc_ca {
        let path = "/etc/pikc/control-plane/oidc-ca.pem";
        all.push(Place {
            argument: Some("oidc-ca-file"),
            volume: "pikc-oidc-ca",
            ..of_spec(brought, "kube-apiserver", path)
        });
    }
    if let Some(encryption) = &api_server.encryption
        && let Some(key) = &encryption.key
    {
        all.push(Place {
            argument: Some("encryption-provider-config"),
            volume: "pikc-encryption",
            content: Content::Encryption(encryption),
            why: key.origin.clone(),
            ..file("kube-apiserver", "/etc/pikc/control-plane/encryption.yaml")
        });
    }
    if let Some(brought) = &control_plane.scheduler_config {
        let path = "/etc/pikc/control-plane/scheduler.yaml";
        all.push(Place {
            argument: Some("config"),
            volume: "pikc-scheduler",
            ..of_spec(brought, "kube-scheduler", path)
        });
    }
    all
}

/// How the API server identifies itself to an etcd elsewhere. kubeadm mounts the folder of these three by itself.
fn external_etcd_places(model: &Model) -> Vec<Place<'_>> {
    let Some(etcd) = &model.cluster.control_plane.external_etcd else {
        return Vec::new();
    };
    let certificates = [
        (&etcd.ca, "caFile", "/etc/pikc/control-plane/etcd/ca.pem"),
        (
            &etcd.cert,
            "certFile",
            "/etc/pikc/control-plane/etcd/client.pem",
        ),
    ];
    let mut all = Vec::new();
    for (brought, field, path) in certificates {
        all.extend(brought.as_ref().map(|brought| Place {
            field: Some(field),
            mounted: false,
            ..of_spec(brought, "etcd", path)
        }));
    }
    all.extend(etcd.key.as_ref().map(|key| Place {
        field: Some("keyFile"),
        mounted: false,
        content: Content::Secret(key),
        why: key.origin.clone(),
        ..file("etcd", "/etc/pikc/control-plane/etcd/client.key")
    }));
    all
}

fn file(program: &'static str, path: &'static str) -> Place<'static> {
    Place {
        program,
        argument: None,
        field: None,
        path,
        mounted: true,
        volume: "",
        kind: "File",
        writable: false,
        content: Content::Folder,
        why: Origin::derived("a component of the control plane reads it", []),
    }
}

fn of_spec<'a>(brought: &'a Brought, program: &'static str, path: &'static str) -> Place<'a> {
    Place {
        content: Content::Brought(brought),
        why: brought.path.origin.clone(),
        ..file(program, path)
    }
}

/// The files of the control plane, and the secrets that they need and that have no value.
pub(super) fn files(
    model: &Model,
    spec: &str,
    secrets: &mut Secrets<'_>,
) -> (Vec<Placing>, Vec<(SecretName, String)>) {
    let (mut placings, mut missing) = (Vec::new(), Vec::new());
    for place in places(model) {
        let output = format!("files{}", place.path);
        let placing = match &place.content {
            Content::Folder => continue,
            Content::Brought(brought) => match &brought.text {
                // That it cannot be read has been reported.
                Err(_) => continue,
                Ok(text) => Placing::brought(&output, Arc::from(text.as_bytes())).mode(0o600),
            },
            Content::AuditPolicy => {
                Placing::yaml(&output, audit_header(spec), vec![audit::policy(&place.why)])
                    .mode(0o600)
            }
            Content::Encryption(encryption) => {
                let Some(key) = &encryption.key else { continue };
                let Some(value) = secrets.value(&key.value) else {
                    missing.push((key.value.clone(), place.path.to_owned()));
                    continue;
                };
                let header = vec![
                    "How the API server encrypts what it stores. It holds the key: whoever reads this file reads the secrets.".to_owned(),
                    made_by(spec),
                ];
                let document = encryption_configuration(encryption, key, value);
                Placing::yaml(&output, header, vec![document]).secret()
            }
            Content::Secret(key) => match secrets.value(&key.value) {
                Some(value) => {
                    let mut text = value.to_owned();
                    if !text.ends_with('\n') {
                        text.push('\n');
                    }
                    let whole = Placing::brought(&output, Arc::from(text.as_bytes())).secret();
                    // Each of its lines is a part of the key.
                    whole.because([place.why.clone(), Origin::secret([key.origin.clone()])])
                }
                None => {
                    missing.push((key.value.clone(), place.path.to_owned()));
                    continue;
                }
            },
        };
        placings.push(placing.because([place.why.clone()]));
    }
    (placings, missing)
}

fn audit_header(spec: &str) -> Vec<String> {
    vec![
        "What the API server records: who asked for what, but no contents. Reading is recorded only for Secrets.".to_owned(),
        "`policy` of `audit` names a file with other rules.".to_owned(),
        made_by(spec),
    ]
}

/// The key comes first, so that what is written is encrypted with it; `identity` reads what was stored before.
/// Fields: kubernetes.io/docs/tasks/administer-cluster/encrypt-data.
fn encryption_configuration(
    encryption: &Encryption,
    key: &Sourced<SecretName>,
    value: &str,
) -> Document {
    let secret = Origin::secret([key.origin.clone()]);
    let text = |text: &str, origin: &Origin| {
        Field::Value(Sourced::new(Data::Text(text.to_owned()), origin.clone()))
    };
    let mut one = Fields::default();
    let ours = encryption.provider.iter().map(|one| one.origin.clone());
    let named = Origin::derived(
        "the one key of this cipher",
        ours.chain([key.origin.clone()]),
    );
    one.put(&["name"], text("key1", &named));
    one.put(&["secret"], text(value.trim(), &secret));
    let provider = encryption.provider.as_ref();
    let name = provider.map_or("secretbox", |provider| provider.value.as_str());
    let mut cipher = Fields::default();
    cipher.put(&[name, "keys"], Field::List(vec![Field::Map(one)]));
    let mut plain = Fields::default();
    plain.put(&["identity"], Field::Map(Fields::default()));
    let kinds = encryption.resources.iter().cloned();
    let kinds = kinds.map(|kind| Field::Value(kind.map(Data::Text)));
    let mut entry = Fields::default();
    entry.put(&["resources"], Field::List(kinds.collect()));
    entry.put(
        &["providers"],
        Field::List(vec![Field::Map(cipher), Field::Map(plain)]),
    );
    let mut fields = Fields::default();
    fields.put(&["resources"], Field::List(vec![Field::Map(entry)]));
    Document {
        typed: TypedDocument::object("apiserver.config.k8s.io/v1", "EncryptionConfiguration"),
        fields,
    }
}
