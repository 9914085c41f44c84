//! Braces: a block begins, a block ends, and braces that do neither.

use crate::declare;
use crate::source::Span;
use crate::syntax::scan::{LIMITS, MAX_DEPTH};
use crate::syntax::tree::SyntaxKind;

use super::heads::BLOCK_HEAD;
use super::pieces::Token;
use super::{OpenBlock, Recovery, TWO_ON_ONE_LINE};

declare! {
    /// A `}` closes the block that was opened last, a `]` the list. If it closes nothing, it is left
    /// over from something that was deleted, or the opening bracket is missing further up.
    ///
    /// ```pik fails
    /// profile pi {
    ///   swap = off
    /// }
    /// }
    /// ```
    ///
    /// ```pik
    /// profile pi {
    ///   swap = off
    /// }
    /// ```
    pub static STRAY_CLOSE = {
        code: "syntax/stray-close",
        since: "0.1.0",
        severity: Error,
        title: "a closing bracket without an opening one",
        help: "delete it, or add the opening bracket that it belongs to",
        sources: ["grammar/README.md"],
    }
}

impl Recovery<'_> {
    /// Enters a block whose head is in the tree already; `brace` is its `{` or the end of its head.
    pub(super) fn enter(&mut self, name: String, brace: Token, written: bool) {
        if self.blocks.len() >= MAX_DEPTH {
            return self.too_deep(brace);
        }
        if written {
            self.leaf(SyntaxKind::Open, brace);
            self.at += 1;
        }
        self.blocks.push(OpenBlock {
            name,
            brace: self.span(brace),
            line: brace.line,
            indent: brace.indent,
            one_line: self.peek().is_some_and(|token| !token.is_gap()),
            misplaced: None,
            first: None,
            commas: false,
        });
        self.after = None;
        self.comma = None;
    }

    pub(super) fn too_deep(&mut self, brace: Token) {
        let place = self.span(brace);
        let message = format!("blocks and lists are nested more than {MAX_DEPTH} deep");
        self.problems
            .report(&LIMITS, message, |problem| problem.label(place, "here"));
        while self.peek().is_some() {
            self.damage();
        }
        self.swallowed = true;
    }

    /// A `{` with nothing before it that could be the head of a block.
    pub(super) fn nameless(&mut self, token: Token, report: bool) {
        let place = self.span(token);
        if report {
            let message = "`{` opens a block, but nothing before it says which";
            self.problems.report(&BLOCK_HEAD, message, |problem| {
                problem
                    .label(place, "the kind is missing before it")
                    .help("write the kind of block before it: `profile pi {`")
            });
        }
        self.builder.open(SyntaxKind::Block, token.start);
        self.enter("a block without a kind".to_owned(), token, true);
    }

    pub(super) fn close(&mut self, token: Token) {
        let Some(top) = self.blocks.last() else {
            return self.stray(token);
        };
        if self.surplus > 0 && token.first && token.indent > top.indent {
            self.surplus -= 1;
            return self.stray(token);
        }
        self.trailing_comma();
        let Some(block) = self.blocks.pop() else {
            return;
        };
        self.leaf(SyntaxKind::Close, token);
        self.at += 1;
        self.builder.close();
        self.after = Some(token.end);
        self.comma = None;
        self.misplaced(&block);
    }

    /// Reports a multi-line block with something after its `{`.
    fn misplaced(&mut self, block: &OpenBlock) {
        let Some(first) = block.misplaced else {
            return;
        };
        let place = self.span(first);
        let gap = self.problems.span(block.brace.end, first.start);
        let line = format!("\n{}  ", self.indent_of(block));
        let what = self.show(first);
        let message = format!("{what} needs a line of its own");
        self.problems.report(&TWO_ON_ONE_LINE, message, |problem| {
            let problem = problem
                .label(place, "on the line of the `{`")
                .label(block.brace, "this block continues on further lines")
                .help("begin a new line after `{`, or write the whole block on one line");
            if block.commas {
                problem
            } else {
                problem.fix("begin a new line", gap, line)
            }
        });
    }

    /// The line of a token with its line end, if nothing else is on it.
    fn own_line(&self, token: Token) -> Option<Span> {
        let (start, end) = (token.start as usize, token.end as usize);
        let first = self.text[..start]
            .rfind('\n')
            .map_or(0, |before| before + 1);
        let newline = end + self.text[end..].find('\n')?;
        let alone =
            self.text[first..start].trim().is_empty() && self.text[end..newline].trim().is_empty();
        let at = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        alone.then(|| self.problems.span(at(first), at(newline + 1)))
    }

    pub(super) fn stray(&mut self, token: Token) {
        let place = self.span(token);
        let what = if token.is(SyntaxKind::Close) {
            "block"
        } else {
            "list"
        };
        let message = format!("{} does not close any {what}", self.show(token));
        let gone = match token.first {
            true => self.own_line(token).unwrap_or(place),
            false => self.problems.span(self.builder.at(), token.end),
        };
        self.problems.report(&STRAY_CLOSE, message, |problem| {
            problem
                .label(place, format!("no {what} is open here"))
                .fix("delete it", gone, "")
        });
        self.damage();
        self.comma = None;
    }
}
