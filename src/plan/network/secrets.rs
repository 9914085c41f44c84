//! The secrets that a network needs, and the keys that are derived from them.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use crate::secret::Secret;
use crate::value::SecretName;

/// The secrets that have values, the keys derived from them, and what is left out because one is missing.
pub(in crate::plan) struct Secrets<'a> {
    given: &'a BTreeMap<SecretName, Secret>,
    /// By secret and network name: 4,096 rounds for each node would take minutes for a large cluster.
    keys: BTreeMap<(SecretName, String), String>,
    missing: BTreeMap<SecretName, Vec<Utf8PathBuf>>,
}

impl<'a> Secrets<'a> {
    pub(in crate::plan) fn new(given: &'a BTreeMap<SecretName, Secret>) -> Self {
        Self {
            given,
            keys: BTreeMap::new(),
            missing: BTreeMap::new(),
        }
    }

    /// The value of a secret, if someone gave it.
    pub(in crate::plan) fn value(&self, name: &SecretName) -> Option<&'a str> {
        self.given.get(name).map(Secret::expose)
    }

    /// The key of a Wi-Fi network as WPA2 derives it from passphrase and name (PBKDF2 of HMAC-SHA1,
    /// 4,096 rounds, 32 bytes; IEEE 802.11-2020 J.4), so that the passphrase itself is in no file.
    /// A value of 64 hexadecimal digits is such a key already.
    pub(super) fn wifi_key(&mut self, name: &SecretName, ssid: &str) -> Option<String> {
        let passphrase = self.given.get(name)?.expose();
        let is_key = passphrase.len() == 64 && passphrase.bytes().all(|b| b.is_ascii_hexdigit());
        if is_key {
            return Some(passphrase.to_ascii_lowercase());
        }
        let key = self
            .keys
            .entry((name.clone(), ssid.to_owned()))
            .or_insert_with(|| {
                let mut key = [0_u8; 32];
                pbkdf2::pbkdf2_hmac::<sha1::Sha1>(
                    passphrase.as_bytes(),
                    ssid.as_bytes(),
                    4096,
                    &mut key,
                );
                hex(&key)
            });
        Some(key.clone())
    }

    /// Notes that a file is left out because a secret is missing.
    pub(in crate::plan) fn lacks(&mut self, name: &SecretName, path: Utf8PathBuf) {
        self.missing.entry(name.clone()).or_default().push(path);
    }

    /// What was left out, by the secret that it needs.
    pub(in crate::plan) fn missing(self) -> BTreeMap<SecretName, Vec<Utf8PathBuf>> {
        self.missing
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
