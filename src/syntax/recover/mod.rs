//! Reads a file that the strict grammar refuses: names each of its mistakes once and builds the
//! tree that was meant.
//!
//! The file comes as a flat row of pieces. Blocks are a stack here and not recursion, since only
//! with all of them in view can the indentation tell which brace is missing its mate. The main loop
//! is in this file: one turn for each item, comma, closing brace and end of line.

mod blocks;
mod braces;
mod heads;
mod lists;
mod pieces;
mod settings;
mod words;

pub(super) use blocks::STRAY_CLOSE;
pub(super) use braces::UNCLOSED_BLOCK;
pub(super) use heads::{BLOCK_HEAD, MISSING_OPEN};
pub(super) use lists::{MISSING_COMMA, UNCLOSED_LIST};
pub(super) use settings::{MISSING_EQUALS, MISSING_VALUE, SEVERAL_VALUES};
pub(super) use words::{NEEDS_QUOTES, UNCLOSED_STRING, WRONG_QUOTES};

use crate::declare;
use crate::source::Span;

use super::grammar::Shape;
use super::problems::Problems;
use super::tree::{Builder, Kind, Tree};
use pieces::Token;

declare! {
    /// Each setting and each block stands on a line of its own; the end of the line ends it. Only a
    /// block that stands on one line altogether separates what is in it, with commas:
    /// `locale { country = JP, timezone = Asia/Tokyo }`. So what follows `{` decides: if the line
    /// ends there, the block is made of lines; if not, it must also be closed on that line.
    ///
    /// ```pik fails
    /// profile pi {
    ///   swap = off  os = raspios-trixie
    /// }
    /// ```
    ///
    /// ```pik
    /// profile pi {
    ///   swap = off
    ///   os   = raspios-trixie
    /// }
    /// ```
    pub static TWO_ON_ONE_LINE = {
        code: "syntax/two-on-one-line",
        severity: Error,
        title: "two settings or blocks on one line",
        help: "begin a new line for each setting; in a one-line block put a comma between them",
        sources: ["grammar/README.md"],
    }

    /// A comma separates the settings of a one-line block and the values of a list; one more at the
    /// end of a list or of a one-line block does no harm. Anywhere else it separates nothing: a
    /// setting on a line of its own ends with the line.
    ///
    /// ```pik fails
    /// profile pi {
    ///   swap = off,
    ///   os   = raspios-trixie
    /// }
    /// ```
    ///
    /// ```pik
    /// profile pi {
    ///   swap = off
    ///   os   = raspios-trixie
    /// }
    /// ```
    pub static EXTRA_COMMA = {
        code: "syntax/extra-comma",
        severity: Error,
        title: "a comma that separates nothing",
        help: "delete the comma",
        sources: ["grammar/README.md"],
    }

    /// A file is made of settings (`swap = off`), blocks (`profile pi { ... }`) and comments
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
        severity: Error,
        title: "neither a setting nor a block",
        help: "write `key = value`, `kind name { ... }` or `# a comment`",
        sources: ["grammar/README.md"],
    }
}

/// Reads any text. Reports at least one mistake of every text that the strict grammar refuses.
pub(super) fn read(text: &str, problems: &mut Problems) -> Tree {
    let tokens = pieces::tokens(text);
    let count = |kind| tokens.iter().filter(|token| token.is(kind)).count();
    let (opens, closes) = (count(Kind::Open), count(Kind::Close));
    let mut reader = Reader {
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
    /// Whether something else than the end of the line follows its `{`.
    one_line: bool,
    /// What follows `{` in a block that turned out to go on over further lines.
    misplaced: Option<Token>,
    /// Where its first item begins.
    first: Option<Token>,
    /// Whether a comma stands between its items.
    commas: bool,
}

struct Reader<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    builder: Builder,
    problems: &'a mut Problems,
    blocks: Vec<OpenBlock>,
    /// How many lists are open around what is read.
    lists: usize,
    /// The end of the item before, when nothing but a comma has followed it on its line.
    after: Option<u32>,
    /// That comma.
    comma: Option<Token>,
    /// How many `}` too few the file has, as far as they are not accounted for yet.
    missing: usize,
    /// How many `}` too many.
    surplus: usize,
    /// Whether the file is indented at all.
    indented: bool,
    /// An unclosed string took the rest of the file along: nothing can be said about its end.
    swallowed: bool,
    /// What stands on this line has been reported: what follows it there is no second mistake.
    quiet: bool,
}

impl<'a> Reader<'a> {
    fn run(&mut self) {
        while let Some(token) = self.peek() {
            if token.first {
                self.quiet = false;
                self.close_by_indent(token);
            }
            match token.shape {
                Shape::Sound(Kind::Newline) => self.end_of_line(token),
                Shape::Sound(Kind::Comment) => {
                    self.goes_on();
                    self.eat();
                }
                Shape::Sound(Kind::Bom) => self.eat(),
                Shape::Sound(Kind::Comma) => self.separator(token),
                Shape::Sound(Kind::Close) => self.close(token),
                _ => self.item(token),
            }
        }
        self.trailing_comma_of_line(self.tokens.last().map_or(0, |token| token.line));
        self.close_at_end();
    }

    fn item(&mut self, token: Token) {
        match token.shape {
            Shape::Sound(Kind::Open) => {
                let report = !std::mem::take(&mut self.quiet);
                return self.nameless(token, report);
            }
            Shape::Sound(Kind::ListClose) => return self.stray(token),
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

    /// Two items on one line need a comma in a one-line block, and a new line elsewhere.
    fn needs_separator(&mut self, token: Token) {
        let comma = self.comma.take();
        let Some(after) = self.after.take() else {
            return;
        };
        // A line end of another kind has been reported as what it is.
        let between = self.text.get(after as usize..token.start as usize);
        let odd_end = between.is_some_and(|text| text.contains(['\r', '\u{2028}', '\u{2029}']));
        if self.quiet || token.first || odd_end {
            return;
        }
        let one_line = self.blocks.last().is_some_and(|block| block.one_line);
        if one_line && comma.is_some() {
            return;
        }
        let place = self.span(token);
        let before = self.problems.span(after, after);
        let gap = self.problems.span(after, token.start);
        let what = self.show(token);
        if one_line {
            let message = format!("a comma is missing before {what}");
            self.problems.report(&TWO_ON_ONE_LINE, message, |problem| {
                problem
                    .label(place, "the next one begins here")
                    .help("put a comma between the two")
                    .fix("insert the comma", before, ",")
            });
            return;
        }
        let message = if comma.is_some() {
            format!("a comma does not separate settings here: {what} needs a line of its own")
        } else {
            format!("{what} needs a line of its own")
        };
        let line = format!("\n{}", self.inner_indent());
        self.problems.report(&TWO_ON_ONE_LINE, message, |problem| {
            problem
                .label(place, "a second one on the same line")
                .help("begin a new line before it")
                .fix("begin a new line", gap, line)
        });
    }

    fn separator(&mut self, token: Token) {
        let nothing_before = self.after.is_none() || self.comma.is_some();
        if nothing_before {
            self.extra_comma(token, "nothing stands before this comma");
        } else {
            self.comma = Some(token);
            if let Some(block) = self.blocks.last_mut() {
                block.commas = true;
            }
        }
        self.eat();
    }

    fn extra_comma(&mut self, token: Token, message: &str) {
        let place = self.span(token);
        self.problems.report(&EXTRA_COMMA, message, |problem| {
            problem
                .label(place, "this one")
                .fix("delete the comma", place, "")
        });
    }

    /// A comma at the end of a line or of a block of lines.
    fn trailing_comma(&mut self) {
        let one_line = self.blocks.last().is_some_and(|block| block.one_line);
        if let Some(comma) = self.comma.take()
            && !one_line
        {
            self.extra_comma(comma, "the end of the line ends a setting, without a comma");
        }
    }

    fn end_of_line(&mut self, token: Token) {
        self.goes_on();
        self.trailing_comma_of_line(token.line);
        self.leaf(Kind::Newline, token);
        self.at += 1;
        self.after = None;
        self.comma = None;
    }

    /// In a block that began as a one-line block, the comma of the first line was right so far.
    fn trailing_comma_of_line(&mut self, line: u32) {
        let first_line = self
            .blocks
            .last()
            .is_some_and(|block| block.misplaced.is_some() && block.line == line);
        if first_line {
            self.comma = None;
        }
        self.trailing_comma();
    }

    /// The line ends within a block that had begun as a one-line block.
    fn goes_on(&mut self) {
        if let Some(block) = self.blocks.last_mut()
            && block.one_line
        {
            block.one_line = false;
            block.misplaced = block.first;
        }
    }

    fn unexpected(&mut self, token: Token) {
        let place = self.span(token);
        let what = self.show(token);
        let message = format!("expected a setting or a block, found {what}");
        let section = token.is(Kind::ListOpen);
        self.problems.report(&UNEXPECTED, message, |problem| {
            let problem = problem.label(place, "here");
            if section {
                problem.help("a list stands behind a key (`dns = [a, b]`); a section is a block: `name { ... }`")
            } else {
                problem
            }
        });
        self.skip_statement();
    }

    /// Takes what is left of a statement that has been reported.
    fn skip_statement(&mut self) {
        let one_line = self.blocks.last().is_some_and(|block| block.one_line);
        while let Some(token) = self.peek() {
            if token.is_gap() || token.is(Kind::Close) || one_line && token.is(Kind::Comma) {
                break;
            }
            if token.is(Kind::Open) {
                return self.nameless(token, false);
            }
            self.damage();
        }
        self.after = self
            .peek()
            .filter(|token| token.is(Kind::Comma))
            .map(|_| self.builder.at());
        self.comma = None;
    }

    fn peek(&self) -> Option<Token> {
        self.look(self.at)
    }

    fn look(&self, index: usize) -> Option<Token> {
        self.tokens.get(index).copied()
    }

    fn looks(&self, index: usize, kind: Kind) -> bool {
        self.look(index).is_some_and(|token| token.is(kind))
    }

    /// Puts the next piece into the tree, as what it is or else as damage.
    fn eat(&mut self) {
        if let Some(token) = self.peek() {
            let kind = match token.shape {
                Shape::Sound(kind) => kind,
                Shape::OpenText | Shape::OpenLongText | Shape::ForeignText | Shape::RoughWord => {
                    Kind::Damage
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
            self.leaf(Kind::Damage, token);
            self.at += 1;
        }
    }

    fn leaf(&mut self, kind: Kind, token: Token) {
        self.builder.leaf(kind, token.start, token.end);
    }

    fn span(&self, token: Token) -> Span {
        self.problems.span(token.start, token.end)
    }

    /// A piece as it is shown in a sentence.
    fn show(&self, token: Token) -> String {
        let text = token.text(self.text);
        let line = text.lines().next().unwrap_or("");
        if line.chars().count() > 40 {
            let short: String = line.chars().take(37).collect();
            return format!("`{short}...`");
        }
        format!("`{line}`")
    }

    /// The white space before the items of the innermost block.
    fn inner_indent(&self) -> String {
        match self.blocks.last() {
            Some(block) => format!("{}  ", self.indent_of(block)),
            None => String::new(),
        }
    }

    /// The white space before the head of a block.
    fn indent_of(&self, block: &OpenBlock) -> &'a str {
        let rest = &self.text[block.line as usize..block.brace.start as usize];
        &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()]
    }
}
