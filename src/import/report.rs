//! What an import could not carry over, what is left to fill in, and what is no configuration.

use std::sync::Arc;

use crate::model::existing::secret::reveals;

/// A place in a file that was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as the user named it.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
    /// The field: `apiServer.extraArgs.v`. What looks like a secret is not in it.
    pub field: String,
}

impl Place {
    /// A place, without a name that looks like a secret.
    pub(super) fn new(file: &Arc<str>, line: usize, field: &str) -> Self {
        let shown = match reveals(field) {
            true => "(a name that is not shown)".to_owned(),
            false => field.escape_debug().to_string(),
        };
        Self {
            file: Arc::clone(file),
            line,
            field: shown,
        }
    }
}

/// A field, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Where it is.
    pub place: Place,
    /// Why; never with the value.
    pub why: String,
}

/// Something that the files do not say, or that has to be brought along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToFill {
    /// The setting, or the file: "`gateway` of `network`".
    pub what: String,
    /// What was written, and what to do.
    pub why: String,
}

/// What an import could not do.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Fields that were not carried over, or came out different, in the order of the files.
    pub losses: Vec<Line>,
    /// What the files do not say.
    pub to_fill: Vec<ToFill>,
    /// What a running cluster reports about itself, and no one configures.
    pub state: Vec<Line>,
}

impl Report {
    /// A field that was not carried over.
    pub(super) fn lost(&mut self, place: Place, why: impl Into<String>) {
        self.losses.push(Line {
            place,
            why: why.into(),
        });
    }

    /// Something that is no configuration.
    pub(super) fn state(&mut self, place: Place, why: impl Into<String>) {
        self.state.push(Line {
            place,
            why: why.into(),
        });
    }

    /// Something that the files do not say.
    pub(super) fn fill(&mut self, what: impl Into<String>, why: impl Into<String>) {
        let one = ToFill {
            what: what.into(),
            why: why.into(),
        };
        if !self.to_fill.contains(&one) {
            self.to_fill.push(one);
        }
    }

    /// In the order of the files and lines; each line once.
    pub(super) fn sort(&mut self, files: &[Arc<str>]) {
        let order = |line: &Line| files.iter().position(|file| *file == line.place.file);
        for lines in [&mut self.losses, &mut self.state] {
            lines.sort_by(|a, b| (order(a), a).cmp(&(order(b), b)));
            lines.dedup();
        }
    }
}
