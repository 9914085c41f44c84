//! Addresses of documents, paths of files, and which of them stand for each other.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::super::uri;
use super::Workspace;
use crate::Analysis;
use crate::model::ENDING;
use crate::source::FileId;

impl Workspace {
    /// The path that stands for a document in an analysis. One that is not saved yet is in the first folder of the workspace.
    pub(in crate::lsp) fn path_of(&self, address: &str) -> Option<Utf8PathBuf> {
        if let Some(path) = uri::path(address) {
            return Some(path);
        }
        if let Some(rest) = uri::strip_scheme(address, "untitled") {
            let name: String = uri::decoded(rest)?
                .chars()
                .map(|c| if c.is_control() { '_' } else { c })
                .collect();
            let folder = self.now.folders.first().cloned().unwrap_or_default();
            return Some(folder.join(name.trim_start_matches('/')));
        }
        None
    }

    /// The address of a file of an analysis.
    pub(in crate::lsp) fn address(&self, project: &Analysis, file: FileId) -> String {
        let name = project.sources.file(file).name.as_str();
        if let Some(below) = name.strip_prefix("<stdlib>/").filter(|_| file.is_library()) {
            return match &self.now.settings.stdlib {
                Some(folder) if self.overlay.contains_key(below) => uri::file(&folder.join(below)),
                _ => format!("{}:/{}", uri::LIBRARY, uri::encoded(below)),
            };
        }
        self.address_of(Utf8Path::new(name))
    }

    /// The address of a file of a spec.
    pub(in crate::lsp) fn address_of(&self, path: &Utf8Path) -> String {
        match self.names.get(path) {
            Some(address) => address.clone(),
            None => uri::file(path),
        }
    }

    /// The other specs in the folder of a document and below it, by their paths from there: what `use` can name.
    pub(in crate::lsp) fn files_below(&self, address: &str) -> Vec<String> {
        let Some(path) = self.path_of(address) else {
            return Vec::new();
        };
        let folder = path.parent().unwrap_or(Utf8Path::new(""));
        let known: BTreeSet<&Utf8PathBuf> = self.found.keys().chain(self.names.keys()).collect();
        known
            .into_iter()
            .filter(|other| **other != path && other.as_str().ends_with(ENDING))
            .filter_map(|other| Some(other.strip_prefix(folder).ok()?.to_string()))
            .collect()
    }

    /// The text of a file of the library that analyses use.
    pub(in crate::lsp) fn library_text(&self, path: &str) -> Option<String> {
        if let Some(text) = self.overlay.get(path) {
            return Some(text.clone());
        }
        let found = crate::stdlib::EMBEDDED
            .binary_search_by(|(known, _)| (*known).cmp(path))
            .ok()?;
        Some(crate::stdlib::EMBEDDED[found].1.to_owned())
    }
}
