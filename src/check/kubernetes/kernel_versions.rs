//! The kernels of the systems: kubeadm accepts them, and kube-proxy's nftables mode works on them.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::check::support::offers;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::Model;
use crate::origin::Sourced;
use crate::source::Span;
use crate::stdlib::{Maturity, Release, System};
use crate::value::{Type, Val, Version, parse};

declare! {
    /// kubeadm checks the kernel before it does anything (SystemVerification), and judges by its version whether it has
    /// everything that the kubelet and pods need. Of the kernels before 6 it knows only the long-term ones. From 1.34 on it
    /// warns of all others and goes on: a distribution may maintain another one itself, as those of the RHEL family do (5.14),
    /// so that is a note. A kernel older than all that it knows is a warning.
    ///
    /// ```pik library fails
    /// os old-kernel { kernel = "4.19" }
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
    pub static REFUSED = {
        code: "os/kernel-refused",
        since: "0.1.0",
        severity: Error,
        title: "a kernel that kubeadm does not accept as it is",
        help: "choose a newer release of the system",
        no_edit: "which newer system to install is a decision about the machine",
        sources: ["kubernetes/system-validators: validators/types_unix.go", "kubernetes/kubernetes#131919"],
    }

    /// In its nftables mode kube-proxy uses features that the kernel has had since 5.13. On an older one it exits at
    /// once, and no service answers on that node. For systems whose newer images have a newer kernel this is a warning:
    /// which kernel runs depends on the card.
    ///
    /// ```pik fails
    /// proxy { mode = nftables }
    /// node extra {
    ///   role    = worker
    ///   os      = debian-11
    ///   board   = generic-amd64
    ///   memory  = 4GiB
    ///   cpus    = 2
    ///   address = 192.168.11.209
    /// }
    /// ```
    ///
    /// ```pik
    /// proxy { mode = nftables }
    /// node extra {
    ///   role    = worker
    ///   os      = debian-12
    ///   board   = generic-amd64
    ///   memory  = 4GiB
    ///   cpus    = 2
    ///   address = 192.168.11.209
    /// }
    /// ```
    pub static TOO_OLD = {
        code: "proxy/nftables-kernel",
        since: "0.1.0",
        severity: Error,
        title: "kube-proxy's nftables mode on a kernel that is too old for it",
        help: "write `mode = iptables`, or a newer system",
        sources: ["kubernetes/enhancements#3866", "kubernetes/kubernetes: pkg/proxy/nftables (minKernelVersion)"],
    }

    /// nft 1.1.3 prints its rules in a different form than the releases before and after it, and kube-proxy's nftables
    /// mode crashes on that: changes to services no longer take effect. Fixed in patch releases from 1.33 on; older
    /// lines have no such release.
    ///
    /// ```pik fails
    /// kubernetes = 1.35.1
    /// proxy { mode = nftables }
    /// ```
    ///
    /// ```pik
    /// kubernetes = 1.36
    /// proxy { mode = nftables }
    /// ```
    pub static CRASHES = {
        code: "proxy/nftables-crashes",
        since: "0.1.0",
        severity: Warning,
        title: "kube-proxy's nftables mode with an nft that it crashes on",
        help: "write a newer patch release, or `mode = iptables`",
        sources: ["kubernetes/kubernetes#137501", "kubernetes/kubernetes#136786"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&REFUSED, &TOO_OLD, &CRASHES];

/// The nft that kube-proxy crashed on.
const BAD_NFT: &str = "1.1.3";

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    refused(model, out);
    let nftables = model
        .cluster
        .proxy_mode
        .as_ref()
        .filter(|mode| mode.value == "nftables");
    let (Some(mode), Some(release)) = (nftables, &model.facts.release) else {
        return;
    };
    if model.cluster.without_proxy().is_some() {
        return;
    }
    // A release without the mode, or with its gate off, is reported by proxy/mode.
    let state = release.proxy_modes.get("nftables");
    if !matches!(state, Some(Maturity::Beta | Maturity::Ga)) {
        return;
    }
    too_old(model, release, mode, out);
    crashes(model, release, mode, out);
}

/// Kernels that the mode does not work with.
fn too_old(model: &Model, release: &Release, mode: &Sourced<String>, out: &mut Findings<'_>) {
    if let Some(least) = &release.nft_kernel {
        out.blocks(|settings, nodes| {
            let os = settings.os.as_ref()?;
            let (oldest, newest) = kernels(&os.value)?;
            if oldest >= least.value {
                return None;
            }
            let severity = match newest < least.value {
                true => Severity::Error,
                false => Severity::Warning,
            };
            let message = format!(
                "{} {} kernel {}, and kube-proxy's nftables mode needs {}",
                names(nodes),
                match severity {
                    Severity::Error => verb(nodes, "has", "have"),
                    Severity::Warning | Severity::Note => "may have",
                },
                oldest,
                least.value
            );
            let finding = Diagnostic::new(&TOO_OLD, message).severity(severity);
            let finding = told(finding, os.origin.span(), "its kernel", mode.origin.span());
            Some(offers::usual_mode(finding, model))
        });
    }
}

/// An nft that this kube-proxy crashes on.
fn crashes(model: &Model, release: &Release, mode: &Sourced<String>, out: &mut Findings<'_>) {
    let Some(exact) = &model.cluster.exact else {
        return;
    };
    out.blocks(|settings, nodes| {
        let os = settings.os.as_ref()?;
        let bad = os
            .value
            .nft
            .as_ref()
            .is_some_and(|nft| nft.value == BAD_NFT);
        let fixed = release.nft_mended.as_ref();
        if !bad || fixed.is_some_and(|fixed| exact.value >= fixed.value) {
            return None;
        }
        let message = format!(
            "{} {} nft {BAD_NFT}, and kube-proxy {} crashes on it",
            names(nodes),
            verb(nodes, "has", "have"),
            exact.value
        );
        let finding = told(
            Diagnostic::new(&CRASHES, message),
            os.origin.span(),
            "comes with this nft",
            mode.origin.span(),
        )
        .label(exact, "not fixed in this release");
        let newer = fixed.map(|fixed| fixed.value);
        let finding = offers::usual_mode(offers::release(finding, model, newer), model);
        Some(match fixed {
            Some(fixed) => finding.help(format!(
                "write `kubernetes = {}` or later, or `mode = iptables`",
                fixed.value
            )),
            None => finding.help("write `mode = iptables`"),
        })
    });
}

fn told(finding: Diagnostic, os: Option<Span>, what: &str, asked: Option<Span>) -> Diagnostic {
    finding.label(asked, "this mode").label(os, what)
}

fn refused(model: &Model, out: &mut Findings<'_>) {
    let Some(release) = &model.facts.release else {
        return;
    };
    let known: Vec<Version> = release
        .preflight
        .kernels
        .iter()
        .filter_map(|kernel| version(&kernel.value))
        .collect();
    let Some(last) = known.last() else {
        return;
    };
    out.blocks(|settings, nodes| {
        let os = settings.os.as_ref()?;
        let (_, newest) = kernels(&os.value)?;
        let line = newest.without_patch();
        if line >= *last || known.contains(&line) {
            return None;
        }
        let warns = release.preflight.kernels_warn;
        let message = format!(
            "{} {} kernel {newest}, and kubeadm {} {} {} and later",
            names(nodes),
            verb(nodes, "has", "have"),
            release.name,
            match warns {
                true => "warns of any but",
                false => "accepts only",
            },
            release
                .preflight
                .kernels
                .iter()
                .map(|kernel| kernel.value.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        );
        let finding = Diagnostic::new(&REFUSED, message).label(os, "its kernel");
        let kubernetes = &model.cluster.kubernetes;
        let oldest = known.first().is_some_and(|first| line < *first);
        Some(match (warns, oldest) {
            (false, _) => finding.label(kubernetes, "refuses it"),
            (true, true) => finding
                .severity(Severity::Warning)
                .label(kubernetes, "warns of it"),
            (true, false) => finding
                .severity(Severity::Note)
                .label(kubernetes, "warns of it")
                .help(
                    "nothing: kubeadm goes on, and the system's maintainers look after this kernel",
                ),
        })
    });
}

/// The oldest and the newest kernel of a system: `5.10 to 6.1`.
fn kernels(system: &System) -> Option<(Version, Version)> {
    let mut words = system.kernel.value.split(" to ");
    let oldest = version(words.next()?)?;
    Some((oldest, words.next().map_or(Some(oldest), version)?))
}

/// `6` is 6.0.
fn version(word: &str) -> Option<Version> {
    let word = word.trim();
    let whole = if word.contains('.') {
        word.to_owned()
    } else {
        format!("{word}.0")
    };
    match parse(Type::Version, &whole) {
        Ok(Val::Version(version)) => Some(version),
        _ => None,
    }
}
