//! What separates two items: the end of a line, or in a one-line block a comma.

use crate::declare;
use crate::syntax::tree::SyntaxKind;

use super::Recovery;
use super::pieces::Token;

declare! {
    /// Each setting and each block is on a line of its own; the end of the line ends it. Only a
    /// block that is completely on one line separates its contents with commas:
    /// `locale { country = JP, timezone = Asia/Tokyo }`. So what follows `{` decides: if the line
    /// ends there, the block consists of lines; if not, it must also be closed on that line.
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
        since: "0.1.0",
        severity: Error,
        title: "two settings or blocks on one line",
        help: "begin a new line for each setting; in a one-line block put a comma between them",
        sources: ["grammar/README.md"],
    }

    /// A comma separates the settings of a one-line block and the values of a list; a trailing comma
    /// in a list or a one-line block is allowed. Anywhere else a comma separates nothing: a
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
        since: "0.1.0",
        severity: Error,
        title: "a comma that separates nothing",
        help: "delete the comma",
        sources: ["grammar/README.md"],
    }
}

impl Recovery<'_> {
    /// Two items on one line need a comma in a one-line block, and separate lines elsewhere.
    pub(super) fn needs_separator(&mut self, token: Token) {
        let comma = self.comma.take();
        let Some(after) = self.after.take() else {
            return;
        };
        // An unusual line end has already been reported.
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

    pub(super) fn separator(&mut self, token: Token) {
        let nothing_before = self.after.is_none() || self.comma.is_some();
        if nothing_before {
            self.extra_comma(token, "there is nothing before this comma");
        } else {
            self.comma = Some(token);
            if let Some(block) = self.blocks.last_mut() {
                block.commas = true;
            }
        }
        self.eat();
    }

    pub(super) fn extra_comma(&mut self, token: Token, message: &str) {
        let place = self.span(token);
        self.problems.report(&EXTRA_COMMA, message, |problem| {
            problem
                .label(place, "this one")
                .fix("delete the comma", place, "")
        });
    }

    /// A comma at the end of a line or of a multi-line block.
    pub(super) fn trailing_comma(&mut self) {
        let one_line = self.blocks.last().is_some_and(|block| block.one_line);
        if let Some(comma) = self.comma.take()
            && !one_line
        {
            self.extra_comma(comma, "a setting ends with its line, without a comma");
        }
    }

    pub(super) fn end_of_line(&mut self, token: Token) {
        self.goes_on();
        self.trailing_comma_of_line(token.line);
        self.leaf(SyntaxKind::Newline, token);
        self.at += 1;
        self.after = None;
        self.comma = None;
    }

    /// In a block that began as a one-line block, the comma on its first line was right at that point.
    pub(super) fn trailing_comma_of_line(&mut self, line: u32) {
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
    pub(super) fn goes_on(&mut self) {
        if let Some(block) = self.blocks.last_mut()
            && block.one_line
        {
            block.one_line = false;
            block.misplaced = block.first;
        }
    }

    /// The white space before the items of the innermost block.
    pub(super) fn inner_indent(&self) -> String {
        match self.blocks.last() {
            Some(block) => format!("{}  ", self.indent_of(block)),
            None => String::new(),
        }
    }
}
