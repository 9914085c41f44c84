//! The few lines of a file that a report shows: the labelled ones and their neighbours, made safe
//! for a terminal and cut to its width.
//!
//! miette draws everything that it gets, however long; a public key or a file of brackets would fill the
//! screen. So it gets these lines only, under their own numbers.

use std::collections::BTreeSet;

use miette::{LabeledSpan, MietteError, SourceCode, SourceSpan, SpanContents};

use crate::cli::shared::console::{Look, glue, unglue, visible, visible_code};
use crate::diagnostic::Label;
use crate::source::SourceFile;

/// Lines of a file.
pub(in crate::cli) struct Excerpt {
    name: String,
    text: String,
    lines: Vec<Line>,
    /// The labels, at their places in this excerpt; the first one is the main one.
    pub labels: Vec<LabeledSpan>,
}

/// One line: its place in the excerpt, and what was cut from it.
struct Line {
    number: usize,
    /// Its first byte in the excerpt.
    start: usize,
    /// The byte after its last one, the newline not counted.
    end: usize,
    cut: Cut,
}

/// Which part of a line is kept, in bytes of the line, and the length of the mark put in front.
#[derive(Clone, Copy)]
struct Cut {
    from: usize,
    to: usize,
    lead: usize,
    /// How many characters precede the part that is kept.
    dropped: usize,
    /// How many characters the mark in front has.
    mark: usize,
}

/// Where a label begins and ends on its line.
struct Place<'a> {
    line: usize,
    from: usize,
    to: usize,
    text: &'a str,
}

/// Room for the line number, the frame and a space at the end.
const FRAME: usize = 12;

impl Excerpt {
    pub(in crate::cli) fn new(file: &SourceFile, labels: &[&Label], look: Look) -> Self {
        let places: Vec<Place<'_>> = labels.iter().map(|label| place(file, label)).collect();
        let shown: BTreeSet<usize> = places
            .iter()
            .flat_map(|place| place.line.saturating_sub(1)..=place.line + 1)
            .collect();
        let mark = if look.unicode { "…" } else { "..." };
        let limit = look.width.saturating_sub(FRAME);
        let mut excerpt = Self {
            name: visible(&file.name),
            text: String::new(),
            lines: Vec::new(),
            labels: Vec::new(),
        };
        for number in shown {
            let Some(line) = file.shown(number) else {
                continue;
            };
            let first = places
                .iter()
                .filter(|place| place.line == number)
                .map(|place| place.from)
                .min();
            // What follows the last newline is a line to an editor and nothing to a reader.
            if line.is_empty() && first.is_none() && number == file.line_count() {
                continue;
            }
            excerpt.push(number, &visible_code(&line), first, limit, mark);
        }
        for (index, place) in places.iter().enumerate() {
            if let Some(label) = excerpt.label(place, index == 0, look) {
                excerpt.labels.push(label);
            }
        }
        excerpt
    }

    fn push(&mut self, number: usize, line: &str, first: Option<usize>, limit: usize, mark: &str) {
        let cut = cut(line, first.unwrap_or(0), limit, mark);
        let start = self.text.len();
        if cut.from > 0 {
            self.text.push_str(mark);
        }
        self.text.push_str(&line[cut.from..cut.to]);
        if cut.to < line.len() {
            self.text.push_str(mark);
        }
        let end = self.text.len();
        self.text.push('\n');
        self.lines.push(Line {
            number,
            start,
            end,
            cut,
        });
    }

    fn label(&self, place: &Place<'_>, main: bool, look: Look) -> Option<LabeledSpan> {
        let line = self.lines.iter().find(|line| line.number == place.line)?;
        let at = |byte: usize| {
            let kept = byte.clamp(line.cut.from, line.cut.to);
            line.start + line.cut.lead + (kept - line.cut.from)
        };
        let (from, to) = (at(place.from), at(place.to));
        let column = self.text[line.start..from].chars().count();
        let text = wrapped(&visible(place.text), column, look.width);
        let span = (from, to - from);
        Some(if main {
            LabeledSpan::new_primary_with_span(Some(text), span)
        } else {
            LabeledSpan::new_with_span(Some(text), span)
        })
    }

    /// The index of the line that holds a byte of the excerpt.
    fn line_at(&self, offset: usize) -> usize {
        self.lines
            .partition_point(|line| line.start <= offset)
            .saturating_sub(1)
    }

    /// The index of the line `by` lines away in one direction, or of the last one before a gap.
    fn walk(&self, from: usize, by: usize, forward: bool) -> usize {
        let mut at = from;
        for _ in 0..by {
            let next = if forward {
                at.checked_add(1)
            } else {
                at.checked_sub(1)
            };
            match next.and_then(|next| Some((next, self.lines.get(next)?))) {
                Some((next, line)) if line.number.abs_diff(self.lines[at].number) == 1 => at = next,
                _ => break,
            }
        }
        at
    }
}

/// A label's place; one that spans lines is shown on its first.
fn place<'a>(file: &SourceFile, label: &'a Label) -> Place<'a> {
    let start = label.span.start as usize;
    let line = file.position(start).line;
    let before = &file.text[..start.min(file.text.len())];
    let from = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1);
    let shown = file.shown(line).unwrap_or_default();
    let len = shown.len();
    let (from, to) = match file.is_hidden(line) {
        // A replacement is marked as a whole.
        true => (len - shown.trim_start().len(), len),
        false => (from.min(len), (from + label.span.len()).min(len)),
    };
    Place {
        line,
        from,
        to: to.max(from),
        text: &label.text,
    }
}

/// Which part of a line to keep so that the byte `first` is seen and `limit` characters are not
/// exceeded.
fn cut(line: &str, first: usize, limit: usize, mark: &str) -> Cut {
    let whole = Cut {
        from: 0,
        to: line.len(),
        lead: 0,
        dropped: 0,
        mark: 0,
    };
    // A byte is at least a column, and most lines are short: no need to count.
    if line.len() <= limit || line.chars().nth(limit).is_none() {
        return whole;
    }
    let marks = mark.chars().count();
    let before = line[..first].chars().count();
    let dropped = if before + limit / 3 > limit {
        before - limit / 3
    } else {
        0
    };
    let byte = |characters: usize| {
        line.char_indices()
            .nth(characters)
            .map_or(line.len(), |(at, _)| at)
    };
    let from = byte(dropped);
    let lead = if from > 0 { mark.len() } else { 0 };
    Cut {
        from,
        to: byte(dropped + limit.saturating_sub(2 * marks)),
        lead,
        dropped,
        mark: if from > 0 { marks } else { 0 },
    }
}

/// The text of a label in lines that fit to the right of its column.
fn wrapped(text: &str, column: usize, width: usize) -> String {
    let room = width.saturating_sub(FRAME + column + 4).max(24);
    let options = textwrap::Options::new(room)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    unglue(&textwrap::fill(&glue(text), options))
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset() + span.len();
        if self.lines.is_empty() || end > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let first = self.line_at(span.offset());
        let last = self.line_at(end);
        if before == 0 && after == 0 {
            let line = &self.lines[first];
            let column = self.text[line.start..span.offset()].chars().count();
            return Ok(Box::new(Contents {
                name: &self.name,
                data: &self.text.as_bytes()[span.offset()..end],
                span: *span,
                line: line.number - 1,
                column: column.saturating_sub(line.cut.mark) + line.cut.dropped,
                lines: last - first + 1,
            }));
        }
        let first = self.walk(first, before, false);
        let last = self.walk(last, after, true);
        let from = self.lines[first].start;
        // With its newline: an empty line, or a place at a line's end, is seen only so.
        let to = self.lines[last].end + 1;
        Ok(Box::new(Contents {
            name: &self.name,
            data: &self.text.as_bytes()[from..to],
            span: (from, to - from).into(),
            line: self.lines[first].number - 1,
            column: 0,
            lines: last - first + 1,
        }))
    }
}

/// What miette reads.
struct Contents<'a> {
    name: &'a str,
    data: &'a [u8],
    span: SourceSpan,
    line: usize,
    column: usize,
    lines: usize,
}

impl<'a> SpanContents<'a> for Contents<'a> {
    fn data(&self) -> &'a [u8] {
        self.data
    }

    fn span(&self) -> &SourceSpan {
        &self.span
    }

    fn name(&self) -> Option<&str> {
        Some(self.name)
    }

    fn line(&self) -> usize {
        self.line
    }

    fn column(&self) -> usize {
        self.column
    }

    fn line_count(&self) -> usize {
        self.lines
    }
}
