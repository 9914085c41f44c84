//! A CNI installed by a Helm chart, from a folder outside the program: the tree, the vendored files, and the step on the control plane
//! with a stand-in for Helm that records its calls. No Rust code has the CNI's name.

use crate::support::predicates_lite::{has, lacks};
use crate::support::{Folder, Run};

/// A cluster with the CNI, a chart and a Helm to fetch, and a library with their checksums.
fn folder() -> Folder {
    let text = super::one_worker("cni ferry { boats = 3 }");
    let folder = Folder::new(&[
        ("cluster.pik", &text),
        ("lib/cni/ferry/cni.pik", include_str!("helm_chart/cni.pik")),
        (
            "lib/cni/ferry/values.yaml.j2",
            include_str!("helm_chart/values.yaml.j2"),
        ),
        ("made/ferry/Chart.yaml", "name: ferry\nversion: 1.2.3\n"),
        ("made/linux-amd64/helm", include_str!("helm_chart/helm.sh")),
        ("bin/kubectl", include_str!("helm_chart/kubectl.sh")),
        ("bin/dpkg", "#!/bin/sh\necho amd64\n"),
    ]);
    pack(&folder);
    folder
}

/// Packs chart and Helm again, and writes their checksums to the library.
fn pack(folder: &Folder) {
    let made = folder.shell(
        "set -e; chmod 755 made/linux-amd64/helm bin/*; mkdir -p served
         tar -czf served/ferry-1.2.3.tgz -C made ferry; tar -czf served/helm.tar.gz -C made linux-amd64
         chart=$(sha256sum <served/ferry-1.2.3.tgz | cut -c1-64); helm=$(sha256sum <served/helm.tar.gz | cut -c1-64)
         sed -i -e \"s|SERVED|$PWD/served|; s|CHART|$chart|; s|HELM|$helm|\" lib/cni/ferry/cni.pik",
    );
    assert_eq!(made.status, 0, "{made:?}");
}

fn pikc(folder: &Folder, line: &[&str]) -> Run {
    let line: Vec<&str> = line.iter().copied().chain(["--stdlib", "lib"]).collect();
    let secret = [("PIKC_SECRET_WIFI", "correct horse battery staple")];
    folder.run(&line, &secret, "")
}

/// Runs the step as the control plane would, with its state in this folder.
fn step(folder: &Folder) -> Run {
    folder.shell(
        "rm -rf bundle; cp -rL out/nodes/control bundle; ls -d out/nodes/control/steps >/dev/null
         sed -i \"s|^state=.*|state=$PWD/state|\" bundle/lib.sh
         PATH=\"$PWD/bin:$PATH\" LOG=\"$PWD/log\" STAND=\"$PWD/standing\" bash bundle/steps/76-cni.sh 2>&1",
    )
}

fn compiled() -> Folder {
    let folder = folder();
    let made = pikc(&folder, &["compile", "cluster.pik", "-o", "out"]);
    assert_eq!(made.status, 0, "{made:?}");
    folder
}

#[test]
fn the_tree_has_the_values_and_lists_what_is_fetched() {
    let folder = compiled();
    let values = folder.read("out/nodes/control/cni/10-ferry/values.yaml");
    has(&values, "pods: \"10.244.0.0/16\"");
    has(&values, "boats: 3");
    let list = folder.read("out/cluster/cni/10-ferry/upstream.list");
    has(&list, "  ferry-1.2.3.tgz  file://");
    has(&list, "  helm-amd64.tar.gz  file://");
    let known = folder.read("out/pikc.json");
    has(
        &known,
        "the Helm chart of Ferry, compared with its checksum",
    );
    has(
        &known,
        "Helm, for the chart of Ferry, compared with its checksum",
    );
}

#[test]
fn the_step_installs_once_and_repairs_an_interrupted_install() {
    let folder = compiled();
    let first = step(&folder);
    assert_eq!(first.status, 0, "{first:?}");
    has(&first.out, "changed  10-ferry installed");
    has(&folder.read("log"), "upgrade --install ferry");
    has(&folder.read("log"), "--namespace ferries");
    // How to remove it is kept for a later change to another CNI.
    let removal = folder.shell("cat state/cni/10-ferry.release").out;
    has(&removal, "/helm --kubeconfig ");
    has(&removal, "--namespace ferries uninstall ferry");
    let again = step(&folder);
    assert_eq!(again.status, 0, "{again:?}");
    lacks(&again.out, "no longer wanted");
    has(&again.out, "ok       10-ferry");
    lacks(&again.out, "changed");
    // Killed: Helm left its marker, and refuses to work until the marker is gone.
    folder.shell("sed -i s/deployed/pending-install/ standing");
    let after = step(&folder);
    assert_eq!(after.status, 0, "{after:?}");
    has(
        &after.out,
        "changed  the marker of a killed Helm is removed",
    );
    has(&after.out, "changed  10-ferry installed");
    lacks(&step(&folder).out, "changed");
}

#[test]
fn a_file_with_another_checksum_is_not_run() {
    let folder = compiled();
    folder.shell("echo more >>served/helm.tar.gz");
    let refused = step(&folder);
    assert_eq!(refused.status, 9, "{refused:?}");
    has(&refused.out, "does not have the checksum");
    assert_eq!(folder.shell("cat log").out, "");
}

#[test]
fn vendored_files_are_checked_and_put_into_the_bundle() {
    let folder = folder();
    let line = ["compile", "cluster.pik", "-o", "out", "--vendored", "kept"];
    folder.shell("mkdir kept");
    has(&pikc(&folder, &line).err, "vendor/missing-file");
    let made = pikc(&folder, &["vendor", "cluster.pik", "--into", "kept"]);
    assert_eq!(made.status, 0, "{made:?}");
    assert_eq!(folder.shell("bash kept/fetch.sh").status, 0);
    let made = pikc(&folder, &line);
    assert_eq!(made.status, 0, "{made:?}");
    folder.shell("rm -r served");
    let run = step(&folder);
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "changed  10-ferry installed");
}

#[test]
fn an_archive_with_another_chart_is_refused() {
    let folder = folder();
    folder.text("lib/cni/ferry/cni.pik", include_str!("helm_chart/cni.pik"));
    folder.text("made/ferry/Chart.yaml", "name: ferry\nversion: 1.2.4\n");
    pack(&folder);
    folder.shell(
        "mkdir kept; cp served/ferry-1.2.3.tgz kept/; cp served/helm.tar.gz kept/helm-amd64.tar.gz",
    );
    let line = ["compile", "cluster.pik", "-o", "out", "--vendored", "kept"];
    let refused = pikc(&folder, &line);
    assert_eq!(refused.status, 1, "{refused:?}");
    has(&refused.err, "vendor/another-chart");
    has(&refused.err, "its version differs");
}
