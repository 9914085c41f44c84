//! The decision at a glance: what a reviewer has to look at, worst first, each line with a way to all that is behind it.

use super::writer::Html;
use crate::review::page::Page;

/// How many doubts about the earlier tree are named.
const DOUBTS: usize = 8;

pub(super) fn write(html: &mut Html, page: &Page) {
    html.raw("<ul class=glance>\n");
    found(html, page);
    access(html, page);
    runs(html, page);
    let counts = &page.counts;
    html.raw("<li><a href=#completeness>")
        .count(counts.files, "file", "files")
        .raw("</a> with ")
        .count(counts.lines, "line", "lines")
        .raw(", all on this page but ");
    html.count(counts.secret, "line", "lines")
        .raw(" with secrets</li>\n</ul>\n");
}

/// What is wrong, missing, or allowed.
fn found(html: &mut Html, page: &Page) {
    for doubt in page.doubts.iter().take(DOUBTS) {
        html.raw("<li class=warning>The earlier tree: ")
            .value(&doubt.to_string())
            .raw("</li>\n");
    }
    if let Some(more @ 1..) = page.doubts.len().checked_sub(DOUBTS) {
        html.raw("<li class=warning>The earlier tree: ")
            .grouped(more)
            .raw(" more of these; <code>pikc diff</code> lists all</li>\n");
    }
    let is_warning = |severity: &str| severity != "note";
    let warnings = page.findings.iter().filter(|one| is_warning(one.severity));
    let warnings = warnings.count();
    if warnings > 0 {
        html.raw("<li class=warning><a href=#findings>")
            .count(warnings, "warning", "warnings")
            .raw("</a> of the checks</li>\n");
    }
    for missing in &page.missing {
        html.raw("<li class=warning>The secret <code>")
            .value(&missing.secret)
            .raw("</code> has no value: ");
        html.count(missing.files.len(), "file is", "files are")
            .raw(" not in this tree</li>\n");
    }
    if warnings == 0 {
        html.raw("<li>The checks found no warning</li>\n");
    }
    if !page.allowed.is_empty() {
        html.raw("<li><a href=#allowed>")
            .count(page.allowed.len(), "finding", "findings")
            .raw("</a> allowed by the spec</li>\n");
    }
}

/// What comes from outside, and who gets in.
fn access(html: &mut Html, page: &Page) {
    let unverified = page
        .outside
        .iter()
        .filter(|one| one.verified.starts_with("not"));
    let unverified = unverified.count();
    html.raw("<li><a href=#outside>")
        .count(page.outside.len(), "address", "addresses")
        .raw("</a> outside");
    if unverified > 0 {
        html.raw("; what ")
            .count(unverified, "of them gives is", "of them give is")
            .raw(" <strong>not verified</strong>");
    }
    html.raw("</li>\n<li><a href=#logins>")
        .count(page.logins.len(), "account", "accounts")
        .raw("</a> may log in");
    let free = page.logins.iter().filter(|one| one.sudo == "nopasswd");
    let free = free.count();
    if free > 0 {
        html.raw("; ")
            .count(free, "becomes", "become")
            .raw(" root <strong>without a password</strong>");
    }
    let secret = page.files.iter().filter(|file| file.secret).count();
    html.raw("</li>\n<li><a href=#secrets>")
        .count(secret, "file holds secrets", "files hold secrets")
        .raw("</a></li>\n");
}

/// What root runs.
fn runs(html: &mut Html, page: &Page) {
    let machines: usize = page.picture.machines.iter().map(|one| one.count).sum();
    let reboots = page.steps.iter().filter(|step| step.reboot).count();
    html.raw("<li><a href=#classes>")
        .count(machines, "machine", "machines")
        .raw("</a> in ");
    html.count(page.classes.len(), "class", "classes")
        .raw("</li>\n<li><a href=#steps>");
    html.count(page.steps.len(), "step", "steps")
        .raw("</a> that root runs; ")
        .count(reboots, "can reboot", "can reboot")
        .raw("</li>\n");
}
