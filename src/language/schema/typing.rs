//! From the right side of a setting to a typed value, or a finding that underlines the wrong part.

mod constants;
mod misfit;

pub use constants::{UNKNOWN_CONSTANT, UNKNOWN_VARIABLE};
pub use misfit::{NOT_A_CHOICE, UNKNOWN_NAME, WRONG_TYPE};

pub(super) use misfit::{shown, unknown_name};

use misfit::{choice, constant_label, wrong_type};

use super::{Atom, Catalogue, Constants, Content, Given, SettingSchema};
use crate::ast::{Text, Value};
use crate::declare;
use crate::diagnostic::Diagnostics;
use crate::diagnostic::suggest::Patience;
use crate::origin::{Origin, Sourced};
use crate::source::{Span, Spanned};
use crate::value::{self, Bad, Type, Val};

declare! {
    /// The number is outside the range that the setting allows.
    ///
    /// ```pik fails
    /// network {
    ///   lan         = 192.168.11.0/24
    ///   gateway     = 192.168.11.1
    ///   dns         = [192.168.11.1]
    ///   node-prefix = 40
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan         = 192.168.11.0/24
    ///   gateway     = 192.168.11.1
    ///   dns         = [192.168.11.1]
    ///   node-prefix = 24
    /// }
    /// ```
    pub static OUT_OF_RANGE = {
        code: "value/out-of-range",
        since: "0.1.0",
        severity: Error,
        title: "a number outside the allowed range",
        help: "write a number within the range",
        sources: ["docs/language.md"],
    }

    /// The setting accepts one value, and the spec has a list. (The other way round is fine: where a
    /// list is expected, a single value is a list of one.)
    ///
    /// ```pik fails
    /// swap = [off]
    /// ```
    ///
    /// ```pik
    /// swap = off
    /// ```
    pub static UNEXPECTED_LIST = {
        code: "value/unexpected-list",
        since: "0.1.0",
        severity: Error,
        title: "a list where one value is expected",
        help: "write one value without brackets",
        sources: ["docs/language.md"],
    }
}

/// What typing needs to know in addition to the value.
pub(super) struct Typer<'a> {
    pub constants: &'a Constants,
    pub catalogue: &'a mut dyn Catalogue,
    pub used: &'a mut std::collections::BTreeSet<String>,
    pub patience: Patience,
    /// How many bytes constants have expanded to so far.
    pub filled: usize,
}

impl Typer<'_> {
    /// The typed right side of one setting.
    pub fn given(
        &mut self,
        key: Span,
        value: &Value,
        schema: &SettingSchema,
        out: &mut Diagnostics,
    ) -> Given {
        let (value, via) = self.resolve(value, out);
        let origin = |span: Span| match &via {
            Some(use_site) => Origin::derived(
                "the constant's value",
                [Origin::Written(*use_site), Origin::Written(span)],
            ),
            None => Origin::Written(span),
        };
        let content = match value.as_ref() {
            Value::List(items, _) if schema.list => {
                let mut typed = Vec::with_capacity(items.len());
                for item in items {
                    let (item, item_via) = self.resolve(item, out);
                    let atom = self.atom(&item, schema, item_via, out);
                    let from = item_via.map_or_else(
                        || origin(item.span()),
                        |place| {
                            Origin::derived(
                                "the constant's value",
                                [Origin::Written(place), Origin::Written(item.span())],
                            )
                        },
                    );
                    typed.push(Sourced::new(atom, from));
                }
                Content::Many(typed)
            }
            Value::List(items, span) => {
                out.report(
                    &UNEXPECTED_LIST,
                    format!("`{}` accepts one value, not a list", schema.name),
                    |d| {
                        let d = d.label(*span, format!("expected {}", schema.ty.description()));
                        match items.as_slice() {
                            [one] => d.fix_each(
                                "remove the brackets",
                                [span.before(one.span()), span.after(one.span())],
                            ),
                            _ => d,
                        }
                    },
                );
                Content::One(Atom::Poisoned)
            }
            single => {
                let atom = self.atom(single, schema, via, out);
                if schema.list {
                    Content::Many(vec![Sourced::new(atom, origin(single.span()))])
                } else {
                    Content::One(atom)
                }
            }
        };
        // Reports show the lines around what they are about. An unknown constant is no secret.
        let is_fine = matches!(content, Content::One(Atom::Val(_)))
            || matches!(value.as_ref(), Value::Poisoned(_));
        if schema.ty == Type::Secret && !is_fine {
            out.conceal(value.span());
        }
        Given {
            key,
            content,
            origin: origin(value.span()),
        }
    }

    /// One value.
    fn atom(
        &mut self,
        value: &Value,
        schema: &SettingSchema,
        via: Option<Span>,
        out: &mut Diagnostics,
    ) -> Atom {
        match value {
            Value::Poisoned(_) => Atom::Poisoned,
            Value::List(_, span) => {
                out.report(&UNEXPECTED_LIST, "a list in a list", |d| {
                    d.label(*span, format!("expected {}", schema.ty.description()))
                });
                Atom::Poisoned
            }
            Value::Word(word) => self.word(word, word.span, schema, via, out),
            Value::Text(text) => self.text(text, schema, via, out),
        }
    }

    fn text(
        &mut self,
        text: &Text,
        schema: &SettingSchema,
        via: Option<Span>,
        out: &mut Diagnostics,
    ) -> Atom {
        let Some(filled) = self.fill(text, schema, out) else {
            return Atom::Poisoned;
        };
        let Some(literal) = filled.literal() else {
            return self.template(filled, schema, via, out);
        };
        if !schema.ty.takes_text() {
            out.report(
                &WRONG_TYPE,
                format!(
                    "`{}` is {}, not a string",
                    schema.name,
                    schema.ty.description()
                ),
                |d| {
                    let d = d.label(text.span, "written in quotes");
                    if schema.ty == Type::Secret {
                        d.help("write `secret:NAME` without quotes; the value itself is never in a spec")
                    } else if value::parse(schema.ty, &literal).is_ok() {
                        d.help(format!("write `{literal}` without quotes")).fix(
                            "remove the quotes",
                            text.span,
                            literal.clone(),
                        )
                    } else {
                        d.help(format!("write {}", schema.ty.description()))
                    }
                },
            );
            return Atom::Poisoned;
        }
        // Byte offsets in the string and in the file agree only if nothing is escaped.
        let inner = text.span.part(1, text.span.len().saturating_sub(1));
        let plain = inner.len() == literal.len();
        let word = Spanned::new(literal, if plain { inner } else { text.span });
        self.word(&word, text.span, schema, via, out)
    }

    /// A string that differs from node to node. What is wrong with it on every node is reported here, once; its value on each
    /// node is checked again when it is filled in.
    fn template(
        &mut self,
        text: Text,
        schema: &SettingSchema,
        via: Option<Span>,
        out: &mut Diagnostics,
    ) -> Atom {
        let sample = Spanned::new(text.filled(1, "n"), text.span);
        match value::parse(schema.ty, &sample.value) {
            Ok(_) => Atom::Template(text, schema.ty),
            Err(bad) => {
                // The sample is not what the spec says.
                let bad = Bad {
                    instead: None,
                    ..bad
                };
                let shown = Spanned::new(text.written(), text.span);
                out.push(wrong_type(&shown, text.span, schema, &bad, via));
                Atom::Poisoned
            }
        }
    }

    fn word(
        &mut self,
        word: &Spanned<String>,
        whole: Span,
        schema: &SettingSchema,
        via: Option<Span>,
        out: &mut Diagnostics,
    ) -> Atom {
        let text = word.value.as_str();
        match schema.ty {
            Type::Choice if !schema.values.iter().any(|known| known == text) => {
                choice(word, whole, schema, via, out);
                return Atom::Poisoned;
            }
            Type::Reference if !self.reference(word, whole, schema, via, out) => {
                return Atom::Poisoned;
            }
            _ => {}
        }
        let ty = if schema.deals && text.contains("..") {
            Type::Range
        } else {
            schema.ty
        };
        match value::parse(ty, text) {
            Ok(Val::Integer(number)) if !in_range(number, schema) => {
                let (min, max) = (schema.min, schema.max);
                let bounds = match (min, max) {
                    (Some(min), Some(max)) => format!("{min} to {max}"),
                    (Some(min), None) => format!("{min} or more"),
                    (_, Some(max)) => format!("{max} or less"),
                    (None, None) => String::new(),
                };
                out.report(
                    &OUT_OF_RANGE,
                    format!("`{}` is {number}, but must be {bounds}", schema.name),
                    |d| {
                        let d = constant_label(d.label(whole, "outside the range"), via)
                            .help(format!("write a number: {bounds}"));
                        let nearest = match (min, max) {
                            (Some(min), _) if number < min => Some(min),
                            (_, max) => max,
                        };
                        match nearest.filter(|_| via.is_none()) {
                            Some(nearest) => d.choice(|it| {
                                it.fix(format!("write `{nearest}`"), whole, nearest.to_string())
                            }),
                            None => d,
                        }
                    },
                );
                Atom::Poisoned
            }
            Ok(value) => Atom::Val(value),
            Err(bad) => {
                out.push(wrong_type(word, whole, schema, &bad, via));
                Atom::Poisoned
            }
        }
    }

    /// Whether the named thing exists, as far as this floor can know; reports it if not.
    fn reference(
        &mut self,
        word: &Spanned<String>,
        whole: Span,
        schema: &SettingSchema,
        via: Option<Span>,
        out: &mut Diagnostics,
    ) -> bool {
        let kind = schema.of.as_deref().unwrap_or_default();
        if self.catalogue.knows(kind, &word.value) {
            return true;
        }
        let known = self.catalogue.names(kind).unwrap_or_default();
        let absent = self.catalogue.absent(kind, &word.value);
        unknown_name(kind, word, whole, (&known, absent), via, out);
        false
    }
}

fn in_range(number: i64, schema: &SettingSchema) -> bool {
    schema.min.is_none_or(|min| number >= min) && schema.max.is_none_or(|max| number <= max)
}
