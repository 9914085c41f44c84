//! Marks: the findings of `check`, where they belong, for as long as they are true.

use serde_json::{Value, json};

use super::client::{Client, uri};
use crate::support::Folder;
use crate::support::base::around;

/// A spec without a mistake.
fn sound() -> String {
    around("time { servers = [ntp.nict.jp] }")
}

#[test]
fn a_mistake_is_marked_while_it_is_there() {
    let folder = Folder::new(&[]);
    let mut client = Client::new(folder.path());
    let spec = uri(&folder.path().join("cluster.pik"));
    let text = sound();
    client.open(&spec, &text);
    assert_eq!(client.codes(&spec), [""; 0]);
    client.change(&spec, 2, &text.replace("cluster home", "clutser home"));
    assert!(
        client
            .codes(&spec)
            .contains(&"spec/unknown-block".to_owned())
    );
    client.change(&spec, 3, &text);
    assert_eq!(client.codes(&spec), [""; 0]);
    // It was never saved: with its document, it is gone.
    client.change(&spec, 4, "x");
    assert_ne!(client.codes(&spec), [""; 0]);
    client.close(&spec);
    assert_eq!(client.codes(&spec), [""; 0]);
}

#[test]
fn a_mark_has_all_that_a_report_has() {
    let folder = Folder::new(&[]);
    let mut client = Client::new(folder.path());
    let spec = uri(&folder.path().join("cluster.pik"));
    client.open(
        &spec,
        &around("let { unused = 1 }\ncluster home { kubernetes = 1.20 }"),
    );
    let marks = client.marks_of(&spec);
    let of = |code: &str| {
        let found = marks.iter().find(|mark| mark["code"] == code);
        found.unwrap_or_else(|| panic!("{code}: {marks:#?}"))
    };
    let unused = of("spec/unused-constant");
    assert_eq!(unused["tags"], json!([1]));
    assert_eq!(unused["severity"], 2);
    assert_eq!(unused["source"], "pikc");
    let related = unused["relatedInformation"][0]["location"].clone();
    assert_eq!(related["uri"], json!(spec));
    assert_eq!(related["range"], unused["range"]);
}

#[test]
fn a_code_leads_to_its_explanation() {
    let folder = Folder::new(&[]);
    let spec = uri(&folder.path().join("cluster.pik"));
    let text = around("let { unused = 1 }\nallow node/little-left { reason = \"enough\" }");
    let ask = |capabilities: Value| {
        let mut client = Client::with(folder.path(), capabilities, json!({}));
        client.open(&spec, &text);
        let mark = client
            .marks_of(&spec)
            .into_iter()
            .find(|mark| mark["code"] == "spec/unused-constant");
        let document = json!({"textDocument": {"uri": spec}});
        let links = client
            .request("textDocument/documentLink", document)
            .expect("links");
        let code = mark.expect("a mark")["codeDescription"]["href"].take();
        (client, code, links[0]["target"].clone())
    };
    let (mut client, of_mark, of_allow) = ask(json!({"workspace": {"textDocumentContent": {}}}));
    assert_eq!(of_mark, "pikc-explain:/spec/unused-constant.md");
    assert_eq!(of_allow, "pikc-explain:/node/little-left.md");
    let content = client
        .request("workspace/textDocumentContent", json!({"uri": of_allow}))
        .expect("a text");
    let text_of_it = content["text"].as_str().expect("a text");
    assert!(text_of_it.starts_with("`node/little-left`"), "{content}");
    // An editor that does not show such documents gets a web address, if there is one.
    let (_, of_mark, of_allow) = ask(json!({}));
    let is_web = |address: &Value| address.as_str().is_none_or(|it| it.starts_with("https://"));
    assert!(
        is_web(&of_mark) && is_web(&of_allow),
        "{of_mark} {of_allow}"
    );
}

#[test]
fn a_used_file_has_the_marks_of_the_specs_that_use_it() {
    let text = sound();
    let folder = Folder::new(&[
        ("one.pik", &format!("use = [\"shared.pik\"]\n{text}")),
        ("two.pik", &format!("use = [\"shared.pik\"]\n{text}")),
        ("shared.pik", "profile spare { swap = maybe }\n"),
    ]);
    let mut client = Client::new(folder.path());
    let [one, shared] = ["one.pik", "shared.pik"].map(|name| uri(&folder.path().join(name)));
    // Specs on the disk are checked without being opened.
    client.wait(|marks| marks.len() == 2 + 1 || marks.contains_key(&shared));
    client.open(&shared, "profile spare { swap = maybe }\n");
    let codes = client.codes(&shared);
    assert!(!codes.contains(&"spec/no-cluster".to_owned()), "{codes:?}");
    assert_eq!(codes, ["profile/unused", "value/not-a-choice"]);
    client.change(&shared, 2, "profile spare { swap = off }\n");
    assert_eq!(client.codes(&shared), ["profile/unused"]);
    client.change(&shared, 3, "");
    assert_eq!(client.codes(&shared), [""; 0]);
    // On the disk it is as it was.
    client.close(&shared);
    client.wait(|marks| marks[&shared].len() == 2);
    // A spec that no longer uses it does not mark it.
    std::fs::remove_file(folder.path().join("two.pik")).expect("it was there");
    client.open(&one, &text);
    assert_eq!(client.codes(&one), [""; 0]);
    client.wait(|marks| marks[&shared].is_empty());
}

#[test]
fn a_file_that_vanishes_takes_its_marks_with_it() {
    let folder = Folder::new(&[("a/bad.pik", "cluster x { nonsense = 1 }\n")]);
    let mut client = Client::new(folder.path());
    let bad = uri(&folder.path().join("a/bad.pik"));
    client.wait(|marks| marks.get(&bad).is_some_and(|list| !list.is_empty()));
    std::fs::remove_file(folder.path().join("a/bad.pik")).expect("it was there");
    let changes = json!([{"uri": bad, "type": 3}]);
    client.notify(
        "workspace/didChangeWatchedFiles",
        json!({"changes": changes}),
    );
    client.wait(|marks| marks[&bad].is_empty());
    folder.text("a/bad.pik", "cluster y { nonsense = 1 }\n");
    client.notify(
        "workspace/didChangeWatchedFiles",
        json!({"changes": [{"uri": bad, "type": 1}]}),
    );
    client.wait(|marks| !marks[&bad].is_empty());
    // And so does a folder that is closed.
    let gone = json!({"added": [], "removed": [{"uri": uri(folder.path()), "name": "w"}]});
    client.notify(
        "workspace/didChangeWorkspaceFolders",
        json!({"event": gone}),
    );
    client.wait(|marks| marks[&bad].is_empty());
}

#[test]
fn a_spec_reads_below_its_folder_only_whatever_is_open() {
    let text = sound();
    let folder = Folder::new(&[("in/cluster.pik", "")]);
    let mut client = Client::new(folder.path());
    let spec = uri(&folder.path().join("in/cluster.pik"));
    let outside = uri(&folder.path().join("outside.pik"));
    let beside = uri(&folder.path().join("in/new.pik"));
    client.open(&outside, "profile spare {}\n");
    client.open(&beside, "profile spare {}\n");
    client.open(&spec, &format!("use = [\"../outside.pik\"]\n{text}"));
    assert_eq!(client.codes(&spec), ["use/unreadable"]);
    // A file that is open and was never saved can be used.
    client.change(&spec, 2, &format!("use = [\"new.pik\"]\n{text}"));
    assert_eq!(client.codes(&spec), [""; 0]);
    assert_eq!(client.codes(&beside), ["profile/unused"]);
    // Another root allows more.
    let root = folder.path().to_str().expect("UTF-8");
    let settings = json!({"settings": {"pikc": {"root": root}}});
    client.notify("workspace/didChangeConfiguration", settings);
    client.change(&spec, 3, &format!("use = [\"../outside.pik\"]\n{text}"));
    assert_eq!(client.codes(&spec), [""; 0]);
}

#[test]
fn a_circle_and_a_file_alone_are_analysed_once() {
    let text = sound();
    let folder = Folder::new(&[]);
    let mut client = Client::new(folder.path());
    let [a, b, lone] = ["a.pik", "b.pik", "lone.pik"].map(|name| uri(&folder.path().join(name)));
    client.open(&a, &format!("use = [\"b.pik\"]\n{text}"));
    client.open(&b, "use = [\"a.pik\"]\n");
    client.open(&lone, "profile spare {}\n");
    assert_eq!(client.codes(&a), [""; 0]);
    assert_eq!(client.codes(&b), ["use/cycle"]);
    assert!(client.codes(&lone).contains(&"spec/no-cluster".to_owned()));
    client.open("untitled:Untitled-1", &text);
    assert_eq!(client.codes("untitled:Untitled-1"), [""; 0]);
}

#[test]
fn marks_can_be_asked_for() {
    let folder = Folder::new(&[("disk.pik", "cluster x { nonsense = 1 }\n")]);
    let capabilities = json!({
        "textDocument": {"diagnostic": {}},
        "workspace": {"diagnostics": {"refreshSupport": true}},
    });
    let mut client = Client::with(folder.path(), capabilities, json!({}));
    let spec = uri(&folder.path().join("cluster.pik"));
    client.open(&spec, "x");
    let ask = |client: &mut Client, before: Value| {
        let params = json!({"textDocument": {"uri": spec}, "previousResultId": before});
        client
            .request("textDocument/diagnostic", params)
            .expect("marks")
    };
    let first = ask(&mut client, Value::Null);
    assert_eq!(first["kind"], "full");
    assert!(!first["items"].as_array().expect("a list").is_empty());
    let again = ask(&mut client, first["resultId"].clone());
    assert_eq!(again["kind"], "unchanged");
    client.change(&spec, 2, &sound());
    let fixed = ask(&mut client, first["resultId"].clone());
    assert_eq!(fixed["items"], json!([]));
    // Nothing was sent unasked, but that there is news about the file on the disk.
    assert!(client.marks.is_empty());
    while !client
        .told
        .iter()
        .any(|one| one["method"] == "workspace/diagnostic/refresh")
    {
        let next = client.next();
        client.told.push(next);
    }
    let all = client.request("workspace/diagnostic", json!({"previousResultIds": []}));
    let all = all.expect("marks")["items"].take();
    let of = |name: &str| {
        let address = uri(&folder.path().join(name));
        let found = all
            .as_array()
            .expect("a list")
            .iter()
            .find(|one| one["uri"] == address);
        found.expect("a report").clone()
    };
    assert_eq!(of("cluster.pik")["version"], 2);
    assert!(
        !of("disk.pik")["items"]
            .as_array()
            .expect("a list")
            .is_empty()
    );
}
