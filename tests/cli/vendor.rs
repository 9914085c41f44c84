//! `vendor` and `--vendored` from outside: what they fetch, compare and refuse.

use std::collections::BTreeMap;

use super::GOOD;
use crate::support::predicates_lite::{has, lacks};
use crate::support::{Folder, pikc};

/// A small file as upstream would send it, with the objects that the overlay changes.
const UPSTREAM: &str = include_str!("../readers/upstream/canal.yaml");
const CANAL: &str = include_str!("../../stdlib/cni/canal/cni.pik");

/// A cluster with Canal, and a library that treats `upstream` as upstream's file.
fn folder(upstream: &str) -> Folder {
    let start = GOOD.find("cni flannel").expect("a CNI");
    let end = start + GOOD[start..].find('}').expect("its end") + 1;
    let spec = format!("{}cni canal {{}}{}", &GOOD[..start], &GOOD[end..]);
    let folder = Folder::new(&[("cluster.pik", &spec), ("served/canal.yaml", upstream)]);
    let sum = folder.shell("sha256sum served/canal.yaml").out;
    let sum = sum.split(' ').next().expect("a checksum");
    let address = format!("file://{}/served/canal.yaml", folder.path().display());
    let mut changed = BTreeMap::new();
    for line in CANAL.lines() {
        let word = line.split_whitespace().next().unwrap_or_default();
        changed.insert(
            changed.len(),
            match word {
                "sha256" => format!("    sha256  = {sum}"),
                "url" => format!("    url     = \"{address}\""),
                _ => line.to_owned(),
            },
        );
    }
    let library: Vec<String> = changed.into_values().collect();
    folder.text("lib/cni/canal/cni.pik", &library.join("\n"));
    folder
}

const COMPILE: &[&str] = &[
    "compile",
    "cluster.pik",
    "-o",
    "out",
    "--stdlib",
    "lib",
    "--vendored",
    "away",
];

#[test]
fn files_fetched_on_a_machine_with_internet_are_in_the_bundle() {
    let folder = folder(UPSTREAM);
    let made = pikc(
        &folder,
        &["vendor", "cluster.pik", "--into", "away", "--stdlib", "lib"],
    );
    assert_eq!(made.status, 0, "{made:?}");
    has(&made.out, "bash away/fetch.sh");
    let early = pikc(&folder, COMPILE);
    assert_eq!(early.status, 1, "{early:?}");
    has(&early.err, "vendor/missing-file");
    has(
        &folder.shell("bash away/fetch.sh").out,
        "fetched  canal.yaml",
    );
    has(
        &folder.shell("bash away/fetch.sh").out,
        "ok       canal.yaml",
    );
    let run = pikc(&folder, COMPILE);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(
        folder.read("out/nodes/node01/cni/10-canal/canal.yaml"),
        UPSTREAM
    );
    has(
        &folder.read("out/nodes/node01/node.list"),
        "cni/10-canal/canal.yaml",
    );
    lacks(&folder.read("out/pikc.json"), "served/canal.yaml");
    lacks(&folder.read("out/README.md"), "served/canal.yaml");
    // Without the folder, the control plane fetches the file, and the manifest says so.
    let plain = pikc(
        &folder,
        &["compile", "cluster.pik", "-o", "out", "--stdlib", "lib"],
    );
    assert_eq!(plain.status, 0, "{plain:?}");
    has(&folder.read("out/pikc.json"), "served/canal.yaml");
}

#[test]
fn a_file_with_another_checksum_is_refused() {
    let folder = folder(UPSTREAM);
    folder.text("away/canal.yaml", "kind: List\n");
    let wrong = pikc(&folder, COMPILE);
    assert_eq!(wrong.status, 1, "{wrong:?}");
    has(&wrong.err, "vendor/another-checksum");
    assert!(!folder.path().join("out").exists());
    assert_eq!(
        pikc(
            &folder,
            &["vendor", "cluster.pik", "--into", "away", "--stdlib", "lib"]
        )
        .status,
        0
    );
    // A proxy's answer is not kept as the file.
    folder.text("served/canal.yaml", "<html>sign in</html>\n");
    let fetched = folder.shell("bash away/fetch.sh 2>&1");
    has(&fetched.out, "does not have the checksum");
    assert_eq!(folder.read("away/canal.yaml"), "kind: List\n");
}

#[test]
fn a_file_without_an_object_that_the_overlay_changes_is_refused() {
    let folder = folder(&UPSTREAM.replace("  name: canal-config\n", "  name: canal-settings\n"));
    folder.text("away/canal.yaml", &folder.read("served/canal.yaml"));
    let run = pikc(&folder, COMPILE);
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.err, "vendor/object-missing");
    has(&run.err, "holds no ConfigMap/canal-config");
}

#[test]
fn a_script_that_pikc_did_not_write_stays_and_flannel_needs_none() {
    let folder = folder(UPSTREAM);
    folder.shell("mkdir away && mkfifo away/canal.yaml");
    let pipe = pikc(&folder, COMPILE);
    has(
        &pipe.err,
        "away/canal.yaml: it is a named pipe, not a regular file",
    );
    folder.text("away/fetch.sh", "mine\n");
    let run = pikc(
        &folder,
        &["vendor", "cluster.pik", "--into", "away", "--stdlib", "lib"],
    );
    assert_eq!(run.status, 3, "{run:?}");
    assert_eq!(folder.read("away/fetch.sh"), "mine\n");
    folder.text("flannel.pik", GOOD);
    let run = pikc(&folder, &["vendor", "flannel.pik", "--into", "away"]);
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "writes all its manifests itself");
}

/// Your own copy, named in the spec: used, reported if it differs from upstream's, refused if it cannot be the right file.
#[test]
fn your_own_copy_is_checked_and_used() {
    let folder = folder(UPSTREAM);
    let spec = folder.shell("cat cluster.pik").out;
    let own = spec.replace("cni canal {}", "cni canal { upstream = \"mine\" }");
    folder.text("cluster.pik", &own);
    let line = &["compile", "cluster.pik", "-o", "out", "--stdlib", "lib"];
    let check = |expected: &str| {
        let run = pikc(&folder, line);
        assert_eq!(run.status, 1, "{run:?}");
        has(&run.err, expected);
        assert_ne!(folder.shell("ls out").status, 0, "nothing is written");
    };
    check("`mine/canal.yaml` cannot be read: there is no such file");
    folder.shell("mkdir -p mine/canal.yaml");
    check("cni/upstream-unreadable");
    folder.shell("rmdir mine/canal.yaml; mkfifo mine/canal.yaml");
    check("it is a named pipe, not a regular file");
    folder.shell("rm mine/canal.yaml; printf '\\377\\376' > mine/canal.yaml");
    check("is not UTF-8");
    folder.shell("printf 'a: [' > mine/canal.yaml");
    check("it is not YAML");
    folder.shell("printf 'kind: ConfigMap\\nmetadata: {name: canal-config}\\n' > mine/canal.yaml");
    check("cni/upstream-object-missing");

    // Upstream's own file: no report, and nothing is fetched.
    folder.shell("cp served/canal.yaml mine/canal.yaml");
    let same = pikc(&folder, line);
    assert_eq!((same.status, same.err.as_str()), (0, ""), "{same:?}");
    lacks(&folder.shell("cat out/pikc.json").out, "served/canal.yaml");
    assert_eq!(
        folder
            .shell("cmp served/canal.yaml out/cluster/cni/10-canal/canal.yaml")
            .status,
        0
    );

    // A different file: a warning, and the control plane compares it with its own checksum.
    folder.shell("echo '# ours' >> mine/canal.yaml");
    let other = pikc(&folder, line);
    assert_eq!(other.status, 0, "{other:?}");
    has(&other.err, "Warning: cni/upstream-differs");
    let sum = folder
        .shell("sha256sum mine/canal.yaml | cut -d ' ' -f 1")
        .out;
    has(
        &folder
            .shell("cat out/cluster/cni/10-canal/upstream.list")
            .out,
        sum.trim(),
    );
}

#[test]
fn a_path_that_is_not_a_folder_is_refused_even_if_nothing_is_needed_from_it() {
    let folder = Folder::new(&[("cluster.pik", GOOD), ("file", "mine\n")]);
    for (name, why) in [
        ("nope", "`nope` cannot be read: there is no such folder"),
        ("file", "`file` cannot be read: it is not a folder"),
    ] {
        let line = [
            "compile",
            "cluster.pik",
            "-o",
            "out",
            &format!("--vendored={name}"),
        ];
        let run = pikc(&folder, &line);
        assert_eq!(run.status, 3, "{run:?}");
        has(&run.err, why);
        has(&run.err, "pikc vendor SPEC --into FOLDER");
        assert!(!folder.path().join("out").exists());
    }
    folder.shell("mkdir empty");
    let run = pikc(
        &folder,
        &["compile", "cluster.pik", "-o", "out", "--vendored", "empty"],
    );
    assert_eq!(run.status, 0, "{run:?}");
}
