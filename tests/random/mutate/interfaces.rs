//! Interfaces that are impossible or ambiguous.

use super::mutations;
use crate::random::draw::Draw;
use crate::random::machines::Link;
use crate::random::spec::Spec;
use crate::random::text::Block;

mutations! {
    "a machine without an interface" => "interface/none", |spec, draw| {
        let group = draw.below(u32::try_from(spec.groups.len()).expect("few")) as usize;
        spec.node(group).drop_blocks("interface")
    };
    "two cables, and neither is the cluster's" => "interface/no-cluster", |spec, draw| {
        let Some(group) = with(spec, draw, Link::Two) else { return false };
        let head = format!("interface {}", spec.groups[group].interface);
        (spec.node(group).child(&head)).is_some_and(|main| main.drop_setting("cluster"))
    };
    "two cables, and both are the cluster's" => "interface/two-cluster", |spec, draw| {
        let Some(group) = with(spec, draw, Link::Two) else { return false };
        spec.node(group).make("interface eth7").change("cluster", "on");
        true
    };
    "two default routes" => "interface/two-default-routes", |spec, draw| {
        let Some(group) = with(spec, draw, Link::Two) else { return false };
        let head = format!("interface {}", spec.groups[group].interface);
        let node = spec.node(group);
        node.make(&head).change("default-route", "on");
        node.make("interface eth7").change("default-route", "on");
        true
    };
    "the cluster's interface uses DHCP" => "interface/address-and-dhcp", |spec, draw| {
        let Some(group) = with(spec, draw, Link::Wired) else { return false };
        let head = format!("interface {}", spec.groups[group].interface);
        spec.node(group).make(&head).change("dhcp", "on");
        true
    };
    "a name that is too long for the kernel" => "interface/name-too-long", |spec, draw| {
        let Some(group) = with(spec, draw, Link::Two) else { return false };
        spec.node(group).insert(Block::new("interface sixteen-letters0").with("dhcp", "on"));
        true
    };
    "a bond with a member that has its own settings" => "interface/bond-member", |spec, draw| {
        let Some(group) = with(spec, draw, Link::Bond) else { return false };
        spec.node(group).make("interface eth1").change("dhcp", "on");
        true
    };
    "a bond whose primary is not a member" => "interface/bond-primary", |spec, draw| {
        let Some(group) = with(spec, draw, Link::Bond) else { return false };
        let head = format!("interface {}", spec.groups[group].interface);
        spec.node(group).make(&head).make("bond").change("primary", "eth5");
        true
    };
    "a bond of an interface that does not exist" => "interface/unfit-part", |spec, draw| {
        let Some(group) = with(spec, draw, Link::Bond) else { return false };
        let head = format!("interface {}", spec.groups[group].interface);
        spec.node(group).make(&head).make("bond").change("members", "[eth0, eth1, eth5]");
        true
    };
    "a VLAN on nothing" => "interface/unfit-part", |spec, draw| {
        let Some(group) = with(spec, draw, Link::Vlan) else { return false };
        let head = format!("interface {}", spec.groups[group].interface);
        spec.node(group).make(&head).make("vlan").change("on", "eth5");
        true
    };
    "a VLAN with a larger MTU than its carrier" => "interface/vlan-mtu", |spec, draw| {
        let Some(group) = with(spec, draw, Link::Vlan) else { return false };
        let head = format!("interface {}", spec.groups[group].interface);
        spec.node(group).make(&head).change("mtu", "1501");
        true
    };
    "a VLAN that is also a bond" => "interface/two-kinds", |spec, draw| {
        let Some(group) = with(spec, draw, Link::Vlan) else { return false };
        let head = format!("interface {}", spec.groups[group].interface);
        let both = Block::new("bond").with("members", "eth1");
        spec.node(group).make(&head).insert(both);
        true
    };
    "a bond on a system that does not support it" => "interface/system-cannot", |spec, draw| {
        let Some(group) = with(spec, draw, Link::Bond).filter(|group| spec.groups[*group].board.pi) else {
            return false;
        };
        spec.node(group).change("os", "raspios-bullseye");
        true
    };
    "one MAC address for two devices" => "interface/duplicate-mac", |spec, draw| {
        let Some(group) = with(spec, draw, Link::Two) else { return false };
        let head = format!("interface {}", spec.groups[group].interface);
        let node = spec.node(group);
        node.make(&head).change("mac", "02:00:00:00:00:01");
        node.make("interface eth7").change("mac", "02:00:00:00:00:01");
        true
    };
    "two devices that are found by one driver" => "interface/same-driver", |spec, draw| {
        let Some(group) = with(spec, draw, Link::Two) else { return false };
        let head = format!("interface {}", spec.groups[group].interface);
        let found = by_address(spec, group);
        let node = spec.node(group);
        node.make(&head).change("driver", "macb");
        node.make("interface eth7").change("driver", "macb");
        !found
    };
    "a radio on a board that has none" => "wifi/board-has-none", |spec, draw| {
        let Some(group) = with(spec, draw, Link::Radio) else { return false };
        spec.node(group).change("board", "pi-cm4s-2g");
        true
    };
    "a cable on a board without a port" => "interface/board-has-none", |spec, draw| {
        let Some(group) = with(spec, draw, Link::Wired).filter(|group| *group > 0) else { return false };
        let found = by_address(spec, group);
        spec.node(group).change("board", "pi-zero-2w");
        !found
    };
    "a missing passphrase" => "wifi/open-network", |spec, draw| {
        let Some(group) = with(spec, draw, Link::Radio) else { return false };
        let head = format!("interface {}", spec.groups[group].interface);
        let wifi = spec.node(group).child(&head).and_then(|main| main.child("wifi"));
        wifi.is_some_and(|wifi| wifi.drop_setting("passphrase"))
    };
}

/// A group with this kind of link.
fn with(spec: &Spec, draw: &mut Draw, link: Link) -> Option<usize> {
    let groups: Vec<usize> = (0..spec.groups.len())
        .filter(|group| spec.groups[*group].link == link)
        .collect();
    (!groups.is_empty()).then(|| *draw.pick(&groups))
}

/// Whether an interface of the group is found by its MAC address, as set by the node or its own profile.
fn by_address(spec: &mut Spec, group: usize) -> bool {
    let said = |block: &Block| block.blocks().any(|inner| inner.value("mac").is_some());
    let own = said(spec.node(group));
    own || spec
        .root
        .child(&format!("profile extra-{group}"))
        .is_some_and(|profile| said(profile))
}
