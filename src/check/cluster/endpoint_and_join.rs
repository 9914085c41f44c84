//! How machines find the cluster and come into it: a name that everybody resolves, and a file that lasts long enough.

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::Model;
use crate::value::Duration;

declare! {
    /// Names that end in `.local` are found by asking all machines of the network at once (mDNS), and not by asking a name server.
    /// Pods and many programs do not know how: the certificate and every kubeconfig would hold a name that only some can
    /// resolve, and that cannot be changed later without new certificates.
    ///
    /// ```pik fails
    /// endpoint = k8s.local
    /// ```
    ///
    /// ```pik
    /// endpoint = k8s.home.example
    /// ```
    pub static LOCAL = {
        code: "cluster/endpoint-local",
        since: "0.1.0",
        severity: Warning,
        title: "an endpoint that no name server knows",
        help: "write a name of another ending, such as `k8s.home.arpa`, or the control plane's address",
        sources: ["RFC 6762", "k3s-io/k3s#3574"],
    }

    /// Workers join with a file that the control plane makes, and it is good for this long. Between its making and the join lie the
    /// installation of a machine and, on a small board, the fetching of packages. Too short, and each worker stops and waits for a
    /// new file; at 0 kubeadm makes a token that never ends, which whoever finds the file may use for ever.
    ///
    /// ```pik fails
    /// join { ttl = 5m }
    /// ```
    ///
    /// ```pik
    /// join { ttl = 24h }
    /// ```
    pub static TTL = {
        code: "join/ttl",
        since: "0.1.0",
        severity: Warning,
        title: "a file to join with that does not last, or never ends",
        help: "write `ttl = 24h`, or leave it out",
        sources: ["kubernetes/kubeadm#668", "kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-token"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&LOCAL, &TTL];

/// What a small board needs from its first start to its join, in seconds.
const SHORT: u64 = 15 * 60;

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    if let Some(endpoint) = &model.cluster.endpoint
        && endpoint.value.host.ends_with(".local")
    {
        out.push(
            Diagnostic::new(
                &LOCAL,
                format!(
                    "`{}` is a name that pods cannot resolve",
                    endpoint.value.host
                ),
            )
            .label(endpoint, "found by mDNS only"),
        );
    }
    let Some(ttl) = &model.cluster.join.ttl else {
        return;
    };
    let Duration(seconds) = ttl.value;
    let (severity, why) = match seconds {
        0 => (
            Severity::Error,
            "a token that never ends, and a file that is over at once".to_owned(),
        ),
        1..SHORT => (
            Severity::Warning,
            format!(
                "the file to join with is over after {}, before a machine is installed",
                ttl.value
            ),
        ),
        _ => return,
    };
    out.push(
        Diagnostic::new(&TTL, why)
            .severity(severity)
            .label(ttl, "good for this long"),
    );
}
