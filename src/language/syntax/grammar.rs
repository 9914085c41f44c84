//! The two grammars of `grammar/`, run by pest, with their results as owned data. No pest type
//! leaves this file.

use pest::Parser;
use pest::iterators::{Pair, Pairs};

use super::tree::{Builder, SyntaxKind, Tree};

#[derive(pest_derive::Parser)]
#[grammar = "../../grammar/pik.pest"]
#[grammar = "../../grammar/recover.pest"]
struct Pik;

/// Reads a file that has no syntax error; `None` if it has one.
pub(super) fn strict(text: &str) -> Option<Tree> {
    let pairs = Pik::parse(Rule::file, text).ok()?;
    let mut builder = Builder::new();
    for file in pairs {
        add_all(file.into_inner(), &mut builder);
    }
    Some(builder.finish(text.len()))
}

fn add_all(pairs: Pairs<'_, Rule>, builder: &mut Builder) {
    for pair in pairs {
        add(pair, builder);
    }
}

fn add(pair: Pair<'_, Rule>, builder: &mut Builder) {
    let rule = pair.as_rule();
    let (start, end) = bounds(&pair);
    if let Some(kind) = node(rule) {
        builder.open(kind, start);
        add_all(pair.into_inner(), builder);
        builder.close();
    } else if let Some(kind) = leaf(rule) {
        builder.leaf(kind, start, end);
    }
}

fn bounds(pair: &Pair<'_, Rule>) -> (u32, u32) {
    let span = pair.as_span();
    let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
    (offset(span.start()), offset(span.end()))
}

fn node(rule: Rule) -> Option<SyntaxKind> {
    match rule {
        Rule::setting => Some(SyntaxKind::Setting),
        Rule::block => Some(SyntaxKind::Block),
        Rule::label => Some(SyntaxKind::Label),
        Rule::ranges => Some(SyntaxKind::Ranges),
        Rule::list => Some(SyntaxKind::List),
        _ => None,
    }
}

fn leaf(rule: Rule) -> Option<SyntaxKind> {
    match rule {
        Rule::word => Some(SyntaxKind::Word),
        Rule::text => Some(SyntaxKind::Text),
        Rule::long_text => Some(SyntaxKind::LongText),
        Rule::equals => Some(SyntaxKind::Equals),
        Rule::open => Some(SyntaxKind::Open),
        Rule::close => Some(SyntaxKind::Close),
        Rule::list_open => Some(SyntaxKind::ListOpen),
        Rule::list_close => Some(SyntaxKind::ListClose),
        Rule::comma => Some(SyntaxKind::Comma),
        Rule::comment => Some(SyntaxKind::Comment),
        Rule::newline => Some(SyntaxKind::Newline),
        Rule::bom => Some(SyntaxKind::Bom),
        _ => None,
    }
}

/// A piece of a damaged file: a leaf as in a valid one, or a malformed leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A leaf that a valid file could contain.
    Sound(SyntaxKind),
    /// `"...` that its line does not close.
    OpenText,
    /// `"""...` that the file does not close.
    OpenLongText,
    /// A string in quotes of another kind.
    ForeignText,
    /// What would be a bare word, except for one character in it.
    RoughWord,
}

/// A piece of a damaged file and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) shape: Shape,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// Splits any text into pieces, in order; what is between them is white space. `from` is where
/// `text` begins in its file.
pub(super) fn pieces(text: &str, from: u32) -> Vec<Piece> {
    // The grammar has a rule for every character, so it cannot fail; the tests run it on all
    // kinds of text. If it did fail, the file would be one unreadable piece.
    let Ok(pairs) = Pik::parse(Rule::pieces, text) else {
        return vec![Piece {
            shape: Shape::RoughWord,
            start: from,
            end: from + u32::try_from(text.len()).unwrap_or(0),
        }];
    };
    pairs
        .filter_map(|pair| {
            let (start, end) = bounds(&pair);
            Some(Piece {
                shape: shape(pair.as_rule())?,
                start: start + from,
                end: end + from,
            })
        })
        .collect()
}

fn shape(rule: Rule) -> Option<Shape> {
    match rule {
        Rule::open_text => Some(Shape::OpenText),
        Rule::open_long_text => Some(Shape::OpenLongText),
        Rule::foreign_text => Some(Shape::ForeignText),
        Rule::rough_word => Some(Shape::RoughWord),
        _ => leaf(rule).map(Shape::Sound),
    }
}
