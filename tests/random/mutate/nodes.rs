//! Machines that cannot be as in the spec, and names and addresses that are used twice.

use super::mutations;
use crate::random::draw::Draw;
use crate::random::net::{Run, address};
use crate::random::spec::Spec;
use crate::random::text::Block;

mutations! {
    "two machines with one address" => "node/duplicate-address", |spec, draw| {
        let Some(group) = single(spec, draw) else { return false };
        let others: Vec<usize> = (0..spec.groups.len()).filter(|other| *other != group).collect();
        if others.is_empty() {
            return false;
        }
        let other = spec.addresses[*draw.pick(&others)];
        let taken = other.first + draw.below(other.count);
        say(spec, group, "address", address(taken))
    };
    "addresses after the LAN" => "node/address-outside-lan", |spec, draw| {
        let group = any(spec, draw);
        let count = spec.groups[group].count();
        let run = Run { first: spec.lan.last() + 1, count };
        say(spec, group, "address", run.text())
    };
    "addresses that extend beyond the LAN" => "node/address-outside-lan", |spec, draw| {
        let group = any(spec, draw);
        let count = spec.groups[group].count();
        let run = Run { first: spec.lan.last() + 2 - count, count };
        say(spec, group, "address", run.text())
    };
    "a machine with the router's address" => "node/address-taken", |spec, draw| {
        let Some(group) = single(spec, draw) else { return false };
        let router = address(spec.gateway);
        say(spec, group, "address", router)
    };
    "a machine with a leased address" => "node/address-in-dhcp-pool", |spec, draw| {
        let (Some(group), Some(dhcp)) = (single(spec, draw), spec.dhcp) else { return false };
        let edge = *draw.pick(&[dhcp.first, dhcp.first + dhcp.count - 1]);
        say(spec, group, "address", address(edge))
    };
    "a machine with the first or the last address of the LAN" => "node/address-reserved", |spec, draw| {
        let Some(group) = single(spec, draw) else { return false };
        let edge = *draw.pick(&[spec.lan.first, spec.lan.last()]);
        say(spec, group, "address", address(edge))
    };
    "machines in a subnet that does not exist" => "node/unknown-subnet", |spec, draw| {
        let group = any(spec, draw);
        say(spec, group, "subnet", "nowhere".to_owned())
    };
    "a Raspberry Pi 3 or 4 that boots from NVMe" => "boot/medium", |spec, draw| {
        let old = |name: &str| name.starts_with("pi-4b") || name.starts_with("pi-3b") || name == "pi-400";
        let groups: Vec<usize> = (0..spec.groups.len()).filter(|group| old(spec.groups[*group].board.name)).collect();
        if groups.is_empty() {
            return false;
        }
        let group = *draw.pick(&groups);
        say(spec, group, "boot", "nvme".to_owned())
    };
    "one address too many" => "node/count-differs", |spec, draw| {
        let group = any(spec, draw);
        let run = spec.addresses[group];
        say(spec, group, "address", Run { count: run.count + 1, ..run }.text())
    };
    "one address too few" => "node/count-differs", |spec, draw| {
        let group = any(spec, draw);
        let run = spec.addresses[group];
        run.count > 2 && say(spec, group, "address", Run { count: run.count - 1, ..run }.text())
    };
    "a control plane on a board that is too small" => "node/control-plane-memory", |spec, draw| {
        let small = *draw.pick(&["pi-4b-1g", "pi-3b", "pi-5-1g", "pi-zero-2w"]);
        say(spec, 0, "board", small)
    };
    "a control plane with little memory" => "node/control-plane-memory", |spec, draw| {
        let memory = format!("{}MiB", draw.between(256, 1699));
        !spec.groups[0].board.pi && say(spec, 0, "memory", memory)
    };
    "a control plane with one processor" => "node/control-plane-cpus", |spec, _| {
        !spec.groups[0].board.pi && say(spec, 0, "cpus", "1")
    };
    "a machine of unknown size" => "node/size-missing", |spec, draw| {
        let group = any(spec, draw);
        let board = spec.groups[group].board;
        !board.pi && spec.node(group).drop_setting("memory") && say(spec, group, "board", board.name)
    };
    "a size for a board that has its own" => "node/size-of-a-known-board", |spec, draw| {
        let group = any(spec, draw);
        spec.groups[group].board.pi && say(spec, group, "memory", "3GiB")
    };
    "a system that is not for the board" => "node/board-system", |spec, draw| {
        let group = any(spec, draw);
        let other = match spec.groups[group].board.pi {
            true => *draw.pick(&["debian-13", "debian-12", "debian-11"]),
            false => *draw.pick(&["raspios-trixie", "raspios-bookworm"]),
        };
        say(spec, group, "os", other)
    };
    "a cloud for a Raspberry Pi" => "node/platform", |spec, draw| {
        let group = any(spec, draw);
        spec.groups[group].board.pi && say(spec, group, "platform", "openstack")
    };
    "a second control plane" => "cluster/several-control-planes", |spec, draw| {
        // The address of a `vip` is the endpoint.
        if spec.groups.len() < 2 || spec.groups[0].count() > 1 || spec.cluster().child("vip").is_some() {
            return false;
        }
        spec.cluster().drop_setting("endpoint");
        let group = 1 + draw.below(u32::try_from(spec.groups.len()).expect("few") - 1) as usize;
        say(spec, group, "role", "control-plane")
    };
    "a second control plane, with an endpoint" => "cluster/even-control-planes", |spec, draw| {
        let odd = |group: &usize| spec.groups[*group].count() % 2 == 1;
        let groups: Vec<usize> = (1..spec.groups.len()).filter(odd).collect();
        // Members of an etcd that runs elsewhere are not counted here.
        let elsewhere = (spec.cluster().child("etcd")).is_some_and(|etcd| etcd.child("external").is_some());
        if groups.is_empty() || elsewhere {
            return false;
        }
        let group = *draw.pick(&groups);
        spec.cluster().change("endpoint", "api.home.arpa");
        say(spec, group, "role", "control-plane")
    };
    "no control plane" => "cluster/no-control-plane", |spec, _| {
        spec.cluster().marked = true;
        spec.node(0).change("role", "worker");
        true
    };
    "a taint with an unknown effect" => "node/bad-taint", |spec, draw| {
        let group = any(spec, draw);
        let effect = *draw.pick(&["\"only:NoWay\"", "\"noschedule\"", "\"a:Schedule\""]);
        spec.node(group).make("taints").change("\"example.org/new\"", effect);
        true
    };
    "a label that a kubelet may not set on itself" => "kubelet/reserved-label", |spec, draw| {
        let group = any(spec, draw);
        let key = *draw.pick(&["node-role.kubernetes.io/worker", "example.k8s.io/a", "kubernetes.io/rack"]);
        spec.node(group).make("labels").change(&format!("\"{key}\""), "\"\"");
        true
    };
    "a label that is two" => "value/wrong-type", |spec, draw| {
        let group = any(spec, draw);
        let value = *draw.pick(&["\"a,b=c\"", "\"a b\"", "\"${name}-\"", "\"$(id)\""]);
        spec.node(group).make("labels").change("\"example.org/new\"", value);
        true
    };
    "a disk that is no device" => "disk/device", |spec, draw| {
        let group = any(spec, draw);
        let device = *draw.pick(&["\"nvme0n1\"", "\"/mnt/disk\"", "\"/dev/disk/../sda\"", "\"/dev/disk/by-id/a b\""]);
        let disk = spec.node(group).make("disk more");
        disk.change("device", device);
        disk.change("mount", "\"/srv/more\"");
        true
    };
    "a disk that the kernel numbers" => "disk/unstable-name", |spec, draw| {
        let group = any(spec, draw);
        let device = *draw.pick(&["\"/dev/sda\"", "\"/dev/nvme0n1p2\"", "\"/dev/vdb\"", "\"/dev/mmcblk1\""]);
        let disk = spec.node(group).make("disk more");
        disk.change("device", device);
        disk.change("mount", "\"/srv/more\"");
        true
    };
    "a disk over the system" => "disk/mount-point", |spec, draw| {
        let group = any(spec, draw);
        let mount = *draw.pick(&["\"/\"", "\"/var/lib\"", "\"/etc/kubernetes\"", "\"/srv/\"", "\"srv\"", "\"/usr/local\""]);
        let disk = spec.node(group).make("disk more");
        disk.change("device", "\"/dev/disk/by-path/pci-0000:02:00.0-nvme-1\"");
        disk.change("mount", mount);
        true
    };
    "two disks on one folder" => "disk/twice", |spec, draw| {
        let group = any(spec, draw);
        for name in ["disk one", "disk two"] {
            let disk = spec.node(group).make(name);
            disk.change("device", format!("\"/dev/disk/by-path/{}\"", name.replace(' ', "-")));
            disk.change("mount", "\"/srv/both\"");
        }
        true
    };
    "an account that the system has" => "user/system-account", |spec, draw| {
        let group = any(spec, draw);
        let name = *draw.pick(&["root", "www-data", "video", "nobody", "systemd-network"]);
        let user = spec.node(group).make(&format!("user {name}"));
        user.marked = true;
        user.change("ssh-keys", "[]");
        true
    };
    "a key that was cut off" => "value/wrong-type", |spec, draw| {
        let group = any(spec, draw);
        let cut = "[\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExample you@laptop\"]";
        spec.node(group).make("user ops").change("ssh-keys", cut);
        true
    };
    "an apt operator" => "value/wrong-type", |spec, draw| {
        let group = any(spec, draw);
        let order = *draw.pick(&["[\"vim-\"]", "[\"vim=9\"]", "[\"--yes\"]", "[vim, \"a b\"]"]);
        spec.node(group).make("packages").change("extra", order);
        true
    };
    "two machines with one name" => "node/duplicate-name", |spec, draw| {
        let Some(group) = single(spec, draw).filter(|_| spec.groups.len() > 1) else { return false };
        let other = spec.groups[if group == 0 { 1 } else { 0 }].names[0].clone();
        // Another block with the same name: only nodes can have brackets.
        let (stem, number) = other.split_at(other.len() - 1);
        let node = spec.node(group);
        node.head = format!("node {stem}[{number}]");
        node.marked = true;
        true
    };
    "a name that is not a host name" => "node/bad-name", |spec, draw| {
        let group = any(spec, draw);
        let node = spec.node(group);
        node.head = node.head.replacen("node ", "node my_", 1);
        node.marked = true;
        true
    };
    "numbers that run backwards" => "node/bad-range", |spec, draw| {
        let group = any(spec, draw);
        let node = spec.node(group);
        node.head = "node back[9-7]".to_owned();
        node.marked = true;
        true
    };
    "swap with a kubelet that refuses it" => "swap/kubelet-refuses", |spec, draw| {
        let group = any(spec, draw);
        let node = spec.node(group);
        node.change("swap", "on");
        node.make("kubelet").change("fail-swap-on", "on");
        true
    };
    "more pods than addresses" => "kubelet/max-pods", |spec, draw| {
        let group = any(spec, draw);
        let room = spec.room();
        spec.node(group).make("kubelet").change("max-pods", (room + 1).to_string());
        room < 500
    };
    "a kernel setting that turns off what pods need" => "sysctl/contradicts", |spec, draw| {
        let group = any(spec, draw);
        spec.node(group).make("sysctls").change("\"net.ipv4.ip_forward\"", "\"0\"");
        true
    };
    "a kernel setting that drops what pods send" => "sysctl/contradicts", |spec, draw| {
        let group = any(spec, draw);
        spec.node(group).make("sysctls").change("\"net.ipv4.conf.default.forwarding\"", "\"0\"");
        true
    };
    "a package with a firewall of its own" => "packages/clash", |spec, draw| {
        let group = any(spec, draw);
        let name = *draw.pick(&["ufw", "docker-ce", "podman", "kubelet"]);
        spec.node(group).make("packages").change("extra", format!("[htop, {name}]"));
        true
    };
    "a profile that does not exist" => "profile/unknown", |spec, draw| {
        let group = any(spec, draw);
        say(spec, group, "profile", "[base, basis]")
    };
    "an unused profile" => "profile/unused", |spec, _| {
        spec.root.insert(Block::new("profile spare").with("swap", "off"));
        true
    };
    "profiles in a circle" => "profile/cycle", |spec, _| {
        spec.root.make("profile base").change("profile", "base");
        true
    };
}

fn any(spec: &Spec, draw: &mut Draw) -> usize {
    draw.below(u32::try_from(spec.groups.len()).expect("few groups")) as usize
}

/// A group of one machine.
fn single(spec: &Spec, draw: &mut Draw) -> Option<usize> {
    let singles: Vec<usize> = (0..spec.groups.len())
        .filter(|group| spec.groups[*group].count() == 1)
        .collect();
    (!singles.is_empty()).then(|| *draw.pick(&singles))
}

/// The node's own settings win over its profiles.
fn say(spec: &mut Spec, group: usize, key: &str, value: impl Into<String>) -> bool {
    spec.node(group).change(key, value);
    true
}
