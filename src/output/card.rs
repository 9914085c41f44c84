//! Puts a node's files on the boot partition of its card.
//!
//! In: a mounted boot partition, the files for it, and the words for its command line. Out: what
//! changed. The partition is FAT: no links, no modes, and power can fail during a write. Each file is
//! written next to its place and renamed over it; the command line comes last, because it is what
//! brings the others into effect. A second run changes nothing. If the file system does have modes, a file that
//! may hold a secret is readable by its owner alone from the first byte.

mod command_line;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

use camino::{Utf8Path, Utf8PathBuf};

use super::read::{Sort, Unread, read_no_link};
use super::write::{Change, ChangeKind};
use crate::file_format::{card_marker, config_txt};
use crate::render::Content;

pub use command_line::Words;

/// Says whose card it is, for people and for the next run.
const MARKER: &str = "pikc-card.txt";

/// The mode of the files there. FAT has none and uses the mount's.
const MODE: u32 = 0o600;

/// What goes on the partition.
pub struct Card<'a> {
    /// "node02 of the cluster home"
    pub owner: &'a str,
    /// How cloud-init distinguishes instances.
    pub instance: &'a str,
    /// Files by their names there.
    pub files: Vec<(&'a str, &'a Content)>,
    /// Where the command line may be.
    pub command_lines: &'a [String],
    /// What is to be done about its words.
    pub words: Words<'a>,
    /// The lines of pikc's block in config.txt; none if it has no such block.
    pub firmware: Option<&'a str>,
}

/// How it is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct CardOptions {
    /// Replace another node's files.
    pub force: bool,
    /// Say what would change, and write nothing.
    pub dry_run: bool,
}

/// Why a partition was left as it is, or was written in part.
#[derive(Debug)]
pub enum CardError {
    /// It is not a boot partition; why.
    NotBoot(Utf8PathBuf, String),
    /// It has another node's files; whose.
    Taken(Utf8PathBuf, String),
    /// Something other than a file is in the place of one.
    NoFile(Utf8PathBuf),
    /// The system refused.
    Io(Utf8PathBuf, io::Error),
}

impl std::fmt::Display for CardError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotBoot(dir, why) => write!(f, "{dir} is not a boot partition: {why}"),
            Self::Taken(dir, owner) => write!(f, "{dir} is the card of {owner}"),
            Self::NoFile(path) => write!(
                f,
                "{path} is not a file, and pikc replaces only files there"
            ),
            Self::Io(path, error) => write!(f, "{path}: {error}"),
        }
    }
}

impl std::error::Error for CardError {}

/// A change of a card, with what there is to say about it next to its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardChange {
    /// What was done.
    pub change: Change,
    /// Words that were added and removed; the name of the copy that was kept.
    pub note: String,
}

/// One file to write.
struct Write {
    path: Utf8PathBuf,
    bytes: Vec<u8>,
    step: ChangeKind,
    note: String,
    mode: u32,
    /// Where a copy of what is there goes first.
    keep: Option<Utf8PathBuf>,
}

/// Puts a node's files on the boot partition that is mounted at `dir`.
pub fn put_on_card(
    dir: &Utf8Path,
    card: &Card<'_>,
    options: CardOptions,
) -> Result<Vec<CardChange>, CardError> {
    let lines = command_lines(dir, card)?;
    let mine = owner(dir, card)?;
    if let (Owner::Another(owner), false) = (&mine, options.force) {
        return Err(CardError::Taken(dir.to_owned(), owner.clone()));
    }
    let mut writes = Vec::new();
    let marker = Content::from(card_marker::text(card.owner));
    for (name, content) in card.files.iter().copied().chain([(MARKER, &marker)]) {
        let path = dir.join(name);
        let bytes = content.pieces().concat();
        let step = match read(&path)? {
            Some(old) if old == bytes => {
                if !options.dry_run {
                    close(&path);
                }
                continue;
            }
            Some(_) => ChangeKind::Changed,
            None => ChangeKind::Created,
        };
        // What the image or a person put there; what pikc put there can be generated again.
        let keep = (step == ChangeKind::Changed && mine == Owner::NoOne)
            .then(|| dir.join(format!("{name}.before-pikc")))
            .filter(|copy| !copy.exists());
        writes.push(Write {
            note: kept(keep.as_deref()),
            path,
            bytes,
            step,
            mode: MODE,
            keep,
        });
    }
    writes.extend(firmware(dir, card)?);
    for (path, old) in lines {
        let (new, note) = card.words.patch(&old);
        if new == old {
            continue;
        }
        let keep = Some(Utf8PathBuf::from(format!("{path}.before-pikc")));
        let keep = keep.filter(|copy| !copy.exists());
        writes.push(Write {
            note: format!("{note}{}", kept(keep.as_deref())),
            bytes: new.into_bytes(),
            step: ChangeKind::Changed,
            mode: mode(&path)?,
            path,
            keep,
        });
    }
    if !options.dry_run {
        let names = card.files.iter().map(|(name, _)| dir.join(name));
        names.for_each(|path| drop(fs::remove_file(beside(&path))));
        for one in &writes {
            if let Some(copy) = &one.keep {
                let old = read(&one.path)?.unwrap_or_default();
                replace(copy, &old, mode(&one.path)?)?;
            }
            replace(&one.path, &one.bytes, one.mode)?;
        }
    }
    let change = |one: Write| CardChange {
        change: Change {
            path: one.path,
            step: one.step,
        },
        note: one.note,
    };
    Ok(writes.into_iter().map(change).collect())
}

/// What is to be done about config.txt.
fn firmware(dir: &Utf8Path, card: &Card<'_>) -> Result<Option<Write>, CardError> {
    let path = dir.join(config_txt::FILE);
    let not_boot = |why: &str| CardError::NotBoot(dir.to_owned(), format!("{path} {why}"));
    let bytes = read(&path)?.unwrap_or_default();
    let Ok(old) = String::from_utf8(bytes) else {
        // What pikc does not change, it need not understand.
        return match card.firmware {
            Some(_) => Err(not_boot("is not text")),
            None => Ok(None),
        };
    };
    let Ok(new) = config_txt::with_block(&old, card.firmware) else {
        return Err(not_boot(
            "has the first line of pikc's block and not the last one",
        ));
    };
    if new == old {
        return Ok(None);
    }
    let keep = Some(Utf8PathBuf::from(format!("{path}.before-pikc")));
    let keep = keep.filter(|copy| card.firmware.is_some() && !copy.exists());
    let what = match card.firmware {
        Some(_) => " (pikc's block: the settings of the firmware)",
        None => " (without pikc's block)",
    };
    Ok(Some(Write {
        note: format!("{what}{}", kept(keep.as_deref())),
        bytes: new.into_bytes(),
        step: ChangeKind::Changed,
        mode: mode(&path)?,
        path,
        keep,
    }))
}

fn kept(copy: Option<&Utf8Path>) -> String {
    match copy.and_then(Utf8Path::file_name) {
        Some(name) => format!(" (what was there is kept as {name})"),
        None => String::new(),
    }
}

/// The command lines of the partition with their texts: the live one, and that of the next kernel.
fn command_lines(dir: &Utf8Path, card: &Card<'_>) -> Result<Vec<(Utf8PathBuf, String)>, CardError> {
    let not_boot = |why: String| CardError::NotBoot(dir.to_owned(), why);
    match fs::metadata(dir) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Err(not_boot("it is not a folder".to_owned())),
        Err(error) => return Err(CardError::Io(dir.to_owned(), error)),
    }
    if read(&dir.join(config_txt::FILE))?.is_none() {
        return Err(not_boot("it has no config.txt".to_owned()));
    }
    let mut found = Vec::new();
    for name in card.command_lines {
        // The kernel of Ubuntu's next boot has a folder of its own.
        let next = name
            .strip_prefix("current/")
            .map(|name| format!("new/{name}"));
        for name in [Some(name.clone()), next].into_iter().flatten() {
            let path = dir.join(name);
            let Some(bytes) = read(&path)? else { continue };
            let text =
                String::from_utf8(bytes).map_err(|_| not_boot(format!("{path} is not text")))?;
            // Newer images leave a text at the old place that says "moved".
            if text.contains("root=") {
                found.push((path, text));
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let names = card.command_lines.join(" or ");
    Err(not_boot(format!(
        "it has no {names} that names a root partition"
    )))
}

#[derive(PartialEq, Eq)]
enum Owner {
    NoOne,
    Us,
    Another(String),
}

/// Whose card it is at present.
fn owner(dir: &Utf8Path, card: &Card<'_>) -> Result<Owner, CardError> {
    let text = |name: &str| -> Result<Option<String>, CardError> {
        let bytes = read(&dir.join(name))?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    };
    if let Some(marker) = text(MARKER)? {
        let name = card_marker::owner(&marker).unwrap_or("someone else");
        return Ok(match name == card.owner {
            true => Owner::Us,
            false => Owner::Another(visible(name)),
        });
    }
    // Copied by hand.
    let data = text("meta-data")?.unwrap_or_default();
    let id = data
        .lines()
        .find_map(|line| line.strip_prefix("instance-id: "));
    Ok(match id {
        Some(id) if id == card.instance => Owner::Us,
        Some(id) if id.starts_with("pikc-") => Owner::Another(visible(id)),
        _ => Owner::NoOne,
    })
}

/// A card is someone else's until shown otherwise: only part of its text reaches a terminal.
fn visible(text: &str) -> String {
    text.chars()
        .filter(|c| !crate::render::forbidden(*c))
        .take(120)
        .collect()
}

/// A file's bytes; nothing if there is none.
fn read(path: &Utf8Path) -> Result<Option<Vec<u8>>, CardError> {
    let refused = |error| CardError::Io(path.to_owned(), error);
    match read_no_link(path, Sort::Card) {
        Ok(found) => Ok(Some(found.bytes)),
        Err(Unread::Io(error)) => match error.kind() {
            io::ErrorKind::NotFound => Ok(None),
            io::ErrorKind::IsADirectory => Err(CardError::NoFile(path.to_owned())),
            _ => Err(refused(error)),
        },
        Err(why @ Unread::TooLarge(_)) => Err(refused(io::Error::other(why.to_string()))),
        Err(_) => Err(CardError::NoFile(path.to_owned())),
    }
}

/// Where a file is written before it is renamed into its place.
fn beside(path: &Utf8Path) -> Utf8PathBuf {
    Utf8PathBuf::from(format!("{path}.pikc-new"))
}

/// The mode of a file that is there.
fn mode(path: &Utf8Path) -> Result<u32, CardError> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(found.permissions().mode() & 0o777),
        Err(error) => Err(CardError::Io(path.to_owned(), error)),
    }
}

/// Closes a file that an earlier pikc left open to others. A partition without modes refuses that or
/// forgets it, and nothing can be done about it.
fn close(path: &Utf8Path) {
    if mode(path).is_ok_and(|mode| mode & 0o077 != 0) {
        let _ = fs::set_permissions(path, fs::Permissions::from_mode(MODE));
    }
}

/// Replaces a file in one step, and not before its bytes are on the disk.
fn replace(path: &Utf8Path, bytes: &[u8], mode: u32) -> Result<(), CardError> {
    let refused = |error| CardError::Io(path.to_owned(), error);
    let new = beside(path);
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(refused(error)),
        _ => {}
    }
    let create = File::options()
        .write(true)
        .create_new(true)
        .mode(MODE)
        .open(&new);
    let written = create.and_then(|mut file| {
        super::before_change()?;
        file.write_all(bytes)?;
        if mode != MODE {
            // Only if there are modes; without them this changes nothing.
            let _ = file.set_permissions(fs::Permissions::from_mode(mode));
        }
        file.sync_all()
    });
    let placed = written.and_then(|()| {
        super::before_change()?;
        fs::rename(&new, path)
    });
    placed.map_err(|error| {
        let _ = fs::remove_file(&new);
        refused(error)
    })
}
