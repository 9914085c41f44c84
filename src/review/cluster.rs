//! What is built, what the checks found, who may log in, and what is fetched: the first screen's facts, from the model.

use super::page::{Allowed, Finding, Login, Missing, Outside, Place, PlaceRole};
use super::{names, verified};
use crate::picture::{self, Picture};
use crate::source::{Sources, Span};
use crate::{Analysis, Compiled};

/// The network and the machines.
pub(super) fn picture(analysis: &Analysis) -> Picture {
    let model = analysis.model.as_ref();
    model.map_or_else(Picture::default, |model| picture::picture(model))
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
            _ if row.url == repository.url => Some(repository.verified.clone()),
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
