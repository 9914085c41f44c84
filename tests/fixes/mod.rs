//! Edits that findings offer: each one that any text of the tests gets is applied alone. The finding is gone, the text can still be read,
//! no error is new, and no comment is lost. And each code either has such an edit, or says why it has none.

mod trials;

use std::collections::{BTreeMap, BTreeSet};

use pikc::Analysis;
use pikc::diagnostic::{Certainty, Diagnostic, Fix, Severity};

use crate::corpus::fixed::{hides, lost};
use trials::{Texts, Trial};

/// The texts after the edits of a fix; none if it changes the library.
fn applied(texts: &Texts, analysis: &Analysis, fix: &Fix) -> Option<Texts> {
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse((edit.span.start, edit.span.end)));
    let mut texts = texts.clone();
    for edit in edits {
        let file = analysis.sources.file(edit.span.file);
        let text = texts.get_mut(&file.name)?;
        text.replace_range(
            edit.span.start as usize..edit.span.end as usize,
            &edit.replacement,
        );
    }
    Some(texts)
}

/// What is wrong with a fix, if anything is.
fn judged(trial: &Trial, before: &Analysis, finding: &Diagnostic, fix: &Fix) -> Vec<String> {
    let Some(texts) = applied(&trial.texts, before, fix) else {
        return Vec::new();
    };
    let after = trial.look(&texts);
    let mut wrong = Vec::new();
    let code = finding.descriptor.code;
    let same = |one: &&Diagnostic| one.descriptor.code == code && one.message == finding.message;
    let count = |analysis: &Analysis| analysis.diagnostics.iter().filter(same).count();
    if count(&after) >= count(before) {
        wrong.push("is still reported".to_owned());
    }
    let errors = |analysis: &Analysis| -> BTreeSet<String> {
        let errors = analysis.diagnostics.iter();
        let errors = errors.filter(|one| one.severity == Severity::Error);
        errors.map(|one| one.descriptor.code.to_owned()).collect()
    };
    let known = errors(before);
    for new in errors(&after).difference(&known) {
        // A mistake in how a spec is written hides those in its meaning.
        if new.starts_with("syntax/") || !hides(&format!("({code})")) {
            let message = after
                .diagnostics
                .iter()
                .find(|one| one.descriptor.code == new);
            let message = message.map(|one| one.message.as_str()).unwrap_or_default();
            wrong.push(format!("leads to {new}: {message}"));
        }
    }
    for (name, text) in &trial.texts {
        if trial.is_spec() {
            let lost = lost(text, &texts[name]);
            wrong.extend(lost.into_iter().map(|comment| format!("loses `{comment}`")));
        }
    }
    wrong
}

/// The codes that were seen with an edit of either kind.
#[derive(Default)]
struct Seen {
    certain: BTreeSet<&'static str>,
    choice: BTreeSet<&'static str>,
    fixes: usize,
}

#[test]
fn every_offered_edit_fixes_its_finding_and_nothing_breaks() {
    let (mut wrong, mut seen) = (BTreeMap::new(), Seen::default());
    for trial in trials::all() {
        let analysis = trial.look(&trial.texts);
        for finding in analysis.diagnostics.iter() {
            for fix in &finding.fixes {
                let code = finding.descriptor.code;
                seen.fixes += 1;
                match fix.certainty {
                    Certainty::Certain => seen.certain.insert(code),
                    Certainty::Choice => seen.choice.insert(code),
                };
                let told = judged(&trial, &analysis, finding, fix);
                if !told.is_empty() {
                    let place = format!("{}: {code}: {}", trial.name, finding.message);
                    wrong.insert((place, fix.title.clone()), told);
                }
            }
        }
    }
    let lines: Vec<String> = wrong
        .iter()
        .map(|((place, title), told)| format!("{place}\n  `{title}`: {}", told.join("; ")))
        .collect();
    assert!(
        lines.is_empty(),
        "{} edits are wrong:\n{}",
        lines.len(),
        lines.join("\n")
    );
    every_code_has_an_edit_or_a_reason(&seen);
}

/// The share of the codes about specs that have an edit.
const SHARE: usize = 50;

fn every_code_has_an_edit_or_a_reason(seen: &Seen) {
    let mut wrong = Vec::new();
    let (mut of_specs, mut with) = (0, 0);
    for code in pikc::cli::all_codes() {
        let has = seen.certain.contains(code.code) || seen.choice.contains(code.code);
        match (has, code.no_edit) {
            (true, Some(_)) => {
                wrong.push(format!("{}: has an edit, and a reason for none", code.code))
            }
            (false, None) => wrong.push(format!("{}: no edit was seen, and no reason", code.code)),
            _ => {}
        }
        // Codes about the files of a cluster without a spec, about the library and about commands are not about what a spec says.
        let of_spec = !["existing", "src/cli", "src/import"]
            .iter()
            .any(|part| code.file.contains(part))
            && !code.code.starts_with("library/");
        if of_spec {
            of_specs += 1;
            with += usize::from(has);
        }
    }
    println!(
        "{} edits; {} codes have a certain one, {} offer a choice; of {of_specs} codes about specs {with} have an edit ({} %)",
        seen.fixes,
        seen.certain.len(),
        seen.choice.len(),
        with * 100 / of_specs
    );
    assert!(
        wrong.is_empty(),
        "{} codes:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        with * 100 >= of_specs * SHARE,
        "{with} of {of_specs} codes about specs have an edit"
    );
}
