//! What the settings of the control plane's components and of kubelets become, in the oldest and newest versions of kubeadm's API.

use super::excerpt::excerpt;
use crate::support::bless::same;

/// The files of a machine that these settings are about.
const SHOWN: &[&str] = &[
    "/kubeadm.yaml",
    "/patches/",
    "/etc/pikc/",
    "/etc/systemd/system/pikc-approver.service",
    "/approve-kubelets.sh",
    "cluster/dns/",
    "37-kubeadm-files.sh",
    "72-kubeadm-init.sh",
    "73-dns.sh",
    "75-approver.sh",
    "82-snapshots.sh",
    "84-renewal.sh",
    "/etc/systemd/system/pikc-snapshot.",
    "/etc/systemd/system/pikc-renew.",
    "/snapshot.sh",
    "/restore.sh",
    "/renew.sh",
];

#[test]
fn the_components_of_three_releases_are_as_they_were_read() {
    for name in ["external-etcd", "components", "kubelets"] {
        let secrets = [
            ("etcd-key", "the key, in base64"),
            ("etcd-client", "the key, in PEM"),
        ];
        let out = excerpt(name, &secrets, |path| {
            path == "README.md" || SHOWN.iter().any(|part| path.contains(part))
        });
        same(&format!("tests/golden/components/{name}.txt"), &out);
    }
}
