//! The command line: clap reads the arguments, miette draws the reports, one file per command.
//!
//! In: arguments. Out: an exit status, results on standard output, reports on standard error. This
//! floor reads the files of a spec and asks the floors below for everything else.

mod args;
mod card;
mod check;
mod cni;
mod compile;
mod completions;
mod console;
mod diff;
mod exit;
mod explain;
mod files;
mod fix;
mod fixed;
mod format;
mod handed;
mod init;
mod make;
mod man;
mod markdown;
mod passphrase;
mod paths;
mod progress;
mod report;
mod secrets;
mod show;
mod stdlib;
mod vendor;
mod why;
mod words;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::diagnostic::Descriptor;
use args::{Cli, Command};
use console::Console;
use exit::Outcome;

pub use console::Look;
pub use report::render as render_report;
pub use secrets::parse as parse_secrets;

/// Every code of every floor, in the order of the floors.
pub fn all_codes() -> Vec<&'static Descriptor> {
    let mut codes = crate::check::all_codes();
    codes.extend([&files::NOT_UTF8, &secrets::MISSING_SECRET]);
    codes.extend(passphrase::CODES);
    codes.extend(fixed::CODES);
    codes.extend(handed::CODES);
    codes.extend(vendor::CODES);
    codes
}

/// Runs pikc with these arguments (the first is the program's own name).
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // What is typed is quoted in reports: a line of its own in a name would command a build server that reads them.
    for argument in arguments.iter().skip(1).map(|one| one.to_string_lossy()) {
        if let Some(odd) = argument.chars().find(|c| paths::odd(*c)) {
            Console::new(args::When::Never).report(&format!(
                "error: the argument `{}` holds U+{:04X}, a character that cannot be seen\n",
                paths::shown(&argument),
                u32::from(odd)
            ));
            return ExitCode::from(2);
        }
    }
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        // Prints help and versions to standard output and mistakes to standard error; the latter
        // end with status 2.
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    env_logger::Builder::from_default_env()
        .format_timestamp(None)
        .init();
    let console = Console::new(cli.color);
    match dispatch(&cli.command, &console) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            console.failure(&failure);
            failure.exit.into()
        }
    }
}

fn dispatch(command: &Command, console: &Console) -> Outcome {
    match command {
        Command::Compile(args) => compile::run(args, console),
        Command::Card(args) => card::run(args, console),
        Command::Check(args) => check::run(args, console),
        Command::Diff(args) => diff::run(args, console),
        Command::Why(args) => why::run(args, console),
        Command::Explain(args) => explain::run(args, console),
        Command::Vendor(args) => vendor::run(args, console),
        Command::Show(args) => show::run(args, console),
        Command::Cni(args) => cni::run(args, console),
        Command::Stdlib(command) => stdlib::run(command, console),
        Command::Init(args) => init::run(args, console),
        Command::Completions(args) => completions::run(args, console),
        Command::Man(args) => man::run(args, console),
    }
}
