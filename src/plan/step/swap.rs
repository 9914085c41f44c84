//! Swap, by the mechanism of the system.

use super::super::file::Placing;
use super::{ClassView, Step};
use crate::file_format::Writer;
use crate::file_format::systemd::Systemd;
use crate::model::Swap;
use crate::stdlib::SwapMechanism;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
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
    let mut file = Writer::<Systemd>::headed(why, class.spec);
    match mechanism.value {
        SwapMechanism::RpiSwap => {
            file.fixed("[Main]");
            let setting = if off {
                "Mechanism=none"
            } else {
                "Mechanism=zram"
            };
            file.constant(setting, origins);
            step = step.file(Placing::whole("/etc/rpi/swap.conf.d/90-pikc.conf", file));
        }
        SwapMechanism::ZramGenerator => {
            if !off {
                file.constant("[zram0]", origins.clone());
                file.constant("zram-size = min(ram / 2, 4096)", origins);
            }
            step = step.file(
                Placing::whole("/etc/systemd/zram-generator.conf", file)
                    .because([swap.origin.clone()]),
            );
        }
        // The step itself turns these off; they need no file.
        SwapMechanism::DphysSwapfile | SwapMechanism::Fstab | SwapMechanism::None => {}
    }
    Some(step)
}
