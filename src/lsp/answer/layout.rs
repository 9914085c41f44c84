//! What a document is made of: symbols, folds, selections, colours, links, remarks.

use serde::Deserialize;
use serde_json::{Value, json};

use super::ask::{Answer, Ask, Focus};
use super::commands;
use crate::editor::{
    self, Entry, FoldKind, LensCommand, LinkTarget, Modifiers, OutlineKind, TokenKind,
};
use crate::lsp::protocol::{Document, OfDocument, Position, Range};
use crate::lsp::uri;

/// The protocol's number for what an entry is.
fn kind(kind: OutlineKind) -> u8 {
    match kind {
        OutlineKind::Cluster => 2, // module
        OutlineKind::Node => 19,   // object
        OutlineKind::Profile => 5, // class
        OutlineKind::Constant => 14,
        OutlineKind::Block => 3,   // namespace
        OutlineKind::Setting => 7, // property
    }
}

/// `textDocument/documentSymbol`
pub(super) fn symbols(ask: &mut Ask<'_>) -> Answer {
    let OfDocument { text_document } = ask.params()?;
    let Some(focus) = ask.focus(&text_document.uri) else {
        return Ok(Value::Null);
    };
    let entries = editor::outline(&focus.view);
    if !ask.known.trees {
        let mut flat = Vec::new();
        flatten(&focus, &entries, "", &mut flat);
        return Ok(json!(flat));
    }
    let all: Vec<Value> = entries.iter().map(|entry| symbol(&focus, entry)).collect();
    Ok(json!(all))
}

fn symbol(focus: &Focus<'_>, entry: &Entry) -> Value {
    let inner = entry.children.iter().map(|child| symbol(focus, child));
    json!({
        "name": entry.name,
        "detail": entry.detail,
        "kind": kind(entry.kind),
        "range": focus.places.range(entry.whole),
        "selectionRange": focus.places.range(entry.head),
        "children": inner.collect::<Vec<_>>(),
    })
}

/// For editors that know lists only.
fn flatten(focus: &Focus<'_>, entries: &[Entry], within: &str, out: &mut Vec<Value>) {
    for entry in entries {
        out.push(json!({
            "name": entry.name,
            "kind": kind(entry.kind),
            "location": focus.places.location(entry.whole),
            "containerName": within,
        }));
        flatten(focus, &entry.children, &entry.name, out);
    }
}

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    query: String,
}

/// `workspace/symbol`
pub(super) fn search(ask: &mut Ask<'_>) -> Answer {
    let Query { query } = ask.params()?;
    let mut all: Vec<Value> = Vec::new();
    for (_, project) in ask.workspace.all() {
        let places = ask.workspace.places(&project.analysis);
        for found in editor::search(project, &query) {
            let one = json!({
                "name": found.name,
                "kind": kind(found.kind),
                "location": places.location(found.head),
                "containerName": found.within,
            });
            // A file that several specs use is found in each.
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    Ok(json!(all))
}

/// `textDocument/foldingRange`
pub(super) fn folds(ask: &mut Ask<'_>) -> Answer {
    let OfDocument { text_document } = ask.params()?;
    let Some(focus) = ask.focus(&text_document.uri) else {
        return Ok(Value::Null);
    };
    let fold = |fold: &editor::Fold| {
        let range = focus.places.range(fold.span);
        let (kind, end) = match fold.kind {
            FoldKind::Comment => ("comment", range.end.line),
            // The line of the closing mark stays visible.
            FoldKind::Region => ("region", range.end.line.saturating_sub(1)),
        };
        (range.start.line < end)
            .then(|| json!({"startLine": range.start.line, "endLine": end, "kind": kind}))
    };
    let all: Vec<Value> = editor::folds(&focus.view).iter().filter_map(fold).collect();
    Ok(json!(all))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Positions {
    text_document: Document,
    positions: Vec<Position>,
}

/// `textDocument/selectionRange`
pub(super) fn selections(ask: &mut Ask<'_>) -> Answer {
    let params: Positions = ask.params()?;
    let Some(focus) = ask.focus(&params.text_document.uri) else {
        return Ok(Value::Null);
    };
    let around = |position: &Position| {
        let offset = focus.offset(*position);
        let all = editor::selections(&focus.view, offset);
        // The innermost comes first, and each names the one around it.
        let outer = all.iter().rev().fold(Value::Null, |outer, span| {
            let range = focus.places.range(*span);
            match outer {
                Value::Null => json!({"range": range}),
                outer => json!({"range": range, "parent": outer}),
            }
        });
        match outer {
            Value::Null => json!({"range": {"start": position, "end": position}}),
            found => found,
        }
    };
    Ok(json!(
        params.positions.iter().map(around).collect::<Vec<_>>()
    ))
}

/// The types of words, as the numbers in answers count them.
pub(in crate::lsp) const TOKEN_TYPES: &[&str] = &[
    "keyword",
    "class",
    "number",
    "property",
    "enumMember",
    "type",
    "macro",
    "variable",
    "string",
    "parameter",
    "comment",
];

/// What else can be true of a word, a bit each.
pub(in crate::lsp) const TOKEN_MODIFIERS: &[&str] =
    &["definition", "readonly", "defaultLibrary", "deprecated"];

fn token_type(kind: TokenKind) -> u32 {
    match kind {
        TokenKind::Kind => 0,
        TokenKind::Label => 1,
        TokenKind::Number | TokenKind::Address => 2,
        TokenKind::Key => 3,
        TokenKind::Boolean | TokenKind::Choice => 4,
        TokenKind::Reference => 5,
        TokenKind::Secret => 6,
        TokenKind::Constant => 7,
        TokenKind::Text => 8,
        TokenKind::Variable => 9,
        TokenKind::Comment => 10,
    }
}

fn bits(modifiers: Modifiers) -> u32 {
    let all = [
        modifiers.definition,
        modifiers.readonly,
        modifiers.library,
        modifiers.deprecated,
    ];
    let bit = |(at, set): (usize, bool)| u32::from(set) << at;
    all.into_iter().enumerate().map(bit).sum()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Piece {
    text_document: Document,
    #[serde(default)]
    range: Option<Range>,
}

/// `textDocument/semanticTokens/full` and `textDocument/semanticTokens/range`
pub(super) fn tokens(ask: &mut Ask<'_>) -> Answer {
    let params: Piece = ask.params()?;
    let Some(focus) = ask.focus(&params.text_document.uri) else {
        return Ok(Value::Null);
    };
    let within = params.range.map(|range| focus.bytes(range));
    let mut data: Vec<u32> = Vec::new();
    let mut last = Position::default();
    for token in editor::tokens(&focus.view) {
        let (start, end) = (token.span.start as usize, token.span.end as usize);
        if within.is_some_and(|(from, to)| end <= from || to <= start) {
            continue;
        }
        let range = focus.places.range(token.span);
        let column = match range.start.line == last.line {
            true => range.start.character - last.character,
            false => range.start.character,
        };
        data.extend([
            range.start.line - last.line,
            column,
            range.end.character - range.start.character,
            token_type(token.kind),
            bits(token.modifiers),
        ]);
        last = range.start;
    }
    Ok(json!({"data": data}))
}

/// `textDocument/documentLink`
pub(super) fn links(ask: &mut Ask<'_>) -> Answer {
    let OfDocument { text_document } = ask.params()?;
    let Some(focus) = ask.focus(&text_document.uri) else {
        return Ok(Value::Null);
    };
    let link = |link: &editor::Link| {
        let (target, tooltip) = match &link.to {
            LinkTarget::File(name) => (ask.workspace.address_of(name.as_str().into()), None),
            LinkTarget::Web(address) => (address.clone(), None),
            // Where it is explained; an editor that cannot show that gets the source of the explanation.
            LinkTarget::Code(code) if ask.known.contents => {
                (uri::explanation(code.code), Some(code.title))
            }
            LinkTarget::Code(code) => (code.url()?, Some(code.title)),
        };
        let mut one = json!({"range": focus.places.range(link.span), "target": target});
        if let Some(tooltip) = tooltip {
            one["tooltip"] = json!(tooltip);
        }
        Some(one)
    };
    let all = editor::links(&focus.view);
    Ok(json!(all.iter().filter_map(link).collect::<Vec<_>>()))
}

/// `textDocument/inlayHint`
pub(super) fn hints(ask: &mut Ask<'_>) -> Answer {
    let params: Piece = ask.params()?;
    let Some(focus) = ask.focus(&params.text_document.uri) else {
        return Ok(Value::Null);
    };
    let within = params.range.map(|range| focus.bytes(range));
    let mut all = Vec::new();
    for hint in editor::hints(&focus.view) {
        let at = hint.place.start as usize;
        if within.is_some_and(|(from, to)| at < from || to < at) {
            continue;
        }
        let mut one = json!({
            "position": focus.places.range(hint.place).start,
            "label": hint.text,
            "paddingLeft": true,
        });
        if !hint.details.is_empty() {
            one["tooltip"] = json!(hint.details.join("\n"));
        }
        all.push(one);
    }
    Ok(json!(all))
}

/// `textDocument/codeLens`
pub(super) fn lenses(ask: &mut Ask<'_>) -> Answer {
    let OfDocument { text_document } = ask.params()?;
    let Some(focus) = ask.focus(&text_document.uri) else {
        return Ok(Value::Null);
    };
    let lens = |lens: &editor::Lens| {
        let address = || focus.places.address(lens.head.file);
        let command = match lens.command {
            LensCommand::Compile => json!({
                "title": lens.title,
                "command": commands::COMPILE,
                "arguments": [address()],
            }),
            LensCommand::Why(span) => json!({
                "title": lens.title,
                "command": commands::WHY,
                "arguments": [
                    address(),
                    focus.places.range(span).start,
                    focus.places.range(span),
                ],
            }),
            LensCommand::None => json!({"title": lens.title, "command": ""}),
        };
        json!({"range": focus.places.range(lens.head), "command": command})
    };
    let all = editor::lenses(&focus.view);
    Ok(json!(all.iter().map(lens).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_words_are_those_of_the_list() {
        assert_eq!(
            TOKEN_TYPES[token_type(TokenKind::Comment) as usize],
            "comment"
        );
        assert_eq!(TOKEN_TYPES[token_type(TokenKind::Key) as usize], "property");
        let all = Modifiers {
            definition: false,
            readonly: true,
            library: false,
            deprecated: true,
        };
        assert_eq!(bits(all), 0b1010);
        assert_eq!(TOKEN_MODIFIERS.len(), 4);
    }
}
