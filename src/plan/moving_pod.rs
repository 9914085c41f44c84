//! The pod that keeps an address on one of the control planes: the same on the machines of a class if it announces the address by ARP, and
//! each control plane's own if it speaks to routers by BGP.

use std::sync::Arc;

use serde_json::json;

use super::cni::image_name;
use super::file::Placing;
use super::types::Context;
use crate::model::{Model, Node, NodeSettings, Reached, Vip};
use crate::origin::Sourced;
use crate::stdlib::Runs;

/// Where the kubelet finds it.
pub(super) const POD: &str = "/etc/kubernetes/manifests/kube-vip.yaml";

/// The interface that an address is on which routers lead to: no one asks for it by ARP there.
const LOOPBACK: &str = "lo";

/// The pod, and what it is filled in with.
pub(super) struct Pod {
    /// The file.
    pub placing: Placing,
    /// The image.
    pub image: String,
    /// The port of the API servers.
    pub port: String,
}

/// The pod of machines with these settings that announces the address by ARP.
pub(super) fn by_arp(model: &Model, settings: &NodeSettings, spec: &str) -> Option<Pod> {
    let interface = &settings.cluster_interface()?.name;
    pod(model, interface, None, spec)
}

/// The pod of a control plane that announces the address to routers.
pub(super) fn by_bgp(model: &Model, node: &Node, spec: &str) -> Option<Placing> {
    let vip = model.announced_by_bgp()?;
    let mode = vip.by_bgp()?;
    let home = model.cluster.network.of(node)?;
    let speaker = Speaker {
        node,
        number: vip.as_number.as_ref()?,
        routers: vip.routers_for(home),
        mode,
    };
    let interface = Sourced::new(LOOPBACK.to_owned(), mode.origin.clone());
    Some(pod(model, &interface, Some(&speaker), spec)?.placing)
}

/// A control plane that speaks to routers.
struct Speaker<'a> {
    node: &'a Node,
    number: &'a Sourced<i64>,
    routers: Vec<Reached<'a>>,
    mode: &'a Sourced<String>,
}

fn pod(
    model: &Model,
    interface: &Sourced<String>,
    speaker: Option<&Speaker<'_>>,
    spec: &str,
) -> Option<Pod> {
    let vip = model.cluster.vip.as_ref()?;
    let address = vip.address.as_ref()?;
    let mover = model.facts.mover.as_ref()?;
    let Runs::Pod { image: pulled, .. } = &mover.runs else {
        return None;
    };
    let port = model.cluster.api_port.as_ref()?;
    let mirror = model.cluster.mirror.images.as_ref();
    let image = image_name(model, &pulled.value);
    let why = mirror.map(|mirror| mirror.origin.clone());
    let why = why.into_iter().chain([pulled.origin.clone()]);
    let mut context = Context::default();
    context.set("spec", spec, []);
    context.set("asked", vec![asked(vip)?], [address.origin.clone()]);
    context.set("image", image.clone(), why);
    // Values of environment variables are text.
    let port_text = port.value.to_string();
    context.set("port", port_text.clone(), [port.origin.clone()]);
    let origin = interface.origin.clone();
    context.set("interface", interface.value.clone(), [origin.clone()]);
    let shown = address.value.to_string();
    context.set("address", shown, [address.origin.clone()]);
    match speaker {
        Some(speaker) => speaks(speaker, &mut context)?,
        None => context.set("bgp", json!(null), []),
    }
    let template = format!("vip/{0}/{0}.yaml.j2", mover.name);
    let placing = Placing::template(POD, &template, Arc::new(context)).mode(0o600);
    Some(Pod {
        placing: placing.because([address.origin.clone(), origin]),
        image,
        port: port_text,
    })
}

/// `vip { ... }`, as the spec has it in short.
pub(super) fn asked(vip: &Vip) -> Option<String> {
    let address = vip.address.as_ref()?.value;
    Some(match vip.by_bgp() {
        Some(_) => format!("vip {{ address = {address}, mode = bgp }}"),
        None => format!("vip {{ address = {address} }}"),
    })
}

/// With whom it speaks: kube-vip reads `ADDRESS:AS:PASSWORD:MULTIHOP` of each (pkg/kubevip/config_bgp.go).
fn speaks(speaker: &Speaker<'_>, context: &mut Context) -> Option<()> {
    let own = speaker.node.address.as_ref()?;
    let number = speaker.number;
    let mut peers = Vec::new();
    let mut from = vec![speaker.mode.origin.clone()];
    for reached in &speaker.routers {
        let (at, theirs) = (
            reached.router.address.as_ref()?,
            reached.router.as_number.as_ref()?,
        );
        // Packets to a router of another system live for one hop, unless this is set; those within a system for many.
        let multihop = reached.through_gateway && theirs.value != number.value;
        peers.push(format!("{}:{}::{multihop}", at.value, theirs.value));
        from.extend([at.origin.clone(), theirs.origin.clone()]);
    }
    let values = json!({
        "id": own.value.to_string(),
        "as": number.value.to_string(),
        "peers": peers.join(","),
    });
    context.set("bgp", values, [speaker.mode.origin.clone()]);
    context.because(
        "bgp_id",
        [own.origin.clone(), speaker.node.name.origin.clone()],
    );
    context.because("bgp_as", [number.origin.clone()]);
    context.because("bgp_peers", from);
    Some(())
}
