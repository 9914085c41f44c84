//! Rules over many machines: one report, in linear time.

use std::fmt::Write;

use super::{Case, run};

fn case(text: String) -> Case {
    Case {
        line: 1,
        text,
        fragment: false,
        files: Default::default(),
        library: Default::default(),
        report: None,
        stands_here: false,
    }
}

const HEAD: &str = "allow network/wide-lan { reason = \"as many nodes as no network has\" }
cluster home {
  kubernetes = 1.36
  network {
    lan     = 10.0.0.0/12
    gateway = 10.0.0.1
    dns     = [10.0.0.1]
    dhcp    = 10.1.0.0..10.1.255.255
    pods    = 10.128.0.0/9
    node-prefix = 24
  }
  runtime crio { }
  cni flannel { }
}
profile pi {
  os = raspios-trixie
  user pi { ssh-keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop\"] }
  interface eth0 { }
  kubelet { fail-swap-on = on }
}
node first {
  profile = pi
  role    = control-plane
  board   = pi-4b-8g
  address = 10.0.0.2
}
";

#[test]
fn a_mistake_of_ten_thousand_machines_is_reported_once() {
    // Each of them has settings of its own, because of the label.
    let text = format!(
        "{HEAD}node n[1-10000] {{\n profile = pi\n role = worker\n board = pi-4b-2g\n \
         address = 10.1.0.0..10.1.39.15\n swap = on\n labels {{ seat = \"s${{index}}\" }}\n}}\n"
    );
    let analysis = run(&case(text));
    let found: Vec<String> = analysis
        .diagnostics
        .iter()
        .map(|finding| format!("{}: {}", finding.descriptor.code, finding.message))
        .collect();
    assert_eq!(
        found,
        [
            "node/address-in-dhcp-pool: n1 to n10000's addresses 10.1.0.0 to 10.1.39.15 lie in the pool 10.1.0.0..10.1.255.255 that the router leases",
            "swap/kubelet-refuses: n1 to n10000 keep swap on, and their kubelet refuses to start with swap",
        ]
    );
}

#[test]
fn blocks_that_share_a_profile_share_the_report_on_its_mistake() {
    let mut text = HEAD.replace("interface eth0 { }", "interface eth0 { dhcp = on }");
    for number in 1..=300 {
        write!(
            text,
            "node m{number} {{\n profile = pi\n role = worker\n board = pi-4b-2g\n address = 10.2.0.{}\n}}\n",
            number % 250
        )
        .expect("a String");
    }
    let analysis = run(&case(text));
    let both = analysis
        .diagnostics
        .iter()
        .filter(|finding| finding.descriptor.code == "interface/address-and-dhcp");
    assert_eq!(both.count(), 1);
}

#[test]
fn the_first_of_many_unknown_node_names_get_a_suggestion() {
    let names: Vec<String> = (1..=30).map(|number| format!("m{number:02}")).collect();
    let bgp = format!(
        "cni calico {{ backend = bgp }}\n bgp {{ peer rack {{ address = 10.0.0.1, as-number = 64513, nodes = [{}] }} }}",
        names.join(", ")
    );
    let text = HEAD.replace("cni flannel { }", &bgp)
        + "node n[01-30] {\n profile = pi\n role = worker\n board = pi-4b-2g\n address = 10.2.0.1..10.2.0.30\n}\n";
    let analysis = run(&case(text));
    let unknown: Vec<_> = (analysis.diagnostics.iter())
        .filter(|finding| finding.descriptor.code == "bgp/unknown-node")
        .collect();
    assert_eq!(unknown.len(), 30);
    let meant = unknown
        .iter()
        .filter(|finding| finding.help.is_some())
        .count();
    assert_eq!(meant, 20);
    assert_eq!(unknown[0].help.as_deref(), Some("did you mean `n01`?"));
}
