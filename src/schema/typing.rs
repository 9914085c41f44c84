//! From the right side of a setting to a typed value, or a finding that underlines the wrong part.

use super::{Atom, Catalogue, Constants, Content, Given, SettingSchema};
use crate::ast::{Part, Text, Value};
use crate::declare;
use crate::diagnostic::{Diagnostic, Diagnostics, suggest};
use crate::origin::{Origin, Sourced};
use crate::source::{Span, Spanned};
use crate::value::{self, Bad, Type, Val};

declare! {
    /// Every setting has a type, and the value does not fit it. The part that is wrong is
    /// underlined: of `192.168.300.1` the `300`.
    ///
    /// Types are checked before anything else looks at a value, so no other finding will speak
    /// of this one.
    ///
    /// ```pik fails
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.300.1
    ///   dns     = [192.168.11.1]
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    /// }
    /// ```
    pub static WRONG_TYPE = {
        code: "value/wrong-type",
        severity: Error,
        title: "a value of the wrong type",
        help: "write a value of the setting's type",
        sources: ["docs/language.md"],
    }

    /// The setting takes one of a short list of words, and this is none of them.
    ///
    /// ```pik fails
    /// swap = sometimes
    /// ```
    ///
    /// ```pik
    /// swap = off
    /// ```
    pub static NOT_A_CHOICE = {
        code: "value/not-a-choice",
        severity: Error,
        title: "a word that is not among the choices",
        help: "write one of the setting's words",
        sources: ["docs/language.md"],
    }

    /// The setting names something of the standard library (a board, an operating system, a CNI),
    /// and the library knows nothing of that name. `pikc stdlib list` shows what it knows; a folder
    /// of your own can be added with `--stdlib DIR`.
    ///
    /// ```pik fails
    /// board = pi-4b-2gb
    /// ```
    ///
    /// ```pik
    /// board = pi-4b-2g
    /// ```
    pub static UNKNOWN_NAME = {
        code: "value/unknown-name",
        severity: Error,
        title: "a name that the standard library does not know",
        help: "`pikc stdlib list` shows every name",
        sources: ["docs/stdlib.md"],
    }

    /// The number lies outside what the setting allows.
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
        severity: Error,
        title: "a number outside the allowed range",
        help: "write a number within the range",
        sources: ["docs/language.md"],
    }

    /// The setting takes one value and a list was given. (The other way round is fine: where a
    /// list is wanted, a single value is a list of one.)
    ///
    /// ```pik fails
    /// swap = [off, on]
    /// ```
    ///
    /// ```pik
    /// swap = off
    /// ```
    pub static UNEXPECTED_LIST = {
        code: "value/unexpected-list",
        severity: Error,
        title: "a list where one value is wanted",
        help: "write one value without brackets",
        sources: ["docs/language.md"],
    }

    /// `$name` stands for a value given in a `let` block of this file, or of a file that it uses.
    /// There is no constant of this name.
    ///
    /// ```pik fails
    /// let { home = 192.168.11.1 }
    /// interface wlan0 { gateway = $hom }
    /// ```
    ///
    /// ```pik
    /// let { home = 192.168.11.1 }
    /// interface wlan0 { gateway = $home }
    /// ```
    pub static UNKNOWN_CONSTANT = {
        code: "spec/unknown-constant",
        severity: Error,
        title: "a constant that no `let` defines",
        help: "define it: `let { name = value }`",
        sources: ["docs/language.md"],
    }

    /// In a string, `${name}` is filled in. A setting of a node or a profile knows `${name}` (the
    /// node's name) and `${index}` (the node's number within its block, from 1); every string knows
    /// the constants of its file. For the characters themselves write `$${`.
    ///
    /// ```pik fails
    /// labels { slot = "rack-${indx}" }
    /// ```
    ///
    /// ```pik
    /// labels { slot = "rack-${index}" }
    /// ```
    pub static UNKNOWN_VARIABLE = {
        code: "value/unknown-variable",
        severity: Error,
        title: "a `${name}` that stands for nothing",
        help: "known here: `${name}`, `${index}` in nodes and profiles, and the constants of the file",
        sources: ["docs/language.md"],
    }
}

/// What typing needs to know beside the value.
pub(super) struct Typer<'a> {
    pub constants: &'a Constants,
    pub catalogue: &'a mut dyn Catalogue,
    pub used: &'a mut std::collections::BTreeSet<String>,
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
        let content = match &value {
            Value::List(items, span) if schema.list => {
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
                let _ = span;
                Content::Many(typed)
            }
            Value::List(_, span) => {
                out.report(
                    &UNEXPECTED_LIST,
                    format!("`{}` takes one value, not a list", schema.name),
                    |d| d.label(*span, format!("{} is wanted here", schema.ty.description())),
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
        Given {
            key,
            content,
            origin: origin(value.span()),
        }
    }

    /// Follows `$name` to the constant's value; the second part is the place of the `$name`.
    fn resolve(&mut self, value: &Value, out: &mut Diagnostics) -> (Value, Option<Span>) {
        let Value::Word(word) = value else {
            return (value.clone(), None);
        };
        let Some(name) = word.value.strip_prefix('$') else {
            return (value.clone(), None);
        };
        self.used.insert(name.to_owned());
        match self.constants.get(name) {
            Some(constant) => (constant.value.clone(), Some(word.span)),
            None => {
                let known: Vec<&str> = self.constants.keys().map(String::as_str).collect();
                out.report(
                    &UNKNOWN_CONSTANT,
                    format!("no `let` defines `{name}`"),
                    |d| {
                        let d = d.label(word.span, "this constant is not known");
                        match suggest::nearest(name, known.iter().copied()) {
                            Some(found) => d.help(format!("did you mean `${found}`?")).fix(
                                format!("write `${found}`"),
                                word.span,
                                format!("${found}"),
                            ),
                            None => d.help(format!("define it: `let {{ {name} = ... }}`")),
                        }
                    },
                );
                (Value::Poisoned(word.span), None)
            }
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
                    d.label(*span, format!("{} is wanted here", schema.ty.description()))
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
            return Atom::Template(filled);
        };
        if !schema.ty.takes_text() {
            out.report(
                &WRONG_TYPE,
                format!(
                    "`{}` is {}, not a text",
                    schema.name,
                    schema.ty.description()
                ),
                |d| {
                    let d = d.label(text.span, "written in quotes");
                    if schema.ty == Type::Secret {
                        d.help("write `secret:NAME` without quotes; the value itself never stands in a spec")
                    } else if value::parse(schema.ty, &literal).is_ok() {
                        d.help(format!("write `{literal}` without quotes")).fix(
                            "drop the quotes",
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
        // Bytes of the text and bytes of the file agree only where nothing was escaped.
        let inner = text.span.part(1, text.span.len().saturating_sub(1));
        let plain = inner.len() == literal.len();
        let word = Spanned::new(literal, if plain { inner } else { text.span });
        self.word(&word, text.span, schema, via, out)
    }

    /// Fills in constants; leaves the node's own variables where the setting may hold them.
    fn fill(&mut self, text: &Text, schema: &SettingSchema, out: &mut Diagnostics) -> Option<Text> {
        let mut parts = Vec::with_capacity(text.parts.len());
        for part in &text.parts {
            let Part::Variable(name) = part else {
                parts.push(part.clone());
                continue;
            };
            if schema.template && matches!(name.value.as_str(), "name" | "index") {
                parts.push(part.clone());
                continue;
            }
            let constant = self.constants.get(&name.value).map(|found| &found.value);
            let literal = match constant {
                Some(Value::Word(word)) => Some(word.value.clone()),
                Some(Value::Text(text)) => text.literal(),
                Some(Value::List(..) | Value::Poisoned(_)) | None => None,
            };
            let Some(literal) = literal else {
                let mut known: Vec<&str> = self.constants.keys().map(String::as_str).collect();
                if schema.template {
                    known.extend(["name", "index"]);
                }
                out.report(
                    &UNKNOWN_VARIABLE,
                    format!("`${{{}}}` stands for nothing here", name.value),
                    |d| {
                        let d = d.label(name.span, "not known");
                        match suggest::nearest(&name.value, known.iter().copied()) {
                            Some(found) => d.help(format!("did you mean `${{{found}}}`?")),
                            None => d.help(format!(
                                "for the characters themselves write `$${{{}}}`",
                                name.value
                            )),
                        }
                    },
                );
                return None;
            };
            self.used.insert(name.value.clone());
            parts.push(Part::Literal(literal));
        }
        Some(Text {
            parts,
            span: text.span,
        })
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
                    format!("`{}` is {number}, and {bounds} is allowed", schema.name),
                    |d| {
                        constant_label(d.label(whole, "outside the range"), via)
                            .help(format!("write a number from {bounds}"))
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
        let Some(known) = self.catalogue.names(kind) else {
            return true;
        };
        if known.contains(&word.value) {
            return true;
        }
        unknown_name(kind, word, whole, &known, via, out);
        false
    }
}

/// Reports a name that the library does not know.
pub(super) fn unknown_name(
    kind: &str,
    word: &Spanned<String>,
    whole: Span,
    known: &[String],
    via: Option<Span>,
    out: &mut Diagnostics,
) {
    let kind = if kind == "os" {
        "operating system"
    } else {
        kind
    };
    out.report(
        &UNKNOWN_NAME,
        format!("there is no {kind} `{}`", word.value),
        |d| {
            let d = constant_label(d.label(whole, "the standard library does not know it"), via);
            let names = known.iter().map(String::as_str);
            let d = match suggest::sentence(&word.value, names.clone()) {
                Some(sentence) => d.help(sentence),
                None => d.help("`pikc stdlib list` shows every name"),
            };
            match suggest::nearest(&word.value, names) {
                Some(found) => d.fix(format!("write `{found}`"), word.span, found),
                None => d,
            }
        },
    );
}

fn choice(
    word: &Spanned<String>,
    whole: Span,
    schema: &SettingSchema,
    via: Option<Span>,
    out: &mut Diagnostics,
) {
    let words: Vec<&str> = schema.values.iter().map(String::as_str).collect();
    let meant = match word.value.as_str() {
        "true" | "yes" | "enabled" => Some("on"),
        "false" | "no" | "disabled" => Some("off"),
        _ => None,
    }
    .filter(|meant| words.contains(meant))
    .or_else(|| suggest::nearest(&word.value, words.iter().copied()));
    out.report(
        &NOT_A_CHOICE,
        format!("`{}` cannot be `{}`", schema.name, word.value),
        |d| {
            let d = constant_label(
                d.label(whole, format!("{} is wanted", suggest::list(&words))),
                via,
            );
            match meant {
                Some(found) => d.help(format!("did you mean `{found}`?")).fix(
                    format!("write `{found}`"),
                    word.span,
                    found,
                ),
                None => d.help(format!("write {}", suggest::list(&words))),
            }
        },
    );
}

fn wrong_type(
    word: &Spanned<String>,
    whole: Span,
    schema: &SettingSchema,
    bad: &Bad,
    via: Option<Span>,
) -> Diagnostic {
    // A shortened secret must not be repeated in a report: it may be the secret itself.
    let shown = if schema.ty == Type::Secret || word.value.contains("PRIVATE KEY") {
        format!("the value of `{}`", schema.name)
    } else {
        format!("`{}`", word.value.escape_debug())
    };
    let place = if word.span.len() == word.value.len() {
        word.span.part(bad.from, bad.to)
    } else {
        whole
    };
    let place = if place.is_empty() { whole } else { place };
    let mut d = Diagnostic::new(&WRONG_TYPE, format!("{shown} {}", bad.why)).label(
        place,
        format!("`{}` is {}", schema.name, schema.ty.description()),
    );
    d = constant_label(d, via);
    d = match (&bad.help, &schema.example) {
        (Some(help), _) => d.help(help.clone()),
        (None, Some(example)) => {
            d.help(format!("write it like this: `{} = {example}`", schema.name))
        }
        (None, None) => d.help(format!("write {}", schema.ty.description())),
    };
    match &bad.instead {
        Some(meant) => d.fix(format!("write `{meant}`"), word.span, meant.clone()),
        None => d,
    }
}

fn constant_label(d: Diagnostic, via: Option<Span>) -> Diagnostic {
    d.label_opt(via, "used here")
}

fn in_range(number: i64, schema: &SettingSchema) -> bool {
    schema.min.is_none_or(|min| number >= min) && schema.max.is_none_or(|max| number <= max)
}
