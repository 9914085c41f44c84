//! Which mentions of a name stand for the same.

use std::collections::BTreeSet;

use super::{Mention, NameKind, Names, PROFILE};
use crate::editor::project::{View, covers};
use crate::schema::TOP;

impl<'a> Names<'a> {
    /// The name at a place: the shortest one that covers it.
    pub fn at(&self, view: &View<'_>, offset: usize) -> Option<&Mention<'a>> {
        self.all
            .iter()
            .filter(|one| one.span.file == view.page.file && covers(one.span, offset))
            // A constant's value can be a name, too, by way of its uses: the definition comes first.
            .min_by_key(|one| (one.span.len(), one.via.is_some()))
    }

    /// Whether a kind of name holds in the whole spec.
    fn is_global(&self, kind: &NameKind) -> bool {
        match kind {
            NameKind::Block(of) => self
                .project
                .block_schema(of)
                .is_none_or(|block| block.parents.iter().any(|parent| parent == TOP)),
            NameKind::Constant | NameKind::Secret | NameKind::Library(_) | NameKind::File => true,
        }
    }

    /// The top-level blocks in which a name of this kind means the same as in `owner`; none for all.
    fn scope(&self, one: &Mention<'_>, name: &str) -> Option<BTreeSet<usize>> {
        let owner = one.owner?;
        if self.is_global(&one.kind) {
            return None;
        }
        let mut has = BTreeSet::new();
        let mut everywhere = false;
        for other in self
            .all
            .iter()
            .filter(|other| other.kind == one.kind && other.name == name)
        {
            if let Some(owner) = other.owner {
                has.insert(owner);
                everywhere |= !self.defines_in(&one.kind, owner);
            }
        }
        has.insert(owner);
        // A setting of the cluster means the thing of that name on every machine.
        if everywhere {
            return Some(has);
        }
        let groups: Vec<BTreeSet<usize>> = (0..self.owners.len())
            .map(|root| self.closure(root).intersection(&has).copied().collect())
            .filter(|group: &BTreeSet<usize>| group.len() > 1)
            .collect();
        let mut scope = BTreeSet::from([owner]);
        loop {
            let before = scope.len();
            for group in &groups {
                if !group.is_disjoint(&scope) {
                    scope.extend(group);
                }
            }
            if scope.len() == before {
                return Some(scope);
            }
        }
    }

    /// Whether blocks that define such a name can be in a top-level block, at any depth.
    fn defines_in(&self, kind: &NameKind, owner: usize) -> bool {
        let NameKind::Block(of) = kind else {
            return true;
        };
        let mut kinds = BTreeSet::from([of.as_str()]);
        let mut open = vec![of.as_str()];
        while let Some(kind) = open.pop() {
            let Some(schema) = self.project.block_schema(kind) else {
                continue;
            };
            open.extend(
                schema
                    .parents
                    .iter()
                    .map(String::as_str)
                    .filter(|parent| kinds.insert(parent)),
            );
        }
        kinds.contains(self.owners[owner].kind.as_str())
    }

    /// A top-level block and all that it builds on.
    fn closure(&self, root: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::from([root]);
        let mut open = vec![root];
        while let Some(at) = open.pop() {
            for (kind, name) in &self.owners[at].builds_on {
                let named = self.profiles.get(name).filter(|_| kind == PROFILE);
                open.extend(
                    named
                        .into_iter()
                        .flatten()
                        .filter(|index| found.insert(**index)),
                );
            }
        }
        found
    }

    /// The definitions of what a mention stands for.
    pub fn definitions(&self, one: &Mention<'_>) -> Vec<&Mention<'a>> {
        let scope = self.scope(one, &one.name);
        let inside = |other: &&Mention<'_>| {
            let owner = other.owner;
            scope
                .as_ref()
                .is_none_or(|scope| owner.is_some_and(|owner| scope.contains(&owner)))
        };
        let same = |other: &&Mention<'_>| match one.label().filter(|label| label.ranges.is_some()) {
            Some(_) => other.span == one.span,
            None => other.holds(&one.name),
        };
        self.all
            .iter()
            .filter(|other| other.defines.is_some() && other.kind == one.kind)
            .filter(same)
            .filter(inside)
            .collect()
    }

    /// Every place that stands for the same as a mention, definitions included, in order.
    pub fn same(&self, one: &Mention<'_>) -> Vec<&Mention<'a>> {
        let definitions = self.definitions(one);
        let scope = self.scope(one, &one.name);
        let mut found: Vec<&Mention<'a>> = self
            .all
            .iter()
            .filter(|other| other.kind == one.kind)
            .filter(|other| match (definitions.is_empty(), other.defines) {
                (_, Some(_)) => definitions.iter().any(|known| known.span == other.span),
                (true, None) => other.name == one.name,
                (false, None) => definitions.iter().any(|known| known.holds(&other.name)),
            })
            .filter(|other| {
                let owner = other.owner;
                scope
                    .as_ref()
                    .is_none_or(|scope| owner.is_some_and(|owner| scope.contains(&owner)))
            })
            .collect();
        found.sort_by_key(|one| one.span);
        found.dedup_by_key(|one| one.span);
        found
    }

    /// The top-level blocks in which something of that name would meet what a mention stands for; none for all.
    pub(in crate::editor) fn near(&self, one: &Mention<'_>, name: &str) -> Option<BTreeSet<usize>> {
        let own = self.scope(one, &one.name)?;
        let mut near = own.clone();
        for other in self
            .all
            .iter()
            .filter(|other| other.kind == one.kind && other.name == name)
        {
            if let Some(owner) = other.owner
                && !self.defines_in(&one.kind, owner)
            {
                near.insert(owner);
            }
        }
        for root in 0..self.owners.len() {
            let closure = self.closure(root);
            if !closure.is_disjoint(&own) {
                near.extend(closure);
            }
        }
        Some(near)
    }

    /// How many places use a constant to name something.
    pub(in crate::editor) fn naming_uses(&self, constant: &str) -> usize {
        self.naming.get(constant).copied().unwrap_or(0)
    }

    /// The uses of a constant, whatever for.
    pub(in crate::editor) fn uses_of_constant<'s>(
        &'s self,
        name: &'s str,
    ) -> impl Iterator<Item = &'s Mention<'a>> {
        self.all.iter().filter(move |one| {
            one.kind == NameKind::Constant && one.defines.is_none() && one.name == name
        })
    }
}
