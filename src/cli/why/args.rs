//! The arguments of `pikc why`, and the tree that it asks about.

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;

use crate::cli::shared::args::{PlainFormat, Reading, SecretArgs};
use crate::cli::shared::console::Console;
use crate::cli::shared::exit::Failure;
use crate::cli::shared::make::{self, Wishes};
use crate::cli::shared::progress::Progress;
use crate::cli::shared::{paths, report};
use crate::{Analysis, Compiled};

/// `pikc why`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
      pikc why out/nodes/node01/kubeadm.yaml:12   which line of the spec made it\n  \
      pikc why cluster.pik:10                     which lines of output it makes\n  \
      pikc why out/nodes/node01                   what its files are made from")]
pub(in crate::cli) struct WhyArgs {
    /// A line of a file of an output tree (PATH:LINE), a line of a spec (SPEC:LINE, or SPEC:LINE:COLUMN for one setting of it),
    /// or a file or a folder of a tree
    #[arg(value_name = "PLACE")]
    pub place: String,
    /// The spec [default: for a tree, the one that it was built from, next to it or in this folder]; for a line of a file that a
    /// spec uses, that spec
    #[arg(long, value_name = "SPEC", value_parser = paths::path)]
    pub spec: Option<Utf8PathBuf>,
    /// A file with the values of secrets: NAME=value lines, or a JSON object. PIKC_SECRET_NAME in
    /// the environment wins. No value is ever shown
    #[arg(long, value_name = "FILE", value_parser = paths::path)]
    pub secrets: Option<Utf8PathBuf>,
    /// The output format
    #[arg(long, value_enum, default_value_t = PlainFormat::Human, value_name = "FORMAT")]
    pub format: PlainFormat,
    #[command(flatten)]
    pub reading: Reading,
}

/// The tree of a spec with the origins of its lines; `alone` says that it was built with a secrets file, which is not opened here; nothing if the spec has errors, which are then reported.
pub(super) fn compiled(
    analysis: &mut Analysis,
    name: &str,
    args: &WhyArgs,
    alone: bool,
    console: &Console,
) -> Result<Option<Compiled>, Failure> {
    let _progress = Progress::start(console, "compiling");
    let given = SecretArgs {
        file: args.secrets.clone(),
        without_secrets: true,
        ..SecretArgs::default()
    };
    let wishes = Wishes {
        keep_lines: true,
        secrets: Some((Utf8Path::new(name), &given)),
        made_up: alone,
        ..Wishes::default()
    };
    let compiled = match analysis.diagnostics.has_errors() {
        true => None,
        false => make::tree(analysis, name, &wishes)?,
    };
    if compiled.is_none() {
        console.report(&report::render(analysis, name, console.err));
    }
    Ok(compiled)
}
