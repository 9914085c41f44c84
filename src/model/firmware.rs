//! What a machine boots from, and the settings of a Raspberry Pi's firmware.

use super::machine::NodeSettings;
use crate::origin::Sourced;
use crate::schema::{Entity, Schema, View};
use crate::source::Span;
use crate::stdlib::{Board, BootCommandLine, Medium, PageSize, System, UsbCurrent, Word as _};

/// A `firmware` block.
#[derive(Clone, Debug)]
pub struct Firmware {
    /// The head of the block.
    pub head: Span,
    /// Which kernel is started.
    pub kernel: Option<Sourced<PageSize>>,
    /// MiB of memory for graphics.
    pub gpu_mem: Option<Sourced<i64>>,
    /// Overlays with their parameters.
    pub overlays: Vec<Sourced<String>>,
    /// How much current the USB ports supply.
    pub usb_current: Option<Sourced<UsbCurrent>>,
    /// What the EEPROM's boot loader tries, in this order.
    pub boot_order: Vec<Sourced<Medium>>,
}

impl Firmware {
    /// Whether something of it is in config.txt.
    pub fn in_config(&self) -> bool {
        self.kernel.is_some()
            || self.gpu_mem.is_some()
            || !self.overlays.is_empty()
            || self.usb_current.is_some()
    }
}

/// The `firmware` block of a machine.
pub(super) fn firmware(entity: Option<&Entity>, spec: &Schema) -> Option<Firmware> {
    let entity = entity?;
    let view = View::new(Some(entity), spec.blocks.get("firmware")?);
    let medium =
        |word: Sourced<String>| Some(Sourced::new(Medium::read(&word.value)?, word.origin));
    Some(Firmware {
        head: entity.head,
        kernel: PageSize::of(&view, "kernel"),
        gpu_mem: view.integer("gpu-mem"),
        overlays: view.texts("overlays"),
        usb_current: UsbCurrent::of(&view, "usb-current"),
        boot_order: view
            .texts("boot-order")
            .into_iter()
            .filter_map(medium)
            .collect(),
    })
}

impl NodeSettings {
    /// How the machine's kernel is started; nothing if its board or its system is not known.
    pub fn boot_line(&self) -> Option<(&Board, &System, &BootCommandLine)> {
        let (board, system) = (self.board.as_ref()?, self.os.as_ref()?);
        let boot = system.value.boot(board.value.hardware)?;
        Some((&board.value, &system.value, boot))
    }

    /// The size of its kernel's memory pages in bytes, if the board's is known: what the spec asks for, else what the board starts by itself.
    pub fn page_size(&self) -> Option<i64> {
        let (board, _, boot) = self.boot_line()?;
        let asked = self.firmware.as_ref().and_then(|it| it.kernel.as_ref());
        match (asked.map(|asked| asked.value), &boot.kernel_16k) {
            (Some(PageSize::Small), _) | (_, None) => board.page_size.as_ref().map(|_| 4096),
            (Some(PageSize::Large), _) => Some(16384),
            (None, Some(_)) => board.page_size.as_ref().map(|size| size.value),
        }
    }
}
