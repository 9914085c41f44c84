//! The picture: the LAN, the machines grouped by what they are, the ranges and the CNI. It has as many boxes as there are kinds of
//! machine, so a thousand machines are as easy to read as four.

use super::writer::Html;
use crate::review::page::{Machines, Picture};

/// The width of the picture, of a box, and the space between boxes.
const WIDE: usize = 720;
const BOX: (usize, usize) = (228, 118);
const GAP: usize = 16;
/// How many boxes are in a row, and how many characters fit in one.
const IN_ROW: usize = 3;
const FIT: usize = 25;

pub(super) fn write(html: &mut Html, picture: &Picture) {
    let rows = picture.machines.len().div_ceil(IN_ROW);
    let below = 76 + rows * (BOX.1 + GAP);
    html.raw("<figure>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Picture of the network\"><svg viewBox=\"0 0 ")
        .number(WIDE)
        .raw(" ")
        .number(below + 44);
    html.raw("\" role=\"img\" aria-labelledby=\"picture\">\n<title id=\"picture\">The network: ");
    html.value(&said(picture)).raw("</title>\n");
    html.raw("<rect class=\"lan\" x=\"1\" y=\"1\" width=\"718\" height=\"")
        .number(below - 4);
    html.raw("\" rx=\"10\"/>\n<text class=\"big\" x=\"16\" y=\"26\">LAN ");
    html.value(&range(picture, "LAN"))
        .raw("</text>\n<text x=\"16\" y=\"46\">");
    html.value(&short(&details(picture), 96)).raw("</text>\n");
    html.raw("<line class=\"wire\" x1=\"16\" y1=\"60\" x2=\"704\" y2=\"60\"/>\n");
    for (index, machines) in picture.machines.iter().enumerate() {
        let x = GAP + (index % IN_ROW) * (BOX.0 + GAP - 4);
        let y = 76 + (index / IN_ROW) * (BOX.1 + GAP);
        group(html, machines, x, y);
    }
    html.raw("<text x=\"4\" y=\"").number(below + 18).raw("\">");
    let overlay = format!(
        "CNI {}: pods {}; services {}",
        picture.cni,
        range(picture, "pods"),
        range(picture, "services")
    );
    html.value(&short(&overlay, 100))
        .raw("</text>\n<text x=\"4\" y=\"");
    html.number(below + 38).raw("\">");
    html.value(&short(&format!("runtime {}", picture.runtime), 96));
    html.raw("</text>\n</svg></div>\n<figcaption>Machines that are alike are one box.</figcaption>\n</figure>\n");
    html.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Machines\"><table><thead><tr><th scope=\"col\">Role</th><th scope=\"col\">Count</th><th scope=\"col\">Board</th><th scope=\"col\">System</th><th scope=\"col\">Addresses</th><th scope=\"col\">Names</th></tr></thead><tbody>\n");
    for one in &picture.machines {
        html.raw("<tr><td>")
            .value(one.role)
            .raw("</td><td>")
            .grouped(one.count);
        html.raw("</td><td>")
            .value(&one.board)
            .raw("</td><td>")
            .value(&one.system);
        html.raw("</td><td>")
            .value(&one.addresses)
            .raw("</td><td>")
            .value(&one.names);
        html.raw("</td></tr>\n");
    }
    html.raw("</tbody></table></div>\n<dl>\n");
    for (what, value) in &picture.ranges {
        html.raw("<div><dt>")
            .value(what)
            .raw("</dt><dd>")
            .value(value)
            .raw("</dd></div>\n");
    }
    html.raw("</dl>\n");
}

fn group(html: &mut Html, machines: &Machines, x: usize, y: usize) {
    let class = match machines.role {
        "control-plane" => "first",
        _ => "other",
    };
    html.raw("<line class=\"wire\" x1=\"")
        .number(x + 20)
        .raw("\" y1=\"")
        .number(y - GAP);
    html.raw("\" x2=\"")
        .number(x + 20)
        .raw("\" y2=\"")
        .number(y);
    html.raw("\"/>\n<rect class=\"")
        .raw(class)
        .raw("\" x=\"")
        .number(x)
        .raw("\" y=\"")
        .number(y);
    html.raw("\" width=\"")
        .number(BOX.0 - 4)
        .raw("\" height=\"")
        .number(BOX.1)
        .raw("\" rx=\"6\"/>\n");
    let role = format!("{} × {}", machines.count, machines.role);
    let (from, to) = machines
        .addresses
        .split_once(" … ")
        .unwrap_or((machines.addresses.as_str(), ""));
    let to = if to.is_empty() {
        String::new()
    } else {
        format!("to {to}")
    };
    let lines = [
        role.as_str(),
        machines.board.as_str(),
        machines.names.as_str(),
        from,
        to.as_str(),
    ];
    for (index, line) in lines.into_iter().enumerate() {
        html.raw(if index == 0 {
            "<text class=\"big\" x=\""
        } else {
            "<text x=\""
        });
        html.number(x + 10)
            .raw("\" y=\"")
            .number(y + 24 + index * 20)
            .raw("\">");
        html.value(&short(line, FIT)).raw("</text>\n");
    }
}

/// At most so many characters.
fn short(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => text.chars().take(most - 1).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

fn range(picture: &Picture, what: &str) -> String {
    let found = picture.ranges.iter().filter(|(name, _)| *name == what);
    let values: Vec<&str> = found.map(|(_, value)| value.as_str()).collect();
    values.join(", ")
}

/// What else is on the LAN.
fn details(picture: &Picture) -> String {
    let named = ["router", "leased by DHCP", "load balancer"];
    let parts = named.into_iter().filter_map(|what| {
        let value = range(picture, what);
        (!value.is_empty()).then(|| format!("{what} {value}"))
    });
    parts.collect::<Vec<_>>().join("; ")
}

/// The picture in words.
fn said(picture: &Picture) -> String {
    let groups = picture
        .machines
        .iter()
        .map(|one| format!("{} {} ({})", one.count, one.role, one.board));
    let groups: Vec<String> = groups.collect();
    format!("{} on {}", groups.join(", "), range(picture, "LAN"))
}
