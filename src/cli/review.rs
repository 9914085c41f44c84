//! `pikc review`: a page for those who approve the output, or the same as JSON.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, ValueEnum};

use super::shared::args::{Reading, SecretArgs, Strictness};
use super::shared::console::{Console, visible};
use super::shared::exit::{Exit, Failure, Outcome};
use super::shared::files::{self, shown};
use super::shared::make::{Wishes, earlier, tree, unwritten};
use super::shared::progress::Progress;
use super::shared::{doubts, fixed, handed, paths, report, rewrite, vendored};
use crate::output::{self, FileDiff, MANIFEST, Manifest};
use crate::review::{self, Doubt, Earlier};
use crate::{Analysis, Compiled};

/// `pikc review`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
      pikc review cluster.pik -o review.html                    the page for a first approval\n  \
      pikc review cluster.pik --against out -o review.html      with what differs from the tree in out/\n  \
      pikc review cluster.pik --against old.pik --format json   the same content for a build server\n\n\
      The page is one file: it loads nothing, needs no script, and shows no secret.")]
pub(super) struct ReviewArgs {
    /// The spec; `-` is standard input
    #[arg(value_name = "SPEC", value_parser = paths::path)]
    pub spec: Utf8PathBuf,
    /// The file to write [default: standard output, as for `-`]
    #[arg(short, long, value_name = "FILE", value_parser = paths::path)]
    pub output: Option<Utf8PathBuf>,
    /// Also show what differs from this: the folder of an output tree, or another spec
    #[arg(long, value_name = "TREE|SPEC", value_parser = paths::path)]
    pub against: Option<Utf8PathBuf>,
    /// The output format
    #[arg(long, value_enum, default_value_t = ReviewFormat::Html, value_name = "FORMAT")]
    pub format: ReviewFormat,
    #[command(flatten)]
    pub secrets: SecretArgs,
    /// A folder with upstream's files (see `pikc vendor`)
    #[arg(long, value_name = "DIR", value_parser = paths::path)]
    pub vendored: Option<Utf8PathBuf>,
    #[command(flatten)]
    pub reading: Reading,
}

/// A page or its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReviewFormat {
    /// One HTML file
    Html,
    /// For programs
    Json,
}

/// What pages and documents of ours hold, so that no other file is overwritten.
const OURS: &[&str] = &[
    "<meta name=\"generator\" content=\"pikc review\">",
    "\"generator\": \"pikc review\"",
];

pub(super) fn run(args: &ReviewArgs, console: &Console) -> Outcome {
    let progress = Progress::start(console, "reviewing");
    let before = args.against.as_deref().map(Before::find).transpose()?;
    let kept = match &before {
        Some(Before::Tree(_, manifest)) => output::kept_version(manifest),
        _ => None,
    };
    let mut analysis = files::judge(&args.spec, &args.reading, kept)?;
    let name = shown(&args.spec);
    let compiled = compile(&mut analysis, name, args, true)?;
    let Some(compiled) = compiled else {
        drop(progress);
        console.report(&report::render(&analysis, name, console.err));
        console.report("nothing was written\n");
        return Ok(Exit::Mistakes);
    };
    let Some(found) = compare(before.as_ref(), &analysis, &compiled, args, console)? else {
        return Ok(Exit::Mistakes);
    };
    if let Some(found) = &found {
        for finding in fixed::changed(&found.fixed, &compiled) {
            analysis.diagnostics.push(finding);
        }
        analysis.diagnostics.sort();
    }
    let named = args.against.as_deref().map_or("", Utf8Path::as_str);
    let earlier = found.as_ref().map(|found| Earlier {
        name: named,
        files: &found.files,
        settings: found.settings.as_ref(),
        doubts: &found.doubts,
    });
    let page = review::page(&analysis, &compiled, name, earlier);
    let text = match args.format {
        ReviewFormat::Html => review::html(&page),
        ReviewFormat::Json => match serde_json::to_string_pretty(&page) {
            Ok(text) => text + "\n",
            Err(error) => return Err(Failure::environment(error.to_string())),
        },
    };
    drop(progress);
    console.report(&report::render(&analysis, name, console.err));
    for doubt in &page.doubts {
        console.report(&format!("{named}: {}\n", visible(&doubt.to_string())));
    }
    match args.output.as_deref() {
        None => console.result(&text)?,
        Some(path) if path == "-" => console.result(&text)?,
        Some(path) => {
            rewrite::put(path, &text, OURS)?;
            console.result(&format!(
                "{path} is written: {}, {}; open it in a browser\n",
                report::count(page.counts.files, "file"),
                report::count(page.counts.lines, "line")
            ))?;
        }
    }
    Ok(Exit::Done)
}

/// What the spec is compared with.
enum Before<'a> {
    Tree(&'a Utf8Path, Box<Manifest>),
    Spec(&'a Utf8Path),
}

impl<'a> Before<'a> {
    fn find(path: &'a Utf8Path) -> Result<Self, Failure> {
        if !path.is_dir() {
            return Ok(Self::Spec(path));
        }
        match earlier(path)? {
            Some(manifest) => Ok(Self::Tree(path, Box::new(manifest))),
            None => Err(Failure::usage(format!(
                "`{path}` is not a tree that pikc wrote: there is no {MANIFEST} in it"
            ))
            .help("name the folder that was given to `pikc compile -o`, or a spec")),
        }
    }
}

/// The tree of a spec; nothing if it has errors, which are then among its findings.
fn compile(
    analysis: &mut Analysis,
    name: &str,
    args: &ReviewArgs,
    keep_lines: bool,
) -> Result<Option<Compiled>, Failure> {
    if let Some(folder) = &args.vendored {
        vendored::is_folder(folder)?;
    }
    let vendored = match (&args.vendored, &analysis.model) {
        (Some(folder), Some(model)) => vendored::files(model, folder, &mut analysis.diagnostics),
        _ => BTreeMap::new(),
    };
    if Strictness::LENIENT.refuses(analysis) {
        return Ok(None);
    }
    let wishes = Wishes {
        secrets: Some((&args.spec, &args.secrets)),
        vendored: Some(&vendored),
        keep_lines,
        ..Wishes::default()
    };
    let compiled = tree(analysis, name, &wishes)?;
    if let (Some(compiled), Some(model)) = (&compiled, &analysis.model) {
        for finding in handed::too_large(model, compiled) {
            analysis.diagnostics.push(finding);
        }
        analysis.diagnostics.sort();
    }
    Ok(compiled.filter(|_| !Strictness::LENIENT.refuses(analysis)))
}

/// What an earlier tree says.
struct Found {
    files: Vec<FileDiff>,
    /// What its cluster cannot change.
    fixed: BTreeMap<String, String>,
    /// What its spec had set.
    settings: Option<output::Settings>,
    doubts: Vec<Doubt>,
}

/// Compares with the earlier tree, if there is one; nothing at all if the earlier spec has errors.
fn compare(
    before: Option<&Before<'_>>,
    analysis: &Analysis,
    compiled: &Compiled,
    args: &ReviewArgs,
    console: &Console,
) -> Result<Option<Option<Found>>, Failure> {
    let paths = |compiled: &Compiled| -> Vec<String> {
        let paths = compiled.rendered.entries().keys();
        paths.map(ToString::to_string).collect()
    };
    let (old, mut found): (Vec<String>, Found) = match before {
        None => return Ok(Some(None)),
        Some(Before::Tree(dir, manifest)) => {
            let input = output::described(analysis, compiled);
            let waits =
                || console.report(&format!("waiting for another pikc that writes to {dir}\n"));
            let diff = output::diff(dir, &compiled.rendered, &input, Some(&waits))
                .map_err(|error| unwritten(&error))?;
            let found = Found {
                fixed: manifest.fixed.clone(),
                settings: manifest.settings.clone(),
                doubts: doubts::tampered(&diff),
                files: diff.files,
            };
            let old = manifest.files.iter().map(|record| record.path.clone());
            (old.collect(), found)
        }
        Some(Before::Spec(path)) => {
            let mut old = files::judge(path, &args.reading, None)?;
            let name = shown(path);
            // Under the new one's name: each file names its spec, and would differ by that alone.
            let Some(made) = compile(&mut old, shown(&args.spec), args, false)? else {
                console.report(&report::render(&old, name, console.err));
                console.report("nothing was written\n");
                return Ok(None);
            };
            let fixed = made.fixed.iter();
            let found = Found {
                files: output::between_trees(&made.rendered, &compiled.rendered),
                fixed: fixed
                    .map(|(name, found)| (name.clone(), found.value.clone()))
                    .collect(),
                settings: Some(output::settings(&old)),
                doubts: Vec::new(),
            };
            (paths(&made), found)
        }
    };
    let new = paths(compiled);
    let (old, new) = (doubts::nodes(&old), doubts::nodes(&new));
    let stranger = doubts::stranger(&found.files, &old, &new);
    found.doubts.extend(stranger);
    Ok(Some(Some(found)))
}
