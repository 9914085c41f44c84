//! What would change, for people.

use camino::Utf8Path;

use crate::change::{Changes, Detail, FileChange, Group, SettingChange, Step, Weight};
use crate::cli::shared::console::{Look, Paint, paint, visible};
use crate::cli::shared::drawn::colored;
use crate::cli::shared::report::count;
use crate::output::shortened;
use crate::stdlib::Word;

/// Of each file, at most this many lines are shown.
const MOST_LINES: usize = 12;

/// A value longer than this is cut.
const LONGEST: usize = 60;

/// All groups.
pub(super) fn write(dir: &Utf8Path, changes: &Changes, known: bool, look: Look) -> String {
    let mut out = format!("{}: {}\n", visible(dir.as_str()), summary(changes));
    if known && !changes.settings_known {
        out.push_str(&wrapped(
            "the tree does not say which settings it was built with, because an earlier version of pikc wrote it: only files are compared",
            "",
            look,
        ));
    }
    for group in &changes.groups {
        out.push('\n');
        out.push_str(&section(group, look));
    }
    out
}

fn summary(changes: &Changes) -> String {
    let kinds = [
        (changes.created, "created"),
        (changes.changed, "changed"),
        (changes.removed, "removed"),
    ];
    let counts: Vec<String> = kinds
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    let worst = changes.worst().map_or("", Word::word);
    format!("{}; the most that it takes: {worst}", counts.join(", "))
}

/// How many machines and files have which consequence.
pub(super) fn stat(changes: &Changes, look: Look) -> String {
    let mut out = String::new();
    for group in &changes.groups {
        let weight = group.consequence.weight;
        let files = group.files.iter().map(|file| file.paths.len()).sum();
        let machines = match group.nodes.len() {
            0 => String::new(),
            many => count(many, "machine"),
        };
        out.push_str(&format!(
            "{}{machines:>15}{:>13}  {}\n",
            paint(look, color(weight), &format!("{:<8}", weight.word())),
            count(files, "file"),
            group.consequence.title
        ));
    }
    out.push_str(&format!("{}\n", summary(changes)));
    out
}

fn color(weight: Weight) -> Paint {
    match weight {
        Weight::Nothing | Weight::NextRun => Paint::Added,
        Weight::Service | Weight::Pods => Paint::Note,
        Weight::Drain | Weight::Reboot | Weight::Node | Weight::Cluster => Paint::Error,
    }
}

fn section(group: &Group, look: Look) -> String {
    let consequence = &group.consequence;
    let mut out = format!(
        "{}: {}\n",
        paint(look, color(consequence.weight), consequence.weight.word()),
        paint(look, Paint::Heading, &consequence.title)
    );
    if !group.nodes.is_empty() {
        out.push_str(&wrapped(&on(&group.nodes), "  ", look));
    }
    out.push_str(&wrapped(&format!("why: {}", consequence.why), "  ", look));
    if let Some(by_hand) = &consequence.by_hand {
        out.push_str(&wrapped(&format!("by hand: {by_hand}"), "  ", look));
    }
    for setting in &group.settings {
        out.push_str(&self::setting(setting, group, look));
    }
    for file in &group.files {
        out.push_str(&self::file(file, group, look));
    }
    out
}

/// `on 40 machines: r1-01..r1-40`
fn on(nodes: &[String]) -> String {
    let names = visible(&shortened(nodes.iter().map(String::as_str)));
    match nodes.len() {
        1 => format!("on {names}"),
        many => format!("on {many} machines: {names}"),
    }
}

/// On which machines, unless it is on all of the group.
fn where_else(nodes: &[String], group: &Group) -> String {
    match nodes.is_empty() || nodes.len() == group.nodes.len() {
        true => String::new(),
        false => format!("  {}", on(nodes)),
    }
}

fn setting(change: &SettingChange, group: &Group, look: Look) -> String {
    let name = change.setting.trim_end_matches(" {}");
    let what = match change.setting.ends_with(" {}") {
        true => match (&change.was, &change.now) {
            (Some(was), Some(now)) => format!("{name}: {} → {}", short(was), short(now)),
            (None, _) => format!("{name} {{ }}: new"),
            (_, None) => format!("{name} {{ }}: gone"),
        },
        false => format!(
            "{name}: {} → {}",
            side(change.was.as_deref()),
            side(change.now.as_deref())
        ),
    };
    let what = plain(&visible(&what), look);
    let place = change.place.as_ref().filter(|_| change.now.is_some());
    let place = place.map_or_else(String::new, |(file, line)| {
        format!("  ({}:{line})", visible(file))
    });
    let nodes = where_else(change.nodes.as_deref().unwrap_or_default(), group);
    format!("  {}{nodes}{place}\n", paint(look, Paint::Note, &what))
}

/// The arrow in ASCII, where that is all there is.
fn plain(text: &str, look: Look) -> String {
    match look.unicode {
        true => text.to_owned(),
        false => text.replace('→', "->"),
    }
}

fn side(value: Option<&str>) -> String {
    match value {
        Some("") => "\"\"".to_owned(),
        Some(value) => short(value),
        None => "not set".to_owned(),
    }
}

fn short(value: &str) -> String {
    let line = value.lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None if line.len() < value.len() => format!("{line}…"),
        None => line.to_owned(),
    }
}

fn file(change: &FileChange, group: &Group, look: Look) -> String {
    let name = visible(&change.name);
    let nodes = where_else(&change.nodes, group);
    let note = match &change.detail {
        Detail::Lines(number) => {
            format!("  {}, {}", change.step.word(), count(*number, "line"))
        }
        Detail::Secret => format!("  {}: holds a secret, not shown", change.step.word()),
        Detail::Binary => format!("  {}, not text", change.step.word()),
        Detail::Mode(old, new) => format!("  mode {old:04o}, then {new:04o}"),
        Detail::Link(old, new) => match (old, new) {
            (Some(old), Some(new)) => format!("  a link to {old}, then to {new}"),
            (None, Some(new)) => format!("  a link to {new}"),
            (Some(old), None) => format!("  was a link to {old}"),
            (None, None) => String::new(),
        },
        Detail::Comments => "  comments only".to_owned(),
        Detail::Follows if change.step == Step::Changed => String::new(),
        Detail::Follows => format!("  {}", change.step.word()),
        Detail::Fields(_) | Detail::Text(_) => String::new(),
    };
    let mut out = format!("  {name}{}{nodes}\n", visible(&note));
    match &change.detail {
        Detail::Fields(fields) => {
            let mut shown: Vec<String> = Vec::new();
            for field in fields {
                let object = visible(&field.object);
                let path = visible(&field.path);
                match field.hunks() {
                    Some(hunks) => {
                        shown.push(format!("    {object}: {path}\n"));
                        let lines = hunks.lines().filter(|line| !line.starts_with("@@"));
                        shown.extend(lines.map(|line| format!("      {}", colored(line, look))));
                    }
                    None => {
                        let sides =
                            [&field.was, &field.now].map(|side| self::side(side.as_deref()));
                        let text =
                            visible(&format!("{object}: {path} {} → {}", sides[0], sides[1]));
                        shown.push(format!("    {}\n", plain(&text, look)));
                    }
                }
            }
            out.push_str(&limited(shown));
        }
        Detail::Text(hunks) => {
            // What a script's comments say is for whoever reads the script.
            let comments = name.ends_with(".sh");
            let is_comment = |line: &str| {
                let text = line.trim_start_matches(['+', '-']).trim_start();
                comments && text.starts_with('#')
            };
            let lines = hunks
                .lines()
                .filter(|line| line.starts_with(['+', '-']) && !is_comment(line));
            let lines = lines.map(|line| format!("    {}", colored(line, look)));
            out.push_str(&limited(lines.collect()));
        }
        _ => {}
    }
    out
}

fn limited(lines: Vec<String>) -> String {
    let more = lines.len().saturating_sub(MOST_LINES);
    let mut out: String = lines.into_iter().take(MOST_LINES).collect();
    if more > 0 {
        out.push_str(&format!(
            "    and {}: --unified\n",
            count(more, "more line")
        ));
    }
    out
}

/// A sentence in lines of the width of the terminal.
fn wrapped(text: &str, indent: &str, look: Look) -> String {
    let deeper = format!("{indent}  ");
    let options = textwrap::Options::new(look.width)
        .initial_indent(indent)
        .subsequent_indent(&deeper)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let mut out = textwrap::fill(text, options);
    out.push('\n');
    out
}
