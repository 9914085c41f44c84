//! The files: each distinct one once, its lines in runs that lead to their reasons; and the tables of what differs by node.

use std::collections::BTreeMap;

use super::shared::{Piece, Shared};
use super::spec;
use super::writer::Html;
use crate::review::names;
use crate::review::page::{Class, Hidden, Line, Page, Shown};

pub(super) fn write(html: &mut Html, page: &Page) {
    html.raw("<section id=files>\n<h2>Every file</h2>\n<p>The number in front of lines leads to the reason for them. Files with the same content are shown once. Where a file of another class has the same lines, their numbers lead to them. In a file that each node has of its own, a marked value is the first node's; it leads to the table with the others'.</p>\n");
    let shared = Shared::find(page);
    let mut folder = "";
    for (number, file) in page.files.iter().enumerate() {
        let (of, name) = split(&file.title);
        if of != folder {
            folder = of;
            html.raw("<h3>")
                .value(if of.is_empty() {
                    "of the whole cluster"
                } else {
                    of
                })
                .raw("</h3>\n");
        }
        one(html, page, &shared, number, name);
    }
    html.raw("</section>\n");
}

/// The folder that a file is listed below, that of its class or its node, and the rest of its path.
fn split(title: &str) -> (&str, &str) {
    let below = title.starts_with("classes/") || title.starts_with("nodes/");
    let place = title.match_indices('/').nth(1).filter(|_| below);
    let parts = place.and_then(|(at, _)| Some((title.get(..at)?, title.get(at + 1..)?)));
    parts.unwrap_or(("", title))
}

fn one(html: &mut Html, page: &Page, shared: &Shared, number: usize, name: &str) {
    let Some(file) = page.files.get(number) else {
        return;
    };
    html.raw("<details id=f")
        .number(number)
        .raw(" data-sum=")
        .sum(&mark(page, file));
    html.raw("><summary>").value(name).raw(" <small>");
    let lines: usize = file.runs.iter().map(|run| run.lines.len()).sum();
    html.count(lines, "line", "lines")
        .raw(", ")
        .value(&file.mode);
    let of_every_class = of_every_class(page, file);
    if of_every_class {
        html.raw(", the same for every class");
    } else if file.paths.len() > 1 {
        html.raw(match file.table {
            Some(_) => ", one on each of ",
            None => ", the same at ",
        });
        html.count(file.paths.len(), "path", "paths");
    }
    if file.secret {
        html.raw(", <strong>holds a secret</strong>");
    }
    html.raw("</small></summary>\n<p>");
    match (file.table, file.secret) {
        (_, true) => {
            html.raw("Its checksum is left out, because values could be tried against it.")
        }
        (Some(table), _) => html
            .raw("Checksums and values: <a href=#t")
            .number(table)
            .raw(">by node</a>."),
        (None, _) => html
            .raw("SHA-256 <code>")
            .value(&file.sha256)
            .raw("</code>"),
    };
    if file.unended {
        html.raw(" Its last line has no line break.");
    }
    if file.table.is_none() && file.paths.len() > 1 && !of_every_class {
        html.raw("\n<p>At ").value(&names::paths(&file.paths));
    }
    let original = shared.original(number);
    if let Some(original) = original.and_then(|original| page.files.get(original)) {
        html.raw("\n<p>Lines that are as in <code>")
            .value(&original.title)
            .raw("</code> are not repeated.");
    }
    html.raw("\n");
    for run in &file.runs {
        for piece in shared.pieces(number, run) {
            lines_of(html, page, number, run.why, &piece);
        }
    }
    html.raw("</details>\n");
}

/// Whether each class has the file at the same path, and nothing else has it.
fn of_every_class(page: &Page, file: &Shown) -> bool {
    let (_, name) = split(&file.title);
    let has = |class: &Class| {
        let path = format!("classes/{}/{name}", class.name);
        file.paths.contains(&path)
    };
    let all = page.classes.len();
    all > 1 && file.paths.len() == all && page.classes.iter().all(has)
}

/// What "reviewed" is remembered for: the content, so that a recompile unmarks only what changed.
fn mark(page: &Page, file: &Shown) -> [u8; 8] {
    use sha2::{Digest as _, Sha256};
    let mut sum = Sha256::new();
    sum.update(file.title.as_bytes());
    sum.update(file.mode.as_bytes());
    for run in &file.runs {
        for line in &run.lines {
            match line {
                Line::Text(text) => sum.update(text.as_bytes()),
                Line::Varies {
                    before,
                    column,
                    after,
                } => {
                    sum.update(before.as_bytes());
                    let table = file.table.and_then(|table| page.tables.get(table));
                    let column = table.and_then(|table| table.columns.get(*column));
                    for value in column.into_iter().flat_map(|column| &column.values) {
                        sum.update(value.as_bytes());
                        sum.update([0]);
                    }
                    sum.update(after.as_bytes());
                }
                Line::Hidden { .. } => sum.update([1]),
            }
            sum.update(b"\n");
        }
    }
    let mut out = [0; 8];
    out.iter_mut()
        .zip(sum.finalize())
        .for_each(|(out, byte)| *out = byte);
    out
}

fn lines_of(html: &mut Html, page: &Page, number: usize, why: Option<usize>, piece: &Piece<'_>) {
    html.raw("<p id=f")
        .number(number)
        .raw("-")
        .number(piece.first);
    if piece.shown.is_some() {
        html.raw(" class=as");
    }
    match why {
        Some(why) => {
            html.raw("><a href=#");
            spec::reason(html, page, why);
            html.raw(">").number(piece.first).raw("</a>")
        }
        None => html.raw("><b>").number(piece.first).raw("</b>"),
    };
    let file = page.files.get(number);
    let table = file.and_then(|file| file.table).unwrap_or_default();
    match piece.shown {
        Some((there, line)) => {
            html.raw("<a href=#f").number(there).raw("-").number(line);
            html.raw(">")
                .count(piece.lines.len(), "line", "lines")
                .raw(" as there from ");
            html.number(line).raw("</a>");
        }
        None => {
            let alike = |a: &Line, b: &Line| a == b && matches!(a, Line::Hidden { .. });
            for lines in piece.lines.chunk_by(alike) {
                match lines {
                    [Line::Hidden { hidden }, ..] => not_shown(html, *hidden, lines.len()),
                    lines => {
                        for line in lines {
                            one_line(html, page, table, line);
                        }
                    }
                }
            }
        }
    }
}

fn one_line(html: &mut Html, page: &Page, table: usize, line: &Line) {
    let first = |column: &usize| {
        let column = page.tables.get(table)?.columns.get(*column)?;
        column.values.first().map(String::as_str)
    };
    match line {
        Line::Text(text) => html.line(text),
        Line::Varies {
            before,
            column,
            after,
        } => {
            html.value(before)
                .raw("<a href=#t")
                .number(table)
                .raw("c")
                .number(*column)
                .raw(">")
                .value(first(column).unwrap_or_default());
            html.raw("</a>").value(after)
        }
        Line::Hidden { hidden } => return not_shown(html, *hidden, 1),
    };
    html.raw("\n");
}

/// What stands for lines that are not shown, one after the other.
fn not_shown(html: &mut Html, hidden: Hidden, lines: usize) {
    html.raw("<i>(");
    if lines > 1 {
        html.count(lines, "line", "lines").raw(": ");
    }
    html.raw(match hidden {
        Hidden::Secret => "holds a secret: not shown",
        Hidden::Packed => "packed files of the class, which are shown one by one",
    })
    .raw(")</i>\n");
}

/// What differs by node.
pub(super) fn tables(html: &mut Html, page: &Page) {
    if page.tables.is_empty() {
        return;
    }
    html.raw("<section id=tables>\n<h2>What differs by node</h2>\n<p>Everything else in these files is the same on each of the nodes. The list says where each value is.</p>\n");
    for (number, table) in page.tables.iter().enumerate() {
        html.raw("<details id=t").number(number).raw("><summary>");
        html.value(&names::runs(table.nodes.iter().map(String::as_str)))
            .raw(": ");
        html.count(table.nodes.len(), "node", "nodes").raw(", ");
        html.count(table.columns.len(), "value", "values")
            .raw(" each</summary>\n<ol>");
        for (column, one) in table.columns.iter().enumerate() {
            html.raw("<li id=t")
                .number(number)
                .raw("c")
                .number(column)
                .raw(">")
                .value(&one.title);
        }
        html.raw("</ol>\n<div class=scroll tabindex=0 role=region aria-label=\"Values by node\"><table><thead><tr><th scope=col>Node");
        for column in 0..table.columns.len() {
            html.raw("<th scope=col>").number(column + 1);
        }
        html.raw("</thead><tbody>");
        for (row, node) in table.nodes.iter().enumerate() {
            html.raw("<tr id=t")
                .number(number)
                .raw("-")
                .number(row)
                .raw("><th scope=row>");
            html.value(node);
            for column in &table.columns {
                html.raw("<td>")
                    .value(column.values.get(row).map_or("", String::as_str));
            }
        }
        html.raw("</tbody></table></div></details>\n");
    }
    html.raw("</section>\n");
}

/// The links of the tree, those of nodes with the same target together.
pub(super) fn links(html: &mut Html, page: &Page) {
    let mut groups: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (path, target) in &page.links {
        let (node, rest) = names::node(path).unwrap_or(("", path));
        groups.entry((rest, target)).or_default().push(node);
    }
    html.raw("<section id=links>\n<h2>Links</h2>\n<ul>\n");
    for ((rest, target), nodes) in groups {
        html.raw("<li><code>")
            .value(rest)
            .raw("</code> leads to <code>")
            .value(target)
            .raw("</code>");
        if nodes.iter().any(|node| !node.is_empty()) {
            html.raw(" on ").value(&names::runs(nodes));
        }
        html.raw("</li>\n");
    }
    html.raw("</ul>\n</section>\n");
}
