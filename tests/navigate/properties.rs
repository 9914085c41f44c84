//! What is true of every answer, at every place of every spec, sound or damaged.

use std::collections::BTreeMap;

use pikc::editor::{
    self, FoldKind, Names, Project, View, definition, folds, highlight, hints, lenses, links,
    outline, prepare_rename, references, rename, selections, tokens,
};
use pikc::source::Span;

use super::world::{World, specs};

/// A generator that needs no seed from outside.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides.max(1) as u64).expect("small")
    }
}

/// A text with some pieces removed, doubled or replaced.
fn damaged(text: &str, dice: &mut Dice) -> String {
    let mut text = text.to_owned();
    for _ in 0..=dice.roll(4) {
        let edge = |text: &str, mut at: usize| {
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let from = edge(&text, dice.roll(text.len() + 1));
        let to = edge(&text, (from + dice.roll(20)).min(text.len())).max(from);
        let pieces = [
            "", "{", "}", "[", "]", "\"", "\"\"\"", "=", ",", "$x", "${", "é", "\n", "#",
        ];
        let piece = pieces[dice.roll(pieces.len())];
        text.replace_range(from..to, piece);
    }
    text
}

fn sound(project: &Project, span: Span) {
    let text = &project.analysis.sources.file(span.file).text;
    let (start, end) = (span.start as usize, span.end as usize);
    assert!(
        start <= end && end <= text.len(),
        "{span:?} of {}",
        text.len()
    );
    assert!(
        text.is_char_boundary(start) && text.is_char_boundary(end),
        "{span:?}"
    );
}

fn whole_file(view: &View<'_>) {
    let mut end = 0;
    for token in tokens(view) {
        sound(view.project, token.span);
        assert!(
            token.span.start >= end && !token.span.is_empty(),
            "{token:?}"
        );
        assert!(!view.project.text(token.span).contains('\n'));
        end = token.span.end;
    }
    let found = folds(view);
    for (index, fold) in found.iter().enumerate() {
        sound(view.project, fold.span);
        for other in &found[index + 1..] {
            let apart = other.span.start >= fold.span.end;
            assert!(
                apart || other.span.end <= fold.span.end,
                "{fold:?} {other:?}"
            );
            assert!(fold.kind != FoldKind::Comment || apart);
        }
    }
    fn nested(view: &View<'_>, entries: &[editor::Entry], outer: Option<Span>) {
        for entry in entries {
            sound(view.project, entry.whole);
            sound(view.project, entry.head);
            let within =
                |outer: Span, inner: Span| outer.start <= inner.start && inner.end <= outer.end;
            assert!(within(entry.whole, entry.head));
            assert!(outer.is_none_or(|outer| within(outer, entry.whole)));
            nested(view, &entry.children, Some(entry.whole));
        }
    }
    nested(view, &outline(view), None);
    for link in links(view) {
        sound(view.project, link.span);
    }
    for hint in hints(view) {
        sound(view.project, hint.place);
    }
    for lens in lenses(view) {
        sound(view.project, lens.head);
    }
}

fn at(view: &View<'_>, offset: usize) {
    for target in definition(view, offset) {
        if !target.span.file.is_library() {
            sound(view.project, target.span);
            sound(view.project, target.whole);
        }
    }
    for span in references(view, offset, true) {
        sound(view.project, span);
    }
    for (span, _) in highlight(view, offset) {
        sound(view.project, span);
    }
    if let Ok((span, name)) = prepare_rename(view, offset) {
        sound(view.project, span);
        assert_eq!(view.project.text(span), name);
        assert!(span.start as usize <= offset);
    }
}

fn everywhere(view: &View<'_>) {
    let text = view.text();
    let mut last = None;
    for offset in 0..=text.len() {
        let spans = selections(view, offset);
        for pair in spans.windows(2) {
            assert!(pair[1].start <= pair[0].start && pair[0].end <= pair[1].end);
            assert!(pair[0].len() < pair[1].len());
        }
        // Names are looked up once for each word that the cursor touches.
        if last != Some(spans.clone()) {
            at(view, offset);
            spans.iter().for_each(|span| sound(view.project, *span));
            last = Some(spans);
        }
    }
}

#[test]
fn every_answer_about_a_sound_or_broken_spec_is_in_the_file() {
    let all = specs(true);
    assert!(all.len() > 60);
    for path in all {
        let project = World::disk(&path).project();
        for page in project.pages() {
            let name = &project.analysis.sources.file(page.file).name;
            let view = project.view(name).expect("a page");
            whole_file(&view);
            everywhere(&view);
        }
    }
}

#[test]
fn every_answer_about_a_damaged_spec_is_in_the_file() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for path in specs(false) {
        let world = World::disk(&path);
        for _ in 0..3 {
            let mut world = world.clone();
            world.0[0].1 = damaged(&world.0[0].1, &mut dice);
            let project = world.project();
            let view = project.view(&world.0[0].0).expect("a page");
            whole_file(&view);
            for _ in 0..50 {
                at(&view, dice.roll(view.text().len() + 1));
            }
            for offset in 0..=view.text().len() {
                selections(&view, offset);
            }
        }
    }
}

/// How often each code is reported.
fn codes(project: &Project) -> BTreeMap<&'static str, usize> {
    let mut codes = BTreeMap::new();
    for one in project.analysis.diagnostics.iter() {
        *codes.entry(one.descriptor.code).or_default() += 1;
    }
    codes
}

#[test]
fn a_name_can_be_changed_there_and_back_and_nothing_is_reported_that_was_not() {
    let mut tried = 0;
    for path in specs(false) {
        let world = World::disk(&path);
        let project = world.project();
        let names = Names::of(&project);
        for one in names.all.iter().filter(|one| one.defines.is_some()) {
            let file = project.analysis.sources.file(one.span.file).name.clone();
            let view = project.view(&file).expect("a page");
            let offset = one.span.start as usize;
            let (_, old) = prepare_rename(&view, offset).expect("a definition");
            let edits = rename(&view, offset, "zz9").unwrap_or_else(|why| panic!("{why}"));
            let there = world.edited(&project, &edits);
            let after = there.project();
            assert_eq!(codes(&project), codes(&after), "{}: {old}", path.display());
            let shift: i64 = edits
                .iter()
                .filter(|(span, _)| span.file == one.span.file && span.end <= one.span.start)
                .map(|(span, new)| {
                    i64::try_from(new.len()).expect("small")
                        - i64::try_from(span.len()).expect("small")
                })
                .sum();
            let place = usize::try_from(i64::from(one.span.start) + shift).expect("a place");
            let view = after.view(&file).expect("a page");
            let edits = rename(&view, place, &old).unwrap_or_else(|why| panic!("{old}: {why}"));
            let back = there.edited(&after, &edits);
            assert_eq!(back.0[0].1, world.0[0].1);
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}
