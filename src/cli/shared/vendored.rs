//! The folder that `--vendored` names: upstream's files, checked before they are used.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8Path;
use sha2::{Digest as _, Sha256};

use super::exit::Failure;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics};
use crate::model::{Model, objects};
use crate::output::{self, Sort, Unread};
use crate::plan::{self, Wanted};
use crate::stdlib::UpstreamKind;

declare! {
    /// `--vendored FOLDER` says that upstream's files are there, so that the control plane need not fetch them. This one is missing.
    ///
    /// `pikc vendor SPEC --into FOLDER` writes a script that fetches exactly the files that this spec needs; another option, another
    /// CNI or a newer pikc can need other files.
    pub static MISSING = {
        code: "vendor/missing-file",
        since: "0.1.0",
        severity: Error,
        title: "a file that the vendored folder lacks",
        help: "pikc vendor SPEC --into FOLDER, then bash FOLDER/fetch.sh",
        no_edit: "the file is in the vendored folder, and has to be fetched",
        sources: ["docs/language.md"],
    }

    /// The overlay was written for one release of upstream's file, and the checksum identifies it. This file is another: a newer
    /// release, a page that a proxy sent in its place, or one that someone changed.
    ///
    /// To use another file on purpose, set it in a library folder (`--stdlib`): the `upstream` block of the CNI holds the address,
    /// the checksum and the objects that must be in it.
    pub static CHECKSUM = {
        code: "vendor/another-checksum",
        since: "0.1.0",
        severity: Error,
        title: "a vendored file that is not upstream's",
        help: "remove it and fetch it again: bash FOLDER/fetch.sh",
        no_edit: "the file is in the vendored folder, and has to be fetched again",
        sources: ["docs/language.md", "docs/stdlib.md"],
    }

    /// The checksum is the library's own, so this is a mistake in the library: its `chart` block names a chart, and the archive
    /// holds a different one, or none. Helm would install it all the same, with values that were written for something else.
    pub static CHART = {
        code: "vendor/another-chart",
        since: "0.1.0",
        severity: Error,
        title: "a vendored archive with another chart",
        help: "check the `chart` block of the CNI: its label, its version and its address belong together",
        no_edit: "the file is in the vendored folder, and has to be fetched again",
        sources: ["docs/stdlib.md"],
    }

    /// The overlay changes objects by kind and name. It cannot change one that is not in the file: kustomize would stop there,
    /// on the control plane, in the middle of its setup.
    pub static OBJECT = {
        code: "vendor/object-missing",
        since: "0.1.0",
        severity: Error,
        title: "an upstream file without an object that the overlay changes",
        help: "check the `upstream` block of the CNI, and its overlay",
        no_edit: "the file is in the vendored folder, and has to be fetched again",
        sources: ["docs/stdlib.md"],
    }
}

pub(in crate::cli) static CODES: &[&Descriptor] = &[&MISSING, &CHECKSUM, &CHART, &OBJECT];

/// Whether there is such a folder to read upstream's files from.
pub(in crate::cli) fn is_folder(folder: &Utf8Path) -> Result<(), Failure> {
    let why = match std::fs::metadata(folder) {
        Ok(there) if there.is_dir() => return Ok(()),
        Ok(_) => "it is not a folder".to_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            "there is no such folder".to_owned()
        }
        Err(error) => Unread::from(error).to_string(),
    };
    Err(
        Failure::environment(format!("`{folder}` cannot be read: {why}")).help(
            "name the folder that upstream's files were fetched to: pikc vendor SPEC --into FOLDER",
        ),
    )
}

/// The files that the cluster needs, from a folder; what is wrong with them is reported.
pub(in crate::cli) fn files(
    model: &Model,
    folder: &Utf8Path,
    out: &mut Diagnostics,
) -> BTreeMap<String, Arc<[u8]>> {
    let mut found = BTreeMap::new();
    for wanted in plan::wanted(model) {
        match one(&wanted, folder) {
            Ok(bytes) => {
                found.insert(wanted.file, Arc::from(bytes));
            }
            Err(finding) => {
                let choice = model.cluster.cni.as_ref();
                let place = choice.and_then(|choice| choice.name.origin.span());
                out.push(finding.label(place, "built from this file"));
            }
        }
    }
    found
}

fn one(wanted: &Wanted, folder: &Utf8Path) -> Result<Vec<u8>, Box<Diagnostic>> {
    let path = folder.join(&wanted.file);
    let bytes = match output::read(&path, Sort::Vendored) {
        Ok(found) => found.bytes,
        Err(why) => return Err(Diagnostic::new(&MISSING, format!("{path}: {why}")).into()),
    };
    let sum: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if sum != wanted.sha256.value {
        let message = format!(
            "{path} has the checksum {sum}, and upstream's has {}",
            wanted.sha256.value
        );
        return Err(Diagnostic::new(&CHECKSUM, message).into());
    }
    match &wanted.kind {
        UpstreamKind::Manifest => manifest(wanted, &path, &bytes)?,
        UpstreamKind::Chart(name, version) => chart(name, version, &path, &bytes)?,
        UpstreamKind::Helm => {}
    }
    Ok(bytes)
}

/// Whether an archive holds this version of this chart.
fn chart(name: &str, version: &str, path: &Utf8Path, bytes: &[u8]) -> Result<(), Box<Diagnostic>> {
    use std::io::Read as _;
    let said = || -> std::io::Result<Option<String>> {
        let mut archive =
            tar::Archive::new(flate2::read::GzDecoder::new(bytes).take(Sort::Vendored.most()));
        for entry in archive.entries()? {
            let entry = entry?;
            if entry.path()?.to_str() == Some(&format!("{name}/Chart.yaml")) {
                let mut text = String::new();
                entry.take(1 << 20).read_to_string(&mut text)?;
                return Ok(Some(text));
            }
        }
        Ok(None)
    };
    let wrong = |what: String| Err(Diagnostic::new(&CHART, format!("{path} {what}")).into());
    let text = match said() {
        Err(error) => return wrong(format!("is not an archive: {error}")),
        Ok(None) => return wrong(format!("holds no {name}/Chart.yaml")),
        Ok(Some(text)) => text,
    };
    for (key, value) in [("name", name), ("version", version)] {
        let holds = text.lines().any(|line| {
            let said = line
                .strip_prefix(key)
                .and_then(|rest| rest.strip_prefix(':'));
            said.is_some_and(|said| said.trim().trim_matches(['"', '\'']) == value)
        });
        if !holds {
            return wrong(format!(
                "is not the chart {name} {version}: its {key} differs"
            ));
        }
    }
    Ok(())
}

/// Whether a manifest has the objects that the overlay changes.
fn manifest(wanted: &Wanted, path: &Utf8Path, bytes: &[u8]) -> Result<(), Box<Diagnostic>> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Diagnostic::new(&OBJECT, format!("{path} is not text")))?;
    let there =
        objects(text).map_err(|error| Diagnostic::new(&OBJECT, format!("{path} {error}")))?;
    let lacking: Vec<&str> = wanted
        .objects
        .iter()
        .map(|object| object.value.as_str())
        .filter(|object| !there.contains(*object))
        .collect();
    match lacking.is_empty() {
        true => Ok(()),
        false => Err(Box::new(Diagnostic::new(
            &OBJECT,
            format!(
                "{path} holds no {}, which the overlay changes",
                lacking.join(", ")
            ),
        ))),
    }
}
