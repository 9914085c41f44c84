//! What the thing under the cursor is: the text that an editor shows next to it.

mod amount;
mod machine;
mod network;
mod table;
mod value;

use super::project::View;
use super::scan::Mark;
use super::shelf::Shelf;
use super::standing::{Head, Spot, Standing};
use super::topic::{self, Topic, about};
use crate::schema::LabelRule;
use crate::source::Span;
use crate::value::Type;

pub(super) use table::{document, entry, held, program, stage};

/// What there is to say about a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub span: Span,
    /// The text, in Markdown.
    pub markdown: String,
}

/// What there is to say about the word at a byte of a file; none for white space and comments.
pub fn hover(view: &View<'_>, offset: usize) -> Option<Hover> {
    let text = view.text();
    let quote = text.as_bytes().get(offset) == Some(&b'"');
    // A cursor in front of a string is on it.
    let standing = [offset, offset + usize::from(quote)]
        .into_iter()
        .map(|at| Standing::at(text, at))
        .find(|standing| standing.word.0 < standing.word.1)?;
    let (start, end) = standing.word;
    let written = text.get(start..end)?;
    let mut asked = Asked {
        shelf: Shelf::new(view.project),
        view: *view,
        span: view.span(start, end),
        word: written.trim_matches('"'),
        standing: &standing,
    };
    if let Some(found) = asked.variable(offset) {
        return Some(found);
    }
    let markdown = match &standing.spot {
        Spot::Nowhere => None,
        Spot::Item => asked.item(),
        Spot::Label(kind) => asked.label(kind),
        Spot::Value { key, .. } => asked.value(key),
    }?;
    Some(Hover {
        span: asked.span,
        markdown,
    })
}

/// A question about a word.
struct Asked<'a> {
    shelf: Shelf<'a>,
    view: View<'a>,
    span: Span,
    word: &'a str,
    standing: &'a Standing,
}

impl Asked<'_> {
    /// About the `${name}` of a string that the cursor is in.
    fn variable(&mut self, offset: usize) -> Option<Hover> {
        let text = self.view.text();
        let (start, end) = self.standing.word;
        let string = text.get(start..end).filter(|word| word.starts_with('"'))?;
        let from = start
            + string
                .get(..offset.saturating_sub(start) + 1)?
                .rfind("${")?;
        let to = from + text.get(from..end)?.find('}')? + 1;
        let name = text.get(from + 2..to - 1)?;
        if offset >= to || text[..from].ends_with('$') {
            return None;
        }
        let own = match name {
            "name" => Some("the machine's name"),
            "index" => Some("the machine's number in its block, from 1"),
            _ => None,
        };
        let markdown = match own {
            Some(what) => format!("`${{{name}}}`: {what}"),
            None => {
                let name = name.to_owned();
                about(&mut self.shelf, &Topic::Constant { name })?
            }
        };
        Some(Hover {
            span: self.view.span(from, to),
            markdown,
        })
    }

    /// The block around the word.
    fn parent(&self) -> Head {
        self.standing.around.last().cloned().unwrap_or_default()
    }

    /// About a setting of the block around the word.
    fn setting(&mut self, name: &str) -> Option<String> {
        let Head { kind, label, .. } = self.parent();
        let kind = match kind.as_str() {
            "" => crate::schema::TOP.to_owned(),
            _ => kind,
        };
        let topic = Topic::Setting {
            kind,
            label,
            name: name.to_owned(),
        };
        about(&mut self.shelf, &topic)
    }

    fn block(&mut self, kind: &str) -> Option<String> {
        let topic = Topic::Block {
            kind: kind.to_owned(),
        };
        about(&mut self.shelf, &topic)
    }

    /// A key or a kind.
    fn item(&mut self) -> Option<String> {
        let word = self.word;
        let is_head = matches!(
            self.standing.next,
            Some(Mark::Open | Mark::Word | Mark::Text)
        );
        let declared = self.shelf.declared(&self.standing.around);
        let open = declared
            .as_ref()
            .is_some_and(|one| one.block.open.is_some());
        if open && !is_head {
            return entry(&mut self.shelf, &self.standing.around, word).or_else(|| {
                let kind = self.parent().kind;
                self.block(&kind)
            });
        }
        let setting = |asked: &mut Self| asked.setting(word);
        match is_head {
            true => self.block(word).or_else(|| setting(self)),
            false => setting(self).or_else(|| self.block(word)),
        }
    }

    fn label(&mut self, kind: &str) -> Option<String> {
        let declared = self.shelf.block(kind, "")?;
        let found = match &declared.block.label {
            LabelRule::Reference(of) if declared.block.words.iter().any(|one| one == self.word) => {
                self.chosen(of)
            }
            LabelRule::Reference(of) => self.fact(of),
            LabelRule::Range => self.machines(),
            LabelRule::Typed(Type::Code) => {
                let topic = Topic::Code {
                    code: self.word.to_owned(),
                };
                about(&mut self.shelf, &topic)
            }
            LabelRule::Typed(_) if kind == "profile" => self.users_of_profile(),
            LabelRule::None | LabelRule::Typed(_) | LabelRule::Text => None,
        };
        found.or_else(|| self.block(kind))
    }

    fn fact(&mut self, of: &str) -> Option<String> {
        let topic = Topic::Fact {
            kind: of.to_owned(),
            name: self.word.to_owned(),
        };
        about(&mut self.shelf, &topic)
    }

    /// What pikc chose where the spec leaves the choice to it.
    fn chosen(&mut self, of: &str) -> Option<String> {
        let project = self.view.project;
        let said = project
            .analysis
            .diagnostics
            .iter()
            .find(|one| one.labels.iter().any(|label| label.span == self.span))?;
        let mut text = format!("`{}`: {}\n", self.word, said.message);
        for note in &said.notes {
            text.push_str(&format!("\n- {note}"));
        }
        let model = project.analysis.model.as_ref()?;
        let chosen = model.facts.cni.as_ref().filter(|_| of == "cni");
        if let Some(facts) = chosen {
            let name = facts.name.clone();
            let kind = of.to_owned();
            if let Some(more) = about(&mut self.shelf, &Topic::Fact { kind, name }) {
                text.push_str(&format!("\n\n{more}"));
            }
        }
        Some(text)
    }

    /// The machines that use the profile whose label this is.
    fn users_of_profile(&self) -> Option<String> {
        let project = self.view.project;
        let mut users = Vec::new();
        for (_, block) in project.blocks() {
            let named = super::inherited::asked(block);
            if let Some(label) = &block.label
                && named.iter().any(|name| name == self.word)
            {
                users.push(format!("{} {}", block.kind.value, project.text(label.span)));
            }
        }
        Some(match users.as_slice() {
            [] => format!("profile `{}`: nothing uses it", self.word),
            some => format!(
                "profile `{}` is used by {}",
                self.word,
                topic::ticked(some.iter().map(String::as_str))
            ),
        })
    }
}
