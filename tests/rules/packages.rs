//! Mistakes with packages and the runtime that cannot be made. The catalogue names these tests.

use pikc::diagnostic::Diagnostics;
use pikc::source::Sources;
use pikc::stdlib::Library;

use super::tree::{
    PC, PI, RELEASES, Spec, file, files, in_order, lines, nowhere, of_release, steps,
};

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
            if let Some((_, other)) = line.split_once("registry.k8s.io/pause:") {
                assert!(other.starts_with(known), "{line}");
            }
        }
    }
}

#[test]
fn containerd_is_fully_configured() {
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
fn the_runtime_socket_is_always_set() {
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
fn other_bridges_are_gone_before_the_kubelet_starts() {
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
fn programs_that_the_release_needs_are_installed() {
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
