//! Mistakes with kubeadm and the kubelet that cannot be made: what pikc writes is right by construction. The catalogue names these tests.

use super::tree::{RELEASES, Spec, file, files, in_order, library, lines, nowhere, of_release};

#[test]
fn kubeadm_files_have_an_api_version_that_the_release_reads() {
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
            assert!(
                fits,
                "kubeadm does not accept {option} with --config: {line}"
            );
        }
    }
    assert!(seen >= 2, "{seen} calls were found");
}

#[test]
fn versions_are_exact_and_held() {
    let tree = Spec::default().tree();
    assert!(file(&tree, "node01/kubeadm.yaml").contains("kubernetesVersion: v1.36.5"));
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
    let spec = library().0.spec_schema();
    for block in ["node", "profile"] {
        assert!(!spec.blocks[block].settings.contains_key("kubernetes"));
    }
}

#[test]
fn workers_join_with_a_file_and_have_no_key() {
    let tree = Spec::default().tree();
    let text = file(&tree, "node02/kubeadm.yaml");
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
fn the_kubelet_gets_only_what_was_asked_for() {
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
    let only = file(&Spec::default().tree(), "node01/kubeadm.yaml")
        .split("kind: KubeletConfiguration\n")
        .nth(1)
        .and_then(|rest| rest.split("---").next())
        .map(str::to_owned);
    assert_eq!(only.as_deref(), Some("cgroupDriver: systemd\n"));
}

#[test]
fn swap_for_pods_opens_its_gate_if_there_is_one() {
    let patch = |kubernetes, runtime| {
        let worker = "os = debian-12\n board = generic-amd64\n memory = 8GiB\n cpus = 4\n swap = limited\n interface eth0 { }";
        let tree = Spec {
            kubernetes,
            runtime,
            worker,
            ..Spec::default()
        }
        .tree();
        file(&tree, "node02/patches/kubeletconfiguration+merge.yaml").to_owned()
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
fn patches_are_applied_again() {
    let worker = "os = raspios-trixie\n board = pi-4b-4g\n swap = on\n interface eth0 { }";
    let tree = Spec {
        worker,
        ..Spec::default()
    }
    .tree();
    assert!(
        file(&tree, "node02/kubeadm.yaml").contains("patches:\n  directory: /etc/pikc/patches")
    );
    for step in files(&tree, "38-kubelet-settings.sh") {
        assert!(
            step.contains("kubeadm upgrade node phase kubelet-config --patches \"$etc/patches\"")
        );
    }
}

#[test]
fn feature_gates_reach_their_component() {
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
        let first = file(&tree, "node01/kubeadm.yaml");
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
        let patch = file(&tree, "node02/patches/kubeletconfiguration+merge.yaml");
        assert!(
            patch.contains("featureGates:\n  MemoryQoS: false"),
            "{patch}"
        );
    }
    // If kubeadm applies no patches, an argument sets the gates; it replaces the cluster's argument, so it contains those gates too.
    let mut old = spec("1.24", "containerd { source = upstream }");
    old.cluster =
        "kubelet { feature-gates { MemoryQoS = on, CustomCPUCFSQuotaPeriod = on } }".to_owned();
    let tree = old.tree();
    let joins = file(&tree, "node02/kubeadm.yaml");
    assert!(
        joins.contains("feature-gates: CustomCPUCFSQuotaPeriod=true,MemoryQoS=false"),
        "{joins}"
    );
}

/// With each CNI and each option that opens ports between machines, the runbook names them for the firewall.
#[test]
fn ports_between_machines_are_listed() {
    let cases: &[(&str, &[&str])] = &[
        ("flannel { }", &["UDP 8472"]),
        ("flannel { port = 8473 }", &["UDP 8473"]),
        ("flannel { backend = wireguard }", &["UDP 51820"]),
        (
            "calico { backend = bgp, typha = on }",
            &["TCP 179", "TCP 5473"],
        ),
        ("calico { backend = ipip }", &["IP protocol 4"]),
        ("calico { install = operator }", &["TCP 5473"]),
        ("calico { encryption = on }", &["UDP 51820"]),
        ("cilium { }", &["UDP 8472", "TCP 4240"]),
        ("cilium { encryption = on }", &["TCP 4240", "UDP 51871"]),
        ("weave { }", &["TCP 6783"]),
    ];
    for (cni, ports) in cases {
        let spec = Spec {
            cni: (*cni).to_owned(),
            ..Spec::default()
        };
        let tree = spec.tree();
        let runbook = file(&tree, "README.md");
        for port in ["TCP 6443", "TCP 10250"].iter().chain(*ports) {
            assert!(
                runbook.contains(&format!("| {port} |")),
                "{cni}: {port}\n{runbook}"
            );
        }
    }
}

#[test]
fn the_spec_has_precedence_over_what_cloud_init_wrote() {
    // cloudinit/net/network_manager.py and sysconfig.py: 120.
    let spec = Spec {
        worker: "os = rocky-10\n board = generic-amd64\n memory = 8GiB\n cpus = 4\n interface eth0 { }",
        ..Spec::default()
    };
    let tree = spec.tree();
    let text = file(&tree, "pikc-eth0.nmconnection");
    let mut lines = text.lines();
    let priority = lines.find_map(|line| line.strip_prefix("autoconnect-priority="));
    let priority: u32 = priority.expect("a priority").parse().expect("a number");
    assert!(priority > 120, "{priority}");
}
