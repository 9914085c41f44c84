//! What a string means: escapes, `${names}`, and the indentation of strings over several lines.

use crate::declare;
use crate::source::{Span, Spanned};

use super::escapes::{BAD_VARIABLE, Pieces};
use super::findings::Findings;
use super::{Part, Text, Value};

declare! {
    /// A multi-line string begins after the line of its `"""` and ends before the line of the
    /// closing `"""`. The white space before the closing quotes sets the indentation of the text:
    /// that much is removed from each line, and every line that is not empty must have it.
    ///
    /// ```pik fails
    /// profile pi {
    ///   labels {
    ///     note = """
    ///       first line
    ///     second line
    ///       """
    ///   }
    /// }
    /// ```
    ///
    /// ```pik
    /// profile pi {
    ///   labels {
    ///     note = """
    ///       first
    ///       """
    ///   }
    /// }
    /// ```
    pub static TEXT_LAYOUT = {
        code: "syntax/text-layout",
        since: "0.1.0",
        severity: Error,
        title: "a multi-line string with a misplaced quote or indentation",
        help: "put each `\"\"\"` at the end or the beginning of a line of its own, and indent the text as far as the closing one",
        no_edit: "where the lines begin and end decides what the string holds",
        sources: ["grammar/README.md"],
    }
}

/// A string after reading.
pub(super) enum Content {
    Sound(Text),
    /// Something in it was wrong and has been reported.
    Broken,
}

impl Content {
    pub(super) fn value(self, span: Span) -> Value {
        match self {
            Self::Sound(text) => Value::Text(text),
            Self::Broken => Value::Poisoned(span),
        }
    }
}

/// Reads `"..."`.
pub(super) fn read(written: &str, span: Span, out: &mut Findings<'_>) -> Content {
    let mut pieces = Pieces::new(span, out);
    let inner = written.get(1..written.len().saturating_sub(1));
    pieces.add(inner.unwrap_or(""), 1);
    pieces.finish()
}

/// Reads `"""` over several lines `"""`.
pub(super) fn read_long(written: &str, span: Span, out: &mut Findings<'_>) -> Content {
    let inner = written
        .get(3..written.len().saturating_sub(3))
        .unwrap_or("");
    let Some((opening, body)) = inner.split_once('\n') else {
        out.report(
            &TEXT_LAYOUT,
            "the text begins on the line of the opening `\"\"\"`",
            |problem| {
                problem
                    .label(span.part(0, 3), "expected the end of the line after this")
                    .help("write a string on one line in plain quotes: `\"...\"`")
            },
        );
        return Content::Broken;
    };
    if !opening.trim().is_empty() {
        let end = 3 + opening.trim_end().len();
        out.report(
            &TEXT_LAYOUT,
            "the text begins on the line of the opening `\"\"\"`",
            |problem| problem.label(span.part(3, end), "this belongs on a line of its own"),
        );
        return Content::Broken;
    }
    let (lines, margin) = match body.rsplit_once('\n') {
        Some((lines, margin)) => (Some(lines), margin),
        None => (None, body),
    };
    if !margin.trim().is_empty() {
        let end = written.len() - 3;
        out.report(
            &TEXT_LAYOUT,
            "the closing `\"\"\"` follows text",
            |problem| {
                problem
                    .label(span.part(end, end + 3), "this belongs on a line of its own")
                    .label(
                        span.part(end - margin.trim_start().len(), end),
                        "text on the same line",
                    )
            },
        );
        return Content::Broken;
    }
    let mut pieces = Pieces::new(span, out);
    pieces.lines(lines, 3 + opening.len() + 1, margin);
    pieces.finish()
}

/// A string without anything to fill in, as a plain name.
pub(super) fn name(text: Text, out: &mut Findings<'_>) -> Option<Spanned<String>> {
    let variable = text.parts.iter().find_map(|part| match part {
        Part::Variable(variable) => Some(variable.span),
        Part::Literal(_) => None,
    });
    if let Some(place) = variable {
        out.report(
            &BAD_VARIABLE,
            "nothing is filled in inside a key or a label",
            |problem| {
                problem
                    .label(place, "this stays as it is written")
                    .help("write `$${` for the characters themselves")
            },
        );
        return None;
    }
    Some(Spanned::new(text.literal()?, text.span))
}

impl Pieces<'_, '_> {
    /// The lines between the quotes; `at` is where they begin in the string as written.
    fn lines(&mut self, lines: Option<&str>, at: usize, margin: &str) {
        let Some(lines) = lines else {
            return;
        };
        let mut at = at;
        for (index, line) in lines.split('\n').enumerate() {
            if index > 0 {
                self.literal.push('\n');
            }
            let shown = line.strip_suffix('\r').unwrap_or(line);
            if let Some(content) = shown.strip_prefix(margin) {
                if !shown.trim().is_empty() {
                    self.add(content, at + margin.len());
                }
            } else if !shown.trim().is_empty() {
                self.outside_margin(shown, at);
            }
            at += line.len() + 1;
        }
    }

    /// Once per string: the other lines are most likely off by the same amount.
    fn outside_margin(&mut self, line: &str, at: usize) {
        if self.broken {
            return;
        }
        self.broken = true;
        let white = line.len() - line.trim_start().len();
        let place = self.span.part(at, at + line.trim_end().len());
        let end = self.span.len();
        let closing = self.span.part(end - 3, end);
        let message = if white == 0 {
            "a line of this string is not indented"
        } else {
            "a line of this string is not indented like the closing `\"\"\"`"
        };
        self.out.report(&TEXT_LAYOUT, message, |problem| {
            problem
                .label(place, "this line")
                .label(
                    closing,
                    "the white space before this is removed from each line",
                )
                .help("indent the line as far as the closing `\"\"\"`, with the same characters")
        });
    }
}
