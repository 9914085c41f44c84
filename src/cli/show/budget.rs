//! `pikc show --budget`: what each kind of machine has, what is used of it, and what is left for pods.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::Analysis;
use crate::cli::shared::console::{Look, Paint, paint, visible};
use crate::model::Budget;

/// Machines that are alike.
pub(super) struct Machines {
    names: Vec<String>,
    role: String,
    board: String,
    budget: Budget,
}

/// The machines grouped by kind, in the order of the spec.
pub(super) fn machines(analysis: &Analysis) -> Vec<Machines> {
    let Some(model) = &analysis.model else {
        return Vec::new();
    };
    let mut all: Vec<Machines> = Vec::new();
    let mut seen: Vec<*const ()> = Vec::new();
    for node in &model.nodes {
        let settings = Arc::as_ptr(&node.settings).cast::<()>();
        // Nodes of one block share their settings.
        if let (Some(last), Some(known)) = (all.last_mut(), seen.last())
            && *known == settings
        {
            last.names.push(node.name.value.clone());
            continue;
        }
        let (Some(mut budget), Some(board)) = (model.budget(&node.settings), &node.settings.board)
        else {
            continue;
        };
        budget
            .parts
            .sort_by(|a, b| b.memory.cmp(&a.memory).then_with(|| a.title.cmp(&b.title)));
        let role = node
            .settings
            .role
            .as_ref()
            .map_or("", |role| role.value.word());
        let title = board.value.title.clone();
        let alike = all.iter().position(|known| {
            known.role == role
                && known.board == title
                && known.budget.parts == budget.parts
                && known.budget.memory == budget.memory
        });
        match alike {
            Some(at) => {
                let mut known = all.remove(at);
                seen.remove(at);
                known.names.push(node.name.value.clone());
                all.push(known);
            }
            None => all.push(Machines {
                names: vec![node.name.value.clone()],
                role: role.to_owned(),
                board: title,
                budget,
            }),
        }
        seen.push(settings);
    }
    all
}

/// Names of many machines are shown by the first few.
const NAMES: usize = 4;
/// The widest bar, in columns.
const BAR: usize = 40;

pub(super) fn human(all: &[Machines], look: Look) -> String {
    let mut out = String::new();
    for (index, machines) in all.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let Machines {
            names,
            role,
            board,
            budget,
        } = machines;
        let more = names.len().saturating_sub(NAMES);
        let mut shown = names[..names.len() - more].join(", ");
        if more > 0 {
            shown.push_str(&format!(" and {more} more"));
        }
        let head = format!("{shown}: {role}, {}", visible(board));
        for line in textwrap::wrap(&head, look.width) {
            out.push_str(&paint(look, Paint::Heading, &line));
            out.push('\n');
        }
        let left = ("left for pods".to_owned(), budget.left());
        let rows: Vec<(String, u64)> = budget
            .parts
            .iter()
            .filter(|part| part.memory > 0)
            .map(|part| (visible(&part.title), part.memory))
            .chain([left])
            .collect();
        let wide = rows
            .iter()
            .map(|(title, _)| title.chars().count())
            .max()
            .unwrap_or(0);
        // Two columns of space, the number with its unit, two of space.
        let bar = look.width.saturating_sub(wide + 16).clamp(4, BAR);
        for (title, memory) in &rows {
            out.push_str(&format!(
                "  {title:wide$}  {memory:>6} MiB  {}\n",
                line(*memory, budget.memory, bar, look)
            ));
        }
        let short = budget.taken().saturating_sub(budget.memory);
        if short > 0 {
            out.push_str(&format!(
                "  {:wide$}  {short:>6} MiB\n",
                "more than there is"
            ));
        }
        out.push_str(&format!(
            "  {:wide$}  {:>6} MiB\n",
            "the system shows", budget.memory
        ));
        out.push_str(&format!(
            "  {:wide$}  {} of {} cores\n",
            "processors, requested",
            cores(budget.cpu_taken()),
            cores(budget.cpu)
        ));
    }
    out
}

/// A bar as long as its share of the whole; anything above zero gets one column.
fn line(part: u64, whole: u64, width: usize, look: Look) -> String {
    let width = u64::try_from(width).unwrap_or(0);
    let length = (part * width).div_ceil(whole.max(1)).min(width);
    let mark = if look.unicode { "█" } else { "#" };
    mark.repeat(usize::try_from(length).unwrap_or(0))
}

/// "1.25" for 1250 thousandths.
fn cores(thousandths: u64) -> String {
    let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(super) fn document(all: &[Machines]) -> String {
    let machines: Vec<Value> = all
        .iter()
        .map(|machines| {
            let budget = &machines.budget;
            let parts: Vec<Value> = budget
                .parts
                .iter()
                .map(|part| json!({"title": part.title, "memory_mib": part.memory, "cpu_millicores": part.cpu}))
                .collect();
            json!({
                "names": machines.names,
                "role": machines.role,
                "board": machines.board,
                "memory_mib": budget.memory,
                "cpu_millicores": budget.cpu,
                "taken": parts,
                "memory_left_mib": budget.left(),
                "cpu_taken_millicores": budget.cpu_taken(),
            })
        })
        .collect();
    format!("{:#}\n", json!({ "machines": machines }))
}
