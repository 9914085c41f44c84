//! Answers that the language server shows as the commands print them: why a line is there, and what would change.

use rayon::prelude::*;

use super::console::{Look, Paint, paint, visible};
use super::report;
use crate::output::{Body, ChangeKind, Diff, FileDiff};
use crate::source::Sources;
use crate::trace::Why;

/// The line, and a snippet for each place that produced it.
pub(in crate::cli) fn why(sources: &Sources, why: Why, look: Look) -> String {
    report::answer(
        sources,
        report::Answer {
            title: why.title,
            message: why.message,
            line: why.line,
            places: why.places,
            notes: why.rules,
        },
        look,
    )
}

/// All of it, a section for each file.
pub(in crate::cli) fn diff(diff: &Diff, look: Look) -> String {
    let sections: Vec<String> = diff
        .files
        .par_iter()
        .map(|file| section(file, look))
        .collect();
    sections.concat()
}

fn section(file: &FileDiff, look: Look) -> String {
    let path = visible(file.path.as_str());
    let (old, new) = match file.step {
        ChangeKind::Created => ("/dev/null".to_owned(), format!("b/{path}")),
        ChangeKind::Changed => (format!("a/{path}"), format!("b/{path}")),
        ChangeKind::Removed => (format!("a/{path}"), "/dev/null".to_owned()),
    };
    let head = paint(look, Paint::Heading, &format!("--- {old}\n+++ {new}"));
    let body = match &file.body {
        Body::Text(texts) => texts
            .hunks()
            .lines()
            .map(|line| colored(line, look))
            .collect(),
        Body::Secret => "(holds a secret: not shown)\n".to_owned(),
        Body::Binary => "(not text: not shown)\n".to_owned(),
        Body::Mode(old, new) => format!("(mode {old:04o} becomes {new:04o})\n"),
        Body::Link { old, new } => {
            let line = |sign: char, target: &Option<String>| match target {
                Some(target) => colored(&format!("{sign}link to {target}"), look),
                None => String::new(),
            };
            format!("{}{}", line('-', old), line('+', new))
        }
    };
    format!("{head}\n{body}")
}

/// A line of a unified diff, in the colour of its sign.
pub(in crate::cli) fn colored(line: &str, look: Look) -> String {
    let line = visible(line);
    let color = match line.chars().next() {
        Some('-') => Paint::Error,
        Some('+') => Paint::Added,
        Some('@') => Paint::Note,
        _ => return format!("{line}\n"),
    };
    format!("{}\n", paint(look, color, &line))
}
