//! kubelet, kubeadm and kubectl.

use serde_json::json;

use super::{ClassView, Step};

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let written = class.model.cluster.kubernetes.as_ref()?;
    let exact = class.model.cluster.exact.as_ref()?;
    let release = class.model.facts.release.as_ref()?;
    let pinned: Vec<&str> = release
        .exact_packages
        .iter()
        .map(|package| package.value.as_str())
        .collect();
    let others: Vec<&str> = release
        .packages
        .iter()
        .map(|package| package.value.as_str())
        .filter(|package| !pinned.contains(package))
        .collect();
    let origins = release
        .packages
        .iter()
        .chain(&release.exact_packages)
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
                    "packages": pinned,
                    "others": others,
                }),
                origins,
            ),
    )
}
