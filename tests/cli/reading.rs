//! What pikc reads and what it refuses: special files, files outside the folder, links, sizes, odd names.

use std::time::{Duration, Instant};

use super::GOOD;
use crate::support::predicates_lite::{has, lacks};
use crate::support::{Folder, Run, pikc};

/// Runs pikc, which must not take long, whatever it is given to read.
fn at_once(folder: &Folder, arguments: &[&str]) -> Run {
    let start = Instant::now();
    let run = pikc(folder, arguments);
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{arguments:?} took {:?}",
        start.elapsed()
    );
    lacks(&run.err, "panicked");
    run
}

/// A Wi-Fi cluster: it has a secret, a control plane and a card.
fn home(folder: &Folder) {
    let run = pikc(folder, &["init", "."]);
    assert_eq!(run.status, 0, "{run:?}");
}

#[test]
fn a_pipe_and_a_device_are_refused_at_once_wherever_a_file_is_read() {
    let folder = Folder::new(&[("good.pik", GOOD)]);
    home(&folder);
    let made = folder.shell(
        "mkdir tree tree2 lib lib2 boot vendored && mkfifo fifo.pik tree/pikc.json lib/x.pik boot/config.txt && \
         ln -s /dev/zero tree2/pikc.json && ln -s /dev/zero lib2/x.pik && ln -s /dev/zero zero.pik && ln -s /dev/zero zero",
    );
    assert_eq!(made.status, 0, "{made:?}");
    folder.text("uses.pik", &format!("use = [\"fifo.pik\"]\n{GOOD}"));
    folder.text("uses-zero.pik", &format!("use = [\"zero.pik\"]\n{GOOD}"));
    let cni = GOOD.replace(
        "cni flannel { backend = vxlan }",
        "cni flannel { manifest = \"fifo.yaml\" }",
    );
    assert_ne!(cni, GOOD);
    folder.text("brings.pik", &cni);
    folder.shell("mkfifo fifo.yaml");
    let secrets = &["compile", "cluster.pik", "-o", "out", "--secrets"];
    let with = |more: &[&'static str]| -> Vec<&'static str> { [secrets, more].concat() };
    let cases: &[(Vec<&str>, i32, &str)] = &[
        (
            vec!["check", "fifo.pik"],
            3,
            "it is a named pipe, not a regular file",
        ),
        (
            vec!["check", "zero"],
            3,
            "it is a device, not a regular file",
        ),
        (
            vec!["check", "zero.pik"],
            3,
            "it is a device, not a regular file",
        ),
        (
            vec!["check", "--kubeadm", "fifo.pik"],
            3,
            "it is a named pipe",
        ),
        (vec!["check", "--manifest", "zero"], 3, "it is a device"),
        (
            vec!["check", "good.pik", "--stdlib", "lib"],
            3,
            "it is a named pipe",
        ),
        (
            vec!["check", "good.pik", "--stdlib", "lib2"],
            3,
            "it is a device",
        ),
        (
            vec!["stdlib", "list", "--stdlib", "lib"],
            3,
            "it is a named pipe",
        ),
        (vec!["check", "uses.pik"], 1, "it is a named pipe"),
        (vec!["check", "uses-zero.pik"], 1, "it is not below"),
        (vec!["check", "brings.pik"], 1, "it is a named pipe"),
        (with(&["zero"]), 3, "it is a device"),
        (with(&["fifo.pik"]), 3, "it is a named pipe"),
        (
            vec!["compile", "good.pik", "-o", "tree"],
            3,
            "it is a named pipe",
        ),
        (
            vec!["diff", "good.pik", "-o", "tree"],
            3,
            "it is a named pipe",
        ),
        (
            vec!["compile", "good.pik", "-o", "tree2"],
            3,
            "it is a link",
        ),
        (vec!["diff", "good.pik", "-o", "tree2"], 3, "it is a link"),
        (vec!["why", "fifo.pik:1"], 3, "it is a named pipe"),
        (vec!["why", "/dev/zero:1"], 3, "it is a device"),
    ];
    for (line, status, words) in cases {
        let run = at_once(&folder, line);
        assert_eq!(run.status, *status, "{line:?}: {run:?}");
        has(&run.err, words);
    }
    let secret = &[("PIKC_SECRET_WIFI", "correct horse battery")];
    let run = folder.run(
        &["card", "cluster.pik", "node01", "--boot", "boot"],
        secret,
        "",
    );
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "config.txt");
}

#[test]
fn a_pipe_that_the_caller_opened_is_read() {
    let folder = Folder::new(&[("good.pik", GOOD)]);
    home(&folder);
    let pikc = crate::support::PIKC;
    let run = folder.shell(&format!(
        "{pikc} compile cluster.pik -o out --secrets <(sleep 0.2; echo wifi=correct horse battery) --require-secrets"
    ));
    assert_eq!(run.status, 0, "{run:?}");
    let run = folder.shell(&format!("{pikc} check <(cat good.pik)"));
    assert_eq!(run.status, 0, "{run:?}");
}

#[test]
fn a_file_larger_than_any_of_its_kind_is_refused() {
    let folder = Folder::new(&[("good.pik", GOOD)]);
    home(&folder);
    folder.shell(
        "truncate -s 1T big.pik; truncate -s 2M secrets; chmod 600 secrets; mkdir lib tree; truncate -s 5M lib/x; truncate -s 1T tree/pikc.json",
    );
    for (line, words) in [
        (vec!["check", "big.pik"], "it has more than 16 MiB"),
        (
            vec!["compile", "cluster.pik", "-o", "o", "--secrets", "secrets"],
            "it has more than 1 MiB",
        ),
        (
            vec!["check", "good.pik", "--stdlib", "lib"],
            "it has more than 4 MiB",
        ),
        (
            vec!["compile", "good.pik", "-o", "tree"],
            "it has more than 256 MiB",
        ),
    ] {
        let run = at_once(&folder, &line);
        assert_eq!(run.status, 3, "{line:?}: {run:?}");
        has(&run.err, words);
    }
    let pikc = crate::support::PIKC;
    for line in ["check -", "init new --template addresses"] {
        let run = folder.shell(&format!("{pikc} {line} < /dev/zero"));
        assert_eq!(run.status, 3, "{run:?}");
        has(&run.err, "standard input cannot be read: it has more than");
    }
}

#[test]
fn a_spec_cannot_use_files_outside_its_folder() {
    let folder = Folder::new(&[
        ("outside.pik", "profile TOPSECRET { }\nTOPSECRET = = 1\n"),
        ("spec/.env", "TOPSECRET = = 1\n"),
        ("spec/inside.pik", "profile spare { swap = off }\n"),
        ("spec/deep/below.pik", "use = [\"../inside.pik\"]\n"),
    ]);
    let outside = folder.path().join("outside.pik");
    let outside = outside.to_str().expect("UTF-8");
    folder.shell(
        "cd spec && ln -s ../outside.pik link.pik && ln -s .env env.pik && ln -s nowhere.pik lost.pik && ln -s .. up && ln -s inside.pik good.pik && ln -s /proc/self/environ environ.pik",
    );
    for (used, words) in [
        ("../outside.pik", "it is not below"),
        (outside, "it is not below"),
        ("/etc/no-such-file.pik", "it is not below"),
        ("link.pik", "it is not below"),
        ("up/outside.pik", "it is not below"),
        ("deep/../../outside.pik", "it is not below"),
        ("lost.pik", "it is not below"),
        ("environ.pik", "it is not below"),
        ("env.pik", "it is a link to a file of another kind"),
        (".env", "not named like a spec"),
        ("/proc/self/environ", "not named like a spec"),
        ("/etc/shadow", "not named like a spec"),
        ("missing.pik", "there is no such file"),
    ] {
        folder.text("spec/cluster.pik", &format!("use = [\"{used}\"]\n{GOOD}"));
        for format in ["human", "json", "sarif", "github", "gitlab"] {
            let line = ["check", "spec/cluster.pik", "--format", format];
            let run = folder.run(&line, &[("TOPSECRET", "in the environment")], "");
            assert_eq!(run.status, 1, "{used}: {run:?}");
            has(&format!("{}{}", run.err, run.out), words);
            lacks(&run.err, "TOPSECRET");
            lacks(&run.out, "TOPSECRET");
        }
    }
    for good in [
        "inside.pik",
        "good.pik",
        "deep/below.pik",
        "./deep/../inside.pik",
    ] {
        folder.text("spec/cluster.pik", &format!("use = [\"{good}\"]\n{GOOD}"));
        let run = pikc(&folder, &["check", "spec/cluster.pik"]);
        assert_eq!(run.status, 0, "{good}: {run:?}");
        has(&run.err, "profile/unused");
    }
    // The command line can allow it.
    folder.text(
        "spec/cluster.pik",
        &format!("use = [\"../outside.pik\"]\n{GOOD}"),
    );
    let run = pikc(&folder, &["check", "spec/cluster.pik", "--root", "."]);
    has(&run.err, "outside.pik:");
    let run = pikc(&folder, &["check", "spec/cluster.pik", "--root", "nowhere"]);
    assert_eq!(run.status, 2, "{run:?}");
    // Standard input counts as a file of the folder in which pikc was started.
    let text = format!("use = [\"../x.pik\"]\n{GOOD}");
    let run = folder.run(&["check", "-"], &[], &text);
    has(&run.err, "it is not below");
}

#[test]
fn manifests_and_copies_of_upstream_files_are_not_read_outside_either() {
    let folder = Folder::new(&[
        ("outside.yaml", "TOPSECRET: [\n"),
        ("copies/network.yaml", "TOPSECRET\n"),
    ]);
    for cni in [
        "cni flannel { manifest = \"../outside.yaml\" }",
        "cni flannel { manifest = \"/proc/self/environ\" }",
        "cni canal { upstream = \"../copies\" }",
    ] {
        folder.text(
            "spec/cluster.pik",
            &GOOD.replace("cni flannel { backend = vxlan }", cni),
        );
        let run = pikc(&folder, &["check", "spec/cluster.pik"]);
        assert_eq!(run.status, 1, "{cni}: {run:?}");
        has(&run.err, "not below");
        lacks(&run.err, "TOPSECRET");
    }
}

#[test]
fn a_spec_that_a_wildcard_matched_is_not_a_link_to_something_else() {
    let folder = Folder::new(&[("real.pik", GOOD)]);
    folder.shell("ln -s /proc/self/environ evil.pik; ln -s real.pik same.pik");
    let run = folder.run(
        &["check", "evil.pik"],
        &[("TOPSECRET", "in the environment")],
        "",
    );
    assert_eq!(run.status, 3, "{run:?}");
    lacks(&run.err, "TOPSECRET");
    let run = pikc(&folder, &["check", "same.pik"]);
    assert_eq!(run.status, 0, "{run:?}");
}

#[test]
fn fix_writes_only_the_named_files_unless_told_otherwise() {
    let part = "profile spare { swap = off, swap = off }\nprofile x { profile = spare }\n";
    let spec = format!("use = [\"part.pik\"]\n{GOOD}");
    let folder = Folder::new(&[("part.pik", part), ("cluster.pik", &spec)]);
    let run = pikc(&folder, &["check", "--fix", "cluster.pik"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert_eq!(folder.read("part.pik"), part);
    has(&run.err, "spec/duplicate-setting");
    let run = pikc(&folder, &["check", "--fix-used", "cluster.pik"]);
    assert_eq!(run.status, 2, "{run:?}");
    let run = pikc(&folder, &["check", "--fix", "cluster.pik", "./part.pik"]);
    lacks(&run.err, "spec/duplicate-setting");
    assert_ne!(folder.read("part.pik"), part);
    folder.text("part.pik", part);
    let run = pikc(&folder, &["check", "--fix", "--fix-used", "cluster.pik"]);
    lacks(&run.err, "spec/duplicate-setting");
    assert_ne!(folder.read("part.pik"), part);
}

#[test]
fn a_secrets_file_from_another_system_is_read_as_intended() {
    let folder = Folder::new(&[]);
    home(&folder);
    for (name, bytes) in [
        ("bom", "\u{feff}wifi=correct horse battery\n"),
        ("crlf", "\u{feff}# mine\r\nwifi=correct horse battery\r\n"),
        ("json", "\u{feff}{\"wifi\": \"correct horse battery\"}\r\n"),
        ("plain", "wifi=correct horse battery"),
    ] {
        folder.bytes(name, bytes.as_bytes());
        folder.shell(&format!("chmod 600 {name}"));
        let out = format!("out-{name}");
        let line = [
            "compile",
            "cluster.pik",
            "-o",
            &out,
            "--secrets",
            name,
            "--require-secrets",
        ];
        let run = pikc(&folder, &line);
        assert_eq!(run.status, 0, "{name}: {run:?}");
    }
    let same = folder.shell(
        "diff -r out-bom out-plain && diff -r out-crlf out-plain && diff -r out-json out-plain",
    );
    assert_eq!(same.status, 0, "{same:?}");
}

#[test]
fn profiles_that_name_profiles_twice_take_linear_time() {
    let mut text = String::from("profile p0 { swap = off }\n");
    for level in 1..=60 {
        let below = level - 1;
        text.push_str(&format!(
            "profile p{level} {{ profile = [p{below}, p{below}] }}\n"
        ));
    }
    let chain: String = (0..10_000)
        .map(|at| format!("profile c{at} {{ profile = c{} }}\n", at + 1))
        .collect();
    let node = "node extra { profile = [p60, c0], role = worker, os = debian-13, board = generic-amd64, address = 192.168.11.77 }";
    let spec = format!("{GOOD}\n{text}{chain}profile c10000 {{ swap = off }}\n{node}\n");
    let folder = Folder::new(&[("cluster.pik", &spec)]);
    let run = at_once(&folder, &["check", "cluster.pik"]);
    assert!(run.status == 0 || run.status == 1, "{run:?}");
    lacks(&run.err, "profile/");
}

/// A checkout of unknown origin can hold links: no report quotes the target of a link to another kind of file.
#[test]
fn a_link_that_is_named_like_something_else_is_not_followed() {
    let folder = Folder::new(&[
        ("private", "hunter2: [\nhunter3\n"),
        ("kept.yaml", "kind: ConfigMap\n"),
    ]);
    folder.shell(
        "ln -s private a.yaml; ln -s private b; ln -s private c.pik; ln -s kept.yaml fine.yaml",
    );
    for line in [
        &["check", "--kubeadm", "a.yaml"][..],
        &["check", "--manifest", "a.yaml"],
        &["check", "--kubeadm", "b"],
        &["check", "b"],
        &["check", "c.pik"],
    ] {
        let run = folder.run(line, &[], "");
        assert_eq!(run.status, 3, "{line:?}: {run:?}");
        has(&run.err, "it is a link to a file of another kind");
        assert!(!run.err.contains("hunter"), "{run:?}");
    }
    let run = folder.run(&["check", "--manifest", "fine.yaml"], &[], "");
    assert_ne!(run.status, 3, "{run:?}");
}
