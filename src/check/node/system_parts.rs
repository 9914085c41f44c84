//! What a system cannot do, and what only one kind of system can use.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::check::support::offers::{instead, left_out};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Node, NodeSettings};
use crate::origin::Origin;
use crate::stdlib::PackageManager;

declare! {
    /// On systems of the RHEL family pikc sets the time zone only. A language is a package there and a line in another file, and the
    /// keyboard has the names of console keymaps instead of those of X: a setting that is not carried out would be worse than none. Their
    /// cloud images are in English, with an American keyboard; `localectl` changes both.
    ///
    /// ```pik fails
    /// node extra {
    ///   role    = worker
    ///   os      = rocky-10
    ///   board   = generic-amd64
    ///   memory  = 4GiB
    ///   cpus    = 2
    ///   address = 192.168.11.209
    ///   locale { keyboard = jp }
    ///   interface eth0 { }
    /// }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   role    = worker
    ///   os      = rocky-10
    ///   board   = generic-amd64
    ///   memory  = 4GiB
    ///   cpus    = 2
    ///   address = 192.168.11.209
    ///   locale { timezone = Asia/Tokyo }
    ///   interface eth0 { }
    /// }
    /// ```
    pub static NO_LANGUAGE = {
        code: "os/no-language",
        since: "0.1.0",
        severity: Error,
        title: "a language or a keyboard for a system on which pikc sets none",
        help: "leave it out, and set it with `localectl` if a person sits at the machine",
        sources: ["freedesktop.org/software/systemd/man/latest/localectl.html"],
    }

    /// Debian's policy allows lowercase letters, digits, `+`, `-` and `.` in the name of a package, and Ubuntu follows it. Packages for dnf may have
    /// capital letters and `_`: `NetworkManager-wifi` is `network-manager` on Debian. Names differ in other ways, too, which nothing here knows.
    ///
    /// ```pik fails
    /// packages { extra = [NetworkManager-tui] }
    /// ```
    ///
    /// ```pik
    /// packages { extra = [network-manager] }
    /// ```
    pub static NOT_DEBIAN = {
        code: "os/package-name",
        since: "0.1.0",
        severity: Error,
        title: "the name of a package for dnf, on a machine with apt",
        help: "write the name that Debian has for it: lowercase letters, digits, `+`, `-` and `.`",
        sources: ["debian-policy 5.6.1", "fedora packaging guidelines: Naming"],
    }

    /// The cloud images of the RHEL family contain neither the firmware of radios nor the part of NetworkManager that uses them. The machine
    /// would have to fetch both over a network that it does not have yet.
    ///
    /// ```pik fails
    /// node extra {
    ///   role    = worker
    ///   os      = rocky-10
    ///   board   = generic-amd64
    ///   memory  = 4GiB
    ///   cpus    = 2
    ///   address = 192.168.11.209
    ///   locale { country = JP }
    ///   interface wlan0 { wifi { ssid = "lab", passphrase = secret:wifi } }
    /// }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   role    = worker
    ///   os      = rocky-10
    ///   board   = generic-amd64
    ///   memory  = 4GiB
    ///   cpus    = 2
    ///   address = 192.168.11.209
    ///   interface eth0 { }
    /// }
    /// ```
    pub static NO_WIFI = {
        code: "os/no-wifi",
        since: "0.1.0",
        severity: Error,
        title: "Wi-Fi on a system whose images have none",
        help: "connect the machine by cable, or choose another system",
        no_edit: "a cable or another system is a decision about the machine",
        sources: ["rocky-linux/kickstarts Rocky-10-GenericCloud-Base.ks"],
    }

    /// A mirror of a package repository has packages for apt or for dnf, and a spec names one address for each. In a cluster with
    /// both kinds of system, one kind would look for its packages where the other's are.
    ///
    /// ```pik fails
    /// node extra {
    ///   role    = worker
    ///   os      = rocky-10
    ///   board   = generic-amd64
    ///   memory  = 4GiB
    ///   cpus    = 2
    ///   address = 192.168.11.209
    ///   interface eth0 { }
    /// }
    /// mirror { kubernetes = "https://mirror.example.org/kubernetes/" }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   role    = worker
    ///   os      = rocky-10
    ///   board   = generic-amd64
    ///   memory  = 4GiB
    ///   cpus    = 2
    ///   address = 192.168.11.209
    ///   interface eth0 { }
    /// }
    /// ```
    pub static TWO_KINDS = {
        code: "mirror/two-kinds",
        since: "0.1.0",
        severity: Error,
        title: "one mirror for two kinds of packages",
        help: "leave the mirror out, or give all machines systems of one kind",
        sources: ["docs/rhel.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&NO_LANGUAGE, &NOT_DEBIAN, &NO_WIFI, &TWO_KINDS];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    out.blocks(language);
    out.blocks(keyboard);
    out.blocks(package_names);
    out.blocks(wifi);
    two_kinds(model, out);
}

fn language(settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let language = settings.locale.language.as_ref();
    // What is not written is what the images have.
    let language = language.filter(|language| language.origin.is_written());
    not_set(settings, nodes, "language", &language?.origin)
}

fn keyboard(settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let keyboard = settings.locale.keyboard.as_ref();
    not_set(settings, nodes, "keyboard", &keyboard?.origin)
}

fn not_set(
    settings: &NodeSettings,
    nodes: &[&Node],
    what: &str,
    place: &Origin,
) -> Option<Diagnostic> {
    let os = settings.os.as_ref()?;
    os.value.sets_language.as_ref().filter(|sets| !sets.value)?;
    let message = format!(
        "{} {} {}, on which pikc sets no {what}",
        names(nodes),
        verb(nodes, "has", "have"),
        os.value.title
    );
    let finding = Diagnostic::new(&NO_LANGUAGE, message)
        .label(place.span(), "would change nothing")
        .label(os, "the system");
    Some(left_out(finding, what, place))
}

/// Names that only dnf's packages have, for a machine with apt.
fn package_names(settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let os = settings.os.as_ref()?;
    if os.value.package_manager.value != PackageManager::Apt {
        return None;
    }
    let odd = |c: char| c.is_ascii_uppercase() || c == '_';
    let extra = settings.packages.extra.iter();
    let wrong: Vec<_> = extra.filter(|name| name.value.contains(odd)).collect();
    let listed: Vec<String> = wrong
        .iter()
        .map(|name| format!("`{}`", name.value))
        .collect();
    let first = wrong.first()?;
    let message = format!(
        "{} {} {}, which has no package {}",
        names(nodes),
        verb(nodes, "has", "have"),
        os.value.title,
        listed.join(", ")
    );
    let finding = wrong
        .iter()
        .fold(Diagnostic::new(&NOT_DEBIAN, message), |finding, name| {
            finding.label(name.origin.span(), "no Debian package has such a name")
        });
    let finding = finding.label(os, "the system");
    let meant = first.value.to_ascii_lowercase().replace('_', "-");
    Some(instead(finding, &first.origin, [meant]))
}

fn wifi(settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let os = settings.os.as_ref()?;
    os.value.has_wifi.as_ref().filter(|has| !has.value)?;
    let mut interfaces = settings.interfaces.iter();
    let wifi = interfaces.find_map(|interface| interface.wifi.as_ref())?;
    let message = format!(
        "{} {} {}, whose images have no Wi-Fi",
        names(nodes),
        verb(nodes, "has", "have"),
        os.value.title
    );
    Some(
        Diagnostic::new(&NO_WIFI, message)
            .label(Some(wifi.head), "this network is out of reach")
            .label(os, "the system"),
    )
}

/// A repository behind a mirror, in a cluster with systems of both kinds.
fn two_kinds(model: &Model, out: &mut Findings<'_>) {
    let of = |manager| {
        let mut systems = model
            .nodes
            .iter()
            .filter_map(|node| node.settings.os.as_ref());
        systems.find(|os| os.value.package_manager.value == manager)
    };
    let (Some(apt), Some(dnf)) = (of(PackageManager::Apt), of(PackageManager::Dnf)) else {
        return;
    };
    for (name, mirror) in &model.cluster.mirror.packages {
        let Some(url) = &mirror.url else {
            continue;
        };
        let message = format!(
            "`{name}` has packages of one kind: {} needs those for apt, {} those for dnf",
            apt.value.title, dnf.value.title
        );
        let finding = Diagnostic::new(&TWO_KINDS, message)
            .label(url, "one address")
            .label(apt, "with apt")
            .label(dnf, "with dnf");
        out.push(left_out(finding, name, &url.origin));
    }
}
