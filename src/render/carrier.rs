//! Carriers: a class's files packed once, then for each machine a text that holds them and its own.
//!
//! In: the plan's payloads and carriers, and every other file rendered. Out: files. The class's part
//! is compressed, because it is the same for all and can be read in its folder; the machine's own files
//! are in plain text, so that a reader of user-data sees what is particular to this machine.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use super::assemble::AssembleError;
use super::template::{Context, Engine};
use super::text::TextBuilder;
use super::{Beginning, Content, Entries, Entry, File, Text, shell, yaml};
use crate::origin::{Origin, Sourced};
use crate::plan::document::cloud_config::WriteFile;
use crate::plan::{CARRIED, Carrier, Head, List, Listed, Payload, Plan};

/// Characters on a line of packed bytes. No one reads them, and each line costs its indentation if a platform counts bytes.
const WIDTH: usize = 4000;

/// What ends a here-document, unless the text has such a line.
const END: &str = "END_OF_FILE";

/// The rule behind a line of packed bytes.
pub const PACKED_FILES: &str = "the files of the class, packed";

/// Placeholder for the packed bytes while the text around them is built.
const PACKED: &str = "packed\n";

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
            let own = own(carrier, payload, &plan.lists, entries)?;
            let (content, lines) = if keep_lines {
                let text = own.text(true);
                (Content::from(text.text), text.lines)
            } else {
                let make = move || own.text(false).text.into_bytes();
                (Content::later(make), Vec::new())
            };
            let file = File {
                content: content.behind(Arc::clone(&payloads[carrier.payload])),
                mode: carrier.mode,
                lines,
            };
            Ok((carrier.path.clone(), file))
        })
        .collect()
}

fn file<'e>(path: &Utf8Path, entries: &'e Entries) -> Result<&'e File, AssembleError> {
    match entries.get(path.as_str()) {
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
    let pack = Pack::new(list, &payload.manifests, entries)?;
    let (frame, parcel) = match &payload.head {
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
            let parcel = parcel(list, payload, entries)?;
            config.write_files.push(WriteFile {
                path: format!("{CARRIED}/class.tar.gz"),
                permissions: "0600".to_owned(),
                encoding: Some("b64"),
                content: Sourced::new(PACKED.to_owned(), parcel.clone()),
            });
            let document = yaml::YamlDocument::new(&config, &payload.origins, keep_lines)
                .map_err(|error| wrong(list, &error))?
                .comment(header);
            let mut first = TextBuilder::new(keep_lines);
            // Without exactly this line, cloud-init ignores the file.
            first.line("#cloud-config", &payload.origins);
            let whole = joined(first.finish(), yaml::render(&[document], keep_lines));
            (Frame::around(whole, Text::default()), parcel)
        }
        Head::Script { name, context } => {
            let context = Context::of_plan(context);
            let script = engine
                .render(name, &context, &payload.origins, keep_lines)
                .map_err(AssembleError::Template)?;
            let parcel = parcel(list, payload, entries)?;
            let mut before = TextBuilder::new(keep_lines);
            before.line(
                "base64 --decode <<'END_OF_FILE' | tar -xz -C \"$carried\"",
                &payload.origins,
            );
            before.line(PACKED.trim_end(), std::slice::from_ref(&parcel));
            let mut after = TextBuilder::new(keep_lines);
            after.line(END, &payload.origins);
            after.line("", &[]);
            after.line("# The files of this machine only.", &[]);
            let whole = joined(script, before.finish());
            (Frame::around(whole, after.finish()), parcel)
        }
    };
    Ok(if keep_lines {
        let text = frame.hold(&pack.packed(), Some(&parcel));
        Beginning::new(text.text, text.lines)
    } else {
        Beginning::later(move || frame.hold(&pack.packed(), None).text)
    })
}

/// The text around the packed bytes.
struct Frame {
    /// Up to the place of the first line of them, its indentation included.
    before: Text,
    /// Before each further line of them.
    indent: String,
    after: Text,
}

impl Frame {
    /// `before` ends in the line of the placeholder.
    fn around(mut before: Text, after: Text) -> Self {
        before.lines.pop();
        let end = before.text.len() - PACKED.len();
        before.text.truncate(end);
        let line = before.text.rfind('\n').map_or(0, |at| at + 1);
        Self {
            indent: before.text[line..].to_owned(),
            before,
            after,
        }
    }

    /// The whole text, with the packed bytes in lines of their own; with their origin if it is wanted.
    fn hold(self, packed: &str, origin: Option<&Origin>) -> Text {
        let mut whole = self.before;
        for (number, line) in packed.lines().enumerate() {
            if number > 0 {
                whole.text.push_str(&self.indent);
            }
            whole.text.push_str(line);
            whole.text.push('\n');
            whole
                .lines
                .extend(origin.map(|origin| vec![origin.clone()]));
        }
        joined(whole, self.after)
    }
}

/// Why the packed bytes are there. A reader can unpack them and see all of them, so a single secret makes them all a secret.
fn parcel(list: &List, payload: &Payload, entries: &Entries) -> Result<Origin, AssembleError> {
    let mut from = payload.origins.to_vec();
    for one in list.entries.iter().chain(&payload.manifests) {
        let secrets = whole(file(&one.output, entries)?)
            .into_iter()
            .filter(Origin::is_secret);
        from.extend(secrets);
    }
    Ok(Origin::derived(PACKED_FILES, from))
}

/// Everything that a file is built from, each once.
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
    AssembleError::YamlDocument(list.path.clone(), format!("a carrier of it: {why}"))
}

/// A class's list and files and the manifests, to be packed.
struct Pack(Vec<(String, Content)>);

impl Pack {
    fn new(list: &List, manifests: &[Listed], entries: &Entries) -> Result<Self, AssembleError> {
        let listed = list.entries.iter().chain(manifests);
        let all = listed.map(|one| (one.bundle.as_str(), &one.output));
        let held = [("class.list", &list.path)].into_iter().chain(all);
        held.map(|(name, output)| {
            // No other error of an archive in memory concerns one of our paths.
            let mut parts = Utf8Path::new(name).components();
            let plain = parts.all(|part| matches!(part, Utf8Component::Normal(_)));
            if !plain {
                return Err(wrong(list, &format!("{name} leads out of it")));
            }
            Ok((name.to_owned(), file(output, entries)?.content.clone()))
        })
        .collect::<Result<_, _>>()
        .map(Self)
    }

    /// A compressed archive as lines of base64: always the same bytes from the same files, so without times and owners.
    fn packed(&self) -> String {
        let mut archive = tar::Builder::new(Vec::new());
        for (name, content) in &self.0 {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            header.set_mode(if name.ends_with(".sh") { 0o700 } else { 0o600 });
            header.set_mtime(0);
            header.set_uid(0);
            header.set_gid(0);
            let bytes = content.pieces().concat();
            archive
                .append_data(&mut header, name, bytes.as_slice())
                .expect("memory accepts all bytes, and the names are plain");
        }
        let archive = archive.into_inner().expect("memory accepts all bytes");
        // Level 9 takes twice as long as 6 for 0.8 % less: platforms limit what they pass on, and a control plane is close to the limit of Azure.
        let level = flate2::Compression::best();
        let mut gzip = flate2::GzBuilder::new().write(Vec::new(), level);
        let written = gzip.write_all(&archive).and_then(|()| gzip.finish());
        wrapped(&written.expect("memory accepts all bytes"))
    }
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

/// The rest of a carrier: the machine's own files, and what comes last.
struct Own {
    files: Vec<OwnFile>,
    last: Last,
}

/// The end of a carrier.
enum Last {
    /// For cloud-init's user-data: the machine's name.
    HostName(Sourced<String>),
    /// For a script: the command that starts it, for these reasons.
    Begin(Arc<[Origin]>),
}

/// One of the machine's own files, as its carrier holds it.
struct OwnFile {
    path: String,
    file: File,
    /// Why it is there.
    why: Vec<Origin>,
}

fn own(
    carrier: &Carrier,
    payload: &Payload,
    lists: &[List],
    entries: &Entries,
) -> Result<Own, AssembleError> {
    let list = &lists[carrier.list];
    let (folder, last) = match &payload.head {
        Head::CloudInit { .. } => (format!("{CARRIED}/"), Last::HostName(carrier.name.clone())),
        Head::Script { .. } => (String::new(), Last::Begin(Arc::clone(&carrier.origins))),
    };
    let mine = list.entries.iter().filter(|one| {
        let packed = &payload.manifests;
        packed.iter().all(|packed| packed.bundle != one.bundle)
    });
    let bundle = [("node.list", &list.path)]
        .into_iter()
        .chain(mine.map(|one| (one.bundle.as_str(), &one.output)));
    let files = bundle.map(|(path, output)| {
        let file = file(output, entries)?.clone();
        let why = file.origins().find(|origins| !origins.is_empty());
        Ok(OwnFile {
            path: format!("{folder}{path}"),
            why: why.map_or_else(|| carrier.origins.to_vec(), Clone::clone),
            file,
        })
    });
    Ok(Own {
        files: files.collect::<Result<_, _>>()?,
        last,
    })
}

impl Own {
    fn text(&self, keep_lines: bool) -> Text {
        let mut out = TextBuilder::new(keep_lines);
        match &self.last {
            Last::HostName(name) => {
                self.files.iter().for_each(|file| file.write_file(&mut out));
                let why = std::slice::from_ref(&name.origin);
                yaml::pair(&mut out, "hostname", &name.value, why);
            }
            Last::Begin(why) => {
                self.files
                    .iter()
                    .for_each(|file| file.here_document(&mut out));
                out.line("begin", why);
            }
        }
        out.finish()
    }
}

impl OwnFile {
    /// Its text: all of a machine's own files are text.
    fn text(&self) -> Cow<'_, str> {
        let text = self.file.content.text();
        text.unwrap_or_else(|| self.file.content.to_string().into())
    }

    /// Adds its lines, each `indent` deep and with its own origins.
    fn lines(&self, text: &str, indent: &str, out: &mut TextBuilder) {
        let mut origins = self.file.origins();
        for line in text.lines() {
            if !line.is_empty() {
                out.buffer().push_str(indent);
            }
            let own = origins.next().filter(|origins| !origins.is_empty());
            out.line(line, own.map_or(&self.why, |own| own));
        }
    }

    /// As an item of user-data's `write_files`.
    fn write_file(&self, out: &mut TextBuilder) {
        let text = self.text();
        yaml::pair(out, "  - path", &self.path, &self.why);
        out.line("    permissions: \"0600\"", &self.why);
        if yaml::fits_block(&text) {
            out.line("    content: |", &self.why);
            self.lines(&text, "      ", out);
        } else {
            let mut why = whole(&self.file);
            if why.is_empty() {
                why.clone_from(&self.why);
            }
            yaml::pair(out, "    content", &text, &why);
        }
    }

    /// As a here-document of firstrun.sh, whose end marker is not a line of the text.
    fn here_document(&self, out: &mut TextBuilder) {
        let text = self.text();
        let end = shell::end_of(&text, END);
        shell::reading(out, &["keep", &self.path], &end, &self.why);
        self.lines(&text, "", out);
        out.line(&end, &self.why);
    }
}
