//! What is known about a line of a spec: the answer, before it is text or JSON.

use crate::Analysis;
use crate::render::Rendered;
use crate::source::{Sources, Span};
use crate::trace::{Machines, Made, MadeGroup, Other};

/// A place in a spec, and what it makes.
pub(super) struct Found<'a> {
    pub analysis: &'a Analysis,
    pub rendered: &'a Rendered,
    pub span: Span,
    pub column: Option<usize>,
    pub made: Made,
    pub machines: Machines<'a>,
}

impl Found<'_> {
    pub(super) fn sources(&self) -> &Sources {
        &self.analysis.sources
    }

    /// The place, as it would be asked for.
    pub(super) fn title(&self) -> String {
        let place = self.place(self.span);
        match self.column {
            Some(_) => format!("{place}:{}", self.sources().start(self.span).column),
            None => place,
        }
    }

    pub(super) fn place(&self, span: Span) -> String {
        let sources = self.sources();
        format!(
            "{}:{}",
            sources.file(span.file).name,
            sources.start(span).line
        )
    }

    /// The text of the place; of a line that holds a secret, only that it does.
    pub(super) fn text(&self) -> String {
        let (sources, span) = (self.sources(), self.span);
        let file = sources.file(span.file);
        let number = sources.start(span).line;
        match self.column {
            Some(_) if !file.is_hidden(number) => one_line(sources.text(span)),
            _ => file.shown(number).unwrap_or_default().trim().to_owned(),
        }
    }

    pub(super) fn on<'a>(&'a self, group: &'a MadeGroup) -> Vec<&'a str> {
        let mut all: Vec<&str> = Vec::new();
        for path in &group.paths {
            let Some((path, _)) = self.rendered.entries().get_key_value(path.as_str()) else {
                continue;
            };
            all.extend(self.machines.of(path));
        }
        all
    }

    pub(super) fn quoted(&self, other: &Other) -> String {
        let sources = self.sources();
        let line = sources.start(other.span).line;
        let text = sources
            .file(other.span.file)
            .shown(line)
            .unwrap_or_default();
        format!("{}  {}", self.place(other.span), text.trim())
    }
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}
