//! The terminal: where results and reports go, how wide it is, what it can show.
//!
//! Results go to standard output, reports to standard error. Each of the two is examined on its
//! own: one may be a terminal and the other a file.

use std::io::{IsTerminal, Write};
use std::ops::Range;

use super::args::When;
use super::exit::Failure;

/// How text looks on one of the two streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether colours may be used.
    pub color: bool,
    /// Whether box-drawing characters may be used.
    pub unicode: bool,
    /// How many columns there are.
    pub width: usize,
}

/// The width of what is not a terminal: a file, a pipe, a log of a build server.
pub(in crate::cli) const PIPED: usize = 100;
/// Narrower than this nothing can be laid out.
const NARROWEST: usize = 40;
/// No one reads a line that is wider than this.
const WIDEST: usize = 120;

impl Look {
    /// Plain text of the usual width, for files and tests.
    pub const PLAIN: Self = Self {
        color: false,
        unicode: true,
        width: PIPED,
    };

    fn of(stream: &(impl IsTerminal + std::os::fd::AsFd), when: When) -> Self {
        let terminal = stream.is_terminal();
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let color = match when {
            When::Always => true,
            When::Never => false,
            When::Auto => {
                terminal
                    && set("NO_COLOR").is_none()
                    && set("TERM").is_none_or(|term| term != "dumb")
            }
        };
        let measured = || {
            let (width, _) = terminal_size::terminal_size_of(stream)?;
            Some(usize::from(width.0))
        };
        let width = set("COLUMNS")
            .and_then(|columns| columns.parse().ok())
            .or_else(measured)
            .unwrap_or(PIPED);
        Self {
            color,
            unicode: unicode(["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set)),
            width: width.clamp(NARROWEST, WIDEST),
        }
    }
}

/// A locale that is set and is not UTF-8 means ASCII. No locale at all (a container, a build server)
/// means nothing: everything else writes UTF-8 there, too.
fn unicode(locale: Option<String>) -> bool {
    locale.is_none_or(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// The two streams.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Console {
    /// Standard output.
    pub out: Look,
    /// Standard error.
    pub err: Look,
    /// Whether someone is watching, so that progress is shown.
    pub watched: bool,
}

impl Console {
    /// Examines the streams of this process.
    pub(in crate::cli) fn new(when: When) -> Self {
        Self {
            out: Look::of(&std::io::stdout(), when),
            err: Look::of(&std::io::stderr(), when),
            watched: std::io::stderr().is_terminal(),
        }
    }

    /// Writes a result.
    #[expect(clippy::unused_self, reason = "the streams are the console's business")]
    pub(in crate::cli) fn result(&self, text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()?;
        Ok(())
    }

    /// Writes a report. If even that cannot be written, there is no one left to tell.
    #[expect(clippy::unused_self, reason = "the streams are the console's business")]
    pub(in crate::cli) fn report(&self, text: &str) {
        let mut err = std::io::stderr().lock();
        let _ = err.write_all(text.as_bytes());
        let _ = err.flush();
    }

    /// Says what stopped a command.
    pub(in crate::cli) fn failure(&self, failure: &Failure) {
        let Some(message) = &failure.message else {
            return;
        };
        let mut text = format!(
            "{} {}\n",
            paint(self.err, Paint::Error, "Error:"),
            visible(message)
        );
        if let Some(help) = &failure.help {
            text.push_str(&hanging(
                self.err,
                "  help: ",
                Some(Paint::Help),
                &visible(help),
            ));
        }
        self.report(&text);
    }
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Paint {
    /// The word "Error".
    Error,
    /// The word "Warning".
    Warning,
    /// The word "Note".
    Note,
    /// The word "help".
    Help,
    /// A heading.
    Heading,
    /// A line that a diff adds.
    Added,
    /// What is there but not important.
    Faint,
}

/// The text in its colour, where colours may be used.
pub(in crate::cli) fn paint(look: Look, paint: Paint, text: &str) -> String {
    if !look.color {
        return text.to_owned();
    }
    let code = match paint {
        Paint::Error => "31",
        Paint::Warning => "33",
        Paint::Note | Paint::Help => "36",
        Paint::Added => "32",
        Paint::Heading => "1",
        Paint::Faint => "2",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// Stands for a space at which a line must not end. From Unicode's private use area.
const GLUE: char = '\u{e000}';
/// A longer piece in backticks may be broken after all: better than a line that is too long.
const GLUED: usize = 32;

/// The text with the spaces in its `pieces to type` glued, so that wrapping leaves them whole.
pub(in crate::cli) fn glue(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    let last = pieces.len() - 1;
    pieces
        .iter()
        .enumerate()
        .map(|(index, piece)| {
            // Every second piece is between two backticks, but for one that is never closed.
            let inside = index % 2 == 1 && index < last && piece.len() <= GLUED;
            match inside {
                true => piece.replace(' ', &GLUE.to_string()),
                false => (*piece).to_owned(),
            }
        })
        .collect::<Vec<_>>()
        .join("`")
}

/// The text after wrapping, with its spaces back.
pub(in crate::cli) fn unglue(text: &str) -> String {
    text.replace(GLUE, " ")
}

/// A paragraph that begins with `lead` and whose further lines are aligned under its text. Line breaks
/// in the text are kept.
pub(in crate::cli) fn hanging(look: Look, lead: &str, color: Option<Paint>, text: &str) -> String {
    let indent = " ".repeat(lead.chars().count());
    let options = textwrap::Options::new(look.width.saturating_sub(2))
        .initial_indent(&indent)
        .subsequent_indent(&indent)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let filled = unglue(&textwrap::fill(&glue(text), options));
    let body = filled.strip_prefix(&indent).unwrap_or(&filled);
    let lead = match color {
        Some(color) => paint(look, color, lead),
        None => lead.to_owned(),
    };
    format!("{lead}{body}\n")
}

/// The columns in parts that are not wider than this, each column after two spaces; one column at least.
pub(in crate::cli) fn parts(columns: &[usize], most: usize) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut wide = 0;
    for (index, column) in columns.iter().enumerate() {
        wide += column + 2;
        match parts.last_mut() {
            Some(part) if wide <= most => part.end = index + 1,
            _ => {
                parts.push(index..index + 1);
                wide = column + 2;
            }
        }
    }
    parts
}

/// The text with every character made visible that could move a cursor, change a colour or change
/// the writing direction: a spec must not control its reader's terminal. Each replacement is as long
/// as what it replaces, so that byte offsets stay valid.
pub(in crate::cli) fn visible(text: &str) -> String {
    // Almost all text is this.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) {
        return text.to_owned();
    }
    visible_code(text).replace('\t', " ")
}

/// The same for a line of a file, in which the width of a tab depends on its column.
pub(in crate::cli) fn visible_code(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            '\r' => ' ',
            '\u{0}'..='\u{1f}' | '\u{7f}' => '?',
            '\u{80}'..='\u{9f}' | '\u{61c}' => '¿',
            '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{200e}'
            | '\u{200f}' => '\u{fffd}',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_split_into_parts_that_fit() {
        assert_eq!(parts(&[10, 10, 10], 24), [0..2, 2..3]);
        assert_eq!(parts(&[10, 10, 10, 10], 36), [0..3, 3..4]);
        // A column that is too wide for any part is one of its own.
        assert_eq!(parts(&[50, 10], 20), [0..1, 1..2]);
        assert!(parts(&[], 20).is_empty());
    }

    #[test]
    fn nothing_in_a_text_commands_the_terminal_and_no_byte_moves() {
        let text = "a\u{1b}[31mb\u{9b}c\u{202e}d\r\n\té";
        let shown = visible(text);
        assert_eq!(visible_code(text), "a?[31mb¿c\u{fffd}d \n\té");
        assert_eq!(shown, "a?[31mb¿c\u{fffd}d \n é");
        assert_eq!(shown.len(), text.len());
    }

    #[test]
    fn what_is_to_be_typed_stays_on_one_line() {
        let narrow = Look {
            width: 40,
            ..Look::PLAIN
        };
        assert_eq!(
            hanging(
                narrow,
                "help: ",
                None,
                "for a new cluster write `kubernetes = 1.36`; or not"
            ),
            "help: for a new cluster write\n      `kubernetes = 1.36`; or not\n"
        );
        assert_eq!(unglue(&glue("a `b c` d `e f")), "a `b c` d `e f");
    }

    #[test]
    fn a_locale_without_utf8_gets_plain_letters() {
        assert!(unicode(None));
        assert!(unicode(Some("en_US.UTF-8".to_owned())));
        assert!(unicode(Some("C.utf8".to_owned())));
        assert!(!unicode(Some("POSIX".to_owned())));
    }

    #[test]
    fn a_paragraph_hangs_under_its_lead() {
        let narrow = Look {
            width: 40,
            ..Look::PLAIN
        };
        assert_eq!(
            hanging(
                narrow,
                "  help: ",
                None,
                "drop the line, and write another one\nthen go"
            ),
            "  help: drop the line, and write\n        another one\n        then go\n"
        );
    }
}
