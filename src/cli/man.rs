//! `pikc man`: the manual pages, generated from the same declarations as `--help`.

use clap::{Args, Command};

use super::shared::console::Console;
use super::shared::exit::{Exit, Failure, Outcome};
use crate::diagnostic::suggest;

/// `pikc man`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pikc man | man -l -           the page of pikc\n  pikc man compile | man -l -   that of one command"
)]
pub(super) struct ManArgs {
    /// The page of one command [default: the page of pikc]
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

pub(super) fn run(args: &ManArgs, mut command: Command, console: &Console) -> Outcome {
    command.build();
    let page = match &args.command {
        None => command,
        Some(name) => command.find_subcommand(name).cloned().ok_or_else(|| {
            let known: Vec<&str> = command.get_subcommands().map(|c| c.get_name()).collect();
            let failure = Failure::usage(format!("pikc has no command `{name}`"));
            match suggest::sentence(name, known) {
                Some(help) => failure.help(help),
                None => failure,
            }
        })?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    console.result(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}
