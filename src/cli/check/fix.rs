//! `pikc check --fix`: the edits that findings carry, applied to the spec and the files that it uses.

use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::shared::args::Reading;
use crate::cli::shared::exit::Failure;
use crate::cli::shared::files::{self, shown};
use crate::cli::shared::rewrite::rewrite;
use crate::editor::{Fixed, Texts, fix_all};

/// Applies what can be applied, in memory.
///
/// Only `named` files change; `None` for all that the spec uses, too.
pub(super) fn apply(
    path: &Utf8Path,
    named: Option<&[Utf8PathBuf]>,
    reading: &Reading,
) -> Result<Fixed, Failure> {
    let first = files::first_text(path)?;
    let allowed = |name: &str| {
        let Some(named) = named else {
            return true;
        };
        let same = |one: &Utf8PathBuf| {
            let (one, name) = (one.canonicalize(), Utf8Path::new(name).canonicalize());
            one.ok()
                .zip(name.ok())
                .is_some_and(|(one, name)| one == name)
        };
        name == first.name.as_str() || named.iter().any(same)
    };
    fix_all(
        &|texts| files::judge_texts(&first, reading, texts),
        &allowed,
    )
}

/// Writes the files that changed, each whole or not at all. The text of standard input goes to standard
/// output, so it is returned.
pub(super) fn write(texts: &Texts) -> Result<Option<&str>, Failure> {
    let mut piped = None;
    for (name, text) in texts {
        if name == shown("-".into()) {
            piped = Some(text.as_str());
            continue;
        }
        rewrite(Utf8Path::new(name), text)?;
    }
    Ok(piped)
}
