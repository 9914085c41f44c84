//! A plan as a tree of files: every artifact rendered, then the checksum lists over them, then the
//! carriers of what is listed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use camino::Utf8PathBuf;
use indexmap::map::Entry as Place;
use rayon::prelude::*;

use super::template::{Context, Engine, RenderError};
use super::text::{Text, TextBuilder};
use super::{Content, Entries, Entry, File, Rendered, TreeError, carrier, seed, yaml};
use crate::file_format::{Refused, Writer, Written, list as format};
use crate::origin::Origin;
use crate::plan::{Artifact, Body, Head, List, Plan};
use crate::stdlib::Library;

/// Why a plan could not be rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssembleError {
    /// Values that a file's format cannot hold: the spec sets something that cannot be written.
    Refused(Vec<Refused>),
    /// A template; like all that follows, a bug in the standard library, never a mistake in a spec.
    Template(RenderError),
    /// A document.
    YamlDocument(Utf8PathBuf, String),
    /// Two artifacts, or a list and an artifact, want one path.
    Twice(Utf8PathBuf),
    /// A list names a file that is not in the plan.
    Unlisted(Utf8PathBuf),
}

impl std::fmt::Display for AssembleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(all) => {
                let all: Vec<String> = all
                    .iter()
                    .map(|one| format!("{} cannot hold a value that {}", one.format, one.why))
                    .collect();
                f.write_str(&all.join("; "))
            }
            Self::Template(error) => write!(f, "the template {error}"),
            Self::YamlDocument(path, why) => write!(f, "{path} cannot be written as YAML: {why}"),
            Self::Twice(path) => write!(f, "{path} is planned twice"),
            Self::Unlisted(path) => write!(f, "{path} is listed, but not planned"),
        }
    }
}

impl std::error::Error for AssembleError {}

/// Renders everything. `keep_lines` sets whether the origins of lines are kept.
pub fn assemble(
    plan: &Plan,
    library: &Library,
    keep_lines: bool,
) -> Result<Rendered, AssembleError> {
    let used: BTreeSet<&str> = plan
        .artifacts
        .iter()
        .filter_map(|artifact| match &artifact.body {
            Body::Template { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .chain(
            plan.payloads
                .iter()
                .filter_map(|payload| match payload.head {
                    Head::Script { name, .. } => Some(name),
                    Head::CloudInit { .. } => None,
                }),
        )
        .collect();
    let templates = used
        .into_iter()
        .filter_map(|name| Some((name, library.text(name)?)));
    let engine = Engine::new(templates).map_err(AssembleError::Template)?;
    let entries: Result<Vec<(Utf8PathBuf, Entry)>, AssembleError> = plan
        .artifacts
        .par_iter()
        .map(|artifact| Ok((artifact.path.clone(), entry(artifact, &engine, keep_lines)?)))
        .collect();
    let mut tree = Entries::new();
    add(&mut tree, entries?)?;
    let lists: Result<Vec<(Utf8PathBuf, File)>, AssembleError> = plan
        .lists
        .par_iter()
        .map(|one| Ok((one.path.clone(), list(one, &tree, keep_lines)?)))
        .collect();
    add_files(&mut tree, lists?)?;
    let carriers = carrier::carriers(plan, &tree, &engine, keep_lines)?;
    add_files(&mut tree, carriers)?;
    let seeds = seed::seeds(&plan.seeds, &tree);
    add_files(&mut tree, seeds)?;
    Ok(Rendered::new(tree))
}

fn add_files(tree: &mut Entries, files: Vec<(Utf8PathBuf, File)>) -> Result<(), AssembleError> {
    let files = files.into_iter();
    add(tree, files.map(|(path, file)| (path, Entry::File(file))))
}

/// Adds entries; two at one path are an error.
fn add(
    tree: &mut Entries,
    entries: impl IntoIterator<Item = (Utf8PathBuf, Entry)>,
) -> Result<(), AssembleError> {
    for (path, entry) in entries {
        match tree.entry(path.into_string()) {
            Place::Vacant(place) => place.insert(entry),
            Place::Occupied(place) => {
                return Err(AssembleError::Twice(place.key().as_str().into()));
            }
        };
    }
    Ok(())
}

fn entry(
    artifact: &Artifact,
    engine: &Engine<'_>,
    keep_lines: bool,
) -> Result<Entry, AssembleError> {
    let text = match &artifact.body {
        Body::Link(target) => return Ok(Entry::Link(target.clone())),
        Body::Template { name, context } => engine
            .render(
                name,
                &Context::of_plan(context),
                &artifact.origins,
                keep_lines,
            )
            .map_err(AssembleError::Template)?,
        Body::Yaml { header, documents } => {
            let wrong = |error: TreeError| match error {
                TreeError::Unfit(why) => AssembleError::Refused(vec![Refused {
                    format: "a YAML file",
                    why,
                    origins: artifact.origins.to_vec(),
                }]),
                TreeError::Ours(why) => AssembleError::YamlDocument(artifact.path.clone(), why),
            };
            let mut whole = Vec::with_capacity(documents.len());
            for (index, document) in documents.iter().enumerate() {
                let mut one =
                    yaml::YamlDocument::new(&document.typed, &artifact.origins, keep_lines)
                        .map_err(wrong)?;
                if !document.fields.is_empty() {
                    one = one.with(&document.fields, keep_lines).map_err(wrong)?;
                }
                if index == 0 {
                    one = one.comment(header);
                }
                whole.push(one);
            }
            if !keep_lines {
                let text = move || yaml::render(&whole, false).text.into_bytes();
                return Ok(Entry::File(File {
                    content: Content::later(text),
                    mode: artifact.mode,
                    lines: Vec::new(),
                }));
            }
            yaml::render(&whole, true)
        }
        Body::Lines(written) => lines(written, &artifact.origins, keep_lines)?,
        Body::Verbatim(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => verbatim(text, artifact, keep_lines),
            Err(_) => return Ok(Entry::File(archive(bytes, artifact))),
        },
    };
    Ok(Entry::File(text.into_file(artifact.mode)))
}

/// The lines of a file, each with the origins of its own or those of the file.
fn lines(written: &Written, default: &[Origin], keep_lines: bool) -> Result<Text, AssembleError> {
    let refused = |all: &[Refused]| AssembleError::Refused(all.to_vec());
    let mut out = TextBuilder::new(keep_lines);
    for line in written.lines().map_err(refused)? {
        let origins = line.origins();
        out.line(
            line.text(),
            if origins.is_empty() { default } else { origins },
        );
    }
    Ok(out.finish())
}

fn verbatim(text: &str, artifact: &Artifact, keep_lines: bool) -> Text {
    let count = text.lines().count();
    Text {
        text: text.to_owned(),
        lines: if keep_lines {
            vec![artifact.origins.to_vec(); count]
        } else {
            Vec::new()
        },
    }
}

/// A file that is not text: it has no lines whose origins could be kept.
fn archive(bytes: &[u8], artifact: &Artifact) -> File {
    File {
        content: bytes.to_vec().into(),
        mode: artifact.mode,
        lines: Vec::new(),
    }
}

/// A checksum list: `SHA256  MODE  OWNER:GROUP  PATH`, by path. The sums are computed when the list is first asked for.
fn list(list: &List, entries: &Entries, keep_lines: bool) -> Result<File, AssembleError> {
    let mut out = Writer::<format::List>::new();
    let mut held = Vec::with_capacity(list.entries.len());
    for listed in &list.entries {
        // A file that was left out because a secret is missing is not in the plan either.
        let Some(Entry::File(file)) = entries.get(listed.output.as_str()) else {
            return Err(AssembleError::Unlisted(listed.output.clone()));
        };
        let placed = &listed.placed;
        let origins = file.origins().flatten().take(1).cloned();
        out.listed(NO_SUM, placed.mode, &placed.owner, &listed.bundle, origins);
        held.push(file.content.clone());
    }
    let Text { text, lines } = lines(&out.finish(), &[], keep_lines)?;
    Ok(File {
        content: Content::later(move || with_sums(&text, &held).into_bytes()),
        mode: 0o644,
        lines,
    })
}

/// Placeholder in a list for a checksum.
const NO_SUM: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The list with the sums of these contents at the start of its lines.
fn with_sums(list: &str, held: &[Content]) -> String {
    let mut out = String::with_capacity(list.len());
    for (line, content) in list.lines().zip(held) {
        for byte in content.sha256() {
            let _ = write!(out, "{byte:02x}");
        }
        out.push_str(&line[NO_SUM.len()..]);
        out.push('\n');
    }
    out
}
