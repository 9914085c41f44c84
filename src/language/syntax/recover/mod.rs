//! Reads a file that the strict grammar refuses: reports each of its mistakes once and builds the
//! tree that was meant.
//!
//! The file comes as a flat sequence of pieces. Blocks are a stack here and not recursion, because
//! finding the unmatched brace by the indentation needs all open blocks. The main loop is in this
//! file: one turn for each item, comma, closing brace and end of line.

mod blocks;
mod braces;
mod extras;
mod heads;
mod items;
mod lists;
mod pieces;
mod separators;
mod settings;
mod words;

pub(super) use blocks::STRAY_CLOSE;
pub(super) use braces::UNCLOSED_BLOCK;
pub(super) use extras::SEVERAL_VALUES;
pub(super) use heads::{BLOCK_HEAD, MISSING_OPEN};
pub(super) use lists::{MISSING_COMMA, UNCLOSED_LIST};
pub(super) use separators::{EXTRA_COMMA, TWO_ON_ONE_LINE};
pub(super) use settings::{MISSING_EQUALS, MISSING_VALUE};
pub(super) use words::{NEEDS_QUOTES, UNCLOSED_STRING, WRONG_QUOTES};

use crate::declare;
use crate::source::Span;

use super::grammar::Shape;
use super::problems::Problems;
use super::tree::{Builder, SyntaxKind, Tree};
use pieces::Token;

declare! {
    /// A file consists of settings (`swap = off`), blocks (`profile pi { ... }`) and comments
    /// (`# ...`). There are no section headers in brackets, no `//` comments and no settings without
    /// a key.
    ///
    /// ```pik fails
    /// // the board under the stairs
    /// profile pi {
    ///   swap = off
    /// }
    /// ```
    ///
    /// ```pik
    /// # the board under the stairs
    /// profile pi {
    ///   swap = off
    /// }
    /// ```
    pub static UNEXPECTED = {
        code: "syntax/unexpected",
        since: "0.1.0",
        severity: Error,
        title: "neither a setting nor a block",
        help: "write `key = value`, `kind name { ... }` or `# a comment`",
        sources: ["grammar/README.md"],
    }
}

/// Reads any text. Reports at least one mistake in every text that the strict grammar refuses.
pub(super) fn read(text: &str, problems: &mut Problems) -> Tree {
    let tokens = pieces::tokens(text);
    let count = |kind| tokens.iter().filter(|token| token.is(kind)).count();
    let (opens, closes) = (count(SyntaxKind::Open), count(SyntaxKind::Close));
    let mut reader = Recovery {
        text,
        missing: opens.saturating_sub(closes),
        surplus: closes.saturating_sub(opens),
        indented: tokens.iter().any(|token| token.first && token.indent > 0),
        tokens,
        at: 0,
        builder: Builder::new(),
        problems,
        blocks: Vec::new(),
        lists: 0,
        after: None,
        comma: None,
        swallowed: false,
        quiet: false,
    };
    reader.run();
    reader.builder.finish(text.len())
}

/// A block that is open.
struct OpenBlock {
    /// What to call it.
    name: String,
    /// Its `{`, or where that should be.
    brace: Span,
    /// Where the line of its head begins.
    line: u32,
    /// How far that line is indented.
    indent: u32,
    /// Whether anything but the end of the line follows its `{`.
    one_line: bool,
    /// What follows `{` in a block that turned out to continue on further lines.
    misplaced: Option<Token>,
    /// Where its first item begins.
    first: Option<Token>,
    /// Whether there is a comma between its items.
    commas: bool,
}

struct Recovery<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    builder: Builder,
    problems: &'a mut Problems,
    blocks: Vec<OpenBlock>,
    /// How many lists are open at this point.
    lists: usize,
    /// The end of the previous item, if at most a comma has followed it on its line.
    after: Option<u32>,
    /// That comma.
    comma: Option<Token>,
    /// How many `}` the file lacks, not counting those that have been reported.
    missing: usize,
    /// How many surplus `}` it has.
    surplus: usize,
    /// Whether the file is indented at all.
    indented: bool,
    /// An unclosed string has swallowed the rest of the file: nothing can be said about its end.
    swallowed: bool,
    /// Something on this line has been reported: what follows it there is not a second mistake.
    quiet: bool,
}

impl<'a> Recovery<'a> {
    fn run(&mut self) {
        while let Some(token) = self.peek() {
            if token.first {
                self.quiet = false;
                self.close_by_indent(token);
            }
            match token.shape {
                Shape::Sound(SyntaxKind::Newline) => self.end_of_line(token),
                Shape::Sound(SyntaxKind::Comment) => {
                    self.goes_on();
                    self.eat();
                }
                Shape::Sound(SyntaxKind::Bom) => self.eat(),
                Shape::Sound(SyntaxKind::Comma) => self.separator(token),
                Shape::Sound(SyntaxKind::Close) => self.close(token),
                _ => self.item(token),
            }
        }
        self.trailing_comma_of_line(self.tokens.last().map_or(0, |token| token.line));
        self.close_at_end();
    }

    fn item(&mut self, token: Token) {
        match token.shape {
            Shape::Sound(SyntaxKind::Open) => {
                let report = !std::mem::take(&mut self.quiet);
                return self.nameless(token, report);
            }
            Shape::Sound(SyntaxKind::ListClose) => return self.stray(token),
            _ => {}
        }
        self.needs_separator(token);
        if let Some(block) = self.blocks.last_mut() {
            block.first.get_or_insert(token);
        }
        if token.is_wordlike() {
            self.setting_or_block(token);
        } else {
            self.unexpected(token);
        }
    }

    fn unexpected(&mut self, token: Token) {
        let place = self.span(token);
        let what = self.show(token);
        let message = format!("expected a setting or a block, found {what}");
        let section = token.is(SyntaxKind::ListOpen);
        self.problems.report(&UNEXPECTED, message, |problem| {
            let problem = problem.label(place, "here");
            if section {
                problem.help(
                    "a list needs a key (`dns = [a, b]`); a section is a block: `name { ... }`",
                )
            } else {
                problem
            }
        });
        self.skip_statement();
    }

    /// Skips the rest of a statement that has been reported.
    fn skip_statement(&mut self) {
        let one_line = self.blocks.last().is_some_and(|block| block.one_line);
        while let Some(token) = self.peek() {
            if token.is_gap()
                || token.is(SyntaxKind::Close)
                || one_line && token.is(SyntaxKind::Comma)
            {
                break;
            }
            if token.is(SyntaxKind::Open) {
                return self.nameless(token, false);
            }
            self.damage();
        }
        self.after = self
            .peek()
            .filter(|token| token.is(SyntaxKind::Comma))
            .map(|_| self.builder.at());
        self.comma = None;
    }

    fn peek(&self) -> Option<Token> {
        self.look(self.at)
    }

    fn look(&self, index: usize) -> Option<Token> {
        self.tokens.get(index).copied()
    }

    fn looks(&self, index: usize, kind: SyntaxKind) -> bool {
        self.look(index).is_some_and(|token| token.is(kind))
    }

    /// Puts the next piece into the tree, as what it is if possible, else as damage.
    fn eat(&mut self) {
        if let Some(token) = self.peek() {
            let kind = match token.shape {
                Shape::Sound(kind) => kind,
                Shape::OpenText | Shape::OpenLongText | Shape::ForeignText | Shape::RoughWord => {
                    SyntaxKind::Damage
                }
            };
            self.leaf(kind, token);
            self.at += 1;
        }
    }

    fn damage(&mut self) {
        if let Some(token) = self.peek() {
            if token.shape == Shape::OpenLongText {
                self.unclosed_string(token);
            }
            self.leaf(SyntaxKind::Damage, token);
            self.at += 1;
        }
    }

    fn leaf(&mut self, kind: SyntaxKind, token: Token) {
        self.builder.leaf(kind, token.start, token.end);
    }

    fn span(&self, token: Token) -> Span {
        self.problems.span(token.start, token.end)
    }

    /// A piece as a message quotes it.
    fn show(&self, token: Token) -> String {
        let text = token.text(self.text);
        let line = text.lines().next().unwrap_or("");
        if line.chars().count() > 40 {
            let short: String = line.chars().take(37).collect();
            return format!("`{short}...`");
        }
        format!("`{line}`")
    }

    /// The white space before the head of a block.
    fn indent_of(&self, block: &OpenBlock) -> &'a str {
        let rest = &self.text[block.line as usize..block.brace.start as usize];
        &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()]
    }
}
