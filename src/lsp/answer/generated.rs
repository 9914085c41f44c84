//! Read-only documents and what is asked about generated files: `grammar/editors/PROTOCOL.md` describes these requests.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};

use super::ask::{Answer, Ask, Failure};
use crate::file_format::one_line;
use crate::lsp::protocol::{Document, ErrorCode, OfDocument};
use crate::lsp::uri;
use crate::lsp::workspace::Workspace;
use crate::output::{self, Body, ChangeKind, MANIFEST};
use crate::render::{Entry, File};
use crate::secret::{Secret, made_up};
use crate::value::SecretName;
use crate::{Analysis, CompileError, Compiled, compile, editor, plan};

/// The output folder, if the settings name none.
pub(super) const OUTPUT: &str = "out";

pub(super) fn refused(why: impl Into<String>) -> Failure {
    Failure::new(ErrorCode::InvalidParams, why)
}

pub(super) fn failed(why: impl Into<String>) -> Failure {
    Failure::new(ErrorCode::Failed, why)
}

/// `pikc/textDocumentContent` and `workspace/textDocumentContent`
pub(super) fn content(ask: &mut Ask<'_>) -> Answer {
    let Document { uri: address } = ask.params()?;
    if let Some(path) = uri::strip_scheme(&address, uri::LIBRARY) {
        let path = uri::decoded(path.trim_start_matches('/'));
        let text = path.and_then(|path| ask.workspace.library_text(&path));
        let text = text.ok_or_else(|| refused("the library has no such file"))?;
        return Ok(json!({"text": text}));
    }
    if let Some(path) = uri::strip_scheme(&address, uri::EXPLANATION) {
        let path = uri::decoded(path.trim_start_matches('/'));
        let text = path.and_then(|path| editor::explained(path.strip_suffix(".md")?));
        let text = text.ok_or_else(|| refused("there is no such code"))?;
        return Ok(json!({"text": text}));
    }
    let (path, spec) = generated(&address)?;
    let built = Built::new(ask.workspace, &spec, false)?;
    let text = built.file(&path)?.content.text();
    let text = text.ok_or_else(|| failed(format!("`{path}` is not text")))?;
    Ok(json!({"text": text}))
}

/// The path and the spec of a generated document.
pub(super) fn generated(address: &str) -> Result<(Utf8PathBuf, String), Failure> {
    let wrong = || refused("this server does not have such documents");
    let rest = uri::strip_scheme(address, uri::OUTPUT).ok_or_else(wrong)?;
    let (path, spec) = rest.split_once('?').ok_or_else(wrong)?;
    let path = uri::decoded(path.trim_start_matches('/')).ok_or_else(wrong)?;
    let spec = uri::decoded(spec).ok_or_else(wrong)?;
    Ok((path.into(), spec))
}

/// The address of a generated file.
pub(super) fn address(path: &str, spec: &str) -> String {
    let (path, spec) = (uri::encoded(path), uri::encoded(spec));
    format!("{}:/{path}?{spec}", uri::OUTPUT)
}

/// `pikc/outputTree`
pub(super) fn tree(ask: &mut Ask<'_>) -> Answer {
    let OfDocument { text_document } = ask.params()?;
    let (_, analysis) = spec_of(ask.workspace, &text_document.uri)?;
    if analysis.diagnostics.has_errors() {
        return Ok(json!({"files": []}));
    }
    let built = Built::new(ask.workspace, &text_document.uri, false)?;
    let mut paths: Vec<&str> = built
        .compiled
        .rendered
        .entries()
        .iter()
        .filter(|(_, entry)| matches!(entry, Entry::File(file) if file.content.text().is_some()))
        .map(|(path, _)| path.as_str())
        .collect();
    paths.sort_unstable();
    let file = |path: &str| json!({"path": path, "uri": address(path, &built.address)});
    let files: Vec<Value> = paths.into_iter().map(file).collect();
    Ok(json!({"files": files}))
}

/// Stands for the value of a secret: nothing that it is in is shown.
const UNKNOWN: &str = "a-value-that-the-editor-does-not-have";

/// `pikc/changes`
pub(super) fn changes(ask: &mut Ask<'_>) -> Answer {
    let OfDocument { text_document } = ask.params()?;
    let mut built = Built::new(ask.workspace, &text_document.uri, false)?;
    let folder = output_folder(ask.workspace, &built.spec);
    // Secrets whose values an earlier compile had: without any value, their files and what depends on them would seem to go.
    let had = |paths: &[Utf8PathBuf]| paths.iter().any(|path| folder.join(path).exists());
    let missing = built.compiled.missing_secrets.iter();
    let secrets: BTreeMap<SecretName, Secret> = missing
        .filter(|(_, paths)| had(paths))
        .map(|(name, _)| (name.clone(), Secret::from(UNKNOWN)))
        .collect();
    // The same for those of the secrets file.
    let earlier = output::read_manifest(&folder).ok().flatten();
    let own = earlier
        .is_some_and(|earlier| earlier.joins_alone())
        .then(made_up);
    let some = !secrets.is_empty() || own.is_some();
    let with = plan::Options {
        own,
        ..options(&built.spec, secrets)
    };
    if some && let Ok(compiled) = compile(&built.analysis, &with, false) {
        built.compiled = compiled;
    }
    let manifest = output::described(&built.analysis, &built.compiled);
    let mut diff = output::diff(&folder, &built.compiled.rendered, &manifest, None)
        .map_err(|error| failed(error.to_string()))?;
    if some {
        let unknown: Vec<Utf8PathBuf> = diff
            .files
            .iter()
            .filter(|file| file.body == Body::Secret && file.step == ChangeKind::Changed)
            .map(|file| file.path.clone())
            .collect();
        diff.files.retain(|file| {
            !unknown.contains(&file.path) && file.path != MANIFEST && !is_of(&file.body, &unknown)
        });
    }
    Ok(json!({"text": (ask.known.command_line.diff)(&diff), "changed": diff.files.len()}))
}

/// Whether a difference is only in the checksums of these files, whose content depends on values that are not known here.
fn is_of(body: &Body, unknown: &[Utf8PathBuf]) -> bool {
    let Body::Text(texts) = body else {
        return false;
    };
    let hunks = texts.hunks();
    let mut changed = hunks.lines().filter(|line| line.starts_with(['+', '-']));
    changed.all(|line| {
        let name = line.split_whitespace().next_back().unwrap_or_default();
        unknown.iter().any(|path| path.ends_with(name))
    })
}

/// What a spec is compiled with.
fn options(spec: &Utf8Path, secrets: BTreeMap<SecretName, Secret>) -> plan::Options {
    plan::Options {
        spec: one_line(spec.file_name().unwrap_or_default()),
        secrets,
        ..plan::Options::default()
    }
}

/// The path and the analysis of the spec that a document is part of.
pub(super) fn spec_of<'a>(
    workspace: &'a Workspace,
    address: &str,
) -> Result<(&'a Utf8Path, &'a Analysis), Failure> {
    let projects = workspace.projects(address);
    let (path, project) = projects
        .first()
        .ok_or_else(|| refused("the server does not have this document"))?;
    Ok((path, &project.analysis))
}

/// The folder that a spec is compiled into.
pub(super) fn output_folder(workspace: &Workspace, spec: &Utf8Path) -> Utf8PathBuf {
    let set = workspace.now.settings.output.as_deref();
    let folder = spec.parent().unwrap_or(Utf8Path::new(""));
    folder.join(set.unwrap_or(Utf8Path::new(OUTPUT)))
}

/// What a spec compiles to.
pub(super) struct Built {
    /// Its path.
    pub spec: Utf8PathBuf,
    /// Its address.
    pub address: String,
    pub analysis: Analysis,
    pub compiled: Compiled,
}

impl Built {
    /// Compiles the spec that a document is part of, with the versions that an earlier compile chose.
    pub(super) fn new(
        workspace: &Workspace,
        document: &str,
        keep_lines: bool,
    ) -> Result<Self, Failure> {
        let (spec, analysis) = spec_of(workspace, document)?;
        let earlier = output::read_manifest(&output_folder(workspace, spec))
            .ok()
            .flatten();
        let kept = earlier.as_ref().and_then(output::kept_version);
        let analysis = match kept {
            Some(_) => workspace.analysed(spec, kept, &BTreeMap::new()),
            None => None,
        }
        .unwrap_or_else(|| analysis.clone());
        let options = options(spec, BTreeMap::new());
        let compiled = compile(&analysis, &options, keep_lines).map_err(|error| match error {
            CompileError::Unsound => failed("the spec has errors"),
            CompileError::Refused(_) => failed("the spec sets something that no file can hold"),
            CompileError::Library(error) => {
                failed(format!("the standard library has a mistake: {error}"))
            }
        })?;
        let first = analysis.sources.files().next();
        let address = first.map(|(file, _)| workspace.address(&analysis, file));
        Ok(Self {
            spec: spec.to_owned(),
            address: address.unwrap_or_default(),
            analysis,
            compiled,
        })
    }

    /// A file of the tree.
    pub(super) fn file(&self, path: &Utf8Path) -> Result<&File, Failure> {
        match self.compiled.rendered.entries().get(path.as_str()) {
            Some(Entry::File(file)) => Ok(file),
            Some(Entry::Link(_)) | None => {
                let needs = self.compiled.missing_secrets.values().flatten();
                let secret = needs.into_iter().any(|one| one == path);
                Err(refused(match secret {
                    true => format!("`{path}` holds a secret: its content is not shown"),
                    false => format!("the spec does not produce `{path}`"),
                }))
            }
        }
    }
}
