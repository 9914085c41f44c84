//! What follows the value of a setting on its line and is neither a setting nor a block.

use crate::declare;
use crate::syntax::tree::SyntaxKind;

use super::Recovery;
use super::items::foreign_mark;
use super::pieces::Token;

declare! {
    /// A setting has one value. Write several values as a list, in brackets with commas between
    /// them, and a value with spaces in quotes. pikc does not guess which of the two is meant.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = 192.168.11.1, 192.168.11.2
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1, 192.168.11.2]
    /// }
    /// ```
    pub static SEVERAL_VALUES = {
        code: "syntax/several-values",
        since: "0.1.0",
        severity: Error,
        title: "more than one value",
        help: "a list needs [ ], a value with spaces needs quotes",
        sources: ["grammar/README.md"],
    }
}

impl Recovery<'_> {
    /// Reports what follows the value of a setting on its line and is neither a setting nor a block.
    pub(super) fn extra_values(&mut self, key: Token, sound: bool) {
        let first_value = self.value_start();
        let mut extra: Option<Token> = None;
        let mut only_commas = true;
        let mut end = self.builder.at();
        while let Some(token) = self.peek() {
            let comma = token.is(SyntaxKind::Comma);
            let at = if comma { self.at + 1 } else { self.at };
            if token.is(SyntaxKind::Equals) {
                self.second_sign(token, sound && extra.is_none());
                break;
            }
            if !self.begins_value(at) || self.begins_item(at) {
                break;
            }
            let value = self.tokens[at];
            // `1.36 // newest`
            if let Some(mark) = foreign_mark(value.text(self.text)).filter(|_| !comma) {
                return self.foreign_comment(value, mark);
            }
            if comma {
                self.damage();
            }
            only_commas &= comma;
            extra.get_or_insert(value);
            let stop = match value.is(SyntaxKind::ListOpen) {
                true => self.end_of_brackets(at).unwrap_or(at + 1),
                false => self.glued_run(at),
            };
            while self.at < stop {
                self.damage();
            }
            end = self.builder.at();
        }
        if let (Some(extra), true) = (extra, sound) {
            self.several_values(key, first_value, extra, end, only_commas);
        }
    }

    fn several_values(
        &mut self,
        key: Token,
        first: u32,
        extra: Token,
        end: u32,
        only_commas: bool,
    ) {
        let place = self.span(extra);
        let all = self.problems.span(first, end);
        let values = &self.text[first as usize..end as usize];
        let message = format!("{} has more than one value", self.show(key));
        let short = values.len() <= 60 && !values.contains('\n');
        let quotable = short && !values.contains(['"', '\\', '[', ']']);
        self.problems.report(&SEVERAL_VALUES, message, |problem| {
            let problem = problem.label(place, "a second value");
            if only_commas && short {
                problem.help(format!("a list needs [ ]: `[{values}]`")).fix(
                    "make it a list",
                    all,
                    format!("[{values}]"),
                )
            } else if quotable && !only_commas {
                let list = values.split_whitespace().collect::<Vec<_>>().join(", ");
                problem.help(format!(
                    "write a list as `[{list}]`, one value with spaces as `\"{values}\"`"
                ))
            } else {
                problem
            }
        });
    }

    /// Where the value of the setting that is being read begins.
    fn value_start(&self) -> u32 {
        self.builder.last_start()
    }

    /// `a = b = c`
    fn second_sign(&mut self, token: Token, report: bool) {
        if report {
            let place = self.span(token);
            self.problems.report(
                &SEVERAL_VALUES,
                "a second `=` follows the value",
                |problem| {
                    problem.label(place, "this one").help(
                        "begin a new line for another setting; a value with `=` in it needs quotes",
                    )
                },
            );
        }
        while let Some(token) = self.peek() {
            let one_line = self.blocks.last().is_some_and(|block| block.one_line);
            self.quiet = token.is(SyntaxKind::Open);
            if token.is_gap()
                || self.quiet
                || token.is(SyntaxKind::Close)
                || one_line && token.is(SyntaxKind::Comma)
            {
                return;
            }
            self.damage();
        }
    }
}
