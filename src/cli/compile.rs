//! `pikc compile`: writes the tree to disk and says what changed in it.

use clap::Args;

use super::shared::args::{Making, Strictness};
use super::shared::console::{Console, visible};
use super::shared::exit::{Exit, Outcome};
use super::shared::make::{make, unwritten};
use super::shared::progress::Progress;
use crate::Joining;
use crate::output::{self, ChangeKind, Report, WriteOptions};

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
    console.result(&lines(args, &report, made.compiled.joining))?;
    // The process ends here, and the system frees its memory at once: no need to drop it piece by piece.
    std::mem::forget(made);
    Ok(Exit::Done)
}

/// A line for each change and a last one that counts them.
fn lines(args: &CompileArgs, report: &Report, joining: Option<Joining>) -> String {
    let dir = &args.making.output;
    let mut text = String::new();
    for change in &report.changes {
        let word = word(change.step, args.dry_run);
        text.push_str(&format!(
            "{word} {}\n",
            visible(dir.join(&change.path).as_str())
        ));
    }
    if report.changes.is_empty() {
        text.push_str(&format!("nothing changed in {dir}\n"));
        return text;
    }
    let count = |step: ChangeKind| {
        report
            .changes
            .iter()
            .filter(|change| change.step == step)
            .count()
    };
    let mut counts: Vec<String> = [
        ChangeKind::Created,
        ChangeKind::Changed,
        ChangeKind::Removed,
    ]
    .into_iter()
    .map(|step| (count(step), past(step)))
    .filter(|(number, _)| *number > 0)
    .map(|(number, word)| format!("{number} {word}"))
    .collect();
    if report.unchanged > 0 {
        counts.push(format!("{} unchanged", report.unchanged));
    }
    let counts = counts.join(", ");
    match joining {
        Some(Joining::Alone) => text.push_str(
            "the workers join by themselves: secrets are on each machine's card or in its folder\n",
        ),
        Some(Joining::ByFile) => {
            text.push_str("the workers wait for a join file, which a person takes to them\n")
        }
        None => {}
    }
    if args.dry_run {
        text.push_str(&format!(
            "{dir}: {counts}; a dry run, nothing was written\n"
        ));
    } else {
        text.push_str(&format!(
            "{dir}: {counts}; next: read {}\n",
            dir.join("README.md")
        ));
    }
    text
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
