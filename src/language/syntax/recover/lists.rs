//! Lists: values with commas between them, on any number of lines.

use crate::declare;
use crate::syntax::grammar::Shape;
use crate::syntax::problems::edits;
use crate::syntax::scan::MAX_DEPTH;
use crate::syntax::tree::SyntaxKind;

use super::pieces::Token;
use super::{Recovery, UNEXPECTED};

declare! {
    /// The values of a list are separated by commas, on one line or over several. A newline alone
    /// does not separate them. A trailing comma is allowed.
    ///
    /// ```pik fails
    /// time {
    ///   servers = [ntp.jst.mfeed.ad.jp ntp.nict.jp]
    /// }
    /// ```
    ///
    /// ```pik
    /// time {
    ///   servers = [ntp.jst.mfeed.ad.jp, ntp.nict.jp]
    /// }
    /// ```
    pub static MISSING_COMMA = {
        code: "syntax/missing-comma",
        since: "0.1.0",
        severity: Error,
        title: "list values without a comma between them",
        help: "put a comma between the values",
        sources: ["grammar/README.md"],
    }

    /// A list begins with `[` and ends with `]`. When the `]` is missing, pikc ends the list where
    /// the next setting or block begins, and reports the `[`.
    ///
    /// ```pik fails
    /// time {
    ///   servers  = [ntp.jst.mfeed.ad.jp, ntp.nict.jp
    ///   fallback = [time.google.com]
    /// }
    /// ```
    ///
    /// ```pik
    /// time {
    ///   servers  = [ntp.jst.mfeed.ad.jp, ntp.nict.jp]
    ///   fallback = [time.google.com]
    /// }
    /// ```
    pub static UNCLOSED_LIST = {
        code: "syntax/unclosed-list",
        since: "0.1.0",
        severity: Error,
        title: "a list is not closed",
        help: "add the missing `]`",
        sources: ["grammar/README.md"],
    }
}

/// The state of a list while it is read.
struct List {
    open: Token,
    /// Whether its `]` exists.
    closes: bool,
    /// The end of the value before, until a comma follows.
    value: Option<u32>,
    /// Whether there is a value before the next comma.
    ready: bool,
    /// The places where commas are missing.
    gaps: Vec<u32>,
    /// The first piece that is not a value.
    foreign: Option<Token>,
    /// The end of the last piece that is not trivia.
    end: u32,
    /// The end of the last value.
    last_value: u32,
    /// An unclosed string in it has swallowed its end.
    cut: bool,
}

impl Recovery<'_> {
    /// Reads the list that begins here. Returns whether it was valid.
    pub(super) fn list(&mut self) -> bool {
        let open = self.tokens[self.at];
        if self.lists + self.blocks.len() >= MAX_DEPTH {
            self.too_deep(open);
            return false;
        }
        let mut list = List {
            open,
            closes: self.closes(self.at),
            value: None,
            ready: false,
            gaps: Vec::new(),
            foreign: None,
            end: open.end,
            last_value: open.end,
            cut: false,
        };
        self.builder.open(SyntaxKind::List, open.start);
        self.lists += 1;
        self.eat();
        let closed = self.elements(&mut list);
        self.lists -= 1;
        self.builder.close();
        self.report_list(&list, closed);
        closed
    }

    /// Whether the bracket at `open` is closed before a brace that closes a block around it.
    fn closes(&self, open: usize) -> bool {
        let mut stack = Vec::new();
        for token in &self.tokens[open..] {
            match token.shape {
                Shape::Sound(SyntaxKind::ListOpen) => stack.push(SyntaxKind::ListClose),
                Shape::Sound(SyntaxKind::Open) => stack.push(SyntaxKind::Close),
                Shape::Sound(SyntaxKind::ListClose) => match stack.pop() {
                    Some(SyntaxKind::ListClose) if stack.is_empty() => return true,
                    Some(SyntaxKind::ListClose) => {}
                    _ => return false,
                },
                Shape::Sound(SyntaxKind::Close) if stack.pop() != Some(SyntaxKind::Close) => {
                    return false;
                }
                _ => {}
            }
        }
        false
    }

    /// Reads up to and including the `]`; `false` if the list ends without one.
    fn elements(&mut self, list: &mut List) -> bool {
        while let Some(token) = self.peek() {
            if token.is_gap() {
                self.eat();
                continue;
            }
            if token.is(SyntaxKind::ListClose) {
                self.eat();
                return true;
            }
            if token.is(SyntaxKind::Comma) {
                self.list_comma(token, list);
                list.end = token.end;
                continue;
            }
            let item = self.begins_item(self.at) && !self.is_one_word(list);
            if item || !self.begins_value(self.at) {
                if !list.closes {
                    self.end_unclosed(token, list);
                    return false;
                }
                list.foreign.get_or_insert(token);
                self.skip_element();
            } else {
                list.gaps.extend(list.value);
                list.cut |= matches!(token.shape, Shape::OpenText | Shape::OpenLongText);
                self.value();
            }
            let cut = token.shape == Shape::OpenText;
            list.value = (!cut).then(|| self.builder.at());
            list.ready = true;
            list.end = self.builder.at();
            list.last_value = list.end;
        }
        false
    }

    /// What comes next is not in the list any more. A comma before it on its line separates it from
    /// the list and does not belong to the list.
    fn end_unclosed(&self, next: Token, list: &mut List) {
        if !next.first {
            list.end = list.last_value;
        }
    }

    /// `a=b` and `a{b}`: a word that lacks its quotes and not an item, if it is a value of a list
    /// and nothing follows it.
    fn is_one_word(&self, list: &List) -> bool {
        let at = self.at;
        let end = self.glued_run(at);
        let ends = self.look(end).is_some_and(|token| {
            token.is(SyntaxKind::Comma) || token.is(SyntaxKind::ListClose) || token.is_gap()
        });
        end > at + 2 && ends && (list.closes || !self.tokens[at].first)
    }

    fn list_comma(&mut self, token: Token, list: &mut List) {
        if !list.ready {
            self.extra_comma(token, "there is no value before this comma");
        }
        self.eat();
        list.ready = false;
        list.value = None;
    }

    /// Skips something that is not a value, up to the comma, the end of the line or the `]` after it.
    fn skip_element(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.peek() {
            match token.shape {
                Shape::Sound(SyntaxKind::ListOpen | SyntaxKind::Open) => depth += 1,
                Shape::Sound(SyntaxKind::ListClose | SyntaxKind::Close) if depth == 0 => break,
                Shape::Sound(SyntaxKind::ListClose | SyntaxKind::Close) => depth -= 1,
                Shape::Sound(SyntaxKind::Comma | SyntaxKind::Newline | SyntaxKind::Comment)
                    if depth == 0 =>
                {
                    break;
                }
                _ => {}
            }
            if token.is_gap() {
                self.eat();
            } else {
                self.damage();
            }
        }
        if self.looks(self.at, SyntaxKind::Close) {
            self.damage();
        }
    }

    fn report_list(&mut self, list: &List, closed: bool) {
        if let Some(token) = list.foreign {
            let place = self.span(token);
            let message = format!("{} is not a list value", self.show(token));
            self.problems.report(&UNEXPECTED, message, |problem| {
                problem
                    .label(place, "a list holds values: words, strings and lists")
                    .help("write settings and blocks outside the list, each block on its own")
            });
        }
        if !list.gaps.is_empty() {
            self.missing_commas(&list.gaps);
        }
        self.quiet |= !closed;
        if !closed && !list.cut && !self.swallowed {
            let place = self.span(list.open);
            let end = self.problems.span(list.end, list.end);
            self.problems
                .report(&UNCLOSED_LIST, "this list is not closed", |problem| {
                    problem
                        .label(place, "opened here")
                        .label(end, "`]` was expected here")
                        .fix("close the list", end, "]")
                });
        }
    }

    fn missing_commas(&mut self, gaps: &[u32]) {
        let places: Vec<_> = gaps
            .iter()
            .map(|gap| self.problems.span(*gap, *gap))
            .collect();
        let message = match gaps.len() {
            1 => "a comma is missing between two values of a list".to_owned(),
            count => format!("{count} commas are missing between the values of a list"),
        };
        self.problems
            .report(&MISSING_COMMA, message, |mut problem| {
                for place in places.iter().take(5) {
                    problem = problem.label(*place, "expected `,` here");
                }
                let commas = places.iter().map(|place| (*place, ",".to_owned()));
                problem.fixes.push(edits("insert them", commas.collect()));
                problem
            });
    }
}
