//! Keys of the control plane: whether a secret's value is such a key can be checked only once it is given.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;
use crate::origin::Sourced;
use crate::secret::Secret;
use crate::value::SecretName;

declare! {
    /// The key of `encryption-at-rest` is binary, and its configuration holds it in base64: 32 bytes for `secretbox`, 16, 24 or 32
    /// for `aescbc` and `aesgcm`. With anything else the API server ends at its start. A key that a person made up is not random, and
    /// most do not have the right length: `head -c 32 /dev/urandom | base64` makes one.
    ///
    /// The value is not in the spec, so `check` cannot know it: `compile`, `diff` and `card` report this, and never the value.
    pub static ENCRYPTION = {
        code: "secret/encryption-key",
        since: "0.1.0",
        severity: Error,
        title: "an encryption key that the API server does not accept",
        help: "make a key: `head -c 32 /dev/urandom | base64`",
        no_edit: "secrets are never in the spec",
        sources: ["kubernetes/kubernetes: staging/src/k8s.io/apiserver/pkg/apis/apiserver/validation/validation_encryption.go"],
    }

    /// The API server identifies itself to an external etcd by a certificate and the private key of it, which is PEM: it begins with
    /// `-----BEGIN PRIVATE KEY-----` (or `EC` or `RSA` in front of `PRIVATE`), and has several lines. A variable can hold them
    /// (`PIKC_SECRET_NAME="$(cat client.key)"`); in a secrets file that takes JSON, with `\n` for each line break. A key that is
    /// protected by a passphrase cannot be used: the API server has no one to ask.
    ///
    /// The value is not in the spec, so `check` cannot know it: `compile`, `diff` and `card` report this, and never the value.
    pub static PRIVATE = {
        code: "secret/private-key",
        since: "0.1.0",
        severity: Error,
        title: "a secret that is not the private key that is wanted",
        help: "set it to the PEM text of the key: PIKC_SECRET_NAME=\"$(cat client.key)\"",
        no_edit: "secrets are never in the spec",
        sources: ["RFC 7468", "crypto/tls: X509KeyPair"],
    }

    /// `login` of `registry` is an account and its password, as one text with a colon between them: `ops:correct horse`. The account has no
    /// colon; the password can have any. An access token takes the place of the password.
    ///
    /// The value is not in the spec, so `check` cannot know it: `compile`, `diff` and `card` report this, and never the value.
    pub static LOGIN = {
        code: "secret/login",
        since: "0.1.0",
        severity: Error,
        title: "a login that is not an account and a password",
        help: "set it to `ACCOUNT:PASSWORD`",
        no_edit: "secrets are never in the spec",
        sources: ["containers-auth.json(5)", "containerd/containerd docs/cri/registry.md"],
    }
}

pub(in crate::cli) static CODES: &[&Descriptor] = &[&ENCRYPTION, &PRIVATE, &LOGIN];

/// A finding for each secret whose value cannot be the key that it is used as.
pub(in crate::cli) fn wrong(
    model: &Model,
    values: &BTreeMap<SecretName, Secret>,
) -> Vec<Diagnostic> {
    let control_plane = &model.cluster.control_plane;
    let encryption = control_plane.api_server.encryption.as_ref();
    let provider = encryption.and_then(|found| found.provider.as_ref());
    let provider = provider.map_or("secretbox", |provider| provider.value.as_str());
    let etcd = control_plane.external_etcd.as_ref();
    let finding = |code: &'static Descriptor, key: &Sourced<SecretName>, why: String, what| {
        let message = format!("the value of secret `{}` {why}", key.value.0);
        Diagnostic::new(code, message).label(key, what)
    };
    let mut found = Vec::new();
    let given =
        |key: &Sourced<SecretName>| values.get(&key.value).map(|value| value.expose().trim());
    if let Some(key) = encryption.and_then(|encryption| encryption.key.as_ref())
        && let Some(why) = given(key).and_then(|value| encryption_key(value, provider))
    {
        found.push(finding(&ENCRYPTION, key, why, "the encryption key"));
    }
    if let Some(key) = etcd.and_then(|etcd| etcd.key.as_ref())
        && let Some(why) = given(key).and_then(private_key)
    {
        found.push(finding(&PRIVATE, key, why, "the API server's key for etcd"));
    }
    let logins = model.cluster.registries.iter();
    for login in logins.filter_map(|registry| registry.login.as_ref()) {
        if let Some(why) = given(login).and_then(account) {
            found.push(finding(&LOGIN, login, why, "an account at a registry"));
        }
    }
    found
}

/// What is wrong with a login, without quoting any of it.
fn account(value: &str) -> Option<String> {
    match value.split_once(':') {
        None => Some("has no colon between an account and a password".to_owned()),
        Some(("", _)) => Some("begins with a colon, so it has no account".to_owned()),
        Some((_, "")) => Some("ends with its first colon, so it has no password".to_owned()),
        Some(_) => None,
    }
}

/// What is wrong with an encryption key, without quoting any of it.
fn encryption_key(value: &str, provider: &str) -> Option<String> {
    let sizes: &[usize] = match provider {
        "secretbox" => &[32],
        _ => &[16, 24, 32],
    };
    let Ok(bytes) = STANDARD.decode(value) else {
        return Some("is not base64".to_owned());
    };
    let wanted: Vec<String> = sizes.iter().map(usize::to_string).collect();
    (!sizes.contains(&bytes.len())).then(|| {
        format!(
            "has {} bytes, and a key of {provider} has {}",
            bytes.len(),
            wanted.join(", ")
        )
    })
}

/// What is wrong with a private key, without quoting any of it.
fn private_key(value: &str) -> Option<String> {
    let mut lines = value.lines().map(str::trim);
    let kinds = ["", "EC ", "RSA "];
    let begins = |line: &str| {
        kinds
            .iter()
            .find(|kind| line == format!("-----BEGIN {kind}PRIVATE KEY-----"))
    };
    let kind = match value.lines().map(str::trim).find_map(begins) {
        Some(kind) => kind,
        None if value.contains("ENCRYPTED") => {
            return Some("is a key that is protected by a passphrase".to_owned());
        }
        None if value.contains("-----BEGIN CERTIFICATE-----") => {
            return Some("is a certificate, not a private key".to_owned());
        }
        None => return Some("is not a private key in PEM".to_owned()),
    };
    let end = format!("-----END {kind}PRIVATE KEY-----");
    lines.find(|line| begins(line).is_some())?;
    let mut body = String::new();
    for line in lines {
        if line == end {
            let whole = STANDARD.decode(&body).is_ok_and(|bytes| !bytes.is_empty());
            return (!whole).then(|| "is a damaged private key".to_owned());
        }
        // Headers of older tools: `Proc-Type: 4,ENCRYPTED`.
        if line.contains("ENCRYPTED") {
            return Some("is a key that is protected by a passphrase".to_owned());
        }
        body.push_str(line);
    }
    Some("is a private key that is cut off".to_owned())
}

/// Whether a value is PEM, the one kind of secret that has several lines: printable characters and line breaks, from the first
/// `-----BEGIN` to an `-----END`.
pub(super) fn is_pem(value: &str) -> bool {
    value.trim_start().starts_with("-----BEGIN ")
        && value.contains("\n-----END ")
        && value
            .chars()
            .all(|c| c == '\n' || c == ' ' || c.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_encryption_keys() {
        let key = |size: usize| STANDARD.encode(vec![7; size]);
        assert_eq!(encryption_key(&key(32), "secretbox"), None);
        assert_eq!(encryption_key(&key(16), "aesgcm"), None);
        assert_eq!(encryption_key(&key(24), "aescbc"), None);
        for (value, provider, why) in [
            (
                key(16),
                "secretbox",
                "has 16 bytes, and a key of secretbox has 32",
            ),
            (
                key(31),
                "aescbc",
                "has 31 bytes, and a key of aescbc has 16, 24, 32",
            ),
            ("correct horse".to_owned(), "secretbox", "is not base64"),
        ] {
            assert_eq!(encryption_key(&value, provider).as_deref(), Some(why));
        }
    }

    #[test]
    fn logins() {
        for fine in ["ops:x", "a@b:c:d e"] {
            assert_eq!(account(fine), None, "{fine}");
        }
        for wrong in ["ops", ":x", "ops:", ""] {
            assert!(account(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn private_keys() {
        let pem = |kind: &str, body: &str| {
            format!("-----BEGIN {kind}-----\n{body}\n-----END {kind}-----")
        };
        for kind in ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"] {
            assert_eq!(private_key(&pem(kind, "AAAA\nBBBB")), None);
        }
        for (value, why) in [
            (
                pem("CERTIFICATE", "AAAA"),
                "is a certificate, not a private key",
            ),
            (
                pem("ENCRYPTED PRIVATE KEY", "AAAA"),
                "is a key that is protected by a passphrase",
            ),
            (pem("PRIVATE KEY", "A*"), "is a damaged private key"),
            (pem("PRIVATE KEY", ""), "is a damaged private key"),
            (
                "-----BEGIN PRIVATE KEY-----\nAAAA".to_owned(),
                "is a private key that is cut off",
            ),
            ("secret".to_owned(), "is not a private key in PEM"),
        ] {
            assert_eq!(private_key(&value).as_deref(), Some(why));
        }
    }

    #[test]
    fn only_pem_has_lines() {
        assert!(is_pem(
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
        ));
        for other in [
            "one\ntwo",
            "-----BEGIN X\n",
            "-----BEGIN A-----\n\u{1b}[31m\n-----END A-----",
            "-----BEGIN A-----\r\n-----END A-----",
        ] {
            assert!(!is_pem(other), "{other:?}");
        }
    }
}
