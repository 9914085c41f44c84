//! What an editor offers above the head of a block: to compile the cluster, how many machines there are, and which lines come
//! from it.

use std::collections::{BTreeMap, BTreeSet};

use super::outline::count;
use super::project::View;
use crate::ast::{Block, Item};
use crate::plan::{self, Options};
use crate::source::Span;

/// A line above a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The head of the block.
    pub head: Span,
    /// What it says.
    pub title: String,
    /// What happens when it is chosen.
    pub command: LensCommand,
}

/// What a lens does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LensCommand {
    /// It compiles the spec.
    Compile,
    /// It shows the lines of the output that come from this span.
    Why(Span),
    /// Nothing: it only informs.
    None,
}

/// The lenses of a file, in order.
pub fn lenses(view: &View<'_>) -> Vec<Lens> {
    let classes = classes(view);
    let mut found = Vec::new();
    for item in &view.page.document.items {
        let Item::Block(block) = item else { continue };
        match block.kind.value.as_str() {
            "cluster" => cluster(view, block, &classes, &mut found),
            "node" => node(view, block, &classes, &mut found),
            _ => {}
        }
    }
    found
}

/// The class of each machine; empty for a spec with errors.
fn classes(view: &View<'_>) -> BTreeMap<String, String> {
    let checked = view.project.analysis.checked.as_ref();
    checked.map_or_else(BTreeMap::new, |checked| {
        plan::class_names(checked, &Options::default())
    })
}

fn cluster(
    view: &View<'_>,
    block: &Block,
    classes: &BTreeMap<String, String>,
    out: &mut Vec<Lens>,
) {
    let analysis = &view.project.analysis;
    let mut add = |title: String, command| {
        out.push(Lens {
            head: block.head(),
            title,
            command,
        });
    };
    if analysis.checked.is_some() {
        add("compile".to_owned(), LensCommand::Compile);
    }
    if let Some(model) = &analysis.model
        && !model.nodes.is_empty()
    {
        let nodes = counted(model.nodes.len(), "node", "nodes");
        let different = classes.values().collect::<BTreeSet<_>>().len();
        let title = match different {
            0 => nodes,
            _ => format!("{nodes}, {}", counted(different, "class", "classes")),
        };
        add(title, LensCommand::None);
    }
}

fn node(view: &View<'_>, block: &Block, classes: &BTreeMap<String, String>, out: &mut Vec<Lens>) {
    let Some(label) = &block.label else { return };
    let analysis = &view.project.analysis;
    let of_block = analysis.model.iter().flat_map(|model| &model.nodes);
    let name = of_block
        .into_iter()
        .find(|node| node.settings.head == block.head())
        .map(|node| node.name.value.as_str());
    let class = name.and_then(|name| classes.get(name));
    let nodes = count(label).and_then(|count| usize::try_from(count).ok());
    let nodes = nodes.map(|count| counted(count, "node", "nodes"));
    let class = class.map(|class| format!("class {class}"));
    let title: Vec<String> = nodes.into_iter().chain(class).collect();
    if !title.is_empty() {
        out.push(Lens {
            head: block.head(),
            title: title.join(", "),
            command: LensCommand::None,
        });
    }
    if analysis.checked.is_some() {
        out.push(Lens {
            head: block.head(),
            title: "why".to_owned(),
            command: LensCommand::Why(block.span),
        });
    }
}

fn counted(count: usize, one: &str, several: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {several}"),
    }
}
