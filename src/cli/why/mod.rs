//! `pikc why`: from a line of the output to the spec, from a line of the spec to the output, and what a file is made from.

mod answer;
mod args;
mod document;
mod foreseen;
mod found;
mod lists;
mod setting;
mod summary;
mod tree;

use camino::Utf8Path;

use super::shared::console::Console;
use super::shared::exit::{Failure, Outcome};
use crate::model::ENDING;

pub(super) use args::WhyArgs;

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
        (path, None, _) if path.contains(':') && !Utf8Path::new(path).exists() => Err(
            Failure::usage(format!("`{path}` does not name a line of a file"))
                .help("write PATH:LINE, for example out/README.md:1"),
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
