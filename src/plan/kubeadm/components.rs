//! The components of the control plane as kubeadm's file has them: arguments, volumes, etcd, and settings that a field holds as
//! it is.
//!
//! The two versions of the API differ in one thing here: v1beta3 writes arguments as a map, v1beta4 as a list of names and values
//! (kubernetes/kubeadm#3067).

use crate::model::{Component, Data, Model, Target};
use crate::origin::{Origin, Sourced};
use crate::plan::carried::put_all;
use crate::plan::control_plane::{self, Place};
use crate::plan::document::fields::{Field, Fields};
use crate::value::Size;

/// A component: its program, and its place in the ClusterConfiguration.
struct InCluster<'a> {
    program: &'a str,
    path: &'a [&'a str],
    component: &'a Component,
}

/// What the ClusterConfiguration says of the components; `old` is whether arguments are a map.
pub(super) fn cluster(model: &Model, old: bool) -> Fields {
    let mut fields = Fields::default();
    let control_plane = &model.cluster.control_plane;
    let components = [
        InCluster {
            program: "kube-apiserver",
            path: &["apiServer"],
            component: &control_plane.api_server.component,
        },
        InCluster {
            program: "kube-controller-manager",
            path: &["controllerManager"],
            component: &control_plane.controller_manager,
        },
        InCluster {
            program: "kube-scheduler",
            path: &["scheduler"],
            component: &control_plane.scheduler,
        },
        InCluster {
            program: "etcd",
            path: &["etcd", "local"],
            component: &control_plane.etcd,
        },
    ];
    let places = control_plane::places(model);
    for place in components {
        let path = |last| [place.path, &[last]].concat();
        let arguments = arguments(model, place.program, place.component, &places);
        if !arguments.is_empty() {
            fields.put(&path("extraArgs"), shaped(arguments, old));
        }
        let volumes = volumes(place.program, place.component, &places);
        if !volumes.is_empty() {
            fields.put(&path("extraVolumes"), Field::List(volumes));
        }
    }
    if control_plane.external_etcd.is_some() {
        for place in places.iter().filter(|place| place.program == "etcd") {
            if let Some(field) = place.field {
                fields.text(&["etcd", "external", field], place.path_there());
            }
        }
    }
    put_all(
        &mut fields,
        "ClusterConfiguration",
        &model.cluster.carried,
        model,
    );
    moving_address(model, &mut fields);
    fields
}

/// The address that moves is in the API server's certificate even if the endpoint is a name: kubeadm adds the endpoint only.
fn moving_address(model: &Model, fields: &mut Fields) {
    let Some(address) = model.moving_address() else {
        return;
    };
    let endpoint = model.cluster.endpoint.as_ref();
    if endpoint.is_some_and(|it| it.value.address() == Some(address.value)) {
        return;
    }
    let path = ["apiServer", "certSANs"];
    let mut names = match fields.get(&path) {
        Some(Field::Value(Sourced {
            value: Data::List(names),
            ..
        })) => names.clone(),
        _ => Vec::new(),
    };
    names.push(
        address
            .clone()
            .map(|address| Data::Text(address.to_string())),
    );
    let from = names.iter().map(|name| name.origin.clone());
    let origin = Origin::derived(
        "the names of the API server, with the address that moves",
        from,
    );
    fields.put(&path, Field::Value(Sourced::new(Data::List(names), origin)));
}

/// The arguments of a program, by name: what pikc decides, what settings become, and those that the spec gives as they are.
fn arguments(
    model: &Model,
    program: &str,
    component: &Component,
    places: &[Place<'_>],
) -> Vec<(String, Sourced<String>)> {
    let mut all = Vec::new();
    for one in &model.cluster.carried {
        if let Target::Argument {
            program: whose,
            name,
        } = &one.target
            && whose == program
        {
            let value = one.value.clone().map(|value| value.argument());
            all.push((name.clone(), value));
        }
    }
    for place in places.iter().filter(|place| place.program == program) {
        if let Some(argument) = place.argument {
            all.push((argument.to_owned(), place.path_there()));
        }
    }
    match program {
        "kube-apiserver" => api_server(model, &mut all),
        "kube-controller-manager" => all.extend(node_prefix(model)),
        _ => {}
    }
    for (name, value) in &component.extra_args {
        let from = [name.origin.clone(), value.origin.clone()];
        let origin = Origin::derived("an argument that the spec gives", from);
        all.push((
            name.value.clone(),
            Sourced::new(value.value.clone(), origin),
        ));
    }
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    all
}

fn api_server(model: &Model, all: &mut Vec<(String, Sourced<String>)>) {
    let api_server = &model.cluster.control_plane.api_server;
    if !api_server.enable.is_empty() {
        // What is given here takes the place of what kubeadm turns on.
        let mut names = vec!["NodeRestriction"];
        let own = api_server.enable.iter().map(|one| one.value.as_str());
        names.extend(own.filter(|name| *name != "NodeRestriction"));
        let from = api_server.enable.iter().map(|one| one.origin.clone());
        let origin = Origin::derived("NodeRestriction stays on, as kubeadm has it", from);
        all.push((
            "enable-admission-plugins".to_owned(),
            Sourced::new(names.join(","), origin),
        ));
    }
    if let Some(audit) = &api_server.audit {
        let written = Origin::Written(audit.head);
        all.push((
            "audit-log-path".to_owned(),
            Sourced::new(control_plane::AUDIT_LOG.to_owned(), written),
        ));
        if let Some(size) = &audit.size {
            let mebibytes = size
                .clone()
                .map(|size: Size| size.mebibytes().max(1).to_string());
            all.push(("audit-log-maxsize".to_owned(), mebibytes));
        }
    }
}

/// How long each node's piece of the pod range is. Kubernetes' own default is said only by leaving it out.
fn node_prefix(model: &Model) -> Option<(String, Sourced<String>)> {
    let prefix = model.cluster.network.node_prefix.as_ref()?;
    (prefix.value != 24).then(|| {
        (
            "node-cidr-mask-size-ipv4".to_owned(),
            prefix.clone().map(|length| length.to_string()),
        )
    })
}

/// Arguments in the shape of a version of the API.
fn shaped(arguments: Vec<(String, Sourced<String>)>, old: bool) -> Field {
    if old {
        let mut map = Fields::default();
        for (name, value) in arguments {
            map.text(&[&name], value);
        }
        return Field::Map(map);
    }
    let argument = |(name, value): (String, Sourced<String>)| {
        let mut one = Fields::default();
        one.text(&["name"], Sourced::new(name, value.origin.clone()));
        one.text(&["value"], value);
        Field::Map(one)
    };
    Field::List(arguments.into_iter().map(argument).collect())
}

/// What a component sees of the machine: what pikc places there for it, and what the spec names.
fn volumes(program: &str, component: &Component, places: &[Place<'_>]) -> Vec<Field> {
    let mut all = Vec::new();
    for place in places
        .iter()
        .filter(|place| place.program == program && place.mounted)
    {
        let mut one = Fields::default();
        let origin = place.origin();
        let text = |text: &str| Sourced::new(text.to_owned(), origin.clone());
        one.text(&["name"], text(place.volume));
        one.text(&["hostPath"], text(place.path));
        one.text(&["mountPath"], text(place.path));
        if !place.writable {
            one.put(
                &["readOnly"],
                Field::Value(Sourced::new(Data::Boolean(true), origin.clone())),
            );
        }
        one.text(&["pathType"], text(place.kind));
        all.push(Field::Map(one));
    }
    for volume in &component.volumes {
        let mut one = Fields::default();
        one.text(&["name"], volume.name.clone());
        one.text(&["hostPath"], volume.host.clone());
        one.text(&["mountPath"], volume.mount.clone());
        let writable = volume.writable.as_ref();
        if !writable.is_some_and(|writable| writable.value) {
            let origin =
                writable.map_or_else(|| volume.name.origin.clone(), |on| on.origin.clone());
            one.put(
                &["readOnly"],
                Field::Value(Sourced::new(Data::Boolean(true), origin)),
            );
        }
        if let Some(kind) = &volume.kind {
            one.text(&["pathType"], kind.clone());
        }
        all.push(Field::Map(one));
    }
    all
}
