//! Settings: a key, the sign, one value, and nothing else on the line.

use crate::declare;
use crate::syntax::grammar::Shape;
use crate::syntax::tree::SyntaxKind;

use super::Recovery;
use super::pieces::Token;

declare! {
    /// A setting is `key = value`. Other languages write `key: value` or `key value`; here it is
    /// always `=`, which distinguishes a setting from the head of a block.
    ///
    /// ```pik fails
    /// profile pi {
    ///   swap: off
    /// }
    /// ```
    ///
    /// ```pik
    /// profile pi {
    ///   swap = off
    /// }
    /// ```
    pub static MISSING_EQUALS = {
        code: "syntax/missing-equals",
        since: "0.1.0",
        severity: Error,
        title: "a setting without its `=`",
        help: "write `key = value`",
        sources: ["grammar/README.md"],
    }

    /// The value of a setting begins on the line of its `=`. To set no value, leave the setting
    /// out; an empty string is `""`, an empty list `[]`.
    ///
    /// ```pik fails
    /// profile pi {
    ///   swap =
    /// }
    /// ```
    ///
    /// ```pik
    /// profile pi {
    ///   swap = off
    /// }
    /// ```
    pub static MISSING_VALUE = {
        code: "syntax/missing-value",
        since: "0.1.0",
        severity: Error,
        title: "a setting without a value",
        help: "write a value after `=`, or delete the line",
        sources: ["grammar/README.md"],
    }
}

/// What is between the key and the value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// `key = value`
    Equals,
    /// `key : value`
    Colon,
    /// `key: value`
    ColonOfKey,
    /// `key value`
    Nothing,
}

impl Recovery<'_> {
    pub(super) fn setting(&mut self, sign: Sign) {
        let key = self.tokens[self.at];
        self.builder.open(SyntaxKind::Setting, key.start);
        self.key(key, sign);
        let reported = self.sign(key, sign);
        let sound = self.setting_value(reported);
        self.extra_values(key, sound);
        self.builder.close();
        self.after = Some(self.builder.at());
        self.comma = None;
    }

    fn key(&mut self, key: Token, sign: Sign) {
        if sign == Sign::ColonOfKey {
            self.builder.leaf(SyntaxKind::Word, key.start, key.end - 1);
            self.builder.leaf(SyntaxKind::Equals, key.end - 1, key.end);
            self.at += 1;
        } else if key.is(SyntaxKind::Word) || key.is(SyntaxKind::Text) {
            self.eat();
        } else if key.is(SyntaxKind::LongText) {
            let place = self.span(key);
            self.problems
                .report(&super::UNEXPECTED, "a key must be on one line", |problem| {
                    problem
                        .label(place, "this one has several lines")
                        .help("put the key in plain quotes: `\"...\"`")
                });
            self.damage();
        } else {
            let end = self.glued_key(self.at);
            self.word_problem_and_damage(end);
        }
    }

    /// The pieces of a damaged key: those that touch, up to the `=`.
    fn glued_key(&self, from: usize) -> usize {
        let mut at = from + 1;
        while self
            .look(at)
            .is_some_and(|token| token.glued && token.is_wordlike())
        {
            at += 1;
        }
        at
    }

    /// Reports a wrong sign. Returns whether anything about the sign has been reported.
    fn sign(&mut self, key: Token, sign: Sign) -> bool {
        let place = match sign {
            Sign::Equals => None,
            Sign::Colon => self.peek().map(|token| self.span(token)),
            Sign::ColonOfKey => Some(self.problems.span(key.end - 1, key.end)),
            Sign::Nothing => return true,
        };
        if sign == Sign::Colon
            && let Some(token) = self.peek()
        {
            self.leaf(SyntaxKind::Equals, token);
            self.at += 1;
        }
        let mut second = None;
        while let Some(token) = self.peek()
            && token.is(SyntaxKind::Equals)
        {
            if sign != Sign::Equals
                || self
                    .look(self.at - 1)
                    .is_some_and(|token| token.is(SyntaxKind::Equals))
            {
                second = Some(token);
            }
            self.eat();
        }
        let reported = place.is_some() || second.is_some();
        if let Some(place) = place {
            let (title, replacement) = match (second, sign) {
                (Some(_), _) => ("delete the `:`", ""),
                (None, Sign::ColonOfKey) => ("write `=`", " ="),
                (None, _) => ("write `=`", "="),
            };
            let value = self.begins_value(self.at);
            let name = key.text(self.text).trim_end_matches(':');
            let help = match self.value_text(self.at) {
                Some(value) => format!("write `{name} = {value}`"),
                None => format!("write {}", example(name)),
            };
            self.problems
                .report(&MISSING_EQUALS, "expected `=`, found `:`", |problem| {
                    let problem = problem.label(place, "a setting is written with `=`");
                    let problem = problem.help(help);
                    if value {
                        problem.fix(title, place, replacement)
                    } else {
                        problem
                    }
                });
        } else if let Some(token) = second {
            let place = self.span(token);
            self.problems.report(
                &MISSING_VALUE,
                "expected a value after `=`, found `=`",
                |problem| {
                    problem
                        .label(place, "one `=` is enough")
                        .help("delete one of the two")
                        .fix("delete it", place, "")
                },
            );
        }
        reported
    }

    /// The value that begins here, if it is short enough to be shown.
    fn value_text(&self, at: usize) -> Option<&str> {
        let first = self.look(at).filter(|_| self.begins_value(at))?;
        let end = match first.is(SyntaxKind::ListOpen) {
            true => self.end_of_brackets(at)?,
            false => self.glued_run(at),
        };
        let last = self.look(end - 1)?;
        let text = &self.text[first.start as usize..last.end as usize];
        (text.len() <= 60 && !text.contains('\n')).then_some(text)
    }

    /// Reads a value. Returns whether it was valid.
    fn setting_value(&mut self, reported: bool) -> bool {
        if self.begins_value(self.at) {
            return self.value();
        }
        if !reported && self.looks(self.at, SyntaxKind::Newline) && self.value_on_next_line() {
            let value = self.look(self.at + 1);
            self.missing_value(value);
            self.eat();
            return self.value();
        }
        if !reported {
            self.missing_value(None);
        }
        if self.looks(self.at, SyntaxKind::ListClose) {
            self.damage();
        }
        false
    }

    pub(super) fn begins_value(&self, at: usize) -> bool {
        self.look(at)
            .is_some_and(|token| token.is_wordlike() || token.is(SyntaxKind::ListOpen))
    }

    /// Whether the next line is indented further and holds only what could be the value.
    fn value_on_next_line(&self) -> bool {
        let (Some(before), Some(value)) = (self.look(self.at), self.look(self.at + 1)) else {
            return false;
        };
        if value.is(SyntaxKind::ListOpen) {
            return value.indent > before.indent;
        }
        value.is_wordlike()
            && value.indent > before.indent
            && self.look(self.at + 2).is_none_or(|token| token.is_gap())
    }

    fn missing_value(&mut self, below: Option<Token>) {
        let end = self.builder.at();
        let sign = self.problems.span(end.saturating_sub(1), end);
        let comment = self.peek().filter(|token| token.is(SyntaxKind::Comment));
        let comment = comment.map(|token| self.problems.span(token.start, token.start + 1));
        let below = below.map(|token| (self.problems.span(end, token.start), self.span(token)));
        self.problems
            .report(&MISSING_VALUE, "expected a value after `=`", |problem| {
                let problem = problem.label(sign, "the value is missing after this");
                match (below, comment) {
                    (Some((gap, value)), _) => problem
                        .label(value, "the value belongs on the line of its `=`")
                        .help("move the value up")
                        .fix("move it up", gap, " "),
                    (None, Some(comment)) => problem
                        .label(comment, "a comment begins here")
                        .help("a value that begins with `#` needs quotes"),
                    (None, None) => problem,
                }
            });
    }

    /// Reads one value from a piece that can begin one. Returns whether it was valid.
    pub(super) fn value(&mut self) -> bool {
        let Some(token) = self.peek() else {
            return false;
        };
        if token.is(SyntaxKind::ListOpen) {
            return self.list();
        }
        let end = self.glued_run(self.at);
        let strange = !token.is(SyntaxKind::Word) && !matches!(token.shape, Shape::Sound(_));
        if strange || token.is(SyntaxKind::Word) && end > self.at + 1 {
            self.word_problem_and_damage(end);
            return false;
        }
        self.eat();
        true
    }

    /// `key value`, or a word alone.
    pub(super) fn without_equals(&mut self, key: Token, end: usize) {
        let values = self.count_values(self.at + 1, end);
        let after = self.problems.span(key.end, key.end);
        let place = self.span(key);
        let what = self.show(key);
        if values == 0 {
            let message = format!("{what} alone is neither a setting nor a block");
            self.problems.report(&MISSING_EQUALS, message, |problem| {
                problem
                    .label(place, "expected `=` and a value, or `{`, after this")
                    .help(format!("write {}", example(key.text(self.text))))
            });
            return self.skip_statement();
        }
        let found = self.look(self.at + 1).map(|token| self.show(token));
        let value = self.value_text(self.at + 1).filter(|_| values == 1);
        let help = value.map(|value| format!("write `{} = {value}`", key.text(self.text)));
        let message = format!(
            "expected `=` after {what}, found {}",
            found.unwrap_or_default()
        );
        self.problems.report(&MISSING_EQUALS, message, |problem| {
            let problem = problem.label(after, "expected `=` here");
            let problem = match help {
                Some(help) => problem.help(help),
                None => problem,
            };
            if values == 1 {
                problem.fix("insert `=`", after, " =")
            } else {
                problem
            }
        });
        if values > 1 {
            return self.skip_statement();
        }
        self.setting(Sign::Nothing);
    }

    fn count_values(&self, from: usize, end: usize) -> usize {
        let mut at = from;
        let mut count = 0;
        while at < end {
            let list = self.looks(at, SyntaxKind::ListOpen);
            at = match list {
                true => self.end_of_brackets(at).unwrap_or(end),
                false => self.glued_run(at).min(end).max(at + 1),
            };
            count += 1;
        }
        count
    }
}

/// "`swap = ...` or `swap { ... }`"
fn example(word: &str) -> String {
    format!("`{word} = ...` or `{word} {{ ... }}`")
}
