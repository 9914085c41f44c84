//! Editors that do what no editor should: the server answers, and lives on.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::{Client, framed, uri};
use crate::support::{Folder, PIKC};

#[test]
fn what_is_not_a_message_is_answered_or_skipped() {
    let folder = Folder::new(&[]);
    let mut client = Client::new(folder.path());
    for bad in [
        "Content-Length: 1\r\n\r\n{",
        "Content-Length: 2\r\n\r\n[]",
        "Content-Length: 20\r\n\r\n{\"id\":[],\"method\":5}",
    ] {
        client.send(bad.as_bytes());
        let answer = client.next();
        assert_eq!(answer["id"], Value::Null, "{bad}");
        assert!(answer["error"]["code"].is_i64(), "{bad}");
    }
    client.send(b"GET / HTTP/1.1\r\n\r\n");
    client.marks_of("file:///none");
}

#[test]
fn positions_that_do_not_exist_are_moved() {
    let folder = Folder::new(&[]);
    let mut client = Client::new(folder.path());
    let spec = uri(&folder.path().join("cluster.pik"));
    client.open(&spec, "profile é {}\n");
    let far = json!({"line": 4_294_967_295_u32, "character": 4_294_967_295_u32});
    let backwards = json!({"start": far, "end": {"line": 0, "character": 9}});
    let changes = json!([{"range": backwards, "text": "😀"}]);
    client.notify(
        "textDocument/didChange",
        json!({"textDocument": {"uri": spec, "version": -7}, "contentChanges": changes}),
    );
    assert_ne!(client.codes(&spec), [""; 0]);
    let negative =
        json!([{"range": {"start": {"line": -1, "character": 0}, "end": far}, "text": ""}]);
    client.notify(
        "textDocument/didChange",
        json!({"textDocument": {"uri": spec, "version": 3}, "contentChanges": negative}),
    );
    assert_ne!(client.codes(&spec), [""; 0]);
}

#[test]
fn documents_that_are_not_open_and_names_that_are_not_paths_cost_nothing() {
    let folder = Folder::new(&[("folder.pik/x", "")]);
    let mut client = Client::new(folder.path());
    let path = uri(&folder.path().join("folder.pik"));
    client.change("file:///not/open.pik", 4, "x");
    client.close("file:///not/open.pik");
    for odd in [
        path.as_str(),
        "",
        "x",
        "file:",
        "file:///%ff",
        "pikc-lib:/x",
        "untitled:",
    ] {
        client.open(odd, "cluster x {}\n");
        client.marks_of(odd);
        client.change(odd, 2, "");
        client.close(odd);
        assert_eq!(client.marks_of(odd), Vec::<Value>::new(), "{odd}");
    }
}

#[test]
fn a_document_of_ten_megabytes_is_refused_by_the_language_not_by_the_server() {
    let folder = Folder::new(&[]);
    let mut client = Client::new(folder.path());
    let spec = uri(&folder.path().join("cluster.pik"));
    client.open(&spec, &"# a comment of some length\n".repeat(400_000));
    assert_eq!(client.codes(&spec), ["syntax/limits"]);
    client.change(&spec, 2, "");
    assert_eq!(client.codes(&spec), ["spec/no-cluster"]);
}

#[test]
fn an_answer_to_a_text_that_has_changed_is_not_sent() {
    let folder = Folder::new(&[]);
    let mut client = Client::new(folder.path());
    let spec = uri(&folder.path().join("cluster.pik"));
    client.open(&spec, "x");
    // In one piece, so that nothing can be answered in between.
    let ask = |id: &str| {
        framed(
            &json!({"jsonrpc": "2.0", "id": id, "method": "textDocument/diagnostic",
            "params": {"textDocument": {"uri": spec}}}),
        )
    };
    let change = framed(
        &json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {
        "textDocument": {"uri": spec, "version": 2}, "contentChanges": [{"text": "y".repeat(200_000)}]}}),
    );
    let cancel =
        framed(&json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": "b"}}));
    let slow = framed(
        &json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {
        "textDocument": {"uri": spec, "version": 3}, "contentChanges": [{"text": "x"}]}}),
    );
    client.send(&[change, ask("a"), slow, ask("b"), cancel].concat());
    let mut codes = Vec::new();
    while codes.len() < 2 {
        let message = client.next();
        if message["id"].is_string() {
            codes.push((message["id"].clone(), message["error"]["code"].clone()));
        }
    }
    codes.sort_by_key(|(id, _)| id.to_string());
    assert_eq!(
        codes,
        [(json!("a"), json!(-32801)), (json!("b"), json!(-32800))]
    );
}

/// The program itself, for what no client would do.
fn program() -> Child {
    Command::new(PIKC)
        .arg("lsp")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts")
}

/// The memory of a process, in MiB.
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.expect("a number").parse::<u64>().expect("a number") / 1024
}

#[test]
fn an_editor_that_never_reads_is_not_read_from_and_fills_no_memory() {
    let mut server = program();
    let mut input = server.stdin.take().expect("a pipe");
    // Small requests with large answers.
    let profile = |number: u32| format!("profile p{number} {{ swap = off }}\n");
    let text: String = (0..2_000).map(profile).collect();
    let document = json!({"uri": "file:///none/cluster.pik"});
    let opened = json!({"uri": document["uri"], "version": 1, "languageId": "pik", "text": text});
    let start = [
        json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}),
        json!({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": opened}}),
    ];
    for message in &start {
        input.write_all(&framed(message)).expect("it reads");
    }
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    let writer = std::thread::spawn(move || {
        for number in 2.. {
            let ask = json!({"jsonrpc": "2.0", "id": number, "method": "textDocument/documentSymbol",
                "params": {"textDocument": document}});
            let message = framed(&ask);
            if input.write_all(&message).is_err() {
                return;
            }
            count.fetch_add(message.len(), Ordering::Relaxed);
        }
    });
    // Until it is not read from any more.
    let mut before = (0, Instant::now());
    while before.1.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(100));
        let now = written.load(Ordering::Relaxed);
        if now != before.0 {
            before = (now, Instant::now());
        }
        let used = memory(server.id());
        assert!(used < 500, "{used} MiB after {} MiB", now >> 20);
        assert!(now < 1 << 30, "it reads on and on");
    }
    // The editor is gone: so is the server.
    drop(server.stdout.take());
    let status = server.wait().expect("it ends");
    assert_eq!(status.code(), Some(3));
    writer.join().expect("it ends, too");
}

#[test]
fn an_editor_that_leaves_in_the_middle_ends_the_server() {
    let mut server = program();
    let mut input = server.stdin.take().expect("a pipe");
    let start =
        json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}});
    input.write_all(&framed(&start)).expect("it reads");
    for number in 2..4000 {
        let ask = json!({"jsonrpc": "2.0", "id": number, "method": "nothing", "params": null});
        input.write_all(&framed(&ask)).expect("it reads");
    }
    drop(server.stdout.take());
    drop(input);
    let status = server.wait().expect("it ends");
    assert_eq!(status.code(), Some(3));
}

#[test]
fn a_length_beyond_all_memory_is_not_reserved() {
    let mut server = Command::new(PIKC)
        .args(["lsp", "--stdio"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut input = server.stdin.take().expect("a pipe");
    input
        .write_all(b"Content-Length: 9223372036854775807\r\n\r\n{}")
        .expect("it reads");
    drop(input);
    assert_eq!(server.wait().expect("it ends").code(), Some(3));
}

/// What the server's allocator is told, once the server answers.
#[cfg(target_os = "linux")]
fn told(given: Option<&str>) -> Vec<String> {
    let mut command = Command::new(PIKC);
    command.args(["--color", "never", "lsp"]);
    command.env_remove("MIMALLOC_PURGE_DELAY");
    command.envs(given.map(|delay| ("MIMALLOC_PURGE_DELAY", delay)));
    let mut server = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut input = server.stdin.take().expect("a pipe");
    let start =
        json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}});
    input.write_all(&framed(&start)).expect("it reads");
    let mut output = std::io::BufReader::new(server.stdout.take().expect("a pipe"));
    let answer = super::client::read(&mut output).expect("an answer");
    assert_eq!(answer["id"], 1);
    let variables = std::fs::read(format!("/proc/{}/environ", server.id())).expect("it runs");
    server.kill().expect("it runs");
    server.wait().expect("it ends");
    let variables = String::from_utf8_lossy(&variables).into_owned();
    let ours = variables
        .split('\0')
        .filter(|one| one.starts_with("MIMALLOC_"));
    ours.map(str::to_owned).collect()
}

/// `benches/lsp.py` measures what that is worth: 4,300 page faults less for each key in 10,000 lines.
#[test]
#[cfg(target_os = "linux")]
fn the_allocator_keeps_memory_from_one_keystroke_to_the_next_unless_told_otherwise() {
    assert_eq!(told(None), ["MIMALLOC_PURGE_DELAY=1000"]);
    assert_eq!(told(Some("10")), ["MIMALLOC_PURGE_DELAY=10"]);
}
