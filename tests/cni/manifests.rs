//! The manifests that pikc writes itself, object by object: each leaf of each object is a row of a table in
//! `tests/cni/NAME.md`, which was written from upstream's manifest and not from pikc's. A missing row, an extra
//! row and a differing row all fail; where pikc differs from upstream, the row says what upstream has
//! and why. Also what applies only to a CNI with a secret, and to `cni none`.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use super::objects;
use super::table::{self, Row};
use crate::support::Folder;

/// `tests/specs/one-worker.pik` with another CNI, compiled with these secrets.
fn compiled(cni: &str, secrets: &[(&str, &str)]) -> Folder {
    let text = super::one_worker(cni);
    let folder = Folder::new(&[("cluster.pik", &text)]);
    let run = folder.run(&["compile", "cluster.pik", "-o", "out"], secrets, "");
    assert_eq!(run.status, 0, "{}", run.err);
    folder
}

const WIFI: (&str, &str) = ("PIKC_SECRET_WIFI", "correct horse battery staple");

/// The differences between a manifest and its table, one per line.
fn differences(made: &BTreeMap<(String, String), String>, rows: &[Row]) -> Vec<String> {
    let mut out = Vec::new();
    let mut told = std::collections::BTreeSet::new();
    for row in rows {
        let key = (row.object.clone(), row.what.clone());
        let here = format!("{}: {}", row.object, row.what);
        match (made.get(&key), row.is.as_str()) {
            (None, table::ABSENT) => {}
            (Some(found), wanted) if found == wanted => {}
            (found, wanted) => {
                out.push(format!("{here} is {found:?}, and the table says {wanted}"))
            }
        }
        if row.upstream.is_empty() != row.why.is_empty() {
            out.push(format!(
                "{here}: a difference from upstream has a reason, other rows have none"
            ));
        }
        if row.upstream == row.is {
            out.push(format!("{here}: upstream has exactly the same"));
        }
        if !told.insert(key) {
            out.push(format!("{here} is in the table twice"));
        }
    }
    for (object, what) in made.keys() {
        if !told.contains(&(object.clone(), what.clone())) {
            out.push(format!("{object}: {what} is not in the table"));
        }
    }
    out
}

#[test]
fn each_manifest_matches_its_table() {
    for (name, least) in [("flannel", 70), ("weave", 90)] {
        let folder = compiled(&format!("cni {name} {{}}"), &[WIFI]);
        let made = objects::rows(&folder.read(&format!("out/cluster/cni/10-{name}.yaml")));
        let page = std::fs::read_to_string(format!("tests/cni/{name}.md")).expect("the table");
        let rows = table::rows(&page);
        assert!(rows.len() >= least, "{name}: only {} rows", rows.len());
        let found = differences(&made, &rows);
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

/// The comparison itself can fail, in every way that it should.
#[test]
fn a_table_that_is_wrong_is_refused() {
    let made = objects::rows(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\nspec: {hostNetwork: true, containers: [{name: c, args: [x, y]}]}\n",
    );
    let page = "## Pod b/a\n\n| what | is | upstream says | why |\n|---|---|---|---|\n\
                | `apiVersion` | `v1` | | |\n| `hostNetwork` | `true` | | |\n| `containers[c].args` | `[x, y]` | | |\n";
    let wrong = |old: &str, new: &str| differences(&made, &table::rows(&page.replace(old, new)));
    assert_eq!(wrong("", ""), Vec::<String>::new());
    for (old, new, why) in [
        ("`true`", "`false`", "and the table says false"),
        ("| `hostNetwork` | `true` | | |\n", "", "not in the table"),
        ("[x, y]", "[x]", "and the table says [x]"),
        ("`v1` | | |", "`v1` | `v2` | |", "has a reason"),
        ("`v1` | | |", "`v1` | `v1` | because |", "exactly the same"),
        ("`true` | | |", "– | `true` | no |", "and the table says –"),
        (
            "| `apiVersion`",
            "| `hostNetwork` | `true` | | |\n| `apiVersion`",
            "twice",
        ),
    ] {
        let found = wrong(old, new);
        assert!(
            found.iter().any(|line| line.contains(why)),
            "{why}: {found:#?}"
        );
    }
}

/// Every file below a folder: path, mode, bytes.
fn files(folder: &std::path::Path, out: &mut Vec<(String, u32, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let kind = path.symlink_metadata().expect("an entry").file_type();
        if kind.is_dir() {
            files(&path, out);
        } else if kind.is_file() {
            let mode = path.metadata().expect("a file").permissions().mode() & 0o7777;
            let name = path.to_string_lossy().into_owned();
            out.push((name, mode, std::fs::read(&path).expect("bytes")));
        }
    }
}

#[test]
fn a_password_is_in_a_file_of_its_own_and_nowhere_else() {
    let password = "a tangled web";
    let folder = compiled(
        "cni weave { password = secret:weave }",
        &[WIFI, ("PIKC_SECRET_WEAVE", password)],
    );
    let mut all = Vec::new();
    files(&folder.path().join("out"), &mut all);
    let packed = "YSB0YW5nbGVkIHdlYg=="; // as a Secret holds it
    let holds = |bytes: &[u8], text: &str| {
        bytes
            .windows(text.len())
            .any(|found| found == text.as_bytes())
    };
    let holders: Vec<&(String, u32, Vec<u8>)> = all
        .iter()
        .filter(|(_, _, bytes)| holds(bytes, packed) || holds(bytes, password))
        .collect();
    assert_eq!(
        holders.len(),
        1,
        "{:?}",
        holders.iter().map(|(path, ..)| path).collect::<Vec<_>>()
    );
    let (path, mode, bytes) = holders[0];
    assert!(
        path.ends_with("out/cluster/cni/05-weave-secret.yaml"),
        "{path}"
    );
    assert_eq!(*mode, 0o600);
    assert!(!holds(bytes, password));
    // The node's list sets the same mode on the machine, and the user-data that packs everything has it, too.
    let list = folder.read("out/nodes/control/node.list");
    let line = list
        .lines()
        .find(|line| line.ends_with("  cni/05-weave-secret.yaml"));
    assert!(
        line.is_some_and(|line| line.contains("  0600  root:root  ")),
        "{list}"
    );
    let mode_of = |name: &str| {
        let found = all.iter().find(|(path, ..)| path.ends_with(name));
        found.unwrap_or_else(|| panic!("no {name}")).1
    };
    assert_eq!(mode_of("nodes/control/cloud-init/user-data"), 0o600);
    // Neither `diff` nor `why` shows it.
    let changed = [WIFI, ("PIKC_SECRET_WEAVE", "another web")];
    let run = folder.run(
        &["diff", "cluster.pik", "-o", "out", "--unified"],
        &changed,
        "",
    );
    assert!(
        run.out.contains("(holds a secret: not shown)"),
        "{}{}",
        run.out,
        run.err
    );
    for text in [password, packed, "another web", "YW5vdGhlciB3ZWI="] {
        assert!(
            !run.out.contains(text) && !run.err.contains(text),
            "{}",
            run.out
        );
    }
}

#[test]
fn without_its_value_the_file_and_everything_that_packs_it_are_left_out() {
    let folder = compiled("cni weave { password = secret:weave }", &[WIFI]);
    let out = folder.path().join("out");
    assert!(!out.join("cluster/cni/05-weave-secret.yaml").exists());
    assert!(!out.join("nodes/control/cloud-init").exists());
    assert!(out.join("nodes/worker/cloud-init").exists());
    // The control plane's run stops before it changes anything; workers do not need the password.
    let conf = folder.read("out/nodes/control/node.conf");
    assert!(
        conf.contains("missing-secret=weave (cni/05-weave-secret.yaml)"),
        "{conf}"
    );
    assert!(
        !folder
            .read("out/nodes/worker/node.conf")
            .contains("missing-secret")
    );
    assert!(
        folder
            .read("out/README.md")
            .contains("| `weave` | cluster/cni/05-weave-secret.yaml")
    );
    // The manifest still requires it: no node starts unencrypted.
    assert!(
        folder
            .read("out/cluster/cni/10-weave.yaml")
            .contains("secretKeyRef")
    );
}

#[test]
fn the_hosts_get_what_the_cni_needs() {
    let folder = compiled("cni weave { password = secret:wifi }", &[WIFI]);
    let class = "out/classes/control-plane-raspios-trixie-pi-4";
    let modules = folder.read(&format!("{class}/files/etc/modules-load.d/pikc.conf"));
    for module in ["br_netfilter", "openvswitch", "vxlan", "xt_set"] {
        assert!(
            modules.lines().any(|line| line == module),
            "{module}: {modules}"
        );
    }
    let manager = folder.read(&format!(
        "{class}/files/etc/NetworkManager/conf.d/90-pikc.conf"
    ));
    for link in ["weave", "vethwe*", "datapath", "vxlan-6784"] {
        assert!(
            manager.contains(&format!("interface-name:{link}")),
            "{link}: {manager}"
        );
    }
    let reset = folder.read(&format!("{class}/reset.sh"));
    for piece in [
        "links=(weave vxlan-6784 vethwe-bridge)",
        "switches=(datapath)",
        "conflists=(/etc/cni/net.d/10-weave.conflist)",
        "conflists+=(/var/lib/weave)",
    ] {
        assert!(reset.contains(piece), "{piece}: {reset}");
    }
    assert!(
        folder
            .read(&format!("{class}/steps/10-preflight.sh"))
            .contains("/etc/machine-id")
    );
    let runbook = folder.read("out/README.md");
    for port in ["TCP 6783", "UDP 6783", "UDP 6784", "IP protocol 50"] {
        assert!(
            runbook.contains(&format!("| {port} |")),
            "{port}: {runbook}"
        );
    }
    assert!(runbook.contains("Weave Net identifies machines by `/etc/machine-id`"));
    // Without encryption there is no ESP, and sleeve carries every packet in user space: it needs no kernel modules.
    let folder = compiled("cni weave { backend = sleeve }", &[WIFI]);
    let runbook = folder.read("out/README.md");
    assert!(
        !runbook.contains("IP protocol 50") && !runbook.contains("UDP 6784"),
        "{runbook}"
    );
    let modules = folder.read(&format!("{class}/files/etc/modules-load.d/pikc.conf"));
    assert!(!modules.contains("openvswitch"), "{modules}");
}

#[test]
fn with_none_nothing_is_applied_and_every_page_says_so() {
    let folder = compiled("cni none {}", &[WIFI]);
    let out = folder.path().join("out");
    assert!(!out.join("cluster").exists());
    // A dangling link would make copying the folder fail.
    assert!(out.join("nodes/control/cni").symlink_metadata().is_err());
    let runbook = folder.read("out/README.md");
    for piece in [
        "You bring it",
        "10.244.0.0/16",
        "10.96.0.0/12",
        "as soon as the pod network is there",
        "Kubernetes 1.36",
    ] {
        assert!(runbook.contains(piece), "{piece}: {runbook}");
    }
    let manifest = folder.read("out/pikc.json");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    assert!(manifest["versions"]["none"].is_null(), "{manifest:#}");
    assert_eq!(manifest["fixed"]["cni"], "none");
    // kubeadm assigns a piece of the pod range to each node in any case: most CNIs need it.
    assert!(
        folder
            .read("out/nodes/control/kubeadm.yaml")
            .contains("podSubnet: 10.244.0.0/16")
    );
    // With any other CNI, the step waits until the node is Ready.
    let ready = compiled("cni flannel {}", &[WIFI]).read("out/nodes/control/steps/78-ready.sh");
    assert!(!ready.contains("NetworkPluginNotReady"), "{ready}");
}
