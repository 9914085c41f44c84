//! What can be typed at a place: blocks, settings and values, in the order in which they are likely to be meant.

mod addresses;
mod items;
mod label;
mod map;
mod snippet;
mod values;

pub use snippet::{Part, Snippet};

pub(super) use items::settings_to_write;

use super::project::View;
use super::scan::Mark;
use super::shelf::{Declared, Shelf};
use super::standing::{Spot, Standing};
use super::topic::{Topic, constants};
use crate::source::Span;

/// One thing that can be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What the list shows, and what is compared with what has been typed.
    pub label: String,
    /// What kind of thing it is.
    pub kind: CompletionKind,
    /// A few words about it.
    pub detail: String,
    /// What [`documentation`](super::documentation) returns the text of, if there is one.
    pub topic: Option<Topic>,
    /// What is inserted.
    pub insert: Snippet,
    /// What the inserted text replaces: the word at the cursor.
    pub replace: Span,
    /// Its place in the list, as a text to sort by.
    pub sort: String,
}

/// What kind of thing a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompletionKind {
    /// A block.
    Block,
    /// A setting.
    Setting,
    /// A value of a list of words.
    Choice,
    /// Any other value.
    Value,
    /// Something of the library.
    Fact,
    /// A profile, a machine, an interface: a name that the spec defines.
    Name,
    /// A constant, or a variable of a string.
    Constant,
    /// A secret.
    Secret,
    /// A diagnostic code.
    Code,
    /// A file.
    File,
}

/// What can be typed at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// In order.
    pub items: Vec<Completion>,
    /// Whether there are more, so that an editor has to ask again when more has been typed.
    pub incomplete: bool,
}

/// How many completions a list has at most.
const MOST: usize = 300;

/// What can be typed at a byte of a file. `files` are the paths of other specs, relative to this one, for `use`.
pub fn complete(view: &View<'_>, offset: usize, files: &[String]) -> Completions {
    let text = view.text();
    let standing = Standing::at(text, offset);
    let quoted = text
        .get(standing.word.0..offset.min(text.len()))
        .is_some_and(|word| word.starts_with('"'));
    let mut asking = Asking {
        shelf: Shelf::new(view.project),
        view: *view,
        standing,
        offset: offset.min(text.len()),
        files,
    };
    let found = match quoted {
        true => asking.in_text(),
        false => asking.anywhere(),
    };
    asking.list(found)
}

/// Something to offer, before it has a place in the list.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    label: String,
    kind: CompletionKind,
    detail: String,
    topic: Option<Topic>,
    insert: Snippet,
}

impl Offer {
    fn new(label: impl Into<String>, kind: CompletionKind) -> Self {
        let label = label.into();
        Self {
            insert: Snippet::text(label.clone()),
            label,
            kind,
            detail: String::new(),
            topic: None,
        }
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    fn topic(mut self, topic: Topic) -> Self {
        self.topic = Some(topic);
        self
    }
}

/// A question: what can be typed here?
pub(super) struct Asking<'a> {
    shelf: Shelf<'a>,
    view: View<'a>,
    standing: Standing,
    offset: usize,
    files: &'a [String],
}

impl<'a> Asking<'a> {
    /// A question about a place that has been found already.
    pub(super) fn about(view: &View<'a>, standing: Standing, offset: usize) -> Self {
        Self {
            shelf: Shelf::new(view.project),
            view: *view,
            standing,
            offset,
            files: &[],
        }
    }

    /// What the innermost block can hold.
    pub(super) fn declared(&mut self) -> Option<Declared> {
        self.shelf.declared(&self.standing.around)
    }
}

impl Asking<'_> {
    fn anywhere(&mut self) -> Vec<Offer> {
        // What is inserted in front of something would make one thing of the two, or two where one is allowed.
        let before = matches!(
            self.standing.next,
            Some(Mark::Word | Mark::Text | Mark::LongText | Mark::ListOpen | Mark::Equals)
        );
        if before && self.standing.word.0 == self.standing.word.1 {
            return Vec::new();
        }
        match self.standing.spot.clone() {
            Spot::Nowhere => Vec::new(),
            Spot::Item => self.items(),
            Spot::Label(kind) => self.labels(&kind),
            Spot::Value { key, .. } => self.values(&key),
        }
    }

    /// Inside a string: variables, and the files of `use`.
    fn in_text(&mut self) -> Vec<Offer> {
        let text = self.view.text();
        let Spot::Value { key, .. } = self.standing.spot.clone() else {
            return Vec::new();
        };
        let (start, end) = self.standing.word;
        let before = text.get(start..self.offset).unwrap_or("");
        if let Some(at) = opened(before) {
            return self.variables(&key, start + at);
        }
        if key == "use" && self.standing.around.is_empty() {
            let closed = end > start + 1 && text[..end].ends_with('"');
            self.standing.word = (start + 1, if closed { end - 1 } else { end });
            let file = |path: &String| Offer::new(path, CompletionKind::File);
            return self.files.iter().map(file).collect();
        }
        Vec::new()
    }

    /// What `${` can be followed by; `from` is the byte after it.
    fn variables(&mut self, key: &str, from: usize) -> Vec<Offer> {
        let text = self.view.text();
        let rest = text.get(from..).unwrap_or("");
        let is_name = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_');
        let length = rest.len() - rest.trim_start_matches(is_name).len();
        let closed = rest[length..].starts_with('}');
        self.standing.word = (from, from + length);
        let around = self.standing.around.clone();
        let declared = self.shelf.declared(&around);
        let template = declared.is_some_and(|one| {
            let own = one.setting(key).is_some_and(|setting| setting.template);
            own || one.block.open.is_some() && one.block.template
        });
        let own: &[(&str, &str)] = match template {
            true => &[
                ("name", "the machine's name"),
                ("index", "the machine's number in its block, from 1"),
            ],
            false => &[],
        };
        let mut all: Vec<Offer> = own
            .iter()
            .map(|(name, detail)| Offer::new(*name, CompletionKind::Constant).detail(*detail))
            .collect();
        for (name, _, value) in constants(self.view.project) {
            let value = self.shelf.text(value).to_owned();
            // A list is not filled in.
            if !value.starts_with(['[', '$']) {
                let topic = Topic::Constant { name: name.clone() };
                let offer = Offer::new(name, CompletionKind::Constant).detail(value);
                all.push(offer.topic(topic));
            }
        }
        if !closed {
            for offer in &mut all {
                offer.insert = Snippet::text(format!("{}}}", offer.label));
            }
        }
        all
    }

    /// The list as it is shown: each label once, not too long.
    fn list(&self, offers: Vec<Offer>) -> Completions {
        let (start, end) = self.standing.word;
        let replace = self.view.span(start, end);
        let text = self.view.text();
        let typed = text.get(start..self.offset).unwrap_or("").to_lowercase();
        let mut known = std::collections::BTreeSet::new();
        let mut offers: Vec<Offer> = offers
            .into_iter()
            .filter(|offer| known.insert(offer.label.clone()))
            .collect();
        // What begins as what has been typed comes first; the order is otherwise kept.
        offers.sort_by_key(|offer| {
            let label = offer.label.to_lowercase();
            match label.find(&typed) {
                Some(0) => 0,
                Some(_) => 1,
                None => 2,
            }
        });
        let incomplete = offers.len() > MOST;
        offers.truncate(MOST);
        let item = |(place, offer): (usize, Offer)| Completion {
            label: offer.label,
            kind: offer.kind,
            detail: offer.detail,
            topic: offer.topic,
            insert: offer.insert,
            replace,
            sort: format!("{place:04}"),
        };
        Completions {
            items: offers.into_iter().enumerate().map(item).collect(),
            incomplete,
        }
    }
}

/// Where a `${` begins that the cursor is in, as the byte after it.
fn opened(before: &str) -> Option<usize> {
    let at = before.rfind("${")?;
    let is_name = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_');
    let name = &before[at + 2..];
    // `$${` is the two characters.
    let meant = !before[..at].ends_with('$');
    (meant && name.chars().all(is_name)).then_some(at + 2)
}
