//! What people read: the manifest, diffs, refusals.

use camino::Utf8Path;

use super::fixture::{Temp, grown, home, input, touched, tree};
use crate::output::*;

#[test]
fn the_refusal_reads_well() {
    let temp = Temp::new();
    temp.write(&home()).unwrap();
    temp.put("README.md", "edited");
    temp.put("nodes/n2/kubeadm.yaml", "mine");
    let error = temp.write(&grown()).unwrap_err().to_string();
    assert_eq!(
        error.replace(temp.above.as_str(), "T"),
        "2 paths in T/out are not as pikc left them; nothing was changed:
  nodes/n2/kubeadm.yaml: a file that pikc did not write
  README.md: edited since pikc wrote it
move what pikc did not write away, or name another output folder with -o; --force overwrites only what was edited"
    );
}

#[test]
fn the_manifest_reads_well_and_comes_back() {
    let temp = Temp::new();
    let rendered = tree(&[
        ("c/run.sh", "#!\n"),
        ("c/s/1.sh", "#!\n"),
        ("n/steps", "-> ../c/s"),
    ]);
    let input = ManifestInput {
        fixed: [("pods".to_owned(), "10.244.0.0/16".to_owned())].into(),
        settings: Settings {
            cluster: [("network / pods".to_owned(), "10.244.0.0/16".to_owned())].into(),
            nodes: [(
                "swap".to_owned(),
                [("on".to_owned(), "n1..n3".to_owned())].into(),
            )]
            .into(),
        },
        outside: vec![OutsideAddress {
            url: "https://pkgs.k8s.io/".into(),
            why: "Kubernetes packages".into(),
            used_by: vec!["steps/50".into()],
        }],
        ..input()
    };
    write(&temp.out, &rendered, &input, &WriteOptions::default()).unwrap();
    let text = temp
        .text(MANIFEST)
        .replace(env!("CARGO_PKG_VERSION"), "VERSION");
    assert_eq!(
        text,
        r##"{
  "format": 1,
  "pikc": "VERSION",
  "spec-sha256": "00ff",
  "versions": {
    "kubernetes": "1.36.4"
  },
  "fixed": {
    "pods": "10.244.0.0/16"
  },
  "settings": {
    "cluster": {
      "network / pods": "10.244.0.0/16"
    },
    "nodes": {
      "swap": {
        "on": "n1..n3"
      }
    }
  },
  "outside": [
    {"url":"https://pkgs.k8s.io/","why":"Kubernetes packages","used-by":["steps/50"]}
  ],
  "flat": {
    "c/s": [
      "c/s/1.sh"
    ]
  },
  "files": [
    {"path":"c/run.sh","kind":"file","mode":"0755","size":3,"sha256":"26a66825c1fc56bd2ed71a51d320cd8be68af137ff91b978b66695af5666f560"},
    {"path":"c/s/1.sh","kind":"file","mode":"0755","size":3,"sha256":"26a66825c1fc56bd2ed71a51d320cd8be68af137ff91b978b66695af5666f560"},
    {"path":"n/steps","kind":"link","target":"../c/s"}
  ]
}
"##
    );
    let back = read_manifest(&temp.out).unwrap().unwrap();
    assert_eq!(back.versions, input.versions);
    assert_eq!(back.fixed, input.fixed);
    assert_eq!(back.settings, Some(input.settings));
    assert_eq!(back.outside, input.outside);
    let flat = back.flat(Utf8Path::new("n"));
    assert_eq!(
        flat,
        [FlatFile {
            path: "steps/1.sh".into(),
            source: "c/s/1.sh".into()
        }]
    );
    assert!(read_manifest(&temp.above).unwrap().is_none());
}

#[test]
fn a_diff_shows_what_a_write_would_do_but_no_secret() {
    let temp = Temp::new();
    temp.write(&home()).unwrap();
    let mut next = grown().entries().clone();
    next.extend(
        tree(&[("nodes/n2/files/key", "!other\n")])
            .entries()
            .clone(),
    );
    let next = crate::render::Rendered::new(next);
    temp.put("classes/worker/lib.sh", "edited\n");
    let before = touched(&temp.above);
    let found = diff(&temp.out, &next, &input(), None).unwrap();
    assert_eq!(touched(&temp.above), before);
    assert_eq!(found.edited, ["classes/worker/lib.sh"]);
    let text = found.to_string();
    assert!(!text.contains("psk") && !text.contains("other"), "{text}");
    assert!(
        text.starts_with(
            "--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-read me\n+read me again\n\
         --- a/classes/worker/lib.sh\n+++ b/classes/worker/lib.sh\n@@ -1 +1 @@\n-edited\n+lib\n\
         removed, holds a secret, not shown: nodes/n1/files/etc/wifi\n\
         --- a/nodes/n1/kubeadm.yaml\n+++ /dev/null\n@@ -1 +0,0 @@\n-n1\n\
         link to ../../classes/worker/run.sh, removed: nodes/n1/run.sh\n\
         link to ../../classes/worker/steps, removed: nodes/n1/steps\n\
         new, holds a secret, not shown: nodes/n2/files/key\n\
         --- /dev/null\n+++ b/nodes/n2/kubeadm.yaml\n@@ -0,0 +1 @@\n+n2\n\
         link to ../../classes/worker/run.sh: nodes/n2/run.sh\n\
         --- a/pikc.json\n+++ b/pikc.json\n"
        ),
        "{text}"
    );
    assert!(
        diff(&temp.out, &home(), &input(), None)
            .unwrap()
            .files
            .len()
            == 1
    );
}

#[test]
fn a_diff_against_no_folder_shows_everything_as_new() {
    let temp = Temp::new();
    let found = diff(&temp.out, &home(), &input(), None).unwrap();
    assert!(!temp.out.exists());
    assert_eq!(found.files.len(), 9);
    assert!(
        found
            .files
            .iter()
            .all(|file| file.step == ChangeKind::Created)
    );
    assert!(!found.to_string().contains("psk"));
}

#[test]
fn what_held_a_secret_stays_hidden_even_if_its_mode_was_lost() {
    use std::os::unix::fs::PermissionsExt as _;
    let temp = Temp::new();
    temp.write(&home()).unwrap();
    let wifi = temp.out.join("nodes/n1/files/etc/wifi");
    std::fs::set_permissions(wifi, std::fs::Permissions::from_mode(0o644)).unwrap();
    let found = diff(&temp.out, &grown(), &input(), None).unwrap();
    assert!(!found.to_string().contains("psk"));
}
