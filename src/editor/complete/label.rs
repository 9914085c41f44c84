//! The labels that a block can have.

use std::collections::BTreeSet;

use super::{Asking, CompletionKind, Offer};
use crate::check::all_codes;
use crate::diagnostic::Severity;
use crate::editor::inherited;
use crate::editor::project::covers;
use crate::editor::topic::Topic;
use crate::schema::LabelRule;
use crate::value::Type;

impl Asking<'_> {
    /// What can name a block of this kind here.
    pub(super) fn labels(&mut self, kind: &str) -> Vec<Offer> {
        let Some(declared) = self.shelf.block(kind, "") else {
            return Vec::new();
        };
        match &declared.block.label {
            LabelRule::None | LabelRule::Text => Vec::new(),
            LabelRule::Reference(of) => {
                let own = declared.block.words.iter();
                let mut all = self.facts(of);
                all.extend(
                    own.map(|word| Offer::new(word, CompletionKind::Choice).detail("pikc chooses")),
                );
                all
            }
            LabelRule::Range => self.next_machine().into_iter().collect(),
            LabelRule::Typed(Type::Code) => self.codes(),
            LabelRule::Typed(_) if kind == "profile" => self.wanted_profiles(),
            LabelRule::Typed(_) => self.labels_elsewhere(kind),
        }
    }

    /// Everything of a kind that the library has.
    pub(super) fn facts(&mut self, kind: &str) -> Vec<Offer> {
        let names = self.shelf.names(kind);
        let mut offers = Vec::new();
        for name in names {
            let detail = self.shelf.title(kind, &name).unwrap_or_default();
            let topic = Topic::Fact {
                kind: kind.to_owned(),
                name: name.clone(),
            };
            offers.push(
                Offer::new(name, CompletionKind::Fact)
                    .detail(detail)
                    .topic(topic),
            );
        }
        offers
    }

    /// The warnings: first those that were found in the innermost block, then those that were found in this file.
    fn codes(&self) -> Vec<Offer> {
        let (offset, file) = (self.offset, self.view.page.file);
        let blocks = self.view.project.blocks();
        let here: Vec<_> = blocks
            .iter()
            .map(|(_, block)| block.span)
            .filter(|span| span.file == file && covers(*span, offset))
            .collect();
        let mut found: Vec<(u8, &str, &str)> = Vec::new();
        for one in self.view.project.analysis.diagnostics.iter() {
            let spans = || one.labels.iter().map(|label| label.span);
            let rank = match () {
                () if one.severity != Severity::Warning => continue,
                () if spans().any(|span| {
                    span.file == file && here.iter().any(|own| covers(*own, span.start as usize))
                }) =>
                {
                    0
                }
                () if spans().any(|span| span.file == file) => 1,
                () => 2,
            };
            found.push((rank, one.descriptor.code, &one.message));
        }
        found.sort_unstable();
        let seen = found
            .iter()
            .map(|(_, code, message)| (*code, format!("found here: {message}")));
        let others = all_codes();
        let others = others
            .iter()
            .filter(|code| code.severity == Severity::Warning && code.deprecated.is_none())
            .map(|code| (code.code, code.title.to_owned()));
        seen.chain(others)
            .map(|(code, detail)| {
                let topic = Topic::Code {
                    code: code.to_owned(),
                };
                Offer::new(code, CompletionKind::Code)
                    .detail(detail)
                    .topic(topic)
            })
            .collect()
    }

    /// The machine after the last one: `node05` after `node04`.
    fn next_machine(&self) -> Option<Offer> {
        let model = self.view.project.analysis.model.as_ref()?;
        let last = model.nodes.last()?.name.value.as_str();
        let stem = last.trim_end_matches(|sign: char| sign.is_ascii_digit());
        let digits = &last[stem.len()..];
        let taken: BTreeSet<&str> = model
            .nodes
            .iter()
            .map(|node| node.name.value.as_str())
            .collect();
        let width = digits.len();
        let from: u64 = digits.parse().ok()?;
        let next = (1..=model.nodes.len() as u64 + 1)
            .map(|more| format!("{stem}{:0width$}", from.saturating_add(more)))
            .find(|name| !taken.contains(name.as_str()))?;
        Some(Offer::new(next, CompletionKind::Name).detail("the next machine"))
    }

    /// The profiles that are used and that do not exist.
    fn wanted_profiles(&self) -> Vec<Offer> {
        let blocks = self.view.project.blocks();
        let names = |kind: &str| -> BTreeSet<&str> {
            let of = blocks.iter().filter(|(_, block)| block.kind.value == kind);
            of.filter_map(|(_, block)| Some(block.label.as_ref()?.name.value.as_str()))
                .collect()
        };
        let known = names("profile");
        let wanted: BTreeSet<String> = blocks
            .iter()
            .flat_map(|(_, block)| inherited::asked(block))
            .filter(|name| !known.contains(name.as_str()))
            .collect();
        wanted
            .into_iter()
            .map(|name| Offer::new(name, CompletionKind::Name).detail("used, but not defined"))
            .collect()
    }

    /// The labels of the other blocks of this kind in the spec, but for those beside this one.
    fn labels_elsewhere(&self, kind: &str) -> Vec<Offer> {
        let beside = |name: &str| {
            let mut blocks = self.standing.blocks.iter();
            blocks.any(|head| head.kind == kind && head.label == name)
        };
        let blocks = self.view.project.blocks();
        let names: BTreeSet<&str> = blocks
            .iter()
            .filter(|(_, block)| block.kind.value == kind)
            .filter(|(_, block)| {
                !covers(block.head(), self.offset) || block.span.file != self.view.page.file
            })
            .filter_map(|(_, block)| Some(block.label.as_ref()?.name.value.as_str()))
            .filter(|name| !beside(name))
            .collect();
        names
            .into_iter()
            .map(|name| Offer::new(name, CompletionKind::Name).detail("used in this spec"))
            .collect()
    }
}
