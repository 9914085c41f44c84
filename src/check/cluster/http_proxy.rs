//! The HTTP proxy: where it must not be, and what need not be listed.

use std::net::IpAddr;

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Whose};
use crate::origin::Origin;

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

    /// Every machine needs the proxy before it can install anything. `localhost` is another machine for each of them: a proxy would have to run
    /// on every one, before the first package is installed. If the proxy runs on a machine of the cluster, the others have no way out
    /// while that one is installed, restarts or fails, and that machine itself asks a proxy that it does not have yet.
    ///
    /// If every machine has its own proxy, from the image for instance, allow the warning.
    ///
    /// ```pik fails
    /// http-proxy { http = "http://localhost:3128" }
    /// ```
    ///
    /// ```pik
    /// http-proxy { http = "http://proxy.example.org:3128" }
    /// ```
    pub static ON_A_MACHINE = {
        code: "http-proxy/on-a-machine",
        since: "0.1.0",
        severity: Warning,
        title: "a proxy on a machine of the cluster",
        help: "write the address of a proxy outside the cluster: `http = \"http://proxy.example.org:3128\"`",
        no_edit: "only the operator knows where another proxy is",
        sources: ["docs/behind-a-proxy.md"],
    }

    /// What an entry of `no-proxy` covers is asked for directly. Packages and images come from outside, so behind a proxy that is the only way out no
    /// machine gets them: the step for packages fails, or the first image is never pulled. A name that begins with a dot covers
    /// everything below it, and one without covers itself, too.
    ///
    /// If a server in your network has that name (a mirror, with a name server that says so), allow the warning; or name the mirror
    /// in a `registry` or `mirror` block, and list its name.
    ///
    /// ```pik fails
    /// http-proxy { http = "http://proxy.example.org:3128", no-proxy = [.k8s.io] }
    /// ```
    ///
    /// ```pik
    /// http-proxy { http = "http://proxy.example.org:3128", no-proxy = [.office.example] }
    /// ```
    pub static PAST = {
        code: "http-proxy/past-the-proxy",
        since: "0.1.0",
        severity: Warning,
        title: "an entry of `no-proxy` for what machines fetch from outside",
        help: "leave the entry out",
        sources: ["docs/behind-a-proxy.md", "pkg.go.dev/golang.org/x/net/http/httpproxy"],
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

pub(in crate::check) static CODES: &[&Descriptor] = &[&INSIDE, &ON_A_MACHINE, &PAST, &ALREADY];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    inside(model, out);
    on_a_machine(model, out);
    past(model, out);
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

fn on_a_machine(model: &Model, out: &mut Findings<'_>) {
    let Some(proxy) = &model.cluster.http_proxy else {
        return;
    };
    for (host, url) in proxy.hosts() {
        let address: Option<IpAddr> = host.parse().ok();
        let own = host == "localhost"
            || address.is_some_and(|address| address.is_loopback() || address.is_unspecified());
        if own {
            let message = format!("the proxy {host} is each machine itself");
            let finding = Diagnostic::new(&ON_A_MACHINE, message);
            out.push(finding.label(url, "every machine would need a proxy of its own"));
            continue;
        }
        let mut all = model.nodes.iter();
        let Some((node, place)) = all.find_map(|node| {
            let addresses = [&node.address, &node.address_ipv6];
            let mut addresses = addresses.into_iter().flatten();
            let place = match addresses.find(|own| Some(own.value) == address) {
                Some(own) => own.origin.span(),
                None if node.name.value == host => node.name.origin.span(),
                None => return None,
            };
            Some((node, place))
        }) else {
            continue;
        };
        let message = format!(
            "the proxy {host} runs on {}, which is set up through it",
            node.name.value
        );
        out.push(
            Diagnostic::new(&ON_A_MACHINE, message)
                .label(url, "every machine's way out")
                .label(place, "a machine of the cluster"),
        );
    }
}

/// What machines fetch, and from which hosts, except where the spec names another place.
fn fetched(model: &Model) -> Vec<(String, &'static str)> {
    let cluster = &model.cluster;
    let kubernetes = model.facts.kubernetes_repository.as_deref();
    let repositories = kubernetes.into_iter().chain(model.runtime_repository());
    let repositories =
        repositories.filter(|repository| cluster.mirror.url(&repository.name).is_none());
    let packages = repositories.flat_map(|repository| &repository.hosts);
    let packages = packages.map(|host| (host.clone(), "packages"));
    let mirrored = |registry: &str| {
        let mut blocks = cluster.registries.iter();
        cluster.mirror.images.is_some()
            || blocks.any(|block| block.name.value == registry && !block.mirrors.is_empty())
    };
    let images = model.image_registries().into_iter();
    let images = images.filter(|registry| !mirrored(&registry.value));
    packages
        .chain(images.map(|registry| (registry.value, "images")))
        .collect()
}

fn past(model: &Model, out: &mut Findings<'_>) {
    let all = fetched(model);
    let listed = model.exemptions().into_iter();
    for entry in listed.filter(|entry| entry.whose == Whose::Listed) {
        let mut covered = all.iter().filter(|(host, _)| entry.covers(host));
        let Some((host, what)) = covered.next() else {
            continue;
        };
        let what = match entry.text == *host {
            true => format!("from where machines fetch {what}"),
            false => format!("and machines fetch {what} from {host}"),
        };
        let message = format!("`no-proxy` lists {}, {what}", entry.text);
        let Origin::Written(span) = &entry.origin else {
            continue;
        };
        let finding = Diagnostic::new(&PAST, message).label(*span, "asked for past the proxy");
        out.push(finding.choice(|it| it.remove_element("leave it out", &entry.origin)));
    }
}
