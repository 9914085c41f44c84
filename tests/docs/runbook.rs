//! The runbook says what the scripts say: each message that its table of symptoms quotes occurs in a script.

use std::path::Path;

use crate::support::{Folder, pikc};

const SPEC: &str = "examples/home-pi/cluster.pik";

/// The runbook of a spec, compiled into a folder of its own.
fn runbook(spec: &str) -> (Folder, String) {
    let folder = Folder::new(&[]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let spec = root.join(spec);
    let spec = spec.to_str().expect("a plain path");
    let run = pikc(&folder, &["compile", spec, "-o", "out"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let text = folder.read("out/README.md");
    (folder, text)
}

/// All scripts of the library, as one text.
fn scripts() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("stdlib/script");
    let mut text = String::new();
    for entry in std::fs::read_dir(root).expect("stdlib/script") {
        text.push_str(&std::fs::read_to_string(entry.expect("an entry").path()).expect("text"));
    }
    text
}

/// What stands between backquotes in the first cell of each row below a heading.
fn symptoms(runbook: &str) -> Vec<String> {
    let (_, section) = runbook
        .split_once("\n## If something stops\n")
        .expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    section
        .lines()
        .filter(|line| line.starts_with('|'))
        .filter_map(|line| line.split('|').nth(1))
        .filter(|cell| !cell.contains("nothing:"))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_symptom_is_a_message_of_a_script() {
    let (_folder, text) = runbook(SPEC);
    let scripts = scripts();
    let found = symptoms(&text);
    assert!(
        found.len() >= 15,
        "only {} symptoms: {found:?}",
        found.len()
    );
    for message in found {
        assert!(scripts.contains(&message), "no script says: {message}");
    }
}

#[test]
fn what_is_seen_at_the_end_is_what_the_scripts_say() {
    let (_folder, text) = runbook(SPEC);
    let scripts = scripts();
    for message in [
        "control plane ready",
        "worker ready",
        "waits for the join file",
        "pods, DNS and services work on all nodes",
    ] {
        assert!(
            text.contains(&format!("`{message}`")),
            "the runbook: {message}"
        );
        assert!(scripts.contains(message), "a script: {message}");
    }
}

#[test]
fn the_list_of_hosts_has_every_machine_however_many() {
    let (folder, _) = runbook("examples/office/cluster.pik");
    let hosts = folder.read("out/hosts.txt");
    assert_eq!(hosts.lines().count(), 200);
    let workers = hosts.lines().filter(|line| line.ends_with(" worker"));
    assert_eq!(workers.count(), 197);
    assert!(
        hosts.starts_with("cp1 ops@10.1.0.11 control-plane\n"),
        "{hosts}"
    );
}

#[test]
fn one_machine_reads_as_one() {
    let folder = Folder::new(&[(
        "cluster.pik",
        "cluster solo {
          kubernetes = 1.36
          network { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
          runtime containerd {}
          cni flannel {}
        }
        node one {
          os      = debian-13
          board   = generic-amd64
          memory  = 4GiB
          cpus    = 2
          role    = control-plane
          address = 192.168.11.5
          user ops { ssh-keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4AcNkgPqWB1BZ9bmFmCDBj2cGEBsdWx5bTA3eHwR3m ops@desk\"] }
          interface eth0 {}
        }",
    )]);
    let run = pikc(&folder, &["compile", "cluster.pik", "-o", "out"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let text = folder.read("out/README.md");
    assert!(
        text.starts_with("# Cluster solo: one node"),
        "{}",
        &text[..80]
    );
    for words in [
        "join.conf",
        "1 times",
        "the others",
        "no worker",
        "all workers",
    ] {
        let above = text
            .split("## What holds a secret")
            .next()
            .unwrap_or_default();
        assert!(!above.contains(words), "{words}:\n{above}");
    }
}
