//! `pikc fmt`: specs in the one layout. Nothing is written before every file has been read.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;
use clap::Args;

use super::shared::console::{Console, Look, Paint, paint, visible};
use super::shared::drawn::colored;
use super::shared::exit::{Exit, Failure, Outcome};
use super::shared::files::{self, shown};
use super::shared::folders::Walk;
use super::shared::paths;
use super::shared::report;
use super::shared::rewrite::rewrite;
use crate::diagnostic::Diagnostics;
use crate::format::format;
use crate::model::{ENDING, Page, conceal, hide_secrets};
use crate::output::{self, Sort};
use crate::source::Sources;
use crate::stdlib::Library;

/// `pikc fmt`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
      pikc fmt .                 every spec in this folder and below\n  \
      pikc fmt --check .         only list those that are not in the layout, for a build server\n  \
      pikc fmt - < cluster.pik   for an editor\n\n\
      `# fmt: off` and `# fmt: on`, each on a line of its own, leave what is between them as it is.")]
pub(super) struct FmtArgs {
    /// The specs, and library files; a folder stands for the `.pik` files in it and below, `-` for standard input, whose new text goes
    /// to standard output
    #[arg(required = true, value_name = "SPEC", value_parser = paths::path)]
    pub specs: Vec<Utf8PathBuf>,
    /// Write nothing: list the files that are not in the layout; the exit status is 1 if there are any
    #[arg(long)]
    pub check: bool,
    /// Write nothing: print what would change as unified diffs
    #[arg(long)]
    pub diff: bool,
}

/// A file, its text, and the text in the layout.
struct Spec {
    path: Utf8PathBuf,
    name: String,
    old: String,
    new: String,
}

pub(super) fn run(args: &FmtArgs, console: &Console) -> Outcome {
    let mut specs = Vec::new();
    let mut bad = false;
    for path in expanded(&args.specs)? {
        let (name, bytes) = files::given(&path, Sort::Spec)?;
        match String::from_utf8(bytes) {
            Ok(old) => specs.push(Spec {
                name: visible(name.as_str()),
                new: format(&old),
                path,
                old,
            }),
            Err(error) => {
                let analysis = files::not_utf8(&name, error.as_bytes(), Default::default());
                console.report(&report::render(&analysis, name.as_str(), console.err));
                bad = true;
            }
        }
    }
    let several = specs.len() > 1;
    let mut changed = 0;
    for spec in &specs {
        let differs = spec.old != spec.new;
        changed += usize::from(differs);
        match (args.diff, args.check) {
            (true, _) if differs => console.result(&diff(spec, console.out))?,
            (false, true) if differs => console.result(&format!("{}\n", spec.name))?,
            (false, false) => write(spec, several, console)?,
            _ => {}
        }
        // The places in the reports are those of the text that is there now.
        let is_new = !(args.check || args.diff);
        bad |= told(spec, if is_new { &spec.new } else { &spec.old }, console);
    }
    if several && !args.check && !args.diff {
        let count = report::count(specs.len(), "file");
        console.report(&format!("{changed} of {count} changed\n"));
    }
    bad |= args.check && changed > 0;
    Ok(if bad { Exit::Mistakes } else { Exit::Done })
}

/// Writes a file that changed, and says what changed in it.
fn write(spec: &Spec, several: bool, console: &Console) -> Result<(), Failure> {
    if spec.path == "-" {
        return console.result(&spec.new);
    }
    if spec.old == spec.new {
        return match several {
            true => Ok(()),
            false => console.result(&format!("{}: unchanged\n", spec.name)),
        };
    }
    rewrite(&spec.path, &spec.new)?;
    let hunks = output::hunks(&spec.old, &spec.new);
    let lines = |sign| hunks.lines().filter(|line| line.starts_with(sign)).count();
    let count = report::count(lines('-').max(lines('+')), "line");
    console.result(&format!("{}: {count} changed\n", spec.name))
}

/// Reports the syntax errors of a text. Returns whether it has any.
fn told(spec: &Spec, text: &str, console: &Console) -> bool {
    let mut sources = Sources::default();
    let file = sources.add(shown(&spec.path), text);
    let mut found = Diagnostics::default();
    let page = Page::read(file, text, &mut found);
    let library = Library::open(BTreeMap::new(), &mut sources, &mut Diagnostics::default());
    conceal(&[page], &library.spec_schema(), &mut sources, &mut found);
    found.sort();
    // It can be a file of another kind, given by mistake.
    hide_secrets(file, text, &mut sources);
    console.report(&report::several(&sources, &found, &spec.name, console.err));
    found.has_errors()
}

fn diff(spec: &Spec, look: Look) -> String {
    let name = &spec.name;
    let head = paint(look, Paint::Heading, &format!("--- {name}\n+++ {name}"));
    let hunks = output::hunks(&spec.old, &spec.new);
    let body: String = hunks.lines().map(|line| colored(line, look)).collect();
    format!("{head}\n{body}")
}

/// The specs of folders.
const SPECS: Walk = Walk {
    deepest: 16,
    most: 10_000,
    called: "specs",
    lacks: "`.pik` file",
    wanted: |path| path.as_str().ends_with(ENDING),
};

/// The files, each once.
fn expanded(paths: &[Utf8PathBuf]) -> Result<Vec<Utf8PathBuf>, Failure> {
    let mut all = SPECS.expanded(paths)?;
    let mut seen = BTreeSet::new();
    all.retain(|path| seen.insert(path.clone()));
    Ok(all)
}
