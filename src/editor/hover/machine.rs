//! What there is to say about the machines of a node block.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Asked;
use crate::model::{Budget, Model, Node};

/// How many machines a text lists.
const MOST: usize = 16;

/// With more kinds of machine than this, their classes take too long to work out for a text that must be there at once.
const KINDS: usize = 16;

impl Asked<'_> {
    /// The machines of the block whose label this is.
    pub(super) fn machines(&mut self) -> Option<String> {
        let analysis = &self.view.project.analysis;
        let model = analysis.model.as_ref()?;
        let word = self.span;
        let here = |node: &&Node| {
            let span = node.name.origin.span();
            span.is_some_and(|span| {
                span.file == word.file && span.start <= word.start && word.start <= span.end
            })
        };
        let nodes: Vec<&Node> = model.nodes.iter().filter(here).collect();
        let first = nodes.first()?;
        // All of the label, with its numbers.
        if let Some(label) = first.name.origin.span() {
            self.span = label;
        }
        let mut text = match nodes.as_slice() {
            [only] => format!("machine `{}`{}\n", only.name.value, addresses(only)),
            some => {
                let mut text = format!("{} machines\n", some.len());
                for node in some.iter().take(MOST) {
                    text.push_str(&format!("\n- `{}`{}", node.name.value, addresses(node)));
                }
                if some.len() > MOST {
                    text.push_str(&format!("\n- and {} more", some.len() - MOST));
                }
                text.push('\n');
                text
            }
        };
        let alike = nodes
            .iter()
            .all(|node| Arc::ptr_eq(&node.settings, &first.settings));
        if !alike {
            text.push_str("\nTheir settings differ. Of the first:\n");
        }
        text.push_str(&settings(model, first));
        let kinds: BTreeSet<_> = model
            .nodes
            .iter()
            .map(|node| Arc::as_ptr(&node.settings))
            .collect();
        if kinds.len() <= KINDS
            && let Some(class) = self.view.project.classes().get(&first.name.value)
        {
            text.push_str(&format!("\n- class: `classes/{class}`"));
        }
        Some(text)
    }
}

/// `: 192.168.11.201, fd5c::201`
fn addresses(node: &Node) -> String {
    let all: Vec<String> = [&node.address, &node.address_ipv6]
        .into_iter()
        .flatten()
        .map(|address| address.value.to_string())
        .collect();
    match all.is_empty() {
        true => String::new(),
        false => format!(": {}", all.join(", ")),
    }
}

fn settings(model: &Model, node: &Node) -> String {
    let settings = &node.settings;
    let mut text = String::new();
    if let Some(role) = &settings.role {
        text.push_str(&format!("\n- role: `{}`", role.value.word()));
    }
    if let Some(board) = &settings.board {
        let board = &board.value;
        text.push_str(&format!("\n- board: `{}`, {}", board.name, board.title));
    }
    if let Some(system) = &settings.os {
        let system = &system.value;
        text.push_str(&format!("\n- system: `{}`, {}", system.name, system.title));
    }
    if let Some(swap) = &settings.swap {
        text.push_str(&format!("\n- swap: `{}`", swap.value.word()));
    }
    if let Some(budget) = model.budget(settings) {
        text.push_str(&shares(budget));
    }
    text
}

fn shares(mut budget: Budget) -> String {
    let mut text = format!(
        "\n- memory: {} MiB, of which {} MiB are left for pods",
        budget.memory,
        budget.left()
    );
    budget
        .parts
        .sort_by(|a, b| b.memory.cmp(&a.memory).then_with(|| a.title.cmp(&b.title)));
    for part in budget.parts.iter().filter(|part| part.memory > 0) {
        text.push_str(&format!("\n  - {}: {} MiB", part.title, part.memory));
    }
    text.push_str(&format!(
        "\n- processors: {} of {} thousandths of a core are requested",
        budget.cpu_taken(),
        budget.cpu
    ));
    text
}
