//! What pikc finds in a text. The schemas are read once: they are most of the cost of an analysis.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use camino::Utf8Path;
use pikc::diagnostic::{Diagnostics, Severity};
use pikc::model::{self, Problems, Reader};
use pikc::source::{FileId, Sources};
use pikc::stdlib::Library;
use pikc::{Analysis, check};

/// The name of the spec.
const SPEC: &str = "random.pik";

/// Generated specs use no other files than the certificates of an etcd elsewhere.
struct Certificates;

impl Reader for Certificates {
    fn read(&self, path: &Utf8Path) -> Result<String, String> {
        match path.as_str() {
            "ca.pem" => Ok(include_str!("../specs/components/ca.pem").to_owned()),
            "client.pem" => Ok(include_str!("../specs/components/client.pem").to_owned()),
            _ => Err("there is no such file".to_owned()),
        }
    }
}

/// What was found.
pub struct Found(Analysis);

/// Analyzes a text, as `pikc::analyze` does.
pub fn look(text: &str) -> Found {
    static OPENED: OnceLock<(Library, Sources)> = OnceLock::new();
    let opened = OPENED.get_or_init(|| {
        let mut sources = Sources::default();
        let library = Library::open(BTreeMap::new(), &mut sources, &mut Diagnostics::default());
        (library, sources)
    });
    let (mut library, mut sources) = opened.clone();
    let mut diagnostics = Diagnostics::default();
    let input = model::Input {
        path: Utf8Path::new(SPEC),
        text,
        reader: &Certificates,
        as_of: None,
        kept: None,
        judge: &check::verdict,
    };
    let problems = Problems {
        sources: &mut sources,
        out: &mut diagnostics,
    };
    let model = model::build(&input, &mut library, problems, &mut Vec::new());
    let model = model.map(Arc::new);
    let checked = model
        .clone()
        .and_then(|model| check::check(model, &mut diagnostics));
    diagnostics.sort();
    Found(Analysis {
        sources,
        library,
        model,
        checked,
        diagnostics,
    })
}

impl Found {
    /// The codes of errors and warnings.
    pub fn codes(&self) -> BTreeSet<String> {
        (self.0.diagnostics.iter())
            .filter(|one| one.severity != Severity::Note)
            // The sum of a machine's resources comes from a table, which the generator would only repeat.
            .filter(|one| one.descriptor.code != "node/little-left")
            .map(|one| one.descriptor.code.to_owned())
            .collect()
    }

    /// Whether there is a finding with this code, notes included.
    pub fn has(&self, code: &str) -> bool {
        self.0
            .diagnostics
            .iter()
            .any(|one| one.descriptor.code == code)
    }

    /// The findings, one line each.
    pub fn told(&self) -> String {
        (self.0.diagnostics.iter())
            .map(|one| {
                format!(
                    "{:?} {}: {}\n",
                    one.severity, one.descriptor.code, one.message
                )
            })
            .collect()
    }

    /// The lines of the spec (from 1) that findings with a code have labels on.
    pub fn lines(&self, code: &str) -> BTreeSet<usize> {
        let of_code = self
            .0
            .diagnostics
            .iter()
            .filter(|one| one.descriptor.code == code);
        of_code
            .flat_map(|one| &one.labels)
            .filter(|label| self.is_spec(label.span.file))
            .flat_map(|label| {
                self.0.sources.start(label.span).line..=self.0.sources.end(label.span).line
            })
            .collect()
    }

    /// Whether every label is inside its file, on character boundaries.
    pub fn is_sound(&self) -> bool {
        let labels = self.0.diagnostics.iter().flat_map(|one| &one.labels);
        labels.map(|label| label.span).all(|span| {
            let text = &self.0.sources.file(span.file).text;
            text.get(span.start as usize..span.end as usize).is_some()
        })
    }

    /// The analysis.
    pub fn analysis(&self) -> &Analysis {
        &self.0
    }

    fn is_spec(&self, file: FileId) -> bool {
        self.0.sources.file(file).name == SPEC
    }
}
