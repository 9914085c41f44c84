//! Substitutions: `$name`, and `${name}` in a string.

use std::borrow::Cow;

use super::Typer;
use crate::ast::{Part, Text, Value};
use crate::declare;
use crate::diagnostic::Diagnostics;
use crate::schema::{Constants, SettingSchema};
use crate::source::Span;
use crate::syntax::LIMITS;

declare! {
    /// `$name` stands for a value from a `let` block of this file, or of a file that it uses.
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
        since: "0.1.0",
        severity: Error,
        title: "a constant that no `let` defines",
        help: "define it: `let { name = value }`",
        sources: ["docs/language.md"],
    }

    /// In a string, `${name}` is filled in. A setting of a node or a profile can use `${name}` (the
    /// node's name) and `${index}` (the node's number within its block, from 1); every string can use
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
        since: "0.1.0",
        severity: Error,
        title: "a `${name}` that is not defined",
        help: "defined are `${name}` and `${index}` in nodes and profiles, and the constants of the file",
        sources: ["docs/language.md"],
    }
}

/// How far constants may expand, in bytes: a long list that is used a thousand times must not fill the memory.
const MOST: usize = 64 << 20;

impl<'a> Typer<'a> {
    /// Follows `$name` to the constant's value; the second part is the place of the `$name`.
    pub(super) fn resolve<'v>(
        &mut self,
        value: &'v Value,
        out: &mut Diagnostics,
    ) -> (Cow<'v, Value>, Option<Span>)
    where
        'a: 'v,
    {
        let Value::Word(word) = value else {
            return (Cow::Borrowed(value), None);
        };
        let Some(name) = word.value.strip_prefix('$') else {
            return (Cow::Borrowed(value), None);
        };
        self.used.insert(name.to_owned());
        let constants: &'a Constants = self.constants;
        match constants.get(name) {
            Some(constant) if self.affordable(&constant.value, word.span, out) => {
                (Cow::Borrowed(&constant.value), Some(word.span))
            }
            Some(_) => (Cow::Owned(Value::Poisoned(word.span)), None),
            None => {
                let known = self.constants.keys().map(String::as_str);
                // To report the constant that was meant as unused would be a second message for one mistake.
                let meant = self.patience.nearest(name, known);
                self.used.extend(meant.map(str::to_owned));
                out.report(
                    &UNKNOWN_CONSTANT,
                    format!("no `let` defines `{name}`"),
                    |d| {
                        let d = d.label(word.span, "unknown constant");
                        match meant {
                            Some(found) => d.help(format!("did you mean `${found}`?")).fix(
                                format!("write `${found}`"),
                                word.span,
                                format!("${found}"),
                            ),
                            None => d.help(format!("define it: `let {{ {name} = ... }}`")),
                        }
                    },
                );
                (Cow::Owned(Value::Poisoned(word.span)), None)
            }
        }
    }

    /// Whether there is room for one more copy of a constant; if not, this is reported once.
    fn affordable(&mut self, value: &Value, place: Span, out: &mut Diagnostics) -> bool {
        let before = self.filled;
        self.filled = before.saturating_add(value.weight());
        if before <= MOST && self.filled > MOST {
            out.report(
                &LIMITS,
                format!("the constants of this file expand to more than {} MiB", MOST >> 20),
                |d| {
                    d.label(place, "up to here").help(
                        "no cluster needs this much; a long list that many blocks share belongs in a profile",
                    )
                },
            );
        }
        self.filled <= MOST
    }

    /// Fills in constants; keeps the node's own variables if the setting allows them.
    pub(super) fn fill(
        &mut self,
        text: &Text,
        schema: &SettingSchema,
        out: &mut Diagnostics,
    ) -> Option<Text> {
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
            if constant.is_some_and(|constant| !self.affordable(constant, name.span, out)) {
                return None;
            }
            let literal = match constant {
                Some(Value::Word(word)) => Some(word.value.clone()),
                Some(Value::Text(text)) => text.literal(),
                Some(Value::List(..) | Value::Poisoned(_)) | None => None,
            };
            let Some(literal) = literal else {
                let own = ["name", "index"].into_iter().filter(|_| schema.template);
                let known = self.constants.keys().map(String::as_str).chain(own);
                let meant = self.patience.nearest(&name.value, known);
                out.report(
                    &UNKNOWN_VARIABLE,
                    format!("`${{{}}}` is not defined here", name.value),
                    |d| {
                        let d = d.label(name.span, "unknown");
                        match meant {
                            Some(found) => d.help(format!("did you mean `${{{found}}}`?")).fix(
                                format!("write `${{{found}}}`"),
                                name.span,
                                format!("${{{found}}}"),
                            ),
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
}
