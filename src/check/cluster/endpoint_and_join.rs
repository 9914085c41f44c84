//! How machines find and join the cluster: a name that all of them resolve, and a join file that lasts long enough.

use crate::check::support::findings::Findings;
use crate::check::support::offers::instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::Model;
use crate::value::{Duration, Endpoint};

declare! {
    /// Names that end in `.local` are resolved by asking all machines on the network (mDNS), not by asking a name
    /// server. Pods and many programs cannot do that: the certificate and every kubeconfig would contain a name that
    /// only some machines can resolve, and that cannot be changed later without new certificates.
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
        help: "write a name with another ending, such as `k8s.home.arpa`, or the control plane's address",
        sources: ["RFC 6762", "k3s-io/k3s#3574"],
    }

    /// Workers join with a file that the control plane creates, and that is valid for this long. Before a worker can
    /// use it, the machine has to be installed and, on a small board, packages have to be downloaded. If the time is
    /// too short, each worker stops and waits for a new file; with 0 kubeadm creates a token that never expires, and
    /// anyone who finds the file can use it forever. More than a month
    /// is nearly the same: `run.sh --new-join` on the control plane makes a new file whenever one is needed.
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
        title: "a join file that expires too soon, too late or never",
        help: "write `ttl = 24h`, or leave it out",
        sources: ["kubernetes/kubeadm#668", "kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-token"],
    }

    /// With a secrets file (`pikc secrets init`) every worker has a token before it is switched on, and joins by itself. The control
    /// plane accepts that token for this long, counted from when it is ready. Until then a small board downloads packages for ten
    /// minutes or more, so a window that is too short leaves workers waiting for a join file; with 0 the token would be valid forever.
    /// The token is on the card of each worker, so a very long window lets anyone who finds a card add a machine for that long. A
    /// machine that comes later needs one command, `run.sh --new-join`.
    ///
    /// ```pik fails
    /// join { window = 5m }
    /// ```
    ///
    /// ```pik
    /// join { window = 72h }
    /// ```
    pub static WINDOW = {
        code: "join/window",
        since: "0.1.0",
        severity: Warning,
        title: "a time for joining that is too short, or that leaves the door open",
        help: "write `window = 72h`, or leave it out",
        sources: ["kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens", "kubernetes/kubeadm#668"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&LOCAL, &TTL, &WINDOW];

/// Cards are written and switched on within a month, in seconds.
const LONG: u64 = 31 * 24 * 60 * 60;

/// How long a small board takes from its first boot to joining, in seconds.
const SHORT: u64 = 15 * 60;

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    if let Some(endpoint) = &model.cluster.endpoint
        && endpoint.value.host.ends_with(".local")
    {
        let message = format!(
            "`{}` is a name that pods cannot resolve",
            endpoint.value.host
        );
        let finding = Diagnostic::new(&LOCAL, message).label(endpoint, "found by mDNS only");
        let plane = model.first_control_plane();
        let address = plane.and_then(|node| node.address.as_ref());
        let address = address.map(|address| Endpoint {
            host: address.value.to_string(),
            port: endpoint.value.port,
        });
        out.push(instead(finding, &endpoint.origin, address));
    }
    window(model, out);
    let Some(ttl) = &model.cluster.join.ttl else {
        return;
    };
    let Duration(seconds) = ttl.value;
    let (severity, why) = match seconds {
        0 => (
            Severity::Error,
            "a token that never expires, and a join file that expires at once".to_owned(),
        ),
        1..SHORT => (
            Severity::Warning,
            format!(
                "the join file expires after {}, before a machine is installed",
                ttl.value
            ),
        ),
        SHORT..=LONG => return,
        _ => (
            Severity::Warning,
            format!(
                "anyone who finds the join file can add machines for {}",
                ttl.value
            ),
        ),
    };
    let finding = Diagnostic::new(&TTL, why)
        .severity(severity)
        .label(ttl, "valid for this long");
    out.push(instead(finding, &ttl.origin, ["24h"]));
}

/// How long machines can join by themselves.
fn window(model: &Model, out: &mut Findings<'_>) {
    let Some(window) = &model.cluster.join.window else {
        return;
    };
    let shown = window.value;
    let (severity, why) = match window.value.0 {
        0 => (
            Severity::Error,
            "a token that never expires, on the card of every worker".to_owned(),
        ),
        1..SHORT => (
            Severity::Warning,
            format!(
                "machines can join by themselves for {shown} only, less than one takes to install"
            ),
        ),
        SHORT..=LONG => return,
        _ => (
            Severity::Warning,
            format!("anyone who finds a worker's card can add machines for {shown}"),
        ),
    };
    let finding = Diagnostic::new(&WINDOW, why)
        .severity(severity)
        .label(window, "counted from when the control plane is ready");
    out.push(instead(finding, &window.origin, ["72h"]));
}
