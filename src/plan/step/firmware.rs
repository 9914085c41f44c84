//! A Raspberry Pi's firmware: its settings in config.txt, and what its EEPROM boots from.

use super::super::file::Placing;
use super::super::firmware::{FRAGMENT, block, boot_order};
use super::{ClassView, Step};
use crate::model::NodeSettings;
use crate::origin::Origin;
use crate::stdlib::Hardware;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let firmware = class.settings.firmware.as_ref()?;
    let lines = block(class.settings, class.spec)?;
    let (_, _, boot) = class.settings.boot_line()?;
    let partition = boot.partition.as_ref()?;
    let because = [Origin::Written(firmware.head)];
    let overlays: Vec<&str> = firmware
        .overlays
        .iter()
        .map(|one| one.value.split(',').next().unwrap_or(&one.value))
        .collect();
    let pages = firmware.kernel.as_ref();
    let size = pages.and_then(|_| class.settings.page_size());
    Some(
        Step::new("21-firmware")
            .asked("firmware { ... }", because)
            .set(
                "partition",
                partition.value.clone(),
                [partition.origin.clone()],
            )
            .set(
                "overlays",
                overlays,
                firmware.overlays.iter().map(|one| one.origin.clone()),
            )
            .set("page_size", size, pages.map(|pages| pages.origin.clone()))
            .file(Placing::fragment(FRAGMENT, lines)),
    )
}

/// The order of boot media in the EEPROM.
pub(super) fn order(class: &ClassView<'_>) -> Option<Step> {
    let firmware = class.settings.firmware.as_ref()?;
    if class.board.hardware != Hardware::Pi {
        return None;
    }
    let (order, why) = boot_order(firmware)?;
    let words: Vec<&str> = firmware
        .boot_order
        .iter()
        .map(|one| crate::stdlib::Word::word(one.value))
        .collect();
    Some(
        Step::new("44-boot-order")
            .asked(format!("boot-order = [{}]", words.join(", ")), why.clone())
            .set("order", order, why),
    )
}

/// The package with the tool for the EEPROM, and why.
pub(super) fn packages(settings: &NodeSettings) -> Option<(&str, Vec<Origin>)> {
    let firmware = settings.firmware.as_ref()?;
    let (_, why) = boot_order(firmware)?;
    let (_, _, boot) = settings.boot_line()?;
    let tool = boot.eeprom_tool.as_ref()?;
    let why = why.into_iter().chain([tool.origin.clone()]);
    Some((&tool.value, why.collect()))
}
