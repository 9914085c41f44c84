//! The pages of `tests/lsp/pages`: a spec with marks (`‸`), a request, and the answer as text. `PIKC_BLESS=1` writes the answers again.
//!
//! A fence `pik` is a spec, completed by the base around it; `pik whole` stands by itself; `pik NAME` is another file in its folder.
//! A fence `REQUEST {PARAMETERS}` is the answer to that request at the first mark, or from the first to the second. A range in an
//! answer is shown as the text that it covers.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::client::{Client, uri};
use crate::support::Folder;
use crate::support::base::around;
use crate::support::bless::same;

const MARK: char = '‸';

/// A list in an answer is shown as far as this.
const SHOWN: usize = 12;

/// A spec in an editor.
struct Case {
    folder: Folder,
    client: Client,
    address: String,
    text: String,
    marks: Vec<Value>,
    /// The texts of the other files, by their addresses.
    others: Vec<(String, String)>,
}

/// The position of a byte, in UTF-16.
fn position(text: &str, at: usize) -> Value {
    let before = &text[..at];
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    let column: usize = before[line..].chars().map(char::len_utf16).sum();
    json!({"line": before.matches('\n').count(), "character": column})
}

/// The byte of a position.
fn offset(text: &str, position: &Value) -> usize {
    let number = |name: &str| position[name].as_u64().expect("a number") as usize;
    let line = text.split_inclusive('\n').take(number("line"));
    let start: usize = line.map(str::len).sum();
    let mut left = number("character");
    let mut at = start;
    for c in text[start..].chars() {
        if left == 0 || c == '\n' {
            break;
        }
        left -= c.len_utf16();
        at += c.len_utf8();
    }
    at
}

impl Case {
    fn new(marked: &str, others: &[(String, String)]) -> Self {
        let mut text = String::new();
        let mut marks = Vec::new();
        for piece in marked.split(MARK) {
            text.push_str(piece);
            marks.push(text.len());
        }
        marks.pop();
        let marks = marks.iter().map(|at| position(&text, *at)).collect();
        let folder = Folder::new(&[]);
        for (name, text) in others {
            folder.text(name, text);
        }
        folder.text("cluster.pik", &text);
        let capabilities = json!({
            "textDocument": {
                "completion": {"completionItem": {"snippetSupport": true}},
                "definition": {"linkSupport": false},
                "documentSymbol": {"hierarchicalDocumentSymbolSupport": true},
            },
        });
        let mut client = Client::with(folder.path(), capabilities, json!({}));
        let address = uri(&folder.path().join("cluster.pik"));
        client.open(&address, &text);
        client.marks_of(&address);
        let others = others
            .iter()
            .map(|(name, text)| (uri(&folder.path().join(name)), text.clone()));
        Self {
            others: others.collect(),
            folder,
            client,
            address,
            text,
            marks,
        }
    }

    /// The answer to a request, as text.
    fn ask(&mut self, request: &str) -> String {
        let (name, extra) = request.split_once(' ').unwrap_or((request, "{}"));
        let method = match name.contains('/') && !name.starts_with("semanticTokens") {
            true => name.to_owned(),
            false => format!("textDocument/{name}"),
        };
        let mut params = json!({"textDocument": {"uri": self.address}});
        if let Some(first) = self.marks.first() {
            params["position"] = first.clone();
            params["positions"] = json!(self.marks);
        }
        let end = position(&self.text, self.text.len());
        params["range"] = match self.marks.as_slice() {
            [] => json!({"start": {"line": 0, "character": 0}, "end": end}),
            [one] => json!({"start": one, "end": one}),
            [from, to, ..] => json!({"start": from, "end": to}),
        };
        let here = self.folder.path().to_str().expect("UTF-8").to_owned();
        let extra = extra.replace("FOLDER", &format!("file://{here}"));
        let extra: Value =
            serde_json::from_str(&extra).unwrap_or_else(|e| panic!("{request}: {e}"));
        for (name, value) in extra.as_object().expect("an object") {
            params[name] = value.clone();
        }
        let mut out = String::new();
        match self.client.request(&method, params) {
            Ok(answer) if name.starts_with("semanticTokens") => self.words(&answer, &mut out),
            Ok(answer) => self.show(&answer, 0, &self.address.clone(), &mut out),
            Err(error) => out = format!("error {}: {}", error["code"], error["message"]),
        }
        let out = out
            .replace(&format!("file://{here}/"), "")
            .replace(&format!("{here}/"), "");
        let encoded = format!("file%3A//{here}/");
        out.replace(&encoded, "").trim().to_owned()
    }

    /// Semantic tokens as words with the numbers of their types and modifiers.
    fn words(&self, answer: &Value, out: &mut String) {
        let numbers: Vec<u64> = answer["data"]
            .as_array()
            .expect("numbers")
            .iter()
            .map(|one| one.as_u64().expect("a number"))
            .collect();
        let (mut line, mut column) = (0, 0);
        for token in numbers.chunks(5) {
            let [down, right, length, kind, modifiers] = token else {
                panic!("five numbers for each word");
            };
            line += down;
            column = if *down == 0 { column + right } else { *right };
            let start = json!({"line": line, "character": column});
            let end = json!({"line": line, "character": column + length});
            let range = self.range(&json!({"start": start, "end": end}), &self.address);
            let _ = writeln!(out, "{range} {kind} {modifiers}");
        }
    }

    /// The text at an address.
    fn text_of(&self, address: &str) -> Option<&str> {
        if address == self.address {
            return Some(&self.text);
        }
        let other = self.others.iter().find(|(known, _)| known == address)?;
        Some(&other.1)
    }

    /// A range as `3:5 "text"`, of a document whose text is known.
    fn range(&self, range: &Value, address: &str) -> String {
        let (start, end) = (&range["start"], &range["end"]);
        let place = |point: &Value| {
            let number = |name: &str| point[name].as_u64().expect("a number") + 1;
            format!("{}:{}", number("line"), number("character"))
        };
        let Some(text) = self.text_of(address) else {
            return format!("{}-{}", place(start), place(end));
        };
        let (from, to) = (offset(text, start), offset(text, end));
        let covered = &text[from..to];
        let short = match covered.split_once('\n') {
            Some((first, _)) => format!("{first} …"),
            None => covered.to_owned(),
        };
        format!("{} `{short}`", place(start))
    }

    fn show(&self, value: &Value, depth: usize, address: &str, out: &mut String) {
        let indent = "  ".repeat(depth);
        match value {
            Value::Object(fields) => {
                let own = ["uri", "targetUri"]
                    .iter()
                    .find_map(|name| fields.get(*name)?.as_str());
                let own = own.or_else(|| fields.get("textDocument")?["uri"].as_str());
                let address = own.unwrap_or(address);
                for (name, value) in fields {
                    // Edits by their documents.
                    let address = if name.contains("://") { name } else { address };
                    if value.get("start").is_some() && value.get("end").is_some() {
                        let shown = self.range(value, address);
                        let _ = writeln!(out, "{indent}{name}: {shown}");
                    } else if value.get("line").is_some() {
                        let range = json!({"start": value, "end": value});
                        let shown = self.range(&range, address);
                        let _ = writeln!(out, "{indent}{name}: {}", shown.trim_end_matches(" ``"));
                    } else if value.is_object()
                        || value.as_array().is_some_and(|all| !all.is_empty())
                    {
                        let _ = writeln!(out, "{indent}{name}:");
                        self.show(value, depth + 1, address, out);
                    } else if let Some(text) = value.as_str().filter(|text| text.contains('\n')) {
                        let _ = writeln!(out, "{indent}{name}:");
                        for line in text.lines() {
                            let _ = writeln!(out, "{}", format!("{indent}  | {line}").trim_end());
                        }
                    } else {
                        let shown = value
                            .as_str()
                            .map_or_else(|| value.to_string(), str::to_owned);
                        let _ = writeln!(out, "{indent}{name}: {shown}");
                    }
                }
            }
            Value::Array(items) if items.iter().all(Value::is_number) => {
                let _ = writeln!(out, "{indent}{}", Value::from(items.clone()));
            }
            Value::Array(items) => {
                for item in items.iter().take(SHOWN) {
                    let mut inner = String::new();
                    self.show(item, depth + 1, address, &mut inner);
                    let _ = writeln!(out, "{indent}- {}", inner.trim_start().trim_end());
                }
                if items.len() > SHOWN {
                    let _ = writeln!(out, "{indent}and {} more", items.len() - SHOWN);
                }
            }
            Value::String(text) => {
                let _ = writeln!(out, "{indent}{text}");
            }
            other => {
                let _ = writeln!(out, "{indent}{other}");
            }
        }
    }
}

/// The page with its answers as they are now.
fn answered(page: &str) -> String {
    let mut out = String::new();
    let mut case: Option<Case> = None;
    let mut others: Vec<(String, String)> = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        if line.starts_with('#') {
            (case, others) = (None, Vec::new());
        }
        let Some(tag) = line.strip_prefix("```") else {
            continue;
        };
        let mut content = String::new();
        for line in lines.by_ref().take_while(|line| *line != "```") {
            content.push_str(line);
            content.push('\n');
        }
        match tag.split_once(' ').unwrap_or((tag, "")) {
            ("pik", "") => case = Some(Case::new(&around(&content), &others)),
            ("pik", "whole") => case = Some(Case::new(&content, &others)),
            ("pik", name) => others.push((name.to_owned(), content.clone())),
            _ => {
                let case = case.as_mut().expect("a spec before a request");
                content = case.ask(tag) + "\n";
            }
        }
        out.push_str(&content);
        out.push_str("```\n");
    }
    out
}

#[test]
fn every_page_has_the_answers_of_the_server() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lsp/pages");
    let mut pages: Vec<String> = std::fs::read_dir(folder)
        .expect("tests/lsp/pages")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    pages.sort();
    assert!(pages.len() >= 10, "{pages:?}");
    for page in pages {
        let path = format!("tests/lsp/pages/{page}");
        let text = std::fs::read_to_string(&path).expect("a page");
        same(&path, &answered(&text));
    }
}
