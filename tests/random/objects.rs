//! The smaller parts of a cluster that depend on others: its runtime, policies, peers.

use super::draw::Draw;
use super::machines::Group;
use super::net::address;
use super::spec::Spec;
use super::text::Block;

/// Whether a machine has a system with this archive.
pub fn archives(spec: &Spec, name: &str) -> bool {
    spec.groups.iter().any(|group| group.system.archive == name)
}

/// The runtime; from the systems' own archives only if it suits the release on every machine.
pub fn runtime(spec: &Spec, draw: &mut Draw) -> Block {
    let minor = spec.release;
    let suits = |group: &Group| minor < group.system.containerd_until;
    let containerd = Block::new("runtime containerd");
    let crio = Block::new("runtime crio");
    let dnf = spec.groups.iter().any(|group| group.system.dnf);
    match draw.below(if dnf { 4 } else { 5 }) {
        1 => crio.with("version", format!("1.{minor}")),
        2 => containerd.with("source", "upstream"),
        3 => containerd.with("source", "upstream").with("version", "2.2"),
        4 if spec.groups.iter().all(suits) => containerd,
        _ => crio,
    }
}

/// Settings of the control plane's components, and of every kubelet, that fit any cluster.
pub fn components(spec: &mut Spec, draw: &mut Draw) {
    if draw.chance(40) {
        let mut api_server = Block::new("api-server");
        if draw.chance(50) {
            api_server.say(
                "sans",
                *draw.pick(&["kube.example.org", "[203.0.113.7, \"*.example.org\"]"]),
            );
        }
        if draw.chance(50) {
            api_server.say("node-ports", *draw.pick(&["30000-32000", "31000-31999"]));
        }
        if draw.chance(50) {
            let mut audit = Block::new("audit");
            audit.say("keep", draw.between(1, 20).to_string());
            audit.say("size", format!("{}MiB", draw.between(1, 200)));
            api_server.add(audit);
        }
        if draw.chance(30) {
            let oidc = Block::new("oidc").with("issuer", "\"https://login.example.org\"");
            api_server.add(oidc.with("client", "kubernetes"));
        }
        spec.cluster().add(api_server);
    }
    if draw.chance(30) {
        let mut dns = Block::new("dns").with("replicas", "1");
        if draw.chance(50) {
            dns.say("forward", "[9.9.9.9, 149.112.112.112]");
        }
        let proxy = spec.cni.proxy.as_ref();
        if proxy.is_none_or(|proxy| proxy.value("disabled").is_none()) {
            dns.say("node-local-cache", *draw.pick(&["on", "off"]));
        }
        spec.cluster().add(dns);
    }
    if draw.chance(30) {
        let kubelet = spec.cluster().make("kubelet");
        match draw.below(4) {
            0 => kubelet.say("rotate-server-certificates", "on"),
            1 => kubelet.add(
                Block::new("log-rotation")
                    .with("size", "20MiB")
                    .with("files", "3"),
            ),
            2 => kubelet.add(Block::new("image-gc").with("high", "80").with("low", "70")),
            _ => kubelet.add(
                Block::new("graceful-shutdown")
                    .with("all", "60s")
                    .with("critical", "20s"),
            ),
        }
    }
}

/// Policies and peers, if the CNI supports them.
pub fn objects(spec: &mut Spec, draw: &mut Draw) {
    if spec.cni.enforces {
        for number in 0..draw.below(3) {
            let policy = policy(number, draw);
            spec.cluster().add(policy);
        }
    }
    if spec.cni.speaks && draw.chance(50) {
        let mut bgp = Block::new("bgp");
        let mut peer = Block::new("peer rack").with("address", address(spec.gateway));
        peer.say("as-number", draw.between(1, u32::MAX - 1).to_string());
        if draw.chance(40) {
            peer.say("nodes", spec.groups[0].names[0].clone());
        }
        bgp.add(peer);
        if draw.chance(30) {
            bgp.say("mesh", "on");
        }
        spec.cluster().add(bgp);
    }
}

fn policy(number: u32, draw: &mut Draw) -> Block {
    let mut policy = Block::new(format!("policy p{number}"));
    policy.say("namespaces", *draw.pick(&["shop", "[shop, database]"]));
    let direction = *draw.pick(&["ingress", "egress", "[ingress, egress]"]);
    policy.say("deny", direction);
    if direction != "ingress" {
        policy.say("dns", "on");
    }
    if draw.chance(40) {
        policy.say("within", "on");
    }
    if draw.chance(30) {
        policy.add(Block::new("pods").with("app", "front"));
    }
    let peers: &[&str] = match direction {
        "ingress" => &["from"],
        "egress" => &["to"],
        _ => &["from", "to"],
    };
    for peer in peers {
        let mut block = Block::new(*peer);
        match draw.below(4) {
            1 => block.say("namespaces", "monitoring"),
            2 => {
                block.say("cidr", "198.51.100.0/24");
                block.say("except", "198.51.100.128/25");
            }
            3 => block.add(Block::new("pods").with("app", "back")),
            _ => {}
        }
        if block.items.is_empty() || draw.chance(40) {
            block.say("ports", "443/tcp");
        }
        policy.add(block);
    }
    policy
}

/// IPv6 in addition to IPv4, if the CNI carries both: adjacent ranges, and an address for each machine.
pub fn second_family(spec: &mut Spec, draw: &mut Draw) {
    let carries = match spec.cni.name {
        "flannel" => matches!(spec.cni.backend, Some("vxlan" | "host-gw" | "wireguard")),
        "calico" => spec.cni.backend != Some("ipip"),
        name => matches!(name, "cilium" | "none"),
    };
    if !carries || !draw.chance(30) {
        return;
    }
    // A /64 for each node, of which there are 12 at most; the services begin where those end.
    let pods = draw.between(48, 60);
    let services = draw.between(108, 124);
    let (lan, length) = *draw.pick(&[("fd5c:1a2b:3c4c:ffff::", 64), ("fd5c:1a2b:3c4c:ff00::", 56)]);
    let block = Block::new("ipv6")
        .with("lan", format!("{lan}/{length}"))
        .with("pods", format!("fd5c:1a2b:3c4d::/{pods}"))
        .with("services", format!("fd5c:1a2b:3c4e::/{services}"));
    spec.network().add(block);
    let mut next = draw.between(1, 0x8000);
    for group in 0..spec.groups.len() {
        let last = next + spec.groups[group].count() - 1;
        let of = |number: u32| format!("{lan}{number:x}");
        let text = if next == last {
            of(next)
        } else {
            format!("{}..{}", of(next), of(last))
        };
        spec.node(group).say("address-ipv6", text);
        next = last + 1;
    }
}
