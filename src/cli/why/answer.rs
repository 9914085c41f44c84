//! What a line of a spec makes, for people.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::found::Found;
use super::lists::{Fit, MOST, counted, cut, names, on};
use crate::cli::shared::console::{Look, Paint, hanging, paint, visible};
use crate::cli::shared::report::count;
use crate::schema::Entity;
use crate::source::Span;
use crate::trace::{Hidden, MadeGroup, MadeLine, Part};

/// How many lines of a file are shown; the JSON has all of them.
const LINES: usize = 8;

const PARTS: &[(Part, &str)] = &[
    (Part::Setting, "Lines with another setting in them"),
    (Part::Default, "Lines with a default in them"),
    (Part::Fact, "Lines with a fact of the library in them"),
];

impl Found<'_> {
    /// The answer in words.
    pub(super) fn human(&self, look: Look) -> String {
        let mut out = format!("{}\n", paint(look, Paint::Heading, &visible(&self.title())));
        let text = visible(&self.text());
        out.push_str(&format!(
            "  {}\n\n",
            cut(&text, look.width.saturating_sub(2))
        ));
        let made = &self.made;
        out.push_str(&hanging(look, "", None, &self.sentence()));
        let (lists, others): (Vec<&MadeGroup>, Vec<&MadeGroup>) =
            made.groups.iter().partition(|group| is_list(group));
        let (whole, parts): (Vec<&MadeGroup>, Vec<&MadeGroup>) =
            others.into_iter().partition(|group| group.is_whole());
        for group in parts {
            self.group(group, look, &mut out);
        }
        self.whole(&whole, look, &mut out);
        if !lists.is_empty() {
            let files = lists.iter().map(|group| group.paths.len()).sum();
            let text = format!(
                "and the checksums of these files in {}",
                count(files, "list")
            );
            out.push('\n');
            out.push_str(&hanging(look, "", None, &text));
        }
        self.packed(look, &mut out);
        let rules: Vec<(String, usize)> = made
            .rules
            .iter()
            .map(|(rule, lines)| ((*rule).to_owned(), *lines))
            .collect();
        counted(
            look,
            "Lines by the rule that uses it",
            Fit::Wrap,
            &rules,
            &mut out,
        );
        for (part, head) in PARTS {
            counted(look, head, Fit::Cut, &self.others(*part), &mut out);
        }
        self.findings(look, &mut out);
        out
    }

    fn sentence(&self) -> String {
        let made = &self.made;
        if made.files > 0 {
            return format!(
                "takes part in {} of {}",
                count(made.lines, "line"),
                count(made.files, "file")
            );
        }
        match self.block() {
            Some((first, last)) => format!(
                "makes no line of the output itself; what is in the block does: ask about the lines {first} to {last}"
            ),
            None => "makes no line of the output".to_owned(),
        }
    }

    /// The lines inside the block that begins here.
    fn block(&self) -> Option<(usize, usize)> {
        let model = self.analysis.model.as_ref()?;
        let sources = self.sources();
        let begins = |span: &Span| {
            span.file == self.span.file
                && sources.start(*span).line == sources.start(self.span).line
        };
        let mut spans = Vec::new();
        for (entity, _) in &model.entities {
            blocks(entity, &mut spans);
        }
        let found = spans.into_iter().find(begins)?;
        let (first, last) = (sources.start(found).line + 1, sources.end(found).line - 1);
        (first <= last).then_some((first, last))
    }

    /// The files that are there because of it: what is in them would hide the rest.
    fn whole(&self, groups: &[&MadeGroup], look: Look, out: &mut String) {
        for (index, group) in groups.iter().enumerate() {
            if index == 0 {
                let head = "Files that are there because of it";
                out.push_str(&format!("\n{}\n", paint(look, Paint::Heading, head)));
            }
            let lines = match group.lines.len() == group.of {
                true => count(group.of, "line"),
                false => format!("{} of {}", group.lines.len(), count(group.of, "line")),
            };
            out.push_str(&hanging(look, "  ", None, &visible(&group.title)));
            let who = self
                .who(group)
                .map_or_else(String::new, |who| format!(", {who}"));
            out.push_str(&hanging(
                look,
                "      ",
                Some(Paint::Faint),
                &format!("{lines}{who}"),
            ));
        }
    }

    fn group(&self, group: &MadeGroup, look: Look, out: &mut String) {
        let head = paint(look, Paint::Heading, &visible(&group.title));
        out.push_str(&format!("\n{head}\n"));
        if let Some(who) = self.who(group) {
            out.push_str(&hanging(look, "  ", Some(Paint::Faint), &who));
        }
        let numbers = group.lines.iter().map(|line| line.number.to_string().len());
        let wide = numbers.max().unwrap_or(1);
        for line in group.lines.iter().take(LINES) {
            let mut text = format!("  {:>wide$}  {}", line.number, visible(&shown(line)));
            text = cut(text.trim_end(), look.width);
            out.push_str(&text);
            out.push('\n');
        }
        if let Some(more) = group
            .lines
            .len()
            .checked_sub(LINES)
            .filter(|more| *more > 0)
        {
            let rest = format!(
                "and {more} more, up to line {} (--format json has all)",
                group.lines.last().map_or(0, |line| line.number)
            );
            out.push_str(&hanging(look, &format!("  {:wide$}  ", ""), None, &rest));
        }
    }

    /// Which machines have it, and whether their lines are the same.
    fn who(&self, group: &MadeGroup) -> Option<String> {
        let machines = self.on(group);
        let differ = group.lines.iter().any(|line| line.differs);
        Some(match (machines.len(), differ) {
            (0, _) => return None,
            (1, _) => format!("on {}", names(&machines)),
            (_, false) => format!("the same on {}", on(&machines)),
            (_, true) => format!(
                "on {}; each has values of its own, these are those of {}",
                on(&machines),
                machines[0]
            ),
        })
    }

    /// What carries it to the machines as part of an archive.
    fn packed(&self, look: Look, out: &mut String) {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for path in &self.made.packed {
            let name = Utf8Path::new(path).file_name().unwrap_or(path);
            *counts.entry(name.to_owned()).or_default() += 1;
        }
        if counts.is_empty() {
            return;
        }
        let parts = counts
            .iter()
            .map(|(name, number)| format!("{name} ({})", count(*number, "file")));
        let text = format!(
            "and packed with all that a machine gets: {}",
            parts.collect::<Vec<_>>().join(", ")
        );
        out.push('\n');
        out.push_str(&hanging(look, "", None, &text));
    }

    /// The other places in the same lines, a line of a file once.
    fn others(&self, part: Part) -> Vec<(String, usize)> {
        let mut found: Vec<(String, usize)> = Vec::new();
        for other in self.made.others.iter().filter(|other| other.part == part) {
            let text = self.quoted(other);
            match found.iter_mut().find(|(known, _)| *known == text) {
                Some((_, lines)) => *lines = (*lines).max(other.lines),
                None => found.push((text, other.lines)),
            }
        }
        found
    }

    fn findings(&self, look: Look, out: &mut String) {
        let about = self.analysis.diagnostics.iter().filter(|finding| {
            let mut labels = finding.labels.iter();
            labels.any(|label| touches(label.span, self.span))
        });
        for (index, finding) in about.take(MOST).enumerate() {
            if index == 0 {
                let head = "What the checks found about it";
                out.push_str(&format!("\n{}\n", paint(look, Paint::Heading, head)));
            }
            let lead = format!("  {} ", finding.severity.word());
            let text = format!("{}: {}", finding.descriptor.code, visible(&finding.message));
            out.push_str(&hanging(look, &lead, Some(Paint::Warning), &text));
        }
    }
}

/// Whether a file lists others with their checksums.
fn is_list(group: &MadeGroup) -> bool {
    let name = Utf8Path::new(&group.title).file_name();
    matches!(name, Some("class.list" | "node.list"))
}

fn blocks(entity: &Entity, out: &mut Vec<Span>) {
    out.push(entity.span);
    entity.blocks.iter().for_each(|inner| blocks(inner, out));
}

fn touches(one: Span, other: Span) -> bool {
    one.file == other.file && one.start < other.end && other.start < one.end
}

/// The text of a line, or why it is not shown.
fn shown(line: &MadeLine) -> String {
    match &line.text {
        Ok(text) => text.clone(),
        Err(Some(Hidden::Secret)) => "(holds a secret: not shown)".to_owned(),
        Err(Some(Hidden::Packed)) => "(packed files: not shown)".to_owned(),
        Err(None) => "(not text: not shown)".to_owned(),
    }
}
