//! `pikc show`: the resolved cluster, every value with where it came from.
//!
//! A block that the spec leaves out is shown if its defaults apply. Nodes of one block are shown
//! together. A secret is shown by its name; its value is not even read.

mod budget;
mod resolve;

use camino::Utf8PathBuf;
use clap::Args;
use serde_json::{Map, Value, json};

use super::shared::args::{PlainFormat, Reading};
use super::shared::console::{Console, Look, Paint, paint, visible};
use super::shared::exit::{Exit, Outcome};
use super::shared::files::{self, shown};
use super::shared::{paths, report};
use crate::Analysis;
use resolve::{Section, resolve};

/// `pikc show`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pikc show cluster.pik            every value, and where it came from\n  pikc show cluster.pik --budget   what is left for pods on each board"
)]
pub(super) struct ShowArgs {
    /// The spec; `-` is standard input
    #[arg(value_name = "SPEC", value_parser = paths::path)]
    pub spec: Utf8PathBuf,
    /// What each kind of machine has, what is used of it before the first pod runs, and what is left
    #[arg(long)]
    pub budget: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t = PlainFormat::Human, value_name = "FORMAT")]
    pub format: PlainFormat,
    #[command(flatten)]
    pub reading: Reading,
}

pub(super) fn run(args: &ShowArgs, console: &Console) -> Outcome {
    let mut analysis = files::judge(&args.spec, &args.reading, None)?;
    console.report(&report::render(&analysis, shown(&args.spec), console.err));
    if args.budget {
        let machines = budget::machines(&analysis);
        if !machines.is_empty() {
            console.result(&match args.format {
                PlainFormat::Human => budget::human(&machines, console.out),
                PlainFormat::Json => budget::document(&machines),
            })?;
        }
        return Ok(exit(&analysis));
    }
    let sections = resolve(&mut analysis);
    if !sections.is_empty() {
        console.result(&match args.format {
            PlainFormat::Human => human(&sections, console.out),
            PlainFormat::Json => document(&analysis, &sections),
        })?;
    }
    Ok(exit(&analysis))
}

fn exit(analysis: &Analysis) -> Exit {
    if analysis.diagnostics.has_errors() {
        Exit::Mistakes
    } else {
        Exit::Done
    }
}

/// Longer values do not push the column of origins to the right.
const WIDEST_VALUE: usize = 44;

fn human(sections: &[Section], look: Look) -> String {
    let mut rows = Vec::new();
    for section in sections {
        if !rows.is_empty() {
            rows.push(Row::Gap);
        }
        flatten(section, 0, &mut rows);
    }
    let key = rows.iter().map(Row::key_width).max().unwrap_or(0);
    let value = rows.iter().map(Row::value_width).max().unwrap_or(0);
    let value = value.min(look.width.saturating_sub(key + 2));
    rows.iter()
        .map(|row| row.line(key, value, look))
        .collect::<String>()
}

/// The value, cut in the middle if it is long: a public key is recognized by its ends. `--format
/// json` has all of it.
fn short(value: &str, most: usize) -> String {
    let letters: Vec<char> = value.chars().collect();
    if letters.len() <= most {
        return value.to_owned();
    }
    let half = most.max(8) / 2;
    let (head, tail) = (half - 2, half - 1);
    let head: String = letters[..head].iter().collect();
    let tail: String = letters[letters.len() - tail..].iter().collect();
    format!("{head}...{tail}")
}

enum Row<'a> {
    Gap,
    Head(usize, String),
    Setting(usize, &'a str, String, &'a str),
}

fn flatten<'a>(section: &'a Section, depth: usize, rows: &mut Vec<Row<'a>>) {
    rows.push(Row::Head(depth, section.title()));
    for setting in &section.settings {
        if setting.text.chars().count() <= WIDEST_VALUE {
            rows.push(Row::Setting(
                depth + 1,
                &setting.name,
                visible(&setting.text),
                &setting.origin,
            ));
            continue;
        }
        for (index, value) in setting.values.iter().enumerate() {
            let first = index == 0;
            let key = if first { setting.name.as_str() } else { "" };
            let origin = if first { setting.origin.as_str() } else { "" };
            let value = short(&visible(value), WIDEST_VALUE);
            rows.push(Row::Setting(depth + 1, key, value, origin));
        }
    }
    for inner in &section.sections {
        flatten(inner, depth + 1, rows);
    }
}

impl Row<'_> {
    fn key_width(&self) -> usize {
        match self {
            Self::Setting(depth, key, ..) => 2 * depth + key.chars().count(),
            Self::Gap | Self::Head(..) => 0,
        }
    }

    fn value_width(&self) -> usize {
        match self {
            Self::Setting(_, _, value, _) => value.chars().count().min(WIDEST_VALUE),
            Self::Gap | Self::Head(..) => 0,
        }
    }

    fn line(&self, key_width: usize, value_width: usize, look: Look) -> String {
        match self {
            Self::Gap => "\n".to_owned(),
            Self::Head(depth, title) => {
                format!(
                    "{}{}\n",
                    "  ".repeat(*depth),
                    paint(look, Paint::Heading, title)
                )
            }
            Self::Setting(depth, key, value, origin) => {
                let key = format!("{}{key}", "  ".repeat(*depth));
                let value = short(value, value_width);
                let origin = visible(origin);
                let text = format!("{key:key_width$}  {value}");
                // Where the origin begins: in its column, or as far to the left of it as it must.
                let column = key_width + value_width + 4;
                let wide = origin.chars().count();
                let at = column.min(look.width.saturating_sub(wide));
                let (text, at) = match text.chars().count() + 2 <= at || origin.is_empty() {
                    true => (text, at),
                    // Else below the value.
                    false => (format!("{}\n", text.trim_end()), at.min(key_width + 4)),
                };
                let last = text.lines().last().filter(|_| !text.ends_with('\n'));
                let pad = at.saturating_sub(last.map_or(0, |last| last.chars().count()));
                let room = look.width.saturating_sub(at).max(8);
                let origin = paint(look, Paint::Faint, &short(&origin, room));
                format!("{}\n", format!("{text}{:pad$}{origin}", "").trim_end())
            }
        }
    }
}

fn document(analysis: &Analysis, sections: &[Section]) -> String {
    let (cluster, nodes) = match sections.split_first() {
        Some((cluster, nodes)) => (object(cluster), nodes.iter().map(object).collect()),
        None => (Value::Null, Vec::new()),
    };
    let machines: Vec<Value> = analysis
        .model
        .iter()
        .flat_map(|model| &model.nodes)
        .map(|node| {
            json!({
                "name": node.name.value,
                "address": node.address.as_ref().map(|address| address.value.to_string()),
                "address_ipv6": node.address_ipv6.as_ref().map(|address| address.value.to_string()),
                "role": node.settings.role.as_ref().map(|role| role.value.word()),
            })
        })
        .collect();
    let whole = json!({ "cluster": cluster, "nodes": nodes, "machines": machines });
    format!("{whole:#}\n")
}

fn object(section: &Section) -> Value {
    let settings: Map<String, Value> = section
        .settings
        .iter()
        .map(|setting| {
            let found = json!({ "value": setting.data, "origin": setting.origin_data });
            (setting.name.clone(), found)
        })
        .collect();
    let mut found = json!({
        "kind": section.kind,
        "name": section.name,
        "settings": settings,
        "blocks": section.sections.iter().map(object).collect::<Vec<_>>(),
    });
    if !section.names.is_empty() {
        found["nodes"] = json!(section.names);
    }
    found
}
