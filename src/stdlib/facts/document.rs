//! The documents of `kubeadm --config`, field by field.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Fact, values, version, whole};
use crate::schema::{Entity, Schema};
use crate::value::Version;

/// A kind of document in one API version.
#[derive(Clone, Debug)]
pub struct KubeadmDocument {
    /// `ClusterConfiguration`
    pub kind: String,
    /// `kubeadm.k8s.io/v1beta4`
    pub api: String,
    /// Whether every field is known.
    pub complete: bool,
    /// The first release that reads it, where that is after 1.24.
    pub from: Option<Version>,
    /// The release that has deprecated it.
    pub deprecated: Option<Version>,
    /// The first release that does not read it.
    pub gone: Option<Version>,
    /// What it holds.
    pub fields: Field,
    /// Fields that pikc or kubeadm writes, and from what.
    pub written: Vec<(String, String)>,
}

/// What may stand at a place of a document.
#[derive(Clone, Debug)]
pub enum Field {
    /// These fields. A name has several rows if what it holds has changed; their ranges of releases do not overlap.
    Struct(BTreeMap<String, Vec<Known>>),
    /// Several of these.
    List(Box<Field>),
    /// Names of the user's own, each with one of these.
    Map(Box<Field>),
    /// A text.
    Text,
    /// A length of time as Go writes it: `4m0s`.
    Duration,
    /// A quantity of Kubernetes, as a text or a number: `200Mi`, `500m`, `2`.
    Quantity,
    /// One of these texts. An empty one is the same as none.
    Choice(Vec<String>),
    /// `true` or `false`.
    Boolean,
    /// A number, with a fraction or without.
    Number {
        /// Whether it must be whole.
        whole: bool,
    },
    /// Anything.
    Any,
}

/// A field of a document and what became of it.
#[derive(Clone, Debug)]
pub struct Known {
    /// What it holds.
    pub field: Field,
    /// The release that has brought it, where it is younger than the document.
    pub from: Option<Version>,
    /// The release that has deprecated it, or from which on it does nothing.
    pub deprecated: Option<Version>,
    /// The first release without it.
    pub gone: Option<Version>,
}

impl Known {
    /// Whether a release has it.
    pub fn is_in(&self, release: Version) -> bool {
        self.from.is_none_or(|from| from <= release) && self.gone.is_none_or(|gone| gone > release)
    }
}

/// Of the rows of a field, that of a release; the newest, if there is no release or it is in none of them.
pub fn row(rows: &[Known], release: Option<Version>) -> Option<&Known> {
    let own = rows
        .iter()
        .find(|known| release.is_some_and(|release| known.is_in(release)));
    own.or_else(|| rows.last())
}

impl Field {
    /// The field at a path (`logging`, `format`) in a release. The key of an open map leads to what the map holds.
    pub fn at(&self, path: &[&str], release: Option<Version>) -> Option<&Known> {
        let (first, rest) = path.split_first()?;
        let mut inside = self;
        while let Self::List(item) = inside {
            inside = item;
        }
        let Self::Struct(fields) = inside else {
            return None;
        };
        let known = row(fields.get(*first)?, release)?;
        match (rest, &known.field) {
            ([], _) | ([_], Self::Map(_)) => Some(known),
            (rest, inner) => inner.at(rest, release),
        }
    }

    /// What the field at a path is and was, release by release.
    pub fn rows(&self, path: &[&str]) -> Option<&[Known]> {
        let (first, rest) = path.split_first()?;
        let Self::Struct(fields) = self else {
            return None;
        };
        let rows = fields.get(*first)?;
        let newest = &rows.last()?.field;
        match (rest, newest) {
            ([], _) | ([_], Self::Map(_)) => Some(rows),
            (rest, inner) => inner.rows(rest),
        }
    }

    /// Every path that leads to a field, in alphabetical order, as far as no list or open map is on the way.
    pub fn paths(&self) -> Vec<String> {
        let mut all = Vec::new();
        self.gather("", &mut all);
        all
    }

    fn gather(&self, above: &str, all: &mut Vec<String>) {
        let Self::Struct(fields) = self else {
            return;
        };
        for (name, rows) in fields {
            let path = match above {
                "" => name.clone(),
                above => format!("{above}.{name}"),
            };
            if let Some(known) = rows.last() {
                known.field.gather(&path, all);
            }
            all.push(path);
        }
    }
}

impl Fact for KubeadmDocument {
    const KIND: &'static str = "document";
    fn read(_: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let mut fields = BTreeMap::new();
        for line in view.texts("fields") {
            let (path, rest) = line.value.split_once(": ")?;
            let mut words = rest.split(' ');
            let leaf = Known::read(leaf(words.next()?), words)?;
            put(&mut fields, path, leaf)?;
        }
        let version = |setting: &str| view.version(setting).map(|version| version.value);
        Some(Self {
            kind: view.text("kind")?.value,
            api: view.text("api")?.value,
            complete: view.boolean("complete")?.value,
            from: version("from"),
            deprecated: version("deprecated"),
            gone: version("gone"),
            fields: Field::Struct(fields),
            written: view
                .texts("written")
                .into_iter()
                .map(|line| {
                    let (path, by) = line.value.split_once(": ")?;
                    Some((path.to_owned(), by.to_owned()))
                })
                .collect::<Option<_>>()?,
        })
    }
}

impl Known {
    /// `from 1.30 deprecated 1.33 gone 1.36`, or some of it.
    fn read<'a>(field: Field, mut words: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut known = Self {
            field,
            from: None,
            deprecated: None,
            gone: None,
        };
        while let Some(word) = words.next() {
            let since = Some(version(words.next()?)?);
            match word {
                "from" => known.from = since,
                "deprecated" => known.deprecated = since,
                "gone" => known.gone = since,
                _ => return None,
            }
        }
        Some(known)
    }
}

fn leaf(ty: &str) -> Field {
    match ty {
        "text" => Field::Text,
        "duration" => Field::Duration,
        "quantity" => Field::Quantity,
        "boolean" => Field::Boolean,
        "integer" | "nanoseconds" => Field::Number { whole: true },
        "number" => Field::Number { whole: false },
        "any" | "duration-or-nanoseconds" => Field::Any,
        choice => Field::Choice(choice.split('|').map(str::to_owned).collect()),
    }
}

/// Puts a leaf where its path leads. None when two paths do not agree about what is on the way.
fn put(fields: &mut BTreeMap<String, Vec<Known>>, path: &str, leaf: Known) -> Option<()> {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let bare = name.trim_end_matches(['[', ']', '{', '}']);
    let rows = fields.entry(bare.to_owned()).or_default();
    let shape = &name[bare.len()..];
    if rest.is_empty() {
        let field = around(shape, leaf.field)?;
        rows.push(Known { field, ..leaf });
        return Some(());
    }
    if rows.is_empty() {
        rows.push(Known {
            field: around(shape, Field::Struct(BTreeMap::new()))?,
            from: None,
            deprecated: None,
            gone: None,
        });
    }
    let mut inner = &mut rows.last_mut()?.field;
    while let Field::List(item) | Field::Map(item) = inner {
        inner = item;
    }
    match inner {
        Field::Struct(fields) => put(fields, rest, leaf),
        _ => None,
    }
}

/// A field inside lists (`[]`) and open maps (`{}`), the outermost first.
fn around(shape: &str, field: Field) -> Option<Field> {
    if shape.is_empty() {
        return Some(field);
    }
    if let Some(outer) = shape.strip_suffix("[]") {
        return around(outer, Field::List(Box::new(field)));
    }
    around(shape.strip_suffix("{}")?, Field::Map(Box::new(field)))
}

/// Kinds of object in an API version that is no longer served.
#[derive(Clone, Debug)]
pub struct Removed {
    /// `policy/v1beta1`
    pub api: String,
    /// `PodSecurityPolicy`
    pub kinds: Vec<String>,
    /// The first release without it.
    pub from: Version,
    /// What took its place.
    pub instead: Option<String>,
}

impl Fact for Removed {
    const KIND: &'static str = "removed";
    fn read(_: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        Some(Self {
            api: view.text("api")?.value,
            kinds: values(view.texts("kinds")),
            from: view.version("from")?.value,
            instead: view.text("instead").map(|api| api.value),
        })
    }
}

/// Words that kubeadm knows, by release.
#[derive(Clone, Debug, Default)]
pub struct KnownWords {
    /// Each word, and what became of it.
    pub words: Vec<(String, Known)>,
    /// Whether the list as a whole is confirmed.
    pub certain: bool,
}

impl KnownWords {
    /// The entry for a word: its own, or one that ends in `*` and begins as the word does.
    pub fn entry(&self, word: &str) -> Option<&Known> {
        let is = |known: &&(String, Known)| match known.0.strip_suffix('*') {
            Some(start) => word.starts_with(start),
            None => known.0 == word,
        };
        self.words.iter().find(is).map(|(_, known)| known)
    }

    /// The words that a release has.
    pub fn of(&self, release: Version) -> impl Iterator<Item = &str> + Clone {
        let has = move |(_, known): &&(String, Known)| known.is_in(release);
        self.words
            .iter()
            .filter(has)
            .map(|(word, _)| word.trim_end_matches('*'))
    }
}

impl Fact for KnownWords {
    const KIND: &'static str = "words";
    fn read(_: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let mut words = Vec::new();
        for line in view.texts("words") {
            let mut parts = line.value.split(' ');
            let word = parts.next()?.to_owned();
            words.push((word, Known::read(Field::Text, parts)?));
        }
        Some(Self {
            words,
            certain: view.texts("unverified").is_empty(),
        })
    }
}
