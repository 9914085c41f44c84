//! Values in shell scripts: words in code, text in comments, nowhere else.
//!
//! A quoted word inside quotes would come apart, and one inside a here-document would show its quotes,
//! so this follows the script far enough to know what a value is in. It need not understand every
//! possible script, only refuse when it is not sure.

use serde_json::Value as Json;

use super::place::PlaceTracker;
use super::yaml::as_text;
use crate::file_format::shell_word::word;

/// What the current text is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    /// Commands: the script itself, or `$( )` in it.
    Code { parens: u32, cases: u32 },
    /// `'...'`
    Single,
    /// `$'...'`
    Ansi,
    /// `"..."`
    Double,
    /// `${...}`
    Braces,
    /// `$((...))` or `((...))`, with this many parentheses open
    Arithmetic(u32),
    /// Between backticks.
    Backticks,
}

/// A here-document that is announced or being read.
#[derive(Clone, Debug, Default)]
struct HereDocument {
    end: String,
    tabs: bool,
}

/// Follows a script.
#[derive(Debug)]
pub(super) struct Shell {
    frames: Vec<Frame>,
    comment: bool,
    escaped: bool,
    /// The characters before, in code that is not escaped; a space at the beginning of a line.
    before: [char; 2],
    /// The current word, as far as it is letters.
    word: String,
    /// Being announced: after `<<`, until its word ends.
    announcing: Option<HereDocument>,
    announced: Vec<HereDocument>,
    /// The line of the first announced one that is being read.
    reading: Option<String>,
}

impl Default for Shell {
    fn default() -> Self {
        Self {
            frames: vec![Frame::Code {
                parens: 0,
                cases: 0,
            }],
            comment: false,
            escaped: false,
            before: [' ', ' '],
            word: String::new(),
            announcing: None,
            announced: Vec::new(),
            reading: None,
        }
    }
}

impl PlaceTracker for Shell {
    fn text(&mut self, run: &str) {
        let mut rest = run;
        while let Some(c) = rest.chars().next() {
            let dull = self.dull(rest);
            if dull > 0 {
                rest = &rest[dull..];
                continue;
            }
            self.step(c);
            rest = &rest[c.len_utf8()..];
        }
    }

    fn value(&mut self, value: &Json, _: &str) -> Result<String, String> {
        if self.comment {
            return Ok(as_text(value));
        }
        if self.reading.is_some() || self.announcing.is_some() {
            return Err("a value in a here-document".to_owned());
        }
        let written = match self.frame() {
            _ if self.escaped => return Err("a value after a backslash".to_owned()),
            Frame::Code { .. } if self.before[1] == '$' => {
                return Err("a value after a dollar sign".to_owned());
            }
            Frame::Code { .. } => words(value)?,
            Frame::Arithmetic(_) if value.is_i64() => value.to_string(),
            Frame::Arithmetic(_) => {
                return Err("a value in arithmetic that is not a number".to_owned());
            }
            Frame::Single | Frame::Ansi | Frame::Double => {
                return Err("a value inside quotes: it has its own, so put it outside".to_owned());
            }
            Frame::Braces | Frame::Backticks => {
                return Err(
                    "a value inside ${ } or backticks: assign it to a variable first".to_owned(),
                );
            }
        };
        self.word.clear();
        self.remember('x');
        Ok(written)
    }

    fn end(&self) -> Result<(), String> {
        let top = Frame::Code {
            parens: 0,
            cases: 0,
        };
        if self.frames == [top] && self.reading.is_none() && self.announcing.is_none() {
            return Ok(());
        }
        Err("the script ends inside quotes, parentheses, a case or a here-document".to_owned())
    }
}

/// A value as words: a list is one word an item.
fn words(value: &Json) -> Result<String, String> {
    match value {
        Json::String(text) => Ok(word(text)),
        Json::Bool(_) | Json::Number(_) => Ok(as_text(value)),
        Json::Array(items) => Ok(items
            .iter()
            .map(|item| match item {
                Json::Array(_) => Err("a list in a list".to_owned()),
                item => words(item),
            })
            .collect::<Result<Vec<_>, _>>()?
            .join(" ")),
        Json::Null | Json::Object(_) => {
            Err("a value that is neither a word nor a list of words".to_owned())
        }
    }
}

impl Shell {
    /// Skips what changes nothing but the current word, which is most of any script: how many bytes.
    fn dull(&mut self, text: &str) -> usize {
        let until = |ends: fn(u8) -> bool| text.bytes().position(ends).unwrap_or(text.len());
        if let Some(line) = &mut self.reading {
            let length = until(|byte| byte == b'\n');
            line.push_str(&text[..length]);
            return length;
        }
        if self.escaped || self.announcing.is_some() {
            return 0;
        }
        if self.comment {
            return until(|byte| byte == b'\n');
        }
        let length = match self.frame() {
            Frame::Code { .. } => {
                let length =
                    until(|byte| !(byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'));
                self.word.push_str(&text[..length]);
                length
            }
            Frame::Single => until(|byte| byte == b'\''),
            Frame::Double => until(|byte| matches!(byte, b'"' | b'\\' | b'$' | b'`' | b'(' | b'{')),
            Frame::Ansi | Frame::Braces | Frame::Arithmetic(_) | Frame::Backticks => 0,
        };
        let mut last = text[..length].chars().rev();
        if let Some(c) = last.next() {
            let before = last.next().unwrap_or(self.before[1]);
            let seen = |c| if c == '\n' { ' ' } else { c };
            self.before = [seen(before), seen(c)];
        }
        length
    }

    /// Follows one character.
    fn step(&mut self, c: char) {
        if self.reading.is_some() {
            self.end_of_line();
            return;
        }
        self.comment = false;
        if self.escaped {
            self.escaped = false;
            self.remember('x');
            return;
        }
        if self.announcing.is_some() && !self.announce(c) {
            return;
        }
        match self.frame() {
            Frame::Code { parens, cases } => self.code(c, parens, cases),
            Frame::Single => self.leave_at(c, '\''),
            Frame::Ansi => self.quoted(c, '\''),
            Frame::Double => self.quoted(c, '"'),
            Frame::Braces => self.braces(c),
            Frame::Arithmetic(open) => self.arithmetic(c, open),
            Frame::Backticks => self.quoted(c, '`'),
        }
        self.remember(c);
    }

    fn frame(&self) -> Frame {
        self.frames.last().copied().unwrap_or(Frame::Backticks)
    }

    fn set(&mut self, frame: Frame) {
        if let Some(last) = self.frames.last_mut() {
            *last = frame;
        }
    }

    fn remember(&mut self, c: char) {
        self.before = [self.before[1], if c == '\n' { ' ' } else { c }];
    }

    fn leave_at(&mut self, c: char, end: char) {
        if c == end {
            self.frames.pop();
        }
    }

    /// Inside double or ANSI quotes or backticks.
    fn quoted(&mut self, c: char, end: char) {
        match c {
            '\\' => self.escaped = true,
            c if c == end => {
                self.frames.pop();
            }
            _ if end == '"' => self.substitution(c),
            _ => {}
        }
    }

    /// What begins with a dollar sign or a backtick, in code and in double quotes alike.
    fn substitution(&mut self, c: char) {
        match (self.before[1], c) {
            ('$', '(') => self.frames.push(Frame::Code {
                parens: 0,
                cases: 0,
            }),
            ('$', '{') => self.frames.push(Frame::Braces),
            (_, '`') => self.frames.push(Frame::Backticks),
            _ => {}
        }
    }

    fn braces(&mut self, c: char) {
        match c {
            '\\' => self.escaped = true,
            '}' => {
                self.frames.pop();
            }
            '"' => self.frames.push(Frame::Double),
            // In double quotes an apostrophe inside ${ } is only an apostrophe.
            '\'' if !self.frames.contains(&Frame::Double) => self.frames.push(Frame::Single),
            c => self.substitution(c),
        }
    }

    fn arithmetic(&mut self, c: char, open: u32) {
        match c {
            '(' if self.before[1] != '$' => self.set(Frame::Arithmetic(open + 1)),
            ')' if open <= 1 => {
                self.frames.pop();
            }
            ')' => self.set(Frame::Arithmetic(open - 1)),
            c => self.substitution(c),
        }
    }

    fn code(&mut self, c: char, parens: u32, mut cases: u32) {
        if c.is_ascii_alphanumeric() || c == '_' || c == '-' {
            self.word.push(c);
        } else {
            match self.word.as_str() {
                "case" => cases += 1,
                "esac" => cases = cases.saturating_sub(1),
                _ => {}
            }
            self.word.clear();
            self.set(Frame::Code { parens, cases });
        }
        match (self.before, c) {
            (_, '\\') => self.escaped = true,
            ([_, '$'], '\'') => self.frames.push(Frame::Ansi),
            (_, '\'') => self.frames.push(Frame::Single),
            (_, '"') => self.frames.push(Frame::Double),
            (['$', '('], '(') => self.set(Frame::Arithmetic(2)),
            ([_, '('], '(') => {
                self.set(Frame::Code {
                    parens: parens.saturating_sub(1),
                    cases,
                });
                self.frames.push(Frame::Arithmetic(2));
            }
            ([_, '$'], '(' | '{') | (_, '`') => self.substitution(c),
            (_, '(') => self.set(Frame::Code {
                parens: parens + 1,
                cases,
            }),
            (_, ')') if parens > 0 => self.set(Frame::Code {
                parens: parens - 1,
                cases,
            }),
            // The end of a pattern: `a) ...`.
            (_, ')') if cases > 0 => {}
            (_, ')') if self.frames.len() > 1 => {
                self.frames.pop();
            }
            ([_, ' ' | '\t' | ';' | '(' | ')' | '|' | '&'], '#') => self.comment = true,
            // `<<`, unless the next character turns it into `<<<`.
            ([b, '<'], '<') if b != '<' => self.announcing = Some(HereDocument::default()),
            (_, '\n') if !self.announced.is_empty() => self.reading = Some(String::new()),
            _ => {}
        }
    }

    /// Reads the word after `<<`. Whether the character is to be read as code.
    fn announce(&mut self, c: char) -> bool {
        let Some(here) = &mut self.announcing else {
            return true;
        };
        match c {
            '<' if here.end.is_empty() && self.before[1] == '<' => {
                // `<<<` is followed by one word, which is code like any other.
                self.announcing = None;
                self.before = [' ', ' '];
                false
            }
            '-' if here.end.is_empty() && self.before[1] == '<' => {
                here.tabs = true;
                self.remember(c);
                false
            }
            ' ' | '\t' if here.end.is_empty() => {
                self.remember(c);
                false
            }
            '\'' | '"' | '\\' => {
                self.remember(c);
                false
            }
            c if c.is_alphanumeric() || c == '_' || c == '-' => {
                here.end.push(c);
                self.remember(c);
                false
            }
            _ => {
                self.announced.extend(self.announcing.take());
                true
            }
        }
    }

    /// Ends a line of a here-document.
    fn end_of_line(&mut self) {
        let Some(line) = &mut self.reading else {
            return;
        };
        let ended = self.announced.first().is_some_and(|here| {
            let line = if here.tabs {
                line.trim_start_matches('\t')
            } else {
                line.as_str()
            };
            line == here.end
        });
        line.clear();
        if ended {
            self.announced.remove(0);
            if self.announced.is_empty() {
                self.reading = None;
                self.before = [' ', ' '];
            }
        }
    }
}
