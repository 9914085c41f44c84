//! What is applied to the cluster so that pods reach each other.
//!
//! A CNI of the library is a folder: `NAME.yaml.j2` is a whole manifest; `kustomization.yaml.j2` overlays
//! upstream's own files, which the control plane fetches and compares with their checksums; `values.yaml.j2`
//! are the values of a Helm chart, which it fetches in the same way, along with Helm; `resources.yaml.j2`
//! holds what an operator builds the rest from; `objects.yaml.j2` holds objects that options ask for;
//! `secret.yaml.j2` is the Secret with the value that an option names, a file that only its owner can read.
//! No code here depends on a CNI's name.

mod context;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use camino::Utf8PathBuf;

use context::{context, says_bgp};

use super::Options;
use super::network::Secrets;
use super::types::{Artifact, Body, Context, Plan};
use crate::file_format::Writer;
use crate::file_format::list::List;
use crate::model::Model;
use crate::origin::{Origin, Sourced};
use crate::stdlib::{Library, Upstream};
use crate::value::SecretName;

/// A file that a template of the CNI's folder becomes.
pub(super) struct Part {
    /// The template, below `stdlib/`.
    template: String,
    /// The file, as a machine's bundle sees it and below `cluster/`.
    pub path: String,
    /// Whether it holds a secret.
    pub secret: bool,
}

/// The image under the mirror's registry, if there is one.
pub(super) fn image_name(model: &Model, image: &str) -> String {
    match (&model.cluster.mirror.images, image.split_once('/')) {
        (Some(mirror), Some((_, path))) => format!("{}/{path}", mirror.value),
        _ => image.to_owned(),
    }
}

pub(super) fn brought(model: &Model) -> Option<&Sourced<Utf8PathBuf>> {
    model.cluster.cni.as_ref()?.manifest.as_ref()
}

/// Adds what is applied to the cluster: the library's manifest, the overlay over upstream's, further
/// objects; or the file that the user brings.
pub(super) fn add(
    model: &Model,
    library: &Library,
    options: &Options,
    secrets: &mut Secrets<'_>,
    plan: &mut Plan,
) {
    let (Some(choice), Some(facts)) = (&model.cluster.cni, &model.facts.cni) else {
        return;
    };
    if let (Some(manifest), Some(text)) = (&choice.manifest, &choice.brought) {
        plan.artifacts.push(Artifact {
            path: Utf8PathBuf::from(format!("cluster/cni/10-{}.yaml", facts.name)),
            mode: 0o644,
            body: Body::Verbatim(Arc::from(text.as_bytes())),
            origins: Arc::from([manifest.origin.clone()]),
        });
        return;
    }
    let context = Arc::new(context(model, choice, facts, options));
    let because: Arc<[Origin]> = Arc::from([choice.name.origin.clone()]);
    if let Some((name, path)) = lacking(model, library, options) {
        secrets.lacks(&name, Utf8PathBuf::from("cluster").join(path));
    }
    for part in parts(model, library, options) {
        let context = match secret(model).filter(|_| part.secret) {
            Some(named) => Arc::new(with_secret(&context, &named, options)),
            None => Arc::clone(&context),
        };
        plan.artifacts.push(Artifact {
            path: Utf8PathBuf::from("cluster").join(&part.path),
            mode: if part.secret { 0o600 } else { 0o644 },
            body: Body::Template {
                name: part.template,
                context,
            },
            origins: Arc::clone(&because),
        });
    }
    let files = upstream(model);
    for file in &files {
        if let Some((bytes, sum)) = copy(model, options, file) {
            plan.artifacts.push(Artifact {
                path: Utf8PathBuf::from(format!("cluster/cni/10-{}/{}", facts.name, file.file)),
                mode: 0o644,
                body: Body::Verbatim(bytes),
                origins: Arc::from([sum.origin]),
            });
        }
    }
    if !files.is_empty() {
        let mut lines = Writer::<List>::headed(
            "The files that are fetched, and verified before use: checksum, file, address.",
            &options.spec,
        );
        for file in files {
            let sum =
                copy(model, options, file).map_or_else(|| file.sha256.clone(), |(_, sum)| sum);
            let why = [sum.origin, file.url.origin.clone()];
            lines.fetched(&sum.value, &file.file, &file.url.value, why);
        }
        plan.artifacts.push(Artifact {
            path: Utf8PathBuf::from(format!("cluster/cni/10-{}/upstream.list", facts.name)),
            mode: 0o644,
            body: Body::Lines(lines.finish()),
            origins: because,
        });
    }
}

/// The files that a machine of the control plane gets, by their paths in its bundle, and whether each
/// holds a secret.
pub(super) fn bundle(model: &Model, library: &Library, options: &Options) -> Vec<(String, bool)> {
    let Some(facts) = &model.facts.cni else {
        return Vec::new();
    };
    if brought(model).is_some() {
        return vec![(format!("cni/10-{}.yaml", facts.name), false)];
    }
    let mut files: Vec<(String, bool)> = parts(model, library, options)
        .into_iter()
        .map(|part| (part.path, part.secret))
        .collect();
    if !upstream(model).is_empty() {
        files.push((format!("cni/10-{}/upstream.list", facts.name), false));
        let available = upstream(model)
            .into_iter()
            .filter(|file| copy(model, options, file).is_some())
            .map(|file| file.file.clone());
        files.extend(available.map(|file| (format!("cni/10-{}/{file}", facts.name), false)));
    }
    files
}

/// Whether the operator alone brings the pod network.
pub(super) fn by_hand(model: &Model) -> bool {
    model.facts.cni.as_ref().is_some_and(|facts| facts.by_hand) && brought(model).is_none()
}

/// The secret that an option of the CNI names.
pub(super) fn secret(model: &Model) -> Option<Sourced<SecretName>> {
    let choice = model.cluster.cni.as_ref()?;
    let option = model.facts.cni.as_ref()?.secret_option.as_ref()?;
    choice.secret(option).filter(|_| choice.manifest.is_none())
}

/// The secret without a value, and the file of the bundle that is left out because it is missing.
pub(super) fn lacking(
    model: &Model,
    library: &Library,
    options: &Options,
) -> Option<(SecretName, String)> {
    let name = secret(model)?.value;
    if options.secrets.contains_key(&name) {
        return None;
    }
    let all = templates(model, library);
    let part = all.into_iter().find(|part| part.secret)?;
    Some((name, part.path))
}

/// What the CNI's templates become for this cluster, without what a missing secret leaves out.
fn parts(model: &Model, library: &Library, options: &Options) -> Vec<Part> {
    let given = secret(model).is_some_and(|name| options.secrets.contains_key(&name.value));
    let mut parts = templates(model, library);
    parts.retain(|part| !part.secret || given);
    parts
}

/// The templates that the CNI has in the library, and where their results go.
fn templates(model: &Model, library: &Library) -> Vec<Part> {
    let (Some(choice), Some(facts)) = (&model.cluster.cni, &model.facts.cni) else {
        return Vec::new();
    };
    let name = &facts.name;
    let wants = |option: &Sourced<String>| {
        choice
            .written
            .iter()
            .any(|(name, ..)| *name == option.value)
    };
    // The folder of the chosen variant comes before the CNI's own.
    let template = |file: &str| {
        let own = facts.used.iter().rev();
        own.map(|way| format!("cni/{name}/{way}/{file}"))
            .find(|path| library.text(path).is_some())
            .unwrap_or_else(|| format!("cni/{name}/{file}"))
    };
    let part = |file: String, path: String, secret: bool| Part {
        template: template(&file),
        path: format!("cni/{path}"),
        secret,
    };
    let mut all = vec![
        part(format!("{name}.yaml.j2"), format!("10-{name}.yaml"), false),
        part(
            "kustomization.yaml.j2".to_owned(),
            format!("10-{name}/kustomization.yaml"),
            false,
        ),
        part(
            "values.yaml.j2".to_owned(),
            format!("10-{name}/values.yaml"),
            false,
        ),
        part(
            "resources.yaml.j2".to_owned(),
            format!("15-{name}-resources.yaml"),
            false,
        ),
    ];
    if secret(model).is_some() {
        let path = format!("05-{name}-secret.yaml");
        all.push(part("secret.yaml.j2".to_owned(), path, true));
    }
    if facts.objects_for.iter().any(wants) || says_bgp(model) {
        let path = format!("20-{name}-objects.yaml");
        all.push(part("objects.yaml.j2".to_owned(), path, false));
    }
    all.retain(|part| library.text(&part.template).is_some());
    all
}

/// The context of the Secret: no other file's holds the value.
fn with_secret(context: &Context, named: &Sourced<SecretName>, options: &Options) -> Context {
    let mut own = context.clone();
    if let Some(value) = options.secrets.get(&named.value) {
        // As an object of Kubernetes holds it.
        let origin = Origin::secret([named.origin.clone()]);
        own.set("secret", STANDARD.encode(value.expose()), [origin]);
    }
    own
}

/// The upstream files that this cluster's options ask for.
pub(super) fn upstream(model: &Model) -> Vec<&Upstream> {
    let (Some(choice), Some(facts)) = (&model.cluster.cni, &model.facts.cni) else {
        return Vec::new();
    };
    choice.made_from(facts)
}

/// An upstream file that is available: the user's own copy, or that of a vendored folder; with its checksum and why it is this one.
pub(super) fn copy(
    model: &Model,
    options: &Options,
    file: &Upstream,
) -> Option<(Arc<[u8]>, Sourced<String>)> {
    let choice = model.cluster.cni.as_ref()?;
    if let (Some(Ok(text)), Some(folder)) = (choice.copies.get(&file.file), &choice.upstream) {
        let sum = choice.sum_of(&file.file).unwrap_or_default();
        let bytes = Arc::from(text.as_bytes());
        return Some((bytes, Sourced::new(sum, folder.origin.clone())));
    }
    let bytes = options.vendored.get(&file.file)?;
    Some((Arc::clone(bytes), file.sha256.clone()))
}
