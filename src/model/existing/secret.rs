//! Credentials in the user's files: bootstrap tokens, certificate keys, Secrets. No report shows their lines.
//!
//! They are found in two ways, because broken files are reported, too: by the words of a line, and by the values that could be read.

use std::ops::Range;

use super::yaml::{Value, Yaml};
use crate::source::Span;

/// The keys of such values, in lowercase and without dashes.
const KEYS: &[&str] = &["token", "certificatekey"];

/// The fields of a Secret that hold it.
const DATA: &[&str] = &["data", "stringData"];

/// Whether the value of this key is secret: `token`, `tlsBootstrapToken`, `certificateKey`.
pub(super) fn is_key(name: &str) -> bool {
    let plain = name.to_ascii_lowercase().replace('-', "");
    KEYS.iter().any(|key| plain.ends_with(key))
}

/// A value as a message can quote it.
pub fn quoted(text: &str) -> String {
    match reveals(text) {
        true => "this".to_owned(),
        false => format!("`{}`", text.escape_debug()),
    }
}

/// Whether a text contains a secret, judged by its form or by the word in front of it.
pub(crate) fn reveals(text: &str) -> bool {
    has_token(text) || has_key(text) || has_password(text) || has_named(text)
}

/// The lines of a text that show a secret, as ranges of bytes.
pub(crate) fn lines(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for document in documents(text) {
        let is_secret = document.lines().any(is_kind_secret);
        // Within `data:` of a Secret: the indentation of that line.
        let mut within: Option<usize> = None;
        for line in document.split_inclusive('\n') {
            let indent = line.len() - line.trim_start().len();
            if within.is_some_and(|outer| is_past(line, indent, outer)) {
                within = None;
            }
            let begins = is_secret && DATA.iter().any(|key| names(line, key));
            if begins || within.is_some() || reveals(line) {
                found.push(at..at + line.len());
            }
            if begins && within.is_none() {
                within = Some(indent);
            }
            at += line.len();
        }
    }
    found
}

/// The documents of a text, with their separators.
fn documents(text: &str) -> Vec<&str> {
    let breaks = text
        .match_indices("\n---")
        .map(|(at, _)| at + 1)
        .chain([text.len()]);
    let mut from = 0;
    breaks
        .map(|to| {
            let piece = &text[from..to];
            from = to;
            piece
        })
        .collect()
}

/// Whether a line is no longer part of a map with this indentation.
fn is_past(line: &str, indent: usize, outer: usize) -> bool {
    let begins = line.trim_start().chars().next();
    indent <= outer && begins.is_some_and(|c| c.is_ascii_alphabetic() || c == '-')
}

fn is_kind_secret(line: &str) -> bool {
    line.match_indices("kind").any(|(at, _)| {
        let value = line[at + 4..].trim_start_matches(['"', '\'', ' ', ':']);
        value.strip_prefix("Secret").is_some_and(|rest| {
            let more = rest.trim_start_matches(['"', '\'']);
            !more.starts_with(|c: char| c.is_ascii_alphanumeric())
        })
    })
}

/// Whether a line names this key.
fn names(line: &str, key: &str) -> bool {
    line.match_indices(key).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + key.len()..].trim_start_matches(['"', '\'', ' ']);
        after.starts_with(':') && !before.is_some_and(|c| c.is_ascii_alphanumeric())
    })
}

/// `abcdef.0123456789abcdef`, with anything next to it.
fn has_token(text: &str) -> bool {
    let bytes = text.as_bytes();
    let part = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.match_indices('.').any(|(dot, _)| {
        dot >= 6
            && bytes[dot - 6..dot].iter().all(part)
            && bytes[dot + 1..]
                .iter()
                .take_while(|byte| part(byte))
                .count()
                >= 16
    })
}

/// 64 hexadecimal digits that are not a checksum.
fn has_key(text: &str) -> bool {
    let mut at = 0;
    text.split(|c: char| !c.is_ascii_hexdigit()).any(|run| {
        let start = at;
        at += run.len()
            + text[at + run.len()..]
                .chars()
                .next()
                .map_or(0, char::len_utf8);
        run.len() >= 64 && !text[..start].ends_with("sha256:")
    })
}

/// `http://me:word@proxy`
fn has_password(text: &str) -> bool {
    text.match_indices("://").any(|(at, _)| {
        let rest = &text[at + 3..];
        let host = rest.split(['/', ' ', '"', '\'', '\n']).next();
        host.and_then(|host| host.rsplit_once('@'))
            .is_some_and(|(who, _)| who.contains(':'))
    })
}

/// `token: x`, `"certificateKey":"x"`, `--token x`
fn has_named(text: &str) -> bool {
    let plain = text.to_ascii_lowercase();
    ["token", "certificatekey", "certificate-key"]
        .iter()
        .any(|key| {
            plain.match_indices(key).any(|(at, _)| {
                let option = plain[..at].ends_with("--");
                let rest = plain[at + key.len()..].trim_start_matches(['"', '\'']);
                let value = match rest.trim_start().strip_prefix([':', '=']) {
                    Some(value) => value,
                    None if option && rest.starts_with(' ') => rest,
                    None => return false,
                };
                let value = value.trim_start();
                !value.is_empty() && !value.starts_with(['{', '#'])
            })
        })
}

/// The places of the values of secret keys, and of the data of a Secret.
pub(crate) fn places(roots: &[Yaml]) -> Vec<Span> {
    let mut found = Vec::new();
    roots.iter().for_each(|root| gather(root, &mut found));
    found
}

fn gather(node: &Yaml, found: &mut Vec<Span>) {
    let kind = node.get("kind").and_then(Yaml::text);
    let is_secret = kind.is_some_and(|kind| kind.value == "Secret");
    for (key, value) in node.pairs() {
        let holds = is_secret && DATA.contains(&key.value.as_str());
        // A map is not a token: `bootstrapToken` contains one.
        let is_map = matches!(value.value, Value::Map(_));
        if holds || (is_key(&key.value) && !is_map) {
            whole(value, found);
        } else {
            gather(value, found);
        }
    }
    node.items().iter().for_each(|item| gather(item, found));
}

/// The places of a value and of everything in it: what an alias refers to is elsewhere in the file.
fn whole(node: &Yaml, found: &mut Vec<Span>) {
    found.push(node.span);
    for (key, value) in node.pairs() {
        found.push(key.span);
        whole(value, found);
    }
    node.items().iter().for_each(|item| whole(item, found));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reveals_by_form_or_by_name() {
        let key = "0123456789abcdef".repeat(4);
        for text in [
            "- abcdef.0123456789abcdef",
            "token: x",
            "{\"token\": \"x\"}",
            "tlsBootstrapToken: x",
            "kubeadm join --token x",
            "--certificate-key x",
            "certificateKey: é",
            "http://a:b@c",
            key.as_str(),
        ] {
            assert!(reveals(text), "{text}");
        }
        for text in [
            "bootstrapTokens:",
            "bootstrapToken: { # one",
            "- sha256:",
            "image: a@b",
            "tokens are made by kubeadm",
            "kubeadm.k8s.io/v1beta4",
            "http://a/b:c@d",
        ] {
            assert!(!reveals(text), "{text}");
        }
        assert!(!reveals(&format!("- sha256:{key}")));
    }
}
