//! Words and strings that are almost right: wrong quotes, missing quotes, and unclosed strings.

use crate::declare;
use crate::diagnostic::Diagnostic;
use crate::syntax::grammar::Shape;
use crate::syntax::scan::is_odd;
use crate::syntax::tree::SyntaxKind;

use super::Recovery;
use super::pieces::Token;

declare! {
    /// A bare word ends at white space, `,`, `{`, `}`, `[`, `]` or `=`, and contains no quote, `#`, `;`
    /// or `\`. A value that needs one of these must be quoted. Otherwise one reader would take `a#b`
    /// for a value, and another for a value and a comment.
    ///
    /// ```pik fails
    /// profile pi {
    ///   interface wlan0 {
    ///     wifi { ssid = home#2, passphrase = secret:wifi }
    ///   }
    /// }
    /// ```
    ///
    /// ```pik
    /// profile pi {
    ///   interface wlan0 {
    ///     wifi { ssid = "home#2", passphrase = secret:wifi }
    ///   }
    /// }
    /// ```
    pub static NEEDS_QUOTES = {
        code: "syntax/needs-quotes",
        since: "0.1.0",
        severity: Error,
        title: "a value that needs quotes",
        help: "put the value in quotes",
        sources: ["grammar/README.md"],
    }

    /// Strings are written in straight double quotes. Single quotes, backquotes and the curly quotes
    /// that word processors and chat programs insert are not quotes here.
    ///
    /// ```pik fails
    /// profile pi {
    ///   interface wlan0 {
    ///     wifi { ssid = 'home', passphrase = secret:wifi }
    ///   }
    /// }
    /// ```
    ///
    /// ```pik
    /// profile pi {
    ///   interface wlan0 {
    ///     wifi { ssid = "home", passphrase = secret:wifi }
    ///   }
    /// }
    /// ```
    pub static WRONG_QUOTES = {
        code: "syntax/wrong-quotes",
        since: "0.1.0",
        severity: Error,
        title: "quotes that are not straight double quotes",
        help: "write straight double quotes: `\"...\"`",
        sources: ["grammar/README.md"],
    }

    /// A string in `"` ends on its line; a multi-line string is written between two `"""`. A quote
    /// within a string is written `\"`.
    ///
    /// ```pik fails
    /// profile pi {
    ///   interface wlan0 {
    ///     wifi { ssid = "home, passphrase = secret:wifi }
    ///   }
    /// }
    /// ```
    ///
    /// ```pik
    /// profile pi {
    ///   interface wlan0 {
    ///     wifi { ssid = "home", passphrase = secret:wifi }
    ///   }
    /// }
    /// ```
    pub static UNCLOSED_STRING = {
        code: "syntax/unclosed-string",
        since: "0.1.0",
        severity: Error,
        title: "a string is not closed",
        help: "add the closing `\"` on the same line; write text of several lines between two `\"\"\"`",
        sources: ["grammar/README.md"],
    }
}

impl Recovery<'_> {
    /// After the last piece that touches the one at `from`, with complete brackets included.
    pub(super) fn glued_run(&self, from: usize) -> usize {
        let mut at = from + 1;
        let Some(start) = self.look(from) else {
            return at;
        };
        if !start.is(SyntaxKind::Word) && start.shape != Shape::RoughWord {
            return at;
        }
        while let Some(token) = self.look(at)
            && token.glued
        {
            if token.is(SyntaxKind::ListOpen) || token.is(SyntaxKind::Open) {
                match self.end_of_glued_brackets(at) {
                    Some(end) => at = end,
                    None => break,
                }
            } else if token.is_wordlike() || token.is(SyntaxKind::Equals) {
                at += 1;
            } else {
                break;
            }
        }
        at
    }

    fn end_of_glued_brackets(&self, from: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for at in from.. {
            let token = self.look(at)?;
            if !token.glued || token.is_gap() {
                return None;
            }
            if token.is(SyntaxKind::ListOpen) || token.is(SyntaxKind::Open) {
                depth += 1;
            } else if token.is(SyntaxKind::ListClose) || token.is(SyntaxKind::Close) {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
        }
        None
    }

    pub(super) fn word_problem_and_damage(&mut self, end: usize) {
        self.word_problem(self.at, end);
        while self.at < end {
            self.damage();
        }
    }

    /// Reports what is wrong with the pieces from `from` to `end`, which were meant as one word.
    pub(super) fn word_problem(&mut self, from: usize, end: usize) {
        let Some(token) = self.look(from) else {
            return;
        };
        match token.shape {
            Shape::OpenText => self.unclosed_string(token),
            // Reported by the code that puts it into the tree.
            Shape::OpenLongText => {}
            Shape::ForeignText => self.foreign_text(token),
            Shape::RoughWord | Shape::Sound(_) => self.rough_word(token, end),
        }
    }

    pub(super) fn unclosed_string(&mut self, token: Token) {
        let long = token.shape == Shape::OpenLongText;
        let quotes = if long { 3 } else { 1 };
        let place = self.problems.span(token.start, token.start + quotes);
        let end = self.problems.span(token.end, token.end);
        if long && token.end as usize == self.text.len() {
            self.swallowed = true;
        }
        // Up to the end of the line, it can have swallowed what follows it.
        let alone = !token
            .text(self.text)
            .contains([',', '{', '}', '[', ']', '#', '=']);
        self.problems
            .report(&UNCLOSED_STRING, "this string is not closed", |problem| {
                let problem = problem.label(place, "opened here");
                if long {
                    problem
                        .label(end, "no `\"\"\"` up to here")
                        .help("add a line with the closing `\"\"\"`")
                } else {
                    let problem = problem.label(end, "expected `\"` on this line");
                    match alone {
                        true => problem
                            .choice(|it| it.fix("close it at the end of the line", end, "\"")),
                        false => problem,
                    }
                }
            });
    }

    fn foreign_text(&mut self, token: Token) {
        let place = self.span(token);
        let text = token.text(self.text);
        let mut inner = text.chars();
        inner.next();
        inner.next_back();
        let quoted = quote(inner.as_str());
        let mark = text.chars().next().unwrap_or('\'');
        let message = format!("`{mark}` does not quote a string");
        self.problems.report(&WRONG_QUOTES, message, |problem| {
            problem
                .label(place, "strings need straight double quotes")
                .help(format!("write `{quoted}`"))
                .fix("use double quotes", place, quoted)
        });
    }

    /// Reports a bare word that contains a character that needs quotes.
    fn rough_word(&mut self, token: Token, end: usize) {
        let last = self.tokens[end.max(self.at + 1) - 1];
        let text = &self.text[token.start as usize..last.end as usize];
        let pieces = &self.tokens[self.at.min(end)..end];
        let rough = |piece: &Token| piece.shape == Shape::RoughWord;
        let mut words = pieces.iter().filter(|piece| rough(piece));
        if words.any(|piece| piece.text(self.text).contains(is_odd)) {
            return;
        }
        let misfit = |character: char| {
            matches!(
                character,
                '#' | '"' | '\'' | '`' | ';' | '\\' | '{' | '[' | '='
            ) || is_curly(character)
        };
        let mut characters = text.char_indices();
        let (at, character) = characters
            .find(|(_, each)| misfit(*each))
            .unwrap_or((0, text.chars().next().unwrap_or(' ')));
        let start = token.start + u32::try_from(at).unwrap_or(0);
        let length = u32::try_from(character.len_utf8()).unwrap_or(1);
        let place = self.problems.span(start, start + length);
        let last = self.end_of_value(end).unwrap_or(last);
        let whole = self.problems.span(token.start, last.end);
        let quoted = quote(&self.text[token.start as usize..last.end as usize]);
        if at == 0 && (is_curly(character) || matches!(character, '\'' | '`')) {
            let message = format!("`{character}` does not quote a string");
            self.problems.report(&WRONG_QUOTES, message, |problem| {
                problem.label(place, "strings need straight double quotes")
            });
            return;
        }
        let message = format!("`{character}` inside a bare word");
        let fill = |problem: Diagnostic| {
            let problem = problem.label(place, "this needs quotes around the value");
            if character == ';' && at + 1 == text.len() {
                return problem
                    .help("remove the `;`: the end of the line ends a setting")
                    .fix("delete it", place, "");
            }
            let problem = match character {
                '#' => problem.help(format!(
                    "write `{quoted}`, or a space before the `#` if it begins a comment"
                )),
                _ => problem.help(format!("write `{quoted}`")),
            };
            if matches!(character, '\\' | '`' | '=' | '{' | '[') {
                problem.fix("put it in quotes", whole, quoted)
            } else {
                problem.choice(|it| it.fix("put it in quotes", whole, quoted))
            }
        };
        self.problems.report(&NEEDS_QUOTES, message, fill);
    }
}

impl Recovery<'_> {
    /// The last of the words between a damaged one and the end of the line or the comma: most
    /// likely all of them are one value.
    fn end_of_value(&self, from: usize) -> Option<Token> {
        let mut at = from;
        while self.lists == 0 && self.looks(at, SyntaxKind::Word) && !self.begins_item(at) {
            at += 1;
        }
        (at > from).then(|| self.tokens[at - 1])
    }
}

fn is_curly(character: char) -> bool {
    matches!(character, '\u{2018}'..='\u{201A}' | '\u{201C}'..='\u{201E}')
}

/// A text as a string of the language.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    out.push('"');
    out
}
