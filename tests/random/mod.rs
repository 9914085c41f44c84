//! Random specs that are valid by construction: they get no finding that was not expected; changed in one place, they get the
//! finding that belongs to the change, at that place.

mod cni;
pub(crate) mod draw;
mod facts;
pub(crate) mod look;
mod machines;
pub(crate) mod mutate;
mod net;
mod nodes;
mod objects;
mod one_subnet;
mod planes;
pub(crate) mod spec;
mod text;
mod two_subnets;

use std::collections::{BTreeMap, BTreeSet};

use pikc::value::SecretName;
use pikc::{CompileError, Compiled, plan};
use proptest::prelude::*;

use crate::support::Folder;
use draw::Draw;
use look::{Found, look};
use mutate::Mutation;
use mutate::tokens::disturb;
use spec::generate;

/// A share of the cases that the environment sets, up to a maximum: each case is a whole analysis.
fn cases(share: u32, most: u32) -> ProptestConfig {
    let all = ProptestConfig::default();
    ProptestConfig {
        cases: (all.cases / share).min(most),
        failure_persistence: None,
        max_shrink_iters: 100,
        ..all
    }
}

/// Numbers for the choices of a spec.
fn numbers() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(any::<u32>(), 0..300)
}

proptest! {
    #![proptest_config(cases(8, 100))]

    #[test]
    fn a_valid_spec_gets_the_expected_warnings_and_no_other_finding(numbers in numbers()) {
        let spec = generate(&mut Draw::new(numbers));
        let (text, _) = spec.root.print();
        let found = look(&text);
        prop_assert_eq!(&found.codes(), &spec.expected, "{}\n{}", found.told(), text);
        prop_assert!(found.is_sound(), "{}", text);
        prop_assert!(compile(&found).is_ok(), "{}", text);
    }

    #[test]
    fn a_change_in_one_place_is_found_there(numbers in numbers(), which in any::<prop::sample::Index>()) {
        let all = mutate::all();
        // The change that was drawn, or the next one that the spec has a place for.
        let from = which.index(all.len());
        let mut next = all.iter().cycle().skip(from).take(all.len());
        let told = next.find_map(|mutation| changed(mutation, numbers.clone()));
        prop_assert_eq!(told, Some(Ok(())));
    }

    #[test]
    fn a_piece_less_or_more_does_not_panic(numbers in numbers(), places in prop::collection::vec(any::<u32>(), 3..9)) {
        let (mut text, _) = generate(&mut Draw::new(numbers)).root.print();
        let mut draw = Draw::new(places);
        for _ in 0..draw.between(1, 2) {
            text = disturb(&text, &mut draw);
        }
        let found = look(&text);
        prop_assert!(found.is_sound(), "{}", text);
        // A text without an error can be compiled.
        if !found.analysis().diagnostics.has_errors() {
            prop_assert!(compile(&found).is_ok(), "{}", text);
        }
    }
}

/// Compiles a spec without errors, with a value for each secret.
fn compile(found: &Found) -> Result<Compiled, CompileError> {
    let secret = |name: &str| (SecretName(name.to_owned()), "correct horse".into());
    let mut secrets = BTreeMap::from(["wifi", "weave"].map(secret));
    secrets.insert(
        SecretName("console".to_owned()),
        format!("$6$saltsalt${}", "x".repeat(86)).into(),
    );
    let options = plan::Options {
        secrets,
        own: Some(pikc::secret::made_up()),
        seed_images: false,
        vendored: BTreeMap::new(),
        spec: "random.pik".to_owned(),
    };
    pikc::compile(found.analysis(), &options, false)
}

/// Applies a change to a spec and analyzes it; none if the spec has nothing to change, or allows the finding.
fn changed(mutation: &Mutation, numbers: Vec<u32>) -> Option<Result<(), String>> {
    let mut draw = Draw::new(numbers);
    let mut spec = generate(&mut draw);
    if !(mutation.apply)(&mut spec, &mut draw)
        || spec
            .root
            .child(&format!("allow {}", mutation.code))
            .is_some_and(|allow| !allow.marked)
    {
        return None;
    }
    let (text, lines) = spec.root.print();
    let found = look(&text);
    let at = found.lines(mutation.code);
    let mut wrong = None;
    if !found.has(mutation.code) {
        wrong = Some("is not reported".to_owned());
    } else if !lines.iter().any(|line| at.contains(line)) {
        wrong = Some(format!(
            "is reported in {at:?}, but the change is in {lines:?}"
        ));
    } else if !found.is_sound() {
        wrong = Some("has labels outside the file".to_owned());
    }
    Some(match wrong {
        None => Ok(()),
        Some(wrong) => Err(format!(
            "{}: {} {wrong}\n{}{text}",
            mutation.name,
            mutation.code,
            found.told()
        )),
    })
}

#[test]
fn every_change_is_found_where_it_is() {
    let mut wrong = Vec::new();
    for mutation in mutate::all() {
        // The first specs with something to change.
        let results: Vec<_> = (0..400)
            .filter_map(|seed| changed(mutation, Draw::numbers(seed)))
            .take(3)
            .collect();
        if results.len() < 3 {
            wrong.push(format!(
                "{}: hardly any spec can be changed in this way",
                mutation.name
            ));
        }
        wrong.extend(results.into_iter().filter_map(Result::err));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let codes: BTreeSet<&str> = mutate::all().iter().map(|mutation| mutation.code).collect();
    assert!(codes.len() >= 100, "{} codes", codes.len());
}

/// The exit status for texts with pieces less or more.
#[test]
fn whatever_is_written_the_exit_status_is_as_documented() {
    let folder = Folder::new(&[]);
    let mut ends = BTreeSet::new();
    for seed in 0..20 {
        let mut draw = Draw::new(Draw::numbers(seed));
        let mut text = generate(&mut draw).root.print().0;
        for _ in 0..seed % 4 {
            text = disturb(&text, &mut draw);
        }
        let run = folder.run(&["check", "-", "--format", "json"], &[], &text);
        assert!(matches!(run.status, 0 | 1), "{run:?}\n{text}");
        let report: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
        let errors = report["diagnostics"].as_array().expect("a list");
        let errors = errors
            .iter()
            .filter(|one| one["severity"] == "error")
            .count();
        assert_eq!(run.status, i32::from(errors > 0), "{run:?}\n{text}");
        ends.insert(run.status);
    }
    assert_eq!(ends, BTreeSet::from([0, 1]));
}

/// A generator that always draws the same would prove nothing.
#[test]
fn the_specs_are_as_varied_as_intended() {
    let mut words: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut say = |what: &'static str, word: String| words.entry(what).or_default().insert(word);
    let mut silent = 0;
    for seed in 0..600 {
        let mut spec = generate(&mut Draw::new(Draw::numbers(seed)));
        say("release", spec.release.to_string());
        say(
            "pod network",
            format!("{} {:?}", spec.cni.name, spec.cni.backend),
        );
        say("size", spec.nodes().to_string());
        say("LAN", spec.lan.prefix.to_string());
        say("pods", format!("{} {}", spec.pods.prefix, spec.piece));
        say("services", spec.services.prefix.to_string());
        for group in &spec.groups {
            say("board", group.board.name.to_owned());
            say("system", group.system.name.to_owned());
            say("link", format!("{:?}", group.link));
            say("swap", format!("{:?}", group.swap));
        }
        silent += usize::from(spec.expected.is_empty());
        for code in &spec.expected {
            say("warning", code.clone());
        }
        for block in spec.cluster().blocks() {
            say("block", block.head.clone());
        }
        if let Some(vip) = spec.cluster().child("vip") {
            let words = ["by", "mode", "router-id"].map(|key| vip.value(key).map(str::len));
            say("vip", format!("{words:?}"));
        }
        let etcd = spec.cluster().child("etcd");
        let parts = etcd.into_iter().flat_map(|etcd| etcd.blocks());
        parts.for_each(|part| {
            say("etcd", part.head.clone());
        });
    }
    let counts: BTreeMap<&str, usize> = words
        .iter()
        .map(|(what, words)| (*what, words.len()))
        .collect();
    let least = [
        ("release", facts::RELEASES.len()),
        ("pod network", 17),
        ("size", 12),
        ("LAN", 5),
        ("pods", 30),
        ("services", 16),
        ("board", 16),
        ("system", facts::SYSTEMS.len()),
        ("link", 5),
        ("swap", 4),
        ("warning", 10),
        ("block", 20),
        ("vip", 6),
        ("etcd", 2),
    ];
    for (what, least) in least {
        assert!(counts[what] >= least, "{what}, {least}: {:?}", words[what]);
    }
    assert!(silent >= 100, "{silent} specs without a warning");
}
