//! The user's own copies of upstream files: readable, with the objects that the overlay changes, and the same as
//! upstream's.

use std::sync::Arc;

use camino::Utf8PathBuf;

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{CniChoice, Model, objects};
use crate::origin::Sourced;
use crate::stdlib::{Cni, Upstream};

declare! {
    /// `upstream` names a folder with copies of the files that the CNI is built from. This one cannot be read: it does
    /// not exist, is not text, or is not YAML. `pikc vendor SPEC --into FOLDER` writes a script that downloads exactly
    /// the files that the spec needs.
    ///
    /// ```pik fails
    /// cni calico { upstream = "nowhere" }
    /// ```
    ///
    /// ```pik
    /// cni calico { }
    /// ```
    pub static UNREADABLE = {
        code: "cni/upstream-unreadable",
        since: "0.1.0",
        severity: Error,
        title: "a copy of an upstream file that cannot be read",
        help: "`pikc vendor SPEC --into FOLDER`, then `bash FOLDER/fetch.sh`",
        no_edit: "the copy has to be fetched again; it is not part of the spec",
        sources: ["docs/language.md"],
    }

    /// The copy is not the file whose checksum the library knows: it was changed, or is from another release. It is
    /// used as it is, and the output contains its own checksum. What pikc says about the CNI (images, ports, options)
    /// is true of the original.
    ///
    /// ```pik fails
    /// cni calico { upstream = "upstream" }
    /// ```
    ///
    /// ```pik
    /// cni calico { }
    /// ```
    pub static DIFFERS = {
        code: "cni/upstream-differs",
        since: "0.1.0",
        severity: Warning,
        title: "a copy that is not upstream's file",
        help: "compare the copy with upstream's file, and state the reason: `allow cni/upstream-differs { reason = \"...\" }`",
        no_edit: "whether the difference is meant is not in the spec",
        sources: ["docs/language.md"],
    }

    /// The overlay changes objects by kind and name. If one of them is not in the file, kustomize stops: on the control
    /// plane, in the middle of the night.
    ///
    /// ```pik fails
    /// cni canal { upstream = "upstream" }
    /// ```
    ///
    /// ```pik
    /// cni canal { }
    /// ```
    pub static OBJECT = {
        code: "cni/upstream-object-missing",
        since: "0.1.0",
        severity: Error,
        title: "a copy without an object that the overlay changes",
        help: "use upstream's file from the release that the library knows",
        no_edit: "the copy has to be fetched again; it is not part of the spec",
        sources: ["docs/stdlib.md"],
    }

    /// pikc writes this CNI entirely, or you bring all of it: there is no upstream file that a copy could replace.
    ///
    /// ```pik fails
    /// cni flannel { upstream = "upstream" }
    /// ```
    ///
    /// ```pik
    /// cni flannel { }
    /// ```
    pub static NO_USE = {
        code: "cni/upstream-without-effect",
        since: "0.1.0",
        severity: Warning,
        title: "copies of upstream files that nothing needs",
        help: "drop `upstream`; for a whole manifest of your own write `manifest = ...`",
        sources: ["docs/language.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&UNREADABLE, &DIFFERS, &OBJECT, &NO_USE];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let (Some(choice), Some(facts)) = (&model.cluster.cni, &model.facts.cni) else {
        return;
    };
    let Some(folder) = &choice.upstream else {
        return;
    };
    let place = folder.origin.span();
    if choice.copies.is_empty() {
        let message = format!("{} is not built from upstream files here", facts.title);
        let finding = Diagnostic::new(&NO_USE, message).label(place, "has no effect");
        out.push(finding.remove("drop `upstream`", &folder.origin));
        return;
    }
    for file in choice.made_from(facts) {
        if let Some(copy) = choice.copies.get(&file.file) {
            let finding = judged(choice, facts, folder, file, copy);
            finding.into_iter().for_each(|finding| out.push(finding));
        }
    }
}

/// What is wrong with a copy of an upstream file.
fn judged(
    choice: &CniChoice,
    facts: &Cni,
    folder: &Sourced<Utf8PathBuf>,
    file: &Upstream,
    copy: &Result<Arc<str>, String>,
) -> Option<Diagnostic> {
    let (name, place) = (&file.file, folder.origin.span());
    let path = folder.value.join(name);
    let fetch = format!(
        "`pikc vendor SPEC --into {0}`, then `bash {0}/fetch.sh`",
        folder.value
    );
    let unreadable = |why: &dyn std::fmt::Display| {
        Diagnostic::new(&UNREADABLE, format!("`{path}` cannot be read: {why}"))
            .label(place, "in this folder")
            .help(fetch.clone())
    };
    let text = match copy {
        Ok(text) => text,
        Err(why) => return Some(unreadable(why)),
    };
    let there = match objects(text) {
        Ok(there) => there,
        Err(why) => return Some(unreadable(&why)),
    };
    let lacking: Vec<&str> = file
        .objects
        .iter()
        .map(|object| object.value.as_str())
        .filter(|object| !there.contains(*object))
        .collect();
    if !lacking.is_empty() {
        let message = format!(
            "`{path}` contains no {}, which pikc changes",
            lacking.join(", ")
        );
        return Some(
            Diagnostic::new(&OBJECT, message)
                .label(place, "in this folder")
                .label(&choice.name, "built from this file")
                .help(format!("use upstream's own file: {fetch}")),
        );
    } else if choice
        .sum_of(name)
        .is_some_and(|sum| sum != file.sha256.value)
    {
        let version = facts.version.as_ref();
        let version = version.map_or_else(String::new, |version| format!(" {}", version.value));
        let message = format!(
            "`{path}` is not the file of {}{version}: its checksum differs",
            facts.title
        );
        return Some(
            Diagnostic::new(&DIFFERS, message).label(place, "your own copy is used as it is"),
        );
    }
    None
}
