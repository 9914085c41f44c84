//! What a place in a spec makes: lines of the output, with what is the same on many machines once, and the rules and values that go with it.

use std::collections::BTreeMap;

use super::hidden::{Hidden, Veil, is_packed};
use super::lines::comes_from;
use super::machines::pattern;
use crate::origin::Origin;
use crate::render::{Entry, File, Rendered};
use crate::source::Span;

/// What a place in a spec makes.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// Its lines, in the order of files; files of the same purpose with the same lines are one.
    pub groups: Vec<MadeGroup>,
    /// The files that have it in packed form only.
    pub packed: Vec<String>,
    /// The rules that use it, with the number of lines that each of them makes; the busiest first.
    pub rules: Vec<(&'static str, usize)>,
    /// What else takes part in these lines, and in how many; what takes part in most of them comes first.
    pub others: Vec<Other>,
    /// How many lines there are, in all files.
    pub lines: usize,
    /// How many files have them.
    pub files: usize,
}

/// Lines of files that are the same, apart from values that each machine has of its own.
#[derive(Clone, Debug)]
pub struct MadeGroup {
    /// The path, with `*` in place of the machine or the class if there are several.
    pub title: String,
    /// Every path.
    pub paths: Vec<String>,
    /// The lines, in order.
    pub lines: Vec<MadeLine>,
    /// How many lines the file has, at the first path.
    pub of: usize,
}

impl MadeGroup {
    /// Whether the file is there because of the place: most of its lines come from it.
    pub fn is_whole(&self) -> bool {
        self.lines.len() * 2 > self.of
    }
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeLine {
    /// Its number, from 1.
    pub number: usize,
    /// Its text at the first path, or why it is not shown; nothing if the file is not text.
    pub text: Result<String, Option<Hidden>>,
    /// Whether another path has another text there.
    pub differs: bool,
}

/// How a place takes part in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The spec has it.
    Setting,
    /// The spec does not set it, the library does.
    Default,
    /// A fact of the library.
    Fact,
}

/// Something that takes part in the same lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// Where it is.
    pub span: Span,
    /// What it is.
    pub part: Part,
    /// In how many of the lines.
    pub lines: usize,
}

/// What something within a span makes. The tree must have its origins ([`compile`](crate::compile) with `keep_lines`).
pub fn made(rendered: &Rendered, span: Span) -> Made {
    let veil = Veil::new(rendered);
    let mut made = Made::default();
    let mut groups: BTreeMap<(String, Vec<usize>), usize> = BTreeMap::new();
    let mut tally = Tally::default();
    for (path, entry) in rendered.entries() {
        let Entry::File(file) = entry else { continue };
        let mut numbers = Vec::new();
        let mut packed = false;
        for (index, origins) in file.origins().enumerate() {
            if !origins.iter().any(|origin| comes_from(origin, span)) {
                continue;
            }
            if is_packed(origins) {
                packed = true;
                continue;
            }
            tally.add(origins, span);
            numbers.push(index + 1);
        }
        if numbers.is_empty() {
            if packed {
                made.packed.push(path.clone());
            }
            continue;
        }
        made.lines += numbers.len();
        made.files += 1;
        let (lines, of) = texts(file, &numbers, &veil);
        let next = made.groups.len();
        let place = *groups.entry((pattern(path), numbers)).or_insert(next);
        match made.groups.get_mut(place) {
            Some(group) => group.add(path, &lines),
            None => made.groups.push(MadeGroup {
                title: path.clone(),
                paths: vec![path.clone()],
                lines,
                of,
            }),
        }
    }
    (made.rules, made.others) = tally.finish(span);
    made
}

impl MadeGroup {
    fn add(&mut self, path: &str, lines: &[MadeLine]) {
        self.title = pattern(path);
        self.paths.push(path.to_owned());
        for (known, other) in self.lines.iter_mut().zip(lines) {
            known.differs |= known.text != other.text;
        }
    }
}

fn texts(file: &File, numbers: &[usize], veil: &Veil) -> (Vec<MadeLine>, usize) {
    let text = file.content.text();
    let all: Vec<&str> = text.as_deref().unwrap_or_default().lines().collect();
    let hidden = veil.lines(file, &all);
    let line = |number: &usize| {
        let index = number - 1;
        let text = match (all.get(index), hidden.get(index).copied().flatten()) {
            (Some(line), None) => Ok((*line).to_owned()),
            (_, hidden) => Err(hidden),
        };
        MadeLine {
            number: *number,
            text,
            differs: false,
        }
    };
    (numbers.iter().map(line).collect(), all.len())
}

/// The rules and the other places, counted.
#[derive(Default)]
struct Tally {
    rules: BTreeMap<&'static str, usize>,
    others: BTreeMap<(Span, Part), usize>,
}

impl Tally {
    fn add(&mut self, origins: &[Origin], span: Span) {
        let (mut rules, mut places) = (Vec::new(), Vec::new());
        for origin in origins {
            walk(origin, span, &mut rules, &mut places);
        }
        rules.sort_unstable();
        rules.dedup();
        places.sort_unstable();
        places.dedup();
        for rule in rules {
            *self.rules.entry(rule).or_default() += 1;
        }
        for place in places {
            *self.others.entry(place).or_default() += 1;
        }
    }

    fn finish(self, span: Span) -> (Vec<(&'static str, usize)>, Vec<Other>) {
        let mut rules: Vec<(&str, usize)> = self.rules.into_iter().collect();
        rules.sort_by_key(|(rule, lines)| (std::cmp::Reverse(*lines), *rule));
        let own = |place: &Span| comes_from(&Origin::Written(*place), span);
        let mut others: Vec<Other> = self
            .others
            .into_iter()
            .filter(|((place, _), _)| !own(place))
            .map(|((span, part), lines)| Other { span, part, lines })
            .collect();
        others.sort_by_key(|other| (std::cmp::Reverse(other.lines), other.span));
        (rules, others)
    }
}

/// Collects every place of an origin, and the rules through which the span takes part.
fn walk(
    origin: &Origin,
    span: Span,
    rules: &mut Vec<&'static str>,
    places: &mut Vec<(Span, Part)>,
) {
    match origin {
        Origin::Written(place) if place.file.is_library() => places.push((*place, Part::Fact)),
        Origin::Written(place) => places.push((*place, Part::Setting)),
        Origin::Default(place) => places.push((*place, Part::Default)),
        Origin::Secret(from) => from.iter().for_each(|one| walk(one, span, rules, places)),
        Origin::Derived { rule, from } => {
            if comes_from(origin, span) {
                rules.push(rule);
            }
            from.iter().for_each(|one| walk(one, span, rules, places));
        }
    }
}
