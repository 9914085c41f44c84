//! Ranges with a special meaning, ranges that other programs on a machine use, and public ranges.

use ipnet::IpNet;

use crate::check::network::cluster_ranges::intersection;
use crate::check::support::findings::Findings;
use crate::check::support::free_range::{self, is_private};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;
use crate::origin::Sourced;

declare! {
    /// Some addresses never leave a machine, never pass a router, or belong to many machines at once: loopback,
    /// link-local, multicast. A pod or a machine with such an address reaches nothing.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   pods    = 169.254.0.0/16
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   pods    = 10.244.0.0/16
    /// }
    /// ```
    pub static SPECIAL = {
        code: "network/special-range",
        since: "0.1.0",
        severity: Error,
        title: "a range whose addresses mean something else everywhere",
        help: "choose a private range, within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16",
        sources: ["RFC 6890", "RFC 1918"],
    }

    /// Other programs on a machine have networks of their own, always the same ones: Docker 172.17.0.0/16, libvirt
    /// 192.168.122.0/24, Tailscale addresses of 100.64.0.0/10. On a machine where such a program runs, packets for the
    /// cluster's range go to it. If none of them will ever run, say so with `allow`.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   pods    = 172.16.0.0/15
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   pods    = 172.20.0.0/15
    /// }
    /// ```
    pub static OTHERS = {
        code: "network/others-range",
        since: "0.1.0",
        severity: Warning,
        title: "a range that other programs use",
        help: "choose another range, or `allow network/others-range { reason = ... }`",
        sources: ["docs.docker.com: engine/network/drivers/bridge", "RFC 6598", "nmstate/kubernetes-nmstate#1393"],
    }

    /// Inside the cluster the range belongs to the cluster: the public hosts with those addresses can no longer be
    /// reached from it, and nothing reports that. That is how 192.167.0.0/12, a typo, cut a company off from its
    /// servers.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   pods    = 11.244.0.0/16
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    ///   pods    = 10.244.0.0/16
    /// }
    /// ```
    pub static PUBLIC = {
        code: "network/public-range",
        since: "0.1.0",
        severity: Warning,
        title: "public addresses for pods or services",
        help: "choose a private range, within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16",
        sources: ["RFC 1918", "projectcalico/node#193"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&SPECIAL, &OTHERS, &PUBLIC];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let network = &model.cluster.network;
    let pods = network.pods.iter();
    let pods = pods.map(|range| ("pods", "the pod range", range));
    let services = network.services.iter();
    let services = services.map(|range| ("services", "the service range", range));
    let lans = network.lans();
    // The machines' own network exists, whoever owns it; only a range that no machine can be in is refused.
    let lans = lans.map(|range| ("lan", "the machines' own network", range));
    for (name, role, range) in pods.chain(services).chain(lans) {
        one(model, name, role, range, out);
    }
}

fn one(model: &Model, name: &str, role: &str, range: &Sourced<IpNet>, out: &mut Findings<'_>) {
    // A range that covers the LAN has been reported, and will be replaced for that reason.
    let mut lans = model.cluster.network.lans();
    let inside = name != "lan" && lans.all(|lan| intersection(lan.value, range.value).is_none());
    for taken in &model.facts.taken {
        let Some(common) = intersection(range.value, taken.range.value) else {
            continue;
        };
        // A network that `reserved` lists is reported as such.
        let told = model.cluster.network.reserved.iter();
        let told = told
            .clone()
            .any(|(_, net)| intersection(net.value, common).is_some());
        if !taken.refuse && (!inside || told) {
            continue;
        }
        let code = if taken.refuse { &SPECIAL } else { &OTHERS };
        let whose = match common == range.value {
            true => format!(
                "`{name}` {} lies in {}, {}",
                range.value, taken.range.value, taken.title
            ),
            false => format!(
                "`{name}` {} covers {}, {}",
                range.value, taken.range.value, taken.title
            ),
        };
        let finding = Diagnostic::new(code, whose)
            .label(range, role)
            .note(taken.why.clone());
        let free = free_range::free(name, range.value, model, out);
        let finding = match free {
            // Of the ranges that other programs use, the operator may know better.
            Some(free) if taken.refuse => free_range::written(finding, name, range, free, model),
            Some(_) => free_range::offered(finding, name, range, model, out),
            None => finding,
        };
        out.push(finding);
        return;
    }
    let known = model
        .facts
        .taken
        .iter()
        .any(|taken| taken.private && taken.range.value.contains(&range.value));
    if inside && range.value.addr().is_ipv4() && !known && !is_private(range.value) {
        let message = format!("`{name}` {} holds public addresses", range.value);
        let finding = Diagnostic::new(&PUBLIC, message).label(range, role);
        let free = free_range::free(name, range.value, model, out);
        out.push(match free {
            Some(free) => {
                free_range::advised(finding, name, free).choice(|it| it.write(&range.origin, free))
            }
            None => finding,
        });
    }
}
