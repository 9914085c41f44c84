//! Profiles, with a single merge rule. Later profiles win over earlier ones, a profile wins over the
//! profiles it builds on, and the node's own settings win over all.
//!
//! In full: the profiles of a node are applied on top of each other in the order in which they are reached; before each profile,
//! those that it builds on. A profile that is named twice is applied twice, so the number of applications can double with every
//! level. But only the first application of a profile decides the position of its blocks, and only the last one which values
//! win. So each profile is applied at most twice: [`Reached`] has both orders. Nothing here is recursive, because a chain of
//! profiles can be as long as the spec.

use std::collections::{BTreeMap, BTreeSet};

use crate::declare;
use crate::diagnostic::suggest::{self, Patience};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::origin::Sourced;
use crate::schema::{Atom, Content, Entity, Given};
use crate::syntax::LIMITS;
use crate::value::Val;

declare! {
    /// A node or a profile builds on a profile that does not exist.
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
        since: "0.1.0",
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
        since: "0.1.0",
        severity: Error,
        title: "profiles that build on each other in a circle",
        help: "remove one `profile` setting from the circle",
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
        since: "0.1.0",
        severity: Warning,
        title: "a profile that no node uses",
        help: "use it in a node, or delete it",
        sources: ["docs/language.md"],
    }
}

/// The profiles of a spec by name.
pub(super) struct Profiles<'a> {
    by_name: BTreeMap<&'a str, &'a Entity>,
    used: BTreeSet<&'a str>,
    /// Those whose own `profile` setting has been checked, so that nothing in it is reported twice.
    seen: BTreeSet<&'a str>,
    /// How many settings and blocks have been applied so far.
    applied: usize,
    patience: Patience,
}

/// At most this many settings and blocks of profiles are applied for all nodes together. The largest specs seen have 10,000 node
/// blocks with about 100 settings each.
const MOST: usize = 2_000_000;

/// The profiles that an entity reaches, each once, and whether any of them does not exist.
struct Reached<'a> {
    /// In the order in which they are first applied.
    first: Vec<&'a Entity>,
    /// In the order in which they are last applied.
    last: Vec<&'a Entity>,
    lacking: bool,
}

impl<'a> Profiles<'a> {
    pub(super) fn new(blocks: &'a [Entity]) -> Self {
        let profiles = blocks.iter().filter(|block| block.kind == "profile");
        Self {
            by_name: profiles.map(|block| (block.name(), block)).collect(),
            used: BTreeSet::new(),
            seen: BTreeSet::new(),
            applied: 0,
            patience: Patience::default(),
        }
    }

    /// The entity applied on top of its profiles.
    pub(super) fn merge(&mut self, entity: &Entity, out: &mut Diagnostics) -> Entity {
        self.explore(entity, None, out);
        let reached = self.reached(entity);
        let mut merged = entity.head_only();
        merged.damaged |= reached.lacking;
        if self.affordable(entity, &reached, out) {
            let again = reached.first.iter().chain(match reached.in_order() {
                true => [].iter(),
                false => reached.last.iter(),
            });
            for profile in again {
                merged.overlay(profile);
            }
        } else {
            merged.damaged = true;
        }
        merged.overlay(entity);
        merged
    }

    /// Whether there is room for these too; if not, this is reported once.
    fn affordable(
        &mut self,
        entity: &Entity,
        reached: &Reached<'_>,
        out: &mut Diagnostics,
    ) -> bool {
        let before = self.applied;
        let size: usize = reached.first.iter().map(|profile| profile.size()).sum();
        self.applied = before.saturating_add(size);
        if before <= MOST && self.applied > MOST {
            out.report(
                &LIMITS,
                format!(
                    "up to `{}` the nodes inherit {} settings from profiles, and at most {MOST} are allowed",
                    entity.name(),
                    self.applied
                    ),
                |d| d.label(entity.head, "this block is the first beyond the limit"),
            );
        }
        self.applied <= MOST
    }

    /// What the entity reaches, in both orders.
    fn reached(&self, entity: &Entity) -> Reached<'a> {
        let mut lacking = false;
        let mut known = |entity: &Entity| -> Vec<&'a Entity> {
            let names = asked(entity.settings.get("profile"));
            let found = names
                .iter()
                .map(|name| self.by_name.get(name.value.as_str()).copied());
            found
                .filter_map(|found| {
                    lacking |= found.is_none();
                    found
                })
                .collect()
        };
        // Depth first, each profile after those that it builds on.
        let mut first = Vec::new();
        let mut met = BTreeSet::new();
        let mut open = vec![(None, known(entity).into_iter())];
        while let Some((profile, below)) = open.last_mut() {
            match below.next() {
                Some(next) if met.insert(next.name()) => {
                    let below = known(next).into_iter();
                    open.push((Some(next), below));
                }
                Some(_) => {}
                None => {
                    first.extend(*profile);
                    open.pop();
                }
            }
        }
        // The same in reverse: each profile before those that it builds on, and those from the last to the first.
        let mut last = Vec::new();
        let mut met = BTreeSet::new();
        let mut open: Vec<&Entity> = known(entity);
        while let Some(next) = open.pop() {
            if met.insert(next.name()) {
                last.push(next);
                open.extend(known(next));
            }
        }
        last.reverse();
        Reached {
            first,
            last,
            lacking,
        }
    }

    /// Follows `profile` from an entity to every profile that has not been checked, reports mistakes there, and records what is used.
    fn explore(&mut self, entity: &Entity, itself: Option<&'a str>, out: &mut Diagnostics) {
        let mut path: BTreeSet<&str> = itself.into_iter().collect();
        let mut open = vec![(itself, asked(entity.settings.get("profile")).into_iter())];
        while let Some((own, below)) = open.last_mut() {
            let Some(name) = below.next() else {
                if let Some(own) = own {
                    path.remove(own);
                }
                open.pop();
                continue;
            };
            let Some((known, profile)) = self.by_name.get_key_value(name.value.as_str()) else {
                self.unknown(&name, out);
                continue;
            };
            let (known, profile) = (*known, *profile);
            self.used.insert(known);
            if path.contains(known) {
                if let Some(span) = name.origin.span() {
                    out.report(
                        &PROFILE_CYCLE,
                        format!("profile `{known}` builds on itself"),
                        |d| {
                            d.label(span, "this closes the circle").choice(|it| {
                                it.remove_element("break the circle here", &name.origin)
                            })
                        },
                    );
                }
            } else if self.seen.insert(known) {
                path.insert(known);
                let below = asked(profile.settings.get("profile")).into_iter();
                open.push((Some(known), below));
            }
        }
    }

    fn unknown(&mut self, name: &Sourced<String>, out: &mut Diagnostics) {
        let Some(span) = name.origin.span() else {
            return;
        };
        let known = self.by_name.keys().copied();
        let nearest = self.patience.nearest(&name.value, known.clone());
        out.push({
            let d = Diagnostic::new(
                &UNKNOWN_PROFILE,
                format!("there is no profile `{}`", name.value),
            )
            .label(span, "not defined in this spec or the files it uses");
            match nearest {
                Some(found) => d.help(format!("did you mean `{found}`?")).fix(
                    format!("write `{found}`"),
                    span,
                    found,
                ),
                None => match suggest::choice(known) {
                    Some(sentence) => d.help(sentence),
                    None => d.help(format!("write `profile {} {{ ... }}`", name.value)),
                },
            }
        });
    }

    /// Whether any node that was merged reaches the profile of this name.
    pub(super) fn is_used(&self, name: &str) -> bool {
        self.used.contains(name)
    }

    /// Reports circles among profiles that no node uses, and profiles that nothing uses.
    pub(super) fn finish(mut self, out: &mut Diagnostics) {
        let used = &self.used;
        let unused: Vec<(&str, &Entity)> = self
            .by_name
            .iter()
            .filter(|(name, _)| !used.contains(*name))
            .map(|(name, profile)| (*name, *profile))
            .collect();
        for (name, profile) in &unused {
            if self.seen.insert(name) {
                self.explore(profile, Some(name), out);
            }
        }
        for (name, profile) in unused {
            if !self.used.contains(name) && !profile.damaged {
                out.report(
                    &UNUSED_PROFILE,
                    format!("no node uses profile `{name}`"),
                    |d| {
                        d.label(profile.head, "reaches no machine")
                            .choice(|it| it.remove_block("delete it", profile.head))
                    },
                );
            }
        }
    }
}

impl Reached<'_> {
    /// Whether the two orders are the same: nothing is named twice, so each profile need be applied only once.
    fn in_order(&self) -> bool {
        let names = |list: &[&Entity]| -> Vec<*const Entity> {
            list.iter().map(|one| std::ptr::from_ref(*one)).collect()
        };
        names(&self.first) == names(&self.last)
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

#[cfg(test)]
mod tests;
