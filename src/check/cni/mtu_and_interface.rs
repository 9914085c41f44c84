//! The link between the nodes: the CNI uses an interface that exists, and sends packets no larger than it carries.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{CniChoice, Model, Node, USUAL_MTU};
use crate::origin::Sourced;
use crate::value::Val;

declare! {
    /// flannel uses its `mtu` as the MTU of the link between the nodes and tells the pods what is left of it. If the
    /// link carries less, small packets pass and large ones vanish: a login works and a download hangs.
    ///
    /// Without the option, pikc uses the smallest `mtu` of the nodes' interfaces, and flannel asks the interface.
    ///
    /// ```pik fails
    /// interface eth0 { mtu = 1492 }
    /// cni flannel { mtu = 1500 }
    /// ```
    ///
    /// ```pik
    /// interface eth0 { mtu = 1492 }
    /// cni flannel { }
    /// ```
    pub static MTU = {
        code: "cni/mtu",
        since: "0.1.0",
        severity: Error,
        title: "packets larger than the link carries",
        help: "leave `mtu` out of the CNI: it follows the interfaces",
        sources: ["flannel-io/flannel: pkg/backend/vxlan/device.go", "docs.tigera.io/calico/latest/networking/configuring/mtu"],
    }

    /// flannel looks for an interface with this name on every node, and exits on a node that has none
    /// (`Failed to find interface to use`).
    ///
    /// Without the option it uses the interface that has the node's address.
    ///
    /// ```pik fails
    /// cni flannel { interface = wlan7 }
    /// ```
    ///
    /// ```pik
    /// cni flannel { }
    /// ```
    pub static INTERFACE = {
        code: "cni/interface-missing",
        since: "0.1.0",
        severity: Error,
        title: "an interface for the CNI that not every node has",
        help: "leave `interface` out: it follows the nodes' addresses",
        sources: ["flannel-io/flannel#535", "flannel-io/flannel: main.go"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&MTU, &INTERFACE];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    // With the user's own manifest nothing reads the options, which has been reported.
    let Some(choice) = model
        .cluster
        .cni
        .as_ref()
        .filter(|choice| choice.manifest.is_none())
    else {
        return;
    };
    mtu(model, choice, out);
    interface(model, choice, out);
}

fn mtu(model: &Model, choice: &CniChoice, out: &mut Findings<'_>) {
    let Some(Sourced {
        value: Val::Integer(wanted),
        origin,
    }) = choice.option("mtu")
    else {
        return;
    };
    let network = &model.cluster.network;
    let carries = |node: &Node| -> Option<i64> {
        node.settings.cluster_interface()?;
        Some(network.mtu(node).map_or(USUAL_MTU, |mtu| mtu.value))
    };
    let narrow: Vec<&Node> = model
        .nodes
        .iter()
        .filter(|node| carries(node).is_some_and(|carried| carried < *wanted))
        .collect();
    let Some((first, least)) = narrow
        .iter()
        .filter_map(|node| Some((*node, carries(node)?)))
        .min_by_key(|(_, carried)| *carried)
    else {
        return;
    };
    let link = first.settings.cluster_interface();
    let place = link.and_then(|link| match network.mtu(first) {
        Some(mtu) => mtu.origin.span(),
        None => link.name.origin.span(),
    });
    out.push(
        Diagnostic::new(
            &MTU,
            format!(
                "{} would send packets of {wanted} bytes, and the {} of {} {} {least}",
                choice.name.value,
                verb(&narrow, "link", "links"),
                names(&narrow),
                verb(&narrow, "carries", "carry"),
            ),
        )
        .label(origin.span(), "used as the link's MTU")
        .label(place, format!("carries {least}"))
        .remove("leave `mtu` out", origin),
    );
}

fn interface(model: &Model, choice: &CniChoice, out: &mut Findings<'_>) {
    let Some(option) = choice.option("interface") else {
        return;
    };
    let Val::Text(wanted) = &option.value else {
        return;
    };
    let without: Vec<&Node> = model
        .nodes
        .iter()
        .filter(|node| {
            let settings = &node.settings;
            !settings.interfaces.is_empty()
                && settings
                    .interfaces
                    .iter()
                    .all(|one| one.name.value != *wanted)
        })
        .collect();
    let Some(first) = without.first() else {
        return;
    };
    let has = first.settings.interfaces.first();
    out.push(
        Diagnostic::new(
            &INTERFACE,
            format!(
                "{} would look for the interface `{wanted}`, and {} {} none of that name",
                choice.name.value,
                names(&without),
                verb(&without, "has", "have"),
            ),
        )
        .label(option, "looked for on every node")
        .remove("leave `interface` out", &option.origin)
        .label(
            has.map(|one| &one.name),
            format!("what {} has", first.name.value),
        ),
    );
}
