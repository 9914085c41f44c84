//! A line of a spec, or one setting of it: which place is meant, and the answer about it.

use camino::Utf8Path;

use super::args::{WhyArgs, compiled};
use super::found::Found;
use crate::Analysis;
use crate::cli::shared::args::PlainFormat;
use crate::cli::shared::console::Console;
use crate::cli::shared::exit::{Exit, Failure, Outcome};
use crate::cli::shared::files;
use crate::cli::shared::report::count;
use crate::diagnostic::Diagnostic;
use crate::model::NO_CLUSTER;
use crate::source::{FileId, Sources, Span};
use crate::trace::{self, Machines};

pub(super) fn run(
    args: &WhyArgs,
    named: &str,
    line: usize,
    column: Option<usize>,
    console: &Console,
) -> Outcome {
    let named = Utf8Path::new(named);
    let spec = args.spec.as_deref().unwrap_or(named);
    let mut analysis = files::judge(spec, &args.reading, None)?;
    let part = |finding: &Diagnostic| finding.descriptor.code == NO_CLUSTER.code;
    if analysis.diagnostics.iter().any(part) {
        return Err(Failure::usage(format!(
            "`{spec}` describes no cluster: it is part of a spec"
        ))
        .help("name the spec that uses it: --spec SPEC"));
    }
    let file = file(&analysis, named).ok_or_else(|| {
        let failure = Failure::usage(format!("`{spec}` does not use `{named}`"));
        failure.help("name the spec that uses it: --spec SPEC")
    })?;
    let span = span(&analysis.sources, file, line, column)?;
    let Some(compiled) = compiled(&mut analysis, spec.as_str(), args, console)? else {
        return Ok(Exit::Mistakes);
    };
    let found = Found {
        analysis: &analysis,
        rendered: &compiled.rendered,
        span,
        column,
        made: trace::made(&compiled.rendered, span),
        machines: Machines::new(&compiled.rendered),
    };
    console.result(&match args.format {
        PlainFormat::Human => found.human(console.out),
        PlainFormat::Json => found.document(),
    })?;
    Ok(Exit::Done)
}

/// The file of the spec that is at this path, however the path is written.
fn file(analysis: &Analysis, named: &Utf8Path) -> Option<FileId> {
    let same = |name: &str| name == named.as_str();
    let full = named.canonicalize_utf8().ok();
    let really = |name: &str| {
        let found = Utf8Path::new(name).canonicalize_utf8().ok();
        found.is_some() && found == full
    };
    trace::spec_file(analysis, same).or_else(|| trace::spec_file(analysis, really))
}

fn span(
    sources: &Sources,
    file: FileId,
    line: usize,
    column: Option<usize>,
) -> Result<Span, Failure> {
    let source = sources.file(file);
    let name = &source.name;
    let last = source.line_count() - usize::from(source.text.ends_with('\n'));
    let whole = trace::line(sources, file, line).filter(|_| line <= last);
    let whole = whole.ok_or_else(|| {
        Failure::usage(format!(
            "`{name}` has {}, so there is no line {line}",
            count(last, "line")
        ))
    })?;
    match column {
        None => Ok(whole),
        Some(column) => trace::column(sources, file, line, column).ok_or_else(|| {
            Failure::usage(format!(
                "column {column} of line {line} of `{name}` is not part of a setting or of a block's head"
            ))
            .help(format!("write `{name}:{line}` for all of the line"))
        }),
    }
}
