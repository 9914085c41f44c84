//! kubeadm's documents as leaves: kind, path and text, arguments under their names whatever their shape.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser};

/// A document: its kind, API version and leaves.
#[derive(Debug)]
pub struct Document {
    pub kind: String,
    pub api: String,
    pub leaves: BTreeMap<String, String>,
}

#[derive(Clone)]
enum Node {
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// The documents of kubeadm's in a text; also those in a ConfigMap.
pub fn documents(text: &str) -> Vec<Document> {
    let mut events = Parser::new_from_str(text).map(|event| event.expect("YAML").0);
    let mut anchors = BTreeMap::new();
    let mut all = Vec::new();
    while let Some(event) = events.next() {
        if matches!(event, Event::DocumentStart(_)) {
            let first = events.next().expect("an event");
            let root = read(first, &mut events, &mut anchors);
            gather(&root, &mut all);
        }
    }
    all
}

fn gather(root: &Node, all: &mut Vec<Document>) {
    let Node::Map(pairs) = root else { return };
    let get = |key: &str| {
        pairs
            .iter()
            .find(|(own, _)| own == key)
            .map(|(_, node)| node)
    };
    let text = |key: &str| match get(key) {
        Some(Node::Scalar(text)) => text.clone(),
        _ => String::new(),
    };
    let (kind, api) = (text("kind"), text("apiVersion"));
    if let ("List", Some(Node::List(items))) = (kind.as_str(), get("items")) {
        items.iter().for_each(|item| gather(item, all));
    }
    if let ("ConfigMap", Some(Node::Map(data))) = (kind.as_str(), get("data")) {
        for (_, held) in data {
            if let Node::Scalar(text) = held
                && text.contains("kind: ")
            {
                all.extend(documents(text));
            }
        }
    }
    if !api.contains("k8s.io/") || !kind.ends_with("Configuration") {
        return;
    }
    let mut leaves = BTreeMap::new();
    flatten("", root, &mut leaves);
    leaves.remove("kind");
    leaves.remove("apiVersion");
    all.push(Document { kind, api, leaves });
}

fn flatten(path: &str, node: &Node, out: &mut BTreeMap<String, String>) {
    let below = |key: &str| match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    };
    match node {
        Node::Map(pairs) => {
            for (key, inner) in pairs {
                flatten(&below(key), inner, out);
            }
        }
        Node::List(items) => {
            let is_arguments = path.ends_with("xtraArgs");
            // What pikc mounts for a setting of its own comes first and has its own names.
            let own = |item: &&Node| {
                match item {
                Node::Map(pairs) => pairs.iter().all(|(key, node)| {
                    !matches!(node, Node::Scalar(text) if key == "name" && text.starts_with("pikc-"))
                }),
                Node::Scalar(_) | Node::List(_) => true,
            }
            };
            for (number, item) in items.iter().filter(own).enumerate() {
                match item {
                    Node::Map(pairs) if is_arguments => {
                        let text = |key: &str| match pairs.iter().find(|(own, _)| own == key) {
                            Some((_, Node::Scalar(text))) => text.clone(),
                            _ => String::new(),
                        };
                        out.entry(below(&text("name"))).or_insert(text("value"));
                    }
                    _ => flatten(&format!("{path}[{number}]"), item, out),
                }
            }
            if items.is_empty() {
                out.insert(path.to_owned(), "[]".to_owned());
            }
        }
        Node::Scalar(text) => {
            out.insert(path.to_owned(), text.clone());
        }
    }
}

fn read<'a>(
    event: Event<'a>,
    events: &mut impl Iterator<Item = Event<'a>>,
    anchors: &mut BTreeMap<usize, Node>,
) -> Node {
    let next = |events: &mut dyn Iterator<Item = Event<'a>>| events.next().expect("an event");
    match event {
        Event::Scalar(text, style, anchor, _) => {
            let plain = style == saphyr_parser::ScalarStyle::Plain;
            let text = match text.as_ref() {
                "null" | "~" if plain => String::new(),
                text => text.to_owned(),
            };
            anchors.insert(anchor, Node::Scalar(text.clone()));
            Node::Scalar(text)
        }
        Event::SequenceStart(anchor, ..) => {
            let mut items = Vec::new();
            loop {
                match next(events) {
                    Event::SequenceEnd => break kept(anchor, Node::List(items), anchors),
                    event => items.push(read(event, events, anchors)),
                }
            }
        }
        Event::MappingStart(anchor, ..) => {
            let mut pairs = Vec::new();
            loop {
                match next(events) {
                    Event::MappingEnd => break kept(anchor, Node::Map(pairs), anchors),
                    Event::Scalar(key, ..) => {
                        let event = next(events);
                        pairs.push((key.into_owned(), read(event, events, anchors)));
                    }
                    other => panic!("{other:?} as a key"),
                }
            }
        }
        Event::Alias(anchor) => anchors.get(&anchor).cloned().expect("an anchor"),
        other => panic!("{other:?}"),
    }
}

fn kept(anchor: usize, node: Node, anchors: &mut BTreeMap<usize, Node>) -> Node {
    anchors.insert(anchor, node.clone());
    node
}
