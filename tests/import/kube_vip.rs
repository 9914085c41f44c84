//! kube-vip's pod: the address comes back, and what pikc's pod has otherwise is said.

use pikc::Compiled;

use super::{analyzed, compiled, errors, files, imported};

/// As the generator of an older release made it (kubernetes/kubeadm docs/ha-considerations.md).
const OLD: &str = include_str!("files/kube-vip.yaml");
const CLUSTER: &str = "apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.1
controlPlaneEndpoint: api.home.arpa:6443
apiServer:
  certSANs:
  - 192.168.11.5
  - kube.home.arpa
networking:
  podSubnet: 10.244.0.0/16
  serviceSubnet: 10.96.0.0/16
";

/// The losses of a pod, each as "line field".
fn lost(pod: &str) -> (String, Vec<String>) {
    let made = imported(&[("kubeadm.yaml", CLUSTER), ("kube-vip.yaml", pod)]).expect("a spec");
    let lines = made.report.losses.iter().map(|line| {
        format!(
            "{}:{} {}",
            line.place.file, line.place.line, line.place.field
        )
    });
    (made.text.expect("a spec"), lines.collect())
}

#[test]
fn the_address_comes_back_and_every_difference_is_said() {
    let (spec, lost) = lost(OLD);
    assert!(
        spec.contains("vip {\n    address = 192.168.11.5\n  }"),
        "{spec}"
    );
    assert!(spec.contains("interface ens192"), "{spec}");
    // pikc adds the address to the certificate itself.
    assert!(spec.contains("sans = [kube.home.arpa]"), "{spec}");
    assert_eq!(
        lost,
        [
            "kube-vip.yaml:27 env svc_enable",
            "kube-vip.yaml:31 env vip_leaseduration",
            "kube-vip.yaml:33 env vip_renewdeadline",
            "kube-vip.yaml:35 env vip_retryperiod",
            "kube-vip.yaml:38 spec.containers[0].image",
            "kube-vip.yaml:39 spec.containers[0].imagePullPolicy",
            "kube-vip.yaml:47 spec.containers[0].securityContext.capabilities.add[2]",
        ]
    );
}

#[test]
fn what_is_no_address_by_arp_is_lost_whole() {
    for (before, after) in [
        (
            "name: vip_arp\n      value: \"true\"",
            "name: vip_routingtable\n      value: \"true\"",
        ),
        (
            "name: vip_cidr\n      value: \"32\"",
            "name: bgp_enable\n      value: \"true\"",
        ),
        (
            "name: cp_enable\n      value: \"true\"",
            "name: cp_enable\n      value: \"false\"",
        ),
    ] {
        let pod = OLD.replacen(before, after, 1);
        assert_ne!(pod, OLD);
        let (spec, lost) = lost(&pod.replacen(
            "name: address",
            "name: nothing",
            usize::from(before.contains("cp_enable")),
        ));
        assert!(!spec.contains("vip {"), "{spec}");
        assert_eq!(lost, ["kube-vip.yaml:1 Pod/kube-vip"], "{after}");
    }
}

#[test]
fn what_a_spec_cannot_hold_is_lost_alone() {
    for (before, after, field) in [
        ("value: 192.168.11.5", "value: api.home.arpa", "env address"),
        ("value: \"6443\"", "value: \"7443\"", "env port"),
        (
            "value: ens192",
            "value: \"no such interface\"",
            "env vip_interface",
        ),
        ("name: vip_ddns", "name: lb_enable", ""),
    ] {
        let (spec, lost) = lost(&OLD.replacen(before, after, 1));
        let said = lost.iter().filter(|line| line.ends_with(field)).count();
        assert!(field.is_empty() || said == 1, "{field}: {lost:?}");
        assert_eq!(lost.len(), 7 + usize::from(!field.is_empty()), "{lost:?}");
        assert_eq!(spec.contains("vip {"), field != "env address", "{spec}");
    }
}

/// As the page of kube-vip about BGP has it, with a pod's other variables (kube-vip.io/docs/installation/static).
fn by_bgp() -> String {
    OLD.replacen(
        "name: vip_arp\n      value: \"true\"",
        "name: vip_arp\n      value: \"false\"\n    - name: bgp_enable\n      value: \"true\"\n    - name: bgp_routerid\n      value: 192.168.0.2\n    \
         - name: bgp_as\n      value: \"65001\"\n    - name: bgp_peeraddress\n    - name: bgp_peerpass\n    - name: bgp_peeras\n      value: \"65000\"\n    \
         - name: bgp_peers\n      value: 192.168.0.10:65000:hush:false,192.168.0.11:65002::true",
        1,
    )
    .replacen("value: ens192", "value: lo", 1)
    .replacen("value: 192.168.11.5", "value: 10.9.0.5", 1)
    .replacen("name: svc_enable", "name: enableServicesElection", 1)
}

#[test]
fn bgp_comes_back_with_its_routers_and_without_its_password() {
    let (spec, lost) = lost(&by_bgp());
    let vip = "vip {
    mode      = bgp
    as-number = 65001
    address   = 10.9.0.5
    router router-1 {
      address   = 192.168.0.10
      as-number = 65000
    }
    router router-2 {
      address   = 192.168.0.11
      as-number = 65002
    }
  }";
    assert!(spec.contains(vip), "{spec}");
    assert!(!spec.contains("hush") && !lost.concat().contains("hush"));
    for field in [
        "env bgp_routerid",
        "env bgp_peers",
        "env enableServicesElection",
    ] {
        let said = lost.iter().filter(|line| line.ends_with(field)).count();
        assert_eq!(said, 1, "{field}: {lost:#?}");
    }
    // A pod without a lease has the address everywhere at once.
    let alone = by_bgp().replacen(
        "name: vip_leaderelection\n      value: \"true\"",
        "name: vip_leaderelection\n      value: \"false\"",
        1,
    );
    let more = self::lost(&alone).1.len();
    assert_eq!(more, lost.len() + 2, "the election, and what it means");
}

#[test]
fn routers_that_a_spec_cannot_have_are_lost_alone() {
    let peers = "192.168.0.10:65000:hush:false,192.168.0.11:65002::true";
    for (other, routers) in [
        ("[fd00::1]:65000::false", 0),
        ("unnumbered:eth0", 0),
        ("192.168.0.10:none", 0),
        ("192.168.0.10:0", 0),
        ("192.168.0.10:65000::false:1790", 1),
        ("192.168.0.10:65000::false::mpbgp_nexthop=auto_sourceif", 1),
        ("192.168.0.10:65000,192.168.0.10:65000", 1),
        ("192.168.0.10:65000,192.168.0.10:65001", 1),
    ] {
        let (spec, lost) = lost(&by_bgp().replacen(peers, &format!("\"{other}\""), 1));
        assert_eq!(
            spec.matches("router router-").count(),
            routers,
            "{other}: {spec}"
        );
        let said = lost
            .iter()
            .filter(|line| line.ends_with("env bgp_peers"))
            .count();
        let whole = other == "192.168.0.10:65000,192.168.0.10:65000";
        assert_eq!(said, usize::from(!whole), "{other}: {lost:#?}");
    }
}

/// What an import makes of the kubeadm files and the pod that a spec's compilation makes, which loses nothing of the pod.
fn there_and_back(path: &str, endings: &[&str]) -> (Compiled, String) {
    let text = std::fs::read_to_string(path).expect("a spec");
    let first = compiled(&crate::support::analysis::analyze(path, &text));
    let all = endings.iter().flat_map(|end| files(&first, end));
    let given: Vec<(String, String)> = all.collect();
    let mut list: Vec<(&str, &str)> = given
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    list.sort_by_key(|(name, text)| (!text.contains("ClusterConfiguration"), *name));
    let made = imported(&list).expect("a spec");
    let lost = made.report.losses.iter();
    let of_pod: Vec<_> = lost
        .filter(|line| line.place.file.ends_with("kube-vip.yaml"))
        .collect();
    assert!(of_pod.is_empty(), "{of_pod:#?}");
    (first, made.text.expect("a spec"))
}

#[test]
fn a_pod_that_speaks_bgp_comes_back_from_a_compiled_spec_without_a_loss() {
    let path = "tests/specs/three-bgp.pik";
    let (_, spec) = there_and_back(
        path,
        &["/kubeadm.yaml", "/kubeadm-join.yaml", "/kube-vip.yaml"],
    );
    for part in [
        "mode      = bgp",
        "as-number = 64512",
        "address   = 10.100.0.5",
        "address   = 10.1.0.1",
        "address   = 10.9.0.1",
    ] {
        assert!(spec.contains(part), "{part}: {spec}");
    }
}

#[test]
fn the_pod_of_a_compiled_spec_comes_back_without_a_loss() {
    let path = "tests/specs/three-control-planes.pik";
    let (first, spec) = there_and_back(path, &["/kubeadm.yaml", "/kube-vip.yaml"]);
    assert!(
        spec.contains("vip {\n    address = 192.168.11.5\n  }"),
        "{spec}"
    );
    let second = analyzed(&spec);
    assert_eq!(errors(&second), Vec::<String>::new(), "{spec}");
    for end in ["/kubeadm.yaml", "/kube-vip.yaml"] {
        let (before, after) = (files(&first, end), files(&compiled(&second), end));
        // The pod's folder is that of a class, whose name is not in the files.
        let values = |all: &std::collections::BTreeMap<String, String>| -> Vec<String> {
            all.values().cloned().collect()
        };
        if end == "/kube-vip.yaml" {
            let plain = |text: &String| -> String {
                text.lines().filter(|line| !line.starts_with('#')).collect()
            };
            let (before, after) = (values(&before), values(&after));
            assert_eq!(before.first().map(plain), after.first().map(plain));
        }
    }
}
