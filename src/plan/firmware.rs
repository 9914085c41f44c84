//! Settings of a Raspberry Pi's firmware: pikc's block of config.txt, for the step and for the card, and the order of boot media.

use crate::file_format::config_txt::ConfigTxt;
use crate::file_format::{Writer, Written};
use crate::model::{Firmware, NodeSettings};
use crate::origin::Origin;
use crate::stdlib::{Hardware, Medium, PageSize, UsbCurrent};

/// Its name among the fragments.
pub(super) const FRAGMENT: &str = "config.txt";

/// The lines of the block; nothing if the machine has no such firmware, or nothing is set.
pub(super) fn block(settings: &NodeSettings, spec: &str) -> Option<Written> {
    let firmware = settings.firmware.as_ref().filter(|it| it.in_config())?;
    let (board, _, boot) = settings.boot_line()?;
    if board.hardware != Hardware::Pi {
        return None;
    }
    let why = "Settings of the firmware, in effect from the next boot on.";
    let mut file = Writer::<ConfigTxt>::headed(why, spec);
    file.fixed("[all]");
    if let Some(kernel) = &firmware.kernel {
        let file_of = match kernel.value {
            PageSize::Small => &boot.kernel_4k,
            PageSize::Large => &boot.kernel_16k,
        };
        // A system without such kernels has been reported.
        if let Some(name) = file_of {
            let why = [kernel.origin.clone(), name.origin.clone()];
            file.kernel(&name.value, why);
        }
    }
    if let Some(memory) = &firmware.gpu_mem {
        file.gpu_mem(memory.value, [memory.origin.clone()]);
    }
    for overlay in &firmware.overlays {
        file.overlay(&overlay.value, [overlay.origin.clone()]);
    }
    if let Some(current) = &firmware.usb_current {
        let line = match current.value {
            UsbCurrent::Full => "usb_max_current_enable=1",
            UsbCurrent::Limited => "usb_max_current_enable=0",
        };
        file.constant(line, [current.origin.clone()]);
    }
    Some(file.finish())
}

/// The value of BOOT_ORDER: a digit for each medium, read from the last one to the first, and `f` to begin again
/// (raspberrypi/documentation eeprom-bootloader.adoc).
pub(super) fn boot_order(firmware: &Firmware) -> Option<(String, Vec<Origin>)> {
    let order = &firmware.boot_order;
    if order.is_empty() {
        return None;
    }
    let digit = |medium: Medium| match medium {
        Medium::Sd | Medium::Emmc => '1',
        Medium::Network => '2',
        Medium::Usb => '4',
        Medium::Nvme => '6',
    };
    let digits: String = order.iter().rev().map(|one| digit(one.value)).collect();
    let why = order.iter().map(|one| one.origin.clone()).collect();
    Some((format!("0xf{digits}"), why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::Sourced;
    use crate::source::{FileId, Span};

    #[test]
    fn the_first_medium_is_the_last_digit() {
        let place = Origin::derived("a test", []);
        let order = |media: &[Medium]| Firmware {
            head: Span::new(FileId(0), 0, 0),
            kernel: None,
            gpu_mem: None,
            overlays: Vec::new(),
            usb_current: None,
            boot_order: media
                .iter()
                .map(|one| Sourced::new(*one, place.clone()))
                .collect(),
        };
        let text = |media: &[Medium]| boot_order(&order(media)).map(|(text, _)| text);
        // The order of a Raspberry Pi 4 as sold.
        assert_eq!(text(&[Medium::Sd, Medium::Usb]).as_deref(), Some("0xf41"));
        assert_eq!(
            text(&[Medium::Nvme, Medium::Usb, Medium::Sd]).as_deref(),
            Some("0xf146")
        );
        assert_eq!(text(&[]), None);
    }
}
