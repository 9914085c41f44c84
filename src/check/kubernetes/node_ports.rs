//! The ports that services may open on every node, against those that the cluster's own programs listen at.

use crate::check::support::findings::Findings;
use crate::check::support::offers::text_instead;
use crate::check::support::ports::{API, PORTS, node_ports};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;

declare! {
    /// A service of the type NodePort opens a port on every node, from the range in `node-ports` (`--service-node-port-range`, 30000-32767 if it is
    /// not written). If the range holds a port that the API server, the kubelet or etcd listens at, one service is enough: kube-proxy takes
    /// over what arrives at that port, and the node or the cluster cannot be reached any more.
    ///
    /// ```pik fails
    /// api-server { node-ports = 6000-7000 }
    /// ```
    ///
    /// ```pik
    /// api-server { node-ports = 30000-32000 }
    /// ```
    pub static NODE_PORT_TAKEN = {
        code: "control-plane/node-port-taken",
        since: "0.1.0",
        severity: Warning,
        title: "a range of node ports with a port that the cluster itself uses",
        help: "write a range that begins above the ports of the cluster, such as 30000-32767",
        sources: ["kubernetes.io: docs/reference/networking/ports-and-protocols", "kubernetes.io: docs/reference/command-line-tools-reference/kube-apiserver"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&NODE_PORT_TAKEN];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some((first, last, text, given)) = node_ports(model) else {
        return;
    };
    let port = &model.cluster.api_port;
    let api = port.as_ref().map_or(API, |port| port.value);
    let taken = [(api, "the API server")];
    let all = taken.iter().chain(PORTS);
    let inside: Vec<&(u16, &str)> = all
        .filter(|(port, _)| (first..=last).contains(port))
        .collect();
    let Some((port_number, who)) = inside.first() else {
        return;
    };
    let more = match inside.len() {
        1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    let message = format!(
        "a service may open port {port_number}, at which {who} listens{more}: node ports are {first}-{last}"
    );
    let mut finding = Diagnostic::new(&NODE_PORT_TAKEN, message).label(&given, "the node ports");
    if *port_number == api
        && let Some(port) = port
    {
        finding = finding.label(port, "the API server's port");
    }
    // What Kubernetes uses itself, if nothing of the cluster is in it.
    let usual = all_ports(api).all(|port| !(30000..=32767).contains(&port));
    out.push(match usual {
        true => text_instead(finding, &given, &text, "30000-32767"),
        false => finding,
    });
}

/// The ports that the cluster itself uses.
fn all_ports(api: u16) -> impl Iterator<Item = u16> {
    PORTS.iter().map(|(port, _)| *port).chain([api])
}
