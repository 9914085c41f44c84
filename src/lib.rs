//! `pikc`: from one file that describes a Kubernetes cluster to the files that build it.
//!
//! ```text
//! text -syntax-> Tree -ast-> Document -schema-> Entities -model-> Model -check-> Checked<Model>
//!      -plan-> Plan -render-> Rendered -output-> files
//! ```
//!
//! [`analyze`] goes as far as the checks and never stops at the first mistake; the command line prints
//! what it finds, as reports or as JSON. [`compile`] continues from there, if there is no
//! error, up to the tree of files in memory.

pub mod change;
pub mod check;
pub mod cli;
pub mod editor;
pub mod file_format;
pub mod format;
pub mod import;
pub mod lsp;
pub mod model;
pub mod output;
pub mod picture;
pub mod plan;
pub mod render;
pub mod review;
pub mod secret;
pub mod stdlib;
pub mod trace;

pub use pikc_language::{ast, declare, diagnostic, origin, schema, source, syntax, value};

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use check::Checked;
use diagnostic::Diagnostics;
use file_format::Refused;
use model::{Model, Page, Problems, Reader};
use render::{AssembleError, Rendered};
use source::Sources;
use stdlib::Library;
use value::{Date, SecretName, Version};

/// What an analysis starts from.
pub struct AnalyzeInput<'a> {
    /// The spec's path, as the user wrote it (or `<stdin>`).
    pub path: &'a Utf8Path,
    /// Its text.
    pub text: &'a str,
    /// Where the files that it uses come from.
    pub reader: &'a dyn Reader,
    /// Files that overlay the standard library: path below the folder, and text.
    pub overlay: BTreeMap<String, String>,
    /// The date that rules use; none for the library's own.
    pub as_of: Option<Date>,
    /// The exact Kubernetes version that an earlier compile into the same tree chose.
    pub kept: Option<Version>,
}

/// Everything that is known about a spec before it is compiled.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// Every file that took part.
    pub sources: Sources,
    /// The standard library, with its overlay.
    pub library: Library,
    /// The cluster; none if the spec describes none.
    pub model: Option<Arc<Model>>,
    /// The same as a model that may be planned; none if anything about it is an error.
    pub checked: Option<Checked<Model>>,
    /// What was found, in the order of reading.
    pub diagnostics: Diagnostics,
}

/// Reads a spec and checks it. What is wrong on one floor does not keep the next from checking
/// the rest.
pub fn analyze(input: AnalyzeInput<'_>) -> Analysis {
    analyze_with_pages(input).0
}

/// The same, with the files of the spec as they were read, in the order of their numbers: an editor asks about them.
pub fn analyze_with_pages(input: AnalyzeInput<'_>) -> (Analysis, Vec<Page>) {
    let mut pages = Vec::new();
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let mut library = Library::open(input.overlay, &mut sources, &mut diagnostics);
    let model = model::build(
        &model::Input {
            path: input.path,
            text: input.text,
            reader: input.reader,
            as_of: input.as_of,
            kept: input.kept,
            judge: &check::verdict,
        },
        &mut library,
        Problems {
            sources: &mut sources,
            out: &mut diagnostics,
        },
        &mut pages,
    );
    let model = model.map(Arc::new);
    let checked = model
        .clone()
        .and_then(|model| check::check(model, &mut diagnostics));
    let tree = |file| {
        let page = pages.iter().find(|page| page.file == file && page.sound);
        page.map(|page| &page.tree)
    };
    syntax::settle_known(&sources, &tree, &mut diagnostics);
    let schema = library.spec_schema();
    model::conceal(&pages, &schema, &mut sources, &mut diagnostics);
    diagnostics.sort();
    let analysis = Analysis {
        sources,
        library,
        model,
        checked,
        diagnostics,
    };
    (analysis, pages)
}

/// Reads the files of a cluster that was built without a spec, and checks their content: those for `kubeadm --config`, and
/// manifests that were applied. `overlay` and `as_of` are as in [`AnalyzeInput`].
pub fn analyze_existing(
    files: &[model::GivenFile<'_>],
    overlay: BTreeMap<String, String>,
    as_of: Option<Date>,
) -> Analysis {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let mut library = Library::open(overlay, &mut sources, &mut diagnostics);
    let (model, existing) =
        model::read_existing(files, as_of, &mut library, &mut sources, &mut diagnostics);
    check::check_existing(&model, &existing, &mut diagnostics);
    syntax::settle(&sources, &mut diagnostics);
    diagnostics.sort();
    Analysis {
        sources,
        library,
        model: Some(Arc::new(model)),
        checked: None,
        diagnostics,
    }
}

/// The result of a compilation.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The whole output tree.
    pub rendered: Rendered,
    /// What each class of machines runs, in order.
    pub steps: Vec<plan::PlannedStep>,
    /// Exact versions chosen, by what they are versions of.
    pub versions: BTreeMap<String, String>,
    /// What a running cluster cannot change, by setting.
    pub fixed: BTreeMap<String, origin::Sourced<String>>,
    /// Every address outside the cluster that a machine connects to.
    pub outside: Vec<plan::Outside>,
    /// Secrets without values, and the files left out because of them.
    pub missing_secrets: BTreeMap<SecretName, Vec<Utf8PathBuf>>,
    /// How the workers join; nothing if there is none.
    pub joining: Option<Joining>,
}

/// How workers join a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joining {
    /// By themselves, with what the secrets file gave them.
    Alone,
    /// With a file that a person takes to them.
    ByFile,
}

/// Why an analysis could not be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompileError {
    /// The spec has errors; they are among the diagnostics.
    Unsound,
    /// The spec sets something that a file's format cannot hold.
    Refused(Vec<Refused>),
    /// The standard library has a mistake.
    Library(AssembleError),
}

/// Plans and renders a spec without errors. `keep_lines` sets whether the origins of lines are
/// kept, which costs time and memory.
pub fn compile(
    analysis: &Analysis,
    options: &plan::Options,
    keep_lines: bool,
) -> Result<Compiled, CompileError> {
    let checked = analysis.checked.as_ref().ok_or(CompileError::Unsound)?;
    let plan = plan::plan(checked, &analysis.library, options);
    let refused = plan.refused();
    if !refused.is_empty() {
        return Err(CompileError::Refused(refused));
    }
    let rendered =
        render::assemble(&plan, &analysis.library, keep_lines).map_err(|error| match error {
            AssembleError::Refused(refused) => CompileError::Refused(refused),
            error => CompileError::Library(error),
        })?;
    Ok(Compiled {
        rendered,
        steps: plan.steps,
        versions: plan.versions,
        fixed: plan.fixed,
        outside: plan.outside,
        missing_secrets: plan.missing_secrets,
        joining: checked
            .get()
            .with_role(model::Role::Worker)
            .next()
            .map(|_| match options.own {
                Some(_) => Joining::Alone,
                None => Joining::ByFile,
            }),
    })
}
