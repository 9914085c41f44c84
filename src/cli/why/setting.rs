//! A line of a spec: the lines of the output that it makes, the rules that use it, and what else takes part in those lines.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde_json::{Value, json};

use super::lists::{Fit, MOST, counted, cut, on};
use super::{WhyArgs, compiled};
use crate::Analysis;
use crate::cli::shared::args::PlainFormat;
use crate::cli::shared::console::{Console, Look, Paint, hanging, paint, visible};
use crate::cli::shared::exit::{Exit, Failure, Outcome};
use crate::cli::shared::files;
use crate::cli::shared::report::count;
use crate::model::runs;
use crate::render::Rendered;
use crate::source::{FileId, Sources, Span};
use crate::trace::{self, Hidden, Machines, Made, MadeGroup, MadeLine, Other, Part};

/// How many lines of a file are shown; the JSON has all of them.
const LINES: usize = 8;

pub(super) fn run(
    args: &WhyArgs,
    named: &str,
    line: usize,
    column: Option<usize>,
    console: &Console,
) -> Outcome {
    let named = Utf8Path::new(named);
    let spec = args.spec.as_deref().unwrap_or(named);
    let mut analysis = files::judge(spec, &args.reading, None)?;
    let file = file(&analysis, named).ok_or_else(|| {
        let failure = Failure::usage(format!("`{spec}` does not use `{named}`"));
        failure.help("name the spec that uses it: --spec SPEC")
    })?;
    let span = span(&analysis.sources, file, line, column)?;
    if analysis.model.is_none() && !analysis.diagnostics.has_errors() {
        return Err(Failure::usage(format!("`{spec}` describes no cluster"))
            .help("name the spec that uses it: --spec SPEC"));
    }
    let Some(compiled) = compiled(&mut analysis, spec.as_str(), args, console)? else {
        return Ok(Exit::Mistakes);
    };
    let found = Found {
        analysis: &analysis,
        rendered: &compiled.rendered,
        span,
        column,
        made: trace::made(&compiled.rendered, span),
        machines: Machines::new(&compiled.rendered),
    };
    console.result(&match args.format {
        PlainFormat::Human => found.human(console.out),
        PlainFormat::Json => found.document(),
    })?;
    Ok(Exit::Done)
}

/// The file of the spec that is at this path, however the path is written.
fn file(analysis: &Analysis, named: &Utf8Path) -> Option<FileId> {
    let same = |name: &str| name == named.as_str();
    let full = named.canonicalize_utf8().ok();
    let really = |name: &str| {
        let found = Utf8Path::new(name).canonicalize_utf8().ok();
        found.is_some() && found == full
    };
    trace::spec_file(analysis, same).or_else(|| trace::spec_file(analysis, really))
}

fn span(
    sources: &Sources,
    file: FileId,
    line: usize,
    column: Option<usize>,
) -> Result<Span, Failure> {
    let source = sources.file(file);
    let name = &source.name;
    let last = source.line_count() - usize::from(source.text.ends_with('\n'));
    let whole = trace::line(sources, file, line).filter(|_| line <= last);
    let whole = whole.ok_or_else(|| {
        Failure::usage(format!(
            "`{name}` has {}, so there is no line {line}",
            count(last, "line")
        ))
    })?;
    match column {
        None => Ok(whole),
        Some(column) => trace::column(sources, file, line, column).ok_or_else(|| {
            Failure::usage(format!(
                "column {column} of line {line} of `{name}` is not part of a setting or of a block's head"
            ))
            .help(format!("write `{name}:{line}` for all of the line"))
        }),
    }
}

struct Found<'a> {
    analysis: &'a Analysis,
    rendered: &'a Rendered,
    span: Span,
    column: Option<usize>,
    made: Made,
    machines: Machines<'a>,
}

impl Found<'_> {
    fn sources(&self) -> &Sources {
        &self.analysis.sources
    }

    /// The place, as it would be asked for.
    fn title(&self) -> String {
        let place = self.place(self.span);
        match self.column {
            Some(_) => format!("{place}:{}", self.sources().start(self.span).column),
            None => place,
        }
    }

    fn place(&self, span: Span) -> String {
        let sources = self.sources();
        format!(
            "{}:{}",
            sources.file(span.file).name,
            sources.start(span).line
        )
    }

    /// The text of the place; of a line that holds a secret, only that it does.
    fn text(&self) -> String {
        let (sources, span) = (self.sources(), self.span);
        let file = sources.file(span.file);
        let number = sources.start(span).line;
        match self.column {
            Some(_) if !file.is_hidden(number) => one_line(sources.text(span)),
            _ => file.shown(number).unwrap_or_default().trim().to_owned(),
        }
    }

    fn human(&self, look: Look) -> String {
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
        let names = runs(machines.iter().copied());
        Some(match (machines.len(), differ) {
            (0, _) => return None,
            (1, _) => format!("on {names}"),
            (many, false) => format!("the same on {}", on(many, &names)),
            (many, true) => format!(
                "on {}; each has values of its own, these are those of {}",
                on(many, &names),
                machines[0]
            ),
        })
    }

    fn on<'a>(&'a self, group: &'a MadeGroup) -> Vec<&'a str> {
        let mut all: Vec<&str> = Vec::new();
        for path in &group.paths {
            let Some((path, _)) = self.rendered.entries().get_key_value(path.as_str()) else {
                continue;
            };
            all.extend(self.machines.of(path));
        }
        all
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

    fn quoted(&self, other: &Other) -> String {
        let sources = self.sources();
        let line = sources.start(other.span).line;
        let text = sources
            .file(other.span.file)
            .shown(line)
            .unwrap_or_default();
        format!("{}  {}", self.place(other.span), text.trim())
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

    fn document(&self) -> String {
        let sources = self.sources();
        let made = &self.made;
        let groups = made.groups.iter().map(|group| {
            json!({
                "title": group.title,
                "paths": group.paths,
                "machines": self.on(group),
                "lines": group.lines.iter().map(data).collect::<Vec<_>>(),
                "of": group.of,
            })
        });
        let others = made.others.iter().map(|other| {
            let line = sources.start(other.span).line;
            let file = sources.file(other.span.file);
            json!({
                "part": word(other.part),
                "file": file.name,
                "line": line,
                "text": file.shown(line).unwrap_or_default().trim(),
                "lines": other.lines,
            })
        });
        let rules = made.rules.iter();
        let rules = rules.map(|(rule, lines)| json!({"rule": rule, "lines": lines}));
        let start = sources.start(self.span);
        let document = json!({
            "format": 1,
            "place": {
                "file": sources.file(self.span.file).name,
                "line": start.line,
                "column": self.column.map(|_| start.column),
                "text": self.text(),
            },
            "lines": made.lines,
            "files": made.files,
            "groups": groups.collect::<Vec<Value>>(),
            "packed": made.packed,
            "rules": rules.collect::<Vec<Value>>(),
            "others": others.collect::<Vec<Value>>(),
        });
        format!("{document:#}\n")
    }
}

const PARTS: &[(Part, &str)] = &[
    (Part::Setting, "Lines with another setting in them"),
    (Part::Default, "Lines with a default in them"),
    (Part::Fact, "Lines with a fact of the library in them"),
];

/// Whether a file lists others with their checksums.
fn is_list(group: &MadeGroup) -> bool {
    let name = Utf8Path::new(&group.title).file_name();
    matches!(name, Some("class.list" | "node.list"))
}

fn word(part: Part) -> &'static str {
    match part {
        Part::Setting => "setting",
        Part::Default => "default",
        Part::Fact => "fact",
    }
}

fn blocks(entity: &crate::schema::Entity, out: &mut Vec<Span>) {
    out.push(entity.span);
    entity.blocks.iter().for_each(|inner| blocks(inner, out));
}

fn touches(one: Span, other: Span) -> bool {
    one.file == other.file && one.start < other.end && other.start < one.end
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
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

fn data(line: &MadeLine) -> Value {
    match &line.text {
        Ok(text) => json!({"line": line.number, "text": text, "differs": line.differs}),
        Err(why) => json!({"line": line.number, "hidden": why, "differs": line.differs}),
    }
}
