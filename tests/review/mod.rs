//! `pikc review`: nothing of a tree is missing from the page, nothing on it is loaded or live, and it stays small.

mod bad;
mod reader;
mod shown;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::support::Folder;
use crate::support::bless::same;
use crate::support::predicates_lite::{has, lacks};
use reader::{Piece, pieces};
use shown::page_has;

/// The value of home-pi's secret.
const SECRET: &str = "correct-horse-4711";

/// A folder with an example's spec, its tree in `out`, and both forms of its review.
fn reviewed(spec: &str, files: &[(&str, &str)]) -> (Folder, String, Json) {
    let folder = Folder::new(files);
    folder.text("cluster.pik", spec);
    let run = |arguments: &[&str]| {
        let run = folder.run(arguments, &[("PIKC_SECRET_WIFI", SECRET)], "");
        assert_eq!(run.status, 0, "{}", run.err);
        run
    };
    run(&["compile", "cluster.pik", "-o", "out"]);
    run(&["review", "cluster.pik", "-o", "review.html"]);
    let data = run(&["review", "cluster.pik", "--format", "json"]).out;
    let page = folder.read("review.html");
    (folder, page, serde_json::from_str(&data).expect("JSON"))
}

fn example(name: &str) -> (Folder, String, Json) {
    let read = |file: &str| {
        std::fs::read_to_string(format!("examples/{name}/{file}")).expect("an example")
    };
    match name {
        "office" => reviewed(&read("cluster.pik"), &[("audit.yaml", &read("audit.yaml"))]),
        _ => reviewed(&read("cluster.pik"), &[]),
    }
}

const EXAMPLES: &[&str] = &["home-pi", "office", "policies", "ubuntu-cloud"];

/// A thousand nodes like home-pi's four.
fn thousand() -> String {
    let spec = std::fs::read_to_string("examples/home-pi/cluster.pik").expect("the example");
    [
        ("192.168.11.0/24", "10.20.0.0/16"),
        ("192.168.11.202..192.168.11.204", "10.20.1.1..10.20.4.231"),
        ("192.168.11.2..192.168.11.200", "10.20.200.1..10.20.200.200"),
        ("192.168.11.201", "10.20.0.201"),
        ("192.168.11.1", "10.20.0.1"),
        ("node[02-04]", "worker[0001-0999]"),
        ("10.244.0.0/16", "10.128.0.0/12"),
        ("10.96.0.0/12", "10.96.0.0/16"),
    ]
    .into_iter()
    .fold(spec, |spec, (old, new)| spec.replace(old, new))
}

fn text(value: &Json) -> &str {
    value.as_str().expect("text")
}

fn number(value: &Json) -> usize {
    usize::try_from(value.as_u64().expect("a number")).expect("a small one")
}

fn items(value: &Json) -> &[Json] {
    value.as_array().expect("a list")
}

/// The lines of a file as the data has them, at its path with this index; none for a line that is not shown.
fn lines(data: &Json, file: &Json, row: usize) -> Vec<Option<String>> {
    let line = |line: &Json| {
        if let Some(text) = line.as_str() {
            return Some(text.to_owned());
        }
        line.get("hidden").is_none().then(|| {
            let table = &data["tables"][number(&file["table"])];
            let values = &table["columns"][number(&line["column"])]["values"];
            let parts = [&line["before"], &values[row], &line["after"]];
            parts.map(text).concat()
        })
    };
    let runs = items(&file["runs"]).iter();
    runs.flat_map(|run| items(&run["lines"]))
        .map(line)
        .collect()
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a line can only be base64.
fn is_packed(line: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    line.trim().len() > 8 && line.trim().bytes().all(allowed)
}

/// Compares the data with the tree on the disk; returns how many lines are shown.
fn compare(folder: &Folder, data: &Json) -> usize {
    let mut seen = BTreeSet::new();
    let mut shown = 0;
    for file in items(&data["files"]) {
        for (row, path) in items(&file["paths"]).iter().map(text).enumerate() {
            assert!(seen.insert(path.to_owned()), "{path} is there once");
            let content = folder.read(&format!("out/{path}"));
            let wanted: Vec<&str> = content.split_terminator('\n').collect();
            let found = lines(data, file, row);
            assert_eq!(found.len(), wanted.len(), "{path}");
            for (index, (found, wanted)) in found.iter().zip(wanted).enumerate() {
                match found {
                    Some(found) => assert_eq!(found, wanted, "{path}:{}", index + 1),
                    // "Not shown" must not become an excuse.
                    None => {
                        let sum = wanted
                            .split_whitespace()
                            .any(|word| word.len() == 64 && is_hex(word));
                        let reason = sum || file["secret"] == true || is_packed(wanted);
                        assert!(reason, "{path}:{}: {wanted}", index + 1);
                        continue;
                    }
                }
                shown += 1;
            }
        }
    }
    let manifest: Json = serde_json::from_str(&folder.read("out/pikc.json")).expect("JSON");
    let links = data["links"].as_object().expect("links");
    let mut listed = 0;
    for record in items(&manifest["files"]) {
        let path = text(&record["path"]);
        match text(&record["kind"]) {
            "file" => assert!(seen.contains(path), "{path} is not on the page"),
            _ => assert_eq!(links[path], record["target"], "{path}"),
        }
        listed += 1;
    }
    assert_eq!(listed, seen.len() + links.len());
    sums(data, &manifest);
    shown
}

/// Compares the checksums with those of `pikc.json`: every one is there, except those of files with secrets.
fn sums(data: &Json, manifest: &Json) {
    let records = items(&manifest["files"]).iter();
    let sums: BTreeMap<&str, &Json> = records
        .map(|record| (text(&record["path"]), &record["sha256"]))
        .collect();
    for file in items(&data["files"]) {
        for (row, path) in items(&file["paths"]).iter().map(text).enumerate() {
            let found = match (file["secret"].as_bool(), file["sums"].as_u64()) {
                (Some(true), _) => continue,
                (_, Some(_)) => {
                    let table = &data["tables"][number(&file["table"])];
                    &table["columns"][number(&file["sums"])]["values"][row]
                }
                (_, None) => &file["sha256"],
            };
            assert_eq!(found, sums[path], "{path}");
        }
    }
}

#[test]
fn no_line_of_a_tree_is_missing() {
    for name in EXAMPLES {
        let (folder, page, data) = example(name);
        let shown = compare(&folder, &data);
        let counts = &data["counts"];
        assert_eq!(number(&counts["shown"]), shown, "{name}");
        let hidden = number(&counts["secret"]) + number(&counts["packed"]);
        assert_eq!(number(&counts["lines"]), shown + hidden, "{name}");
        page_has(&page, &data);
    }
}

#[test]
fn a_secret_is_not_on_the_page_and_neither_is_a_checksum_of_it() {
    let (folder, page, data) = example("home-pi");
    let manifest: Json = serde_json::from_str(&folder.read("out/pikc.json")).expect("JSON");
    let all = [page, data.to_string()];
    let mut secret = 0;
    for record in items(&manifest["files"]) {
        if record["mode"] != "0600" {
            continue;
        }
        secret += 1;
        let content = folder.read(&format!("out/{}", text(&record["path"])));
        let held = content
            .lines()
            .find(|line| line.contains("passphrase") || line.contains("password:"))
            .map(|line| line.split(['"', ':']).rfind(|word| word.len() > 8));
        for text_of in &all {
            assert!(
                !text_of.contains(text(&record["sha256"])),
                "{}",
                record["path"]
            );
            if let Some(Some(value)) = held {
                assert!(!text_of.contains(value), "{}", record["path"]);
            }
            lacks(text_of, SECRET);
        }
    }
    assert!(secret > 4, "home-pi has files with secrets");
}

/// Every id is there once, every link within the page leads somewhere, and nothing is loaded.
fn sound(page: &str) {
    let pieces = pieces(page);
    let mut ids = BTreeSet::new();
    let mut links = Vec::new();
    for piece in &pieces {
        let Piece::Start(name, attributes) = piece else {
            continue;
        };
        assert!(
            !["img", "link", "iframe", "object", "embed", "base", "form"].contains(&name.as_str()),
            "<{name}>"
        );
        for (key, value) in attributes {
            match key.as_str() {
                "id" => assert!(ids.insert(value.as_str()), "{value} is there twice"),
                "href" => links.push(value.strip_prefix('#').expect("a link within the page")),
                "src" | "style" | "srcset" | "action" => panic!("{key}={value}"),
                _ => {}
            }
        }
    }
    assert!(links.len() > 100, "the page has links");
    for link in links {
        assert!(ids.contains(link), "no place is called {link}");
    }
    let scripts = pieces
        .iter()
        .filter(|piece| matches!(piece, Piece::Start(name, _) if name == "script"));
    assert_eq!(scripts.count(), 1, "the one script is pikc's own");
}

#[test]
fn the_page_is_well_formed_and_loads_nothing() {
    for name in EXAMPLES {
        sound(&example(name).1);
    }
}

#[test]
fn hostile_words_are_inert() {
    let evil = "</script></style></code><img src=x onerror=alert(1)>&lt;'x";
    let spec = std::fs::read_to_string("examples/home-pi/cluster.pik").expect("the example");
    let spec = spec
        .replace("1 GB is enough for the small pods that run here", evil)
        .replace("# Four Raspberry Pis", &format!("# {evil}"))
        .replace("you@laptop", "</code><script>alert(2)</script>")
        .replace("ssid = \"home\"", "ssid = \"</title><b>'&amp;\"");
    let (folder, page, data) = reviewed(&spec, &[]);
    sound(&page);
    compare(&folder, &data);
    lacks(&page, "<img");
    lacks(&page, "alert(1)>&lt;<");
    has(&page, "&lt;img src=x onerror=alert(1)>&amp;lt;'x");
    // The name of a file, too.
    let name = "<b onclick=x>.pik";
    folder.text(name, &spec);
    let run = folder.run(&["review", name], &[("PIKC_SECRET_WIFI", SECRET)], "");
    assert_eq!(run.status, 0, "{}", run.err);
    sound(&run.out);
}

#[test]
fn four_nodes_and_a_thousand_stay_small() {
    let (_, page, _) = example("home-pi");
    // Most of it is the text of the tree itself.
    assert!(page.len() <= 300_000, "{} bytes", page.len());
    has(&page, " class=as>");
    let (folder, page, data) = reviewed(&thousand(), &[]);
    assert!(page.len() <= 2 << 20, "{} bytes", page.len());
    compare(&folder, &data);
    page_has(&page, &data);
    sound(&page);
}

#[test]
fn the_data_of_home_pi() {
    let (_, _, mut data) = example("home-pi");
    let all = data.as_object_mut().expect("an object");
    // Those have the tree and the spec, which other goldens have.
    for long in ["files", "tables", "specs", "reasons", "library", "links"] {
        assert!(all.remove(long).is_some(), "{long}");
    }
    same("tests/review/home-pi.json", &format!("{data:#}\n"));
}

#[test]
fn both_directions_meet() {
    let (_, _, data) = example("home-pi");
    let runs = |file: &Json| items(&file["runs"]).to_vec();
    let spec = items(&data["specs"][0]["lines"]);
    let pods = spec
        .iter()
        .position(|line| text(&line["text"]).contains("pods     ="))
        .expect("the line");
    let mut met = 0;
    for made in items(&spec[pods]["made"]) {
        let Some(file) = made["target"]["file"].as_u64() else {
            continue;
        };
        let file = &data["files"][usize::try_from(file).expect("small")];
        for first in items(&made["at"]) {
            let run = runs(file).into_iter().find(|run| run["first"] == *first);
            let why = number(&run.expect("a run begins there")["why"]);
            let places = items(&data["reasons"][why]["places"]);
            let back = serde_json::json!({"spec": [0, pods + 1]});
            assert!(
                places.iter().any(|place| place["place"] == back),
                "{places:?}"
            );
            met += 1;
        }
    }
    assert!(met > 3, "the pod range is in several files");
}

#[test]
fn an_earlier_tree_or_spec_is_compared() {
    let (folder, _, _) = example("home-pi");
    let spec = folder.read("cluster.pik");
    folder.text("old.pik", &spec);
    folder.text(
        "cluster.pik",
        &spec.replace("time.google.com", "time.example.org"),
    );
    let review = |against: &str| {
        let arguments = [
            "review",
            "cluster.pik",
            "--against",
            against,
            "--format",
            "json",
        ];
        let run = folder.run(&arguments, &[("PIKC_SECRET_WIFI", SECRET)], "");
        assert_eq!(run.status, 0, "{}", run.err);
        let mut data: Json = serde_json::from_str(&run.out).expect("JSON");
        data["changes"].take()
    };
    let (tree, other) = (review("out"), review("old.pik"));
    assert_eq!(tree["created"], 0);
    // The list of the tree, pikc.json, has no counterpart in a spec.
    assert!(number(&tree["changed"]) > 1 && number(&other["changed"]) > 1);
    for changes in [&tree, &other] {
        let groups = items(&changes["groups"]);
        let changed: Vec<(&Json, &Json)> = groups
            .iter()
            .flat_map(|group| items(&group["files"]).iter().map(move |file| (group, file)))
            .filter(|(_, file)| text(&file["text"]).contains("+FallbackNTP=time.example.org"))
            .collect();
        // Both classes have the same change.
        assert_eq!(changed.len(), 1);
        let (group, file) = changed[0];
        assert_eq!(items(&file["paths"]).len(), 2);
        assert_eq!(
            (text(&group["consequence"]), text(&group["is"])),
            ("clock", "service")
        );
        assert_eq!(text(&group["nodes"]), "node01 to node04");
        assert_eq!(
            group["settings"],
            serde_json::json!(["time / fallback: [time.google.com], then [time.example.org]"])
        );
        // The worst is first, there and on the first screen.
        assert_eq!(groups[0], *group);
        assert_eq!(
            changes["counts"][0],
            serde_json::json!({"is": "service", "machines": 4, "files": 4})
        );
    }
    let run = folder.run(
        &["review", "cluster.pik", "--against", "out"],
        &[("PIKC_SECRET_WIFI", SECRET)],
        "",
    );
    has(
        &run.out,
        "What that takes: <strong>service</strong> 4 files on 4 machines; <strong>nothing</strong>",
    );
    has(
        &run.out,
        "<h3 id=\"c-clock\">service: the time service restarts</h3>",
    );
}
