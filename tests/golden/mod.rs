//! The whole output of the flagship spec, byte for byte, in `tests/golden/home-pi/out/`.
//! `PIKC_BLESS=1 cargo test --test all golden::` writes it anew; read the difference before you commit it.

mod components;
mod control_planes;
mod disks;
mod excerpt;
mod firmware;
mod proxies;
mod rhel;
mod subnets;

use pikc::stdlib::Word as _;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::Folder;
use crate::support::bless::same;

const GOLDEN: &str = "tests/golden/home-pi/out";

fn tree(folder: &Path, below: &Path, out: &mut BTreeMap<PathBuf, String>) {
    for entry in std::fs::read_dir(folder.join(below)).expect("a folder") {
        let entry = entry.expect("an entry");
        let path = below.join(entry.file_name());
        let kind = entry.file_type().expect("a kind");
        if path.starts_with(".pikc") {
            continue;
        }
        if kind.is_symlink() {
            let target = std::fs::read_link(folder.join(&path)).expect("a link");
            out.insert(path, format!("link to {}", target.display()));
        } else if kind.is_dir() {
            tree(folder, &path, out);
        } else {
            let text = std::fs::read_to_string(folder.join(&path)).expect("text");
            out.insert(path, without_packed(&text));
        }
    }
}

/// The files of a tree, by path.
fn all_files(folder: &Path) -> BTreeMap<String, String> {
    let mut made = BTreeMap::new();
    tree(folder, Path::new(""), &mut made);
    let named = |(path, text): (PathBuf, String)| (path.display().to_string(), text);
    made.into_iter().map(named).collect()
}

/// A text without the lines of packed bytes, which nobody can read and which change with every script
/// (`pikc.json` has their checksums).
fn without_packed(text: &str) -> String {
    let packed = |line: &str| {
        let word = line.trim_start();
        word.len() >= 100
            && word
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
    };
    let mut out = String::new();
    let mut before = false;
    for line in text.split_inclusive('\n') {
        let now = packed(line.trim_end());
        // The last line of packed bytes is shorter.
        let last = before
            && line
                .trim()
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
        if now && !before {
            out.push_str("      (packed)\n");
        }
        if !now && !last {
            out.push_str(line);
        }
        before = now;
    }
    out
}

#[test]
fn the_flagship_compiles_to_the_golden_tree() {
    let spec = std::fs::read_to_string("examples/home-pi/cluster.pik").expect("the example");
    let folder = Folder::new(&[("cluster.pik", &spec)]);
    let secret = [("PIKC_SECRET_WIFI", "correct horse battery staple")];
    let run = folder.run(&["compile", "cluster.pik", "-o", "out"], &secret, "");
    assert_eq!(run.status, 0, "{}", run.err);
    let mut made = BTreeMap::new();
    tree(&folder.path().join("out"), Path::new(""), &mut made);
    assert!(made.len() > 100, "only {} files", made.len());
    for (path, text) in &made {
        assert!(
            !text.contains("battery staple"),
            "{} holds the passphrase",
            path.display()
        );
    }
    if std::env::var_os("PIKC_BLESS").is_some() {
        let _ = std::fs::remove_dir_all(GOLDEN);
        for path in made.keys() {
            let target = Path::new(GOLDEN).join(path);
            std::fs::create_dir_all(target.parent().expect("a parent")).expect("folders");
            let from = folder.path().join("out").join(path);
            match std::fs::read_link(&from) {
                Ok(link) => std::os::unix::fs::symlink(link, target).expect("a link"),
                Err(_) => std::fs::write(target, &made[path]).expect("a file"),
            }
        }
        return;
    }
    let mut golden = BTreeMap::new();
    tree(Path::new(GOLDEN), Path::new(""), &mut golden);
    let paths: Vec<&PathBuf> = made.keys().chain(golden.keys()).collect();
    let differ: Vec<&&PathBuf> = paths
        .iter()
        .filter(|path| made.get(**path) != golden.get(**path))
        .collect();
    assert!(
        differ.is_empty(),
        "not as in {GOLDEN} (PIKC_BLESS=1 cargo test --test all golden::, then read the difference): {differ:#?}"
    );
}

#[test]
fn the_same_spec_gives_the_same_bytes_and_a_second_compile_changes_nothing() {
    let spec = std::fs::read_to_string("examples/home-pi/cluster.pik").expect("the example");
    let secret = [("PIKC_SECRET_WIFI", "correct horse battery staple")];
    let folder = Folder::new(&[("cluster.pik", &spec), ("elsewhere/cluster.pik", &spec)]);
    for (from, to) in [
        ("cluster.pik", "a"),
        ("elsewhere/cluster.pik", "b"),
        ("cluster.pik", "a"),
    ] {
        let run = folder.run(&["compile", from, "-o", to], &secret, "");
        assert_eq!(run.status, 0, "{}", run.err);
    }
    let (mut a, mut b) = (BTreeMap::new(), BTreeMap::new());
    tree(&folder.path().join("a"), Path::new(""), &mut a);
    tree(&folder.path().join("b"), Path::new(""), &mut b);
    assert_eq!(a, b);
}

/// The steps that differ from system to system; the others are in the flagship's tree.
const OF_THE_SYSTEM: &[&str] = &[
    "10-preflight",
    "11-selinux",
    "20-boot-cmdline",
    "30-network",
    "32-time",
    "35-packages",
    "40-swap",
    "52-firewall",
];

/// A worker on each system of the library, and each kind of machine that it runs on: its own files, its
/// class's, and the steps that its system decides.
#[test]
fn a_worker_on_each_system_is_as_it_was_read() {
    let mut sources = pikc::source::Sources::default();
    let mut problems = pikc::diagnostic::Diagnostics::default();
    let mut library = pikc::stdlib::Library::open(BTreeMap::new(), &mut sources, &mut problems);
    let mut seen = 0;
    for name in library.names("os") {
        let system = library
            .system(&name, &mut sources, &mut problems)
            .expect("a system that can be read");
        for hardware in ["pi", "generic"] {
            if !["any", hardware].contains(&system.hardware.word()) {
                continue;
            }
            seen += 1;
            let golden = format!("tests/golden/os/{name}-{hardware}.txt");
            same(&golden, &worker(&name, hardware));
        }
    }
    assert!(seen >= 12, "systems went missing: {seen}");
}

/// containerd on each system, from its own archive (where the kubelet can speak with that one) and from upstream.
#[test]
fn containerd_on_each_system_is_as_it_was_read() {
    let mut sources = pikc::source::Sources::default();
    let mut problems = pikc::diagnostic::Diagnostics::default();
    let library = pikc::stdlib::Library::open(BTreeMap::new(), &mut sources, &mut problems);
    for name in library.names("os") {
        if name.starts_with("rocky") || name.starts_with("almalinux") {
            continue; // Its packages for dnf are not in the library: an error, with an example in tests/spec.
        }
        let hardware = if name.starts_with("debian") {
            "generic"
        } else {
            "pi"
        };
        let mut out = String::new();
        for source in ["distribution", "upstream"] {
            if (name.as_str(), source) == ("debian-11", "distribution")
                || (name.as_str(), source) == ("raspios-bullseye", "distribution")
            {
                continue; // Too old for this release of Kubernetes: an error, with an example in tests/spec.
            }
            let runtime = format!("runtime containerd {{ source = {source} }}");
            let made = compiled(&name, hardware, |text| {
                text.replace("runtime crio {}", &runtime)
            });
            for (path, text) in &made {
                let path = path.to_str().expect("plain paths");
                let names = ["60-containerd.sh", "/etc/containerd/", "pikc-containerd"];
                if path.starts_with("classes/worker")
                    && names.iter().any(|part| path.contains(part))
                {
                    out.push_str(&format!("==== {source}: {path}\n{text}"));
                }
            }
        }
        same(&format!("tests/golden/runtime/{name}.txt"), &out);
    }
}

/// The same cluster with addresses of both families.
fn both(spec: &str) -> String {
    let second = "ipv6 { lan = fd5c:1a2b:3c4d:11::/64, pods = fd5c:1a2b:3c4d:100::/56, services = fd5c:1a2b:3c4d:200::/112 }";
    let mut out = spec.replace(
        "dns     = [192.168.11.1]\n",
        &format!("dns     = [192.168.11.1]\n    {second}\n"),
    );
    for last in [10, 11] {
        let address = format!("address = 192.168.11.{last}\n");
        out = out.replace(
            &address,
            &format!("{address}  address-ipv6 = fd5c:1a2b:3c4d:11::{last}\n"),
        );
    }
    out
}

/// What a machine of a cluster with both families gets besides, by each means of bringing up a network.
#[test]
fn both_families_reach_every_machine() {
    for (system, hardware) in [
        ("raspios-trixie", "pi"),
        ("raspios-bookworm", "pi"),
        ("raspios-bullseye", "pi"),
        ("ubuntu-24.04", "pi"),
        ("debian-13", "generic"),
    ] {
        let made = compiled(system, hardware, both);
        let mut out = String::new();
        for (path, text) in &made {
            let path = path.to_str().expect("plain paths");
            let names = [
                "/files/etc/",
                "/kubeadm.yaml",
                "/node.conf",
                "dhcpcd",
                "sysctl",
            ];
            let ours =
                path.starts_with("nodes/worker") || path.starts_with("nodes/control/kubeadm");
            if (ours && names.iter().any(|name| path.contains(name)))
                || (path.starts_with("classes/worker") && path.ends_with("sysctl.d/99-pikc.conf"))
            {
                out.push_str(&format!("==== {path}\n{text}"));
            }
        }
        same(&format!("tests/golden/both/{system}.txt"), &out);
    }
}

/// What each CNI of the library applies, with each of its backends; and with its options written.
const WRITTEN: &[(&str, &str)] = &[
    (
        "calico-written",
        "cni calico { backend = ipip, cross-subnet = on, block-size = 27, mtu = 1492, interface = eth0, typha = on, encryption = on, nftables = on, as-number = 64999 }\n  proxy { mode = nftables }\n  mirror { images = \"mirror.example:5000/images\" }",
    ),
    (
        "calico-peers",
        "cni calico { backend = bgp }\n  bgp {\n    mesh = off\n    peer left { address = 192.168.11.1, as-number = 64513 }\n    peer right { address = 192.168.11.2, as-number = 64514, nodes = [control] }\n  }",
    ),
    (
        "calico-ebpf",
        "cni calico { ebpf = on, mtu = 1500 }\n  proxy { disabled = on }",
    ),
    ("calico-operator", "cni calico { install = operator }"),
    (
        "calico-operator-written",
        "cni calico { install = operator, backend = ipip, cross-subnet = on, block-size = 27, mtu = 1492, interface = eth0, encryption = on, nftables = on, as-number = 64999 }\n  proxy { mode = nftables }\n  mirror { images = \"mirror.example:5000/images\" }",
    ),
    (
        "calico-operator-ebpf",
        "cni calico { install = operator, ebpf = on, backend = bgp }\n  proxy { disabled = on }",
    ),
    (
        "canal-written",
        "cni canal { vni = 7, port = 8473, direct-routing = on, interface = eth0, mtu = 1492, masquerade = off }\n  mirror { images = \"mirror.example:5000/images\" }",
    ),
    (
        "flannel-written",
        "cni flannel { vni = 7, port = 8473, direct-routing = on, mtu = 1492 }\n  mirror { images = \"mirror.example:5000/images\" }",
    ),
    (
        "weave-written",
        "cni weave { password = secret:wifi, mtu = 1492, connection-limit = 1, multicast = off, hairpin = off, no-masquerade-local = off, iptables = legacy }\n  mirror { images = \"mirror.example:5000/images\" }",
    ),
    (
        "weave-without-policies",
        "cni weave { network-policy = off }",
    ),
];

#[test]
fn each_cni_is_as_it_was_read() {
    let mut sources = pikc::source::Sources::default();
    let mut problems = pikc::diagnostic::Diagnostics::default();
    let mut library = pikc::stdlib::Library::open(BTreeMap::new(), &mut sources, &mut problems);
    let mut cases: Vec<(String, String)> = WRITTEN
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    for name in library.names("cni") {
        let options = library.options("cni", &name, &mut sources, &mut problems);
        let Some(backend) = options.get("backend") else {
            cases.push((name.clone(), format!("cni {name} {{}}")));
            continue;
        };
        for value in &backend.values {
            // One that the machine of this spec cannot run is an error.
            if value != "udp" {
                cases.push((
                    format!("{name}-{value}"),
                    format!("cni {name} {{ backend = {value} }}"),
                ));
            }
        }
    }
    for name in ["flannel", "calico", "cilium"] {
        cases.push((format!("{name}-both"), format!("cni {name} {{}}")));
    }
    cases.push((
        "calico-operator-both".to_owned(),
        "cni calico { install = operator, backend = bgp, encryption = on, mtu = 1500 }".to_owned(),
    ));
    for (name, text) in cases {
        let made = compiled("raspios-trixie", "pi", |spec| {
            let spec = spec.replace("cni flannel {}", &text);
            match name.ends_with("-both") {
                true => both(&spec),
                false => spec,
            }
        });
        let mut out = String::new();
        for (path, text) in &made {
            let path = path.to_str().expect("plain paths");
            // Where nothing is applied, the steps say how they wait.
            let waits = name == "none" && path.starts_with("classes/control");
            let step = path.ends_with("/76-cni.sh") || path.ends_with("/78-ready.sh");
            if path.starts_with("cluster/") || (waits && step) {
                out.push_str(&format!("==== {path}\n{text}"));
            }
        }
        same(&format!("tests/golden/cni/{name}.txt"), &out);
    }
}

/// What is applied to the cluster for policies, by which step, and what the runbook says of it.
#[test]
fn network_policies_are_as_they_were_read() {
    for (name, path) in [
        ("example", "examples/policies/cluster.pik"),
        ("every-setting", "tests/specs/policies.pik"),
    ] {
        let text = std::fs::read_to_string(path).expect(path);
        let folder = Folder::new(&[("cluster.pik", &text)]);
        let run = folder.run(&["compile", "cluster.pik", "-o", "out"], &[], "");
        assert_eq!(run.status, 0, "{path}: {}", run.err);
        let mut made = BTreeMap::new();
        tree(&folder.path().join("out"), Path::new(""), &mut made);
        let mut out = String::new();
        for (path, text) in &made {
            let path = path.to_str().expect("plain paths");
            if path == "README.md" {
                let from = text.find("## Network policies").expect("the section");
                let length = text[from..].find("\n## Harmless").expect("the next one");
                out.push_str(&format!("==== {path}\n{}", &text[from..from + length]));
            } else if path.contains("policy") {
                out.push_str(&format!("==== {path}\n{text}"));
                if text.starts_with("link to ") {
                    out.push('\n');
                }
            }
        }
        same(&format!("tests/golden/policy/{name}.txt"), &out);
    }
}

/// The tree of `tests/specs/one-worker.pik` on a system and a kind of machine.
fn compiled(
    system: &str,
    hardware: &str,
    change: impl Fn(&str) -> String,
) -> BTreeMap<PathBuf, String> {
    let machine = match hardware {
        "pi" => "board = pi-4b-4g",
        _ => "board = generic-amd64\n  memory = 4GiB\n  cpus = 2",
    };
    let text = std::fs::read_to_string("tests/specs/one-worker.pik").expect("the spec");
    let text = text.replace("SYSTEM", system).replace("MACHINE", machine);
    let text = match system.starts_with("rocky") || system.starts_with("almalinux") {
        true => wired(&text),
        false => text,
    };
    let text = change(&text);
    let folder = Folder::new(&[("cluster.pik", &text)]);
    let secret = [("PIKC_SECRET_WIFI", "correct horse battery staple")];
    let run = folder.run(&["compile", "cluster.pik", "-o", "out"], &secret, "");
    assert_eq!(run.status, 0, "{system}: {}", run.err);
    let mut made = BTreeMap::new();
    tree(&folder.path().join("out"), Path::new(""), &mut made);
    made
}

/// The same machine with a cable, for images that have no Wi-Fi.
fn wired(text: &str) -> String {
    let (before, radio) = text.split_once("  interface wlan0 {").expect("a radio");
    let (_, after) = radio.split_once("\n  }\n").expect("its end");
    let after = after.replace("{ dhcp = on }", "{ mac = dc:a6:32:01:02:03 }");
    format!("{before}{}", after.trim_start_matches('\n'))
}

fn worker(system: &str, hardware: &str) -> String {
    let made = compiled(system, hardware, str::to_owned);
    let mut out = String::new();
    for (path, text) in &made {
        let path = path.to_str().expect("plain paths");
        let of_the_worker = path.starts_with("nodes/worker/") || path.starts_with("classes/worker");
        let step = path
            .rsplit('/')
            .next()
            .and_then(|file| file.strip_suffix(".sh"));
        let shown = match step {
            Some(step) => OF_THE_SYSTEM.contains(&step),
            None => !path.ends_with(".list") && !text.starts_with("link to "),
        };
        if of_the_worker && shown {
            out.push_str(&format!("==== {path}\n{text}"));
        }
    }
    out
}
