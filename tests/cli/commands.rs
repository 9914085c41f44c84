//! `explain`, `show`, `stdlib`, `init`, `completions`, `man`: what they print and refuse.

use super::GOOD;
use crate::support::predicates_lite::{has, lacks};
use crate::support::{Folder, pikc};
use pikc::value::SshKey;

#[test]
fn explain_lists_explains_and_corrects_a_misspelt_code() {
    let folder = Folder::new(&[]);
    let list = pikc(&folder, &["explain"]);
    assert_eq!(list.status, 0);
    has(&list.out, "spec/unknown-block");
    let one = pikc(&folder, &["explain", "spec/constant-twice"]);
    assert_eq!(one.status, 0);
    has(&one.out, "Reported:");
    has(&one.out, "Accepted:");
    has(&one.out, "help: ");
    has(&one.out, "from: ");
    let near = pikc(&folder, &["explain", "spec/constant-twise"]);
    assert_eq!(near.status, 2);
    has(&near.err, "did you mean `spec/constant-twice`?");
    let tail = pikc(&folder, &["explain", "constant-twice"]);
    assert_eq!(tail.status, 2);
    has(&tail.err, "`spec/constant-twice`");
    let data = pikc(&folder, &["explain", "--format", "json"]);
    let data: serde_json::Value = serde_json::from_str(&data.out).expect("JSON");
    let listed = data["codes"].as_array().expect("a list").len();
    assert_eq!(listed, pikc::cli::all_codes().len());
}

#[test]
fn show_names_the_origin_of_each_value_and_no_secret() {
    let folder = Folder::new(&[]);
    let spec = include_str!("home-pi.pik");
    folder.text("cluster.pik", spec);
    let secret = [("PIKC_SECRET_WIFI", "hunter2hunter2")];
    let run = folder.run(&["show", "cluster.pik"], &secret, "");
    assert_eq!(run.status, 0, "{run:?}");
    let line = |word: &str| {
        let found = run
            .out
            .lines()
            .find(|line| line.trim_start().starts_with(word));
        found
            .unwrap_or_else(|| panic!("{word}: {}", run.out))
            .to_owned()
    };
    has(&line("api-port"), "default");
    has(&line("lan "), "cluster.pik:");
    has(&line("os "), "profile pi (cluster.pik:");
    has(&line("passphrase"), "secret:wifi");
    has(&line("(exact version)"), "standard library");
    has(&run.out, "nodes node02, node03, node04");
    lacks(&run.out, "hunter2");
    let run = pikc(&folder, &["show", "cluster.pik", "--format", "json"]);
    let found: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(found["machines"].as_array().map(Vec::len), Some(4));
    let os = &found["nodes"][0]["settings"]["os"];
    assert_eq!(os["value"], "raspios-trixie");
    assert_eq!(os["origin"]["profile"], "pi");
}

/// What waits for what, in the order in which the machines start.
#[test]
fn show_has_the_order_of_all_machines() {
    let several = include_str!("../specs/three-control-planes.pik");
    let single = std::fs::read_to_string("examples/home-pi/cluster.pik").expect("the example");
    let server = "waits for the API server, without a limit;";
    let mut seen = Vec::new();
    for spec in [several, &single] {
        let folder = Folder::new(&[("cluster.pik", spec)]);
        let run = pikc(&folder, &["show", "cluster.pik"]);
        assert_eq!(run.status, 0, "{run:?}");
        let (_, order) = run
            .out
            .split_once("order of the machines")
            .expect("an order");
        let lines: Vec<String> = order.lines().map(|line| line.trim().to_owned()).collect();
        seen.push(lines);
    }
    let at = |lines: &[String], words: [&str; 2]| {
        let found = lines
            .iter()
            .position(|line| words.iter().all(|word| line.contains(word)));
        found.unwrap_or_else(|| panic!("{words:?}: {lines:#?}"))
    };
    let lines = &seen[0];
    at(lines, ["(API server)", "api.home.arpa:6443"]);
    let first = at(lines, ["cp1", "starts the cluster"]);
    let second = at(lines, ["cp2", server]);
    assert!(first < second && second < at(lines, ["cp3", server]));
    assert!(second < at(lines, ["then up to 15 minutes for", "cp1"]));
    let third = at(lines, ["then up to 15 minutes for", "cp2"]);
    assert!(third < at(lines, ["2 workers", server]));
    let lines = &seen[1];
    at(lines, ["(API server)", ":6443"]);
    assert!(at(lines, ["node01", "starts the cluster"]) < at(lines, ["3 workers", server]));
}

#[test]
fn what_is_left_of_each_kind_of_machine_is_shown_once() {
    let spec = std::fs::read_to_string("examples/home-pi/cluster.pik").expect("the example");
    let spec = spec.replace(
        "  swap    = on\n",
        "  swap    = on\n  kubelet { extra-args { system-reserved = \"cpu=100m,memory=0.25Gi\" } }\n",
    );
    let folder = Folder::new(&[("cluster.pik", &spec)]);
    let run = pikc(
        &folder,
        &["show", "--budget", "cluster.pik", "--format", "json"],
    );
    assert_eq!(run.status, 0, "{run:?}");
    let shown: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    let machines = shown["machines"].as_array().expect("a list");
    assert_eq!(machines.len(), 2, "{shown}");
    for machines in machines {
        let parts = machines["taken"].as_array().expect("a list");
        let memory: i64 = parts
            .iter()
            .filter_map(|part| part["memory_mib"].as_i64())
            .sum();
        let all = machines["memory_mib"].as_i64().expect("a number");
        assert_eq!(
            machines["memory_left_mib"].as_i64(),
            Some(all - memory),
            "{machines}"
        );
    }
    let workers = &machines[1];
    assert_eq!(
        workers["names"],
        serde_json::json!(["node02", "node03", "node04"])
    );
    let aside = serde_json::json!({
        "title": "reserved for the kubelet and the system", "memory_mib": 256, "cpu_millicores": 100
    });
    assert!(
        workers["taken"]
            .as_array()
            .is_some_and(|parts| parts.contains(&aside)),
        "{workers}"
    );
    // Settings say the same as arguments, and what is kept free counts as well.
    let settings = spec.replace(
        "extra-args { system-reserved = \"cpu=100m,memory=0.25Gi\" }",
        "reserve { system-cpu = 100m, system-memory = 256MiB }\n evictions { memory = 200MiB }",
    );
    let folder = Folder::new(&[("cluster.pik", &settings)]);
    let run = pikc(
        &folder,
        &["show", "--budget", "cluster.pik", "--format", "json"],
    );
    let shown: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    let free = serde_json::json!({
        "title": "kept free by the kubelet", "memory_mib": 200, "cpu_millicores": 0
    });
    let parts = &shown["machines"][1]["taken"];
    for part in [&aside, &free] {
        assert!(
            parts.as_array().is_some_and(|parts| parts.contains(part)),
            "{shown}"
        );
    }
    // A machine that is too small for all of it is shown, and reported.
    let spec = spec.replace("memory=0.25Gi", "memory=2Gi");
    let folder = Folder::new(&[("cluster.pik", &spec)]);
    let run = pikc(&folder, &["show", "--budget", "cluster.pik"]);
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.out, "more than there is");
    has(&run.err, "kubelet/reserves-all");
}

#[test]
fn the_library_is_listed_and_shown() {
    let folder = Folder::new(&[]);
    let list = pikc(&folder, &["stdlib", "list"]);
    assert_eq!(list.status, 0, "{list:?}");
    for word in [
        "board",
        "  pi-4b-2g ",
        "release",
        "  1.36 ",
        "cni",
        "  flannel",
    ] {
        has(&list.out, word);
    }
    let boards = pikc(&folder, &["stdlib", "list", "board"]);
    lacks(&boards.out, "flannel");
    let one = pikc(&folder, &["stdlib", "show", "pi-4b-2g"]);
    assert_eq!(one.status, 0, "{one:?}");
    for word in [
        "board pi-4b-2g  <stdlib>/boards/",
        "memory",
        "source",
        "checked",
    ] {
        has(&one.out, word);
    }
    let cni = pikc(&folder, &["stdlib", "show", "flannel"]);
    has(&cni.out, "options, in a spec's block");
}

#[test]
fn a_library_folder_extends_the_library() {
    let board = "board wooden {\n  title = \"A wooden board\"\n  family = pi-4\n  hardware = pi\n  \
                 cores = 4\n  memory = 2GiB\n  usable = 1800MiB\n  architecture = arm64\n  \
                 source = [\"made up\"]\n  checked = 2026-11-22\n}\n";
    let folder = Folder::new(&[]);
    folder.text("lib/boards/wooden.pik", board);
    folder.text("cluster.pik", &GOOD.replace("pi-4b-2g", "wooden"));
    let without = pikc(&folder, &["check", "cluster.pik"]);
    assert_eq!(without.status, 1);
    has(&without.err, "there is no board `wooden`");
    let with = pikc(&folder, &["check", "cluster.pik", "--stdlib", "lib"]);
    assert_eq!(with.status, 0, "{with:?}");
    let shown = pikc(&folder, &["stdlib", "show", "wooden", "--stdlib", "lib"]);
    has(&shown.out, "A wooden board");
}

#[test]
fn init_writes_specs_that_check_clean_but_for_the_key_and_never_overwrites() {
    let folder = Folder::new(&[]);
    let clean = |path: &str| {
        let check = pikc(&folder, &["check", path]);
        has(&check.err, "user/placeholder-key");
        assert_eq!(check.err.matches("explain:").count(), 1, "{check:?}");
        let own = "AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop";
        let placeholder = SshKey::PLACEHOLDER.replace("ssh-ed25519 ", "");
        folder.text(path, &folder.read(path).replace(&placeholder, own));
        let check = pikc(&folder, &["check", path, "--deny", "warnings"]);
        assert_eq!(check.status, 0, "{check:?}");
        check
    };
    for template in ["home-pi", "minimal", "single"] {
        let dir = format!("made/{template}");
        let run = pikc(&folder, &["init", &dir, "--template", template]);
        assert_eq!(run.status, 0, "{run:?}");
        let path = format!("{dir}/cluster.pik");
        has(&run.out, &path);
        clean(&path);
        let again = pikc(&folder, &["init", &dir, "--template", "minimal"]);
        assert_eq!(again.status, 3, "{again:?}");
        has(&again.err, "is left as it is");
    }
    let input = "192.168.11.201\n192.168.11.202 anna\n192.168.11.203\n";
    let run = folder.run(&["init", "--template", "addresses"], &[], input);
    assert_eq!(run.status, 0, "{run:?}");
    let check = clean("cluster.pik");
    has(&check.out, "1 control plane, 2 workers");
    let wrong = folder.run(&["init", "x", "--template", "addresses"], &[], "hello\n");
    assert_eq!(wrong.status, 2);
    has(
        &wrong.err,
        "line 1 of standard input: `hello` is not an IPv4 address",
    );
}

#[test]
fn completions_and_manual_pages_are_printed() {
    let folder = Folder::new(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = pikc(&folder, &["completions", shell]);
        assert_eq!(run.status, 0, "{run:?}");
        has(&run.out, "pikc");
    }
    let page = pikc(&folder, &["man"]);
    has(&page.out, ".TH pikc 1");
    let page = pikc(&folder, &["man", "compile"]);
    has(&page.out, "compile");
    has(&page.out, "dry");
}

#[test]
fn help_and_version_go_to_standard_output() {
    let folder = Folder::new(&[]);
    for line in [&["--help"][..], &["--version"], &["compile", "--help"]] {
        let run = pikc(&folder, line);
        assert_eq!(run.status, 0, "{run:?}");
        assert_eq!(run.err, "");
        has(&run.out, "pikc");
    }
}
