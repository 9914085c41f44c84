//! `authorized_keys`: a public key on each line, followed by a remark (sshd(8)). A line that begins with anything but a kind of key has
//! options in front of it (`command="..."`), which sshd obeys.

use super::{Format, Unfit, Writer, word};
use crate::origin::Origin;
use crate::value::SshKey;

/// The format.
#[derive(Clone, Debug)]
pub struct AuthorizedKeys;

impl Format for AuthorizedKeys {
    const NAME: &'static str = "authorized_keys";
}

impl Writer<AuthorizedKeys> {
    /// One key.
    pub fn key(&mut self, key: &SshKey, origins: impl IntoIterator<Item = Origin>) {
        self.put(self::key(key), origins);
    }
}

fn key(key: &SshKey) -> Result<String, Unfit> {
    const KINDS: &[&str] = &["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"];
    let kind = word::word(
        &key.algorithm,
        "a kind of SSH key",
        "lowercase letters, digits, `-`, `.` and `@`",
        |c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.@".contains(c),
    )?;
    if !KINDS.iter().any(|begin| kind.starts_with(begin)) {
        return Err(Unfit::new("does not begin with a kind of SSH key"));
    }
    let bytes = word::word(&key.key, "an SSH key", "base 64", |c| {
        c.is_ascii_alphanumeric() || "+/=".contains(c)
    })?;
    let remark = word::line(&key.comment)?.trim();
    Ok(match remark.is_empty() {
        true => format!("{kind} {bytes}"),
        false => format!("{kind} {bytes} {remark}"),
    })
}
