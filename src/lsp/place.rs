//! Positions in the protocol's units, and byte offsets: one is turned into the other here and nowhere else.
//!
//! A position is a line and a number of units in it: bytes, UTF-16 code units or characters, as the editor asked for. Lines end
//! with a line feed, as they do in the language. Positions that do not exist are moved to the nearest one that does.

use super::protocol::{Position, Range};

/// What the columns of positions count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    #[default]
    Utf16,
    Utf32,
}

impl Encoding {
    /// The protocol's name for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 => "utf-16",
            Self::Utf32 => "utf-32",
        }
    }

    /// The cheapest of those that the editor offers; UTF-16 if it offers none.
    pub(super) fn choose<'a>(offered: impl Iterator<Item = &'a str>) -> Self {
        let all = [Self::Utf8, Self::Utf32];
        let offered: Vec<&str> = offered.collect();
        let chosen = all.into_iter().find(|one| offered.contains(&one.name()));
        chosen.unwrap_or_default()
    }

    /// How many units a text has.
    pub(super) fn len(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            _ if text.is_ascii() => text.len(),
            Self::Utf16 => text.chars().map(char::len_utf16).sum(),
            Self::Utf32 => text.chars().count(),
        }
    }

    /// The byte behind this many units of a line; the last one if there are fewer, and the beginning of a character that
    /// would be split.
    fn offset(self, line: &str, units: usize) -> usize {
        let mut left = units;
        for (at, c) in line.char_indices() {
            let width = match self {
                Self::Utf8 => c.len_utf8(),
                Self::Utf16 => c.len_utf16(),
                Self::Utf32 => 1,
            };
            if left < width {
                return at;
            }
            left -= width;
        }
        line.len()
    }
}

/// Where the lines of a text begin.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    pub(super) fn new(text: &str) -> Self {
        let behind = text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(at, _)| at + 1);
        Self {
            starts: std::iter::once(0).chain(behind).collect(),
        }
    }

    /// The bytes of a line without its end.
    fn line<'a>(&self, text: &'a str, line: usize) -> (usize, &'a str) {
        let start = self.starts[line];
        let end = self
            .starts
            .get(line + 1)
            .map_or(text.len(), |next| next - 1);
        let whole = &text[start..end];
        (start, whole.strip_suffix('\r').unwrap_or(whole))
    }

    /// The byte at which a line begins; the last one's for lines behind it.
    pub(super) fn start(&self, line: usize) -> usize {
        self.starts[line.min(self.starts.len() - 1)]
    }

    /// The byte at which a line ends.
    pub(super) fn end(&self, text: &str, line: usize) -> usize {
        let (start, content) = self.line(text, line.min(self.starts.len() - 1));
        start + content.len()
    }

    /// The byte at a position.
    pub(super) fn offset(&self, text: &str, position: Position, encoding: Encoding) -> usize {
        let line = position.line as usize;
        if line >= self.starts.len() {
            return text.len();
        }
        let (start, content) = self.line(text, line);
        start + encoding.offset(content, position.character as usize)
    }

    /// The position of a byte.
    pub(super) fn position(&self, text: &str, offset: usize, encoding: Encoding) -> Position {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let before = &text[self.starts[line]..offset];
        // Between a carriage return and its line feed there is no place.
        let before = match text[offset..].starts_with('\n') {
            true => before.strip_suffix('\r').unwrap_or(before),
            false => before,
        };
        Position {
            line: small(line),
            character: small(encoding.len(before)),
        }
    }

    /// The positions of two bytes.
    pub(super) fn range(
        &self,
        text: &str,
        (start, end): (usize, usize),
        encoding: Encoding,
    ) -> Range {
        Range {
            start: self.position(text, start, encoding),
            end: self.position(text, end, encoding),
        }
    }
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a = é\r\n😀b\n\nend";

    #[test]
    fn every_place_comes_back_in_every_encoding() {
        let lines = Lines::new(TEXT);
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            for (offset, c) in TEXT.char_indices() {
                if c == '\n' && offset > 0 && TEXT.as_bytes()[offset - 1] == b'\r' {
                    continue;
                }
                let position = lines.position(TEXT, offset, encoding);
                assert_eq!(
                    lines.offset(TEXT, position, encoding),
                    offset,
                    "{encoding:?}"
                );
            }
        }
    }

    #[test]
    fn columns_count_what_the_editor_counts() {
        let lines = Lines::new(TEXT);
        let b = TEXT.find('b').expect("it is there");
        let column = |encoding| lines.position(TEXT, b, encoding).character;
        assert_eq!(
            [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32].map(column),
            [4, 2, 1]
        );
    }

    #[test]
    fn positions_that_do_not_exist_are_moved() {
        let lines = Lines::new(TEXT);
        let at =
            |line, character| lines.offset(TEXT, Position { line, character }, Encoding::Utf16);
        let line_end = TEXT.find('\r').expect("it is there");
        assert_eq!(at(0, 99), line_end);
        assert_eq!(at(99, 0), TEXT.len());
        assert_eq!(at(u32::MAX, u32::MAX), TEXT.len());
        // The middle of a surrogate pair.
        assert_eq!(at(1, 1), at(1, 0));
        assert_eq!(
            lines
                .position(TEXT, line_end + 1, Encoding::Utf16)
                .character,
            5
        );
        assert_eq!(lines.position(TEXT, 9999, Encoding::Utf16).line, 3);
    }

    #[test]
    fn the_cheapest_encoding_is_chosen() {
        let chosen = |offered: &[&str]| Encoding::choose(offered.iter().copied());
        assert_eq!(chosen(&["utf-16", "utf-8"]), Encoding::Utf8);
        assert_eq!(chosen(&["utf-32", "utf-16"]), Encoding::Utf32);
        assert_eq!(chosen(&["ebcdic"]), Encoding::Utf16);
        assert_eq!(chosen(&[]), Encoding::Utf16);
    }
}
