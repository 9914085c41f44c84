//! Reading what the command line names: specs, the files that they use, library folders.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::args::Reading;
use super::exit::Failure;
use super::folders;
use super::paths::odd;
use crate::declare;
use crate::diagnostic::{Diagnostic, Diagnostics, suggest};
use crate::model::{ENDING, GivenFile, NOTHING_KNOWN, hide_secrets};
pub(in crate::cli) use crate::output::words;
use crate::output::{self, Disk, Sort, Unread, line_of};
use crate::source::{Sources, Span};
use crate::stdlib::Library;
use crate::value::Version;
use crate::{Analysis, AnalyzeInput, analyze, analyze_existing};

declare! {
    /// A spec is a UTF-8 text file, as every editor of the last twenty years writes it by default. This
    /// file contains bytes that are not UTF-8: an `é` saved as Latin-1, a file saved as UTF-16, or a
    /// binary file. The report shows the first such place.
    ///
    /// Save the file again as UTF-8. From Latin-1: `iconv -f latin1 -t utf-8 OLD > NEW`; from
    /// UTF-16: `iconv -f utf-16 -t utf-8 OLD > NEW`.
    pub static NOT_UTF8 = {
        code: "file/not-utf-8",
        since: "0.1.0",
        severity: Error,
        title: "a file that is not UTF-8",
        help: "save the file as UTF-8",
        no_edit: "which characters the bytes stand for is not known",
        sources: ["RFC 3629"],
    }
}

/// What standard input is called.
const STDIN: &str = "<stdin>";

/// The name of a spec in reports.
pub(in crate::cli) fn shown(spec: &Utf8Path) -> &str {
    match spec.as_str() {
        "-" => STDIN,
        path => path,
    }
}

/// Reads a spec and analyses it. What is wrong in the spec is in the result; a spec that cannot be
/// read at all is a failure.
pub(in crate::cli) fn judge(
    path: &Utf8Path,
    reading: &Reading,
    kept: Option<Version>,
) -> Result<Analysis, Failure> {
    let first = first_text(path)?;
    look(&first, reading, kept, &BTreeMap::new())
}

/// A spec as it was read: the name to show for it, and its bytes.
pub(in crate::cli) struct First {
    pub name: Utf8PathBuf,
    bytes: Vec<u8>,
}

/// Reads a spec, once: standard input cannot be read twice.
pub(in crate::cli) fn first_text(path: &Utf8Path) -> Result<First, Failure> {
    let (name, bytes) = given(path, Sort::Spec)?;
    Ok(First { name, bytes })
}

/// Reads the files of a cluster without a spec and analyses them together.
pub(in crate::cli) fn judge_existing(
    paths: &[Utf8PathBuf],
    reading: &Reading,
) -> Result<Analysis, Failure> {
    let overlay = overlay(reading.stdlib.as_deref())?;
    let mut texts = Vec::new();
    let mut all = Vec::new();
    let mut listed = Vec::new();
    for path in paths {
        let files = folders::files(path)?;
        if files.as_slice() != [path.clone()] {
            listed.extend(files.iter().map(ToString::to_string));
        }
        all.extend(files);
    }
    for path in &all {
        let (name, bytes) = given(path, Sort::Manifest)?;
        match String::from_utf8(bytes) {
            Ok(text) => texts.push((name, text)),
            Err(error) => {
                let mut analysis = not_utf8(&name, error.as_bytes(), overlay);
                let own = analysis.sources.files().find(|(_, file)| file.name == name);
                if let Some((file, text)) = own.map(|(file, own)| (file, Arc::clone(&own.text))) {
                    hide_secrets(file, &text, &mut analysis.sources);
                }
                return Ok(analysis);
            }
        }
    }
    let files: Vec<GivenFile<'_>> = texts
        .iter()
        .map(|(name, text)| GivenFile {
            name: name.as_str(),
            text,
        })
        .collect();
    let mut analysis = analyze_existing(&files, overlay, reading.as_of);
    settle_folders(&mut analysis, &listed);
    Ok(analysis)
}

/// A folder holds other files next to those of the cluster: that one of them has nothing to check is no finding if another has.
fn settle_folders(analysis: &mut Analysis, listed: &[String]) {
    let sources = &analysis.sources;
    let idle = |finding: &Diagnostic| {
        finding.descriptor.code == NOTHING_KNOWN.code
            && finding
                .span()
                .is_some_and(|span| listed.contains(&sources.file(span.file).name))
    };
    let count = analysis.diagnostics.iter().filter(|one| idle(one)).count();
    if count == 0 || count == listed.len() {
        return;
    }
    analysis.diagnostics.retain(|one| {
        let place = one.span();
        let listed = place.is_some_and(|span| listed.contains(&sources.file(span.file).name));
        one.descriptor.code != NOTHING_KNOWN.code || !listed
    });
}

/// Analyses a spec as it would be if some of its files had other texts, by the names they are shown
/// under.
pub(in crate::cli) fn judge_texts(
    first: &First,
    reading: &Reading,
    texts: &BTreeMap<String, String>,
) -> Result<Analysis, Failure> {
    look(first, reading, None, texts)
}

fn look(
    first: &First,
    reading: &Reading,
    kept: Option<Version>,
    texts: &BTreeMap<String, String>,
) -> Result<Analysis, Failure> {
    let overlay = overlay(reading.stdlib.as_deref())?;
    let name = &first.name;
    let own = texts.get(name.as_str()).map(|text| Ok(text.as_str()));
    let text = match own.unwrap_or_else(|| std::str::from_utf8(&first.bytes)) {
        Ok(text) => text,
        Err(_) => return Ok(not_utf8(name, &first.bytes, overlay)),
    };
    let start = std::time::Instant::now();
    let analysis = analyze(AnalyzeInput {
        path: name,
        text,
        reader: &Disk {
            texts,
            root: root(reading, name)?,
        },
        overlay,
        as_of: reading.as_of,
        kept,
    });
    log::debug!("analysed {name} in {:.1?}", start.elapsed());
    Ok(analysis)
}

/// The folder from which a spec may read files: its own, unless `--root` names another.
fn root(reading: &Reading, spec: &Utf8Path) -> Result<Utf8PathBuf, Failure> {
    let Some(root) = &reading.root else {
        return Ok(spec.parent().unwrap_or(Utf8Path::new("")).to_owned());
    };
    match std::fs::metadata(root) {
        Ok(found) if found.is_dir() => Ok(root.clone()),
        Ok(_) => Err(Failure::usage(format!("`{root}` is not a folder"))),
        Err(error) => Err(Failure::usage(format!("`{root}`: {}", words(&error)))),
    }
}

/// The name to show for a file of the command line, and its bytes.
pub(in crate::cli) fn given(
    path: &Utf8Path,
    sort: Sort,
) -> Result<(Utf8PathBuf, Vec<u8>), Failure> {
    let unreadable = |why: &Unread| Failure::environment(format!("`{path}` cannot be read: {why}"));
    if path == "-" {
        let bytes = output::bounded(std::io::stdin().lock(), sort)
            .map_err(|why| Failure::environment(format!("standard input cannot be read: {why}")))?;
        return Ok((STDIN.into(), bytes));
    }
    // A checkout of someone else's repository can contain a link that is named like a spec and leads to a file that no report
    // should quote. A pipe from the caller (`<(...)`) is a link to no file.
    if path.is_symlink()
        && let Ok(real) = path.canonicalize()
    {
        let ending = path.as_std_path().extension();
        if real.is_file() && (ending.is_none() || real.extension() != ending) {
            return Err(unreadable(&Unread::OtherEnding));
        }
    }
    match output::read(path, sort) {
        Ok(found) => Ok((path.to_owned(), found.bytes)),
        Err(Unread::Io(error)) if error.kind() == std::io::ErrorKind::IsADirectory => {
            let failure =
                Failure::environment(format!("`{path}` is a folder, and a spec is a file"));
            Err(match specs_in(path).first() {
                Some(found) => failure.help(format!("write `{}`", path.join(found))),
                None => failure.help("`pikc init DIR` writes a spec to start from"),
            })
        }
        Err(why) => {
            let missing =
                matches!(&why, Unread::Io(error) if error.kind() == std::io::ErrorKind::NotFound);
            let failure = unreadable(&why);
            Err(match beside(path).filter(|_| missing) {
                Some(help) => failure.help(help),
                None => failure,
            })
        }
    }
}

/// What to type in place of a path that does not exist.
fn beside(path: &Utf8Path) -> Option<String> {
    let folder = path.parent().unwrap_or(Utf8Path::new(""));
    let here = specs_in(folder);
    let found = suggest::nearest(path.file_name()?, here.iter().map(String::as_str));
    match (found, here.as_slice()) {
        (Some(found), _) => Some(format!("did you mean `{}`?", folder.join(found))),
        (None, [only]) => Some(format!("there is `{}`", folder.join(only))),
        (None, _) => Some("`pikc init` writes a spec to start from".to_owned()),
    }
}

/// The names of the specs in a folder, in order.
pub(in crate::cli) fn specs_in(folder: &Utf8Path) -> Vec<String> {
    let folder = match folder.as_str() {
        "" => Utf8Path::new("."),
        _ => folder,
    };
    let mut names: Vec<String> = folder
        .read_dir_utf8()
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_owned())
        .filter(|name| name.ends_with(ENDING) && !name.chars().any(odd))
        .collect();
    names.sort();
    names
}

/// The analysis of a file that is not text: one finding.
pub(in crate::cli) fn not_utf8(
    name: &Utf8Path,
    bytes: &[u8],
    overlay: BTreeMap<String, String>,
) -> Analysis {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let library = Library::open(overlay, &mut sources, &mut diagnostics);
    let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let at = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), |_| 0);
    let line = line_of(bytes, at);
    let file = sources.add(name.as_str(), String::from_utf8_lossy(bytes));
    let what = if wide {
        format!("`{name}` is UTF-16, and a spec is UTF-8")
    } else {
        format!("line {line} of `{name}` is not UTF-8")
    };
    let mark = '\u{fffd}'.len_utf8();
    let byte = bytes.get(at).copied().unwrap_or_default();
    let role = match char::from(byte) {
        _ if wide => "the byte order mark of UTF-16".to_owned(),
        latin if latin.is_alphabetic() => format!("this byte is {byte:02x}, in Latin-1 `{latin}`"),
        _ => format!("this byte is {byte:02x}"),
    };
    let mut finding = Diagnostic::new(&NOT_UTF8, what).label(Span::new(file, at, at + mark), role);
    if wide {
        finding = finding.help("save it as UTF-8: `iconv -f utf-16 -t utf-8 OLD > NEW`");
    }
    diagnostics.push(finding);
    Analysis {
        sources,
        library,
        model: None,
        checked: None,
        diagnostics,
    }
}

/// The files of a library folder, by their paths below it.
pub(in crate::cli) fn overlay(
    folder: Option<&Utf8Path>,
) -> Result<BTreeMap<String, String>, Failure> {
    let Some(folder) = folder else {
        return Ok(BTreeMap::new());
    };
    output::library_folder(folder)
        .map_err(|wrong| Failure::environment(wrong.message).help(wrong.help))
}

#[cfg(test)]
mod tests {
    use super::words;

    /// The same words follow "cannot be read" and "cannot be written".
    #[test]
    fn a_refusal_does_not_say_what_was_tried() {
        let refused = words(&std::io::ErrorKind::PermissionDenied.into());
        assert!(
            !refused.contains("read") && !refused.contains("writ"),
            "{refused}"
        );
    }
}
