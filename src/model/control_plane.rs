//! The components of the control plane: the API server, the controller manager, the scheduler and etcd.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::carried::Target;
use super::load::Reader;
use super::registry::{Authority, Registry};
use super::types::{Model, Pairs};
use crate::origin::{Origin, Sourced};
use crate::schema::{Entity, Schema, View};
use crate::source::Span;
use crate::value::{Duration, SecretName, Size};

/// What a spec says of the control plane's components, beyond settings that another program's file holds as they are.
#[derive(Clone, Debug, Default)]
pub struct ControlPlane {
    /// The API server.
    pub api_server: ApiServer,
    /// The controller manager.
    pub controller_manager: Component,
    /// The scheduler.
    pub scheduler: Component,
    /// The scheduler's own configuration.
    pub scheduler_config: Option<Brought>,
    /// etcd's arguments.
    pub etcd: Component,
    /// An etcd that runs elsewhere.
    pub external_etcd: Option<ExternalEtcd>,
    /// Snapshots of etcd.
    pub snapshots: Option<Snapshots>,
    /// The word for how often certificates are looked at: [`ControlPlane::rhythm`] says what it means.
    pub renew: Option<Sourced<String>>,
}

/// What every component has.
#[derive(Clone, Debug, Default)]
pub struct Component {
    /// Where its block begins; none without one.
    pub head: Option<Span>,
    /// Arguments of its command line, without the leading dashes.
    pub extra_args: Pairs,
    /// Files and folders of the machine that it sees.
    pub volumes: Vec<Volume>,
}

/// A file or folder of the machine that a component sees.
#[derive(Clone, Debug)]
pub struct Volume {
    /// Its name.
    pub name: Sourced<String>,
    /// Where it is on the machine.
    pub host: Sourced<String>,
    /// Where the component sees it.
    pub mount: Sourced<String>,
    /// Whether the component may write.
    pub writable: Option<Sourced<bool>>,
    /// What must be there: `File`, `DirectoryOrCreate`.
    pub kind: Option<Sourced<String>>,
}

/// The API server.
#[derive(Clone, Debug, Default)]
pub struct ApiServer {
    /// What every component has.
    pub component: Component,
    /// Admission plugins that are turned on.
    pub enable: Vec<Sourced<String>>,
    /// Admission plugins that are turned off.
    pub disable: Vec<Sourced<String>>,
    /// The admission plugins' own configuration.
    pub admission_config: Option<Brought>,
    /// The audit log.
    pub audit: Option<Audit>,
    /// The certificate authority of the identity provider.
    pub oidc_ca: Option<Brought>,
    /// Encryption of what is stored.
    pub encryption: Option<Encryption>,
}

/// The audit log.
#[derive(Clone, Debug)]
pub struct Audit {
    /// Where its block begins.
    pub head: Span,
    /// The rules; none for pikc's own.
    pub policy: Option<Brought>,
    /// The size at which the file is rotated.
    pub size: Option<Sourced<Size>>,
}

/// Encryption of what is stored in etcd.
#[derive(Clone, Debug)]
pub struct Encryption {
    /// The key.
    pub key: Option<Sourced<SecretName>>,
    /// `secretbox`, `aescbc`, `aesgcm`.
    pub provider: Option<Sourced<String>>,
    /// The kinds of object.
    pub resources: Vec<Sourced<String>>,
}

/// An etcd that runs elsewhere.
#[derive(Clone, Debug)]
pub struct ExternalEtcd {
    /// Where its block begins.
    pub head: Span,
    /// The authority that signed its certificates.
    pub ca: Option<Brought>,
    /// The API server's certificate.
    pub cert: Option<Brought>,
    /// The key of that certificate.
    pub key: Option<Sourced<SecretName>>,
}

/// Snapshots of etcd on each control plane.
#[derive(Clone, Debug)]
pub struct Snapshots {
    /// Where its block begins.
    pub head: Span,
    /// How often one is made.
    pub every: Option<Sourced<Duration>>,
    /// How many stay.
    pub keep: Option<Sourced<i64>>,
    /// The folder on the control plane.
    pub to: Option<Sourced<Utf8PathBuf>>,
}

/// A file next to the spec.
#[derive(Clone, Debug)]
pub struct Brought {
    /// Its path, as the spec names it.
    pub path: Sourced<Utf8PathBuf>,
    /// Its text, or why there is none.
    pub text: Result<Arc<str>, String>,
}

/// Reads the blocks of the components, and the files that they name.
pub(super) struct Blocks<'a> {
    pub spec: &'a Schema,
    /// The folder of the spec.
    pub folder: &'a Utf8Path,
    pub reader: &'a dyn Reader,
}

impl Blocks<'_> {
    pub(super) fn control_plane(&self, cluster: &Entity) -> ControlPlane {
        let scheduler = cluster.child("scheduler");
        let etcd = cluster.child("etcd");
        ControlPlane {
            api_server: cluster
                .child("api-server")
                .map(|entity| self.api_server(entity))
                .unwrap_or_default(),
            controller_manager: self.component(cluster.child("controller-manager")),
            scheduler: self.component(scheduler),
            scheduler_config: self.brought(scheduler, "scheduler", "config"),
            etcd: self.component(etcd),
            external_etcd: etcd
                .and_then(|etcd| etcd.child("external"))
                .and_then(|external| self.external(external)),
            snapshots: etcd
                .and_then(|etcd| etcd.child("snapshots"))
                .and_then(|snapshots| self.snapshots(snapshots)),
            renew: self
                .view(cluster.child("certificates"), "certificates")
                .and_then(|view| view.text("renew")),
        }
    }

    fn view<'b>(&'b self, entity: Option<&'b Entity>, kind: &str) -> Option<View<'b>> {
        Some(View::new(Some(entity?), self.spec.blocks.get(kind)?))
    }

    fn api_server(&self, entity: &Entity) -> ApiServer {
        let admission = entity.child("admission");
        let plugins = |which: &str| {
            self.view(admission, "admission")
                .map(|view| view.texts(which))
                .unwrap_or_default()
        };
        ApiServer {
            component: self.component(Some(entity)),
            enable: plugins("enable"),
            disable: plugins("disable"),
            admission_config: self.brought(admission, "admission", "config"),
            audit: entity.child("audit").and_then(|audit| {
                Some(Audit {
                    head: audit.head,
                    policy: self.brought(Some(audit), "audit", "policy"),
                    size: self.view(Some(audit), "audit")?.size("size"),
                })
            }),
            oidc_ca: self.brought(entity.child("oidc"), "oidc", "ca"),
            encryption: self
                .view(entity.child(ENCRYPTION), ENCRYPTION)
                .map(|view| Encryption {
                    key: view.secret("key"),
                    provider: view.text("provider"),
                    resources: view.texts("resources"),
                }),
        }
    }

    /// The `authority` blocks, and the files that they name.
    pub(super) fn authorities(&self, cluster: &Entity) -> Vec<Authority> {
        let read = |entity: &Entity| {
            Some(Authority {
                name: entity.named()?,
                ca: self.brought(Some(entity), "authority", "ca")?,
            })
        };
        cluster.children("authority").filter_map(read).collect()
    }

    /// The `registry` blocks, and the files that they name.
    pub(super) fn registries(&self, cluster: &Entity) -> Vec<Registry> {
        let read = |entity: &Entity| {
            let view = self.view(Some(entity), "registry")?;
            Some(Registry {
                head: entity.head,
                name: entity.named()?,
                mirrors: view.texts("mirrors"),
                ca: self.brought(Some(entity), "registry", "ca"),
                insecure: view.boolean("insecure"),
                login: view.secret("login"),
                says: ["mirrors", "ca", "login"]
                    .iter()
                    .any(|name| entity.settings.contains_key(*name)),
            })
        };
        cluster.children("registry").filter_map(read).collect()
    }

    fn external(&self, entity: &Entity) -> Option<ExternalEtcd> {
        Some(ExternalEtcd {
            head: entity.head,
            ca: self.brought(Some(entity), "external", "ca"),
            cert: self.brought(Some(entity), "external", "cert"),
            key: self.view(Some(entity), "external")?.secret("key"),
        })
    }

    fn snapshots(&self, entity: &Entity) -> Option<Snapshots> {
        let view = self.view(Some(entity), "snapshots")?;
        Some(Snapshots {
            head: entity.head,
            every: view.duration("every"),
            keep: view.integer("keep"),
            to: view.path("to"),
        })
    }

    fn component(&self, entity: Option<&Entity>) -> Component {
        let Some(entity) = entity else {
            return Component::default();
        };
        Component {
            head: Some(entity.head),
            extra_args: self
                .view(entity.child("extra-args"), "extra-args")
                .map(|view| view.entries())
                .unwrap_or_default(),
            volumes: entity
                .children("volume")
                .filter_map(|volume| self.volume(volume))
                .collect(),
        }
    }

    fn volume(&self, entity: &Entity) -> Option<Volume> {
        let view = self.view(Some(entity), "volume")?;
        let path = |setting: &str| Some(view.path(setting)?.map(|path| path.to_string()));
        let host = path("host")?;
        Some(Volume {
            name: entity.named()?,
            mount: path("mount").unwrap_or_else(|| host.clone()),
            host,
            writable: view.boolean("writable"),
            kind: view.text("kind"),
        })
    }

    fn brought(&self, entity: Option<&Entity>, kind: &str, setting: &str) -> Option<Brought> {
        let path = self.view(entity, kind)?.path(setting)?;
        let text = self.reader.read(&self.folder.join(&path.value));
        Some(Brought {
            path,
            text: text.map(Arc::from),
        })
    }
}

const ENCRYPTION: &str = "encryption-at-rest";

/// Where kubeadm keeps etcd's data if nothing else is set (cmd/kubeadm/app/apis/kubeadm/v1beta4/defaults.go).
pub const ETCD_DATA: &str = "/var/lib/etcd";

impl Model {
    /// The folder of etcd's data on the control planes; none if etcd runs elsewhere.
    pub fn etcd_folder(&self) -> Option<Sourced<String>> {
        if self.cluster.control_plane.external_etcd.is_some() {
            return None;
        }
        let is_folder = |target: &Target| {
            matches!(target, Target::Field { kind, path }
                if kind == "ClusterConfiguration" && path == "etcd.local.dataDir")
        };
        let given = self.cluster.carried.iter();
        let given = given.rev().find(|one| is_folder(&one.target));
        let default = || {
            let origin = Origin::derived("kubeadm keeps etcd's data there", []);
            Sourced::new(ETCD_DATA.to_owned(), origin)
        };
        Some(given.map_or_else(default, |one| {
            one.value.clone().map(|value| value.argument())
        }))
    }
}

/// How often certificates are looked at, and renewed if one ends soon.
#[derive(Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// The word of the setting.
    pub word: &'static str,
    /// The most days from one look to the next.
    pub every: u64,
    /// One that ends within so many days is renewed.
    pub within: u64,
    /// When, as a line of a timer (systemd.timer(5), systemd.time(7)).
    pub calendar: &'static str,
    /// When, for people.
    pub said: &'static str,
}

/// All but `off`.
const RHYTHMS: &[Rhythm] = &[
    Rhythm {
        word: "weekly",
        every: 7,
        within: 30,
        calendar: "OnCalendar=Mon *-*-* 03:00:00",
        said: "every Monday at 3",
    },
    Rhythm {
        word: "monthly",
        every: 31,
        within: 90,
        calendar: "OnCalendar=*-*-01 03:00:00",
        said: "on the first of each month at 3",
    },
];

impl ControlPlane {
    /// How often certificates are renewed by themselves; nothing if they are not.
    pub fn rhythm(&self) -> Option<Sourced<&'static Rhythm>> {
        let renew = self.renew.as_ref()?;
        let found = RHYTHMS.iter().find(|one| one.word == renew.value)?;
        Some(Sourced::new(found, renew.origin.clone()))
    }
}
