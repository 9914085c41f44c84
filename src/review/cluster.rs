//! What is built, what the checks found, who may log in, and what is fetched: the first screen's facts, from the model.

use super::page::{Allowed, Finding, Login, Machines, Missing, Outside, Picture, Place, PlaceRole};
use super::{names, verified};
use crate::model::{Model, Node};
use crate::source::{Sources, Span};
use crate::{Analysis, Compiled};

/// The network and the machines.
pub(super) fn picture(analysis: &Analysis) -> Picture {
    let Some(model) = &analysis.model else {
        return Picture::default();
    };
    let cluster = &model.cluster;
    let cni = cluster.cni.as_ref().map(|choice| match choice.backend() {
        Some(backend) => format!("{}, {}", choice.name.value, backend.value),
        None => choice.name.value.clone(),
    });
    let runtime = cluster.runtime.as_ref();
    Picture {
        cluster: cluster.name.value.clone(),
        ranges: ranges(model),
        cni: cni.unwrap_or_default(),
        runtime: runtime.map_or_else(String::new, |choice| choice.name.value.clone()),
        machines: machines(model),
    }
}

fn ranges(model: &Model) -> Vec<(&'static str, String)> {
    let network = &model.cluster.network;
    let text = |value: &dyn std::fmt::Display| value.to_string();
    let mut out = Vec::new();
    let mut add = |what, value: Option<String>| out.extend(value.map(|value| (what, value)));
    add("LAN", network.lan.as_ref().map(|one| text(&one.value)));
    add(
        "router",
        network.gateway.as_ref().map(|one| text(&one.value)),
    );
    for server in &network.dns {
        add("name server", Some(text(&server.value)));
    }
    add(
        "leased by DHCP",
        network.dhcp.as_ref().map(|one| text(&one.value)),
    );
    if let Some(lan) = network.ipv6.as_ref().and_then(|ipv6| ipv6.lan.as_ref()) {
        add("LAN, IPv6", Some(text(&lan.value)));
    }
    for pods in network.all_pods() {
        add("pods", Some(text(&pods.value)));
    }
    for services in network.all_services() {
        add("services", Some(text(&services.value)));
    }
    let balancer = network.load_balancer.as_ref();
    add("load balancer", balancer.map(|one| text(&one.value)));
    out
}

/// The role, the board and the system of machines that are alike.
type Alike<'a> = (&'static str, &'a str, &'a str);

/// The machines grouped by role, board and system, in the order of the spec.
fn machines(model: &Model) -> Vec<Machines> {
    let mut groups: Vec<(Alike<'_>, Vec<&Node>)> = Vec::new();
    for node in &model.nodes {
        let settings = &node.settings;
        let key = (
            settings.role.as_ref().map_or("", |role| role.value.word()),
            settings
                .board
                .as_ref()
                .map_or("", |board| board.value.title.as_str()),
            settings
                .os
                .as_ref()
                .map_or("", |os| os.value.title.as_str()),
        );
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, nodes)) => nodes.push(node),
            None => groups.push((key, vec![node])),
        }
    }
    let groups = groups.into_iter().map(|((role, board, system), nodes)| {
        let address = |node: Option<&&Node>| {
            let address = node.and_then(|node| node.address.as_ref());
            address.map(|address| address.value.to_string())
        };
        Machines {
            role,
            board: board.to_owned(),
            system: system.to_owned(),
            count: nodes.len(),
            names: names::runs(nodes.iter().map(|node| node.name.value.as_str())),
            addresses: match (address(nodes.first()), address(nodes.last())) {
                (Some(first), Some(last)) if first != last => format!("{first} … {last}"),
                (Some(one), _) => one,
                (None, _) => String::new(),
            },
        }
    });
    groups.collect()
}

/// What the checks found.
pub(super) fn findings(analysis: &Analysis) -> Vec<Finding> {
    let sources = &analysis.sources;
    let findings = analysis.diagnostics.iter().map(|one| {
        let own = one
            .labels
            .iter()
            .filter(|label| !label.span.file.is_library());
        Finding {
            severity: one.severity.word(),
            code: one.descriptor.code,
            message: one.message.clone(),
            help: one.help_text().to_owned(),
            places: own
                .map(|label| PlaceRole {
                    place: place(sources, label.span),
                    role: label.text.clone(),
                })
                .collect(),
        }
    });
    findings.collect()
}

fn place(sources: &Sources, span: Span) -> Place {
    Place::Spec(span.file.0, sources.start(span).line)
}

/// What the spec allows, and why.
pub(super) fn allowed(analysis: &Analysis) -> Vec<Allowed> {
    let allows = analysis.model.iter().flat_map(|model| &model.all_allows);
    let allowed = allows.map(|allow| Allowed {
        code: allow.code.value.clone(),
        reason: allow
            .reason
            .as_ref()
            .map_or_else(String::new, |reason| reason.value.clone()),
        place: place(&analysis.sources, allow.head),
    });
    allowed.collect()
}

/// Secrets without values.
pub(super) fn missing(compiled: &Compiled) -> Vec<Missing> {
    let missing = compiled.missing_secrets.iter();
    missing
        .map(|(secret, files)| Missing {
            secret: secret.0.clone(),
            files: files.iter().map(ToString::to_string).collect(),
        })
        .collect()
}

/// What the machines fetch.
pub(super) fn outside(compiled: &Compiled) -> Vec<Outside> {
    let verified = |row: &crate::plan::Outside| {
        let all = compiled.steps.iter().flat_map(|step| &step.repositories);
        let mut found = all.filter_map(|repository| match &repository.fingerprint {
            Some(print) if row.url == repository.key => {
                Some(format!("the key's fingerprint must be {print}"))
            }
            None if row.url == repository.key => {
                Some("not verified: no fingerprint is known".to_owned())
            }
            _ if row.gives == repository.title => {
                Some("apt checks the signature with the repository's key".to_owned())
            }
            _ => None,
        });
        found
            .next()
            .unwrap_or_else(|| verified::otherwise(row).to_owned())
    };
    let outside = compiled.outside.iter().map(|one| Outside {
        url: one.url.clone(),
        why: one.gives.clone(),
        verified: verified(one),
        needed_by: one.needed_by.clone(),
    });
    outside.collect()
}

/// Who may log in on which machines.
pub(super) fn logins(analysis: &Analysis) -> Vec<Login> {
    let mut found: Vec<(Login, Vec<&str>)> = Vec::new();
    for node in analysis.model.iter().flat_map(|model| &model.nodes) {
        for user in &node.settings.users {
            let login = Login {
                user: user.name.value.clone(),
                sudo: user
                    .sudo
                    .as_ref()
                    .map_or_else(|| "none".to_owned(), |sudo| sudo.value.clone()),
                groups: user.groups.iter().map(|one| one.value.clone()).collect(),
                keys: user
                    .ssh_keys
                    .iter()
                    .map(|key| key.value.to_string())
                    .collect(),
                nodes: String::new(),
            };
            let name = node.name.value.as_str();
            match found.iter_mut().find(|(known, _)| *known == login) {
                Some((_, nodes)) => nodes.push(name),
                None => found.push((login, vec![name])),
            }
        }
    }
    let logins = found.into_iter().map(|(mut login, nodes)| {
        login.nodes = names::runs(nodes);
        login
    });
    logins.collect()
}
