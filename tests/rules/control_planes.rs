//! Several control planes: what is right by construction.

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

/// What `kube-vip manifest pod --controlplane --arp --leaderElection --interface eth0 --address 192.168.11.5` puts into the pod's
/// environment (v1.2.3: pkg/kubevip/config_generator.go, with the defaults of cmd/kube-vip.go), in its order.
const GENERATED: &[(&str, &str)] = &[
    ("vip_arp", "true"),
    ("port", "6443"),
    ("vip_nodename", ""),
    ("vip_interface", "eth0"),
    ("vip_subnet", "32"),
    ("dns_mode", "first"),
    ("cp_enable", "true"),
    ("cp_namespace", "kube-system"),
    ("vip_leaderelection", "true"),
    ("vip_leasename", "plndr-cp-lock"),
    ("vip_leaseduration", "15"),
    ("vip_renewdeadline", "10"),
    ("vip_retryperiod", "2"),
    ("address", "192.168.11.5"),
    ("prometheus_server", ":2112"),
];

#[test]
fn kube_vip_is_set_as_its_own_generator_sets_it() {
    let tree = tree("1.36");
    let pod = file(&tree, "/etc/kubernetes/manifests/kube-vip.yaml");
    let mut found: Vec<(&str, &str)> = Vec::new();
    let (_, environment) = pod.split_once("      env:\n").expect("an environment");
    let (environment, _) = environment
        .split_once("      securityContext:")
        .expect("an end");
    for line in environment.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("- name: ") {
            found.push((name, ""));
        } else if let (Some(value), Some(last)) = (line.strip_prefix("value: "), found.last_mut()) {
            last.1 = value.trim_matches('"');
        }
    }
    assert_eq!(found, GENERATED);
    in_order(
        pod,
        &[
            "hostNetwork: true",
            "ip: 127.0.0.1",
            "hostnames: [kubernetes]",
            "args: [manager]",
            "fieldPath: spec.nodeName",
            "add: [NET_ADMIN, NET_RAW]",
            "drop: [ALL]",
            "mountPath: /etc/kubernetes/admin.conf",
            "path: /etc/kubernetes/admin.conf",
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
