//! Files that a machine uses once, and that are then removed from its bundle: what it is given so that it belongs to the cluster
//! without a person's help, if the spec has a secrets file; and the hashes of passwords.
//!
//! Which machine gets which secret is decided by the secret itself (`Own::holders`): a worker gets no key of an authority.

use std::sync::Arc;

use super::Options;
use super::document::fields::{Field, Fields};
use super::file::Placing;
use super::network::Secrets;
use super::types::{Document, TypedDocument};
use crate::file_format::made_by;
use crate::model::{Data, Model, Node, Role};
use crate::origin::{Origin, Sourced};
use crate::secret::{Held, Holder, Own, Ring};
use crate::value::SecretName;

/// The folder in a bundle.
const FOLDER: &str = "once";

/// The files of a node; none without a secrets file.
pub(super) fn files(model: &Model, node: &Node, options: &Options) -> Vec<Placing> {
    let (Some(ring), Some(holder)) = (&options.own, holder(model, node)) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (own, held) in ring
        .iter()
        .filter(|(own, _)| own.holders().contains(&holder))
    {
        let elsewhere = *own == Own::EtcdCa && model.cluster.control_plane.external_etcd.is_some();
        if let Some([public, private]) = own.files().filter(|_| !elsewhere) {
            all.extend(
                held.public
                    .as_deref()
                    .map(|text| lines(&format!("pki/{public}"), text)),
            );
            all.push(lines(&format!("pki/{private}"), held.value.expose()));
        }
    }
    if let Some(token) = ring.get(&Own::Token) {
        if holder == Holder::First {
            all.extend(secret(token, options));
        }
        // With several, the first one joins as well if the cluster runs already: it has lost its disk.
        if holder != Holder::First || model.several_control_planes().is_some() {
            all.extend(discovery(model, ring, token, options));
        }
    }
    all
}

/// The hashes of its accounts' passwords, a file each; and the secrets that have no value, with the file that lacks them.
pub(super) fn passwords(
    node: &Node,
    secrets: &Secrets<'_>,
) -> (Vec<Placing>, Vec<(SecretName, String)>) {
    let (mut placings, mut missing) = (Vec::new(), Vec::new());
    for user in &node.settings.users {
        let Some(password) = &user.password else {
            continue;
        };
        let path = format!("passwords/{}", user.name.value);
        match secrets.value(&password.value) {
            Some(hash) => {
                let placing = lines(&path, hash.trim());
                placings.push(placing.because([Origin::secret([password.origin.clone()])]));
            }
            None => missing.push((password.value.clone(), format!("/{FOLDER}/{path}"))),
        }
    }
    (placings, missing)
}

/// What a node needs of the secrets.
fn holder(model: &Model, node: &Node) -> Option<Holder> {
    let first = model.first_control_plane()?;
    Some(match node.settings.role.as_ref()?.value {
        Role::Worker => Holder::Worker,
        Role::ControlPlane if first.name.value == node.name.value => Holder::First,
        Role::ControlPlane => Holder::Other,
    })
}

/// A file as it is, which ends with a line break.
fn lines(name: &str, text: &str) -> Placing {
    let mut text = text.to_owned();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let file = Placing::brought(&format!("{FOLDER}/{name}"), Arc::from(text.as_bytes()));
    file.secret().because([Origin::secret([])])
}

/// The same as the join file that a control plane makes: whom to trust, where it is, and the token.
fn discovery(model: &Model, ring: &Ring, token: &Held, options: &Options) -> Option<Placing> {
    let authority = ring.get(&Own::Ca)?.public.as_deref()?;
    let (server, why) = server(model)?;
    let hidden = Origin::secret([]);
    let window = model.cluster.join.window.as_ref()?;
    let ours = Origin::derived(
        "a machine joins by itself, with the token of the secrets file",
        [],
    );
    let text =
        |text: String, why: &Origin| Field::Value(Sourced::new(Data::Text(text), why.clone()));
    let named = |name: &str, key: &str, inside: Fields| {
        let mut one = Fields::default();
        one.put(&["name"], text(name.to_owned(), &ours));
        one.put(&[key], Field::Map(inside));
        Field::List(vec![Field::Map(one)])
    };
    let mut cluster = Fields::default();
    cluster.put(&["server"], text(server, &why));
    let packed = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, authority);
    cluster.put(&["certificate-authority-data"], text(packed, &hidden));
    let mut context = Fields::default();
    context.put(&["cluster"], text("cluster".to_owned(), &ours));
    context.put(&["user"], text("join".to_owned(), &ours));
    let mut user = Fields::default();
    user.put(&["token"], text(token.value.expose().to_owned(), &hidden));
    let mut fields = Fields::default();
    fields.put(&["clusters"], named("cluster", "cluster", cluster));
    fields.put(&["contexts"], named("join", "context", context));
    fields.put(&["current-context"], text("join".to_owned(), &ours));
    fields.put(&["users"], named("join", "user", user));
    let header = vec![
        "Lets this machine join the cluster, once. Keep it secret.".to_owned(),
        format!("window-seconds: {}", window.value.0),
        made_by(&options.spec),
    ];
    let document = Document {
        typed: TypedDocument::object("v1", "Config"),
        fields,
    };
    let path = format!("{FOLDER}/discovery.conf");
    Some(
        Placing::yaml(&path, header, vec![document])
            .secret()
            .because([window.origin.clone()]),
    )
}

/// The token as the API server knows it (kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens). The step that creates it
/// adds the last line: until when it is valid.
fn secret(token: &Held, options: &Options) -> Option<Placing> {
    let (id, secret) = token.value.expose().split_once('.')?;
    let hidden = Origin::secret([]);
    let text = |text: &str| Field::Value(Sourced::new(Data::Text(text.to_owned()), hidden.clone()));
    let mut fields = Fields::default();
    fields.put(
        &["metadata", "name"],
        text(&["bootstrap-token-", id].concat()),
    );
    fields.put(&["metadata", "namespace"], text("kube-system"));
    fields.put(&["type"], text("bootstrap.kubernetes.io/token"));
    for (name, value) in [
        ("token-id", id),
        ("token-secret", secret),
        ("usage-bootstrap-authentication", "true"),
        ("usage-bootstrap-signing", "true"),
        (
            "auth-extra-groups",
            "system:bootstrappers:kubeadm:default-node-token",
        ),
    ] {
        fields.put(&["stringData", name], text(value));
    }
    let header = vec![
        "Lets machines join by themselves. Keep it secret.".to_owned(),
        made_by(&options.spec),
    ];
    let document = Document {
        typed: TypedDocument::object("v1", "Secret"),
        fields,
    };
    Some(Placing::yaml("once/token.yaml", header, vec![document]).secret())
}

/// The address under which every machine reaches the API server, and where it comes from.
pub(super) fn server(model: &Model) -> Option<(String, Origin)> {
    let port = model.cluster.api_port.as_ref()?;
    if let Some(endpoint) = &model.cluster.endpoint {
        let mut full = endpoint.value.clone();
        full.port = full.port.or(Some(port.value));
        let why = Origin::derived(
            "every node reaches the API server there",
            [endpoint.origin.clone(), port.origin.clone()],
        );
        return Some((format!("https://{full}"), why));
    }
    let address = model.first_control_plane()?.address.as_ref()?;
    let full = std::net::SocketAddr::new(address.value, port.value);
    let why = Origin::derived(
        "every node reaches the API server there",
        [address.origin.clone(), port.origin.clone()],
    );
    Some((format!("https://{full}"), why))
}
