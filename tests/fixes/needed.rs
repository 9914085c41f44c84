//! An `allow` that is needed stays, whatever else is wrong: each line of a spec is damaged in several ways, one at a time.

use pikc::Analysis;
use pikc::diagnostic::Diagnostic;

use super::applied;
use super::trials::{Texts, Trial};

const UNUSED: &str = "allow/unused";

/// Specs whose every `allow` is needed.
fn specs() -> Vec<Trial> {
    let example = std::fs::read_to_string("examples/home-pi/cluster.pik").expect("the example");
    // Errors of rules, too, can make other rules say nothing.
    let small = example
        .replace("pi-4b-2g", "pi-3b-plus")
        .replace("swap    = on", "swap    = off");
    let ended = example.replace(
        "  kubernetes = 1.36",
        "  kubernetes = 1.33\n  allow kubernetes/release-ended { reason = \"the lab is connected to nothing\" }",
    );
    [example, small, ended]
        .into_iter()
        .map(|text| Trial::of_spec("needed.pik", text))
        .collect()
}

/// A line in other forms: without its last letter, with a word too much, as a comment, and without what follows the `=`.
fn damaged(line: &str) -> Vec<String> {
    let mut forms = vec![format!("{line} nonsense"), format!("# {line}")];
    if let Some(end) = line.char_indices().last() {
        forms.push(line[..end.0].to_owned());
    }
    if let Some((setting, value)) = line.split_once('=') {
        forms.push(format!("{setting}="));
        forms.push(format!("{setting}= x{}", value.trim_start()));
    }
    forms
}

fn unused(analysis: &Analysis) -> Vec<&Diagnostic> {
    let all = analysis.diagnostics.iter();
    all.filter(|one| one.descriptor.code == UNUSED).collect()
}

/// What is wrong with the findings about the `allow` blocks of these texts.
fn wrong(trial: &Trial, texts: &Texts) -> Option<String> {
    let analysis = trial.look(texts);
    for finding in unused(&analysis) {
        if analysis.diagnostics.has_errors() {
            return Some(finding.message.clone());
        }
        // If it is unused, nothing is found without it.
        let fixed = applied(texts, &analysis, finding.fixes.first()?)?;
        let known: Vec<&str> = codes(&analysis).collect();
        let after = trial.look(&fixed);
        if let Some(new) = codes(&after).find(|code| !known.contains(code)) {
            return Some(format!("{}, and without it {new}", finding.message));
        }
    }
    None
}

fn codes(analysis: &Analysis) -> impl Iterator<Item = &'static str> {
    let all = analysis.diagnostics.iter();
    all.map(|one| one.descriptor.code)
}

#[test]
fn an_allow_is_not_called_unused_because_something_else_is_wrong() {
    let mut found = Vec::new();
    let (mut tried, mut broken) = (0, 0);
    for trial in specs() {
        let (name, text) = trial.texts.first_key_value().expect("a spec");
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            for form in damaged(line) {
                let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
                lines[at].clone_from(&form);
                let texts = Texts::from([(name.clone(), lines.join("\n") + "\n")]);
                tried += 1;
                broken += usize::from(trial.look(&texts).diagnostics.has_errors());
                let wrong = wrong(&trial, &texts);
                found.extend(wrong.map(|why| format!("{}: {form}: {why}", at + 1)));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(
        tried > 400 && broken > 200,
        "{broken} of {tried} have errors"
    );
}
