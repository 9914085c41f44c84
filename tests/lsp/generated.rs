//! What a spec compiles to, what would change, and why a line is there: the same as the commands say, and without the values of secrets.

use serde_json::{Value, json};

use super::client::{Client, uri};
use crate::support::predicates_lite::lacks;
use crate::support::{Folder, pikc};

const SPEC: &str = include_str!("../../examples/home-pi/cluster.pik");
const SECRET: &str = "correct horse battery";

/// The example, compiled, and open.
fn opened(variables: &[(&str, &str)]) -> (Folder, Client, String) {
    let folder = Folder::new(&[("cluster.pik", SPEC)]);
    let made = folder.run(&["compile", "cluster.pik", "-o", "out"], variables, "");
    assert_eq!(made.status, 0, "{}", made.err);
    let mut client = Client::new(folder.path());
    let address = uri(&folder.path().join("cluster.pik"));
    client.open(&address, SPEC);
    (folder, client, address)
}

#[test]
fn changes_are_those_of_diff() {
    let (folder, mut client, address) = opened(&[]);
    let document = json!({"textDocument": {"uri": address}});
    let same = client
        .request("pikc/changes", document.clone())
        .expect("changes");
    assert_eq!(same, json!({"text": "", "changed": 0}));
    let text = SPEC.replace("ntp.nict.jp", "ntp.example");
    client.change(&address, 2, &text);
    let mut answer = client.request("pikc/changes", document).expect("changes");
    // The command reads the file.
    folder.text("cluster.pik", &text);
    let told = pikc(&folder, &["diff", "cluster.pik", "-o", "out", "--unified"]).out;
    let shown = answer["text"].take();
    assert!(told.contains("ntp.example"), "{told}");
    assert_eq!(shown, told);
}

#[test]
fn no_secret_is_shown() {
    let (folder, mut client, address) = opened(&[("PIKC_SECRET_WIFI", SECRET)]);
    let document = json!({"textDocument": {"uri": address}});
    let changes = client
        .request("pikc/changes", document.clone())
        .expect("changes");
    // The server does not have the value: the files that hold it do not count as changed.
    assert_eq!(changes, json!({"text": "", "changed": 0}));
    let tree = client.request("pikc/outputTree", document).expect("a tree");
    let files = tree["files"].as_array().expect("a list");
    assert!(files.len() > 20, "{tree}");
    for file in files {
        let params = json!({"uri": file["uri"]});
        let content = client
            .request("pikc/textDocumentContent", params)
            .expect("a text");
        let text = content["text"].as_str().expect("a text");
        lacks(text, SECRET);
    }
    // A file on the disk that holds it is not explained: what the server would compile has no such file.
    let user_data = uri(&folder.path().join("out/nodes/node02/cloud-init/user-data"));
    let place =
        json!({"textDocument": {"uri": user_data}, "position": {"line": 1, "character": 0}});
    let error = client.request("pikc/why", place).expect_err("a secret");
    assert!(
        error["message"]
            .as_str()
            .expect("a sentence")
            .contains("secret"),
        "{error}"
    );
}

#[test]
fn why_a_line_is_there_is_what_the_command_says() {
    let (folder, mut client, _) = opened(&[]);
    let path = folder.path().join("out/nodes/node02/node.conf");
    let place =
        json!({"textDocument": {"uri": uri(&path)}, "position": {"line": 0, "character": 0}});
    let answer = client.request("pikc/why", place).expect("an answer");
    // Files have the names that they have in the folder.
    let line = "out/nodes/node02/node.conf:1";
    let told = pikc(&folder, &["why", line, "--spec", "cluster.pik"]);
    assert_eq!(answer["text"], told.out, "{}", told.err);
    // An edited file is not explained.
    folder.text("out/nodes/node02/node.conf", "edited\n");
    let place =
        json!({"textDocument": {"uri": uri(&path)}, "position": {"line": 0, "character": 0}});
    assert!(client.request("pikc/why", place).is_err());
}

#[test]
fn there_and_back_again() {
    let (_folder, mut client, address) = opened(&[]);
    let line = SPEC
        .lines()
        .position(|line| line.contains("ntp.nict.jp"))
        .expect("it is there");
    let ask = |client: &mut Client, uri: &Value, line: u64| {
        let place =
            json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": 0}});
        client.request("pikc/why", place).expect("an answer")
    };
    let answer = ask(&mut client, &json!(address), line as u64);
    let places = answer["locations"].as_array().expect("a list").clone();
    assert!(!places.is_empty(), "{answer}");
    for place in places {
        let first = place["range"]["start"]["line"].as_u64().expect("a number");
        let back = ask(&mut client, &place["uri"], first);
        let same =
            |one: &Value| one["uri"] == json!(address) && one["range"]["start"]["line"] == line;
        let all = back["locations"].as_array().expect("a list");
        assert!(all.iter().any(same), "{place}\n{back}");
    }
}

#[test]
fn generated_documents_follow_the_spec() {
    let folder = Folder::new(&[]);
    let capabilities = json!({"workspace": {"textDocumentContent": {}}});
    let mut client = Client::with(folder.path(), capabilities, json!({}));
    let address = uri(&folder.path().join("cluster.pik"));
    client.open(&address, SPEC);
    let shown = format!("pikc-out:/nodes/node02/node.conf?{address}");
    let params = json!({"uri": shown});
    let first = client
        .request("workspace/textDocumentContent", params.clone())
        .expect("a text");
    client.change(&address, 2, &SPEC.replace("192.168.11.20", "192.168.11.21"));
    let refreshed = |one: &Value| one["method"] == "workspace/textDocumentContent/refresh";
    while !client.told.iter().any(refreshed) {
        let next = client.next();
        client.told.push(next);
    }
    let second = client
        .request("workspace/textDocumentContent", params)
        .expect("a text");
    assert_ne!(first, second);
}
