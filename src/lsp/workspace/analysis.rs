//! The analysis of one spec of a workspace, with the texts that are open.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::super::reading::Reading;
use super::{Reads, Workspace};
use crate::editor::Project;
use crate::model::Page;
use crate::output::{self, Sort};
use crate::value::Version;
use crate::{Analysis, AnalyzeInput, analyze_with_pages};

/// An analysis, and the trees of its files.
type Made = (Analysis, Vec<Page>);

impl Workspace {
    /// The analysis of a root with a version that an earlier compile chose, and with other texts of its files, by their names.
    pub(in crate::lsp) fn analysed(
        &self,
        path: &Utf8Path,
        kept: Option<Version>,
        texts: &BTreeMap<String, String>,
    ) -> Option<Analysis> {
        Some(self.read(path, kept, texts)?.0?.0)
    }

    /// The analysis of a root and what was read for it; no analysis if it panicked. None if there is no such file.
    pub(super) fn read(
        &self,
        path: &Utf8Path,
        kept: Option<Version>,
        texts: &BTreeMap<String, String>,
    ) -> Option<(Option<Made>, Reads)> {
        let text = match texts.get(path.as_str()) {
            Some(text) => Arc::from(text.as_str()),
            None => self.text(path)?,
        };
        let reader = Reading::new(self, path, texts, self.root_of(path));
        let made = catch_unwind(AssertUnwindSafe(|| {
            analyze_with_pages(AnalyzeInput {
                path,
                text: &text,
                reader: &reader,
                overlay: self.overlay.clone(),
                as_of: self.now.settings.as_of,
                kept,
            })
        }));
        Some((made.ok(), reader.into_reads()))
    }

    /// The paths of the specs that a file is part of.
    pub(in crate::lsp) fn specs_of(&self, path: &Utf8Path) -> Vec<&Utf8Path> {
        let of_file = self.roots.iter().filter(|(_, root)| {
            let root = root.as_ref();
            root.is_some_and(|root| root.reads.contains_key(path))
        });
        of_file.map(|(spec, _)| spec.as_path()).collect()
    }

    /// A spec; one that is not kept in memory is analysed again.
    pub(in crate::lsp) fn project(&self, spec: &Utf8Path) -> Option<Arc<Project>> {
        let root = self.roots.get(spec)?.as_ref()?;
        if let Some(project) = &root.project {
            return Some(Arc::clone(project));
        }
        let (analysis, pages) = self.read(spec, None, &BTreeMap::new())?.0?;
        Some(Arc::new(Project::with_pages(analysis, pages)))
    }

    /// The text of a root.
    pub(super) fn text(&self, path: &Utf8Path) -> Option<Arc<str>> {
        if let Some(document) = self.open(path) {
            return Some(Arc::clone(&document.text));
        }
        let found = output::read_no_link(path, Sort::Spec).ok()?;
        String::from_utf8(found.bytes).ok().map(Arc::from)
    }

    /// The folder from which a spec may read files: its own, unless the settings name another.
    pub(super) fn root_of(&self, spec: &Utf8Path) -> Utf8PathBuf {
        match &self.now.settings.root {
            Some(root) => root.clone(),
            None => spec.parent().unwrap_or(Utf8Path::new("")).to_owned(),
        }
    }
}
