//! What moves the address: services of the system need a port of their own, and a pod has no use for what only they read.

use crate::check::support::findings::Findings;
use crate::check::support::offers::{instead, left_out};
use crate::check::support::ports::{API, PORTS, node_ports};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;
use crate::origin::Origin;
use crate::stdlib::Runs;
use crate::value::Endpoint;

declare! {
    /// With `by = keepalived`, HAProxy listens at the moving address of every control plane. The API server of the same machine listens at its
    /// port of every address (6443), and so do the kubelet, etcd and others at theirs: a port that one of them has is not free for HAProxy,
    /// which then does not start. A pod network has ports of its own, such as Calico's Typha 5473. Node ports are kube-proxy's, and it takes over what arrives at them before HAProxy sees it.
    ///
    /// Without a port in `endpoint`, HAProxy listens at 8443.
    ///
    /// ```pik fails
    /// endpoint = api.home.arpa:6443
    /// vip { address = 192.168.11.5, by = keepalived }
    /// ```
    ///
    /// ```pik
    /// endpoint = api.home.arpa:8443
    /// vip { address = 192.168.11.5, by = keepalived }
    /// ```
    pub static PORT_TAKEN = {
        code: "vip/port-taken",
        since: "0.1.0",
        severity: Error,
        title: "HAProxy at a port that another program of the machine has",
        help: "write a port that nothing on a control plane has after the endpoint's name: `endpoint = NAME:8443`",
        sources: ["kubernetes/kubeadm docs/ha-considerations.md", "kubernetes.io: docs/reference/networking/ports-and-protocols"],
    }

    /// `router-id` is how the machines know each other's VRRP packets. kube-vip does not speak VRRP: its pods agree by a lease in the
    /// cluster, and nothing reads the number.
    ///
    /// ```pik fails
    /// vip { address = 192.168.11.5, router-id = 51 }
    /// ```
    ///
    /// ```pik
    /// vip { address = 192.168.11.5, by = keepalived, router-id = 51 }
    /// ```
    pub static UNREAD = {
        code: "vip/router-id-unread",
        since: "0.1.0",
        severity: Warning,
        title: "a number for VRRP where nothing speaks VRRP",
        help: "leave `router-id` out, or write `by = keepalived`",
        sources: ["kube-vip.io/docs/modes/arp", "keepalived.conf(5)"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&PORT_TAKEN, &UNREAD];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let (Some(vip), Some(mover)) = (&model.cluster.vip, &model.facts.mover) else {
        return;
    };
    if let (Runs::Pod { .. }, Some(id)) = (&mover.runs, &vip.router_id) {
        let message = format!(
            "{} does not speak VRRP, and does not read this number",
            mover.title
        );
        let finding =
            Diagnostic::new(&UNREAD, message).label(id, "what VRRP would know the machines by");
        out.push(left_out(finding, "router-id", &id.origin));
    }
    taken(model, out);
}

fn taken(model: &Model, out: &mut Findings<'_>) {
    let (Some(address), Some(port)) = (model.moving_address(), model.balanced_port()) else {
        return;
    };
    let Some((who, place)) = holder(model, port) else {
        return;
    };
    let message = format!(
        "HAProxy cannot listen at port {port} of {}: {who}",
        address.value
    );
    let mut finding = Diagnostic::new(&PORT_TAKEN, message);
    let endpoint = model.cluster.endpoint.as_ref();
    let written = endpoint.filter(|endpoint| endpoint.origin.is_written());
    finding = match written {
        Some(endpoint) => finding.label(endpoint, format!("HAProxy listens here, at port {port}")),
        None => finding.label(address, format!("HAProxy listens here, at port {port}")),
    };
    if let Some(place) = place {
        finding = finding.label(place.span(), "has this port already");
    }
    let free = FREE.iter().find(|other| holder(model, **other).is_none());
    out.push(match written.zip(free) {
        Some((endpoint, free)) => {
            let other = Endpoint {
                host: endpoint.value.host.clone(),
                port: Some(*free),
            };
            instead(finding, &endpoint.origin, [other])
        }
        None => finding,
    });
}

/// What to offer, best first.
const FREE: &[u16] = &[8443, 9443, 7443];

/// The pod network, if its pods listen at this port of the machine.
fn pod_network(model: &Model, port: u16) -> Option<String> {
    let (facts, choice) = model.facts.cni.as_ref().zip(model.cluster.cni.as_ref())?;
    let backend = choice.backend();
    let chosen = backend
        .as_ref()
        .and_then(|name| facts.backends.iter().find(|known| known.name == name.value));
    let of_backend = chosen.into_iter().flat_map(|chosen| &chosen.ports);
    let text = format!("{port}/tcp");
    let mut all = facts.ports.iter().chain(of_backend);
    all.any(|taken| taken.value == text)
        .then(|| format!("{} has that port on the machines", facts.title))
}

/// Who has a port on a control plane, in words, and where the spec says so.
fn holder(model: &Model, port: u16) -> Option<(String, Option<Origin>)> {
    let api = model.cluster.api_port.as_ref();
    if port == api.map_or(API, |api| api.value) {
        let place = api.filter(|api| api.origin.is_written());
        let who = "the API server of the same machine listens at that port of every address";
        return Some((who.to_owned(), place.map(|api| api.origin.clone())));
    }
    if let Some((_, who)) = PORTS.iter().find(|(taken, _)| *taken == port) {
        return Some((format!("{who} has that port on every control plane"), None));
    }
    if let Some(who) = pod_network(model, port) {
        return Some((who, None));
    }
    let (first, last, place) = match node_ports(model) {
        Some((first, last, _, place)) => (first, last, Some(place)),
        None => (30000, 32767, None),
    };
    let inside = (first..=last).contains(&port);
    inside.then(|| {
        (
            format!("it is one of the node ports, {first}-{last}"),
            place,
        )
    })
}
