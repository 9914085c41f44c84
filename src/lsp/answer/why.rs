//! Why a line is there, in both directions: what made a generated line, and which lines a piece of a spec ends up in.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;
use serde_json::json;

use super::ask::{Answer, Ask};
use super::generated::{Built, OUTPUT, address, failed, generated, output_folder, refused};
use crate::lsp::place::Lines;
use crate::lsp::protocol::{Document, Location, Position, Range};
use crate::lsp::uri;
use crate::lsp::workspace::Workspace;
use crate::output::{self, MANIFEST, Manifest, Sort, spec_sum};
use crate::source::Span;
use crate::trace;

/// The most places that an answer lists.
const MOST: usize = 1000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    text_document: Document,
    position: Position,
    /// Of a spec: all of a piece instead of the line.
    #[serde(default)]
    range: Option<Range>,
}

/// `pikc/why`
pub(super) fn why(ask: &mut Ask<'_>) -> Answer {
    let params: Line = ask.params()?;
    let address = params.text_document.uri;
    let line = params.position.line as usize;
    if uri::strip_scheme(&address, uri::OUTPUT).is_some() {
        let (path, spec) = generated(&address)?;
        let built = Built::new(ask.workspace, &spec, true)?;
        return reasons(ask, built, &path, path.as_str(), line);
    }
    if ask.workspace.projects(&address).is_empty()
        && let Some(path) = uri::path(&address)
        && let Some((root, manifest)) = tree_around(&path)
    {
        return on_disk(ask, &path, &root, &manifest, line);
    }
    let start = |line| Position { line, character: 0 };
    let line = params.position.line;
    let whole = Range {
        start: start(line),
        end: start(line.saturating_add(1)),
    };
    fates(ask, &address, params.range.unwrap_or(whole))
}

/// What made a line of a generated file.
fn reasons(ask: &Ask<'_>, mut built: Built, path: &Utf8Path, shown: &str, line: usize) -> Answer {
    let file = built.file(path)?.clone();
    let sources = &mut built.analysis.sources;
    let Some(why) = trace::why(sources, shown, line + 1, &file) else {
        return Ok(json!({"locations": [], "text": ""}));
    };
    let places = ask.workspace.places(&built.analysis);
    let locations: Vec<Location> = why
        .places
        .iter()
        .map(|(span, _)| places.location(*span))
        .collect();
    let mut sources = built.analysis.sources.clone();
    sources
        .rename(|name| called(ask.workspace, &built.spec, Utf8Path::new(name)).map(str::to_owned));
    let text = (ask.known.command_line.why)(&sources, why);
    Ok(json!({"locations": locations, "text": text}))
}

/// What made a line of a file in an output folder: the file must be what its spec produces.
fn on_disk(
    ask: &Ask<'_>,
    path: &Utf8Path,
    root: &Utf8Path,
    manifest: &Manifest,
    line: usize,
) -> Answer {
    let below = path.strip_prefix(root).unwrap_or(path);
    let all: Vec<_> = ask.workspace.all().collect();
    let exact = all
        .iter()
        .find(|(_, project)| spec_sum(&project.analysis) == manifest.spec_sha256);
    let near = || {
        all.iter()
            .find(|(spec, _)| output_folder(ask.workspace, spec) == root)
    };
    let (_, project) = exact
        .or_else(near)
        .ok_or_else(|| failed("the spec of this folder is not among those of this workspace"))?;
    let Some((first, _)) = project.analysis.sources.files().next() else {
        return Err(failed("the spec of this folder has no text"));
    };
    let spec = ask.workspace.address(&project.analysis, first);
    let built = Built::new(ask.workspace, &spec, true)?;
    let found = output::read(path, Sort::Tree).map_err(|why| failed(why.to_string()))?;
    let text = built.file(below)?.content.text();
    if text.is_none_or(|text| text.as_bytes() != found.bytes) {
        return Err(failed(format!(
            "`{below}` is not what the spec produces now: the file was edited, or the spec has changed"
        )));
    }
    let shown = called(ask.workspace, &built.spec, path).unwrap_or(path.as_str());
    reasons(ask, built, below, shown, line)
}

/// A path as people of the workspace call it: below the folder that they have open, or else below the folder of the spec. Nothing if it is
/// below neither.
fn called<'p>(workspace: &Workspace, spec: &Utf8Path, path: &'p Utf8Path) -> Option<&'p str> {
    let folders = workspace.now.folders.iter().map(Utf8PathBuf::as_path);
    // The innermost, if folders are within others.
    let inner = folders
        .filter(|folder| path.starts_with(folder))
        .max_by_key(|folder| folder.as_str().len());
    let folder = inner.or_else(|| spec.parent())?;
    let rest = path.strip_prefix(folder).ok()?;
    Some(rest.as_str()).filter(|rest| !rest.is_empty())
}

/// The output folder that a file is in, and its manifest.
fn tree_around(path: &Utf8Path) -> Option<(Utf8PathBuf, Manifest)> {
    let mut above = path.ancestors().skip(1);
    let root = above.find(|folder| folder.join(MANIFEST).is_file())?;
    let manifest = output::read_manifest(root).ok().flatten()?;
    Some((root.to_owned(), manifest))
}

/// When a file is read: what the machines and Kubernetes get, what people read, the scripts, copies of these for a first boot, and lists,
/// which have nothing but names and checksums.
fn turn(path: &str) -> u8 {
    let inside = |folder: &str| path.split('/').rev().skip(1).any(|part| part == folder);
    match path.rsplit('/').next().unwrap_or_default() {
        "class.list" | "node.list" | ".gitignore" => 4,
        _ if inside("cloud-init") || inside("boot") => 3,
        name if name.ends_with(".sh") => 2,
        "README.md" | "hosts.txt" => 1,
        _ => 0,
    }
}

/// The generated lines that a piece of a spec ends up in.
fn fates(ask: &Ask<'_>, document: &str, range: Range) -> Answer {
    let built = Built::new(ask.workspace, document, true)?;
    let places = ask.workspace.places(&built.analysis);
    let own = ask.workspace.path_of(document);
    let file = built
        .analysis
        .sources
        .files()
        .find(|(_, source)| own.as_deref() == Some(Utf8Path::new(&source.name)));
    let Some((file, source)) = file else {
        return Err(refused("the server does not have this document"));
    };
    let (from, to) = (
        places.offset(file, range.start),
        places.offset(file, range.end),
    );
    let within = Span::new(file, from.min(to), from.max(to));
    let mut locations = Vec::new();
    let mut text = String::new();
    let mut left_out = 0;
    let folder = output_folder(ask.workspace, &built.spec);
    let folder = called(ask.workspace, &built.spec, &folder).unwrap_or(OUTPUT);
    let mut all = trace::lines_made_by(&built.compiled.rendered, within);
    all.sort_by_key(|made| turn(&made.path));
    for made in all {
        let path = made.path.as_str();
        let Some(content) = built.file(Utf8Path::new(path))?.content.text() else {
            continue;
        };
        let lines = Lines::new(&content);
        for run in made.lines {
            let (from, to) = (run.start - 1, run.end - 1);
            if locations.len() >= MOST {
                left_out += 1;
                continue;
            }
            let from_to = (lines.start(from), lines.end(&content, to - 1));
            locations.push(Location {
                uri: address(path, &built.address),
                range: lines.range(&content, from_to, ask.workspace.encoding),
            });
            text.push_str(&match to - from {
                1 => format!("{folder}/{path}:{to}\n"),
                _ => format!("{folder}/{path}:{}-{to}\n", from + 1),
            });
        }
    }
    if left_out > 0 {
        text.push_str(&format!("and {left_out} more places\n"));
    }
    if !text.is_empty() {
        let written = source
            .line(range.start.line as usize + 1)
            .unwrap_or_default()
            .trim();
        text = format!("`{written}` ends up in\n{text}");
    }
    Ok(json!({"locations": locations, "text": text}))
}

#[cfg(test)]
mod tests {
    use super::turn;

    #[test]
    fn people_read_lists_last() {
        let mut paths = [
            "classes/a/class.list",
            "classes/a/steps/32-time.sh",
            "nodes/n/cloud-init/user-data",
            "README.md",
            "nodes/n/node.list",
            "classes/a/files/etc/hosts",
            "nodes/n/kubeadm.yaml",
        ];
        paths.sort_by_key(|path| turn(path));
        assert_eq!(
            paths,
            [
                "classes/a/files/etc/hosts",
                "nodes/n/kubeadm.yaml",
                "README.md",
                "classes/a/steps/32-time.sh",
                "nodes/n/cloud-init/user-data",
                "classes/a/class.list",
                "nodes/n/node.list",
            ]
        );
    }
}
