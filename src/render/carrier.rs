//! Carriers: a class's files packed once, then for each machine a text that holds them and its own.
//!
//! In: the plan's payloads and carriers, and every other file rendered. Out: files. The class's part
//! is compressed, as it is the same for all and can be read in its folder; the machine's own files
//! stand there as they are, so that whoever reads user-data sees what makes this machine this one.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use super::assemble::AssembleError;
use super::template::{Context, Engine};
use super::text::TextBuilder;
use super::{Beginning, Content, Entry, File, Text, shell, yaml};
use crate::origin::{Origin, Sourced};
use crate::plan::document::cloud_config::WriteFile;
use crate::plan::{CARRIED, Carrier, Head, List, Listed, Payload, Plan};

/// Characters on a line of packed bytes. No person reads them, and each line costs its indentation where a platform counts bytes.
const WIDTH: usize = 1000;

/// What ends a here-document, unless the text has such a line.
const END: &str = "END_OF_FILE";

/// What is rendered already, by path.
type Entries = BTreeMap<Utf8PathBuf, Entry>;

/// The carriers of a plan.
pub(super) fn carriers(
    plan: &Plan,
    entries: &Entries,
    engine: &Engine<'_>,
    keep_lines: bool,
) -> Result<Vec<(Utf8PathBuf, File)>, AssembleError> {
    let payloads: Vec<Arc<Beginning>> = plan
        .payloads
        .par_iter()
        .map(|payload| beginning(payload, &plan.lists, entries, engine, keep_lines).map(Arc::new))
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

/// A class's part: how the carriers of all its machines begin.
fn beginning(
    payload: &Payload,
    lists: &[List],
    entries: &Entries,
    engine: &Engine<'_>,
    keep_lines: bool,
) -> Result<Beginning, AssembleError> {
    let list = &lists[payload.list];
    let packed = pack(list, &payload.manifests, entries).map_err(|error| match error {
        Packing::Unlisted(error) => error,
        Packing::Io(error) => wrong(list, &error),
    })?;
    let packed = wrapped(&packed);
    let parcel = parcel(list, payload, entries)?;
    let text = match &payload.head {
        Head::CloudInit { header, config } => {
            let mut config = (**config).clone();
            for one in &payload.early {
                let file = file(&one.output, entries)?;
                let text = file.content.text();
                let text = text.ok_or_else(|| wrong(list, &"not text"))?.into_owned();
                let origin = Origin::derived("placed before its run.sh begins", whole(file));
                config.write_files.push(WriteFile {
                    path: one.path.clone(),
                    permissions: format!("{:04o}", one.mode),
                    encoding: None,
                    content: Sourced::new(text, origin),
                });
            }
            config.write_files.push(WriteFile {
                path: format!("{CARRIED}/class.tar.gz"),
                permissions: "0600".to_owned(),
                encoding: Some("b64"),
                content: Sourced::new(packed, parcel),
            });
            let document = yaml::Document::new(&config, &payload.origins, keep_lines)
                .map_err(|error| wrong(list, &error))?
                .comment(header);
            let mut first = TextBuilder::new(keep_lines);
            // Without exactly this line, cloud-init ignores the file.
            first.line("#cloud-config", &payload.origins);
            joined(first.finish(), yaml::render(&[document], keep_lines))
        }
        Head::Script { name, context } => {
            let context = Context::of_plan(context);
            let script = engine
                .render(name, &context, &payload.origins, keep_lines)
                .map_err(AssembleError::Template)?;
            let mut rest = TextBuilder::new(keep_lines);
            rest.line(
                "base64 --decode <<'END_OF_FILE' | tar -xz -C \"$carried\"",
                &payload.origins,
            );
            for line in packed.lines() {
                rest.line(line, std::slice::from_ref(&parcel));
            }
            rest.line(END, &payload.origins);
            rest.line("", &[]);
            rest.line("# What is this machine's own.", &[]);
            joined(script, rest.finish())
        }
    };
    Ok(Beginning::new(text.text, text.lines))
}

/// Why the packed bytes are there. Whoever unpacks a line of them reads what is in them: one secret among them makes all a secret.
fn parcel(list: &List, payload: &Payload, entries: &Entries) -> Result<Origin, AssembleError> {
    let mut from = payload.origins.to_vec();
    for one in list.entries.iter().chain(&payload.manifests) {
        let secrets = whole(file(&one.output, entries)?)
            .into_iter()
            .filter(Origin::is_secret);
        from.extend(secrets);
    }
    Ok(Origin::derived("the files of the class, packed", from))
}

/// Everything that a file is made from, each once.
fn whole(file: &File) -> Vec<Origin> {
    let all: BTreeSet<&Origin> = file.origins().flatten().collect();
    all.into_iter().cloned().collect()
}

fn joined(first: Text, second: Text) -> Text {
    Text {
        text: first.text + &second.text,
        lines: [first.lines, second.lines].concat(),
    }
}

fn wrong(list: &List, why: &dyn std::fmt::Display) -> AssembleError {
    AssembleError::Document(list.path.clone(), format!("a carrier of it: {why}"))
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
    // Level 9 takes half as long again for 0.3 % less, and that is most of what a small cluster costs.
    let level = flate2::Compression::new(6);
    let gzip = flate2::GzBuilder::new().write(Vec::new(), level);
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

/// A file of a machine's own, as its carrier holds it.
struct Own<'a> {
    path: String,
    text: Cow<'a, str>,
    file: &'a File,
    /// Why it is there.
    why: &'a [Origin],
}

impl Own<'_> {
    /// Adds its lines, each `indent` deep and with its own origins.
    fn lines(&self, indent: &str, out: &mut TextBuilder) {
        let mut origins = self.file.origins();
        for line in self.text.lines() {
            if !line.is_empty() {
                out.buffer().push_str(indent);
            }
            let own = origins.next().filter(|origins| !origins.is_empty());
            out.line(line, own.map_or(self.why, Vec::as_slice));
        }
    }

    /// As an item of user-data's `write_files`.
    fn write_file(&self, out: &mut TextBuilder) {
        yaml::pair(out, "  - path", &self.path, self.why);
        out.line("    permissions: \"0600\"", self.why);
        if yaml::fits_block(&self.text) {
            out.line("    content: |", self.why);
            self.lines("      ", out);
        } else {
            let mut why = whole(self.file);
            if why.is_empty() {
                why = self.why.to_vec();
            }
            yaml::pair(out, "    content", &self.text, &why);
        }
    }

    /// As a here-document of firstrun.sh, whose end is no line of the text.
    fn here_document(&self, out: &mut TextBuilder) {
        let end = shell::end_of(&self.text, END);
        shell::reading(out, &["keep", &self.path], &end, self.why);
        self.lines("", out);
        out.line(&end, self.why);
    }
}

/// The rest of a carrier: the machine's own files, and what comes last.
fn own(
    carrier: &Carrier,
    payload: &Payload,
    lists: &[List],
    entries: &Entries,
    keep_lines: bool,
) -> Result<Text, AssembleError> {
    let list = &lists[carrier.list];
    let get = |path: String, output: &Utf8Path| {
        let file = file(output, entries)?;
        let why = file.origins().find(|origins| !origins.is_empty());
        Ok(Own {
            path,
            text: file
                .content
                .text()
                .ok_or_else(|| wrong(list, &"not text"))?,
            file,
            why: why.map_or(&carrier.origins, Vec::as_slice),
        })
    };
    let mine = list.entries.iter().filter(|one| {
        let packed = &payload.manifests;
        packed.iter().all(|packed| packed.bundle != one.bundle)
    });
    let bundle = [("node.list", &list.path)]
        .into_iter()
        .chain(mine.map(|one| (one.bundle.as_str(), &one.output)));
    let mut out = TextBuilder::new(keep_lines);
    match &payload.head {
        Head::CloudInit { .. } => {
            for (path, output) in bundle {
                get(format!("{CARRIED}/{path}"), output)?.write_file(&mut out);
            }
            let why = std::slice::from_ref(&carrier.name.origin);
            yaml::pair(&mut out, "hostname", &carrier.name.value, why);
        }
        Head::Script { .. } => {
            for (path, output) in bundle {
                get(path.to_owned(), output)?.here_document(&mut out);
            }
            out.line("begin", &carrier.origins);
        }
    }
    Ok(out.finish())
}
