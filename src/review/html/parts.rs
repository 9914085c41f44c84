//! What changes, who runs what, what is fetched, who may log in, what holds secrets, and that nothing is left out.

use super::writer::Html;
use crate::review::names;
use crate::review::page::{Change, Page, Row, Step};

/// What differs from the earlier tree.
pub(super) fn changes(html: &mut Html, change: &Change) {
    html.raw("<section id=changes>\n<h2>What changes</h2>\n");
    if change.groups.is_empty() {
        html.raw("<p>Nothing: the tree is the same.</p>\n");
    }
    if !change.settings_known {
        html.raw("<p class=meta>Which settings changed is not known: an earlier version of pikc wrote the tree.</p>\n");
    }
    for group in &change.groups {
        html.raw("<h3 id=\"c-").value(&group.consequence).raw("\">");
        html.value(group.is).raw(": ").value(&group.title);
        html.raw("</h3>\n<p>");
        if group.machines > 0 {
            html.raw("On ").count(group.machines, "machine", "machines");
            html.raw(": ").value(&group.nodes).raw(". ");
        }
        html.raw("Why: ").value(&group.why).raw(".</p>\n");
        if let Some(by_hand) = &group.by_hand {
            html.raw("<p><strong>By hand:</strong> ");
            html.value(by_hand).raw("</p>\n");
        }
        if !group.settings.is_empty() {
            html.raw("<ul>\n");
            for setting in &group.settings {
                html.raw("<li><code>").value(setting).raw("</code></li>\n");
            }
            html.raw("</ul>\n");
        }
        for row in &group.files {
            changed_file(html, row);
        }
    }
    html.raw("</section>\n");
}

/// A file that differs, on all machines where it differs so.
fn changed_file(html: &mut Html, row: &Row) {
    html.raw("<details class=change><summary><strong>");
    html.value(row.step).raw("</strong> <span class=path>");
    html.value(&row.name).raw("</span>");
    if row.paths.len() > 1 {
        html.raw(" <span class=meta>at ");
        html.count(row.paths.len(), "path", "paths").raw("</span>");
    }
    html.raw("</summary>\n<p class=meta>");
    html.value(&names::paths(&row.paths)).raw("</p>\n");
    html.raw("<div class=lines>");
    for line in row.text.lines() {
        html.raw(match line.as_bytes().first() {
            Some(b'+') => "<div class=plus><code>",
            Some(b'-') => "<div class=minus><code>",
            _ => "<div><code>",
        });
        html.value(line).raw("</code></div>\n");
    }
    html.raw("</div></details>\n");
}

pub(super) fn classes(html: &mut Html, page: &Page) {
    html.raw("<section id=classes>\n<h2>Classes</h2>\n<p>The machines of a class run the same scripts.</p>\n<div class=scroll tabindex=0 role=region aria-label=\"Classes\"><table><thead><tr><th scope=col>Class</th><th scope=col>Machines</th><th scope=col>The same on all</th><th scope=col>Of each machine</th></tr></thead><tbody>\n");
    for class in &page.classes {
        html.raw("<tr><th scope=row>")
            .value(&class.name)
            .raw("</th><td>");
        html.grouped(class.count)
            .raw(": ")
            .value(&class.nodes)
            .raw("</td><td>");
        html.count(class.shared, "file", "files")
            .raw(", the same on ")
            .count(class.count, "machine", "machines");
        html.raw("</td><td>").count(class.own, "file", "files");
        for table in &class.tables {
            html.raw(", <a href=#t")
                .number(*table)
                .raw(">what differs</a>");
        }
        html.raw("</td></tr>\n");
    }
    html.raw("</tbody></table></div>\n</section>\n");
}

pub(super) fn steps(html: &mut Html, page: &Page) {
    html.raw("<section id=steps>\n<h2>Steps, in order</h2>\n<p>What root runs on the machines, and what each step touches as far as the plan says; its script says the rest.</p>\n");
    for step in &page.steps {
        html.raw("<article><h3><a href=#f")
            .number(step.script)
            .raw(">")
            .value(&step.name);
        html.raw("</a>");
        if step.reboot {
            html.raw(" <span class=tag>can reboot</span>");
        }
        html.raw("</h3><p>").value(&step.purpose).raw("</p><dl>");
        touched(html, page, step);
        html.raw("</dl></article>\n");
    }
    html.raw("</section>\n");
}

fn touched(html: &mut Html, page: &Page, step: &Step) {
    let all = page.classes.len();
    html.raw("<dt>runs on<dd>");
    match step.classes.len() == all {
        true => html.raw("every class"),
        false => html.value(&step.classes.join(", ")),
    };
    for (what, values) in [
        ("asked for by", &step.asked),
        ("packages", &step.packages),
        ("services", &step.services),
    ] {
        if !values.is_empty() {
            html.raw("<dt>")
                .value(what)
                .raw("<dd>")
                .value(&values.join(", "));
        }
    }
    if step.files.is_empty() {
        return;
    }
    html.raw("<dt>places<dd><ul>");
    for file in &step.files {
        html.raw("<li>");
        match file.file {
            Some(number) => html
                .raw("<a href=#f")
                .number(number)
                .raw(">")
                .value(&file.path)
                .raw("</a>"),
            None => html.value(&file.path),
        };
        html.raw(" ").value(&file.owner);
    }
    html.raw("</ul>");
}

pub(super) fn outside(html: &mut Html, page: &Page) {
    html.raw("<section id=outside>\n<h2>What is fetched from outside</h2>\n<div class=scroll tabindex=0 role=region aria-label=\"Addresses outside\"><table><thead><tr><th scope=col>Address</th><th scope=col>What</th><th scope=col>How it is verified</th><th scope=col>Needed by</th></tr></thead><tbody>\n");
    for one in &page.outside {
        // Not a link: no one should fetch it by a click.
        html.raw("<tr><td><code>")
            .value(&one.url)
            .raw("</code><td>")
            .value(&one.why);
        html.raw(match one.verified.starts_with("not") {
            true => "<td class=warning>",
            false => "<td>",
        })
        .value(&one.verified)
        .raw("<td>")
        .value(&one.needed_by)
        .raw("\n");
    }
    html.raw("</tbody></table></div>\n</section>\n");
}

pub(super) fn logins(html: &mut Html, page: &Page) {
    html.raw("<section id=logins>\n<h2>Who may log in</h2>\n");
    if page.logins.is_empty() {
        html.raw("<p>The spec creates no account and adds no key.</p>\n");
    }
    for login in &page.logins {
        html.raw("<article><h3>")
            .value(&login.user)
            .raw("</h3><dl><dt>on<dd>")
            .value(&login.nodes);
        html.raw("<dt>sudo<dd>").value(&login.sudo);
        if !login.groups.is_empty() {
            html.raw("<dt>groups<dd>").value(&login.groups.join(", "));
        }
        html.raw("</dl>");
        for key in &login.keys {
            html.raw("<p class=key><code>")
                .value(key)
                .raw("</code></p>");
        }
        html.raw("</article>\n");
    }
    html.raw("</section>\n");
}

pub(super) fn disks(html: &mut Html, page: &Page) {
    if page.disks.is_empty() {
        return;
    }
    html.raw("<section id=disks>\n<h2>Data disks</h2>\n<p>Nothing on them is erased: a disk with anything else on it is refused.</p>\n");
    for disk in &page.disks {
        html.raw("<article><h3>").value(&disk.name);
        html.raw("</h3><dl><dt>on<dd>").value(&disk.nodes);
        html.raw("<dt>device<dd><code>").value(&disk.device);
        html.raw("</code><dt>mounted at<dd><code>")
            .value(&disk.mount);
        html.raw("</code><dt>file system<dd>")
            .value(&disk.filesystem);
        html.raw(match disk.formatted_if_empty {
            true => "; it is <strong>made</strong> if there is nothing on the disk",
            false => "; it must be there already",
        });
        html.raw("</dl></article>\n");
    }
    html.raw("</section>\n");
}

pub(super) fn secrets(html: &mut Html, page: &Page) {
    html.raw("<section id=secrets>\n<h2>What holds secrets</h2>\n<p>Files that only root may read, and files with a line that holds a secret. Those lines are not on this page, and neither are the checksums of these files.</p>\n<ul>\n");
    let mut any = false;
    for (number, file) in page
        .files
        .iter()
        .enumerate()
        .filter(|(_, file)| file.secret)
    {
        any = true;
        html.raw("<li><a href=#f")
            .number(number)
            .raw(">")
            .value(&file.title)
            .raw("</a> ")
            .value(&file.mode);
        html.raw(", ")
            .count(file.paths.len(), "path", "paths")
            .raw("</li>\n");
    }
    if !any {
        html.raw("<li>none</li>\n");
    }
    html.raw("</ul>\n</section>\n");
}

/// That nothing is left out.
pub(super) fn completeness(html: &mut Html, page: &Page) {
    let counts = &page.counts;
    html.raw("<section id=completeness>\n<h2>Completeness</h2>\n<p>The tree has ");
    html.count(counts.files, "file", "files")
        .raw(" with ")
        .count(counts.lines, "line", "lines");
    html.raw(" and ")
        .count(counts.links, "link", "links")
        .raw(". All files and links are on this page; ");
    html.count(counts.distinct, "content is", "contents are")
        .raw(" distinct. ");
    html.grouped(counts.shown).raw(" of the lines are shown; ");
    html.grouped(counts.secret)
        .raw(" hold a secret or the checksum of a file with one and are not; ");
    html.grouped(counts.packed)
        .raw(" are archives of files that are shown one by one");
    if counts.binary > 0 {
        html.raw("; ")
            .count(counts.binary, "file is", "files are")
            .raw(" not text");
    }
    html.raw(".</p>\n<p>The checksums here are those of <code>pikc.json</code> in the tree. Spec: <code>").value(&page.spec);
    html.raw("</code>, SHA-256 <code>")
        .value(&page.spec_sha256)
        .raw("</code>; pikc ")
        .value(page.pikc);
    html.raw(".</p>\n</section>\n");
}
