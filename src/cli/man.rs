//! `pikc man`: the manual pages, made from the same declarations as `--help`.

use clap::CommandFactory;

use super::args::{Cli, ManArgs};
use super::console::Console;
use super::exit::{Exit, Failure, Outcome};
use crate::diagnostic::suggest;

pub(super) fn run(args: &ManArgs, console: &Console) -> Outcome {
    let mut command = Cli::command();
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
