//! The texts of all files, read: what is a document for kubeadm, what holds some, what is neither.

use super::yaml::{self, Yaml};
use super::{GivenFile, NO_YAML, documents, held, kubeadm, placeholder, secret};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{FileId, Sources};

/// The documents of all files.
#[derive(Default)]
pub(super) struct Texts<'a> {
    /// Every document, also those that ConfigMaps hold.
    pub roots: Vec<Yaml>,
    /// The files without a document for kubeadm.
    pub empty: Vec<(FileId, &'a GivenFile<'a>)>,
    /// The files that kubeadm would read, each with its text and its documents.
    pub own: Vec<(FileId, &'a str, Vec<Yaml>)>,
}

impl<'a> Texts<'a> {
    pub(super) fn file(
        &mut self,
        file: FileId,
        given: &'a GivenFile<'a>,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) {
        // Manifests contain templates that are none: `$(POD_IP)` in the arguments of a container.
        let ours = kubeadm::GROUPS
            .iter()
            .any(|group| given.text.contains(group));
        let masked = match ours {
            true => placeholder::masked(given.text),
            false => given.text.into(),
        };
        let read = yaml::documents(file, &masked);
        let mut found = read.roots;
        secret::places(&found)
            .into_iter()
            .for_each(|place| sources.hide(place));
        if ours {
            placeholder::statements(file, given.text, out);
        }
        for root in found.iter_mut().filter(|root| documents::is_meant(root)) {
            placeholder::take(root, given.text, out);
        }
        documents::twice(&read.twice, out);
        let held = held::documents(file, given.text, &found);
        secret::places(&held.roots)
            .into_iter()
            .for_each(|place| sources.hide(place));
        let broken = read.problem.is_some() || !held.problems.is_empty();
        for problem in read.problem.iter().chain(&held.problems) {
            let message = format!("`{}` cannot be read: {}", given.name, problem.value);
            out.push(Diagnostic::new(&NO_YAML, message).label(problem.span, "here"));
        }
        let meant = found.iter().any(documents::is_meant);
        if meant && read.problem.is_none() {
            self.own.push((file, given.text, found.clone()));
        } else if !broken && !meant && held.roots.is_empty() {
            self.empty.push((file, given));
        }
        self.roots.extend(found);
        self.roots.extend(held.roots);
    }
}
