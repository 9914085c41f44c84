//! `pikc diff`: what `compile` would change, by what it means for a cluster that runs.

mod json;
mod text;

use clap::{Args, ValueEnum};

use super::shared::args::{Making, Strictness};
use super::shared::console::{Console, visible};
use super::shared::drawn;
use super::shared::exit::{Exit, Failure, Outcome};
use super::shared::make::{make, unwritten};
use super::shared::progress::Progress;
use crate::change::{self, Earlier};
use crate::output::{self, Diff};

/// `pikc diff`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
      pikc diff cluster.pik -o out              by what it means for the cluster\n  \
      pikc diff cluster.pik -o out --stat       only how many machines and files\n  \
      pikc diff cluster.pik -o out --unified    every line, as a patch")]
pub(super) struct DiffArgs {
    #[command(flatten)]
    pub making: Making,
    /// Only count machines and files, by consequence
    #[arg(long, conflicts_with_all = ["unified", "format"])]
    pub stat: bool,
    /// Every line that would change, file by file, as a patch
    #[arg(short, long, conflicts_with = "format")]
    pub unified: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t = DiffFormat::Text, value_name = "FORMAT")]
    pub format: DiffFormat,
    /// End like diff(1): 0 if nothing would change, 1 if something would, 2 for trouble. Without this, both end with 0
    #[arg(long)]
    pub exit_code: bool,
}

/// For people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DiffFormat {
    /// For people
    Text,
    /// For programs: docs/diff.schema.json describes it
    Json,
}

pub(super) fn run(args: &DiffArgs, console: &Console) -> Outcome {
    let outcome = compare(args, console);
    if !args.exit_code {
        return match outcome {
            Ok(Exit::Differs) => Ok(Exit::Done),
            other => other,
        };
    }
    match outcome {
        Ok(Exit::Done | Exit::Differs) => outcome,
        Ok(_) => Ok(Exit::Trouble),
        // The reader of our output has seen enough: no trouble.
        Err(failure) if failure.exit == Exit::Done => Err(failure),
        Err(failure) => Err(Failure {
            exit: Exit::Trouble,
            ..failure
        }),
    }
}

fn compare(args: &DiffArgs, console: &Console) -> Outcome {
    let progress = Progress::start(console, "compiling");
    let made = make(&args.making, &Strictness::LENIENT, false, console)?;
    let Some(made) = made else {
        drop(progress);
        return Ok(Exit::Mistakes);
    };
    let dir = &args.making.output;
    let waits = || console.report(&format!("waiting for another pikc that writes to {dir}\n"));
    let diff = output::diff(dir, &made.compiled.rendered, &made.manifest, Some(&waits))
        .map_err(|error| unwritten(&error))?;
    drop(progress);
    console.report(&obstacles(&diff));
    let differs = match diff.files.is_empty() {
        true => Exit::Done,
        false => Exit::Differs,
    };
    let text = if args.unified && differs == Exit::Differs {
        drawn::diff(&diff, console.out)
    } else {
        let before = made.before.as_ref();
        let earlier = Earlier {
            files: &diff.files,
            settings: before.and_then(|before| before.settings.as_ref()),
        };
        let changes = change::changes(&made.analysis, &made.compiled, &earlier);
        match args.format {
            DiffFormat::Json => json::write(dir, &diff, &changes)?,
            DiffFormat::Text if differs == Exit::Done => {
                format!("nothing would change in {}\n", visible(dir.as_str()))
            }
            DiffFormat::Text if args.stat => text::stat(&changes, console.out),
            DiffFormat::Text => text::write(dir, &changes, before.is_some(), console.out),
        }
    };
    console.result(&text)?;
    Ok(differs)
}

/// What would stop a compile.
fn obstacles(diff: &Diff) -> String {
    let mut text = String::new();
    for one in &diff.foreign {
        text.push_str(&format!(
            "{}: {} that pikc did not write; compile would refuse\n",
            visible(one.path.as_str()),
            one.what
        ));
    }
    for path in &diff.edited {
        text.push_str(&format!(
            "{}: edited since pikc wrote it; compile would refuse without --force\n",
            visible(path.as_str())
        ));
    }
    text
}
