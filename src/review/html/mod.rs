//! The page as one HTML file: no network, no script needed; the script only filters, searches and remembers what was reviewed.

mod files;
mod glance;
mod parts;
mod picture;
mod shared;
mod spec;
mod summary;
mod writer;

use super::page::Page;
use writer::Html;

/// The whole page.
pub fn write(page: &Page) -> String {
    let mut html = Html::default();
    html.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        // Nothing is loaded, whatever the page says; what is inline is ours.
        .raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n")
        .raw("<meta name=\"generator\" content=\"pikc review\">\n<title>Review of ")
        .value(&page.picture.cluster)
        .raw("</title>\n<style>\n")
        .asset(include_str!("page.css"))
        .raw("</style>\n</head>\n<body>\n<a class=skip href=#decision>Skip to the decision</a>\n<header>\n<h1>Review of ")
        .value(&page.picture.cluster)
        .raw("</h1>\n");
    html.raw("</header>\n");
    navigation(&mut html, page);
    html.raw("<main>\n");
    summary::write(&mut html, page);
    if let Some(change) = &page.changes {
        parts::changes(&mut html, change);
    }
    parts::classes(&mut html, page);
    parts::steps(&mut html, page);
    parts::outside(&mut html, page);
    parts::logins(&mut html, page);
    parts::disks(&mut html, page);
    parts::secrets(&mut html, page);
    spec::write(&mut html, page);
    files::write(&mut html, page);
    files::tables(&mut html, page);
    files::links(&mut html, page);
    spec::reasons(&mut html, page);
    parts::completeness(&mut html, page);
    html.raw("</main>\n<script>\n")
        .asset(include_str!("page.js"))
        .raw("</script>\n</body>\n</html>\n");
    html.finish()
}

fn navigation(html: &mut Html, page: &Page) {
    html.raw("<nav aria-label=\"Parts\"><ul>");
    html.raw("<li><a href=#decision>Decision</a></li>");
    if page.changes.is_some() {
        html.raw("<li><a href=#changes>Changes</a></li>");
    }
    html.raw("<li><a href=#classes>Classes</a></li>")
        .raw("<li><a href=#steps>Steps</a></li>")
        .raw("<li><a href=#outside>Outside</a></li>")
        .raw("<li><a href=#logins>Logins</a></li>")
        .raw(match page.disks.is_empty() {
            true => "",
            false => "<li><a href=#disks>Disks</a></li>",
        })
        .raw("<li><a href=#secrets>Secrets</a></li>")
        .raw("<li><a href=#spec>Spec</a></li>")
        .raw("<li><a href=#files>Files</a></li>");
    if !page.tables.is_empty() {
        html.raw("<li><a href=#tables>By node</a></li>");
    }
    html.raw("<li><a href=#completeness>Completeness</a></li></ul>")
        .raw("<div class=tools hidden><label>Search <input type=search id=search autocomplete=off aria-describedby=hits></label> <span id=hits role=status></span> <label><input type=checkbox id=unreviewed> only what is not reviewed</label> <span id=progress></span> <span class=meta>Keys: <kbd>/</kbd> search, <kbd>j</kbd> <kbd>k</kbd> next and previous file, <kbd>r</kbd> reviewed</span></div></nav>\n");
}
