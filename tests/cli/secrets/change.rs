//! `set`, `rotate` and `check`, and a kill in the middle.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::{cluster, kept, with_key};
use crate::support::PIKC;
use crate::support::predicates_lite::{has, lacks};

#[test]
fn an_authority_is_replaced_only_by_someone_who_names_the_cluster() {
    let folder = kept();
    let before = folder.read("cluster.secrets.age");
    for line in [
        vec!["secrets", "rotate", "cluster.pik", "pki/ca"],
        vec![
            "secrets",
            "rotate",
            "cluster.pik",
            "pki/ca",
            "--confirm",
            "another",
        ],
    ] {
        let run = with_key(&folder, &line, "");
        assert_eq!(run.status, 3, "{run:?}");
        assert_eq!(folder.read("cluster.secrets.age"), before);
    }
    let name = cluster();
    let pin = || with_key(&folder, &["secrets", "list", "cluster.pik"], "").out;
    let old = pin();
    let run = with_key(
        &folder,
        &[
            "secrets",
            "rotate",
            "cluster.pik",
            "pki/ca",
            "--confirm",
            &name,
        ],
        "",
    );
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "from scratch");
    assert_ne!(pin(), old);
    let run = with_key(&folder, &["secrets", "check", "cluster.pik"], "");
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "all sound");
}

#[test]
fn a_token_is_replaced_at_once_and_says_what_follows() {
    let folder = kept();
    let token = || {
        let run = with_key(&folder, &["compile", "cluster.pik", "-o", "out"], "");
        assert_eq!(run.status, 0, "{run:?}");
        folder.read("out/nodes/worker/once/discovery.conf")
    };
    let first = token();
    let run = with_key(
        &folder,
        &["secrets", "rotate", "cluster.pik", "join/token"],
        "",
    );
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "Compile again");
    lacks(&run.out, "token-secret");
    assert_ne!(token(), first);
}

#[test]
fn check_warns_ahead_and_reports_the_end() {
    let folder = kept();
    let run = with_key(
        &folder,
        &["secrets", "check", "cluster.pik", "--within", "3660"],
        "",
    );
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.err, "warning: pki/ca ends on ");
    has(&run.out, "3 warnings");
    let run = with_key(
        &folder,
        &["secrets", "check", "cluster.pik", "--as-of", "2060-01-01"],
        "",
    );
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.err, "error: pki/etcd-ca ended on ");
}

#[test]
fn what_is_set_is_not_rotated_and_a_name_that_the_spec_does_not_have_is_neither() {
    let folder = kept();
    for (name, words) in [
        ("wify", "did you mean `wifi`?"),
        ("pki/ca", "is made by pikc, not set"),
    ] {
        let run = with_key(&folder, &["secrets", "set", "cluster.pik", name], "value\n");
        assert_eq!(run.status, 2, "{run:?}");
        has(&run.err, words);
    }
    for (name, words) in [
        ("etcd", "encrypts what etcd stores"),
        (
            "wifi",
            "is a secret of the spec, whose value pikc does not make",
        ),
        ("pki", "is none of the secrets that pikc makes"),
    ] {
        let run = with_key(&folder, &["secrets", "rotate", "cluster.pik", name], "");
        assert_eq!(run.status, 2, "{run:?}");
        has(&run.err, words);
    }
    for (value, words) in [
        ("short\n", "has 5 characters, and a passphrase has 8 to 63"),
        ("\n", "the value is empty"),
        ("two\nlines here\n", "control character"),
    ] {
        let run = with_key(&folder, &["secrets", "set", "cluster.pik", "wifi"], value);
        assert_eq!(run.status, 3, "{run:?}");
        has(&run.err, words);
    }
    let run = with_key(&folder, &["secrets", "check", "cluster.pik"], "");
    has(&run.out, "all sound");
}

#[test]
fn a_killed_change_leaves_the_old_file_or_the_new_one() {
    let folder = kept();
    let pin = || with_key(&folder, &["secrets", "list", "cluster.pik"], "");
    for pause in [0, 5, 10, 20, 30, 40, 60, 80, 120] {
        let mut child = Command::new(PIKC)
            .args([
                "secrets",
                "rotate",
                "cluster.pik",
                "join/token",
                "--identity",
                "key",
            ])
            .env("HOME", "/nowhere")
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(Duration::from_millis(pause));
        let _ = child.kill();
        let _ = child.wait();
        let run = pin();
        assert_eq!(run.status, 0, "after {pause} ms: {run:?}");
    }
    // What a killed one left next to it does not stop the next, and is gone afterwards.
    folder.text(".cluster.secrets.age.pikc-new", "half of");
    let run = with_key(
        &folder,
        &["secrets", "rotate", "cluster.pik", "join/token"],
        "",
    );
    assert_eq!(run.status, 0, "{run:?}");
    assert!(!folder.path().join(".cluster.secrets.age.pikc-new").exists());
}

#[test]
fn changes_at_the_same_time_do_not_lose_one_another() {
    let folder = kept();
    let run = folder.shell(&format!(
        "export HOME=/nowhere; for i in 1 2 3 4; do {PIKC} secrets rotate cluster.pik join/token --identity key & \
         {PIKC} secrets set cluster.pik wifi --identity key <<<\"passphrase-$i\" & done; wait"
    ));
    assert_eq!(run.status, 0, "{run:?}");
    let run = with_key(&folder, &["secrets", "check", "cluster.pik"], "");
    has(&run.out, "all sound");
}
