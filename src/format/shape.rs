//! From the tree to the lines of the result.

use std::ops::Range;

use crate::syntax::{SyntaxKind, SyntaxNode, Tree};

use super::line::{Line, Piece, Sort, place_of_comment};
use super::list::{add_broken, columns, head, is_single, items, on_one_line};
use super::rows::{Row, inside, rows};
use super::sound::{Care, has_sound_frame, is_blank, is_sound, made_of_lines};
use super::{COLUMNS, STEP};

/// The comment before lines that stay as they are.
const OFF: &str = "# fmt: off";

/// The comment after them.
const ON: &str = "# fmt: on";

/// All lines of a text.
pub(super) fn lines(text: &str, tree: &Tree, care: Care) -> Vec<Line> {
    let mut shaper = Shaper {
        text,
        care,
        lines: Vec::new(),
    };
    let entries = shaper.entries(&rows(&tree.root.children));
    shaper.add(entries, 0);
    shaper.lines
}

/// What a block or a file consists of.
struct Entry<'a> {
    what: What<'a>,
    /// Whether an empty line is before it.
    blank: bool,
}

enum What<'a> {
    /// A setting or a block, and the comment after it.
    Item(&'a SyntaxNode, Option<&'a SyntaxNode>),
    /// A comment on a line of its own.
    Comment(&'a SyntaxNode),
    /// What is copied.
    Copied(Sort, Range<usize>),
}

struct Shaper<'a> {
    text: &'a str,
    care: Care,
    lines: Vec<Line>,
}

impl<'a> Shaper<'a> {
    fn entries(&self, rows: &[Row<'a>]) -> Vec<Entry<'a>> {
        let mut out = Vec::new();
        let mut blank = false;
        let mut left = rows.iter();
        while let Some(row) = left.next() {
            if row.parts.is_empty() && self.is_white(row) {
                blank = true;
                continue;
            }
            let off = row.comment().filter(|one| self.says(one, OFF));
            let what = match row.comment() {
                Some(comment) if self.is_white(row) => Some(What::Comment(comment)),
                _ => self.item(row),
            };
            out.extend(what.map(|what| Entry {
                what,
                blank: blank && !out.is_empty(),
            }));
            blank = self.blank_at_end(row);
            if off.is_some() {
                let (copied, on) = self.until_on(row, &mut left);
                out.extend(
                    [copied, on]
                        .into_iter()
                        .flatten()
                        .map(|what| Entry { what, blank: false }),
                );
            }
        }
        out
    }

    /// The lines up to `# fmt: on`, and that comment.
    fn until_on<'r>(
        &self,
        row: &Row<'a>,
        left: &mut (impl Iterator<Item = &'r Row<'a>> + Clone),
    ) -> (Option<What<'a>>, Option<What<'a>>)
    where
        'a: 'r,
    {
        let Some(from) = row.after else {
            return (None, None);
        };
        let mut to = from;
        let mut on = None;
        for row in left {
            on = row.comment().filter(|one| self.says(one, ON));
            if on.is_some() {
                break;
            }
            // The `}` of the block can be on the last line.
            let last = row.parts.last().map(|part| part.end as usize);
            to = row.after.or(last).unwrap_or(to);
        }
        let copied = (from < to).then(|| What::Copied(Sort::Off, from..to));
        (copied, on.map(What::Comment))
    }

    fn says(&self, comment: &SyntaxNode, what: &str) -> bool {
        comment.text(self.text).trim_end() == what
    }

    /// Whether the white space of a row consists of blanks and tabs.
    fn is_white(&self, row: &Row<'_>) -> bool {
        let mut spaces = row.all.iter().filter(|node| node.kind == SyntaxKind::Space);
        self.care == Care::None || spaces.all(|node| is_blank(node.text(self.text)))
    }

    /// What a row with a setting or a block holds.
    fn item(&self, row: &Row<'a>) -> Option<What<'a>> {
        let is_item =
            |node: &SyntaxNode| matches!(node.kind, SyntaxKind::Setting | SyntaxKind::Block);
        let (item, comment) = match row.parts.as_slice() {
            [item] if is_item(item) => (item, None),
            [item, comment] if is_item(item) && comment.kind == SyntaxKind::Comment => {
                (item, Some(*comment))
            }
            _ => return self.copied(row),
        };
        let laid = self.care == Care::None
            || self.is_white(row)
                && (is_sound(self.text, item)
                    || self.care == Care::Pieces && has_sound_frame(self.text, item));
        if laid {
            Some(What::Item(item, comment))
        } else {
            self.copied(row)
        }
    }

    fn copied(&self, row: &Row<'a>) -> Option<What<'a>> {
        let (start, end) = (row.start()?, row.end()?);
        let text = &self.text[start..end];
        // An unclosed block holds the ends of its lines; blanks at the end of a damaged line stay.
        let kept = match text.rfind(|c: char| !c.is_ascii_whitespace()) {
            Some(last) => text[last..].find('\n').map_or(text.len(), |at| last + at),
            None => text.len(),
        };
        let kept = text[..kept].strip_suffix('\r').map_or(kept, str::len);
        Some(What::Copied(Sort::Damaged, start..start + kept))
    }

    /// Whether a row, of an unclosed block, ends with an empty line.
    fn blank_at_end(&self, row: &Row<'_>) -> bool {
        let (Some(start), Some(end)) = (row.start(), row.end()) else {
            return false;
        };
        let text = &self.text[start..end];
        let white = &text[text.trim_ascii_end().len()..];
        white.bytes().filter(|byte| *byte == b'\n').count() > 1
    }

    fn add(&mut self, entries: Vec<Entry<'a>>, depth: usize) {
        let widths = self.key_widths(&entries);
        for (entry, width) in entries.into_iter().zip(widths) {
            let at = self.lines.len();
            match entry.what {
                What::Comment(comment) => {
                    let place = place_of_comment(self.text, comment);
                    self.lines.push(Line::new(depth, vec![Piece::Copy(place)]));
                }
                What::Copied(sort, mut range) => {
                    // The line end is written anyway.
                    if sort == Sort::Off && self.text[range.clone()].ends_with('\n') {
                        range.end -= 1;
                        if self.text[range.clone()].ends_with('\r') {
                            range.end -= 1;
                        }
                    }
                    self.lines.push(Line::copied(sort, range));
                }
                What::Item(item, comment) => {
                    match item.kind {
                        SyntaxKind::Setting => self.setting(item, width, depth),
                        _ => self.block(item, depth),
                    }
                    self.set_comment(comment);
                }
            }
            if let Some(line) = self.lines.get_mut(at) {
                line.blank = entry.blank;
            }
        }
    }

    fn set_comment(&mut self, comment: Option<&SyntaxNode>) {
        if let (Some(line), Some(comment)) = (self.lines.last_mut(), comment) {
            line.comment = Some(place_of_comment(self.text, comment));
        }
    }

    /// The columns of the longest key in the group of each entry. A group ends at an empty line and at a block.
    fn key_widths(&self, entries: &[Entry<'_>]) -> Vec<usize> {
        let mut out = vec![0; entries.len()];
        let mut from = 0;
        for (at, entry) in entries.iter().enumerate() {
            if entry.blank {
                from = at;
            }
            match &entry.what {
                What::Item(item, _) if item.kind == SyntaxKind::Setting => {
                    out[at] = item
                        .parts()
                        .next()
                        .map_or(0, |key| columns(self.text, &[Piece::of(key)]));
                }
                What::Item(..) | What::Copied(Sort::Off, _) => from = at + 1,
                What::Comment(_) | What::Copied(..) => {}
            }
            let next = entries.get(at + 1);
            let ends = next.is_none_or(|next| next.blank || !stays(&next.what));
            if ends && from <= at {
                let longest = out[from..=at].iter().copied().max().unwrap_or_default();
                out[from..=at].fill(longest);
            }
        }
        out
    }

    fn setting(&mut self, node: &'a SyntaxNode, width: usize, depth: usize) {
        let mut parts = node.parts();
        let (Some(key), Some(_), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
            return;
        };
        let own = columns(self.text, &[Piece::of(key)]);
        let pad = width.saturating_sub(own);
        let mut pieces = vec![Piece::of(key), Piece::Pad(pad), Piece::Mark(" = ")];
        let before = depth * STEP + columns(self.text, &pieces);
        let fits = |value: &Vec<Piece>| before + columns(self.text, value) <= COLUMNS;
        let one = on_one_line(self.text, value).filter(|one| fits(one) || is_single(value));
        pieces.extend(one.iter().flatten().cloned());
        self.lines.push(Line::new(depth, pieces));
        if one.is_none() {
            add_broken(self.text, value, depth, &mut self.lines);
        }
    }

    fn block(&mut self, node: &'a SyntaxNode, depth: usize) {
        let parts = inside(node, SyntaxKind::Open, SyntaxKind::Close);
        let mut rows = rows(parts);
        let by_lines = made_of_lines(node);
        let mut pieces = Vec::new();
        if !by_lines {
            let one = on_one_line(self.text, node)
                .filter(|one| depth * STEP + columns(self.text, one) <= COLUMNS || is_single(node));
            if let Some(one) = one {
                self.lines.push(Line::new(depth, one));
                return;
            }
        }
        head(node, &mut pieces);
        pieces.push(Piece::Mark("{"));
        let at = self.lines.len();
        self.lines.push(Line::new(depth, pieces));
        let entries = if by_lines {
            let first = rows.remove(0);
            self.set_comment(first.comment());
            self.entries(&rows)
        } else {
            let entry = |item| Entry {
                what: What::Item(item, None),
                blank: false,
            };
            items(node).map(entry).collect()
        };
        self.add(entries, depth + 1);
        let empty = self.lines.len() == at + 1 && self.lines[at].comment.is_none();
        match self.lines.get_mut(at).filter(|_| empty) {
            Some(line) => line.pieces.push(Piece::Mark("}")),
            None => self.lines.push(Line::new(depth, vec![Piece::Mark("}")])),
        }
    }
}

/// Whether the group of the entry before goes on.
fn stays(what: &What<'_>) -> bool {
    match what {
        What::Item(item, _) => item.kind == SyntaxKind::Setting,
        What::Copied(sort, _) => *sort == Sort::Damaged,
        What::Comment(_) => true,
    }
}
