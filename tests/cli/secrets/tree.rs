//! What a tree gets from a secrets file: each machine what it needs, and nothing that others can read or git would take.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use super::{compile, compiled, kept, spec, with_key};
use crate::support::Folder;
use crate::support::predicates_lite::{has, lacks};

/// What the machines of a cluster trust each other by.
const AUTHORITIES: &[&str] = &[
    "pki/ca.crt",
    "pki/ca.key",
    "pki/etcd/ca.crt",
    "pki/etcd/ca.key",
    "pki/front-proxy-ca.crt",
    "pki/front-proxy-ca.key",
    "pki/sa.key",
    "pki/sa.pub",
];

/// Every file below a folder of the tree with its content, by path.
fn files(folder: &Folder, below: &str) -> BTreeMap<String, Vec<u8>> {
    let root = folder.path().join(below);
    let named = |path: PathBuf| {
        let name = path.strip_prefix(&root).expect("below").display();
        (name.to_string(), std::fs::read(&path).expect("a file"))
    };
    folder.files(below).into_iter().map(named).collect()
}

/// What a node has for joining.
fn once(folder: &Folder, node: &str) -> Vec<String> {
    files(folder, &format!("out/nodes/{node}/once"))
        .into_keys()
        .collect()
}

#[test]
fn a_worker_gets_no_key_and_no_certificate_that_kubeadm_would_refuse() {
    let folder = compiled();
    let names = |node: &str| once(&folder, node);
    assert_eq!(names("worker"), ["discovery.conf"]);
    assert_eq!(names("control"), [AUTHORITIES, &["token.yaml"]].concat());
    // Nor in any file that its card or seed brings, packed or not.
    for (name, bytes) in files(&folder, "out/nodes/worker") {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("PRIVATE KEY"), "{name}");
    }
}

#[test]
fn what_is_closed_is_what_git_ignores_and_what_the_list_names() {
    let folder = compiled();
    let out = folder.path().join("out");
    let all = files(&folder, "out");
    let closed: Vec<&String> = all
        .keys()
        .filter(|name| {
            let mode = std::fs::metadata(out.join(name))
                .expect("a file")
                .permissions()
                .mode();
            mode & 0o077 == 0
        })
        .collect();
    assert!(closed.iter().any(|name| name.ends_with("once/token.yaml")));
    assert!(closed.iter().any(|name| name.ends_with("user-data")));
    let listed = folder.read("out/pikc.json");
    let page: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    for name in &closed {
        let record = page["files"]
            .as_array()
            .expect("files")
            .iter()
            .find(|file| file["path"] == name.as_str());
        assert_eq!(record.expect("in the list")["mode"], "0600", "{name}");
    }
    let ignored = folder.read("out/.gitignore");
    let lines: Vec<&str> = ignored
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let made = ["etcd-snapshots.tar", "join-control-plane.conf", "join.conf"].map(str::to_owned);
    let all = made.iter().chain(closed.iter().copied());
    let wanted: Vec<String> = all.map(|name| format!("/{name}")).collect();
    assert_eq!(lines, wanted);
}

/// What the commands of the runbook write into the folder of the tree holds tokens, or every Secret of the cluster.
#[test]
fn what_the_runbook_makes_is_closed_and_ignored_in_every_tree() {
    let folder = compiled();
    let spec = folder.read("cluster.pik");
    let with = spec.replace("cni flannel {}", "cni flannel {}\n  etcd { snapshots {} }");
    folder.text("cluster.pik", &with);
    compile(&folder, &["-o", "hands", "--without-secrets"]);
    let ignored = folder.read("hands/.gitignore");
    let text = folder.read("hands/README.md");
    let mut made = 0;
    for (at, line) in text.lines().enumerate() {
        let Some((_, name)) = line.split_once(" > ") else {
            continue;
        };
        let name = name.trim();
        if !(line.starts_with("ssh ") && line.contains("sudo") && !name.contains([' ', '~'])) {
            continue;
        }
        made += 1;
        let before = text.lines().nth(at - 1).unwrap_or_default();
        assert_eq!(before, format!("install -m 600 /dev/null {name}"));
        assert!(
            ignored.lines().any(|path| path == format!("/{name}")),
            "{name}: {ignored}"
        );
    }
    assert!(made >= 2, "{made}:\n{text}");
}

#[test]
fn the_runbook_says_which_flow_it_is() {
    let folder = compiled();
    let alone = folder.read("out/README.md");
    has(&alone, "The worker joins by itself");
    has(&alone, "accepts the token for 72h");
    has(&alone, "run.sh --new-join");
    lacks(&alone, "xargs");
    compile(&folder, &["-o", "hands", "--without-secrets"]);
    let hands = folder.read("hands/README.md");
    has(&hands, "xargs");
    lacks(&hands, "joins by itself");
    assert!(!folder.path().join("hands/nodes/worker/once").exists());
}

#[test]
fn without_secrets_no_script_speaks_of_them() {
    let folder = compiled();
    compile(&folder, &["-o", "hands", "--without-secrets"]);
    let words = ["once/", "once\"", "window-seconds", "place_authorities"];
    let spoken = |tree: &str| -> String {
        files(&folder, &format!("{tree}/classes"))
            .into_values()
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect()
    };
    for word in words {
        has(&spoken("out"), word);
        lacks(&spoken("hands"), word);
    }
}

#[test]
fn a_control_plane_that_joins_gets_the_authorities_and_never_the_token_as_the_cluster_knows_it() {
    let folder = kept();
    let two = format!(
        "{}\nnode other {{\n  role = control-plane\n  os = ubuntu-24.04\n  board = pi-4b-4g\n  address = 192.168.11.12\n  interface eth0 {{ cluster = on }}\n}}\n",
        spec().replacen(
            "  cni flannel",
            "  vip { address = 192.168.11.250 }\n  cni flannel",
            1
        )
    );
    std::fs::write(folder.path().join("cluster.pik"), two).expect("written");
    let run = with_key(&folder, &["compile", "cluster.pik", "-o", "out"], "");
    assert_eq!(run.status, 0, "{run:?}");
    let names = |node: &str| once(&folder, node);
    let other = [&["discovery.conf"], AUTHORITIES].concat();
    assert_eq!(names("other"), other);
    // The first one joins as well, if it has lost its disk and the cluster runs.
    assert_eq!(names("control"), [&other[..], &["token.yaml"]].concat());
    assert_eq!(names("worker"), ["discovery.conf"]);
    let leads = folder.read("out/nodes/other/once/discovery.conf");
    has(&leads, "server: https://192.168.11.250:6443");
}

#[test]
fn a_second_compile_changes_nothing_and_why_and_diff_show_nothing() {
    let folder = compiled();
    let run = with_key(&folder, &["compile", "cluster.pik", "-o", "out"], "");
    has(&run.out, "nothing changed");
    let run = with_key(
        &folder,
        &["secrets", "rotate", "cluster.pik", "join/token"],
        "",
    );
    assert_eq!(run.status, 0, "{run:?}");
    let run = with_key(&folder, &["diff", "cluster.pik", "-o", "out"], "");
    has(
        &run.out,
        "once/discovery.conf  changed: holds a secret, not shown",
    );
    has(&run.out, "only a machine that joins from now on uses it");
    lacks(&run.out, "token-secret");
    let line = ["diff", "cluster.pik", "-o", "out", "--unified"];
    let run = with_key(&folder, &line, "");
    has(
        &run.out,
        "+++ b/nodes/worker/once/discovery.conf\n(holds a secret: not shown)",
    );
    lacks(&run.out, "token-secret: ");
    let line = ["why", "out/nodes/worker/once/discovery.conf:10"];
    let run = with_key(&folder, &line, "");
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "without the values of the tree's secrets file");
    has(&run.err, "add --secrets cluster.secrets.age");
    let run = with_key(&folder, &["why", "out/nodes/control/once/token.yaml"], "");
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "add --secrets cluster.secrets.age");
    lacks(&run.err, "PIKC_SECRET_NAME");
    let run = with_key(&folder, &["why", "out/nodes/control/once"], "");
    assert_eq!(run.status, 0, "{run:?}");
    has(
        &run.err,
        "without the values of its secrets file (--secrets cluster.secrets.age has them)",
    );
    let run = with_key(&folder, &["compile", "cluster.pik", "-o", "out"], "");
    assert_eq!(run.status, 0, "{run:?}");
    let run = with_key(
        &folder,
        &[line[0], line[1], "--secrets", "cluster.secrets.age"],
        "",
    );
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "(holds a secret: not shown)");
    // A file without secrets is explained without any key.
    let run = folder.run(
        &["why", "out/README.md:1"],
        &[("HOME", "/nowhere"), ("PIKC_SECRET_WIFI", "correct horse")],
        "",
    );
    assert_eq!(run.status, 0, "{run:?}");
}
