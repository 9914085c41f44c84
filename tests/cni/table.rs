//! The table of a manifest: a heading for each object, a row for each leaf.

/// A row.
pub struct Row {
    /// `DaemonSet kube-system/weave-net`
    pub object: String,
    /// Its path.
    pub what: String,
    /// What pikc writes there; [`ABSENT`] for nothing.
    pub is: String,
    /// What upstream has instead; empty if it is the same.
    pub upstream: String,
    /// Why pikc differs.
    pub why: String,
}

/// Not there at all.
pub const ABSENT: &str = "–";

/// The rows of a page.
pub fn rows(page: &str) -> Vec<Row> {
    let mut object = String::new();
    let mut rows = Vec::new();
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            object = heading.to_owned();
        }
        let Some(cells) = line
            .strip_prefix("| ")
            .and_then(|rest| rest.strip_suffix('|'))
        else {
            continue;
        };
        let cells: Vec<String> = cells
            .split('|')
            .map(|cell| cell.trim().trim_matches('`').to_owned())
            .collect();
        let [what, is, upstream, why] = cells
            .try_into()
            .unwrap_or_else(|_| panic!("not four cells: {line}"));
        if what != "what" {
            rows.push(Row {
                object: object.clone(),
                what,
                is,
                upstream,
                why,
            });
        }
    }
    rows
}
