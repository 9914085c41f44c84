//! What there is to say about a thing that a spec names: the text of a hover, and the documentation of a completion.

use serde::{Deserialize, Serialize};

use super::known;
use super::project::{Project, View};
use super::shelf::{Declared, Shelf};
use crate::ast::Block;
use crate::schema::{BlockSchema, LabelRule, SettingSchema, TOP};
use crate::source::Span;
use crate::value::{Type, Version};

/// A thing that has a text. It can be kept as data until someone asks for the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// A kind of block.
    Block {
        /// `network`
        kind: String,
    },
    /// A setting.
    Setting {
        /// The kind of its block.
        kind: String,
        /// The label of its block, which can add settings: the `flannel` of `cni flannel`.
        label: String,
        /// `pods`
        name: String,
    },
    /// One of the words that a setting can be.
    Choice {
        /// The kind of its block.
        kind: String,
        /// The label of its block.
        label: String,
        /// The setting.
        name: String,
        /// `nopasswd`
        word: String,
    },
    /// Something in the library.
    Fact {
        /// `board`
        kind: String,
        /// `pi-4b-2g`
        name: String,
    },
    /// A diagnostic code.
    Code {
        /// `node/little-left`
        code: String,
    },
    /// A profile of the spec.
    Profile {
        /// `pi`
        name: String,
    },
    /// A constant of the spec.
    Constant {
        /// `router`
        name: String,
    },
}

/// The text about a thing, in Markdown.
pub fn documentation(view: &View<'_>, topic: &Topic) -> Option<String> {
    let mut shelf = Shelf::new(view.project);
    about(&mut shelf, topic)
}

pub(super) fn about(shelf: &mut Shelf<'_>, topic: &Topic) -> Option<String> {
    match topic {
        Topic::Block { kind } => {
            let declared = shelf.block(kind, "")?;
            Some(block(shelf.project, &declared.block))
        }
        Topic::Setting { kind, label, name } => {
            let declared = shelf.block(kind, label)?;
            let schema = declared.setting(name)?;
            Some(setting(shelf, &declared, schema))
        }
        Topic::Choice {
            kind,
            label,
            name,
            word,
        } => {
            let declared = shelf.block(kind, label)?;
            let schema = declared.setting(name)?;
            let what = schema.means.get(word)?;
            let rest = setting(shelf, &declared, schema);
            Some(format!("`{word}`: {what}\n\n{rest}"))
        }
        Topic::Fact { kind, name } => known::fact(shelf, kind, name),
        Topic::Code { code } => known::explained(code),
        Topic::Profile { name } => {
            let block = block_named(shelf.project, "profile", name)?;
            let text = excerpt(shelf.project, block.span);
            let place = shelf.place(block.head());
            Some(format!("profile `{name}` ({place}) sets\n\n{text}"))
        }
        Topic::Constant { name } => {
            let (key, value) = constant(shelf.project, name)?;
            let text = shelf.text(value);
            Some(format!(
                "constant `{name}`: `{text}` ({})",
                shelf.place(key)
            ))
        }
    }
}

/// A block of the spec by its kind and label.
pub(super) fn block_named<'a>(project: &'a Project, kind: &str, name: &str) -> Option<&'a Block> {
    let is = |block: &&Block| {
        let label = block.label.as_ref();
        block.kind.value == kind && label.is_some_and(|label| label.name.value == name)
    };
    let mut all = project.blocks().into_iter().map(|(_, block)| block);
    all.rfind(is)
}

/// The places of a constant's key and value.
pub(super) fn constant(project: &Project, name: &str) -> Option<(Span, Span)> {
    let found = constants(project).into_iter().find(|(own, ..)| own == name);
    found.map(|(_, key, value)| (key, value))
}

/// Every constant of the spec: its name, and the places of its key and value.
pub(super) fn constants(project: &Project) -> Vec<(String, Span, Span)> {
    let mut all = Vec::new();
    for page in project.pages() {
        for item in &page.document.items {
            let crate::ast::Item::Block(block) = item else {
                continue;
            };
            if block.kind.value != "let" {
                continue;
            }
            for inner in &block.items {
                if let crate::ast::Item::Setting(setting) = inner {
                    let name = setting.key.value.clone();
                    all.push((name, setting.key.span, setting.value.span()));
                }
            }
        }
    }
    all
}

/// How many lines of a file a text shows.
const LINES: usize = 20;

/// The lines of a span as code. A line that holds a secret is not shown.
pub(super) fn excerpt(project: &Project, span: Span) -> String {
    let file = project.analysis.sources.file(span.file);
    let first = file.position(span.start as usize).line;
    let last = file.position((span.end as usize).saturating_sub(1)).line;
    let shown = last.min(first + LINES - 1);
    let mut text = String::from("```pik\n");
    for number in first..=shown {
        let line = file.shown(number).unwrap_or_default();
        text.push_str(&line.replace("```", "` ` `"));
        text.push('\n');
    }
    if shown < last {
        text.push_str(&format!("# ... {} more lines\n", last - shown));
    }
    text.push_str("```");
    text
}

/// Words in backquotes with commas between them.
pub(super) fn ticked<'t>(words: impl IntoIterator<Item = &'t str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

fn block(project: &Project, schema: &BlockSchema) -> String {
    let parents: Vec<&str> = schema
        .parents
        .iter()
        .map(|parent| match parent.as_str() {
            TOP => "the top level",
            kind => kind,
        })
        .collect();
    let mut text = format!("block `{}`", schema.name);
    match &schema.label {
        LabelRule::None => {}
        LabelRule::Typed(ty) => text.push_str(&format!(" with {} as its label", ty.description())),
        LabelRule::Text => text.push_str(" with a label"),
        LabelRule::Range => text.push_str(" with a name, or a name and numbers: `node[02-04]`"),
        LabelRule::Reference(of) => {
            text.push_str(&format!(
                " with {} `{of}` of the library as its label",
                article(of)
            ));
        }
    }
    text.push_str(&format!("\n\n{}\n", schema.doc));
    if let Some(open) = schema.open {
        text.push_str(&format!(
            "\n- each key is {}, each value {}\n",
            schema.keys.description(),
            open.description()
        ));
    }
    for setting in in_order(schema.settings.values()) {
        let required = if setting.required { ", required" } else { "" };
        text.push_str(&format!(
            "\n- `{}`: {}{required}",
            setting.name,
            kind_of_value(setting)
        ));
    }
    let inside: Vec<&str> = project
        .schema
        .children(&schema.name)
        .map(|child| child.name.as_str())
        .collect();
    if !inside.is_empty() {
        text.push_str(&format!("\n- blocks in it: {}", ticked(inside)));
    }
    if !parents.is_empty() {
        text.push_str(&format!("\n- it belongs in {}", parents.join(", ")));
    }
    text
}

/// Settings in the order in which the library declares them.
pub(super) fn in_order<'s>(
    settings: impl Iterator<Item = &'s SettingSchema>,
) -> Vec<&'s SettingSchema> {
    let mut all: Vec<&SettingSchema> = settings.collect();
    all.sort_by_key(|setting| setting.span);
    all
}

fn article(word: &str) -> &'static str {
    match word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        true => "an",
        false => "a",
    }
}

/// The type of a setting, for a sentence.
pub(super) fn kind_of_value(setting: &SettingSchema) -> String {
    let one = match (setting.ty, setting.of.as_deref()) {
        (Type::Reference, Some(of)) => format!("{} `{of}` of the library", article(of)),
        (Type::Choice, _) => ticked(setting.values.iter().map(String::as_str)),
        (ty, _) if setting.deals => format!("{}, or a range of them", ty.description()),
        (ty, _) => ty.description().to_owned(),
    };
    match setting.list {
        true => format!("a list, each {one}"),
        false => one,
    }
}

fn setting(shelf: &mut Shelf<'_>, declared: &Declared, schema: &SettingSchema) -> String {
    let block = &declared.block.name;
    let whose = match block.as_str() {
        TOP => "of the top level".to_owned(),
        kind => format!("of `{kind}`"),
    };
    let mut text = format!(
        "setting `{}` {whose}: {}\n\n{}\n",
        schema.name,
        kind_of_value(schema),
        schema.doc
    );
    let mut line = |point: String| text.push_str(&format!("\n- {point}"));
    if schema.required {
        line(match block.as_str() {
            "node" => "required, here or in one of its profiles".to_owned(),
            _ => match &schema.replaced_by {
                Some(other) => format!("required, unless there are `{other}` blocks"),
                None => "required".to_owned(),
            },
        });
    }
    if let Some(default) = &schema.default {
        let value = shelf.value(default);
        let place = default.origin.span().map(|span| shelf.place(span));
        line(format!(
            "default: `{value}` ({})",
            place.unwrap_or_else(|| "the standard library".to_owned())
        ));
    }
    match (schema.min, schema.max) {
        (Some(min), Some(max)) => line(format!("{min} to {max}")),
        (Some(min), None) => line(format!("{min} or more")),
        (None, Some(max)) => line(format!("{max} or less")),
        (None, None) => {}
    }
    if let Some(example) = &schema.example {
        line(format!("example: `{example}`"));
    }
    if schema.deals {
        line("a range assigns one to each machine of the block, in order".to_owned());
    }
    if schema.template {
        line("`${name}` and `${index}` stand for the machine's name and number".to_owned());
    }
    if !schema.applies_to.is_empty() {
        let names = ticked(schema.applies_to.iter().map(String::as_str));
        line(format!("read only with backend {names}"));
    }
    if let Some(other) = &schema.requires {
        line(format!("read only with `{other} = on`"));
    }
    if schema.fixed {
        line("fixed for the cluster's lifetime: a running cluster cannot change it".to_owned());
    }
    if let Some(name) = schema.applies.within([block.as_str()].into_iter())
        && let Some(what) = shelf.consequence(name)
    {
        line(format!("if it changes in a cluster that runs: {what}"));
    }
    let release = release(shelf.project);
    for target in &schema.becomes {
        let history = history(shelf, target, release);
        line(format!("becomes `{target}`{history}"));
    }
    text
}

/// The release of the spec.
pub(super) fn release(project: &Project) -> Option<Version> {
    let model = project.analysis.model.as_ref()?;
    let release = model.facts.release.as_ref()?;
    Some(release.version)
}

/// Since when another program has a field or an argument, in brackets.
fn history(shelf: &mut Shelf<'_>, target: &str, release: Option<Version>) -> String {
    let Some((whose, name)) = target.split_once(' ') else {
        return String::new();
    };
    let (from, deprecated, gone) = match name.strip_prefix("--") {
        Some(argument) => {
            let flags = shelf.flags(whose);
            match flags.as_ref().and_then(|flags| flags.find(argument)) {
                Some(flag) => (flag.from, flag.deprecated, flag.gone),
                None => return String::new(),
            }
        }
        None => {
            let path: Vec<&str> = name.split('.').collect();
            let documents = shelf.documents(whose);
            let mut found = documents
                .iter()
                .filter_map(|document| document.fields.at(&path, release));
            match found.next() {
                Some(known) => (known.from, known.deprecated, known.gone),
                None => return String::new(),
            }
        }
    };
    let points = [
        ("since", from),
        ("deprecated in", deprecated),
        ("gone in", gone),
    ];
    let points: Vec<String> = points
        .iter()
        .filter_map(|(word, version)| Some(format!("{word} Kubernetes {}", (*version)?)))
        .collect();
    match points.is_empty() {
        true => String::new(),
        false => format!(" ({})", points.join(", ")),
    }
}
