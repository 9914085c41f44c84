//! Spans of an analysis as the editor's addresses and ranges.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::place::Lines;
use super::protocol::{Location, Position, Range};
use super::workspace::Workspace;
use crate::Analysis;
use crate::source::{FileId, Span};

/// What turns spans of one analysis into places; the lines of each file are counted once.
pub(super) struct Places<'a> {
    pub workspace: &'a Workspace,
    pub analysis: &'a Analysis,
    lines: RefCell<BTreeMap<FileId, Rc<Lines>>>,
}

impl<'a> Places<'a> {
    pub(super) fn new(workspace: &'a Workspace, analysis: &'a Analysis) -> Self {
        Self {
            workspace,
            analysis,
            lines: RefCell::default(),
        }
    }

    fn lines(&self, file: FileId) -> Rc<Lines> {
        let mut known = self.lines.borrow_mut();
        let lines = known
            .entry(file)
            .or_insert_with(|| Rc::new(Lines::new(&self.analysis.sources.file(file).text)));
        Rc::clone(lines)
    }

    pub(super) fn range(&self, span: Span) -> Range {
        let text = &self.analysis.sources.file(span.file).text;
        let bytes = (span.start as usize, span.end as usize);
        let encoding = self.workspace.encoding;
        self.lines(span.file).range(text, bytes, encoding)
    }

    /// The byte at a position of a file.
    pub(super) fn offset(&self, file: FileId, position: Position) -> usize {
        let text = &self.analysis.sources.file(file).text;
        let encoding = self.workspace.encoding;
        self.lines(file).offset(text, position, encoding)
    }

    pub(super) fn address(&self, file: FileId) -> String {
        self.workspace.address(self.analysis, file)
    }

    pub(super) fn location(&self, span: Span) -> Location {
        Location {
            uri: self.address(span.file),
            range: self.range(span),
        }
    }
}
