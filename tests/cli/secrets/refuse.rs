//! What is refused: nothing is written then, and nothing is lost.

use std::os::unix::fs::PermissionsExt as _;

use super::{folder, init, kept, say, spec, with_key};
use crate::support::Folder;
use crate::support::predicates_lite::{has, lacks};

/// That there is no secrets file.
#[track_caller]
fn nothing(folder: &Folder) {
    assert!(!folder.path().join("cluster.secrets.age").exists());
}

#[test]
fn a_second_file_is_not_made() {
    let folder = kept();
    let before = folder.read("cluster.secrets.age");
    let run = init(&folder);
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "is never replaced as a whole");
    assert_eq!(folder.read("cluster.secrets.age"), before);
}

#[test]
fn a_cluster_that_may_run_gets_no_new_authorities() {
    let folder = folder();
    let run = folder.run(
        &["compile", "cluster.pik", "-o", "out"],
        &[("PIKC_SECRET_WIFI", "correct horse")],
        "",
    );
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "the other machines wait for a join file");
    let run = init(&folder);
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "was compiled without secrets");
    nothing(&folder);

    let folder = kept();
    let run = with_key(&folder, &["compile", "cluster.pik", "-o", "out"], "");
    has(&run.out, "the other machines join by themselves");
    std::fs::remove_file(folder.path().join("cluster.secrets.age")).expect("a file");
    let run = init(&folder);
    assert_eq!(run.status, 3, "{run:?}");
    has(
        &run.err,
        "was compiled with secrets of this cluster, and their file is not here",
    );
    nothing(&folder);
}

#[test]
fn recipients_that_are_none() {
    let folder = folder();
    folder.text("empty", "# nothing\n");
    for (given, words) in [
        (
            "nowhere.pub",
            "is not a key, and as a file it cannot be read: there is no such file",
        ),
        ("key", "is a private key: name the public one"),
        (
            "age1nonsense",
            "the recipient `age1nonsense` is neither an age recipient",
        ),
        ("empty", "is a file without a key"),
        ("other.pub", "is an SSH key of the kind ecdsa-sha2-nistp256"),
        ("cluster.pik", "is neither an age recipient"),
    ] {
        let run = say(&folder, &["secrets", "init", "cluster.pik", "-R", given]);
        assert_eq!(run.status, 3, "{given}: {run:?}");
        has(&run.err, words);
        lacks(&run.err, "GFPYYSJZ");
        nothing(&folder);
    }
    let run = say(&folder, &["secrets", "init", "cluster.pik"]);
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "there is no terminal to ask for a passphrase at");
    nothing(&folder);
}

#[test]
fn the_file_of_another_cluster() {
    let folder = kept();
    let other = spec().replacen("cluster ", "cluster not", 1);
    folder.text("other.pik", &other);
    folder.shell("cp cluster.secrets.age other.secrets.age");
    for line in [
        vec!["secrets", "list", "other.pik"],
        vec!["compile", "other.pik", "-o", "out"],
        vec![
            "compile",
            "other.pik",
            "-o",
            "out",
            "--secrets",
            "cluster.secrets.age",
        ],
    ] {
        let run = with_key(&folder, &line, "");
        assert_eq!(run.status, 3, "{line:?}: {run:?}");
        has(&run.err, "holds the secrets of the cluster");
    }
    assert!(!folder.path().join("out").exists());
}

#[test]
fn keys_that_do_not_open_it() {
    let folder = kept();
    folder.shell("cp key open; chmod 644 open");
    for (key, words) in [
        ("stranger", "was not encrypted to the key that is used here"),
        ("key.pub", "is a public key: name the private one"),
        ("open", "chmod 600 open"),
        ("nowhere", "cannot be read: there is no such file"),
        ("other", "is an SSH key that age cannot use"),
    ] {
        let run = say(
            &folder,
            &["compile", "cluster.pik", "-o", "out", "--identity", key],
        );
        assert_eq!(run.status, 3, "{key}: {run:?}");
        has(&run.err, words);
    }
    let run = say(&folder, &["compile", "cluster.pik", "-o", "out"]);
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "is encrypted to a key, and none is named");
    assert!(!folder.path().join("out").exists());
    let run = folder.run(
        &["compile", "cluster.pik", "-o", "out", "--without-secrets"],
        &[("HOME", "/nowhere"), ("PIKC_SECRET_WIFI", "correct horse")],
        "",
    );
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "the other machines wait for a join file");
}

#[test]
fn a_damaged_file() {
    let folder = kept();
    let text = folder.read("cluster.secrets.age");
    let cut = &text[..text.len() / 2];
    let turned = text.replacen('A', "B", 40);
    for damaged in [cut, turned.as_str(), "", "nothing of the sort"] {
        folder.text("cluster.secrets.age", damaged);
        for line in [
            vec!["secrets", "list", "cluster.pik"],
            vec!["secrets", "rotate", "cluster.pik", "join/token"],
        ] {
            let run = with_key(&folder, &line, "");
            assert_eq!(run.status, 3, "{run:?}");
            has(&run.err, "cannot be opened");
            assert_eq!(folder.read("cluster.secrets.age"), damaged);
        }
        if damaged != turned {
            let run = init(&folder);
            assert_eq!(run.status, 3, "{run:?}");
            has(&run.err, "exists, and is damaged");
            lacks(&run.err, "secrets list");
        }
    }
}

#[test]
fn a_folder_that_cannot_be_written() {
    let folder = kept();
    // Root can write anywhere, so a folder is in the way of what is written first.
    folder.text(".cluster.secrets.age.pikc-new/in-the-way", "");
    let before = folder.read("cluster.secrets.age");
    let run = with_key(
        &folder,
        &["secrets", "rotate", "cluster.pik", "join/token"],
        "",
    );
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "`cluster.secrets.age` cannot be written");
    assert_eq!(folder.read("cluster.secrets.age"), before);

    let locked = super::folder();
    let path = locked.path().to_owned();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o555)).expect("a mode");
    let run = say(
        &locked,
        &["secrets", "init", "cluster.pik", "-R", "key.pub"],
    );
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    // As root it succeeds.
    assert!(
        run.status == 0 || run.err.contains("cannot be written"),
        "{run:?}"
    );
}

#[test]
fn a_password_in_clear_text_and_a_spec_with_errors() {
    let folder = folder();
    folder.text(
        "cluster.pik",
        &spec().replace("secret:wifi", "\"correct horse\""),
    );
    let run = init(&folder);
    assert_eq!(run.status, 1, "{run:?}");
    has(
        &run.err,
        "`passphrase` is a secret's name (secret:NAME), not a string",
    );
    nothing(&folder);
    let run = folder.run(&["secrets", "init", "-", "-R", "key.pub"], &[], &spec());
    assert_eq!(run.status, 2, "{run:?}");
}
