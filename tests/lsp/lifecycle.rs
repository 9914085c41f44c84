//! How a server starts and ends, and what it says to requests that come at the wrong time.

use pikc::lsp::End;
use serde_json::{Value, json};

use super::client::Client;
use crate::support::Folder;

fn code(answer: Result<Value, Value>) -> i64 {
    answer.expect_err("an error")["code"]
        .as_i64()
        .expect("a code")
}

#[test]
fn nothing_is_answered_before_initialize_and_after_shutdown() {
    let mut client = Client::connect();
    assert_eq!(
        code(client.request("textDocument/hover", json!({}))),
        -32002
    );
    client.notify("textDocument/didOpen", json!({}));
    assert_eq!(code(client.request("shutdown", Value::Null)), -32002);
    let answer = client.request("initialize", json!({"capabilities": {}}));
    assert_eq!(answer.expect("it starts")["serverInfo"]["name"], "pikc");
    assert_eq!(code(client.request("initialize", json!({}))), -32600);
    assert_eq!(client.request("shutdown", Value::Null), Ok(Value::Null));
    assert_eq!(
        code(client.request("textDocument/hover", json!({}))),
        -32600
    );
    assert_eq!(code(client.request("shutdown", Value::Null)), -32600);
    client.notify("exit", Value::Null);
    assert_eq!(client.end(), End::Asked);
}

#[test]
fn an_editor_that_leaves_without_a_word_is_told_from_one_that_asks() {
    let folder = Folder::new(&[]);
    let mut client = Client::new(folder.path());
    assert_eq!(client.end(), End::Cut);
    let mut client = Client::connect();
    client.notify("exit", Value::Null);
    assert_eq!(client.end(), End::Cut);
    assert_eq!(Client::new(folder.path()).shut_down(), End::Asked);
}

#[test]
fn an_unknown_request_is_refused_and_an_unknown_notification_is_not() {
    let folder = Folder::new(&[]);
    let mut client = Client::new(folder.path());
    client.notify("$/whatever", json!(4));
    assert_eq!(
        code(client.request("textDocument/whatever", json!({}))),
        -32601
    );
    let wrong = client.request("textDocument/diagnostic", json!({"textDocument": 5}));
    assert_eq!(code(wrong), -32602);
}

#[test]
fn the_encoding_is_the_one_that_both_know() {
    for (offered, chosen) in [
        (json!(["utf-16", "utf-8"]), "utf-8"),
        (json!(["utf-32"]), "utf-32"),
        (json!(["utf-16"]), "utf-16"),
        (Value::Null, "utf-16"),
    ] {
        let mut client = Client::connect();
        let capabilities = json!({"general": {"positionEncodings": offered}});
        let answer = client.request("initialize", json!({"capabilities": capabilities}));
        assert_eq!(
            answer.expect("it starts")["capabilities"]["positionEncoding"],
            chosen
        );
    }
}

#[test]
fn files_are_watched_and_settings_asked_for_if_the_editor_can() {
    let folder = Folder::new(&[]);
    let capabilities = json!({"workspace": {
        "configuration": true,
        "didChangeWatchedFiles": {"dynamicRegistration": true},
    }});
    let mut client = Client::with(folder.path(), capabilities, json!({}));
    client.marks_of("file:///none");
    let methods: Vec<_> = client
        .told
        .iter()
        .map(|one| one["method"].clone())
        .collect();
    assert_eq!(
        methods,
        ["client/registerCapability", "workspace/configuration"]
    );
    // What the editor answers is used.
    let id = client.told[1]["id"].clone();
    let settings = json!([{"stdlib": "no-such-folder"}]);
    let answer = json!({"jsonrpc": "2.0", "id": id, "result": settings});
    client.send(&super::client::framed(&answer));
    client.marks_of("file:///none");
    let said = client.told.pop().expect("a message");
    let text = said["params"]["message"].as_str().expect("a text");
    assert!(text.contains("no-such-folder"), "{text}");
}
