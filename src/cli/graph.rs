//! `pikc graph`: the picture of a cluster.

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, ValueEnum};

use super::shared::args::Reading;
use super::shared::console::Console;
use super::shared::exit::{Exit, Outcome};
use super::shared::files::{self, shown};
use super::shared::{paths, report, rewrite};
use crate::picture::{self, Picture};

/// `pikc graph`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
      pikc graph cluster.pik -o cluster.svg     for a browser or a page\n  \
      pikc graph cluster.pik --format mermaid   for GitHub and GitLab\n  \
      pikc graph cluster.pik -o cluster.dot     for the programs of Graphviz\n  \
      pikc graph cluster.pik --format text      the picture of the runbook")]
pub(super) struct GraphArgs {
    /// The spec; `-` is standard input
    #[arg(value_name = "SPEC", value_parser = paths::path)]
    pub spec: Utf8PathBuf,
    /// The file to write [default: standard output, as for `-`]
    #[arg(short, long, value_name = "FILE", value_parser = paths::path)]
    pub output: Option<Utf8PathBuf>,
    /// The output format [default: what the ending of FILE says, else svg]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<GraphFormat>,
    #[command(flatten)]
    pub reading: Reading,
}

/// How the picture is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum GraphFormat {
    /// A picture for browsers and pages
    Svg,
    /// A flowchart for pages on GitHub and GitLab
    Mermaid,
    /// For the programs of Graphviz
    Dot,
    /// Characters
    Text,
}

/// What pictures of ours begin with, so that no other file is overwritten.
const OURS: &[&str] = &[
    "class=\"pikc-picture\"",
    "%% The picture of a cluster, made by pikc",
    "// The picture of a cluster, made by pikc",
    DRAWN,
];

/// The last line of a picture in characters.
const DRAWN: &str = "(drawn by pikc graph)";

pub(super) fn run(args: &GraphArgs, console: &Console) -> Outcome {
    let analysis = files::judge(&args.spec, &args.reading, None)?;
    console.report(&report::render(&analysis, shown(&args.spec), console.err));
    let Some(model) = &analysis.model else {
        return Ok(Exit::Mistakes);
    };
    // A picture of a spec with mistakes would show a network that is never built.
    if analysis.diagnostics.has_errors() {
        console.report("nothing was written\n");
        return Ok(Exit::Mistakes);
    }
    let format = args
        .format
        .unwrap_or_else(|| by_ending(args.output.as_deref()));
    let text = drawn(&picture::picture(model), format);
    match args.output.as_deref().filter(|path| *path != "-") {
        None => console.result(&text)?,
        Some(path) => {
            rewrite::put(path, &text, OURS)?;
            console.result(&format!("{path} is written\n"))?;
        }
    }
    Ok(Exit::Done)
}

fn by_ending(path: Option<&Utf8Path>) -> GraphFormat {
    match path.and_then(Utf8Path::extension) {
        Some("mmd" | "mermaid") => GraphFormat::Mermaid,
        Some("dot" | "gv") => GraphFormat::Dot,
        Some("txt") => GraphFormat::Text,
        _ => GraphFormat::Svg,
    }
}

fn drawn(picture: &Picture, format: GraphFormat) -> String {
    match format {
        GraphFormat::Svg => picture::svg(picture).finish(),
        GraphFormat::Mermaid => picture::mermaid(picture),
        GraphFormat::Dot => picture::dot(picture),
        GraphFormat::Text => format!("{}\n\n{DRAWN}\n", picture::text(picture).join("\n")),
    }
}
