//! What a secrets file holds, and its text: JSON, which is then encrypted as a whole.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{KeyPair, PublicKeyData as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::Secret;
use crate::value::{Date, SecretName};

/// The version of the format that this pikc writes.
const FORMAT: u32 = 1;

/// A secret that pikc makes for a cluster: what machines trust each other by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Own {
    /// The cluster's certificate authority.
    Ca,
    /// The authority of requests that the API server passes on to extensions.
    FrontProxyCa,
    /// etcd's authority.
    EtcdCa,
    /// The key pair that signs the tokens of service accounts.
    ServiceAccount,
    /// The token that machines join with.
    Token,
}

/// A machine, by what it needs of these secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The control plane that creates the cluster.
    First,
    /// A control plane that joins.
    Other,
    /// A worker.
    Worker,
}

impl Own {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Ca,
        Self::FrontProxyCa,
        Self::EtcdCa,
        Self::ServiceAccount,
        Self::Token,
    ];

    /// Its name. A slash cannot be in the name of a secret of a spec, so the two are never confused.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ca => "pki/ca",
            Self::FrontProxyCa => "pki/front-proxy-ca",
            Self::EtcdCa => "pki/etcd-ca",
            Self::ServiceAccount => "pki/service-account",
            Self::Token => "join/token",
        }
    }

    /// What it is, for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Ca => "the cluster's certificate authority",
            Self::FrontProxyCa => "the front proxy's certificate authority",
            Self::EtcdCa => "etcd's certificate authority",
            Self::ServiceAccount => "the key of service accounts",
            Self::Token => "the token that machines join with",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.name() == name)
    }

    /// The common name of its certificate, if it is an authority; kubeadm's own have the same.
    pub fn common_name(self) -> Option<&'static str> {
        match self {
            Self::Ca => Some("kubernetes"),
            Self::FrontProxyCa => Some("front-proxy-ca"),
            Self::EtcdCa => Some("etcd-ca"),
            Self::ServiceAccount | Self::Token => None,
        }
    }

    /// The files below kubeadm's folder of certificates: the public one and the private one.
    pub fn files(self) -> Option<[&'static str; 2]> {
        match self {
            Self::Ca => Some(["ca.crt", "ca.key"]),
            Self::FrontProxyCa => Some(["front-proxy-ca.crt", "front-proxy-ca.key"]),
            Self::EtcdCa => Some(["etcd/ca.crt", "etcd/ca.key"]),
            Self::ServiceAccount => Some(["sa.pub", "sa.key"]),
            Self::Token => None,
        }
    }

    /// The machines that get its value. A control plane that joins gets the authorities, too: kubeadm's own upload of them ends after two
    /// hours, and machines that join by themselves may be switched on days later.
    pub fn holders(self) -> &'static [Holder] {
        match self {
            Self::Ca | Self::FrontProxyCa | Self::EtcdCa | Self::ServiceAccount => {
                &[Holder::First, Holder::Other]
            }
            Self::Token => &[Holder::First, Holder::Other, Holder::Worker],
        }
    }
}

/// A value that is kept, and what is known about it.
#[derive(Clone)]
pub struct Held {
    /// The value.
    pub value: Secret,
    /// The day on which it was made or set.
    pub made: Date,
    /// The last day on which it is valid, if there is one.
    pub ends: Option<Date>,
    /// What belongs to it and is no secret: a certificate, a public key.
    pub public: Option<String>,
}

impl Held {
    /// Why the private key is not that of the public part; nothing if it is.
    pub fn unsound(&self) -> Option<&'static str> {
        let public = self.public.as_deref()?;
        let Ok(key) = KeyPair::from_pem(self.value.expose()) else {
            return Some("its private key cannot be read");
        };
        let Some(whole) = der(public) else {
            return Some("its certificate or public key cannot be read");
        };
        let own = key.subject_public_key_info();
        match whole.windows(own.len()).any(|part| part == own) {
            true => None,
            false => Some("its private key is another one than that of its certificate"),
        }
    }

    /// How kubeadm names an authority that is trusted: the SHA-256 of its public key (RFC 7469), `sha256:` and 64 digits.
    pub fn pin(&self) -> Option<String> {
        let key = KeyPair::from_pem(self.value.expose()).ok()?;
        let sum = Sha256::digest(key.subject_public_key_info());
        let digits: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        Some(format!("sha256:{digits}"))
    }
}

/// The bytes of the first block of a PEM text.
fn der(pem: &str) -> Option<Vec<u8>> {
    let inside = pem
        .lines()
        .map(str::trim)
        .skip_while(|line| !line.starts_with("-----BEGIN "))
        .skip(1)
        .take_while(|line| !line.starts_with("-----END "));
    STANDARD.decode(inside.collect::<String>()).ok()
}

/// The cluster's own secrets.
pub type Ring = BTreeMap<Own, Held>;

/// A ring for a tree of which only the files without secrets count.
pub fn made_up() -> Ring {
    let held = |own: Own| Held {
        value: Secret::from("not known here"),
        made: Date {
            year: 2000,
            month: 1,
            day: 1,
        },
        ends: None,
        public: own.files().map(|_| "not known here".to_owned()),
    };
    Own::ALL.into_iter().map(|own| (own, held(own))).collect()
}

/// What a secrets file holds.
#[derive(Clone)]
pub struct Vault {
    /// The cluster whose secrets these are.
    pub cluster: String,
    /// Who can open the file; empty if a passphrase opens it.
    pub recipients: Vec<String>,
    /// The cluster's own secrets.
    pub own: Ring,
    /// Those that the spec names.
    pub slots: BTreeMap<SecretName, Held>,
}

/// Why a text is not the content of a secrets file. None of these contains a piece of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAVault {
    /// It does not have the form; line and column.
    Form(usize, usize),
    /// A newer pikc wrote it, in this version of the format.
    Newer(u32),
    /// Something in it is not what it has to be: the name of the secret, and why.
    Wrong(String, &'static str),
}

impl fmt::Display for NotAVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(line, column) => write!(
                f,
                "its content is not that of a secrets file (line {line}, column {column} of it)"
            ),
            Self::Newer(format) => write!(
                f,
                "a newer pikc wrote it: its format is {format}, and this one reads {FORMAT}"
            ),
            Self::Wrong(name, why) => write!(f, "its secret `{name}` {why}"),
        }
    }
}

impl std::error::Error for NotAVault {}

#[derive(Serialize)]
struct Written<'a> {
    format: u32,
    cluster: &'a str,
    recipients: &'a [String],
    secrets: Vec<WrittenRow<'a>>,
}

#[derive(Serialize)]
struct WrittenRow<'a> {
    name: &'a str,
    made: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ends: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    public: Option<&'a str>,
    value: &'a str,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

#[derive(Deserialize)]
struct Page {
    cluster: String,
    recipients: Vec<String>,
    secrets: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    made: String,
    ends: Option<String>,
    public: Option<String>,
    value: Zeroizing<String>,
}

impl Vault {
    /// Reads the content of a secrets file.
    pub fn read(text: &Secret) -> Result<Self, NotAVault> {
        let form = |error: serde_json::Error| NotAVault::Form(error.line(), error.column());
        let head: Format = serde_json::from_str(text.expose()).map_err(form)?;
        if head.format > FORMAT {
            return Err(NotAVault::Newer(head.format));
        }
        let page: Page = serde_json::from_str(text.expose()).map_err(form)?;
        let mut vault = Self {
            cluster: page.cluster,
            recipients: page.recipients,
            own: Ring::new(),
            slots: BTreeMap::new(),
        };
        for row in page.secrets {
            let wrong = |why| NotAVault::Wrong(row.name.clone(), why);
            let day = |text: &str| text.parse::<Date>().map_err(|_| wrong("has a wrong date"));
            let held = Held {
                made: day(&row.made)?,
                ends: row.ends.as_deref().map(day).transpose()?,
                public: row.public.clone(),
                value: Secret::new(row.value.to_string()),
            };
            let before = match Own::named(&row.name) {
                Some(own) => vault.own.insert(own, held),
                None if row.name.contains('/') => {
                    return Err(wrong("is not one that this pikc knows"));
                }
                None => vault.slots.insert(SecretName(row.name.clone()), held),
            };
            if before.is_some() {
                return Err(wrong("is there twice"));
            }
        }
        Ok(vault)
    }

    /// The text to be encrypted.
    pub fn write(&self) -> Secret {
        let own = self.own.iter().map(|(own, held)| (own.name(), held));
        let slots = self
            .slots
            .iter()
            .map(|(name, held)| (name.0.as_str(), held));
        let page = Written {
            format: FORMAT,
            cluster: &self.cluster,
            recipients: &self.recipients,
            secrets: own
                .chain(slots)
                .map(|(name, held)| WrittenRow {
                    name,
                    made: held.made.to_string(),
                    ends: held.ends.map(|day| day.to_string()),
                    public: held.public.as_deref(),
                    value: held.value.expose(),
                })
                .collect(),
        };
        // Texts, numbers and lists: there is nothing that JSON cannot hold.
        Secret::new(serde_json::to_string_pretty(&page).unwrap_or_default())
    }
}
