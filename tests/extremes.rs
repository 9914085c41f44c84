//! Numbers at the ends of what a number can be, wherever a spec or a file of kubeadm's has one: a report, or nothing, but no panic. Every
//! few numbers here; `PIKC_THOROUGH=1` tries each of them with each of these.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pikc::model::GivenFile;

use crate::existing::cases;
use crate::import::imported;
use crate::random::look::look;
use crate::robustness::read_below;

const EXTREMES: &[&str] = &[
    "-9223372036854775808",
    "9223372036854775807",
    "18446744073709551615",
    "-1",
    "0",
    "2147483648",
];

/// Where the numbers of a text are: digits that begin a value and are not part of a version or an address.
fn numbers(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let before = at.checked_sub(1).map_or(b' ', |before| bytes[before]);
        let after = bytes.get(at + length).copied().unwrap_or(b'\n');
        let begins = before.is_ascii_whitespace() || b"=[{,:\"'".contains(&before);
        let ends = !b".:/-".contains(&after);
        if length > 0 && begins && ends {
            found.push((at, at + length));
        }
        at += length.max(1);
    }
    found
}

/// The text with one of its numbers replaced, for every number whose turn it is; each with the changed line.
fn replaced(text: &str, step: usize) -> Vec<(String, String)> {
    let thorough = std::env::var_os("PIKC_THOROUGH").is_some();
    let mut all = Vec::new();
    for (index, (from, to)) in numbers(text).into_iter().enumerate() {
        for (which, extreme) in EXTREMES.iter().enumerate() {
            if thorough
                || (index + text.len()).is_multiple_of(step) && which == index % EXTREMES.len()
            {
                let line = text[..from].rfind('\n').map_or(0, |end| end + 1);
                let rest = &text[to..];
                let end = rest.find('\n').unwrap_or(rest.len());
                let change = format!("{}{extreme}{}", &text[line..from], &rest[..end]);
                all.push((change, format!("{}{extreme}{rest}", &text[..from])));
            }
        }
    }
    all
}

/// Tries each text; the changes that made something panic, whose places are in the output.
fn failing(texts: impl Iterator<Item = (String, String)>, attempt: impl Fn(&str)) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (change, text) in texts {
        tried += 1;
        if catch_unwind(AssertUnwindSafe(|| attempt(&text))).is_err() {
            wrong.push(change);
        }
    }
    assert!(tried > 5, "{tried}");
    wrong
}

fn changed(
    texts: impl IntoIterator<Item = String>,
    step: usize,
) -> impl Iterator<Item = (String, String)> {
    let all = texts.into_iter();
    all.flat_map(move |text| replaced(&text, step))
}

#[test]
fn of_a_spec() {
    let wrong = failing(changed(read_below(&["tests/specs"]), 7), |text| {
        assert!(look(text).is_sound(), "{text}");
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn of_a_cluster_that_exists() {
    let files = cases().into_values().flatten().map(|(_, text)| text);
    let wrong = failing(changed(files, 13), |text| {
        let given = [GivenFile {
            name: "a.yaml",
            text,
        }];
        pikc::analyze_existing(&given, BTreeMap::new(), None);
        // What cannot be imported is a list of reasons.
        drop(imported(&[("a.yaml", text)]));
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}
