//! The merge rule in full, compared with the implementation; and its cost.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{MOST, Profiles};
use crate::ast::Label;
use crate::diagnostic::Diagnostics;
use crate::origin::{Origin, Sourced};
use crate::schema::{Atom, Content, Entity, Given};
use crate::source::{FileId, Span, Spanned};
use crate::value::Val;

fn place(at: usize) -> Span {
    Span::new(FileId(0), at, at + 1)
}

fn text(value: &str, at: usize) -> Given {
    Given {
        key: place(at),
        content: Content::One(Atom::Val(Val::Text(value.to_owned()))),
        origin: Origin::Written(place(at)),
    }
}

fn named(kind: &str, name: &str, at: usize) -> Entity {
    Entity {
        kind: kind.to_owned(),
        label: Some(Label {
            name: Spanned::new(name.to_owned(), place(at)),
            quoted: false,
            ranges: None,
            span: place(at),
        }),
        settings: BTreeMap::new(),
        blocks: Vec::new(),
        head: place(at),
        span: place(at),
        damaged: false,
    }
}

fn building_on(mut entity: Entity, names: &[String]) -> Entity {
    let items = names.iter().enumerate().map(|(at, name)| {
        let at = entity.head.start as usize + at;
        Sourced::new(
            Atom::Val(Val::Text(name.clone())),
            Origin::Written(place(at)),
        )
    });
    let given = Given {
        key: entity.head,
        content: Content::Many(items.collect()),
        origin: Origin::Written(entity.head),
    };
    entity.settings.insert("profile".to_owned(), given);
    entity
}

/// The rule as it is documented: every profile is applied wherever it is reached, after those that it builds on.
fn in_full(entity: &Entity, all: &[Entity], under: &mut Entity) {
    for name in super::asked(entity.settings.get("profile")) {
        match all.iter().find(|profile| profile.name() == name.value) {
            Some(profile) => {
                in_full(profile, all, under);
                under.overlay(profile);
            }
            None => under.damaged = true,
        }
    }
}

/// Profiles of which each builds on some of those before it (and on one that is not there), with a few settings and blocks.
fn graphs() -> impl Strategy<Value = Vec<Entity>> {
    let setting = (0..4_usize, 0..3_usize);
    let profile = (
        proptest::collection::vec(0..9_usize, 0..4),
        proptest::collection::vec(setting.clone(), 0..3),
        proptest::collection::vec((0..3_usize, setting), 0..4),
    );
    proptest::collection::vec(profile, 1..8).prop_map(|drawn| {
        let mut all = Vec::new();
        for (index, (below, settings, blocks)) in drawn.into_iter().enumerate() {
            let at = index * 100;
            let mut entity = named("profile", &format!("p{index}"), at);
            for (key, value) in settings {
                entity
                    .settings
                    .insert(format!("s{key}"), text(&format!("{value}"), at + key));
            }
            for (block, (key, value)) in blocks {
                let mut inner = named("user", &format!("u{block}"), at + 10 + block);
                inner
                    .settings
                    .insert(format!("s{key}"), text(&format!("{value}"), at + 20 + key));
                if !entity
                    .blocks
                    .iter()
                    .any(|other| other.name() == inner.name())
                {
                    entity.blocks.push(inner);
                }
            }
            // A number that does not belong to an earlier profile is an unknown profile.
            let names: Vec<String> = below
                .iter()
                .map(|one| match one % (index + 1) {
                    own if own == index => "lost".to_owned(),
                    other => format!("p{other}"),
                })
                .collect();
            all.push(building_on(entity, &names));
        }
        all
    })
}

proptest! {
    #[test]
    fn each_applied_at_most_twice_has_the_result_of_the_full_rule(all in graphs()) {
        for entity in &all {
            let mut wanted = Entity { settings: BTreeMap::new(), blocks: Vec::new(), ..entity.clone() };
            in_full(entity, &all, &mut wanted);
            wanted.overlay(entity);
            let found = Profiles::new(&all).merge(entity, &mut Diagnostics::default());
            prop_assert_eq!(found, wanted);
        }
    }
}

/// How much is applied for the last of `levels` profiles, of which each names the one before it twice.
fn applied(levels: usize) -> usize {
    let mut all = vec![named("profile", "p0", 0)];
    for level in 1..levels {
        let below = format!("p{}", level - 1);
        all.push(building_on(
            named("profile", &format!("p{level}"), level),
            &[below.clone(), below],
        ));
    }
    let mut profiles = Profiles::new(&all);
    let mut out = Diagnostics::default();
    profiles.merge(&all[levels - 1], &mut out);
    assert!(out.is_empty(), "{out:?}");
    profiles.applied
}

#[test]
fn the_work_grows_with_the_profiles_and_not_with_the_paths_to_them() {
    assert_eq!(applied(2), 1);
    let (few, many) = (applied(1_001), applied(100_001));
    assert_eq!(few, 2 * 1_000 - 1);
    assert_eq!(many, 2 * 100_000 - 1);
}

#[test]
fn more_than_memory_holds_is_refused_once() {
    let all = [named("profile", "p", 0)];
    let mut profiles = Profiles::new(&all);
    profiles.applied = MOST - 1;
    let mut out = Diagnostics::default();
    for at in 1..4 {
        let node = building_on(named("node", "n", at), &["p".to_owned()]);
        let merged = profiles.merge(&node, &mut out);
        assert_eq!(merged.damaged, at > 1);
    }
    let codes: Vec<&str> = out.iter().map(|one| one.descriptor.code).collect();
    assert_eq!(codes, ["syntax/limits"]);
}
