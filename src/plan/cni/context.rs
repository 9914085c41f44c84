//! The values of a CNI's templates: its facts, the options, and what the templates use of the cluster.

use serde_json::json;

use super::image_name;
use crate::model::{CniChoice, Model, Node, USUAL_MTU};
use crate::origin::{Origin, Sourced};
use crate::plan::Options;
use crate::plan::types::Context;
use crate::stdlib::Cni;
use crate::value::{Endpoint, Val};

/// The values of a CNI's templates.
pub(super) fn context(
    model: &Model,
    choice: &CniChoice,
    facts: &Cni,
    options: &Options,
) -> Context {
    let mut context = Context::default();
    context.set("spec", options.spec.clone(), []);
    if let Some(pods) = &model.cluster.network.pods {
        context.set("pods", pods.value.to_string(), [pods.origin.clone()]);
    }
    let ipv6 = model.cluster.network.ipv6.as_ref();
    let second = ipv6.and_then(|ipv6| ipv6.pods.as_ref());
    context.set(
        "pods_ipv6",
        second.map(|pods| pods.value.to_string()),
        second.map(|pods| pods.origin.clone()),
    );
    context.set(
        "version",
        facts.version.as_ref().map(|one| one.value.to_string()),
        facts.version.as_ref().map(|one| one.origin.clone()),
    );
    let images: Vec<String> = facts
        .images
        .iter()
        .map(|image| image_name(model, &image.value))
        .collect();
    let image_origins = facts.images.iter().map(|image| image.origin.clone()).chain(
        model
            .cluster
            .mirror
            .images
            .iter()
            .map(|mirror| mirror.origin.clone()),
    );
    context.set("images", images, image_origins);
    context.set(
        "asked",
        vec![format!("cni {}", choice.name.value)],
        [choice.name.origin.clone()],
    );
    options_of(model, choice, &mut context);
    let reach = iface(model);
    context.set(
        "can_reach",
        reach.as_ref().map(|found| found.value.clone()),
        reach.map(|found| found.origin),
    );
    overhead(model, choice, facts, &mut context);
    context.set("nodes", model.nodes.len(), []);
    context.set("bgp", bgp(model), []);
    for (key, origins) in bgp_origins(model) {
        context.because(key, origins);
    }
    let api = api(model);
    let reached = api
        .as_ref()
        .map(|api| json!({"host": api.value.0, "port": api.value.1.to_string()}));
    context.set("api", reached, api.map(|api| api.origin));
    let mirror = model.cluster.mirror.images.as_ref();
    context.set(
        "registry",
        mirror.map(|mirror| mirror.value.clone()),
        mirror.map(|mirror| mirror.origin.clone()),
    );
    context
}

/// The options of the CNI's block; what they leave open follows from the cluster.
fn options_of(model: &Model, choice: &CniChoice, context: &mut Context) {
    let mut given = serde_json::Map::new();
    for (name, value) in &choice.options {
        if let Some(value) = value {
            given.insert(name.clone(), to_json(&value.value));
            context.because(&format!("options.{name}"), [value.origin.clone()]);
        } else {
            given.insert(name.clone(), serde_json::Value::Null);
            context.because(&format!("options.{name}"), []);
        }
    }
    // What the cluster's interfaces carry, if nothing else is set.
    if let Some(mtu) = link_mtu(model)
        && choice.option("mtu").is_none()
    {
        given.insert("mtu".to_owned(), json!(mtu.value));
        context.because("options.mtu", [mtu.origin]);
    }
    context.set("options", given, []);
    context.origins.remove("options");
}

/// How much of each packet the backend uses for itself.
fn overhead(model: &Model, choice: &CniChoice, facts: &Cni, context: &mut Context) {
    let ipv6 = model.cluster.network.ipv6.as_ref();
    let backend = choice.backend();
    let chosen = backend
        .as_ref()
        .and_then(|name| facts.backends.iter().find(|known| known.name == name.value));
    context.set(
        "overhead",
        // An outer IPv6 header is 20 bytes longer.
        chosen.map_or(0, |chosen| match (chosen.overhead, ipv6) {
            (1.., Some(_)) => chosen.overhead + 20,
            _ => chosen.overhead,
        }),
        backend.iter().map(|name| name.origin.clone()),
    );
}

/// Whether the spec configures how the nodes speak BGP.
pub(super) fn says_bgp(model: &Model) -> bool {
    model.speaks_bgp() && (model.cluster.bgp.is_some() || !model.route_reflectors().is_empty())
}

/// The peers to which the nodes announce their routes.
fn bgp(model: &Model) -> serde_json::Value {
    if !model.speaks_bgp() {
        return serde_json::Value::Null;
    }
    let peers = model.cluster.bgp.iter().flat_map(|bgp| &bgp.peers);
    let peers: Vec<serde_json::Value> = peers
        .map(|peer| {
            let nodes: Vec<&str> = peer.nodes.iter().map(|node| node.value.as_str()).collect();
            json!({
                "name": peer.name.value,
                "address": peer.address.as_ref().map(|address| address.value.to_string()),
                "as_number": peer.as_number.as_ref().map(|number| number.value),
                "nodes": nodes,
            })
        })
        .collect();
    json!({
        "mesh": model.bgp_mesh(),
        "reflectors": !model.route_reflectors().is_empty(),
        "peers": peers,
    })
}

/// Where that is set: the peers, and whether there is a mesh.
fn bgp_origins(model: &Model) -> [(&'static str, Vec<Origin>); 2] {
    let block = model.cluster.bgp.as_ref();
    let mut mesh: Vec<Origin> = model
        .route_reflectors()
        .iter()
        .filter_map(|node| Some(node.settings.route_reflector.as_ref()?.origin.clone()))
        .collect();
    mesh.extend(
        block
            .and_then(|bgp| bgp.mesh.as_ref())
            .map(|mesh| mesh.origin.clone()),
    );
    let peers = block.iter().flat_map(|bgp| &bgp.peers).flat_map(|peer| {
        [
            Some(peer.name.origin.clone()),
            peer.address.as_ref().map(|address| address.origin.clone()),
            peer.as_number.as_ref().map(|number| number.origin.clone()),
        ]
        .into_iter()
        .flatten()
        .chain(peer.nodes.iter().map(|node| node.origin.clone()))
    });
    [("bgp_mesh", mesh), ("bgp_peers", peers.collect())]
}

/// Where the API server is reached without its service: what replaces kube-proxy cannot use a service.
fn api(model: &Model) -> Option<Sourced<(String, u16)>> {
    let port = model.cluster.api_port.as_ref()?;
    if let Some(endpoint) = &model.cluster.endpoint {
        let Endpoint { host, port: own } = endpoint.value.clone();
        let reached = (host, own.unwrap_or(port.value));
        return Some(Sourced::new(reached, endpoint.origin.clone()));
    }
    let address = model.first_control_plane()?.address.as_ref()?;
    let from = [address.origin.clone(), port.origin.clone()];
    let origin = Origin::derived(
        "the API server's own address, as there is no endpoint",
        from,
    );
    Some(Sourced::new(
        (address.value.to_string(), port.value),
        origin,
    ))
}

/// flannel looks for the interface from which it reaches this address: with several interfaces on a
/// node, that is the one in the cluster's network, whatever its name.
fn iface(model: &Model) -> Option<Sourced<String>> {
    let gateway = model.cluster.network.gateways().next()?;
    let several = model
        .nodes
        .iter()
        .find(|node| node.settings.interfaces.len() > 1)?;
    let interface = several.settings.cluster_interface()?;
    Some(Sourced::new(
        gateway.value.to_string(),
        Origin::derived(
            "with several interfaces the CNI is told to use the one that reaches the network's router",
            [gateway.origin.clone(), interface.name.origin.clone()],
        ),
    ))
}

/// The smallest MTU of the links between the nodes, if the spec sets one: where it sets larger ones only, a link of the usual size counts, too.
fn link_mtu(model: &Model) -> Option<Sourced<i64>> {
    let network = &model.cluster.network;
    let stated = model.nodes.iter().filter_map(|node| network.mtu(node));
    let least = stated.min_by_key(|mtu| mtu.value)?;
    let usual = |node: &Node| network.mtu(node).is_none();
    if least.value <= USUAL_MTU || !model.nodes.iter().any(usual) {
        return Some(least.clone());
    }
    let why = "some links carry more than the usual 1500 bytes, and others do not";
    let origin = Origin::derived(why, [least.origin.clone()]);
    Some(Sourced::new(USUAL_MTU, origin))
}

/// A value for a template: what has a natural JSON form keeps it, the rest is text.
fn to_json(value: &Val) -> serde_json::Value {
    match value {
        Val::Boolean(on) => json!(on),
        Val::Integer(number) => json!(number),
        Val::Port(port) => json!(port),
        other => json!(other.to_string()),
    }
}
