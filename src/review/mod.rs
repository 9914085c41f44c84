//! The review of a tree: everything that whoever must approve it needs, as data and as one HTML page.
//!
//! In: an analysis, the tree compiled from it with the origins of its lines, and what an earlier tree had. Out: a [`Page`], which is also
//! printed as JSON, and its HTML. Each distinct line of the tree is there once: files with the same content are one, and files that each
//! node has of its own are one text with a table of what differs. No secret is shown: neither a line that holds one nor the checksum of a
//! file that does.

mod changes;
mod cluster;
mod columns;
mod disks;
mod files;
mod html;
mod names;
mod page;
mod reasons;
mod steps;
mod verified;

pub use disks::DataDisk;
pub use html::write as html;
pub use page::{
    Allowed, Change, Class, Column, Count, Counts, Doubt, Finding, Group, Hidden, LibraryLine,
    Line, Login, Machines, Made, MadeBy, Missing, Outside, Page, Picture, Place, PlaceRole,
    PlacedFile, Reason, Row, Run, Shown, SpecFile, SpecLine, Step, Table, Target,
};

use crate::output::{FileDiff, Settings};
use crate::{Analysis, Compiled};

/// What a tree is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Earlier<'a> {
    /// As it was named.
    pub name: &'a str,
    /// What differs from it.
    pub files: &'a [FileDiff],
    /// What its spec had set, if that is known.
    pub settings: Option<&'a Settings>,
    /// What is odd about it.
    pub doubts: &'a [Doubt],
}

/// The review of a tree that was compiled with the origins of its lines; `spec` is how the spec is called.
pub fn page(
    analysis: &Analysis,
    compiled: &Compiled,
    spec: &str,
    earlier: Option<Earlier<'_>>,
) -> Page {
    let mut reasons = reasons::Reasons::new(&analysis.sources);
    let shown = files::shown(&compiled.rendered, &mut reasons);
    let made = reasons.made(&shown);
    let (reasons, library) = reasons.finish();
    Page {
        generator: "pikc review",
        format: 1,
        pikc: env!("CARGO_PKG_VERSION"),
        spec: spec.to_owned(),
        spec_sha256: crate::output::spec_sum(analysis),
        versions: compiled.versions.clone(),
        fixed: compiled
            .fixed
            .iter()
            .map(|(name, found)| (name.clone(), found.value.clone()))
            .collect(),
        picture: cluster::picture(analysis),
        findings: cluster::findings(analysis),
        allowed: cluster::allowed(analysis),
        missing: cluster::missing(compiled),
        doubts: earlier.map_or_else(Vec::new, |earlier| earlier.doubts.to_vec()),
        changes: earlier.map(|earlier| changes::changes(analysis, compiled, &earlier)),
        classes: steps::classes(compiled, &shown),
        steps: steps::steps(compiled, &shown),
        outside: cluster::outside(compiled),
        logins: cluster::logins(analysis),
        disks: disks::disks(analysis),
        counts: shown.counts,
        files: shown.files,
        tables: shown.tables,
        links: shown.links,
        specs: made,
        reasons,
        library,
    }
}
