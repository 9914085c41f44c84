//! What each control plane has of its own of the services that move an address: with whom it agrees who has it.

use std::net::IpAddr;

use ipnet::IpNet;

use super::file::Placing;
use crate::file_format::Writer;
use crate::file_format::keepalived::Keepalived;
use crate::model::{Model, Node, Vip};
use crate::origin::{Origin, Sourced};
use crate::stdlib::Runs;

/// Where the check is that keepalived runs: an API server answers through this machine's HAProxy.
pub(super) const CHECK: &str = "/usr/libexec/pikc/check-address.sh";
/// Where keepalived's configuration is: beside that of its package, which stays as it is.
pub(super) const KEEPALIVED: &str = "/etc/keepalived/pikc.conf";

/// The first machine of the spec gets the address if several could have it. 255 is for machines whose own address it is.
const HIGHEST: u8 = 200;

/// The services that move the address, if services of the system do.
pub(super) fn services(model: &Model) -> Option<&Vip> {
    let vip = model.cluster.vip.as_ref()?;
    let mover = model.facts.mover.as_ref()?;
    matches!(mover.runs, Runs::Services { .. }).then_some(vip)
}

/// `keepalived.conf` of a control plane.
pub(super) fn keepalived(model: &Model, node: &Node, spec: &str) -> Option<Placing> {
    let vip = services(model)?;
    let moving = vip.address.as_ref()?;
    let own = own_address(node, moving)?;
    let device = &node.settings.cluster_interface()?.name;
    let id = vip.vrrp_id()?;
    let planes = model.several_control_planes().unwrap_or_default();
    let mut file = Writer::<Keepalived>::headed(
        "Keeps the address of the API servers on one of the control planes (VRRP).",
        spec,
    );
    file.fixed("global_defs {");
    file.machine("router_id", &node.name.value, [node.name.origin.clone()]);
    for line in [
        "  vrrp_version 3",
        "  # Only what root alone can write is run, and not as root.",
        "  enable_script_security",
        "  script_user daemon daemon",
        "  # A switch that missed the first announcement learns it from a later one.",
        "  vrrp_garp_master_refresh 60",
        "}",
        "",
        "# A machine through which no API server answers does not have the address.",
        "vrrp_script pikc_api_server {",
        "  script \"/usr/libexec/pikc/check-address.sh\"",
        "  interval 3",
        "  timeout 5",
        "  fall 3",
        "  rise 2",
        "  init_fail",
        "}",
        "",
        "vrrp_instance pikc {",
        "  # The address stays where it is when a machine comes back: each move ends connections.",
        "  state BACKUP",
        "  nopreempt",
    ] {
        file.fixed(line);
    }
    file.device("interface", &device.value, [device.origin.clone()]);
    file.number("virtual_router_id", id.value, [id.origin.clone()]);
    let (priority, why) = priority(&planes, node);
    file.number("priority", priority, why);
    file.fixed("  advert_int 1");
    peers(&mut file, &planes, node, &own);
    for line in [
        "  track_script {",
        "    pikc_api_server",
        "  }",
        "  virtual_ipaddress {",
    ] {
        file.fixed(line);
    }
    file.held(IpNet::from(moving.value), [moving.origin.clone()]);
    file.fixed("  }");
    file.fixed("}");
    Some(Placing::whole(KEEPALIVED, file).because([moving.origin.clone()]))
}

/// The node's address of the same family.
fn own_address(node: &Node, moving: &Sourced<IpAddr>) -> Option<Sourced<IpAddr>> {
    let all = node.address.iter().chain(&node.address_ipv6);
    let mut same = all.filter(|own| own.value.is_ipv4() == moving.value.is_ipv4());
    same.next().cloned()
}

/// The order of the spec decides, as it does for who starts the cluster.
fn priority(planes: &[&Node], node: &Node) -> (u8, Vec<Origin>) {
    let place = planes
        .iter()
        .position(|plane| plane.name.value == node.name.value);
    let place = place.and_then(|place| u8::try_from(place).ok());
    let priority = HIGHEST.saturating_sub(place.unwrap_or(0)).max(1);
    (priority, vec![node.name.origin.clone()])
}

/// To whom it speaks: to each of the others by its address, because access points and managed switches drop multicast.
fn peers(file: &mut Writer<Keepalived>, planes: &[&Node], node: &Node, own: &Sourced<IpAddr>) {
    let others = planes
        .iter()
        .filter(|plane| plane.name.value != node.name.value);
    let others: Vec<_> = others.filter_map(|plane| own_address(plane, own)).collect();
    // Without anyone to speak to, keepalived refuses to speak to single machines.
    if others.is_empty() {
        return;
    }
    file.address("unicast_src_ip", own.value, [own.origin.clone()]);
    file.fixed("  check_unicast_src");
    file.fixed("  unicast_peer {");
    for other in others {
        file.peer(other.value, [other.origin.clone()]);
    }
    file.fixed("  }");
}
