//! Completes a fragment of a spec with a valid spec. Pages of specs, the manual and explanations show fragments; only this
//! function completes them.
//!
//! The schema decides where a thing belongs. Settings and blocks of a machine go into the worker `node02`, those of the cluster
//! into `cluster home`, and replace what has the same name there; what is allowed in both goes to the worker, unless the fragment
//! has that worker itself. A `node` or a `cluster` replaces the one with its name; a `profile pi` is applied on top of the base's,
//! which the machines have, too. Everything else goes to the end. Whole lines are moved, with their comments.

use std::sync::{Arc, OnceLock};

use pikc::ast::{self, Block, Document, Item};
use pikc::diagnostic::Diagnostics;
use pikc::schema::Schema;
use pikc::source::{FileId, Sources, Span};
use pikc::stdlib::Library;
use pikc::syntax;

/// The spec around the fragment.
const BASE: &str = include_str!("base.pik");
/// What a node of a fragment gets if it does not set it; the fragment is about something else.
const USUAL: &[(&str, &str)] = &[
    ("interface", "interface eth0 { cluster = on }"),
    (
        "user",
        "user pi { ssh-keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop\"] }",
    ),
];

/// Where an item of a fragment goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Use,
    Top,
    Cluster,
    Worker,
}

/// An item of a fragment.
struct Part {
    place: Place,
    /// What it replaces: a kind or a key; at the top level the kind with the label, and for a block of nodes each of its names.
    names: Vec<String>,
    /// Its lines.
    text: String,
}

impl Part {
    fn is(&self, name: &str) -> bool {
        self.names.iter().any(|one| one == name)
    }
}

/// The fragment with the base around it. A fragment that cannot be parsed goes where its first word belongs.
pub fn around(piece: &str) -> String {
    let (document, sound) = lowered(piece);
    let mut parts = match sound {
        true => taken_apart(&document, piece),
        false => vec![whole(piece)],
    };
    let own_worker = parts.iter().any(|part| part.is("node node02"));
    for part in parts.iter_mut().filter(|_| own_worker) {
        // `kubelet` can belong to the cluster, too.
        if part.place == Place::Worker && part.names.iter().all(|name| is_in(name, "cluster")) {
            part.place = Place::Cluster;
        }
    }
    let has = |place: Place, name: &str| {
        parts
            .iter()
            .any(|part| part.place == place && part.is(name))
    };
    let of = |place: Place| -> String {
        let here = parts.iter().filter(|part| part.place == place);
        here.map(|part| part.text.as_str()).collect()
    };
    // A profile that cannot be read is there all the same.
    let heads = ["profile pi", "profile = pi"];
    let unread = !sound && heads.iter().any(|head| piece.contains(head));
    let over = has(Place::Top, "profile pi") || unread;
    let base = match over {
        true => BASE
            .replace("profile pi {", "profile base {")
            .replace("profile = pi", "profile = [base, pi]"),
        false => BASE.to_owned(),
    };
    let mut out = of(Place::Use);
    for item in &lowered(&base).0.items {
        let Item::Block(block) = item else { continue };
        let [name] = &names_of(block)[..] else {
            continue;
        };
        let inside = match name.as_str() {
            "cluster" => Some(Place::Cluster),
            "node node02" => Some(Place::Worker),
            _ => None,
        };
        let pieces = inside.map(of).unwrap_or_default();
        if has(Place::Top, name) {
            assert!(
                pieces.is_empty(),
                "where does this go?\n{pieces}in\n{piece}"
            );
            continue;
        }
        let mut text = lines(block.span, &base).to_owned();
        if let Some(place) = inside {
            for inner in block
                .items
                .iter()
                .rev()
                .filter(|inner| has(place, key_of(inner)))
            {
                let old = lines(span_of(inner), &base);
                let at = offset(old, &base) - block.span.start as usize;
                text.replace_range(at..at + old.len(), "");
            }
            let end = text.rfind('}').unwrap_or(text.len());
            text.insert_str(end, &indented(&pieces));
        }
        out.push_str(&text);
    }
    out.push_str(&of(Place::Top));
    out
}

/// A fragment that is not about interfaces and accounts, with the base around it: its nodes get the usual ones.
pub fn completed(piece: &str) -> String {
    let (document, sound) = lowered(piece);
    let mut text = piece.to_owned();
    for item in document.items.iter().rev().filter(|_| sound) {
        let Item::Block(block) = item else { continue };
        if block.kind.value != "node" {
            continue;
        }
        let has = |kind: &str| {
            let is = |inner: &Item| matches!(inner, Item::Block(one) if one.kind.value == kind);
            block.items.iter().any(is)
        };
        for (_, usual) in USUAL.iter().filter(|(kind, _)| !has(kind)) {
            let end = block.span.end as usize - 1;
            text.insert_str(end, &format!("\n  {usual}\n"));
        }
    }
    around(&text)
}

fn taken_apart(document: &Document, piece: &str) -> Vec<Part> {
    let mut found: Vec<Part> = Vec::new();
    let mut last = 0;
    for item in &document.items {
        let (place, names) = match item {
            Item::Setting(setting) => (
                of_setting(&setting.key.value),
                vec![setting.key.value.clone()],
            ),
            Item::Block(block) => match of_block(&block.kind.value) {
                Place::Top => (Place::Top, names_of(block)),
                place => (place, vec![block.kind.value.clone()]),
            },
        };
        let lines = lines(span_of(item), piece);
        let at = offset(lines, piece);
        let text = match found.last() {
            // On the line of the previous item, which has it already.
            Some(before) if at < last => {
                assert!(before.place == place, "two places on one line: {lines}");
                String::new()
            }
            _ => format!("{}\n", lines.trim_end_matches('\n')),
        };
        found.push(Part { place, names, text });
        last = last.max(at + lines.len());
    }
    found
}

/// A fragment whose structure cannot be trusted: all of it, where its first word belongs.
fn whole(piece: &str) -> Part {
    let first = piece.split_whitespace().next().unwrap_or_default();
    let (place, names) = match of_block(first) {
        Place::Top => (Place::Top, Vec::new()),
        place if schema().blocks.contains_key(first) => (place, vec![first.to_owned()]),
        _ => (Place::Top, Vec::new()),
    };
    Part {
        place,
        names,
        text: piece.to_owned(),
    }
}

fn lowered(text: &str) -> (Document, bool) {
    let file = FileId(0);
    let parsed = syntax::parse(file, text);
    let document = ast::lower(&parsed.tree, file, text, &mut Diagnostics::default());
    let sound = !document.damaged && !parsed.problems.has_errors();
    (document, sound)
}

fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Arc<Schema>> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
        Library::open(Default::default(), &mut sources, &mut out).spec_schema()
    })
}

/// Whether such a block is allowed in the other.
fn is_in(kind: &str, parent: &str) -> bool {
    let block = schema().blocks.get(kind);
    block.is_some_and(|block| block.parents.iter().any(|one| one == parent))
}

fn of_block(kind: &str) -> Place {
    match () {
        () if is_in(kind, "top") => Place::Top,
        () if is_in(kind, "cluster") && !is_in(kind, "node") => Place::Cluster,
        () => Place::Worker,
    }
}

fn of_setting(key: &str) -> Place {
    let has = |block: &str| schema().blocks[block].settings.contains_key(key);
    match () {
        () if key == "use" => Place::Use,
        () if has("cluster") && !has("node") => Place::Cluster,
        () => Place::Worker,
    }
}

/// The names of a top-level block: its kind and its label, and for `node[02-04]` those of the three. There is one cluster.
fn names_of(block: &Block) -> Vec<String> {
    let kind = block.kind.value.as_str();
    let Some(label) = block.label.as_ref().filter(|_| kind != "cluster") else {
        return vec![kind.to_owned()];
    };
    let name = label.name.value.as_str();
    match &label.ranges {
        None => vec![format!("{kind} {name}")],
        Some(ranges) => {
            let numbers = ranges.value.iter().flat_map(|range| {
                let last = range.last.min(range.first.saturating_add(99));
                (range.first..=last).map(|number| (number, range.width))
            });
            let of = |(number, width)| format!("{kind} {name}{number:0width$}");
            numbers.map(of).collect()
        }
    }
}

fn key_of(item: &Item) -> &str {
    match item {
        Item::Setting(setting) => &setting.key.value,
        Item::Block(block) => &block.kind.value,
    }
}

/// Where a part of a text begins.
fn offset(part: &str, text: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

fn span_of(item: &Item) -> Span {
    match item {
        Item::Setting(setting) => setting.span,
        Item::Block(block) => block.span,
    }
}

/// The whole lines that a span touches.
fn lines(span: Span, text: &str) -> &str {
    let (from, to) = (span.start as usize, span.end as usize);
    let start = text[..from].rfind('\n').map_or(0, |at| at + 1);
    let end = text[to..].find('\n').map_or(text.len(), |at| to + at + 1);
    &text[start..end]
}

/// Indented by two spaces, as in a block.
fn indented(text: &str) -> String {
    let line = |line: &str| match line {
        "" => "\n".to_owned(),
        line => format!("  {line}\n"),
    };
    text.lines().map(line).collect()
}

#[test]
fn a_fragment_goes_where_it_belongs() {
    let text = around(
        "cni calico { } # why\nboard = pi-5-8g\nuse = \"wifi.pik\"\nallow cni/memory { reason = \"few\" }\n",
    );
    let (document, sound) = lowered(&text);
    assert!(sound, "{text}");
    let heads: Vec<String> = (document.items.iter())
        .flat_map(|item| match item {
            Item::Setting(setting) => vec![setting.key.value.clone()],
            Item::Block(block) => names_of(block),
        })
        .collect();
    assert_eq!(
        heads,
        [
            "use",
            "cluster",
            "profile pi",
            "node node01",
            "node node02",
            "allow cni/memory"
        ]
    );
    for (piece, times) in [
        ("  cni calico { } # why\n}", 1),
        ("cni flannel", 0),
        ("  board = pi-5-8g\n}", 1),
        ("board   = pi-4b-4g", 0),
        ("board   = pi-4b-2g", 1),
    ] {
        assert_eq!(text.matches(piece).count(), times, "{piece} in\n{text}");
    }
    // A block of nodes with the worker's name is the worker, and a block that is allowed in both then goes to the cluster.
    let text = around("node node[02-03] {\n}\nkubelet { max-pods = 50 }\nprofile pi {\n}\n");
    assert!(!text.contains("node node02 {"), "{text}");
    assert!(
        text.contains("  kubelet { max-pods = 50 }\n}\nprofile base {"),
        "{text}"
    );
    assert!(text.contains("profile = [base, pi]"), "{text}");
}
