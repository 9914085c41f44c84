//! Whose is the file at a path: pikc's, as it was written; pikc's, but edited; or someone else's.
//!
//! A content is pikc's when the old manifest or a pending one lists its hash for that path. Modes do
//! not count: version control and copies lose them, and correcting one loses no work.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

use super::manifest::{Digest, Manifest, Record, What};
use super::place::Found;
use super::tree::Wanted;

/// What pikc may call its own: the lists of the old manifest and of those of cut-short writes.
pub(super) struct Claims<'m> {
    manifests: Vec<&'m Manifest>,
    /// The tree itself, if the old manifest says exactly what the new one will and was not read.
    wanted: &'m [Wanted<'m>],
    /// Built when it is first needed: if nothing has changed, it never is.
    index: OnceLock<Vec<HashMap<&'m str, &'m What>>>,
}

/// Whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing is there.
    Missing,
    /// As pikc wrote it, or empty at a path that pikc wrote: nothing to lose.
    Ours,
    /// Where pikc wrote a file or link of this kind, with other content.
    Edited,
    /// Anything else; in words.
    Foreign(&'static str),
}

impl<'m> Claims<'m> {
    pub(super) fn new(
        manifests: impl IntoIterator<Item = &'m Manifest>,
        wanted: &'m [Wanted<'m>],
    ) -> Self {
        Self {
            manifests: manifests.into_iter().collect(),
            wanted,
            index: OnceLock::new(),
        }
    }

    /// Every path of the manifests, once for each that lists it, in no order.
    pub(super) fn paths(&self) -> impl Iterator<Item = &'m str> {
        let records = self.manifests.iter().flat_map(|manifest| &manifest.files);
        records.map(|record| record.path.as_str())
    }

    fn of<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'m What> + 'a {
        let pair = |record: &'m Record| (record.path.as_str(), &record.what);
        let index = self.index.get_or_init(|| {
            let listed = self.manifests.iter();
            let listed = listed.map(|manifest| manifest.files.iter().map(pair).collect());
            let unread = self
                .wanted
                .iter()
                .map(|wanted| (wanted.path, wanted.what()))
                .collect();
            listed.chain([unread]).collect()
        });
        index.iter().filter_map(move |list| list.get(path).copied())
    }

    /// Whether pikc wrote a secret there.
    pub(super) fn secret(&self, path: &str) -> bool {
        self.of(path)
            .any(|what| matches!(what, What::File { mode, .. } if mode & 0o077 == 0))
    }

    /// Whose is what was found there.
    pub(super) fn judge(&self, path: &str, found: Found) -> io::Result<Verdict> {
        let words = found.words();
        match found {
            Found::Missing => Ok(Verdict::Missing),
            Found::File { file, size, .. } => self.judge_file(path, file, size, words),
            Found::Link(target) => {
                let mut links = self.of(path).filter_map(|what| match what {
                    What::Link(target) => Some(target),
                    What::File { .. } => None,
                });
                Ok(match links.next() {
                    None => Verdict::Foreign(words),
                    Some(first) if first.as_bytes() == target => Verdict::Ours,
                    Some(_) if links.any(|link| link.as_bytes() == target) => Verdict::Ours,
                    Some(_) => Verdict::Edited,
                })
            }
            Found::Folder | Found::Other => Ok(Verdict::Foreign(words)),
        }
    }

    fn judge_file(
        &self,
        path: &str,
        file: OwnedFd,
        size: u64,
        words: &'static str,
    ) -> io::Result<Verdict> {
        let mut files = self
            .of(path)
            .filter_map(|what| match what {
                What::File { size, sha256, .. } => Some((*size, *sha256)),
                What::Link(_) => None,
            })
            .peekable();
        if files.peek().is_none() {
            return Ok(Verdict::Foreign(words));
        }
        // A power cut can leave a file empty that was written just before; nothing is lost with it.
        if size == 0 {
            return Ok(Verdict::Ours);
        }
        let mut sum = None;
        for (length, sha256) in files {
            if length != size {
                continue;
            }
            let sum = match sum {
                Some(sum) => sum,
                None => *sum.insert(sum_of(&File::from(file.try_clone()?))?),
            };
            if sum == sha256 {
                return Ok(Verdict::Ours);
            }
        }
        Ok(Verdict::Edited)
    }
}

fn sum_of(mut file: &File) -> io::Result<Digest> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(Digest::from(<[u8; 32]>::from(hasher.finalize()))),
            length => hasher.update(&buffer[..length]),
        }
    }
}

/// Whether a file holds exactly these bytes, given in pieces. Four system calls in all for a
/// small file, as 80,000 of them are compared when nothing has changed.
pub(super) fn same_bytes(
    file: &OwnedFd,
    pieces: &[&[u8]],
    buffer: &mut Vec<u8>,
) -> io::Result<bool> {
    let wanted = pieces.iter().map(|piece| piece.len()).sum();
    // One byte more than expected: a short answer also says that the file ends there.
    buffer.resize(wanted + 1, 0);
    let mut length = 0;
    while length <= wanted {
        match rustix::io::pread(file, &mut buffer[length..], length as u64) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        if length == wanted {
            break;
        }
    }
    let mut rest = &buffer[..length];
    let begins = pieces.iter().all(|piece| {
        rest.strip_prefix(*piece).is_some_and(|after| {
            rest = after;
            true
        })
    });
    Ok(begins && rest.is_empty())
}
