//! The fuzzer's targets without a fuzzer: the committed corpus and the project's own specs as they are, then changed at random.
//!
//! Each case takes a text of the corpus and changes it a few times: cuts, doublings, lines of another text, words of another
//! text, hostile pieces. `PROPTEST_CASES` sets how many (default 256 for each target, an eighth for those that read the library).

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::Index;

/// Pieces that have broken generators of files.
const HOSTILE: &[&str] = &[
    "$(reboot)",
    "`id`",
    "'; reboot; '",
    "\"\n",
    "\\",
    "\r\n",
    "\t",
    "{{ 7*7 }}",
    "{% raw %}",
    "${name}",
    "$${",
    "\u{202e}",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "\u{0}",
    "../../../etc/shadow",
    "/dev/zero",
    "-oProxyCommand=id",
    "*",
    "&a [*a]",
    "!!python/object:os.system",
    "%n%s",
    "999999999999999999999",
    "0.0.0.0/0",
    "::/0",
    "[1-99999999]",
    "{",
    "}",
    "[",
    "]",
    "#",
    "=",
    ",",
    "\"\"\"",
    "secret:wifi",
    "profile = [pi, pi]",
    "use = [\"1.pik\"]",
];

/// What is done to a text.
#[derive(Clone, Debug)]
enum Change {
    /// The bytes between two places are removed.
    Cut(Index, Index),
    /// The bytes between two places are doubled.
    Double(Index, Index),
    /// A line of another text is inserted.
    Line(Index, Index, Index),
    /// A word is replaced by a word of another text.
    Word(Index, Index, Index),
    /// A hostile piece is inserted.
    Hostile(Index, Index),
    /// A byte becomes another one.
    Byte(Index, u8),
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    prop_oneof![
        (index(), index()).prop_map(|(a, b)| Change::Cut(a, b)),
        (index(), index()).prop_map(|(a, b)| Change::Double(a, b)),
        (index(), index(), index()).prop_map(|(a, b, c)| Change::Line(a, b, c)),
        (index(), index(), index()).prop_map(|(a, b, c)| Change::Word(a, b, c)),
        (index(), index()).prop_map(|(a, b)| Change::Hostile(a, b)),
        (index(), any::<u8>()).prop_map(|(a, b)| Change::Byte(a, b)),
    ]
}

/// At most this many bytes are cut or doubled at once, so that texts stay close to what they were.
const REACH: usize = 80;
/// Texts that are longer than this do not grow any further.
const LONGEST: usize = 64 * 1024;

fn apply(change: &Change, text: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    let span = |a: &Index, b: &Index, text: &[u8]| {
        let start = a.index(text.len() + 1);
        (start, (start + b.index(REACH)).min(text.len()))
    };
    match change {
        Change::Cut(a, b) => {
            let (start, end) = span(a, b, text);
            text.drain(start..end);
        }
        Change::Double(a, b) if text.len() < LONGEST => {
            let (start, end) = span(a, b, text);
            let piece = text[start..end].to_vec();
            text.splice(end..end, piece);
        }
        Change::Line(at, other, which) if text.len() < LONGEST => {
            let lines: Vec<&[u8]> = other.get(corpus).split(|byte| *byte == b'\n').collect();
            let mut line = which.get(&lines).to_vec();
            line.push(b'\n');
            let starts: Vec<usize> = std::iter::once(0)
                .chain(
                    text.iter()
                        .enumerate()
                        .filter(|(_, b)| **b == b'\n')
                        .map(|(at, _)| at + 1),
                )
                .collect();
            let at = *at.get(&starts);
            text.splice(at..at, line);
        }
        Change::Word(at, other, which) => {
            let word = words(other.get(corpus).as_slice());
            let here = words(text);
            if let (false, false) = (word.is_empty(), here.is_empty()) {
                let (start, end) = *which.get(&word);
                let piece = other.get(corpus)[start..end].to_vec();
                let (start, end) = *at.get(&here);
                text.splice(start..end, piece);
            }
        }
        Change::Hostile(at, which) => {
            let at = at.index(text.len() + 1);
            text.splice(at..at, which.get(HOSTILE).bytes());
        }
        Change::Byte(at, byte) if !text.is_empty() => {
            let at = at.index(text.len());
            text[at] = *byte;
        }
        Change::Double(..) | Change::Line(..) | Change::Byte(..) => {}
    }
}

/// The places of the words of a text: runs of what is neither white space nor a bracket.
fn words(text: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, byte) in text.iter().enumerate() {
        let inside = !byte.is_ascii_whitespace() && !b"{}[],".contains(byte);
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                found.push((from, at));
                start = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }
    found.extend(start.map(|from| (from, text.len())));
    found
}

/// The files below `folders` of the project with one of `endings`, in order.
fn corpus(target: &str, folders: &[&str], endings: &[&str]) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    below(&root.join("corpus").join(target), &[], &mut files);
    assert!(!files.is_empty(), "fuzz/corpus/{target} is empty");
    for folder in folders {
        below(&root.join("..").join(folder), endings, &mut files);
    }
    files.sort();
    files
        .iter()
        .map(|path| std::fs::read(path).expect("a file of the project"))
        .collect()
}

fn below(folder: &Path, endings: &[&str], files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let ending = path
            .extension()
            .and_then(|ending| ending.to_str())
            .unwrap_or_default();
        if path.is_dir() {
            below(&path, endings, files);
        } else if endings.is_empty() || endings.contains(&ending) {
            files.push(path);
        }
    }
}

/// Runs a target on its corpus as it is, then on `cases` changed texts of it.
fn examine(target: fn(&[u8]), corpus: &[Vec<u8>], cases: u32) {
    for text in corpus {
        target(text);
    }
    let config = ProptestConfig {
        cases: cases.max(1),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    };
    let changes = proptest::collection::vec(change(), 1..12);
    proptest!(config, |(first in any::<Index>(), changes in changes)| {
        let mut text = first.get(corpus).clone();
        for change in &changes {
            apply(change, &mut text, corpus);
        }
        target(&text);
    });
}

fn cases() -> u32 {
    ProptestConfig::default().cases
}

#[test]
fn specs() {
    let corpus = corpus(
        "spec",
        &["examples", "tests/specs", "tests/corpus"],
        &["pik"],
    );
    examine(pikc_fuzz::spec, &corpus, cases() / 8);
}

#[test]
fn existing_clusters() {
    let corpus = corpus(
        "existing",
        &["examples/existing", "tests/existing"],
        &["yaml"],
    );
    examine(pikc_fuzz::existing, &corpus, cases() / 8);
}

#[test]
fn manifests_of_trees() {
    examine(pikc_fuzz::manifest, &corpus("manifest", &[], &[]), cases());
}

#[test]
fn files_of_secrets() {
    examine(pikc_fuzz::secrets, &corpus("secrets", &[], &[]), cases());
}

#[test]
fn texts() {
    let corpus = corpus(
        "round_trip",
        &["examples", "tests/specs", "tests/corpus"],
        &["pik"],
    );
    examine(pikc_fuzz::round_trip, &corpus, cases());
}
