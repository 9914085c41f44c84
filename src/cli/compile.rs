//! `pikc compile`: writes the tree to disk and says what changed in it.

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;

use super::shared::args::{Making, Strictness};
use super::shared::console::{Console, visible};
use super::shared::exit::{Exit, Outcome};
use super::shared::make::{make, unwritten};
use super::shared::progress::Progress;
use crate::output::{self, Change, ChangeKind, Report, WriteOptions};
use crate::{Compiled, Joining};

/// `pikc compile`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pikc compile cluster.pik -o out            then read out/README.md\n  pikc compile cluster.pik -o out --dry-run  what would change"
)]
pub(super) struct CompileArgs {
    #[command(flatten)]
    pub making: Making,
    /// Say what would change and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print a line for each file that changes, not for each folder
    #[arg(short, long)]
    pub verbose: bool,
    /// Overwrite files that pikc wrote and that were edited since (never files that pikc did not write)
    #[arg(long)]
    pub force: bool,
    /// Treat a secret without a value as an error
    #[arg(long)]
    pub require_secrets: bool,
    #[command(flatten)]
    pub strictness: Strictness,
}

pub(super) fn run(args: &CompileArgs, console: &Console) -> Outcome {
    let made = {
        let _progress = Progress::start(console, "compiling");
        make(
            &args.making,
            &args.strictness,
            args.require_secrets,
            console,
        )?
    };
    let Some(made) = made else {
        return Ok(Exit::Mistakes);
    };
    let dir = &args.making.output;
    let start = std::time::Instant::now();
    let report = {
        let progress = Progress::start(console, "writing");
        let waits = || console.report(&format!("waiting for another pikc that writes to {dir}\n"));
        output::write(
            dir,
            &made.compiled.rendered,
            &made.manifest,
            &WriteOptions {
                force: args.force,
                dry_run: args.dry_run,
                on_wait: Some(&waits),
                on_progress: Some(&|done, all| progress.set(done, all)),
            },
        )
        .map_err(|error| unwritten(&error))?
    };
    log::debug!("wrote {dir} in {:.1?}", start.elapsed());
    if report.recovered {
        let done = if args.dry_run { "would be" } else { "was" };
        console.report(&format!(
            "an earlier write to {dir} was cut short; it {done} finished\n"
        ));
    }
    if report.unlocked {
        console.report(&format!(
            "the file system of {dir} does not support locks: run one compile at a time\n"
        ));
    }
    console.result(&lines(args, &report, &made.compiled, console.out.width))?;
    // The process ends here, and the system frees its memory at once: no need to drop it piece by piece.
    std::mem::forget(made);
    Ok(Exit::Done)
}

/// How many changes are listed one by one, and how many of one folder if there are more in others.
const FEW: usize = 12;
const FEW_OF_FOLDER: usize = 3;
/// How many folders of machines or of classes are shown one by one.
const FOLDERS: usize = 8;

/// What changed: each file if there are few or all are wanted, else a line for each folder; the last line counts them all.
fn lines(args: &CompileArgs, report: &Report, compiled: &Compiled, width: usize) -> String {
    let (dir, rendered) = (&args.making.output, &compiled.rendered);
    if report.changes.is_empty() {
        return format!("nothing changed in {dir}\n");
    }
    let mut text = String::new();
    let each = |changes: &[&Change], text: &mut String| {
        for change in changes {
            let word = word(change.step, args.dry_run);
            let path = dir.join(&change.path);
            text.push_str(&format!("{word} {}\n", visible(path.as_str())));
        }
    };
    let all: Vec<&Change> = report.changes.iter().collect();
    if args.verbose || all.len() <= FEW {
        each(&all, &mut text);
    } else {
        for (folder, changes) in by_folder(&all) {
            if changes.len() <= FEW_OF_FOLDER {
                each(&changes, &mut text);
                continue;
            }
            let within = |path: &&String| Utf8Path::new(path).starts_with(&folder);
            let files = match folder.as_str() {
                "" => rendered
                    .entries()
                    .keys()
                    .filter(|path| !path.contains('/'))
                    .count(),
                _ => rendered.entries().keys().filter(within).count(),
            };
            let gone = changes
                .iter()
                .filter(|one| one.step == ChangeKind::Removed)
                .count();
            let unchanged = (files + gone).saturating_sub(changes.len());
            // An empty name at the end stands for a slash.
            let shown = dir.join(&folder).join("");
            let counts = counts(changes.iter().copied(), unchanged, args.dry_run);
            let shown = visible(shown.as_str());
            let fits = shown.chars().count() + counts.len() + 2 <= width;
            let between = if fits { " " } else { "\n    " };
            text.push_str(&format!("{shown}:{between}{counts}\n"));
        }
    }
    text.push_str(match compiled.joining {
        Some(Joining::Alone) => {
            "the other machines join by themselves: secrets are on each machine's card or in its folder\n"
        }
        Some(Joining::ByFile) => "the other machines wait for a join file, which a person takes to them\n",
        None => "",
    });
    let counts = counts(all.into_iter(), report.unchanged, false);
    text.push_str(&match args.dry_run {
        true => format!("{dir}: {counts}; a dry run, nothing was written\n"),
        false => format!("{dir}: {counts}; next: read {}\n", dir.join("README.md")),
    });
    text
}

/// The changes by folder, in the order of paths. The folders of machines are one if there are many, and so are those of classes.
fn by_folder<'a>(all: &[&'a Change]) -> Vec<(Utf8PathBuf, Vec<&'a Change>)> {
    let folder = |change: &Change, depth: usize| -> Utf8PathBuf {
        let parent = change.path.parent().unwrap_or(Utf8Path::new(""));
        parent.components().take(depth).collect()
    };
    let mut groups: Vec<(Utf8PathBuf, Vec<&Change>)> = Vec::new();
    for top in all.chunk_by(|one, other| folder(one, 1) == folder(other, 1)) {
        let inner: Vec<&[&Change]> = top
            .chunk_by(|one, other| folder(one, 2) == folder(other, 2))
            .collect();
        let deep = matches!(top.first(), Some(one) if one.path.starts_with("nodes") || one.path.starts_with("classes"));
        match deep && inner.len() <= FOLDERS {
            true => groups.extend(
                inner
                    .iter()
                    .map(|group| (folder(group[0], 2), group.to_vec())),
            ),
            false => groups.push((folder(top[0], 1), top.to_vec())),
        }
    }
    groups
}

/// "3 created, 1 changed, 12 unchanged"
fn counts<'a>(
    changes: impl Iterator<Item = &'a Change> + Clone,
    unchanged: usize,
    would: bool,
) -> String {
    let kinds = [
        ChangeKind::Created,
        ChangeKind::Changed,
        ChangeKind::Removed,
    ];
    let counts = kinds.into_iter().map(|kind| {
        let number = changes.clone().filter(|one| one.step == kind).count();
        (number, past(kind))
    });
    let would = if would { "would be " } else { "" };
    let counts = counts
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {would}{word}"));
    let unchanged = (unchanged > 0).then(|| format!("{unchanged} unchanged"));
    counts.chain(unchanged).collect::<Vec<_>>().join(", ")
}

fn past(step: ChangeKind) -> &'static str {
    match step {
        ChangeKind::Created => "created",
        ChangeKind::Changed => "changed",
        ChangeKind::Removed => "removed",
    }
}

fn word(step: ChangeKind, dry_run: bool) -> &'static str {
    match (step, dry_run) {
        (step, false) => past(step),
        (ChangeKind::Created, true) => "would create",
        (ChangeKind::Changed, true) => "would change",
        (ChangeKind::Removed, true) => "would remove",
    }
}
