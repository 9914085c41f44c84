//! `pikc explain`: the long explanation of a code, or the list of all codes.

mod markdown;

use clap::Args;
use serde_json::{Value, json};

use super::shared::args::PlainFormat;
use super::shared::console::{Console, Look, PIPED, Paint, hanging, paint};
use super::shared::exit::{Exit, Failure, Outcome};
use crate::diagnostic::{Descriptor, Severity, suggest};

/// `pikc explain`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pikc explain swap/kubelet-refuses   why it matters, and what works"
)]
pub(super) struct ExplainArgs {
    /// A code, such as network/pods-overlap-lan; without one, the list of all
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
    /// The output format
    #[arg(long, value_enum, default_value_t = PlainFormat::Human, value_name = "FORMAT")]
    pub format: PlainFormat,
}

pub(super) fn run(args: &ExplainArgs, mut codes: Vec<&Descriptor>, console: &Console) -> Outcome {
    codes.sort_by_key(|code| code.code);
    let text = match (&args.code, args.format) {
        (None, PlainFormat::Human) => list(&codes, console.out),
        (None, PlainFormat::Json) => document(&json!({
            "codes": codes.iter().map(|code| data(code)).collect::<Vec<_>>(),
        })),
        (Some(name), format) => {
            let code = find(&codes, name)?;
            match format {
                PlainFormat::Human => renamed(code, name) + &page(code, console.out),
                PlainFormat::Json => document(&data(code)),
            }
        }
    };
    console.result(&text)?;
    Ok(Exit::Done)
}

fn find<'a>(codes: &[&'a Descriptor], name: &str) -> Result<&'a Descriptor, Failure> {
    if let Some(code) = codes.iter().find(|code| code.is_called(name)) {
        return Ok(code);
    }
    let failure = Failure::usage(format!("there is no diagnostic `{name}`"));
    let names = || codes.iter().map(|code| code.code);
    if let Some(found) = suggest::nearest(name, names()) {
        return Err(failure.help(format!("did you mean `{found}`?")));
    }
    // People remember the name without its family.
    let tails: Vec<&str> = names()
        .filter(|code| code.split_once('/').is_some_and(|(_, tail)| tail == name))
        .collect();
    if !tails.is_empty() {
        return Err(failure.help(format!("did you mean {}?", suggest::list(&tails))));
    }
    let family: Vec<&str> = names()
        .filter(|code| code.split('/').next() == name.split('/').next())
        .collect();
    Err(match family.as_slice() {
        [] => failure.help("`pikc explain` lists all codes"),
        some => failure.help(format!("there is {}", suggest::list(some))),
    })
}

/// The codes of each family with their titles.
fn list(codes: &[&Descriptor], look: Look) -> String {
    let width = codes
        .iter()
        .map(|code| code.code.len())
        .max()
        .unwrap_or_default();
    let mut text = String::new();
    let mut family = "";
    for code in codes {
        let here = code.code.split('/').next().unwrap_or_default();
        if !family.is_empty() && here != family {
            text.push('\n');
        }
        family = here;
        let word = format!("{:7}", code.severity.word());
        let lead = format!("{:width$}  {word}  ", code.code);
        let mut title = code.title.to_owned();
        if code.deprecated.is_some() {
            title.push_str(" (deprecated)");
        }
        // In a file or a pipe, where lines are searched, each code keeps its one line.
        let title = match look.width < PIPED {
            true => hanging(look, &lead, None, &title)[lead.len()..].to_owned(),
            false => format!("{title}\n"),
        };
        let word = paint(look, color(code.severity), &word);
        text.push_str(&format!("{:width$}  {word}  {title}", code.code));
    }
    text
}

fn color(severity: Severity) -> Paint {
    match severity {
        Severity::Error => Paint::Error,
        Severity::Warning => Paint::Warning,
        Severity::Note => Paint::Note,
    }
}

/// The note that precedes an answer to a former name.
fn renamed(code: &Descriptor, name: &str) -> String {
    match code.code == name {
        true => String::new(),
        false => format!("`{name}` is called `{}` now.\n\n", code.code),
    }
}

fn page(code: &Descriptor, look: Look) -> String {
    let head = format!("{}: {}", code.code, code.title);
    let mut text = format!(
        "{} ({})\n\n",
        paint(look, Paint::Heading, &head),
        paint(look, color(code.severity), code.severity.word())
    );
    text.push_str(&markdown::layout(&markdown::source(code.explanation), look));
    text.push('\n');
    text.push_str(&hanging(look, "help: ", Some(Paint::Help), code.help));
    let (first, rest) = (code.sources.first(), code.sources.iter().skip(1));
    if let Some(first) = first {
        text.push_str(&hanging(look, "from: ", Some(Paint::Help), first));
    }
    for source in rest {
        text.push_str(&hanging(look, "      ", None, source));
    }
    text.push_str(&hanging(look, "since: ", Some(Paint::Help), code.since));
    if !code.formerly.is_empty() {
        let names = code.formerly.join(", ");
        text.push_str(&hanging(look, "formerly: ", Some(Paint::Help), &names));
    }
    if let Some(why) = code.deprecated {
        text.push_str(&hanging(look, "deprecated: ", Some(Paint::Warning), why));
    }
    text
}

fn data(code: &Descriptor) -> Value {
    json!({
        "code": code.code,
        "since": code.since,
        "formerly": code.formerly,
        "deprecated": code.deprecated,
        "severity": code.severity.word(),
        "title": code.title,
        "help": code.help,
        "explanation": markdown::source(code.explanation),
        "sources": code.sources,
    })
}

fn document(value: &Value) -> String {
    format!("{value:#}\n")
}
