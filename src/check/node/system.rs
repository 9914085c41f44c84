//! Operating systems: made for this board, still supported, and with a cgroup version that the kubelet accepts.

use std::sync::Arc;

use crate::check::support::findings::{Findings, names, verb};
use crate::check::support::offers::instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::Model;
use crate::stdlib::{Board, Cgroup, CgroupV1, Hardware, System};

declare! {
    /// A Raspberry Pi needs a system with its firmware and kernel, and Kubernetes' packages exist for 64-bit ARM
    /// and PCs only.
    ///
    /// ```pik library fails
    /// board pc {
    ///   title        = "A PC"
    ///   family       = pc
    ///   hardware     = generic
    ///   cores        = 4
    ///   memory       = 8GiB
    ///   usable       = 7800MiB
    ///   architecture = amd64
    ///   source       = ["made up"]
    ///   checked      = 2026-11-22
    /// }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    /// }
    /// ```
    pub static MISMATCH = {
        code: "node/board-system",
        since: "0.1.0",
        severity: Error,
        title: "a system that does not run on the board",
        help: "choose a system that is made for the board",
        no_edit: "which system to install is a decision about the machine",
        sources: ["kubernetes/kubernetes#117996", "kubernetes/kubernetes#115742"],
    }

    /// A board starts only with a kernel that knows it. Raspberry Pi OS bookworm and Ubuntu 24.04 are the first of their kind that know a
    /// Raspberry Pi 5; its firmware looks for them on the card, and stops at others. The boards with an RK3588 have network and disks with
    /// Linux 6.7 or newer, and a Jetson Orin Nano is described in Linux 6.6 or newer. The vendors' own images (Armbian, JetPack) have older
    /// kernels that know their boards; they are other systems than those of the same name here.
    ///
    /// If no source confirms what the library says about a board, this is a warning.
    ///
    /// ```pik fails
    /// node extra {
    ///   role    = worker
    ///   os      = ubuntu-22.04
    ///   board   = pi-5-8g
    ///   address = 192.168.11.209
    ///   interface eth0 { }
    /// }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   role    = worker
    ///   os      = ubuntu-24.04
    ///   board   = pi-5-8g
    ///   address = 192.168.11.209
    ///   interface eth0 { }
    /// }
    /// ```
    pub static KERNEL = {
        code: "node/board-kernel",
        since: "0.1.0",
        severity: Error,
        title: "a system without a kernel that knows the board",
        help: "choose a newer system",
        sources: [
            "raspberrypi/documentation config_txt/boot.adoc (os_check)",
            "waldorf.waveform.org.uk/2024/how-noble-in-reason.html",
            "Collabora: RK3588 upstream status",
        ],
    }

    /// Known vulnerabilities are no longer fixed in this release. Its package mirror will be moved to an archive one
    /// day, and installing anything then fails.
    ///
    /// ```pik fails
    /// node extra {
    ///   role    = worker
    ///   os      = raspios-bullseye
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    ///   interface eth0 { }
    /// }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    ///   interface eth0 { }
    /// }
    /// ```
    pub static ENDED = {
        code: "os/release-ended",
        since: "0.1.0",
        severity: Warning,
        title: "an operating system without security support",
        help: "install a newer release",
        no_edit: "which newer system to install is a decision about the machine",
        sources: ["endoflife.date/debian", "endoflife.date/ubuntu"],
    }

    /// From 1.35 on the kubelet exits on a system with cgroup v1 (`failCgroupV1`), and kubeadm's check
    /// SystemVerification is an error there.
    ///
    /// ```pik library fails
    /// os old { cgroup = 1 }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    /// }
    /// ```
    pub static CGROUP = {
        code: "os/cgroup-v1",
        since: "0.1.0",
        severity: Error,
        title: "cgroup v1 with a kubelet that refuses it",
        help: "use a system with cgroup v2",
        no_edit: "which newer system to install is a decision about the machine",
        sources: ["kubernetes/kubernetes#134298"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&MISMATCH, &KERNEL, &ENDED, &CGROUP];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    mismatch(out);
    kernel(model, out);
    ended(model, out);
    cgroup(model, out);
}

/// Systems that are not made for their board.
fn mismatch(out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| {
        let (os, board) = (settings.os.as_ref()?, settings.board.as_ref()?);
        let (system, machine) = (&os.value, &board.value);
        let runs = system.boards.is_empty() || system.boards.contains(&machine.family);
        let machine_title = machine.with_article();
        let why = if !runs && system.hardware == machine.hardware {
            format!(
                "the kernel of {} does not run on {machine_title}",
                system.title
            )
        } else if system.hardware != Hardware::Any && system.hardware != machine.hardware {
            format!("{} is not made for {machine_title}", system.title)
        } else if !system
            .architectures
            .iter()
            .any(|arch| *arch == machine.architecture.value)
        {
            format!(
                "{} does not exist for {}",
                system.title, machine.architecture.value
            )
        } else {
            return None;
        };
        Some(
            Diagnostic::new(&MISMATCH, format!("{}: {why}", names(nodes)))
                .label(os, "this system")
                .label(board, "on this board"),
        )
    });
}

/// Systems without a kernel for their board.
fn kernel(model: &Model, out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| {
        let (os, board) = (settings.os.as_ref()?, settings.board.as_ref()?);
        let (system, machine) = (&os.value, &board.value);
        let lacks = machine.no_kernel_in(system);
        let lacks = lacks.filter(|_| machine.is_meant_by(system))?;
        let message = format!(
            "{}: {} has no kernel that starts on {}",
            names(nodes),
            system.title,
            machine.with_article()
        );
        let has = match lacks.from {
            Some(_) => format!("has Linux {}", system.kernel.value),
            None => "its images do not know the board".to_owned(),
        };
        let needs = match lacks.from {
            Some(from) => format!("needs Linux {from} or newer"),
            None => "this board".to_owned(),
        };
        let finding = Diagnostic::new(&KERNEL, message)
            .label(os, has)
            .label(board, needs);
        let finding = match lacks.confirmed {
            true => finding,
            false => finding.severity(Severity::Warning),
        };
        let known = systems_for(model, machine, &system.family);
        Some(match known.as_slice() {
            [] => finding,
            all => finding.help(format!("write `os = {}`", all.join("` or `os = "))),
        })
        .map(|finding| instead(finding, &os.origin, known))
    });
}

/// The systems that start on a board and still get security fixes: of the family asked for if there are any, else of all.
fn systems_for<'a>(model: &'a Model, board: &Board, family: &str) -> Vec<&'a str> {
    let today = model.as_of.value;
    let fits = |system: &&Arc<System>| {
        board.is_meant_by(system)
            && board.no_kernel_in(system).is_none()
            && today <= system.ends.value
    };
    let all: Vec<&Arc<System>> = model.facts.systems.iter().filter(fits).collect();
    let alike = all.iter().any(|system| system.family == family);
    let same = all
        .iter()
        .filter(|system| !alike || system.family == family);
    same.map(|system| system.name.as_str()).collect()
}

/// Systems that get no more security fixes.
fn ended(model: &Model, out: &mut Findings<'_>) {
    let today = model.as_of.value;
    out.blocks(|settings, nodes| {
        let os = settings.os.as_ref()?;
        let system = &os.value;
        let who = format!(
            "{} {} {}",
            names(nodes),
            verb(nodes, "runs", "run"),
            system.title
        );
        let lts = system.lts_ends.as_ref().map(|date| date.value);
        let finding = match lts {
            Some(lts) if today <= lts && today > system.ends.value => Diagnostic::new(
                &ENDED,
                format!(
                    "{who}: regular security support ended on {}, long-term support ends on {lts}",
                    system.ends.value
                ),
            )
            .severity(Severity::Note),
            Some(lts) if today > lts => Diagnostic::new(
                &ENDED,
                format!("{who}, which has had no security fixes since {lts}"),
            ),
            None if today > system.ends.value => Diagnostic::new(
                &ENDED,
                format!(
                    "{who}, which has had no security fixes since {}",
                    system.ends.value
                ),
            ),
            _ => return None,
        };
        Some(
            finding
                .label(os, "this release")
                .help("write a newer release: `pikc stdlib list os` shows them"),
        )
    });
}

/// Systems with cgroup v1 under a kubelet that refuses it.
fn cgroup(model: &Model, out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| {
        let os = settings.os.as_ref()?;
        let release = model.facts.release.as_ref()?;
        let refuses = release
            .cgroup_v1
            .as_ref()
            .is_some_and(|word| word.value == CgroupV1::Refuses);
        (os.value.cgroup.value == Cgroup::V1 && refuses).then(|| {
            Diagnostic::new(
                &CGROUP,
                format!(
                    "{} {} cgroup v1, and the kubelet of {} refuses it",
                    names(nodes),
                    verb(nodes, "has", "have"),
                    release.name
                ),
            )
            .label(os, "cgroup v1")
            .label(&model.cluster.kubernetes, "refuses to start on it")
        })
    });
}
