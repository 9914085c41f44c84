//! Several control planes: with an address that kube-vip moves, and behind a load balancer with an etcd elsewhere; in both versions
//! of kubeadm's API.

use std::collections::BTreeMap;

use pikc::render::Entry;
use pikc::value::SecretName;
use pikc::{compile, plan};

use crate::support::analysis::analyze;
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
    "72-vip.sh",
    "80-join-file.sh",
];

#[test]
fn several_control_planes_are_as_they_were_read() {
    for name in ["three-control-planes", "load-balancer"] {
        let path = format!("tests/specs/{name}.pik");
        let text = std::fs::read_to_string(&path).expect("a spec");
        let secret = (
            SecretName("etcd-client".to_owned()),
            "the key, in PEM".to_owned(),
        );
        let options = plan::Options {
            secrets: BTreeMap::from([secret]),
            spec: format!("{name}.pik"),
            ..plan::Options::default()
        };
        let made = compile(&analyze(&path, &text), &options, false).expect("a sound spec");
        let mut out = String::new();
        for (path, entry) in made.rendered.entries() {
            let Entry::File(file) = entry else { continue };
            if SHOWN.iter().any(|part| {
                path.as_str().ends_with(part) || path.as_str().contains(&format!("{part}kube"))
            }) {
                out.push_str(&format!("==== {path} {:04o}\n{}", file.mode, file.content));
            }
        }
        same(&format!("tests/golden/control_planes/{name}.txt"), &out);
    }
}
