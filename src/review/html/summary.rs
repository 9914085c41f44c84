//! The first screen: what is built, what the checks found, and what was allowed.

use super::writer::Html;
use super::{glance, picture, spec};
use crate::review::page::Page;

pub(super) fn write(html: &mut Html, page: &Page) {
    html.raw("<section id=decision tabindex=-1>\n<h2>The decision</h2>\n");
    if let Some(change) = &page.changes {
        html.raw("<p>Compared with <code>")
            .value(&change.earlier)
            .raw("</code>: ");
        html.grouped(change.removed).raw(" removed, ");
        html.grouped(change.changed).raw(" changed, ");
        html.grouped(change.created)
            .raw(" created (<a href=#changes>which</a>).");
        if !change.counts.is_empty() {
            html.raw(" What that takes:");
        }
        for (index, count) in change.counts.iter().enumerate() {
            html.raw(if index == 0 {
                " <strong>"
            } else {
                "; <strong>"
            });
            html.value(count.is).raw("</strong> ");
            html.count(count.files, "file", "files");
            if count.machines > 0 {
                html.raw(" on ")
                    .count(count.machines, "machine", "machines");
            }
        }
        if !change.counts.is_empty() {
            html.raw(".");
        }
        html.raw("</p>\n");
    }
    glance::write(html, page);
    findings(html, page);
    allowed(html, page);
    for missing in &page.missing {
        html.raw("<p class=warning>The secret <code>")
            .value(&missing.secret);
        html.raw("</code> has no value, so ")
            .count(missing.files.len(), "file is", "files are");
        html.raw(" not in this tree:");
        for (index, file) in missing.files.iter().take(5).enumerate() {
            html.raw(if index == 0 { " <code>" } else { ", <code>" })
                .value(file)
                .raw("</code>");
        }
        if missing.files.len() > 5 {
            html.raw(" and ")
                .grouped(missing.files.len() - 5)
                .raw(" more");
        }
        html.raw(".</p>\n");
    }
    picture::write(html, &page.picture);
    versions(html, page);
    html.raw("</section>\n");
}

fn findings(html: &mut Html, page: &Page) {
    if page.findings.is_empty() {
        return;
    }
    html.raw("<h3 id=findings>What the checks found</h3>\n");
    html.raw("<ul class=findings>\n");
    for finding in &page.findings {
        html.raw("<li class=warning><strong>")
            .value(finding.severity)
            .raw("</strong> <code>");
        html.value(finding.code)
            .raw("</code> ")
            .value(&finding.message);
        if !finding.help.is_empty() {
            html.raw("<br>Help: ").value(&finding.help);
        }
        spec::places(html, page, &finding.places);
        html.raw("</li>\n");
    }
    html.raw("</ul>\n");
}

fn allowed(html: &mut Html, page: &Page) {
    if page.allowed.is_empty() {
        return;
    }
    html.raw("<h3 id=allowed>What the spec allows</h3>\n<ul>\n");
    for allow in &page.allowed {
        html.raw("<li><code>").value(&allow.code).raw("</code>: ");
        match allow.reason.as_str() {
            "" => html.raw("no reason is written"),
            reason => html.raw("“").value(reason).raw("”"),
        };
        html.raw(" (");
        spec::place(html, page, &allow.place);
        html.raw(")</li>\n");
    }
    html.raw("</ul>\n");
}

fn versions(html: &mut Html, page: &Page) {
    html.raw("<h3>Versions, and what a running cluster cannot change</h3>\n<dl>\n");
    for (name, value) in page.versions.iter().chain(&page.fixed) {
        html.raw("<dt>").value(name).raw("<dd>").value(value);
    }
    html.raw("</dl>\n");
}
