//! From the result back to the text: the smallest changes that turn one into the other.

use std::ops::Range;

use super::write::Written;

/// A piece of a text that is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its bytes.
    pub range: Range<usize>,
    /// What is there afterwards.
    pub text: String,
}

/// Every difference between a text and its result, in order.
pub(super) fn all(text: &str, written: &Written) -> Vec<Change> {
    let mut out = Vec::new();
    let (mut from, mut to) = (0, 0);
    for copy in &written.copies {
        add(
            text,
            from..copy.from.start,
            &written.text[to..copy.to.start],
            &mut out,
        );
        // Ends of lines are the only thing that can differ in what was copied.
        add(
            text,
            copy.from.clone(),
            &written.text[copy.to.clone()],
            &mut out,
        );
        (from, to) = (copy.from.end, copy.to.end);
    }
    add(text, from..text.len(), &written.text[to..], &mut out);
    out
}

/// Adds a change without what is the same at its beginning and at its end.
fn add(text: &str, range: Range<usize>, new: &str, out: &mut Vec<Change>) {
    let old = &text[range.clone()];
    if old == new {
        return;
    }
    let same = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
        let same = pairs.take_while(|(one, other)| one == other);
        same.map(|(one, _)| one.len_utf8()).sum()
    };
    let front = same(&mut old.chars().zip(new.chars()));
    let (old, new) = (&old[front..], &new[front..]);
    let back = same(&mut old.chars().rev().zip(new.chars().rev()));
    out.push(Change {
        range: range.start + front..range.end - back,
        text: new[..new.len() - back].to_owned(),
    });
}
