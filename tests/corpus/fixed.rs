//! `check --fix` on every spec of the corpus: the mistakes it claims to fix are gone, its edits cause no new findings, and no comment is
//! lost. The edits are pinned in `tests/corpus/fixed.txt`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use pikc::source::Sources;
use pikc::syntax::{self, SyntaxKind};

use super::{Case, cases, folder};
use crate::support::bless::same;
use crate::support::{Folder, pikc};

/// The result of a run of `check --fix`.
struct Fixed {
    /// The text of the spec, as it is now.
    text: String,
    /// One line for each edit.
    done: Vec<String>,
    /// The codes of the remaining findings.
    codes: BTreeSet<String>,
}

/// A copy of the corpus: the specs, and the files next to them.
fn copied() -> Folder {
    let copy = Folder::new(&[]);
    fn lay(from: &Path, name: &str, copy: &Folder) {
        for entry in std::fs::read_dir(from).expect("a folder") {
            let path = entry.expect("an entry").path();
            let own = path.file_name().expect("a name").to_string_lossy();
            let name = format!("{name}{own}");
            match path.is_dir() {
                true => lay(&path, &format!("{name}/"), copy),
                false => copy.bytes(&name, &std::fs::read(&path).expect("a file")),
            }
        }
    }
    lay(&folder(), "", &copy);
    copy
}

fn fix(copy: &Folder, case: &Case) -> Fixed {
    let mut line = vec!["check", "--fix", case.file.as_str()];
    line.extend(case.options.iter().map(String::as_str));
    let run = pikc(copy, &line);
    let found = run.err.lines().filter_map(|line| {
        let (severity, code) = line.split_once(": ")?;
        matches!(severity, "Error" | "Warning" | "Note").then(|| code.to_owned())
    });
    let codes = found.collect();
    let edits = run.out.lines().filter(|line| line.ends_with(')'));
    let bytes = std::fs::read(copy.path().join(&case.file)).expect("a spec");
    Fixed {
        text: String::from_utf8_lossy(&bytes).into_owned(),
        done: edits.map(str::to_owned).collect(),
        codes,
    }
}

/// The comments of a text.
fn comments(text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let file = sources.add("spec.pik", text);
    let parsed = syntax::parse(file, text);
    let leaves = parsed.tree.leaves().into_iter();
    let comments = leaves.filter(|leaf| leaf.kind == SyntaxKind::Comment);
    comments
        .map(|leaf| leaf.text(text).trim_end().to_owned())
        .collect()
}

/// Comments that are gone. An edit can move a comment, and can turn other text into one.
pub fn lost(before: &str, after: &str) -> Vec<String> {
    let mut left = comments(after);
    let mut lost = comments(before);
    lost.retain(
        |comment| match left.iter().position(|other| other == comment) {
            Some(at) => {
                left.remove(at);
                false
            }
            None => true,
        },
    );
    lost
}

/// A syntax mistake hides mistakes in the meaning; new findings are allowed only after such a fix.
pub fn hides(edit: &str) -> bool {
    let families = ["(syntax/", "(spec/", "(value/", "(profile/", "(node/bad-"];
    families.iter().any(|family| edit.contains(family))
}

#[test]
fn fixes_cause_no_new_findings_and_lose_no_comment() {
    let copy = copied();
    let (mut wrong, mut pins, mut changed) = (Vec::new(), String::new(), 0);
    for case in cases() {
        let name = case.file.as_str();
        let bytes = std::fs::read(folder().join(name)).expect("a spec");
        let before = String::from_utf8_lossy(&bytes).into_owned();
        let plain = fix(&copy, &case);
        if plain.done.is_empty() {
            if plain.text != before || plain.codes != case.expected {
                wrong.push(format!("{name}: nothing was fixed, but the file changed"));
            }
            continue;
        }
        changed += 1;
        let new: Vec<&String> = plain.codes.difference(&case.expected).collect();
        if !new.is_empty() && !plain.done.iter().any(|edit| hides(edit)) {
            wrong.push(format!("{name}: the edits caused {new:?}"));
        }
        if plain.text == before {
            wrong.push(format!("{name}: reported as fixed, but unchanged"));
        }
        for edit in &plain.done {
            writeln!(pins, "{edit}").expect("a String");
        }
        for line in difference(&before, &plain.text) {
            writeln!(pins, "  {line}").expect("a String");
        }
        for code in new {
            writeln!(pins, "  seen by now: {code}").expect("a String");
        }
        // With a comment at the end of each line, the same fixes are made, and every comment is still there.
        let talkative = talkative(&before);
        copy.text(name, &talkative);
        let fixed = fix(&copy, &case);
        for comment in lost(&before, &plain.text)
            .into_iter()
            .chain(lost(&talkative, &fixed.text))
        {
            wrong.push(format!("{name}: lost `{comment}`"));
        }
        let (with, without) = (offered(&fixed), offered(&plain));
        if with != without {
            wrong.push(format!(
                "{name}: with comments {with:?}, without {without:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(changed >= 40, "only {changed} specs are fixed");
    same("tests/corpus/fixed.txt", &pins);
}

/// The codes that were fixed. A brace does not move up past a comment.
fn offered(fixed: &Fixed) -> Vec<&str> {
    let codes = fixed
        .done
        .iter()
        .filter_map(|edit| Some(edit.rsplit_once('(')?.1));
    codes
        .filter(|code| !code.starts_with("syntax/missing-open"))
        .collect()
}

/// The spec with a comment at the end of each line that is not empty and has none.
fn talkative(text: &str) -> String {
    let mut out = String::new();
    for (number, line) in text.lines().enumerate() {
        out.push_str(line);
        if !line.trim().is_empty() && !line.contains('#') {
            write!(out, "  # line {}", number + 1).expect("a String");
        }
        out.push('\n');
    }
    out
}

/// The removed and the added lines.
fn difference(before: &str, after: &str) -> Vec<String> {
    let diff = similar::TextDiff::from_lines(before, after);
    let changed = diff
        .iter_all_changes()
        .filter(|change| change.tag() != similar::ChangeTag::Equal);
    changed
        .map(|change| format!("{}{}", change.tag(), change.value().trim_end()))
        .collect()
}
