//! What each node has of its own: links into its class, its values, its kubeadm file, its network.

use std::net::IpAddr;
use std::sync::Arc;

use camino::Utf8PathBuf;

use super::class::{Class, Classes};
use super::file::{Placing, below};
use super::hosts::Hosts;
use super::network::{self, Secrets};
use super::step::{self, ClassView};
use super::types::{Artifact, Body, Document, List, Listed, Placed, Plan};
use super::{
    Options, carrier, cni, control_plane, disk, dns, kubeadm, kubelet, moving_pod, once, policy,
    vip,
};
use crate::file_format::node_values::NodeValues;
use crate::file_format::{Writer, made_by};
use crate::model::{Model, Node, Role};
use crate::origin::Origin;
use crate::stdlib::{Hardware, Library, Word as _};
use crate::value::SecretName;

/// Adds the folders of all nodes.
pub(super) fn add_all(
    model: &Model,
    library: &Library,
    classes: &Classes,
    hosts: &Hosts,
    secrets: &mut Secrets<'_>,
    options: &Options,
    plan: &mut Plan,
) {
    let shared = Shared {
        model,
        hosts,
        options,
        control_plane: model
            .first_control_plane()
            .and_then(|node| node.address.clone())
            .map(|address| (address.value, address.origin)),
        manifests: manifests(model, library, options),
        lacking: cni::lacking(model, library, options),
    };
    for node in &model.nodes {
        if let Some(class) = classes.of(&node.settings) {
            add(&shared, node, class, secrets, plan);
        }
    }
}

/// What kubeadm is given: to start the cluster or, on a worker, to join it.
const KUBEADM: &str = "kubeadm.yaml";
/// What kubeadm is given on a control plane that joins.
const KUBEADM_JOIN: &str = "kubeadm-join.yaml";

/// Where a node's folder has its network for netplan.
const NETPLAN: &str = "files/etc/netplan/90-pikc.yaml";

struct Shared<'a> {
    model: &'a Model,
    hosts: &'a Hosts,
    options: &'a Options,
    control_plane: Option<(IpAddr, Origin)>,
    /// What the control plane applies.
    manifests: Vec<Listed>,
    /// The secret that one of those needs and that has no value, and the file.
    lacking: Option<(SecretName, String)>,
}

fn add(
    shared: &Shared<'_>,
    node: &Node,
    class: &Class,
    secrets: &mut Secrets<'_>,
    plan: &mut Plan,
) {
    let folder = format!("nodes/{}", node.name.value);
    let manifests: &[Listed] = match class.role {
        Role::ControlPlane => &shared.manifests,
        Role::Worker => &[],
    };
    links(&folder, node, class, manifests, plan);
    let mut placings = Vec::new();
    let mut missing = Vec::new();
    let mut first_boot = None;
    if let Some(found) = network::files(shared.model, node, &shared.options.spec, secrets) {
        placings.extend(found.placings);
        missing = found.missing;
        first_boot = found.first_boot;
    }
    if let Some(lines) = shared.hosts.of(node, shared.model) {
        placings.push(Placing::fragment("hosts", lines));
    }
    if class.role == Role::ControlPlane {
        missing.extend(shared.lacking.clone());
        let (files, lacking) = control_plane::files(shared.model, &shared.options.spec, secrets);
        placings.extend(files);
        placings.extend(vip::keepalived(shared.model, node, &shared.options.spec));
        placings.extend(moving_pod::by_bgp(shared.model, node, &shared.options.spec));
        lacks(&format!("{folder}/files"), lacking, secrets, &mut missing);
    }
    placings.extend(with_secret(shared, node, class, secrets, &mut missing));
    placings.push(values(shared, node, &missing));
    placings.extend(disk::files(shared.model, node, &shared.options.spec));
    placings.extend(kubeadm_files(shared, node));
    placings.extend(once::files(shared.model, node, shared.options));
    let mut entries = Vec::with_capacity(placings.len() + 1);
    let netplan = placings
        .iter()
        .find(|placing| placing.path == NETPLAN)
        .cloned()
        .or(first_boot);
    let secret = placings.iter().any(|placing| placing.secret)
        || manifests.iter().any(|listed| listed.placed.mode == 0o600);
    for placing in placings {
        let placing = placing.because([node.name.origin.clone()]);
        let (artifact, listed) = placing.artifact(&folder, false);
        plan.artifacts.push(artifact);
        entries.push(listed);
    }
    entries.extend(manifests.iter().cloned());
    entries.sort_by(|a, b| a.bundle.cmp(&b.bundle));
    plan.lists.push(List {
        path: below(&folder, "node.list"),
        entries,
    });
    if let Some(payload) = class.payload {
        let input = carrier::Input {
            model: shared.model,
            node,
            payload,
            list: plan.lists.len() - 1,
            netplan: netplan.as_ref(),
            secret,
            missing: &missing,
            options: shared.options,
        };
        carrier::add(&input, secrets, plan);
    }
}

/// The file of the container runtime that holds accounts at registries.
fn logins(
    shared: &Shared<'_>,
    node: &Node,
    class: &Class,
    secrets: &Secrets<'_>,
) -> Option<Result<Placing, (SecretName, String)>> {
    let settings = &node.settings;
    let view = ClassView {
        model: shared.model,
        settings,
        system: &settings.os.as_ref()?.value,
        board: &settings.board.as_ref()?.value,
        role: class.role,
        spec: &shared.options.spec,
        hosts: shared.hosts,
        by_itself: shared.options.own.is_some(),
    };
    step::with_logins(&view, secrets)
}

/// The files of a node that hold a secret of its spec: passwords of accounts, and logins at registries. What lacks a value is added to
/// `missing`.
fn with_secret(
    shared: &Shared<'_>,
    node: &Node,
    class: &Class,
    secrets: &mut Secrets<'_>,
    missing: &mut Vec<(SecretName, String)>,
) -> Vec<Placing> {
    let folder = format!("nodes/{}", node.name.value);
    let (mut placings, lacking) = once::passwords(node, secrets);
    lacks(&folder, lacking, secrets, missing);
    match logins(shared, node, class, secrets) {
        Some(Ok(file)) => placings.push(file),
        Some(Err(lacking)) => lacks(&format!("{folder}/files"), [lacking], secrets, missing),
        None => {}
    }
    placings
}

/// Notes files below `folder` that are left out, each with the secret that has no value.
fn lacks(
    folder: &str,
    lacking: impl IntoIterator<Item = (SecretName, String)>,
    secrets: &mut Secrets<'_>,
    missing: &mut Vec<(SecretName, String)>,
) {
    for (name, path) in lacking {
        secrets.lacks(&name, Utf8PathBuf::from(format!("{folder}{path}")));
        missing.push((name, path));
    }
}

fn links(folder: &str, node: &Node, class: &Class, manifests: &[Listed], plan: &mut Plan) {
    let class_folder = format!("../../{}", class.folder());
    let origins: Arc<[Origin]> = Arc::from([node.name.origin.clone()]);
    let mut link = |name: &str, target: Utf8PathBuf| {
        plan.artifacts.push(Artifact {
            path: below(folder, name),
            mode: 0o777,
            body: Body::Link(target),
            origins: Arc::clone(&origins),
        });
    };
    for name in ["run.sh", "lib.sh", "reset.sh", "steps", "class.list"] {
        link(name, below(&class_folder, name));
    }
    for name in class.own_scripts() {
        link(name, below(&class_folder, name));
    }
    if class.verifies() {
        link("verify.sh", below(&class_folder, "verify.sh"));
    }
    link("common", below(&class_folder, "files"));
    if class.has_fragments {
        link("common-fragments", below(&class_folder, "fragments"));
    }
    // Only if there is something: a dangling link would make a copy of the folder fail.
    for name in ["cni", "dns", "policy"] {
        let inside = |listed: &Listed| listed.bundle.split('/').next() == Some(name);
        if manifests.iter().any(inside) {
            link(name, below("../../cluster", name));
        }
    }
}

/// What the control plane applies, as its bundle sees it.
pub(super) fn manifests(model: &Model, library: &Library, options: &Options) -> Vec<Listed> {
    cni::bundle(model, library, options)
        .into_iter()
        .chain(dns::bundle(model).into_iter().map(|file| (file, false)))
        .chain(policy::bundle(model).into_iter().map(|file| (file, false)))
        .map(|(file, secret)| Listed {
            output: Utf8PathBuf::from("cluster").join(&file),
            bundle: file,
            placed: Placed::root(if secret { 0o600 } else { 0o644 }),
        })
        .collect()
}

/// `node.conf`: what the steps, which are the same for the whole class, need to know about this node.
fn values(shared: &Shared<'_>, node: &Node, missing: &[(SecretName, String)]) -> Placing {
    let settings = &node.settings;
    let mut values = Writer::<NodeValues>::new();
    values.text("name", &node.name.value, [node.name.origin.clone()]);
    if let Some(role) = &settings.role {
        values.text("role", role.value.word(), [role.origin.clone()]);
    }
    if let Some(address) = &node.address {
        values.plain("address", address.value, [address.origin.clone()]);
    }
    if let Some(address) = &node.address_ipv6 {
        values.plain("address-ipv6", address.value, [address.origin.clone()]);
    }
    if let Some(interface) = settings.cluster_interface() {
        let mut origins = vec![interface.name.origin.clone()];
        origins.extend(interface.cluster.iter().map(|on| on.origin.clone()));
        values.text("interface", &interface.name.value, origins);
        for device in network::devices(settings) {
            values.device(device.name, device.mac, device.driver, device.from);
        }
    }
    if let Some(board) = &settings.board {
        let why = |fact: &Origin| [board.origin.clone(), fact.clone()];
        let facts = &board.value;
        let here = Origin::Written(facts.span);
        values.text("board", &facts.name, why(&here));
        values.text("board-title", &facts.title, why(&here));
        if let Some(compatible) = &facts.compatible {
            values.text("compatible", &compatible.value, why(&compatible.origin));
        }
        values.plain(
            "memory-mib",
            facts.memory.value.mebibytes(),
            why(&facts.memory.origin),
        );
        if facts.hardware == Hardware::Generic {
            values.plain("cpus", facts.cores.value, why(&facts.cores.origin));
        }
    }
    if let Some(boot) = &settings.boot {
        values.text("boot", boot.value.word(), [boot.origin.clone()]);
    }
    if let Some((address, origin)) = joins_through(shared, node) {
        values.plain("control-plane-address", address, [origin]);
    }
    disk::values(settings, &mut values);
    for (secret, path) in missing {
        values.missing_secret(&secret.0, path);
    }
    let mut placing = Placing::fragment("node.conf", values.finish());
    placing.path = Utf8PathBuf::from("node.conf");
    placing
}

/// Where a machine's join file comes from: the first control plane, or the second one if this is the first and joins again.
fn joins_through(shared: &Shared<'_>, node: &Node) -> Option<(IpAddr, Origin)> {
    let role = node.settings.role.as_ref()?;
    if role.value == Role::Worker {
        return shared.control_plane.clone();
    }
    let planes = shared.model.several_control_planes()?;
    let other = planes
        .iter()
        .find(|plane| plane.name.value != node.name.value)?;
    let address = other.address.clone()?;
    Some((address.value, address.origin))
}

fn kubeadm_files(shared: &Shared<'_>, node: &Node) -> Vec<Placing> {
    let model = shared.model;
    let own = kubelet::node_kubelet(model, node);
    let is_control_plane = node
        .settings
        .role
        .as_ref()
        .is_some_and(|role| role.value == Role::ControlPlane);
    let cluster = &model.cluster.name.value;
    let name = &node.name.value;
    let several = is_control_plane && model.several_control_planes().is_some();
    let mut wanted = Vec::new();
    if is_control_plane {
        let what = match several {
            true => "a control plane",
            false => "the control plane",
        };
        let what = format!("kubeadm init on {name}: {what} of the cluster {cluster}.");
        wanted.push((KUBEADM, what, kubeadm::init(model, node, &own)));
    }
    if several || !is_control_plane {
        // A control plane needs the first file, too: for kubeadm's commands after it has joined.
        let (file, what) = match several {
            true => (KUBEADM_JOIN, "a further control plane"),
            false => (KUBEADM, "a worker"),
        };
        let what = format!("kubeadm join on {name}: {what} of the cluster {cluster}.");
        wanted.push((file, what, kubeadm::join(model, node, &own)));
    }
    let spec = &shared.options.spec;
    let mut files = Vec::new();
    for (file, what, documents) in wanted {
        files.extend(documents.map(|documents| yaml(file, &what, documents, spec)));
    }
    if let Some(documents) = kubeadm::patch(&own) {
        files.push(yaml(
            "patches/kubeletconfiguration+merge.yaml",
            &format!(
                "The settings of the kubelet of {} that differ from those of the other nodes.",
                node.name.value
            ),
            documents,
            spec,
        ));
    }
    files
}

fn yaml(path: &str, why: &str, documents: Vec<Document>, spec: &str) -> Placing {
    let header = vec![why.to_owned(), made_by(spec)];
    let placing = Placing::yaml(path, header, documents);
    match path {
        KUBEADM | KUBEADM_JOIN => placing.mode(0o600),
        _ => placing,
    }
}
