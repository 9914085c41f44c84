//! Specs typed and deleted again, with a request of a random kind after each key: nothing breaks, and what is answered in the end is
//! what a fresh server answers about the same text. `tests/run properties` types key by key, and more specs.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, available_parallelism};
use std::time::{Duration, Instant};

use proptest::test_runner::Config;
use serde_json::{Value, json};

use super::client::{Client, uri};
use crate::random::draw::Draw;
use crate::random::spec::generate;
use crate::robustness::read_below;
use crate::support::Folder;

/// Every request about a document.
const REQUESTS: &[&str] = &[
    "codeAction",
    "codeLens",
    "completion",
    "definition",
    "diagnostic",
    "documentHighlight",
    "documentLink",
    "documentSymbol",
    "foldingRange",
    "formatting",
    "hover",
    "inlayHint",
    "onTypeFormatting",
    "prepareRename",
    "rangeFormatting",
    "references",
    "rename",
    "selectionRange",
    "semanticTokens/full",
    "semanticTokens/range",
];

fn position(text: &str, at: usize) -> Value {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let column: usize = text[line..at].chars().map(char::len_utf16).sum();
    json!({"line": text[..at].matches('\n').count(), "character": column})
}

/// A place between two characters.
fn place(text: &str, draw: &mut Draw) -> usize {
    let mut at = draw.below(u32::try_from(text.len()).expect("short") + 1) as usize;
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// What is asked about a text.
fn question(address: &str, text: &str, draw: &mut Draw) -> (String, Value) {
    let kind = *draw.pick(REQUESTS);
    let (one, other) = (place(text, draw), place(text, draw));
    let (start, end) = (
        position(text, one.min(other)),
        position(text, one.max(other)),
    );
    let params = json!({
        "textDocument": {"uri": address},
        "position": position(text, one),
        "positions": [position(text, one)],
        "range": {"start": start, "end": end},
        "context": {"diagnostics": [], "includeDeclaration": true},
        "options": {"tabSize": 2, "insertSpaces": true},
        "ch": "\n",
        "newName": "another",
    });
    (format!("textDocument/{kind}"), params)
}

/// A document that is typed into.
struct Typed {
    client: Client,
    address: String,
    text: String,
    version: i64,
    /// How long each answer took that was asked for while typing.
    took: Vec<Duration>,
}

impl Typed {
    fn new(folder: &Folder, text: &str) -> Self {
        let mut client = Client::new(folder.path());
        let address = uri(&folder.path().join("cluster.pik"));
        client.open(&address, text);
        Self {
            client,
            address,
            text: text.to_owned(),
            version: 1,
            took: Vec::new(),
        }
    }

    fn replace(&mut self, from: usize, to: usize, text: &str) {
        let range = json!({"start": position(&self.text, from), "end": position(&self.text, to)});
        self.text.replace_range(from..to, text);
        self.version += 1;
        self.client.notify(
            "textDocument/didChange",
            json!({
                "textDocument": {"uri": self.address, "version": self.version},
                "contentChanges": [{"range": range, "text": text}],
            }),
        );
    }

    /// The answer to a question; what cannot be renamed is an answer, too.
    fn ask(&mut self, (method, params): &(String, Value)) -> Value {
        match self.client.request(method, params.clone()) {
            Ok(mut answer) => {
                // Numbers of marks count the changes.
                if let Some(fields) = answer.as_object_mut() {
                    fields.remove("resultId");
                }
                answer
            }
            Err(error) => {
                assert_eq!(
                    error["code"], -32803,
                    "{method} {params}\n{error}\n{}",
                    self.text
                );
                error
            }
        }
    }

    /// Asks right after a key, and notes how long the answer took.
    fn ask_as_typed(&mut self, question: &(String, Value)) {
        let begin = Instant::now();
        self.ask(question);
        self.took.push(begin.elapsed());
    }

    /// Compares answers with those of a server that has only ever seen this text.
    fn check(&mut self, folder: &Folder, draw: &mut Draw) {
        let mut fresh = Self::new(folder, &self.text.clone());
        let marks = self.client.marks_of(&self.address.clone());
        assert_eq!(
            marks,
            fresh.client.marks_of(&self.address.clone()),
            "{}",
            self.text
        );
        for _ in 0..REQUESTS.len() {
            let question = question(&self.address, &self.text, draw);
            let (one, other) = (self.ask(&question), fresh.ask(&question));
            // Which version of the document edits are for.
            let plain = |answer: Value| {
                answer
                    .to_string()
                    .replace(&format!("\"version\":{}", self.version), "\"version\":1")
            };
            assert_eq!(plain(one), plain(other), "{question:?}\n{}", self.text);
        }
    }
}

/// Types a spec in pieces of at most `most` characters and deletes it in pieces. Returns how long each answer took.
fn type_and_delete(spec: &str, most: u32, seed: u32) -> Vec<Duration> {
    let folder = Folder::new(&[]);
    let mut typed = Typed::new(&folder, "");
    let mut draw = Draw::new(
        (0..40)
            .flat_map(|more| Draw::numbers(seed * 40 + more))
            .collect(),
    );
    while typed.text.len() < spec.len() {
        let at = typed.text.len();
        let piece: String = spec[at..]
            .chars()
            .take(draw.between(1, most) as usize)
            .collect();
        typed.replace(at, at, &piece);
        let question = question(&typed.address, &typed.text, &mut draw);
        typed.ask_as_typed(&question);
    }
    assert_eq!(typed.text, spec);
    typed.check(&folder, &mut draw);
    let half = spec.len() / 2;
    while !typed.text.is_empty() {
        let from = place(&typed.text, &mut draw);
        let gone: usize = typed.text[from..]
            .chars()
            .take(draw.between(1, most) as usize)
            .map(char::len_utf8)
            .sum();
        let before = typed.text.len();
        typed.replace(from, from + gone, "");
        let question = question(&typed.address, &typed.text, &mut draw);
        typed.ask_as_typed(&question);
        if typed.text.len() <= half && half < before {
            typed.check(&folder, &mut draw);
        }
    }
    typed.check(&folder, &mut draw);
    typed.took
}

/// Whether there is time for every key.
fn patient() -> bool {
    Config::default().cases >= 1000
}

/// Types and deletes specs, as many at a time as this machine has processors; and notes how long the answers took, which nothing here
/// depends on.
fn type_all(name: &str, count: u32, work: impl Fn(u32) -> Vec<Duration> + Sync) {
    let (next, work) = (&AtomicU32::new(0), &work);
    let workers = available_parallelism().map_or(1, usize::from);
    let mut took: Vec<Duration> = thread::scope(|scope| {
        let started: Vec<_> = (0..workers)
            .map(|_| {
                scope.spawn(move || {
                    let mine = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
                    mine.take_while(|which| *which < count)
                        .flat_map(work)
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        started
            .into_iter()
            .flat_map(|worker| worker.join().expect("no worker stops early"))
            .collect()
    });
    took.sort();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    let line = format!(
        "{name}: {} answers while typing; ms at p50 {:.2}, p95 {:.2}, p99 {:.2}, at most {:.2}\n",
        took.len(),
        at(50),
        at(95),
        at(99),
        at(100),
    );
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("typing-{name}.txt"));
    std::fs::write(file, line).expect("a note");
}

#[test]
fn examples() {
    let specs = read_below(&["examples"]);
    let (count, most) = if patient() {
        (specs.len(), 1)
    } else {
        (4, 400)
    };
    type_all("examples", u32::try_from(count).expect("few"), |which| {
        type_and_delete(&specs[which as usize], most, which)
    });
}

#[test]
fn random_specs() {
    let (count, most) = if patient() { (200, 3) } else { (3, 300) };
    type_all("random", count, |seed| {
        let spec = generate(&mut Draw::new(Draw::numbers(seed)));
        type_and_delete(&spec.root.print().0, most, 100 + seed)
    });
}
