//! The standard library during one question: what it declares, and what it knows.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::project::Project;
use super::standing::Head;
use crate::diagnostic::Diagnostics;
use crate::schema::{BlockSchema, Entity, Given, LabelRule, SettingSchema, TOP};
use crate::source::{Sources, Span};
use crate::stdlib::{AdmissionPlugins, Flags, Gates, KubeadmDocument, Library};

/// The library and the texts of its files. Reading a fact remembers it, so a question has a copy of its own; the facts are shared.
pub(super) struct Shelf<'a> {
    /// The spec.
    pub project: &'a Project,
    library: Library,
    sources: Sources,
}

/// What a block can hold.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    /// Its kind.
    pub block: Arc<BlockSchema>,
    /// What the thing that its label names adds.
    pub options: Arc<BTreeMap<String, SettingSchema>>,
}

impl Declared {
    /// A setting by its name.
    pub fn setting(&self, name: &str) -> Option<&SettingSchema> {
        let own = self.block.settings.get(name);
        own.or_else(|| self.options.get(name))
    }

    /// Every setting.
    pub fn settings(&self) -> impl Iterator<Item = &SettingSchema> {
        self.block.settings.values().chain(self.options.values())
    }
}

impl<'a> Shelf<'a> {
    pub fn new(project: &'a Project) -> Self {
        Self {
            project,
            library: project.analysis.library.clone(),
            sources: project.analysis.sources.clone(),
        }
    }

    /// What the innermost of some blocks can hold; the top level of a file without any.
    pub fn declared(&mut self, around: &[Head]) -> Option<Declared> {
        match around.last() {
            Some(head) => self.block(&head.kind, &head.label),
            None => self.block(TOP, ""),
        }
    }

    /// What a block of this kind and label can hold.
    pub fn block(&mut self, kind: &str, label: &str) -> Option<Declared> {
        let block = Arc::clone(self.project.block_schema(kind)?);
        let options = match &block.label {
            LabelRule::Reference(of) => self.options(of, label),
            LabelRule::None | LabelRule::Typed(_) | LabelRule::Text | LabelRule::Range => {
                Arc::default()
            }
        };
        Some(Declared { block, options })
    }

    /// All names of a kind of fact.
    pub fn names(&self, kind: &str) -> Vec<String> {
        self.library.names(kind)
    }

    /// Everything that the library has about something.
    pub fn entity(&mut self, kind: &str, name: &str) -> Option<Arc<Entity>> {
        // Mistakes in the library were reported when the spec was analyzed.
        let mut known = Diagnostics::default();
        self.library
            .entity(kind, name, &mut self.sources, &mut known)
    }

    /// The library's name for people of something: "Raspberry Pi 4 Model B, 2 GB".
    pub fn title(&mut self, kind: &str, name: &str) -> Option<String> {
        let entity = self.entity(kind, name)?;
        Some(self.value(entity.settings.get("title")?))
    }

    fn options(&mut self, kind: &str, name: &str) -> Arc<BTreeMap<String, SettingSchema>> {
        let mut known = Diagnostics::default();
        self.library
            .options(kind, name, &mut self.sources, &mut known)
    }

    /// What a change means for a cluster that runs, in a line.
    pub fn consequence(&mut self, name: &str) -> Option<String> {
        let mut known = Diagnostics::default();
        let mut find = |name: &str| {
            self.library
                .consequence(name, &mut self.sources, &mut known)
        };
        let found = find(name)?;
        let elsewhere = [
            ("for the whole cluster", found.in_cluster),
            ("on a control plane", found.on_control_plane),
        ];
        let mut line = found.title;
        for (place, other) in elsewhere {
            if let Some(other) = other.as_deref().and_then(&mut find) {
                line = format!("{line}; {place}: {}", other.title);
            }
        }
        Some(line)
    }

    /// The feature gates of a program.
    pub fn gates(&mut self, program: &str) -> Option<Gates> {
        let mut known = Diagnostics::default();
        self.library.gates(program, &mut self.sources, &mut known)
    }

    /// The arguments of a program.
    pub fn flags(&mut self, program: &str) -> Option<Flags> {
        let mut known = Diagnostics::default();
        self.library.flags(program, &mut self.sources, &mut known)
    }

    /// The admission plugins of the API server.
    pub fn plugins(&mut self) -> Option<AdmissionPlugins> {
        let mut known = Diagnostics::default();
        self.library
            .admission_plugins(&mut self.sources, &mut known)
    }

    /// The documents of a kind, one for each API version.
    pub fn documents(&mut self, kind: &str) -> Vec<KubeadmDocument> {
        let mut known = Diagnostics::default();
        let names = self.library.names("document");
        let read = names.iter().filter_map(|name| {
            self.library
                .kubeadm_document(name, &mut self.sources, &mut known)
        });
        read.filter(|document| document.kind == kind).collect()
    }

    /// The text of a span, as it is written.
    pub fn text(&self, span: Span) -> &str {
        self.sources.text(span)
    }

    /// A value as it is written, on one line and without quotes around it.
    pub fn value(&self, given: &Given) -> String {
        let written = given.origin.span().map_or("", |span| self.text(span));
        let line = written.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = line
            .replace("[ ", "[")
            .replace(", ]", "]")
            .replace(" ]", "]");
        match line
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
        {
            Some(inner) if !inner.contains('"') => inner.to_owned(),
            _ => line,
        }
    }

    /// `<stdlib>/boards/pi-4.pik:24`, as code: Markdown would take the beginning for a mark.
    pub fn place(&self, span: Span) -> String {
        let file = self.sources.file(span.file);
        format!("`{}:{}`", file.name, self.sources.start(span).line)
    }
}
