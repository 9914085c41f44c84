//! Cursors (`|`) in sound and damaged texts.

use super::*;

/// The kinds around the cursor, what is being written there, and what is written already.
fn at(marked: &str) -> (String, Spot, String) {
    let offset = marked.find('|').expect("a cursor");
    let found = Standing::at(&marked.replace('|', ""), offset);
    let around: Vec<String> = found.around.into_iter().map(|head| head.kind).collect();
    let settings: Vec<String> = found.settings.into_keys().collect();
    let blocks = found.blocks.into_iter().map(|head| head.kind);
    let here: Vec<String> = settings.into_iter().chain(blocks).collect();
    (around.join(" "), found.spot, here.join(" "))
}

fn value(key: &str, start: usize) -> Spot {
    Spot::Value {
        key: key.to_owned(),
        start,
        list: None,
    }
}

#[test]
fn blocks_around_a_cursor() {
    for (text, around, here) in [
        ("|", "", ""),
        ("a {\n  b = 1\n  |\n  c {}\n}\nd {}", "a", "b c"),
        ("a {\n  b = 1\n}\n|", "", "a"),
        ("a {\n  b {\n    c = 1\n    |", "a b", "c"),
        // The indentation says which brace is missing.
        ("a {\n  b {\n    c = 1\n\nd {\n  e|\n}", "d", ""),
        ("a {\n  b|\n\nd {\n  e = 1\n}", "a", ""),
        ("a {\n  b = [1\n  c = 2\n  |\n}", "a", "b c"),
        ("a { b = 1, | }", "a", "b"),
        ("a { b = 1, c| = 2, d = 3 }", "a", "b d"),
        ("} } a {\n |", "a", ""),
    ] {
        let (kinds, _, written) = at(text);
        assert_eq!((kinds.as_str(), written.as_str()), (around, here), "{text}");
    }
}

#[test]
fn what_is_being_written() {
    for (text, spot) in [
        ("a {\n  b|", Spot::Item),
        ("a |", Spot::Label("a".to_owned())),
        ("a b[|1-2] {}", Spot::Label("a".to_owned())),
        ("a = |", value("a", 0)),
        ("a = x|", value("a", 0)),
        ("a = x |", Spot::Nowhere),
        ("a b |", Spot::Nowhere),
        ("a = # |", Spot::Nowhere),
        ("a =\n|", Spot::Item),
    ] {
        assert_eq!(at(text).1, spot, "{text}");
    }
    let list = Some(vec!["x".to_owned(), "z".to_owned()]);
    let key = "a".to_owned();
    let expected = Spot::Value {
        key,
        start: 0,
        list,
    };
    assert_eq!(at("a = [x,\n  y|,\n  z]").1, expected);
}
