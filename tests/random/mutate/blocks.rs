//! Policies, peers and kubelets that do not do what was meant.

use super::mutations;
use crate::random::net::address;
use crate::random::spec::Spec;
use crate::random::text::Block;

mutations! {
    "policies with a CNI that ignores them" => "policy/not-enforced", |spec, _| {
        spec.cluster().drop_blocks("cni");
        spec.cluster().drop_blocks("bgp");
        spec.cluster().drop_blocks("policy");
        spec.cluster().marked = false;
        spec.cluster().add(Block::new("cni flannel"));
        policy(spec, |policy| policy.marked = true)
    };
    "a policy that denies and allows everyone" => "policy/allows-everything", |spec, _| {
        policy(spec, |policy| policy.insert(Block::new("from")))
    };
    "a policy that allows what nothing denies" => "policy/without-effect", |spec, _| {
        policy(spec, |policy| policy.insert(Block::new("to").with("ports", "443/tcp")))
    };
    "a peer with addresses and pods" => "policy/mixed-peers", |spec, _| {
        policy(spec, |policy| policy.insert(Block::new("from").with("cidr", "198.51.100.0/24").with("namespaces", "shop")))
    };
    "an exception of nothing" => "policy/except-outside", |spec, _| {
        policy(spec, |policy| {
            let from = policy.make("from");
            from.say("cidr", "198.51.100.0/24");
            from.change("except", "203.0.113.0/25");
        })
    };
    "a policy for pod addresses" => "policy/address-in-cluster", |spec, _| {
        let pods = spec.pods.text();
        policy(spec, move |policy| policy.make("from").change("cidr", pods.clone()))
    };
    "the same namespace twice" => "policy/repeated", |spec, _| {
        policy(spec, |policy| policy.change("namespaces", "[back, back]"))
    };
    "pods that may not use DNS" => "policy/no-dns", |spec, _| {
        policy(spec, |policy| {
            policy.change("deny", "egress");
            policy.make("to").say("ports", "443/tcp");
        })
    };
    "peers with a CNI that has none" => "bgp/not-spoken", |spec, draw| {
        let peer = Block::new("peer new").with("address", address(spec.gateway)).with("as-number", "64513");
        let mut bgp = Block::new("bgp");
        bgp.add(peer);
        let silent = *draw.pick(&["flannel", "canal", "weave", "cilium"]);
        let cluster = spec.cluster();
        for kind in ["cni", "bgp", "policy", "proxy"] {
            cluster.drop_blocks(kind);
        }
        cluster.marked = false;
        cluster.add(Block::new(format!("cni {silent}")));
        cluster.insert(bgp);
        true
    };
    "a peer of a node that does not exist" => "bgp/unknown-node", |spec, _| {
        spec.cni.speaks && {
            peer(spec).change("nodes", "[missing]");
            true
        }
    };
    "a peer that is a node itself" => "bgp/peer-address", |spec, draw| {
        let node = draw.pick(&spec.addresses).first;
        spec.cni.speaks && {
            peer(spec).change("address", address(node));
            true
        }
    };
    "nodes that learn no routes" => "bgp/no-route-source", |spec, _| {
        let bgp = Block::new("bgp");
        spec.cni.speaks && spec.nodes() > 1 && !reflects(spec) && {
            spec.cluster().drop_blocks("bgp");
            spec.cluster().marked = false;
            spec.cluster().add(bgp);
            spec.cluster().make("bgp").change("mesh", "off");
            true
        }
    };
    "a feature gate that does not exist" => "feature-gate/refused", |spec, _| {
        kubelet(spec, "feature-gates", "EtcdLearnerMode", "on")
    };
    "an argument that is gone" => "kubelet/argument-gone", |spec, _| {
        kubelet(spec, "extra-args", "container-runtime", "\"remote\"")
    };
    "an argument that pikc writes" => "kubelet/argument-taken", |spec, _| {
        kubelet(spec, "extra-args", "node-ip", "\"192.0.2.1\"")
    };
    "a kubelet with its own cgroup driver" => "kubelet/cgroup-driver", |spec, _| {
        kubelet(spec, "extra-args", "cgroup-driver", "\"cgroupfs\"")
    };
    "a threshold that drops the others" => "kubelet/evictions-lost", |spec, _| {
        kubelet(spec, "extra-args", "eviction-hard", "\"memory.available<100Mi\"")
    };
    "a value that the kubelet refuses" => "kubelet/not-a-value", |spec, _| {
        kubelet(spec, "fields", "oomScoreAdj", "2000")
    };
    "cores for pods, and none for the system" => "kubelet/fields-conflict", |spec, _| {
        kubelet(spec, "fields", "cpuManagerPolicy", "static")
    };
    "pods that use another DNS server" => "kubelet/cluster-dns", |spec, _| {
        kubelet(spec, "extra-args", "cluster-dns", "\"192.0.2.53\"")
    };
}

/// A policy that is valid except for the change; none if the CNI does not enforce policies.
fn policy(spec: &mut Spec, change: impl Fn(&mut Block)) -> bool {
    let flannel = spec.cluster().child("cni flannel").is_some();
    let mut policy = Block::new("policy new")
        .with("namespaces", "back")
        .with("deny", "ingress");
    change(&mut policy);
    spec.cluster().add(policy);
    spec.cni.enforces || flannel
}

fn peer(spec: &mut Spec) -> &mut Block {
    let router = address(spec.gateway);
    let bgp = spec.cluster().make("bgp");
    if bgp.child("peer rack").is_none() {
        bgp.add(
            Block::new("peer rack")
                .with("address", router)
                .with("as-number", "64513"),
        );
    }
    bgp.make("peer rack")
}

fn reflects(spec: &Spec) -> bool {
    spec.root
        .blocks()
        .any(|block| block.value("route-reflector").is_some())
}

fn kubelet(spec: &mut Spec, block: &str, key: &str, value: &str) -> bool {
    spec.cluster()
        .make("kubelet")
        .make(block)
        .change(key, value);
    true
}
