//! `pikc diff`: what `compile` would change, as unified diffs.

use clap::Args;

use super::shared::args::{Making, Strictness};
use super::shared::console::{Console, visible};
use super::shared::drawn;
use super::shared::exit::{Exit, Outcome};
use super::shared::make::{make, unwritten};
use super::shared::progress::Progress;
use crate::output::{self, Diff};

/// `pikc diff`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pikc diff cluster.pik -o out   what `pikc compile cluster.pik -o out` would change"
)]
pub(super) struct DiffArgs {
    #[command(flatten)]
    pub making: Making,
}

pub(super) fn run(args: &DiffArgs, console: &Console) -> Outcome {
    let progress = Progress::start(console, "compiling");
    let made = make(&args.making, &Strictness::LENIENT, false, console)?;
    drop(progress);
    let Some(made) = made else {
        return Ok(Exit::Mistakes);
    };
    let dir = &args.making.output;
    let waits = || console.report(&format!("waiting for another pikc that writes to {dir}\n"));
    let diff = output::diff(dir, &made.compiled.rendered, &made.manifest, Some(&waits))
        .map_err(|error| unwritten(&error))?;
    console.report(&obstacles(&diff));
    let mut text = drawn::diff(&diff, console.out);
    if diff.files.is_empty() {
        text = format!("nothing would change in {dir}\n");
    }
    console.result(&text)?;
    Ok(Exit::Done)
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
