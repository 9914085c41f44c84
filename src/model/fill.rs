//! `${index}` and `${name}`, filled in for each node, and held against the setting's type once more.

use std::collections::BTreeSet;

use crate::ast::Part;
use crate::declare;
use crate::diagnostic::Diagnostics;
use crate::schema::{Atom, Content, Entity, UNKNOWN_VARIABLE};
use crate::source::Span;
use crate::value;

declare! {
    /// A string with `${name}` or `${index}` becomes a value of its own on each node, and has to be what the setting asks for on
    /// each of them. This one is not: a label of a node, say, has 63 characters at most, and with a long name it gets longer.
    ///
    /// The first node for which it is wrong is named; there may be more.
    ///
    /// ```pik fails
    /// labels { "example.org/slot" = "the-third-rack-on-the-left-behind-the-door-of-the-cellar-and-${name}" }
    /// ```
    ///
    /// ```pik
    /// labels { "example.org/slot" = "cellar-${name}" }
    /// ```
    pub static FILLED_IN = {
        code: "value/filled-in",
        since: "0.1.0",
        severity: Error,
        title: "a string that is no value of its type once it is filled in",
        help: "shorten what stands around the `${}`",
        sources: ["docs/language.md", "kubernetes/kubernetes: staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go"],
    }
}

/// Reports every `${name}` in a block that is the cluster's, and no machine's: nothing fills it in.
pub(super) fn no_machine(entity: &Entity, out: &mut Diagnostics) {
    for given in entity.settings.values() {
        let Content::One(Atom::Template(text, _)) = &given.content else {
            continue;
        };
        let variable = text.parts.iter().find_map(|part| match part {
            Part::Variable(name) => Some(name),
            Part::Literal(_) => None,
        });
        if let Some(name) = variable {
            let message = format!(
                "`${{{}}}` stands for nothing in a cluster's block",
                name.value
            );
            out.report(&UNKNOWN_VARIABLE, message, |d| {
                d.label(name.span, "the cluster is no machine")
                    .help(format!(
                        "write `{} {{ }}` in a node or a profile",
                        entity.kind
                    ))
            });
        }
    }
    for block in &entity.blocks {
        no_machine(block, out);
    }
}

/// Fills strings in, and reports each that is wrong for some node, once.
pub(super) struct Filler<'a> {
    /// The places of those that have been reported.
    pub told: &'a mut BTreeSet<Span>,
    pub out: &'a mut Diagnostics,
}

impl Filler<'_> {
    /// The entity as node number `index` (from 0) called `name` sees it.
    pub fn instance(&mut self, entity: &Entity, index: usize, name: &str) -> Entity {
        let mut copy = entity.clone();
        self.fill(&mut copy, index, name);
        copy
    }

    fn fill(&mut self, entity: &mut Entity, index: usize, name: &str) {
        for (setting, given) in &mut entity.settings {
            match &mut given.content {
                Content::One(atom) => self.atom(setting, atom, index, name),
                Content::Many(items) => {
                    for item in items {
                        self.atom(setting, &mut item.value, index, name);
                    }
                }
            }
        }
        for block in &mut entity.blocks {
            self.fill(block, index, name);
        }
    }

    fn atom(&mut self, setting: &str, atom: &mut Atom, index: usize, name: &str) {
        let Atom::Template(text, ty) = atom else {
            return;
        };
        let filled = text.filled(index + 1, name);
        let bad = match value::parse(*ty, &filled) {
            Ok(value) => {
                *atom = Atom::Val(value);
                return;
            }
            Err(bad) => bad,
        };
        if self.told.insert(text.span) {
            let message = format!(
                "for {name} this is `{}`, which {}",
                filled.escape_debug(),
                bad.why
            );
            self.out.report(&FILLED_IN, message, |d| {
                let d = d.label(text.span, format!("`{setting}` is {}", ty.description()));
                match bad.help {
                    Some(help) => d.help(help),
                    None => d,
                }
            });
        }
        *atom = Atom::Poisoned;
    }
}
