//! Which lines of a tree are not shown to a reader: those that hold a secret, and packed bytes.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::origin::Origin;
use crate::render::{Entry, File, LineOrigin, PACKED_FILES, Rendered};

/// Why a line is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hidden {
    /// It holds a secret, or the checksum of a file that does.
    Secret,
    /// It is part of an archive of files that are shown.
    Packed,
}

/// What hides the secrets of a tree.
#[derive(Clone, Debug, Default)]
pub struct Veil {
    sums: HashSet<String>,
    /// Whether beginnings that several files share hold a secret, by where they are: a thousand files may have one.
    beginnings: HashMap<usize, bool>,
}

impl Veil {
    /// The veil for a tree with the origins of its lines.
    pub fn new(rendered: &Rendered) -> Self {
        let mut veil = Self::default();
        for entry in rendered.entries().values() {
            let Entry::File(file) = entry else { continue };
            let shared = file.content.shared_lines();
            let known = veil.beginnings.entry(shared.as_ptr().addr());
            known.or_insert_with(|| hold_secret(shared));
            if veil.is_secret(file) {
                // A checksum is enough to try values until one fits.
                veil.sums.insert(hex(file.content.sha256()));
            }
        }
        veil
    }

    /// Whether a file of the tree holds a secret, or only root may read it.
    pub fn is_secret(&self, file: &File) -> bool {
        let shared = file.content.shared_lines();
        let known = self.beginnings.get(&shared.as_ptr().addr());
        file.mode & 0o077 == 0
            || known.copied().unwrap_or_else(|| hold_secret(shared))
            || hold_secret(&file.lines)
    }

    /// For each of a file's lines, why it is not shown; nothing for a line that is.
    pub fn lines(&self, file: &File, lines: &[&str]) -> Vec<Option<Hidden>> {
        self.of_lines(file.mode, file.origins(), lines.iter().copied())
    }

    /// The same for lines with these origins in a file with this mode.
    pub fn of_lines<'a, 't>(
        &self,
        mode: u32,
        mut origins: impl Iterator<Item = &'a LineOrigin>,
        lines: impl Iterator<Item = &'t str>,
    ) -> Vec<Option<Hidden>> {
        let of_line = |line: &str| {
            let origins = origins.next();
            let of_secret = origins.map_or(
                // Nothing is known about the line.
                mode & 0o077 == 0,
                |origins| origins.iter().any(Origin::is_secret),
            );
            if of_secret || self.has_sum(line) {
                Some(Hidden::Secret)
            } else if origins.is_some_and(|origins| is_packed_line(origins, line)) {
                Some(Hidden::Packed)
            } else {
                None
            }
        };
        lines.map(of_line).collect()
    }

    /// Whether a line has the checksum of a file that holds a secret.
    fn has_sum(&self, line: &str) -> bool {
        if line.len() < 64 || self.sums.is_empty() {
            return false;
        }
        let words = line.split(|c: char| !c.is_ascii_hexdigit());
        words
            .filter(|word| word.len() == 64)
            .any(|word| self.sums.contains(word))
    }
}

/// Whether a file holds a secret, or only root may read it.
pub(super) fn is_secret(file: &File) -> bool {
    file.mode & 0o077 == 0 || file.origins().flatten().any(Origin::is_secret)
}

fn hold_secret(lines: &[LineOrigin]) -> bool {
    lines.iter().flatten().any(Origin::is_secret)
}

/// Whether a line is packed bytes. The text around them has their origin, too.
fn is_packed_line(origins: &LineOrigin, line: &str) -> bool {
    let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let line = line.trim();
    !line.is_empty() && line.chars().all(base64) && is_packed(origins)
}

/// Whether a line comes from an archive of other files.
pub(super) fn is_packed(origins: &[Origin]) -> bool {
    let packed =
        |origin: &Origin| matches!(origin, Origin::Derived { rule, .. } if *rule == PACKED_FILES);
    origins.iter().any(packed)
}

fn hex(sum: [u8; 32]) -> String {
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}
