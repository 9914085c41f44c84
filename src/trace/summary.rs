//! What a file of the tree, or all files below a folder, are made from, and who runs them.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::hidden::{is_packed, is_secret};
use super::machines::Machines;
use super::made::Part;
use crate::Compiled;
use crate::origin::Origin;
use crate::plan::PlannedStep;
use crate::render::{Entry, File, Rendered};
use crate::source::{FileId, Sources, Span};

/// What a part of the tree is made from.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Its files, those behind links included, each once.
    pub files: Vec<String>,
    /// How many of them hold a secret.
    pub secret: usize,
    /// Its lines by where they come from.
    pub kinds: Kinds,
    /// The lines of the spec that take part, in its order.
    pub settings: Vec<Counted<(FileId, usize)>>,
    /// The defaults that take part: lines of the library, the busiest first.
    pub defaults: Vec<Counted<(FileId, usize)>>,
    /// The files of the library whose facts take part, the busiest first.
    pub library: Vec<Counted<FileId>>,
    /// The rules that take part, the busiest first.
    pub rules: Vec<Counted<&'static str>>,
    /// The machines that have it; none if it is not for a machine.
    pub machines: Vec<String>,
    /// The steps that it is the script of, or that place a file of it.
    pub steps: Vec<StepUse>,
}

/// Something with the number of lines that it takes part in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted<T> {
    /// What it is.
    pub what: T,
    /// In how many lines.
    pub lines: usize,
}

/// Lines by where they come from; a line is counted once, by the first that is true.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Packed from other files.
    pub packed: usize,
    /// A setting of the spec takes part.
    pub spec: usize,
    /// Only the library: defaults and facts.
    pub library: usize,
    /// A rule alone.
    pub rule: usize,
    /// Every file of this kind has it.
    pub constant: usize,
}

impl Kinds {
    /// All of them.
    pub fn all(&self) -> usize {
        self.packed + self.spec + self.library + self.rule + self.constant
    }
}

/// How a step uses files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepUse {
    /// `40-swap`
    pub name: &'static str,
    /// The classes that run it.
    pub classes: Vec<String>,
    /// Whether its script is among the files.
    pub script: bool,
    /// The files that it places on the machine: path in the bundle, owner and mode.
    pub places: Vec<(String, String)>,
    /// The packages that it installs.
    pub packages: Vec<String>,
    /// The services that it configures.
    pub services: Vec<String>,
}

/// A summary of what is at a path of the tree; nothing if there is nothing. The tree must have its origins.
pub fn summary(compiled: &Compiled, sources: &Sources, path: &Utf8Path) -> Option<Summary> {
    let rendered = &compiled.rendered;
    let mut paths = BTreeSet::new();
    within(rendered, path, &mut paths);
    if paths.is_empty() {
        return None;
    }
    let mut out = Summary::default();
    let mut tally = Tally::default();
    let machines = Machines::new(rendered);
    let mut on = BTreeSet::new();
    for path in &paths {
        let Some(Entry::File(file)) = rendered.entries().get(path.as_str()) else {
            continue;
        };
        out.files.push(path.clone());
        out.secret += usize::from(is_secret(file));
        tally.add(file, sources, &mut out.kinds);
        on.extend(machines.of(path));
    }
    let below = |node: &str| path.as_str() == format!("nodes/{node}");
    // The folder of a machine: its class has more machines, which are not asked about.
    on = match on
        .iter()
        .find(|node| below(node) || path.starts_with(format!("nodes/{node}")))
    {
        Some(only) => BTreeSet::from([*only]),
        None => on,
    };
    out.machines = on.into_iter().map(str::to_owned).collect();
    out.steps = steps(&compiled.steps, &paths);
    tally.finish(&mut out);
    Some(out)
}

/// Collects the files at a path, below it, and behind links there.
fn within(rendered: &Rendered, path: &Utf8Path, out: &mut BTreeSet<String>) {
    for (known, entry) in rendered.entries() {
        if !Utf8Path::new(known).starts_with(path) {
            continue;
        }
        match entry {
            Entry::File(_) => {
                out.insert(known.clone());
            }
            Entry::Link(target) => {
                let folder = Utf8Path::new(known).parent().unwrap_or(Utf8Path::new(""));
                let target = plain(&folder.join(target));
                if !target.starts_with(path) && !out.contains(target.as_str()) {
                    within(rendered, &target, out);
                }
            }
        }
    }
}

/// The path without `.` and `..`.
fn plain(path: &Utf8Path) -> Utf8PathBuf {
    let mut out = Utf8PathBuf::new();
    for part in path.components() {
        match part.as_str() {
            "." => {}
            ".." => {
                out.pop();
            }
            name => out.push(name),
        }
    }
    out
}

fn steps(planned: &[PlannedStep], paths: &BTreeSet<String>) -> Vec<StepUse> {
    let mut found: Vec<StepUse> = Vec::new();
    for step in planned {
        let script = paths.contains(step.script.as_str());
        let placed = step
            .files
            .iter()
            .filter(|file| paths.contains(file.output.as_str()));
        let places: Vec<(String, String)> = placed
            .map(|file| {
                let owner = format!("{} {:04o}", file.placed.owner, file.placed.mode);
                (file.bundle.clone(), owner)
            })
            .collect();
        if !script && places.is_empty() {
            continue;
        }
        let known = found.iter_mut().find(|known| known.name == step.name);
        match known {
            Some(known) => {
                known.classes.push(step.class.clone());
                known.script |= script;
                for place in places {
                    if !known.places.contains(&place) {
                        known.places.push(place);
                    }
                }
            }
            None => found.push(StepUse {
                name: step.name,
                classes: vec![step.class.clone()],
                script,
                places,
                packages: step.packages.clone(),
                services: step.services.clone(),
            }),
        }
    }
    found.sort_by_key(|step| step.name);
    found
}

#[derive(Default)]
struct Tally {
    settings: BTreeMap<(FileId, usize), usize>,
    defaults: BTreeMap<(FileId, usize), usize>,
    library: BTreeMap<FileId, usize>,
    rules: BTreeMap<&'static str, usize>,
}

impl Tally {
    fn add(&mut self, file: &File, sources: &Sources, kinds: &mut Kinds) {
        let lines = file.content.text().map_or(0, |text| text.lines().count());
        let mut counted = 0;
        for origins in file.origins().take(lines) {
            counted += 1;
            if is_packed(origins) {
                kinds.packed += 1;
                continue;
            }
            let (mut places, mut rules) = (BTreeSet::new(), BTreeSet::new());
            for origin in origins {
                walk(origin, &mut places, &mut rules);
            }
            let of = |part: Part| places.iter().any(|(_, found)| *found == part);
            match (of(Part::Setting), places.is_empty(), rules.is_empty()) {
                (true, _, _) => kinds.spec += 1,
                (false, false, _) => kinds.library += 1,
                (false, true, false) => kinds.rule += 1,
                (false, true, true) => kinds.constant += 1,
            }
            let line = |span: &Span| (span.file, sources.start(*span).line);
            let lines = |wanted: Part| -> BTreeSet<(FileId, usize)> {
                let found = places.iter().filter(|(_, part)| *part == wanted);
                found.map(|(span, _)| line(span)).collect()
            };
            for place in lines(Part::Setting) {
                *self.settings.entry(place).or_default() += 1;
            }
            for place in lines(Part::Default) {
                *self.defaults.entry(place).or_default() += 1;
            }
            let files: BTreeSet<FileId> = lines(Part::Fact)
                .into_iter()
                .map(|(file, _)| file)
                .collect();
            for file in files {
                *self.library.entry(file).or_default() += 1;
            }
            for rule in rules {
                *self.rules.entry(rule).or_default() += 1;
            }
        }
        kinds.constant += lines - counted;
    }

    fn finish(self, out: &mut Summary) {
        out.settings = counted(self.settings);
        out.defaults = busiest(self.defaults);
        out.library = busiest(self.library);
        out.rules = busiest(self.rules);
    }
}

fn counted<T>(found: BTreeMap<T, usize>) -> Vec<Counted<T>> {
    let one = |(what, lines)| Counted { what, lines };
    found.into_iter().map(one).collect()
}

fn busiest<T>(found: BTreeMap<T, usize>) -> Vec<Counted<T>> {
    let mut all = counted(found);
    all.sort_by_key(|one| std::cmp::Reverse(one.lines));
    all
}

fn walk(origin: &Origin, places: &mut BTreeSet<(Span, Part)>, rules: &mut BTreeSet<&'static str>) {
    match origin {
        Origin::Written(span) if span.file.is_library() => {
            places.insert((*span, Part::Fact));
        }
        Origin::Written(span) => {
            places.insert((*span, Part::Setting));
        }
        Origin::Default(span) => {
            places.insert((*span, Part::Default));
        }
        Origin::Secret(from) => from.iter().for_each(|one| walk(one, places, rules)),
        Origin::Derived { rule, from } => {
            rules.insert(rule);
            from.iter().for_each(|one| walk(one, places, rules));
        }
    }
}
