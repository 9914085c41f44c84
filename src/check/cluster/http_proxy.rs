//! The HTTP proxy: where it must not be, and what need not be listed.

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;

declare! {
    /// Machines reach the proxy before there is a cluster, and the addresses of pods and services exist only inside of one. A proxy with
    /// such an address is not reached by any machine, so the first package cannot be fetched. Also, nothing in these ranges is
    /// reached through a proxy: they are always in `no_proxy`.
    ///
    /// A proxy that runs in the cluster cannot be the one that the cluster is set up through.
    ///
    /// ```pik fails
    /// http-proxy { http = "http://10.96.0.20:3128" }
    /// ```
    ///
    /// ```pik
    /// http-proxy { http = "http://192.168.11.2:3128" }
    /// ```
    pub static INSIDE = {
        code: "http-proxy/in-cluster-range",
        since: "0.1.0",
        severity: Error,
        title: "a proxy with an address of pods or services",
        help: "write the proxy's address in the network of the machines, or its name",
        no_edit: "only the operator knows where the proxy is",
        sources: ["kubernetes.io/docs concepts/cluster-administration/networking"],
    }

    /// pikc derives what the cluster itself needs: the ranges of pods and services, the networks of the machines, `.svc`, the cluster's
    /// DNS domain, the endpoint. An entry that one of these covers changes nothing, and stays behind when the range it repeats is
    /// changed in its own place.
    ///
    /// ```pik fails
    /// http-proxy { http = "http://proxy.example.org:3128", no-proxy = [10.96.0.0/12, .example.org] }
    /// ```
    ///
    /// ```pik
    /// http-proxy { http = "http://proxy.example.org:3128", no-proxy = [.example.org] }
    /// ```
    pub static ALREADY = {
        code: "http-proxy/derived-anyway",
        since: "0.1.0",
        severity: Note,
        title: "an entry of `no-proxy` that is derived anyway",
        help: "leave the entry out",
        sources: ["docs/behind-a-proxy.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&INSIDE, &ALREADY];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    inside(model, out);
    for (listed, known) in model.exempt_already() {
        let message = match known.text == listed.value {
            true => format!(
                "`no-proxy` lists {}, which is derived anyway ({})",
                listed.value, known.what
            ),
            false => format!(
                "`no-proxy` lists {}, which {} covers anyway ({})",
                listed.value, known.text, known.what
            ),
        };
        let finding = Diagnostic::new(&ALREADY, message).label(listed, "changes nothing");
        out.push(finding.remove_element("leave it out", &listed.origin));
    }
}

fn inside(model: &Model, out: &mut Findings<'_>) {
    let Some(proxy) = &model.cluster.http_proxy else {
        return;
    };
    let network = &model.cluster.network;
    for (host, url) in proxy.hosts() {
        let Ok(address) = host.parse() else { continue };
        // A machine's network inside the range of pods is reported for itself.
        if network.holding(address).is_some() {
            continue;
        }
        let Some((what, range)) = network.own_range(address) else {
            continue;
        };
        let message = format!("the proxy {host} is inside {what} {}", range.value);
        out.push(
            Diagnostic::new(&INSIDE, message)
                .label(url, "no machine reaches this address")
                .label(range, format!("{what} is set here")),
        );
    }
}
