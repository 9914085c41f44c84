//! Canaries: every secret of the file is unique, and no command prints one, in any format, at any level, with and without errors; no
//! file that others can read holds one.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{cluster, kept};
use crate::cli::canary::unfolded;
use crate::support::{Folder, Run};

/// The values in the file, as age's own library opens it, in every form that a file or a report could hold.
fn values(folder: &Folder) -> BTreeMap<String, Vec<String>> {
    let key = folder.read("key");
    let identity = age::ssh::Identity::from_buffer(key.as_bytes(), None).expect("a key");
    let sealed = folder.read("cluster.secrets.age");
    let text = age::decrypt(&identity, sealed.as_bytes()).expect("the file opens");
    let page: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    let mut found = BTreeMap::new();
    for secret in page["secrets"].as_array().expect("secrets") {
        let (name, value) = (
            secret["name"].as_str().expect("a name"),
            secret["value"].as_str().expect("a value"),
        );
        let json = serde_json::to_string(value).expect("a text");
        let mut forms = vec![
            value.to_owned(),
            json[1..json.len() - 1].to_owned(),
            STANDARD.encode(value),
        ];
        // A line of a key, and the part of a token that is no name.
        forms.extend(
            value
                .lines()
                .filter(|line| line.len() > 20 && !line.starts_with('-'))
                .map(str::to_owned),
        );
        forms.extend(value.split_once('.').map(|(_, secret)| secret.to_owned()));
        found.insert(name.to_owned(), forms);
    }
    found
}

fn say(folder: &Folder, line: &[&str], level: &str) -> Run {
    let variables = [
        ("HOME", "/nowhere"),
        ("PIKC_SECRETS_IDENTITY", "key"),
        ("RUST_LOG", level),
    ];
    folder.run(line, &variables, "correct donkey\n")
}

#[track_caller]
fn silent(what: &str, text: &str, values: &BTreeMap<String, Vec<String>>) {
    let text = unfolded(text);
    for (name, forms) in values {
        for form in forms {
            assert!(
                !text.contains(form.as_str()),
                "{what} says {name} as {form:?}"
            );
        }
    }
}

#[test]
fn each_secret_is_there_and_unique() {
    let values = values(&kept());
    let names: Vec<&str> = values.keys().map(String::as_str).collect();
    let all = [
        "etcd",
        "join/token",
        "pki/ca",
        "pki/etcd-ca",
        "pki/front-proxy-ca",
        "pki/service-account",
        "wifi",
    ];
    assert_eq!(names, all);
    let mut texts: Vec<&String> = values.values().map(|forms| &forms[0]).collect();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), all.len());
    assert_eq!(
        STANDARD.decode(&values["etcd"][0]).expect("base64").len(),
        32
    );
}

#[test]
fn only_files_that_others_cannot_read_hold_a_secret() {
    let folder = kept();
    let run = say(
        &folder,
        &["compile", "cluster.pik", "-o", "out", "--seed-images"],
        "trace",
    );
    assert_eq!(run.status, 0, "{run:?}");
    let values = values(&folder);
    let mut held = 0;
    for path in folder.files("") {
        let text = String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned();
        let mode = std::fs::metadata(&path)
            .expect("a file")
            .permissions()
            .mode();
        if mode & 0o077 == 0 {
            let text = unfolded(&text);
            held += usize::from(
                values
                    .values()
                    .flatten()
                    .any(|form| text.contains(form.as_str())),
            );
            continue;
        }
        silent(&path.display().to_string(), &text, &values);
    }
    // Six files below `once`, what brings them, and the encryption key.
    assert!(held >= 9, "only {held} files hold a secret");
}

#[test]
fn no_command_prints_one() {
    let folder = kept();
    let run = say(&folder, &["compile", "cluster.pik", "-o", "out"], "trace");
    assert_eq!(run.status, 0, "{run:?}");
    folder.shell("mkdir boot; touch boot/config.txt; echo root=/dev/mmcblk0p2 > boot/cmdline.txt; cp -r out edited; \
                  for f in $(find edited -path '*/once/*' -type f); do echo '# edited' >> $f; done");
    let name = cluster();
    let lines: &[&[&str]] = &[
        &["secrets", "list", "cluster.pik"],
        &["secrets", "list", "cluster.pik", "--format", "json"],
        &["secrets", "check", "cluster.pik"],
        &["secrets", "check", "cluster.pik", "--as-of", "2099-01-01"],
        &["secrets", "init", "cluster.pik"],
        &["secrets", "set", "cluster.pik", "nothing"],
        &["secrets", "rotate", "cluster.pik", "pki/ca"],
        &["secrets", "rotate", "cluster.pik", "nothing"],
        &["compile", "cluster.pik", "-o", "new", "--dry-run"],
        &["compile", "cluster.pik", "-o", "edited"],
        &["diff", "cluster.pik", "-o", "out"],
        &["diff", "cluster.pik", "-o", "edited"],
        &["diff", "cluster.pik", "-o", "new"],
        &["diff", "cluster.pik", "-o", "out", "--without-secrets"],
        &["review", "cluster.pik"],
        &["review", "cluster.pik", "--format", "json"],
        &["review", "cluster.pik", "--against", "edited"],
        &[
            "card",
            "cluster.pik",
            "control",
            "--boot",
            "boot",
            "--dry-run",
        ],
        &["card", "cluster.pik", "control", "--boot", "boot"],
        &["check", "cluster.pik"],
        &["check", "--kubeadm", "out/nodes/worker/once/discovery.conf"],
        &["check", "--kubeadm", "out/nodes/control/once"],
        &["show", "cluster.pik", "--format", "json"],
        &["why", "out/nodes/control/once/token.yaml:5"],
        &["why", "out/nodes/worker/once/discovery.conf:9"],
        &[
            "why",
            "out/nodes/worker/once/discovery.conf:12",
            "--secrets",
            "cluster.secrets.age",
        ],
        &[
            "why",
            "out/nodes/worker",
            "--secrets",
            "cluster.secrets.age",
        ],
        &["why", "cluster.pik:1"],
        &["why", "out/nodes/worker/node.list:1"],
        &["why", "out/nodes/worker/cloud-init/user-data:1"],
        // Last, because they change what is searched for.
        &[
            "secrets",
            "rotate",
            "cluster.pik",
            "pki/ca",
            "--confirm",
            &name,
        ],
        &["secrets", "rotate", "cluster.pik", "join/token"],
        &["secrets", "set", "cluster.pik", "wifi"],
    ];
    for line in lines {
        for level in ["trace", "off"] {
            let before = values(&folder);
            let run = say(&folder, line, level);
            let said = format!("{}\n{}", run.out, run.err);
            silent(&format!("{line:?}"), &said, &before);
            silent(&format!("{line:?}"), &said, &values(&folder));
        }
    }
}
