//! `allow`: which findings it silences, and what is wrong with an `allow` that silences none.

use std::collections::BTreeSet;

use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics, Severity, suggest};
use crate::model::Allow;
use crate::source::Span;

declare! {
    /// An `allow` that silences nothing is a leftover: the mistake has been fixed, or the code was misunderstood. One
    /// day it would hide something new.
    ///
    /// For a code that pikc no longer reports, this is a note: the spec was right when it was written.
    ///
    /// As long as the spec has errors, only that note is reported: a value that is missing or wrong can be the one that the
    /// silenced check needs. A board with a misspelt name, for example, has no memory to judge.
    ///
    /// ```pik fails
    /// allow proxy/mode { reason = "left over" }
    /// ```
    ///
    /// ```pik
    /// proxy { mode = iptables }
    /// ```
    pub static UNUSED_ALLOW = {
        code: "allow/unused",
        since: "0.1.0",
        severity: Warning,
        title: "an `allow` that silences nothing",
        help: "delete it",
        sources: ["docs/language.md"],
    }

    /// There is no such code, so nothing can be silenced.
    ///
    /// ```pik fails
    /// allow swap/kubelet-refused { reason = "misspelt" }
    /// ```
    ///
    /// ```pik
    /// swap = off
    /// ```
    pub static UNKNOWN_CODE = {
        code: "allow/unknown-code",
        since: "0.1.0",
        severity: Error,
        title: "an `allow` for a code that does not exist",
        help: "`pikc explain` lists every code",
        sources: ["docs/language.md"],
    }

    /// The code has a better name now. The `allow` still works: nothing that it silences comes back. `pikc check --fix`
    /// writes the new name; `pikc explain` knows both.
    ///
    /// ```pik fails
    /// allow policy/lets-everyone-through { reason = "the shop is for everyone" }
    /// cni calico { }
    /// policy shop {
    ///   namespaces = shop
    ///   deny       = ingress
    ///   from { }
    /// }
    /// ```
    ///
    /// ```pik
    /// allow policy/allows-everything { reason = "the shop is for everyone" }
    /// cni calico { }
    /// policy shop {
    ///   namespaces = shop
    ///   deny       = ingress
    ///   from { }
    /// }
    /// ```
    pub static RENAMED = {
        code: "allow/renamed",
        since: "0.1.0",
        severity: Note,
        title: "an `allow` with a former name of a code",
        help: "write the new name",
        sources: ["docs/language.md"],
    }

    /// An error says that something cannot work. A reason does not change that; only warnings can be
    /// allowed.
    ///
    /// ```pik fails
    /// allow swap/kubelet-refuses { reason = "it will be fine" }
    /// ```
    ///
    /// ```pik
    /// swap = on
    /// ```
    pub static NOT_A_WARNING = {
        code: "allow/not-a-warning",
        since: "0.1.0",
        severity: Error,
        title: "an `allow` for an error",
        help: "fix the error; only warnings can be allowed",
        sources: ["docs/language.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&UNUSED_ALLOW, &UNKNOWN_CODE, &NOT_A_WARNING, &RENAMED];

/// Checks every `allow` of a spec, after all rules. `used` holds the places of those that silenced something.
pub(in crate::check) fn judge(
    all: &[Allow],
    used: &BTreeSet<Span>,
    codes: &[&'static Descriptor],
    out: &mut Diagnostics,
) {
    let mut seen = BTreeSet::new();
    let mut patience = suggest::Patience::default();
    let complete = !out.has_errors();
    let errors: BTreeSet<&str> = out
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.descriptor.code)
        .collect();
    for allow in all {
        if !seen.insert(allow.head) {
            continue;
        }
        let code = allow.code.value.as_str();
        let known = codes.iter().find(|known| known.is_called(code));
        let finding = match known {
            None => Some(unknown(allow, codes, &mut patience)),
            Some(known) => {
                let looked = Looked {
                    used: used.contains(&allow.head),
                    complete: complete && !allow.idle,
                    error_here: errors.contains(known.code),
                };
                judged(allow, known, looked)
            }
        };
        if let Some(finding) = finding {
            out.push(finding);
        }
    }
}

/// What the rules had to do with an `allow`.
#[derive(Clone, Copy)]
struct Looked {
    /// Whether it silenced anything.
    used: bool,
    /// Whether every rule could judge everything that it is for. A rule says nothing about a value that is missing or wrong, and some say
    /// nothing after the error of another.
    complete: bool,
    /// Whether its code is an error in this spec.
    error_here: bool,
}

/// The finding about an `allow` for an existing code.
fn judged(allow: &Allow, known: &Descriptor, looked: Looked) -> Option<Diagnostic> {
    let code = &allow.code.value;
    let used = looked.used;
    let refused = |message: String| {
        Diagnostic::new(&NOT_A_WARNING, message)
            .label(allow.head, "only warnings can be allowed")
            .choice(|it| it.remove_block("delete it", allow.head))
    };
    let idle = |message: String| {
        Diagnostic::new(&UNUSED_ALLOW, message)
            .label(allow.head, "silences nothing")
            .remove_block("delete it", allow.head)
    };
    if known.severity == Severity::Error {
        return Some(refused(format!(
            "`{code}` is an error and cannot be allowed"
        )));
    }
    // A code that is a warning in general may be an error on this release.
    if !used && looked.error_here {
        return Some(refused(format!(
            "here `{code}` is an error and cannot be allowed"
        )));
    }
    // Its reason is wrong or missing, which has been reported. Whether it is needed comes after that.
    allow.reason.as_ref()?;
    match (used, known.deprecated) {
        (true, _) => renamed(allow, known),
        // It was right when it was written: pikc has changed, not the spec.
        (false, Some(why)) => {
            Some(idle(format!("`{code}` is no longer reported: {why}")).severity(Severity::Note))
        }
        (false, None) if !looked.complete => None,
        (false, None) => Some(idle(format!("nothing here reports `{code}`"))),
    }
}

/// An `allow` that uses a former name of its code.
fn renamed(allow: &Allow, known: &Descriptor) -> Option<Diagnostic> {
    let (old, new) = (&allow.code.value, known.code);
    if old == new {
        return None;
    }
    let d = Diagnostic::new(&RENAMED, format!("`{old}` is called `{new}` now"))
        .help(format!("write `allow {new}`"));
    Some(match allow.code.origin.span() {
        Some(span) => d.label(span, "still works, under its former name").fix(
            format!("write `{new}`"),
            span,
            new,
        ),
        None => d.label(allow.head, "still works, under its former name"),
    })
}

fn unknown(
    allow: &Allow,
    codes: &[&'static Descriptor],
    patience: &mut suggest::Patience,
) -> Diagnostic {
    let names = codes.iter().map(|descriptor| descriptor.code);
    let d = Diagnostic::new(
        &UNKNOWN_CODE,
        format!("there is no code `{}`", allow.code.value),
    )
    .label(allow.head, "no check of a spec reports this code");
    match patience.nearest(&allow.code.value, names) {
        Some(found) => {
            let d = d.help(format!("did you mean `{found}`?"));
            let meant = codes.iter().find(|code| code.code == found);
            // An error cannot be allowed: there is nothing to correct the name for.
            let error = meant.is_some_and(|code| code.severity == Severity::Error);
            match allow.code.origin.span() {
                Some(span) if !error => d.fix(format!("write `{found}`"), span, found),
                _ => d.choice(|it| it.remove_block("delete it", allow.head)),
            }
        }
        None => d,
    }
}

/// The place of the `allow` that silences a finding, by the current or a former name of its code.
pub(in crate::check) fn of(allows: &[Allow], finding: &Diagnostic) -> Option<Span> {
    if finding.severity == Severity::Error {
        return None;
    }
    allows
        .iter()
        .find(|allow| finding.descriptor.is_called(&allow.code.value))
        .map(|allow| allow.head)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::AnalyzeInput;
    use crate::check::Findings;

    declare! {
        /// Reported elsewhere now.
        static GONE = {
            code: "test/gone",
            since: "0.1.0",
            formerly: ["test/went"],
            deprecated: "the model refuses it",
            severity: Warning,
            title: "a code that is no longer reported",
            help: "nothing",
            sources: ["docs/language.md"],
        }
    }

    struct NoFiles;

    impl crate::model::Reader for NoFiles {
        fn read(&self, _: &camino::Utf8Path) -> Result<String, String> {
            Err("there are no files".to_owned())
        }
    }

    #[test]
    fn an_allow_of_a_code_that_is_no_longer_reported_is_a_note() {
        for name in ["test/gone", "test/went"] {
            let analysis = crate::analyze(AnalyzeInput {
                path: "cluster.pik".into(),
                text: &format!(
                    "cluster home {{ }}\nallow {name} {{ reason = \"it was right once\" }}\n"
                ),
                reader: &NoFiles,
                overlay: BTreeMap::new(),
                as_of: None,
                kept: None,
            });
            let model = analysis.model.expect("a cluster");
            let mut out = Diagnostics::default();
            Findings::new(&model, &mut out).finish(&[&GONE]);
            let found: Vec<_> = out.iter().collect();
            let [one] = found.as_slice() else {
                panic!("{found:?}");
            };
            assert_eq!(one.severity, Severity::Note);
            assert_eq!(one.descriptor.code, UNUSED_ALLOW.code);
            assert_eq!(
                one.message,
                format!("`{name}` is no longer reported: the model refuses it")
            );
            assert_eq!(one.fixes.len(), 1);
        }
    }
}
