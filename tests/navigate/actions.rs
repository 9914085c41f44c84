//! What can be done at a cursor, and that a refactoring changes nothing but the text.

use std::collections::{BTreeMap, BTreeSet};

use pikc::editor::{Action, ActionKind, Project, Texts, actions};
use pikc::plan::Options;
use pikc::render::Entry;
use pikc::source::Span;
use pikc::trace::lines_made_by;

use super::world::{MARK, World, specs};

const SPEC: &str = r#"cluster home {
  kubernetes = 1.36
  network {
    lan     = 192.168.11.0/24
    gateway = 192.168.11.1
    dns     = [192.168.11.1]
  }
  runtime crio {}
  cni flannel {}
}

profile pi {
  os   = raspios-trixie
  swap = off
  locale { country = JP, timezone = Asia/Tokyo }
  user pi { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAswVXqfxOkOM1h9osfsETZbgKXK7xQ5XoOozfIXPGGG you@laptop"] }
  interface eth0 { cluster = on }
}

profile small {
  board = pi-4b-4g     # enough
}

node node01 {
  profile = [pi, small]
  role    = control-plane
  address = 192.168.11.201
}

node node[02-04] {
  profile = pi
  role    = worker
  board   = pi-4b-4g
  address = 192.168.11.202..192.168.11.204
}

node node05 {
  profile = pi
  role    = worker
  board   = pi-4b-4g
  address = 192.168.11.205
}
"#;

/// The spec with the cursor at the end of `here`, searched from `before`.
fn at(spec: &str, before: &str, here: &str) -> World {
    let mut text = spec.to_owned();
    let from = text.find(before).expect(before);
    let found = text[from..].find(here).expect(here) + from + here.len();
    text.insert_str(found, MARK);
    World::new(&[("cluster.pik", &text)])
}

fn offered(world: &World) -> (World, Project, Vec<Action>) {
    let (world, file, offset) = world.cursor();
    let project = world.project();
    let found = {
        let view = project.view(&file).expect("a view");
        let ask = |texts: &Texts| {
            let mut other = world.clone();
            for (name, text) in &mut other.0 {
                if let Some(new) = texts.get(name) {
                    text.clone_from(new);
                }
            }
            Some(other.project().analysis)
        };
        actions(&view, offset..offset, &ask)
    };
    (world, project, found)
}

/// The text after the action whose title begins like this.
fn done(world: &World, title: &str) -> String {
    let (world, project, found) = offered(world);
    let titles: Vec<&str> = found.iter().map(|action| action.title.as_str()).collect();
    let action = found
        .iter()
        .find(|action| action.title.starts_with(title))
        .unwrap_or_else(|| panic!("no `{title}` among {titles:#?}"));
    let after = world.edited(&project, &action.edits);
    let differs = difference(&meaning(&world), &after);
    assert_eq!(
        differs, None,
        "{title}
{}",
        after.0[0].1
    );
    after.0[0].1.clone()
}

/// Every file of the output, if there is one, and the codes that are reported. (A block that is split gets a finding twice.)
#[derive(PartialEq, Eq)]
struct Meaning {
    files: Option<BTreeMap<String, Vec<u8>>>,
    codes: BTreeSet<&'static str>,
}

fn meaning(world: &World) -> Meaning {
    let analysis = world.project().analysis;
    let found = analysis.diagnostics.iter();
    let codes = found.map(|one| one.descriptor.code).collect();
    let compiled = pikc::compile(&analysis, &Options::default(), false).ok();
    let files = compiled.map(|compiled| {
        let entries = compiled.rendered.entries().iter();
        let bytes = |entry: &Entry| match entry {
            Entry::File(file) => file.content.pieces().concat(),
            Entry::Link(target) => target.as_str().as_bytes().to_vec(),
        };
        entries
            .map(|(path, entry)| (path.clone(), bytes(entry)))
            .collect()
    });
    Meaning { files, codes }
}

/// How the meaning of two specs differs; none if it does not.
fn difference(before: &Meaning, after: &World) -> Option<String> {
    let then = meaning(after);
    if *before == then {
        return None;
    }
    let none = BTreeMap::new();
    let (one, other) = (
        before.files.as_ref().unwrap_or(&none),
        then.files.as_ref().unwrap_or(&none),
    );
    let paths: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differ = paths
        .into_iter()
        .filter(|path| one.get(*path) != other.get(*path));
    let differ: Vec<&String> = differ.collect();
    let codes: Vec<_> = before.codes.symmetric_difference(&then.codes).collect();
    Some(format!("files {differ:?}, codes {codes:?}"))
}

#[test]
fn settings_move_to_a_profile_and_back() {
    let new = done(
        &at(SPEC, "node node05", "board   = pi"),
        "move to a new profile",
    );
    assert!(new.contains("profile node {\n  board   = pi-4b-4g\n}\n\nnode node05 {\n  profile = [pi, node]\n  role"), "{new}");
    let new = done(
        &at(SPEC, "node node01", "role    = con"),
        "move to the profile `small`",
    );
    assert!(
        new.contains("board = pi-4b-4g     # enough\n  role    = control-plane\n}"),
        "{new}"
    );
    let new = done(
        &at(SPEC, "node node01", "[pi"),
        "write the settings of the profile `small` here",
    );
    assert!(!new.contains("profile small"), "{new}");
    assert!(
        new.contains("  profile = pi\n  board = pi-4b-4g     # enough\n  role"),
        "{new}"
    );
    // An address is that of one node, and `pi` has several users.
    for (before, here) in [("node node05", "address"), ("node node05", "profile = p")] {
        let (_, _, found) = offered(&at(SPEC, before, here));
        let moves = |action: &&Action| {
            action.title.starts_with("move") || action.title.starts_with("write the settings")
        };
        assert_eq!(found.iter().find(moves), None);
    }
}

#[test]
fn a_value_becomes_a_constant_and_back() {
    let new = done(
        &at(SPEC, "node node05", "board   = pi"),
        "make `board` a constant, for all 3 places",
    );
    assert!(
        new.starts_with("let { board = pi-4b-4g }\n\ncluster home {"),
        "{new}"
    );
    assert_eq!(new.matches("= $board").count(), 3, "{new}");
    let back = done(
        &at(&new, "node node05", "$bo"),
        "write the value of `board` in its 3 places",
    );
    assert_eq!(back, SPEC);
    let text = SPEC.replace(
        "cluster home {",
        "let {\n  board = 1\n  who = \"a \\\"b\\\"\"\n}\ncluster home {",
    );
    let text = text.replace(
        "role    = worker\n",
        "role    = worker\n  allow node/little-left { reason = \"for ${who}\" }\n",
    );
    let new = done(
        &at(&text, "node node05", "board   = pi"),
        "make `board-2` a constant",
    );
    assert!(new.contains("\"\n  board-2 = pi-4b-4g\n}"), "{new}");
    let new = done(&at(&text, "let", "who"), "write the value of `who`");
    assert!(new.contains("reason = \"for a \\\"b\\\"\""), "{new}");
}

#[test]
fn nodes_are_split_and_joined() {
    let new = done(&at(SPEC, "node[02", "node"), "split into");
    assert!(
        new.contains("node node02 {") && new.contains("node node[03-04] {"),
        "{new}"
    );
    assert!(new.contains("address = 192.168.11.202\n"), "{new}");
    assert!(
        new.contains("address = 192.168.11.203..192.168.11.204\n"),
        "{new}"
    );
    let back = done(&at(&new, "node node02", "node02"), "join");
    assert_eq!(back, SPEC);
    let new = done(
        &at(SPEC, "node[02", "node"),
        "join with the next block to `node[02-05]`",
    );
    assert!(new.contains("192.168.11.202..192.168.11.205\n}\n"), "{new}");
    // A node of another board stays apart.
    let other = SPEC.replace(
        "node node05 {\n  profile = pi",
        "node node05 {\n  swap = off\n  profile = pi",
    );
    let (_, _, found) = offered(&at(&other, "node[02", "node"));
    assert!(found.iter().all(|action| !action.title.starts_with("join")));
}

#[test]
fn a_block_and_a_value_are_written_the_other_way() {
    let new = done(
        &at(SPEC, "locale", "{ cou"),
        "write the block on several lines",
    );
    assert!(
        new.contains("  locale {\n    country = JP\n    timezone = Asia/Tokyo\n  }\n"),
        "{new}"
    );
    assert_eq!(
        done(&at(&new, "locale", "cou"), "write the block on one line"),
        SPEC
    );
    let (_, _, found) = offered(&at(SPEC, "profile small", "boa"));
    assert!(
        found
            .iter()
            .all(|action| !action.title.contains("on one line")),
        "a comment is there"
    );
    let new = done(
        &at(SPEC, "node node05", "board   = pi"),
        "write it in quotes",
    );
    assert!(new.contains("board   = \"pi-4b-4g\""));
    assert_eq!(
        done(&at(&new, "node node05", "\"pi"), "write it without quotes"),
        SPEC
    );
}

#[test]
fn a_finding_is_fixed_or_allowed() {
    let wrong = SPEC.replace("swap = off", "swop = off");
    let (world, project, found) = offered(&at(&wrong, "swop", "sw"));
    let fix = found
        .iter()
        .find(|action| action.kind == ActionKind::Fix)
        .expect("a fix");
    assert!(fix.certain, "{fix:?}");
    assert_eq!(fix.settles[0].0, "spec/unknown-setting");
    assert_eq!(world.edited(&project, &fix.edits).0[0].1, SPEC);

    let unused = SPEC.replace(
        "node node01",
        "profile spare {\n  swap = off\n}\n\nnode node01",
    );
    let (world, project, found) = offered(&at(&unused, "profile spare", "spa"));
    let allow = found
        .iter()
        .find(|action| action.kind == ActionKind::Allow)
        .expect("an allow");
    assert_eq!(allow.title, "allow profile/unused in the whole spec");
    let after = world.edited(&project, &allow.edits).project();
    let codes: Vec<&str> = after
        .analysis
        .diagnostics
        .iter()
        .map(|one| one.descriptor.code)
        .collect();
    assert!(
        !codes.contains(&"profile/unused") && !codes.contains(&"allow/unused"),
        "{codes:?}"
    );

    let small = SPEC.replace(
        "role    = worker\n  board   = pi-4b-4g\n  address = 192.168.11.205",
        "role    = worker\n  board   = pi-3b-plus\n  address = 192.168.11.205",
    );
    let (world, project, found) = offered(&at(&small, "node node05", "board   = pi"));
    let allow = found
        .iter()
        .find(|action| action.title.starts_with("allow node/little-left"))
        .expect("an allow");
    assert_eq!(allow.title, "allow node/little-left in `node node05`");
    let after = world.edited(&project, &allow.edits);
    assert!(
        after.0[0]
            .1
            .contains("205\n  allow node/little-left { reason = \""),
        "{}",
        after.0[0].1
    );
}

#[test]
fn no_refactoring_changes_what_a_spec_means() {
    let mut tried: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for path in specs(false) {
        let world = World::disk(&path);
        let project = world.project();
        let before = meaning(&world);
        let view = project.view(&world.0[0].0).expect("a view");
        let mut met: BTreeMap<String, usize> = BTreeMap::new();
        let nothing = |_: &Texts| None;
        for leaf in view.page.tree.leaves() {
            if leaf.kind.is_trivia() {
                continue;
            }
            let offset = leaf.start as usize;
            for action in actions(&view, offset..offset, &nothing) {
                if matches!(action.kind, ActionKind::Fix | ActionKind::Allow) {
                    continue;
                }
                let words: Vec<&str> = action.title.split(' ').take(3).collect();
                let sort = match words.as_slice() {
                    ["make", ..] => "make".to_owned(),
                    words => words.join(" "),
                };
                let count = met.entry(sort.clone()).or_default();
                *count += 1;
                // Each sort in each spec, but not at each of a thousand places.
                if *count > 1 && (*count != 4 || !path.starts_with("examples")) {
                    continue;
                }
                *tried.entry(sort).or_default() += 1;
                let after = world.edited(&project, &action.edits);
                if let Some(differs) = difference(&before, &after) {
                    let place = project
                        .analysis
                        .sources
                        .file(view.page.file)
                        .position(offset);
                    let line = place.line;
                    wrong.push(format!(
                        "{}:{line} {}: {differs}",
                        path.display(),
                        action.title
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        tried.len() >= 6 && tried.values().sum::<usize>() > 100,
        "{tried:?}"
    );
}

#[test]
fn the_lines_that_come_from_a_place_are_those_that_name_it() {
    let world = World::new(&[("cluster.pik", SPEC)]);
    let project = world.project();
    let compiled = pikc::compile(&project.analysis, &Options::default(), true).expect("sound");
    let file = project.pages()[0].file;
    let start = SPEC.find("192.168.11.205").expect("there");
    let made = lines_made_by(&compiled.rendered, Span::new(file, start, start + 14));
    assert!(!made.is_empty());
    for lines in &made {
        let Some(Entry::File(file)) = compiled.rendered.entries().get(&lines.path) else {
            panic!("{lines:?}");
        };
        let Some(text) = file.content.text() else {
            continue;
        };
        let all: Vec<&str> = text.lines().collect();
        for range in &lines.lines {
            assert!(range.start > 0 && range.end <= all.len() + 1, "{lines:?}");
        }
    }
    let names = |made: &pikc::trace::MadeLines| made.path.contains("node05");
    assert!(made.iter().any(names), "{made:?}");
    let nowhere = Span::new(file, 0, 1);
    assert!(lines_made_by(&compiled.rendered, nowhere).is_empty());
}
