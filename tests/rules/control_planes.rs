//! Several control planes: what is right by construction.

use std::collections::BTreeMap;

use super::tree::{Spec, Tree, file, files, in_order, lines};

/// Three control planes and a worker, with an address that moves.
fn tree(kubernetes: &'static str) -> Tree {
    Spec {
        kubernetes,
        cluster: "endpoint = api.home.arpa\n vip { address = 192.168.11.5 }\n \
                  node more[1-2] {\n role = control-plane\n os = raspios-trixie\n board = pi-4b-4g\n \
                  address = 192.168.11.208..192.168.11.209\n interface eth0 { }\n }"
            .to_owned(),
        ..Spec::default()
    }
    .tree()
}

/// What kube-vip's own generator puts into the pod, what pikc does, and why that differs.
const BY_ARP: &str = include_str!("kube-vip.tsv");
/// The same for a pod that speaks BGP.
const BY_BGP: &str = include_str!("kube-vip-bgp.tsv");

/// Holds the first pod of a golden file against a table, in which these words stand for values of the spec.
fn as_generated(golden: &str, table: &str, given: &[(&str, &str)]) {
    let (_, pod) = golden
        .split_once("/etc/kubernetes/manifests/kube-vip.yaml 0644\n")
        .expect("the pod is in the golden file");
    let pod = pod.split("\n==== ").next().expect("a first part");
    let found = crate::cni::objects::fields(pod);
    let given: BTreeMap<&str, &str> = given.iter().copied().collect();
    let mut wanted = BTreeMap::new();
    for row in table.lines().filter(|row| !row.starts_with('#')) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [field, theirs, ours, why] = columns[..] else {
            panic!("four columns: {row}");
        };
        assert_eq!(theirs == ours, why == "same", "{row}");
        assert!(!why.is_empty(), "{row}");
        if ours != "-" {
            let value = given.get(ours).copied().unwrap_or(ours);
            let before = wanted.insert(field.to_owned(), value.to_owned());
            assert_eq!(before, None, "{field} is there twice");
        }
    }
    assert_eq!(found, wanted);
}

#[test]
fn kube_vip_is_set_as_its_own_generator_sets_it() {
    let image = ("IMAGE", "ghcr.io/kube-vip/kube-vip:v1.2.3");
    let port = ("PORT", "6443");
    as_generated(
        include_str!("../golden/control_planes/three-control-planes.txt"),
        BY_ARP,
        &[("IF", "eno1"), ("ADDRESS", "192.168.11.5"), port, image],
    );
    as_generated(
        include_str!("../golden/control_planes/three-bgp.txt"),
        BY_BGP,
        &[
            ("ADDRESS", "10.100.0.5"),
            ("AS", "64512"),
            ("ID", "10.1.0.11"),
            ("PEERS", "10.1.0.1:64513::false"),
            port,
            image,
        ],
    );
}

#[test]
fn kube_vip_has_more_rights_only_while_the_cluster_starts() {
    for (release, needs) in [("1.28", false), ("1.29", true), ("1.36", true)] {
        let tree = tree(release);
        let init = file(&tree, "72-kubeadm-init.sh");
        assert_eq!(init.contains("super-admin.conf"), needs, "{release}");
        // What stays is the pod as it is in the bundle.
        for (path, text) in &tree {
            let starts = path.ends_with("72-kubeadm-init.sh");
            let packed = path.ends_with("user-data") || path.ends_with("firstrun.sh");
            assert!(
                starts || packed || !text.contains("super-admin.conf"),
                "{path}"
            );
        }
        in_order(
            init,
            &[
                "stop_if_running() {",
                "early_pod() {",
                "  stop_if_running\n",
                "  early_pod\n",
                "first_init\n",
            ],
        );
    }
}

#[test]
fn the_key_to_the_certificates_is_in_no_file_of_the_tree() {
    for release in ["1.30", "1.36"] {
        let tree = tree(release);
        let joins: Vec<&str> = files(&tree, "/kubeadm-join.yaml").collect();
        assert_eq!(joins.len(), 3);
        for join in joins {
            in_order(
                join,
                &[
                    "kind: JoinConfiguration",
                    "controlPlane:\n  localAPIEndpoint:",
                    "discovery:",
                ],
            );
        }
        let key = |line: &&str| line.contains("certificateKey") && !line.contains("printf");
        let lines = lines(&tree);
        assert_eq!(
            lines.into_iter().filter(key).collect::<Vec<_>>(),
            Vec::<&str>::new()
        );
        let worker = tree
            .iter()
            .find(|(path, _)| path.ends_with("node02/kubeadm.yaml"));
        assert!(!worker.expect("the worker's").1.contains("controlPlane"));
    }
}

#[test]
fn what_is_done_once_is_done_by_the_first_control_plane() {
    let tree = tree("1.36");
    in_order(file(&tree, "76-cni.sh"), &["lib.sh\"\nonce\n", "parts"]);
    let one = Spec::default().tree();
    for text in one.values() {
        assert!(
            !text.contains("\nonce\n"),
            "a cluster with one control plane"
        );
    }
}
