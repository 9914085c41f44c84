//! What a request is answered from, and what all answers have in common.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::editor::{Project, View};
use crate::lsp::places::Places;
use crate::lsp::protocol::{Diagnostic, Document, ErrorCode, Position, Range};
use crate::lsp::settings::Settings;
use crate::lsp::workspace::Workspace;
use crate::output::Diff;
use crate::source::Sources;
use crate::trace::Why;

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lsp) struct Failure {
    code: ErrorCode,
    message: String,
}

impl Failure {
    pub(in crate::lsp) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    pub(in crate::lsp) fn json(&self) -> Value {
        json!({"code": self.code.number(), "message": self.message})
    }
}

/// What the command line, which is above this floor, does for the server.
#[derive(Clone, Copy, Debug)]
pub struct CommandLine {
    /// Shows an answer to "why is this line here".
    pub why: fn(&Sources, Why) -> String,
    /// Shows what a write would change.
    pub diff: fn(&Diff) -> String,
    /// Compiles a spec into its output folder: what was printed, or why nothing was written.
    pub compile: fn(&Order) -> Result<String, String>,
}

/// A spec that is to be compiled, as it is on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The spec.
    pub spec: Utf8PathBuf,
    /// The output folder, and how the spec is read.
    pub settings: Settings,
}

/// What the worker remembers between requests.
#[derive(Debug)]
pub(in crate::lsp) struct Known {
    pub command_line: CommandLine,
    /// Whether the editor fills in placeholders.
    pub snippets: bool,
    /// Whether it wants to know which version of a document edits are for.
    pub versions: bool,
    /// Whether edits can have places to type in.
    pub snippet_edits: bool,
    /// Whether it asks for the edit of an action when it is chosen.
    pub resolves: bool,
    /// Whether it shows where a definition begins and ends.
    pub links: bool,
    /// Whether it shows symbols in symbols.
    pub trees: bool,
    /// Whether it shows documents of this server.
    pub contents: bool,
    /// What the user is to be shown besides the answer.
    pub message: Option<String>,
    /// The marks that were sent under each number.
    pub results: BTreeMap<String, (u64, Arc<Vec<Diagnostic>>)>,
    pub numbers: u64,
}

impl Known {
    pub(in crate::lsp) fn new(command_line: CommandLine) -> Self {
        Self {
            command_line,
            snippets: false,
            versions: false,
            snippet_edits: false,
            resolves: false,
            links: false,
            trees: false,
            contents: false,
            message: None,
            results: BTreeMap::new(),
            numbers: 0,
        }
    }
}

/// What a request is answered from.
pub(super) struct Ask<'a> {
    pub workspace: &'a Workspace,
    pub known: &'a mut Known,
    pub params: &'a Value,
}

/// A place in a document: what most requests are about.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    pub text_document: Document,
    pub position: Position,
}

/// A document as a part of one spec.
pub(super) struct Focus<'a> {
    pub view: View<'a>,
    pub places: Places<'a>,
}

impl<'a> Focus<'a> {
    pub(super) fn new(workspace: &'a Workspace, project: &'a Project, path: &str) -> Option<Self> {
        Some(Self {
            view: project.view(path)?,
            places: workspace.places(&project.analysis),
        })
    }

    /// The byte at a position.
    pub(super) fn offset(&self, position: Position) -> usize {
        self.places.offset(self.view.page.file, position)
    }

    /// The bytes of a range.
    pub(super) fn bytes(&self, range: Range) -> (usize, usize) {
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        (start.min(end), start.max(end))
    }
}

impl<'a> Ask<'a> {
    /// A document as a part of each spec that uses it, first of the one that it is itself.
    pub(super) fn focuses(&self, address: &str) -> Vec<Focus<'a>> {
        let workspace = self.workspace;
        let Some(path) = workspace.path_of(address) else {
            return Vec::new();
        };
        workspace
            .projects(address)
            .into_iter()
            .filter_map(|(_, project)| Focus::new(workspace, project, path.as_str()))
            .collect()
    }

    /// The first of them, and the path of its spec.
    pub(super) fn focus_and_spec(&self, address: &str) -> Option<(Focus<'a>, &'a Utf8Path)> {
        let path = self.workspace.path_of(address)?;
        let (spec, project) = self.workspace.projects(address).into_iter().next()?;
        let focus = Focus::new(self.workspace, project, path.as_str())?;
        Some((focus, spec))
    }

    /// The first of them; none for a document that is not open.
    pub(super) fn focus(&self, address: &str) -> Option<Focus<'a>> {
        self.focuses(address).into_iter().next()
    }

    /// The parameters as a type.
    pub(super) fn params<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        T::deserialize(self.params)
            .map_err(|error| Failure::new(ErrorCode::InvalidParams, error.to_string()))
    }
}

/// The result of a request, or why there is none.
pub(super) type Answer = Result<Value, Failure>;
