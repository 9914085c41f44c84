//! Two racks with a router between them: addresses and routes on four network stacks, zones, and what the routers must let through.

use super::excerpt::excerpt;
use crate::support::bless::same;

/// The files that differ from those of a cluster in one LAN.
const SHOWN: &[&str] = &[
    "README.md",
    "/kubeadm.yaml",
    "/node.conf",
    "/network-config",
    "/fragments/hosts",
    "/fragments/dhcpcd",
];

#[test]
fn machines_in_two_racks_are_as_they_were_read() {
    for name in ["two-racks", "two-racks-dual"] {
        let out = excerpt(name, &[], |path| {
            let network = ["/etc/netplan/", "/system-connections/"];
            SHOWN.iter().any(|part| path.ends_with(part))
                || network.iter().any(|part| path.contains(part))
        });
        same(&format!("tests/golden/subnets/{name}.txt"), &out);
    }
}
