//! `pikc init`: a spec to start from. Nothing that exists is ever overwritten.

mod addresses;

use std::io::{IsTerminal, Write};

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use super::shared::console::Console;
use super::shared::exit::{Exit, Failure, Outcome};
use super::shared::files::words;
use super::shared::paths;
use crate::format::format;
use crate::output::{self, Sort};

const HOME_PI: &str = include_str!("home-pi.pik");
const MINIMAL: &str = include_str!("minimal.pik");
const SINGLE: &str = include_str!("single.pik");

/// `pikc init`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pikc init                          writes cluster.pik, a spec with comments to start from\n  pikc init --template minimal lab   writes lab/cluster.pik"
)]
pub(super) struct InitArgs {
    /// Where cluster.pik is written
    #[arg(value_name = "DIR", default_value = ".", value_parser = paths::path)]
    pub dir: Utf8PathBuf,
    /// The spec to start from; `addresses` builds one from standard input: a line for each
    /// machine, `ADDRESS [NAME]`; the first one becomes the control plane
    #[arg(long, value_enum, value_name = "NAME")]
    pub template: Option<Template>,
}

/// The specs to start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Template {
    /// Four Raspberry Pis on the home Wi-Fi, every setting with a comment
    HomePi,
    /// The minimum that compiles: one control plane, one worker, wired
    Minimal,
    /// One machine that is the whole cluster: its control plane runs your pods
    Single,
    /// From addresses on standard input
    Addresses,
}

pub(super) fn run(args: &InitArgs, console: &Console) -> Outcome {
    let template = args.template.unwrap_or(Template::HomePi);
    let text = match template {
        Template::HomePi => HOME_PI.to_owned(),
        Template::Minimal => MINIMAL.to_owned(),
        Template::Single => SINGLE.to_owned(),
        Template::Addresses => format(&addresses::spec(&piped()?)?),
    };
    let path = args.dir.join("cluster.pik");
    std::fs::create_dir_all(&args.dir).map_err(|error| {
        Failure::environment(format!(
            "the folder `{}` cannot be created: {error}",
            args.dir
        ))
    })?;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Failure::environment(format!("`{path}` already exists and is left as it is"))
                    .help("`pikc init OTHER-FOLDER` writes elsewhere")
            }
            _ => Failure::environment(format!("`{path}` cannot be written: {error}")),
        })?;
    file.write_all(text.as_bytes()).map_err(|error| {
        Failure::environment(format!("`{path}` cannot be written: {}", words(&error)))
    })?;
    console.result(&format!(
        "wrote {path}\nnext: edit it, `pikc check {path}`, then `pikc compile {path} -o {}`\n",
        args.dir.join("out")
    ))?;
    Ok(Exit::Done)
}

/// What is piped in; at a terminal, a hint says what pikc waits for.
fn piped() -> Result<String, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() {
        return Err(
            Failure::usage("`--template addresses` reads addresses from standard input").help(
                "printf '192.168.11.201\\n192.168.11.202\\n' | pikc init --template addresses",
            ),
        );
    }
    let unread =
        |why: String| Failure::environment(format!("standard input cannot be read: {why}"));
    let bytes =
        output::bounded(input.lock(), Sort::Lines).map_err(|why| unread(why.to_string()))?;
    String::from_utf8(bytes).map_err(|_| unread("it is not UTF-8".to_owned()))
}
