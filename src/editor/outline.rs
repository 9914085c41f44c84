//! The outline of a file, and the search for a name in a whole spec.

use super::project::{Project, View};
use crate::ast::{Block, Item, Label, Setting, Value};
use crate::source::Span;

/// What an outline has an entry for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutlineKind {
    /// The cluster.
    Cluster,
    /// A node, or several.
    Node,
    /// A profile.
    Profile,
    /// A constant.
    Constant,
    /// Any other block.
    Block,
    /// A setting.
    Setting,
}

/// An entry of an outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `node[02-04]`
    pub name: String,
    /// What else to show: `3 nodes, worker, 192.168.11.202..192.168.11.204`; can be empty.
    pub detail: String,
    /// What it is.
    pub kind: OutlineKind,
    /// All of it.
    pub whole: Span,
    /// Its name, within `whole`.
    pub head: Span,
    /// What is in it.
    pub children: Vec<Entry>,
}

/// A name somewhere in a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// `node[02-04]`
    pub name: String,
    /// What it is.
    pub kind: OutlineKind,
    /// Its place.
    pub head: Span,
    /// The name of what it is in; empty at the top level.
    pub within: String,
}

/// The blocks and settings of a file.
pub fn outline(view: &View<'_>) -> Vec<Entry> {
    entries(view.project, &view.page.document.items, "")
}

/// The blocks with a label and the constants of a spec whose names hold the letters of the query in this order.
pub fn search(project: &Project, query: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for page in project.pages() {
        gather(
            &entries(project, &page.document.items, ""),
            "",
            query,
            &mut found,
        );
    }
    found
}

fn gather(entries: &[Entry], within: &str, query: &str, out: &mut Vec<Found>) {
    for entry in entries {
        let named = match entry.kind {
            OutlineKind::Setting => false,
            OutlineKind::Block => entry.name.contains(' '),
            OutlineKind::Cluster
            | OutlineKind::Node
            | OutlineKind::Profile
            | OutlineKind::Constant => true,
        };
        if named && matches(&entry.name, query) {
            out.push(Found {
                name: entry.name.clone(),
                kind: entry.kind,
                head: entry.head,
                within: within.to_owned(),
            });
        }
        gather(&entry.children, &entry.name, query, out);
    }
}

/// Whether a name has the letters of a query in this order, whatever their case.
fn matches(name: &str, query: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    let mut wanted = query
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase);
    wanted.all(|c| letters.any(|letter| letter == c))
}

fn entries(project: &Project, items: &[Item], parent: &str) -> Vec<Entry> {
    let entry = |item: &Item| match item {
        Item::Block(block) => of_block(project, block),
        Item::Setting(setting) => Entry {
            name: setting.key.value.clone(),
            detail: short(project, setting),
            kind: match parent {
                "let" => OutlineKind::Constant,
                _ => OutlineKind::Setting,
            },
            whole: setting.span,
            head: setting.key.span,
            children: Vec::new(),
        },
    };
    items.iter().map(entry).collect()
}

fn of_block(project: &Project, block: &Block) -> Entry {
    let kind = block.kind.value.as_str();
    let outline = match kind {
        "cluster" => OutlineKind::Cluster,
        "node" => OutlineKind::Node,
        "profile" => OutlineKind::Profile,
        _ => OutlineKind::Block,
    };
    let label = block.label.as_ref().map(|label| project.text(label.span));
    // The kind of a block that has an icon of its own is plain from it.
    let name = match (label, outline) {
        (Some(label), OutlineKind::Block) => format!("{kind} {label}"),
        (Some(label), _) => label.to_owned(),
        (None, _) => kind.to_owned(),
    };
    Entry {
        detail: match outline {
            OutlineKind::Node | OutlineKind::Profile => details(project, block),
            _ => String::new(),
        },
        name,
        kind: outline,
        whole: block.span,
        head: block.head(),
        children: entries(project, &block.items, kind),
    }
}

/// `3 nodes, worker, 192.168.11.202..192.168.11.204`
fn details(project: &Project, block: &Block) -> String {
    let count = block.label.as_ref().and_then(count);
    let count = count.map(|count| match count {
        1 => "1 node".to_owned(),
        _ => format!("{count} nodes"),
    });
    let setting = |name: &str| {
        let found = block.items.iter().find_map(|item| match item {
            Item::Setting(setting) if setting.key.value == name => Some(setting),
            Item::Setting(_) | Item::Block(_) => None,
        });
        found.map(|setting| short(project, setting))
    };
    let said = ["role", "board", "address"].into_iter().filter_map(setting);
    count.into_iter().chain(said).collect::<Vec<_>>().join(", ")
}

/// How many names a label with ranges stands for.
pub(super) fn count(label: &Label) -> Option<u64> {
    let ranges = &label.ranges.as_ref()?.value;
    let counts = ranges
        .iter()
        .map(|range| (range.last.saturating_add(1)).saturating_sub(range.first));
    Some(counts.fold(0, u64::saturating_add))
}

/// How long a value in an outline can be, in characters.
const LONGEST: usize = 60;

/// The value of a setting on one line.
fn short(project: &Project, setting: &Setting) -> String {
    let written = match &setting.value {
        Value::Poisoned(_) => return String::new(),
        value => project.text(value.span()),
    };
    let line = written.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
