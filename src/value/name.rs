//! Names: of hosts, machines, secrets, files, keys; each with the rule of the field it comes from.

use std::fmt;
use std::net::IpAddr;

use camino::Utf8PathBuf;

use super::{Bad, address::address};

/// A host with an optional port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// A DNS name in small letters, or an address.
    pub host: String,
    /// The port, where one is written.
    pub port: Option<u16>,
}

impl Endpoint {
    /// The host as an address, when it is one.
    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.host.contains(':'), self.port) {
            (_, None) => f.write_str(&self.host),
            (true, Some(port)) => write!(f, "[{}]:{port}", self.host),
            (false, Some(port)) => write!(f, "{}:{port}", self.host),
        }
    }
}

/// An Ethernet address in small letters with colons.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mac(pub String);

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a secret, never its value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretName(pub String);

/// An ISO 3166-1 code, two capital letters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Country(pub String);

/// A name of the time zone database, such as `Asia/Tokyo`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timezone(pub String);

/// The fingerprint of an OpenPGP key: 40 hexadecimal digits in capitals, without spaces.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub String);

/// A public SSH key as it stands in `authorized_keys`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SshKey {
    /// `ssh-ed25519`, ...
    pub algorithm: String,
    /// The key itself in base 64.
    pub key: String,
    /// What follows the key, often `user@host`.
    pub comment: String,
}

impl fmt::Display for SshKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.algorithm, self.key)?;
        if !self.comment.is_empty() {
            write!(f, " {}", self.comment)?;
        }
        Ok(())
    }
}

/// Whether `word` is an RFC 1123 label: up to 63 small letters, digits and `-`, with a letter or
/// digit at both ends.
pub fn is_label(word: &str) -> bool {
    label(word).is_ok()
}

pub(super) fn label(word: &str) -> Result<String, Bad> {
    if word.is_empty() {
        return Err(Bad::whole(word, "is empty"));
    }
    if let Some((at, wrong)) = word
        .char_indices()
        .find(|(_, c)| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-'))
    {
        let bad = Bad::part(
            at,
            at + wrong.len_utf8(),
            format!("is no machine name: `{wrong}` may not stand in it"),
        )
        .help("small letters, digits and `-` make a machine name");
        let meant = word.to_lowercase().replace('_', "-");
        return Err(if meant != word && label(&meant).is_ok() {
            bad.help(format!("write `{meant}`"))
        } else {
            bad
        });
    }
    if word.starts_with('-') || word.ends_with('-') {
        return Err(Bad::whole(
            word,
            "is no machine name: it begins or ends with `-`",
        ));
    }
    if word.len() > 63 {
        return Err(Bad::part(
            63,
            word.len(),
            format!(
                "is too long for a machine name: {} characters, and 63 fit",
                word.len()
            ),
        ));
    }
    Ok(word.to_owned())
}

/// The name of an object or a namespace: the same rule as for machines, in other words.
pub(super) fn dns_label(word: &str) -> Result<String, Bad> {
    label(word).map_err(|mut bad| {
        bad.why = bad.why.replace("machine name", "DNS label");
        bad.help = bad
            .help
            .map(|help| help.replace("machine name", "DNS label"));
        bad
    })
}

pub(super) fn host(word: &str) -> Result<String, Bad> {
    if word.contains(':') || word.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return address(word).map(|address| address.to_string());
    }
    let lower = word.to_ascii_lowercase();
    if lower.len() > 253 {
        return Err(Bad::whole(
            word,
            "is too long for a host name: 253 characters fit",
        ));
    }
    let mut at = 0;
    for part in lower.split('.') {
        if let Err(mut bad) = label(part) {
            bad.why = bad
                .why
                .replace("machine name", "host name")
                .replace("is empty", "has an empty part between two dots");
            bad.help = None;
            return Err(bad.shifted(at));
        }
        at += part.len() + 1;
    }
    Ok(lower)
}

pub(super) fn endpoint(word: &str) -> Result<Endpoint, Bad> {
    if let Some(scheme) = word.find("://") {
        return Err(Bad::part(
            0,
            scheme + 3,
            "begins with a scheme, and only host[:port] is wanted",
        )
        .help(format!("write `{}`", &word[scheme + 3..])));
    }
    let port = |text: &str, at: usize| super::quantity::port(text).map_err(|bad| bad.shifted(at));
    if let Some(rest) = word.strip_prefix('[') {
        let Some((inside, after)) = rest.split_once(']') else {
            return Err(Bad::whole(word, "lacks the closing bracket"));
        };
        let host = address(inside).map_err(|bad| bad.shifted(1))?.to_string();
        return match after.strip_prefix(':') {
            Some(text) => Ok(Endpoint {
                host,
                port: Some(port(text, word.len() - text.len())?),
            }),
            None if after.is_empty() => Ok(Endpoint { host, port: None }),
            None => Err(Bad::part(
                word.len() - after.len(),
                word.len(),
                "should be a port after `:`",
            )),
        };
    }
    match word.split_once(':') {
        Some((name, text)) if !text.contains(':') => Ok(Endpoint {
            host: host(name)?,
            port: Some(port(text, name.len() + 1)?),
        }),
        _ => Ok(Endpoint {
            host: host(word)?,
            port: None,
        }),
    }
}

pub(super) fn name(word: &str) -> Result<String, Bad> {
    if word.is_empty() {
        return Err(Bad::whole(word, "is empty"));
    }
    if let Some((at, wrong)) = word
        .char_indices()
        .find(|(_, c)| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
    {
        return Err(Bad::part(
            at,
            at + wrong.len_utf8(),
            format!("is no name: `{wrong}` may not stand in it"),
        )
        .help("letters, digits, `-`, `_` and `.` make a name"));
    }
    if word.starts_with(['-', '.']) {
        return Err(Bad::part(0, 1, "is no name: it begins with a sign"));
    }
    if word.len() > 63 {
        return Err(Bad::part(
            63,
            word.len(),
            "is too long for a name: 63 characters fit",
        ));
    }
    Ok(word.to_owned())
}

pub(super) fn path(word: &str) -> Result<Utf8PathBuf, Bad> {
    if word.is_empty() {
        return Err(Bad::whole(word, "is empty, and a path is wanted here"));
    }
    Ok(Utf8PathBuf::from(word))
}

pub(super) fn url(word: &str) -> Result<String, Bad> {
    let rest = ["https://", "http://", "file://"]
        .iter()
        .find_map(|scheme| word.strip_prefix(scheme));
    let Some(rest) = rest else {
        return Err(Bad::whole(
            word,
            "is no address of a repository: it begins with none of https://, http://, file://",
        ));
    };
    if rest.is_empty() {
        return Err(Bad::whole(word, "names no host"));
    }
    if let Some(at) = word.find(|c: char| !c.is_ascii_graphic() || "\"'<>\\^`{|}".contains(c)) {
        let wrong = word[at..].chars().next().map_or(1, char::len_utf8);
        return Err(Bad::part(at, at + wrong, "may not stand in a web address"));
    }
    Ok(word.to_owned())
}

pub(super) fn mac(word: &str) -> Result<Mac, Bad> {
    let plain: String = word
        .chars()
        .map(|c| {
            if c == '-' {
                ':'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    let parts: Vec<&str> = plain.split(':').collect();
    let fine = parts.len() == 6
        && parts
            .iter()
            .all(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit()));
    if fine {
        Ok(Mac(plain))
    } else {
        Err(Bad::whole(word, "is no Ethernet address")
            .help("write six pairs of hexadecimal digits: `dc:a6:32:01:02:03`"))
    }
}

pub(super) fn secret(word: &str) -> Result<SecretName, Bad> {
    let Some(found) = word.strip_prefix("secret:") else {
        return Err(Bad::whole(
            word,
            "stands in clear text, and a secret is only ever named in a spec",
        )
        .help("write `secret:NAME` and give its value with PIKC_SECRET_NAME or --secrets FILE"));
    };
    if found.is_empty() {
        return Err(Bad::whole(word, "names no secret").help("write `secret:NAME`"));
    }
    if let Some((at, wrong)) = found
        .char_indices()
        .find(|(_, c)| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-'))
    {
        return Err(Bad::part(
            7 + at,
            7 + at + wrong.len_utf8(),
            "may not stand in the name of a secret",
        )
        .help("small letters, digits and `-` make the name of a secret"));
    }
    Ok(SecretName(found.to_owned()))
}

pub(super) fn code(word: &str) -> Result<String, Bad> {
    let part_ok = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    match word.split_once('/') {
        Some((family, name)) if part_ok(family) && part_ok(name) => Ok(word.to_owned()),
        _ => Err(Bad::whole(word, "is no diagnostic code")
            .help("codes look like `swap/kubelet-refuses`; `pikc explain` lists them")),
    }
}

pub(super) fn country(word: &str) -> Result<Country, Bad> {
    if word.len() == 2 && word.bytes().all(|b| b.is_ascii_uppercase()) {
        return Ok(Country(word.to_owned()));
    }
    let bad = Bad::whole(
        word,
        "is no country code: two capital letters are wanted (ISO 3166-1)",
    );
    let upper = word.to_ascii_uppercase();
    Err(
        if upper.len() == 2 && upper.bytes().all(|b| b.is_ascii_uppercase()) {
            bad.help(format!("write `{upper}`")).instead(upper)
        } else {
            bad.help("write `JP`, `DE`, `US`, ...")
        },
    )
}

pub(super) fn timezone(word: &str) -> Result<Timezone, Bad> {
    let part_ok = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
    };
    if word.split('/').count() <= 3 && word.split('/').all(part_ok) {
        Ok(Timezone(word.to_owned()))
    } else {
        Err(Bad::whole(word, "is no time zone")
            .help("write a name of the time zone database: `Asia/Tokyo`, `Europe/Berlin`, `UTC`"))
    }
}

pub(super) fn ssh_key(word: &str) -> Result<SshKey, Bad> {
    const ALGORITHMS: &[&str] = &[
        "ssh-ed25519",
        "ssh-rsa",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
    ];
    if word.contains("PRIVATE KEY") {
        return Err(Bad::whole(
            word,
            "is a private key, which must never leave its owner's machine",
        )
        .help("use the one line of the file that ends in .pub"));
    }
    let mut pieces = word.splitn(3, ' ');
    let algorithm = pieces.next().unwrap_or_default();
    let key = pieces.next().unwrap_or_default();
    let comment = pieces.next().unwrap_or_default();
    if !ALGORITHMS.contains(&algorithm) {
        return Err(Bad::part(
            0,
            algorithm.len(),
            "is no public SSH key: it begins with no known kind of key",
        )
        .help("copy the one line of a .pub file: `ssh-ed25519 AAAA... you@laptop`"));
    }
    let at = algorithm.len() + 1;
    let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    if key.len() < 16 || !key.starts_with("AAAA") || !key.bytes().all(base64) {
        return Err(Bad::part(
            at,
            at + key.len(),
            "is no public SSH key: the second word is not one in base 64 that begins with AAAA",
        )
        .help("copy the one line of a .pub file whole"));
    }
    Ok(SshKey {
        algorithm: algorithm.to_owned(),
        key: key.to_owned(),
        comment: comment.trim().to_owned(),
    })
}

pub(super) fn fingerprint(word: &str) -> Result<Fingerprint, Bad> {
    let plain: String = word
        .chars()
        .filter(|c| *c != ' ')
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if plain.len() == 40 && plain.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(Fingerprint(plain))
    } else {
        Err(Bad::whole(
            word,
            "is no fingerprint: 40 hexadecimal digits are wanted",
        ))
    }
}

pub(super) fn label_key(word: &str) -> Result<String, Bad> {
    let (prefix, found) = match word.split_once('/') {
        Some((prefix, found)) => (Some(prefix), found),
        None => (None, word),
    };
    if let Some(prefix) = prefix {
        host(prefix)?;
    }
    let at = word.len() - found.len();
    if !is_qualified(found) {
        return Err(Bad::part(at, word.len(), "is no label key").help(
            "up to 63 letters, digits, `-`, `_`, `.`, with a letter or digit at both ends; a DNS name and `/` may stand before",
        ));
    }
    Ok(word.to_owned())
}

/// The value of a label; it may be empty.
pub(super) fn label_value(word: &str) -> Result<String, Bad> {
    if word.is_empty() || is_qualified(word) {
        return Ok(word.to_owned());
    }
    Err(Bad::whole(word, "is no value of a label").help(
        "up to 63 letters, digits, `-`, `_`, `.`, with a letter or digit at both ends; or \"\"",
    ))
}

/// What Kubernetes calls a qualified name: the part of a label's key behind the `/`, and its value.
fn is_qualified(word: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    word.len() <= 63
        && ends(word.chars().next())
        && ends(word.chars().last())
        && word.bytes().all(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_code_is_no_name() {
        for hostile in ["$(reboot)", "a;b", "a b", "../x", "-rf", "a\nb", ""] {
            assert!(label(hostile).is_err(), "{hostile:?}");
            assert!(name(hostile).is_err(), "{hostile:?}");
            assert!(host(hostile).is_err(), "{hostile:?}");
            assert!(dns_label(hostile).is_err(), "{hostile:?}");
            assert!(
                hostile.is_empty() || label_value(hostile).is_err(),
                "{hostile:?}"
            );
        }
    }

    #[test]
    fn names_of_objects_and_values_of_labels_have_kubernetes_rules() {
        assert!(dns_label("web-2").is_ok());
        let bad = dns_label("Web").expect_err("a capital");
        assert!(bad.why.contains("DNS label"), "{}", bad.why);
        assert_eq!(bad.help.as_deref(), Some("write `web`"));
        let long = "a".repeat(64);
        assert!(dns_label(&long).is_err() && dns_label(&long[1..]).is_ok());
        for fine in ["", "front", "V1.2_x", "0"] {
            assert!(label_value(fine).is_ok(), "{fine:?}");
        }
        for wrong in ["-a", "a-", "a/b", "front end", long.as_str()] {
            assert!(label_value(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn endpoints_keep_hosts_and_ports_apart() {
        assert_eq!(
            endpoint("k8s.home.arpa:6443").map(|e| e.to_string()),
            Ok("k8s.home.arpa:6443".to_owned())
        );
        assert_eq!(
            endpoint("10.0.0.1").map(|e| (e.address(), e.port)),
            Ok(("10.0.0.1".parse().ok(), None))
        );
        assert!(endpoint("https://10.0.0.1").is_err());
        assert!(endpoint("10.0.0.1:70000").is_err());
    }

    #[test]
    fn a_secret_is_never_a_value() {
        assert!(secret("hunter2").is_err());
        assert_eq!(secret("secret:wifi"), Ok(SecretName("wifi".to_owned())));
    }

    #[test]
    fn only_public_keys_pass() {
        assert!(ssh_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample you@laptop").is_ok());
        assert!(ssh_key("-----BEGIN OPENSSH PRIVATE KEY-----").is_err());
        assert!(ssh_key("ssh-ed25519 $(reboot)xxxxxxxxxxx").is_err());
    }
}
