//! All certain fixes of a spec, applied in memory: `pikc check --fix`, and "fix all" in an editor.
//!
//! Only edits that fix something count: after each round the spec is read again, and a round that leaves
//! its findings in place, or that breaks something else, is undone and tried edit by edit. A finding
//! about how a spec is written can hide others, which show up once it is fixed; those are in the report.

use std::collections::{BTreeMap, BTreeSet};

use crate::Analysis;
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::format::format;
use crate::source::{FileId, Sources};

/// The most rounds: one fix can make the next finding visible, but not for ever.
const ROUNDS: usize = 20;

/// What can be told only of a spec without errors: the edit that removes the last of them did not bring it.
const WITHOUT_ERRORS: &str = "allow/unused";

/// The texts of files that were changed, by the names under which they are shown.
pub type Texts = BTreeMap<String, String>;

/// What the fixes did to a spec.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// The spec, read again after the last edit.
    pub analysis: Analysis,
    /// One line for each edit that was made.
    pub done: Vec<String>,
    /// The new texts of the files that changed.
    pub texts: Texts,
}

/// Applies what can be applied. `look` reads the spec with these texts in place of those of its files; only files that are
/// `allowed`, by their names in reports, change.
pub fn fix_all<E>(
    look: &dyn Fn(&Texts) -> Result<Analysis, E>,
    allowed: &dyn Fn(&str) -> bool,
) -> Result<Fixed, E> {
    let mut texts = Texts::new();
    let mut analysis = look(&texts)?;
    let laid_out = laid_out(&analysis);
    let mut done = Vec::new();
    for _ in 0..ROUNDS {
        let fixes = certain(&analysis, allowed);
        if fixes.is_empty() {
            break;
        }
        let mut moved = false;
        for attempt in attempts(&fixes) {
            let tried = with(&texts, &analysis.sources, &attempt);
            let after = look(&tried)?;
            if improves(&analysis, &after, &attempt) {
                done.extend(attempt.iter().map(|one| sentence(&analysis.sources, one)));
                (texts, analysis, moved) = (tried, after, true);
                break;
            }
        }
        if !moved {
            break;
        }
    }
    let mut moved = false;
    for (name, text) in &mut texts {
        let new = laid_out.contains(name).then(|| format(text));
        if let Some(new) = new.filter(|new| new != text) {
            (*text, moved) = (new, true);
        }
    }
    if moved {
        analysis = look(&texts)?;
    }
    Ok(Fixed {
        analysis,
        done,
        texts,
    })
}

/// The user's files that are in the layout of `pikc fmt`: they stay in it. Others are changed only where a fix is.
fn laid_out(analysis: &Analysis) -> BTreeSet<String> {
    let files = analysis.sources.files();
    let own =
        files.filter(|(file, source)| !file.is_library() && format(&source.text) == *source.text);
    own.map(|(_, source)| source.name.clone()).collect()
}

/// A finding and the edit that it offers.
type Offer<'a> = (&'a Diagnostic, &'a Fix);

/// The offers that touch the user's files, in order, no two of them in one place. What is not
/// certain is a person's choice.
fn certain<'a>(analysis: &'a Analysis, allowed: &dyn Fn(&str) -> bool) -> Vec<Offer<'a>> {
    let mut may: BTreeMap<FileId, bool> = BTreeMap::new();
    let mut taken: Vec<&Edit> = Vec::new();
    let mut fixes = Vec::new();
    for finding in analysis.diagnostics.iter() {
        let Some(fix) = finding.certain_fix() else {
            continue;
        };
        let mut own = |edit: &Edit| {
            *may.entry(edit.span.file).or_insert_with(|| {
                let file = edit.span.file;
                !file.is_library() && allowed(&analysis.sources.file(file).name)
            })
        };
        let free = |edit: &Edit| !taken.iter().any(|other| meet(edit, other));
        if fix.edits.iter().all(|edit| own(edit) && free(edit)) {
            taken.extend(&fix.edits);
            fixes.push((finding, fix));
        }
    }
    // Findings about how the spec is written first: they can hide what an edit of the meaning would bring.
    if fixes.iter().any(|(finding, _)| is_reading(finding)) {
        fixes.retain(|(finding, _)| is_reading(finding));
    }
    fixes
}

fn meet(one: &Edit, other: &Edit) -> bool {
    let (a, b) = (one.span, other.span);
    a.file == b.file && a.start <= b.end && b.start <= a.end
}

/// All offers together, then each alone.
fn attempts<'a>(fixes: &[Offer<'a>]) -> Vec<Vec<Offer<'a>>> {
    let alone = fixes.iter().map(|one| vec![*one]);
    let mut all = vec![fixes.to_vec()];
    if fixes.len() > 1 {
        all.extend(alone);
    }
    all
}

/// The texts after the edits.
fn with(texts: &Texts, sources: &Sources, offers: &[Offer<'_>]) -> Texts {
    let mut by_file: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for edit in offers.iter().flat_map(|(_, fix)| &fix.edits) {
        by_file.entry(edit.span.file).or_default().push(edit);
    }
    let mut texts = texts.clone();
    for (file, mut edits) in by_file {
        let source = sources.file(file);
        let mut text = source.text.to_string();
        edits.sort_by_key(|edit| std::cmp::Reverse((edit.span.start, edit.span.end)));
        for edit in edits {
            let place = edit.span.start as usize..edit.span.end as usize;
            text.replace_range(place, &edit.replacement);
        }
        texts.insert(source.name.clone(), text);
    }
    texts
}

/// Whether the findings are gone and the edits brought no new ones.
fn improves(before: &Analysis, after: &Analysis, offers: &[Offer<'_>]) -> bool {
    let count = |analysis: &Analysis, like: &dyn Fn(&Diagnostic) -> bool| {
        analysis.diagnostics.iter().filter(|one| like(one)).count()
    };
    let gone = offers.iter().all(|(finding, _)| {
        let same = |one: &Diagnostic| {
            one.descriptor.code == finding.descriptor.code && one.message == finding.message
        };
        count(after, &same) < count(before, &same)
    });
    let unveiled =
        |one: &Diagnostic| one.descriptor.code == WITHOUT_ERRORS && before.diagnostics.has_errors();
    // A finding about how the spec is written hides mistakes of meaning, never mistakes of syntax.
    let about_writing = offers.iter().any(|(finding, _)| is_reading(finding));
    let worse = after.diagnostics.iter().any(|one| {
        let code = |other: &Diagnostic| other.descriptor.code == one.descriptor.code;
        let more = count(after, &code) > count(before, &code) && !unveiled(one);
        more && (!about_writing || one.descriptor.code.starts_with("syntax/"))
    });
    gone && !worse
}

/// Whether a finding is about how a spec is written rather than about the cluster; nodes whose names make
/// no sense are left out of it.
fn is_reading(finding: &Diagnostic) -> bool {
    let families = [
        "syntax/",
        "spec/",
        "value/",
        "profile/",
        "use/",
        "allow/",
        "node/bad-name",
        "node/bad-range",
    ];
    families
        .iter()
        .any(|family| finding.descriptor.code.starts_with(family))
}

fn sentence(sources: &Sources, (finding, fix): &Offer<'_>) -> String {
    let place = fix.edits.first().map(|edit| {
        let file = sources.file(edit.span.file);
        let line = file.position(edit.span.start as usize).line;
        format!("{}:{line}: ", file.name)
    });
    format!(
        "{}{} ({})\n",
        place.unwrap_or_default(),
        fix.title,
        finding.descriptor.code
    )
}
