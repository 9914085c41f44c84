//! The secrets file: made, opened, changed, and what becomes of it in a tree; read by kubeadm's own patterns. `tests/readers/secrets.py` reads it by openssl, age and git.

mod again;
mod change;
mod made;
mod passwords;
mod refuse;
mod silent;
mod tree;

use crate::support::{Folder, Run};

/// A passphrase for a file without recipients.
const PASSPHRASE: &str = "tea-on-a-tuesday";

/// A cluster with Wi-Fi and an encryption key, so that it names two secrets.
fn spec() -> String {
    super::with_wifi("cni flannel {}\n  api-server { encryption-at-rest { key = secret:etcd } }")
}

/// A folder with the spec and SSH keys: one that is used, one that a passphrase locks, a stranger's, and one of a kind that age cannot use.
fn folder() -> Folder {
    let folder = Folder::new(&[
        ("cluster.pik", &spec()),
        ("key", include_str!("keys/key")),
        ("key.pub", include_str!("keys/key.pub")),
        ("locked", include_str!("keys/locked")),
        ("locked.pub", include_str!("keys/locked.pub")),
        ("stranger", include_str!("keys/stranger")),
        ("other", include_str!("keys/other")),
        ("other.pub", include_str!("keys/other.pub")),
    ]);
    let made = folder.shell("chmod 600 key locked stranger other");
    assert_eq!(made.status, 0, "{made:?}");
    folder
}

/// The same with a secrets file that the key opens, and a value for its Wi-Fi.
fn kept() -> Folder {
    let folder = folder();
    let run = init(&folder);
    assert_eq!(run.status, 0, "{run:?}");
    let run = with_key(
        &folder,
        &["secrets", "set", "cluster.pik", "wifi"],
        "correct horse\n",
    );
    assert_eq!(run.status, 0, "{run:?}");
    folder
}

/// The same, compiled to `out`.
fn compiled() -> Folder {
    let folder = kept();
    compile(&folder, &["-o", "out", "--require-secrets"]);
    folder
}

/// Compiles with the key, which succeeds.
#[track_caller]
fn compile(folder: &Folder, options: &[&str]) -> Run {
    let run = with_key(folder, &[&["compile", "cluster.pik"], options].concat(), "");
    assert_eq!(run.status, 0, "{run:?}");
    run
}

/// Makes the secrets file.
fn init(folder: &Folder) -> Run {
    say(folder, &["secrets", "init", "cluster.pik", "-R", "key.pub"])
}

/// Runs pikc without any key of the person who runs the tests.
fn say(folder: &Folder, line: &[&str]) -> Run {
    folder.run(line, &[("HOME", "/nowhere")], "")
}

/// Runs pikc with the folder's key.
fn with_key(folder: &Folder, line: &[&str], input: &str) -> Run {
    folder.run(
        line,
        &[("HOME", "/nowhere"), ("PIKC_SECRETS_IDENTITY", "key")],
        input,
    )
}

/// The name of the spec's cluster.
fn cluster() -> String {
    let spec = spec();
    let line = spec.lines().find_map(|line| line.strip_prefix("cluster "));
    let name = line.and_then(|rest| rest.split_whitespace().next());
    name.expect("a name").to_owned()
}
