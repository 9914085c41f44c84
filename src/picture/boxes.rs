//! What is written in the boxes of the picture, whatever draws it.

use super::data::{Machines, Picture};
use crate::file_format::diagram::plain;

/// At most so many pieces of names are in a box.
const PIECES: usize = 4;

/// The heading of a box: "control plane", "40 workers".
pub(super) fn heading(machines: &Machines) -> String {
    match (machines.role, machines.count) {
        ("control-plane", 1) => "control plane".to_owned(),
        ("control-plane", many) => format!("control plane, {many} nodes"),
        ("worker", 1) => "1 worker".to_owned(),
        ("worker", many) => format!("{many} workers"),
        (_, 1) => "1 machine".to_owned(),
        (_, many) => format!("{many} machines"),
    }
}

/// The names, in the notation of a spec: `r1-[01-40], r2-[01-40]`.
pub(super) fn names(machines: &Machines) -> String {
    let pieces = &machines.pieces;
    let more = pieces.len().saturating_sub(PIECES);
    let shown = plain(&pieces[..pieces.len() - more].join(", "));
    match more {
        0 => shown,
        more => format!("{shown} and {more} more groups"),
    }
}

/// The lines of a box below its heading.
pub(super) fn lines(machines: &Machines) -> Vec<String> {
    let mut lines = vec![
        names(machines),
        machines
            .subnet
            .as_ref()
            .map_or_else(String::new, |subnet| format!("subnet {subnet}")),
        machines.addresses.replace(" … ", " to "),
        machines.board.clone(),
        machines.system.clone(),
    ];
    lines.extend(machines.also.iter().cloned());
    lines.retain(|line| !line.is_empty());
    lines.iter().map(|line| plain(line)).collect()
}

/// What the cluster runs: "Kubernetes 1.36.5, crio".
pub(super) fn versions(picture: &Picture) -> String {
    let parts = [
        match picture.kubernetes.as_str() {
            "" => String::new(),
            version => format!("Kubernetes {version}"),
        },
        picture.runtime.clone(),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|one| !one.is_empty()).collect();
    plain(&parts.join(", "))
}

/// The LAN's name, with both families, or the addresses of all subnets.
pub(super) fn lan(picture: &Picture) -> String {
    let both = ["LAN", "LAN, IPv6"].map(|what| picture.range(what));
    let both: Vec<String> = both.into_iter().filter(|one| !one.is_empty()).collect();
    let several = picture.machines.iter().any(|one| one.subnet.is_some());
    let name = if several { "subnets" } else { "LAN" };
    plain(format!("{name} {}", both.join(", ")).trim_end())
}

/// The router and what it does for the LAN; nothing if the spec does not name it.
pub(super) fn router(picture: &Picture) -> Vec<String> {
    let Some(router) = picture.named("router") else {
        return Vec::new();
    };
    let leased = picture.named("leased by DHCP");
    [Some(router), leased].into_iter().flatten().collect()
}

/// The pod network.
pub(super) fn overlay(picture: &Picture) -> Vec<String> {
    let name = match picture.cni.as_str() {
        "" => "pod network".to_owned(),
        cni => format!("pod network: {cni}"),
    };
    let ranges = ["pods", "services", "load balancer"];
    let ranges = ranges.into_iter().filter_map(|what| picture.named(what));
    std::iter::once(plain(&name)).chain(ranges).collect()
}

/// Where the API server is, as an address to type.
pub(super) fn api(picture: &Picture) -> Option<String> {
    (!picture.api.is_empty()).then(|| plain(&format!("https://{}", picture.api)))
}

/// The picture in words.
pub(super) fn said(picture: &Picture) -> String {
    let groups = picture.machines.iter().map(|one| {
        let board = match one.board.as_str() {
            "" => String::new(),
            board => format!(" ({board})"),
        };
        format!("{}: {}{board}", heading(one), names(one))
    });
    let mut parts: Vec<String> = groups.collect();
    parts.extend(router(picture));
    parts.extend(overlay(picture));
    parts.extend(api(picture).map(|api| format!("API {api}")));
    plain(&format!("{}. {}", lan(picture), parts.join("; ")))
}
