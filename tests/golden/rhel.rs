//! Machines of the RHEL family: the steps and files that differ from those of a machine with apt, and no word of apt in any of them.

use std::collections::BTreeMap;

use super::excerpt::excerpt;
use crate::support::bless::same;
use crate::support::{Folder, pikc};

/// What is read in full; `lib.sh` has the helpers for dnf.
const SHOWN: &[&str] = &[
    "/lib.sh",
    "/reset.sh",
    "/steps/10-preflight.sh",
    "/steps/11-selinux.sh",
    "/steps/25-users.sh",
    "/steps/30-network.sh",
    "/steps/32-time.sh",
    "/steps/33-proxy.sh",
    "/steps/35-packages.sh",
    "/steps/52-firewall.sh",
    "/steps/55-repositories.sh",
    "/steps/62-kubernetes.sh",
    "README.md",
];

#[test]
fn machines_of_the_rhel_family_are_as_they_were_read() {
    let of_one_class = |path: &str| {
        let class = path.starts_with("classes/control-plane") || !path.starts_with("classes/");
        let own = ["/files/etc/", "/fragments/", "/network-config"];
        class
            && (SHOWN.iter().any(|part| path.ends_with(part))
                || own.iter().any(|part| path.contains(part)))
    };
    let out = excerpt("rhel", &[], of_one_class);
    same("tests/golden/os/rhel.txt", &out);
}

/// Every word of every file for the machines, of each system with dnf, with every runtime source, CNI and service that it can have.
#[test]
fn no_file_of_a_machine_with_dnf_has_a_word_of_apt() {
    let spec = std::fs::read_to_string("tests/specs/rhel.pik").expect("the spec");
    let planes = "node cp2 {
  profile = server
  os      = rocky-10
  role    = control-plane
  address = 10.1.0.12
}
node cp3 {
  profile = server
  os      = rocky-10
  role    = control-plane
  address = 10.1.0.13
}
";
    let several = spec
        .replace(
            "  cni calico { backend = ipip }\n",
            "  cni cilium {}\n  endpoint = 10.1.0.5\n  vip { address = 10.1.0.5, by = keepalived }\n  etcd { snapshots { every = 6h, keep = 8, to = \"/srv/snapshots\" } }\n  certificates { renew = weekly }\n",
        )
        .replace("node press", &format!("{planes}node press"));
    let systems = ["rocky-9", "rocky-10", "almalinux-9", "almalinux-10"];
    let of = |text: &str, system: &str| {
        text.replace("os      = rocky-10", &format!("os      = {system}"))
            .replace("os      = almalinux-9", &format!("os      = {system}"))
    };
    let mut specs: BTreeMap<String, String> = BTreeMap::new();
    for system in systems {
        specs.insert(format!("{system} alone"), of(&spec, system));
    }
    specs.insert("three control planes".to_owned(), of(&several, "rocky-10"));
    for (what, text) in specs {
        let folder = Folder::new(&[("cluster.pik", &text)]);
        let run = pikc(&folder, &["compile", "cluster.pik", "-o", "out"]);
        assert_eq!(run.status, 0, "{what}: {}", run.err);
        let mut seen = 0;
        for (path, text) in crate::golden::all_files(&folder.path().join("out")) {
            seen += text.len();
            for (number, line) in text.lines().enumerate() {
                let mut words = line.split(|c: char| !c.is_ascii_alphanumeric());
                let found = words.find(|word| {
                    let word = word.to_ascii_lowercase();
                    ["apt", "dpkg", "netplan", "debconf", "timesyncd"].contains(&word.as_str())
                });
                assert!(found.is_none(), "{what}: {path}:{}: {line}", number + 1);
            }
        }
        assert!(seen > 200_000, "{what}: {seen}");
    }
}

/// Packets of a machine itself to pods elsewhere are passed on only where nothing encapsulates them: elsewhere the file would let the LAN talk to pods.
#[test]
fn firewalld_passes_on_to_pods_what_nothing_encapsulates() {
    const FILE: &str = "/files/etc/firewalld/policies/pikc-to-pods.xml";
    let spec = std::fs::read_to_string("tests/specs/rhel.pik").expect("the spec");
    for (cni, plain) in [
        ("flannel {}", false),
        ("flannel { backend = host-gw }", true),
        ("flannel { direct-routing = on }", true),
        ("flannel { backend = wireguard }", false),
        ("calico { backend = ipip }", false),
        ("calico { backend = bgp }", true),
        ("calico { backend = vxlan, cross-subnet = on }", true),
        ("cilium {}", false),
        ("cilium { backend = native }", true),
        ("none {}", true),
    ] {
        let text = spec.replace("calico { backend = ipip }", cni);
        let folder = Folder::new(&[("cluster.pik", &text)]);
        let run = pikc(&folder, &["compile", "cluster.pik", "-o", "out"]);
        assert_eq!(run.status, 0, "{cni}: {}", run.err);
        let all = crate::golden::all_files(&folder.path().join("out"));
        let found: Vec<&String> = all
            .iter()
            .filter(|(path, _)| path.ends_with(FILE))
            .map(|(_, text)| text)
            .collect();
        let classes = if plain { 2 } else { 0 };
        assert_eq!(found.len(), classes, "{cni}");
        let rule = r#"<rule family="ipv4"><source address="10.1.0.0/24"/><accept/></rule>"#;
        assert!(
            found.iter().all(|text| text.contains(rule)),
            "{cni}: {found:?}"
        );
    }
}
