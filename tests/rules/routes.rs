//! What a machine's own network stack is told: the routes of its interfaces, and what networkd leaves alone.

use super::tree::{PC, Spec, Tree, compiled, file, files, in_order, library, nowhere};
use crate::support::base;

/// The network files of node02.
fn network_of(tree: &Tree) -> String {
    let parts = [
        "/etc/netplan/",
        "/system-connections/",
        "/fragments/dhcpcd",
        "/network-config",
    ];
    let own = tree.iter().filter(|(path, _)| {
        path.starts_with("nodes/node02/") && parts.iter().any(|part| path.contains(part))
    });
    let all: Vec<&str> = own.map(|(_, text)| text.as_str()).collect();
    assert!(!all.is_empty(), "{:#?}", tree.keys());
    all.join("\n")
}

/// The tree of a cluster whose worker has these settings.
fn with_worker(worker: &str) -> Tree {
    // What is missing is completed before the settings are there, so that none of them is written twice.
    let place = "os = the-worker\n board = the-board\n interface the-port { }";
    let spec = Spec {
        worker: place,
        ..Spec::default()
    };
    compiled(&spec.text().replace(place, worker))
}

const STACKS: &[(&str, &str)] = &[
    ("ubuntu-24.04", "board = pi-4b-4g"),
    ("raspios-trixie", "board = pi-4b-4g"),
    ("raspios-bookworm", "board = pi-4b-4g"),
    ("raspios-bullseye", "board = pi-4b-4g"),
    (
        "rocky-10",
        "board = generic-amd64\n memory = 8GiB\n cpus = 4",
    ),
];

#[test]
fn a_default_route_by_dhcp_is_the_one_of_the_lease() {
    for (os, board) in STACKS {
        let worker = format!(
            "os = {os}\n {board}\n interface eth0 {{ dhcp = on, default-route = on }}\n interface eth1 {{ cluster = on }}"
        );
        let tree = with_worker(&worker);
        let text = network_of(&tree);
        for router in ["via:", "routers=", "/24,192.168.11.1", "routes"] {
            assert!(!text.contains(router), "{os} has {router}: {text}");
        }
        // The lease's route is taken on the one interface, and none on the other.
        let refuses =
            |part: &str| part.contains("never-default=true") || part.contains("nogateway");
        let (first, second) = match *os {
            "raspios-bookworm" | "rocky-10" => (
                file(&tree, "pikc-eth0.nmconnection"),
                file(&tree, "pikc-eth1.nmconnection"),
            ),
            _ => text.split_once("eth1").expect("eth1"),
        };
        assert!(!refuses(first), "{os}: {first}");
        let netplan = text.contains("dhcp4: true") && *os != "rocky-10";
        assert_eq!(refuses(second), !netplan, "{os}: {second}");
    }
}

#[test]
fn a_network_that_the_machine_is_in_needs_no_router() {
    for (os, board) in STACKS {
        let racks = "kubernetes = 1.36
            network {
              subnet rack1 { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1] }
              subnet rack2 { lan = 10.2.0.0/24, gateway = 10.2.0.1, dns = [10.2.0.1] }
              subnet mgmt { lan = 172.16.0.0/16, gateway = 172.16.0.1, dns = [172.16.0.1] }
            }
            runtime crio { }
            cni flannel { }";
        let machine = |name: &str, role: &str, rest: &str| {
            format!("node {name} {{\n role = {role}\n {rest}\n}}\n")
        };
        let pi = "os = raspios-trixie\n board = pi-4b-4g\n interface eth0 { }\n address =";
        let text = [
            format!("{racks}\n"),
            machine("node01", "control-plane", &format!("{pi} 192.168.11.201")),
            machine("node03", "worker", &format!("{pi} 10.2.0.203")),
            machine(
                "node02",
                "worker",
                &format!(
                    "os = {os}\n {board}\n address = 192.168.11.202
                     interface eth0 {{ address = 172.16.0.5, default-route = on }}
                     interface eth1 {{ cluster = on }}"
                ),
            ),
        ];
        let tree = compiled(&base::completed(&text.concat()));
        let network = network_of(&tree);
        assert!(!network.contains("172.16.0.0/16"), "{os}: {network}");
        assert!(network.contains("172.16.0.5/16"), "{os}: {network}");
        assert!(network.contains("10.2.0.0/24"), "{os}: {network}");
    }
}

#[test]
fn networkd_keeps_what_the_pod_network_sets() {
    let both = "ManageForeignRoutes=no\nManageForeignRoutingPolicyRules=no\n";
    for (os, ends) in [
        ("debian-11", "[Network]\nManageForeignRoutes=no\n"),
        ("debian-12", both),
        ("ubuntu-26.04", both),
    ] {
        let worker = PC.replace("debian-13", os);
        let tree = with_worker(&worker);
        let text = file(&tree, "etc/systemd/networkd.conf.d/90-pikc.conf");
        assert!(text.ends_with(ends), "{os}: {text}");
        let step = tree
            .iter()
            .find(|(path, _)| path.contains(os) && path.ends_with("30-network.sh"));
        in_order(
            step.expect("the step").1,
            &["put /etc/systemd/networkd.conf.d/90-pikc.conf"],
        );
    }
    let tree = Spec::default().tree();
    assert_eq!(files(&tree, "networkd.conf.d/90-pikc.conf").count(), 0);
    nowhere(&tree, "networkd.conf.d");
}

#[test]
fn networkd_is_told_what_its_release_understands() {
    let (library, ..) = library();
    let mut seen = 0;
    for name in library.names("os") {
        let text = library.path_of("os", &name);
        let text = text.and_then(|path| library.text(path)).expect(&name);
        let value = |key: &str| {
            let lines = text.lines().filter_map(|line| line.split_once('='));
            let found = lines.into_iter().find(|(known, _)| known.trim() == key);
            found.map_or("", |(_, value)| value.trim())
        };
        let release: u32 = value("systemd").parse().expect(&name);
        let says = match release {
            _ if !text.contains("netplan-networkd") => "",
            246..=248 => "[routes]",
            249.. => "[routes, rules]",
            _ => "",
        };
        assert_eq!(value("keeps-foreign"), says, "{name} has systemd {release}");
        seen += usize::from(!says.is_empty());
    }
    assert!(seen >= 6, "{seen}");
}
