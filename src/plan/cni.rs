//! What is applied to the cluster so that pods reach each other.
//!
//! A CNI of the library is a folder: `NAME.yaml.j2` is a whole manifest; `kustomization.yaml.j2` lies over
//! upstream's own files, which the control plane fetches and compares with their checksums; `values.yaml.j2`
//! are the values of a Helm chart, which it fetches likewise, with Helm;
//! `resources.yaml.j2` holds what an operator makes the rest out of; `objects.yaml.j2` holds objects that options ask for; `secret.yaml.j2` the Secret with the value that
//! an option names, a file that nobody but its owner reads. Nothing here knows any CNI by name.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use camino::Utf8PathBuf;
use serde_json::json;

use super::Options;
use super::file::header;
use super::network::Secrets;
use super::types::{Artifact, Body, Context, Line, Plan};
use crate::model::{CniChoice, Model};
use crate::origin::{Origin, Sourced};
use crate::stdlib::{Cni, Library, Upstream};
use crate::value::{Endpoint, SecretName, Val};

/// A file that a template of the CNI's folder becomes.
pub(super) struct Part {
    /// The template, below `stdlib/`.
    template: String,
    /// The file, as a machine's bundle sees it and below `cluster/`.
    pub path: String,
    /// Whether it holds a secret.
    pub secret: bool,
}

/// The image under the mirror's registry, if there is one.
pub(super) fn image_name(model: &Model, image: &str) -> String {
    match (&model.cluster.mirror.images, image.split_once('/')) {
        (Some(mirror), Some((_, path))) => format!("{}/{path}", mirror.value),
        _ => image.to_owned(),
    }
}

pub(super) fn brought(model: &Model) -> Option<&Sourced<Utf8PathBuf>> {
    model.cluster.cni.as_ref()?.manifest.as_ref()
}

/// Adds what is applied to the cluster: the library's manifest, the overlay over upstream's, objects
/// beside them; or the file that the user brings.
pub(super) fn add(
    model: &Model,
    library: &Library,
    options: &Options,
    secrets: &mut Secrets<'_>,
    plan: &mut Plan,
) {
    let (Some(choice), Some(facts)) = (&model.cluster.cni, &model.facts.cni) else {
        return;
    };
    if let (Some(manifest), Some(text)) = (&choice.manifest, &choice.brought) {
        plan.artifacts.push(Artifact {
            path: Utf8PathBuf::from(format!("cluster/cni/10-{}.yaml", facts.name)),
            mode: 0o644,
            body: Body::Verbatim(Arc::from(text.as_bytes())),
            origins: Arc::from([manifest.origin.clone()]),
        });
        return;
    }
    let context = Arc::new(context(model, choice, facts, options));
    let because: Arc<[Origin]> = Arc::from([choice.name.origin.clone()]);
    if let Some((name, path)) = lacking(model, library, options) {
        secrets.lacks(&name, Utf8PathBuf::from("cluster").join(path));
    }
    for part in parts(model, library, options) {
        let context = match secret(model).filter(|_| part.secret) {
            Some(named) => Arc::new(with_secret(&context, &named, options)),
            None => Arc::clone(&context),
        };
        plan.artifacts.push(Artifact {
            path: Utf8PathBuf::from("cluster").join(&part.path),
            mode: if part.secret { 0o600 } else { 0o644 },
            body: Body::Template {
                name: part.template,
                context,
            },
            origins: Arc::clone(&because),
        });
    }
    let files = upstream(model);
    for file in &files {
        if let Some((bytes, sum)) = copy(model, options, file) {
            plan.artifacts.push(Artifact {
                path: Utf8PathBuf::from(format!("cluster/cni/10-{}/{}", facts.name, file.file)),
                mode: 0o644,
                body: Body::Verbatim(bytes),
                origins: Arc::from([sum.origin]),
            });
        }
    }
    if !files.is_empty() {
        let mut lines = header(
            "What is fetched and compared before it is used: checksum, file, address.",
            &options.spec,
        );
        for file in files {
            let sum =
                copy(model, options, file).map_or_else(|| file.sha256.clone(), |(_, sum)| sum);
            lines.push(Line::from(
                format!("{}  {}  {}", sum.value, file.file, file.url.value),
                [sum.origin, file.url.origin.clone()],
            ));
        }
        plan.artifacts.push(Artifact {
            path: Utf8PathBuf::from(format!("cluster/cni/10-{}/upstream.list", facts.name)),
            mode: 0o644,
            body: Body::Lines(lines),
            origins: because,
        });
    }
}

/// The files that a machine of the control plane gets, by their paths in its bundle, and whether each
/// holds a secret.
pub(super) fn bundle(model: &Model, library: &Library, options: &Options) -> Vec<(String, bool)> {
    let Some(facts) = &model.facts.cni else {
        return Vec::new();
    };
    if brought(model).is_some() {
        return vec![(format!("cni/10-{}.yaml", facts.name), false)];
    }
    let mut files: Vec<(String, bool)> = parts(model, library, options)
        .into_iter()
        .map(|part| (part.path, part.secret))
        .collect();
    if !upstream(model).is_empty() {
        files.push((format!("cni/10-{}/upstream.list", facts.name), false));
        let at_hand = upstream(model)
            .into_iter()
            .filter(|file| copy(model, options, file).is_some())
            .map(|file| file.file.clone());
        files.extend(at_hand.map(|file| (format!("cni/10-{}/{file}", facts.name), false)));
    }
    files
}

/// Whether nobody but the operator brings the network of the pods.
pub(super) fn by_hand(model: &Model) -> bool {
    model.facts.cni.as_ref().is_some_and(|facts| facts.by_hand) && brought(model).is_none()
}

/// The secret that an option of the CNI names.
pub(super) fn secret(model: &Model) -> Option<Sourced<SecretName>> {
    let choice = model.cluster.cni.as_ref()?;
    let option = model.facts.cni.as_ref()?.secret_option.as_ref()?;
    choice.secret(option).filter(|_| choice.manifest.is_none())
}

/// The secret without a value, and the file of the bundle that is left out for want of it.
pub(super) fn lacking(
    model: &Model,
    library: &Library,
    options: &Options,
) -> Option<(SecretName, String)> {
    let name = secret(model)?.value;
    if options.secrets.contains_key(&name) {
        return None;
    }
    let all = templates(model, library);
    let part = all.into_iter().find(|part| part.secret)?;
    Some((name, part.path))
}

/// What the CNI's templates become for this cluster, without what a missing secret leaves out.
fn parts(model: &Model, library: &Library, options: &Options) -> Vec<Part> {
    let given = secret(model).is_some_and(|name| options.secrets.contains_key(&name.value));
    let mut parts = templates(model, library);
    parts.retain(|part| !part.secret || given);
    parts
}

/// The templates that the CNI has in the library, and where what they make goes.
fn templates(model: &Model, library: &Library) -> Vec<Part> {
    let (Some(choice), Some(facts)) = (&model.cluster.cni, &model.facts.cni) else {
        return Vec::new();
    };
    let name = &facts.name;
    let wants = |option: &Sourced<String>| {
        choice
            .written
            .iter()
            .any(|(name, ..)| *name == option.value)
    };
    // The folder of a way that was taken comes before the CNI's own.
    let template = |file: &str| {
        let own = facts.taken.iter().rev();
        own.map(|way| format!("cni/{name}/{way}/{file}"))
            .find(|path| library.text(path).is_some())
            .unwrap_or_else(|| format!("cni/{name}/{file}"))
    };
    let part = |file: String, path: String, secret: bool| Part {
        template: template(&file),
        path: format!("cni/{path}"),
        secret,
    };
    let mut all = vec![
        part(format!("{name}.yaml.j2"), format!("10-{name}.yaml"), false),
        part(
            "kustomization.yaml.j2".to_owned(),
            format!("10-{name}/kustomization.yaml"),
            false,
        ),
        part(
            "values.yaml.j2".to_owned(),
            format!("10-{name}/values.yaml"),
            false,
        ),
        part(
            "resources.yaml.j2".to_owned(),
            format!("15-{name}-resources.yaml"),
            false,
        ),
    ];
    if secret(model).is_some() {
        let path = format!("05-{name}-secret.yaml");
        all.push(part("secret.yaml.j2".to_owned(), path, true));
    }
    if facts.objects_for.iter().any(wants) || says_bgp(model) {
        let path = format!("20-{name}-objects.yaml");
        all.push(part("objects.yaml.j2".to_owned(), path, false));
    }
    all.retain(|part| library.text(&part.template).is_some());
    all
}

/// The context of the Secret: no other file's holds the value.
fn with_secret(context: &Context, named: &Sourced<SecretName>, options: &Options) -> Context {
    let mut own = context.clone();
    if let Some(value) = options.secrets.get(&named.value) {
        // As an object of Kubernetes holds it.
        own.set("secret", STANDARD.encode(value), [named.origin.clone()]);
    }
    own
}

/// The upstream files that this cluster's options ask for.
pub(super) fn upstream(model: &Model) -> Vec<&Upstream> {
    let (Some(choice), Some(facts)) = (&model.cluster.cni, &model.facts.cni) else {
        return Vec::new();
    };
    choice.made_from(facts)
}

/// A file of upstream's that is at hand: the user's own copy, or that of a vendored folder; with its checksum and why it is this one.
pub(super) fn copy(
    model: &Model,
    options: &Options,
    file: &Upstream,
) -> Option<(Arc<[u8]>, Sourced<String>)> {
    let choice = model.cluster.cni.as_ref()?;
    if let (Some(Ok(text)), Some(folder)) = (choice.copies.get(&file.file), &choice.upstream) {
        let sum = choice.sum_of(&file.file).unwrap_or_default();
        let bytes = Arc::from(text.as_bytes());
        return Some((bytes, Sourced::new(sum, folder.origin.clone())));
    }
    let bytes = options.vendored.get(&file.file)?;
    Some((Arc::clone(bytes), file.sha256.clone()))
}

/// What the templates of a CNI are filled in with.
fn context(model: &Model, choice: &CniChoice, facts: &Cni, options: &Options) -> Context {
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
    // What the cluster's interfaces carry, where nothing else is said.
    if let Some(mtu) = link_mtu(model)
        && choice.option("mtu").is_none()
    {
        given.insert("mtu".to_owned(), json!(mtu.value));
        context.because("options.mtu", [mtu.origin]);
    }
    context.set("options", given, []);
    context.origins.remove("options");
    let reach = iface(model);
    context.set(
        "can_reach",
        reach.as_ref().map(|found| found.value.clone()),
        reach.map(|found| found.origin),
    );
    let backend = choice.backend();
    let chosen = backend
        .as_ref()
        .and_then(|name| facts.backends.iter().find(|known| known.name == name.value));
    context.set(
        "overhead",
        // A header of IPv6 round a packet is 20 bytes longer.
        chosen.map_or(0, |chosen| match (chosen.overhead, ipv6) {
            (1.., Some(_)) => chosen.overhead + 20,
            _ => chosen.overhead,
        }),
        backend.iter().map(|name| name.origin.clone()),
    );
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

/// Whether somebody says how the nodes speak BGP.
fn says_bgp(model: &Model) -> bool {
    model.speaks_bgp() && (model.cluster.bgp.is_some() || !model.route_reflectors().is_empty())
}

/// Whom the nodes tell their routes.
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

/// What says so: the peers, and whether there is a mesh.
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

/// Where the API server is reached without its service: what does the services' work cannot use one.
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
    let gateway = model.cluster.network.gateway.as_ref()?;
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

/// The smallest MTU that a cluster interface states, if any does.
fn link_mtu(model: &Model) -> Option<Sourced<i64>> {
    model
        .nodes
        .iter()
        .filter_map(|node| node.settings.cluster_interface()?.mtu.as_ref())
        .min_by_key(|mtu| mtu.value)
        .cloned()
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
