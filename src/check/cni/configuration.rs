//! The CNI: there is one, its backend runs here, and its network is the pod range.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::check::support::offers::{instead, left_out};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{CniChoice, Model, Node};
use crate::origin::Sourced;
use crate::stdlib::{Backend, Cni};

declare! {
    /// Kubernetes connects no pods by itself. Without a CNI every node stays NotReady.
    ///
    /// ```pik fails
    /// cluster home {
    ///   kubernetes = 1.36
    ///   network {
    ///     lan     = 192.168.11.0/24
    ///     gateway = 192.168.11.1
    ///     dns     = [192.168.11.1]
    ///   }
    ///   runtime crio { }
    /// }
    /// ```
    ///
    /// ```pik
    /// cni flannel { }
    /// ```
    pub static MISSING = {
        code: "cni/missing",
        since: "0.1.0",
        severity: Error,
        title: "a cluster without a CNI",
        help: "write `cni flannel { }` in the cluster",
        sources: ["kubernetes.io/docs/concepts/cluster-administration/networking"],
    }

    /// kubeadm hands each node a piece of `pods`, and flannel routes the network in its own configuration. If the two
    /// differ, flannel stops ("the subnet does not contain the node's PodCIDR"), or, in older releases, starts with
    /// routes that lead nowhere.
    ///
    /// Without a `manifest` of your own this cannot happen: pikc writes flannel's network from `pods`.
    ///
    /// ```pik fails
    /// cni flannel { manifest = "tests/specs/kube-flannel.yml" }
    /// ```
    ///
    /// ```pik
    /// cni flannel { }
    /// ```
    pub static DIFFERS = {
        code: "cni/network-differs-from-pods",
        since: "0.1.0",
        severity: Error,
        title: "the CNI's network is not the pod range",
        help: "leave `manifest` out, or change one of the two",
        sources: ["flannel-io/flannel#1983", "flannel-io/flannel#1428"],
    }

    /// The manifest that the spec names cannot be read, or contains no network to compare with the pod range.
    ///
    /// ```pik fails
    /// cni flannel { manifest = "no-such-file.yml" }
    /// ```
    ///
    /// ```pik
    /// cni flannel { }
    /// ```
    pub static UNREADABLE = {
        code: "cni/manifest-unreadable",
        since: "0.1.0",
        severity: Error,
        title: "a manifest without a network that pikc can read",
        help: "write the path of flannel's manifest, relative to the spec",
        sources: ["flannel-io/flannel: Documentation/configuration.md"],
    }

    /// This option belongs to another backend, to a part of the CNI that is off, or to the manifest that pikc would have
    /// written. It changes nothing.
    ///
    /// ```pik fails
    /// cni flannel { backend = host-gw, port = 8473 }
    /// ```
    ///
    /// ```pik
    /// cni flannel { backend = vxlan, port = 8473 }
    /// ```
    pub static NO_EFFECT = {
        code: "cni/option-without-effect",
        since: "0.1.0",
        severity: Error,
        title: "an option that nothing reads",
        help: "drop the option, or choose the backend that reads it",
        sources: ["flannel-io/flannel: Documentation/backends.md"],
    }

    /// This backend does not run on this kind of processor.
    ///
    /// ```pik fails
    /// cni flannel { backend = udp }
    /// ```
    ///
    /// ```pik
    /// cni flannel { backend = vxlan }
    /// ```
    pub static ARCHITECTURE = {
        code: "cni/backend-architecture",
        since: "0.1.0",
        severity: Error,
        title: "a backend that the boards cannot run",
        help: "choose another backend; vxlan runs everywhere",
        sources: ["flannel-io/flannel: pkg/backend/udp"],
    }

    /// host-gw sends packets for pods straight to the node that runs them, so all nodes must be on one layer-2 network.
    /// Many Wi-Fi access points isolate their clients from each other, or answer for them, and then pods on different
    /// nodes do not reach each other.
    ///
    /// ```pik fails
    /// cni flannel { backend = host-gw }
    /// locale { country = JP }
    /// interface wlan0 { wifi { ssid = "home", passphrase = secret:wifi } }
    /// ```
    ///
    /// ```pik
    /// cni flannel { backend = vxlan }
    /// locale { country = JP }
    /// interface wlan0 { wifi { ssid = "home", passphrase = secret:wifi } }
    /// ```
    pub static SHARED_L2 = {
        code: "cni/backend-needs-shared-l2",
        since: "0.1.0",
        severity: Warning,
        title: "a backend that needs a direct link, over Wi-Fi",
        help: "write `backend = vxlan`",
        sources: ["flannel-io/flannel#1520", "flannel-io/flannel#2219"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[
    &MISSING,
    &DIFFERS,
    &UNREADABLE,
    &NO_EFFECT,
    &ARCHITECTURE,
    &SHARED_L2,
];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some(choice) = &model.cluster.cni else {
        if !model.damaged
            && model
                .entities
                .first()
                .is_some_and(|(cluster, _)| !cluster.damaged && cluster.child("cni").is_none())
        {
            let finding = Diagnostic::new(&MISSING, "the cluster has no CNI")
                .label(model.cluster.head, "no `cni` block here");
            let line = "cni flannel { }";
            let head = model.cluster.head;
            out.push(finding.choice(|it| it.add_inside(format!("add `{line}`"), head, line)));
        }
        return;
    };
    manifest(model, out);
    options(choice, out);
    backend(model, choice, out);
}

/// Options that nothing reads.
fn options(choice: &CniChoice, out: &mut Findings<'_>) {
    let backend = choice.backend();
    for (option, key, applies) in &choice.written {
        let finding = if let Some(manifest) = &choice.manifest {
            Diagnostic::new(
                &NO_EFFECT,
                format!("`{option}` changes nothing: the manifest is your own"),
            )
            .label(*key, "nothing reads this")
            .label(manifest, "applied as it is")
            .remove_block(format!("drop `{option}`"), *key)
        } else if let Some(backend) = backend
            .as_ref()
            .filter(|backend| !applies.is_empty() && !applies.contains(&backend.value))
        {
            Diagnostic::new(
                &NO_EFFECT,
                format!("the backend {} does not read `{option}`", backend.value),
            )
            .label(*key, "nothing reads this")
            .label(backend, "the backend")
            .help(format!(
                "drop `{option}`, or write `backend = {}`",
                applies.join("` or `backend = ")
            ))
            .choice(|it| it.remove_block(format!("drop `{option}`"), *key))
        } else if let Some((other, given)) = choice.switched_off(option) {
            Diagnostic::new(
                &NO_EFFECT,
                format!("`{option}` changes nothing without `{other}`"),
            )
            .label(*key, "nothing reads this")
            .label(given, "off")
            .help(format!("drop `{option}`, or write `{other} = on`"))
            .choice(|it| {
                it.remove_block(format!("drop `{option}`"), *key)
                    .write(&given.origin, "on")
            })
        } else {
            continue;
        };
        out.push(finding);
    }
}

/// A backend that runs on these boards and over these links.
fn backend(model: &Model, choice: &CniChoice, out: &mut Findings<'_>) {
    let Some((facts, backend)) = model.facts.cni.as_ref().zip(choice.backend()) else {
        return;
    };
    let Some(chosen) = facts
        .backends
        .iter()
        .find(|known| known.name == backend.value)
    else {
        return;
    };
    boards(model, facts, chosen, &backend, out);
    links(model, choice, facts, chosen, &backend, out);
}

/// A backend that does not run on every board.
fn boards(
    model: &Model,
    facts: &Cni,
    chosen: &Backend,
    backend: &Sourced<String>,
    out: &mut Findings<'_>,
) {
    let strange = model.on_boards(|board| {
        let known = &chosen.architectures;
        !known.is_empty() && !known.contains(&board.architecture.value)
    });
    if let Some(first) = strange.first() {
        let message = format!(
            "{} runs the backend {} on {} only, and {} cannot",
            facts.title,
            chosen.name,
            chosen.architectures.join(", "),
            names(&strange)
        );
        let finding = Diagnostic::new(&ARCHITECTURE, message)
            .label(backend, "this backend")
            .label(&first.settings.board, "this board");
        let everywhere = facts
            .backends
            .iter()
            .find(|other| other.architectures.is_empty());
        out.push(instead(
            finding,
            &backend.origin,
            everywhere.map(|other| &other.name),
        ));
    }
}

/// Plain routes between nodes with an access point in between.
fn links(
    model: &Model,
    choice: &CniChoice,
    facts: &Cni,
    chosen: &Backend,
    backend: &Sourced<String>,
    out: &mut Findings<'_>,
) {
    let wireless: Vec<&Node> = model
        .nodes
        .iter()
        .filter(|node| {
            node.settings
                .cluster_interface()
                .is_some_and(|interface| interface.wifi.is_some())
        })
        .collect();
    // Packets without encapsulation need it, too, if they are asked for.
    let direct = facts
        .direct_option
        .as_ref()
        .and_then(|option| choice.option(option))
        .filter(|direct| direct.value.to_string() == "on" && direct.origin.span().is_some());
    let (what, place) = match (&direct, chosen.same_l2) {
        (_, true) => (chosen.name.clone(), backend.origin.span()),
        (Some(direct), false) => {
            let option = facts.direct_option.as_deref().unwrap_or_default();
            (format!("`{option} = on`"), direct.origin.span())
        }
        (None, false) => return,
    };
    if let Some(first) = wireless.first() {
        let wifi = first
            .settings
            .cluster_interface()
            .and_then(|interface| interface.wifi.as_ref());
        let message = format!(
            "{what} needs a direct link between all nodes, and {} {} on Wi-Fi",
            names(&wireless),
            verb(&wireless, "is", "are")
        );
        let finding = Diagnostic::new(&SHARED_L2, message)
            .label(place, "plain routes from node to node")
            .label(wifi.map(|wifi| wifi.head), "an access point stands between");
        let over = facts.backends.iter().find(|other| !other.same_l2);
        out.push(match (chosen.same_l2, direct) {
            (true, _) => instead(finding, &backend.origin, over.map(|other| &other.name)),
            (false, Some(direct)) => instead(finding, &direct.origin, ["off"]),
            (false, None) => finding,
        });
    }
}

fn manifest(model: &Model, out: &mut Findings<'_>) {
    let Some(choice) = &model.cluster.cni else {
        return;
    };
    let Some(manifest) = &choice.manifest else {
        return;
    };
    match &choice.brought_network {
        None => {}
        Some(Err(why)) => {
            let message = format!(
                "`{}` cannot be compared with the pod range: {why}",
                manifest.value
            );
            let finding =
                Diagnostic::new(&UNREADABLE, message).label(manifest, "your own manifest");
            out.push(left_out(finding, "manifest", &manifest.origin));
        }
        Some(Ok(network)) => {
            let Some(pods) = model
                .cluster
                .network
                .pods
                .as_ref()
                .filter(|pods| pods.value != network.value)
            else {
                return;
            };
            let range = network.value;
            let finding =
                Diagnostic::new(
                    &DIFFERS,
                    format!("{} would route {range}, but pods get addresses from {}", choice.name.value, pods.value),
                )
                .label(pods, "kubeadm hands each node a piece of this range")
                .label(network.span, "your manifest sets this")
                .label(manifest, "your own manifest")
                .help(format!(
                              "leave `manifest` out and pikc writes {}'s network from `pods`, or change one of the two to the other's range",
          choice.name.value
        ));
            let finding = instead(finding, &pods.origin, [range]);
            // Only what the manifest brings may enforce policies.
            out.push(match model.cluster.policies.is_empty() {
                true => left_out(finding, "manifest", &manifest.origin),
                false => finding,
            });
        }
    }
}
