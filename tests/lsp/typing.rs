//! Specs typed and deleted again, with a request of a random kind after each key: nothing breaks, and what is answered in the end is
//! what a fresh server answers about the same text. `tests/run properties` types key by key, and more specs.

use proptest::test_runner::Config;
use serde_json::{Value, json};

use super::client::{Client, uri};
use crate::random::draw::Draw;
use crate::random::spec::generate;
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

/// Types a spec in pieces of at most `most` characters and deletes it in pieces.
fn type_and_delete(spec: &str, most: u32, seed: u32) {
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
        typed.ask(&question);
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
        typed.ask(&question);
        if typed.text.len() <= half && half < before {
            typed.check(&folder, &mut draw);
        }
    }
    typed.check(&folder, &mut draw);
}

/// Whether there is time for every key.
fn patient() -> bool {
    Config::default().cases >= 1000
}

#[test]
fn examples() {
    for (seed, name) in (0..).zip(["home-pi", "office", "policies", "ubuntu-cloud"]) {
        let path = format!("{}/examples/{name}/cluster.pik", env!("CARGO_MANIFEST_DIR"));
        let spec = std::fs::read_to_string(path).expect("an example");
        let most = if patient() { 1 } else { 400 };
        type_and_delete(&spec, most, seed);
    }
}

#[test]
fn random_specs() {
    let (count, most) = if patient() { (200, 3) } else { (3, 300) };
    for seed in 0..count {
        let spec = generate(&mut Draw::new(Draw::numbers(seed)));
        type_and_delete(&spec.root.print().0, most, 100 + seed);
    }
}
