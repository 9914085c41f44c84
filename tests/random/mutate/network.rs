//! Ranges that share addresses, and addresses that are in use.

use super::mutations;
use crate::random::net::{Net, Run, address};
use crate::random::spec::Spec;
use crate::random::text::Block;

mutations! {
    "the pod range is the LAN's" => "network/pods-overlap-lan", |spec, draw| {
        let prefix = draw.between(8, spec.lan.prefix);
        let around = around(spec.lan, prefix);
        network(spec, "pods", around.text())
    };
    "the service range is the LAN's" => "network/services-overlap-lan", |spec, draw| {
        let prefix = draw.between(12, spec.lan.prefix);
        let around = around(spec.lan, prefix);
        network(spec, "services", around.text())
    };
    "the pod range is the services'" => "network/pods-overlap-services", |spec, draw| {
        let prefix = draw.between(8, spec.services.prefix);
        let around = around(spec.services, prefix);
        network(spec, "pods", around.text())
    };
    "the service range is inside the pod range" => "network/pods-overlap-services", |spec, draw| {
        let prefix = spec.pods.prefix + draw.below(5);
        let last = Net { first: spec.pods.last() - ((1 << (32 - prefix)) - 1), prefix };
        network(spec, "services", last.text())
    };
    "the LAN begins with the last addresses of the pods" => "network/pods-overlap-lan", |spec, _| {
        let last = Net { first: spec.pods.last() - 255, prefix: 24 };
        network(spec, "lan", last.text())
    };
    "the router is one address after the LAN" => "network/gateway-outside-lan", |spec, _| {
        let behind = address(spec.lan.last() + 1);
        network(spec, "gateway", behind)
    };
    "the router is one address before the LAN" => "network/gateway-outside-lan", |spec, _| {
        let before = address(spec.lan.first - 1);
        network(spec, "gateway", before)
    };
    "the DHCP pool extends beyond the LAN" => "network/dhcp-outside-lan", |spec, draw| {
        let count = draw.between(2, 9);
        let run = Run { first: spec.lan.last() - (count - 2), count };
        network(spec, "dhcp", run.text())
    };
    "a subnet next to the LAN" => "network/lan-and-subnets", |spec, _| {
        let mut subnet = Block::new("subnet more")
            .with("lan", spec.lan.text())
            .with("gateway", address(spec.gateway))
            .with("dns", "9.9.9.9");
        subnet.marked = true;
        spec.network().add(subnet);
        true
    };
    "a mirror over plain HTTP" => "registry/plain-http", |spec, _| {
        registry(spec, "ghcr.example.org", "mirrors", "[\"http://registry.example.org:5000\"]")
    };
    "a registry that no one verifies" => "registry/not-verified", |spec, _| {
        registry(spec, "ghcr.example.org", "insecure", "on")
    };
    "a registry by the name of its web pages" => "registry/never-named", |spec, draw| {
        let name = *draw.pick(&["docker.com", "hub.docker.com", "www.docker.com"]);
        let mut block = Block::new(format!("registry {name}")).with("login", "secret:registry");
        block.marked = true;
        spec.cluster().add(block);
        true
    };
    "a registry that is its own mirror" => "registry/mirrors-itself", |spec, _| {
        registry(spec, "ghcr.example.org", "mirrors", "[\"https://ghcr.example.org\"]")
    };
    "a part of a registry" => "registry/part", |spec, _| {
        let mut block = Block::new("registry ghcr.example.org/office").with("login", "secret:registry");
        block.marked = true;
        spec.cluster().add(block);
        true
    };
    "a proxy in the pod range" => "http-proxy/in-cluster-range", |spec, draw| {
        let within = address(spec.pods.first + draw.below(spec.pods.size()));
        http_proxy(spec, "http", format!("\"http://{within}:3128\""))
    };
    "a proxy in the service range" => "http-proxy/in-cluster-range", |spec, draw| {
        let within = address(spec.services.first + draw.below(spec.services.size()));
        http_proxy(spec, "https", format!("\"http://{within}:3128\""))
    };
    "a proxy on each machine itself" => "http-proxy/on-a-machine", |spec, _| {
        http_proxy(spec, "http", "\"http://localhost:3128\"".to_owned())
    };
    "Kubernetes' packages past the proxy" => "http-proxy/past-the-proxy", |spec, _| {
        http_proxy(spec, "no-proxy", "[pkgs.k8s.io, registry.k8s.io]".to_owned())
    };
    "the LAN is listed for what is reached without the proxy" => "http-proxy/derived-anyway", |spec, _| {
        let lan = spec.lan.text();
        http_proxy(spec, "no-proxy", format!("[{lan}]"))
    };
    "a name server that is the machine itself" => "network/loopback-name-server", |spec, _| {
        network(spec, "dns", "[127.0.0.53]")
    };
    "four name servers" => "network/too-many-name-servers", |spec, _| {
        network(spec, "dns", "[1.1.1.1, 1.0.0.1, 9.9.9.9, 149.112.112.112]")
    };
    "a name server in the pod range" => "network/dns-in-cluster-range", |spec, draw| {
        let within = address(spec.pods.first + draw.below(spec.pods.size()));
        network(spec, "dns", format!("[9.9.9.9, {within}]"))
    };
    "a name server in the service range" => "network/dns-in-cluster-range", |spec, draw| {
        let within = address(spec.services.first + draw.below(spec.services.size()));
        network(spec, "dns", within)
    };
    "a service range too small for kubeadm" => "network/services-size", |spec, draw| {
        let prefix = draw.between(29, 32);
        let small = Net { first: spec.services.first, prefix };
        network(spec, "services", small.text())
    };
    "a service range too large for kubeadm" => "network/services-size", |spec, draw| {
        let prefix = draw.between(8, 11);
        network(spec, "services", around(Net { first: 172 << 24, prefix: 32 }, prefix).text())
    };
    "a node's part is larger than the pod range" => "network/node-prefix", |spec, draw| {
        let piece = draw.between(8, spec.pods.prefix - 1).to_string();
        network(spec, "node-prefix", piece)
    };
    "a node's part is too small for the pod range" => "network/node-prefix", |spec, draw| {
        if spec.pods.prefix > 13 {
            return false;
        }
        let piece = draw.between(spec.pods.prefix + 17, 30).to_string();
        network(spec, "node-prefix", piece)
    };
    "one part fewer than nodes" => "network/pods-too-few", |spec, _| {
        let bits = (spec.nodes() - 1).max(1).ilog2();
        let pieces = 1 << bits;
        let piece = spec.pods.prefix + bits;
        // Calico and Weave Net allocate their own blocks, and do not use these parts.
        let takes = matches!(spec.cni.name, "flannel" | "canal" | "cilium");
        takes && pieces < spec.nodes() && network(spec, "node-prefix", piece.to_string())
    };
    "a load balancer has a machine's address" => "network/load-balancer-overlap", |spec, draw| {
        let machine = draw.pick(&spec.addresses).first;
        let run = Run { first: machine, count: 1 };
        network(spec, "load-balancer", format!("{0}..{0}", run.text()))
    };
    "a load balancer has the router's address" => "network/load-balancer-overlap", |spec, _| {
        let router = address(spec.gateway);
        network(spec, "load-balancer", format!("{router}..{router}"))
    };
    "a load balancer has addresses of the DHCP pool" => "network/load-balancer-overlap", |spec, _| {
        let Some(dhcp) = spec.dhcp else { return false };
        let last = Run { first: dhcp.first + dhcp.count - 1, count: 1 };
        network(spec, "load-balancer", format!("{0}..{0}", last.text()))
    };
    "a network elsewhere is part of the pod range" => "network/reserved-overlap", |spec, draw| {
        let prefix = draw.between(spec.pods.prefix, 30);
        elsewhere(spec, Net { first: spec.pods.first, prefix })
    };
    "a network elsewhere is around the service range" => "network/reserved-overlap", |spec, draw| {
        let prefix = draw.between(8, spec.services.prefix);
        let around = around(spec.services, prefix);
        elsewhere(spec, around)
    };
    "a pod range of the other family" => "network/family", |spec, _| network(spec, "pods", "fd00:10::/48");
    "a second pod range that is the machines' network" => "ipv6/ranges-overlap", |spec, _| {
        second(spec, "pods", "fd5c:1a2b:3c4c::/48")
    };
    "a second service range that begins in the pod range" => "ipv6/ranges-overlap", |spec, _| {
        second(spec, "services", "fd5c:1a2b:3c4d::/112")
    };
    "a second service range of a size that kubeadm refuses" => "ipv6/size", |spec, draw| {
        let prefix = *draw.pick(&[107, 125, 64]);
        second(spec, "services", format!("fd5c:1a2b:3c4e::/{prefix}"))
    };
    "a second pod range of the first family" => "ipv6/family", |spec, _| second(spec, "pods", "10.254.0.0/16");
    "a machine without an address of the second family" => "ipv6/no-address", |spec, _| {
        spec.network().child("ipv6").is_some() && spec.node(0).drop_setting("address-ipv6")
    };
    "a machine whose second address is in another network" => "ipv6/address", |spec, _| {
        let there = spec.network().child("ipv6").is_some();
        spec.node(0).change("address-ipv6", "fd5c:1a2b:3c4b::1");
        there
    };
    "the endpoint is in the pod range" => "cluster/endpoint-overlap", |spec, draw| {
        let within = address(spec.pods.first + draw.below(spec.pods.size()));
        spec.cluster().change("endpoint", within);
        true
    };
    "the address that moves is a machine's" => "vip/unusable-address", |spec, _| {
        let taken = address(spec.addresses[0].first);
        spec.cluster().drop_setting("endpoint");
        spec.cluster().make("vip").change("address", taken);
        true
    };
    "the endpoint is not the address that moves" => "vip/another-endpoint", |spec, _| {
        let Some(vip) = spec.cluster().child("vip") else { return false };
        // HAProxy can have any port.
        if vip.value("by") == Some("keepalived") { return false }
        vip.marked = true;
        spec.cluster().change("endpoint", "api.home.arpa:65000");
        true
    };
    "HAProxy has the port of the kubelet" => "vip/port-taken", |spec, _| {
        let Some(vip) = spec.cluster().child("vip") else { return false };
        vip.change("by", "keepalived");
        spec.cluster().change("endpoint", "api.home.arpa:10250");
        true
    };
    "a number for VRRP, and nothing that speaks it" => "vip/router-id-unread", |spec, _| {
        let Some(vip) = spec.cluster().child("vip") else { return false };
        if vip.value("by") == Some("keepalived") { return false }
        vip.change("router-id", "51");
        true
    };
    "an address that moves, of the second family" => "vip/ipv6", |spec, _| {
        let Some(vip) = spec.cluster().child("vip") else { return false };
        vip.change("address", "fd5c:1a2b:3c4c:ffff::5");
        true
    };
    "BGP, and no one to speak to" => "vip/bgp-incomplete", |spec, _| {
        by_bgp(spec).is_some_and(|vip| {
            vip.drop_blocks("router");
            vip.change("mode", "bgp");
            true
        })
    };
    "BGP by a program that does not speak it" => "vip/bgp-not-spoken", |spec, _| {
        let Some(vip) = spec.cluster().child("vip") else { return false };
        vip.drop_setting("router-id");
        vip.marked = false;
        vip.change("by", "keepalived");
        vip.change("mode", "bgp");
        true
    };
    "a number for BGP, and ARP" => "vip/bgp-not-spoken", |spec, _| {
        let Some(vip) = spec.cluster().child("vip") else { return false };
        if vip.value("mode") == Some("bgp") { return false }
        vip.change("as-number", "64512");
        true
    };
    "a router that is a machine" => "vip/router-address", |spec, _| {
        let taken = address(spec.addresses[0].first);
        let Some(router) = by_bgp(spec).and_then(|vip| vip.child("router")) else { return false };
        router.change("address", taken);
        true
    };
    "a number that no system has" => "vip/as-number", |spec, draw| {
        let number = *draw.pick(&["23456", "65535", "4294967295"]);
        by_bgp(spec).is_some_and(|vip| {
            vip.change("as-number", number);
            true
        })
    };
    "a route to an address of the LAN" => "vip/route-inside-lan", |spec, _| {
        let gateway = spec.gateway;
        let free = address(if gateway > spec.lan.first + 1 { spec.lan.first + 1 } else { spec.lan.last() - 1 });
        by_bgp(spec).is_some_and(|vip| {
            vip.change("address", free);
            true
        })
    };
    "a router that the pod network speaks to" => "vip/router-shared", |spec, _| {
        if !spec.cni.speaks {
            return false;
        }
        let (moving, gateway) = (address(spec.far.first + 1), address(spec.gateway));
        let cluster = spec.cluster();
        for kind in ["vip", "bgp"] {
            cluster.drop_blocks(kind);
        }
        cluster.drop_setting("endpoint");
        cluster.marked = false;
        let mut peers = Block::new("bgp");
        peers.add(Block::new("peer rack").with("address", gateway.clone()).with("as-number", "64513"));
        cluster.add(peers);
        let mut vip = Block::new("vip").with("address", moving).with("mode", "bgp").with("as-number", "64514");
        vip.make("router home").change("address", gateway);
        vip.make("router home").say("as-number", "64513");
        cluster.add(vip);
        true
    };
    "the endpoint is no machine's" => "cluster/endpoint-unclaimed", |spec, _| {
        let runs = spec.addresses.iter().chain(&spec.dhcp).chain(&spec.pool);
        let runs: Vec<Run> = runs.copied().collect();
        let gateway = spec.gateway;
        let used = |at: u32| {
            let within = |run: &Run| (run.first..run.first + run.count).contains(&at);
            at == gateway || runs.iter().any(within)
        };
        let (first, last) = (spec.lan.first + 1, spec.lan.last());
        let Some(free) = (first..last).find(|at| !used(*at)) else { return false };
        spec.cluster().drop_blocks("vip");
        spec.cluster().change("endpoint", address(free));
        true
    };
    "the endpoint is in the DHCP pool" => "cluster/endpoint-overlap", |spec, _| {
        let Some(dhcp) = spec.dhcp else { return false };
        spec.cluster().change("endpoint", address(dhcp.first));
        true
    };
}

/// The address that moves, if it is announced by BGP.
fn by_bgp(spec: &mut Spec) -> Option<&mut Block> {
    let vip = spec.cluster().child("vip")?;
    (vip.value("mode") == Some("bgp")).then_some(vip)
}

fn registry(spec: &mut Spec, name: &str, key: &str, value: &str) -> bool {
    let mut block = Block::new(format!("registry {name}"));
    block.change(key, value.to_owned());
    spec.cluster().add(block);
    true
}

/// A proxy by name, with one setting that is changed.
fn http_proxy(spec: &mut Spec, key: &str, value: String) -> bool {
    let cluster = spec.cluster();
    cluster.drop_blocks("http-proxy");
    cluster.marked = false;
    let mut block = Block::new("http-proxy").with("http", "\"http://proxy.example.org:3128\"");
    block.change(key, value);
    cluster.add(block);
    true
}

fn network(spec: &mut Spec, key: &str, value: impl Into<String>) -> bool {
    spec.network().change(key, value);
    true
}

/// The network of this length around the first address of another.
fn around(net: Net, prefix: u32) -> Net {
    let size = 1 << (32 - prefix);
    Net {
        first: net.first / size * size,
        prefix,
    }
}

fn elsewhere(spec: &mut Spec, net: Net) -> bool {
    let network = spec.network();
    if network.child("reserved").is_none() {
        network.add(Block::new("reserved"));
    }
    network.make("reserved").change("new", net.text());
    true
}

/// Changes a range of the second family, if there is one.
fn second(spec: &mut Spec, key: &str, value: impl Into<String>) -> bool {
    match spec.network().child("ipv6") {
        Some(block) => block.change(key, value),
        None => return false,
    }
    true
}
