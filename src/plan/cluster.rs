//! What the whole cluster shares: versions, and where packages and images come from.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::Options;
use super::cni;
use super::sources::{mirrored_archives, package_sources};
use super::types::Outside;
use crate::model::{Data, Model, Target};
use crate::stdlib::{PackageManager, Runs, System, Upstream, UpstreamKind};
use crate::value::Version;

/// The exact versions chosen, by what they are versions of.
pub(super) fn versions(model: &Model) -> BTreeMap<String, String> {
    let mut versions = BTreeMap::new();
    if let Some(exact) = &model.cluster.exact {
        versions.insert("kubernetes".to_owned(), exact.value.to_string());
    }
    // Systems may bring different releases of it.
    let runtimes: BTreeSet<Version> = systems(model)
        .into_iter()
        .filter_map(|(system, _)| Some(model.packaged(system)?.version.value))
        .collect();
    if let Some(choice) = &model.cluster.runtime
        && !runtimes.is_empty()
    {
        let all: Vec<String> = runtimes.iter().map(Version::to_string).collect();
        versions.insert(choice.name.value.clone(), all.join(", "));
    }
    if let Some(cni) = &model.facts.cni
        && let Some(version) = &cni.version
    {
        versions.insert(cni.name.clone(), version.value.to_string());
    }
    versions
}

/// Every system in use with every architecture that it is used on, once, in the order of the spec.
fn systems(model: &Model) -> Vec<(&System, &str)> {
    let mut found: Vec<(&System, &str)> = Vec::new();
    for node in &model.nodes {
        let (Some(os), Some(board)) = (&node.settings.os, &node.settings.board) else {
            continue;
        };
        let (system, architecture) = (&*os.value, board.value.architecture.value.as_str());
        let known = |(own, on): &(&System, &str)| own.name == system.name && *on == architecture;
        if !found.iter().any(known) {
            found.push((system, architecture));
        }
    }
    found
}

/// Every address outside the cluster that a machine connects to.
pub(super) fn outside(model: &Model, options: &Options) -> Vec<Outside> {
    let mut list = Vec::new();
    let rows = [
        repositories(model),
        images(model),
        mirrors(model),
        of_cni(model, options),
        of_dns(model),
        of_vip(model).into_iter().collect(),
        time(model),
        archives(model),
        of_components(model),
    ];
    for row in rows.into_iter().flatten() {
        if !list.contains(&row) {
            list.push(row);
        }
    }
    list
}

fn row(url: String, gives: &str, needed_by: &str) -> Outside {
    Outside {
        url,
        gives: gives.to_owned(),
        needed_by: needed_by.to_owned(),
    }
}

/// What the API server connects to: accounts elsewhere, an etcd elsewhere.
fn of_components(model: &Model) -> Vec<Outside> {
    let mut list = Vec::new();
    for one in &model.cluster.carried {
        let gives = match &one.target {
            Target::Argument { program, name }
                if program == "kube-apiserver" && name == "oidc-issuer-url" =>
            {
                "the keys that sign logins"
            }
            Target::Field { kind, path }
                if kind == "ClusterConfiguration" && path == "etcd.external.endpoints" =>
            {
                "etcd"
            }
            _ => continue,
        };
        let all = match &one.value.value {
            Data::List(all) => all.iter().map(|one| one.value.argument()).collect(),
            one => vec![one.argument()],
        };
        let rows = all.into_iter();
        list.extend(rows.map(|url| row(url, gives, "the control plane, always")));
    }
    list
}

/// The repositories of packages and their keys.
fn repositories(model: &Model) -> Vec<Outside> {
    let mut list = Vec::new();
    let systems = systems(model);
    let several = systems.len() > 1;
    for (system, architecture) in &systems {
        for source in package_sources(model, system, architecture) {
            let who = match (several, source.suite.as_str()) {
                (false, _) | (true, "/") => "every machine, step 55".to_owned(),
                _ => format!("machines with {}, step 55", system.title),
            };
            list.push(row(source.url.clone(), &source.title, &who));
            list.push(row(source.key.clone(), "the key of that repository", &who));
        }
    }
    list
}

/// The mirrors of registries.
fn mirrors(model: &Model) -> Vec<Outside> {
    let registries = model.cluster.registries.iter();
    let rows = registries.flat_map(|registry| {
        let gives = format!("images of {}", registry.name.value);
        let mirrors = registry.mirrors.iter();
        mirrors.map(move |mirror| row(mirror.value.clone(), &gives, "every machine"))
    });
    rows.collect()
}

/// The images of Kubernetes itself.
fn images(model: &Model) -> Vec<Outside> {
    let mut list = Vec::new();
    let registry = |upstream: &str| match &model.cluster.mirror.images {
        Some(mirror) => mirror.value.clone(),
        None => upstream.to_owned(),
    };
    list.push(row(
        registry("registry.k8s.io"),
        match model.cluster.without_proxy() {
            None => "images of the control plane, of kube-proxy and CoreDNS, and the sandbox",
            Some(_) => "images of the control plane, of CoreDNS, and the sandbox",
        },
        "every machine",
    ));
    list
}

/// The upstream files of the CNI, and its images.
fn of_cni(model: &Model, options: &Options) -> Vec<Outside> {
    let mut list = Vec::new();
    if let Some(facts) = &model.facts.cni
        && cni::brought(model).is_none()
    {
        let fetched = |file: &&Upstream| cni::copy(model, options, file).is_none();
        for file in cni::upstream(model).into_iter().filter(fetched) {
            list.push(row(
                file.url.value.clone(),
                &format!(
                    "{} of {}, compared with its checksum",
                    match file.kind {
                        UpstreamKind::Manifest => "the manifest",
                        UpstreamKind::Chart(..) => "the Helm chart",
                        UpstreamKind::Helm => "Helm, for the chart",
                    },
                    facts.title
                ),
                "the control plane, step 76",
            ));
        }
        for image in &facts.images {
            list.push(row(
                cni::image_name(model, &image.value),
                &format!("an image of {}", facts.title),
                "every machine",
            ));
        }
    }
    list
}

/// An address as a URL has it.
fn host(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// The image of the cache in front of the cluster's DNS, and the name servers that both ask.
fn of_dns(model: &Model) -> Vec<Outside> {
    let image = model.dns_cache().map(|(cache, _)| {
        row(
            cni::image_name(model, &cache.image.value),
            &format!("the image of {}", cache.title),
            "every machine",
        )
    });
    let servers = model.cluster.dns.forward.iter().map(|server| {
        row(
            format!("dns://{}", host(server.value)),
            "names outside the cluster",
            "the cluster's DNS, always",
        )
    });
    image.into_iter().chain(servers).collect()
}

/// The image of what moves an address between the control planes.
fn of_vip(model: &Model) -> Option<Outside> {
    let mover = model.facts.mover.as_ref()?;
    let Runs::Pod { image, .. } = &mover.runs else {
        return None;
    };
    Some(row(
        cni::image_name(model, &image.value),
        &format!("the image of {}", mover.title),
        "the control planes",
    ))
}

/// The time servers, and those that a system asks besides them.
fn time(model: &Model) -> Vec<Outside> {
    let mut list = Vec::new();
    let time = &model.cluster.time;
    for server in time.servers.iter().chain(&time.fallback) {
        list.push(row(
            format!("ntp://{}", server.value),
            "the time",
            "every machine",
        ));
    }
    for (system, _) in systems(model) {
        for server in &system.time_servers {
            list.push(row(
                format!("ntp://{}", server.value),
                "the time, too: the system's own server, which chrony asks as well",
                &format!("machines with {}", system.title),
            ));
        }
    }
    list
}

/// The archives of the operating systems.
fn archives(model: &Model) -> Vec<Outside> {
    let mut list = Vec::new();
    let systems = systems(model);
    let several = systems.len() > 1;
    for (system, architecture) in systems {
        let mirrored = mirrored_archives(model, system, architecture);
        let who = match several {
            true => format!("machines with {}, step 35", system.title),
            false => "every machine, step 35".to_owned(),
        };
        for archive in &mirrored {
            list.push(row(
                archive.url.value.clone(),
                "the packages of the operating system",
                &who,
            ));
        }
        if mirrored.is_empty() {
            let mirror = match (system.package_manager.value, system.id.value.as_str()) {
                (PackageManager::Dnf, _) => format!(
                    "the mirrors of {} that the image is configured with",
                    system.title
                ),
                (PackageManager::Apt, "ubuntu") => {
                    "the Ubuntu mirror that the image is configured with".to_owned()
                }
                (PackageManager::Apt, _) => {
                    "the Debian mirror that the image is configured with".to_owned()
                }
            };
            list.push(row(
                mirror,
                "the packages of the operating system",
                "every machine, step 35",
            ));
        }
    }
    list
}
