//! Accounts of the spec that the system already has.

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::{Model, NodeSettings, User};

declare! {
    /// The system has accounts and groups of its own: `root`, `daemon`, `www-data`, `backup`, those of services. If the
    /// spec names one of them, no new account is created: its keys and the right to become root go to the system's own
    /// account, and whatever runs as that account is then as powerful as you. If only a group has the name (`video`,
    /// `users`), useradd stops.
    ///
    /// The library lists the accounts of each operating system (`pikc stdlib show debian-13`, `accounts`). Those that
    /// the packages of an image bring are not confirmed by a source, and only a warning; the others are errors. Names
    /// that begin with `systemd-` are systemd's everywhere.
    ///
    /// ```pik fails
    /// user backup { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop"] }
    /// ```
    ///
    /// ```pik
    /// user ops { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop"] }
    /// ```
    pub static SYSTEM_ACCOUNT = {
        code: "user/system-account",
        since: "0.1.0",
        severity: Warning,
        title: "an account that the system already has",
        help: "choose a name of your own",
        no_edit: "the name that someone logs in with is a matter of taste",
        sources: ["base-passwd: passwd.master, group.master", "shadow: useradd(8), CAVEATS"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&SYSTEM_ACCOUNT];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let most = model
        .nodes
        .iter()
        .map(|node| node.settings.users.len())
        .max()
        .unwrap_or(0);
    for number in 0..most {
        out.blocks(|settings, _| taken(settings, settings.users.get(number)?));
    }
}

fn taken(settings: &NodeSettings, user: &User) -> Option<Diagnostic> {
    let os = settings.os.as_ref()?;
    let name = user.name.value.as_str();
    let among = |list: &[crate::origin::Sourced<String>]| list.iter().any(|own| own.value == name);
    let certain = name.starts_with("systemd-") || among(&os.value.accounts);
    if !certain && !among(&os.value.package_accounts) {
        return None;
    }
    let finding = Diagnostic::new(
        &SYSTEM_ACCOUNT,
        format!(
            "`{name}` is an account or a group of {} itself",
            os.value.title
        ),
    )
    .label(
        &user.name,
        "its keys and rights would go to the system's own",
    )
    .label(os, "the system");
    Some(match certain {
        true => finding.severity(Severity::Error),
        false => finding.note("its images contain it, as far as pikc knows"),
    })
}
