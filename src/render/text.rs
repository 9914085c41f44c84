//! Text that grows line by line, each line with the origins that put it there, and the characters
//! that no generated text may hold.

use super::{File, LineOrigin};
use crate::origin::Origin;

pub use crate::file_format::{first_forbidden, forbidden};

/// Finished text with the origins of its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The text; it ends in a newline unless it is empty.
    pub text: String,
    /// One entry a line; empty if they are not kept.
    pub lines: Vec<LineOrigin>,
}

impl Text {
    /// As a file of this mode.
    pub fn into_file(self, mode: u32) -> File {
        File {
            content: self.text.into(),
            mode,
            lines: self.lines,
        }
    }
}

/// Builds a [`Text`].
#[derive(Clone, Debug)]
pub struct TextBuilder {
    text: String,
    lines: Vec<LineOrigin>,
    keep: bool,
}

impl TextBuilder {
    /// An empty text; `keep_lines` sets whether origins are kept.
    pub fn new(keep_lines: bool) -> Self {
        Self {
            text: String::new(),
            lines: Vec::new(),
            keep: keep_lines,
        }
    }

    /// Adds one line, given without its newline.
    pub fn line(&mut self, line: &str, origins: &[Origin]) {
        debug_assert!(!line.contains('\n'), "one line: {line:?}");
        self.text.push_str(line);
        self.end_line(origins);
    }

    /// Where to write the beginning of a line that [`TextBuilder::end_line`] will end.
    pub fn buffer(&mut self) -> &mut String {
        &mut self.text
    }

    /// Ends the line that was written into [`TextBuilder::buffer`].
    pub fn end_line(&mut self, origins: &[Origin]) {
        self.text.push('\n');
        if self.keep {
            self.lines.push(origins.to_vec());
        }
    }

    /// The finished text.
    pub fn finish(self) -> Text {
        debug_assert!(!self.keep || self.lines.len() == self.text.matches('\n').count());
        Text {
            text: self.text,
            lines: self.lines,
        }
    }
}
