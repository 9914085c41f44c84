//! What a manifest says about the spec that its tree was compiled from.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::manifest::{Manifest, ManifestInput, OutsideAddress, Settings};
use super::names::shortened;
use crate::model::stated;
use crate::value::{Type, Val, Version, parse};
use crate::{Analysis, Compiled};

/// The Kubernetes version that an earlier compile chose.
pub fn kept_version(manifest: &Manifest) -> Option<Version> {
    match parse(Type::Version, manifest.versions.get("kubernetes")?) {
        Ok(Val::Version(version)) => Some(version),
        _ => None,
    }
}

/// What the manifest of a tree says about the spec that it was compiled from.
pub fn described(analysis: &Analysis, compiled: &Compiled) -> ManifestInput {
    ManifestInput {
        spec_sha256: spec_sum(analysis),
        versions: compiled.versions.clone(),
        fixed: compiled
            .fixed
            .iter()
            .map(|(name, found)| (name.clone(), found.value.clone()))
            .collect(),
        settings: settings(analysis),
        outside: compiled
            .outside
            .iter()
            .map(|one| OutsideAddress {
                url: one.url.clone(),
                why: one.gives.clone(),
                used_by: vec![one.needed_by.clone()],
            })
            .collect(),
    }
}

/// What a spec sets.
pub fn settings(analysis: &Analysis) -> Settings {
    let mut found = Settings::default();
    let Some(model) = &analysis.model else {
        return found;
    };
    let mut nodes: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for one in stated(model, &analysis.library.spec_schema()) {
        match one.nodes {
            None => {
                found.cluster.insert(one.key, one.value);
            }
            Some(names) => {
                let values = nodes.entry(one.key).or_default();
                let known = values.entry(one.value).or_default();
                known.extend(names.iter().cloned());
            }
        }
    }
    let of_nodes = nodes.into_iter().map(|(key, values)| {
        let values = values.into_iter().map(|(value, names)| {
            let names = names.iter().map(String::as_str);
            (value, shortened(names))
        });
        (key, values.collect())
    });
    found.nodes = of_nodes.collect();
    found
}

/// The SHA-256 sum of the spec and of all files that it uses, in the order of reading. Each text is
/// preceded by its length, so that no two specs concatenate to the same bytes. Their names are left
/// out, so that the tree does not depend on the folder that pikc was started in.
pub fn spec_sum(analysis: &Analysis) -> String {
    let mut hasher = Sha256::new();
    for (_, file) in analysis.sources.files() {
        hasher.update(format!("{} ", file.text.len()));
        hasher.update(file.text.as_bytes());
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
