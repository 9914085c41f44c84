//! An endpoint that is an address of the machines' network: something in the spec has it, or the operator says what does.

use std::net::IpAddr;

use crate::check::support::findings::Findings;
use crate::check::support::offers::instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Role};
use crate::value::Endpoint;

declare! {
    /// All machines reach the API server under this address, and pikc gives it to no machine: it must belong to a load balancer or to a
    /// program that moves it, and neither is in the spec. If nothing has it, the first control plane cannot reach itself,
    /// and kubeadm gives up after four minutes. The address cannot be changed later, because certificates and kubeconfigs contain it.
    ///
    /// With `vip` a program on the control planes has the address and moves it between them. If a load balancer of your own has it, say so
    /// in an `allow` block, so that the next reader of the spec knows. An address outside the machines' networks is read as that of such a
    /// load balancer, and so is the router's.
    ///
    /// ```pik fails
    /// endpoint = 192.168.11.99
    /// ```
    ///
    /// ```pik
    /// endpoint = 192.168.11.99
    /// vip { address = 192.168.11.99 }
    /// ```
    pub static UNCLAIMED = {
        code: "cluster/endpoint-unclaimed",
        since: "0.1.0",
        severity: Warning,
        title: "an endpoint with an address of the LAN that nothing in the spec has",
        help: "write `vip { address = ... }` with this address, or the control plane's own address; or, if a load balancer has it, `allow cluster/endpoint-unclaimed { reason = \"HAProxy on the router\" }`",
        sources: ["kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability", "kubernetes/kubeadm docs/ha-considerations.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&UNCLAIMED];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let cluster = &model.cluster;
    let Some(endpoint) = &cluster.endpoint else {
        return;
    };
    let Some(address) = endpoint.value.address() else {
        return;
    };
    // With `vip` the endpoint is compared with its address.
    if cluster.vip.is_some() || model.damaged || known(model, address) {
        return;
    }
    let Some(subnet) = cluster.network.holding(address) else {
        return;
    };
    let message = format!(
        "the endpoint {address} lies in the LAN{}, and no machine of the spec has it",
        subnet.whose()
    );
    let finding = Diagnostic::new(&UNCLAIMED, message)
        .label(endpoint, "all machines use this")
        .label(subnet.lan.as_ref(), "the LAN");
    let mut planes = model.with_role(Role::ControlPlane);
    let (first, more) = (planes.next(), planes.next());
    // Of several control planes, one alone would be the next mistake.
    let own = first.filter(|_| more.is_none());
    let own = own.and_then(|plane| plane.address.as_ref());
    let own = own.map(|own| Endpoint {
        host: own.value.to_string(),
        port: endpoint.value.port,
    });
    let finding = instead(finding, &endpoint.origin, own);
    let port = endpoint.value.port;
    let api = cluster.api_port.as_ref().map(|port| port.value);
    out.push(match port.is_none() || port == api {
        true => finding.choice(|it| {
            let line = format!("vip {{ address = {address} }}");
            it.add_inside(format!("add `{line}`"), cluster.head, &line)
        }),
        false => finding,
    });
}

/// Whether something in the spec has the address, or another finding is about it.
fn known(model: &Model, address: IpAddr) -> bool {
    let network = &model.cluster.network;
    let mut machines = model.nodes.iter().flat_map(|node| {
        let interfaces = node.settings.interfaces.iter();
        let interfaces = interfaces.flat_map(|one| one.address.iter().chain(&one.gateway));
        let own = node.address.iter().chain(&node.address_ipv6);
        own.chain(interfaces)
    });
    let mut routers = network.gateways();
    let mut pools = network.pools().chain(&network.load_balancer);
    machines.any(|own| own.value == address)
        || routers.any(|own| own.value == address)
        || pools.any(|pool| pool.value.contains(address))
        || network.own_range(address).is_some()
}
