//! The two ways of reading agree: what the strict grammar accepts, recovery reads without a
//! finding and into the same tree; what it refuses, recovery reports.

use proptest::prelude::*;

use super::problems::Problems;
use super::{damaged, grammar, recover, scan};
use crate::source::FileId;

/// Checks one text, unless the scan of its bytes refuses it.
fn agree(text: &str) -> Result<(), TestCaseError> {
    let mut problems = Problems::new(FileId(0));
    if !scan::scan(text, &mut problems) || !problems.is_empty() {
        return Ok(());
    }
    let strict = grammar::strict(text);
    let recovered = recover::read(text, &mut problems);
    match strict {
        Some(tree) => {
            prop_assert!(!damaged::is_surely_damaged(text), "valid {text:?}");
            let found = problems.finish();
            let messages: Vec<_> = found.iter().map(|problem| &problem.message).collect();
            prop_assert!(messages.is_empty(), "{messages:?} in valid {text:?}");
            prop_assert_eq!(tree, recovered, "two trees of {:?}", text);
        }
        None => prop_assert!(!problems.is_empty(), "nothing wrong in damaged {text:?}"),
    }
    Ok(())
}

/// Pieces of valid lines, put together so that about half of the texts are valid.
fn near() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("1"),
        Just("a..b"),
        Just("\"s\""),
        Just("[]"),
        Just("[1, 2,]"),
        Just("[\n 1, # c\n [x]\n]"),
        Just("\"\"\"\n x\n \"\"\""),
        Just("a b"),
        Just("a, b"),
        Just("[1 2]"),
        Just("\"x"),
        Just(""),
        Just("a#b"),
    ];
    let setting = (
        prop_oneof!["k", "\"q\"", "k:"],
        prop_oneof![" = ", "=", " "],
        value,
    )
        .prop_map(|(key, sign, value)| format!("{key}{sign}{value}"));
    let item = setting.prop_recursive(3, 12, 3, |inner| {
        let separator = prop_oneof![
            4 => Just("\n"), 2 => Just(", "), 1 => Just("\n  "), 1 => Just(" "), 1 => Just(",\n"), 1 => Just(" # c\n")
        ];
        let items = prop::collection::vec((inner, separator), 0..3)
            .prop_map(|items| items.into_iter().map(|(item, after)| item + after).collect::<String>());
        let head = prop_oneof![
            4 => Just("b "), 2 => Just("b l "), 2 => Just("b n[1-2,4]"), 1 => Just("b = "), 1 => Just("b l\n"), 1 => Just("b \"l\""), 1 => Just("b: "), 1 => Just("b : "), 1 => Just("// b ")
        ];
        let open = prop_oneof![8 => Just("{"), 8 => Just("{\n"), 4 => Just("{ # c\n"), 1 => Just("")];
        let close = prop_oneof![8 => Just("}"), 1 => Just(""), 1 => Just("}}")];
        (head, open, items, close)
            .prop_map(|(head, open, items, close)| format!("{head}{open}{items}{close}"))
    });
    prop::collection::vec(
        (
            item,
            prop_oneof![6 => Just("\n"), 1 => Just(" "), 1 => Just(", ")],
        ),
        0..4,
    )
    .prop_map(|items| {
        items
            .into_iter()
            .map(|(item, after)| item + after)
            .collect()
    })
}

/// Single marks in any order.
fn marks() -> impl Strategy<Value = String> {
    let mark = prop_oneof![
        Just(" "),
        Just("\n"),
        Just("a"),
        Just("="),
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(","),
        Just("#"),
        Just("\""),
        Just("\\"),
        Just("'"),
        Just("\r\n"),
        Just("a = 1"),
        Just("b {"),
    ];
    prop::collection::vec(mark, 0..14).prop_map(|marks| marks.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn near_texts_are_read_alike(text in near()) {
        agree(&text)?;
    }

    #[test]
    fn any_marks_are_read_alike(text in marks()) {
        agree(&text)?;
    }
}
