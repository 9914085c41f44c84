//! Passwords of accounts: typed once, kept as a hash, and read by the C library's own crypt(3).

use std::os::unix::fs::PermissionsExt as _;

use super::{init, with_key};
use crate::support::Folder;
use crate::support::predicates_lite::{has, lacks};

const TYPED: &str = "tea at five: $(reboot)";
const HASH: &str = "$6$saltsalt$8RWsOfwR6M6PpnoeQiEiWzNTPo1f0HjVYjDnLZhGx16aBFRkeqiHAzfXP/LgrOWMBMXqiU2pLrXsSOHNUyUm91";

/// A cluster whose accounts have a password, and a key for its secrets.
fn folder() -> Folder {
    let spec = super::super::with_wifi("cni flannel {}").replace(
        "user ops { ",
        "user ops {\n    password = secret:console\n    sudo = password\n    ",
    );
    has(&spec, "secret:console");
    let folder = Folder::new(&[
        ("cluster.pik", &spec),
        ("key", include_str!("keys/key")),
        ("key.pub", include_str!("keys/key.pub")),
    ]);
    assert_eq!(folder.shell("chmod 600 key").status, 0);
    folder
}

#[test]
fn what_is_typed_is_hashed_and_logs_in() {
    let folder = folder();
    assert_eq!(init(&folder).status, 0);
    let line = ["secrets", "set", "cluster.pik", "console"];
    let run = with_key(&folder, &line, &format!("{TYPED}\n"));
    assert_eq!(run.status, 0, "{run:?}");
    lacks(&run.out, "tea at");
    let line = ["secrets", "set", "cluster.pik", "wifi"];
    assert_eq!(with_key(&folder, &line, "correct horse").status, 0);
    let line = ["compile", "cluster.pik", "-o", "out", "--require-secrets"];
    let run = with_key(&folder, &line, "");
    assert_eq!(run.status, 0, "{run:?}");
    let path = "out/nodes/worker/once/passwords/ops";
    let hash = folder.read(path);
    assert!(hash.starts_with("$6$rounds=100000$"), "{hash}");
    let mode = std::fs::metadata(folder.path().join(path)).expect("a file");
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    let found = folder.shell("grep -rl 'tea at' . || true");
    assert_eq!(found.out, "", "the password itself is in a file");
    // The same function that a login asks.
    let check = folder.shell(&format!(
        "perl -e 'chomp(my $hash = <STDIN>); exit(crypt(q({TYPED}), $hash) ne $hash)' < {path}"
    ));
    assert_eq!(check.status, 0, "{check:?}");
    has(
        &folder.read("out/nodes/worker/steps/25-users.sh"),
        "\npassword ops\n",
    );
    // A second compilation has the same bytes: the hash is in the secrets file, not made again.
    let run = with_key(&folder, &line_again(), "");
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(folder.read("again/nodes/worker/once/passwords/ops"), hash);
}

fn line_again() -> [&'static str; 5] {
    ["compile", "cluster.pik", "-o", "again", "--require-secrets"]
}

#[test]
fn a_password_in_a_variable_is_refused_and_its_hash_is_not() {
    let folder = folder();
    let compile = ["compile", "cluster.pik", "-o", "out"];
    let wifi = ("PIKC_SECRET_WIFI", "correct horse");
    for bad in [TYPED, "$1$salt$abc", "*", "x:y", &HASH[..90]] {
        let run = folder.run(&compile, &[wifi, ("PIKC_SECRET_CONSOLE", bad)], "");
        assert_eq!(run.status, 1, "{bad}: {run:?}");
        has(&run.err, "secret/password-hash");
        has(&run.err, "openssl passwd -6");
        if bad.len() > 3 {
            lacks(&run.err, bad);
        }
        assert!(!folder.path().join("out").exists(), "{bad}");
    }
    let run = folder.run(&compile, &[wifi, ("PIKC_SECRET_CONSOLE", HASH)], "");
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(
        folder.read("out/nodes/worker/once/passwords/ops"),
        format!("{HASH}\n")
    );
    lacks(&run.out, "join by themselves");
}

#[test]
fn without_a_value_the_file_is_left_out_and_the_machine_says_so() {
    let folder = folder();
    let compile = ["compile", "cluster.pik", "-o", "out"];
    let wifi = ("PIKC_SECRET_WIFI", "correct horse");
    let run = folder.run(&compile, &[wifi], "");
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.err, "console");
    assert!(!folder.path().join("out/nodes/worker/once").exists());
    has(
        &folder.read("out/nodes/worker/node.conf"),
        "missing-secret=console",
    );
}
