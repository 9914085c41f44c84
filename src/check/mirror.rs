//! Addresses that no longer answer.

use super::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;
use crate::stdlib::Gone;

declare! {
    /// Instructions on the web live longer than the addresses in them. These are gone for good, and apt stops at the first
    /// source that does not answer:
    ///
    /// - apt.kubernetes.io and packages.cloud.google.com/apt: removed on 4 March 2024
    /// - the Kubic trees of CRI-O on download.opensuse.org
    /// - pkgs.k8s.io/addons:/cri-o, left in February 2025
    ///
    /// ```pik fails
    /// mirror { kubernetes = "https://apt.kubernetes.io/" }
    /// ```
    ///
    /// ```pik
    /// mirror { kubernetes = "https://mirror.example/kubernetes/v1.36/deb/" }
    /// ```
    pub static GONE = {
        code: "mirror/gone",
        severity: Error,
        title: "an address that no longer answers",
        help: "leave the setting out: pikc knows where the packages are today",
        sources: ["kubernetes/release#3485", "cri-o/cri-o#7912", "cri-o/cri-o#7915"],
    }
}

pub(super) static CODES: &[&Descriptor] = &[&GONE];

pub(super) fn check(model: &Model, out: &mut Findings<'_>) {
    let mirror = &model.cluster.mirror;
    let all = [
        &mirror.kubernetes,
        &mirror.kubernetes_key,
        &mirror.crio,
        &mirror.crio_key,
        &mirror.images,
    ];
    for url in all.into_iter().flatten() {
        if let Some(gone) = vanished(model, &url.value) {
            out.push(
                Diagnostic::new(
                    &GONE,
                    format!("{} no longer answers since {}", url.value, gone.since.value),
                )
                .label_opt(url.origin.span(), "every `apt update` would fail here")
                .help(format!(
                    "leave the line out; what took its place: {}",
                    gone.instead
                ))
                .note(format!("it was {}", gone.what)),
            );
        }
    }
}

/// What is known of an address that no longer answers.
pub(super) fn vanished<'a>(model: &'a Model, url: &str) -> Option<&'a Gone> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    model.facts.gone.iter().find(|gone| {
        gone.prefixes
            .iter()
            .any(|prefix| rest.starts_with(prefix.as_str()))
    })
}
