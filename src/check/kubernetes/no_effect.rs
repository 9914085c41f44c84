//! Settings of the components that would do nothing, because another setting leaves nothing that could read them.

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Data, Model, Target};

declare! {
    /// With `external`, etcd runs on machines that are not in this spec, and kubeadm starts none: a folder for its data, names in its
    /// certificates and arguments of its command line would have no effect. kubeadm accepts no file that has both. Snapshots are up to
    /// those who run it, too: pikc makes them on the machine that has the data.
    ///
    /// ```pik fails
    /// etcd {
    ///   data-dir = "/srv/etcd"
    ///   external { endpoints = ["https://10.0.0.31:2379"], ca = "ca.pem", cert = "client.pem", key = secret:etcd-client }
    /// }
    /// ```
    ///
    /// ```pik
    /// etcd {
    ///   external { endpoints = ["https://10.0.0.31:2379"], ca = "ca.pem", cert = "client.pem", key = secret:etcd-client }
    /// }
    /// ```
    pub static ETCD = {
        code: "etcd/local-and-external",
        since: "0.1.0",
        severity: Error,
        title: "settings of an etcd that does not run here",
        help: "drop `external`, or everything else in `etcd`",
        sources: ["kubernetes/kubernetes: cmd/kubeadm/app/apis/kubeadm/validation/validation.go, ValidateEtcd"],
    }

    /// `strict-arp` is a setting of the mode `ipvs`, where all addresses of services are on an interface of each machine. In the
    /// other modes they are on none, and kube-proxy does not read it: a load balancer that announces addresses by ARP needs
    /// nothing there.
    ///
    /// ```pik fails
    /// proxy { mode = nftables, strict-arp = on }
    /// ```
    ///
    /// ```pik
    /// proxy { mode = nftables }
    /// ```
    pub static STRICT_ARP = {
        code: "proxy/strict-arp-without-effect",
        since: "0.1.0",
        severity: Warning,
        title: "`strict-arp` in a mode that does not read it",
        help: "drop `strict-arp`",
        sources: ["kubernetes/kubernetes: pkg/proxy/ipvs/proxier.go"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&ETCD, &STRICT_ARP];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    etcd(model, out);
    strict_arp(model, out);
}

fn etcd(model: &Model, out: &mut Findings<'_>) {
    let control_plane = &model.cluster.control_plane;
    let Some(external) = &control_plane.external_etcd else {
        return;
    };
    let local = |target: &Target| {
        matches!(target, Target::Field { kind, path }
            if kind == "ClusterConfiguration" && path.starts_with("etcd.local."))
    };
    let settings = model.cluster.carried.iter();
    let settings = settings.filter(|one| local(&one.target));
    let arguments = control_plane.etcd.extra_args.iter();
    let mut places: Vec<(String, _)> = settings
        .map(|one| (one.setting.clone(), Some(one.key)))
        .collect();
    places.extend(arguments.map(|(name, _)| {
        let name_there = crate::file_format::one_line(&name.value);
        (format!("the argument `{name_there}`"), name.origin.span())
    }));
    let snapshots = control_plane.snapshots.iter();
    places.extend(snapshots.map(|made| ("`snapshots`".to_owned(), Some(made.head))));
    let Some((first, _)) = places.first() else {
        return;
    };
    let message = match places.len() {
        1 => format!("{first} is about an etcd on the control plane, and etcd runs elsewhere"),
        more => format!(
            "{first} and {} more are about an etcd on the control plane, and etcd runs elsewhere",
            more - 1
        ),
    };
    let mut finding = Diagnostic::new(&ETCD, message);
    for (_, place) in places {
        finding = finding.label(place, "has no effect");
    }
    let finding = finding.label(external.head, "etcd runs elsewhere");
    out.push(finding.choice(|it| it.remove_block("drop `external`", external.head)));
}

fn strict_arp(model: &Model, out: &mut Findings<'_>) {
    let Some(mode) = &model.cluster.proxy_mode else {
        return;
    };
    let asked = |target: &Target| {
        matches!(target, Target::Field { kind, path }
            if kind == "KubeProxyConfiguration" && path == "ipvs.strictARP")
    };
    let asked = model.cluster.carried.iter().find(|one| asked(&one.target));
    let Some(asked) = asked.filter(|one| one.value.value == Data::Boolean(true)) else {
        return;
    };
    if mode.value == "ipvs" {
        return;
    }
    let message = format!(
        "kube-proxy does not read {} in the mode {}",
        asked.setting, mode.value
    );
    let mut finding = Diagnostic::new(&STRICT_ARP, message).label(&asked.value, "has no effect");
    if mode.origin.is_written() {
        finding = finding.label(mode, "in this mode");
    }
    out.push(finding.remove("drop `strict-arp`", &asked.value.origin));
}
