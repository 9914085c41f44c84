//! `pikc lsp`: the language server, which an editor starts and talks to.

use camino::Utf8PathBuf;
use clap::Args;

use super::shared::args::Reading;
use super::shared::console::{Console, Look};
use super::shared::exit::{Exit, Failure, Outcome};
use super::shared::{drawn, paths};
use crate::lsp::{Drawing, End, Settings, serve};

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
pub const DRAWING: Drawing = Drawing {
    why: |sources, found| drawn::why(sources, found, Look::PLAIN),
    diff: |found| drawn::diff(found, Look::PLAIN),
};

pub(super) fn run(args: &LspArgs, _console: &Console) -> Outcome {
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
        DRAWING,
    );
    match end {
        End::Asked => Ok(Exit::Done),
        End::Cut => Err(Failure::environment("the editor went away without a word")),
    }
}
