//! What a machine boots from: whether its board can, and what follows for etcd and for the power supply.

use crate::check::support::findings::{Findings, names, verb};
use crate::check::support::offers::{instead, left_out};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::{Model, Node, NodeSettings, Role};
use crate::origin::Sourced;
use crate::stdlib::{Board, Medium, UsbCurrent, Word as _};

declare! {
    /// `boot` says what the image is written to. A board boots only from what its firmware knows: of the Raspberry Pis, only the
    /// Compute Modules 4 and 5, the 5 and the 500+ boot from an NVMe disk at PCIe; at a Pi 4 such a disk boots in a USB case, and that is `usb`.
    ///
    /// If the library knows what a board boots from only from its maker's word, this is a warning.
    ///
    /// ```pik fails
    /// board = pi-4b-4g
    /// boot  = nvme
    /// ```
    ///
    /// ```pik
    /// board = pi-4b-4g
    /// boot  = usb
    /// ```
    pub static MEDIUM = {
        code: "boot/medium",
        since: "0.1.0",
        severity: Error,
        title: "a board that does not boot from that",
        help: "write `boot` as one of those that the board boots from, or name another board",
        sources: [
            "raspberrypi/documentation eeprom-bootloader.adoc (BOOT_ORDER)",
            "raspberrypi/documentation boot-nvme.adoc",
            "raspberrypi/documentation boot-msd.adoc",
        ],
    }

    /// A Raspberry Pi 3 Model B and a Compute Module 3+ boot from USB only once a bit in their one-time programmable memory is set. A
    /// card does that: with the line `program_usb_boot_mode=1` in its config.txt, the next boot from it sets the bit, for good. Then
    /// `vcgencmd otp_dump | grep 17:` shows `17:3020000a`. The runbook says it, too.
    ///
    /// ```pik fails
    /// node extra {
    ///   profile = pi
    ///   role    = worker
    ///   board   = pi-3b
    ///   boot    = usb
    ///   address = 192.168.11.209
    ///   interface eth0 { }
    /// }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   profile = pi
    ///   role    = worker
    ///   board   = pi-3b-plus
    ///   boot    = usb
    ///   address = 192.168.11.209
    ///   interface eth0 { }
    ///   allow boot/usb-power { reason = "the disk is in a case with a supply of its own" }
    /// }
    /// ```
    pub static ONCE = {
        code: "boot/usb-once",
        since: "0.1.0",
        severity: Note,
        title: "a board that does not boot from USB as sold",
        help: "do that once, then `allow boot/usb-once { reason = \"...\" }` says so",
        no_edit: "it is done on the board",
        sources: ["raspberrypi/documentation boot-msd.adoc"],
    }

    /// A disk at a USB port is fed by the board, and a board has only so much for all its ports together: 1.2 A on a Raspberry Pi 3 or 4; on
    /// a 5 with a power supply that offers 5 A, 1.6 A, and with any other 0.6 A. An SSD takes 0.3 to 1 A, and more for a moment when it
    /// starts or writes. With too little it disappears while the machine runs: the root file system or etcd becomes read-only, and the node
    /// is lost until someone pulls the plug. A Raspberry Pi 5 with less than 5 A does not even boot from USB by itself.
    ///
    /// Step 10 reports under-voltage (`vcgencmd get_throttled`), which is what it looks like beforehand.
    ///
    /// ```pik fails
    /// board = pi-4b-4g
    /// boot  = usb
    /// ```
    ///
    /// ```pik
    /// board = pi-4b-4g
    /// boot  = usb
    /// allow boot/usb-power { reason = "the disk is in a case with a supply of its own" }
    /// ```
    pub static USB_POWER = {
        code: "boot/usb-power",
        since: "0.1.0",
        severity: Note,
        title: "a disk that the USB ports of a board have to feed",
        help: "use a case or a hub with a supply of its own, or a power supply that is strong enough, and say so: `allow boot/usb-power { reason = \"...\" }`",
        no_edit: "which power supply and which disk it is, is not in the spec",
        sources: ["raspberrypi/documentation power-supplies.adoc", "raspberrypi/documentation boot-msd.adoc"],
    }

    /// etcd waits for each write until it is on the disk. A card takes tens of milliseconds for one, and now and then seconds, when it tidies up:
    /// then the API server stops answering, and the control plane restarts. A card also wears out by it.
    ///
    /// This is said only if the spec says that the machine boots from a card; what an unset `boot` means is not known.
    ///
    /// ```pik fails
    /// node node01 {
    ///   profile = pi
    ///   role    = control-plane
    ///   board   = pi-4b-2g
    ///   boot    = sd
    ///   address = 192.168.11.201
    ///   interface eth0 { cluster = on }
    /// }
    /// ```
    ///
    /// ```pik
    /// node node01 {
    ///   profile = pi
    ///   role    = control-plane
    ///   board   = pi-4b-2g
    ///   boot    = sd
    ///   address = 192.168.11.201
    ///   interface eth0 { cluster = on }
    ///   disk etcd { device = "/dev/disk/by-id/ata-WDC_WDS500G2B0A_1937A4801234", mount = "/var/lib/etcd" }
    /// }
    /// ```
    pub static ETCD = {
        code: "boot/etcd-on-a-card",
        since: "0.1.0",
        severity: Note,
        title: "etcd on an SD card",
        help: "boot from an SSD (`boot = usb`, `boot = nvme`), or give etcd a disk of its own: `disk etcd { ... }`",
        no_edit: "which disk the machine has is known only on the machine",
        sources: ["k3s-io/k3s#2853", "rancher/docs#3134", "etcd.io/docs op-guide/hardware"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&MEDIUM, &ONCE, &USB_POWER, &ETCD];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    out.blocks(medium);
    out.blocks(once);
    out.blocks(usb_power);
    out.blocks(|settings, nodes| etcd(model, settings, nodes));
}

/// Whether a board can boot from that, as far as the library knows.
pub(super) fn boots_from(board: &Board, medium: Medium) -> bool {
    let known = &board.boots_from;
    known.is_empty() || known.iter().any(|one| one.value == medium)
}

fn medium(settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let (boot, board) = (settings.boot.as_ref()?, settings.board.as_ref()?);
    if boots_from(&board.value, boot.value) {
        return None;
    }
    let known = &board.value.boots_from;
    let words: Vec<&str> = known.iter().map(|one| one.value.word()).collect();
    let message = format!(
        "{} cannot boot from {}: {} boots from {}",
        names(nodes),
        boot.value.word(),
        board.value.title,
        words.join(", ")
    );
    let finding = Diagnostic::new(&MEDIUM, message)
        .label(boot, "not something that the board boots from")
        .label(board, "this board");
    let finding = match board.value.boots_from_confirmed {
        true => finding,
        false => finding.severity(Severity::Warning),
    };
    Some(left_out(
        instead(finding, &boot.origin, words),
        "boot",
        &boot.origin,
    ))
}

fn once(settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let (boot, board) = (settings.boot.as_ref()?, settings.board.as_ref()?);
    let needs = board.value.usb_boot_needs.as_ref()?;
    if boot.value != Medium::Usb {
        return None;
    }
    let message = format!(
        "{} {} {}",
        names(nodes),
        verb(nodes, "needs", "need"),
        needs.value
    );
    Some(
        Diagnostic::new(&ONCE, message)
            .label(boot, "boots from USB")
            .label(board, "does not, as sold"),
    )
}

fn usb_power(settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let board = settings.board.as_ref()?;
    let supply = board.value.usb_power.as_ref()?;
    let firmware = settings.firmware.as_ref();
    let current = firmware.and_then(|firmware| firmware.usb_current.as_ref());
    if board.value.usb_asks && current.is_some_and(|it| it.value == UsbCurrent::Full) {
        return None;
    }
    let boots = settings
        .boot
        .as_ref()
        .filter(|boot| boot.value == Medium::Usb);
    let mut devices = settings
        .disks
        .iter()
        .filter_map(|disk| disk.device.as_ref());
    let disk = devices.find(|device| at_usb(device));
    let place = boots.map(|boot| &boot.origin);
    let place = place.or(disk.map(|device| &device.origin))?;
    let message = format!(
        "{} {} a disk that its USB ports feed: those of {} supply {}",
        names(nodes),
        verb(nodes, "has", "have"),
        board.value.title,
        supply.value
    );
    let finding = Diagnostic::new(&USB_POWER, message)
        .label(place.span(), "a disk at a USB port")
        .label(board, "this board");
    Some(match board.value.usb_asks {
        true => finding.help("use a power supply that offers 5 A, or a case with a supply of its own, and say so by `allow`; `firmware { usb-current = full }` for a supply that can do it and does not say so"),
        false => finding,
    })
}

/// Whether a name below /dev/disk is that of a disk at a USB port, as udev makes them.
fn at_usb(device: &Sourced<String>) -> bool {
    let name = device.value.rsplit('/').next().unwrap_or_default();
    name.starts_with("usb-") || name.contains("-usb-")
}

fn etcd(model: &Model, settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let (boot, role) = (settings.boot.as_ref()?, settings.role.as_ref()?);
    let folder = model.etcd_folder()?;
    // A board that does not boot from a card is reported for that.
    let board = settings.board.as_ref();
    let boots = board.is_none_or(|board| boots_from(&board.value, boot.value));
    if boot.value != Medium::Sd
        || !boots
        || role.value != Role::ControlPlane
        || settings.disk_of(&folder.value).is_some()
    {
        return None;
    }
    let message = format!(
        "{} {} etcd's data on an SD card, which is too slow for it at times",
        names(nodes),
        verb(nodes, "keeps", "keep")
    );
    Some(
        Diagnostic::new(&ETCD, message)
            .label(boot, "a card, and no other disk for etcd")
            .label(role, "etcd runs on a control plane"),
    )
}
