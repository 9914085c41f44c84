//! The kernel command line.

use serde_json::json;

use super::{ClassView, Step};
use crate::origin::Sourced;
use crate::stdlib::BootLoader;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let boot = class.system.boot(class.board.hardware)?;
    if boot.kind.value != BootLoader::Cmdline {
        return None;
    }
    let os = class.settings.os.as_ref()?;
    let words = |list: &[Sourced<String>]| -> Vec<String> {
        list.iter().map(|word| word.value.clone()).collect()
    };
    let facts = boot
        .files
        .iter()
        .chain(&boot.append)
        .chain(&boot.drop)
        .map(|word| word.origin.clone());
    let wifi = class
        .settings
        .interfaces
        .iter()
        .any(|interface| interface.wifi.is_some());
    // Only a radio needs the country.
    let country = class.settings.locale.country.as_ref().filter(|_| wifi);
    let mut step = Step::new("20-boot-cmdline")
        .asked(format!("os = {}", class.system.name), [os.origin.clone()])
        .set(
            "boot",
            json!({
                "files": words(&boot.files),
                "append": words(&boot.append),
                "drop": words(&boot.drop),
            }),
            facts.chain([os.origin.clone()]),
        )
        .set(
            "country",
            country.map(|country| country.value.0.clone()),
            country.map(|country| country.origin.clone()),
        );
    if let Some(country) = country {
        step = step.asked(
            format!("country = {}", country.value.0),
            [country.origin.clone()],
        );
    }
    Some(step)
}
