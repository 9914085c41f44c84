//! `pikc check`: everything except writing.

mod fix;
mod format;

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use super::shared::args::{Reading, Strictness};
use super::shared::console::Console;
use super::shared::exit::{Exit, Outcome};
use super::shared::files::{self, shown};
use super::shared::progress::Progress;
use super::shared::{paths, report};
use crate::Analysis;
use crate::model::Role;

/// `pikc check`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pikc check cluster.pik          every mistake, with what to type instead\n  pikc check --fix cluster.pik    apply the certain fixes"
)]
pub(super) struct CheckArgs {
    /// The specs; `-` is standard input
    #[arg(required_unless_present_any = ["kubeadm", "manifest"], value_name = "SPEC", value_parser = paths::path)]
    pub specs: Vec<Utf8PathBuf>,
    /// A file for `kubeadm --config`, of a cluster without a spec, or what `kubectl get configmap -o yaml` prints; a folder
    /// stands for the YAML and JSON files in it, `-` for standard input; may be repeated
    #[arg(long, value_name = "FILE", conflicts_with = "fix", value_parser = paths::path)]
    pub kubeadm: Vec<Utf8PathBuf>,
    /// A CNI manifest that was applied to that cluster, or a folder with some; may be repeated
    #[arg(long, value_name = "FILE", conflicts_with = "fix", value_parser = paths::path)]
    pub manifest: Vec<Utf8PathBuf>,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t = CheckFormat::Human, value_name = "FORMAT")]
    pub format: CheckFormat,
    /// Apply the edits that findings carry if the fix is certain, then check what is left; for `-`,
    /// the fixed text goes to standard output
    #[arg(long, conflicts_with = "format")]
    pub fix: bool,
    /// With --fix: also write the files that the specs use; else only those that are named here
    #[arg(long, requires = "fix")]
    pub fix_used: bool,
    #[command(flatten)]
    pub strictness: Strictness,
    #[command(flatten)]
    pub reading: Reading,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    /// Reports for people, on standard error
    Human,
    /// JSON on standard output (docs/diagnostics.schema.json)
    Json,
    /// SARIF 2.1.0 on standard output, for code scanning
    Sarif,
    /// GitHub workflow annotations on standard output
    Github,
    /// GitLab's code quality report on standard output
    Gitlab,
}

pub(super) fn run(args: &CheckArgs, console: &Console) -> Outcome {
    if args.fix {
        return fix_specs(args, console);
    }
    let mut analyses = Vec::new();
    {
        let progress = Progress::start(console, "checking");
        for (index, spec) in args.specs.iter().enumerate() {
            progress.set(index, args.specs.len());
            analyses.push(files::judge(spec, &args.reading, None)?);
        }
    }
    let built: Vec<Utf8PathBuf> = [&args.kubeadm[..], &args.manifest].concat();
    let existing = match built.is_empty() {
        true => None,
        false => Some(files::judge_existing(&built, &args.reading)?),
    };
    let specs = analyses.len();
    analyses.extend(existing);
    match args.format {
        CheckFormat::Human => {
            for (spec, analysis) in args.specs.iter().zip(&analyses) {
                let name = shown(spec);
                console.report(&report::render(analysis, name, console.err));
                if !args.strictness.refuses(analysis) {
                    console.result(&format!("{name}: {}\n", sentence(analysis)))?;
                }
            }
            if let Some(analysis) = analyses.get(specs) {
                let names: Vec<&str> = built.iter().map(|path| shown(path)).collect();
                let names = names.join(", ");
                console.report(&report::render(analysis, &names, console.err));
                if !args.strictness.refuses(analysis) {
                    console.result(&format!("{names}: {}\n", built_sentence(analysis)))?;
                }
            }
        }
        CheckFormat::Json => console.result(&format::json(&analyses))?,
        CheckFormat::Sarif => console.result(&format::sarif(&analyses))?,
        CheckFormat::Github => console.result(&format::github(&analyses))?,
        CheckFormat::Gitlab => {
            let names: Vec<&str> = args
                .specs
                .iter()
                .chain(built.first())
                .map(|path| shown(path))
                .collect();
            console.result(&format::gitlab(&analyses, &names))?;
        }
    }
    let bad = analyses
        .iter()
        .any(|analysis| args.strictness.refuses(analysis));
    // The process ends here, and the system frees its memory at once: no need to drop it piece by piece.
    std::mem::forget(analyses);
    Ok(if bad { Exit::Mistakes } else { Exit::Done })
}

/// `--fix`: fixes what it can, then reports what is left as `check` does.
fn fix_specs(args: &CheckArgs, console: &Console) -> Outcome {
    let mut bad = false;
    for spec in &args.specs {
        let named = (!args.fix_used).then_some(args.specs.as_slice());
        let fixed = fix::apply(spec, named, &args.reading)?;
        let name = shown(spec);
        let piped = fix::write(&fixed.texts)?;
        if spec == "-" {
            // The text itself is the result, whether it changed or not.
            let mut files = fixed.analysis.sources.files();
            let own = files.find(|(_, file)| file.name == name);
            let unchanged = || own.map(|(_, file)| file.text.as_ref());
            console.result(piped.or_else(unchanged).unwrap_or_default())?;
            console.report(&fixed.done.concat());
        } else {
            console.result(&fixed.done.concat())?;
        }
        console.report(&report::render(&fixed.analysis, name, console.err));
        let refused = args.strictness.refuses(&fixed.analysis);
        if !refused && spec != "-" {
            console.result(&format!("{name}: {}\n", sentence(&fixed.analysis)))?;
        }
        bad |= refused;
    }
    Ok(if bad { Exit::Mistakes } else { Exit::Done })
}

/// A cluster without a spec in one line.
fn built_sentence(analysis: &Analysis) -> String {
    let Some(cluster) = analysis.model.as_ref().map(|model| &model.cluster) else {
        return "nothing".to_owned();
    };
    let version = cluster.kubernetes.as_ref();
    let pods = cluster.network.pods.as_ref();
    let known = [
        version.map(|version| format!("Kubernetes {}", version.value)),
        pods.map(|pods| format!("pods in {}", pods.value)),
    ];
    match known.into_iter().flatten().collect::<Vec<_>>().as_slice() {
        [] => "no problem found".to_owned(),
        known => known.join(", "),
    }
}

/// The cluster in one line: what a person checks first.
fn sentence(analysis: &Analysis) -> String {
    let Some(model) = &analysis.model else {
        return "no cluster".to_owned();
    };
    let planes = model.with_role(Role::ControlPlane).count();
    let workers = model.with_role(Role::Worker).count();
    let mut text = format!(
        "cluster {}, {}, {}",
        model.cluster.name.value,
        report::count(planes, "control plane"),
        report::count(workers, "worker")
    );
    if let Some(version) = &model.cluster.exact {
        text.push_str(&format!(", Kubernetes {}", version.value));
    }
    text
}
