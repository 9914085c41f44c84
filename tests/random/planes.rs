//! What is particular to control planes: what answers at their endpoint, their etcd, their certificates, and how others join.

use super::draw::Draw;
use super::net::address;
use super::spec::Spec;
use super::text::Block;

/// What answers at the endpoint.
pub struct Reached {
    /// The endpoint, if the spec has one.
    pub endpoint: Option<String>,
    /// The address that moves, if there is one.
    pub vip: Option<Block>,
    /// The ports that the API server can have.
    pub ports: &'static [&'static str],
}

/// What answers at the endpoint: one of several control planes under an address that moves, a load balancer or a name; or the only one.
/// `own` is an address of the LAN that nothing else has.
pub fn reached(spec: &Spec, own: u32, draw: &mut Draw) -> Reached {
    let several = spec.groups[0].count() > 1;
    let mut ports: &[&str] = &["6443", "443", "8443"];
    if draw.chance(if several { 70 } else { 12 }) {
        let (vip, balanced) = vip(spec, own, draw);
        let endpoint = match draw.below(3) {
            1 => Some("api.home.arpa".to_owned()),
            2 if balanced => Some("api.home.arpa:9443".to_owned()),
            _ => None,
        };
        if balanced && endpoint.as_deref() != Some("api.home.arpa:9443") {
            // HAProxy listens at 8443.
            ports = &["6443", "443"];
        }
        return Reached {
            endpoint,
            vip: Some(vip),
            ports,
        };
    }
    let names: &[&str] = match several {
        true => &["api.home.arpa:8443", "api.home.arpa", "203.0.113.10:6443"],
        false => &[
            "",
            "k8s.home.arpa",
            "k8s.home.arpa:8443",
            "",
            "cluster.local",
        ],
    };
    let named = (*draw.pick(names)).to_owned();
    let plane = address(spec.addresses[0].first);
    let endpoint = match draw.below(8) {
        1 if !several => Some(plane),
        2 => Some(address(own)),
        _ => Some(named).filter(|named| !named.is_empty()),
    };
    Reached {
        endpoint,
        vip: None,
        ports,
    }
}

/// An address that moves, and whether HAProxy passes it on.
fn vip(spec: &Spec, own: u32, draw: &mut Draw) -> (Block, bool) {
    let vip = Block::new("vip");
    match draw.below(5) {
        1 => {
            let by = vip.with("address", address(own)).with("by", "keepalived");
            (by, true)
        }
        2 => {
            let by = vip.with("by", "keepalived").with("address", address(own));
            let id = draw.between(1, 255).to_string();
            (by.with("router-id", id), true)
        }
        3 => {
            let said = vip.with("by", "kube-vip").with("mode", "arp");
            (said.with("address", address(own)), false)
        }
        4 => (by_bgp(spec, draw), false),
        _ => (vip.with("address", address(own)), false),
    }
}

/// An address outside the LAN, which routers learn: the machines' own, one of another network, or both.
fn by_bgp(spec: &Spec, draw: &mut Draw) -> Block {
    let own = draw.pick(&["64512", "65534", "65001", "4200000000"]);
    let mut vip = Block::new("vip")
        .with("mode", "bgp")
        .with("as-number", *own)
        .with("address", address(spec.far.first + 1));
    // A router that the pod network speaks to is not spoken to twice.
    let near = !spec.cni.speaks && draw.chance(70);
    let numbers = [*own, "64513", "1", "4294967294"];
    let mut router = |name: &str, at: u32, draw: &mut Draw| {
        let head = format!("router {name}");
        let block = Block::new(head).with("address", address(at));
        vip.add(block.with("as-number", *draw.pick(&numbers)));
    };
    if near {
        router("home", spec.gateway, draw);
    }
    if !near || draw.chance(30) {
        router("spine-1", spec.far.first + 2, draw);
    }
    vip
}

/// Its etcd: on the control planes, with snapshots, or elsewhere.
pub fn etcd(spec: &mut Spec, draw: &mut Draw) {
    let mut etcd = Block::new("etcd");
    match draw.below(10) {
        6 => etcd.say("data-dir", "\"/srv/etcd\""),
        7 => etcd.add(Block::new("snapshots")),
        8 => {
            // All of them reach back a day.
            let (every, keep) = *draw.pick(&[("6h", 4), ("30m", 48), ("24h", 1), ("5m", 288)]);
            let keep = keep + draw.below(100);
            let mut snapshots = Block::new("snapshots").with("every", every);
            snapshots.say("keep", keep.to_string());
            if draw.chance(50) {
                let to = *draw.pick(&["\"/srv/backups\"", "\"/mnt/nas/etcd.d\""]);
                snapshots.say("to", to);
            }
            etcd.add(snapshots);
        }
        9 => {
            let members = *draw.pick(&[
                "[\"https://etcd-1.example.org:2379\", \"https://etcd-2.example.org:2379\"]",
                "\"https://203.0.113.31:2379\"",
            ]);
            let external = Block::new("external").with("endpoints", members);
            let external = external
                .with("ca", "\"ca.pem\"")
                .with("cert", "\"client.pem\"");
            etcd.add(external.with("key", "secret:etcd-client"));
        }
        _ => return,
    }
    spec.cluster().add(etcd);
}

/// How long certificates are valid, and whether they are renewed; how long others can join.
pub fn certificates(spec: &mut Spec, draw: &mut Draw) {
    if draw.chance(30) {
        let mut certificates = Block::new("certificates");
        if draw.chance(60) {
            certificates.say("renew", *draw.pick(&["off", "weekly", "monthly"]));
        }
        // kubeadm's API has these from 1.31 on.
        if spec.release >= 31 && draw.chance(60) {
            certificates.say("validity", *draw.pick(&["8760h", "4380h", "2232h"]));
            certificates.say("key-type", *draw.pick(&["RSA-2048", "ECDSA-P256"]));
        }
        spec.cluster().add(certificates);
    }
    if draw.chance(30) {
        let mut join = Block::new("join");
        if draw.chance(60) {
            join.say("ttl", *draw.pick(&["24h", "2h", "48h"]));
        }
        if draw.chance(60) {
            join.say("window", *draw.pick(&["72h", "24h", "168h"]));
        }
        spec.cluster().add(join);
    }
}
