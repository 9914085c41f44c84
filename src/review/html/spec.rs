//! The spec with what each line makes, and the reasons of lines of the output.

use super::writer::Html;
use crate::review::page::{MadeBy, Page, Place, PlaceRole, Reason, Target};

/// The spec's files.
pub(super) fn write(html: &mut Html, page: &Page) {
    html.raw("<section id=spec>\n<h2>The spec, and what each line makes</h2>\n<p>Open a line to see the lines of the output that it takes part in.</p>\n");
    for file in &page.specs {
        html.raw("<h3 id=s")
            .number(file.number as usize)
            .raw(">")
            .value(&file.name)
            .raw("</h3>\n");
        if file.lines.is_empty() {
            html.raw("<p>It is in the tree as it is: see the files.</p>\n");
            continue;
        }
        html.raw("<div class=lines>\n");
        for (index, line) in file.lines.iter().enumerate() {
            let number = index + 1;
            html.raw("<div id=s")
                .number(file.number as usize)
                .raw("-")
                .number(number);
            html.raw("><b>").number(number).raw("</b>");
            if line.made.is_empty() {
                html.raw("<code>").value(&line.text).raw("</code></div>\n");
                continue;
            }
            html.raw("<details><summary><code>")
                .value(&line.text)
                .raw("</code></summary><ul>");
            for made in &line.made {
                made_by(html, page, made);
            }
            html.raw("</ul></details></div>\n");
        }
        html.raw("</div>\n");
    }
    html.raw("</section>\n");
}

/// Most rows of a table are named by their number only.
const ROWS: usize = 20;

fn made_by(html: &mut Html, page: &Page, made: &MadeBy) {
    html.raw("<li>");
    match made.target {
        Target::File(number) => {
            let title = page
                .files
                .get(number)
                .map_or("", |file| file.title.as_str());
            let short = title
                .strip_prefix("classes/")
                .and_then(|rest| rest.split_once('/'));
            html.value(short.map_or(title, |(_, rest)| rest)).raw(":");
            for (first, last) in ranges(page, number, &made.at) {
                html.raw(" <a href=#f")
                    .number(number)
                    .raw("-")
                    .number(first)
                    .raw(">");
                html.number(first);
                if last > first {
                    html.raw("-").number(last);
                }
                html.raw("</a>");
            }
        }
        Target::Table(number) => {
            let nodes = page
                .tables
                .get(number)
                .map_or(&[][..], |table| table.nodes.as_slice());
            html.raw("<a href=#t").number(number).raw(">the values of ");
            // The first node's are in the files.
            let all = made.at.len() > 1 && made.at.len() + 1 == nodes.len();
            match all {
                true => html.raw("all other nodes"),
                false => html.count(made.at.len(), "more node", "more nodes"),
            };
            html.raw("</a>");
            let named = !all && made.at.len() <= ROWS;
            for row in made.at.iter().filter(|_| named) {
                html.raw(" <a href=#t")
                    .number(number)
                    .raw("-")
                    .number(*row)
                    .raw(">");
                html.value(nodes.get(*row).map_or("", String::as_str))
                    .raw("</a>");
            }
        }
    }
}

/// The first and the last line of what begins at these lines of a file; runs that follow each other are one.
fn ranges(page: &Page, file: usize, at: &[usize]) -> Vec<(usize, usize)> {
    let runs = page.files.get(file).map_or(&[][..], |file| &file.runs);
    let mut out: Vec<(usize, usize)> = Vec::new();
    for first in at {
        let run = runs.binary_search_by_key(first, |run| run.first);
        let run = run.ok().and_then(|index| runs.get(index));
        let last = first + run.map_or(1, |run| run.lines.len()) - 1;
        match out.last_mut() {
            Some((_, end)) if *end + 1 == *first => *end = last,
            _ => out.push((*first, last)),
        }
    }
    out
}

/// The id of a line of the spec, or of its file if the line is not on the page.
fn line_id(html: &mut Html, page: &Page, file: u32, line: usize) {
    html.raw("s").number(file as usize);
    let found = page.specs.iter().find(|one| one.number == file);
    if found.is_some_and(|one| line > 0 && line <= one.lines.len()) {
        html.raw("-").number(line);
    }
}

/// A link to a place.
pub(super) fn place(html: &mut Html, page: &Page, place: &Place) {
    match place {
        Place::Spec(file, line) => {
            let found = page.specs.iter().find(|one| one.number == *file);
            html.raw("<a href=#");
            line_id(html, page, *file, *line);
            html.raw(">").value(found.map_or("the spec", |one| {
                one.name.rsplit('/').next().unwrap_or_default()
            }));
            html.raw(":").number(*line).raw("</a>");
        }
        Place::Library(number) => {
            if let Some(line) = page.library.get(*number) {
                let name = line.name.strip_prefix("<stdlib>/");
                html.raw("<code>");
                for (index, word) in line.text.split_whitespace().enumerate() {
                    html.raw(if index > 0 { " " } else { "" }).value(word);
                }
                html.raw("</code> ").value(name.unwrap_or(&line.name));
            }
        }
    }
}

/// The roles that a place in the spec and one in the library have unless more is told: the place says as much.
const WRITTEN: &str = "written here";
const FACT: &str = "a fact of the standard library";

/// What the role of a place says that the place does not.
fn role(one: &PlaceRole) -> &str {
    let known = match one.place {
        Place::Spec(..) => WRITTEN,
        Place::Library(_) => FACT,
    };
    if let Some(rest) = one.role.strip_prefix(known) {
        return rest.strip_prefix(": ").unwrap_or(rest);
    }
    // That the spec does not set it is what a default is.
    one.role
        .strip_prefix("not set in the spec: ")
        .unwrap_or(&one.role)
}

/// The line of the spec that is the whole reason.
fn only_line(reason: &Reason) -> Option<(u32, usize)> {
    match (reason.places.as_slice(), reason.rules.as_slice()) {
        ([one], []) if one.role == WRITTEN => match one.place {
            Place::Spec(file, line) => Some((file, line)),
            Place::Library(_) => None,
        },
        _ => None,
    }
}

/// The id of a reason. If a line of the spec is all there is to tell, that line is the reason.
pub(super) fn reason(html: &mut Html, page: &Page, number: usize) {
    match page.reasons.get(number).and_then(only_line) {
        Some((file, line)) => line_id(html, page, file, line),
        None => {
            html.raw("w").number(number);
        }
    }
}

/// Places with their roles, as a list; nothing if there are none.
pub(super) fn places(html: &mut Html, page: &Page, places: &[PlaceRole]) {
    if places.is_empty() {
        return;
    }
    html.raw("<ul>");
    for one in places {
        html.raw("<li>");
        place(html, page, &one.place);
        html.raw(": ").value(&one.role).raw("</li>");
    }
    html.raw("</ul>");
}

/// Why lines are there.
pub(super) fn reasons(html: &mut Html, page: &Page) {
    html.raw("<section id=reasons>\n<h2>Why lines are there</h2>\n<p>The number in front of lines of a file leads here, or to the line of the spec if that is all there is to tell. Lines whose number is no link are constant text: every file of their kind has them. A line with its file is one of pikc's library: a fact, unless something else is said.</p>\n");
    for (number, reason) in page.reasons.iter().enumerate() {
        if only_line(reason).is_some() {
            continue;
        }
        html.raw("<ul id=w").number(number).raw(">");
        if reason.places.is_empty() {
            html.raw("<li>").value(reason.sentence);
        }
        because(html, page, &reason.places);
        // The role of a place names its rule.
        let told = |rule: &&String| reason.places.iter().any(|one| one.role.ends_with(*rule));
        for rule in reason.rules.iter().filter(|rule| !told(rule)) {
            html.raw("<li>rule: ").value(rule);
        }
        html.raw("</ul>\n");
    }
    html.raw("</section>\n");
}

/// Places one after the other that have the same to tell are one item, and lines of the same file in it have its name once. A fact of the
/// library is an item of its own.
fn because(html: &mut Html, page: &Page, places: &[PlaceRole]) {
    let fact = |one: &PlaceRole| role(one).is_empty() && matches!(one.place, Place::Library(_));
    let same = |a: &PlaceRole, b: &PlaceRole| role(a) == role(b) && !fact(a) && !fact(b);
    for item in places.chunk_by(same) {
        html.raw("<li>");
        let mut before: Option<&Place> = None;
        for one in item {
            html.raw(if before.is_some() { ", " } else { "" });
            match (before, &one.place) {
                (Some(Place::Spec(file, _)), Place::Spec(same, line)) if file == same => {
                    html.raw("<a href=#");
                    line_id(html, page, *same, *line);
                    html.raw(">").number(*line).raw("</a>");
                }
                (_, other) => place(html, page, other),
            }
            before = Some(&one.place);
        }
        if let Some(role) = item.first().map(role).filter(|role| !role.is_empty()) {
            html.raw(": ").value(role);
        }
    }
}
