//! Operating systems and boards: every system on every kind of board that it supports, in both roles; and a system that is
//! only in an external folder.

use crate::support::predicates_lite::{has, lacks};
use crate::support::{Folder, pikc};

/// One board of each family, which differ in ports and firmware.
const BOARDS: &[&str] = &[
    "pi-3b-plus",
    "pi-4b-4g",
    "pi-5-8g",
    "pi-cm4-4g",
    "generic-amd64",
    "generic-arm64",
    "rock-5b-8g",
    "jetson-orin-nano-8g",
];

/// All names of a kind in the standard library.
fn listed(kind: &str) -> Vec<String> {
    let run = pikc(&Folder::new(&[]), &["stdlib", "list", kind]);
    assert_eq!(run.status, 0, "{}", run.err);
    let rows = run.out.lines().skip(1);
    let names = rows.filter_map(|row| row.split_whitespace().next().map(str::to_owned));
    names.collect()
}

/// Whether a system has an image for a board: Raspberry Pi OS only for Raspberry Pis, Debian's own images for the others, and
/// Ubuntu for all.
fn fits(os: &str, board: &str) -> bool {
    let pi = board.starts_with("pi-");
    (pi && os.starts_with("raspios-"))
        || (!pi && os.starts_with("debian-"))
        || (board.starts_with("generic-") && on_dnf(os))
        || os.starts_with("ubuntu-")
}

/// Whether a system is one of the RHEL family.
fn on_dnf(os: &str) -> bool {
    os.starts_with("rocky-") || os.starts_with("almalinux-")
}

/// A control plane and a worker with this system; the worker on this board.
fn spec(os: &str, board: &str) -> String {
    let size = if board.starts_with("generic-") {
        "memory = 4GiB\n  cpus = 4"
    } else {
        ""
    };
    // A keyboard is refused there.
    let keyboard = if on_dnf(os) { "" } else { ", keyboard = jp" };
    let first = match board.starts_with("pi-") {
        true => "board = pi-4b-4g".to_owned(),
        false => format!("board = {board}\n  {size}"),
    };
    format!(
        "cluster lab {{
  kubernetes = 1.36
  network {{
    lan      = 192.168.11.0/24
    gateway  = 192.168.11.1
    dns      = [192.168.11.1]
    pods     = 10.244.0.0/16
    services = 10.96.0.0/12
  }}
  time {{
    servers = [ntp.nict.jp]
  }}
  runtime crio {{}}
  cni flannel {{}}
}}

profile all {{
  os = {os}
  locale {{ country = JP, timezone = Asia/Tokyo{keyboard} }}
  user ops {{ ssh-keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAswVXqfxOkOM1h9osfsETZbgKXK7xQ5XoOozfIXPGGG you@laptop\"] }}
  interface eth0 {{}}
}}

node first {{
  profile = all
  role    = control-plane
  address = 192.168.11.201
  {first}
}}

node second {{
  profile = all
  role    = worker
  address = 192.168.11.202
  board = {board}
  {size}
}}
"
    )
}

#[test]
fn every_system_compiles_on_each_kind_of_board_that_it_supports_and_on_no_other() {
    let systems = listed("os");
    assert!(systems.len() >= 9, "{systems:?}");
    for os in &systems {
        for board in BOARDS {
            let folder = Folder::new(&[("cluster.pik", &spec(os, board))]);
            if !fits(os, board) {
                let run = pikc(&folder, &["check", "cluster.pik", "--format", "json"]);
                assert_eq!(run.status, 1, "{os} on {board}: {}", run.err);
                has(&run.out, "\"node/board-system\"");
                continue;
            }
            let run = pikc(&folder, &["compile", "cluster.pik", "-o", "out"]);
            // Its images do not know the board; what no source confirms is only a warning.
            if os == "ubuntu-22.04" && board.starts_with("pi-5") {
                assert_eq!(run.status, 1, "{os} on {board}: {}", run.err);
                has(&run.err, "node/board-kernel");
                continue;
            }
            assert_eq!(run.status, 0, "{os} on {board}: {}", run.err);
            for node in ["first", "second"] {
                let steps = |name: &str| {
                    folder
                        .path()
                        .join(format!("out/nodes/{node}/steps/{name}"))
                        .exists()
                };
                let pi = board.starts_with("pi-");
                assert_eq!(steps("20-boot-cmdline.sh"), pi, "{os} on {board}");
                for step in [
                    "10-preflight.sh",
                    "30-network.sh",
                    "32-time.sh",
                    "40-swap.sh",
                    "60-crio.sh",
                ] {
                    assert!(steps(step), "{os} on {board}: no {step}");
                }
                let facts = folder.read(&format!("out/nodes/{node}/node.conf"));
                assert_eq!(facts.contains("\ncpus="), !pi, "{os} on {board}:\n{facts}");
                let preflight = folder.read(&format!("out/nodes/{node}/steps/10-preflight.sh"));
                let architecture = if *board == "generic-amd64" {
                    "amd64"
                } else {
                    "arm64"
                };
                has(&preflight, &format!("of the packages\" {architecture} "));
            }
        }
    }
}

#[test]
fn a_board_that_needs_firmware_says_so_beside_the_image_and_is_recognized() {
    let folder = Folder::new(&[("cluster.pik", &spec("debian-13", "rock-5b-8g"))]);
    let run = pikc(&folder, &["compile", "cluster.pik", "-o", "out"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let runbook = folder.read("out/README.md");
    has(
        &runbook,
        "**Radxa ROCK 5B, 8 GB** (first, second) starts the image only with UEFI firmware in its SPI flash",
    );
    assert_eq!(runbook.matches("ROCK 5B, 8 GB** (").count(), 1, "{runbook}");
    has(
        &folder.read("out/nodes/second/node.conf"),
        "compatible=radxa,rock-5b\n",
    );
    has(
        &folder.read("out/nodes/second/steps/10-preflight.sh"),
        "the spec says $(node_value board-title) ($wanted)",
    );
    let folder = Folder::new(&[("cluster.pik", &spec("debian-13", "generic-arm64"))]);
    let run = pikc(&folder, &["compile", "cluster.pik", "-o", "out"]);
    assert_eq!(run.status, 0, "{}", run.err);
    lacks(&folder.read("out/README.md"), "Put that on the board first");
    lacks(&folder.read("out/nodes/second/node.conf"), "compatible=");
}

#[test]
fn every_board_can_be_a_worker_with_a_system_that_supports_all() {
    let boards = listed("board");
    assert!(boards.len() >= 30, "{boards:?}");
    for board in boards {
        let folder = Folder::new(&[("cluster.pik", &spec("ubuntu-24.04", &board))]);
        let run = pikc(&folder, &["check", "cluster.pik"]);
        assert_eq!(run.status, 0, "{board}: {}", run.err);
    }
}

/// A release that the program does not know: another number, chrony, swap with zram-generator, another package.
const FORKY: &str = include_str!("systems/debian-14.pik");

#[test]
fn a_release_from_a_folder_needs_no_new_program() {
    let text = spec("debian-14", "generic-arm64");
    let folder = Folder::new(&[("cluster.pik", &text), ("lib/os/debian-14/os.pik", FORKY)]);
    let unknown = pikc(&folder, &["check", "cluster.pik"]);
    assert_eq!(unknown.status, 1, "{}", unknown.err);
    has(&unknown.err, "debian-14");

    let list = pikc(&folder, &["stdlib", "list", "os", "--stdlib", "lib"]);
    has(&list.out, "debian-14         Debian 14 (forky)");
    has(&list.out, "debian-13 ");
    let shown = pikc(&folder, &["stdlib", "show", "debian-14", "--stdlib", "lib"]);
    has(&shown.out, "unverified");

    let run = pikc(
        &folder,
        &["compile", "cluster.pik", "-o", "out", "--stdlib", "lib"],
    );
    assert_eq!(run.status, 0, "{}", run.err);
    let step = |name: &str| folder.read(&format!("out/nodes/second/steps/{name}.sh"));
    has(&step("10-preflight"), "fits \"its version\" 14 ");
    has(&step("32-time"), "chrony");
    lacks(&step("32-time"), "timesyncd.service");
    has(&step("40-swap"), "zram-generator.conf");
    let packages = step("35-packages");
    has(&packages, "conntrack");
    has(&packages, "only-in-forky");
}

/// The next system of the RHEL family, from a folder: dnf, SELinux and the firewall are facts.
#[test]
fn a_system_of_the_rhel_family_from_a_folder_needs_no_new_program() {
    let known = include_str!("../stdlib/os/rocky-10/os.pik");
    let next = known
        .replace("os rocky-10 {", "os centos-stream-10 {")
        .replace("Rocky Linux 10", "CentOS Stream 10")
        .replace("id               = rocky", "id               = centos")
        .replace("point-releases   = on\n", "")
        .replace(
            "kernel-modules-extra]",
            "kernel-modules-extra, only-in-stream]",
        );
    assert!(next.contains("only-in-stream") && next.contains("= centos"));
    let text = spec("centos-stream-10", "generic-arm64").replace(", keyboard = jp", "");
    let folder = Folder::new(&[
        ("cluster.pik", &text),
        ("lib/os/centos-stream-10/os.pik", &next),
    ]);
    assert_eq!(pikc(&folder, &["check", "cluster.pik"]).status, 1);
    let run = pikc(
        &folder,
        &["compile", "cluster.pik", "-o", "out", "--stdlib", "lib"],
    );
    assert_eq!(run.status, 0, "{}", run.err);
    let step = |name: &str| folder.read(&format!("out/nodes/second/steps/{name}.sh"));
    has(&step("10-preflight"), "fits \"operating system\" centos ");
    has(
        &step("10-preflight"),
        "fits \"its version\" 10 \"$(os_release VERSION_ID)\"",
    );
    has(&step("35-packages"), "only-in-stream");
    has(&step("11-selinux"), "setenforce 0");
    has(&step("52-firewall"), "pikc-pods.xml");
    has(&step("25-users"), "sshd.service");
    lacks(&step("55-repositories"), "/etc/apt");
}

/// A board that the program does not know. CONTRIBUTING.md says that a board takes a block and no Rust.
const BOARD: &str = r#"board turing-rk1 {
  title        = "Turing RK1, 8 GB"
  family       = rk3588
  hardware     = generic
  architecture = arm64
  cores        = 8
  memory       = 8GiB
  usable       = 7800MiB
  wired        = "1 Gb/s"
  wifi         = none
  compatible   = "turing,rk1"
  page-size    = 4096
  storage      = eMMC
  source       = ["turingpi.com/product/turing-rk1"]
  checked      = 2026-11-29
  unverified   = [usable]
}
"#;

#[test]
fn a_board_from_a_folder_needs_no_new_program() {
    let text = spec("ubuntu-24.04", "turing-rk1");
    let folder = Folder::new(&[("cluster.pik", &text), ("lib/boards/turing.pik", BOARD)]);
    assert_eq!(pikc(&folder, &["check", "cluster.pik"]).status, 1);
    let run = pikc(
        &folder,
        &["compile", "cluster.pik", "-o", "out", "--stdlib", "lib"],
    );
    assert_eq!(run.status, 0, "{}", run.err);
    let values = folder.read("out/nodes/second/node.conf");
    has(&values, "board-title=Turing RK1, 8 GB");
    has(&values, "memory-mib=8192");
    has(&values, "compatible=turing,rk1");
    let preflight = folder.read("out/nodes/second/steps/10-preflight.sh");
    has(&preflight, "of the packages\" arm64 ");
}

/// The next release of Kubernetes: the facts of the newest that the program knows, under another number.
#[test]
fn a_kubernetes_release_from_a_folder_needs_no_new_program() {
    let facts = include_str!("../stdlib/kubernetes/1.37/release.pik");
    let next = facts
        .replace("release 1.37 {", "release 1.38 {")
        .replace("latest        = 1.37.1", "latest        = 1.38.2");
    assert!(
        next.contains("1.38.2"),
        "the newest release has other words"
    );
    let text =
        spec("ubuntu-24.04", "generic-amd64").replace("kubernetes = 1.36", "kubernetes = 1.38");
    let folder = Folder::new(&[
        ("cluster.pik", &text),
        ("lib/kubernetes/1.38/release.pik", &next),
    ]);
    let unknown = pikc(&folder, &["check", "cluster.pik"]);
    assert_eq!(unknown.status, 1, "{}", unknown.err);
    has(&unknown.err, "kubernetes/unknown-release");
    // The CNI and the runtime have not been tried with it: that is said, and no more.
    let run = pikc(
        &folder,
        &["compile", "cluster.pik", "-o", "out", "--stdlib", "lib"],
    );
    assert_eq!(run.status, 0, "{}", run.err);
    has(
        &folder.read("out/nodes/first/kubeadm.yaml"),
        "kubernetesVersion: v1.38.2",
    );
    has(
        &folder.read("out/classes/worker-ubuntu-24.04-generic-amd64/steps/62-kubernetes.sh"),
        "1.38.2",
    );
}

/// A setting that one field of another program's file holds as it is.
const SETTING: &str = r#"
  setting workers {
    type    = integer
    min     = 1
    becomes = "KubeletConfiguration containerLogMaxWorkers"
    doc     = "How many logs are rotated at a time."
    example = 2
  }
}
"#;

#[test]
fn a_setting_that_a_field_holds_needs_no_new_program() {
    let known = include_str!("../stdlib/schema/spec/log-rotation.pik").trim_end();
    let block = known.strip_suffix('}').expect("a block");
    let text = spec("ubuntu-24.04", "generic-amd64").replace(
        "  cni flannel {}\n",
        "  cni flannel {}\n  kubelet { log-rotation { workers = 3 } }\n",
    );
    let folder = Folder::new(&[
        ("cluster.pik", &text),
        (
            "lib/schema/spec/log-rotation.pik",
            &format!("{block}{SETTING}"),
        ),
    ]);
    assert_eq!(pikc(&folder, &["check", "cluster.pik"]).status, 1);
    let compile = ["compile", "cluster.pik", "-o", "out", "--stdlib", "lib"];
    let run = pikc(&folder, &compile);
    assert_eq!(run.status, 0, "{}", run.err);
    let file = folder.read("out/nodes/first/kubeadm.yaml");
    has(&file, "containerLogMaxWorkers: 3");
    // Its table knows the releases: this one has no such field yet.
    folder.text(
        "cluster.pik",
        &text.replace("kubernetes = 1.36", "kubernetes = 1.29"),
    );
    let early = pikc(&folder, &["check", "cluster.pik", "--stdlib", "lib"]);
    has(&early.err, "setting/not-in-release");
}
