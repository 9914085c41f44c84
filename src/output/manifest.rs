//! `pikc.json`: what pikc wrote, from what, and which addresses outside it depends on.
//!
//! The text has one file per line, sorted, so that version control shows what changed. Reading it
//! back tells pikc which files are its own, and a carrier how to copy a node's folder without links.

use std::collections::BTreeMap;
use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Deserializer, Serialize};

use super::error::ManifestFault;
use crate::model::BLOCK;

/// The format that this pikc writes and the newest that it reads.
const FORMAT: u64 = 1;

/// What the floors below know about a tree; the list of files is added here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManifestInput {
    /// SHA-256 of the spec with all files that it uses, as hexadecimal text.
    pub spec_sha256: String,
    /// The exact versions that were chosen: `kubernetes` to `1.36.4`.
    pub versions: BTreeMap<String, String>,
    /// What a running cluster cannot change: `pods` to `10.244.0.0/16`.
    pub fixed: BTreeMap<String, String>,
    /// What the spec sets.
    pub settings: Settings,
    /// Every address outside the cluster that a generated file names.
    pub outside: Vec<OutsideAddress>,
}

/// What a spec sets, with its profiles merged: a later `diff` says which settings changed. No secret is in it, only names of secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Settings {
    /// For the cluster: `kubelet / max-pods` to `110`.
    pub cluster: BTreeMap<String, String>,
    /// For machines: `swap` to each value, with the machines that have it (see [`shortened`](super::shortened)).
    pub nodes: BTreeMap<String, BTreeMap<String, String>>,
}

/// An address outside the cluster that a generated file names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct OutsideAddress {
    /// The address.
    pub url: String,
    /// What is fetched there, in a few words.
    pub why: String,
    /// The files or steps that name it.
    pub used_by: Vec<String>,
}

/// A manifest as read back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Manifest {
    /// The version of pikc that wrote it.
    pub pikc: String,
    /// SHA-256 of the spec with all files that it uses.
    pub spec_sha256: String,
    /// The exact versions that were chosen.
    pub versions: BTreeMap<String, String>,
    /// What a running cluster cannot change.
    #[serde(default)]
    pub fixed: BTreeMap<String, String>,
    /// What the spec set; none in a tree that an earlier version wrote.
    pub settings: Option<Settings>,
    /// Every address outside the cluster that a generated file names.
    pub outside: Vec<OutsideAddress>,
    /// For each place that a link points to: the files there.
    flat: BTreeMap<Utf8PathBuf, Vec<Utf8PathBuf>>,
    /// Every file and link, by path.
    pub files: Vec<Record>,
}

/// One file or link of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RawRecord")]
pub struct Record {
    /// Where, below the output folder.
    pub path: String,
    /// What pikc put there.
    pub what: What,
}

/// What pikc put at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A file.
    File {
        /// Its permissions.
        mode: u32,
        /// Its length in bytes.
        size: u64,
        /// Its content.
        sha256: Digest,
    },
    /// A relative symbolic link to this target.
    Link(String),
}

/// A SHA-256 sum.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 32]);

/// One file of a flat copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlatFile {
    /// Where it goes, below the folder that is copied.
    pub path: Utf8PathBuf,
    /// Where it comes from, below the output folder.
    pub source: Utf8PathBuf,
}

/// How a record is written, before its parts are checked.
#[derive(Deserialize)]
struct RawRecord {
    path: String,
    kind: RecordKind,
    mode: Option<String>,
    size: Option<u64>,
    sha256: Option<Digest>,
    target: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RecordKind {
    File,
    Link,
}

impl TryFrom<RawRecord> for Record {
    type Error = String;

    fn try_from(raw: RawRecord) -> Result<Self, String> {
        let what = match (raw.kind, raw.mode, raw.size, raw.sha256, raw.target) {
            (RecordKind::File, Some(mode), Some(size), Some(sha256), None) => What::File {
                mode: u32::from_str_radix(&mode, 8)
                    .map_err(|_| format!("{mode:?} is not a mode"))?,
                size,
                sha256,
            },
            (RecordKind::Link, None, None, None, Some(target)) => What::Link(target),
            _ => {
                return Err(format!(
                    "the entry of {:?} is neither a file's nor a link's",
                    raw.path
                ));
            }
        };
        Ok(Self {
            path: raw.path,
            what,
        })
    }
}

impl Manifest {
    /// Whether the tree was compiled with the secrets that let machines join by themselves. The file of the token is there even if
    /// the spec has a single machine.
    pub fn joins_alone(&self) -> bool {
        let brought = ["/once/discovery.conf", "/once/token.yaml"];
        self.files
            .iter()
            .any(|record| brought.iter().any(|end| record.path.ends_with(end)))
    }

    /// The cluster whose tree it is. The manifest of an earlier pikc may not say it.
    pub fn cluster(&self) -> Option<&str> {
        let set = || {
            let settings = self.settings.as_ref()?;
            settings.cluster.get(&format!("cluster{BLOCK}"))
        };
        self.fixed.get("cluster").or_else(set).map(String::as_str)
    }

    /// Reads a manifest's text.
    pub fn parse(text: &[u8]) -> Result<Self, ManifestFault> {
        /// Read first and alone: a newer format may differ in everything else.
        #[derive(Deserialize)]
        struct Head {
            format: u64,
        }
        let unreadable = |error: serde_json::Error| ManifestFault::Unreadable(error.to_string());
        let manifest = match serde_json::from_slice::<Self>(text) {
            Ok(manifest) if text.starts_with(head_line().as_bytes()) => manifest,
            outcome => {
                let format = serde_json::from_slice::<Head>(text)
                    .map_err(unreadable)?
                    .format;
                if format != FORMAT {
                    return Err(ManifestFault::Format(format));
                }
                outcome.map_err(unreadable)?
            }
        };
        // A path that leads out of the folder would make pikc remove someone else's file.
        let listed = manifest.files.iter().map(|record| record.path.as_str());
        match listed.into_iter().find(|path| !is_place(path)) {
            Some(path) => Err(ManifestFault::Path(path.to_owned())),
            None => Ok(manifest),
        }
    }

    /// The files of a copy of `folder` in which each link is replaced by what it points to, for
    /// carriers and file systems that do not support links. In order of their paths.
    pub fn flat(&self, folder: &Utf8Path) -> Vec<FlatFile> {
        let mut files = Vec::new();
        for record in &self.files {
            let source = Utf8Path::new(&record.path);
            let Ok(path) = source.strip_prefix(folder) else {
                continue;
            };
            let What::Link(target) = &record.what else {
                files.push(FlatFile {
                    path: path.to_owned(),
                    source: source.to_owned(),
                });
                continue;
            };
            let Some(place) = resolve(source.as_str(), target) else {
                continue;
            };
            for file in self.flat.get(&place).into_iter().flatten() {
                let below = file.strip_prefix(&place).unwrap_or(file);
                files.push(FlatFile {
                    path: if below.as_str().is_empty() {
                        path.to_owned()
                    } else {
                        path.join(below)
                    },
                    source: file.clone(),
                });
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }
}

/// The text of a manifest. `flat` as [`Manifest`] has it, `files` in order.
pub(super) fn text<'r>(
    input: &ManifestInput,
    flat: &BTreeMap<Utf8PathBuf, Vec<&str>>,
    files: impl ExactSizeIterator<Item = (&'r str, &'r What)>,
) -> String {
    let mut out = String::with_capacity(2048 + files.len() * 192);
    out.push_str(&head_line());
    out.push_str(&format!(
        "  \"pikc\": {},\n",
        quote(env!("CARGO_PKG_VERSION"))
    ));
    out.push_str(&format!(
        "  \"spec-sha256\": {},\n",
        quote(&input.spec_sha256)
    ));
    for (key, values) in [("versions", &input.versions), ("fixed", &input.fixed)] {
        let rows = values
            .iter()
            .map(|(name, value)| format!("{}: {}", quote(name), quote(value)));
        list(&mut out, key, '{', rows, '}');
    }
    settings(&mut out, &input.settings);
    list(
        &mut out,
        "outside",
        '[',
        input.outside.iter().map(json),
        ']',
    );
    let flat = flat.iter().map(|(place, files)| {
        let files: Vec<_> = files
            .iter()
            .map(|file| format!("\n      {}", quote(file)))
            .collect();
        format!("{}: [{}\n    ]", quote(place.as_str()), files.join(","))
    });
    list(&mut out, "flat", '{', flat, '}');
    out.push_str(FILES_LINE);
    for (index, (path, what)) in files.enumerate() {
        out.push_str(if index == 0 { "\n    " } else { ",\n    " });
        write_record(&mut out, path, what);
    }
    out.push_str("\n  ]\n}\n");
    out
}

/// A setting on each line, and for those of machines a value on each line.
fn settings(out: &mut String, settings: &Settings) {
    let row = |(name, value): (&String, &String)| format!("{}: {}", quote(name), quote(value));
    let rows = |held: &BTreeMap<String, String>, indent: &str| {
        let rows: Vec<String> = held.iter().map(row).collect();
        match rows.is_empty() {
            true => "{}".to_owned(),
            false => format!(
                "{{\n{indent}  {}\n{indent}}}",
                rows.join(&format!(",\n{indent}  "))
            ),
        }
    };
    let nodes: Vec<String> = settings
        .nodes
        .iter()
        .map(|(key, values)| format!("\n      {}: {}", quote(key), rows(values, "      ")))
        .collect();
    let end = if nodes.is_empty() { "" } else { "\n    " };
    out.push_str(&format!(
        "  \"settings\": {{\n    \"cluster\": {},\n    \"nodes\": {{{}{end}}}\n  }},\n",
        rows(&settings.cluster, "    "),
        nodes.join(",")
    ));
}

/// The part of a manifest's text before the list of files, for people to compare.
pub(super) fn head(text: &str) -> &str {
    text.split(FILES_LINE).next().unwrap_or(text)
}

const FILES_LINE: &str = "  \"files\": [";

fn head_line() -> String {
    format!("{{\n  \"format\": {FORMAT},\n")
}

fn list(out: &mut String, key: &str, open: char, items: impl Iterator<Item = String>, close: char) {
    out.push_str(&format!("  \"{key}\": {open}"));
    let mut any = false;
    for item in items {
        out.push_str(if any { ",\n    " } else { "\n    " });
        out.push_str(&item);
        any = true;
    }
    out.push_str(if any { "\n  " } else { "" });
    out.push(close);
    out.push_str(",\n");
}

fn write_record(out: &mut String, path: &str, what: &What) {
    use fmt::Write as _;
    let path = quote(path);
    let written = match what {
        What::File { mode, size, sha256 } => write!(
            out,
            r#"{{"path":{path},"kind":"file","mode":"{mode:04o}","size":{size},"sha256":"{sha256}"}}"#
        ),
        What::Link(target) => write!(
            out,
            r#"{{"path":{path},"kind":"link","target":{}}}"#,
            quote(target)
        ),
    };
    written.expect("a String accepts all text");
}

fn quote(text: &str) -> String {
    json(&text)
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("text and lists of text have a JSON form")
}

/// Whether this is a path below the folder, written in the one plain form, and not one of the
/// manifest's own places.
pub(super) fn is_place(path: &str) -> bool {
    let bytes = path.as_bytes();
    let mut names = bytes.split(|byte| *byte == b'/');
    names.clone().next() != Some(super::WORKSHOP.as_bytes())
        && names.all(|name| !matches!(name, b"" | b"." | b".."))
        && !bytes.contains(&0)
        && path != super::MANIFEST
}

/// Where a link points, below the output folder; nothing if out of it.
pub(super) fn resolve(link: &str, target: &str) -> Option<Utf8PathBuf> {
    let (folder, _) = link.rsplit_once('/').unwrap_or_default();
    let mut place: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
    if target.starts_with('/') {
        return None;
    }
    for name in target.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                place.pop()?;
            }
            name => place.push(name),
        }
    }
    Some(place.join("/").into())
}

impl Digest {
    /// The sum of these bytes.
    #[cfg(test)]
    pub fn of(bytes: &[u8]) -> Self {
        Self(<sha2::Sha256 as sha2::Digest>::digest(bytes).into())
    }
}

impl From<[u8; 32]> for Digest {
    fn from(sum: [u8; 32]) -> Self {
        Self(sum)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&text).expect("digits are ASCII"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let mut bytes = [0; 32];
        let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
        match digits {
            Some(digits) if digits.len() == 64 => {
                for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
                    *byte = u8::try_from(pair[0] << 4 | pair[1]).expect("two digits make a byte");
                }
                Ok(Self(bytes))
            }
            _ => Err(serde::de::Error::custom("not a SHA-256 sum")),
        }
    }
}
