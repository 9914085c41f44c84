//! Names of machines, secrets, codes and keys, each with the rule of its domain.

use serde::{Deserialize, Serialize};

use super::Bad;

/// The name of a secret, never its value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SecretName(pub String);

impl SecretName {
    /// The environment variable that holds its value: `PIKC_SECRET_WIFI`.
    pub fn variable(&self) -> String {
        let upper = self.0.to_uppercase().replace(['-', '.'], "_");
        format!("PIKC_SECRET_{upper}")
    }
}

/// The fingerprint of an OpenPGP key: 40 hexadecimal digits in capitals, without spaces.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fingerprint(pub String);

/// Whether `word` can name a machine: an RFC 1123 label (up to 63 lowercase letters, digits and `-`, with a letter or
/// digit at both ends) that is not reserved.
pub fn is_label(word: &str) -> bool {
    machine(word).is_ok()
}

/// The name of a machine: a label that is not reserved. `/etc/hosts` of Debian and Ubuntu assigns these to the machine itself
/// (RFC 6761, section 6.3, for the first): on every machine, such a name would not lead to the node.
pub(super) fn machine(word: &str) -> Result<String, Bad> {
    const RESERVED: [&str; 5] = [
        "localhost",
        "ip6-localhost",
        "ip6-loopback",
        "ip6-allnodes",
        "ip6-allrouters",
    ];
    if RESERVED.contains(&word) {
        return Err(Bad::whole(
            word,
            "is not a machine name: every machine uses it for itself",
        )
        .help("give the machine a name of its own"));
    }
    let word = label(word)?;
    let digits = word.strip_prefix("0x").map_or_else(
        || word.bytes().all(|b| b.is_ascii_digit()),
        |hex| hex.bytes().all(|b| b.is_ascii_hexdigit()),
    );
    if digits {
        // inet_aton(3), and getaddrinfo(3) with it.
        return Err(Bad::whole(
            &word,
            "is not a machine name: the system reads such a number as an address",
        )
        .help(format!("put a letter in front: `node{word}`")));
    }
    Ok(word)
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
            format!("is not a machine name: it contains `{wrong}`"),
        )
        .help("a machine name consists of lowercase letters, digits and `-`");
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
            "is not a machine name: it begins or ends with `-`",
        ));
    }
    if word.len() > 63 {
        return Err(Bad::part(
            63,
            word.len(),
            format!(
                "is too long for a machine name: {} characters, at most 63 are allowed",
                word.len()
            ),
        ));
    }
    Ok(word.to_owned())
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
            format!("is not a name: it contains `{wrong}`"),
        )
        .help("a name consists of letters, digits, `-`, `_` and `.`"));
    }
    if word.starts_with(['-', '.']) {
        return Err(Bad::part(0, 1, "is not a name: it begins with `-` or `.`"));
    }
    if word.len() > 63 {
        return Err(Bad::part(
            63,
            word.len(),
            "is too long for a name: at most 63 characters are allowed",
        ));
    }
    Ok(word.to_owned())
}

pub(super) fn secret(word: &str) -> Result<SecretName, Bad> {
    let Some(found) = word.strip_prefix("secret:") else {
        return Err(
            Bad::whole(word, "is in clear text, but a spec may only name a secret").help(
                "write `secret:NAME` and pass its value with PIKC_SECRET_NAME or --secrets FILE",
            ),
        );
    };
    if found.is_empty() {
        return Err(Bad::whole(word, "does not name a secret").help("write `secret:NAME`"));
    }
    if let Some((at, wrong)) = found
        .char_indices()
        .find(|(_, c)| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-'))
    {
        return Err(Bad::part(
            7 + at,
            7 + at + wrong.len_utf8(),
            "contains a character that is not allowed in the name of a secret",
        )
        .help("the name of a secret consists of lowercase letters, digits and `-`"));
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
        _ => Err(Bad::whole(word, "is not a diagnostic code")
            .help("codes look like `swap/kubelet-refuses`; `pikc explain` lists them")),
    }
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
            "is not a fingerprint: it must be 40 hexadecimal digits",
        ))
    }
}

pub(super) fn sha256(word: &str) -> Result<String, Bad> {
    let fine = word.len() == 64
        && word
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'));
    match fine {
        true => Ok(word.to_owned()),
        false => Err(Bad::whole(
            word,
            "is not a SHA-256: it must be 64 hexadecimal digits in lowercase",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_code_is_not_a_name() {
        for hostile in ["$(reboot)", "a;b", "a b", "../x", "-rf", "a\nb", ""] {
            assert!(label(hostile).is_err(), "{hostile:?}");
            assert!(name(hostile).is_err(), "{hostile:?}");
        }
    }

    #[test]
    fn a_reserved_name_is_not_a_machine_name() {
        assert!(machine("localhost").is_err());
        assert!(machine("ip6-loopback").is_err());
        assert!(machine("1").is_err() && machine("0x7f").is_err());
        assert_eq!(machine("local"), Ok("local".to_owned()));
        assert_eq!(machine("0xg"), Ok("0xg".to_owned()));
    }

    #[test]
    fn a_secret_is_never_a_value() {
        assert!(secret("hunter2").is_err());
        assert_eq!(secret("secret:wifi"), Ok(SecretName("wifi".to_owned())));
    }
}
