//! `check --kubeadm --manifest` from outside.

use super::GOOD;
use crate::support::predicates_lite::has;
use crate::support::{Folder, pikc};

const KUBEADM: &str = include_str!("../../examples/existing/kubeadm.yaml");
const MANIFEST: &str = include_str!("../../examples/existing/kube-flannel.yaml");

fn folder() -> Folder {
    Folder::new(&[
        ("kubeadm.yaml", KUBEADM),
        ("flannel.yaml", MANIFEST),
        ("cluster.pik", GOOD),
    ])
}

#[test]
fn the_files_of_a_cluster_are_compared_and_shown() {
    let folder = folder();
    let both = &[
        "check",
        "--kubeadm",
        "kubeadm.yaml",
        "--manifest",
        "flannel.yaml",
    ];
    let run = pikc(&folder, both);
    assert_eq!((run.status, run.out.as_str()), (1, ""), "{run:?}");
    has(&run.err, "Error: cni/network-differs-from-pods");
    has(&run.err, "[kubeadm.yaml:14:14]");
    has(&run.err, "[flannel.yaml:10:19]");
    has(&run.err, "1 error in kubeadm.yaml, flannel.yaml");

    // The kubeadm file alone has no mistake.
    let run = pikc(&folder, &["check", "--kubeadm", "kubeadm.yaml"]);
    assert_eq!((run.status, run.err.as_str()), (0, ""), "{run:?}");
    assert_eq!(
        run.out,
        "kubeadm.yaml: Kubernetes 1.36.4, pods in 10.100.0.0/16\n"
    );

    // Together with a spec, each is checked separately.
    let run = pikc(
        &folder,
        &["check", "cluster.pik", "--kubeadm", "kubeadm.yaml"],
    );
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "cluster.pik: cluster home");
    has(&run.out, "kubeadm.yaml: Kubernetes 1.36.4");
}

#[test]
fn formats_for_programs_have_the_places_in_those_files() {
    let folder = folder();
    for (format, place) in [
        ("json", "\"file\": \"flannel.yaml\""),
        ("sarif", "\"uri\": \"flannel.yaml\""),
        ("github", "file=kubeadm.yaml,line=14"),
        ("gitlab", "\"path\": \"kubeadm.yaml\""),
    ] {
        let line = [
            "check",
            "--format",
            format,
            "--kubeadm",
            "kubeadm.yaml",
            "--manifest",
            "flannel.yaml",
        ];
        let run = pikc(&folder, &line);
        assert_eq!(run.status, 1, "{run:?}");
        has(&run.out, place);
        has(&run.out, "cni/network-differs-from-pods");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_the_only_report() {
    let folder = folder();
    folder.shell("mkdir there; printf 'kind: \\351\\n' > latin.yaml");
    let run = pikc(&folder, &["check", "--kubeadm", "nowhere.yaml"]);
    assert_eq!(run.status, 3, "{run:?}");
    has(
        &run.err,
        "`nowhere.yaml` cannot be read: there is no such file",
    );
    let run = pikc(&folder, &["check", "--manifest", "there"]);
    assert_eq!(run.status, 3, "{run:?}");
    let run = pikc(&folder, &["check", "--manifest", "latin.yaml"]);
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.err, "file/not-utf-8");
    let run = pikc(&folder, &["check", "--fix", "--kubeadm", "kubeadm.yaml"]);
    assert_eq!(run.status, 2, "{run:?}");
    let run = folder.run(&["check", "--kubeadm", "-"], &[], "a: [");
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.err, "Error: kubeadm/no-yaml");
}
