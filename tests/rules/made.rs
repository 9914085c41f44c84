//! Mistakes that cannot be made: what pikc writes is right by construction. The catalogue names these tests.

use pikc::diagnostic::Diagnostics;
use pikc::source::Sources;
use pikc::stdlib::Library;

use super::tree::{PC, PI, Spec, Tree, file, files, in_order, lines, steps};

/// Each release that the library knows, oldest first, and a runtime that can be had for it.
const RELEASES: &[(&str, &str)] = &[
    ("1.24", "containerd { source = upstream }"),
    ("1.25", "containerd { source = upstream }"),
    ("1.26", "containerd { source = upstream }"),
    ("1.27", "containerd { source = upstream }"),
    ("1.28", "crio { }"),
    ("1.29", "crio { }"),
    ("1.30", "crio { }"),
    ("1.31", "crio { }"),
    ("1.32", "crio { }"),
    ("1.33", "crio { }"),
    ("1.34", "crio { }"),
    ("1.35", "crio { }"),
    ("1.36", "crio { }"),
    ("1.37", "crio { }"),
];

fn of_release(kubernetes: &'static str, runtime: &'static str) -> Spec {
    Spec {
        kubernetes,
        runtime,
        ..Spec::default()
    }
}

#[track_caller]
fn nowhere(tree: &Tree, piece: &str) {
    let found: Vec<&str> = lines(tree)
        .into_iter()
        .filter(|line| line.contains(piece))
        .collect();
    assert!(found.is_empty(), "`{piece}` stands in {found:#?}");
}

#[test]
fn one_pod_range_for_kubeadm_and_the_network() {
    for (cni, says) in [
        ("flannel { }", "\"Network\": \"10.60.0.0/16\""),
        ("canal { }", "10.60.0.0/16"),
        ("calico { }", "10.60.0.0/16"),
        ("weave { }", "10.60.0.0/16"),
    ] {
        let spec = Spec {
            cni: cni.to_owned(),
            network: "pods = 10.60.0.0/16",
            ..Spec::default()
        };
        let tree = spec.tree();
        assert!(file(&tree, "cp/kubeadm.yaml").contains("podSubnet: 10.60.0.0/16"));
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
fn kubeadms_files_are_of_an_api_that_the_release_reads() {
    for (release, runtime) in RELEASES {
        let tree = of_release(release, runtime).tree();
        for text in files(&tree, "/kubeadm.yaml") {
            let minor: u32 = release[2..].parse().expect("a minor release");
            if minor <= 30 {
                assert!(
                    text.contains("apiVersion: kubeadm.k8s.io/v1beta3"),
                    "{release}: {text}"
                );
                assert!(!text.contains("v1beta4"), "{release}: {text}");
                assert!(
                    text.contains("kubeletExtraArgs:\n    node-ip:"),
                    "{release}: {text}"
                );
            } else {
                assert!(
                    text.contains("apiVersion: kubeadm.k8s.io/v1beta4"),
                    "{release}: {text}"
                );
                assert!(!text.contains("v1beta3"), "{release}: {text}");
                assert!(
                    text.contains("kubeletExtraArgs:\n    - name: node-ip"),
                    "{release}: {text}"
                );
            }
        }
        for field in [
            "timeoutForControlPlane",
            "httpEndpoints",
            "encryptionAlgorithm",
        ] {
            nowhere(&tree, field);
        }
    }
}

#[test]
fn kubeadm_is_called_with_its_file_alone() {
    let tree = Spec::default().tree();
    let mut seen = 0;
    for line in lines(&tree) {
        let Some((_, call)) = line
            .split_once("kubeadm init --")
            .or(line.split_once("kubeadm join --"))
        else {
            continue;
        };
        seen += 1;
        for option in call
            .split_whitespace()
            .filter(|word| word.starts_with("--"))
        {
            let fits = option.starts_with("--skip-") || option.starts_with("--config");
            assert!(fits, "kubeadm takes no {option} beside --config: {line}");
        }
    }
    assert!(seen >= 2, "{seen} calls were found");
}

#[test]
fn versions_are_exact_and_held() {
    let tree = Spec::default().tree();
    assert!(file(&tree, "cp/kubeadm.yaml").contains("kubernetesVersion: v1.36.5"));
    for class in ["control-plane", "worker"] {
        let step = tree
            .iter()
            .find(|(path, _)| path.contains(class) && path.ends_with("62-kubernetes.sh"))
            .map(|(_, text)| text)
            .expect("the step");
        in_order(
            step,
            &["version=1.36.5", "pinned=(kubeadm kubectl kubelet)"],
        );
        in_order(
            step,
            &[
                "wanted+=(\"$package=$version-*\")",
                "install_packages",
                "hold \"${pinned[@]}\"",
            ],
        );
    }
    nowhere(&tree, "-00");
    // One release for all machines: there is no setting for another.
    let spec = Library::open(
        Default::default(),
        &mut Sources::default(),
        &mut Diagnostics::default(),
    )
    .spec_schema();
    for block in ["node", "profile"] {
        assert!(!spec.blocks[block].settings.contains_key("kubernetes"));
    }
}

#[test]
fn packages_come_from_addresses_that_answer() {
    let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
    let gone: Vec<String> = Library::open(Default::default(), &mut sources, &mut out)
        .gone(&mut sources, &mut out)
        .into_iter()
        .flat_map(|gone| gone.prefixes)
        .collect();
    assert!(gone.len() >= 4, "{gone:?}");
    for (release, runtime) in RELEASES {
        let tree = of_release(release, runtime).tree();
        let mut lists = 0;
        for list in files(&tree, ".sources") {
            lists += 1;
            for address in &gone {
                assert!(!list.contains(address.as_str()), "{release}: {list}");
            }
        }
        assert!(lists >= 4, "{release}: {lists} lists");
        let own = file(
            &tree,
            "classes/worker-raspios-trixie-pi-4/files/etc/apt/sources.list.d/pikc-kubernetes.sources",
        );
        assert!(own.contains(&format!("/v{release}/")), "{own}");
    }
}

#[test]
fn one_sandbox_image() {
    for (release, runtime) in [
        ("1.36", "crio { }"),
        ("1.36", "containerd { }"),
        ("1.30", "crio { }"),
    ] {
        let tree = of_release(release, runtime).tree();
        let (_, pause) = lines(&tree)
            .into_iter()
            .find_map(|line| line.split_once("registry.k8s.io/pause:"))
            .expect("a sandbox image");
        let pause = pause.trim_matches('"');
        let known = match release {
            "1.36" => "3.10.2",
            _ => "3.9",
        };
        assert_eq!(pause.trim_end_matches(['"', '\'', ')']), known);
        for line in lines(&tree) {
            for (_, other) in line.split_once("registry.k8s.io/pause:") {
                assert!(other.starts_with(known), "{line}");
            }
        }
    }
}

#[test]
fn containerd_is_configured_whole() {
    for (system, worker) in [
        ("debian-12", "2"),
        ("debian-13", "2"),
        ("ubuntu-24.04", "2"),
    ] {
        for source in ["containerd { }", "containerd { source = upstream }"] {
            let worker: &'static str = Box::leak(
                format!("os = {system}\n board = generic-amd64\n memory = 8GiB\n cpus = {worker}\n interface eth0 {{ }}")
                    .into_boxed_str(),
            );
            let tree = Spec {
                kubernetes: "1.35",
                runtime: source,
                worker,
                ..Spec::default()
            }
            .tree();
            let text = tree
                .iter()
                .find(|(path, _)| {
                    path.contains("worker") && path.ends_with("containerd/config.toml")
                })
                .map(|(_, text)| text)
                .expect("its file");
            assert!(text.contains("SystemdCgroup = true"), "{text}");
            assert!(text.contains("version = "), "{text}");
            assert!(text.contains("/opt/cni/bin"), "{text}");
            assert!(!text.contains("disabled_plugins = [\"cri\"]"), "{text}");
        }
    }
}

#[test]
fn the_runtimes_socket_is_always_said() {
    for (release, runtime) in RELEASES {
        let tree = of_release(release, runtime).tree();
        for text in files(&tree, "/kubeadm.yaml") {
            assert!(text.contains("criSocket: unix://"), "{release}: {text}");
        }
        nowhere(&tree, "container-runtime=");
        nowhere(&tree, "pod-infra-container-image");
    }
}

#[test]
fn bridges_of_others_go_before_the_kubelet_comes() {
    for class in ["control-plane", "worker"] {
        let tree = Spec::default().tree();
        let order = steps(&tree, class);
        let place = |begins: &str| order.iter().position(|step| step.starts_with(begins));
        let runtime = place("60-").expect("the runtime's step");
        assert!(Some(runtime) < place("62-kubernetes"), "{order:?}");
        assert!(Some(runtime) < place("72-kubeadm"), "{order:?}");
        let step = tree
            .iter()
            .find(|(path, _)| path.contains(class) && path.ends_with(&order[runtime]))
            .map(|(_, text)| text)
            .expect("the step");
        for bridge in [
            "10-crio-bridge.conflist",
            "11-crio-ipv4-bridge.conflist",
            "100-crio-bridge.conf",
        ] {
            assert!(step.contains(bridge), "{bridge}");
        }
        in_order(
            step,
            &[
                "bridges=(",
                "conflists=(",
                "10-flannel.conflist",
                "unit_on crio.service",
            ],
        );
    }
}

#[test]
fn workers_join_by_a_file_and_hold_no_key() {
    let tree = Spec::default().tree();
    let text = file(&tree, "one/kubeadm.yaml");
    assert!(
        text.contains("kubeConfigPath: /etc/pikc/discovery.conf"),
        "{text}"
    );
    nowhere(&tree, "caCertHashes");
    nowhere(&tree, "bootstrapToken");
    nowhere(&tree, "certificateKey");
    let lists: String = files(&tree, ".list").collect();
    assert!(
        lists.contains("kubeadm.yaml") && !lists.contains("pki"),
        "{lists}"
    );
}

#[test]
fn the_kubelet_is_told_only_what_was_asked() {
    for (release, runtime) in RELEASES {
        let tree = of_release(release, runtime).tree();
        for word in [
            "UnlimitedSwap",
            "resolvConf:",
            "clusterDNS",
            "evictionHard",
            "kubeReserved",
            "systemReserved",
            "imageGCHighThresholdPercent",
            "featureGates",
        ] {
            nowhere(&tree, word);
        }
    }
    let only = file(&Spec::default().tree(), "cp/kubeadm.yaml")
        .split("kind: KubeletConfiguration\n")
        .nth(1)
        .and_then(|rest| rest.split("---").next())
        .map(str::to_owned);
    assert_eq!(only.as_deref(), Some("cgroupDriver: systemd\n"));
}

#[test]
fn swap_for_pods_opens_its_gate_where_there_is_one() {
    let patch = |kubernetes, runtime| {
        let worker = "os = debian-12\n board = generic-amd64\n memory = 8GiB\n cpus = 4\n swap = limited\n interface eth0 { }";
        let tree = Spec {
            kubernetes,
            runtime,
            worker,
            ..Spec::default()
        }
        .tree();
        file(&tree, "one/patches/kubeletconfiguration+merge.yaml").to_owned()
    };
    let old = patch("1.28", "crio { }");
    assert!(
        old.contains("NodeSwap: true") && old.contains("LimitedSwap"),
        "{old}"
    );
    for release in ["1.30", "1.34", "1.36"] {
        let new = patch(release, "crio { }");
        assert!(
            !new.contains("NodeSwap") && new.contains("LimitedSwap"),
            "{release}: {new}"
        );
    }
}

#[test]
fn patches_are_given_again() {
    let worker = "os = raspios-trixie\n board = pi-4b-4g\n swap = on\n interface eth0 { }";
    let tree = Spec {
        worker,
        ..Spec::default()
    }
    .tree();
    assert!(file(&tree, "one/kubeadm.yaml").contains("patches:\n  directory: /etc/pikc/patches"));
    for step in files(&tree, "38-kubelet-settings.sh") {
        assert!(
            step.contains("kubeadm upgrade node phase kubelet-config --patches \"$etc/patches\"")
        );
    }
}

#[test]
fn programs_that_the_release_wants_are_installed() {
    for (release, runtime) in [("1.36", "crio { }"), ("1.30", "crio { }")] {
        for (worker, of) in [(PI, "raspios"), (PC, "debian")] {
            let tree = Spec {
                kubernetes: release,
                runtime,
                worker,
                ..Spec::default()
            }
            .tree();
            let step = tree
                .iter()
                .find(|(path, _)| {
                    path.contains(&format!("worker-{of}")) && path.ends_with("35-packages.sh")
                })
                .map(|(_, text)| text)
                .expect("the step");
            for package in ["conntrack", "ethtool", "iptables", "socat", "ebtables"] {
                assert!(
                    step.contains(&format!(" {package}")),
                    "{release}: no {package} in {step}"
                );
            }
            let kubernetes: String = files(&tree, "62-kubernetes.sh").collect();
            assert!(
                kubernetes.contains("cri-tools kubernetes-cni"),
                "{kubernetes}"
            );
        }
    }
}

#[test]
fn gates_reach_the_program_that_they_are_given_to() {
    let spec = |kubernetes, runtime| Spec {
        kubernetes,
        runtime,
        cluster: "kubeadm { feature-gates { PublicKeysECDSA = on } }\n\
                  kubelet { feature-gates { MemoryQoS = on, EventedPLEG = off } }"
            .to_owned(),
        worker: "os = debian-12\n board = generic-amd64\n memory = 8GiB\n cpus = 4\n interface eth0 { }\n\
                 kubelet { feature-gates { MemoryQoS = off } }",
        ..Spec::default()
    };
    for (release, runtime) in [
        ("1.26", "containerd { source = upstream }"),
        ("1.30", "crio { }"),
        ("1.36", "crio { }"),
    ] {
        let tree = spec(release, runtime).tree();
        let first = file(&tree, "cp/kubeadm.yaml");
        in_order(
            first,
            &[
                "kind: ClusterConfiguration",
                "featureGates:\n  PublicKeysECDSA: true",
            ],
        );
        in_order(
            first,
            &[
                "kind: KubeletConfiguration",
                "featureGates:\n  EventedPLEG: false\n  MemoryQoS: true",
            ],
        );
        let patch = file(&tree, "one/patches/kubeletconfiguration+merge.yaml");
        assert!(
            patch.contains("featureGates:\n  MemoryQoS: false"),
            "{patch}"
        );
    }
    // Where kubeadm applies no patches an argument carries them, and it takes the place of the cluster's: so it holds those too.
    let mut old = spec("1.24", "containerd { source = upstream }");
    old.cluster = "kubelet { feature-gates { MemoryQoS = on, CPUCFSQuotaPeriod = on } }".to_owned();
    let tree = old.tree();
    let joins = file(&tree, "one/kubeadm.yaml");
    assert!(
        joins.contains("feature-gates: CPUCFSQuotaPeriod=true,MemoryQoS=false"),
        "{joins}"
    );
}
