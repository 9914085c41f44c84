//! YAML text of documents, in block style, with the origins of each line.
//!
//! In: [`ValueNode`] trees with a comment for the head and notes for keys. Out: [`Text`]. Write only, and
//! only what readers of YAML 1.1 and of YAML 1.2 understand alike: text is quoted unless it cannot
//! be read as anything else, control characters are escaped, several lines become a literal block.

mod scalar;

use serde::Serialize;

use super::text::{Text, TextBuilder, forbidden};
use super::tree::{Key, TreeError, Value, ValueNode};
use crate::origin::Origin;

/// One document of a file.
#[derive(Clone, Debug)]
pub struct YamlDocument {
    node: ValueNode,
    comment: Vec<String>,
    notes: Vec<(&'static str, String)>,
    origins: Vec<Origin>,
}

impl YamlDocument {
    /// A document from anything that serde can serialize; `default` is why the document is there, for
    /// lines that have no origin of their own. `keep_lines` sets whether origins are kept.
    pub fn new(
        body: &impl Serialize,
        default: &[Origin],
        keep_lines: bool,
    ) -> Result<Self, TreeError> {
        Ok(Self {
            node: ValueNode::new(body, keep_lines)?,
            comment: Vec::new(),
            notes: Vec::new(),
            origins: default.to_vec(),
        })
    }

    /// The same with more fields: maps are merged, and what is there already stays where it is.
    ///
    /// # Errors
    ///
    /// A field is one that no document can hold.
    pub fn with(mut self, more: &impl Serialize, keep_lines: bool) -> Result<Self, TreeError> {
        self.node.merge(ValueNode::new(more, keep_lines)?);
        Ok(self)
    }

    /// Lines of comment above the document; an empty line makes a lone `#`.
    #[must_use]
    pub fn comment(mut self, lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.comment.extend(lines.into_iter().map(Into::into));
        self
    }

    /// A comment above the key at `path` (`networking.podSubnet`), wherever the document has that key.
    #[must_use]
    pub fn note(mut self, path: &'static str, note: impl Into<String>) -> Self {
        self.notes.push((path, note.into()));
        self
    }
}

/// The text of a file with these documents, in order.
pub fn render(documents: &[YamlDocument], keep_lines: bool) -> Text {
    let mut out = TextBuilder::new(keep_lines);
    for (index, document) in documents.iter().enumerate() {
        let mut writer = Writer {
            out: &mut out,
            notes: &document.notes,
            path: String::new(),
        };
        if index > 0 {
            writer.out.line("---", &[]);
        }
        for line in &document.comment {
            writer.comment(0, line, &document.origins);
        }
        writer.top(&document.node, &document.origins);
    }
    out.finish()
}

/// A line `key: value` of a document that is built line by line; the value is quoted if it must be.
pub(super) fn pair(out: &mut TextBuilder, key: &'static str, value: &str, origins: &[Origin]) {
    let buffer = out.buffer();
    buffer.push_str(key);
    buffer.push_str(": ");
    scalar::key(buffer, value);
    out.end_line(origins);
}

pub(super) use scalar::fits_block;

struct Writer<'a> {
    out: &'a mut TextBuilder,
    notes: &'a [(&'static str, String)],
    path: String,
}

impl Writer<'_> {
    fn top(&mut self, node: &ValueNode, inherited: &[Origin]) {
        match &node.value {
            Value::Map(pairs) if !pairs.is_empty() => self.map(pairs, 0, own(node, inherited)),
            Value::List(items) if !items.is_empty() => self.list(items, 0, own(node, inherited)),
            _ => self.value(node, 0, inherited),
        }
    }

    /// The pairs of a map, each on lines of its own, `indent` deep. The cursor is at the beginning
    /// of a line, or after the dash of a list if the first key goes there.
    fn map(&mut self, pairs: &[(Key, ValueNode)], indent: usize, inherited: &[Origin]) {
        let mut behind_dash = self.behind_dash();
        for (key, node) in pairs {
            let depth = self.path.len();
            if depth > 0 {
                self.path.push('.');
            }
            self.path.push_str(key);
            if !behind_dash {
                self.note(indent, node, inherited);
                self.spaces(indent);
            }
            behind_dash = false;
            scalar::key(self.out.buffer(), key);
            self.out.buffer().push(':');
            self.value(node, indent, inherited);
            self.path.truncate(depth);
        }
    }

    /// What follows a key: on the same line, or below it and one step deeper.
    fn value(&mut self, node: &ValueNode, indent: usize, inherited: &[Origin]) {
        let origins = own(node, inherited);
        match &node.value {
            Value::Map(pairs) if !pairs.is_empty() => {
                self.end_opening_line(node, inherited);
                self.map(pairs, indent + 2, origins);
            }
            Value::List(items) if !items.is_empty() => {
                self.end_opening_line(node, inherited);
                self.list(items, indent + 2, origins);
            }
            Value::Text(text) if scalar::fits_block(text) => self.block(text, indent, origins),
            value => {
                if !self.behind_dash() && !self.at_line_start() {
                    self.out.buffer().push(' ');
                }
                scalar::write(self.out.buffer(), value);
                self.out.end_line(origins);
            }
        }
    }

    fn list(&mut self, items: &[ValueNode], indent: usize, inherited: &[Origin]) {
        for item in items {
            if !self.behind_dash() {
                self.spaces(indent);
            }
            self.out.buffer().push_str("- ");
            let origins = own(item, inherited);
            match &item.value {
                Value::Map(pairs) if !pairs.is_empty() => self.map(pairs, indent + 2, origins),
                Value::List(items) if !items.is_empty() => self.list(items, indent + 2, origins),
                _ => self.value(item, indent, inherited),
            }
        }
    }

    /// A literal block: the header after the key or dash, then the lines as they are, deeper.
    fn block(&mut self, text: &str, indent: usize, origins: &[Origin]) {
        if !self.behind_dash() && !self.at_line_start() {
            self.out.buffer().push(' ');
        }
        let kept = if text.ends_with('\n') { "|" } else { "|-" };
        self.out.buffer().push_str(kept);
        self.out.end_line(origins);
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            if !line.is_empty() {
                self.spaces(indent + 2);
                self.out.buffer().push_str(line);
            }
            self.out.end_line(origins);
        }
    }

    /// Ends a line that only opens what is below it: it is there because of all of that.
    fn end_opening_line(&mut self, node: &ValueNode, inherited: &[Origin]) {
        let all = node.all_origins();
        let origins = if all.is_empty() { inherited } else { &all };
        self.out.end_line(origins);
    }

    fn note(&mut self, indent: usize, node: &ValueNode, inherited: &[Origin]) {
        let notes = self.notes;
        for (path, note) in notes {
            if *path == self.path {
                for line in note.lines() {
                    self.comment(indent, line, own(node, inherited));
                }
            }
        }
    }

    fn comment(&mut self, indent: usize, line: &str, origins: &[Origin]) {
        self.spaces(indent);
        let buffer = self.out.buffer();
        buffer.push('#');
        if !line.is_empty() {
            buffer.push(' ');
            buffer.extend(line.chars().map(|c| if forbidden(c) { ' ' } else { c }));
        }
        self.out.end_line(origins);
    }

    fn spaces(&mut self, count: usize) {
        let buffer = self.out.buffer();
        buffer.extend(std::iter::repeat_n(' ', count));
    }

    fn behind_dash(&mut self) -> bool {
        self.out.buffer().ends_with("- ")
    }

    fn at_line_start(&mut self) -> bool {
        let buffer = self.out.buffer();
        buffer.is_empty() || buffer.ends_with('\n')
    }
}

/// A node's own origins, or those of the node that contains it.
fn own<'a>(node: &'a ValueNode, inherited: &'a [Origin]) -> &'a [Origin] {
    if node.origins.is_empty() {
        inherited
    } else {
        &node.origins
    }
}

#[cfg(test)]
mod document_tests;
#[cfg(test)]
pub(crate) mod reader;
#[cfg(test)]
mod tests;
