//! The pages of this folder: a spec with cursors (`‸`), and behind it what pikc answers at each of them. `PIKC_BLESS=1` writes the answers.
//!
//! A fence `pik` comes after the home spec of `support/base.pik`, `pik whole` stands alone, and `pik file NAME` is a file next to
//! that of the next fence. The page's name says what is asked.

use std::collections::BTreeMap;

use camino::Utf8Path;
use pikc::editor::{Project, View, complete, documentation, hover, missing_settings};
use pikc::model::Reader;
use pikc::{AnalyzeInput, analyze};

use crate::support::bless::same;

const CURSOR: char = '‸';
const BASE: &str = include_str!("../support/base.pik");
const MAIN: &str = "cluster.pik";
/// How many completions an answer shows.
const SHOWN: usize = 8;

struct Files<'a>(&'a BTreeMap<String, String>);

impl Reader for Files<'_> {
    fn read(&self, path: &Utf8Path) -> Result<String, String> {
        let found = self.0.get(path.as_str()).cloned();
        found.ok_or_else(|| "there is no such file".to_owned())
    }
}

/// The spec as an editor has it.
pub fn project(text: &str, files: &BTreeMap<String, String>) -> Project {
    Project::new(analyze(AnalyzeInput {
        path: Utf8Path::new(MAIN),
        text,
        reader: &Files(files),
        overlay: BTreeMap::new(),
        as_of: None,
        kept: None,
    }))
}

pub fn view(project: &Project) -> View<'_> {
    project.view(MAIN).expect("the main file")
}

type Ask = fn(&View<'_>, usize, &[String]) -> String;

fn hovered(view: &View<'_>, offset: usize, _: &[String]) -> String {
    match hover(view, offset) {
        None => "nothing".to_owned(),
        Some(found) => format!(
            "on `{}`:\n{}",
            view.project.text(found.span),
            found.markdown
        ),
    }
}

fn completed(view: &View<'_>, offset: usize, files: &[String]) -> String {
    let found = complete(view, offset, files);
    let Some(first) = found.items.first() else {
        return "nothing".to_owned();
    };
    let mut out = format!("instead of `{}`:\n", view.project.text(first.replace));
    for item in found.items.iter().take(SHOWN) {
        let inserted = match item.insert.is_plain() {
            true => item.insert.plain(),
            false => item.insert.syntax().replace('\n', "\\n"),
        };
        let kind = format!("{:?}", item.kind).to_lowercase();
        let detail = match item.detail.as_str() {
            "" => String::new(),
            detail => format!(", {detail}"),
        };
        out.push_str(&format!("  {} ({kind}{detail})", item.label));
        match inserted == item.label {
            true => out.push('\n'),
            false => out.push_str(&format!("\n      {inserted}\n")),
        }
    }
    if found.items.len() > SHOWN {
        out.push_str(&format!("  and {} more\n", found.items.len() - SHOWN));
    }
    if found.incomplete {
        out.push_str("  (incomplete)\n");
    }
    for item in &found.items {
        let topic = item.topic.as_ref();
        assert!(
            topic.is_none_or(|topic| documentation(view, topic).is_some()),
            "{item:?} has no text"
        );
    }
    out
}

fn added(view: &View<'_>, offset: usize, _: &[String]) -> String {
    let Some(fix) = missing_settings(view, offset) else {
        return "nothing".to_owned();
    };
    let mut text = view.text().to_owned();
    for edit in &fix.edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        text.replace_range(start..end, &edit.replacement);
    }
    let new = text.strip_prefix(BASE).unwrap_or(&text);
    format!("{}:\n{new}", fix.title)
}

/// A page with the answers that pikc gives now.
fn answered(page: &str, ask: Ask) -> String {
    let mut out = String::new();
    let mut files = BTreeMap::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        let Some(form) = line.strip_prefix("```pik") else {
            continue;
        };
        let mut piece = String::new();
        for inner in lines.by_ref() {
            out.push_str(inner);
            out.push('\n');
            if inner == "```" {
                break;
            }
            piece.push_str(inner);
            piece.push('\n');
        }
        if let Some(name) = form.strip_prefix(" file ") {
            files.insert(name.to_owned(), piece);
            continue;
        }
        // The old answer goes.
        assert_eq!(lines.next(), Some(""), "a blank line after a spec: {piece}");
        assert_eq!(
            lines.next(),
            Some("````text"),
            "an answer after a spec: {piece}"
        );
        lines.by_ref().find(|inner| *inner == "````");
        // A spec can end within a line, as it does while it is typed.
        let piece = piece
            .strip_suffix(&format!("{CURSOR}\n"))
            .map_or_else(|| piece.clone(), |rest| format!("{rest}{CURSOR}"));
        let whole = match form {
            " whole" => piece,
            _ => format!("{BASE}{piece}"),
        };
        let mut places = Vec::new();
        let mut text = String::new();
        for sign in whole.chars() {
            match sign {
                CURSOR => places.push(text.len()),
                other => text.push(other),
            }
        }
        let project = project(&text, &files);
        let beside: Vec<String> = files.keys().cloned().collect();
        let answers: Vec<String> = places
            .iter()
            .map(|place| ask(&view(&project), *place, &beside).trim_end().to_owned())
            .collect();
        assert!(!answers.is_empty(), "no cursor: {text}");
        out.push_str(&format!("\n````text\n{}\n````\n", answers.join("\n\n")));
        files.clear();
    }
    out
}

#[test]
fn pages() {
    let pages: [(&str, Ask); 3] = [
        ("hover", hovered),
        ("complete", completed),
        ("missing", added),
    ];
    for (name, ask) in pages {
        let path = format!("tests/editor/{name}.md");
        let whole = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
        let page = std::fs::read_to_string(whole).expect("a page");
        same(&path, &answered(&page, ask));
    }
}
