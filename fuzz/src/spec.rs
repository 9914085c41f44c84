//! A spec from a stranger: read, checked, reported, and compiled if nothing is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Component, Utf8Path};
use pikc::diagnostic::Fix;
use pikc::model::Reader;
use pikc::plan::Options;
use pikc::render::{Entry, Rendered};
use pikc::value::SecretName;
use pikc::{Analysis, AnalyzeInput, CompileError, analyze, compile};

/// The files of a case: the spec, and after each NUL a file that it may use, by the names `1.pik`, `2.pik`, ...
struct Files<'a>(Vec<&'a str>);

impl Reader for Files<'_> {
    fn read(&self, path: &Utf8Path) -> Result<String, String> {
        let number = path
            .as_str()
            .strip_suffix(".pik")
            .and_then(|number| number.parse().ok())
            .filter(|number| *number > 0);
        match number.and_then(|number: usize| self.0.get(number)) {
            Some(text) => Ok((*text).to_owned()),
            None => Err("there is no such file".to_owned()),
        }
    }
}

/// Whatever is in a spec: the analysis ends, and its report can be drawn. Offered edits can be applied, and the
/// result is read again. What has no errors compiles, twice to the same bytes, and every path stays in the tree.
pub fn spec(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return; // refused where files are read
    };
    let files = Files(text.split('\0').collect());
    let first = files.0.first().copied().unwrap_or_default();
    let analysis = look(first, &files);
    super::reports_are_sound(&analysis, "case.pik");
    let offered = analysis.diagnostics.iter().flat_map(|found| &found.fixes);
    if let Some(fixed) = offered.take(1).find_map(|fix| applied(fix, first)) {
        super::reports_are_sound(&look(&fixed, &files), "fixed.pik");
    }
    if analysis.diagnostics.has_errors() || analysis.model.is_none() {
        return;
    }
    let rendered = made(&analysis);
    stays_in_the_tree(&rendered);
    let again = made(&analysis);
    assert_eq!(digest(&rendered), digest(&again), "two results of one spec");
}

fn look(text: &str, files: &Files<'_>) -> Analysis {
    analyze(AnalyzeInput {
        path: Utf8Path::new("case.pik"),
        text,
        reader: files,
        overlay: BTreeMap::new(),
        as_of: None,
        kept: None,
    })
}

/// The text with the edits of one fix; nothing if it edits another file.
fn applied(fix: &Fix, text: &str) -> Option<String> {
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| edit.span.start);
    let mut out = String::new();
    let mut at = 0;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        assert!(start >= at, "edits of `{}` overlap", fix.title);
        out.push_str(text.get(at..start)?);
        out.push_str(&edit.replacement);
        at = end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

fn made(analysis: &Analysis) -> Rendered {
    let options = Options {
        secrets: secrets(analysis),
        seed_images: true,
        spec: "case.pik".to_owned(),
        ..Options::default()
    };
    match compile(analysis, &options, true) {
        Ok(compiled) => compiled.rendered,
        Err(CompileError::Unsound) => panic!("a spec without errors was not compiled"),
        Err(CompileError::Refused(_)) => panic!("a writer refuses what the checks accept"),
        Err(CompileError::Library(fault)) => {
            panic!("a spec's value is reported as a fault of the library: {fault}")
        }
    }
}

/// A value for each secret that is named anywhere in the spec's text.
fn secrets(analysis: &Analysis) -> BTreeMap<SecretName, pikc::secret::Secret> {
    let mut names = BTreeSet::new();
    for (_, file) in analysis.sources.files() {
        for piece in file.text.split("secret:").skip(1) {
            let end = piece
                .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
                .unwrap_or(piece.len());
            names.insert(piece[..end].to_owned());
        }
    }
    let value = |name| (SecretName(name), "it's \"$HOME\" \\ ; # 8".into());
    names.into_iter().map(value).collect()
}

fn stays_in_the_tree(rendered: &Rendered) {
    for path in rendered.entries().keys() {
        let plain = Utf8Path::new(path)
            .components()
            .all(|part| matches!(part, Utf8Component::Normal(_)));
        assert!(plain, "`{path}` leaves the tree");
        assert!(!path.as_str().chars().any(char::is_control), "{path:?}");
    }
}

fn digest(rendered: &Rendered) -> Vec<(String, Vec<u8>)> {
    rendered
        .entries()
        .iter()
        .map(|(path, entry)| {
            let bytes = match entry {
                Entry::File(file) => file.content.pieces().concat(),
                Entry::Link(target) => target.as_str().as_bytes().to_vec(),
            };
            (path.to_string(), bytes)
        })
        .collect()
}
