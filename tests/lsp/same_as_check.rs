//! The marks of a spec are the findings of `pikc check --format json`: the same, in the same order, with all that belongs to them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::client::{Client, uri};
use crate::spec;
use crate::support::{Folder, PIKC};

/// Findings in the form in which both are compared, by file; those without a place under an empty name.
type Findings = BTreeMap<String, Vec<Value>>;

/// What `check` finds in these specs.
fn found(specs: &[PathBuf], options: &[String]) -> Findings {
    let output = assert_cmd::Command::new(PIKC)
        .args(["check", "--format", "json"])
        .args(options)
        .args(specs)
        .output()
        .expect("the program starts");
    let told: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let mut all = Findings::new();
    for mut one in told["diagnostics"].as_array().expect("a list").clone() {
        let fields = one.as_object_mut().expect("an object");
        for unshown in ["since", "formerly", "deprecated"] {
            fields.remove(unshown);
        }
        let file = one["file"].as_str().unwrap_or_default().to_owned();
        all.entry(file).or_default().push(one);
    }
    all
}

/// A range of the protocol, as `check` counts.
fn range(range: &Value) -> Value {
    let point = |point: &Value| {
        let number = |name: &str| point[name].as_u64().expect("a number") + 1;
        json!({"line": number("line"), "column": number("character")})
    };
    json!({"start": point(&range["start"]), "end": point(&range["end"])})
}

/// The name that `check` shows for a file.
fn name(address: &Value) -> String {
    let address = address.as_str().expect("an address");
    match address.strip_prefix("pikc-lib:/") {
        Some(path) => format!("<stdlib>/{path}"),
        None => address.strip_prefix("file://").expect("a file").to_owned(),
    }
}

/// A mark in the form of `check`.
fn finding(address: &str, mark: &Value) -> Value {
    let data = &mark["data"];
    let related = mark["relatedInformation"].as_array();
    let labels: Vec<Value> = related
        .into_iter()
        .flatten()
        .map(|one| {
            let place = &one["location"];
            let range = range(&place["range"]);
            json!({"file": name(&place["uri"]), "range": range, "message": one["message"]})
        })
        .collect();
    let edit = |edit: &Value| {
        json!({
            "file": name(&edit["uri"]),
            "range": range(&edit["range"]),
            "replacement": edit["newText"],
        })
    };
    let fix = |fix: &Value| {
        let edits: Vec<Value> = fix["edits"]
            .as_array()
            .expect("edits")
            .iter()
            .map(edit)
            .collect();
        json!({"title": fix["title"], "certain": fix["certain"], "edits": edits})
    };
    let fixes: Vec<Value> = data["fixes"]
        .as_array()
        .expect("fixes")
        .iter()
        .map(fix)
        .collect();
    let mut shown = data["message"].as_str().expect("a sentence").to_owned();
    shown.push_str(&format!("\nhelp: {}", data["help"].as_str().expect("help")));
    for note in data["notes"].as_array().expect("notes") {
        shown.push_str(&format!("\nnote: {}", note.as_str().expect("a note")));
    }
    assert_eq!(mark["message"], shown);
    let placed = !labels.is_empty();
    let file = if placed {
        json!(name(&json!(address)))
    } else {
        Value::Null
    };
    let place = if placed {
        range(&mark["range"])
    } else {
        Value::Null
    };
    let severity = match mark["severity"].as_u64() {
        Some(1) => "error",
        Some(2) => "warning",
        _ => "note",
    };
    json!({
        "code": mark["code"],
        "severity": severity,
        "message": data["message"],
        "file": file,
        "range": place,
        "labels": labels,
        "help": data["help"],
        "notes": data["notes"],
        "fixes": fixes,
        "url": mark["codeDescription"]["href"],
    })
}

/// What the server marks in these specs, opened one after the other.
fn marked(specs: &[PathBuf], settings: Value) -> Findings {
    let mut client = Client::connect();
    let capabilities = json!({"general": {"positionEncodings": ["utf-32"]}});
    client
        .request(
            "initialize",
            json!({"capabilities": capabilities, "initializationOptions": settings}),
        )
        .expect("it starts");
    let mut all = Findings::new();
    for spec in specs {
        // A file that is not text has no document.
        let Ok(text) = std::fs::read_to_string(spec) else {
            continue;
        };
        let address = uri(spec);
        client.open(&address, &text);
        client.marks_of(&address);
        for (address, marks) in &client.marks {
            for mark in marks {
                let one = finding(address, mark);
                let file = one["file"].as_str().unwrap_or_default().to_owned();
                all.entry(file).or_default().push(one);
            }
        }
        client.close(&address);
        client.marks_of(&address);
        let left: Vec<_> = client
            .marks
            .iter()
            .filter(|(_, marks)| !marks.is_empty())
            .collect();
        assert!(left.is_empty(), "marks stay: {left:#?}");
    }
    all
}

#[track_caller]
fn compare(specs: &[PathBuf], options: &[String], settings: Value) -> usize {
    let readable = |spec: &&PathBuf| std::fs::read_to_string(spec).is_ok();
    let specs: Vec<PathBuf> = specs.iter().filter(readable).cloned().collect();
    let (found, marked) = (found(&specs, options), marked(&specs, settings));
    for (file, wanted) in &found {
        let none = Vec::new();
        let got = marked.get(file).unwrap_or(&none);
        for (one, other) in wanted.iter().zip(got) {
            assert_eq!(one, other, "{file}");
        }
        assert_eq!(wanted.len(), got.len(), "{file}: {got:#?}");
    }
    let more: Vec<_> = marked
        .keys()
        .filter(|file| !found.contains_key(*file))
        .collect();
    assert!(more.is_empty(), "{more:?}");
    found.values().map(Vec::len).sum()
}

fn specs_in(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found: Vec<PathBuf> = std::fs::read_dir(&root)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "pik"))
        .collect();
    found.sort();
    found
}

#[test]
fn in_every_example_and_spec() {
    let mut specs = specs_in("tests/specs");
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for entry in std::fs::read_dir(examples).expect("examples") {
        let spec = entry.expect("an entry").path().join("cluster.pik");
        if spec.is_file() {
            specs.push(spec);
        }
    }
    assert!(specs.len() > 20, "{specs:?}");
    compare(&specs, &[], json!({}));
}

#[test]
fn in_every_spec_of_the_corpus() {
    let (mut plain, mut count) = (Vec::new(), 0);
    for spec in specs_in("tests/corpus") {
        let text = std::fs::read(&spec).expect("a spec");
        let text = String::from_utf8_lossy(&text);
        let (mut options, mut settings) = (Vec::new(), json!({}));
        for line in text
            .lines()
            .skip(1)
            .take_while(|line| line.starts_with("# "))
        {
            if let Some(day) = line.strip_prefix("# as of: ") {
                options.extend(["--as-of".to_owned(), day.to_owned()]);
                settings["asOf"] = json!(day);
            }
            if let Some(library) = line.strip_prefix("# library: ") {
                let folder = spec.with_file_name("libraries").join(library);
                let folder = folder.to_str().expect("UTF-8");
                options.extend(["--stdlib".to_owned(), folder.to_owned()]);
                settings["stdlib"] = json!(folder);
            }
        }
        match options.is_empty() {
            true => plain.push(spec),
            false => count += compare(&[spec], &options, settings),
        }
    }
    count += compare(&plain, &[], json!({}));
    assert!(count > 150, "{count} findings");
}

#[test]
fn in_every_fence_of_the_pages() {
    let folder = Folder::new(&[]);
    let (mut plain, mut count) = (Vec::new(), 0);
    for (page, text) in spec::pages() {
        for (number, case) in spec::page::cases(&text).expect("a page").iter().enumerate() {
            let (files, library) = spec::texts(case);
            let place = format!("{}-{number}", page.replace(['/', '.'], "-"));
            for (name, text) in &files {
                folder.text(&format!("{place}/{name}"), text);
            }
            for (name, text) in &library {
                folder.text(&format!("{place}-library/{name}"), text);
            }
            let main = folder.path().join(&place).join(spec::MAIN);
            if library.is_empty() {
                plain.push(main);
                continue;
            }
            let library = folder.path().join(format!("{place}-library"));
            let library = library.to_str().expect("UTF-8").to_owned();
            let options = ["--stdlib".to_owned(), library.clone()];
            // What is wrong with a library folder is marked in its files.
            if found(std::slice::from_ref(&main), &options)
                .keys()
                .all(|file| !file.starts_with("<stdlib>"))
            {
                count += compare(&[main], &options, json!({"stdlib": library}));
            }
        }
    }
    count += compare(&plain, &[], json!({}));
    assert!(count > 300, "{count} findings");
}
