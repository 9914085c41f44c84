//! A document that is open in the editor: its text as the editor last sent it.

use std::sync::Arc;

use super::place::{Encoding, Lines};
use super::protocol::Change;

/// An open document.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// The editor's number for this text.
    pub version: i64,
    /// Our own: it changes with the text even if an editor repeats a version, and it is never used twice.
    pub edition: u64,
    pub text: Arc<str>,
}

impl Document {
    pub(super) fn new(version: i64, edition: u64, text: String) -> Self {
        Self {
            version,
            edition,
            text: Arc::from(text),
        }
    }

    /// Applies changes in order; each is about the text that the one before it left.
    pub(super) fn change(&mut self, changes: &[Change], edition: u64, encoding: Encoding) {
        let mut text = self.text.to_string();
        for change in changes {
            let Some(range) = change.range else {
                text.clone_from(&change.text);
                continue;
            };
            let lines = Lines::new(&text);
            let start = lines.offset(&text, range.start, encoding);
            let end = lines.offset(&text, range.end, encoding);
            text.replace_range(start.min(end)..start.max(end), &change.text);
        }
        self.text = Arc::from(text);
        self.edition = edition;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lsp::protocol::{Position, Range};

    fn change(from: (u32, u32), to: (u32, u32), text: &str) -> Change {
        let position = |(line, character)| Position { line, character };
        Change {
            range: Some(Range {
                start: position(from),
                end: position(to),
            }),
            text: text.to_owned(),
        }
    }

    #[test]
    fn changes_follow_each_other() {
        let mut document = Document::new(1, 1, "a\nb😀c\n".to_owned());
        let changes = [
            change((1, 1), (1, 3), "é"),
            change((0, 0), (0, 1), ""),
            change((9, 9), (9, 9), "end"),
        ];
        document.change(&changes, 2, Encoding::Utf16);
        assert_eq!(&*document.text, "\nbéc\nend");
        document.change(
            &[Change {
                range: None,
                text: "new".to_owned(),
            }],
            3,
            Encoding::Utf16,
        );
        assert_eq!((&*document.text, document.edition), ("new", 3));
    }

    #[test]
    fn a_range_from_back_to_front_is_turned() {
        let mut document = Document::new(1, 1, "abc".to_owned());
        document.change(&[change((0, 2), (0, 1), "X")], 2, Encoding::Utf8);
        assert_eq!(&*document.text, "aXc");
    }
}
