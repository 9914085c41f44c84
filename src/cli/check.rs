//! `pikc check`: everything but writing.

use camino::Utf8PathBuf;

use super::args::{CheckArgs, CheckFormat, Deny, Strictness};
use super::console::Console;
use super::exit::{Exit, Outcome};
use super::progress::Progress;
use super::{files, fix, format, report};
use crate::Analysis;
use crate::diagnostic::Severity;
use crate::model::Role;

pub(super) fn run(args: &CheckArgs, console: &Console) -> Outcome {
    if args.fix {
        return mend(args, console);
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
                let name = shown(spec.as_str());
                console.report(&report::render(analysis, name, console.err));
                if !refused(analysis, &args.strictness) {
                    console.result(&format!("{name}: {}\n", sentence(analysis)))?;
                }
            }
            if let Some(analysis) = analyses.get(specs) {
                let names: Vec<&str> = built.iter().map(|path| shown(path.as_str())).collect();
                let names = names.join(", ");
                console.report(&report::render(analysis, &names, console.err));
                if !refused(analysis, &args.strictness) {
                    console.result(&format!("{names}: {}\n", built_sentence(analysis)))?;
                }
            }
        }
        CheckFormat::Json => console.result(&format::json(&analyses))?,
        CheckFormat::Sarif => console.result(&format::sarif(&analyses))?,
        CheckFormat::Github => console.result(&format::github(&analyses))?,
    }
    let bad = analyses
        .iter()
        .any(|analysis| refused(analysis, &args.strictness));
    Ok(if bad { Exit::Mistakes } else { Exit::Done })
}

/// `--fix`: mends, then tells what is left as `check` does.
fn mend(args: &CheckArgs, console: &Console) -> Outcome {
    let mut bad = false;
    for spec in &args.specs {
        let named = (!args.fix_used).then_some(args.specs.as_slice());
        let mended = fix::mend(spec, named, &args.reading)?;
        let name = shown(spec.as_str());
        let piped = fix::write(&mended.texts)?;
        if spec == "-" {
            // The text itself is the result, whether it changed or not.
            let mut files = mended.analysis.sources.files();
            let own = files.find(|(_, file)| file.name == name);
            let unchanged = || own.map(|(_, file)| file.text.as_ref());
            console.result(piped.or_else(unchanged).unwrap_or_default())?;
            console.report(&mended.done.concat());
        } else {
            console.result(&mended.done.concat())?;
        }
        console.report(&report::render(&mended.analysis, name, console.err));
        let refused = refused(&mended.analysis, &args.strictness);
        if !refused && spec != "-" {
            console.result(&format!("{name}: {}\n", sentence(&mended.analysis)))?;
        }
        bad |= refused;
    }
    Ok(if bad { Exit::Mistakes } else { Exit::Done })
}

/// The name of a spec in reports.
pub(super) fn shown(spec: &str) -> &str {
    match spec {
        "-" => "<stdin>",
        path => path,
    }
}

/// Whether the spec may not be compiled.
pub(super) fn refused(analysis: &Analysis, strictness: &Strictness) -> bool {
    let denied = strictness.deny == Some(Deny::Warnings)
        && analysis.diagnostics.count(Severity::Warning) > 0;
    analysis.diagnostics.has_errors() || denied
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
        [] => "nothing stands against it".to_owned(),
        known => known.join(", "),
    }
}

/// The cluster in one line: what a person checks first.
pub(super) fn sentence(analysis: &Analysis) -> String {
    let Some(model) = &analysis.model else {
        return "no cluster".to_owned();
    };
    let planes = model.with_role(Role::ControlPlane).count();
    let workers = model.with_role(Role::Worker).count();
    let mut text = format!(
        "cluster {}, {planes} control plane, {}",
        model.cluster.name.value,
        report::count(workers, "worker")
    );
    if let Some(version) = &model.cluster.exact {
        text.push_str(&format!(", Kubernetes {}", version.value));
    }
    text
}
