//! The command line: clap reads the arguments, miette draws the reports, one file per command.
//!
//! In: arguments. Out: an exit status, results on standard output, reports on standard error. This
//! floor reads the files of a spec and asks the floors below for everything else.

mod card;
mod check;
mod cni;
mod compile;
mod completions;
mod diff;
mod explain;
mod fmt;
mod graph;
mod import;
mod init;
mod lsp;
mod man;
mod review;
mod secrets;
mod shared;
mod show;
mod stdlib;
mod vendor;
mod why;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::diagnostic::Descriptor;
use shared::args::When;
use shared::console::Console;
use shared::exit::Outcome;
use shared::{
    files, fixed, handed, key_values, passphrase, passwords, paths, secrets as secret_values,
    vault, vendored,
};

pub use lsp::COMMAND_LINE;
pub use shared::console::Look;
pub use shared::pairs::parse as parse_secrets;
pub use shared::report::render as render_report;

/// From one small file that describes a Kubernetes cluster to everything that builds it: shell
/// scripts, kubeadm files and CNI manifests, checked against each other before a byte is written.
#[derive(Debug, Parser)]
#[command(
    name = "pikc",
    version,
    about,
    long_about = None,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_help = "Exit status: 0 done; 1 the spec has errors and nothing was written; 2 the command line is wrong;\n\
                  3 a file could not be read or written. Begin with `pikc init`."
)]
struct Cli {
    /// Colours: always, never, auto (obeys NO_COLOR)
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, value_name = "WHEN",
          hide_possible_values = true, hide_default_value = true)]
    color: When,
    /// What to do
    #[command(subcommand)]
    command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
enum Command {
    /// Check a spec, then write the output tree; a line for each folder says what changed
    Compile(compile::CompileArgs),
    /// Put a node's files on the boot partition of its card, and edit its kernel command line
    Card(card::CardArgs),
    /// Check specs and write nothing
    Check(check::CheckArgs),
    /// Write specs in the one layout: indentation, aligned settings and comments, one blank line at most
    Fmt(fmt::FmtArgs),
    /// Explain a diagnostic: why it matters, what it looks like, how to fix it
    Explain(explain::ExplainArgs),
    /// Show the resolved cluster: every value, with where it came from
    Show(show::ShowArgs),
    /// Try every CNI on a cluster: which fit, what rules out the others, what each can do
    Cni(cni::CniArgs),
    /// Write a script that fetches upstream's files and compares them with their checksums, for sites without internet
    Vendor(vendor::VendorArgs),
    /// Show what produced a line of the output, what a line of a spec makes, or what a file is made from
    Why(why::WhyArgs),
    /// Show what `compile` would change, and what that means for a cluster that runs; nothing is written
    Diff(diff::DiffArgs),
    /// Write a page for those who approve the output: what is built, who runs what, every line with its reason
    Review(review::ReviewArgs),
    /// Keep a cluster's secrets in an encrypted file: with one, its machines join by themselves
    #[command(subcommand)]
    Secrets(secrets::SecretsCommand),
    /// Draw the cluster: its network, machines and ranges, as SVG, Mermaid, Graphviz or characters
    Graph(graph::GraphArgs),
    /// Show what the standard library knows
    #[command(subcommand)]
    Stdlib(stdlib::StdlibCommand),
    /// Write a commented spec to start from, or one built from addresses on standard input
    Init(init::InitArgs),
    /// Write a spec from the files of a cluster that exists, and say what is not in it
    Import(import::ImportArgs),
    /// Serve an editor: the language server, on standard input and output
    Lsp(lsp::LspArgs),
    /// Print the completions for a shell
    Completions(completions::CompletionsArgs),
    /// Print the manual page
    Man(man::ManArgs),
}

/// Every code of every floor, in the order of the floors.
pub fn all_codes() -> Vec<&'static Descriptor> {
    let mut codes = crate::check::all_codes();
    codes.extend([&files::NOT_UTF8, &secret_values::MISSING_SECRET]);
    codes.extend(passphrase::CODES);
    codes.extend(passwords::CODES);
    codes.extend(key_values::CODES);
    codes.extend(fixed::CODES);
    codes.extend(handed::CODES);
    codes.extend(vendored::CODES);
    codes
}

/// Runs pikc with these arguments (the first is the program's own name).
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // Reports quote what is typed: a name with a line of its own would be a command to a build server that reads them.
    for argument in arguments.iter().skip(1).map(|one| one.to_string_lossy()) {
        if vault::is_private_key(&argument) {
            Console::new(When::Never).failure(&vault::key_as_argument());
            return ExitCode::from(2);
        }
        if let Some(odd) = argument.chars().find(|c| paths::odd(*c)) {
            Console::new(When::Never).report(&format!(
                "error: the argument `{}` holds U+{:04X}, a character that cannot be seen\n",
                paths::shown(&paths::short(&argument)),
                u32::from(odd)
            ));
            return ExitCode::from(2);
        }
        // No argument of pikc means anything without a character in it, and an empty folder would be the current one.
        if argument.is_empty() || argument.starts_with("--") && argument.ends_with('=') {
            Console::new(When::Never).report(
                "error: an argument is empty; if a variable of the shell is in it, it is not set\n",
            );
            return ExitCode::from(2);
        }
    }
    let words: Vec<String> = arguments
        .iter()
        .map(|one| one.to_string_lossy().into_owned())
        .collect();
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        // Prints help and versions to standard output and mistakes to standard error; mistakes
        // end with status 2.
        Err(error) if value_as_argument(&words, &error) => {
            Console::new(When::Never).failure(&vault::value_as_argument());
            return ExitCode::from(2);
        }
        Err(error) => {
            let error = nearest_first(error);
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

/// Whether clap would repeat a secret: what is too much after `pikc secrets set SPEC NAME` is its value.
fn value_as_argument(words: &[String], error: &clap::Error) -> bool {
    let sets = words
        .windows(2)
        .any(|pair| pair[0] == "secrets" && matches!(pair[1].as_str(), "set" | "rotate"));
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidArg) else {
        return false;
    };
    sets && error.kind() == ErrorKind::UnknownArgument && !unknown.starts_with('-')
}

/// Of several similar names, clap prints the least similar first.
fn nearest_first(mut error: clap::Error) -> clap::Error {
    for kind in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg] {
        if let Some(ContextValue::Strings(names)) = error.get(kind) {
            let names = names.iter().rev().cloned().collect();
            error.insert(kind, ContextValue::Strings(names));
        }
    }
    error
}

fn dispatch(command: &Command, console: &Console) -> Outcome {
    match command {
        Command::Compile(args) => compile::run(args, console),
        Command::Card(args) => card::run(args, console),
        Command::Check(args) => check::run(args, console),
        Command::Fmt(args) => fmt::run(args, console),
        Command::Diff(args) => diff::run(args, console),
        Command::Review(args) => review::run(args, console),
        Command::Why(args) => why::run(args, console),
        Command::Graph(args) => graph::run(args, console),
        Command::Explain(args) => explain::run(args, all_codes(), console),
        Command::Vendor(args) => vendor::run(args, console),
        Command::Show(args) => show::run(args, console),
        Command::Cni(args) => cni::run(args, console),
        Command::Secrets(command) => secrets::run(command, console),
        Command::Stdlib(command) => stdlib::run(command, console),
        Command::Init(args) => init::run(args, console),
        Command::Import(args) => import::run(args, console),
        Command::Lsp(args) => lsp::run(args, console),
        Command::Completions(args) => completions::run(args, Cli::command(), console),
        Command::Man(args) => man::run(args, Cli::command(), console),
    }
}
