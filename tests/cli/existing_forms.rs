//! The forms in which the files of a cluster come: a folder, standard input, JSON, what `kubectl get` prints; and files that were given as a spec.

use super::GOOD;
use crate::support::predicates_lite::has;
use crate::support::{Folder, pikc};

const CLUSTER: &str = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.36.4\nnetworking: { podSubnet: 10.244.0.0/29 }\n";

/// `kubectl get configmap kubeadm-config --namespace kube-system --output yaml`
const CONFIG_MAP: &str = "apiVersion: v1\ndata:\n  ClusterConfiguration: |\n    apiVersion: kubeadm.k8s.io/v1beta4\n    kind: ClusterConfiguration\n    kubernetesVersion: v1.36.4\n    networking:\n      podSubnet: 10.244.0.0/29\nkind: ConfigMap\nmetadata:\n  name: kubeadm-config\n  namespace: kube-system\n";

fn folder() -> Folder {
    Folder::new(&[
        ("there/kubeadm.yaml", CLUSTER),
        (
            "there/web.yml",
            "apiVersion: v1\nkind: Namespace\nmetadata: { name: web }\n",
        ),
        (
            "there/kubelet.json",
            "{\"apiVersion\": \"kubelet.config.k8s.io/v1beta1\", \"kind\": \"KubeletConfiguration\",\n \"clusterDNS\": [\"10.0.0.10\"]}",
        ),
        ("there/below/other.yaml", "a: ["),
        ("there/.hidden.yaml", "a: ["),
        ("there/notes.txt", "a: ["),
        ("cluster.pik", GOOD),
    ])
}

#[test]
fn a_folder_stands_for_the_files_in_it() {
    let folder = folder();
    let run = pikc(&folder, &["check", "--kubeadm", "there"]);
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.err, "[there/kubeadm.yaml:4:26]");
    has(&run.err, "network/node-prefix");
    has(&run.err, "[there/kubelet.json:2:17]");
    has(&run.err, "the cluster's name server is 10.96.0.10");
    // What lies next to the cluster's files is no finding, and what is below is not read.
    assert!(!run.err.contains("web.yml:1"), "{run:?}");
    assert!(!run.err.contains("no-yaml"), "{run:?}");

    folder.shell("mkdir nothing only; printf 'a: b\\n' > only/a.yaml");
    let run = pikc(&folder, &["check", "--kubeadm", "nothing"]);
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "holds no `.yaml`, `.yml` or `.json` file");
    let run = pikc(&folder, &["check", "--kubeadm", "only"]);
    has(&run.err, "kubeadm/nothing-known");
}

#[test]
fn a_special_file_in_a_folder_is_refused() {
    let folder = folder();
    folder.shell("mkfifo there/pipe.yaml");
    let run = pikc(&folder, &["check", "--kubeadm", "there"]);
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "`there/pipe.yaml` cannot be read");
}

#[test]
fn config_maps_are_read_as_what_they_hold() {
    let folder = folder();
    let run = folder.run(&["check", "--kubeadm", "-"], &[], CONFIG_MAP);
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.err, "[<stdin>:8:18]");
    has(&run.err, "network/node-prefix");

    let json = "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"kubeadm-config\"},\n\"data\": {\"ClusterConfiguration\": \"apiVersion: kubeadm.k8s.io/v1beta4\\nkind: ClusterConfiguration\\nkubernetesVersion: v1.36.4\\nnetworking:\\n  podSubnet: 10.244.0.0/29\\n\"}}]}";
    let run = folder.run(&["check", "--kubeadm", "-"], &[], json);
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.err, "<stdin>:2:");
    has(&run.err, "network/node-prefix");

    // A token in it is as hidden as in a file.
    let token = CONFIG_MAP.replace(
        "    networking:",
        "    ---\n    apiVersion: kubeadm.k8s.io/v1beta4\n    kind: InitConfiguration\n    bootstrapTokens:\n    - token: abcdef.0123456789ABCDEF\n    networking:",
    );
    let run = folder.run(&["check", "--kubeadm", "-"], &[], &token);
    has(&run.err, "this is not a token");
    assert!(!run.err.contains("0123456789ABCDEF"), "{run:?}");
}

#[test]
fn a_file_that_was_given_as_a_spec_has_one_report() {
    let folder = folder();
    for (name, text, what, help) in [
        (
            "kubeadm.yaml",
            CLUSTER,
            "is YAML, not a spec",
            "`pikc check --kubeadm kubeadm.yaml` checks it",
        ),
        (
            "map.yaml",
            CONFIG_MAP,
            "is YAML, not a spec",
            "`pikc check --kubeadm map.yaml` checks it",
        ),
        (
            "list.json",
            "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": []}",
            "is JSON, not a spec",
            "`pikc check --manifest list.json`",
        ),
        (
            "main.tf",
            "resource \"aws_instance\" \"a\" {\n  ami = \"x\"\n}\n",
            "is HCL, not a spec",
            "`pikc init` writes a spec to start from",
        ),
        (
            "k0sctl.yaml",
            "apiVersion: k0sctl.k0sproject.io/v1beta1\nkind: Cluster\n",
            "is YAML, not a spec",
            "`pikc import k0sctl.yaml` writes a spec",
        ),
        (
            "hosts.yaml",
            "all:\n  children:\n    kube_control_plane:\n      hosts: { a: }\n",
            "is YAML, not a spec",
            "`pikc import hosts.yaml` writes a spec",
        ),
        (
            "inventory.ini",
            "[kube_node]\nnode01 ansible_host=192.168.11.201\n",
            "is an inventory, not a spec",
            "`pikc import inventory.ini` writes a spec",
        ),
    ] {
        folder.text(name, text);
        let run = pikc(&folder, &["check", name]);
        assert_eq!(run.status, 1, "{run:?}");
        has(&run.err, "spec/not-a-spec");
        has(&run.err, what);
        has(&run.err, help);
        has(&run.err, &format!("1 error in {name}"));
    }
    let run = folder.run(&["check", "-"], &[], CLUSTER);
    has(&run.err, "`pikc check --kubeadm -` checks it");
}
