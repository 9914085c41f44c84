//! The choice of a CNI: what `cni auto` chooses for clusters of many kinds, and what rules out the others.

use crate::support::{Folder, pikc};

/// A 32-bit board, and a system for it.
const OLD: &str = r#"
board old-box {
  title        = "A 32-bit box"
  family       = box
  hardware     = generic
  architecture = armhf
  cores        = 4
  memory       = 2GiB
  usable       = 2000MiB
  wired        = "1 Gb/s"
  wifi         = none
  source       = ["made up"]
  checked      = 2026-11-23
}
"#;

struct Case {
    name: &'static str,
    /// `kubernetes = ...` and the rest of the cluster block.
    cluster: &'static str,
    control: &'static str,
    worker: &'static str,
    workers: usize,
    wifi: bool,
    /// Whether all have IPv6 addresses, too.
    ipv6: bool,
    needs: &'static str,
    /// The block that `cni auto` stands for; nothing if none fits.
    taken: Option<&'static str>,
    /// For each other CNI, whether it fits, and part of what rules it out.
    others: &'static [(&'static str, bool, &'static str)],
}

const DEFAULT: Case = Case {
    name: "",
    cluster: "kubernetes = 1.36",
    control: "os = raspios-trixie, board = pi-4b-4g",
    worker: "os = raspios-trixie, board = pi-4b-4g",
    workers: 2,
    wifi: false,
    ipv6: false,
    needs: "",
    taken: Some("cni flannel {}"),
    others: &[],
};

const DEBIAN: &str = "os = debian-13, board = generic-amd64, memory = 8GiB, cpus = 4";

const CASES: &[Case] = &[
    Case {
        name: "boards with enough of everything, and no needs",
        others: &[("calico", true, ""), ("canal", true, "")],
        ..DEFAULT
    },
    Case {
        name: "workers with 1 GB on Wi-Fi",
        worker: "os = raspios-trixie, board = pi-3b-plus",
        wifi: true,
        others: &[
            (
                "calico",
                true,
                "Calico should have 2 GiB on a node, and w1 and w2 have less",
            ),
            ("canal", true, "Canal should have 2 GiB on a node"),
        ],
        ..DEFAULT
    },
    Case {
        name: "policies on workers with 1 GB: possible, with a warning",
        worker: "os = raspios-trixie, board = pi-3b-plus",
        needs: "network-policy",
        taken: Some("cni calico {}"),
        others: &[
            ("flannel", false, "network-policy"),
            ("canal", true, "2 GiB"),
        ],
        ..DEFAULT
    },
    Case {
        name: "policies on boards with enough memory for them",
        needs: "network-policy",
        taken: Some("cni calico {}"),
        others: &[("flannel", false, "network-policy"), ("canal", true, "")],
        ..DEFAULT
    },
    Case {
        name: "encryption on Wi-Fi",
        wifi: true,
        needs: "encryption",
        taken: Some("cni flannel { backend = wireguard }"),
        others: &[("calico", true, ""), ("canal", false, "encryption")],
        ..DEFAULT
    },
    Case {
        name: "policies and encryption",
        needs: "network-policy, encryption",
        taken: Some("cni calico { encryption = on }"),
        others: &[
            ("flannel", false, "network-policy"),
            ("canal", false, "encryption"),
        ],
        ..DEFAULT
    },
    Case {
        name: "a 32-bit board",
        worker: "os = old-os, board = old-box",
        others: &[
            (
                "calico",
                false,
                "Calico has images for amd64, arm64, and w1 and w2 have another architecture",
            ),
            ("canal", false, "Canal has images for amd64, arm64"),
        ],
        ..DEFAULT
    },
    Case {
        name: "BGP on wired machines",
        control: DEBIAN,
        worker: DEBIAN,
        needs: "bgp",
        taken: Some("cni calico { backend = bgp }"),
        others: &[("flannel", false, "bgp"), ("canal", false, "bgp")],
        ..DEFAULT
    },
    Case {
        name: "a hundred and fifty machines with BGP",
        control: DEBIAN,
        worker: DEBIAN,
        workers: 149,
        needs: "bgp",
        taken: Some("cni calico { backend = bgp, typha = on }"),
        others: &[("flannel", false, "bgp")],
        ..DEFAULT
    },
    Case {
        name: "sixty machines, and no needs",
        control: DEBIAN,
        worker: DEBIAN,
        workers: 59,
        others: &[("calico", true, "")],
        ..DEFAULT
    },
    Case {
        name: "plain routes on wired machines",
        needs: "plain-routes",
        taken: Some("cni flannel { backend = host-gw }"),
        others: &[("calico", true, ""), ("canal", true, "")],
        ..DEFAULT
    },
    Case {
        name: "plain routes over an access point: all of them warn",
        wifi: true,
        needs: "plain-routes",
        taken: Some("cni flannel { backend = host-gw }"),
        others: &[
            ("calico", true, "bgp needs a direct link between all nodes"),
            (
                "canal",
                true,
                "host-gw needs a direct link between all nodes",
            ),
        ],
        ..DEFAULT
    },
    Case {
        name: "plain routes and encryption together: two different backends in flannel; Calico has no overlay to encrypt",
        needs: "plain-routes, encryption",
        taken: Some("cni calico { backend = bgp, encryption = on }"),
        others: &[
            ("flannel", false, "encryption"),
            ("canal", false, "encryption"),
        ],
        ..DEFAULT
    },
    Case {
        name: "policies on a 32-bit board, by a maintained CNI",
        worker: "os = old-os, board = old-box",
        needs: "network-policy, maintained",
        taken: None,
        others: &[
            ("weave", false, "maintained"),
            ("calico", false, "another architecture"),
        ],
        ..DEFAULT
    },
    Case {
        name: "encryption that only an operator can turn on",
        worker: "os = old-os, board = old-box",
        needs: "network-policy, encryption",
        taken: None,
        others: &[("weave", false, "encryption")],
        ..DEFAULT
    },
    Case {
        name: "layer 7 policies on Raspberry Pi OS: Envoy does not run there",
        needs: "layer7-policy",
        taken: None,
        others: &[
            ("flannel", false, "layer7-policy"),
            ("calico", false, "layer7-policy"),
            ("cilium", false, "48-bit addresses"),
            ("canal", false, "layer7-policy"),
        ],
        ..DEFAULT
    },
    Case {
        name: "an older Kubernetes",
        cluster: "kubernetes = 1.33",
        needs: "network-policy",
        taken: Some("cni cilium {}"),
        others: &[
            (
                "calico",
                true,
                "Calico 3.32.1 is tested with Kubernetes 1.34 to 1.36, not with 1.33",
            ),
            (
                "canal",
                true,
                "Canal 3.32.1 is tested with Kubernetes 1.34 to 1.36, not with 1.33",
            ),
        ],
        ..DEFAULT
    },
    Case {
        name: "layer 7 policies on machines whose kernels allow them",
        control: DEBIAN,
        worker: DEBIAN,
        needs: "layer7-policy",
        taken: Some("cni cilium { l7-proxy = on }"),
        others: &[("calico", false, "layer7-policy")],
        ..DEFAULT
    },
    Case {
        name: "no kube-proxy",
        cluster: "kubernetes = 1.36\n  proxy { disabled = on }",
        needs: "without-kube-proxy",
        taken: Some("cni calico { ebpf = on }"),
        others: &[("flannel", false, "kube-proxy"), ("cilium", true, "")],
        ..DEFAULT
    },
    Case {
        name: "dual stack",
        ipv6: true,
        others: &[
            ("calico", true, ""),
            ("canal", false, "carries IPv4 only"),
            ("weave", false, "carries IPv4 only"),
            ("cilium", true, ""),
        ],
        ..DEFAULT
    },
    Case {
        name: "dual stack and policies: Calico wraps IPv6 in VXLAN",
        ipv6: true,
        needs: "network-policy",
        taken: Some("cni calico {}"),
        others: &[
            ("flannel", false, "network-policy"),
            ("canal", false, "carries IPv4 only"),
        ],
        ..DEFAULT
    },
    Case {
        name: "the newest Kubernetes, with which Calico was not tested",
        cluster: "kubernetes = 1.37",
        others: &[
            ("calico", true, "not with 1.37"),
            ("canal", true, "not with 1.37"),
        ],
        ..DEFAULT
    },
    Case {
        name: "commercial support",
        needs: "commercial-support, network-policy",
        taken: Some("cni calico {}"),
        others: &[
            ("flannel", false, "commercial-support"),
            ("canal", false, "commercial-support"),
        ],
        ..DEFAULT
    },
    Case {
        name: "210 machines: more than Weave Net's usual limit",
        control: DEBIAN,
        worker: DEBIAN,
        workers: 209,
        others: &[(
            "weave",
            false,
            "supports at most 201 nodes, and this cluster has 210",
        )],
        ..DEFAULT
    },
    Case {
        name: "policies on a 32-bit board: only an unmaintained CNI is left",
        worker: "os = old-os, board = old-box",
        needs: "network-policy",
        taken: Some("cni weave { network-policy = on }"),
        others: &[
            ("calico", false, "another architecture"),
            ("flannel", false, "network-policy"),
            ("weave", true, "Weave Net is no longer maintained"),
        ],
        ..DEFAULT
    },
];

fn spec(case: &Case) -> String {
    let needs = match case.needs {
        "" => String::new(),
        needs => format!("needs = [{needs}]"),
    };
    let interface = match case.wifi {
        true => {
            "locale { country = JP }\n  interface wlan0 { wifi { ssid = \"home\", passphrase = secret:wifi } }"
        }
        false => "interface eth0 {}",
    };
    let user = "user ops { ssh-keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAswVXqfxOkOM1h9osfsETZbgKXK7xQ5XoOozfIXPGGG you@laptop\"] }";
    let settings = |text: &str| text.replace(", ", "\n  ");
    let (second, first, rest) = match case.ipv6 {
        true => (
            "\n    ipv6 { lan = fd5c:1a2b:3c4d:11::/64, pods = fd5c:1a2b:3c4d:100::/56, services = fd5c:1a2b:3c4d:200::/112 }",
            "\n  address-ipv6 = fd5c:1a2b:3c4d:11::10".to_owned(),
            // As a range counts, in hexadecimal.
            format!(
                "\n  address-ipv6 = fd5c:1a2b:3c4d:11::1:1..fd5c:1a2b:3c4d:11::1:{:x}",
                case.workers
            ),
        ),
        false => ("", String::new(), String::new()),
    };
    format!(
        "cluster tried {{
  {cluster}
  network {{
    lan     = 192.168.0.0/20
    gateway = 192.168.0.1
    dns     = [192.168.0.1]
    pods    = 10.244.0.0/16{second}
  }}
  runtime crio {{}}
  cni auto {{ {needs} }}
}}

profile all {{
  {user}
  {interface}
}}

node control {{
  profile = all
  role    = control-plane
  address = 192.168.0.10{first}
  {control}
}}

node w[1-{workers}] {{
  profile = all
  role    = worker
  address = 192.168.1.1..192.168.1.{workers}{rest}
  {worker}
}}
",
        cluster = case.cluster,
        control = settings(case.control),
        worker = settings(case.worker),
        workers = case.workers,
    )
}

#[test]
fn the_choice_is_the_one_that_was_reasoned_out() {
    assert!(CASES.len() >= 15);
    let old_os = std::fs::read_to_string("stdlib/os/debian-13/os.pik")
        .expect("a system")
        .replace("os debian-13", "os old-os")
        .replace("[amd64, arm64]", "[armhf]");
    for case in CASES {
        let text = spec(case);
        let folder = Folder::new(&[
            ("cluster.pik", &text),
            ("lib/boards/old.pik", OLD),
            ("lib/os/old-os/os.pik", &old_os),
        ]);
        let run = pikc(
            &folder,
            &["cni", "cluster.pik", "--format", "json", "--stdlib", "lib"],
        );
        let table: serde_json::Value =
            serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}: {run:?}", case.name));
        let of = |name: &str| {
            let all = table["candidates"].as_array().expect("a list");
            let found = all.iter().find(|one| one["name"] == name);
            found
                .unwrap_or_else(|| panic!("{}: no {name}", case.name))
                .clone()
        };
        // `none` means that you bring the CNI: `auto` does not choose it.
        let all = table["candidates"].as_array().expect("a list");
        assert!(all.iter().all(|one| one["name"] != "none"), "{all:?}");
        for (name, fits, why) in case.others {
            let found = of(name);
            assert_eq!(found["fits"], *fits, "{}: {name}: {found:#}", case.name);
            let against = format!("{} {}", found["lacks"], found["findings"]);
            match *why {
                "" => assert_eq!(against, "[] []", "{}: {name}", case.name),
                why => assert!(against.contains(why), "{}: {name}: {against}", case.name),
            }
        }
        let report = pikc(&folder, &["check", "cluster.pik", "--stdlib", "lib"]);
        match case.taken {
            Some(block) => assert!(
                report.err.contains(&format!("the same as `{block}`")),
                "{}: {}",
                case.name,
                report.err
            ),
            None => {
                assert_eq!(report.status, 1, "{}: {}", case.name, report.err);
                assert!(
                    report.err.contains("cni/none-fits"),
                    "{}: {}",
                    case.name,
                    report.err
                );
            }
        }
    }
}

#[test]
fn what_is_chosen_is_what_is_compiled() {
    let chosen = Case {
        needs: "network-policy, encryption",
        ..DEFAULT
    };
    let open = spec(&chosen);
    let named = open.replace(
        "cni auto { needs = [network-policy, encryption] }",
        "cni calico { encryption = on }",
    );
    assert_ne!(open, named);
    let folder = Folder::new(&[("open/cluster.pik", &open), ("named/cluster.pik", &named)]);
    for way in ["open", "named"] {
        let run = pikc(
            &folder,
            &[
                "compile",
                &format!("{way}/cluster.pik"),
                "-o",
                &format!("{way}/out"),
            ],
        );
        assert_eq!(run.status, 0, "{}", run.err);
    }
    // `pikc.json` has the hash of the spec.
    let run = folder.shell("diff -r --exclude pikc.json --exclude .pikc open/out named/out");
    assert_eq!(run.out, "");
}

#[test]
fn the_table_is_printed_for_people_programs_and_pages() {
    let text = spec(&Case {
        worker: "os = raspios-trixie, board = pi-3b-plus",
        ..DEFAULT
    });
    let folder = Folder::new(&[("cluster.pik", &text)]);
    let table = pikc(
        &folder,
        &["cni", "cluster.pik", "--needs", "network-policy"],
    );
    assert_eq!(table.status, 0, "{table:?}");
    for words in [
        "3 nodes, needed: network-policy",
        "Calico",
        "1 warning",
        "(cluster.pik:31)",
        "cannot do what is needed",
        "`cni auto` chooses Calico",
    ] {
        assert!(table.out.contains(words), "{words}:\n{}", table.out);
    }
    let page = pikc(&folder, &["cni", "cluster.pik", "--format", "markdown"]);
    assert!(page.out.contains("| flannel | fits | "), "{}", page.out);
    let wrong = pikc(&folder, &["cni", "cluster.pik", "--needs", "policies"]);
    assert_eq!(wrong.status, 2, "{wrong:?}");
}

/// Boards with 1 GB in two blocks are two warnings under flannel and one under a CNI whose needs are unknown; an unmaintained CNI is
/// chosen only if nothing else fits.
#[test]
fn an_unmaintained_cni_is_not_a_way_around_small_boards() {
    let one = spec(&Case {
        worker: "os = raspios-trixie, board = pi-5-1g",
        ..DEFAULT
    });
    let more = "node other {\n  profile = all\n  role    = worker\n  os      = raspios-trixie\n  board   = pi-5-1g\n  address = 192.168.0.99\n}\n";
    let text = format!("{one}{more}");
    let folder = Folder::new(&[("cluster.pik", &text)]);
    let run = pikc(&folder, &["check", "cluster.pik"]);
    assert_eq!(run.status, 0, "{}\n{text}", run.err);
    assert!(
        run.err.contains("the same as `cni flannel {}`"),
        "{}",
        run.err
    );
    assert_eq!(
        run.err.matches("Warning: node/little-left").count(),
        2,
        "{}",
        run.err
    );
}
