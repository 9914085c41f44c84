//! Several control planes: with an address that kube-vip moves or keepalived, and behind a load balancer with an etcd elsewhere; in both versions
//! of kubeadm's API.

use super::excerpt::excerpt;
use crate::support::bless::same;

/// The files that differ from those of a cluster with one control plane.
const SHOWN: &[&str] = &[
    "README.md",
    "/kubeadm.yaml",
    "/kubeadm-join.yaml",
    "/node.conf",
    "/fragments/hosts",
    "/etc/kubernetes/manifests/",
    "72-kubeadm-init.sh",
    "72-kubeadm-join.sh",
    "70-vip-services.sh",
    "72-vip.sh",
    "/etc/haproxy/pikc.cfg",
    "/etc/keepalived/pikc.conf",
    "/libexec/pikc/check-address.sh",
    "/system/pikc-haproxy.service",
    "/system/pikc-keepalived.service",
    "80-join-file.sh",
    "/restore.sh",
    "/renew.sh",
];

#[test]
fn several_control_planes_are_as_they_were_read() {
    for name in [
        "three-control-planes",
        "load-balancer",
        "three-keepalived",
        "three-bgp",
    ] {
        let secrets = [("etcd-client", "the key, in PEM")];
        let out = excerpt(name, &secrets, |path| {
            let shown = |part: &&str| path.ends_with(part) || path.contains(&format!("{part}kube"));
            SHOWN.iter().any(shown)
        });
        same(&format!("tests/golden/control_planes/{name}.txt"), &out);
    }
}
