//! The tree to write: checked for contradictions, with what the manifest will say of each path.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use rayon::prelude::*;

use super::error::{OutputError, TreeFault};
use super::manifest::{Digest, Record, What, is_place, resolve};
use super::survey::CHUNK;
use crate::render::{Entry, Rendered};

/// One path of the tree, with what the manifest will say of it.
pub(super) struct Wanted<'r> {
    pub entry: &'r Entry,
    pub record: Record,
}

/// Checks the tree and works out what the manifest will say of each path.
pub(super) fn wanted(rendered: &Rendered) -> Result<Vec<Wanted<'_>>, OutputError> {
    let entries: Vec<_> = rendered.entries.iter().collect();
    let wanted: Vec<_> = entries
        .par_iter()
        .with_min_len(CHUNK)
        .map(|(path, entry)| Wanted {
            entry,
            record: Record {
                path: path.as_str().to_owned(),
                what: match entry {
                    Entry::File(file) => What::File {
                        mode: file.mode,
                        size: file.content.len() as u64,
                        sha256: Digest::from(file.content.sha256()),
                    },
                    Entry::Link(target) => What::Link(target.as_str().to_owned()),
                },
            },
        })
        .collect();
    if let Some(odd) = wanted.iter().find(|wanted| !is_place(&wanted.record.path)) {
        return Err(fault(TreeFault::Path(odd.record.path.clone().into())));
    }
    // In order of components, what is below a path follows it at once.
    for pair in wanted.windows(2) {
        let (above, below) = (&pair[0].record.path, &pair[1].record.path);
        if below
            .strip_prefix(above.as_str())
            .is_some_and(|rest| rest.starts_with('/'))
        {
            return Err(fault(TreeFault::FileAndFolder(above.clone().into())));
        }
    }
    Ok(wanted)
}

fn fault(fault: TreeFault) -> OutputError {
    OutputError::Tree(fault)
}

/// What each place that a link leads to stands for: the files there.
pub(super) fn flat(rendered: &Rendered) -> Result<BTreeMap<Utf8PathBuf, Vec<&str>>, OutputError> {
    let mut flat = BTreeMap::new();
    for (path, entry) in &rendered.entries {
        let Entry::Link(target) = entry else { continue };
        let broken = || {
            fault(TreeFault::Link {
                path: path.clone(),
                target: target.clone(),
            })
        };
        let place = resolve(path, target.as_str()).ok_or_else(broken)?;
        if flat.contains_key(&place) {
            continue;
        }
        let below = rendered.entries.range::<Utf8PathBuf, _>(&place..);
        let below = below.take_while(|(path, _)| path.starts_with(&place));
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
        flat.insert(place, files);
    }
    Ok(flat)
}
