//! A YAML file of another program, as far as a rule has to know it: version, kind and single values of each document.

use super::yaml::{self, Value, Yaml};
use crate::source::FileId;

/// A document of such a file.
#[derive(Clone, Debug)]
pub struct Outline(Yaml);

impl Outline {
    /// The text at a path of keys separated by dots.
    pub fn text(&self, path: &str) -> Option<String> {
        Some(self.0.at(path)?.text()?.value)
    }

    /// Whether it holds keys and values.
    pub fn is_map(&self) -> bool {
        matches!(self.0.value, Value::Map(_))
    }
}

/// The documents of a file; in place of them what is wrong with it, and the line.
///
/// # Errors
///
/// A sentence that says what no reader of YAML accepts.
pub fn outlines(text: &str) -> Result<Vec<Outline>, (String, usize)> {
    let read = yaml::documents(FileId(0), text);
    match read.problem {
        None => Ok(read.roots.into_iter().map(Outline).collect()),
        Some(problem) => {
            let before = text.get(..problem.span.start as usize).unwrap_or(text);
            Err((problem.value, before.matches('\n').count() + 1))
        }
    }
}
