//! Profiles: one rule of merging. Later profiles win over earlier ones, a profile wins over the
//! profiles it builds on, and what the node says itself wins over all.

use std::collections::{BTreeMap, BTreeSet};

use crate::declare;
use crate::diagnostic::{Diagnostic, Diagnostics, suggest};
use crate::origin::Sourced;
use crate::schema::{Atom, Content, Entity, Given};
use crate::value::Val;

declare! {
    /// A node or a profile builds on a profile that is not there.
    ///
    /// ```pik fails
    /// profile = [pie]
    /// ```
    ///
    /// ```pik
    /// profile = [pi]
    /// ```
    pub static UNKNOWN_PROFILE = {
        code: "profile/unknown",
        severity: Error,
        title: "a profile that does not exist",
        help: "write a `profile` block of that name",
        sources: ["docs/language.md"],
    }

    /// A profile builds on itself, directly or through others.
    ///
    /// ```pik fails
    /// profile fast { profile = faster }
    /// profile faster { profile = fast }
    /// ```
    ///
    /// ```pik
    /// profile fast { swap = off }
    /// profile faster { profile = fast }
    /// node spare {
    ///   profile = faster
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    /// }
    /// ```
    pub static PROFILE_CYCLE = {
        code: "profile/cycle",
        severity: Error,
        title: "profiles that build on each other in a circle",
        help: "take one `profile` setting out of the circle",
        sources: ["docs/language.md"],
    }

    /// Nothing builds on this profile, so nothing in it reaches any machine.
    ///
    /// ```pik fails
    /// profile spare { swap = off }
    /// ```
    ///
    /// ```pik
    /// profile spare { swap = off }
    /// node another {
    ///   profile = spare
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    /// }
    /// ```
    pub static UNUSED_PROFILE = {
        code: "profile/unused",
        severity: Warning,
        title: "a profile that no node uses",
        help: "use it in a node, or delete it",
        sources: ["docs/language.md"],
    }
}

/// The profiles of a spec by name.
pub(super) struct Profiles<'a> {
    by_name: BTreeMap<&'a str, &'a Entity>,
    used: BTreeSet<String>,
    /// The circles that have been told of, whichever profile they were entered by.
    circles: BTreeSet<BTreeSet<String>>,
}

impl<'a> Profiles<'a> {
    pub(super) fn new(blocks: &'a [Entity]) -> Self {
        let profiles = blocks.iter().filter(|block| block.kind == "profile");
        Self {
            by_name: profiles.map(|block| (block.name(), block)).collect(),
            used: BTreeSet::new(),
            circles: BTreeSet::new(),
        }
    }

    /// The entity laid over its profiles, and the names of those in order.
    pub(super) fn merge(
        &mut self,
        entity: &Entity,
        out: &mut Diagnostics,
    ) -> (Entity, Vec<Sourced<String>>) {
        let mut open = Vec::new();
        let mut merged = Entity {
            settings: BTreeMap::new(),
            blocks: Vec::new(),
            ..entity.clone()
        };
        let mut names = Vec::new();
        self.lay(entity, &mut merged, &mut names, &mut open, out);
        merged.overlay(entity);
        (merged, names)
    }

    fn lay(
        &mut self,
        entity: &Entity,
        under: &mut Entity,
        names: &mut Vec<Sourced<String>>,
        open: &mut Vec<String>,
        out: &mut Diagnostics,
    ) {
        for name in asked(entity.settings.get("profile")) {
            let Some(profile) = self.by_name.get(name.value.as_str()).copied() else {
                self.unknown(&name, out);
                under.damaged = true;
                continue;
            };
            if let Some(entered) = open.iter().position(|open| *open == name.value) {
                let new = self
                    .circles
                    .insert(open[entered..].iter().cloned().collect());
                if let Some(span) = name.origin.span().filter(|_| new) {
                    out.report(
                        &PROFILE_CYCLE,
                        format!("profile `{}` builds on itself", name.value),
                        |d| d.label(span, "this closes the circle"),
                    );
                }
                continue;
            }
            self.used.insert(name.value.clone());
            open.push(name.value.clone());
            self.lay(profile, under, names, open, out);
            open.pop();
            under.overlay(profile);
            names.push(name);
        }
    }

    fn unknown(&self, name: &Sourced<String>, out: &mut Diagnostics) {
        let Some(span) = name.origin.span() else {
            return;
        };
        let known = self.by_name.keys().copied();
        out.push({
            let d = Diagnostic::new(
                &UNKNOWN_PROFILE,
                format!("there is no profile `{}`", name.value),
            )
            .label(span, "not defined in this spec or the files it uses");
            match suggest::nearest(&name.value, known.clone()) {
                Some(found) => d.help(format!("did you mean `{found}`?")).fix(
                    format!("write `{found}`"),
                    span,
                    found,
                ),
                None => match suggest::sentence(&name.value, known) {
                    Some(sentence) => d.help(sentence),
                    None => d.help(format!("write `profile {} {{ ... }}`", name.value)),
                },
            }
        });
    }

    /// Circles among profiles that no node uses, and profiles that nobody uses.
    pub(super) fn finish(mut self, out: &mut Diagnostics) {
        let used = self.used.clone();
        let unused: Vec<&Entity> = self
            .by_name
            .values()
            .filter(|profile| !used.contains(profile.name()))
            .copied()
            .collect();
        for profile in &unused {
            let mut open = vec![profile.name().to_owned()];
            let mut scratch = (*profile).clone();
            self.lay(profile, &mut scratch, &mut Vec::new(), &mut open, out);
        }
        for profile in unused {
            if !self.used.contains(profile.name()) && !profile.damaged {
                out.report(
                    &UNUSED_PROFILE,
                    format!("no node uses profile `{}`", profile.name()),
                    |d| d.label(profile.head, "reaches no machine"),
                );
            }
        }
    }
}

fn asked(given: Option<&Given>) -> Vec<Sourced<String>> {
    let name = |atom: &Atom| match atom {
        Atom::Val(Val::Text(name)) => Some(name.clone()),
        Atom::Val(_) | Atom::Template(..) | Atom::Poisoned => None,
    };
    match given.map(|given| (&given.content, &given.origin)) {
        Some((Content::One(atom), origin)) => name(atom)
            .map(|name| Sourced::new(name, origin.clone()))
            .into_iter()
            .collect(),
        Some((Content::Many(items), _)) => items
            .iter()
            .filter_map(|item| Some(Sourced::new(name(&item.value)?, item.origin.clone())))
            .collect(),
        None => Vec::new(),
    }
}
