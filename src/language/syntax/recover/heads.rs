//! The head of a block: its kind, its label, and its `{`.

use crate::declare;
use crate::syntax::grammar::Shape;
use crate::syntax::tree::SyntaxKind;

use super::Recovery;
use super::pieces::Token;

declare! {
    /// Before the `{` of a block are its kind and, if the block has a name, a label: one word
    /// (`profile pi`), a string (`profile "my pi"`), or a word with ranges right after it
    /// (`node node[02-04,07]`). No `=`, no `:`, and not two labels.
    ///
    /// ```pik fails
    /// profile = pi {
    ///   swap = off
    /// }
    /// ```
    ///
    /// ```pik
    /// profile pi {
    ///   swap = off
    /// }
    /// ```
    pub static BLOCK_HEAD = {
        code: "syntax/block-head",
        since: "0.1.0",
        severity: Error,
        title: "the beginning of a block is not `kind {` or `kind label {`",
        help: "write `kind {` or `kind label {`",
        sources: ["grammar/README.md"],
    }

    /// The `{` of a block is on the line of its kind and label. On a line of its own it would
    /// belong to nothing, because a newline ends what is before it.
    ///
    /// ```pik fails
    /// profile pi
    /// {
    ///   swap = off
    /// }
    /// ```
    ///
    /// ```pik
    /// profile pi {
    ///   swap = off
    /// }
    /// ```
    pub static MISSING_OPEN = {
        code: "syntax/missing-open",
        since: "0.1.0",
        severity: Error,
        title: "a block without its `{`",
        help: "put `{` at the end of the line of the block's kind and label",
        sources: ["grammar/README.md"],
    }
}

impl Recovery<'_> {
    /// Reads the head of a block and its `{`, which is the piece `open`; or, if that is the end of the
    /// line, a block whose `{` is missing.
    pub(super) fn block(&mut self, open: usize) {
        let kind = self.tokens[self.at];
        self.builder.open(SyntaxKind::Block, kind.start);
        let name = self.kind_and_label(open);
        let head_end = self.builder.at();
        let Some(brace) = self.look(open).filter(|token| token.is(SyntaxKind::Open)) else {
            return self.without_brace(name, kind, head_end);
        };
        let apart = self.at < open;
        let mut comment = false;
        while self.at < open {
            comment |= self.looks(self.at, SyntaxKind::Comment);
            self.eat();
        }
        if apart {
            let place = self.span(brace);
            let head = self.problems.span(kind.start, head_end);
            let gap = self.problems.span(head_end, brace.end);
            let message = format!("the `{{` of {name} is on another line");
            self.problems.report(&MISSING_OPEN, message, |problem| {
                let problem = problem.label(place, "this one").label(head, "belongs here");
                if comment {
                    problem
                } else {
                    problem.fix("move it up", gap, " {")
                }
            });
        }
        self.enter(
            name,
            Token {
                line: kind.line,
                indent: kind.indent,
                ..brace
            },
            true,
        );
    }

    fn without_brace(&mut self, name: String, kind: Token, head_end: u32) {
        let head = self.problems.span(kind.start, head_end);
        let end = self.problems.span(head_end, head_end);
        self.surplus = self.surplus.saturating_sub(1);
        self.problems
            .report(&MISSING_OPEN, format!("{name} has no `{{`"), |problem| {
                problem
                    .label(head, "expected `{` at the end of this line")
                    .fix("insert it", end, " {")
            });
        let brace = Token {
            start: head_end,
            end: head_end,
            ..kind
        };
        self.enter(name, brace, false);
    }

    /// Reads what is before the `{`, and returns what to call the block.
    fn kind_and_label(&mut self, open: usize) -> String {
        let kind = self.tokens[self.at];
        let mut name = kind.text(self.text).to_owned();
        if kind.is(SyntaxKind::Word) {
            self.eat();
        } else {
            self.odd_kind(kind, open);
        }
        while self.at < open && !self.peek().is_some_and(|token| token.is_gap()) {
            if let Some(label) = self.label(open) {
                name = format!("{name} {label}");
            }
        }
        if name.chars().count() > 60 || name.contains('`') || name.contains('\n') {
            return "this block".to_owned();
        }
        format!("`{name}`")
    }

    fn odd_kind(&mut self, kind: Token, open: usize) {
        if !kind.is(SyntaxKind::Text) && !kind.is(SyntaxKind::LongText) {
            let end = self.glued_run(self.at).min(open);
            return self.word_problem_and_damage(end);
        }
        let place = self.span(kind);
        let message = format!(
            "the kind of a block is a bare word, not {}",
            self.show(kind)
        );
        self.problems.report(&BLOCK_HEAD, message, |problem| {
            problem.label(place, "in quotes").help("remove the quotes")
        });
        self.damage();
    }

    /// Reads one label, or something that is often mistaken for a part of a block's head.
    fn label(&mut self, open: usize) -> Option<String> {
        let token = self.peek()?;
        let place = self.span(token);
        if token.is(SyntaxKind::Equals) {
            let gone = self.problems.span(self.builder.at(), token.end);
            self.problems.report(
                &BLOCK_HEAD,
                "a block has no `=` before its label or its `{`",
                |problem| {
                    problem.label(place, "this one").help("remove the `=`").fix(
                        "delete it",
                        gone,
                        "",
                    )
                },
            );
            self.eat();
            return None;
        }
        let rest = open - self.at;
        let len = self.label_len(self.at);
        let spaced = self.spaced_ranges(open);
        let more = self.more_head(self.at + len.max(spaced));
        if token.is(SyntaxKind::ListOpen) || token.is(SyntaxKind::LongText) || more {
            self.several_labels(open);
            return None;
        }
        if token.shape != Shape::Sound(SyntaxKind::Word)
            && token.shape != Shape::Sound(SyntaxKind::Text)
        {
            let end = self.glued_run(self.at).min(self.at + rest);
            self.word_problem_and_damage(end);
            return None;
        }
        self.builder.open(SyntaxKind::Label, token.start);
        self.eat();
        let mut shown = token.text(self.text).to_owned();
        if len.max(spaced) > 1 {
            let bracket = self.tokens[self.at];
            self.label_ranges(bracket, spaced > 1);
            shown.push_str(&self.text[bracket.start as usize..self.builder.at() as usize]);
        }
        self.builder.close();
        Some(shown)
    }

    /// The length of a label whose ranges do not touch it, if that is what is here.
    fn spaced_ranges(&self, open: usize) -> usize {
        match self.look(self.at + 1) {
            Some(next) if next.is(SyntaxKind::ListOpen) && !next.glued => self
                .end_of_brackets(self.at + 1)
                .filter(|end| *end <= open)
                .map_or(1, |end| end - self.at),
            _ => 1,
        }
    }

    /// Whether the head continues with another label.
    fn more_head(&self, at: usize) -> bool {
        self.look(at)
            .is_some_and(|token| token.is_wordlike() || token.is(SyntaxKind::ListOpen))
    }

    fn several_labels(&mut self, open: usize) {
        let start = self.tokens[self.at];
        let brackets = start.is(SyntaxKind::ListOpen);
        let mut end = start.end;
        while self.at < open
            && !self
                .peek()
                .is_some_and(|token| token.is_gap() || token.is(SyntaxKind::Equals))
        {
            end = self.tokens[self.at].end;
            self.damage();
        }
        let place = self.problems.span(start.start, end);
        let message = if brackets {
            "ranges belong right after a name"
        } else {
            "a block has one label"
        };
        self.problems.report(&BLOCK_HEAD, message, |problem| {
            let problem = problem.label(place, "found before the `{`");
            if brackets {
                problem.help("write the name before the bracket: `node worker[01-03] {`")
            } else {
                problem.help("join the words with a `-`, or put the whole label in quotes")
            }
        });
    }

    /// `[02-04,07]` after a label.
    fn label_ranges(&mut self, bracket: Token, spaced: bool) {
        let Some(end) = self.end_of_brackets(self.at) else {
            return;
        };
        if spaced {
            let gap = self.problems.span(self.builder.at(), bracket.start);
            let place = self.span(bracket);
            self.problems
                .report(&BLOCK_HEAD, "ranges belong right after a name", |problem| {
                    problem
                        .label(place, "there is white space before this bracket")
                        .help("delete the white space before the bracket")
                        .fix("delete the white space", gap, "")
                });
        }
        let inside = &self.tokens[self.at + 1..end - 1];
        let word = |index: usize| inside[index].is(SyntaxKind::Word) == index.is_multiple_of(2);
        let comma = |index: usize| inside[index].is(SyntaxKind::Comma) == (index % 2 == 1);
        let sound =
            !inside.is_empty() && (0..inside.len()).all(|index| word(index) && comma(index));
        if sound {
            self.builder.open(SyntaxKind::Ranges, bracket.start);
            while self.at < end {
                self.eat();
            }
            return self.builder.close();
        }
        let place = self.problems.span(bracket.start, self.tokens[end - 1].end);
        while self.at < end {
            self.damage();
        }
        self.problems.report(
            &BLOCK_HEAD,
            "the brackets after a label hold numbers and ranges of numbers",
            |problem| {
                problem
                    .label(place, "this is something else")
                    .help("write them with commas between: `[02-04,07]`")
            },
        );
    }
}
