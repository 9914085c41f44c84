//! The beginning of an item: is it a setting, the head of a block, or neither?

use crate::syntax::tree::SyntaxKind;

use super::lists::UNCLOSED_LIST;
use super::pieces::Token;
use super::settings::Sign;
use super::{Recovery, UNEXPECTED};

/// How comments begin in other languages; in `pik.pest` no item begins like this.
const COMMENTS: [&str; 2] = ["//", "/*"];

/// The same, but these can also be words.
const RARE_COMMENTS: [&str; 3] = ["--", "REM", "<!--"];

impl Recovery<'_> {
    /// At a word or string that begins an item.
    pub(super) fn setting_or_block(&mut self, token: Token) {
        let next = self.at + 1;
        let start = token.text(self.text);
        if let Some(mark) = foreign_mark(start) {
            return self.foreign_comment(token, mark);
        }
        if self.looks(next, SyntaxKind::Equals) {
            return match self.block_behind_equals(next) {
                Some(open) => self.block(open),
                None => self.setting(Sign::Equals),
            };
        }
        if self.looks(next, SyntaxKind::Open) {
            return self.block(next);
        }
        let end = self.end_of_head(self.at);
        let stop = self.look(end);
        if stop.is_some_and(|stop| stop.is(SyntaxKind::Open)) {
            return self.block(end);
        }
        if self.ends_in_colon(self.at) {
            return self.setting(Sign::ColonOfKey);
        }
        if self.look(next).is_some_and(|token| self.word(token) == ":") {
            return self.setting(Sign::Colon);
        }
        match stop {
            Some(stop) if stop.is(SyntaxKind::Equals) && self.looks(end + 1, SyntaxKind::Open) => {
                self.block(end + 1);
            }
            Some(stop) if stop.is(SyntaxKind::Equals) => self.key_of_words(token, end),
            _ => self.bare_line(token, end),
        }
    }

    /// For `kind = {` and `kind = label {`: where the `{` is.
    fn block_behind_equals(&self, equals: usize) -> Option<usize> {
        let first = self.look(equals + 1)?;
        if first.is(SyntaxKind::Open) {
            return Some(equals + 1);
        }
        let end = self.end_of_head(equals + 1);
        let open = self.look(end)?;
        let label = first.is_wordlike() && open.is(SyntaxKind::Open) && !open.glued;
        (label && self.label_len(equals + 1) == end - equals - 1).then_some(end)
    }

    /// Where the sequence of words, strings and brackets that begins at a word ends.
    fn end_of_head(&self, from: usize) -> usize {
        let mut at = from + 1;
        while let Some(token) = self.look(at) {
            if token.is(SyntaxKind::ListOpen) {
                match self.end_of_brackets(at) {
                    Some(end) => at = end,
                    None => return at,
                }
            } else if token.is_wordlike() {
                at += 1;
            } else {
                return at;
            }
        }
        at
    }

    /// After the `]` that closes the bracket at `open` on the same line.
    pub(super) fn end_of_brackets(&self, open: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for at in open.. {
            let token = self.look(at)?;
            if token.is(SyntaxKind::ListOpen) {
                depth += 1;
            } else if token.is(SyntaxKind::ListClose) {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            } else if token.is_gap() || token.is(SyntaxKind::Open) || token.is(SyntaxKind::Close) {
                return None;
            }
        }
        None
    }

    /// How many pieces the label that begins at a word has: 1, or more with ranges.
    pub(super) fn label_len(&self, at: usize) -> usize {
        match self.look(at + 1) {
            Some(token) if token.is(SyntaxKind::ListOpen) && token.glued => {
                self.end_of_brackets(at + 1).map_or(1, |end| end - at)
            }
            _ => 1,
        }
    }

    /// Whether an item begins here: `key =`, `kind {`, `kind label {`, `key: value`.
    pub(super) fn begins_item(&self, at: usize) -> bool {
        if !self.look(at).is_some_and(|token| token.is_wordlike()) {
            return false;
        }
        let Some(next) = self.look(at + 1) else {
            return false;
        };
        if next.is(SyntaxKind::Equals) || next.is(SyntaxKind::Open) {
            return true;
        }
        if !next.is_wordlike() {
            return false;
        }
        self.ends_in_colon(at) || self.looks(at + 1 + self.label_len(at + 1), SyntaxKind::Open)
    }

    /// `key:`, but not `::` or `:` alone.
    pub(super) fn ends_in_colon(&self, at: usize) -> bool {
        self.look(at).is_some_and(|token| {
            let word = self.word(token);
            word.len() > 1 && word.ends_with(':') && !word.ends_with("::")
        })
    }

    /// The text of a valid bare word, or an empty string.
    pub(super) fn word(&self, token: Token) -> &str {
        if token.is(SyntaxKind::Word) {
            token.text(self.text)
        } else {
            ""
        }
    }

    /// `a b = c`
    fn key_of_words(&mut self, token: Token, equals: usize) {
        let Some(second) = self.look(self.at + 1) else {
            return;
        };
        let place = self.problems.span(token.start, self.tokens[equals - 1].end);
        let message = format!(
            "expected `=` after {}, found {}",
            self.show(token),
            self.show(second)
        );
        self.problems.report(&UNEXPECTED, message, |problem| {
            problem
                .label(place, "a key is one word")
                .help("join the words with a `-`, or put them in quotes where any key is allowed")
        });
        self.skip_statement();
    }

    /// A line without `=` and `{`.
    fn bare_line(&mut self, token: Token, end: usize) {
        let word = token.text(self.text);
        if let Some(mark) = RARE_COMMENTS
            .iter()
            .find(|mark| token.is(SyntaxKind::Word) && word.starts_with(**mark))
        {
            return self.foreign_comment(token, mark);
        }
        if !token.is(SyntaxKind::Word) && !token.is(SyntaxKind::Text) {
            let end = self.glued_run(self.at);
            if token.is(SyntaxKind::LongText) {
                return self.unexpected(token);
            }
            self.word_problem(self.at, end);
            return self.skip_statement();
        }
        let values = end - self.at - 1;
        if self.looks(end, SyntaxKind::ListOpen) && self.tokens[end].glued && values > 0 {
            return self.unclosed_ranges(end);
        }
        if self.look(end).is_none_or(|stop| stop.is_gap()) && values == self.whole_label(values) {
            let mut open = end;
            while self.look(open).is_some_and(|token| token.is_gap()) {
                open += 1;
            }
            if self.looks(open, SyntaxKind::Open) {
                return self.block(open);
            }
            let deeper = self
                .look(open)
                .is_some_and(|inner| inner.indent > token.indent);
            if deeper && self.surplus > 0 {
                return self.block(end);
            }
        }
        self.without_equals(token, end);
    }

    /// `node n[01-03 {`
    fn unclosed_ranges(&mut self, bracket: usize) {
        let mut open = bracket;
        while self
            .look(open)
            .is_some_and(|token| !token.is_gap() && !token.is(SyntaxKind::Open))
        {
            open += 1;
        }
        let place = self.span(self.tokens[bracket]);
        let last = self.tokens[open - 1].end;
        let end = self.problems.span(last, last);
        self.problems
            .report(&UNCLOSED_LIST, "this bracket is not closed", |problem| {
                problem
                    .label(place, "opened here")
                    .label(end, "`]` was expected here")
                    .fix("close it", end, "]")
            });
        self.quiet = true;
        self.skip_statement();
    }

    /// How many pieces a label here would have: none, one, or more with ranges.
    fn whole_label(&self, values: usize) -> usize {
        if values == 0 {
            0
        } else {
            self.label_len(self.at + 1)
        }
    }

    pub(super) fn foreign_comment(&mut self, token: Token, mark: &str) {
        let length = u32::try_from(mark.len()).unwrap_or(0);
        let place = self.problems.span(token.start, token.start + length);
        let message = format!("`{mark}` does not begin a comment");
        let certain = mark == "//" || mark == "--";
        self.problems.report(&UNEXPECTED, message, |problem| {
            let problem = problem
                .label(place, "comments begin with `#`")
                .help("write `#` in its place");
            if certain {
                problem.fix("make it a comment", place, "#")
            } else {
                problem
            }
        });
        while let Some(token) = self.peek()
            && !token.is(SyntaxKind::Newline)
        {
            if token.is(SyntaxKind::Open) {
                self.missing = self.missing.saturating_sub(1);
            } else if token.is(SyntaxKind::Close) {
                self.surplus = self.surplus.saturating_sub(1);
            }
            self.damage();
        }
        self.after = None;
        self.comma = None;
    }
}

/// What begins a comment in other languages, if a word begins so.
pub(super) fn foreign_mark(word: &str) -> Option<&'static str> {
    COMMENTS.into_iter().find(|mark| word.starts_with(mark))
}
