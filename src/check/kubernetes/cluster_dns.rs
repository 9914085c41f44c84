//! The cluster's DNS: whom CoreDNS asks, how many pods it has, and where the cache in front of it works.

use std::net::IpAddr;

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;
use crate::origin::{Origin, Sourced};

declare! {
    /// CoreDNS passes on what it does not know itself. If it gets its own question back, it notices and exits
    /// ("Loop ... detected for zone"), again and again, and no name resolves in the cluster. That happens with the
    /// address of the cluster's own DNS, with that of the cache on each machine, and with a loopback address: in a pod,
    /// 127.0.0.1 is the pod itself.
    ///
    /// 127.0.0.53, which Ubuntu writes into /etc/resolv.conf, is one of these: use the servers that
    /// systemd-resolved asks (`resolvectl dns`).
    ///
    /// ```pik fails
    /// dns { forward = [127.0.0.53] }
    /// ```
    ///
    /// ```pik
    /// dns { forward = [192.168.11.53] }
    /// ```
    pub static LOOP = {
        code: "dns/forward-loop",
        since: "0.1.0",
        severity: Error,
        title: "a cluster's DNS that asks itself",
        help: "name servers outside the cluster, or drop `forward`: then CoreDNS asks those of its machine",
        sources: ["coredns/coredns plugin/loop/README.md", "coredns/coredns#2087", "kubernetes/kubeadm#273"],
    }

    /// A pod has an IPv6 address only in a cluster with an `ipv6` block in `network`. Without one, CoreDNS reaches no
    /// IPv6 address, and each query that it sends there has to time out before it asks another server.
    ///
    /// The cache on each machine (`node-local-cache`) uses the machine's own network, but names of the cluster still go
    /// through CoreDNS.
    ///
    /// ```pik fails
    /// dns { forward = [9.9.9.9, "2620:fe::fe"] }
    /// ```
    ///
    /// ```pik
    /// dns { forward = [9.9.9.9, 149.112.112.112] }
    /// ```
    pub static FAMILY = {
        code: "dns/forward-unreachable",
        since: "0.1.0",
        severity: Error,
        title: "a name server that pods have no address to reach from",
        help: "name its IPv4 address, or add `ipv6 { }` to `network`",
        sources: ["coredns/coredns plugin/forward/README.md", "kubernetes/website content/en/docs/concepts/services-networking/dual-stack.md"],
    }

    /// The pods of CoreDNS prefer machines on which none of them runs yet. With more pods than machines, some share a
    /// machine: they use its memory twice, and fail together.
    ///
    /// ```pik fails
    /// dns { replicas = 5 }
    /// ```
    ///
    /// ```pik
    /// dns { replicas = 2 }
    /// ```
    pub static REPLICAS = {
        code: "dns/more-replicas-than-machines",
        since: "0.1.0",
        severity: Warning,
        title: "more pods of CoreDNS than machines",
        help: "write as many `replicas` as there are machines, or fewer",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/phases/addons/dns/manifests.go"],
    }

    /// `skip-phases = ["addon/coredns"]` leaves CoreDNS out, because the cluster brings a name server of its own. The
    /// settings of `dns` change CoreDNS, or put a cache in front of it: there is nothing to change.
    ///
    /// ```pik fails
    /// kubeadm { skip-phases = ["addon/coredns"] }
    /// dns { replicas = 1 }
    /// ```
    ///
    /// ```pik
    /// dns { replicas = 1 }
    /// ```
    pub static LEFT_OUT = {
        code: "dns/left-out",
        since: "0.1.0",
        severity: Error,
        title: "settings for a CoreDNS that is left out",
        help: "drop `dns { }`, or drop `addon/coredns` from `skip-phases`",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/cmd/phases/init/addons.go"],
    }

    /// NodeLocal DNSCache puts its rules in front of those of kube-proxy. A CNI that does kube-proxy's work does it before
    /// these rules see a packet, so queries pass the cache by, or the cache asks itself and exits. Cilium has a policy
    /// of its own for that (CiliumLocalRedirectPolicy, with a cache that does not run on the machine's network), Calico
    /// an annotation; pikc sets up neither.
    ///
    /// ```pik fails
    /// proxy { disabled = on }
    /// cni calico { ebpf = on }
    /// dns { node-local-cache = on }
    /// ```
    ///
    /// ```pik
    /// cni calico { }
    /// dns { node-local-cache = on }
    /// ```
    pub static WITHOUT_PROXY = {
        code: "dns/cache-without-kube-proxy",
        since: "0.1.0",
        severity: Error,
        title: "a cache of the cluster's DNS in a cluster without kube-proxy",
        help: "drop `node-local-cache`, or drop `disabled` of `proxy`",
        sources: ["projectcalico/calico#4689", "projectcalico/calico#8546", "docs.cilium.io: network/kubernetes/local-redirect-policy"],
    }

    /// The cache gives every machine a second address, the same on all of them: 169.254.20.10. Nothing else may have it,
    /// and no machine can reach anything else there.
    ///
    /// ```pik fails
    /// dns { node-local-cache = on }
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   reserved { storage = 169.254.20.0/24 }
    /// }
    /// ```
    ///
    /// ```pik
    /// dns { node-local-cache = on }
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   reserved { storage = 169.254.30.0/24 }
    /// }
    /// ```
    pub static TAKEN = {
        code: "dns/cache-address-taken",
        since: "0.1.0",
        severity: Error,
        title: "something else with the address of the cache",
        help: "drop `node-local-cache`, or move the other one",
        sources: ["kubernetes/website content/en/docs/tasks/administer-cluster/nodelocaldns.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&LOOP, &FAMILY, &REPLICAS, &LEFT_OUT, &WITHOUT_PROXY, &TAKEN];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    if let Some(finding) = left_out(model) {
        out.push(finding);
        return;
    }
    forward(model, out);
    replicas(model, out);
    let Some((_, on)) = model.dns_cache() else {
        return;
    };
    if let Some(disabled) = model.cluster.without_proxy() {
        let cni = model.facts.cni.as_ref();
        let whose = cni.map_or("the CNI", |cni| cni.title.as_str());
        out.push(
            Diagnostic::new(
                &WITHOUT_PROXY,
                format!(
                    "there is no kube-proxy, and what {whose} does in its place passes the cache by"
                ),
            )
            .label(on, "the cache of the cluster's DNS")
            .label(disabled, "no kube-proxy")
            .choice(|it| it.remove("leave the cache out", &on.origin)),
        );
    }
    taken(model, out);
}

/// CoreDNS is left out, and something is to be changed in it.
fn left_out(model: &Model) -> Option<Diagnostic> {
    let dns = &model.cluster.dns;
    let mut phases = model.cluster.skip_phases.iter();
    let phase = phases.find(|phase| phase.value == "addon/coredns")?;
    let mut asked = dns.replicas.iter().map(|one| &one.origin);
    let asked = asked.next();
    let asked = asked.or(dns.forward.first().map(|one| &one.origin));
    let asked = asked.or(model.dns_cache().map(|(_, on)| &on.origin))?;
    Some(
        Diagnostic::new(
            &LEFT_OUT,
            "kubeadm leaves CoreDNS out here, and `dns` changes it",
        )
        .label(asked.span(), "a setting of CoreDNS")
        .label(phase, "no CoreDNS")
        .choice(|it| it.remove_element("let kubeadm install CoreDNS", &phase.origin)),
    )
}

fn forward(model: &Model, out: &mut Findings<'_>) {
    let service = model.dns_service();
    let services = model.cluster.network.services.as_ref();
    let cache = model.facts.dns_cache.as_ref();
    for server in &model.cluster.dns.forward {
        let address = server.value;
        let is_service = service.as_ref().is_some_and(|own| own.value == address);
        let is_cache = cache.is_some_and(|cache| cache.address.value == address);
        let what = if is_service {
            "the address of the cluster's DNS itself"
        } else if is_cache {
            "the address of the cache, which asks CoreDNS"
        } else if address.is_loopback() || address.is_unspecified() {
            "the pod itself"
        } else {
            if address.is_ipv6() && model.cluster.network.ipv6.is_none() {
                out.push(
                    Diagnostic::new(
                        &FAMILY,
                        format!("CoreDNS would ask {address}, and pods have no IPv6 address here"),
                    )
                    .label(server, "an IPv6 address")
                    .choice(|it| it.remove_element("leave this server out", &server.origin)),
                );
            }
            continue;
        };
        out.push(
            Diagnostic::new(
                &LOOP,
                format!("CoreDNS would ask {address}, which is {what}"),
            )
            .label(server, "it gets its own question back from here")
            .label(
                services
                    .filter(|_| is_service)
                    .and_then(|range| range.origin.span()),
                "the tenth address of this range is the cluster's DNS",
            )
            .choice(|it| it.remove_element("leave this server out", &server.origin)),
        );
    }
}

fn replicas(model: &Model, out: &mut Findings<'_>) {
    let Some(replicas) = &model.cluster.dns.replicas else {
        return;
    };
    let machines = model.nodes.len();
    let fit = i64::try_from(machines).is_ok_and(|machines| replicas.value <= machines);
    if fit || model.lost_nodes || machines == 0 {
        return;
    }
    let there = match machines {
        1 => "is one machine".to_owned(),
        more => format!("are {more} machines"),
    };
    out.push(
        Diagnostic::new(
            &REPLICAS,
            format!(
                "CoreDNS would have {} pods, and there {there}",
                replicas.value
            ),
        )
        .label(replicas, "some of them share a machine")
        .write(&replicas.origin, machines.to_string()),
    );
}

/// Whatever else in the spec has the address of the cache.
fn taken(model: &Model, out: &mut Findings<'_>) {
    let Some((cache, on)) = model.dns_cache() else {
        return;
    };
    let address = cache.address.value;
    let finding = |what: &str, origin: &Origin| {
        Diagnostic::new(
            &TAKEN,
            format!("the cache has the address {address} on every machine, and {what}"),
        )
        .label(origin.span(), "the same address")
        .label(on, "the cache")
        .choice(|it| it.remove("leave the cache out", &on.origin))
    };
    let network = &model.cluster.network;
    for (name, range) in &network.reserved {
        if range.value.contains(&address) {
            let what = format!("it lies in the reserved range `{name}`");
            out.push(finding(&what, &range.origin));
        }
    }
    if let Some(pool) = &network.load_balancer
        && pool.value.contains(address)
    {
        out.push(finding("a load balancer may assign it", &pool.origin));
    }
    let is = |one: &&Sourced<IpAddr>| one.value == address;
    let asked = network.name_servers().chain(network.gateways()).find(is);
    if let Some(asked) = asked {
        out.push(finding("the machines ask another one there", &asked.origin));
    }
    out.blocks(|settings, _| {
        let addresses = settings.interfaces.iter().flat_map(|one| &one.address);
        let own = addresses.into_iter().find(is)?;
        Some(finding("an interface has it, too", &own.origin))
    });
}
