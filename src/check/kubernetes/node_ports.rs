//! The ports that services may open on every node, against those that the cluster's own programs listen at.

use crate::check::support::findings::Findings;
use crate::check::support::offers::text_instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Target};
use crate::origin::Origin;

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

/// What listens on the nodes of every cluster, in the order in which it is named. The API server's own port can be another one.
const PORTS: &[(u16, &str)] = &[
    (10250, "the kubelet"),
    (2379, "etcd"),
    (2380, "etcd"),
    (10256, "kube-proxy"),
    (10257, "the controller manager"),
    (10259, "the scheduler"),
    (10248, "the kubelet"),
    (10249, "kube-proxy"),
    (22, "SSH"),
];

/// The API server's port if none is written.
const API: u16 = 6443;

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some((first, last, text, given)) = range(model) else {
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

/// The range of node ports that is written: its first and last port, its text, and where: a setting's value, or an argument.
fn range(model: &Model) -> Option<(u16, u16, String, Origin)> {
    let arguments = &model.cluster.control_plane.api_server.component.extra_args;
    let given = arguments
        .iter()
        .find(|(name, _)| name.value == "service-node-port-range");
    if let Some((_, value)) = given {
        let (first, last) = parts(&value.value)?;
        return Some((first, last, value.value.clone(), value.origin.clone()));
    }
    let argument = |carried: &&crate::model::Carried| {
        matches!(&carried.target, Target::Argument { program, name }
            if program == "kube-apiserver" && name == "service-node-port-range")
    };
    let carried = model.cluster.carried.iter().find(argument)?;
    let text = carried.value.value.argument();
    let (first, last) = parts(&text)?;
    Some((first, last, text, carried.value.origin.clone()))
}

/// `30000-32767`, `30000+2767`, or a single port.
fn parts(text: &str) -> Option<(u16, u16)> {
    let number = |text: &str| text.trim().parse::<u16>().ok();
    if let Some((first, more)) = text.split_once('+') {
        let first = number(first)?;
        return Some((first, first.saturating_add(number(more)?)));
    }
    match text.split_once('-') {
        Some((first, last)) => Some((number(first)?, number(last)?)),
        None => number(text).map(|port| (port, port)),
    }
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn ranges_are_read_as_the_api_server_reads_them() {
        assert_eq!(parts("30000-32767"), Some((30000, 32767)));
        assert_eq!(parts("6000+443"), Some((6000, 6443)));
        assert_eq!(parts("80"), Some((80, 80)));
        assert_eq!(parts("x"), None);
    }
}
