//! A node's addresses, in the format of its system's network stack: one file here for each format.

mod device;
mod dhcpcd;
mod keyfile;
mod link;
mod netplan;
mod secrets;

pub(super) use device::devices;
pub(super) use secrets::Secrets;

use camino::Utf8PathBuf;

use super::file::Placing;
use crate::model::{Model, Node};
use crate::plan::document::netplan::Renderer;
use crate::stdlib::{Hardware, Headless, NetworkStack, Provisioning, System};
use crate::value::SecretName;
use dhcpcd::dhcpcd;
use keyfile::keyfile;
use link::{Key, Link, lacking, link};
use netplan::netplan;

/// What tells a reader of cloud-init's settings where the spec's network is, on a system whose network cloud-init would set at each
/// boot; none if it does not touch it.
pub(super) fn from_cloud_init(system: &System, hardware: Hardware) -> Option<&'static str> {
    let prepares = |headless: &Headless| headless.kind.value == Provisioning::CloudInit;
    match system.network_stack.value {
        NetworkStack::NetplanNetworkManager | NetworkStack::NetplanNetworkd => {
            Some("# The spec also sets the network, from the first run on: in /etc/netplan/90-pikc.yaml.")
        }
        NetworkStack::NetworkManager => system.headless(hardware).filter(|one| prepares(one)).map(|_| {
            "# The spec also sets the network, from the first run on: in /etc/NetworkManager/system-connections."
        }),
        NetworkStack::Dhcpcd => None,
    }
}

/// The files with a node's addresses, and the secrets without which one of them was left out.
pub(super) struct Files {
    pub placings: Vec<Placing>,
    pub missing: Vec<(SecretName, String)>,
    /// The network for cloud-init at the first boot, if none of the files is that.
    pub first_boot: Option<Placing>,
}

/// The network files of one node.
pub(super) fn files(
    model: &Model,
    node: &Node,
    spec: &str,
    secrets: &mut Secrets<'_>,
) -> Option<Files> {
    let system = &node.settings.os.as_ref()?.value;
    let links: Vec<Link<'_>> = node
        .settings
        .interfaces
        .iter()
        .filter_map(|interface| link(model, node, interface, secrets))
        .collect();
    let stack = system.network_stack.value;
    let mut placings = match stack {
        NetworkStack::Dhcpcd => dhcpcd(node, &links, spec),
        NetworkStack::NetworkManager => links
            .iter()
            .map(|link| (keyfile(model, node, link, spec), lacking(link)))
            .collect(),
        NetworkStack::NetplanNetworkManager => vec![(
            netplan(node, &links, Some(Renderer::NetworkManager), spec),
            links.iter().find_map(lacking),
        )],
        NetworkStack::NetplanNetworkd => vec![(
            netplan(node, &links, Some(Renderer::Networkd), spec),
            links.iter().find_map(lacking),
        )],
    };
    // netplan names the devices that it matches, except if systemd-networkd has the radio.
    let names = links.iter().filter(|link| match stack {
        NetworkStack::Dhcpcd | NetworkStack::NetworkManager => true,
        NetworkStack::NetplanNetworkd => link.wifi.is_some(),
        NetworkStack::NetplanNetworkManager => false,
    });
    placings.extend(names.filter_map(|link| Some((device::name_file(link, spec)?, None))));
    let mut files = Files {
        placings: Vec::new(),
        missing: Vec::new(),
        first_boot: None,
    };
    let board = node.settings.board.as_ref()?;
    if stack == NetworkStack::NetworkManager
        && from_cloud_init(system, board.value.hardware).is_some()
    {
        files.first_boot = Some(netplan(node, &links, None, spec));
    }
    for (placing, lacking) in placings {
        match lacking {
            None => files.placings.push(placing),
            Some(secret) => {
                let path =
                    Utf8PathBuf::from(format!("nodes/{}", node.name.value)).join(&placing.path);
                secrets.lacks(&secret, path);
                files.missing.push((secret, placing.path.to_string()));
            }
        }
    }
    Some(files)
}

/// 0600 always; a secret for pikc too if a key is in it.
fn holds_key(placing: Placing, links: &[Link<'_>]) -> Placing {
    let known = |link: &Link<'_>| matches!(link.wifi, Some((_, Some(Key::Known(_)))));
    if links.iter().any(known) {
        placing.secret()
    } else {
        placing.mode(0o600)
    }
}
