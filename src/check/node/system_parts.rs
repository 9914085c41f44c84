//! What a system cannot do, and what only one kind of system can use.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::check::support::offers::left_out;
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

pub(in crate::check) static CODES: &[&Descriptor] = &[&NO_LANGUAGE, &NO_WIFI, &TWO_KINDS];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    out.blocks(language);
    out.blocks(wifi);
    two_kinds(model, out);
}

fn language(settings: &NodeSettings, nodes: &[&Node]) -> Option<Diagnostic> {
    let os = settings.os.as_ref()?;
    os.value.sets_language.as_ref().filter(|sets| !sets.value)?;
    let locale = &settings.locale;
    // What is not written is what the images have.
    let language = locale.language.as_ref();
    let language = language.filter(|language| language.origin.is_written());
    let (what, place): (&str, &Origin) = match (language, &locale.keyboard) {
        (Some(language), _) => ("language", &language.origin),
        (None, Some(keyboard)) => ("keyboard", &keyboard.origin),
        (None, None) => return None,
    };
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
