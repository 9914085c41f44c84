//! The characters of a string: escapes and `${names}`.

use crate::declare;
use crate::source::{Span, Spanned};

use super::findings::Findings;
use super::text::Content;
use super::{Part, Text};

declare! {
    /// In a string a backslash gives the character after it a meaning: `\"` is a quote, `\\` a
    /// backslash, `\n` a new line, `\t` a tab, `\u{e9}` the character with that number. Nothing else
    /// may follow a backslash, so that a path or a pattern with single backslashes is reported, and
    /// no control characters can be written this way: they would end up in files and terminals.
    ///
    /// ```pik fails
    /// profile pi {
    ///   interface wlan0 {
    ///     wifi { ssid = "home\lan", passphrase = secret:wifi }
    ///   }
    /// }
    /// ```
    ///
    /// ```pik
    /// profile pi {
    ///   interface wlan0 {
    ///     wifi { ssid = "home\\lan", passphrase = secret:wifi }
    ///   }
    /// }
    /// ```
    pub static BAD_ESCAPE = {
        code: "syntax/bad-escape",
        since: "0.1.0",
        severity: Error,
        title: "an escape that means nothing",
        help: "write `\\\\` for a backslash; the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\u{e9}`",
        sources: ["grammar/README.md"],
    }

    /// `${name}` in a string stands for something that pikc fills in, like `${index}` in the block
    /// of many nodes. The name consists of letters, digits, `-` and `_`. To get the two characters
    /// `${` themselves, write `$${`. Keys and labels are plain text; nothing is filled in there.
    ///
    /// ```pik fails
    /// profile pi {
    ///   labels { rack = "rack-${index" }
    /// }
    /// ```
    ///
    /// ```pik
    /// profile pi {
    ///   labels { rack = "rack-a" }
    /// }
    /// ```
    pub static BAD_VARIABLE = {
        code: "syntax/bad-variable",
        since: "0.1.0",
        severity: Error,
        title: "`${` without a name and `}` after it",
        help: "write `${name}`, or `$${` for these two characters themselves",
        sources: ["grammar/README.md"],
    }
}

/// A string that is being read.
pub(super) struct Pieces<'a, 'b> {
    pub(super) span: Span,
    pub(super) out: &'a mut Findings<'b>,
    parts: Vec<Part>,
    pub(super) literal: String,
    pub(super) broken: bool,
}

impl<'a, 'b> Pieces<'a, 'b> {
    pub(super) fn new(span: Span, out: &'a mut Findings<'b>) -> Self {
        Self {
            span,
            out,
            parts: Vec::new(),
            literal: String::new(),
            broken: false,
        }
    }

    pub(super) fn finish(mut self) -> Content {
        self.end_literal();
        if self.broken {
            return Content::Broken;
        }
        Content::Sound(Text {
            parts: self.parts,
            span: self.span,
        })
    }

    fn end_literal(&mut self) {
        if !self.literal.is_empty() {
            let literal = std::mem::take(&mut self.literal);
            self.parts.push(Part::Literal(literal));
        }
    }

    /// Text with escapes; `at` is where it begins in the string as written.
    pub(super) fn add(&mut self, text: &str, at: usize) {
        let mut from = 0;
        while let Some(found) = text[from..].find(['\\', '$']) {
            let start = from + found;
            self.literal.push_str(&text[from..start]);
            let rest = &text[start..];
            from = start
                + if rest.starts_with('\\') {
                    self.escape(rest, at + start)
                } else {
                    self.dollar(rest, at + start)
                };
        }
        self.literal.push_str(&text[from..]);
    }

    /// At a `$`; how many bytes it takes.
    fn dollar(&mut self, rest: &str, at: usize) -> usize {
        if rest.starts_with("$${") {
            self.literal.push_str("${");
            return 3;
        }
        let Some(inner) = rest.strip_prefix("${") else {
            self.literal.push('$');
            return 1;
        };
        let name = &inner[..inner.find(|next| !is_name(next)).unwrap_or(inner.len())];
        let begins = name.starts_with(|first: char| first.is_ascii_alphabetic());
        if !begins || !inner[name.len()..].starts_with('}') {
            self.bad_variable(inner, name, at);
            return 2;
        }
        self.end_literal();
        let len = name.len() + 3;
        self.parts.push(Part::Variable(Spanned::new(
            name.to_owned(),
            self.span.part(at, at + len),
        )));
        len
    }

    fn bad_variable(&mut self, inner: &str, name: &str, at: usize) {
        self.broken = true;
        let message = match inner[name.len()..].chars().next() {
            None => "`${` is not closed".to_owned(),
            Some('}') if name.is_empty() => "`${}` holds no name".to_owned(),
            Some('}') => format!("`{name}` is not a name: names begin with a letter"),
            Some(other) => format!("`{other}` after `${{{name}`, expected a name and `}}`"),
        };
        let place = self.span.part(at, at + 2 + name.len());
        let start = self.span.part(at, at);
        self.out.report(&BAD_VARIABLE, message, |problem| {
            problem
                .label(place, "expected `${name}` here")
                .choice(|it| it.fix("keep the characters as they are", start, "$"))
        });
    }

    /// At a backslash; how many bytes it takes.
    fn escape(&mut self, rest: &str, at: usize) -> usize {
        let Some(next) = rest[1..].chars().next() else {
            self.bad_escape("nothing follows this `\\`", at, 1);
            return 1;
        };
        let plain = match next {
            '"' | '\\' => Some(next),
            'n' => Some('\n'),
            't' => Some('\t'),
            'u' => return self.unicode(rest, at),
            _ => None,
        };
        let len = 1 + next.len_utf8();
        match plain {
            Some(character) => self.literal.push(character),
            None if next.is_whitespace() => {
                self.bad_escape("white space follows this `\\`", at, 1);
            }
            None => self.bad_escape(&format!("`\\{next}` means nothing"), at, len),
        }
        len
    }

    fn bad_escape(&mut self, message: &str, at: usize, len: usize) {
        self.broken = true;
        let place = self.span.part(at, at + len);
        let backslash = self.span.part(at, at + 1);
        self.out.report(&BAD_ESCAPE, message, |problem| {
            problem.label(place, "not an escape").fix(
                "write the backslash twice",
                backslash,
                "\\\\",
            )
        });
    }

    /// `\u{e9}`
    fn unicode(&mut self, rest: &str, at: usize) -> usize {
        let digits = rest
            .strip_prefix("\\u{")
            .and_then(|inner| inner.split_once('}'))
            .map(|(digits, _)| digits)
            .filter(|digits| {
                (1..=6).contains(&digits.len())
                    && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            });
        let Some(digits) = digits else {
            self.broken = true;
            let place = self.span.part(at, at + 2);
            self.out.report(
                &BAD_ESCAPE,
                "`\\u` needs a number in braces, with one to six hexadecimal digits",
                |problem| {
                    problem
                        .label(place, "expected `\\u{e9}` or the like")
                        .help("write the number of the character in braces: `\\u{e9}` is é")
                },
            );
            return 2;
        };
        let len = digits.len() + 4;
        let character = u32::from_str_radix(digits, 16)
            .ok()
            .and_then(char::from_u32)
            .filter(|character| !character.is_control() || matches!(character, '\n' | '\t'));
        match character {
            Some(character) => self.literal.push(character),
            None => self.no_character(at, len),
        }
        len
    }

    fn no_character(&mut self, at: usize, len: usize) {
        self.broken = true;
        let place = self.span.part(at, at + len);
        self.out.report(
            &BAD_ESCAPE,
            "a string cannot contain the character with this number",
            |problem| {
                problem
                    .label(place, "a control character, or not a character at all")
                    .help("delete it; a new line is `\\n`, a tab is `\\t`")
            },
        );
    }
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}
