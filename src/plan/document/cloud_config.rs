//! What cloud-init reads: user-data and meta-data.
//!
//! cloud-init handles only identity: accounts with their keys, the host name, the time
//! zone. Everything else comes in the bundle, because a step can also undo what it did.

use serde::Serialize;

use crate::origin::Sourced;

/// user-data, as far as it is the same for all machines of a class. A machine's own files and its
/// name follow after the last key.
#[derive(Clone, Debug, Serialize)]
pub struct CloudConfig {
    /// The image's own account, renamed to one of the spec's, for images whose first boot asks for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Account>,
    /// The accounts to create. Without `default` among them, the image's own is not created.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<Entry>,
    /// Whether SSH accepts passwords.
    pub ssh_pwauth: bool,
    /// Whether /etc/hosts is rewritten at each boot: the nodes' names would be lost.
    pub manage_etc_hosts: bool,
    /// "false": cloud-init leaves the language alone. Left out, it generates one of its own choice, which
    /// a small image cannot (a warning at the first boot); a step sets the language that the spec asks for.
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
    /// No one can log in with a password.
    pub lock_passwd: bool,
    /// null removes what the image grants its own account: its rights are in a file of the bundle, where
    /// they can be withdrawn. Other accounts have none to remove, and cloud-init before 22 fails on a
    /// null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sudo: Option<Null>,
    /// Whose keys can log in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ssh_authorized_keys: Vec<Sourced<String>>,
}

/// An explicit null.
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
    /// How the content is encoded here; none for plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<&'static str>,
    /// What is in it.
    pub content: Sourced<String>,
}

/// meta-data.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct MetaData {
    /// What distinguishes this machine from others. With another id, everything that is done once for each
    /// instance is done again.
    pub instance_id: Sourced<String>,
    /// Its name.
    pub local_hostname: Sourced<String>,
}
