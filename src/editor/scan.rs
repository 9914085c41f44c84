//! A text cut into words and marks, as far as an editor's questions need it: no text is too damaged for that.

use std::ops::Range;

/// What a piece of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A bare word.
    Word,
    /// `"..."`, closed or up to the end of its line.
    Text,
    /// `"""` over several lines, closed or up to the end of the file.
    LongText,
    /// `=`
    Equals,
    /// `{`
    Open,
    /// `}`
    Close,
    /// `[`
    ListOpen,
    /// `]`
    ListClose,
    /// `,`
    Comma,
    /// From `#` to the end of the line.
    Comment,
    /// The end of a line.
    Newline,
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// What it is.
    pub mark: Mark,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// Whether a string has its closing quotes.
    pub closed: bool,
}

impl Piece {
    /// Its bytes.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Whether a cursor at a byte is in it; for a word also right before and behind it.
    pub fn holds(&self, offset: usize) -> bool {
        match self.mark {
            Mark::Word => self.start <= offset && offset <= self.end,
            Mark::Text | Mark::LongText => {
                self.start < offset && (offset < self.end || !self.closed && offset == self.end)
            }
            Mark::Comment => self.start < offset && offset <= self.end,
            _ => false,
        }
    }
}

/// The pieces of a text in order; what is between them is white space.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let bytes = text.as_bytes();
    let mut all = Vec::new();
    // A byte order mark is no part of the first word.
    let mut at = text.len() - text.trim_start_matches('\u{FEFF}').len();
    while let Some(byte) = bytes.get(at) {
        let (mark, end, closed) = match byte {
            b' ' | b'\t' | b'\r' => {
                at += 1;
                continue;
            }
            b'\n' => (Mark::Newline, at + 1, true),
            b'#' => (Mark::Comment, line_end(bytes, at), true),
            b'{' => (Mark::Open, at + 1, true),
            b'}' => (Mark::Close, at + 1, true),
            b'[' => (Mark::ListOpen, at + 1, true),
            b']' => (Mark::ListClose, at + 1, true),
            b',' => (Mark::Comma, at + 1, true),
            b'=' => (Mark::Equals, at + 1, true),
            b'"' if bytes[at..].starts_with(b"\"\"\"") => {
                let (end, closed) = long_text(bytes, at);
                (Mark::LongText, end, closed)
            }
            b'"' => {
                let (end, closed) = short_text(bytes, at);
                (Mark::Text, end, closed)
            }
            _ => (Mark::Word, word_end(bytes, at), true),
        };
        all.push(Piece {
            mark,
            start: at,
            end,
            closed,
        });
        at = end;
    }
    all
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    let rest = &bytes[from..];
    let end = rest.iter().position(|byte| *byte == b'\n');
    let end = from + end.unwrap_or(rest.len());
    match bytes[from..end].last() {
        Some(b'\r') => end - 1,
        _ => end,
    }
}

/// All of the bytes at which a word ends are ASCII, so a word never ends inside a character.
fn word_end(bytes: &[u8], from: usize) -> usize {
    let ends = |byte: &u8| {
        matches!(
            byte,
            b' ' | b'\t' | b'\r' | b'\n' | b'{' | b'}' | b'[' | b']' | b',' | b'=' | b'"'
        )
    };
    let rest = &bytes[from + 1..];
    from + 1 + rest.iter().position(ends).unwrap_or(rest.len())
}

fn short_text(bytes: &[u8], from: usize) -> (usize, bool) {
    let mut at = from + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return (at + 1, true),
            b'\n' => break,
            b'\\' if bytes.get(at + 1).is_some_and(|next| *next != b'\n') => at += 2,
            _ => at += 1,
        }
    }
    (line_end(bytes, from), false)
}

fn long_text(bytes: &[u8], from: usize) -> (usize, bool) {
    let mut at = from + 3;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"\"\"\"") {
            return (at + 3, true);
        }
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (bytes.len(), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_its_marks() {
        let text = "node n[1-2] { a = [x, \"y }\"] } # z\n\"open";
        let shown: Vec<&str> = pieces(text)
            .iter()
            .map(|piece| &text[piece.range()])
            .collect();
        assert_eq!(
            shown,
            [
                "node", "n", "[", "1-2", "]", "{", "a", "=", "[", "x", ",", "\"y }\"", "]", "}",
                "# z", "\n", "\"open"
            ]
        );
    }

    #[test]
    fn pieces_stay_within_any_text() {
        for text in [
            "\"",
            "\"\"\"",
            "\"\"\"\\",
            "\"\\",
            "é{ü=\"ä",
            "a\r\n#\r\n\r",
            "\"a\\\n",
            "\u{FEFF}",
        ] {
            let mut before = 0;
            for piece in pieces(text) {
                assert!(before <= piece.start && piece.start < piece.end, "{text:?}");
                assert!(text.get(piece.range()).is_some(), "{text:?}");
                before = piece.end;
            }
        }
    }
}
