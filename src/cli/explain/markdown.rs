//! Explanations for the terminal: the little Markdown that doc comments use, wrapped.
//!
//! Paragraphs, lists, headings, code fences, tables and `code`. Explanations use nothing else, and
//! anything else passes through unchanged.

use crate::cli::shared::console::{Look, Paint, glue, paint, unglue};
use textwrap::{WordSeparator, WordSplitter};

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
enum Block<'a> {
    Heading(&'a str),
    Paragraph(String),
    /// An item: its mark and its text.
    Item(&'a str, String),
    /// A fence: what follows the backticks, and its lines.
    Fence(&'a str, Vec<&'a str>),
    /// The cells of each row.
    Table(Vec<Vec<&'a str>>),
}

/// The explanation of a code as it is declared: without the space that a doc comment begins with.
pub(super) fn source(explanation: &str) -> String {
    explanation
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
        .trim()
        .to_owned()
}

/// The text laid out for a terminal.
pub(super) fn layout(text: &str, look: Look) -> String {
    let mut out = String::new();
    let mut items = false;
    for block in blocks(text) {
        let item = matches!(block, Block::Item(..));
        let together = items && item;
        if !out.is_empty() && !together {
            out.push('\n');
        }
        items = item;
        match block {
            Block::Heading(text) => {
                out.push_str(&paint(look, Paint::Heading, text));
                out.push('\n');
            }
            Block::Paragraph(text) => fill(&mut out, "", "", &text, look),
            Block::Item(mark, text) => {
                let indent = " ".repeat(mark.chars().count() + 3);
                fill(&mut out, &format!("  {mark} "), &indent, &text, look);
            }
            Block::Fence(tag, lines) => fence(&mut out, tag, &lines, look),
            Block::Table(rows) => table(&mut out, &rows, look),
        }
    }
    out
}

fn fill(out: &mut String, first: &str, rest: &str, text: &str, look: Look) {
    let options = textwrap::Options::new(look.width)
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    out.push_str(&unglue(&textwrap::fill(&glue(text), options)));
    out.push('\n');
}

fn fence(out: &mut String, tag: &str, lines: &[&str], look: Look) {
    let words: Vec<&str> = tag.split_whitespace().collect();
    let title = match words.as_slice() {
        ["pik", rest @ ..] if rest.contains(&"fails") => Some("Reported:"),
        ["pik", ..] => Some("Accepted:"),
        _ => None,
    };
    if let Some(title) = title {
        out.push_str(&paint(look, Paint::Heading, title));
        out.push_str("\n\n");
    }
    for line in lines {
        if !line.is_empty() {
            out.push_str("    ");
            out.push_str(line);
        }
        out.push('\n');
    }
}

fn table(out: &mut String, rows: &[Vec<&str>], look: Look) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        let line = cells.join("  ");
        let line = line.trim_end();
        if index == 0 {
            out.push_str(&format!("  {}\n", paint(look, Paint::Heading, line)));
        } else {
            out.push_str(&format!("  {line}\n"));
        }
    }
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut found: Vec<Block<'_>> = Vec::new();
    let mut lines = text.lines();
    let mut open = false;
    while let Some(line) = lines.next() {
        let plain = line.trim();
        if let Some(tag) = plain.strip_prefix("```") {
            let inner = lines
                .by_ref()
                .take_while(|line| line.trim() != "```")
                .collect();
            found.push(Block::Fence(tag, inner));
            open = false;
        } else if plain.is_empty() {
            open = false;
        } else if plain.starts_with('#') {
            found.push(Block::Heading(plain.trim_start_matches('#').trim()));
            open = false;
        } else if let Some(row) = row(plain) {
            match found.last_mut() {
                Some(Block::Table(rows)) if open => rows.extend(row),
                _ => found.push(Block::Table(row.into_iter().collect())),
            }
            open = true;
        } else if let Some((mark, text)) = item(plain) {
            found.push(Block::Item(mark, text.to_owned()));
            open = true;
        } else {
            match found.last_mut() {
                Some(Block::Paragraph(text) | Block::Item(_, text)) if open => {
                    text.push(' ');
                    text.push_str(plain);
                }
                _ => found.push(Block::Paragraph(plain.to_owned())),
            }
            open = true;
        }
    }
    found
}

/// A row of a table: its cells, or nothing for the line of dashes below the head.
fn row(line: &str) -> Option<Option<Vec<&str>>> {
    let inner = line.strip_prefix('|')?.strip_suffix('|')?;
    if inner.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ')) {
        return Some(None);
    }
    Some(Some(inner.split('|').map(str::trim).collect()))
}

fn item(line: &str) -> Option<(&str, &str)> {
    if let Some(text) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Some(("-", text));
    }
    let (number, text) = line.split_once(". ")?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| (&line[..=number.len()], text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_is_laid_out() {
        let declared = " Swap on, kubelet off.\n and more of it\n\n - one\n   thing\n - two\n\n\
                        | release | works |\n |---|---|\n | 1.22 | by an argument |\n\n\
                        ```pik fails\n swap = on\n ```\n\n ```pik\n swap = off\n ```\n";
        let expected = "Swap on, kubelet off. and more of it\n\n  - one thing\n  - two\n\n  \
                        release  works\n  1.22     by an argument\n\nReported:\n\n    swap = on\n\n\
                        Accepted:\n\n    swap = off\n";
        assert_eq!(layout(&source(declared), Look::PLAIN), expected);
    }

    #[test]
    fn numbered_items_keep_their_numbers() {
        let text = "1. first\n2. second\n10. tenth";
        assert_eq!(
            layout(text, Look::PLAIN),
            "  1. first\n  2. second\n  10. tenth\n"
        );
    }
}
