//! Edits that findings offer: each one that any text of the tests gets is applied alone. The finding is gone, the text can still be read,
//! no error is new, and no comment is lost. And each code either has such an edit, or says why it has none.

mod needed;
mod trials;

use std::collections::BTreeSet;

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

/// Another release shows what else has to change with it.
const UPGRADES: &[&str] = &["kubernetes/release-ended", "kubernetes/release-ends-soon"];

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
    for new in errors(&after)
        .difference(&known)
        .filter(|_| !UPGRADES.contains(&code))
    {
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
    wrong: BTreeSet<String>,
}

impl Seen {
    /// Applies every edit that is offered for this text.
    fn try_all(&mut self, trial: &Trial) {
        let analysis = trial.look(&trial.texts);
        for finding in analysis.diagnostics.iter() {
            for fix in &finding.fixes {
                let code = finding.descriptor.code;
                self.fixes += 1;
                match fix.certainty {
                    Certainty::Certain => self.certain.insert(code),
                    Certainty::Choice => self.choice.insert(code),
                };
                let told = judged(trial, &analysis, finding, fix);
                if !told.is_empty() {
                    let (name, message, title) = (&trial.name, &finding.message, &fix.title);
                    let told = told.join("; ");
                    self.wrong
                        .insert(format!("{name}: {code}: {message}\n  `{title}`: {told}"));
                }
            }
        }
    }

    fn add(mut self, other: Self) -> Self {
        self.certain.extend(other.certain);
        self.choice.extend(other.choice);
        self.wrong.extend(other.wrong);
        self.fixes += other.fixes;
        self
    }
}

/// All texts, on all processors.
fn seen() -> Seen {
    let trials = trials::all();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let part = |first: usize| {
        let mut seen = Seen::default();
        for trial in trials.iter().skip(first).step_by(threads) {
            seen.try_all(trial);
        }
        seen
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads)
            .map(|first| scope.spawn(move || part(first)))
            .collect();
        let parts = parts.into_iter().map(|part| part.join().expect("a thread"));
        parts.fold(Seen::default(), Seen::add)
    })
}

/// The share of the codes about specs that have an edit.
const SHARE: usize = 75;

#[test]
fn every_offered_edit_fixes_its_finding_and_each_code_has_one_or_a_reason() {
    let mut seen = seen();
    let (mut of_specs, mut with) = (0, 0);
    for code in pikc::cli::all_codes() {
        let has = seen.certain.contains(code.code) || seen.choice.contains(code.code);
        let wrong = match (has, code.no_edit) {
            (true, Some(_)) => Some("has an edit, and a reason for none"),
            (false, None) => Some("no edit was seen, and no reason"),
            _ => None,
        };
        seen.wrong
            .extend(wrong.map(|why| format!("{}: {why}", code.code)));
        // Codes about the files of a cluster without a spec, about the library and about commands are not about what a spec says.
        let elsewhere = ["existing", "src/cli", "src/import"];
        let of_spec = !elsewhere.iter().any(|part| code.file.contains(part))
            && !code.code.starts_with("library/");
        of_specs += usize::from(of_spec);
        with += usize::from(of_spec && has);
    }
    let Seen {
        certain,
        choice,
        fixes,
        wrong,
    } = seen;
    println!(
        "{fixes} edits; {} codes have a certain one, {} offer a choice; of {of_specs} codes about specs {with} have an edit ({} %)",
        certain.len(),
        choice.len(),
        with * 100 / of_specs
    );
    let lines: Vec<String> = wrong.into_iter().collect();
    assert!(
        lines.is_empty(),
        "{} are wrong:\n{}",
        lines.len(),
        lines.join("\n")
    );
    assert!(fixes > 600, "only {fixes} edits were tried");
    assert!(
        with * 100 >= of_specs * SHARE,
        "{with} of {of_specs} codes about specs have an edit"
    );
}
