//! Carriers: a class's files packed once, then for each machine a text that holds them and its own.
//!
//! In: the plan's payloads and carriers, and every other file rendered. Out: files. The class's part
//! is compressed, as it is the same for all and can be read in its folder; the machine's own files
//! stand there as they are, so that whoever reads user-data sees what makes this machine this one.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use super::assemble::AssembleError;
use super::text::TextBuilder;
use super::{Beginning, Content, Entry, File, yaml};
use crate::origin::Origin;
use crate::plan::document::cloud_config::WriteFile;
use crate::plan::{CARRIED, Carrier, Early, List, Listed, Payload, Plan};

/// Characters on a line of packed bytes.
const WIDTH: usize = 120;

/// What is rendered already, by path.
type Entries = BTreeMap<Utf8PathBuf, Entry>;

/// The carriers of a plan.
pub(super) fn carriers(
    plan: &Plan,
    entries: &Entries,
    keep_lines: bool,
) -> Result<Vec<(Utf8PathBuf, File)>, AssembleError> {
    let payloads: Vec<Arc<Beginning>> = plan
        .payloads
        .par_iter()
        .map(|payload| beginning(payload, &plan.lists, entries, keep_lines).map(Arc::new))
        .collect::<Result<_, _>>()?;
    plan.carriers
        .par_iter()
        .map(|carrier| {
            let payload = &plan.payloads[carrier.payload];
            let own = own(carrier, payload, &plan.lists, entries, keep_lines)?;
            let file = File {
                content: Content::sharing(Arc::clone(&payloads[carrier.payload]), own.text),
                mode: carrier.mode,
                lines: own.lines,
            };
            Ok((carrier.path.clone(), file))
        })
        .collect()
}

fn file<'e>(path: &Utf8Path, entries: &'e Entries) -> Result<&'e File, AssembleError> {
    match entries.get(path) {
        Some(Entry::File(file)) => Ok(file),
        _ => Err(AssembleError::Unlisted(path.to_owned())),
    }
}

/// user-data as far as it is the same for all machines of a class.
fn beginning(
    payload: &Payload,
    lists: &[List],
    entries: &Entries,
    keep_lines: bool,
) -> Result<Beginning, AssembleError> {
    let list = &lists[payload.list];
    let wrong = |why: &dyn std::fmt::Display| {
        AssembleError::Document(list.path.clone(), format!("a carrier of it: {why}"))
    };
    let mut config = payload.head.clone();
    for one in &payload.early {
        let text = file(&one.output, entries)?.content.text();
        config.write_files.push(WriteFile {
            path: one.path.clone(),
            permissions: format!("{:04o}", one.mode),
            encoding: None,
            content: text.ok_or_else(|| wrong(&"not text"))?.into_owned(),
        });
    }
    let packed = pack(list, &payload.manifests, entries).map_err(|error| match error {
        Packing::Unlisted(error) => error,
        Packing::Io(error) => wrong(&error),
    })?;
    config.write_files.push(WriteFile {
        path: format!("{CARRIED}/class.tar.gz"),
        permissions: "0600".to_owned(),
        encoding: Some("b64"),
        content: wrapped(&packed),
    });
    let document = yaml::Document::new(&config, &payload.origins, keep_lines)
        .map_err(|error| wrong(&error))?
        .comment(&payload.header);
    let mut first = TextBuilder::new(keep_lines);
    // Without exactly this line, cloud-init ignores the file.
    first.line("#cloud-config", &payload.origins);
    let (first, rest) = (first.finish(), yaml::render(&[document], keep_lines));
    Ok(Beginning::new(
        first.text + &rest.text,
        [first.lines, rest.lines].concat(),
    ))
}

enum Packing {
    Unlisted(AssembleError),
    Io(std::io::Error),
}

impl From<std::io::Error> for Packing {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// A class's list and files and the manifests, as a compressed archive: always the same bytes from
/// the same files, so without times and owners.
fn pack(list: &List, manifests: &[Listed], entries: &Entries) -> Result<Vec<u8>, Packing> {
    let gzip = flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::best());
    let mut archive = tar::Builder::new(gzip);
    let listed = list.entries.iter().chain(manifests);
    let all = listed.map(|one| (one.bundle.as_str(), &one.output));
    for (name, output) in [("class.list", &list.path)].into_iter().chain(all) {
        let file = file(output, entries).map_err(Packing::Unlisted)?;
        let mut header = tar::Header::new_ustar();
        header.set_size(file.content.len() as u64);
        header.set_mode(if name.ends_with(".sh") { 0o700 } else { 0o600 });
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        let bytes = file.content.pieces().concat();
        archive.append_data(&mut header, name, bytes.as_slice())?;
    }
    let mut gzip = archive.into_inner()?;
    gzip.flush()?;
    Ok(gzip.finish()?)
}

/// Bytes as lines of base64.
fn wrapped(bytes: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(bytes);
    let mut out = String::with_capacity(text.len() + text.len() / WIDTH + 1);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(WIDTH.min(rest.len()));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    out
}

/// The rest of user-data: the machine's own files, then its name.
fn own(
    carrier: &Carrier,
    payload: &Payload,
    lists: &[List],
    entries: &Entries,
    keep_lines: bool,
) -> Result<super::Text, AssembleError> {
    let list = &lists[carrier.list];
    let mut out = TextBuilder::new(keep_lines);
    let mut add = |path: &str, mode: u32, output: &Utf8Path| {
        let file = file(output, entries)?;
        let why: Vec<Origin> = file.origins().flatten().take(1).cloned().collect();
        let why = if why.is_empty() {
            &carrier.origins
        } else {
            why.as_slice()
        };
        let line = |key: &str, value: &str| format!("{key}: {}", yaml::text(value));
        out.line(&format!("  - {}", line("path", path)), why);
        let permissions = format!("{mode:04o}");
        out.line(&format!("    {}", line("permissions", &permissions)), why);
        let Some(text) = file.content.text() else {
            let path = carrier.path.clone();
            return Err(AssembleError::Document(
                path,
                format!("{output} is not text"),
            ));
        };
        if yaml::fits_block(&text) {
            out.line("    content: |", why);
            let mut origins = file.origins();
            for line in text.lines() {
                out.buffer()
                    .push_str(if line.is_empty() { "" } else { "      " });
                let own = origins.next().filter(|origins| !origins.is_empty());
                out.line(line, own.map_or(why, Vec::as_slice));
            }
        } else {
            out.line(&format!("    {}", line("content", &text)), why);
        }
        Ok(())
    };
    for Early { path, output, mode } in &carrier.early {
        add(path, *mode, output)?;
    }
    add(&format!("{CARRIED}/node.list"), 0o600, &list.path)?;
    for one in &list.entries {
        if payload
            .manifests
            .iter()
            .all(|packed| packed.bundle != one.bundle)
        {
            add(&format!("{CARRIED}/{}", one.bundle), 0o600, &one.output)?;
        }
    }
    let name = format!("hostname: {}", yaml::text(&carrier.name.value));
    out.line(&name, std::slice::from_ref(&carrier.name.origin));
    Ok(out.finish())
}
