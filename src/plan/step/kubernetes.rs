//! kubelet, kubeadm and kubectl.

use serde_json::json;

use super::{Class, Step};

/// The packages whose version is the cluster's.
const PINNED: [&str; 3] = ["kubelet", "kubeadm", "kubectl"];

pub(super) fn plan(class: &Class<'_>) -> Option<Step> {
    let written = class.model.cluster.kubernetes.as_ref()?;
    let exact = class.model.cluster.exact.as_ref()?;
    let release = class.model.facts.release.as_ref()?;
    let others: Vec<&str> = release
        .packages
        .iter()
        .map(|package| package.value.as_str())
        .filter(|package| !PINNED.contains(package))
        .collect();
    let origins = release
        .packages
        .iter()
        .map(|package| package.origin.clone())
        .chain([exact.origin.clone(), written.origin.clone()]);
    Some(
        Step::new("62-kubernetes")
            .asked(
                format!("kubernetes = {}", written.value),
                [written.origin.clone()],
            )
            .set(
                "kubernetes",
                json!({
                    "version": exact.value.to_string(),
                    "packages": PINNED,
                    "others": others,
                }),
                origins,
            ),
    )
}
