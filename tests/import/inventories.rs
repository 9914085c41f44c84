//! k0sctl's file and kubespray's inventories.

use super::{analyzed, errors, imported};
use crate::support::predicates_lite::{has, lacks};

const K0SCTL: &str = r#"apiVersion: k0sctl.k0sproject.io/v1beta1
kind: Cluster
metadata:
  name: lab
spec:
  hosts:
    - role: controller
      hostname: cp
      privateAddress: 10.0.0.10
      ssh: { address: 203.0.113.10, user: ops, port: 2222, keyPath: ~/.ssh/id }
    - role: worker
      ssh: { address: 10.0.0.11, user: ops }
      installFlags: ["--debug"]
  k0s:
    version: v1.34.3+k0s.0
    config:
      spec:
        api: { externalAddress: kube.example.org, sans: [kube.example.org], extraArgs: { v: "2" } }
        network:
          provider: calico
          podCIDR: 10.244.0.0/16
          serviceCIDR: 10.96.0.0/16
          kubeProxy: { mode: nftables }
"#;

#[test]
fn a_file_of_k0sctl_becomes_a_spec() {
    let made = imported(&[("k0sctl.yaml", K0SCTL)]).expect("a spec");
    let spec = made.text.expect("a spec");
    for words in [
        "cluster lab {",
        "= 1.34.3",
        "endpoint   = kube.example.org",
        "cni calico {}",
        "services = 10.96.0.0/16",
        "mode = nftables",
        "v = 2",
        "node cp {",
        "address = 10.0.0.10",
        "address = 10.0.0.11",
        "user ops {",
    ] {
        has(&spec, words);
    }
    assert_eq!(errors(&analyzed(&spec)), Vec::<String>::new(), "{spec}");
    let lost: Vec<&str> = made
        .report
        .losses
        .iter()
        .map(|line| line.place.field.as_str())
        .collect();
    for field in [
        "spec.hosts[0].ssh.address",
        "spec.hosts[0].ssh.port",
        "spec.hosts[1].installFlags[0]",
        "spec.k0s.version",
    ] {
        assert!(lost.contains(&field), "{field}: {lost:#?}");
    }
}

const HOSTS: &str = r#"all:
  hosts:
    node1: { ansible_host: 203.0.113.1, ip: 10.0.0.1, access_ip: 10.0.0.1, ansible_user: ubuntu }
    node2: { ansible_host: 10.0.0.2 }
    jump: { ansible_host: 203.0.113.9 }
  children:
    kube_control_plane: { hosts: { node1: } }
    kube_node: { hosts: { node2: } }
    etcd: { hosts: { node1: } }
    k8s_cluster: { children: { kube_control_plane: , kube_node: } }
"#;

const VARS: &str = r#"kube_version: 1.35.1
kube_network_plugin: calico
kube_pods_subnet: 10.233.64.0/18
kube_service_addresses: 10.233.0.0/18
cluster_name: lab.local
container_manager: crio
kube_proxy_mode: ipvs
kube_proxy_strict_arp: true
upstream_dns_servers: [9.9.9.9, 1.1.1.1]
supplementary_addresses_in_ssl_keys: [kube.example.org]
kubelet_max_pods: 110
etcd_deployment_type: host
local_volume_provisioner_enabled: "{{ x }}"
"#;

#[test]
fn a_yaml_inventory_and_its_variables_become_a_spec() {
    let files = [
        ("inv/hosts.yaml", HOSTS),
        ("inv/group_vars/k8s_cluster/k8s-cluster.yml", VARS),
    ];
    let made = imported(&files).expect("a spec");
    let spec = made.text.expect("a spec");
    for words in [
        "= 1.35.1",
        "dns-domain = lab.local",
        "pods     = 10.233.64.0/18",
        "services = 10.233.0.0/18",
        "dns      = [9.9.9.9, 1.1.1.1]",
        "runtime crio {}",
        "cni calico {}",
        "strict-arp = on",
        "sans = [kube.example.org]",
        "node node1 {",
        "role    = control-plane",
        "address = 10.0.0.1\n",
        "address = 10.0.0.2\n",
        "user ubuntu {",
    ] {
        has(&spec, words);
    }
    lacks(&spec, "jump");
    lacks(&spec, "max-pods");
    let lost: Vec<&str> = made
        .report
        .losses
        .iter()
        .map(|line| line.place.field.as_str())
        .collect();
    for field in [
        "etcd_deployment_type",
        "local_volume_provisioner_enabled",
        "node1.ansible_host",
        "jump.ansible_host",
    ] {
        assert!(
            lost.iter().any(|own| own.ends_with(field)),
            "{field}: {lost:#?}"
        );
    }
}

#[test]
fn an_ini_inventory_becomes_the_same_machines() {
    let ini = "[all]\nnode1 ansible_host=203.0.113.1 ip=10.0.0.1\nnode2 ip=10.0.0.2 # none\n\n[kube_control_plane]\nnode1\n\n[kube_node]\nnode2\n\n[k8s_cluster:children]\nkube_control_plane\nkube_node\n\n[k8s_cluster:vars]\nkube_network_plugin=flannel\n[odd:thing]\nx\n";
    let made = imported(&[("inventory.ini", ini)]).expect("a spec");
    let spec = made.text.expect("a spec");
    has(
        &spec,
        "node node1 {\n  profile = machine\n  role    = control-plane\n  address = 10.0.0.1\n",
    );
    has(
        &spec,
        "node node2 {\n  profile = machine\n  role    = worker\n  address = 10.0.0.2\n",
    );
    has(&spec, "cni flannel {}");
    assert_eq!(errors(&analyzed(&spec)), Vec::<String>::new(), "{spec}");
    assert!(
        made.report.losses.iter().any(|line| line.place.line == 18),
        "{:#?}",
        made.report.losses
    );
}

/// Hosts that are reached by name, as k0sctl's own examples have them: a kind in lower case, and addresses elsewhere.
const BY_NAME: &str = r#"apiVersion: k0sctl.k0sproject.io/v1beta1
kind: cluster
spec:
  hosts:
    - role: single
      privateInterface: enp3s0
      openSSH: { address: shelf-24, configPath: ssh/config }
    - role: worker
      privateInterface: enp3s0
      ssh: { address: shelf-25.lan.example.org, user: ops }
    - role: worker
      privateInterface: ens18
      ssh: { address: 127.0.0.1, port: 9023 }
  k0s:
    version: 1.34.3+k0s.0
    config:
      apiVersion: k0s.k0sproject.io/v1beta1
      kind: Cluster
      spec:
        api: { address: 10.3.0.24, sans: [shelf-24] }
        network: { podCIDR: 10.244.0.0/16 }
"#;

#[test]
fn hosts_of_k0sctl_that_are_reached_by_name_keep_it_and_lose_nothing_silently() {
    let made = imported(&[("k0sctl.yaml", BY_NAME)]).expect("a spec");
    let spec = made.text.expect("a spec");
    for words in [
        "= 1.34.3",
        "node shelf-24 {\n  profile = machine\n  role    = control-plane\n  address = 10.3.0.24\n",
        "node shelf-25 {",
        "node node01 {",
        "interface enp3s0 {}",
        "user ops {",
    ] {
        has(&spec, words);
    }
    assert_eq!(errors(&analyzed(&spec)), Vec::<String>::new(), "{spec}");
    let lost: Vec<&str> = made
        .report
        .losses
        .iter()
        .map(|line| line.place.field.as_str())
        .collect();
    let expected = [
        "spec.hosts[0].openSSH.configPath",
        "spec.hosts[1].ssh.address",
        "spec.hosts[2].privateInterface",
        "spec.hosts[2].ssh.address",
        "spec.hosts[2].ssh.port",
        "spec.k0s.version",
    ];
    assert_eq!(lost, expected);
    let named = |name: &str| {
        let all = made.report.to_fill.iter();
        all.filter(|one| one.what == format!("the name of node `{name}`"))
            .count()
    };
    assert_eq!((named("shelf-24"), named("shelf-25")), (1, 1));
}

#[test]
fn several_controllers_leave_the_address_of_the_api_to_a_person() {
    let two = BY_NAME.replacen("role: worker", "role: controller", 1);
    let made = imported(&[("k0sctl.yaml", &two)]).expect("a spec");
    let spec = made.text.expect("a spec");
    lacks(&spec, "10.3.0.24");
    let field = "spec.k0s.config.spec.api.address";
    assert!(
        made.report
            .losses
            .iter()
            .any(|line| line.place.field == field)
    );
}

#[test]
fn a_file_of_kubeadms_first_formats_is_refused_rather_than_guessed_around() {
    let old = "apiVersion: kubeadm.k8s.io/v1alpha1\nkind: MasterConfiguration\nkubernetesVersion: v1.9.0\n";
    let found = imported(&[("kubeadm.yaml", old)]).expect_err("nothing that an import reads");
    assert_eq!(found.len(), 1, "{found:?}");
    // Next to a newer file it is a line of the report.
    let new = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.36.4\n";
    let made = imported(&[("kubeadm.yaml", old), ("new.yaml", new)]).expect("a spec");
    let line = made
        .report
        .losses
        .iter()
        .find(|line| line.place.field == "MasterConfiguration");
    assert!(line.is_some_and(|line| line.why.contains("kubeadm config migrate")));
}
