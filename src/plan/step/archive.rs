//! The system's own archive, behind a mirror.

use serde_json::json;

use super::super::file::{Placing, header};
use super::super::sources::mirrored_archives;
use super::super::types::Line;
use super::{Class, Step};
use crate::origin::Origin;

/// Where the mirror's addresses stand.
const LIST: &str = "/etc/apt/sources.list.d/pikc-system.sources";

pub(super) fn plan(class: &Class<'_>) -> Option<Step> {
    let archives = mirrored_archives(
        class.model,
        class.system,
        &class.board.architecture.value,
    );
    if archives.is_empty() {
        return None;
    }
    let mut step = Step::new("34-archive");
    let mut lines = header(
        &format!("The archive of {}, behind the mirror of the spec.", class.system.title),
        class.spec,
    );
    let mut keyrings: Vec<&str> = Vec::new();
    for (index, mirrored) in archives.iter().enumerate() {
        let archive = mirrored.archive;
        let because = [mirrored.url.origin.clone(), archive.url.origin.clone()];
        let words = |list: &[crate::origin::Sourced<String>]| {
            let words: Vec<&str> = list.iter().map(|word| word.value.as_str()).collect();
            words.join(" ")
        };
        if index > 0 {
            lines.push(Line::constant(""));
        }
        lines.extend([
            Line::from(format!("# In place of {}.", archive.url.value), because.clone()),
            Line::constant("Types: deb"),
            Line::from(format!("URIs: {}", mirrored.url.value), because.clone()),
            Line::from(format!("Suites: {}", words(&archive.suites)), because.clone()),
            Line::from(format!("Components: {}", words(&archive.components)), because.clone()),
        ]);
        if let Some(keyring) = &archive.keyring {
            lines.push(Line::from(format!("Signed-By: {}", keyring.value), because.clone()));
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
    Some(
        step.file(Placing::whole(LIST, lines)).set(
            "archive",
            json!({"list": LIST, "put_away": files, "keyrings": keyrings}),
            origins,
        ),
    )
}

/// What stands in place of an image's own list: nothing that apt reads.
fn emptied(class: &Class<'_>, file: &str, because: &[Origin]) -> Placing {
    let mut lines = header(
        "What stood here comes back when the spec names no mirror of this archive.",
        class.spec,
    );
    lines.push(Line::constant(format!("# The addresses are in {LIST}.")));
    Placing::whole(file, lines).because(because.iter().cloned())
}
