//! What cloud-init reads: user-data and meta-data.
//!
//! Only identity is cloud-init's own business: accounts with their keys, the host name, the time
//! zone. Everything else comes in the bundle, because a step can also take back what it made.

use serde::Serialize;

use crate::origin::Sourced;

/// user-data, as far as all machines of a class are told the same. A machine's own files and its
/// name follow behind the last key.
#[derive(Clone, Debug, Serialize)]
pub struct CloudConfig {
    /// The image's own account under a name of the spec's, for images whose first boot asks for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Account>,
    /// The accounts to make. Without `default` among them, the image's own is not made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<Entry>,
    /// Whether SSH takes passwords.
    pub ssh_pwauth: bool,
    /// Whether /etc/hosts is made anew at each boot: the nodes' names would be lost.
    pub manage_etc_hosts: bool,
    /// "false": cloud-init leaves the language alone. Left out, it generates one of its own choice, which
    /// a small image cannot (a warning at the first boot); the language that the spec asks for is a step's.
    pub locale: &'static str,
    /// The time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<Sourced<String>>,
    /// Run at each boot, early.
    pub bootcmd: Vec<Command>,
    /// Run once, at the end of the first boot.
    pub runcmd: Vec<Command>,
    /// Files, before the accounts are made. The last key: the machine's own follow.
    pub write_files: Vec<WriteFile>,
}

/// A command as its words.
pub type Command = Vec<String>;

/// One of several accounts.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Entry {
    /// The image's own: the word `default`.
    Own(&'static str),
    /// Another one.
    Account(Account),
}

/// An account.
#[derive(Clone, Debug, Serialize)]
pub struct Account {
    /// Its name.
    pub name: Sourced<String>,
    /// Further groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Sourced<String>>,
    /// Its shell.
    pub shell: &'static str,
    /// Nobody comes in by a password.
    pub lock_passwd: bool,
    /// null takes away what the image gives its own account: its rights are in a file of the bundle, where
    /// they can be taken back. Other accounts have none to take away, and cloud-init before 22 trips over a
    /// null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sudo: Option<Null>,
    /// Who comes in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ssh_authorized_keys: Vec<Sourced<String>>,
}

/// Nothing, said aloud.
#[derive(Clone, Copy, Debug)]
pub struct Null;

impl Serialize for Null {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

/// A file.
#[derive(Clone, Debug, Serialize)]
pub struct WriteFile {
    /// Where it goes.
    pub path: String,
    /// Its mode, as text: as a number it would be read as a decimal one.
    pub permissions: String,
    /// How the content is written here; none for plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<&'static str>,
    /// What is in it.
    pub content: Sourced<String>,
}

/// meta-data.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct MetaData {
    /// What tells this machine from others. Another id, and everything that is done once for each
    /// instance is done again.
    pub instance_id: Sourced<String>,
    /// Its name.
    pub local_hostname: Sourced<String>,
}
