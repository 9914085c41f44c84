//! Manifests that were applied to a cluster: the CNIs among the objects, and objects that the API server refuses.

use std::collections::BTreeSet;
use std::sync::Arc;

use ipnet::IpNet;

use super::kubeadm::is_ours;
use super::yaml::Yaml;
use super::{Applied, Existing, values};
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
        sources: ["helm/helm-mapkubeapis config/Map.yaml", "kubernetes.io: docs/reference/using-api/deprecation-guide"],
    }
}

pub(super) static CODES: &[&Descriptor] = &[&REMOVED_API];

/// Checks the objects of all files.
pub(super) fn read(
    roots: &[Yaml],
    release: Option<&Sourced<Version>>,
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
    for object in &objects {
        served(object, &removed, release, out);
    }
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
            });
        }
    }
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

fn served(
    object: &Yaml,
    removed: &[Removed],
    release: Option<&Sourced<Version>>,
    out: &mut Diagnostics,
) {
    let (Some(release), Some(api), Some(kind)) = (
        release,
        object.get("apiVersion").and_then(Yaml::text),
        text(object, "kind"),
    ) else {
        return;
    };
    let Some(gone) = removed.iter().find(|gone| {
        gone.api == api.value
            && gone.kinds.contains(&kind)
            && gone.from <= release.value.without_patch()
    }) else {
        return;
    };
    let name = object.at("metadata.name").and_then(Yaml::text);
    let name = name.map_or_else(String::new, |name| {
        format!(" {}", name.value.escape_debug())
    });
    let message = format!(
        "{kind}{name}: {} has no {} of {}",
        release.value.without_patch(),
        kind,
        gone.api
    );
    let mut finding = Diagnostic::new(&REMOVED_API, message)
        .label(api.span, format!("not served since {}", gone.from))
        .label(release, "this release");
    finding = match &gone.instead {
        Some(instead) => finding.help(format!(
            "use a newer release of the manifest; if the object stayed the same, write `apiVersion: {instead}`"
        )),
        None => finding.help("use a newer release of the manifest: nothing replaces this object"),
    };
    out.push(finding);
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
