//! From a rendered tree to files on a disk, safe and owned: the only floor that writes.
//!
//! In: [`Rendered`](crate::render::Rendered), what the manifest is to say ([`ManifestInput`]), and
//! what is already in the folder. Out: the tree, and a [`Report`] of what changed; or an
//! [`OutputError`] and a folder that is as it was.
//!
//! ```text
//! DIR -survey-> Plan (what to create, change, remove; what is in the way)
//! Plan -stage-> DIR/.pikc/stage -commit-> DIR, pikc.json last
//! ```
//!
//! The order of a write, each line complete before the next begins:
//!
//! 1. lock DIR, read `pikc.json` and what an earlier, cut-short write left in `.pikc/`;
//! 2. compare every path with the disk; anything in the way ends here, with nothing touched;
//! 3. write all new contents in `.pikc/stage/`; a folder that does not exist yet is built there whole;
//! 4. the new manifest becomes `.pikc/pending-N.json`: from here on both hashes of a path are ours;
//! 5. rename the staged pieces into place, each in one step;
//! 6. remove what the old manifest lists and the new one does not, then folders left empty by it;
//! 7. rename the pending manifest to `pikc.json`, remove `.pikc/`.
//!
//! Killed before 4: nothing but `.pikc/` differs, and the next run clears it. Killed after: the
//! next run finds each path as the old or as the new manifest says, knows both, and goes on.

mod card;
mod closed;
mod described;
mod diff;
mod disk;
mod error;
#[cfg(test)]
mod fault;
mod judge;
mod manifest;
mod names;
mod place;
mod read;
mod root;
mod stage;
mod survey;
mod tree;
mod write;

#[cfg(test)]
mod tests;

pub use card::{Card, CardChange, CardError, CardOptions, Words, put_on_card};
pub use closed::Closed;
pub use described::{described, kept_version, settings, spec_sum};
pub use diff::{Body, Diff, FileDiff, Texts, between_trees, diff, hunks};
pub use disk::{BadLibrary, Disk, library_folder, line_of};
pub use error::{Doing, InTheWay, Left, ManifestFault, OutputError, TreeFault};
pub use manifest::{
    Digest, FlatFile, Manifest, ManifestInput, OutsideAddress, Record, Settings, What,
};
pub use names::{expanded, shortened};
pub use read::{
    Found as FileFound, Sort, Unread, bounded, is_beneath, read, read_beneath, read_no_link, words,
};
pub use write::{Change, ChangeKind, Report, WriteOptions, read_manifest, write};

/// The manifest's name in the output folder.
pub const MANIFEST: &str = "pikc.json";

/// The folder below the output folder where a write prepares; there only while one is under way
/// or was cut short.
pub const WORKSHOP: &str = ".pikc";

/// Called before each call that changes the disk, so that tests can fail or kill there.
#[cfg(not(test))]
#[inline]
fn before_change() -> rustix::io::Result<()> {
    Ok(())
}
#[cfg(test)]
use fault::before_change;
