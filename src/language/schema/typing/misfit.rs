//! The findings about a value that does not fit: what was expected, and what was most likely meant.

use crate::declare;
use crate::diagnostic::{Diagnostic, Diagnostics, suggest};
use crate::schema::{Absent, SettingSchema};
use crate::source::{Span, Spanned};
use crate::value::{Bad, Type};

declare! {
    /// Every setting has a type, and the value does not fit it. The report underlines the part that
    /// is wrong: in `192.168.300.1` the `300`.
    ///
    /// Types are checked before any rule reads a value, so no other finding is about
    /// this value.
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
        since: "0.1.0",
        severity: Error,
        title: "a value of the wrong type",
        help: "write a value of the setting's type",
        sources: ["docs/language.md"],
    }

    /// The setting accepts one of a short list of words, and this is not one of them.
    ///
    /// ```pik fails
    /// swap = enabled
    /// ```
    ///
    /// ```pik
    /// swap = off
    /// ```
    pub static NOT_A_CHOICE = {
        code: "value/not-a-choice",
        since: "0.1.0",
        severity: Error,
        title: "a word that is not among the choices",
        help: "write one of the words that the setting accepts",
        sources: ["docs/language.md"],
    }

    /// The setting names something from the standard library (a board, an operating system, a CNI),
    /// and the library has nothing of that name. `pikc stdlib list` shows what it has; add a folder
    /// of your own with `--stdlib DIR`.
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
        since: "0.1.0",
        severity: Error,
        title: "a name that the standard library does not know",
        help: "`pikc stdlib list` shows every name",
        sources: ["docs/stdlib.md"],
    }
}

/// Reports a name that the library does not know, or that it knows not to be there.
pub(in crate::schema) fn unknown_name(
    kind: &str,
    word: &Spanned<String>,
    whole: Span,
    (known, absent): (&[String], Option<Absent>),
    via: Option<Span>,
    out: &mut Diagnostics,
) {
    let title = if kind == "os" {
        "operating system"
    } else {
        kind
    };
    out.report(
        &UNKNOWN_NAME,
        format!("there is no {title} {}", shown(&word.value)),
        |d| {
            if let Some(absent) = absent {
                return not_there(
                    constant_label(d.label(whole, absent.why), via),
                    word,
                    &absent.instead,
                );
            }
            let d = constant_label(d.label(whole, "the standard library does not know it"), via);
            let names = known.iter().map(String::as_str);
            let d = match suggest::sentence(&word.value, names.clone()) {
                Some(sentence) => d.help(sentence),
                None => d.help(format!("`pikc stdlib list {kind}` shows every name")),
            };
            match suggest::nearest(&word.value, names) {
                Some(found) => d.fix(format!("write `{found}`"), word.span, found),
                None => d,
            }
        },
    );
}

/// Offers what is there in place of what is not.
fn not_there(finding: Diagnostic, word: &Spanned<String>, instead: &[String]) -> Diagnostic {
    let quoted: Vec<String> = instead.iter().map(|name| format!("`{name}`")).collect();
    let Some((last, before)) = quoted.split_last() else {
        return finding;
    };
    let list = match before {
        [] => last.clone(),
        before => format!("{} or {last}", before.join(", ")),
    };
    let finding = finding.help(format!("write {list} instead"));
    let write = |finding: Diagnostic, name: &String| {
        finding.choice(|it| it.fix(format!("write `{name}`"), word.span, name.as_str()))
    };
    instead.iter().fold(finding, write)
}

/// A value as a report quotes it: invisible characters as escapes, and only the beginning of a long one.
pub(in crate::schema) fn shown(value: &str) -> String {
    const MOST: usize = 80;
    match value.char_indices().nth(MOST) {
        Some((end, _)) => format!("`{}...`", value[..end].escape_debug()),
        None => format!("`{}`", value.escape_debug()),
    }
}

pub(super) fn choice(
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
        format!("`{}` cannot be {}", schema.name, shown(&word.value)),
        |d| {
            let d = constant_label(
                d.label(whole, format!("expected {}", suggest::list(&words))),
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

pub(super) fn wrong_type(
    word: &Spanned<String>,
    whole: Span,
    schema: &SettingSchema,
    bad: &Bad,
    via: Option<Span>,
) -> Diagnostic {
    // A report must not repeat even part of a secret: it may be the secret itself.
    let shown = if schema.ty == Type::Secret || word.value.contains("PRIVATE KEY") {
        format!("the value of `{}`", schema.name)
    } else {
        shown(&word.value)
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

pub(super) fn constant_label(d: Diagnostic, via: Option<Span>) -> Diagnostic {
    d.label(via, "used here")
}
