//! The upstream files that a cluster is built from, for sites without internet.

use std::sync::Arc;

use camino::Utf8PathBuf;
use serde_json::json;

use super::Options;
use super::cni::upstream;
use super::types::{Artifact, Body, Context, Plan};
use crate::check::Checked;
use crate::model::Model;
use crate::origin::Sourced;
use crate::stdlib::{Upstream, UpstreamKind};

/// A file that the control plane would fetch.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What it is.
    pub kind: UpstreamKind,
    /// Its name in a folder: `calico.yaml`.
    pub file: String,
    /// Its SHA-256.
    pub sha256: Sourced<String>,
    /// The objects (`Kind/name`) that are changed in it.
    pub objects: Vec<Sourced<String>>,
}

/// What the control plane of this cluster would fetch.
pub fn wanted(model: &Model) -> Vec<Wanted> {
    let choice = model.cluster.cni.as_ref();
    let own = |file: &&Upstream| {
        choice.is_some_and(|choice| matches!(choice.copies.get(&file.file), Some(Ok(_))))
    };
    upstream(model)
        .into_iter()
        .filter(|file| !own(file))
        .map(|file| Wanted {
            kind: file.kind.clone(),
            file: file.file.clone(),
            sha256: file.sha256.clone(),
            objects: file.objects.clone(),
        })
        .collect()
}

/// A plan of one file: the script that fetches them all.
pub fn vendor(model: &Checked<Model>, options: &Options) -> Plan {
    let model = model.get();
    let mut context = Context::default();
    context.set("spec", options.spec.clone(), []);
    context.set("cluster", model.cluster.name.value.clone(), []);
    let files = upstream(model);
    let rows: Vec<_> = files
        .iter()
        .map(|file| {
            json!({
                "sha256": file.sha256.value,
                "name": file.file,
                "url": file.url.value,
            })
        })
        .collect();
    let origins = files
        .iter()
        .flat_map(|file| [file.sha256.origin.clone(), file.url.origin.clone()]);
    context.set("files", rows, origins);
    let mut plan = Plan::default();
    plan.artifacts.push(Artifact {
        path: Utf8PathBuf::from("fetch.sh"),
        mode: 0o755,
        body: Body::Template {
            name: "output/vendor.sh.j2".to_owned(),
            context: Arc::new(context),
        },
        origins: Arc::from([]),
    });
    plan
}
