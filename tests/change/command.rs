//! `pikc diff` as a command: its text, its counts, its JSON, how it ends, and what it never shows.

use serde_json::Value as Json;

use crate::support::Folder;
use crate::support::predicates_lite::{has, lacks};

const SECRET: (&str, &str) = ("PIKC_SECRET_WIFI", "correct-horse-4711");

const DIFF: &[&str] = &["diff", "cluster.pik", "-o", "out"];

fn spec() -> String {
    std::fs::read_to_string("examples/home-pi/cluster.pik").expect("the example")
}

/// A folder with the example compiled to `out`, and then another spec.
fn folder(change: impl Fn(String) -> String) -> Folder {
    let folder = Folder::new(&[]);
    folder.text("cluster.pik", &spec());
    let run = folder.run(&["compile", "cluster.pik", "-o", "out"], &[SECRET], "");
    assert_eq!(run.status, 0, "{}", run.err);
    let other = change(spec());
    folder.text("cluster.pik", &other);
    folder
}

/// The output of a diff with these arguments in addition, and how it ended.
fn diff(folder: &Folder, more: &[&str]) -> (String, i32) {
    let arguments: Vec<&str> = DIFF.iter().chain(more).copied().collect();
    let run = folder.run(&arguments, &[SECRET], "");
    (run.out, run.status)
}

fn json(folder: &Folder) -> Json {
    let (out, status) = diff(folder, &["--format", "json"]);
    assert_eq!(status, 0);
    let found: Json = serde_json::from_str(&out).expect("JSON");
    let schema: Json =
        serde_json::from_str(include_str!("../../docs/diff.schema.json")).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let wrong: Vec<String> = validator
        .iter_errors(&found)
        .map(|error| error.to_string())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    found
}

/// The names of the consequences, in order.
fn consequences(found: &Json) -> Vec<&str> {
    let groups = found["groups"].as_array().expect("groups");
    let names = groups
        .iter()
        .map(|group| group["consequence"]["name"].as_str());
    names.map(|name| name.expect("a name")).collect()
}

#[test]
fn the_same_change_on_several_machines_is_shown_once() {
    let folder = folder(|spec| spec.replacen("  swap    = on", "  swap    = limited", 1));
    let (out, status) = diff(&folder, &[]);
    assert_eq!(status, 0);
    has(
        &out,
        "reboot: the machine may reboot\n  on 3 machines: node02..node04\n",
    );
    has(&out, "  swap: on → limited  (cluster.pik:45)\n");
    has(
        &out,
        "service: the kubelet restarts\n  on 3 machines: node02..node04\n",
    );
    assert_eq!(
        out.matches("patches/kubeletconfiguration+merge.yaml")
            .count(),
        1,
        "{out}"
    );
    // Nothing of the steps that only begin with another comment.
    lacks(&out, "drain:");
    let found = json(&folder);
    assert_eq!(found["worst"], "reboot");
    assert_eq!(consequences(&found)[..2], ["swap", "kubelet"]);
    let (stat, _) = diff(&folder, &["--stat"]);
    has(&stat, "reboot       3 machines");
    assert_eq!(
        stat.lines().count(),
        consequences(&found).len() + 1,
        "{stat}"
    );
}

#[test]
fn yaml_is_shown_by_field() {
    let folder = folder(|spec| spec.replace("10.96.0.0/12", "10.112.0.0/12"));
    let (out, _) = diff(&folder, &[]);
    has(&out, "cluster: impossible in a cluster that runs\n");
    has(
        &out,
        "ClusterConfiguration: networking.serviceSubnet 10.96.0.0/12 → 10.112.0.0/12\n",
    );
    let (unified, _) = diff(&folder, &["--unified"]);
    has(
        &unified,
        "--- a/nodes/node01/kubeadm.yaml\n+++ b/nodes/node01/kubeadm.yaml\n",
    );
    has(
        &unified,
        "-  serviceSubnet: 10.96.0.0/12\n+  serviceSubnet: 10.112.0.0/12\n",
    );
}

#[test]
fn machines_that_come_and_go_are_groups_of_their_own() {
    let more = |spec: String| {
        let spec = spec.replace("node[02-04]", "node[02-05]");
        spec.replace("192.168.11.204 ", "192.168.11.205 ")
    };
    let added = folder(more);
    let (out, _) = diff(&added, &[]);
    has(
        &out,
        "nothing: a machine joins; the others go on\n  on node05\n",
    );
    // What the others get is not the change of an address.
    lacks(&out, "leaves the cluster and joins again");
    let found = json(&added);
    assert_eq!(found["worst"], "next-run");

    let fewer = |spec: String| {
        let spec = spec.replace("node[02-04]", "node[02-03]");
        spec.replace("192.168.11.204 ", "192.168.11.203 ")
    };
    let (out, _) = diff(&folder(fewer), &[]);
    has(&out, "drain: a machine leaves the cluster\n  on node04\n");
    has(&out, "kubectl drain NODE");
}

#[test]
fn an_address_means_another_thing_on_a_control_plane() {
    let moved = folder(|spec| spec.replace("192.168.11.201", "192.168.11.209"));
    let (out, _) = diff(&moved, &[]);
    has(
        &out,
        "cluster: impossible in a cluster that runs: the address of its control plane\n  on node01\n",
    );
    let worker = folder(|spec| {
        let spec = spec.replace(
            "192.168.11.202..192.168.11.204",
            "192.168.11.212..192.168.11.214",
        );
        assert!(spec.contains("192.168.11.214"));
        spec
    });
    let (out, _) = diff(&worker, &[]);
    has(
        &out,
        "node: the machine leaves the cluster and joins again\n  on 3 machines: node02..node04\n",
    );
    has(
        &out,
        "  address: 192.168.11.203 → 192.168.11.213  on node03",
    );
}

#[test]
fn it_ends_like_diff_if_asked() {
    let same = folder(|spec| spec);
    let (out, status) = diff(&same, &["--exit-code"]);
    assert_eq!((out.as_str(), status), ("nothing would change in out\n", 0));
    assert_eq!(json(&same)["worst"], Json::Null);
    let other = folder(|spec| spec.replace("swap    = on", "swap    = off"));
    assert_eq!(diff(&other, &["--exit-code"]).1, 1);
    assert_eq!(diff(&other, &["--exit-code", "--unified"]).1, 1);
    assert_eq!(diff(&other, &[]).1, 0);
    let broken = folder(|spec| spec.replace("swap    = on", "swap    = perhaps"));
    assert_eq!(diff(&broken, &["--exit-code"]).1, 2);
    assert_eq!(diff(&broken, &[]).1, 1);
    let odd = folder(|spec| spec);
    odd.text("out/pikc.json", "{");
    assert_eq!(diff(&odd, &["--exit-code"]).1, 2);
    assert_eq!(diff(&odd, &[]).1, 3);
    // A reader that does not know the options is told so.
    assert_eq!(diff(&same, &["--stat", "--unified"]).1, 2);
}

#[test]
fn a_tree_without_a_list_or_of_another_cluster_is_no_surprise() {
    let fresh = Folder::new(&[]);
    fresh.text("cluster.pik", &spec());
    let (out, status) = diff(&fresh, &["--exit-code"]);
    assert_eq!(status, 1);
    has(
        &out,
        "nothing: a machine joins; the others go on\n  on 4 machines: node01..node04\n",
    );
    let found = json(&fresh);
    assert_eq!(consequences(&found), ["machine-added"]);
    assert_eq!(found["settings-known"], false);

    // Without its list nothing in the folder is ours.
    let lost = folder(|spec| spec.replace("swap    = on", "swap    = off"));
    std::fs::remove_file(lost.path().join("out/pikc.json")).expect("the list");
    let run = lost.run(DIFF, &[SECRET], "");
    assert_eq!(run.status, 0);
    has(&run.err, "that pikc did not write; compile would refuse");

    let other = folder(|spec| {
        let spec = spec.replace("cluster home", "cluster away");
        spec.replace("node node01", "node away01")
            .replace("node[02-04]", "far[02-04]")
    });
    let (out, _) = diff(&other, &[]);
    has(&out, "cluster: home → away");
    has(&out, "  on 4 machines: node01..node04\n");
    has(&out, "away01");
    json(&other);

    // One that an earlier version wrote does not say what was set.
    let early = folder(|spec| spec.replace("swap    = on", "swap    = off"));
    let text = early.read("out/pikc.json");
    let (head, rest) = text.split_once("  \"settings\": {\n").expect("settings");
    let (_, rest) = rest.split_once("\n  },\n").expect("their end");
    early.text("out/pikc.json", &format!("{head}{rest}"));
    let (out, _) = diff(&early, &[]);
    has(&out, "only files are compared");
    has(&out, "etc/rpi/swap.conf.d/90-pikc.conf");
    assert_eq!(json(&early)["settings-known"], false);
}

#[test]
fn an_edited_file_and_odd_settings_are_no_surprise() {
    let edited = folder(|spec| spec.replace("swap    = on", "swap    = off"));
    let path = "out/nodes/node02/kubeadm.yaml";
    let odd = "kind: \u{202e}A\nmetadata: {name: \"x\\e[31m\"}\n";
    edited.text(path, odd);
    let run = edited.run(DIFF, &[SECRET], "");
    has(
        &run.err,
        "nodes/node02/kubeadm.yaml: edited since pikc wrote it",
    );
    assert!(!run.out.contains(['\u{202e}', '\u{1b}']), "{}", run.out);
    json(&edited);
    for text in ["[[[[[[", "a: *b\n", "\u{0}", ""] {
        edited.text(path, text);
        assert_eq!(edited.run(DIFF, &[SECRET], "").status, 0, "{text}");
        json(&edited);
    }
    // Settings that no schema has, names that no spec has, and ranges without end.
    let list = edited.read("out/pikc.json");
    for (old, new) in [
        ("\"swap\": {", "\"no / such {} / thing\": {"),
        ("\"swap\": {", "\"\": {"),
        ("\"node02..node04\"", "\"node02..node99999999999\""),
        (
            "\"kubernetes\": \"1.36\"",
            "\"kuber\\u001b[31mnetes\": \"\\u202e\"",
        ),
    ] {
        assert!(list.contains(old), "{old}");
        edited.text("out/pikc.json", &list.replace(old, new));
        let run = edited.run(DIFF, &[SECRET], "");
        assert_eq!(run.status, 0, "{}", run.err);
        assert!(!run.out.contains(['\u{202e}', '\u{1b}']), "{}", run.out);
        json(&edited);
    }
}

#[test]
fn no_secret_is_shown() {
    let folder = folder(|spec| spec.replace("ssid = \"home\"", "ssid = \"elsewhere\""));
    // The key that is derived from it is as secret.
    let network = folder.read("out/nodes/node01/files/etc/netplan/90-pikc.yaml");
    let key = network
        .lines()
        .find_map(|line| line.trim().strip_prefix("password: "))
        .expect("a key")
        .trim_matches('"');
    assert_eq!(key.len(), 64);
    for more in [&[][..], &["--unified"], &["--stat"], &["--format", "json"]] {
        let (out, _) = diff(&folder, more);
        lacks(&out, SECRET.1);
        lacks(&out, key);
    }
    let (out, _) = diff(&folder, &[]);
    has(
        &out,
        "etc/netplan/90-pikc.yaml  changed: holds a secret, not shown\n",
    );
    has(&out, "interface wlan0 / wifi / ssid: home → elsewhere");
    lacks(&folder.read("out/pikc.json"), SECRET.1);
}
