//! Wi-Fi passphrases: their lengths can be checked only once their values are given.

use std::collections::BTreeMap;

use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;
use crate::secret::Secret;
use crate::source::Span;
use crate::value::SecretName;

declare! {
    /// A WPA2 or WPA3 passphrase has 8 to 63 ASCII characters. With any other value the machine never joins the network: the
    /// supplicant refuses its whole file, and without a wire the machine cannot be reached. 64 hexadecimal digits are not a
    /// passphrase but the key derived from one; they are used as they are.
    ///
    /// The value is not in the spec, so `check` cannot know it: `compile`, `diff` and `card` report this, and never the value.
    pub static LENGTH = {
        code: "secret/wifi-passphrase",
        since: "0.1.0",
        severity: Error,
        title: "a passphrase that no access point accepts",
        help: "set the passphrase of the network: 8 to 63 characters, or its key of 64 hexadecimal digits",
        no_edit: "secrets are never in the spec",
        sources: ["IEEE 802.11-2020 J.4", "hostap wpa_supplicant/wpa_supplicant.conf (psk)"],
    }
}

pub(in crate::cli) static CODES: &[&Descriptor] = &[&LENGTH];

/// A finding for each secret whose value cannot be the passphrase that it is used as.
pub(in crate::cli) fn wrong(
    model: &Model,
    values: &BTreeMap<SecretName, Secret>,
) -> Vec<Diagnostic> {
    let mut places: BTreeMap<&SecretName, Vec<Span>> = BTreeMap::new();
    for node in &model.nodes {
        for interface in &node.settings.interfaces {
            let named = interface
                .wifi
                .as_ref()
                .and_then(|wifi| wifi.passphrase.as_ref());
            if let Some(named) = named {
                let spans = places.entry(&named.value).or_default();
                spans.extend(named.origin.span().filter(|span| !spans.contains(span)));
            }
        }
    }
    let finding = |(name, spans): (&SecretName, Vec<Span>)| {
        let why = reason(values.get(name)?.expose())?;
        let finding = Diagnostic::new(&LENGTH, format!("the value of secret `{}` {why}", name.0));
        Some(spans.into_iter().fold(finding, |finding, span| {
            finding.label(span, "the passphrase of this network")
        }))
    };
    places.into_iter().filter_map(finding).collect()
}

/// What is wrong with a passphrase, without quoting any of it.
fn reason(value: &str) -> Option<String> {
    let count = value.chars().count();
    if count == 64 && value.chars().all(|c| c.is_ascii_hexdigit()) {
        return None;
    }
    if !value.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        return Some(
            "has a character that is not ASCII, which a passphrase cannot have".to_owned(),
        );
    }
    (!(8..=63).contains(&count)).then(|| match count {
        1 => "has 1 character, and a passphrase has 8 to 63".to_owned(),
        count => format!("has {count} characters, and a passphrase has 8 to 63"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_letters() {
        for good in [
            "12345678",
            &"x".repeat(63),
            &"aF0".repeat(22)[..64],
            "a b c d e f",
        ] {
            assert_eq!(reason(good), None, "{good}");
        }
        for (bad, why) in [
            ("1234567".to_owned(), "has 7 characters"),
            ("x".repeat(64), "has 64 characters"),
            ("a".repeat(65), "has 65 characters"),
            ("passwörter".to_owned(), "not ASCII"),
        ] {
            let found = reason(&bad).expect("a reason");
            assert!(found.contains(why) && !found.contains(&bad), "{found}");
        }
    }
}
