//! Settings of the control plane that kubeadm refuses, or that end a cluster later.

use super::mutations;
use crate::random::net::address;
use crate::random::spec::Spec;

mutations! {
    "a machine among the pods" => "network/machine-in-range", |spec, draw| {
        let inside = spec.pods.first + draw.below(spec.pods.size());
        set(spec, "api-server", "sans", &format!("[{}]", address(inside)))
    };
    "node ports over the cluster's own" => "control-plane/node-port-taken", |spec, draw| {
        let first = draw.between(9000, 10250);
        set(spec, "api-server", "node-ports", &format!("{first}-{}", first + 1250))
    };
    "the API server at the port of another program" => "control-plane/api-port-taken", |spec, draw| {
        let port = *draw.pick(&["22", "2379", "10250", "10257"]);
        spec.cluster().change("api-port", port);
        true
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
        let oidc = spec.cluster().make("api-server").make("oidc");
        if oidc.value("issuer").is_none() {
            oidc.say("issuer", "\"https://login.example.org\"");
        }
        oidc.change("client", "\"\"");
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
