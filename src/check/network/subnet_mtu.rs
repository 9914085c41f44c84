//! The largest packets of several networks: what an interface sends fits into its own, and what the pods get is that of the smallest one.

use crate::check::support::findings::{Findings, names};
use crate::check::support::offers::{instead, left_out};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Node, Subnet, USUAL_MTU};
use crate::origin::Sourced;

declare! {
    /// A network carries packets up to the size that its switches and its router are set to. A machine that sends larger ones loses them
    /// on the way, without a word from anyone: a login works, and a download hangs. An interface can send smaller ones than its network carries.
    ///
    /// The same goes for a VLAN: it carries no more than the interface that carries it.
    ///
    /// ```pik fails
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1], mtu = 1492 }
    /// }
    /// interface eth0 { mtu = 1500 }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1], mtu = 1492 }
    /// }
    /// interface eth0 { }
    /// ```
    pub static INTERFACE = {
        code: "network/mtu-of-an-interface",
        since: "0.1.0",
        severity: Error,
        title: "an interface that sends larger packets than its network carries",
        help: "leave `mtu` out of the interface: it is that of the subnet",
        sources: ["RFC 1191", "torvalds/linux net/8021q/vlan_dev.c (vlan_dev_change_mtu)"],
    }

    /// A CNI gives all pods one MTU, because a pod does not know where its packets go: so that of the smallest network, minus what the
    /// encapsulation takes. That holds with `cross-subnet` and `direct-routing`, too, where only packets to another subnet are encapsulated. The
    /// machines themselves use the larger packets among each other, for images and for what pods on the host's network send.
    ///
    /// ```pik fails
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1], mtu = 1500 }
    ///   subnet shed { lan = 192.168.12.0/24, gateway = 192.168.12.1, dns = [192.168.11.1], mtu = 1400 }
    /// }
    /// node spare {
    ///   profile = pi
    ///   role    = worker
    ///   board   = pi-4b-4g
    ///   address = 192.168.12.209
    ///   interface eth0 { }
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   subnet home { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1], mtu = 1400 }
    ///   subnet shed { lan = 192.168.12.0/24, gateway = 192.168.12.1, dns = [192.168.11.1], mtu = 1400 }
    /// }
    /// node spare {
    ///   profile = pi
    ///   role    = worker
    ///   board   = pi-4b-4g
    ///   address = 192.168.12.209
    ///   interface eth0 { }
    /// }
    /// ```
    pub static PODS = {
        code: "network/mtu-of-the-smallest",
        since: "0.1.0",
        severity: Note,
        title: "large packets that pods do not use, because another subnet carries smaller ones",
        help: "give all subnets one MTU, or accept that pods have that of the smallest",
        sources: [
            "docs.tigera.io/calico/latest/networking/configuring/mtu",
            "flannel-io/flannel: pkg/backend/vxlan/device.go",
            "RFC 1191",
        ],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&INTERFACE, &PODS];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    out.blocks(|_, nodes| interface(model, nodes));
    pods(model, out);
}

/// The first of some machines of one block in a subnet that carries less than their interface sends, and those in the same subnet.
fn interface(model: &Model, nodes: &[&Node]) -> Option<Diagnostic> {
    let network = &model.cluster.network;
    let limit = |node: &Node| -> Option<Sourced<i64>> { network.of(node)?.mtu.clone() };
    let link = nodes.first()?.settings.cluster_interface()?;
    if let Some(own) = &link.mtu {
        let narrow = |node: &&&Node| limit(node).is_some_and(|limit| limit.value < own.value);
        let narrow: Vec<&Node> = nodes.iter().filter(narrow).copied().collect();
        let least = narrow.iter().filter_map(|node| limit(node));
        let least = least.min_by_key(|limit| limit.value)?;
        let message = format!(
            "`{}` of {} sends packets of {} bytes, and the subnet carries {}",
            link.name.value,
            names(&narrow),
            own.value,
            least.value
        );
        let finding = Diagnostic::new(&INTERFACE, message)
            .label(own, "larger than the network carries")
            .label(&least, "what the network carries");
        let finding = instead(finding, &own.origin, [least.value]);
        return Some(left_out(finding, "mtu", &own.origin));
    }
    let on = link.vlan.as_ref()?.on.as_ref()?;
    let carrier = nodes.first()?.settings.interface(&on.value)?;
    let most = carrier.mtu.as_ref().map_or(USUAL_MTU, |mtu| mtu.value);
    let wide = |node: &&&Node| limit(node).is_some_and(|limit| limit.value > most);
    let wide: Vec<&Node> = nodes.iter().filter(wide).copied().collect();
    let wanted = limit(wide.first()?)?;
    let message = format!(
        "the VLAN `{}` of {} is to carry packets of {} bytes, and `{}` below it carries {most}",
        link.name.value,
        names(&wide),
        wanted.value,
        on.value
    );
    let finding = Diagnostic::new(&INTERFACE, message)
        .label(&wanted, "what the subnet carries")
        .label(&carrier.name, "carries the VLAN")
        .help(format!(
            "write `mtu = {}` in the interface `{}`",
            wanted.value, on.value
        ));
    Some(match &carrier.mtu {
        Some(mtu) => instead(finding, &mtu.origin, [wanted.value]),
        None => finding,
    })
}

/// Subnets with a larger MTU than the pods have because of another one.
fn pods(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    if !network.is_routed() {
        return;
    }
    let size = |subnet: &Subnet| subnet.mtu.as_ref().map_or(USUAL_MTU, |mtu| mtu.value);
    let Some(smallest) = network.subnets.iter().min_by_key(|subnet| size(subnet)) else {
        return;
    };
    let stated = |subnet: &'_ &Subnet| subnet.mtu.is_some() && size(subnet) > size(smallest);
    let wide: Vec<&Subnet> = network.subnets.iter().filter(stated).collect();
    let Some(mtu) = wide.first().and_then(|subnet| subnet.mtu.as_ref()) else {
        return;
    };
    let name = |subnet: &Subnet| {
        let name = subnet.name.as_ref();
        name.map_or_else(String::new, |name| format!("`{}`", name.value))
    };
    let all: Vec<String> = wide.iter().map(|subnet| name(subnet)).collect();
    let message = format!(
        "pods send no larger packets than {} carries ({} bytes), in {} neither",
        name(smallest),
        size(smallest),
        all.join(", ")
    );
    let finding = Diagnostic::new(&PODS, message).label(mtu, "used between machines only");
    let least = smallest.mtu.as_ref();
    let place = least.map(|mtu| mtu.origin.span());
    let place = place.unwrap_or_else(|| smallest.name.as_ref().and_then(|name| name.origin.span()));
    let finding = finding.label(place, "the smallest");
    out.push(instead(finding, &mtu.origin, [size(smallest)]));
}
