//! Every decision of a write, on small trees.

use std::os::unix::fs::symlink;

use camino::Utf8Path;

use super::fixture::{Temp, fresh, input, lines, snapshot, touched, tree};
use super::*;

const FORCE: WriteOptions<'static> = WriteOptions {
    force: true,
    dry_run: false,
    on_wait: None,
    on_progress: None,
};
const DRY: WriteOptions<'static> = WriteOptions {
    force: false,
    dry_run: true,
    on_wait: None,
    on_progress: None,
};

fn home() -> crate::render::Rendered {
    tree(&[
        ("README.md", "read me\n"),
        ("classes/worker/lib.sh", "lib\n"),
        ("classes/worker/run.sh", "#!/bin/bash\n"),
        ("classes/worker/steps/10-a.sh", "#!/bin/bash\na\n"),
        ("nodes/n1/files/etc/wifi", "!psk\n"),
        ("nodes/n1/kubeadm.yaml", "n1\n"),
        ("nodes/n1/run.sh", "-> ../../classes/worker/run.sh"),
        ("nodes/n1/steps", "-> ../../classes/worker/steps"),
    ])
}

fn grown() -> crate::render::Rendered {
    tree(&[
        ("README.md", "read me again\n"),
        ("classes/worker/lib.sh", "lib\n"),
        ("classes/worker/run.sh", "#!/bin/bash\n"),
        ("classes/worker/steps/10-a.sh", "#!/bin/bash\na\n"),
        ("nodes/n2/kubeadm.yaml", "n2\n"),
        ("nodes/n2/run.sh", "-> ../../classes/worker/run.sh"),
    ])
}

/// The paths that an error names, foreign ones marked with what they are.
fn named(error: OutputError) -> Vec<String> {
    match error {
        OutputError::InTheWay {
            foreign, edited, ..
        } => {
            let foreign = foreign
                .iter()
                .map(|thing| format!("{}: {}", thing.path, thing.what));
            foreign
                .chain(edited.iter().map(ToString::to_string))
                .collect()
        }
        other => panic!("{other}"),
    }
}

/// Writes, expects these paths to be named, and the folder to be exactly as it was.
fn refuses(
    temp: &Temp,
    tree: &crate::render::Rendered,
    options: &WriteOptions<'_>,
    names: &[&str],
) {
    let (before, ids) = (snapshot(&temp.above), touched(&temp.above));
    assert_eq!(named(temp.write_with(tree, options).unwrap_err()), names);
    assert_eq!(snapshot(&temp.above), before);
    assert_eq!(touched(&temp.above), ids);
}

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

#[test]
fn files_that_a_power_cut_left_empty_are_ours() {
    let temp = Temp::new();
    temp.write(&home()).unwrap();
    temp.put("README.md", "");
    temp.put("nodes/n1/kubeadm.yaml", "");
    temp.write(&grown()).unwrap();
    assert_eq!(snapshot(&temp.out), fresh(&grown()));
    temp.put(MANIFEST, "");
    temp.write(&grown()).unwrap();
    assert_eq!(snapshot(&temp.out), fresh(&grown()));
}

#[test]
fn a_file_becomes_a_folder_and_a_folder_a_file() {
    let file = tree(&[("a", "file\n"), ("b/c/d", "deep\n"), ("b/e", "-> ../a")]);
    let folder = tree(&[("a/x/y", "deep\n"), ("a/z", "z\n"), ("b", "file\n")]);
    let link = tree(&[("a", "-> b"), ("b", "file\n")]);
    for (one, other) in [
        (&file, &folder),
        (&folder, &file),
        (&file, &link),
        (&link, &folder),
    ] {
        let temp = Temp::new();
        temp.write(one).unwrap();
        temp.write(other).unwrap();
        assert_eq!(snapshot(&temp.out), fresh(other));
    }
}

#[test]
fn a_folder_in_the_place_of_a_file_goes_only_if_all_in_it_is_ours() {
    let temp = Temp::new();
    temp.write(&tree(&[("a/b/c", "c\n"), ("a/d", "d\n")]))
        .unwrap();
    temp.put("a/b/mine", "mine");
    std::fs::create_dir(temp.out.join("a/empty")).unwrap();
    let flat = tree(&[("a", "file\n")]);
    refuses(
        &temp,
        &flat,
        &FORCE,
        &["a/b/mine: a file", "a/empty: a folder"],
    );
    temp.put("a/d", "edited");
    std::fs::remove_file(temp.out.join("a/b/mine")).unwrap();
    std::fs::remove_dir(temp.out.join("a/empty")).unwrap();
    refuses(&temp, &flat, &WriteOptions::default(), &["a/d"]);
    temp.write_with(&flat, &FORCE).unwrap();
    assert_eq!(snapshot(&temp.out), fresh(&flat));
}

#[test]
fn an_edited_file_in_the_place_of_a_folder() {
    let temp = Temp::new();
    temp.write(&tree(&[("a", "file\n")])).unwrap();
    temp.put("a", "edited");
    let deep = tree(&[("a/b/c", "c\n"), ("a/d", "d\n")]);
    refuses(&temp, &deep, &WriteOptions::default(), &["a"]);
    temp.write_with(&deep, &FORCE).unwrap();
    assert_eq!(snapshot(&temp.out), fresh(&deep));
}

#[test]
fn planted_links_are_never_followed() {
    let temp = Temp::new();
    temp.write(&home()).unwrap();
    let outside = temp.above.join("outside");
    std::fs::create_dir_all(outside.join("n1/files/etc")).unwrap();
    std::fs::write(outside.join("n1/files/etc/wifi"), "theirs").unwrap();
    std::fs::write(outside.join("README.md"), "theirs").unwrap();
    // A parent folder, and a file, each replaced by a link.
    std::fs::rename(temp.out.join("nodes"), temp.above.join("nodes")).unwrap();
    symlink(&outside, temp.out.join("nodes")).unwrap();
    std::fs::remove_file(temp.out.join("README.md")).unwrap();
    symlink(outside.join("README.md"), temp.out.join("README.md")).unwrap();
    let names = ["README.md: a symbolic link", "nodes: a symbolic link"];
    refuses(&temp, &home(), &FORCE, &names);
    refuses(&temp, &grown(), &FORCE, &names);
    // Where pikc wants nothing any more, the link and what it leads to stay.
    std::fs::remove_file(temp.out.join("README.md")).unwrap();
    let only = tree(&[("README.md", "read me\n")]);
    temp.write(&only).unwrap();
    assert_eq!(temp.out.join("nodes").read_link_utf8().unwrap(), outside);
    assert_eq!(
        std::fs::read_to_string(outside.join("n1/files/etc/wifi")).unwrap(),
        "theirs"
    );
}

#[test]
fn a_link_to_elsewhere_in_the_place_of_our_link_is_an_edit() {
    let temp = Temp::new();
    temp.write(&home()).unwrap();
    std::fs::remove_file(temp.out.join("nodes/n1/run.sh")).unwrap();
    symlink("/bin/true", temp.out.join("nodes/n1/run.sh")).unwrap();
    refuses(
        &temp,
        &home(),
        &WriteOptions::default(),
        &["nodes/n1/run.sh"],
    );
    temp.write_with(&home(), &FORCE).unwrap();
    assert_eq!(snapshot(&temp.out), fresh(&home()));
}

#[test]
fn pipes_and_sockets_are_foreign_and_nobody_waits_for_them() {
    let temp = Temp::new();
    std::fs::create_dir(&temp.out).unwrap();
    let status = std::process::Command::new("mkfifo")
        .arg(temp.out.join("README.md"))
        .status();
    assert!(status.unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(temp.out.join("nodes")).unwrap();
    let error = temp.write_with(&home(), &FORCE).unwrap_err();
    assert_eq!(
        named(error),
        [
            "README.md: neither file nor folder",
            "nodes: neither file nor folder"
        ]
    );
}

#[test]
fn a_manifest_or_workshop_that_is_not_ours_is_never_written_over() {
    let temp = Temp::new();
    temp.put(MANIFEST, "{\"name\": \"mine\"}");
    let error = temp.write_with(&home(), &FORCE).unwrap_err();
    assert!(matches!(
        error,
        OutputError::Manifest {
            fault: ManifestFault::Unreadable(_),
            ..
        }
    ));
    temp.put(MANIFEST, "{\"format\": 2, \"all\": \"new\"}");
    let error = temp.write(&home()).unwrap_err();
    assert!(matches!(
        error,
        OutputError::Manifest {
            fault: ManifestFault::Format(2),
            ..
        }
    ));
    std::fs::remove_file(temp.out.join(MANIFEST)).unwrap();
    symlink("elsewhere", temp.out.join(MANIFEST)).unwrap();
    refuses(&temp, &home(), &FORCE, &["pikc.json: a symbolic link"]);
    std::fs::remove_file(temp.out.join(MANIFEST)).unwrap();
    symlink(&temp.above, temp.out.join(WORKSHOP)).unwrap();
    refuses(&temp, &home(), &FORCE, &[".pikc: a symbolic link"]);
}

#[test]
fn a_manifest_that_lists_paths_outside_is_not_trusted() {
    let temp = Temp::new();
    temp.write(&home()).unwrap();
    let text = temp.text(MANIFEST);
    for odd in [
        "../victim",
        "/etc/passwd",
        "a/../../victim",
        "a//b",
        "./a",
        "",
        "pikc.json",
        ".pikc/x",
    ] {
        temp.put(
            MANIFEST,
            &text.replace("\"README.md\"", &format!("{odd:?}")),
        );
        let error = temp.write(&grown()).unwrap_err();
        let OutputError::Manifest {
            fault: ManifestFault::Path(path),
            ..
        } = error
        else {
            panic!("{odd}: {error}");
        };
        assert_eq!(path, odd);
    }
}

#[test]
fn trees_that_contradict_themselves_are_refused() {
    for (entries, says) in [
        (&[("a", "x"), ("a/b", "y")][..], "both a file and a folder"),
        (
            &[("a", "-> b"), ("b/c", "-> ../d"), ("d", "x")],
            "leads to b",
        ),
        (&[("a", "-> nowhere")], "leads to nowhere"),
        (&[("a", "-> ../out/b"), ("b", "x")], "leads to ../out/b"),
        (&[("a", "-> /b"), ("b", "x")], "leads to /b"),
        (&[("../a", "x")], "../a is no place"),
        (&[("/a", "x")], "/a is no place"),
        (&[("pikc.json", "x")], "pikc.json is no place"),
        (&[(".pikc/a", "x")], ".pikc/a is no place"),
    ] {
        let temp = Temp::new();
        let error = temp.write(&tree(entries)).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
        assert!(!temp.out.exists());
    }
}

#[test]
fn output_folders_that_cannot_be() {
    let temp = Temp::new();
    std::fs::write(temp.above.join("file"), "").unwrap();
    symlink("nowhere", temp.above.join("dangling")).unwrap();
    let says = |dir: &str| {
        let dir = temp.above.join(dir);
        let error = write(&dir, &home(), &input(), &WriteOptions::default()).unwrap_err();
        let dry = write(&dir, &home(), &input(), &DRY).unwrap_err();
        assert_eq!(error.to_string(), dry.to_string());
        error.to_string().replace(temp.above.as_str(), "T")
    };
    assert_eq!(
        says("file"),
        "T/file is not a folder: name another output folder with -o, or move T/file away"
    );
    assert_eq!(
        says("file/out"),
        "T/file is not a folder: name another output folder with -o, or move T/file away"
    );
    assert_eq!(
        says("dangling"),
        "T/dangling is not a folder: name another output folder with -o, or move T/dangling away"
    );
    assert_eq!(
        says("no/such/out"),
        "there is no folder T/no/such to make T/no/such/out in: make it first (mkdir -p T/no/such), or name another output folder with -o"
    );
}

#[test]
fn an_output_folder_may_itself_be_a_link() {
    let temp = Temp::new();
    std::fs::create_dir(temp.above.join("real")).unwrap();
    symlink("real", &temp.out).unwrap();
    temp.write(&home()).unwrap();
    assert_eq!(snapshot(&temp.above.join("real")), fresh(&home()));
}

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
  nodes/n2/kubeadm.yaml: a file that pikc did not make
  README.md: edited since pikc wrote it
move what pikc did not make away, or name another output folder with -o; --force overwrites only what was edited"
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
    let mut next = grown();
    next.entries
        .extend(tree(&[("nodes/n2/files/key", "!other\n")]).entries);
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
    assert!(found.files.iter().all(|file| file.step == Step::Created));
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
