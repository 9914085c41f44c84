//! flannel's manifest: what it sets for which options, and that each value in it has its origin.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{Context, Engine};
use crate::origin::{Origin, Sourced};
use crate::render::Text;
use crate::render::yaml::reader;
use crate::source::{FileId, Span};

const NAME: &str = "cni/flannel/flannel.yaml.j2";
const SOURCE: &str = include_str!("../../../stdlib/cni/flannel/flannel.yaml.j2");

fn sourced(value: impl Into<Json>, number: usize) -> Sourced<Json> {
    let span = Span::new(FileId(0), number, number + 1);
    Sourced::new(value.into(), Origin::Written(span))
}

fn manifest(version: &str, changed: &[(&str, Json)]) -> Text {
    let defaults = [
        ("backend", json!("vxlan")),
        ("vni", json!(1)),
        ("port", json!(8472)),
        ("direct-routing", json!(false)),
        ("listen-port", json!(51820)),
        ("keepalive", json!(0)),
        ("mtu", Json::Null),
        ("interface", Json::Null),
        ("nftables", json!(false)),
    ];
    let options: BTreeMap<&str, Sourced<Json>> = defaults
        .into_iter()
        .chain(changed.iter().cloned())
        .map(|(key, value)| (key, sourced(value, 3)))
        .collect();
    let mut context = Context::new();
    let set = [
        context.set("spec", &"cluster.pik"),
        context.set("asked", &["cni flannel   (cluster home)"]),
        context.set("pods", &sourced("10.244.0.0/16", 1)),
        context.set("pods_ipv6", &sourced(Json::Null, 1)),
        context.set("version", &sourced(version, 2)),
        context.set("options", &options),
        context.set(
            "images",
            &[sourced("r/flannel:v1", 4), sourced("r/plugin:v2", 5)],
        ),
    ];
    assert!(set.iter().all(Result::is_ok));
    let engine = Engine::new([(NAME, SOURCE)]).expect("it compiles");
    engine
        .render(NAME, &context, &[], true)
        .expect("it renders")
}

/// The documents, by kind.
fn objects(text: &Text) -> Vec<(String, Json)> {
    reader::documents(&text.text)
        .into_iter()
        .map(|object| {
            (
                object["kind"].as_str().unwrap_or_default().to_owned(),
                object,
            )
        })
        .collect()
}

fn network(text: &Text) -> Json {
    let objects = objects(text);
    let (_, config) = objects
        .iter()
        .find(|(kind, _)| kind == "ConfigMap")
        .expect("a ConfigMap");
    let data = config["data"]["net-conf.json"].as_str().expect("text");
    serde_json::from_str(data).expect("JSON")
}

fn pod(text: &Text) -> Json {
    let objects = objects(text);
    let (_, set) = objects.last().expect("a DaemonSet");
    set["spec"]["template"]["spec"].clone()
}

#[test]
fn six_objects_in_the_order_in_which_they_need_each_other() {
    let text = manifest("0.28.9", &[]);
    let kinds: Vec<String> = objects(&text).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(
        kinds,
        [
            "Namespace",
            "ClusterRole",
            "ClusterRoleBinding",
            "ServiceAccount",
            "ConfigMap",
            "DaemonSet"
        ]
    );
}

#[test]
fn each_backend_gets_its_own_settings_and_no_others() {
    let backend =
        |options: &[(&str, Json)]| network(&manifest("0.28.9", options))["Backend"].take();
    assert_eq!(
        network(&manifest("0.28.9", &[])),
        json!({
            "Network": "10.244.0.0/16",
            "EnableNFTables": false,
            "Backend": {"VNI": 1, "Port": 8472, "DirectRouting": false, "Type": "vxlan"},
        })
    );
    assert_eq!(
        backend(&[("backend", json!("wireguard")), ("mtu", json!(1492))]),
        json!({"ListenPort": 51820, "PersistentKeepaliveInterval": 0, "MTU": 1492, "Type": "wireguard"})
    );
    assert_eq!(
        backend(&[("backend", json!("host-gw")), ("mtu", json!(1492))]),
        json!({"Type": "host-gw"})
    );
    assert_eq!(
        backend(&[("backend", json!("ipip")), ("direct-routing", json!(true))]),
        json!({"DirectRouting": true, "Type": "ipip"})
    );
}

#[test]
fn an_older_image_is_not_asked_for_what_it_does_not_have() {
    let new = pod(&manifest("0.28.9", &[("interface", json!("eth0"))]));
    assert_eq!(
        new["containers"][0]["args"],
        json!([
            "--ip-masq",
            "--kube-subnet-mgr",
            "--iface=eth0",
            "--healthz-port=8081"
        ])
    );
    assert_eq!(
        new["containers"][0]["readinessProbe"]["httpGet"]["path"],
        "/readyz"
    );
    assert_eq!(
        new["initContainers"][1]["command"],
        json!(["/opt/bin/install-conf"])
    );
    assert_eq!(new["initContainers"][0]["image"], "r/plugin:v2");
    let old = pod(&manifest("0.28.5", &[]));
    assert_eq!(
        old["containers"][0]["args"],
        json!(["--ip-masq", "--kube-subnet-mgr"])
    );
    assert_eq!(old["containers"][0]["livenessProbe"], Json::Null);
    assert_eq!(old["initContainers"][1]["command"], json!(["cp"]));
    let ten = pod(&manifest("0.28.10", &[]));
    assert_eq!(ten["containers"][0]["readinessProbe"]["periodSeconds"], 10);
}

#[test]
fn every_value_has_its_origin() {
    let text = manifest("0.28.9", &[]);
    let of = |needle: &str| {
        let at = text.text.lines().position(|line| line.contains(needle));
        let line = &text.lines[at.unwrap_or_else(|| panic!("no {needle}"))];
        line.first().and_then(Origin::span).map(|span| span.start)
    };
    assert_eq!(of("\"Network\""), Some(1));
    assert_eq!(of("\"VNI\""), Some(3));
    assert_eq!(of("image:"), Some(4));
    assert_eq!(of("/readyz"), Some(2));
    assert_eq!(of("hostNetwork"), None);
}
