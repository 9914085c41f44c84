//! Settings whose value another program's file holds as it is: the schema says in which field or argument (`becomes`).
//!
//! In: blocks and their schema. Out: [`Carried`] values, which the plan puts into documents and command lines without knowing
//! the settings, and [`targets`], by which a file is read back into settings.

use crate::origin::Sourced;
use crate::schema::{BlockSchema, Entity, Schema, SettingSchema, View};
use crate::source::Span;
use crate::value::Val;

/// Where a value goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A field of a document.
    Field {
        /// `KubeletConfiguration`
        kind: String,
        /// `evictionHard{memory.available}`: names separated by dots, the key of an open map in braces, the number of an item
        /// of a list of maps in brackets.
        path: String,
    },
    /// An argument of a program's command line.
    Argument {
        /// `kube-apiserver`
        program: String,
        /// Its name, without dashes.
        name: String,
    },
}

impl Target {
    /// Reads what a schema says in `becomes`: `KIND PATH` or `PROGRAM --NAME`. None for anything else.
    pub fn read(written: &str) -> Option<Self> {
        let (first, second) = written.split_once(' ')?;
        Some(match second.strip_prefix("--") {
            Some(name) => Self::Argument {
                program: first.to_owned(),
                name: name.to_owned(),
            },
            None => Self::Field {
                kind: first.to_owned(),
                path: second.to_owned(),
            },
        })
    }
}

/// The names on the way to a field: `evictionHard{memory.available}` is `evictionHard`, then `memory.available`.
pub fn names(path: &str) -> Vec<&str> {
    let (fields, key) = match path.split_once('{') {
        Some((fields, key)) => (fields, key.strip_suffix('}')),
        None => (path, None),
    };
    fields.split('.').map(bare).chain(key).collect()
}

/// `reservedMemory` of `reservedMemory[0]`.
fn bare(name: &str) -> &str {
    name.split('[').next().unwrap_or_default()
}

/// A value as a document or a command line holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction, as it is written.
    Fraction(String),
    /// A text: lengths of time and sizes as Kubernetes writes them.
    Text(String),
    /// Values in order, each with the place where it is written.
    List(Vec<Sourced<Data>>),
}

impl Data {
    /// A setting's value.
    pub fn of(value: &Val) -> Self {
        match value {
            Val::Boolean(on) => Self::Boolean(*on),
            Val::Integer(number) => Self::Integer(*number),
            Val::Size(size) => Self::Text(size.quantity()),
            other => Self::Text(other.to_string()),
        }
    }

    /// As the value of an argument.
    pub fn argument(&self) -> String {
        match self {
            Self::Boolean(on) => on.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Fraction(text) | Self::Text(text) => text.clone(),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|item| item.value.argument()).collect();
                items.join(",")
            }
        }
    }
}

/// A setting's value on its way into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// Where it goes.
    pub target: Target,
    /// What goes there.
    pub value: Sourced<Data>,
    /// Where the setting's name is.
    pub key: Span,
    /// The setting, as a spec writes it: "`size` of `log-rotation`".
    pub setting: String,
}

impl Carried {
    /// Whether the spec names the field itself, in a `fields` block: there is no setting for it.
    pub fn is_named_by_field(&self) -> bool {
        self.setting.ends_with(" of `fields`")
    }
}

/// What the settings of a block and of the blocks in it become.
pub(super) fn carried(entity: &Entity, spec: &Schema, out: &mut Vec<Carried>) {
    if let Some(schema) = spec.blocks.get(&entity.kind) {
        let view = View::new(Some(entity), schema);
        for setting in schema.settings.values() {
            for target in setting.becomes.iter().filter_map(|to| Target::read(to)) {
                out.extend(of_setting(&view, schema, setting, target));
            }
        }
    }
    for block in &entity.blocks {
        carried(block, spec, out);
    }
}

fn of_setting(
    view: &View<'_>,
    schema: &BlockSchema,
    setting: &SettingSchema,
    target: Target,
) -> Option<Carried> {
    let given = view.given(&setting.name)?;
    let mut found: Vec<Sourced<Data>> = view
        .many(&setting.name)
        .into_iter()
        .map(|one| one.map(Data::of))
        .collect();
    let value = if setting.list {
        let origin = given.origin.clone();
        (!found.is_empty()).then(|| Sourced::new(Data::List(found), origin))?
    } else {
        found.pop()?
    };
    Some(Carried {
        target,
        value,
        key: given.key,
        setting: format!("`{}` of `{}`", setting.name, schema.name),
    })
}

/// A `fields` block: each field that it names, with its values as they are written. The rules compare them with the release, and the
/// plan writes them as what the field holds there.
pub(super) fn fields(entity: &Entity, kind: &str, spec: &Schema) -> Vec<Carried> {
    let Some((block, schema)) = entity.child("fields").zip(spec.blocks.get("fields")) else {
        return Vec::new();
    };
    let view = View::new(Some(block), schema);
    let field = |(path, given): (&String, &crate::schema::Given)| {
        let mut found: Vec<Sourced<Data>> = view
            .many(path)
            .into_iter()
            .map(|one| one.map(Data::of))
            .collect();
        let value = match given.content {
            crate::schema::Content::Many(_) => {
                Sourced::new(Data::List(found), given.origin.clone())
            }
            crate::schema::Content::One(_) => found.pop()?,
        };
        Some(Carried {
            target: Target::Field {
                kind: kind.to_owned(),
                path: path.clone(),
            },
            value,
            key: given.key,
            setting: format!("`{path}` of `fields`"),
        })
    };
    block.settings.iter().filter_map(field).collect()
}

/// Every setting that becomes a field or an argument: the names of its block and its own, and where it goes.
pub fn targets(spec: &Schema) -> Vec<(&BlockSchema, &SettingSchema, Target)> {
    let mut all = Vec::new();
    for block in spec.blocks.values() {
        for setting in block.settings.values() {
            for target in setting.becomes.iter().filter_map(|to| Target::read(to)) {
                all.push((block.as_ref(), setting, target));
            }
        }
    }
    all
}
