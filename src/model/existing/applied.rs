//! Manifests that were applied to a cluster: the CNIs among the objects, and objects that the API server refuses.

use std::collections::BTreeSet;
use std::sync::Arc;

use ipnet::IpNet;

use super::kubeadm::is_ours;
use super::yaml::Yaml;
use super::{Applied, Existing, contents, values};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics};
use crate::model::manifest;
use crate::origin::Sourced;
use crate::source::{FileId, Sources, Spanned};
use crate::stdlib::{Cni, Library, RangeAt, Removed};
use crate::value::Version;

declare! {
    /// The API server of this release no longer serves the object's API version, and `kubectl apply` fails with "no matches for
    /// kind". Manifests copied from old instructions are full of such objects: PodSecurityPolicy (gone in 1.25), the first API
    /// versions of DaemonSet (1.16) and of roles (1.22).
    ///
    /// The fix is a newer release of the same manifest; to change only `apiVersion` is enough if the object stayed the same.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ---
    /// apiVersion: rbac.authorization.k8s.io/v1beta1
    /// kind: ClusterRole
    /// metadata: { name: flannel }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ---
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata: { name: flannel }
    /// ```
    pub static REMOVED_API = {
        code: "manifest/removed-api",
        since: "0.1.0",
        severity: Error,
        title: "an object in an API version that is no longer served",
        help: "use a newer release of the manifest",
        no_edit: "other fields of the object changed with its API version",
        sources: ["helm/helm-mapkubeapis config/Map.yaml", "kubernetes.io: docs/reference/using-api/deprecation-guide"],
    }
}

pub(super) static CODES: &[&Descriptor] = &[&REMOVED_API];

/// Checks the objects of all files.
pub(super) fn read(
    roots: &[Yaml],
    (release, oldest): (Option<&Sourced<Version>>, Option<Version>),
    existing: &mut Existing,
    library: &mut Library,
    sources: &mut Sources,
    out: &mut Diagnostics,
) {
    let mut objects = Vec::new();
    for root in roots {
        gather(root, &mut objects);
    }
    if objects.is_empty() {
        return;
    }
    let removed = library.removed(sources, out);
    existing.old = served(&objects, &removed, release, oldest, out);
    let known: Vec<Arc<Cni>> = library
        .names("cni")
        .iter()
        .filter_map(|name| library.cni(name, sources, out))
        .map(Arc::new)
        .collect();
    let mut seen = BTreeSet::new();
    for object in &objects {
        for cni in &known {
            by_operator(cni, object, existing, &mut seen, out);
        }
        if text(object, "kind").as_deref() != Some("DaemonSet") {
            continue;
        }
        let Some(name) = object.at("metadata.name").and_then(Yaml::text) else {
            continue;
        };
        // Older manifests have one for each architecture: `kube-flannel-ds-arm64`.
        let is = |cni: &&Arc<Cni>| {
            let own = cni.daemonset.as_deref();
            own.and_then(|own| name.value.strip_prefix(own))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        if let Some(cni) = known.iter().find(is)
            && seen.insert((cni.name.clone(), name.span.file))
        {
            let at = cni.range.as_ref();
            existing.networks.push(Applied {
                cni: Arc::clone(cni),
                place: name.span,
                at: at.cloned(),
                range: at.and_then(|at| range(at, object, &objects, name.span.file, sources, out)),
                second: None,
                pool: None,
            });
        }
    }
    let configs: Vec<&Yaml> = objects
        .iter()
        .copied()
        .filter(|object| text(object, "kind").as_deref() == Some("ConfigMap"))
        .collect();
    contents::read(&configs, &known, existing, &mut seen, sources, out);
}

/// A CNI whose operator creates the rest from this object.
fn by_operator(
    cni: &Arc<Cni>,
    object: &Yaml,
    existing: &mut Existing,
    seen: &mut BTreeSet<(String, FileId)>,
    out: &mut Diagnostics,
) {
    let ways = cni.ways.iter().filter_map(|way| way.range.as_ref());
    for at in ways {
        let Some(((group, kind), path)) = at
            .resource
            .as_ref()
            .and_then(|(resource, path)| Some((resource.split_once('/')?, path)))
        else {
            continue;
        };
        let Some(name) = object.at("metadata.name").and_then(Yaml::text) else {
            continue;
        };
        let api = text(object, "apiVersion").unwrap_or_default();
        let is = api.split_once('/').is_some_and(|(own, _)| own == group)
            && text(object, "kind").as_deref() == Some(kind);
        if !is || !seen.insert((cni.name.clone(), name.span.file)) {
            continue;
        }
        let pools = object.at(path).map_or(&[][..], Yaml::items);
        let range = pools
            .iter()
            .flat_map(|pool| values::ranges(pool.get("cidr"), out))
            .find(|range| range.value.addr().is_ipv4());
        existing.networks.push(Applied {
            cni: Arc::clone(cni),
            place: name.span,
            at: Some(at.clone()),
            range,
            second: None,
            pool: None,
        });
    }
}

/// The objects of a document: itself, or those of a List.
pub(super) fn gather<'y>(root: &'y Yaml, out: &mut Vec<&'y Yaml>) {
    let Some(api) = text(root, "apiVersion").filter(|api| !is_ours(api)) else {
        return;
    };
    match root.get("items") {
        Some(items) if api == "v1" && text(root, "kind").as_deref() == Some("List") => {
            items.items().iter().for_each(|item| gather(item, out));
        }
        _ => out.push(root),
    }
}

fn text(object: &Yaml, key: &str) -> Option<String> {
    Some(object.get(key)?.text()?.value)
}

/// Reports the objects that the release does not serve: each API version and kind once, however many there are. Where no file names the release,
/// those that the oldest release that pikc knows does not serve. Returns the files that have some.
fn served(
    objects: &[&Yaml],
    removed: &[Removed],
    release: Option<&Sourced<Version>>,
    oldest: Option<Version>,
    out: &mut Diagnostics,
) -> Vec<FileId> {
    let named = release.map(|release| release.value.without_patch());
    let Some(line) = named.or(oldest) else {
        return Vec::new();
    };
    let mut found: Vec<(String, Spanned<String>, &Removed, Vec<String>)> = Vec::new();
    for object in objects {
        let (Some(api), Some(kind)) = (
            object.get("apiVersion").and_then(Yaml::text),
            text(object, "kind"),
        ) else {
            continue;
        };
        let gone = removed
            .iter()
            .find(|gone| gone.api == api.value && gone.kinds.contains(&kind) && gone.from <= line);
        let Some(gone) = gone else {
            continue;
        };
        let name = text_at(object, "metadata.name").unwrap_or_default();
        let same = found.iter_mut().find(|(known, place, ..)| {
            (known, &place.value, place.span.file) == (&kind, &api.value, api.span.file)
        });
        match same {
            Some((.., names)) => names.push(name),
            None => found.push((kind, api, gone, vec![name])),
        }
    }
    let files = found.iter().map(|(_, api, ..)| api.span.file).collect();
    for (kind, api, gone, names) in found {
        let which = match names.as_slice() {
            [one] if one.is_empty() => kind.clone(),
            [one] => format!("{kind} {}", one.escape_debug()),
            all => format!("{} objects of the kind {kind}", all.len()),
        };
        let message = format!("{which}: {line} has no {kind} of {}", gone.api);
        let mut finding = Diagnostic::new(&REMOVED_API, message)
            .label(api.span, format!("not served since {}", gone.from))
            .label(release, "this release");
        if names.len() > 1 {
            let names: Vec<_> = names
                .iter()
                .map(|name| name.escape_debug().to_string())
                .collect();
            finding = finding.note(format!("they are {}", names.join(", ")));
        }
        finding = match &gone.instead {
            Some(instead) => finding.help(format!(
                "use a newer release of the manifest; if the object stayed the same, write `apiVersion: {instead}`"
            )),
            None => finding.help("use a newer release of the manifest: nothing replaces this object"),
        };
        out.push(finding);
    }
    files
}

fn text_at(object: &Yaml, path: &str) -> Option<String> {
    Some(object.at(path)?.text()?.value)
}

/// The range that a manifest sets.
fn range(
    at: &RangeAt,
    daemonset: &Yaml,
    objects: &[&Yaml],
    file: FileId,
    sources: &Sources,
    out: &mut Diagnostics,
) -> Option<Spanned<IpNet>> {
    if let Some(key) = &at.config_key {
        let config = objects.iter().find_map(|object| {
            let found = object.get("data")?.get(key)?.text()?;
            (found.span.file == file).then_some(found)
        })?;
        let text = &sources.file(file).text;
        return manifest::of_json(file, text, config.span.start as usize, &config.value).ok();
    }
    let name = at.env.as_deref()?;
    let containers = daemonset.at("spec.template.spec.containers")?.items();
    let value = containers
        .iter()
        .flat_map(|container| container.get("env").map_or(&[][..], Yaml::items))
        .find(|variable| text(variable, "name").as_deref() == Some(name))?
        .get("value")?;
    values::ranges(Some(value), out).into_iter().next()
}
