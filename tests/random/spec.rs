//! A whole spec, valid by construction: the conditions are written down here, from docs/language.md and docs/reference.md, and
//! do not come from the checks.

use std::collections::BTreeSet;

use super::cni::{self, Choice};
use super::draw::Draw;
use super::facts::{MENDED_FROM, RELEASES};
use super::machines::{self, Group};
use super::net::{self, Net, Run, Shelf, address};
use super::nodes;
use super::objects::{self, archives, runtime};
use super::planes::{self, Reached};
use super::text::{Block, Item};

/// A spec, its parts, and the warnings to expect.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Its text, as a tree.
    pub root: Block,
    /// The minor release of Kubernetes.
    pub release: u32,
    /// The CNI.
    pub cni: Choice,
    /// The machines.
    pub groups: Vec<Group>,
    /// Their addresses, group by group.
    pub addresses: Vec<Run>,
    /// The machines' network.
    pub lan: Net,
    /// The pod range.
    pub pods: Net,
    /// The prefix length of a node's part of it.
    pub piece: u32,
    /// The service range.
    pub services: Net,
    /// The router.
    pub gateway: u32,
    /// The router's DHCP pool.
    pub dhcp: Option<Run>,
    /// The load balancer's addresses.
    pub pool: Option<Run>,
    /// Networks elsewhere.
    pub reserved: Vec<Net>,
    /// A network that is nowhere near.
    pub far: Net,
    /// The codes of exactly the warnings that it must get.
    pub expected: BTreeSet<String>,
}

impl Spec {
    /// The block of the cluster.
    pub fn cluster(&mut self) -> &mut Block {
        self.root.make("cluster random")
    }

    /// The block of the network.
    pub fn network(&mut self) -> &mut Block {
        self.cluster().make("network")
    }

    /// The block of a group.
    pub fn node(&mut self, group: usize) -> &mut Block {
        let head = format!("node {}", self.groups[group].label);
        self.root.make(&head)
    }

    /// How many pods a node can have: the addresses of its part of the pod range, less three, if the CNI uses that.
    pub fn room(&self) -> u32 {
        match self.cni.name {
            "calico" | "weave" | "none" => 500,
            _ => (1 << (32 - self.piece)) - 3,
        }
    }

    /// How many machines it has.
    pub fn nodes(&self) -> u32 {
        self.groups.iter().map(Group::count).sum()
    }
}

/// Generates a spec from these choices.
pub fn generate(draw: &mut Draw) -> Spec {
    let release = *draw.pick(RELEASES);
    // Up to 1.30 kubeadm configures every kubelet with the first machine's list of name servers.
    let groups = machines::groups(draw, release <= 30);
    let mut shelf = Shelf::new(draw);
    let piece = *draw.pick(&[24, 25, 26, 23, 22]);
    let pods_length = piece - draw.between(4, 11);
    let mut lengths = [
        pods_length,
        draw.between(12, 28),
        *draw.pick(&[24, 26, 22, 20, 25]),
    ];
    let mut order = [0, 1, 2];
    draw.shuffle(&mut order);
    let mut nets = [Net {
        first: 0,
        prefix: 0,
    }; 3];
    lengths[1] = lengths[1].max(13);
    let mut reserved = Vec::new();
    for index in order {
        if draw.chance(20) {
            reserved.push(shelf.take(draw.between(16, 30)));
        }
        nets[index] = shelf.take(lengths[index]);
    }
    let [pods, services, lan] = nets;
    let cni = cni::choose(draw, &groups, release, (pods.prefix, piece));

    // Everything with addresses in the LAN: the router, a name server, the DHCP pool, the load balancer's addresses, the API server's
    // own address, and the machines.
    let dhcp = if draw.chance(50) {
        draw.between(2, 9)
    } else {
        0
    };
    let pool = if draw.chance(40) {
        draw.between(2, 9)
    } else {
        0
    };
    let mut parts = vec![1, 1, dhcp, pool, 1];
    parts.extend(groups.iter().map(Group::count));
    let runs = net::lay(lan, &parts, draw);
    let addresses = runs[5..].to_vec();
    let mut spec = Spec {
        root: Block::default(),
        release,
        lan,
        pods,
        piece,
        services,
        gateway: runs[0].first,
        dhcp: (dhcp > 0).then(|| runs[2]),
        pool: (pool > 0).then(|| runs[3]),
        reserved,
        far: shelf.take(30),
        expected: cni.expected.iter().map(|code| (*code).to_owned()).collect(),
        addresses,
        groups,
        cni,
    };
    if release < MENDED_FROM {
        spec.warned("kubernetes/release-ended");
    }
    if spec.groups.len() == 1 {
        spec.warned("cluster/no-workers");
    }
    if spec.groups.iter().any(|group| group.system.ended) {
        spec.warned("os/release-ended");
    }
    if spec.groups.iter().any(|group| group.open) {
        spec.warned("wifi/open-network");
    }
    network(&mut spec, runs[1].first, draw);
    cluster(&mut spec, runs[4].first, draw);
    objects::objects(&mut spec, draw);
    let radio = |group: &Group| group.link == machines::Link::Radio;
    let peers = |spec: &mut Spec| spec.cluster().child("bgp").is_some();
    if spec.pool.is_some() && spec.groups.iter().any(radio) && !peers(&mut spec) {
        spec.warned("wifi/load-balancer");
    }
    objects::components(&mut spec, draw);
    planes::etcd(&mut spec, draw);
    planes::certificates(&mut spec, draw);
    nodes::nodes(&mut spec, draw);
    objects::second_family(&mut spec, draw);
    allowed(&mut spec, draw);
    spec
}

impl Spec {
    /// It must get this warning.
    pub fn warned(&mut self, code: &str) {
        self.expected.insert(code.to_owned());
    }
}

fn network(spec: &mut Spec, server: u32, draw: &mut Draw) {
    let mut block = Block::new("network").with("lan", spec.lan.text());
    let router = address(spec.gateway);
    if draw.chance(20) {
        let constants = Block::new("let").with("router", router.clone());
        spec.root.add(constants);
        block.say("gateway", "$router");
    } else {
        block.say("gateway", router.clone());
    }
    block.say(
        "dns",
        draw.pick(&[
            format!("[{router}]"),
            format!("[{}, 9.9.9.9]", address(server)),
            address(server),
            "[1.1.1.1, 9.9.9.9]".to_owned(),
        ])
        .clone(),
    );
    block.say("pods", spec.pods.text());
    block.say("services", spec.services.text());
    if spec.piece != 24 || draw.chance(20) {
        block.say("node-prefix", spec.piece.to_string());
    }
    if let Some(dhcp) = spec.dhcp {
        block.say("dhcp", dhcp.text());
    }
    if let Some(pool) = spec.pool {
        block.say("load-balancer", pool.text());
    }
    if !spec.reserved.is_empty() {
        let mut elsewhere = Block::new("reserved");
        for (index, net) in spec.reserved.iter().enumerate() {
            elsewhere.say(&format!("elsewhere-{index}"), net.text());
        }
        block.add(elsewhere);
    }
    draw.shuffle(&mut block.items);
    spec.cluster().add(block);
}

fn cluster(spec: &mut Spec, own: u32, draw: &mut Draw) {
    let release = format!("1.{}", spec.release);
    let Reached {
        endpoint,
        vip,
        ports,
    } = planes::reached(spec, own, draw);
    if endpoint
        .as_deref()
        .is_some_and(|name| name.ends_with(".local"))
    {
        spec.warned("cluster/endpoint-local");
    }
    if vip.is_none() && endpoint.as_deref() == Some(address(own).as_str()) {
        spec.warned("cluster/endpoint-unclaimed");
    }
    let swaps = spec
        .groups
        .iter()
        .any(|group| !matches!(group.swap, None | Some("off")));
    let (choice, has_debian) = (spec.cni.clone(), archives(spec, "debian"));
    let has_dnf = spec.groups.iter().any(|group| group.system.dnf);
    let room = spec.room();
    let release_number = spec.release;
    let runtime = runtime(spec, draw);
    let cluster = spec.cluster();
    cluster.say("kubernetes", release);
    if let Some(endpoint) = endpoint {
        cluster.say("endpoint", endpoint);
    }
    cluster.items.extend(vip.map(Item::Block));
    for (percent, key, values) in [
        (20, "hosts", &["auto", "all", "control-plane"][..]),
        (15, "api-port", ports),
        (15, "dns-domain", &["cluster.local", "k8s.example.org"]),
    ] {
        if draw.chance(percent) {
            cluster.say(key, *draw.pick(values));
        }
    }
    cluster.add(runtime);
    cluster.add(choice.block);
    cluster.items.extend(choice.proxy.map(Item::Block));
    if draw.chance(25) {
        let servers = Block::new("time")
            .with("servers", "[ntp.nict.jp, 192.0.2.1]")
            .with("fallback", "time.cloudflare.com");
        cluster.add(servers);
    }
    let mut stands_for_registries = false;
    if draw.chance(25) {
        let mut mirror = Block::new("mirror");
        match draw.below(3) {
            1 if has_debian => mirror.say("debian", "\"http://mirror.example.org/debian/\""),
            2 if !has_dnf => mirror.say(
                "kubernetes",
                "\"https://mirror.example.org/kubernetes/deb/\"",
            ),
            _ => mirror.say("images", "\"registry.example.org/k8s\""),
        }
        stands_for_registries = mirror.value("images").is_some();
        cluster.add(mirror);
    }
    // `images` of a mirror stands for the registries of Kubernetes and the CNI already.
    if draw.chance(25) && !stands_for_registries {
        let name = *draw.pick(&["docker.io", "quay.io", "registry.example.com:5000"]);
        let mut registry = Block::new(format!("registry {name}"));
        registry.say("mirrors", "[\"https://registry.example.org/copy\"]");
        if draw.chance(50) {
            registry.say("login", "secret:registry");
        }
        cluster.add(registry);
    }
    if draw.chance(25) {
        let mut proxy = Block::new("http-proxy").with("http", "\"http://proxy.example.org:3128\"");
        if draw.chance(50) {
            proxy.say("https", "\"http://192.0.2.9:3129\"");
        }
        if draw.chance(50) {
            proxy.say("no-proxy", "[.example.org, registry, 198.51.100.0/24]");
        }
        cluster.add(proxy);
    }
    if draw.chance(40) {
        let mut kubelet = Block::new("kubelet");
        if draw.chance(50) {
            kubelet.say("max-pods", draw.between(1, room).to_string());
        }
        if !swaps && draw.chance(30) {
            kubelet.say("fail-swap-on", "on");
        }
        if draw.chance(30) {
            kubelet.add(Block::new("extra-args").with("v", "\"4\""));
        }
        // Known and not locked in every release from this number on.
        let gates = [
            (30, "ContainerCheckpoint"),
            (31, "CustomCPUCFSQuotaPeriod"),
            (33, "ReduceDefaultCrashLoopBackOffDecay"),
        ];
        let (since, gate) = *draw.pick(&gates);
        if release_number >= since && draw.chance(30) {
            kubelet.add(Block::new("feature-gates").with(gate, *draw.pick(&["on", "off"])));
        }
        cluster.add(kubelet);
    }
}

/// Some of the warnings are allowed, with a reason; those are not expected any more.
fn allowed(spec: &mut Spec, draw: &mut Draw) {
    for code in spec.expected.clone() {
        if draw.chance(40) {
            let allow = Block::new(format!("allow {code}")).with("reason", "\"it was drawn\"");
            spec.root.add(allow);
            spec.expected.remove(&code);
        }
    }
    draw.shuffle(&mut spec.root.items);
    // A constant is written before its use, for the reader of the spec.
    spec.root
        .items
        .sort_by_key(|item| !matches!(item, Item::Block(block) if block.head == "let"));
}
