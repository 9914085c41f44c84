//! Settings of a Raspberry Pi's firmware: on machines that have it, for boards and systems on which they do something.

use crate::check::support::findings::{Findings, names, verb};
use crate::check::support::offers::{instead, left_out};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Firmware, Model, Node, NodeSettings};
use crate::stdlib::{BootCommandLine, Hardware, Medium, PageSize, Word as _};

declare! {
    /// `firmware` is about the firmware of Raspberry Pis and their config.txt. Other boards have UEFI or a BIOS, which has menus of its own.
    ///
    /// ```pik fails
    /// node extra {
    ///   role    = worker
    ///   os      = debian-13
    ///   board   = generic-amd64
    ///   memory  = 4GiB
    ///   cpus    = 2
    ///   address = 192.168.11.209
    ///   firmware { gpu-mem = 16 }
    ///   interface eth0 { }
    /// }
    /// ```
    ///
    /// ```pik
    /// firmware { gpu-mem = 16 }
    /// ```
    pub static NOT_A_PI = {
        code: "firmware/not-a-pi",
        since: "0.1.0",
        severity: Error,
        title: "settings of a firmware that the machine does not have",
        help: "delete the `firmware` block, or write it in the nodes that are Raspberry Pis",
        sources: ["raspberrypi/documentation config_txt/what_is_config_txt.adoc"],
    }

    /// Raspberry Pi OS has two kernels: `kernel8.img` with memory pages of 4 KiB, for all boards, and, from its release bookworm on,
    /// `kernel_2712.img` with pages of 16 KiB, which only a Raspberry Pi 5 can start. Ubuntu has one kernel, with pages of 4 KiB. A
    /// `kernel` that is not there leaves the machine without one: it does not boot.
    ///
    /// ```pik fails
    /// board    = pi-4b-4g
    /// firmware { kernel = 16k }
    /// ```
    ///
    /// ```pik
    /// board    = pi-4b-4g
    /// firmware { kernel = 4k }
    /// ```
    pub static KERNEL = {
        code: "firmware/no-such-kernel",
        since: "0.1.0",
        severity: Error,
        title: "a kernel that the system does not have, or the board cannot start",
        help: "leave `kernel` out",
        sources: ["raspberrypi/documentation config_txt/boot.adoc (kernel)"],
    }

    /// With Raspberry Pi OS a Raspberry Pi 5 starts a kernel with memory pages of 16 KiB. Kubernetes, the runtimes and the CNIs run with it. Programs
    /// that were built for pages of 4 KiB only end at once, with `<jemalloc>: Unsupported system page size` or a segmentation fault: among them
    /// some images of databases, caches and proxies.
    ///
    /// Whether any of your images is one of those is not in the spec; either value of `kernel` says that you know.
    ///
    /// ```pik fails
    /// board = pi-5-8g
    /// ```
    ///
    /// ```pik
    /// board    = pi-5-8g
    /// firmware { kernel = 4k }
    /// ```
    pub static LARGE_PAGES = {
        code: "firmware/large-pages",
        since: "0.1.0",
        severity: Note,
        title: "memory pages of 16 KiB, on which some images do not run",
        help: "write `firmware { kernel = 4k }`, or `kernel = 16k` if your images run with it",
        sources: [
            "raspberrypi/bookworm-feedback#107",
            "raspberrypi/documentation config_txt/boot.adoc (kernel)",
            "cculianu/Fulcrum#223",
            "postgresml/pgcat#922",
        ],
    }

    /// On these boards this setting does nothing: the graphics processor of a Raspberry Pi 5 shares the memory with the system, and only a 5 and a
    /// 500 ask their power supply how much current their USB ports may supply.
    ///
    /// ```pik fails
    /// board    = pi-5-8g
    /// firmware { kernel = 4k, gpu-mem = 16 }
    /// ```
    ///
    /// ```pik
    /// board    = pi-5-8g
    /// firmware { kernel = 4k }
    /// ```
    pub static NO_EFFECT = {
        code: "firmware/no-effect",
        since: "0.1.0",
        severity: Warning,
        title: "a setting of the firmware that does nothing on this board",
        help: "delete the setting, or write it in the nodes whose boards have it",
        sources: [
            "raspberrypi/documentation config_txt/memory.adoc (gpu_mem)",
            "raspberrypi/documentation power-supplies.adoc",
        ],
    }

    /// The order is kept in the EEPROM of a Raspberry Pi 4 or newer; older boards boot from the card first, and have no such setting. Once step 44 has
    /// written an order without what the machine boots from, its next boot finds nothing.
    ///
    /// `sd` and `emmc` are one mode of the boot loader, so only one of them is written.
    ///
    /// ```pik fails
    /// board    = pi-5-8g
    /// boot     = nvme
    /// firmware { kernel = 4k, boot-order = [sd, usb] }
    /// ```
    ///
    /// ```pik
    /// board    = pi-5-8g
    /// boot     = nvme
    /// firmware { kernel = 4k, boot-order = [nvme, usb, sd] }
    /// ```
    pub static ORDER = {
        code: "firmware/boot-order",
        since: "0.1.0",
        severity: Error,
        title: "a boot order that the board cannot have, or that leaves out what it boots from",
        help: "write each medium that the board boots from once, and among them the one that the machine boots from",
        sources: ["raspberrypi/documentation eeprom-bootloader.adoc (BOOT_ORDER)"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&NOT_A_PI, &KERNEL, &LARGE_PAGES, &NO_EFFECT, &ORDER];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    out.blocks(not_a_pi);
    out.blocks(kernel);
    out.blocks(|settings, nodes| large_pages(model, settings, nodes));
    out.blocks(gpu_memory);
    out.blocks(usb_current);
    out.blocks(order);
}

/// The `firmware` block of a Raspberry Pi.
fn of_a_pi(settings: &NodeSettings) -> Option<&Firmware> {
    let board = settings.board.as_ref()?;
    let firmware = settings.firmware.as_ref();
    firmware.filter(|_| board.value.hardware == Hardware::Pi)
}

fn not_a_pi(settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let (firmware, board) = (settings.firmware.as_ref()?, settings.board.as_ref()?);
    if board.value.hardware == Hardware::Pi {
        return None;
    }
    let message = format!(
        "{} {} no Raspberry Pi ({}), and no firmware that reads config.txt",
        names(nodes),
        verb(nodes, "is", "are"),
        board.value.title
    );
    let finding = Diagnostic::new(&NOT_A_PI, message)
        .label(firmware.head, "settings of a Raspberry Pi's firmware")
        .label(board, "another board");
    Some(finding.choice(|it| it.remove_block("delete the block", firmware.head)))
}

fn kernel(settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let asked = of_a_pi(settings)?.kernel.as_ref()?;
    let (board, system, boot) = settings.boot_line()?;
    let size = board.page_size.as_ref().map(|size| size.value);
    let why = match asked.value {
        PageSize::Small if boot.kernel_4k.is_some() => return None,
        PageSize::Large if boot.kernel_16k.is_some() && size == Some(16384) => return None,
        PageSize::Large if boot.kernel_16k.is_some() => {
            format!("{} cannot start the kernel with 16 KiB", board.title)
        }
        PageSize::Small | PageSize::Large => {
            format!(
                "{} has one kernel for all boards, with memory pages of 4 KiB",
                system.title
            )
        }
    };
    let message = format!(
        "{} cannot have the kernel `{}`: {why}",
        names(nodes),
        asked.value.word()
    );
    let finding = Diagnostic::new(&KERNEL, message).label(asked, "this kernel");
    let finding = finding
        .label(settings.board.as_ref(), "on this board")
        .label(settings.os.as_ref(), "with this system");
    Some(left_out(finding, "kernel", &asked.origin))
}

fn large_pages(model: &Model, settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let firmware = settings.firmware.as_ref();
    if firmware.is_some_and(|firmware| firmware.kernel.is_some()) || settings.page_size()? != 16384
    {
        return None;
    }
    let board = settings.board.as_ref()?;
    let message = format!(
        "{} {} a kernel with memory pages of 16 KiB, on which some images do not run",
        names(nodes),
        verb(nodes, "starts", "start")
    );
    let finding = Diagnostic::new(&LARGE_PAGES, message)
        .label(board, "starts it by itself")
        .label(settings.os.as_ref(), "has a kernel of both kinds");
    Some(match firmware {
        Some(firmware) if all_have_both(model, firmware) => {
            let title = "add `kernel = 4k` to `firmware`";
            finding.choice(|it| it.add_inside(title, firmware.head, "kernel = 4k"))
        }
        Some(_) => finding,
        // Several blocks have the board from somewhere else, which may be a constant: that is for people.
        None if nodes.iter().any(|node| node.settings.head != settings.head) => finding,
        None => finding.choice(|it| {
            let line = "firmware { kernel = 4k }";
            it.add_inside(format!("add `{line}`"), settings.head, line)
        }),
    })
}

/// Whether every machine with this block, which can be a profile's, has a kernel of each kind to choose from.
fn all_have_both(model: &Model, firmware: &Firmware) -> bool {
    model.nodes.iter().all(|node| {
        let own = node.settings.firmware.as_ref();
        let has = |(_, _, boot): (_, _, &BootCommandLine)| boot.kernel_4k.is_some();
        own.is_none_or(|own| own.head != firmware.head)
            || node.settings.boot_line().is_some_and(has)
    })
}

fn gpu_memory(settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let memory = of_a_pi(settings)?.gpu_mem.as_ref()?;
    let board = settings.board.as_ref()?;
    if !board.value.no_gpu_memory {
        return None;
    }
    let message = format!(
        "`gpu-mem` does nothing on {}: {} sets no memory aside for graphics",
        names(nodes),
        board.value.title
    );
    let finding = Diagnostic::new(&NO_EFFECT, message)
        .label(memory, "no effect")
        .label(board, "on this board");
    Some(left_out(finding, "gpu-mem", &memory.origin))
}

fn usb_current(settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let current = of_a_pi(settings)?.usb_current.as_ref()?;
    let board = settings.board.as_ref()?;
    if board.value.usb_asks {
        return None;
    }
    let message = format!(
        "`usb-current` does nothing on {}: the USB ports of {} supply the same with any power supply",
        names(nodes),
        board.value.title
    );
    let finding = Diagnostic::new(&NO_EFFECT, message)
        .label(current, "no effect")
        .label(board, "on this board");
    Some(left_out(finding, "usb-current", &current.origin))
}

/// The mode of the boot loader that a medium is.
fn mode(medium: Medium) -> Medium {
    match medium {
        Medium::Emmc => Medium::Sd,
        other => other,
    }
}

/// A boot order for a board that keeps none.
fn no_eeprom(settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let first = of_a_pi(settings)?.boot_order.first()?;
    let board = settings.board.as_ref()?;
    let message = format!(
        "{} {} no boot order to set: {} has no EEPROM for it",
        names(nodes),
        verb(nodes, "has", "have"),
        board.value.title
    );
    let finding = Diagnostic::new(&ORDER, message)
        .label(first, "an order in the EEPROM")
        .label(board, "this board")
        .help("delete `boot-order`, or write it in the nodes whose boards have an EEPROM");
    Some(left_out(finding, "boot-order", &first.origin))
}

fn order(settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let order = &of_a_pi(settings)?.boot_order;
    let first = order.first()?;
    let board = settings.board.as_ref()?;
    let finding = |message: String| Diagnostic::new(&ORDER, message);
    if board.value.boot_order.is_none() {
        return no_eeprom(settings, nodes);
    }
    for (at, one) in order.iter().enumerate() {
        let earlier = order.get(..at).unwrap_or_default();
        if let Some(twice) = earlier.iter().find(|it| mode(it.value) == mode(one.value)) {
            let message = format!(
                "`{}` and `{}` are the same for the boot loader",
                twice.value.word(),
                one.value.word()
            );
            let finding = finding(message).label(one, "the second time");
            let finding = finding.label(twice, "the first time");
            return Some(finding.choice(|it| it.remove_element("leave it out", &one.origin)));
        }
        let known = &board.value.boots_from;
        let can = |medium: Medium| known.iter().any(|it| mode(it.value) == mode(medium));
        if one.value != Medium::Network && !known.is_empty() && !can(one.value) {
            let message = format!(
                "{} cannot boot from {}",
                board.value.title,
                one.value.word()
            );
            let finding = finding(message).label(one, "the board has no way to");
            let finding = finding.label(board, "this board");
            return Some(finding.choice(|it| it.remove_element("leave it out", &one.origin)));
        }
    }
    let boot = settings.boot.as_ref()?;
    if order.iter().any(|it| mode(it.value) == mode(boot.value)) {
        return None;
    }
    let message = format!(
        "{} would no longer boot: the boot order leaves out {}",
        names(nodes),
        boot.value.word()
    );
    let words = std::iter::once(boot.value).chain(order.iter().map(|it| it.value));
    let words: Vec<&str> = words.map(|it| it.word()).collect();
    let words = format!("boot-order = [{}]", words.join(", "));
    Some(
        finding(message)
            .label(first, "tried in this order")
            .label(boot, "what the machine boots from")
            .help(format!("write `{words}`"))
            .choice(|it| instead(it, &boot.origin, [first.value.word()])),
    )
}
