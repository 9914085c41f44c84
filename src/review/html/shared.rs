//! Stretches of lines that a file shares with the first file of its name: the scripts of two classes differ in a few lines, and those are
//! what a reviewer looks for. The page has the text once; the other file names the lines, and leads to them.

use std::collections::{BTreeSet, HashMap};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::review::names;
use crate::review::page::{Line, Page, Run, Shown};

/// A stretch with less text than this is shown again: to read it costs less than to follow a link.
const WORTH: usize = 100;

/// Part of a run.
pub(super) struct Piece<'a> {
    /// The number of its first line.
    pub first: usize,
    /// Its lines.
    pub lines: &'a [Line],
    /// Where they are shown: the file and the number of the first line; nothing if here.
    pub shown: Option<(usize, usize)>,
}

/// What all files share.
#[derive(Default)]
pub(super) struct Shared {
    /// Stretches by file: the first line, how many lines, the file that shows them, and the first line there.
    stretches: HashMap<usize, Vec<Stretch>>,
    /// Lines by file to which a stretch of another file leads.
    wanted: HashMap<usize, BTreeSet<usize>>,
}

#[derive(Clone, Copy)]
struct Stretch {
    first: usize,
    count: usize,
    file: usize,
    there: usize,
}

impl Shared {
    pub(super) fn find(page: &Page) -> Self {
        let mut shared = Self::default();
        let mut firsts: HashMap<&str, usize> = HashMap::new();
        for (number, file) in page.files.iter().enumerate() {
            let Some(name) = name(file) else { continue };
            let first = *firsts.entry(name).or_insert(number);
            if let Some(original) = page.files.get(first).filter(|_| first != number) {
                shared.compare(first, original, number, file);
            }
        }
        shared
    }

    /// The file that shows lines of this one.
    pub(super) fn original(&self, number: usize) -> Option<usize> {
        Some(self.stretches.get(&number)?.first()?.file)
    }

    fn compare(&mut self, first: usize, original: &Shown, number: usize, file: &Shown) {
        let (old, new) = (keys(original, true), keys(file, false));
        for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
            let DiffOp::Equal {
                old_index,
                new_index,
                len,
            } = op
            else {
                continue;
            };
            for run in &file.runs {
                // The part of the run that is within this stretch; lines count from one.
                let from = run.first.max(new_index + 1);
                let to = (run.first + run.lines.len()).min(new_index + 1 + len);
                if from >= to || bytes(run, from, to) < WORTH {
                    continue;
                }
                let there = old_index + from - new_index;
                self.wanted.entry(first).or_default().insert(there);
                self.stretches.entry(number).or_default().push(Stretch {
                    first: from,
                    count: to - from,
                    file: first,
                    there,
                });
            }
        }
    }

    /// A run in pieces: what is shown here, and what another file shows.
    pub(super) fn pieces<'a>(&self, number: usize, run: &'a Run) -> Vec<Piece<'a>> {
        let end = run.first + run.lines.len();
        let mut cuts: BTreeSet<usize> = BTreeSet::from([run.first, end]);
        let stretches = self.stretches.get(&number).map_or(&[][..], Vec::as_slice);
        let within = stretches
            .iter()
            .filter(|one| one.first >= run.first && one.first < end);
        for one in within {
            cuts.extend([one.first, one.first + one.count]);
        }
        if let Some(wanted) = self.wanted.get(&number) {
            cuts.extend(wanted.range(run.first..end));
        }
        let cuts: Vec<usize> = cuts.into_iter().collect();
        let pieces = cuts.windows(2).filter_map(|pair| {
            let &[first, end] = pair else { return None };
            let lines = run.lines.get(first - run.first..end - run.first)?;
            let of_other = stretches.iter().find(|one| one.first == first);
            Some(Piece {
                first,
                lines,
                shown: of_other.map(|one| (one.file, one.there)),
            })
        });
        pieces.collect()
    }
}

/// What files have in common whose texts are alike: the path below the folder of a class or a node.
fn name(file: &Shown) -> Option<&str> {
    let path = file.title.as_str();
    let below = names::node(path).or_else(|| path.strip_prefix("classes/")?.split_once('/'));
    below.map(|(_, rest)| rest)
}

/// A line, for the comparison.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Key<'a> {
    Text(&'a str),
    /// What is not plain text is like no other line.
    Other(bool, usize),
}

fn keys(file: &Shown, original: bool) -> Vec<Key<'_>> {
    let lines = file.runs.iter().flat_map(|run| &run.lines);
    let keys = lines.enumerate().map(|(index, line)| match line {
        Line::Text(text) => Key::Text(text),
        _ => Key::Other(original, index),
    });
    keys.collect()
}

fn bytes(run: &Run, from: usize, to: usize) -> usize {
    let lines = run.lines.get(from - run.first..to - run.first);
    let lines = lines.into_iter().flatten();
    lines
        .map(|line| match line {
            Line::Text(text) => text.len() + 1,
            _ => 0,
        })
        .sum()
}
