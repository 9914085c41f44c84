//! Puts values in place of their marks, as the language of the file writes them in that place, and
//! notes which line has which origins.

use serde_json::Value as Json;

use super::marks::{REGION, REGION_END, REGION_TEXT, VALUE, VALUE_END};
use crate::origin::Origin;
use crate::render::text::{Text, TextBuilder};

/// Follows the text of one language, to know the place of each value.
pub(super) trait PlaceTracker {
    /// Text of the template.
    fn text(&mut self, run: &str);

    /// How a value is written here. `rest` is the marked text that follows.
    fn value(&mut self, value: &Json, rest: &str) -> Result<String, String>;

    /// Whether the text may end here. One that ends in the middle of something is broken, or was not
    /// followed correctly, and then nothing that was found about its values is reliable.
    fn end(&self) -> Result<(), String>;
}

/// The finished text. `sets` are the origins that the numbers of regions stand for; none if lines are
/// not kept.
pub(super) fn fill(
    marked: &str,
    mut place: impl PlaceTracker,
    sets: Option<&[Vec<Origin>]>,
    default: &[Origin],
) -> Result<Text, String> {
    let mut out = TextBuilder::new(sets.is_some());
    let mut lines = Lines {
        sets,
        regions: Vec::new(),
        line: Vec::new(),
        default,
    };
    let mut rest = marked;
    while !rest.is_empty() {
        let text = rest.bytes().position(is_mark).unwrap_or(rest.len());
        if text > 0 {
            let (run, tail) = rest.split_at(text);
            place.text(run);
            put(run, &mut out, &mut lines);
            rest = tail;
            continue;
        }
        let tail = &rest[1..];
        rest = match rest.chars().next() {
            Some(REGION) => {
                let (number, tail) = tail.split_once(REGION_TEXT).ok_or_else(torn)?;
                lines.regions.push(number.parse().map_err(|_| torn())?);
                tail
            }
            Some(REGION_END) => {
                lines.regions.pop().ok_or_else(torn)?;
                tail
            }
            Some(VALUE) => {
                let (json, tail) = tail.split_once(VALUE_END).ok_or_else(torn)?;
                let value = serde_json::from_str(json).map_err(|_| torn())?;
                let written = place
                    .value(&value, tail)
                    .map_err(|why| format!("{why}, in the line `{}`", shown(out.buffer(), rest)))?;
                put(&written, &mut out, &mut lines);
                tail
            }
            _ => return Err(torn()),
        };
    }
    if !out.buffer().is_empty() && !out.buffer().ends_with('\n') {
        place.text("\n");
        put("\n", &mut out, &mut lines);
    }
    place.end()?;
    Ok(out.finish())
}

/// Whether a byte is a mark, or a control character that does not belong here.
fn is_mark(byte: u8) -> bool {
    byte.is_ascii_control() && byte != b'\n' && byte != b'\t'
}

fn put(text: &str, out: &mut TextBuilder, lines: &mut Lines<'_>) {
    for piece in text.split_inclusive('\n') {
        lines.touch();
        match piece.strip_suffix('\n') {
            Some(line) => {
                out.buffer().push_str(line);
                out.end_line(&lines.take());
            }
            None => out.buffer().push_str(piece),
        }
    }
}

/// A template split marked text.
fn torn() -> String {
    "a region, a macro's or a block's output was split by a filter or a test".to_owned()
}

/// The line that a value is in, as far as it is known, for a message. The value itself is not shown.
fn shown(done: &str, rest: &str) -> String {
    let begin = done.rsplit('\n').next().unwrap_or_default();
    let end = rest.split('\n').next().unwrap_or_default();
    let mut line = String::from(begin);
    let mut hidden = false;
    for c in end.chars() {
        match c {
            VALUE => {
                line.push_str("{{ ... }}");
                hidden = true;
            }
            REGION => hidden = true,
            VALUE_END | REGION_TEXT => hidden = false,
            REGION_END => {}
            c if hidden || c.is_control() => {}
            c => line.push(c),
        }
    }
    line.trim().to_owned()
}

/// Which regions the current line was in.
struct Lines<'a> {
    /// None if they are not kept.
    sets: Option<&'a [Vec<Origin>]>,
    regions: Vec<usize>,
    line: Vec<usize>,
    default: &'a [Origin],
}

impl Lines<'_> {
    /// Notes the innermost region with origins, if there is one, for the current line.
    fn touch(&mut self) {
        let Some(sets) = self.sets else {
            return;
        };
        let has_some = |region: &&usize| sets.get(**region).is_some_and(|set| !set.is_empty());
        if let Some(region) = self.regions.iter().rev().find(has_some)
            && !self.line.contains(region)
        {
            self.line.push(*region);
        }
    }

    /// The origins of the current line, which ends here.
    fn take(&mut self) -> Vec<Origin> {
        let Some(sets) = self.sets else {
            return Vec::new();
        };
        if self.line.is_empty() {
            return self.default.to_vec();
        }
        let mut out = Vec::new();
        for region in self.line.drain(..) {
            for origin in &sets[region] {
                if !out.contains(origin) {
                    out.push(origin.clone());
                }
            }
        }
        out
    }
}
