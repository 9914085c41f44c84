//! A place in an output tree: which spec it was built from, why a line is there, and what a file or a folder is made from.
//!
//! Nothing is stored for this. The spec is compiled again, in memory, and must produce exactly the file
//! that is on disk: an answer about another text would be wrong.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::json;

use super::args::{WhyArgs, compiled};
use super::summary;
use crate::change;
use crate::cli::shared::args::PlainFormat;
use crate::cli::shared::console::Console;
use crate::cli::shared::exit::{Exit, Failure, Outcome};
use crate::cli::shared::make::unwritten;
use crate::cli::shared::{drawn, files, report, vault};
use crate::output::{self, MANIFEST, Manifest, Sort, Unread, kept_version, spec_sum};
use crate::render::{Content, Entry, Rendered};
use crate::trace;
use crate::{Analysis, Compiled};

/// Why a line is there.
pub(super) fn line(args: &WhyArgs, named: &str, line: usize, console: &Console) -> Outcome {
    let place = Place::find(named)?;
    let text = place.text(line)?;
    let Some(mut built) = Built::new(args, &place, console)? else {
        return Ok(Exit::Mistakes);
    };
    let file = match built.compiled.rendered.entries().get(place.below.as_str()) {
        Some(Entry::File(file)) => file,
        Some(Entry::Link(_)) | None => return Err(place.stranger(&built)),
    };
    if file.content != *text.as_str() {
        return Err(place.differs(&built));
    }
    let name = place.named.as_str();
    let Some(why) = trace::why(&mut built.analysis.sources, name, line, file) else {
        return Err(place.stranger(&built));
    };
    let sources = &built.analysis.sources;
    console.result(&match args.format {
        PlainFormat::Human => drawn::why(sources, why, console.out),
        PlainFormat::Json => {
            let places = why.places.iter().map(|(span, role)| {
                let start = sources.start(*span);
                json!({
                    "file": sources.file(span.file).name,
                    "line": start.line,
                    "column": start.column,
                    "text": sources.file(span.file).shown(start.line).unwrap_or_default().trim(),
                    "role": role,
                })
            });
            let places: Vec<_> = places.collect();
            let (span, label) = &why.line;
            let text = sources.file(span.file).shown(line).unwrap_or_default();
            format!(
                "{:#}\n",
                json!({
                    "format": 1,
                    "line": {"path": place.below, "line": line, "text": text, "label": label},
                    "spec": built.path,
                    "answer": why.message,
                    "places": places,
                    "rules": why.rules,
                })
            )
        }
    })?;
    Ok(Exit::Done)
}

/// What a file or a folder is made from.
pub(super) fn whole(args: &WhyArgs, named: &str, console: &Console) -> Outcome {
    let place = Place::find(named)?;
    let Some(built) = Built::new(args, &place, console)? else {
        return Ok(Exit::Mistakes);
    };
    let differs = place.edited(&built.compiled.rendered)?;
    if let Some(Edited::All) = differs {
        return Err(place.differs(&built));
    }
    let sources = &built.analysis.sources;
    let Some(found) = trace::summary(&built.compiled, sources, &place.below) else {
        return Err(place.stranger(&built));
    };
    let files = found.files.iter().map(String::as_str);
    let title = summary::Title {
        path: place.named.as_str(),
        below: place.below.as_str(),
        spec: built.path.as_str(),
        root: place.below.as_str().is_empty(),
        is_folder: place.bytes.is_none(),
        foreseen: change::foreseen(&built.analysis, &built.compiled.rendered, files),
    };
    if let Some(Edited::Some(paths)) = differs {
        let and = match paths.len() - 1 {
            0 => String::new(),
            1 => " and 1 more file".to_owned(),
            more => format!(" and {more} more files"),
        };
        let produces = match (&built.unopened, built.compiled.missing_secrets.is_empty()) {
            (Some(file), _) => format!(
                "produces without the values of its secrets file (--secrets {file} has them); the answer is about what it produces without them"
            ),
            (None, true) => "produces now; the answer is about what it produces now".to_owned(),
            (None, false) => "produces now, without the values of its secrets; the answer is about what it produces now".to_owned(),
        };
        console.report(&format!(
            "{}{and}: not what `{}` {produces}\n",
            paths[0], built.path
        ));
    }
    console.result(&match args.format {
        PlainFormat::Human => summary::human(&title, &found, sources, console.out),
        PlainFormat::Json => summary::document(&title, &found, sources),
    })?;
    Ok(Exit::Done)
}

/// The tree's spec, and the tree as it produces it now.
struct Built {
    path: Utf8PathBuf,
    analysis: Analysis,
    compiled: Compiled,
    /// The secrets file that the tree was built with, if this run was not told to open it.
    unopened: Option<String>,
}

impl Built {
    /// Nothing if the spec has errors, which are then reported.
    fn new(args: &WhyArgs, place: &Place, console: &Console) -> Result<Option<Self>, Failure> {
        let (path, mut analysis) = spec(args, place)?;
        let alone = place.manifest.joins_alone();
        let compiled = compiled(&mut analysis, path.as_str(), args, alone, console)?;
        let beside = vault::beside(&path).filter(|file| file.exists());
        let unopened = (alone && args.secrets.is_none())
            .then(|| beside.map_or_else(|| "FILE".to_owned(), Utf8PathBuf::into_string));
        Ok(compiled.map(|compiled| Self {
            path,
            analysis,
            compiled,
            unopened,
        }))
    }
}

/// Which files on disk are not what the spec produces.
enum Edited {
    /// The file that was named.
    All,
    /// Some of the folder.
    Some(Vec<String>),
}

/// A place in a tree: a file, or a folder.
struct Place {
    /// As it was named.
    named: Utf8PathBuf,
    /// What is in the file; nothing for a folder.
    bytes: Option<Vec<u8>>,
    /// The tree's folder.
    root: Utf8PathBuf,
    /// The same, to show.
    shown: Utf8PathBuf,
    /// The place below it, links followed.
    below: Utf8PathBuf,
    manifest: Manifest,
}

impl Place {
    fn find(named: &str) -> Result<Self, Failure> {
        let named = Utf8PathBuf::from(named);
        let unreadable =
            |why: &Unread| Failure::environment(format!("`{named}` cannot be read: {why}"));
        let full = named
            .canonicalize_utf8()
            .map_err(|error| unreadable(&error.into()))?;
        let bytes = match full.is_dir() {
            true => None,
            false => {
                let found = output::read(&full, Sort::Tree).map_err(|why| unreadable(&why))?;
                Some(found.bytes)
            }
        };
        let above = full.ancestors().skip(usize::from(bytes.is_some()));
        let root = above
            .into_iter()
            .find(|folder| folder.join(MANIFEST).is_file())
            .ok_or_else(|| {
                Failure::usage(format!(
                    "`{named}` is not in a tree that pikc wrote: there is no {MANIFEST} above it"
                ))
                .help(
                    "name the file in the folder that was given to `pikc compile -o`, or SPEC:LINE",
                )
            })?
            .to_owned();
        let manifest = output::read_manifest(&root)
            .map_err(|error| unwritten(&error))?
            .ok_or_else(|| Failure::usage(format!("{} is empty", root.join(MANIFEST))))?;
        // The tree's folder as it was named, if the name passes through it.
        let shown = named
            .ancestors()
            .find(|folder| folder.canonicalize_utf8().is_ok_and(|full| full == root))
            .map_or_else(|| root.clone(), Utf8Path::to_owned);
        let below = full.strip_prefix(&root).unwrap_or(&full).to_owned();
        if below == MANIFEST {
            return Err(Failure::usage(format!(
                "{MANIFEST} is pikc's own list of the tree; no line of it comes from the spec"
            )));
        }
        Ok(Self {
            bytes,
            named,
            root,
            shown,
            below,
            manifest,
        })
    }

    /// The file's text; it must have this line.
    fn text(&self, line: usize) -> Result<String, Failure> {
        let named = &self.named;
        let bytes = self.bytes.as_ref().ok_or_else(|| {
            Failure::usage(format!("`{named}` is a folder, and a folder has no lines"))
        })?;
        let text = String::from_utf8(bytes.clone())
            .map_err(|_| Failure::environment(format!("`{named}` is not UTF-8")))?;
        let lines = text.lines().count();
        if line == 0 || line > lines {
            return Err(Failure::usage(format!(
                "`{named}` has {}, so there is no line {line}",
                report::count(lines, "line")
            )));
        }
        Ok(text)
    }

    /// Compares the files at the place with those that the spec produces now.
    fn edited(&self, rendered: &Rendered) -> Result<Option<Edited>, Failure> {
        let mut differ = Vec::new();
        for (path, entry) in rendered.entries() {
            let Entry::File(file) = entry else { continue };
            if !Utf8Path::new(path).starts_with(&self.below) {
                continue;
            }
            let on_disk = output::read(&self.root.join(path), Sort::Tree);
            if !on_disk.is_ok_and(|found| file.content == Content::from(found.bytes)) {
                differ.push(path.clone());
            }
        }
        Ok(match differ.is_empty() {
            true => None,
            false if self.bytes.is_some() => Some(Edited::All),
            false => Some(Edited::Some(differ)),
        })
    }

    fn differs(&self, built: &Built) -> Failure {
        let spec = &built.path;
        if let Some(file) = &built.unopened {
            return Failure::environment(format!(
                "`{}` is not what `{spec}` produces without the values of the tree's secrets file",
                self.named
            ))
            .help(format!(
                "add --secrets {file}: if it differs then, too, the file was edited, or the spec has changed"
            ));
        }
        let failure = Failure::environment(format!(
            "`{}` is not what `{spec}` produces now: the file was edited, or the spec has changed",
            self.named
        ));
        // Many files have the checksums of others.
        if let Some(secret) = built.compiled.missing_secrets.keys().next() {
            return failure.help(format!(
                "the secret `{}` has no value here: if the tree was built with one, use --secrets FILE",
                secret.0
            ));
        }
        failure.help(format!(
            "`pikc diff {spec} -o {}` shows how they differ",
            self.shown
        ))
    }

    fn stranger(&self, built: &Built) -> Failure {
        let spec = &built.path;
        let listed = self
            .manifest
            .files
            .iter()
            .any(|record| record.path == self.below.as_str());
        let failure = Failure::environment(format!("`{spec}` does not produce `{}`", self.below));
        if let Some(file) = built.unopened.as_ref().filter(|_| listed) {
            failure.help(format!(
                "it may hold a secret of the tree's secrets file: add --secrets {file}; or the spec has changed"
            ))
        } else if listed {
            failure.help("it may hold a secret: set its PIKC_SECRET_NAME; or the spec has changed")
        } else {
            failure.help("pikc did not write it")
        }
    }
}

/// The spec that the tree was built from, and its analysis.
fn spec(args: &WhyArgs, place: &Place) -> Result<(Utf8PathBuf, Analysis), Failure> {
    let kept = kept_version(&place.manifest);
    if let Some(path) = &args.spec {
        return Ok((path.clone(), files::judge(path, &args.reading, kept)?));
    }
    let (beside, below) = candidates(place);
    let mut fallback = None;
    for (path, near) in beside
        .into_iter()
        .map(|path| (path, true))
        .chain(below.into_iter().map(|path| (path, false)))
    {
        let Ok(analysis) = files::judge(&path, &args.reading, kept) else {
            continue;
        };
        if spec_sum(&analysis) == place.manifest.spec_sha256 {
            return Ok((path, analysis));
        }
        // A spec that has changed since is better than none: if it still produces exactly this file,
        // its answer is right.
        if near {
            fallback.get_or_insert((path, analysis));
        }
    }
    fallback.ok_or_else(|| {
        Failure::usage(format!(
            "the spec that {} was built from is neither next to it nor in this folder",
            place.shown
        ))
        .help("name it: --spec SPEC")
    })
}

/// How many specs below this folder are tried at most; a larger collection needs `--spec`.
const MOST: usize = 64;

/// Files that can be the spec: those in this folder, in the tree's and in the one above it; then
/// those up to two folders below this one.
fn candidates(place: &Place) -> (Vec<Utf8PathBuf>, Vec<Utf8PathBuf>) {
    let here = Utf8Path::new("");
    let beside = [Some(here), place.root.parent(), Some(place.root.as_path())];
    let near: Vec<Utf8PathBuf> = beside.into_iter().flatten().flat_map(specs).collect();
    let children = folders(here);
    let below = children
        .iter()
        .flat_map(|child| std::iter::once(child.clone()).chain(folders(child)))
        .flat_map(|folder| specs(&folder))
        .filter(|path| !near.contains(path))
        .take(MOST)
        .collect();
    (near, below)
}

/// The specs in a folder, the usual name first.
fn specs(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut found: Vec<Utf8PathBuf> = files::specs_in(folder)
        .into_iter()
        .map(|name| folder.join(name))
        .collect();
    found.sort_by_key(|path| path.file_name() != Some("cluster.pik"));
    found
}

/// The folders in a folder, in order; no one keeps a spec in a hidden one.
fn folders(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let read = match folder.as_str() {
        "" => Utf8Path::new("."),
        _ => folder,
    };
    let mut found: Vec<Utf8PathBuf> = read
        .read_dir_utf8()
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter(|entry| !entry.file_name().starts_with('.'))
        .map(|entry| folder.join(entry.file_name()))
        .collect();
    found.sort();
    found
}
