//! The ports that the cluster's own programs listen at, and those that services may open on every node.

use crate::model::{Carried, Model, Target};
use crate::origin::Origin;

/// What listens on the nodes of every cluster, in the order in which it is named. The API server's own port can be another one.
pub(in crate::check) const PORTS: &[(u16, &str)] = &[
    (10250, "the kubelet"),
    (2379, "etcd"),
    (2380, "etcd"),
    (10256, "kube-proxy"),
    (10257, "the controller manager"),
    (10259, "the scheduler"),
    (10248, "the kubelet"),
    (10249, "kube-proxy"),
    (22, "SSH"),
    (2381, "etcd"),
];

/// The API server's port if none is written.
pub(in crate::check) const API: u16 = 6443;

/// The range of node ports that is written: its first and last port, its text, and where: a setting's value, or an argument.
pub(in crate::check) fn node_ports(model: &Model) -> Option<(u16, u16, String, Origin)> {
    let arguments = &model.cluster.control_plane.api_server.component.extra_args;
    let given = arguments
        .iter()
        .find(|(name, _)| name.value == "service-node-port-range");
    if let Some((_, value)) = given {
        let (first, last) = parts(&value.value)?;
        return Some((first, last, value.value.clone(), value.origin.clone()));
    }
    let argument = |carried: &&Carried| {
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
