//! Commands, for editors without commands of their own: they answer as the requests do, and show a message.

use serde_json::{Value, json};

use super::client::{Client, uri};
use crate::support::Folder;
use crate::support::predicates_lite::{has, lacks};

const SPEC: &str = include_str!("../../examples/home-pi/cluster.pik");

/// The result of a command, and the message that the user is shown.
fn run(client: &mut Client, command: &str, arguments: &Value) -> (Value, String) {
    let params = json!({"command": command, "arguments": arguments});
    let result = client
        .request("workspace/executeCommand", params)
        .unwrap_or_else(|error| panic!("{command}: {error}"));
    // What is sent before the next answer has arrived by then.
    client.marks_of("file:///none");
    let shown = client.told.pop().expect("a message");
    assert_eq!(shown["method"], "window/showMessage");
    let message = shown["params"]["message"].as_str().expect("a text");
    (result, message.to_owned())
}

fn refused(client: &mut Client, command: &str, arguments: &Value) -> String {
    let params = json!({"command": command, "arguments": arguments});
    let error = client
        .request("workspace/executeCommand", params)
        .expect_err("an error");
    error["message"].as_str().expect("a sentence").to_owned()
}

#[test]
fn a_lens_names_commands_that_the_server_runs() {
    let folder = Folder::new(&[("cluster.pik", SPEC)]);
    let mut client = Client::new(folder.path());
    let address = uri(&folder.path().join("cluster.pik"));
    client.open(&address, SPEC);
    let document = json!({"textDocument": {"uri": address}});
    let lenses = client
        .request("textDocument/codeLens", document.clone())
        .expect("lenses");
    let node = lenses
        .as_array()
        .expect("a list")
        .iter()
        .find(|lens| lens["command"]["command"] == "pikc.why")
        .expect("a lens");
    let (result, message) = run(&mut client, "pikc.why", &node["command"]["arguments"]);
    let text = result["text"].as_str().expect("a text");
    // All of the block, not only its first line: its board is in none of the lines that its name is in.
    has(text, "nodes/node01/node.conf");
    let places = result["locations"].as_array().expect("places");
    let mut line = json!({"textDocument": {"uri": address}});
    line["position"] = node["range"]["start"].clone();
    let of_line = client.request("pikc/why", line).expect("an answer");
    let of_line = of_line["locations"].as_array().expect("places");
    assert!(places.len() > of_line.len(), "{text}");
    has(&message, "`node node01 {` ends up in");
    // The tree, and what changes; with one document open, its address can be left out.
    let (result, message) = run(&mut client, "pikc.showOutputTree", &json!([address]));
    assert!(result["files"].as_array().expect("files").len() > 20);
    has(&message, "README.md\n");
    let asked = client.request("pikc/changes", document).expect("changes");
    let (result, message) = run(&mut client, "pikc.showChanges", &json!([]));
    assert_eq!(result, asked);
    has(&message, " more lines");
}

#[test]
fn what_a_command_cannot_do_is_said() {
    let folder = Folder::new(&[]);
    let mut client = Client::new(folder.path());
    let [one, other] = ["one.pik", "other.pik"].map(|name| uri(&folder.path().join(name)));
    client.open(&one, SPEC);
    client.open(&other, "cluster x {}\n");
    for (command, arguments, why) in [
        ("pikc.nothing", json!([one]), "there is no command"),
        ("pikc.why", json!([one]), "a position"),
        ("pikc.why", json!([5]), "the address of a document"),
        ("pikc.showChanges", json!([]), "which spec?"),
        ("pikc.showChanges", json!([other]), "the spec has errors"),
        (
            "pikc.showOutputTree",
            json!(["file:///none"]),
            "does not have",
        ),
        ("pikc.compile", json!([one]), "save `one.pik` first"),
    ] {
        has(&refused(&mut client, command, &arguments), why);
    }
    let (_, message) = run(&mut client, "pikc.showOutputTree", &json!([other]));
    has(&message, "the spec has errors");
}

#[test]
fn a_spec_is_compiled_as_it_is_on_the_disk() {
    let folder = Folder::new(&[("cluster.pik", SPEC)]);
    let options = json!({"outputFolder": "made"});
    let mut client = Client::program(folder.path(), json!({}), options);
    let address = uri(&folder.path().join("cluster.pik"));
    client.open(&address, SPEC);
    let (result, message) = run(&mut client, "pikc.compile", &json!([address]));
    has(result["text"].as_str().expect("a text"), "created ");
    has(&message, "next: read ");
    lacks(&message, "\n");
    assert!(folder.path().join("made/pikc.json").is_file());
    let (_, message) = run(&mut client, "pikc.compile", &json!([address]));
    has(&message, "nothing changed in ");
    let text = format!("{SPEC}\n");
    client.change(&address, 2, &text);
    has(
        &refused(&mut client, "pikc.compile", &json!([address])),
        "save `cluster.pik` first",
    );
    // What stops a compile is what the command prints.
    let broken = SPEC.replace("cluster home", "clutser home");
    folder.text("cluster.pik", &broken);
    client.change(&address, 3, &broken);
    has(
        &refused(&mut client, "pikc.compile", &json!([address])),
        "clutser",
    );
}
