//! `pikc completions`: the completion script for a shell.

use clap::{Args, Command};

use super::shared::console::Console;
use super::shared::exit::{Exit, Outcome};

/// `pikc completions`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pikc completions bash > ~/.local/share/bash-completion/completions/pikc"
)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

pub(super) fn run(args: &CompletionsArgs, mut command: Command, console: &Console) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "pikc", &mut script);
    console.result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
