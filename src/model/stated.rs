//! What a spec sets in the end, profiles merged, as text: what a later compile is compared with.

use std::sync::Arc;

use super::expand;
use super::types::Model;
use crate::ast::{Part, Text};
use crate::schema::{Atom, BlockSchema, Content, Entity, Given, Schema};
use crate::source::Span;
use crate::value::Val;

/// A setting with its value, or a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// `kubelet / max-pods`; for a block `api-server / audit {}`.
    pub key: String,
    /// Its value; for a block its label, if there is only one such block.
    pub value: String,
    /// The machines that have it; none for a setting of the cluster.
    pub nodes: Option<Arc<[String]>>,
    /// Where it is written.
    pub place: Span,
}

/// Between the parts of a key.
pub const INSIDE: &str = " / ";

/// The end of a block's key.
pub const BLOCK: &str = " {}";

/// Blocks that say something to pikc and to people, and nothing about machines.
const LEFT_OUT: &[&str] = &["allow", "let"];

/// Everything that the cluster and its machines have set. No secret is in it: a spec has only the names of secrets.
pub fn stated(model: &Model, schema: &Schema) -> Vec<Stated> {
    let mut out = Vec::new();
    for (entity, names) in &model.entities {
        let mut walk = Walk {
            schema,
            names: names.as_slice().into(),
            of_nodes: entity.kind == "node",
            out: &mut out,
        };
        if entity.kind == "cluster" {
            walk.block(entity, String::new(), entity.name());
        }
        walk.inside(entity, "");
    }
    out
}

struct Walk<'a> {
    schema: &'a Schema,
    /// The machines of the block.
    names: Arc<[String]>,
    of_nodes: bool,
    out: &'a mut Vec<Stated>,
}

impl Walk<'_> {
    fn inside(&mut self, entity: &Entity, path: &str) {
        for (name, given) in &entity.settings {
            // How a machine comes to its settings is not one of them.
            if !(self.of_nodes && path.is_empty() && name == "profile") {
                self.setting(format!("{path}{name}"), given);
            }
        }
        for (index, block) in entity.blocks.iter().enumerate() {
            let kind = block.kind.as_str();
            if LEFT_OUT.contains(&kind) {
                continue;
            }
            let many = self.schema.blocks.get(kind).is_some_and(is_many);
            let alike = |other: &&Entity| other.kind == kind && other.name() == block.name();
            let before = entity.blocks.iter().take(index).filter(alike).count();
            let mut segment = kind.to_owned();
            if many && !block.name().is_empty() {
                segment = format!("{kind} {}", block.name());
            }
            if before > 0 {
                segment = format!("{segment} {}", before + 1);
            }
            let label = if many { "" } else { block.name() };
            self.block(block, format!("{path}{segment}"), label);
            self.inside(block, &format!("{path}{segment}{INSIDE}"));
        }
    }

    fn block(&mut self, block: &Entity, path: String, label: &str) {
        let key = match path.is_empty() {
            true => format!("{}{BLOCK}", block.kind),
            false => format!("{path}{BLOCK}"),
        };
        self.put(key, label.to_owned(), block.head);
    }

    fn setting(&mut self, key: String, given: &Given) {
        let ranged = matches!(&given.content, Content::One(Atom::Val(Val::Range(_))));
        if !self.of_nodes || !ranged {
            self.put(key, text(given), given.key);
            return;
        }
        // A range has an address for each machine.
        for (index, name) in self.names.iter().enumerate() {
            if let Some((address, _)) = expand::dealt(given, index) {
                self.out.push(Stated {
                    key: key.clone(),
                    value: address.to_string(),
                    nodes: Some([name.clone()].into()),
                    place: given.key,
                });
            }
        }
    }

    fn put(&mut self, key: String, value: String, place: Span) {
        self.out.push(Stated {
            key,
            value,
            nodes: self.of_nodes.then(|| Arc::clone(&self.names)),
            place,
        });
    }
}

fn is_many(block: &Arc<BlockSchema>) -> bool {
    block.many
}

/// A value as it would be written, without quotes.
pub fn text(given: &Given) -> String {
    match &given.content {
        Content::One(atom) => atom_text(atom),
        Content::Many(items) => {
            let items: Vec<String> = items.iter().map(|item| atom_text(&item.value)).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

fn atom_text(atom: &Atom) -> String {
    match atom {
        Atom::Val(value) => value.to_string(),
        Atom::Template(text, _) => template(text),
        Atom::Poisoned => String::new(),
    }
}

/// A text with `${name}` as it is written.
fn template(text: &Text) -> String {
    let part = |part: &Part| match part {
        Part::Literal(text) => text.clone(),
        Part::Variable(name) => format!("${{{}}}", name.value),
    };
    text.parts.iter().map(part).collect()
}
