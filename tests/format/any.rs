//! What must hold of any text: specs with random white space and comments, and damaged ones.

use pikc::format::{changes_in, format, on_type};
use pikc::source::FileId;
use pikc::syntax::{self, SyntaxKind};
use proptest::prelude::*;

use super::wrong;
use crate::random::draw::Draw;
use crate::random::mutate::tokens::disturb;
use crate::random::spec::generate;

fn cases() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    }
}

fn numbers(most: usize) -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(any::<u32>(), 0..most)
}

/// The text with other blanks between its words and, if wanted, other ends of lines and more comments.
fn roughened(text: &str, lines: bool, draw: &mut Draw) -> String {
    let tree = syntax::parse(FileId(0), text).tree;
    let mut out = String::new();
    for leaf in tree.leaves() {
        let pick = draw.below(8);
        match leaf.kind {
            SyntaxKind::Space => out.push_str(["  ", "\t", "     ", " "][pick as usize % 4]),
            SyntaxKind::Newline if lines => out.push_str(
                [
                    "\n",
                    "\n\n",
                    "\n\n\n",
                    "\r\n",
                    " \n",
                    " # why\n",
                    "\n# why\n",
                    "\n",
                ][pick as usize],
            ),
            SyntaxKind::Equals | SyntaxKind::Open if pick == 0 => {
                out.push(' ');
                out.push_str(leaf.text(text));
                out.push_str("  ");
            }
            _ => out.push_str(leaf.text(text)),
        }
    }
    out
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_spec_keeps_its_meaning(spec in numbers(300), other in numbers(600)) {
        let text = generate(&mut Draw::new(spec)).root.print().0;
        prop_assert_eq!(wrong(&text), None);
        let mut draw = Draw::new(other);
        prop_assert_eq!(wrong(&roughened(&text, true, &mut draw)), None);
        // Blanks make no difference to the layout.
        prop_assert_eq!(format(&roughened(&text, false, &mut draw)), format(&text));
    }

    #[test]
    fn a_damaged_text_keeps_its_pieces(spec in numbers(300), places in numbers(12), line in 0_usize..60) {
        let mut text = generate(&mut Draw::new(spec)).root.print().0;
        let mut draw = Draw::new(places);
        for _ in 0..draw.between(1, 3) {
            text = disturb(&text, &mut draw);
        }
        prop_assert_eq!(wrong(&text), None);
        apply(&text, changes_in(&text, line..=line + 3));
    }
}

/// Changes have to be in order, at the boundaries of characters, and not over each other.
fn apply(text: &str, changes: Vec<pikc::format::Change>) -> String {
    let mut out = text.to_owned();
    let mut end = text.len();
    for change in changes.into_iter().rev() {
        assert!(change.range.end <= end, "{change:?} in {text:?}");
        end = change.range.start;
        out.replace_range(change.range, &change.text);
    }
    out
}

/// Every prefix of the examples and every text with a character less: all of them with ten thousand cases, else a share.
#[test]
fn whatever_is_missing_the_rest_stays() {
    let stride = (20_000 / ProptestConfig::default().cases.max(1) as usize).clamp(1, 60);
    let mut seen = 0;
    for text in [
        include_str!("../../examples/home-pi/cluster.pik"),
        include_str!("../../examples/office/cluster.pik"),
        include_str!("../../examples/policies/cluster.pik"),
    ] {
        for (at, character) in text.char_indices().step_by(stride) {
            let (before, after) = text.split_at(at);
            let without = format!("{before}{}", &after[character.len_utf8()..]);
            for damaged in [before, &without] {
                assert_eq!(wrong(damaged), None);
                apply(damaged, on_type(damaged, at));
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "{seen}");
}
