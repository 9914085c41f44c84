//! Settings of the control plane that kubeadm refuses, or that end a cluster later.

use super::mutations;
use crate::random::net::address;
use crate::random::spec::Spec;
use crate::random::text::Block;

mutations! {
    "a machine among the pods" => "network/machine-in-range", |spec, draw| {
        let inside = spec.pods.first + draw.below(spec.pods.size());
        set(spec, "api-server", "sans", &format!("[{}]", address(inside)))
    };
    "node ports over the cluster's own" => "control-plane/node-port-taken", |spec, draw| {
        let first = draw.between(9000, 10250);
        set(spec, "api-server", "node-ports", &format!("{first}-{}", first + 1250))
    };
    "certificates for ten years" => "kubeadm/certificate-validity", |spec, _| {
        spec.release >= 31 && set(spec, "certificates", "validity", "87600h")
    };
    "a folder of etcd's that begins nowhere" => "etcd/refused", |spec, _| {
        set(spec, "etcd", "data-dir", "\"data/etcd\"")
    };
    "CoreDNS asks the pod itself" => "dns/forward-loop", |spec, _| {
        set(spec, "dns", "forward", "[127.0.0.1]")
    };
    "CoreDNS on more machines than there are" => "dns/more-replicas-than-machines", |spec, _| {
        set(spec, "dns", "replicas", "30000")
    };
    "a login for no client" => "control-plane/oidc-refused", |spec, _| {
        let oidc = Block::new("oidc").with("issuer", "\"https://login.example.org\"");
        let api_server = spec.cluster().make("api-server");
        api_server.drop_blocks("oidc");
        api_server.insert(oidc.with("client", "\"\""));
        true
    };
    "a registry that is frozen" => "mirror/registry-frozen", |spec, _| {
        set(spec, "mirror", "images", "k8s.gcr.io")
    };
}

fn set(spec: &mut Spec, block: &str, setting: &str, value: &str) -> bool {
    spec.cluster().make(block).change(setting, value);
    true
}
