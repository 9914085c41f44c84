//! `pikc lsp`: the language server, which an editor starts and talks to.

use std::process::{Command, Stdio};

use camino::Utf8PathBuf;
use clap::Args;

use super::shared::args::Reading;
use super::shared::console::{Console, Look};
use super::shared::exit::{Exit, Failure, Outcome};
use super::shared::{drawn, paths};
use crate::lsp::{CommandLine, End, Order, Settings, serve};

/// `pikc lsp`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  pikc lsp   started by an editor, not by hand: docs/editor.md")]
pub(super) struct LspArgs {
    /// Use standard input and output; there is no other way, and editors that pass this need not be told
    #[arg(long, hide = true)]
    pub stdio: bool,
    /// The folder of a spec's output, relative to the spec [default: out]
    #[arg(long, value_name = "DIR", value_parser = paths::path)]
    pub output: Option<Utf8PathBuf>,
    #[command(flatten)]
    pub reading: Reading,
}

/// What the server shows as the command line does.
pub const COMMAND_LINE: CommandLine = CommandLine {
    why: |sources, found| drawn::why(sources, found, Look::PLAIN),
    diff: |found| drawn::diff(found, Look::PLAIN),
    compile,
};

/// `pikc compile` in a process of its own: it prints, and the standard output of this one belongs to the protocol.
fn compile(order: &Order) -> Result<String, String> {
    let program = std::env::current_exe()
        .map_err(|error| format!("the program that runs cannot be found: {error}"))?;
    let made = Command::new(program)
        .args(arguments(order))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("pikc cannot be started: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    match made.status.success() {
        true => Ok(text(&made.stdout)),
        false => Err(text(&made.stderr)),
    }
}

/// How `pikc compile` is asked for what an editor ordered.
fn arguments(order: &Order) -> Vec<String> {
    let mut arguments = vec![
        "--color=never".to_owned(),
        "compile".to_owned(),
        order.spec.to_string(),
    ];
    let settings = &order.settings;
    let options = [
        ("output", settings.output.as_ref().map(ToString::to_string)),
        ("stdlib", settings.stdlib.as_ref().map(ToString::to_string)),
        ("root", settings.root.as_ref().map(ToString::to_string)),
        ("as-of", settings.as_of.map(|day| day.to_string())),
    ];
    for (name, value) in options {
        arguments.extend(value.map(|value| format!("--{name}={value}")));
    }
    arguments
}

/// How long the allocator keeps memory that nothing uses, in milliseconds, as a variable that it reads before `main`.
const KEEP_MEMORY: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "1000");

/// Starts the program again, in the same process, with an allocator that keeps memory from one keystroke to the next.
///
/// By default it returns to the system what has not been used for a tenth of a second, which is a keystroke: for 10,000 lines, 4,300 pages
/// were returned and asked for again each time, and that took a quarter of the time (docs/performance.md). The allocator has no safe
/// function for it. If the program cannot be started again, it goes on as it is.
#[cfg(unix)]
fn keep_memory() {
    use std::os::unix::process::CommandExt as _;
    let (name, delay) = KEEP_MEMORY;
    if std::env::var_os(name).is_some() {
        return;
    }
    let mut words = std::env::args_os();
    let (Some(called), Ok(program)) = (words.next(), std::env::current_exe()) else {
        return;
    };
    let why = Command::new(program)
        .arg0(called)
        .args(words)
        .env(name, delay)
        .exec();
    log::debug!("the server keeps the allocator's defaults: {why}");
}

#[cfg(not(unix))]
fn keep_memory() {}

pub(super) fn run(args: &LspArgs, _console: &Console) -> Outcome {
    keep_memory();
    // What is wrong inside is answered and logged; nothing may appear in the middle of an editor's terminal.
    std::panic::set_hook(Box::new(|panic| log::error!("{panic}")));
    let end = serve(
        std::io::stdin(),
        std::io::stdout(),
        Settings {
            stdlib: args.reading.stdlib.clone(),
            root: args.reading.root.clone(),
            as_of: args.reading.as_of,
            output: args.output.clone(),
        },
        COMMAND_LINE,
    );
    match end {
        End::Asked => Ok(Exit::Done),
        End::Cut => Err(Failure::environment("the editor went away without a word")),
    }
}
