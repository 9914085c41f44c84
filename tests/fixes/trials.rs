//! Every text of the tests that has findings: the cases of the spec pages, the examples of the explanations, the corpus, and the files of
//! clusters without a spec.

use std::collections::BTreeMap;
use std::path::Path;

use camino::Utf8Path;
use pikc::check::all_codes;
use pikc::diagnostic::Descriptor;
use pikc::model::{GivenFile, Reader};
use pikc::value::Date;
use pikc::{Analysis, AnalyzeInput, analyze, analyze_existing};

use crate::{corpus, existing, explain, spec};

/// Texts by the names under which an analysis knows them.
pub type Texts = BTreeMap<String, String>;

/// A text with the files next to it, and how it is analyzed.
pub struct Trial {
    /// Where it is, for messages.
    pub name: String,
    /// The texts that an edit can change.
    pub texts: Texts,
    kind: Kind,
}

enum Kind {
    /// The spec of this name, with files below a folder of the tests, and a library folder.
    Spec {
        main: String,
        folders: &'static [&'static str],
        overlay: Texts,
        as_of: Option<Date>,
    },
    /// Files for kubeadm, and manifests.
    Existing,
}

/// The texts of a trial, and then the files of its folders.
struct Files<'a>(&'a Texts, &'a [&'static str]);

impl Reader for Files<'_> {
    fn read(&self, path: &Utf8Path) -> Result<String, String> {
        if let Some(text) = self.0.get(path.as_str()) {
            return Ok(text.clone());
        }
        let mut places = self.1.iter().map(|folder| Utf8Path::new(folder).join(path));
        let found = places.find(|place| place.is_file());
        let place = found.ok_or("there is no such file")?;
        std::fs::read_to_string(place).map_err(|error| error.to_string())
    }
}

impl Trial {
    /// The analysis of these texts.
    pub fn look(&self, texts: &Texts) -> Analysis {
        match &self.kind {
            Kind::Existing => {
                let files = texts.iter().map(|(name, text)| GivenFile { name, text });
                analyze_existing(&files.collect::<Vec<_>>(), BTreeMap::new(), None)
            }
            Kind::Spec {
                main,
                folders,
                overlay,
                as_of,
            } => analyze(AnalyzeInput {
                path: Utf8Path::new(main),
                text: &texts[main],
                reader: &Files(texts, folders),
                overlay: overlay.clone(),
                as_of: *as_of,
                kept: None,
            }),
        }
    }

    /// A spec of this name with nothing next to it.
    pub fn of_spec(name: &str, text: String) -> Self {
        Self {
            name: name.to_owned(),
            texts: Texts::from([(name.to_owned(), text)]),
            kind: Kind::Spec {
                main: name.to_owned(),
                folders: &[],
                overlay: Texts::new(),
                as_of: None,
            },
        }
    }

    /// Whether it is about a spec.
    pub fn is_spec(&self) -> bool {
        matches!(self.kind, Kind::Spec { .. })
    }
}

/// All of them.
pub fn all() -> Vec<Trial> {
    let mut all = of_pages();
    all.extend(all_codes().into_iter().flat_map(of_examples));
    all.extend(of_corpus());
    all.extend(of_existing());
    all
}

fn of_pages() -> Vec<Trial> {
    let mut all = Vec::new();
    for (page, text) in spec::pages() {
        for case in spec::page::cases(&text).unwrap_or_else(|why| panic!("{page}: {why}")) {
            let (texts, overlay) = spec::texts(&case);
            all.push(Trial {
                name: format!("tests/spec/{page}:{}", case.line),
                texts,
                kind: Kind::Spec {
                    main: spec::MAIN.to_owned(),
                    folders: &[],
                    overlay,
                    as_of: None,
                },
            });
        }
    }
    all
}

fn of_examples(descriptor: &'static Descriptor) -> Vec<Trial> {
    let mut all = Vec::new();
    for (words, text) in explain::fences(descriptor.explanation) {
        let has = |word: &str| words.iter().any(|found| found == word);
        if has("library") || !has("fails") {
            continue;
        }
        let (file, text, kind) = match has("yaml") {
            true => ("kubeadm.yaml", text, Kind::Existing),
            false => {
                let text = match has("whole") {
                    true => text,
                    false => explain::around(descriptor, &text),
                };
                let kind = Kind::Spec {
                    main: spec::MAIN.to_owned(),
                    folders: &["tests/specs/components", "tests/specs", "."],
                    overlay: BTreeMap::new(),
                    as_of: None,
                };
                (spec::MAIN, text, kind)
            }
        };
        all.push(Trial {
            name: format!("pikc explain {}", descriptor.code),
            texts: BTreeMap::from([(file.to_owned(), text)]),
            kind,
        });
    }
    all
}

fn of_corpus() -> Vec<Trial> {
    let mut all = Vec::new();
    for case in corpus::cases() {
        let bytes = std::fs::read(corpus::folder().join(&case.file)).expect("a spec");
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        let option = |name: &str| {
            let mut options = case.options.iter().skip_while(|own| *own != name);
            options.nth(1)
        };
        let overlay = option("--stdlib").map(|folder| library(&corpus::folder().join(folder)));
        all.push(Trial {
            name: format!("tests/corpus/{}", case.file),
            texts: BTreeMap::from([(case.file.clone(), text)]),
            kind: Kind::Spec {
                main: case.file.clone(),
                folders: &["tests/corpus"],
                overlay: overlay.unwrap_or_default(),
                as_of: option("--as-of").map(|day| day.parse().expect("a date")),
            },
        });
    }
    all
}

/// The files of a library folder, by their paths in it.
fn library(folder: &Path) -> Texts {
    fn lay(root: &Path, folder: &Path, texts: &mut Texts) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                lay(root, &path, texts);
            } else {
                let name = path.strip_prefix(root).expect("below it");
                let text = std::fs::read_to_string(&path).expect("a text");
                texts.insert(name.to_string_lossy().into_owned(), text);
            }
        }
    }
    let mut texts = Texts::new();
    lay(folder, folder, &mut texts);
    texts
}

fn of_existing() -> Vec<Trial> {
    let cases = existing::cases().into_iter();
    cases
        .map(|(name, files)| Trial {
            name: format!("tests/existing/{name}"),
            texts: files.into_iter().collect(),
            kind: Kind::Existing,
        })
        .collect()
}
