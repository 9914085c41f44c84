//! Files that several clusters use: a name in one of them is the same in all of them, whichever is open.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::client::{Client, uri};
use crate::support::Folder;
use crate::support::predicates_lite::has;

const SHARED: &str = "let { zone = lab }\nprofile spare { swap = off }\n";

/// A file that uses the shared one.
fn cluster(name: &str) -> String {
    format!(
        "use = [\"shared.pik\"]\ncluster {name} {{}}\nnode {name}01 {{ profile = spare, labels {{ zone = $zone }} }}\n"
    )
}

/// Two clusters with a file in common, and a third without.
fn folder() -> Folder {
    Folder::new(&[
        ("one.pik", &cluster("one")),
        ("other.pik", &cluster("other")),
        ("alone.pik", "cluster alone {}\nprofile spare {}\n"),
        ("shared.pik", SHARED),
    ])
}

/// A position at a word of a text.
fn at(text: &str, word: &str) -> Value {
    let (line, content) = text
        .lines()
        .enumerate()
        .find(|(_, line)| line.contains(word))
        .expect("it is there");
    json!({"line": line, "character": content.find(word).expect("it is there") + word.len()})
}

/// Which lines are edited, by the names of the files.
fn edited(answer: &Value) -> BTreeMap<String, Vec<u64>> {
    let changes = answer["changes"].as_object().expect("changes");
    let file = |(address, edits): (&String, &Value)| {
        let edits = edits.as_array().expect("a list");
        let line = |edit: &Value| edit["range"]["start"]["line"].as_u64().expect("a number");
        let name = address.rsplit('/').next().expect("a name");
        (name.to_owned(), edits.iter().map(line).collect())
    };
    changes.iter().map(file).collect()
}

/// Asks for another name for the profile that `one.pik` uses.
fn renaming(address: &str) -> Value {
    json!({
        "textDocument": {"uri": address},
        "position": at(&cluster("one"), "profile = spare"),
        "newName": "renamed",
    })
}

#[test]
fn a_name_is_changed_in_every_cluster_whichever_is_open() {
    let folder = folder();
    let expected = |lines: [u64; 2]| {
        let [own, shared] = lines;
        BTreeMap::from([
            ("one.pik".to_owned(), vec![own]),
            ("other.pik".to_owned(), vec![own]),
            ("shared.pik".to_owned(), vec![shared]),
        ])
    };
    for (open, word, lines) in [
        ("one.pik", "profile = spare", [2, 1]),
        ("shared.pik", "profile spare", [2, 1]),
        ("other.pik", "$zone", [2, 0]),
        ("shared.pik", "zone", [2, 0]),
    ] {
        let mut client = Client::new(folder.path());
        let address = uri(&folder.path().join(open));
        let text = std::fs::read_to_string(folder.path().join(open)).expect("a file");
        client.open(&address, &text);
        let mut params = json!({
            "textDocument": {"uri": address}, "position": at(&text, word), "newName": "renamed",
        });
        let answer = client
            .request("textDocument/rename", params.clone())
            .expect("edits");
        assert_eq!(edited(&answer), expected(lines), "{open}: {word}");
        params["context"] = json!({"includeDeclaration": true});
        let found = client
            .request("textDocument/references", params.clone())
            .expect("places");
        assert_eq!(found.as_array().map(Vec::len), Some(3), "{found}");
        params["context"] = json!({"includeDeclaration": false});
        let found = client
            .request("textDocument/references", params)
            .expect("places");
        assert_eq!(found.as_array().map(Vec::len), Some(2), "{found}");
    }
}

#[test]
fn a_name_that_one_of_them_has_is_not_given() {
    let folder = folder();
    folder.text(
        "other.pik",
        &(cluster("other") + "profile renamed { swap = on }\n"),
    );
    let mut client = Client::new(folder.path());
    let address = uri(&folder.path().join("one.pik"));
    client.open(&address, &cluster("one"));
    let params = renaming(&address);
    let error = client
        .request("textDocument/rename", params)
        .expect_err("it is in use");
    has(
        error["message"].as_str().expect("a sentence"),
        "there is another `renamed`",
    );
}

#[test]
fn a_workspace_of_more_specs_than_are_kept_has_them_all() {
    let folder = folder();
    for number in 0..70 {
        let name = format!("more{number:02}");
        folder.text(&format!("{name}.pik"), &cluster(&name));
    }
    let mut client = Client::new(folder.path());
    let address = uri(&folder.path().join("one.pik"));
    client.open(&address, &cluster("one"));
    let params = renaming(&address);
    let answer = client
        .request("textDocument/rename", params)
        .expect("edits");
    assert_eq!(edited(&answer).len(), 2 + 70 + 1);
}
