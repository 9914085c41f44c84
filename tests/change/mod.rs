//! `pikc diff` and the review by consequence: the table is complete, each setting's change is reported with the consequence that it
//! declares, and every file that differs is in a group.

mod command;

use std::collections::{BTreeMap, BTreeSet};

use pikc::ast::{Block, Setting};
use pikc::change::{self, Changes, Earlier};
use pikc::diagnostic::Diagnostics;
use pikc::output::{self, between_trees};
use pikc::schema::{Applies, Schema};
use pikc::source::Sources;
use pikc::stdlib::{Consequence, Library};
use pikc::{Analysis, Compiled};

use crate::coverage::changed::changed;
use crate::coverage::{SPECS, compile, declared, has_its_turn, read, settings};
use crate::support::analysis::analyze;

fn library() -> (Library, BTreeMap<String, Consequence>) {
    let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
    let mut library = Library::open(BTreeMap::new(), &mut sources, &mut out);
    let all = library.consequences(&mut sources, &mut out);
    assert!(out.is_empty(), "{out:?}");
    let all = all.into_iter().map(|one| (one.name.clone(), one));
    (library, all.collect())
}

/// Every `applies` of the schema of specs and of the options of CNIs and runtimes, with what has it.
fn all_applies() -> Vec<(String, Applies)> {
    let (mut library, _) = library();
    let mut found = Vec::new();
    for block in library.spec_schema().blocks.values() {
        found.push((block.name.clone(), block.applies.clone()));
        for setting in block.settings.values() {
            let name = format!("{}.{}", block.name, setting.name);
            found.push((name, setting.applies.clone()));
        }
    }
    for kind in ["cni", "runtime"] {
        for name in library.names(kind) {
            let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
            let options = library.options(kind, &name, &mut sources, &mut out);
            for option in options.values() {
                let name = format!("{kind} {name}: {}", option.name);
                found.push((name, option.applies.clone()));
            }
        }
    }
    found
}

#[test]
fn every_setting_says_what_its_change_means() {
    let (mut library, known) = library();
    let parts = library.parts(&mut Sources::default(), &mut Diagnostics::default());
    let mut used: BTreeSet<String> = ["machine-added", "machine-removed", "nothing"]
        .map(str::to_owned)
        .into();
    let mut silent = Vec::new();
    for (name, applies) in all_applies() {
        if applies.usual.is_none() {
            silent.push(name);
        }
        used.extend(applies.usual);
        used.extend(applies.inside.into_iter().map(|(_, one)| one));
    }
    assert!(silent.is_empty(), "no `applies`: {silent:#?}");
    used.extend(parts.iter().map(|part| part.applies.clone()));
    used.extend(parts.iter().filter_map(|part| part.changed.clone()));
    for one in known.values() {
        used.extend(one.in_cluster.clone());
        used.extend(one.on_control_plane.clone());
    }
    let named: BTreeSet<String> = known.keys().cloned().collect();
    assert_eq!(
        used, named,
        "consequences that are named, and those of the library"
    );
}

/// A file of the output that no part names would be reported as not known.
#[test]
fn every_file_of_the_output_has_a_part() {
    let mut lost = BTreeSet::new();
    for path in SPECS {
        let (text, _) = read(path);
        let analysis = analyze(path, &text);
        let compiled = compile(&analysis, false);
        // Against a tree with the same machines and nothing else.
        let machines = compiled.rendered.entries().iter();
        let machines = machines
            .filter(|(path, _)| path.starts_with("nodes/") && path.ends_with("/run.sh"))
            .map(|(path, entry)| (path.as_str().into(), entry.clone()));
        let files = between_trees(&machines.collect(), &compiled.rendered);
        let changes = changes(&analysis, &compiled, &files, None);
        let unknown = changes
            .groups
            .iter()
            .filter(|group| group.consequence.name == "unknown");
        for file in unknown.flat_map(|group| &group.files) {
            lost.insert(file.name.clone());
        }
        let paths = compiled.rendered.entries().keys().map(String::as_str);
        let foreseen = change::foreseen(&analysis, &compiled.rendered, paths);
        let unknown = foreseen
            .into_iter()
            .filter(|one| one.consequence.name == "unknown");
        lost.extend(unknown.flat_map(|one| one.files));
    }
    assert!(
        lost.is_empty(),
        "in no part of stdlib/consequences.pik: {lost:#?}"
    );
}

/// A step has a part of its own, not only one for all steps.
#[test]
fn every_step_has_a_part() {
    let (mut library, _) = library();
    let parts = library.parts(&mut Sources::default(), &mut Diagnostics::default());
    let paths: Vec<String> = parts.into_iter().flat_map(|part| part.paths).collect();
    let mut count = 0;
    for template in library.paths("script/") {
        let Some(step) = template
            .strip_prefix("script/")
            .and_then(|name| name.strip_suffix(".j2"))
            .filter(|name| name.starts_with(|c: char| c.is_ascii_digit()))
        else {
            continue;
        };
        let fits = |path: &String| {
            let path = path.strip_prefix("steps/").unwrap_or_default();
            let all = path
                .strip_suffix('*')
                .filter(|start| step.starts_with(start));
            path == step || all.is_some()
        };
        assert!(paths.iter().any(fits), "{step} is in no part");
        count += 1;
    }
    assert!(count > 20, "{count} steps");
}

fn changes(
    analysis: &Analysis,
    compiled: &Compiled,
    files: &[output::FileDiff],
    settings: Option<&output::Settings>,
) -> Changes {
    let changes = change::changes(analysis, compiled, &Earlier { files, settings });
    // Nothing is lost on the way into groups.
    let grouped: BTreeSet<&str> = changes
        .groups
        .iter()
        .flat_map(|group| &group.files)
        .flat_map(|file| file.paths.iter().map(String::as_str))
        .collect();
    let all: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(grouped, all, "the files in groups, and those that differ");
    let weights: Vec<_> = changes
        .groups
        .iter()
        .map(|group| group.consequence.weight)
        .collect();
    assert!(
        weights.is_sorted_by(|one, other| one >= other),
        "{weights:?}"
    );
    changes
}

/// What the schema declares for a setting at this place, as a reader of the schema finds it.
fn wanted(
    blocks: &[&Block],
    setting: &Setting,
    schema: &Schema,
    library: &mut Library,
    known: &BTreeMap<String, Consequence>,
) -> BTreeSet<String> {
    let own = declared(blocks, setting, schema, library);
    let block = blocks.last().map(|block| block.kind.value.as_str());
    let applies = match (own, block.and_then(|kind| schema.blocks.get(kind))) {
        (Some(own), _) => own.applies,
        (None, Some(block)) => block.applies.clone(),
        (None, None) => return BTreeSet::new(),
    };
    let special = blocks.iter().rev().find_map(|block| {
        let inside = applies.inside.iter();
        let mut fits = inside.filter(|(kind, _)| *kind == block.kind.value);
        fits.next().map(|(_, name)| name.clone())
    });
    let usual = special.or(applies.usual).expect("every setting has one");
    let consequence = &known[&usual];
    let cluster = blocks[0].kind.value == "cluster";
    match (&consequence.in_cluster, &consequence.on_control_plane) {
        (Some(other), _) if cluster => [other.clone()].into(),
        (_, Some(other)) if !cluster => [usual, other.clone()].into(),
        _ => [usual].into(),
    }
}

/// Settings whose change has no consequence of its own: they say how something is called or comes about, or only pikc reads them.
const FOLLOWED: &[&str] = &["use", "profile", "reason"];

#[test]
fn each_changed_setting_is_reported_with_its_consequence() {
    let looked: Vec<Looked> = std::thread::scope(|scope| {
        let threads: Vec<_> = SPECS
            .iter()
            .map(|path| scope.spawn(|| changes_of_each_setting(path)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    let wrong: Vec<&String> = looked.iter().flat_map(|one| &one.wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let [whole, asked]: [usize; 2] = [
        looked.iter().map(|one| one.whole).sum(),
        looked.iter().map(|one| one.whole + one.asked).sum(),
    ];
    assert!(whole > 230 && asked > 310, "{whole} of {asked}");
}

/// What a look at the changes of a spec's settings found.
#[derive(Default)]
struct Looked {
    wrong: Vec<String>,
    /// How many settings were changed, compiled and compared.
    whole: usize,
    /// How many have no single change that is not a mistake: they are compared with an earlier value that is made up.
    asked: usize,
}

fn changes_of_each_setting(path: &str) -> Looked {
    let (mut library, known) = library();
    let schema = library.spec_schema();
    let mut found = Looked::default();
    let (text, document) = read(path);
    let before = analyze(path, &text);
    let old = compile(&before, false);
    let had = output::settings(&before);
    for (blocks, setting) in settings(&document) {
        let key = setting.key.value.as_str();
        let Some(outer) = blocks.first().map(|block| block.kind.value.as_str()) else {
            continue;
        };
        let silent = blocks.iter().any(|block| block.kind.value == "allow");
        if silent || FOLLOWED.contains(&key) || !["cluster", "node", "profile"].contains(&outer) {
            continue;
        }
        if !has_its_turn(path, &blocks, setting) {
            continue;
        }
        let place = setting.value.span();
        let place = place.start as usize..place.end as usize;
        let own = declared(&blocks, setting, &schema, &mut library);
        let value = changed(&setting.value, &text[place.clone()], own.as_ref());
        let value = value.expect("another value is known for each type");
        let mut other = text.clone();
        other.replace_range(place, &value);
        let analysis = analyze(path, &other);
        let reported = if analysis.diagnostics.has_errors() {
            found.asked += 1;
            let made_up = otherwise(&had, key);
            changes(&before, &old, &[], Some(&made_up))
        } else {
            found.whole += 1;
            let compiled = compile(&analysis, false);
            let files = between_trees(&old.rendered, &compiled.rendered);
            changes(&analysis, &compiled, &files, Some(&had))
        };
        let wanted = wanted(&blocks, setting, &schema, &mut library, &known);
        let mut names = BTreeSet::new();
        for group in reported.groups {
            let mut rows = group.settings.iter();
            if rows.any(|one| one.setting.rsplit(" / ").next() == Some(key)) {
                names.insert(group.consequence.name);
            }
        }
        // A made-up value concerns all settings of that name.
        let fits = match analysis.diagnostics.has_errors() {
            true => !names.is_disjoint(&wanted),
            false => !names.is_empty() && names.is_subset(&wanted),
        };
        if !fits {
            let block = &blocks.last().expect("a block").kind.value;
            found.wrong.push(format!(
                "{path}: {block} {key} = {value}: wanted {wanted:?}, reported {names:?}"
            ));
        }
    }
    found
}

/// The same settings with another value for those of this name.
fn otherwise(had: &output::Settings, key: &str) -> output::Settings {
    let mut other = had.clone();
    for (name, value) in &mut other.cluster {
        if name.rsplit(" / ").next() == Some(key) {
            value.push('x');
        }
    }
    for (name, values) in &mut other.nodes {
        if name.rsplit(" / ").next() == Some(key) {
            let all = std::mem::take(values).into_iter();
            *values = all.map(|(value, names)| (value + "x", names)).collect();
        }
    }
    other
}

/// A setting that is taken away, or comes, is reported as one that changes.
#[test]
fn a_setting_that_comes_or_goes_is_reported() {
    let path = "examples/home-pi/cluster.pik";
    let (text, _) = read(path);
    let with = text.replacen("network {", "kubelet { max-pods = 50 }\n  network {", 1);
    assert_ne!(with, text);
    for (one, other, was, now) in [
        (&text, &with, None, Some("50")),
        (&with, &text, Some("50"), None),
    ] {
        let (before, after) = (analyze(path, one), analyze(path, other));
        let (old, new) = (compile(&before, false), compile(&after, false));
        let files = between_trees(&old.rendered, &new.rendered);
        let found = changes(&after, &new, &files, Some(&output::settings(&before)));
        let group = found
            .groups
            .iter()
            .find(|group| !group.settings.is_empty())
            .expect("a setting");
        assert_eq!(group.consequence.name, "kubelet-of-all");
        let row = &group.settings[0];
        assert_eq!(row.setting, "kubelet / max-pods");
        assert_eq!((row.was.as_deref(), row.now.as_deref()), (was, now));
        assert_eq!(row.place.is_some(), now.is_some());
    }
}
