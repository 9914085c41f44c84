//! Specs in memory, with a mark where the cursor is, and edits applied to them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use camino::Utf8Path;
use pikc::AnalyzeInput;
use pikc::editor::Project;
use pikc::model::Reader;
use pikc::source::Span;

/// Where the cursor is in a text.
pub const MARK: &str = "‸";

/// The files of a spec; the first is the main one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World(pub Vec<(String, String)>);

impl World {
    /// Files in memory.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        Self(files.iter().map(owned).collect())
    }

    /// A file of this repository.
    pub fn disk(path: &Path) -> Self {
        let text = std::fs::read(path).expect("a spec");
        let text = String::from_utf8_lossy(&text).into_owned();
        Self(vec![(path.to_string_lossy().into_owned(), text)])
    }

    /// The same without the mark, and the file and byte where it was.
    pub fn cursor(&self) -> (Self, String, usize) {
        let mut world = self.clone();
        for (name, text) in &mut world.0 {
            if let Some(at) = text.find(MARK) {
                text.replace_range(at..at + MARK.len(), "");
                let name = name.clone();
                return (world, name, at);
            }
        }
        panic!("no file has a mark: {self:?}");
    }

    /// The project of the main file.
    pub fn project(&self) -> Project {
        Project::new(pikc::analyze(AnalyzeInput {
            path: Utf8Path::new(&self.0[0].0),
            text: &self.0[0].1,
            reader: self,
            overlay: BTreeMap::new(),
            as_of: None,
            kept: None,
        }))
    }

    /// The files after edits, which must not meet.
    pub fn edited(&self, project: &Project, edits: &[(Span, String)]) -> Self {
        let mut world = self.clone();
        let mut edits: Vec<&(Span, String)> = edits.iter().collect();
        edits.sort_by_key(|(span, _)| std::cmp::Reverse((span.file, span.start, span.end)));
        let mut before = None::<Span>;
        for (span, text) in edits {
            if let Some(before) = before.filter(|before| before.file == span.file) {
                assert!(span.end <= before.start, "{span:?} meets {before:?}");
            }
            before = Some(*span);
            let name = &project.analysis.sources.file(span.file).name;
            let known = world.0.iter().position(|(known, _)| known == name);
            let at = known.unwrap_or_else(|| {
                let own = project.analysis.sources.file(span.file).text.to_string();
                world.0.push((name.clone(), own));
                world.0.len() - 1
            });
            world.0[at]
                .1
                .replace_range(span.start as usize..span.end as usize, text);
        }
        world
    }
}

impl Reader for World {
    fn read(&self, path: &Utf8Path) -> Result<String, String> {
        let found = self.0.iter().find(|(name, _)| name == path.as_str());
        match found {
            Some((_, text)) => Ok(text.clone()),
            None => std::fs::read_to_string(path).map_err(|error| error.to_string()),
        }
    }
}

/// Every spec of this repository that is a cluster of its own: examples, `tests/specs`, and with `broken` the corpus.
pub fn specs(broken: bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec!["examples", "tests/specs"];
    if broken {
        folders.push("tests/corpus");
    }
    for folder in folders {
        gather(Path::new(folder), &mut found);
    }
    found.sort();
    found
}

fn gather(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(&path, out);
        } else if path.extension().is_some_and(|ending| ending == "pik") {
            out.push(path);
        }
    }
}
