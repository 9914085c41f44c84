//! `pikc completions`: the script that teaches a shell pikc's arguments.

use clap::CommandFactory;

use super::args::{Cli, CompletionsArgs};
use super::console::Console;
use super::exit::{Exit, Outcome};

pub(super) fn run(args: &CompletionsArgs, console: &Console) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "pikc", &mut script);
    console.result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
