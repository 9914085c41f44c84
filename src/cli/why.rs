//! `pikc why PATH:LINE`: the lines of the spec and the rules that produced a line of the output.
//!
//! Nothing is stored for this. The spec is compiled again, in memory, and must produce exactly the file
//! that is on disk: an answer about another text would be wrong.

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;

use super::shared::args::Reading;
use super::shared::console::Console;
use super::shared::drawn;
use super::shared::exit::{Exit, Failure, Outcome};
use super::shared::make::{Wishes, tree, unwritten};
use super::shared::{files, paths, report};
use crate::Analysis;
use crate::editor;
use crate::output::{self, MANIFEST, Manifest, Sort, Unread, kept_version, spec_sum};
use crate::render::Entry;

/// `pikc why`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pikc why out/nodes/node01/kubeadm.yaml:12   which line of the spec or rule made that line"
)]
pub(super) struct WhyArgs {
    /// A file of an output tree and a line of it
    #[arg(value_name = "PATH:LINE")]
    pub place: String,
    /// The spec [default: the one that the tree was built from, next to the tree or in this folder]
    #[arg(long, value_name = "SPEC", value_parser = paths::path)]
    pub spec: Option<Utf8PathBuf>,
    #[command(flatten)]
    pub reading: Reading,
}

pub(super) fn run(args: &WhyArgs, console: &Console) -> Outcome {
    let place = Place::find(&args.place)?;
    if place.below.components().any(|part| part.as_str() == "once") {
        console.result(&format!(
            "{} is from the secrets file (not shown): the machine uses it once, to belong to the cluster, and then removes it\n",
            place.named
        ))?;
        return Ok(Exit::Done);
    }
    let (path, mut analysis) = spec(args, &place)?;
    if analysis.diagnostics.has_errors() {
        console.report(&report::render(&analysis, path.as_str(), console.err));
        return Ok(Exit::Mistakes);
    }
    let compiled = tree(
        &mut analysis,
        path.as_str(),
        &Wishes {
            keep_lines: true,
            made_up: place.manifest.joins_alone(),
            ..Wishes::default()
        },
    )?;
    let Some(compiled) = compiled else {
        console.report(&report::render(&analysis, path.as_str(), console.err));
        return Ok(Exit::Mistakes);
    };
    let file = match compiled.rendered.entries().get(place.below.as_str()) {
        Some(Entry::File(file)) => file,
        Some(Entry::Link(_)) | None => return Err(place.stranger(&path)),
    };
    if file.content != *place.text.as_str() {
        return Err(place.differs(&path));
    }
    let name = place.named.as_str();
    let Some(why) = editor::why(&mut analysis.sources, name, place.line, file) else {
        return Err(place.stranger(&path));
    };
    console.result(&drawn::why(&analysis.sources, why, console.out))?;
    Ok(Exit::Done)
}

/// A line of a file of a tree.
struct Place {
    /// The file as it was named.
    named: Utf8PathBuf,
    /// The tree's folder.
    root: Utf8PathBuf,
    /// The same, to show.
    shown: Utf8PathBuf,
    /// The file below it, links followed.
    below: Utf8PathBuf,
    line: usize,
    text: String,
    manifest: Manifest,
}

impl Place {
    fn find(argument: &str) -> Result<Self, Failure> {
        let wrong = || {
            Failure::usage(format!("`{argument}` does not name a line of a file"))
                .help("write PATH:LINE, for example out/README.md:1")
        };
        let (named, line) = argument.rsplit_once(':').ok_or_else(wrong)?;
        let line: usize = line.parse().map_err(|_| wrong())?;
        let named = Utf8PathBuf::from(named);
        let unreadable =
            |why: &Unread| Failure::environment(format!("`{named}` cannot be read: {why}"));
        let full = named
            .canonicalize_utf8()
            .map_err(|error| unreadable(&error.into()))?;
        let text = output::read(&full, Sort::Tree)
            .map_err(|why| unreadable(&why))?
            .bytes;
        let root = full
            .ancestors()
            .skip(1)
            .find(|folder| folder.join(MANIFEST).is_file())
            .ok_or_else(|| {
                Failure::usage(format!(
                    "`{named}` is not in a tree that pikc wrote: there is no {MANIFEST} above it"
                ))
                .help("name the file in the folder that was given to `pikc compile -o`")
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
        let text = String::from_utf8(text)
            .map_err(|_| Failure::environment(format!("`{named}` is not UTF-8")))?;
        let lines = text.lines().count();
        if line == 0 || line > lines {
            return Err(Failure::usage(format!(
                "`{named}` has {}, so there is no line {line}",
                report::count(lines, "line")
            )));
        }
        Ok(Self {
            named,
            root,
            shown,
            below,
            line,
            text,
            manifest,
        })
    }

    fn differs(&self, spec: &Utf8Path) -> Failure {
        Failure::environment(format!(
            "`{}` is not what `{spec}` produces now: the file was edited, or the spec has changed",
            self.named
        ))
        .help(format!(
            "`pikc diff {spec} -o {}` shows how they differ",
            self.shown
        ))
    }

    fn stranger(&self, spec: &Utf8Path) -> Failure {
        let listed = self
            .manifest
            .files
            .iter()
            .any(|record| record.path == self.below.as_str());
        let failure = Failure::environment(format!("`{spec}` does not produce `{}`", self.below));
        if listed {
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
