//! The API server's port, against those at which other programs of a control plane listen.

use crate::check::support::findings::Findings;
use crate::check::support::offers::left_out;
use crate::check::support::ports::{API, PORTS};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;

declare! {
    /// The API server listens at this port of every address of a control plane, and so do the kubelet, etcd, SSH and the programs of the CNI
    /// at theirs, some of them at 127.0.0.1 only, which is one of those addresses. The one that starts second stops with "bind: address already in
    /// use". SSH is there first, and kubeadm refuses to start. The kubelet starts before the API server does: kubeadm waits for
    /// it for four minutes, and gives up.
    ///
    /// ```pik fails
    /// api-port = 10250
    /// ```
    ///
    /// ```pik
    /// api-port = 8443
    /// ```
    pub static API_PORT_TAKEN = {
        code: "control-plane/api-port-taken",
        since: "0.1.0",
        severity: Error,
        title: "a port of the API server that another program of the machine has",
        help: "leave `api-port` out (6443), or write a port that nothing on a control plane has, such as 8443",
        sources: ["kubernetes.io: docs/reference/networking/ports-and-protocols", "kubernetes/kubernetes: cmd/kubeadm/app/preflight/checks.go"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&API_PORT_TAKEN];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some(port) = &model.cluster.api_port else {
        return;
    };
    let Some(who) = holder(model, port.value) else {
        return;
    };
    let message = format!(
        "the API server cannot listen at port {}: {who} has that port on every control plane",
        port.value
    );
    let finding =
        Diagnostic::new(&API_PORT_TAKEN, message).label(port, format!("{who} listens here"));
    out.push(match holder(model, API) {
        None => left_out(finding, "api-port", &port.origin),
        Some(_) => finding,
    });
}

/// Who else listens at a TCP port of a control plane.
fn holder(model: &Model, port: u16) -> Option<String> {
    let cluster = &model.cluster;
    let runs = |who: &str| match who {
        "etcd" => cluster.control_plane.external_etcd.is_none(),
        "kube-proxy" => cluster.without_proxy().is_none(),
        _ => true,
    };
    let mut own = PORTS.iter();
    if let Some((_, who)) = own.find(|(taken, who)| *taken == port && runs(who)) {
        return Some((*who).to_owned());
    }
    let facts = model.facts.cni.as_ref()?;
    let backend = cluster.cni.as_ref().and_then(|choice| choice.backend());
    let chosen = facts.backends.iter().filter(|known| {
        backend
            .as_ref()
            .is_some_and(|name| name.value == known.name)
    });
    let mut all = chosen.flat_map(|one| &one.ports).chain(&facts.ports);
    let text = format!("{port}/tcp");
    let taken = all.any(|known| known.value == text);
    taken.then(|| facts.title.clone())
}
