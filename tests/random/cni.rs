//! The CNI of a generated spec, with options that are compatible, and the warnings to expect.

use super::draw::Draw;
use super::machines::{Group, Link};
use super::text::Block;

/// What was chosen.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its name.
    pub name: &'static str,
    /// The backend, if one was chosen.
    pub backend: Option<&'static str>,
    /// Its block.
    pub block: Block,
    /// The `proxy` block, if there is one.
    pub proxy: Option<Block>,
    /// Whether it enforces policies.
    pub enforces: bool,
    /// Whether it uses BGP with its options.
    pub speaks: bool,
    /// The codes of the warnings that it must get.
    pub expected: Vec<&'static str>,
}

/// Chooses one for these machines, this release, and a pod range and a node's part of it with these prefix lengths.
pub fn choose(
    draw: &mut Draw,
    groups: &[Group],
    release: u32,
    (pods, piece): (u32, u32),
) -> Choice {
    let name = *draw.pick(&[
        "flannel", "calico", "cilium", "canal", "weave", "none", "auto",
    ]);
    // Small parts are a warning with a CNI that uses them, and `auto` would choose one that does not.
    let name = if name == "auto" && piece > 25 {
        "flannel"
    } else {
        name
    };
    let mut choice = Choice {
        name,
        backend: None,
        block: Block::new(format!("cni {name}")),
        proxy: None,
        enforces: matches!(name, "calico" | "cilium" | "canal" | "weave"),
        speaks: false,
        expected: Vec::new(),
    };
    match name {
        "flannel" => flannel(draw, groups, release, &mut choice),
        "calico" => calico(draw, groups, release, pods, &mut choice),
        "cilium" => cilium(draw, groups, &mut choice),
        "canal" => canal(draw, groups, &mut choice),
        "weave" => weave(draw, &mut choice),
        _ => {}
    }
    let small = groups.iter().any(|group| group.board.memory < 2048);
    if small && matches!(name, "calico" | "cilium" | "canal") {
        choice.expected.push("cni/memory");
    }
    if matches!(name, "calico" | "canal") && !(34..=36).contains(&release) {
        choice.expected.push("cni/kubernetes-not-tested");
    }
    if name == "weave" {
        choice.expected.push("cni/unmaintained");
    }
    let direct = matches!(choice.backend, Some("host-gw" | "bgp" | "native"));
    if direct && radio(groups) {
        choice.expected.push("cni/backend-needs-shared-l2");
    }
    if choice.proxy.is_none() {
        proxy(draw, release, &mut choice);
    }
    links(draw, groups, &mut choice);
    choice
}

fn radio(groups: &[Group]) -> bool {
    groups.iter().any(|group| group.link == Link::Radio)
}

/// Whether kube-proxy's nftables mode is finished in the release, and every system has what it needs.
fn nftables(groups: &[Group], release: u32) -> bool {
    release >= 33 && groups.iter().all(|group| group.system.nftables)
}

fn flannel(draw: &mut Draw, groups: &[Group], release: u32, choice: &mut Choice) {
    let mut backends = vec!["vxlan", "host-gw", "ipip"];
    if groups.iter().all(|group| group.system.nftables) {
        backends.push("wireguard"); // the systems without it can have a kernel before 5.13, but WireGuard needs only 5.6
    }
    if groups
        .iter()
        .all(|group| group.board.architecture == "amd64")
    {
        backends.push("udp");
    }
    let backend = backend(draw, choice, &backends);
    match backend {
        "vxlan" => {
            numbers(draw, choice);
        }
        "wireguard" => {
            if draw.chance(40) {
                choice
                    .block
                    .say("listen-port", draw.between(1024, 65535).to_string());
            }
            if draw.chance(40) {
                choice
                    .block
                    .say("keepalive", draw.between(0, 65535).to_string());
            }
        }
        _ => {}
    }
    if matches!(backend, "vxlan" | "ipip") && !radio(groups) && draw.chance(25) {
        choice.block.say("direct-routing", "on");
    }
    if nftables(groups, release) && draw.chance(20) {
        choice.block.say("nftables", "on");
        choice.proxy = Some(Block::new("proxy").with("mode", "nftables"));
    }
}

fn calico(draw: &mut Draw, groups: &[Group], release: u32, pods: u32, choice: &mut Choice) {
    let backend = backend(draw, choice, &["vxlan", "bgp", "ipip"]);
    choice.speaks = backend != "vxlan";
    if choice.speaks && draw.chance(50) {
        choice
            .block
            .say("as-number", draw.between(1, u32::MAX - 1).to_string());
    }
    if backend != "bgp" && !radio(groups) && draw.chance(25) {
        choice.block.say("cross-subnet", "on");
    }
    // As many blocks as nodes, or more: 16 are enough for every cluster here.
    let least = (pods + 4).max(20);
    if least > 26 || draw.chance(40) {
        choice
            .block
            .say("block-size", draw.between(least, 32).to_string());
    }
    let vlan = groups.iter().any(|group| group.link == Link::Vlan);
    match draw.below(8) {
        1 => choice.block.say("typha", "on"),
        5 => choice.block.say("install", "operator"),
        2 => choice.block.say("encryption", "on"),
        3 if nftables(groups, release) => {
            choice.block.say("nftables", "on");
            choice.proxy = Some(Block::new("proxy").with("mode", "nftables"));
        }
        4 if backend != "ipip" && !vlan => {
            choice.block.say("ebpf", "on");
            choice.proxy = Some(Block::new("proxy").with("disabled", "on"));
        }
        _ => {}
    }
}

fn cilium(draw: &mut Draw, groups: &[Group], choice: &mut Choice) {
    backend(draw, choice, &["vxlan", "geneve", "native"]);
    for option in ["encryption", "hubble"] {
        if draw.chance(25) {
            choice.block.say(option, "on");
        }
    }
    if groups.iter().all(|group| group.system.long_addresses) && draw.chance(40) {
        choice.block.say("l7-proxy", "on");
    }
    if draw.chance(30) {
        choice.block.say("kube-proxy-replacement", "on");
        choice.proxy = Some(Block::new("proxy").with("disabled", "on"));
    }
}

fn canal(draw: &mut Draw, groups: &[Group], choice: &mut Choice) {
    if backend(draw, choice, &["vxlan", "host-gw"]) == "vxlan" {
        numbers(draw, choice);
        if !radio(groups) && draw.chance(25) {
            choice.block.say("direct-routing", "on");
        }
    }
    if draw.chance(20) {
        choice.block.say("masquerade", "off");
    }
}

fn weave(draw: &mut Draw, choice: &mut Choice) {
    backend(draw, choice, &["fastdp", "sleeve"]);
    match draw.below(6) {
        1 => choice.block.say("password", "secret:weave"),
        2 => choice
            .block
            .say("connection-limit", draw.between(11, 4096).to_string()),
        3 => choice.block.say("multicast", "off"),
        4 => choice.block.say("hairpin", "off"),
        5 => {
            choice.block.say("network-policy", "off");
            choice.enforces = false;
        }
        _ => {}
    }
}

/// One of the backends; the first is the CNI's default, and can be left out.
fn backend(draw: &mut Draw, choice: &mut Choice, of: &[&'static str]) -> &'static str {
    let backend = *draw.pick(of);
    if backend != of[0] || draw.chance(30) {
        choice.block.say("backend", backend);
    }
    choice.backend = Some(backend);
    backend
}

fn numbers(draw: &mut Draw, choice: &mut Choice) {
    // With IPv6, flannel has it in the name of a device, of which Linux allows 15 characters.
    if draw.chance(25) {
        choice.block.say("vni", draw.between(1, 9_999).to_string());
    }
    if draw.chance(25) {
        choice
            .block
            .say("port", draw.between(1024, 65535).to_string());
    }
}

fn proxy(draw: &mut Draw, release: u32, choice: &mut Choice) {
    match draw.below(8) {
        1 => choice.proxy = Some(Block::new("proxy").with("mode", "iptables")),
        2 => {
            choice.proxy = Some(Block::new("proxy").with("mode", "ipvs"));
            if release >= 35 {
                choice.expected.push("proxy/mode");
            }
        }
        _ => {}
    }
}

/// `interface` and `mtu`, if the CNI has them and the machines allow them.
fn links(draw: &mut Draw, groups: &[Group], choice: &mut Choice) {
    let first = &groups[0].interface;
    let has_interface = matches!(choice.name, "flannel" | "calico" | "cilium" | "canal");
    if has_interface && groups.iter().all(|group| group.interface == *first) && draw.chance(30) {
        choice.block.say("interface", first.clone());
    }
    let least = groups
        .iter()
        .map(|group| group.mtu.unwrap_or(1500))
        .min()
        .unwrap_or(1500);
    let has_mtu = match choice.name {
        "flannel" => matches!(choice.backend, Some("vxlan" | "wireguard")),
        "weave" => choice.backend == Some("fastdp"),
        name => matches!(name, "calico" | "cilium" | "canal"),
    };
    if has_mtu && draw.chance(25) {
        choice
            .block
            .say("mtu", draw.between(1280, least).to_string());
    }
}
