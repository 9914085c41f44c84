//! The consequences of the library: by setting, and by part of the output.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Step;
use crate::Analysis;
use crate::diagnostic::Diagnostics;
use crate::model::{BLOCK, INSIDE};
use crate::schema::{Applies, LabelRule, Schema, SettingSchema};
use crate::source::Sources;
use crate::stdlib::{Consequence, Library, Part, Weight};

/// For what no part of the output names.
pub(super) const UNKNOWN: &str = "unknown";

/// For files of a machine that is new, and of one that is gone.
pub(super) const ADDED: &str = "machine-added";
pub(super) const REMOVED: &str = "machine-removed";

/// For what only people and pikc read.
pub(super) const NOTHING: &str = "nothing";

/// Everything that says what a change means.
pub(super) struct Rules {
    consequences: BTreeMap<String, Consequence>,
    parts: Vec<Part>,
    schema: Arc<Schema>,
    library: Library,
    sources: Sources,
}

impl Rules {
    pub(super) fn read(analysis: &Analysis) -> Self {
        let mut library = analysis.library.clone();
        let mut sources = analysis.sources.clone();
        let mut out = Diagnostics::default();
        let all = library.consequences(&mut sources, &mut out).into_iter();
        Self {
            consequences: all.map(|one| (one.name.clone(), one)).collect(),
            parts: library.parts(&mut sources, &mut out),
            schema: library.spec_schema(),
            library,
            sources,
        }
    }

    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The consequence of that name. Only a library folder can lack one.
    pub(super) fn consequence(&self, name: &str) -> Consequence {
        let known = self.consequences.get(name);
        known.cloned().unwrap_or_else(|| Consequence {
            name: UNKNOWN.to_owned(),
            weight: Weight::Reboot,
            title: "not known".to_owned(),
            why: "the library does not say what this means for a cluster that runs".to_owned(),
            by_hand: Some("read the difference".to_owned()),
            restarts: Vec::new(),
            in_cluster: None,
            on_control_plane: None,
        })
    }

    pub(super) fn weight(&self, name: &str) -> Weight {
        match self.consequences.get(name) {
            Some(known) => known.weight,
            None => Weight::Reboot,
        }
    }

    /// What it means that a file is new, changed or gone: its name without overlay, and after `#` the kind of document and the field.
    pub(super) fn of_file(&self, name: &str, step: Step) -> &str {
        let mut best = (0, UNKNOWN);
        for part in &self.parts {
            for path in &part.paths {
                if fits(path, name) && path.len() > best.0 {
                    let changed = part.changed.as_ref().filter(|_| step == Step::Changed);
                    best = (path.len(), changed.unwrap_or(&part.applies));
                }
            }
        }
        best.1
    }

    /// The fields of a file's documents of a kind that have consequences of their own, the kind in front, each with the consequence's name.
    pub(super) fn fields(&self, file: &str, kind: &str) -> Vec<(&str, &str)> {
        let all = self.parts.iter().flat_map(|part| {
            let paths = part.paths.iter();
            paths.map(move |path| (path.as_str(), part.applies.as_str()))
        });
        let found = all.filter_map(|(path, applies)| {
            let field = path.strip_prefix(file)?.strip_prefix('#')?;
            (field.split(' ').next() == Some(kind)).then_some((field, applies))
        });
        found.collect()
    }

    /// What a key of [`Stated`](crate::model::Stated) says of its setting, and the setting itself; `label` is that of its block, if there
    /// is only one of its kind. Nothing if no schema has such a setting.
    pub(super) fn of_setting(
        &mut self,
        key: &str,
        of_nodes: bool,
        label: &str,
    ) -> Option<(Applied, Option<SettingSchema>)> {
        let root = if of_nodes { "node" } else { "cluster" };
        let (path, name) = match key.strip_suffix(BLOCK) {
            Some(path) => (path, None),
            None => {
                let (path, name) = key.rsplit_once(INSIDE).unwrap_or(("", key));
                (path, Some(name))
            }
        };
        let inner = path.split(INSIDE).map(|segment| {
            let kind = segment.split(' ').next();
            kind.unwrap_or_default()
        });
        let mut kinds: Vec<&str> = vec![root];
        kinds.extend(inner.filter(|kind| !kind.is_empty() && *kind != root));
        let kind = *kinds.last()?;
        let block = Arc::clone(self.schema.blocks.get(kind)?);
        let mut of = None;
        let applies: Applies = match name {
            None => block.applies.clone(),
            Some(name) => match block.settings.get(name) {
                Some(setting) => {
                    of = Some(setting.clone());
                    setting.applies.clone()
                }
                None if block.open.is_some() => block.applies.clone(),
                None => {
                    let LabelRule::Reference(what) = &block.label else {
                        return None;
                    };
                    let mut out = Diagnostics::default();
                    let options = self
                        .library
                        .options(what, label, &mut self.sources, &mut out);
                    let option = options.get(name)?;
                    of = Some(option.clone());
                    option.applies.clone()
                }
            },
        };
        let name = applies.within(kinds.iter().copied()).unwrap_or(UNKNOWN);
        let usual = match self.consequences.get(name) {
            Some(Consequence {
                in_cluster: Some(other),
                ..
            }) if !of_nodes => other,
            _ => name,
        };
        let on_control_plane = self.consequences.get(usual);
        Some((
            Applied {
                usual: usual.to_owned(),
                on_control_plane: on_control_plane.and_then(|known| known.on_control_plane.clone()),
            },
            of,
        ))
    }
}

/// The consequence of a change of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Applied {
    pub usual: String,
    /// On a control plane, if it is another one there.
    pub on_control_plane: Option<String>,
}

/// Whether a path of a part is that of a file or of one of its fields.
fn fits(path: &str, name: &str) -> bool {
    if path.contains('#') {
        let rest = name.strip_prefix(path);
        return rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', ' ']));
    }
    let file = name.split('#').next().unwrap_or(name);
    match path.strip_suffix('*') {
        Some(start) => file.starts_with(start),
        None if path.ends_with('/') => file.starts_with(path),
        None => file == path,
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn paths_fit_files_and_fields() {
        for (path, name, wanted) in [
            ("etc/netplan/", "etc/netplan/90-pikc.yaml", true),
            ("etc/netplan/", "etc/netplan", false),
            ("steps/60-*", "steps/60-crio.sh", true),
            ("hosts", "hosts", true),
            ("hosts", "hosts.txt", false),
            (
                "patches/",
                "patches/a.yaml#KubeletConfiguration maxPods",
                true,
            ),
            (
                "kubeadm.yaml#ClusterConfiguration etcd",
                "kubeadm.yaml#ClusterConfiguration etcd.local",
                true,
            ),
            (
                "kubeadm.yaml#ClusterConfiguration etcd",
                "kubeadm.yaml#ClusterConfiguration etcds",
                false,
            ),
            (
                "kubeadm.yaml#ClusterConfiguration",
                "kubeadm.yaml#ClusterConfiguration etcd",
                true,
            ),
            ("kubeadm.yaml#ClusterConfiguration", "kubeadm.yaml", false),
        ] {
            assert_eq!(fits(path, name), wanted, "{path} {name}");
        }
    }
}
