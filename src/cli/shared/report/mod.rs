//! Findings as reports for people: miette draws the snippets, this file sets the order of the
//! parts.
//!
//! A report holds the sentence, a snippet of the main file with every label in it, what to type,
//! further facts, then a snippet of each other file that takes part (a used file, the standard
//! library, a manifest of the user's), and how to learn more.

mod excerpt;

use std::fmt;
use std::fmt::Write as _;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles,
};
use textwrap::{WordSeparator, WordSplitter};

use super::console::{Look, Paint, glue, hanging, paint, unglue, visible};
use crate::Analysis;
use crate::diagnostic::{Diagnostic, Diagnostics, Label, Severity};
use crate::source::{FileId, Sources, Span};
use excerpt::Excerpt;

/// The most reports that are drawn; more than this is one mistake many times.
const MOST: usize = 100;

/// All reports of an analysis, ready for a terminal or, with a plain look, for a file: what
/// `pikc check` prints to standard error.
pub fn render(analysis: &Analysis, name: &str, look: Look) -> String {
    several(&analysis.sources, &analysis.diagnostics, name, look)
}

/// The reports of several findings and a last line that counts them.
pub(in crate::cli) fn several(
    sources: &Sources,
    diagnostics: &Diagnostics,
    name: &str,
    look: Look,
) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(MOST) {
        text.push_str(&one(sources, diagnostic, look));
        text.push('\n');
    }
    if let Some(rest) = diagnostics.len().checked_sub(MOST).filter(|rest| *rest > 0) {
        text.push_str(&format!(
            "... and {rest} more; `pikc check --format json` prints them all\n"
        ));
    }
    if let Some(counts) = counts(diagnostics) {
        text.push_str(&format!("{counts} in {}\n", visible(name)));
    }
    text
}

/// "2 errors, 1 warning", or nothing when there is nothing.
fn counts(diagnostics: &Diagnostics) -> Option<String> {
    let parts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .map(|severity| (diagnostics.count(severity), severity.word()))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| count(number, word))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// "1 worker", "3 workers"
pub(in crate::cli) fn count(number: usize, word: &str) -> String {
    match number {
        1 => format!("1 {word}"),
        _ => format!("{number} {word}s"),
    }
}

/// One report.
pub(in crate::cli) fn one(sources: &Sources, diagnostic: &Diagnostic, look: Look) -> String {
    let code = diagnostic.descriptor.code;
    let (word, color) = match diagnostic.severity {
        Severity::Error => ("Error", Paint::Error),
        Severity::Warning => ("Warning", Paint::Warning),
        Severity::Note => ("Note", Paint::Note),
    };
    let mut text = format!("{} {code}\n\n", paint(look, color, &format!("{word}:")));
    let mut files = by_file(&diagnostic.labels).into_iter();
    let main = files
        .next()
        .map(|(file, labels)| Excerpt::new(sources.file(file), &labels, look));
    text.push_str(&draw(&diagnostic.message, diagnostic.severity, main, look));
    let facts = std::iter::once(("  help: ", diagnostic.help_text())).chain(
        diagnostic
            .notes
            .iter()
            .map(|note| ("  note: ", note.as_str())),
    );
    for (lead, fact) in facts {
        text.push_str(&hanging(look, lead, Some(Paint::Help), &visible(fact)));
    }
    for (index, (file, labels)) in files.enumerate() {
        if index == 0 {
            text.push_str("\nRelated:\n");
        }
        text.push_str(&snippet(sources, file, &labels, diagnostic.severity, look));
    }
    let explain = format!("  explain: pikc explain {code}");
    text.push_str(&paint(look, Paint::Faint, &explain));
    text.push('\n');
    text
}

/// An answer to "why": a line of a generated file, and what produced it.
pub(in crate::cli) struct Answer {
    /// The line that the question is about.
    pub title: String,
    /// The answer in a sentence.
    pub message: String,
    /// The line's place and its label.
    pub line: (Span, String),
    /// What produced it.
    pub places: Vec<(Span, String)>,
    /// By which rules.
    pub notes: Vec<String>,
}

/// An answer as a report.
pub(in crate::cli) fn answer(sources: &Sources, answer: Answer, look: Look) -> String {
    let label = |(span, text): (Span, String)| Label { span, text };
    let line = label(answer.line);
    let places: Vec<Label> = answer.places.into_iter().map(label).collect();
    let mut text = format!(
        "{}\n\n",
        paint(look, Paint::Heading, &visible(&answer.title))
    );
    let main = Excerpt::new(sources.file(line.span.file), &[&line], look);
    text.push_str(&draw(&answer.message, Severity::Note, Some(main), look));
    for note in &answer.notes {
        text.push_str(&hanging(
            look,
            "  rule: ",
            Some(Paint::Help),
            &visible(note),
        ));
    }
    for (file, labels) in by_file(&places) {
        text.push_str(&snippet(sources, file, &labels, Severity::Note, look));
    }
    text
}

/// A snippet without a sentence.
fn snippet(
    sources: &Sources,
    file: FileId,
    labels: &[&Label],
    severity: Severity,
    look: Look,
) -> String {
    let excerpt = Excerpt::new(sources.file(file), labels, look);
    let drawn = draw("", severity, Some(excerpt), look);
    // The first line is the place of the sentence.
    drawn
        .split_once('\n')
        .map_or_else(String::new, |(_, snippet)| snippet.to_owned())
}

/// The labels of each file, the main one's first, the others in the order of their first label.
fn by_file(all: &[Label]) -> Vec<(FileId, Vec<&Label>)> {
    let mut files: Vec<(FileId, Vec<&Label>)> = Vec::new();
    for label in all {
        match files.iter_mut().find(|(file, _)| *file == label.span.file) {
            Some((_, labels)) => labels.push(label),
            None => files.push((label.span.file, vec![label])),
        }
    }
    files
}

/// The sentence and the snippet below it.
fn draw(message: &str, severity: Severity, excerpt: Option<Excerpt>, look: Look) -> String {
    let drawing = Drawing {
        message: glue(&visible(message)),
        severity,
        excerpt,
    };
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme {
        characters: if look.unicode {
            ThemeCharacters::unicode()
        } else {
            ThemeCharacters::ascii()
        },
        styles: if look.color {
            ThemeStyles::ansi()
        } else {
            ThemeStyles::none()
        },
    })
    .with_width(look.width)
    .with_urls(false)
    .with_break_words(false)
    .with_word_separator(WordSeparator::AsciiSpace)
    .with_word_splitter(WordSplitter::NoHyphenation)
    .without_syntax_highlighting();
    let mut text = String::new();
    if handler.render_report(&mut text, &drawing).is_err() {
        // Drawing cannot fail on an excerpt that is its own source; the sentence is what matters.
        let _ = writeln!(text, "  {message}");
    }
    trimmed(&unglue(&text))
}

/// The text without spaces at the ends of lines: a report is copied into issues and golden files.
fn trimmed(text: &str) -> String {
    text.lines().fold(String::new(), |mut all, line| {
        all.push_str(line.trim_end());
        all.push('\n');
        all
    })
}

/// The input of miette.
struct Drawing {
    message: String,
    severity: Severity,
    excerpt: Option<Excerpt>,
}

impl fmt::Debug for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawing {}

impl miette::Diagnostic for Drawing {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt
            .as_ref()
            .map(|excerpt| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let excerpt = self.excerpt.as_ref()?;
        Some(Box::new(excerpt.labels.iter().cloned()))
    }
}

#[cfg(test)]
mod tests;
