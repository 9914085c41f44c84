//! kubeadm's files and manifests from a stranger.

use std::collections::BTreeMap;

use pikc::analyze_existing;
use pikc::model::GivenFile;

/// Whatever is in them (files separated by NUL): the analysis ends, and its report can be drawn.
pub fn existing(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return; // refused where files are read
    };
    let names = ["kubeadm.yaml", "manifest.yaml", "more.yaml"];
    let files: Vec<GivenFile<'_>> = names
        .iter()
        .zip(text.split('\0'))
        .map(|(name, text)| GivenFile { name, text })
        .collect();
    let analysis = analyze_existing(&files, BTreeMap::new(), None);
    super::reports_are_sound(&analysis, "kubeadm.yaml");
}
