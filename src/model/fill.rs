//! `${index}` and `${name}`, filled in for each node, and checked against the setting's type again.

use std::collections::BTreeSet;

use crate::ast::Part;
use crate::declare;
use crate::diagnostic::Diagnostics;
use crate::schema::{Atom, Content, Entity, UNKNOWN_VARIABLE};
use crate::source::Span;
use crate::value;

declare! {
    /// A string with `${name}` or `${index}` has a different value on each node, and each value has to fit the setting. This one
    /// does not: a node label, for example, has at most 63 characters, and a long node name can make it longer.
    ///
    /// The report names the first node for which it is wrong; there can be more.
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
        title: "a string that does not fit its setting once it is filled in",
        help: "shorten the text around the `${}`",
        no_edit: "what the string should be depends on what it is for",
        sources: ["docs/language.md", "kubernetes/kubernetes: staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go"],
    }
}

/// Reports every `${name}` in a block of the cluster: it does not belong to a machine, so nothing fills it in.
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
                "`${{{}}}` is not defined in a block of the cluster",
                name.value
            );
            out.report(&UNKNOWN_VARIABLE, message, |d| {
                d.label(name.span, "the cluster is not a machine")
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

/// Fills in strings, and reports each that is wrong for some node, once.
pub(super) struct Filler<'a> {
    /// The places of the strings that have been reported.
    pub reported: &'a mut BTreeSet<Span>,
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
        if self.reported.insert(text.span) {
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
