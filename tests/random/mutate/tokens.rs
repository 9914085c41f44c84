//! Changes without knowledge of the language: a line or a token less, twice, or in another place.

use crate::random::draw::Draw;

/// The text with one line or token dropped, doubled or swapped.
pub fn disturb(text: &str, draw: &mut Draw) -> String {
    let mut pieces: Vec<&str> = match draw.below(2) {
        0 => text.split_inclusive('\n').collect(),
        _ => tokens(text),
    };
    let count = u32::try_from(pieces.len()).expect("a short spec");
    let (at, other) = (draw.below(count) as usize, draw.below(count) as usize);
    match draw.below(4) {
        0 => drop(pieces.remove(at)),
        1 => pieces.insert(at, pieces[at]),
        2 => pieces.swap(at, other),
        _ => pieces.insert(at, pieces[other]),
    }
    pieces.concat()
}

/// Words, marks and the white space between them.
fn tokens(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut begin = 0;
    let mut last = None;
    for (at, character) in text.char_indices() {
        let kind = match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' => 0,
            ' ' => 1,
            _ => 2,
        };
        if last.is_some_and(|last| last != kind || kind == 2) {
            out.push(&text[begin..at]);
            begin = at;
        }
        last = Some(kind);
    }
    out.push(&text[begin..]);
    out
}
