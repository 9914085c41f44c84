//! Mistakes that cannot be made on the machines: right by construction. The catalogue names these tests.

use pikc::diagnostic::Diagnostics;
use pikc::source::Sources;
use pikc::stdlib::Library;

use super::tree::{PC, Spec, file, files, in_order, lines, steps};

fn library() -> (Library, Sources, Diagnostics) {
    let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
    let library = Library::open(Default::default(), &mut sources, &mut out);
    (library, sources, out)
}

#[test]
fn the_memory_controller_is_asked_for() {
    let (mut library, mut sources, mut out) = library();
    let mut pis = 0;
    for name in library.names("os") {
        let system = library
            .system(&name, &mut sources, &mut out)
            .expect("a system");
        let Some(boot) = system
            .boot("pi")
            .filter(|boot| boot.kind.value == "cmdline")
        else {
            continue;
        };
        pis += 1;
        assert!(
            boot.append
                .iter()
                .any(|word| word.value == "cgroup_enable=memory"),
            "{name}"
        );
        assert!(
            boot.drop
                .iter()
                .any(|word| word.value == "cgroup_disable=memory"),
            "{name}"
        );
    }
    assert!(pis >= 6, "{pis} systems for a Pi");
    for step in files(&Spec::default().tree(), "20-boot-cmdline.sh") {
        in_order(
            step,
            &[
                "wanted=(",
                "cgroup_enable=memory",
                "unwanted=(",
                "cgroup_disable=memory",
            ],
        );
    }
}

#[test]
fn nothing_of_32_bits_is_known() {
    let (mut library, mut sources, mut out) = library();
    for name in library.names("board") {
        let board = library
            .board(&name, &mut sources, &mut out)
            .expect("a board");
        assert!(
            ["arm64", "amd64"].contains(&board.architecture.value.as_str()),
            "{name}"
        );
    }
    for name in library.names("os") {
        let system = library
            .system(&name, &mut sources, &mut out)
            .expect("a system");
        let fits = |found: &String| ["arm64", "amd64"].contains(&found.as_str());
        assert!(system.architectures.iter().all(fits), "{name}");
    }
}

#[test]
fn a_node_with_two_interfaces_says_which() {
    let worker = "os = raspios-trixie\n board = pi-4b-4g\n interface eth0 { dhcp = on }\n \
                  interface wlan0 {\n cluster = on\n wifi { ssid = home, passphrase = secret:wifi }\n }\n locale { country = JP }";
    for cni in ["flannel { }", "canal { }", "calico { }"] {
        let tree = Spec {
            cni: cni.to_owned(),
            worker,
            ..Spec::default()
        }
        .tree();
        let text = file(&tree, "one/kubeadm.yaml");
        in_order(text, &["name: node-ip", "192.168.11.11"]);
        let first = file(&tree, "cp/kubeadm.yaml");
        in_order(
            first,
            &[
                "node-ip",
                "192.168.11.10",
                "advertiseAddress: \"192.168.11.10\"",
            ],
        );
        let applied: String = tree
            .iter()
            .filter(|(path, _)| path.starts_with("cluster/cni/"))
            .map(|(_, text)| text.as_str())
            .collect();
        // flannel asks which way leads to the router; Calico takes the address that Kubernetes knows.
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
fn the_clock_is_right_before_packages_and_certificates() {
    let tree = Spec::default().tree();
    for class in ["control-plane", "worker"] {
        let order = steps(&tree, class);
        let place = |begins: &str| {
            order
                .iter()
                .position(|step| step.starts_with(begins))
                .expect(begins)
        };
        assert!(place("32-time") < place("35-packages"), "{order:?}");
        assert!(place("32-time") < place("55-repositories"), "{order:?}");
        assert!(place("32-time") < place("72-kubeadm"), "{order:?}");
    }
    for step in files(&tree, "32-time.sh") {
        in_order(
            step,
            &["NTPSynchronized", "wait_until 300 synchronised ||", "die"],
        );
    }
}

#[test]
fn the_hosts_network_leaves_links_of_pods_alone() {
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
    // It must stand before the first section of an interface.
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
fn the_machines_name_stays() {
    let tree = Spec::default().tree();
    let mut seen = 0;
    for text in files(&tree, "cloud.cfg.d/90-pikc.cfg") {
        seen += 1;
        in_order(
            text,
            &[
                "preserve_hostname: true",
                "manage_etc_hosts: false",
                "network:",
                "config: disabled",
            ],
        );
    }
    assert_eq!(seen, 2);
    for text in files(&tree, "cloud-init/user-data") {
        assert!(
            !text.contains("manage_etc_hosts: true")
                && !text.contains("manage_etc_hosts: localhost")
        );
    }
}

#[test]
fn the_radio_stays_awake() {
    let radio = |os: &str, board: &str| -> &'static str {
        let text = format!(
            "os = {os}\n board = {board}\n locale {{ country = JP }}\n interface wlan0 {{ wifi {{ ssid = home, passphrase = secret:wifi }} }}"
        );
        Box::leak(text.into_boxed_str())
    };
    for (os, told) in [
        ("raspios-trixie", "wifi.powersave=2"),
        ("raspios-bookworm", "wifi.powersave=2"),
        ("raspios-bullseye", "power_save off"),
        ("ubuntu-24.04", "power_save off"),
    ] {
        let tree = Spec {
            worker: radio(os, "pi-4b-4g"),
            ..Spec::default()
        }
        .tree();
        let found = tree.iter().any(|(path, text)| {
            path.starts_with("classes/worker") && path.contains("/files/") && text.contains(told)
        });
        assert!(found, "{os}: `{told}` is in none of {:#?}", tree.keys());
    }
}

#[test]
fn a_device_is_found_by_its_address() {
    for (os, told, of) in [
        (
            "ubuntu-24.04",
            &[
                "eth0:",
                "match:",
                "macaddress: dc:a6:32:01:02:03",
                "set-name: eth0",
            ][..],
            "90-pikc.yaml",
        ),
        (
            "raspios-trixie",
            &[
                "eth0:",
                "match:",
                "macaddress: dc:a6:32:01:02:03",
                "set-name: eth0",
            ],
            "90-pikc.yaml",
        ),
        (
            "raspios-bookworm",
            &["MACAddress=dc:a6:32:01:02:03", "Name=eth0"],
            ".link",
        ),
        (
            "raspios-bullseye",
            &["MACAddress=dc:a6:32:01:02:03", "Name=eth0"],
            ".link",
        ),
    ] {
        let text =
            format!("os = {os}\n board = pi-4b-4g\n interface eth0 {{ mac = dc:a6:32:01:02:03 }}");
        let tree = Spec {
            worker: Box::leak(text.into_boxed_str()),
            ..Spec::default()
        }
        .tree();
        let found = tree
            .iter()
            .find(|(path, _)| path.starts_with("nodes/one/") && path.ends_with(of));
        in_order(
            found
                .unwrap_or_else(|| panic!("{os}: {:#?}", tree.keys()))
                .1,
            told,
        );
    }
}

#[test]
fn swap_is_as_the_spec_says() {
    let with = |os: &str, swap: &str| -> &'static str {
        let text = format!("os = {os}\n board = pi-4b-4g\n swap = {swap}\n interface eth0 {{ }}");
        Box::leak(text.into_boxed_str())
    };
    for (os, off, file_of) in [
        (
            "raspios-trixie",
            "Mechanism=none",
            "rpi/swap.conf.d/90-pikc.conf",
        ),
        (
            "raspios-bookworm",
            "unit_off dphys-swapfile.service",
            "40-swap.sh",
        ),
        ("ubuntu-24.04", "#pikc-swap-off#", "40-swap.sh"),
    ] {
        let tree = Spec {
            worker: with(os, "off"),
            ..Spec::default()
        }
        .tree();
        let found = tree
            .iter()
            .filter(|(path, _)| path.starts_with("classes/worker") && path.ends_with(file_of))
            .any(|(_, text)| text.contains(off));
        assert!(found, "{os}");
    }
    // With swap it is in memory where the system can do that, and not on the card.
    let tree = Spec {
        worker: with("raspios-trixie", "on"),
        ..Spec::default()
    }
    .tree();
    let path = tree
        .iter()
        .find(|(path, _)| path.contains("swap-on") && path.ends_with("swap.conf.d/90-pikc.conf"));
    assert!(path.expect("its settings").1.contains("Mechanism=zram"));
}

#[test]
fn modules_of_the_pis_kernel_come_where_there_is_such_a_package() {
    let on = |os: &str, board: &str| -> String {
        let text = format!("os = {os}\n {board}\n interface eth0 {{ }}");
        let worker: &'static str = Box::leak(text.into_boxed_str());
        let tree = Spec {
            worker,
            ..Spec::default()
        }
        .tree();
        let step = tree.iter().find(|(path, _)| {
            path.starts_with("classes/worker") && path.ends_with("35-packages.sh")
        });
        step.expect("the step").1.clone()
    };
    let pi = "board = pi-4b-4g";
    let pc = "board = generic-amd64\n memory = 4GiB\n cpus = 2";
    let package = "linux-modules-extra-raspi";
    in_order(
        &on("ubuntu-22.04", pi),
        &[package, "needs_reboot", "install_packages", package],
    );
    assert!(!on("ubuntu-22.04", pc).contains(package));
    for os in ["ubuntu-24.04", "ubuntu-26.04", "raspios-trixie"] {
        assert!(!on(os, pi).contains(package), "{os}");
    }
}

#[test]
fn calico_wraps_packets_in_one_way() {
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
        // Nobody speaks BGP where packets are wrapped in VXLAN, and no probe asks whether.
        let asks = text.contains("-felix-live") && !text.contains("-bird-");
        assert!(backend != "vxlan" || asks, "{text}");
    }
}

#[test]
fn no_release_of_a_network_is_older_than_the_mend() {
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
    // flannel answers /readyz from 0.28.9 on, and is asked.
    let flannel = library
        .cni("flannel", &mut sources, &mut out)
        .and_then(|cni| cni.version)
        .expect("a version");
    assert!(flannel.value.to_string() == "0.28.9" || flannel.value.minor > 28);
    assert!(file(&Spec::default().tree(), "10-flannel.yaml").contains("/readyz"));
}

#[test]
fn one_network_of_pods() {
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
fn accounts_become_root_without_a_password() {
    for text in files(&Spec::default().tree(), "sudoers.d/010_pikc-pi") {
        assert!(text.contains("pi ALL=(ALL:ALL) NOPASSWD: ALL"), "{text}");
    }
    assert_eq!(
        files(&Spec::default().tree(), "sudoers.d/010_pikc-pi").count(),
        2
    );
}

#[test]
fn another_identity_is_another_instance() {
    let ids = |text: &str| -> Vec<String> {
        let spec = Spec {
            cluster: text.to_owned(),
            ..Spec::default()
        }
        .tree();
        let id = |data: &str| {
            data.lines()
                .find(|line| line.starts_with("instance-id:"))
                .map(str::to_owned)
        };
        files(&spec, "meta-data").filter_map(id).collect()
    };
    let made = ids("");
    assert_eq!(made.len(), 2);
    assert_ne!(made[0], made[1]);
    // What is no identity does not make the machine another one.
    assert_eq!(made, ids("proxy { mode = nftables }"));
}

#[test]
fn what_pikc_does_not_write_cannot_go_wrong() {
    let (mut library, mut sources, mut out) = library();
    // No Cilium, and so no Envoy of its; no operator; no IPsec; no eBPF.
    assert!(!library.names("cni").contains(&"cilium".to_owned()));
    for (cni, lacks) in [
        ("calico", ["install", "data-plane"]),
        ("flannel", ["psk", "ipsec"]),
    ] {
        let options = library.options("cni", cni, &mut sources, &mut out);
        for option in lacks {
            assert!(
                !options.contains_key(option),
                "{cni} has {option}: see tests/rules/cni.md"
            );
        }
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
