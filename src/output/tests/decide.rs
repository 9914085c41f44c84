//! What a write does at each path: create, change, remove, leave, refuse.

use super::fixture::{DRY, FORCE, Temp, fresh, grown, home, lines, refuses, snapshot, touched};
use crate::output::*;

#[test]
fn first_write_makes_everything_with_exact_modes_and_leaves_no_workshop() {
    let temp = Temp::new();
    let report = temp.write(&home()).unwrap();
    assert_eq!(lines(&report).len(), 8);
    assert!(lines(&report).iter().all(|line| line.starts_with('+')));
    let found = snapshot(&temp.out);
    let kind = |path: &str| found[path].0.as_str();
    assert_eq!(kind("README.md"), "file 0644");
    assert_eq!(kind("classes/worker/run.sh"), "file 0755");
    assert_eq!(kind("nodes/n1/files/etc/wifi"), "file 0600");
    assert_eq!(kind("nodes/n1/files/etc"), "folder 0755");
    assert_eq!(
        found["nodes/n1/steps"],
        ("link".into(), "../../classes/worker/steps".into())
    );
    assert!(!found.contains_key(".pikc"));
    assert_eq!(temp.out.read_dir_utf8().unwrap().count(), 4);
}

#[test]
fn second_write_touches_nothing() {
    let temp = Temp::new();
    temp.write(&home()).unwrap();
    let before = touched(&temp.out);
    let report = temp.write(&home()).unwrap();
    assert!(report.changes.is_empty());
    assert_eq!(report.unchanged, 8);
    assert_eq!(touched(&temp.out), before);
}

#[test]
fn a_change_touches_only_what_changed_and_removes_what_is_stale() {
    let temp = Temp::new();
    temp.write(&home()).unwrap();
    let before = touched(&temp.out);
    let report = temp.write(&grown()).unwrap();
    assert_eq!(
        lines(&report),
        [
            "~ README.md",
            "- nodes/n1/files/etc/wifi",
            "- nodes/n1/kubeadm.yaml",
            "- nodes/n1/run.sh",
            "- nodes/n1/steps",
            "+ nodes/n2/kubeadm.yaml",
            "+ nodes/n2/run.sh",
        ]
    );
    assert_eq!(report.unchanged, 3);
    assert_eq!(snapshot(&temp.out), fresh(&grown()));
    let after = touched(&temp.out);
    for path in [
        "classes/worker/lib.sh",
        "classes/worker/run.sh",
        "classes/worker/steps/10-a.sh",
    ] {
        assert_eq!(after[path], before[path], "{path}");
    }
}

#[test]
fn a_dry_run_says_the_same_and_writes_nothing() {
    let temp = Temp::new();
    let dry = temp.write_with(&home(), &DRY).unwrap();
    assert!(!temp.out.exists());
    assert_eq!(dry, temp.write(&home()).unwrap());
    let before = touched(&temp.above);
    let dry = temp.write_with(&grown(), &DRY).unwrap();
    assert_eq!(touched(&temp.above), before);
    assert_eq!(dry, temp.write(&grown()).unwrap());
}

#[test]
fn files_that_pikc_did_not_make_stop_the_write_all_at_once() {
    let temp = Temp::new();
    temp.put("README.md", "mine");
    temp.put("nodes/n1/kubeadm.yaml", "");
    temp.put("other", "not in the way");
    std::fs::create_dir_all(temp.out.join("classes/worker/lib.sh")).unwrap();
    for options in [WriteOptions::default(), FORCE, DRY] {
        refuses(
            &temp,
            &home(),
            &options,
            &[
                "README.md: a file",
                "classes/worker/lib.sh: a folder",
                "nodes/n1/kubeadm.yaml: a file",
            ],
        );
    }
}

#[test]
fn edited_files_stop_the_write_unless_forced() {
    let temp = Temp::new();
    temp.write(&home()).unwrap();
    temp.put("README.md", "edited, longer");
    // Of the same length as what pikc wrote.
    temp.put("classes/worker/lib.sh", "bil\n");
    temp.put("nodes/n1/kubeadm.yaml", "edited, and stale");
    let names = [
        "README.md",
        "classes/worker/lib.sh",
        "nodes/n1/kubeadm.yaml",
    ];
    refuses(&temp, &grown(), &WriteOptions::default(), &names);
    // The same tree again: the manifest itself has nothing to change.
    refuses(&temp, &home(), &WriteOptions::default(), &names);
    temp.write_with(&grown(), &FORCE).unwrap();
    assert_eq!(snapshot(&temp.out), fresh(&grown()));
}

#[test]
fn foreign_and_edited_are_named_together_and_force_spares_the_foreign() {
    let temp = Temp::new();
    temp.write(&home()).unwrap();
    temp.put("README.md", "edited");
    temp.put("nodes/n2/kubeadm.yaml", "mine");
    let both = ["nodes/n2/kubeadm.yaml: a file", "README.md"];
    refuses(&temp, &grown(), &WriteOptions::default(), &both);
    refuses(&temp, &grown(), &FORCE, &both[..1]);
}

#[test]
fn files_that_are_just_as_pikc_writes_them_are_taken_over() {
    let temp = Temp::new();
    temp.write(&home()).unwrap();
    std::fs::remove_file(temp.out.join(MANIFEST)).unwrap();
    let before = touched(&temp.out);
    let report = temp.write(&home()).unwrap();
    assert_eq!(lines(&report), [""; 0]);
    assert_eq!(report.changes.len(), 1);
    for (path, id) in before {
        assert_eq!(touched(&temp.out)[&path], id, "{path}");
    }
}

#[test]
fn files_beside_ours_stay_and_keep_their_folder() {
    let temp = Temp::new();
    temp.write(&home()).unwrap();
    temp.put("nodes/n1/notes.txt", "mine");
    temp.put(".git/config", "mine");
    temp.write(&grown()).unwrap();
    assert_eq!(temp.text("nodes/n1/notes.txt"), "mine");
    assert_eq!(temp.text(".git/config"), "mine");
    assert!(!temp.out.join("nodes/n1/files").exists());
}

#[test]
fn what_is_gone_is_made_again_and_modes_are_set_right() {
    use std::os::unix::fs::PermissionsExt as _;
    let temp = Temp::new();
    temp.write(&home()).unwrap();
    std::fs::remove_dir_all(temp.out.join("nodes")).unwrap();
    let open = std::fs::Permissions::from_mode(0o666);
    std::fs::set_permissions(temp.out.join("README.md"), open).unwrap();
    let report = temp.write(&home()).unwrap();
    assert_eq!(lines(&report)[0], "~ README.md");
    assert_eq!(lines(&report).len(), 5);
    assert_eq!(snapshot(&temp.out), fresh(&home()));
}
