//! What `compile`, `diff` and `why` have in common: from a spec to the tree in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8Path;

use super::args::{Deny, Making, SecretArgs, Strictness};
use super::console::Console;
use super::exit::Failure;
use super::files::{self, shown};
use super::{fixed, handed, key_values, passphrase, passwords, report, secrets, vendored};
use crate::diagnostic::Severity;
use crate::file_format::one_line;
use crate::output::{Manifest, ManifestInput, OutputError};
use crate::{Analysis, CompileError, Compiled, check, compile, output, plan, secret};

/// A tree in memory, and what its manifest will say.
pub(in crate::cli) struct Made {
    pub compiled: Compiled,
    pub manifest: ManifestInput,
    pub analysis: Analysis,
    /// The manifest of the tree that is there.
    pub before: Option<Manifest>,
}

/// Reads, checks and compiles; reports what was found. Nothing if the spec is refused.
pub(in crate::cli) fn make(
    making: &Making,
    strictness: &Strictness,
    require_secrets: bool,
    console: &Console,
) -> Result<Option<Made>, Failure> {
    let before = earlier(&making.output)?;
    let kept = match making.upgrade {
        true => None,
        false => before.as_ref().and_then(output::kept_version),
    };
    let mut analysis = files::judge(&making.spec, &making.reading, kept)?;
    let name = shown(&making.spec);
    // Even if nothing is needed from it: a folder that you name is one that you expect to be used.
    if let Some(folder) = &making.vendored {
        vendored::is_folder(folder)?;
    }
    let vendored = match (&making.vendored, &analysis.model) {
        (Some(folder), Some(model)) => vendored::files(model, folder, &mut analysis.diagnostics),
        _ => BTreeMap::new(),
    };
    let compiled = if strictness.refuses(&analysis) {
        None
    } else {
        tree(
            &mut analysis,
            name,
            &Wishes {
                secrets: Some((&making.spec, &making.secrets)),
                seed_images: making.seed_images,
                vendored: Some(&vendored),
                ..Wishes::default()
            },
        )?
    };
    if let (Some(compiled), Some(model)) = (&compiled, &analysis.model) {
        for finding in secrets::missing(model, &compiled.missing_secrets) {
            let severity = match require_secrets {
                true => Severity::Error,
                false => Severity::Warning,
            };
            analysis.diagnostics.push(finding.severity(severity));
        }
        for finding in handed::too_large(model, compiled) {
            analysis.diagnostics.push(finding);
        }
        for finding in before
            .iter()
            .flat_map(|before| fixed::changed(&before.fixed, compiled))
        {
            analysis.diagnostics.push(finding);
        }
        let gone = |before| fixed::secrets_gone(before, compiled, &making.spec, &making.secrets);
        if let Some(finding) = before.as_ref().and_then(gone) {
            analysis.diagnostics.push(finding);
        }
        analysis.diagnostics.sort();
    }
    console.report(&report::render(&analysis, name, console.err));
    if strictness.refuses(&analysis) {
        let why = match (analysis.diagnostics.has_errors(), strictness.deny) {
            (false, Some(Deny::Warnings)) => "warnings are denied: ",
            _ => "",
        };
        console.report(&format!("{why}nothing was written\n"));
        return Ok(None);
    }
    Ok(compiled.map(|compiled| Made {
        manifest: output::described(&analysis, &compiled),
        compiled,
        analysis,
        before,
    }))
}

/// The manifest of an earlier compile. If there cannot be one, the write says so in better words.
pub(in crate::cli) fn earlier(dir: &Utf8Path) -> Result<Option<Manifest>, Failure> {
    match output::read_manifest(dir) {
        Ok(manifest) => Ok(manifest),
        Err(OutputError::Io { source, .. })
            if source.kind() == std::io::ErrorKind::NotADirectory =>
        {
            Ok(None)
        }
        Err(error) => Err(unwritten(&error)),
    }
}

/// What a tree is to be built with in addition to the spec.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Wishes<'a> {
    /// The spec's file, and where the values of its secrets come from; without it they come from the environment alone.
    pub secrets: Option<(&'a Utf8Path, &'a SecretArgs)>,
    /// Whether values of secrets are made up: the tree was compiled with a secrets file, and only its other files count.
    pub made_up: bool,
    /// Whether images of cloud-init's files are wanted.
    pub seed_images: bool,
    /// The upstream files that are available.
    pub vendored: Option<&'a BTreeMap<String, Arc<[u8]>>>,
    /// Whether each line's origins are kept.
    pub keep_lines: bool,
}

/// The name of a spec for comments, which a name with a line break would end.
pub(in crate::cli) fn spec_name(name: &str) -> String {
    one_line(Utf8Path::new(name).file_name().unwrap_or(name))
}

/// The tree of a spec without errors. Problems with the values of its secrets are reported: an error among the findings
/// afterwards means that nothing may be written. There is no tree if a file's format cannot hold what the spec says, which
/// is reported, too.
pub(in crate::cli) fn tree(
    analysis: &mut Analysis,
    name: &str,
    wishes: &Wishes<'_>,
) -> Result<Option<Compiled>, Failure> {
    let mut values = match &analysis.model {
        Some(model) => secrets::gather(model, wishes.secrets)?,
        None => Default::default(),
    };
    if let Some(model) = analysis.model.as_ref().filter(|_| wishes.made_up) {
        values.own.get_or_insert_with(secret::made_up);
        for name in secrets::named(model).into_keys() {
            values
                .named
                .entry(name)
                .or_insert_with(|| secret::Secret::from("not known here"));
        }
    }
    let options = plan::Options {
        secrets: values.named,
        own: values.own,
        seed_images: wishes.seed_images,
        vendored: wishes.vendored.cloned().unwrap_or_default(),
        spec: spec_name(name),
    };
    let start = std::time::Instant::now();
    let compiled = match compile(analysis, &options, wishes.keep_lines) {
        Ok(compiled) => Some(compiled),
        Err(CompileError::Refused(all)) => {
            let findings = all.iter().map(check::refused);
            findings.for_each(|finding| analysis.diagnostics.push(finding));
            None
        }
        Err(CompileError::Unsound) => return Err(Failure::environment("the spec has errors")),
        Err(CompileError::Library(error)) => {
            return Err(Failure::environment(format!(
                "the standard library has a mistake, nothing was written: {error}"
            ))
            .help("check the folder given with --stdlib; without one this is a bug in pikc"));
        }
    };
    if let Some(model) = &analysis.model {
        let wrong = passphrase::wrong(model, &options.secrets);
        wrong
            .into_iter()
            .chain(key_values::wrong(model, &options.secrets))
            .chain(passwords::wrong(model, &options.secrets))
            .for_each(|finding| analysis.diagnostics.push(finding));
        analysis.diagnostics.sort();
    }
    log::debug!("compiled {name} in {:.1?}", start.elapsed());
    Ok(compiled)
}

/// What the output floor refused, in its own words.
pub(in crate::cli) fn unwritten(error: &OutputError) -> Failure {
    Failure::environment(error.to_string())
}
