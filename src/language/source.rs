//! Where text came from: files by number, byte spans in them, and lines and columns for people.
//!
//! In: the text of every file that takes part in a compilation (specs, used files, the standard
//! library, the user's manifests). Out: `Span`s that name a place, and `Position`s to print.
//! Nothing here reads a file: text is handed in. Spans are bytes; they become columns only in the
//! output (a terminal report, JSON, an editor).

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

/// The number of a file in [`Sources`]. Files of the library have numbers of their own, above all others: they are the same
/// in each run, so what is read from them can be kept with its places when the program is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileId(pub u32);

impl FileId {
    const LIBRARY: u32 = 1 << 31;

    /// The file of the library that has this index among the embedded ones.
    pub fn embedded(index: usize) -> Self {
        Self(Self::LIBRARY | clamp(index))
    }

    /// Whether it is a file of the library and not one of the user's.
    pub fn is_library(self) -> bool {
        self.0 & Self::LIBRARY != 0
    }

    fn index(self) -> usize {
        (self.0 & !Self::LIBRARY) as usize
    }
}

/// A run of bytes in one file: `start` is the first byte, `end` the one after the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        Self {
            file,
            start: clamp(start),
            end: clamp(end),
        }
    }

    /// The smallest span that covers both; the two must lie in one file (else `self` is returned).
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The part of this span from byte `from` to byte `to`, both counted from its start.
    pub fn part(self, from: usize, to: usize) -> Span {
        let limit = (self.end - self.start) as usize;
        let from = from.min(limit);
        let to = to.clamp(from, limit);
        Span {
            file: self.file,
            start: self.start + clamp(from),
            end: self.start + clamp(to),
        }
    }

    /// The part of this span before another one that lies in it.
    pub fn before(self, inner: Span) -> Span {
        Span {
            end: inner.start.clamp(self.start, self.end),
            ..self
        }
    }

    /// The part of this span after another one that lies in it.
    pub fn after(self, inner: Span) -> Span {
        Span {
            start: inner.end.clamp(self.start, self.end),
            ..self
        }
    }

    /// How many bytes it covers.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it covers no byte (a place between two bytes).
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// Files are limited to far less than 4 GiB before they get here, so this never loses anything.
fn clamp(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// A value and the place where it is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it is.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Pairs a value with its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// A line and a column, both from 1; columns count characters, as people do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// One file: the name shown to people, its text, and where its lines begin.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The name to show: a path as the user wrote it, `<stdin>`, or `<stdlib>/boards/pi-4.pik`.
    pub name: String,
    /// The whole text.
    pub text: Arc<str>,
    lines: LineIndex,
    /// The lines that hold a secret.
    hidden: BTreeSet<usize>,
    /// The bytes that are a secret, from and to.
    masked: Vec<(usize, usize)>,
}

/// Shown in place of a line that holds a secret.
const BLOT: &str = "(holds a secret: not shown)";

impl SourceFile {
    fn new(name: String, text: Arc<str>) -> Self {
        Self {
            lines: LineIndex::new(&text),
            name,
            text,
            hidden: BTreeSet::new(),
            masked: Vec::new(),
        }
    }

    /// The line and column of a byte offset.
    pub fn position(&self, offset: usize) -> Position {
        self.lines.position(&self.text, offset)
    }

    /// The text of line `number` (from 1) without its newline, if there is such a line.
    pub fn line(&self, number: usize) -> Option<&str> {
        let (start, end) = self.lines.bounds(number.checked_sub(1)?, self.text.len())?;
        Some(self.text[start..end].trim_end_matches(['\n', '\r']))
    }

    /// The same, safe for a report: of a line that holds a secret, only its beginning, or the line with as many `*` as the
    /// secret has bytes, so that places in it stay what they are.
    pub fn shown(&self, number: usize) -> Option<Cow<'_, str>> {
        let line = self.line(number)?;
        if !self.is_hidden(number) {
            return Some(self.starred(number, line));
        }
        let indent = &line[..line.len() - line.trim_start().len()];
        Some(Cow::Owned(format!("{indent}{BLOT}")))
    }

    /// A line without what is masked.
    fn starred<'a>(&self, number: usize, line: &'a str) -> Cow<'a, str> {
        let start = self.lines.starts.get(number.wrapping_sub(1));
        let start = start.map_or(0, |start| *start as usize);
        let end = start + line.len();
        let here: Vec<_> = self
            .masked
            .iter()
            .filter(|(from, to)| *from < end && *to > start)
            .collect();
        if here.is_empty() {
            return Cow::Borrowed(line);
        }
        let mut text = String::with_capacity(line.len());
        for (at, c) in line.char_indices() {
            let at = start + at;
            match here.iter().any(|(from, to)| (*from..*to).contains(&at)) {
                true => text.extend(std::iter::repeat_n('*', c.len_utf8())),
                false => text.push(c),
            }
        }
        Cow::Owned(text)
    }

    /// Whether a line was hidden.
    pub fn is_hidden(&self, number: usize) -> bool {
        self.hidden.contains(&number)
    }

    /// How many lines there are; an empty file has one.
    pub fn line_count(&self) -> usize {
        self.lines.starts.len()
    }
}

/// The byte offsets at which lines begin.
#[derive(Clone, Debug)]
struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    fn new(text: &str) -> Self {
        let after_newlines = text.match_indices('\n').map(|(at, _)| clamp(at + 1));
        Self {
            starts: std::iter::once(0).chain(after_newlines).collect(),
        }
    }

    fn position(&self, text: &str, offset: usize) -> Position {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self
            .starts
            .partition_point(|start| *start as usize <= offset)
            - 1;
        let start = self.starts[line] as usize;
        Position {
            line: line + 1,
            column: text[start..offset].chars().count() + 1,
        }
    }

    fn bounds(&self, index: usize, len: usize) -> Option<(usize, usize)> {
        let start = *self.starts.get(index)? as usize;
        let end = self
            .starts
            .get(index + 1)
            .map_or(len, |next| *next as usize);
        Some((start, end))
    }
}

/// The files that are built into a program: their paths below the library's root, and their texts.
pub type Embedded = &'static [(&'static str, &'static str)];

/// All files of one compilation. Files are only ever added, so a [`FileId`] stays good.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    own: Vec<SourceFile>,
    embedded: Embedded,
    /// The embedded files that this run has read. Most runs read none.
    seen: Vec<OnceLock<Box<SourceFile>>>,
    overlay: Vec<SourceFile>,
}

impl Sources {
    /// Adds a file of the user, under the name to show for it.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        self.own.push(SourceFile::new(name.into(), text.into()));
        FileId(clamp(self.own.len() - 1))
    }

    /// Sets the built-in files; [`FileId::embedded`] names them.
    pub fn embed(&mut self, files: Embedded) {
        self.embedded = files;
        self.seen = vec![OnceLock::new(); files.len()];
    }

    /// Adds a file that replaces one of the library or extends it, by its path below the library's root.
    pub fn add_overlay(&mut self, path: &str, text: impl Into<Arc<str>>) -> FileId {
        let index = self.embedded.len() + self.overlay.len();
        self.overlay
            .push(SourceFile::new(library_name(path), text.into()));
        FileId::embedded(index)
    }

    /// Gives the files of the user other names, for a report to someone who calls them so.
    pub fn rename(&mut self, name: impl Fn(&str) -> Option<String>) {
        for file in &mut self.own {
            if let Some(other) = name(&file.name) {
                file.name = other;
            }
        }
    }

    /// Marks the lines of a span in a file of the user as secret: no report shows them.
    pub fn hide(&mut self, span: Span) {
        if span.file.is_library() {
            return;
        }
        let last = (span.end as usize).saturating_sub(1);
        let file = &mut self.own[span.file.index()];
        let first = file.position(span.start as usize).line;
        let last = file.position(last).line.max(first);
        file.hidden.extend(first..=last);
    }

    /// Marks a span in a file of the user as a secret: reports show the line with `*` in its place.
    pub fn mask(&mut self, span: Span) {
        if !span.file.is_library() {
            let file = &mut self.own[span.file.index()];
            file.masked.push((span.start as usize, span.end as usize));
        }
    }

    /// The file of an id that these sources returned.
    pub fn file(&self, id: FileId) -> &SourceFile {
        let index = id.index();
        if !id.is_library() {
            return &self.own[index];
        }
        match self.embedded.get(index) {
            Some((path, text)) => self.seen[index]
                .get_or_init(|| Box::new(SourceFile::new(library_name(path), Arc::from(*text)))),
            None => &self.overlay[index - self.embedded.len()],
        }
    }

    /// The text that a span covers.
    pub fn text(&self, span: Span) -> &str {
        let text = &self.file(span.file).text;
        text.get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }

    /// The first place of a span, for people.
    pub fn start(&self, span: Span) -> Position {
        self.file(span.file).position(span.start as usize)
    }

    /// The place just after a span, for people.
    pub fn end(&self, span: Span) -> Position {
        self.file(span.file).position(span.end as usize)
    }

    /// The user's files, in the order they were added; not those of the library.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.own
            .iter()
            .enumerate()
            .map(|(index, file)| (FileId(clamp(index)), file))
    }
}

/// The name of a library file in reports.
fn library_name(path: &str) -> String {
    format!("<stdlib>/{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_start_at_one() {
        let mut sources = Sources::default();
        let file = sources.add("a.pik", "é = 1\nzweite\n");
        let at = |offset| sources.file(file).position(offset);
        assert_eq!(at(0), Position { line: 1, column: 1 });
        assert_eq!(at(3), Position { line: 1, column: 3 });
        assert_eq!(at(7), Position { line: 2, column: 1 });
        assert_eq!(at(999), Position { line: 3, column: 1 });
        assert_eq!(sources.file(file).line(2), Some("zweite"));
        assert_eq!(sources.file(file).line(4), None);
    }

    #[test]
    fn a_part_of_a_span_never_leaves_it() {
        let span = Span::new(FileId(0), 10, 14);
        assert_eq!(span.part(1, 3), Span::new(FileId(0), 11, 13));
        assert_eq!(span.part(9, 2), Span::new(FileId(0), 14, 14));
    }

    #[test]
    fn a_masked_part_keeps_its_width_in_bytes() {
        let mut sources = Sources::default();
        let file = sources.add("a.pik", "a = 1\nkey = \"hé x\" # b\n");
        sources.mask(Span::new(file, 12, 19));
        let file = sources.file(file);
        assert_eq!(file.shown(1).as_deref(), Some("a = 1"));
        assert_eq!(file.shown(2).as_deref(), Some("key = ******* # b"));
        assert_eq!(file.line(2).map(str::len), Some("key = ******* # b".len()));
    }

    #[test]
    fn files_of_the_library_have_numbers_of_their_own() {
        let mut sources = Sources::default();
        let own = sources.add("a.pik", "own");
        sources.embed(&[("x.pik", "embedded")]);
        let over = sources.add_overlay("y.pik", "own board");
        let embedded = FileId::embedded(0);
        let name = |id| sources.file(id).name.as_str();
        let text = |id| sources.text(Span::new(id, 0, 9));
        assert_eq!(
            [name(own), name(embedded), name(over)],
            ["a.pik", "<stdlib>/x.pik", "<stdlib>/y.pik"]
        );
        assert_eq!([text(embedded), text(over)], ["", "own board"]);
        assert!(!own.is_library() && embedded.is_library() && over.is_library());
        assert_eq!(sources.files().map(|(id, _)| id).collect::<Vec<_>>(), [own]);
    }
}
