//! Swap, by the mechanism of the system.

use super::super::file::{Placing, header};
use super::super::types::Line;
use super::{Class, Step};
use crate::model::Swap;

pub(super) fn plan(class: &Class<'_>) -> Option<Step> {
    let swap = class.settings.swap.as_ref()?;
    let mechanism = &class.system.swap_mechanism;
    let origins = [swap.origin.clone(), mechanism.origin.clone()];
    let word = swap.value.word();
    let mut step = Step::new("40-swap")
        .asked(format!("swap = {word}"), [swap.origin.clone()])
        .set("swap", word, origins.clone());
    let off = swap.value == Swap::Off;
    let why = if off {
        "No swap: the kubelet of this node refuses it."
    } else {
        "Swap in memory only: swapping to the card would wear it out."
    };
    let mut lines = header(why, class.spec);
    match mechanism.value.as_str() {
        "rpi-swap" => {
            lines.push(Line::constant("[Main]"));
            let setting = if off {
                "Mechanism=none"
            } else {
                "Mechanism=zram"
            };
            lines.push(Line::from(setting, origins));
            step = step.file(Placing::whole("/etc/rpi/swap.conf.d/90-pikc.conf", lines));
        }
        "zram-generator" => {
            if !off {
                lines.push(Line::from("[zram0]", origins.clone()));
                lines.push(Line::from("zram-size = min(ram / 2, 4096)", origins));
            }
            step = step.file(
                Placing::whole("/etc/systemd/zram-generator.conf", lines)
                    .because([swap.origin.clone()]),
            );
        }
        _ => {}
    }
    Some(step)
}
