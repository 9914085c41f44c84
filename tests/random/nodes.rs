//! The blocks of the machines, and the profiles that they share.

use super::draw::Draw;
use super::machines::{self, Group, Link};
use super::spec::Spec;
use super::text::Block;

/// A public key, as in a .pub file.
const KEY: &str = "\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAswVXqfxOkOM1h9osfsETZbgKXK7xQ5XoOozfIXPGGG you@laptop\"";

/// The profiles and the blocks of the machines.
pub fn nodes(spec: &mut Spec, draw: &mut Draw) {
    let mut base = Block::new("profile base");
    let mut user = Block::new("user pi").with("ssh-keys", format!("[{KEY}]"));
    if draw.chance(20) {
        user.say("password", "secret:console");
        user.say("sudo", *draw.pick(&["nopasswd", "password"]));
    }
    base.add(user);
    let everywhere = spec
        .groups
        .iter()
        .any(|group| group.link == Link::Radio && group.system.wants_country);
    if everywhere || draw.chance(50) {
        let mut locale = Block::new("locale")
            .with("country", "JP")
            .with("timezone", "Asia/Tokyo");
        let keyboard = *draw.pick(&["jp", "\"us,ru\"", "\"de(nodeadkeys)\""]);
        let language = *draw.pick(&["C.UTF-8", "en_GB.UTF-8", "\"de_DE@euro\""]);
        if !spec.groups.iter().any(|group| group.system.dnf) {
            locale.say("keyboard", keyboard);
            locale.say("language", language);
        }
        base.add(locale);
    }
    if draw.chance(25) {
        base.add(Block::new("sysctls").with("\"vm.swappiness\"", "\"10\""));
    }
    if draw.chance(25) {
        let names = *draw.pick(&["[g++]", "[htop, \"libstdc++6\"]", "[python3.13]"]);
        base.add(Block::new("packages").with("extra", names));
    }
    spec.root.add(base);
    let (mut own, reflectors) = (
        0,
        spec.cni.speaks && spec.nodes() > 3 && spec.groups[0].count() == 1 && draw.chance(40),
    );
    for number in 0..spec.groups.len() {
        let group = spec.groups[number].clone();
        let mut shared = Block::new(format!("profile extra-{number}"));
        let mut block = Block::new(format!("node {}", group.label));
        block.say(
            "role",
            if group.plane {
                "control-plane"
            } else {
                "worker"
            },
        );
        block.say("address", spec.addresses[number].text());
        let into_shared = draw.chance(30);
        let place = if into_shared { &mut shared } else { &mut block };
        place.say("board", group.board.name);
        place.say("os", group.system.name);
        if !group.board.pi {
            place.say("cpus", draw.between(2, 64).to_string());
            place.say("memory", format!("{}MiB", group.board.memory));
        }
        if let Some(swap) = group.swap {
            place.say("swap", swap);
        }
        for interface in machines::interfaces(&group, draw, &mut own) {
            place.add(interface);
        }
        if !group.board.pi && draw.chance(30) {
            block.say("platform", *draw.pick(&["openstack", "ec2", "vsphere"]));
        }
        if draw.chance(20) {
            block.add(Block::new("labels").with("\"example.org/rack\"", "\"row-${index}\""));
        }
        if spec.groups.len() > 1 && draw.chance(15) {
            block.add(Block::new("taints").with("\"example.org/only\"", "\"x:NoSchedule\""));
        }
        if draw.chance(15) {
            block.add(Block::new("packages").with("extra", "[htop, tmux]"));
        }
        if draw.chance(25) {
            block.add(disk(draw));
        }
        if group.board.pi && draw.chance(30) {
            block.add(firmware(&group, draw));
        }
        if draw.chance(30) {
            let pi = ["sd", "usb"];
            let any = ["sd", "emmc", "usb", "nvme"];
            let media = if group.board.pi { &pi[..] } else { &any[..] };
            block.say("boot", *draw.pick(media));
        }
        if draw.chance(15) {
            block.add(Block::new("kubelet").with("max-pods", draw.between(1, 61).to_string()));
        }
        // Two of them, and no more: the control plane and the first of the workers.
        if reflectors && (group.plane || number == 1 && group.count() == 1) {
            block.say("route-reflector", "on");
        }
        block.say(
            "profile",
            if into_shared {
                format!("[base, extra-{number}]")
            } else {
                "base".to_owned()
            },
        );
        draw.shuffle(&mut block.items);
        if into_shared {
            spec.root.add(shared);
        }
        spec.root.add(block);
    }
    // A kubelet allows 110 pods by default.
    let said = |block: &Block| {
        block
            .blocks()
            .any(|inner| inner.value("max-pods").is_some())
    };
    let silent = (0..spec.groups.len()).any(|group| !said(spec.node(group)));
    if spec.room() < 110 && silent && !said(spec.cluster()) {
        spec.warned("kubelet/max-pods");
    }
    // With a mesh in addition, nodes learn each other's routes without the reflector.
    let mesh = spec
        .cluster()
        .child("bgp")
        .is_some_and(|bgp| bgp.value("mesh").is_some());
    if reflectors && !mesh && spec.groups[1].count() > 1 {
        spec.warned("bgp/one-reflector");
    }
}

/// Settings of a Raspberry Pi's firmware that its board and its system have.
fn firmware(group: &Group, draw: &mut Draw) -> Block {
    let mut block = Block::new("firmware");
    let name = group.board.name;
    let five = name.starts_with("pi-5");
    // Raspberry Pi OS has two kernels from bookworm on.
    let kernels = matches!(group.system.name, "raspios-trixie" | "raspios-bookworm");
    if kernels && draw.chance(50) {
        let both = ["4k", "16k"];
        block.say(
            "kernel",
            *draw.pick(if five { &both[..] } else { &both[..1] }),
        );
    }
    if !five && draw.chance(40) {
        block.say("gpu-mem", draw.between(16, 128).to_string());
    }
    if draw.chance(40) {
        let lists = [
            "[disable-bt]",
            "[\"gpio-fan,gpiopin=14,temp=60000\", i2c-rtc]",
        ];
        block.say("overlays", *draw.pick(&lists));
    }
    if five && draw.chance(40) {
        block.say("usb-current", *draw.pick(&["full", "limited"]));
    }
    if (five || name.starts_with("pi-4") || name.starts_with("pi-cm4")) && draw.chance(40) {
        let orders = ["[sd, usb]", "[usb, sd, network]", "[network, usb, sd]"];
        block.say("boot-order", *draw.pick(&orders));
    }
    block
}

/// A disk in a slot, which every machine of a group has.
fn disk(draw: &mut Draw) -> Block {
    let device = *draw.pick(&[
        "\"/dev/disk/by-path/pci-0000:01:00.0-nvme-1\"",
        "\"/dev/disk/by-id/virtio-data\"",
        "\"/dev/disk/by-path/platform-fd500000.pcie-pci-0000:01:00.0-nvme-1-part2\"",
    ]);
    let mount = *draw.pick(&["\"/srv/data\"", "\"/var/lib/longhorn\"", "\"/opt/data-1\""]);
    let mut disk = Block::new("disk data")
        .with("device", device)
        .with("mount", mount);
    if draw.chance(50) {
        disk.say("filesystem", *draw.pick(&["ext4", "xfs"]));
    }
    if draw.chance(50) {
        disk.say("format", *draw.pick(&["never", "if-empty"]));
    }
    disk
}
