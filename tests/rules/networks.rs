//! Mistakes with networks that cannot be made: what pikc writes is right by construction. The catalogue names these tests.

use super::tree::{PC, Spec, file, files, in_order, library, lines, nowhere};

#[test]
fn one_pod_range_for_kubeadm_and_the_cni() {
    for (cni, says) in [
        ("flannel { }", "\"Network\": \"10.60.0.0/16\""),
        ("canal { }", "10.60.0.0/16"),
        ("calico { }", "10.60.0.0/16"),
        ("calico { install = operator }", "cidr: \"10.60.0.0/16\""),
        ("weave { }", "10.60.0.0/16"),
    ] {
        let spec = Spec {
            cni: cni.to_owned(),
            network: "pods = 10.60.0.0/16",
            ..Spec::default()
        };
        let tree = spec.tree();
        assert!(file(&tree, "node01/kubeadm.yaml").contains("podSubnet: 10.60.0.0/16"));
        let applied: String = tree
            .iter()
            .filter(|(path, _)| path.starts_with("cluster/cni/"))
            .map(|(_, text)| text.as_str())
            .collect();
        assert!(applied.contains(says), "{cni}: {applied}");
        nowhere(&tree, "10.244.0.0");
        nowhere(&tree, "allocate-node-cidrs");
    }
    let flannel = Spec::default().tree();
    assert!(file(&flannel, "10-flannel.yaml").contains("\"Type\": \"vxlan\""));
}

#[test]
fn a_node_with_two_interfaces_names_one() {
    let worker = "os = raspios-trixie\n board = pi-4b-4g\n interface eth0 { dhcp = on }\n \
                  interface wlan0 {\n cluster = on\n wifi { ssid = home, passphrase = secret:wifi }\n }\n locale { country = JP }";
    for cni in ["flannel { }", "canal { }", "calico { }"] {
        let tree = Spec {
            cni: cni.to_owned(),
            worker,
            ..Spec::default()
        }
        .tree();
        let text = file(&tree, "node02/kubeadm.yaml");
        in_order(text, &["name: node-ip", "192.168.11.202"]);
        let first = file(&tree, "node01/kubeadm.yaml");
        in_order(
            first,
            &[
                "node-ip",
                "192.168.11.201",
                "advertiseAddress: \"192.168.11.201\"",
            ],
        );
        let applied: String = tree
            .iter()
            .filter(|(path, _)| path.starts_with("cluster/cni/"))
            .map(|(_, text)| text.as_str())
            .collect();
        // flannel uses the route to the router; Calico uses the address that Kubernetes knows.
        let told = [
            "--iface-can-reach=192.168.11.1",
            "FLANNELD_IFACE_CAN_REACH",
            "kubernetes-internal-ip",
        ];
        assert!(
            told.iter().any(|way| applied.contains(way)),
            "{cni}: {applied}"
        );
    }
}

#[test]
fn modules_come_before_the_settings_that_need_them() {
    for (cni, more) in [
        ("flannel { }", &["vxlan"][..]),
        ("flannel { backend = wireguard }", &["wireguard"]),
        ("calico { }", &["ip_set", "xt_set", "nf_conntrack_netlink"]),
        ("weave { }", &[]),
    ] {
        let tree = Spec {
            cni: cni.to_owned(),
            ..Spec::default()
        }
        .tree();
        let mut lists = 0;
        for list in files(&tree, "modules-load.d/pikc.conf") {
            lists += 1;
            for module in ["br_netfilter", "overlay"].iter().chain(more) {
                assert!(
                    list.lines().any(|line| line == *module),
                    "{cni}: {module} is not in {list}"
                );
            }
        }
        for settings in files(&tree, "sysctl.d/99-pikc.conf") {
            lists += 1;
            for setting in [
                "net.ipv4.ip_forward = 1",
                "net.bridge.bridge-nf-call-iptables = 1",
                "net.bridge.bridge-nf-call-ip6tables = 1",
            ] {
                assert!(settings.lines().any(|line| line == setting), "{settings}");
            }
        }
        assert_eq!(lists, 4, "{cni}");
        for step in files(&tree, "50-kernel.sh") {
            in_order(step, &["modprobe", "sysctl --quiet --load"]);
        }
    }
}

#[test]
fn the_host_network_ignores_pod_links() {
    for (cni, link) in [
        ("flannel { }", "flannel.1"),
        ("calico { }", "cali*"),
        ("canal { }", "cali*"),
        ("weave { }", "weave"),
    ] {
        let tree = Spec {
            cni: cni.to_owned(),
            ..Spec::default()
        }
        .tree();
        let mut seen = 0;
        for text in files(&tree, "NetworkManager/conf.d/90-pikc.conf") {
            seen += 1;
            let left = text
                .lines()
                .find(|line| line.starts_with("unmanaged-devices="))
                .expect(text);
            assert!(
                left.contains(&format!("interface-name:{link}")),
                "{cni}: {left}"
            );
        }
        assert_eq!(seen, 2, "{cni}");
    }
    let worker = "os = raspios-bullseye\n board = pi-4b-4g\n interface eth0 { }";
    let tree = Spec {
        worker,
        ..Spec::default()
    }
    .tree();
    let links = file(&tree, "fragments/dhcpcd-links");
    for link in ["veth*", "cni0", "flannel.1"] {
        assert!(
            links.contains("denyinterfaces") && links.contains(link),
            "{links}"
        );
    }
    // It must be before the first section of an interface.
    let step = tree
        .iter()
        .find(|(path, _)| path.contains("bullseye") && path.ends_with("30-network.sh"));
    in_order(
        step.expect("the step").1,
        &[
            "block links /etc/dhcpcd.conf",
            "top",
            "block network /etc/dhcpcd.conf",
            "end",
        ],
    );
}

#[test]
fn calico_has_one_encapsulation() {
    for (backend, ipip, vxlan, tells) in [
        ("vxlan", "Never", "Always", "vxlan"),
        ("ipip", "Always", "Never", "bird"),
        ("bgp", "Never", "Never", "bird"),
    ] {
        let tree = Spec {
            cni: format!("calico {{ backend = {backend} }}"),
            ..Spec::default()
        }
        .tree();
        let text = file(&tree, "kustomization.yaml");
        in_order(text, &[&format!("calico_backend: \"{tells}\"")]);
        in_order(
            text,
            &[
                "CALICO_IPV4POOL_IPIP",
                &format!("\"{ipip}\""),
                "CALICO_IPV4POOL_VXLAN",
                &format!("\"{vxlan}\""),
            ],
        );
        // With VXLAN encapsulation no node uses BGP, and no probe checks it.
        let asks = text.contains("-felix-live") && !text.contains("-bird-");
        assert!(backend != "vxlan" || asks, "{text}");
    }
}

#[test]
fn both_families_or_one() {
    let one = Spec::default().tree();
    for word in ["ipv6.conf", "EnableIPv6", "fd5c:"] {
        assert!(
            lines(&one).iter().all(|line| !line.contains(word)),
            "{word}"
        );
    }
    let second = "ipv6 { lan = fd5c:1a2b:3c4d:11::/64, pods = fd5c:1a2b:3c4d:100::/56, services = fd5c:1a2b:3c4d:200::/112 }";
    for (cni, says) in [
        (
            "flannel { }",
            &[
                "\"EnableIPv6\": true",
                "\"IPv6Network\": \"fd5c:1a2b:3c4d:100::/56\"",
            ][..],
        ),
        (
            "calico { }",
            &[
                "\"assign_ipv6\": \"true\"",
                "CALICO_IPV6POOL_CIDR",
                "\"fd5c:1a2b:3c4d:100::/56\"",
                "IP6",
                "autodetect",
                "FELIX_IPV6SUPPORT",
                "\"true\"",
            ],
        ),
        (
            "calico { install = operator }",
            &[
                "cidr: \"fd5c:1a2b:3c4d:100::/56\"",
                "nodeAddressAutodetectionV6:",
            ],
        ),
        (
            "cilium { }",
            &["requireIPv6PodCIDR: true", "ipv6:", "enabled: true"],
        ),
    ] {
        let spec = Spec {
            cni: cni.to_owned(),
            network: second,
            control: "os = raspios-trixie\n board = pi-4b-4g\n interface eth0 { }\n address-ipv6 = fd5c:1a2b:3c4d:11::10",
            worker: "os = raspios-trixie\n board = pi-4b-4g\n interface eth0 { }\n address-ipv6 = fd5c:1a2b:3c4d:11::11",
            ..Spec::default()
        };
        let tree = spec.tree();
        let applied: String = tree
            .iter()
            .filter(|(path, _)| path.starts_with("cluster/cni/"))
            .map(|(_, text)| text.as_str())
            .collect();
        in_order(&applied, says);
        // Without a space, which kubeadm refuses.
        let first = file(&tree, "node01/kubeadm.yaml");
        assert!(
            first.contains("podSubnet: 10.244.0.0/16,fd5c:1a2b:3c4d:100::/56\n"),
            "{first}"
        );
        assert!(first.contains("fd5c:1a2b:3c4d:11::10"), "{first}");
        for settings in files(&tree, "99-pikc.conf") {
            assert!(
                settings.contains("net.ipv6.conf.all.forwarding = 1"),
                "{settings}"
            );
        }
    }
}

#[test]
fn the_server_merges_an_operators_definitions() {
    let tree = Spec {
        cni: "calico { install = operator }".to_owned(),
        ..Spec::default()
    }
    .tree();
    let step = file(&tree, "76-cni.sh");
    in_order(
        step,
        &[
            "learnt=(",
            "installations.operator.tigera.io",
            "merge() {",
            "apply --server-side --force-conflicts --field-manager pikc",
            "--for condition=Established",
            "if [ -d \"$here/cni/$part\" ]; then",
            "merge \"$file\"",
        ],
    );
    // The definitions are a folder, and come before the objects that need them.
    let mut parts: Vec<&str> = tree
        .keys()
        .filter_map(|path| path.strip_prefix("cluster/cni/")?.split('/').next())
        .collect();
    parts.dedup();
    assert_eq!(parts, ["10-calico", "15-calico-resources.yaml"]);
    // With an encapsulation that does not need BGP, the operator does not start it.
    let resources = file(&tree, "15-calico-resources.yaml");
    in_order(
        resources,
        &["bgp: \"Disabled\"", "encapsulation: \"VXLAN\""],
    );
}

#[test]
fn no_cni_release_is_older_than_the_fix() {
    let (mut library, mut sources, mut out) = library();
    for (name, least) in [
        ("calico", (3, 12)),
        ("canal", (3, 12)),
        ("flannel", (0, 28)),
    ] {
        let cni = library.cni(name, &mut sources, &mut out).expect(name);
        let version = cni.version.expect("a version").value;
        assert!((version.major, version.minor) >= least, "{name} {version}");
    }
    // flannel answers /readyz from 0.28.9 on, and the probe uses it.
    let flannel = library
        .cni("flannel", &mut sources, &mut out)
        .and_then(|cni| cni.version)
        .expect("a version");
    assert!(flannel.value.to_string() == "0.28.9" || flannel.value.minor > 28);
    assert!(file(&Spec::default().tree(), "10-flannel.yaml").contains("/readyz"));
}

#[test]
fn one_pod_network() {
    let (library, ..) = library();
    assert!(!library.spec_schema().blocks["cni"].many);
    assert!(!library.spec_schema().blocks["runtime"].many);
}

#[test]
fn the_packet_filter_is_left_as_it_is() {
    for worker in [
        PC,
        "os = raspios-bullseye\n board = pi-4b-4g\n interface eth0 { }",
    ] {
        let tree = Spec {
            worker,
            ..Spec::default()
        }
        .tree();
        assert!(
            lines(&tree)
                .iter()
                .all(|line| !line.contains("update-alternatives"))
        );
    }
}

#[test]
fn what_pikc_does_not_write_cannot_go_wrong() {
    let (mut library, mut sources, mut out) = library();
    // No IPsec.
    let options = library.options("cni", "flannel", &mut sources, &mut out);
    for option in ["psk", "ipsec"] {
        assert!(
            !options.contains_key(option),
            "flannel has {option}: see tests/rules/cni.md"
        );
    }
    let flannel = library
        .cni("flannel", &mut sources, &mut out)
        .expect("flannel");
    assert!(
        flannel
            .backends
            .iter()
            .all(|backend| backend.name != "ipsec")
    );
    // No virtual address, and no load balancer on a machine of the control plane.
    let tree = Spec::default().tree();
    for word in ["kube-vip", "haproxy", "keepalived"] {
        assert!(
            lines(&tree).iter().all(|line| !line.contains(word)),
            "{word}"
        );
    }
}

#[test]
fn ebpf_is_told_where_the_api_server_is() {
    let spec = Spec {
        cni: "calico { ebpf = on }".to_owned(),
        cluster: "proxy { disabled = on }".to_owned(),
        ..Spec::default()
    };
    let tree = spec.tree();
    let text = file(&tree, "kustomization.yaml");
    in_order(
        text,
        &[
            "KUBERNETES_SERVICE_HOST",
            "192.168.11.201",
            "KUBERNETES_SERVICE_PORT",
            "6443",
        ],
    );
    in_order(text, &["FELIX_BPFENABLED", "true"]);
    let first = file(&tree, "node01/kubeadm.yaml");
    in_order(first, &["proxy:", "disabled: true"]);
    assert!(!first.contains("KubeProxyConfiguration"), "{first}");
}
