//! Mistakes that cannot be made on the machines: right by construction. The catalogue names these tests.

use super::tree::{Spec, files, in_order, library, steps};

#[test]
fn the_memory_controller_is_asked_for() {
    let (mut library, mut sources, mut out) = library();
    let mut pis = 0;
    for name in library.names("os") {
        let system = library
            .system(&name, &mut sources, &mut out)
            .expect("a system");
        let Some(boot) = system
            .boot(pikc::stdlib::Hardware::Pi)
            .filter(|boot| boot.kind.value == pikc::stdlib::BootLoader::Cmdline)
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
fn nothing_32_bit_is_known() {
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
        in_order(step, &["wait_until 300 clock_is_right ||", "later"]);
    }
    for helpers in files(&tree, "lib.sh") {
        in_order(helpers, &["clock_is_right()", "NTPSynchronized"]);
    }
}

#[test]
fn the_machine_name_stays() {
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
    for (os, setting) in [
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
            path.starts_with("classes/worker") && path.contains("/files/") && text.contains(setting)
        });
        assert!(found, "{os}: `{setting}` is in none of {:#?}", tree.keys());
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
            .find(|(path, _)| path.starts_with("nodes/node02/") && path.ends_with(of));
        in_order(
            found
                .unwrap_or_else(|| panic!("{os}: {:#?}", tree.keys()))
                .1,
            told,
        );
    }
}

#[test]
fn swap_is_as_in_the_spec() {
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
    // With swap it is in memory if the system can do that, and not on the card.
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
fn pi_kernel_modules_are_installed_if_they_have_a_package() {
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
        &[
            package,
            "needs_reboot",
            "packages=(",
            package,
            "install_packages",
        ],
    );
    assert!(!on("ubuntu-22.04", pc).contains(package));
    for os in ["ubuntu-24.04", "ubuntu-26.04", "raspios-trixie"] {
        assert!(!on(os, pi).contains(package), "{os}");
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
fn a_changed_identity_is_a_new_instance() {
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
    // A change that does not concern the identity does not create a new instance.
    assert_eq!(made, ids("proxy { mode = nftables }"));
}
