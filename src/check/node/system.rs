//! Operating systems: made for this board, still supported, and with a cgroup version that the kubelet accepts.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::Model;
use crate::stdlib::{Cgroup, CgroupV1, Hardware};

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

pub(in crate::check) static CODES: &[&Descriptor] = &[&MISMATCH, &ENDED, &CGROUP];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    mismatch(out);
    ended(model, out);
    cgroup(model, out);
}

/// Systems that are not made for their board.
fn mismatch(out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| {
        let (os, board) = (settings.os.as_ref()?, settings.board.as_ref()?);
        let (system, machine) = (&os.value, &board.value);
        let runs = system.boards.is_empty() || system.boards.contains(&machine.family);
        let why = if !runs && system.hardware == machine.hardware {
            format!(
                "the kernel of {} does not run on a {}",
                system.title, machine.title
            )
        } else if system.hardware != Hardware::Any && system.hardware != machine.hardware {
            format!("{} is not made for a {}", system.title, machine.title)
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
