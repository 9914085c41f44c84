//! `pikc import`: a spec from the files of a cluster that exists, and a report of what is not in it. Nothing is written on an error.

use std::fs;
use std::io::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use serde_json::json;

use super::shared::args::PlainFormat;
use super::shared::console::{Console, Paint, hanging, paint, visible};
use super::shared::exit::{Exit, Failure, Outcome};
use super::shared::files::{self, words};
use super::shared::folders::Walk;
use super::shared::paths;
use super::shared::report;
use crate::diagnostic::{Diagnostics, Severity};
use crate::import::{File, Imported, Line, Report, import};
use crate::model::Reader;
use crate::output::Sort;
use crate::source::Sources;
use crate::stdlib::Library;
use crate::{Analysis, AnalyzeInput, analyze};

/// `pikc import`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
      kubectl -n kube-system get configmap kubeadm-config kubelet-config kube-proxy -o yaml > maps.yaml\n  \
      kubectl get nodes -o yaml > nodes.yaml\n  \
      pikc import maps.yaml nodes.yaml kube-flannel.yml -o cluster.pik")]
pub(super) struct ImportArgs {
    /// Files of kubeadm's, ConfigMaps and nodes as `kubectl get -o yaml` prints them, a CNI's manifest, k0sctl.yaml, an inventory
    /// of kubespray; a folder stands for the YAML, JSON and INI files in it, `-` for standard input
    #[arg(required = true, value_name = "FILE", value_parser = paths::path)]
    pub files: Vec<Utf8PathBuf>,
    /// Where the spec is written [default: standard output]
    #[arg(short, long, value_name = "SPEC", value_parser = paths::path)]
    pub output: Option<Utf8PathBuf>,
    /// Replace the file that --output names, if it exists
    #[arg(long, requires = "output")]
    pub overwrite: bool,
    /// How the report of what was not carried over is printed: for people on standard error; as JSON on standard output, or on
    /// standard error if the spec goes to standard output
    #[arg(long, value_enum, default_value_t = PlainFormat::Human, value_name = "FORMAT")]
    pub format: PlainFormat,
    /// A folder that overlays the standard library
    #[arg(long, value_name = "DIR", value_parser = paths::path)]
    pub stdlib: Option<Utf8PathBuf>,
}

pub(super) fn run(args: &ImportArgs, console: &Console) -> Outcome {
    if let Some(path) = &args.output
        && !args.overwrite
        && path.symlink_metadata().is_ok()
    {
        return Err(exists(path));
    }
    let mut texts = Vec::new();
    for path in FILES.expanded(&args.files)? {
        let (name, bytes) = files::given(&path, Sort::Manifest)?;
        match String::from_utf8(bytes) {
            Ok(text) => texts.push((name, text)),
            Err(error) => {
                let overlay = files::overlay(args.stdlib.as_deref())?;
                let analysis = files::not_utf8(&name, error.as_bytes(), overlay);
                console.report(&report::render(&analysis, name.as_str(), console.err));
                return Ok(Exit::Mistakes);
            }
        }
    }
    let given: Vec<File<'_>> = texts
        .iter()
        .map(|(name, text)| File {
            name: name.as_str(),
            text,
        })
        .collect();
    let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
    let overlay = files::overlay(args.stdlib.as_deref())?;
    let mut library = Library::open(overlay.clone(), &mut sources, &mut out);
    let Imported { text, mut report } = import(&given, &mut library, &mut sources, &mut out);
    let Some(text) = text.filter(|_| !out.has_errors()) else {
        out.sort();
        let names: Vec<&str> = given.iter().map(|file| file.name).collect();
        let shown = report::several(&sources, &out, &names.join(", "), console.err);
        console.report(&shown);
        return Ok(Exit::Mistakes);
    };
    let name = args
        .output
        .as_deref()
        .unwrap_or(Utf8Path::new("cluster.pik"));
    let analysis = analyze(AnalyzeInput {
        path: name,
        text: &text,
        reader: &Later,
        overlay,
        as_of: None,
        kept: None,
    });
    left_to_do(&analysis, &mut report);
    match &args.output {
        Some(path) => write(path, &text, args.overwrite)?,
        None => console.result(&text)?,
    }
    match (args.format, &args.output) {
        (PlainFormat::Human, output) => {
            console.report(&human(&report, output.as_deref(), console));
        }
        (PlainFormat::Json, Some(_)) => console.result(&as_json(&report))?,
        (PlainFormat::Json, None) => console.report(&as_json(&report)),
    }
    Ok(Exit::Done)
}

/// The files that the spec names are not there yet.
struct Later;

impl Reader for Later {
    fn read(&self, _: &Utf8Path) -> Result<String, String> {
        Err("it has to be copied there first".to_owned())
    }
}

/// What `pikc check` says about the spec, so that it is known what the files did not say.
fn left_to_do(analysis: &Analysis, report: &mut Report) {
    let errors = analysis.diagnostics.iter();
    for found in errors.filter(|found| found.severity == Severity::Error) {
        let place = found
            .labels
            .first()
            .map(|label| analysis.sources.start(label.span));
        let line = place.map_or_else(String::new, |at| format!(", line {} of the spec", at.line));
        report.to_fill.push(crate::import::ToFill {
            what: format!("{}{line}", found.descriptor.code),
            why: format!("`pikc check` refuses this: {}", found.message),
        });
    }
}

fn exists(path: &Utf8Path) -> Failure {
    Failure::environment(format!("`{path}` already exists and is left as it is"))
        .help("`--overwrite` replaces it")
}

/// The files of a cluster, and inventories.
const FILES: Walk = Walk {
    deepest: 8,
    most: 2000,
    called: "files",
    lacks: "YAML, JSON or INI files",
    wanted: |path| {
        let ending = path.extension().unwrap_or_default();
        let inventory = ending.is_empty() && path.file_name() == Some("hosts");
        matches!(ending, "yaml" | "yml" | "json" | "ini") || inventory
    },
};

/// Writes the whole spec, or nothing.
fn write(path: &Utf8Path, text: &str, overwrite: bool) -> Result<(), Failure> {
    let failed = |error: &std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => exists(path),
        _ => Failure::environment(format!("`{path}` cannot be written: {}", words(error))),
    };
    if path.is_dir() {
        return Err(Failure::environment(format!("`{path}` is a folder")));
    }
    let target = match overwrite {
        true => path.with_extension("pik.new"),
        false => path.to_owned(),
    };
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&target)
        .map_err(|error| match target == path {
            true => failed(&error),
            false => {
                Failure::environment(format!("`{target}` cannot be written: {}", words(&error)))
            }
        })?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    let moved = written.and_then(|()| match overwrite {
        true => fs::rename(&target, path),
        false => Ok(()),
    });
    moved.map_err(|error| {
        // Half a spec is worse than none.
        let _ = fs::remove_file(&target);
        failed(&error)
    })
}

fn human(report: &Report, output: Option<&Utf8Path>, console: &Console) -> String {
    let look = console.err;
    let mut text = String::new();
    let heading = |text: &mut String, words: &str| {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&paint(look, Paint::Heading, words));
        text.push('\n');
    };
    let line = |line: &Line| {
        let place = &line.place;
        let lead = format!("{}:{}: {}: ", place.file, place.line, place.field);
        hanging(look, "  ", None, &visible(&format!("{lead}{}", line.why)))
    };
    if !report.losses.is_empty() {
        heading(&mut text, "Not carried over, or different in the spec:");
        report
            .losses
            .iter()
            .for_each(|one| text.push_str(&line(one)));
    }
    if !report.state.is_empty() {
        heading(&mut text, "No configuration:");
        report
            .state
            .iter()
            .for_each(|one| text.push_str(&line(one)));
    }
    if !report.to_fill.is_empty() {
        heading(&mut text, "To fill in:");
        for one in &report.to_fill {
            let words = format!("{}: {}", one.what, one.why);
            text.push_str(&hanging(look, "  ", None, &visible(&words)));
        }
    }
    if let Some(path) = output {
        heading(
            &mut text,
            &visible(&format!("Wrote {path}. Next: `pikc check {path}`")),
        );
    }
    let count = match report.losses.len() {
        1 => "1 field was not carried over".to_owned(),
        more => format!("{more} fields were not carried over"),
    };
    text.push_str(&format!("{count}\n"));
    text
}

fn as_json(report: &Report) -> String {
    let lines = |lines: &[Line]| -> Vec<serde_json::Value> {
        let one = |line: &Line| {
            let place = &line.place;
            json!({ "file": &*place.file, "line": place.line, "field": place.field, "why": line.why })
        };
        lines.iter().map(one).collect()
    };
    let to_fill: Vec<_> = report
        .to_fill
        .iter()
        .map(|one| json!({ "what": one.what, "why": one.why }))
        .collect();
    let whole = json!({
        "losses": lines(&report.losses),
        "no-configuration": lines(&report.state),
        "to-fill-in": to_fill,
        "count": report.losses.len(),
    });
    format!("{whole:#}\n")
}
