//! `pikc why`: from a line of the output to the spec, from a line of the spec to the output, and what a file is made from.

mod lists;
mod setting;
mod summary;
mod tree;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;

use super::shared::args::{PlainFormat, Reading};
use super::shared::console::Console;
use super::shared::exit::{Failure, Outcome};
use super::shared::make::{self, Wishes};
use super::shared::progress::Progress;
use super::shared::{paths, report};
use crate::model::ENDING;
use crate::{Analysis, Compiled};

/// `pikc why`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
      pikc why out/nodes/node01/kubeadm.yaml:12   which line of the spec or rule made that line\n  \
      pikc why cluster.pik:10                     which lines of the output that line of the spec makes\n  \
      pikc why out/nodes/node01                   what all files of a machine are made from")]
pub(super) struct WhyArgs {
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

pub(super) fn run(args: &WhyArgs, console: &Console) -> Outcome {
    match numbers(&args.place) {
        (path, Some(line), column) if of_spec(args, path) => {
            setting::run(args, path, line, column, console)
        }
        (path, Some(line), None) => tree::line(args, path, line, console),
        (path, Some(_), Some(_)) => Err(Failure::usage(format!(
            "a column is for a line of a spec, and `{path}` is not one"
        ))
        .help("write PATH:LINE")),
        (path, None, _) if path.ends_with(ENDING) && Utf8Path::new(path).is_file() => Err(
            Failure::usage(format!("`{path}` is a spec; which line of it?")).help(format!(
                "write `{path}:LINE`, or name a file or a folder of the output"
            )),
        ),
        (path, None, _) => tree::whole(args, path, console),
    }
}

/// Whether a path is that of a spec and not of a tree: no file of a tree has this ending.
fn of_spec(args: &WhyArgs, path: &str) -> bool {
    path.ends_with(ENDING) || args.spec.as_deref().is_some_and(|spec| spec == path)
}

/// The path, the line and the column of a place.
fn numbers(place: &str) -> (&str, Option<usize>, Option<usize>) {
    let cut = |text: &str| -> Option<(usize, usize)> {
        let (path, number) = text.rsplit_once(':')?;
        Some((path.len(), number.parse().ok()?))
    };
    let Some((end, last)) = cut(place) else {
        return (place, None, None);
    };
    match cut(&place[..end]) {
        Some((start, line)) => (&place[..start], Some(line), Some(last)),
        None => (&place[..end], Some(last), None),
    }
}

/// The tree of a spec with the origins of its lines; nothing if the spec has errors, which are then reported.
fn compiled(
    analysis: &mut Analysis,
    name: &str,
    args: &WhyArgs,
    console: &Console,
) -> Result<Option<Compiled>, Failure> {
    let _progress = Progress::start(console, "compiling");
    let wishes = Wishes {
        keep_lines: true,
        secrets: args.secrets.as_deref(),
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

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn a_place_is_a_path_with_up_to_two_numbers() {
        assert_eq!(numbers("a/b.pik:3"), ("a/b.pik", Some(3), None));
        assert_eq!(numbers("a.pik:3:14"), ("a.pik", Some(3), Some(14)));
        assert_eq!(numbers("a:b"), ("a:b", None, None));
        assert_eq!(numbers("a:b:7"), ("a:b", Some(7), None));
        assert_eq!(numbers(""), ("", None, None));
    }
}
