//! The picture of `pikc graph`, and the same as a table.

use super::writer::Html;
use crate::picture::{Picture, svg};

pub(super) fn write(html: &mut Html, picture: &Picture) {
    html.raw("<figure>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Picture of the network\">")
        .piece(&svg(picture))
        .raw("</div>\n<figcaption>Machines that are alike are one box.</figcaption>\n</figure>\n");
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
