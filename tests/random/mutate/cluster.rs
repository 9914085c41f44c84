//! A CNI, a kube-proxy, a runtime or a release that conflicts with the rest of the spec.

use super::mutations;
use crate::random::spec::Spec;
use crate::random::text::Block;

mutations! {
    "a backend that the boards cannot run" => "cni/backend-architecture", |spec, _| {
        let arm = spec.groups.iter().any(|group| group.board.architecture == "arm64");
        arm && cni(spec, Block::new("cni flannel"), "backend", "udp")
    };
    "an option of another backend" => "cni/option-without-effect", |spec, _| {
        cni(spec, Block::new("cni flannel"), "keepalive", "25")
    };
    "an option of a part that is off" => "cni/option-without-effect", |spec, _| {
        cni(spec, Block::new("cni weave").with("network-policy", "off"), "multicast", "off")
    };
    "options that rule each other out" => "cni/options-conflict", |spec, _| {
        cni(spec, Block::new("cni calico").with("backend", "ipip"), "ebpf", "on")
    };
    "a Typha in addition to the operator's" => "cni/options-conflict", |spec, _| {
        cni(spec, Block::new("cni calico").with("install", "operator"), "typha", "on")
    };
    "an interface that no node has" => "cni/interface-missing", |spec, draw| {
        let name = *draw.pick(&["flannel", "calico", "canal", "cilium"]);
        cni(spec, Block::new(format!("cni {name}")), "interface", "wlan77")
    };
    "a larger MTU than the link's" => "cni/mtu", |spec, draw| {
        let name = *draw.pick(&["flannel", "calico", "canal", "cilium"]);
        let mtu = draw.between(1501, 9216).to_string();
        cni(spec, Block::new(format!("cni {name}")), "mtu", &mtu)
    };
    "nftables for Calico alone" => "cni/nftables-alone", |spec, _| {
        spec.cluster().drop_blocks("proxy");
        cni(spec, Block::new("cni calico"), "nftables", "on")
    };
    "a CNI that cannot do what is needed" => "cni/lacks-a-need", |spec, draw| {
        let need = *draw.pick(&["network-policy", "bgp", "layer7-policy"]);
        cni(spec, Block::new("cni flannel"), "needs", need)
    };
    "blocks that are larger than the pod range" => "cni/blocks-too-few", |spec, _| {
        spec.pods.prefix > 20 && cni(spec, Block::new("cni calico"), "block-size", "20")
    };
    "fewer connections than other nodes" => "cni/too-many-nodes", |spec, _| {
        let others = spec.nodes() - 1;
        others > 1 && cni(spec, Block::new("cni weave"), "connection-limit", &(others - 1).to_string())
    };
    "nothing makes services work" => "proxy/no-replacement", |spec, _| {
        replace(spec, Block::new("cni flannel"));
        proxy(spec, "disabled", "on")
    };
    "two programs make services work" => "proxy/conflicts-with-cni", |spec, draw| {
        spec.cluster().drop_blocks("proxy");
        let (name, option) = *draw.pick(&[("calico", "ebpf"), ("cilium", "kube-proxy-replacement")]);
        cni(spec, Block::new(format!("cni {name}")), option, "on")
    };
    "a mode of kube-proxy that will be removed" => "proxy/mode", |spec, _| {
        spec.release >= 35 && !spec.expected.contains("proxy/mode") && {
            spec.cluster().drop_blocks("proxy");
            proxy(spec, "mode", "ipvs")
        }
    };
    "a mode for a kube-proxy that does not exist" => "proxy/mode-without-effect", |spec, _| {
        replace(spec, Block::new("cni calico").with("ebpf", "on"));
        spec.cluster().make("proxy").say("disabled", "on");
        proxy(spec, "mode", "iptables")
    };
    "ARP for a mode that does not read it" => "proxy/strict-arp-without-effect", |spec, _| {
        replace(spec, Block::new("cni flannel"));
        spec.cluster().drop_blocks("proxy");
        spec.cluster().marked = false;
        proxy(spec, "strict-arp", "on")
    };
    "an audit policy that is not there" => "component-file/unreadable", |spec, _| {
        let api_server = spec.cluster().make("api-server");
        api_server.make("audit").change("policy", "\"audit.yaml\"");
        true
    };
    "an etcd here and elsewhere" => "etcd/local-and-external", |spec, _| {
        spec.cluster().drop_blocks("etcd");
        spec.cluster().marked = false;
        let etcd = spec.cluster().make("etcd");
        let external = Block::new("external").with("endpoints", "[\"https://10.0.0.31:2379\"]");
        let external = external.with("ca", "\"ca.pem\"").with("cert", "\"client.pem\"");
        etcd.add(external.with("key", "secret:etcd-client"));
        etcd.change("data-dir", "\"/srv/etcd\"");
        true
    };
    "a cluster without a CNI" => "cni/missing", |spec, _| spec.cluster().drop_blocks("cni");
    "a cluster without a runtime" => "runtime/missing", |spec, _| spec.cluster().drop_blocks("runtime");
    "a CRI-O of another release" => "crio/minor-differs", |spec, draw| {
        let minor = *draw.pick(&[spec.release - 1, spec.release + 1, spec.release - 2]);
        runtime(spec, "version", &format!("1.{minor}"))
    };
    "a release whose CRI-O is in no repository" => "crio/no-repository", |spec, draw| {
        let release = format!("1.{}", draw.between(24, 27));
        let cluster = spec.cluster();
        cluster.drop_blocks("mirror");
        cluster.drop_blocks("runtime");
        cluster.add(Block::new("runtime crio"));
        cluster.change("kubernetes", release);
        true
    };
    "an unknown release" => "kubernetes/unknown-release", |spec, draw| {
        let release = format!("1.{}", draw.between(39, 99));
        spec.cluster().change("kubernetes", release);
        true
    };
    "a repository that is gone" => "mirror/gone", |spec, _| {
        spec.cluster().make("mirror").change("kubernetes", "\"https://apt.kubernetes.io/\"");
        true
    };
    "swap for pods before it existed" => "swap/limited-unsupported", |spec, _| {
        spec.cluster().change("kubernetes", "1.24");
        spec.node(0).change("swap", "limited");
        true
    };
    "a name that no DNS server knows" => "cluster/endpoint-local", |spec, _| {
        spec.cluster().change("endpoint", "k8s.local:6443");
        true
    };
    "a join file that expires too soon" => "join/ttl", |spec, _| {
        spec.cluster().make("join").change("ttl", "1m");
        true
    };
}

/// Replaces the CNI, and removes what belonged to the old one.
fn replace(spec: &mut Spec, block: Block) {
    let cluster = spec.cluster();
    cluster.drop_blocks("cni");
    cluster.marked = false;
    for kind in ["bgp", "policy", "proxy"] {
        cluster.drop_blocks(kind);
    }
    cluster.marked = false;
    cluster.add(block);
}

fn cni(spec: &mut Spec, block: Block, key: &str, value: &str) -> bool {
    let head = block.head.clone();
    replace(spec, block);
    spec.cluster().make(&head).change(key, value);
    true
}

fn proxy(spec: &mut Spec, key: &str, value: &str) -> bool {
    spec.cluster().make("proxy").change(key, value);
    true
}

fn runtime(spec: &mut Spec, key: &str, value: &str) -> bool {
    let cluster = spec.cluster();
    cluster.drop_blocks("runtime");
    cluster.marked = false;
    cluster.make("runtime crio").change(key, value);
    true
}
