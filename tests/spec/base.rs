//! A sound spec around a piece of one: what the piece says takes the place of what the spec says.
//!
//! A block of the cluster replaces the base's of its kind; settings and blocks of machines go into the
//! worker; `node`, `profile` and `cluster` replace the base's of that name; all else is added.
//! Whole lines are moved, with their comments.

use std::collections::BTreeSet;

use pikc::ast::{self, Item};
use pikc::diagnostic::Diagnostics;
use pikc::source::{FileId, Span};
use pikc::syntax;

const CLUSTER_SETTINGS: &[&str] = &["kubernetes", "endpoint", "api-port", "dns-domain", "hosts"];
const CLUSTER_BLOCKS: &[&str] = &[
    "network", "time", "runtime", "cni", "proxy", "join", "mirror", "policy", "bgp", "kubeadm",
];
const TOP_BLOCKS: &[&str] = &["cluster", "node", "profile", "let", "allow"];

/// The base, a piece a line: where it stands, its name, its text.
const BASE: &[(Place, &str, &str)] = &[
    (Place::Cluster, "kubernetes", "  kubernetes = 1.36\n"),
    (
        Place::Cluster,
        "network",
        "  network {\n    lan     = 192.168.11.0/24\n    gateway = 192.168.11.1\n    dns     = [192.168.11.1]\n  }\n",
    ),
    (Place::Cluster, "runtime", "  runtime crio { }\n"),
    (Place::Cluster, "cni", "  cni flannel { }\n"),
    (
        Place::Top,
        "profile pi",
        "profile pi {\n  os = raspios-trixie\n  locale { country = JP }\n  user pi { ssh-keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop\"] }\n}\n",
    ),
    (
        Place::Top,
        "node node01",
        "node node01 {\n  profile = pi\n  role = control-plane\n  board = pi-4b-2g\n  address = 192.168.11.201\n  interface eth0 { }\n}\n",
    ),
    (Place::Worker, "profile", "  profile = pi\n"),
    (Place::Worker, "role", "  role = worker\n"),
    (Place::Worker, "board", "  board = pi-4b-4g\n"),
    (Place::Worker, "address", "  address = 192.168.11.202\n"),
    (Place::Worker, "interface", "  interface eth0 { }\n"),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Cluster,
    Worker,
}

/// The piece with the base around it. A piece that cannot be taken apart stands at the end, as it is.
pub fn around(piece: &str) -> String {
    let file = FileId(0);
    let parsed = syntax::parse(file, piece);
    let mut problems = Diagnostics::default();
    let document = ast::lower(&parsed.tree, file, piece, &mut problems);
    let mut own: Vec<(Place, String, &str)> = Vec::new();
    let mut rest = "";
    if document.damaged {
        rest = piece;
    } else {
        own = document
            .items
            .iter()
            .map(|item| sorted(item, piece))
            .collect();
    }
    let said: BTreeSet<&str> = own.iter().map(|(_, name, _)| name.as_str()).collect();
    let gather = |place: Place| -> String {
        let mine = own
            .iter()
            .filter(|(at, ..)| *at == place)
            .map(|(_, _, text)| *text);
        let kept = BASE
            .iter()
            .filter(|(at, name, _)| *at == place && !said.contains(name))
            .map(|(_, _, text)| *text);
        kept.chain(mine).collect()
    };
    let uses: String = own
        .iter()
        .filter(|(_, name, _)| name == "use")
        .map(|(_, _, text)| *text)
        .collect();
    let cluster = if own.iter().any(|(_, name, _)| name.starts_with("cluster ")) {
        String::new()
    } else {
        format!("cluster home {{\n{}}}\n", gather(Place::Cluster))
    };
    let worker = if said.contains("node node02") {
        String::new()
    } else {
        format!("node node02 {{\n{}}}\n", gather(Place::Worker))
    };
    let top: String = gather(Place::Top);
    let top = if uses.is_empty() {
        top
    } else {
        top.replacen(&uses, "", 1)
    };
    format!("{uses}{cluster}{top}{worker}{rest}")
}

/// Where an item belongs, what it replaces, and its lines.
fn sorted<'a>(item: &Item, piece: &'a str) -> (Place, String, &'a str) {
    match item {
        Item::Setting(setting) => {
            let name = setting.key.value.clone();
            let place = if name == "use" {
                Place::Top
            } else if CLUSTER_SETTINGS.contains(&name.as_str()) {
                Place::Cluster
            } else {
                Place::Worker
            };
            (place, name, lines(setting.span, piece))
        }
        Item::Block(block) => {
            let kind = block.kind.value.as_str();
            let text = lines(block.span, piece);
            if TOP_BLOCKS.contains(&kind) {
                let label = block
                    .label
                    .as_ref()
                    .map_or("", |label| label.name.value.as_str());
                (Place::Top, format!("{kind} {label}"), text)
            } else if CLUSTER_BLOCKS.contains(&kind) {
                (Place::Cluster, kind.to_owned(), text)
            } else {
                (Place::Worker, kind.to_owned(), text)
            }
        }
    }
}

/// The whole lines that a span touches.
fn lines(span: Span, text: &str) -> &str {
    let (from, to) = (span.start as usize, span.end as usize);
    let start = text[..from].rfind('\n').map_or(0, |at| at + 1);
    let end = text[to..].find('\n').map_or(text.len(), |at| to + at + 1);
    &text[start..end]
}
