//! What a manifest says about the spec that its tree was compiled from.

use sha2::{Digest as _, Sha256};

use super::manifest::{Manifest, ManifestInput, OutsideAddress};
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
