//! The system's own archive, behind a mirror.

use serde_json::json;

use super::super::file::Placing;
use super::super::sources::mirrored_archives;
use super::{ClassView, Step};
use crate::file_format::Writer;
use crate::file_format::apt_sources::AptSources;
use crate::origin::{Origin, Sourced};

/// Where the mirror's addresses are.
const LIST: &str = "/etc/apt/sources.list.d/pikc-system.sources";

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let archives = mirrored_archives(class.model, class.system, &class.board.architecture.value);
    if archives.is_empty() {
        return None;
    }
    let mut step = Step::new("34-archive");
    let mut list = Writer::<AptSources>::headed(
        &format!(
            "The archive of {}, from the mirror that the spec names.",
            class.system.title
        ),
        class.spec,
    );
    let mut keyrings: Vec<&str> = Vec::new();
    for (index, mirrored) in archives.iter().enumerate() {
        let archive = mirrored.archive;
        let because = [mirrored.url.origin.clone(), archive.url.origin.clone()];
        if index > 0 {
            list.blank();
        }
        list.comment(
            &format!("In place of {}.", archive.url.value),
            because.clone(),
        );
        list.fixed("Types: deb");
        list.uri(&mirrored.url.value, because.clone());
        list.suites(&words(&archive.suites), because.clone());
        list.components(&words(&archive.components), because.clone());
        if let Some(keyring) = &archive.keyring {
            list.signed_by(&keyring.value, because.clone());
            if !keyrings.contains(&keyring.value.as_str()) {
                keyrings.push(&keyring.value);
            }
        }
        step = step.asked(
            format!("mirror {{ {} = {} }}", archive.name, mirrored.url.value),
            [mirrored.url.origin.clone()],
        );
    }
    let put_away = &class.system.source_files;
    let origins: Vec<Origin> = archives
        .iter()
        .map(|mirrored| mirrored.url.origin.clone())
        .chain(put_away.iter().map(|file| file.origin.clone()))
        .collect();
    let files: Vec<&str> = put_away.iter().map(|file| file.value.as_str()).collect();
    for file in &files {
        step = step.file(emptied(class, file, &origins));
    }
    Some(step.file(Placing::whole(LIST, list)).set(
        "archive",
        json!({"list": LIST, "put_away": files, "keyrings": keyrings}),
        origins,
    ))
}

fn words(list: &[Sourced<String>]) -> Vec<&str> {
    list.iter().map(|word| word.value.as_str()).collect()
}

/// What replaces an image's own list: nothing that apt reads.
fn emptied(class: &ClassView<'_>, file: &str, because: &[Origin]) -> Placing {
    let mut list = Writer::<AptSources>::headed(
        "The original content comes back when the spec names no mirror of this archive.",
        class.spec,
    );
    list.comment(&format!("The addresses are in {LIST}."), []);
    Placing::whole(file, list).because(because.iter().cloned())
}
