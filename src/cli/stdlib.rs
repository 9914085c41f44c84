//! `pikc stdlib`: what the standard library knows, with its sources.

use std::sync::Arc;

use camino::Utf8PathBuf;
use clap::{Args, Subcommand};

use super::shared::console::{Console, Look, Paint, hanging, paint};
use super::shared::exit::{Exit, Failure, Outcome};
use super::shared::{files, paths, report, words};
use crate::diagnostic::{Diagnostics, suggest};
use crate::schema::{Entity, Given};
use crate::source::Sources;
use crate::stdlib::{KINDS, Library};

/// `pikc stdlib`
#[derive(Debug, Subcommand)]
pub(super) enum StdlibCommand {
    /// List the names that the standard library knows
    List(StdlibListArgs),
    /// Show the facts about something: values, sources, dates, what is unverified
    Show(StdlibShowArgs),
}

/// `pikc stdlib list`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  pikc stdlib list board   every board, with its name in a spec")]
pub(super) struct StdlibListArgs {
    /// A kind: board, os, runtime, cni, release, repository, gone
    #[arg(value_name = "KIND")]
    pub kind: Option<String>,
    /// A folder that overlays the standard library
    #[arg(long, value_name = "DIR", value_parser = paths::path)]
    pub stdlib: Option<Utf8PathBuf>,
}

/// `pikc stdlib show`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pikc stdlib show pi-4b-2g   what the library knows about it, and from where"
)]
pub(super) struct StdlibShowArgs {
    /// A name, such as pi-4b-2g or 1.36; `KIND/NAME` if two things have that name
    #[arg(value_name = "NAME")]
    pub name: String,
    /// A folder that overlays the standard library
    #[arg(long, value_name = "DIR", value_parser = paths::path)]
    pub stdlib: Option<Utf8PathBuf>,
}

pub(super) fn run(command: &StdlibCommand, console: &Console) -> Outcome {
    let folder = match command {
        StdlibCommand::List(args) => &args.stdlib,
        StdlibCommand::Show(args) => &args.stdlib,
    };
    let overlay = files::overlay(folder.as_deref())?;
    let mut sources = Sources::default();
    let mut out = Diagnostics::default();
    let mut shelf = Shelf {
        library: Library::open(overlay, &mut sources, &mut out),
        sources,
        out,
    };
    let text = match command {
        StdlibCommand::List(args) => list(args, &mut shelf, console.out)?,
        StdlibCommand::Show(args) => show(args, &mut shelf, console.out)?,
    };
    shelf.out.sort();
    let name = folder
        .as_deref()
        .map_or("<stdlib>", |folder| folder.as_str());
    console.report(&report::several(
        &shelf.sources,
        &shelf.out,
        name,
        console.err,
    ));
    console.result(&text)?;
    Ok(if shelf.out.has_errors() {
        Exit::Mistakes
    } else {
        Exit::Done
    })
}

struct Shelf {
    library: Library,
    sources: Sources,
    out: Diagnostics,
}

impl Shelf {
    fn entity(&mut self, kind: &str, name: &str) -> Option<Arc<Entity>> {
        self.library
            .entity(kind, name, &mut self.sources, &mut self.out)
    }
}

fn list(args: &StdlibListArgs, shelf: &mut Shelf, look: Look) -> Result<String, Failure> {
    let kinds: Vec<&str> = match &args.kind {
        None => KINDS.to_vec(),
        Some(kind) => match KINDS.iter().find(|known| *known == kind) {
            Some(known) => vec![known],
            None => {
                let failure = Failure::usage(format!("the standard library has no kind `{kind}`"));
                return Err(match suggest::sentence(kind, KINDS.iter().copied()) {
                    Some(help) => failure.help(help),
                    None => failure,
                });
            }
        },
    };
    let mut text = String::new();
    for kind in kinds {
        let mut names = shelf.library.names(kind);
        // 1.9 before 1.10, pi-3 before pi-10.
        names.sort_by_cached_key(|name| words::numbers(name));
        if names.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&paint(look, Paint::Heading, kind));
        text.push('\n');
        let width = names.iter().map(String::len).max().unwrap_or_default();
        for name in names {
            let about = shelf
                .entity(kind, &name)
                .and_then(|entity| about(&entity))
                .unwrap_or_default();
            let lead = format!("  {name:width$}  ");
            match about.as_str() {
                "" => text.push_str(&format!("  {name}\n")),
                about => text.push_str(&hanging(look, &lead, None, about)),
            }
        }
    }
    Ok(text)
}

/// A few words about a fact.
fn about(entity: &Entity) -> Option<String> {
    let text = |name: &str| entity.settings.get(name).map(words::value);
    match entity.kind.as_str() {
        "release" => Some(format!(
            "latest {}, released {}, supported until {}",
            text("latest")?,
            text("released")?,
            text("ends")?
        )),
        "library" => Some(format!("facts checked on {}", text("date")?)),
        _ => text("title")
            .or_else(|| text("what"))
            .or_else(|| text("url")),
    }
}

fn show(args: &StdlibShowArgs, shelf: &mut Shelf, look: Look) -> Result<String, Failure> {
    let (kind, name) = match args.name.split_once('/') {
        Some((kind, name)) => (Some(kind), name),
        None => (None, args.name.as_str()),
    };
    let mut text = String::new();
    for known in KINDS
        .iter()
        .filter(|known| kind.is_none_or(|kind| kind == **known))
    {
        if let Some(entity) = shelf.entity(known, name) {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&page(&entity, shelf, look));
        }
    }
    if !text.is_empty() {
        return Ok(text);
    }
    let failure = Failure::usage(format!(
        "the standard library does not know `{}`",
        args.name
    ));
    let mut all: Vec<String> = KINDS
        .iter()
        .flat_map(|kind| shelf.library.names(kind))
        .collect();
    all.sort();
    Err(
        match suggest::nearest(name, all.iter().map(String::as_str)) {
            Some(found) => failure.help(format!("did you mean `{found}`?")),
            None => failure.help("`pikc stdlib list` shows what it knows"),
        },
    )
}

/// The settings that name the sources of the others.
const SOURCES: &[&str] = &["source", "checked", "unverified"];

fn page(entity: &Entity, shelf: &mut Shelf, look: Look) -> String {
    let head = format!("{} {}", entity.kind, entity.name());
    let file = &shelf.sources.file(entity.head.file).name;
    let mut text = format!(
        "{}  {}\n",
        paint(look, Paint::Heading, &head),
        paint(look, Paint::Faint, file)
    );
    body(entity, 1, &mut text, look);
    let options = shelf.library.options(
        &entity.kind,
        entity.name(),
        &mut shelf.sources,
        &mut shelf.out,
    );
    if !options.is_empty() {
        text.push_str(&format!(
            "\n  {}\n",
            paint(
                look,
                Paint::Heading,
                "options, in a spec's block of this name"
            )
        ));
    }
    for option in options.values() {
        let mut kind = option.ty.name().to_owned();
        if !option.values.is_empty() {
            kind = option.values.join(" | ");
        }
        if let Some(default) = &option.default {
            kind.push_str(&format!(", default {}", words::value(default)));
        }
        if !option.applies_to.is_empty() {
            kind.push_str(&format!(", for {}", option.applies_to.join(", ")));
        }
        if let Some(other) = &option.requires {
            kind.push_str(&format!(", with {other}"));
        }
        text.push_str(&format!("  {} ({kind})\n", option.name));
        text.push_str(&hanging(look, "      ", None, &option.doc));
    }
    text
}

fn body(entity: &Entity, depth: usize, text: &mut String, look: Look) {
    let indent = "  ".repeat(depth);
    let doubtful: Vec<String> = entity
        .settings
        .get("unverified")
        .map(words::values)
        .unwrap_or_default();
    let facts = entity
        .settings
        .iter()
        .filter(|(name, _)| !SOURCES.contains(&name.as_str()));
    let origins = SOURCES
        .iter()
        .filter_map(|name| entity.settings.get_key_value(*name));
    let width = entity.settings.keys().map(String::len).max().unwrap_or(0);
    for (name, given) in facts.chain(origins) {
        let lead = format!("{indent}{name:width$}  ");
        let fact = fact(given, doubtful.contains(name));
        let words = fact.split_whitespace().map(|word| word.chars().count());
        let widest = words.max().unwrap_or(0);
        if lead.chars().count() + widest + 2 <= look.width {
            text.push_str(&hanging(look, &lead, None, &fact));
        } else {
            // A word that does not fit next to the names: below them, with all of the line for it.
            text.push_str(&format!("{indent}{name}\n"));
            text.push_str(&hanging(look, &format!("{indent}    "), None, &fact));
        }
    }
    for inner in &entity.blocks {
        let head = match inner.name() {
            "" => inner.kind.clone(),
            name => format!("{} {name}", inner.kind),
        };
        text.push_str(&format!("{indent}{}\n", paint(look, Paint::Heading, &head)));
        body(inner, depth + 1, text, look);
    }
}

fn fact(given: &Given, doubtful: bool) -> String {
    let mut text = words::values(given).join(", ");
    if doubtful {
        text.push_str("  (unverified)");
    }
    text
}
