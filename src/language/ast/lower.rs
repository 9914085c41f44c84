//! From the tree of a file to its document: trivia is dropped, strings are decoded, and damage is
//! left out and marked.

use crate::declare;
use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Span, Spanned};
use crate::syntax::{SyntaxKind, SyntaxNode, Tree};

use super::findings::Findings;
use super::text::{self, Content};
use super::{Block, Document, Item, Label, LabelRange, Setting, Value};

declare! {
    /// A label may name many blocks at once: `node worker[01-12,20]` stands for `worker01` to
    /// `worker12` and `worker20`. The brackets hold numbers and ranges `first-last` with commas
    /// between them. Leading zeros are kept: `[01-12]` counts 01, 02, ... 12.
    ///
    /// ```pik fails
    /// node worker[01..03] {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-3b-plus
    ///   address = 192.168.11.202..192.168.11.204
    /// }
    /// ```
    ///
    /// ```pik
    /// node worker[01-03] {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-3b-plus
    ///   address = 192.168.11.202..192.168.11.204
    /// }
    /// ```
    pub static LABEL_RANGE = {
        code: "syntax/label-range",
        since: "0.1.0",
        severity: Error,
        title: "not a number and not a range of numbers",
        help: "write numbers and ranges: `[02-04,07]`",
        sources: ["grammar/README.md"],
    }
}

/// The most digits that a number in a label can have.
const MOST_DIGITS: usize = 18;

/// Makes the document of a file from its tree. Mistakes inside strings and label ranges are
/// reported here; all others were reported when the tree was built.
pub fn lower(tree: &Tree, file: FileId, text: &str, out: &mut Diagnostics) -> Document {
    let mut lowering = Lowering {
        file,
        text,
        out: Findings::new(out),
    };
    let (items, damaged) = lowering.items(&tree.root);
    Document {
        file,
        items,
        damaged,
    }
}

struct Lowering<'a> {
    file: FileId,
    text: &'a str,
    out: Findings<'a>,
}

impl Lowering<'_> {
    /// The items of a file or block, and whether any part of it was damaged.
    fn items(&mut self, node: &SyntaxNode) -> (Vec<Item>, bool) {
        let mut items = Vec::new();
        let mut damaged = false;
        for part in node.parts() {
            let item = match part.kind {
                SyntaxKind::Setting => self.setting(part).map(Item::Setting),
                SyntaxKind::Block => self.block(part).map(Item::Block),
                SyntaxKind::Damage => None,
                _ => continue,
            };
            match item {
                Some(item) => items.push(item),
                None => damaged = true,
            }
        }
        (items, damaged)
    }

    /// None if its key cannot be read.
    fn setting(&mut self, node: &SyntaxNode) -> Option<Setting> {
        let mut parts = node.parts();
        let first = parts.next()?;
        let key = self.name(first)?;
        let mut values = parts.filter(|part| part.kind != SyntaxKind::Equals);
        let value = match (values.next(), values.next()) {
            (Some(value), None) => self.value(value),
            (Some(value), Some(_)) => Value::Poisoned(self.span(value.start, node.end)),
            (None, _) => Value::Poisoned(self.span(node.start, node.end)),
        };
        Some(Setting {
            key,
            key_quoted: first.kind == SyntaxKind::Text,
            value,
            span: self.span(node.start, node.end),
        })
    }

    /// None if its kind or label cannot be read.
    fn block(&mut self, node: &SyntaxNode) -> Option<Block> {
        let mut parts = node.parts();
        let first = parts.next()?;
        if first.kind != SyntaxKind::Word {
            return None;
        }
        let kind = self.name(first)?;
        let (items, mut damaged) = self.items(node);
        let label = match node.part(SyntaxKind::Label) {
            Some(label) => Some(self.label(label, &mut damaged)?),
            None => None,
        };
        // A block without its `{` has been reported, and is complete otherwise.
        damaged |= node.part(SyntaxKind::Close).is_none();
        Some(Block {
            kind,
            label,
            items,
            span: self.span(node.start, node.end),
            damaged,
        })
    }

    fn label(&mut self, node: &SyntaxNode, damaged: &mut bool) -> Option<Label> {
        let first = node.parts().next()?;
        let name = self.name(first)?;
        let ranges = match node.part(SyntaxKind::Ranges) {
            Some(ranges) => Some(self.ranges(ranges, damaged)?),
            None => None,
        };
        Some(Label {
            name,
            quoted: first.kind == SyntaxKind::Text,
            ranges,
            span: self.span(node.start, node.end),
        })
    }

    /// None if none of them can be read.
    fn ranges(
        &mut self,
        node: &SyntaxNode,
        damaged: &mut bool,
    ) -> Option<Spanned<Vec<LabelRange>>> {
        let mut ranges = Vec::new();
        for word in node.parts().filter(|part| part.kind == SyntaxKind::Word) {
            match label_range(word.text(self.text)) {
                Some((first, last, width)) => ranges.push(LabelRange {
                    first,
                    last,
                    width,
                    span: self.span(word.start, word.end),
                }),
                None => {
                    *damaged = true;
                    self.odd_range(word);
                }
            }
        }
        let span = self.span(node.start, node.end);
        (!ranges.is_empty()).then(|| Spanned::new(ranges, span))
    }

    fn odd_range(&mut self, word: &SyntaxNode) {
        let written = word.text(self.text);
        let span = self.span(word.start, word.end);
        let dashed = written.replace("..", "-");
        let message = format!("`{written}` is neither a number nor a range of numbers");
        self.out.report(&LABEL_RANGE, message, |problem| {
            let problem = problem.label(span, "expected `7` or `02-04`");
            if label_range(&dashed).is_some() {
                let title = format!("write `{dashed}`");
                problem
                    .help("write a `-` between the two numbers of a range")
                    .fix(title, span, dashed)
            } else {
                problem
            }
        });
    }

    /// A word or a string as a plain name.
    fn name(&mut self, node: &SyntaxNode) -> Option<Spanned<String>> {
        let span = self.span(node.start, node.end);
        match node.kind {
            SyntaxKind::Word => Some(Spanned::new(node.text(self.text).to_owned(), span)),
            SyntaxKind::Text => match text::read(node.text(self.text), span, &mut self.out) {
                Content::Sound(found) => text::name(found, &mut self.out),
                Content::Broken => None,
            },
            _ => None,
        }
    }

    fn value(&mut self, node: &SyntaxNode) -> Value {
        let span = self.span(node.start, node.end);
        let written = node.text(self.text);
        match node.kind {
            SyntaxKind::Word => Value::Word(Spanned::new(written.to_owned(), span)),
            SyntaxKind::Text => text::read(written, span, &mut self.out).value(span),
            SyntaxKind::LongText => text::read_long(written, span, &mut self.out).value(span),
            SyntaxKind::List => self.list(node, span),
            _ => Value::Poisoned(span),
        }
    }

    fn list(&mut self, node: &SyntaxNode, span: Span) -> Value {
        let values = node
            .parts()
            .filter(|part| {
                !matches!(
                    part.kind,
                    SyntaxKind::ListOpen | SyntaxKind::ListClose | SyntaxKind::Comma
                )
            })
            .map(|part| self.value(part))
            .collect();
        if node.part(SyntaxKind::ListClose).is_none() {
            return Value::Poisoned(span);
        }
        Value::List(values, span)
    }

    fn span(&self, start: u32, end: u32) -> Span {
        Span {
            file: self.file,
            start,
            end,
        }
    }
}

/// `7` or `02-04`, as first, last and the width of the first.
fn label_range(written: &str) -> Option<(u64, u64, usize)> {
    let (first, last) = written.split_once('-').unwrap_or((written, written));
    let number = |digits: &str| {
        let plain = (1..=MOST_DIGITS).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u64>().ok()).flatten()
    };
    Some((number(first)?, number(last)?, first.len()))
}
