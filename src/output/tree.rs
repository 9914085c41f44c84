//! The tree to write: checked for contradictions, with what the manifest will say of each path.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use camino::Utf8PathBuf;

use super::error::{OutputError, TreeFault};
use super::manifest::{Digest, What, is_place, resolve};
use crate::render::{Entry, Rendered, by_components};

/// One path of the tree.
pub(super) struct Wanted<'r> {
    pub path: &'r str,
    pub entry: &'r Entry,
    what: OnceLock<What>,
}

impl Wanted<'_> {
    /// What the manifest will say of it. Computed when first asked for: then the content is produced and read whole.
    pub(super) fn what(&self) -> &What {
        self.what.get_or_init(|| match self.entry {
            Entry::File(file) => What::File {
                mode: file.mode,
                size: file.content.len() as u64,
                sha256: Digest::from(file.content.sha256()),
            },
            Entry::Link(target) => What::Link(target.as_str().to_owned()),
        })
    }
}

/// Checks the tree.
pub(super) fn wanted(rendered: &Rendered) -> Result<Vec<Wanted<'_>>, OutputError> {
    let entries = rendered.entries().iter();
    let wanted: Vec<_> = entries
        .map(|(path, entry)| Wanted {
            path: path.as_str(),
            entry,
            what: OnceLock::new(),
        })
        .collect();
    if let Some(odd) = wanted.iter().find(|wanted| !is_place(wanted.path)) {
        return Err(fault(TreeFault::Path(odd.path.into())));
    }
    // In order of components, what is below a path follows it at once.
    for pair in wanted.windows(2) {
        let (above, below) = (pair[0].path, pair[1].path);
        if is_below(below, above) {
            return Err(fault(TreeFault::FileAndFolder(above.into())));
        }
    }
    Ok(wanted)
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

fn fault(fault: TreeFault) -> OutputError {
    OutputError::Tree(fault)
}

/// For each place that a link points to: the files there.
pub(super) fn flat(rendered: &Rendered) -> Result<BTreeMap<Utf8PathBuf, Vec<&str>>, OutputError> {
    let mut found: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let entries = rendered.entries().as_slice();
    for (path, entry) in entries {
        let Entry::Link(target) = entry else { continue };
        let broken = || {
            fault(TreeFault::Link {
                path: path.as_str().into(),
                target: target.clone(),
            })
        };
        let place = resolve(path, target.as_str()).ok_or_else(broken)?;
        if found.contains_key(place.as_str()) {
            continue;
        }
        let from = entries.partition_point(|path, _| by_components(path, place.as_str()).is_lt());
        let below = entries[from..].iter().take_while(|(path, _)| {
            path.as_str() == place.as_str() || is_below(path.as_str(), place.as_str())
        });
        let mut files = Vec::new();
        for (path, entry) in below {
            match entry {
                Entry::File(_) => files.push(path.as_str()),
                Entry::Link(_) => return Err(broken()),
            }
        }
        if files.is_empty() || place.as_str().is_empty() {
            return Err(broken());
        }
        found.insert(place.into_string(), files);
    }
    Ok(found
        .into_iter()
        .map(|(place, files)| (place.into(), files))
        .collect())
}
