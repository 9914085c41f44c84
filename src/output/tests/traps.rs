//! What an output folder can contain and must be neither followed, trusted nor lost.

use std::os::unix::fs::symlink;

use super::fixture::{DRY, FORCE, Temp, fresh, grown, home, input, named, refuses, snapshot, tree};
use crate::output::*;

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
    // Where pikc no longer wants anything, the link and what it points to stay.
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
fn pipes_and_sockets_are_foreign_and_no_one_waits_for_them() {
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
        (&[("../a", "x")], "../a is not a path"),
        (&[("/a", "x")], "/a is not a path"),
        (&[("pikc.json", "x")], "pikc.json is not a path"),
        (&[(".pikc/a", "x")], ".pikc/a is not a path"),
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
        "there is no folder T/no/such for T/no/such/out: create it first (mkdir -p T/no/such), or name another output folder with -o"
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
fn what_someone_keeps_in_the_workshop_stays() {
    let temp = Temp::new();
    temp.put(".pikc/mine", "mine");
    for tree in [home(), grown(), home()] {
        assert!(!temp.write(&tree).unwrap().recovered);
        assert_eq!(temp.text(".pikc/mine"), "mine");
        assert_eq!(temp.out.join(WORKSHOP).read_dir_utf8().unwrap().count(), 1);
    }
}

#[test]
fn a_name_that_is_not_text_is_foreign() {
    use std::os::unix::ffi::OsStrExt as _;
    let temp = Temp::new();
    temp.write(&tree(&[("a/b", "b\n")])).unwrap();
    let odd = std::ffi::OsStr::from_bytes(b"\xff");
    std::fs::write(temp.out.join("a").as_std_path().join(odd), "mine").unwrap();
    let error = temp
        .write_with(&tree(&[("a", "file\n")]), &FORCE)
        .unwrap_err();
    assert_eq!(named(error), ["a/\u{fffd}: neither file nor folder"]);
}
