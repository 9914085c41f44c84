//! Definitions, references and new names, at a cursor.

use pikc::editor::{Deed, definition, highlight, prepare_rename, references, rename};
use pikc::source::Span;

use super::world::World;

const WIFI: &str = r#"let { key = secret:wifi, net = "home" }
profile radio {
  interface wlan0 { wifi { ssid = $net, passphrase = $key } }
}
"#;

const CLUSTER: &str = r#"use = ["wifi.pik"]
let { usual = [pi, radio] }
cluster home {
  kubernetes = 1.36
  network {
    lan     = 192.168.11.0/24
    gateway = 192.168.11.1
    dns     = [192.168.11.1]
  }
  runtime crio {}
  cni flannel {}
  bgp { peer router { address = 192.168.11.1, as-number = 64513, nodes = [node01, node03] } }
}
profile pi {
  os    = raspios-trixie
  board = pi-4b-4g
  user pi { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAswVXqfxOkOM1h9osfsETZbgKXK7xQ5XoOozfIXPGGG you@laptop"] }
}
profile cable { interface eth0 { optional = on } }
node node01 {
  profile = [pi, cable]
  role    = control-plane
  address = 192.168.11.201
  interface eth0 { cluster = on }
  labels { note = "in ${net}" }
}
node node[02-04] {
  profile = $usual
  role    = worker
  address = 192.168.11.202..192.168.11.204
}
node lonely {
  profile = pi
  role    = worker
  address = 192.168.11.209
  interface eth0 { vlan { id = 5, on = eth1 } }
  interface eth1 { cluster = on }
}
"#;

/// The two files with the cursor at the end of `before` plus `here`.
fn at(file: &str, before: &str, here: &str) -> World {
    let mut world = World::new(&[("cluster.pik", CLUSTER), ("wifi.pik", WIFI)]);
    let place = world
        .0
        .iter()
        .position(|(name, _)| name == file)
        .expect("a file");
    let text = &mut world.0[place].1;
    let from = text.find(before).expect(before);
    let found = text[from..].find(here).expect(here) + from + here.len();
    text.insert_str(found, super::world::MARK);
    world
}

/// `cluster.pik:12 node03`
fn shown(world: &World, spans: impl IntoIterator<Item = Span>) -> Vec<String> {
    let project = world.project();
    let sources = &project.analysis.sources;
    let one = |span: Span| {
        let file = sources.file(span.file);
        let line = file.position(span.start as usize).line;
        format!("{}:{line} {}", file.name, sources.text(span))
    };
    spans.into_iter().map(one).collect()
}

fn defined(world: &World) -> Vec<String> {
    let (world, file, offset) = world.cursor();
    let project = world.project();
    let view = project.view(&file).expect("a view");
    let found = definition(&view, offset);
    shown(&world, found.into_iter().map(|target| target.span))
}

fn used(world: &World) -> Vec<String> {
    let (world, file, offset) = world.cursor();
    let project = world.project();
    let view = project.view(&file).expect("a view");
    shown(&world, references(&view, offset, true))
}

fn renamed(world: &World, new: &str) -> Result<World, String> {
    let (world, file, offset) = world.cursor();
    let project = world.project();
    let view = project.view(&file).expect("a view");
    let edits = rename(&view, offset, new)?;
    Ok(world.edited(&project, &edits))
}

#[test]
fn a_name_leads_to_its_definition_in_the_spec_or_the_library() {
    let cases: &[(&str, &str, &str, &[&str])] = &[
        (
            "cluster.pik",
            "profile = [pi, cable]",
            "[p",
            &["cluster.pik:14 pi"],
        ),
        (
            "cluster.pik",
            "profile = $usual",
            "$us",
            &["cluster.pik:2 usual"],
        ),
        ("cluster.pik", "let {", "[pi, rad", &["wifi.pik:2 radio"]),
        ("cluster.pik", "in ${net}", "${n", &["wifi.pik:1 net"]),
        (
            "cluster.pik",
            "nodes = ",
            "node03",
            &["cluster.pik:27 node[02-04]"],
        ),
        ("cluster.pik", "vlan", "on = eth", &["cluster.pik:37 eth1"]),
        ("cluster.pik", "use", "wifi", &["wifi.pik:1 "]),
        (
            "cluster.pik",
            "node01 {",
            "interface eth0",
            &["cluster.pik:19 eth0", "cluster.pik:24 eth0"],
        ),
    ];
    for (file, before, here, expected) in cases {
        assert_eq!(
            defined(&at(file, before, here)),
            *expected,
            "{before} {here}"
        );
    }
    let library = [
        (
            "board = pi-4b",
            "<stdlib>/boards/pi-4.pik:",
            "board pi-4b-4g",
        ),
        (
            "raspios-t",
            "<stdlib>/os/raspios-trixie/",
            "os raspios-trixie",
        ),
        ("cni flan", "<stdlib>/cni/flannel/cni.pik:", "cni flannel"),
        (
            "kubernetes = 1.3",
            "<stdlib>/kubernetes/1.36/",
            "release 1.36",
        ),
        (
            "passphra",
            "<stdlib>/schema/spec/wifi.pik:",
            "setting passphrase",
        ),
        (
            "as-num",
            "<stdlib>/schema/spec/peer.pik:",
            "setting as-number",
        ),
        (
            "runti",
            "<stdlib>/schema/spec/runtime.pik:",
            "block runtime",
        ),
    ];
    for (here, file, text) in library {
        let found = match CLUSTER.contains(here) {
            true => defined(&at("cluster.pik", here, here)),
            false => defined(&at("wifi.pik", here, here)),
        };
        assert_eq!(found.len(), 1, "{here}");
        assert!(found[0].starts_with(file), "{here}: {found:?}");
        assert!(found[0].ends_with(text), "{here}: {found:?}");
    }
}

#[test]
fn every_use_of_a_name_is_found_whatever_it_is_written_in() {
    let pi = [
        "cluster.pik:2 pi",
        "cluster.pik:14 pi",
        "cluster.pik:21 pi",
        "cluster.pik:33 pi",
    ];
    assert_eq!(used(&at("cluster.pik", "profile pi", "profile pi")), pi);
    assert_eq!(used(&at("cluster.pik", "let", "[p")), pi);
    assert_eq!(
        used(&at("cluster.pik", "nodes = ", "node03")),
        ["cluster.pik:12 node03", "cluster.pik:27 node"]
    );
    assert_eq!(
        used(&at("wifi.pik", "let", "net")),
        ["cluster.pik:25 net", "wifi.pik:1 net", "wifi.pik:3 net"]
    );
    // The account `pi` is not the profile.
    assert_eq!(
        used(&at("cluster.pik", "user", "user pi")),
        ["cluster.pik:17 pi"]
    );
    // An interface is that of its machine: the profile `cable` is merged with node01 only.
    assert_eq!(
        used(&at("cluster.pik", "cable {", "eth0")),
        ["cluster.pik:19 eth0", "cluster.pik:24 eth0"]
    );
    assert_eq!(
        used(&at("cluster.pik", "lonely {", "eth0")),
        ["cluster.pik:36 eth0"]
    );
    assert!(used(&at("cluster.pik", "network", "netw")).is_empty());
    let (world, file, offset) = at("cluster.pik", "nodes = ", "node01").cursor();
    let project = world.project();
    let found = highlight(&project.view(&file).expect("a view"), offset);
    let deeds: Vec<Deed> = found.iter().map(|(_, deed)| *deed).collect();
    assert_eq!(deeds, [Deed::Uses, Deed::Defines]);
}

#[test]
fn a_new_name_goes_to_every_place() {
    let new = renamed(&at("cluster.pik", "let", "[p"), "board").expect("possible");
    assert!(new.0[0].1.contains("usual = [board, radio]"));
    assert!(new.0[0].1.contains("profile board {"));
    assert!(new.0[0].1.contains("user pi {"));
    assert!(new.0[0].1.contains("profile = [board, cable]"));
    let new = renamed(&at("cluster.pik", "nodes = ", "node03"), "rack-").expect("possible");
    assert!(new.0[0].1.contains("nodes = [node01, rack-03]"));
    assert!(new.0[0].1.contains("node rack-[02-04] {"));
    assert!(new.0[0].1.contains("node node01 {"));
    let new = renamed(&at("wifi.pik", "let", "net"), "essid").expect("possible");
    assert!(new.0[0].1.contains("in ${essid}"));
    assert!(new.0[1].1.contains("essid = \"home\"") && new.0[1].1.contains("ssid = $essid"));
    let new = renamed(&at("wifi.pik", "let", "secret:wifi"), "radio-key").expect("possible");
    assert!(new.0[1].1.contains("key = secret:radio-key"));
    let new = renamed(&at("cluster.pik", "vlan", "on = eth"), "end0").expect("possible");
    assert!(new.0[0].1.contains("on = end0") && new.0[0].1.contains("interface end0 {"));
}

#[test]
fn a_name_that_cannot_be_is_refused_with_the_reason() {
    let cases = [
        (
            "profile pi",
            "profile pi",
            "cable",
            "there is another `cable`",
        ),
        (
            "nodes = ",
            "node03",
            "Rack",
            "`Rack02` is not a machine name",
        ),
        (
            "node lonely",
            "lonely",
            "node04",
            "there is another `node04`",
        ),
        ("node[02", "node", "lonel", ""),
        ("lonely {", "eth0", "eth1", "there is another `eth1`"),
        ("kubernetes", "1.3", "x", "in the standard library"),
        ("use", "wifi", "x", "renamed on the disk"),
        ("profile pi", "profile pi", "", "is empty"),
        ("in ${net}", "${n", "name", "cannot be written in a string"),
        ("user", "user pi", "Root", "`Root`"),
    ];
    for (before, here, new, why) in cases {
        let got = renamed(&at("cluster.pik", before, here), new);
        match (why, got) {
            ("", Ok(_)) => {}
            (why, Err(said)) if !why.is_empty() => assert!(said.contains(why), "{said}"),
            (_, got) => panic!("{before} {here} {new}: {got:?}"),
        }
    }
    let (world, file, offset) = at("cluster.pik", "nodes = ", "node03").cursor();
    let project = world.project();
    let (span, name) = prepare_rename(&project.view(&file).expect("a view"), offset).expect("one");
    assert_eq!((project.text(span), name.as_str()), ("node", "node"));
}
