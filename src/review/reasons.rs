//! Why lines are there, in both directions: from a line to its reasons, and from a line of the spec to what it makes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::files::Files;
use super::page::{
    LibraryLine, Made, MadeBy, Place, PlaceRole, Reason, SpecFile, SpecLine, Target,
};
use crate::origin::Origin;
use crate::render::{File, LineOrigin};
use crate::source::{FileId, Sources, Span};
use crate::trace;

/// A file of the spec and a line of it.
pub(super) type SpecPlace = (u32, usize);

/// The reasons met so far, each once.
pub(super) struct Reasons<'a> {
    sources: &'a Sources,
    known: HashMap<&'a [Origin], Known>,
    numbers: HashMap<Reason, usize>,
    list: Vec<Reason>,
    /// What beginnings that several files share come from.
    beginnings: HashMap<*const LineOrigin, BTreeSet<SpecPlace>>,
    lines: HashMap<(FileId, usize), usize>,
    library: Vec<LibraryLine>,
    /// What each line of the spec makes, outside the files that are shown: rows of tables.
    rows: BTreeMap<SpecPlace, BTreeSet<(usize, usize)>>,
    /// The same for files with the content of one that is shown: its number and the first line of a run.
    same: BTreeMap<SpecPlace, BTreeSet<(usize, usize)>>,
}

struct Known {
    number: Option<usize>,
    places: Vec<SpecPlace>,
    /// The file and the run for which these places were noted last.
    last: Option<(usize, usize)>,
}

impl<'a> Reasons<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        Self {
            sources,
            known: HashMap::new(),
            numbers: HashMap::new(),
            list: Vec::new(),
            beginnings: HashMap::new(),
            lines: HashMap::new(),
            library: Vec::new(),
            rows: BTreeMap::new(),
            same: BTreeMap::new(),
        }
    }

    /// The number of the reason of a line that is shown; none for constant text.
    pub(super) fn number(&mut self, origins: &'a LineOrigin) -> Option<usize> {
        if origins.is_empty() {
            return None;
        }
        if let Some(known) = self.known.get(origins.as_slice())
            && known.number.is_some()
        {
            return known.number;
        }
        let found = trace::reasons(origins);
        let mut places: Vec<PlaceRole> = Vec::with_capacity(found.places.len());
        for (span, role) in &found.places {
            let one = PlaceRole {
                place: self.place(*span),
                role: role.clone(),
            };
            if !places.contains(&one) {
                places.push(one);
            }
        }
        let reason = Reason {
            sentence: found.sentence(),
            places,
            rules: found.rules.clone(),
        };
        let next = self.list.len();
        let number = *self.numbers.entry(reason.clone()).or_insert(next);
        if number == next {
            self.list.push(reason);
        }
        self.remember(origins).number = Some(number);
        Some(number)
    }

    /// Notes that a row of a table is for a file whose lines have these origins.
    pub(super) fn in_row(&mut self, file: &'a File, table: usize, row: usize) {
        let shared = file.content.shared_lines();
        if !self.beginnings.contains_key(&shared.as_ptr()) {
            let found = self.places_of_all(shared);
            self.beginnings.insert(shared.as_ptr(), found);
        }
        let own = self.places_of_all(&file.lines);
        let shared = self.beginnings.get(&shared.as_ptr());
        for place in shared.into_iter().flatten().chain(&own) {
            self.rows.entry(*place).or_default().insert((table, row));
        }
    }

    /// The places of lines, each once.
    fn places_of_all(&mut self, lines: &'a [LineOrigin]) -> BTreeSet<SpecPlace> {
        let mut found = BTreeSet::new();
        for origins in lines.iter().filter(|origins| !origins.is_empty()) {
            found.extend(&self.remember(origins).places);
        }
        found
    }

    /// Notes that a file with the content of one that is shown has lines with these origins, in the runs that begin there.
    pub(super) fn in_file(&mut self, file: &'a File, number: usize, starts: &[usize]) {
        for (origins, first) in file.origins().zip(starts) {
            if origins.is_empty() {
                continue;
            }
            let known = self.remember(origins);
            if known.last == Some((number, *first)) {
                continue;
            }
            known.last = Some((number, *first));
            for place in known.places.clone() {
                self.same.entry(place).or_default().insert((number, *first));
            }
        }
    }

    fn remember(&mut self, origins: &'a LineOrigin) -> &mut Known {
        let sources = self.sources;
        self.known.entry(origins.as_slice()).or_insert_with(|| {
            let places: BTreeSet<SpecPlace> = origins
                .iter()
                .flat_map(Origin::spans)
                .filter(|span| !span.file.is_library())
                .map(|span| (span.file.0, sources.start(span).line))
                .collect();
            Known {
                number: None,
                places: places.into_iter().collect(),
                last: None,
            }
        })
    }

    /// A place for the page.
    fn place(&mut self, span: Span) -> Place {
        let line = self.sources.start(span).line;
        if !span.file.is_library() {
            return Place::Spec(span.file.0, line);
        }
        let next = self.library.len();
        let number = *self.lines.entry((span.file, line)).or_insert(next);
        if number == next {
            let file = self.sources.file(span.file);
            self.library.push(LibraryLine {
                name: format!("{}:{line}", file.name),
                text: file.shown(line).unwrap_or_default().trim().to_owned(),
            });
        }
        Place::Library(number)
    }

    /// Each line of the spec with what it makes.
    pub(super) fn made(&self, files: &Files) -> Made {
        let mut all: BTreeMap<SpecPlace, BTreeMap<Target, BTreeSet<usize>>> = BTreeMap::new();
        let places: Vec<Vec<SpecPlace>> = self.list.iter().map(places_of).collect();
        for (number, file) in files.files.iter().enumerate() {
            for run in &file.runs {
                let Some(found) = run.why.and_then(|why| places.get(why)) else {
                    continue;
                };
                for place in found {
                    let targets = all.entry(*place).or_default();
                    let lines = targets.entry(Target::File(number)).or_default();
                    lines.insert(run.first);
                }
            }
        }
        for (place, runs) in &self.same {
            for (file, first) in runs {
                let targets = all.entry(*place).or_default();
                targets
                    .entry(Target::File(*file))
                    .or_default()
                    .insert(*first);
            }
        }
        for (place, rows) in &self.rows {
            for (table, row) in rows {
                let targets = all.entry(*place).or_default();
                targets
                    .entry(Target::Table(*table))
                    .or_default()
                    .insert(*row);
            }
        }
        let files = self.sources.files().map(|(id, file)| {
            let line = |number: usize| SpecLine {
                text: file.shown(number).unwrap_or_default().into_owned(),
                made: made_by(all.get(&(id.0, number))),
            };
            // What the spec brings as it is has its lines in the tree.
            let whole = file.name.ends_with(".pik") || id.0 == 0;
            let last = match (whole, file.text.ends_with('\n')) {
                (false, _) => 0,
                (true, true) => file.line_count() - 1,
                (true, false) => file.line_count(),
            };
            SpecFile {
                number: id.0,
                name: file.name.clone(),
                lines: (1..=last).map(line).collect(),
            }
        });
        files.collect()
    }

    /// The reasons and the library's lines that they refer to.
    pub(super) fn finish(self) -> (Vec<Reason>, Vec<LibraryLine>) {
        (self.list, self.library)
    }
}

fn places_of(reason: &Reason) -> Vec<SpecPlace> {
    let places = reason.places.iter();
    places
        .filter_map(|one| match one.place {
            Place::Spec(file, line) => Some((file, line)),
            Place::Library(_) => None,
        })
        .collect()
}

fn made_by(found: Option<&BTreeMap<Target, BTreeSet<usize>>>) -> Vec<MadeBy> {
    let found = found.into_iter().flatten();
    found
        .map(|(target, at)| MadeBy {
            target: *target,
            at: at.iter().copied().collect(),
        })
        .collect()
}
