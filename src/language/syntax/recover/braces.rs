//! Blocks without a closing brace: finds them by the indentation.

use crate::declare;
use crate::source::Span;
use crate::syntax::tree::SyntaxKind;

use super::pieces::Token;
use super::{OpenBlock, Recovery};

declare! {
    /// Every `{` needs its `}`. When one is missing, pikc uses the indentation to find out which:
    /// a line that is indented no further than the line of the `{` cannot be inside the block any
    /// more. The report underlines the unmatched `{` and the place where its `}` was expected.
    ///
    /// ```pik fails
    /// profile pi {
    ///   locale {
    ///     country = JP
    ///   swap = off
    /// }
    /// ```
    ///
    /// ```pik
    /// profile pi {
    ///   locale {
    ///     country = JP
    ///   }
    ///   swap = off
    /// }
    /// ```
    pub static UNCLOSED_BLOCK = {
        code: "syntax/unclosed-block",
        since: "0.1.0",
        severity: Error,
        title: "a block is not closed",
        help: "add the missing `}`",
        sources: ["grammar/README.md"],
    }
}

impl Recovery<'_> {
    /// At the first piece of a line: ends the blocks that this line cannot be in. Only while the
    /// file has too few `}`; a file with all its braces may be indented in any way.
    pub(super) fn close_by_indent(&mut self, token: Token) {
        if self.missing == 0 || !self.indented || token.is(SyntaxKind::Comment) {
            return;
        }
        let closing = token.is(SyntaxKind::Close);
        let mut left = self.blocks.len();
        while left > 0 && self.missing > self.blocks.len() - left {
            let top = &self.blocks[left - 1];
            let outside = if closing {
                top.indent > token.indent && left > 1
            } else {
                top.indent >= token.indent
            };
            if !outside {
                break;
            }
            left -= 1;
        }
        self.missing -= self.blocks.len() - left;
        let unclosed = self.blocks.split_off(left);
        let place = self.span(token);
        self.unclosed(&unclosed, place, "`}` was expected before this line");
    }

    pub(super) fn close_at_end(&mut self) {
        let unclosed = std::mem::take(&mut self.blocks);
        if self.swallowed {
            return;
        }
        let end = self.last_content();
        let place = self.problems.span(end, end);
        self.unclosed(
            &unclosed,
            place,
            "`}` was expected before the end of the file",
        );
    }

    /// The end of what was read last, line ends excluded.
    fn last_content(&self) -> u32 {
        self.tokens[..self.at]
            .iter()
            .rev()
            .find(|token| !token.is(SyntaxKind::Newline))
            .map_or(0, |token| token.end)
    }

    /// Reports all blocks that end at one place without a `}`, as one finding.
    fn unclosed(&mut self, unclosed: &[OpenBlock], place: Span, label: &str) {
        let Some(inner) = unclosed.last() else {
            return;
        };
        let names: Vec<&str> = unclosed.iter().map(|block| block.name.as_str()).collect();
        let message = match names.as_slice() {
            [only] => format!("{only} is not closed"),
            [many @ .., last] => format!("{} and {last} are not closed", many.join(", ")),
            [] => return,
        };
        let at = self.problems.span(self.last_content(), self.last_content());
        let closing = self.closing(unclosed);
        let help = match unclosed.len() {
            1 => "add the missing `}`".to_owned(),
            count => format!("add the {count} missing `}}`"),
        };
        self.problems
            .report(&UNCLOSED_BLOCK, message, |mut problem| {
                problem = problem.label(inner.brace, "opened here");
                for block in unclosed.iter().rev().skip(1) {
                    problem = problem.label(block.brace, "opened here");
                }
                problem = problem.label(place, label).help(help);
                match closing {
                    Some(closing) => problem.fix("close it", at, closing),
                    None => problem,
                }
            });
        for _ in unclosed {
            self.builder.close();
        }
        self.after = None;
        self.comma = None;
    }

    /// What has to be inserted to close these blocks, innermost first; none if that alone
    /// would not fix them.
    fn closing(&self, unclosed: &[OpenBlock]) -> Option<String> {
        let end = self.last_content();
        let mut out = String::new();
        for block in unclosed.iter().rev() {
            if block.one_line || block.misplaced.is_some() {
                let line = self.text.get(block.brace.end as usize..end as usize)?;
                if line.contains(['\n', '#']) {
                    return None;
                }
                out.push_str(" }");
            } else {
                out.push('\n');
                out.push_str(self.indent_of(block));
                out.push('}');
            }
        }
        Some(out)
    }
}
