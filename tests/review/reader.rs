//! A strict reader of the page, independent of what writes it: elements that nest, attributes, and text with its entities decoded.

use std::collections::BTreeMap;

/// A start tag, an end tag, or text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Start(String, BTreeMap<String, String>),
    End(String),
    Text(String),
}

/// Elements that have no end tag, and those whose content is not HTML.
const VOID: &[&str] = &["meta", "br", "input"];
const RAW: &[&str] = &["style", "script"];

/// Elements whose end tag may be left out, each with what ends it; the end of what is around it does, too.
const ENDED: &[(&str, &[&str])] = &[
    ("p", &["p", "div"]),
    ("li", &["li"]),
    ("dt", &["dd", "dt"]),
    ("dd", &["dt", "dd"]),
    ("td", &["td", "th", "tr"]),
    ("th", &["td", "th", "tr"]),
    ("tr", &["tr"]),
];

/// The elements that are over before a start tag, or before the end tag of another, the innermost first.
fn over(open: &mut Vec<String>, out: &mut Vec<Piece>, ends: impl Fn(&str, &[&str]) -> bool) {
    while let Some(last) = open.last() {
        let known = ENDED.iter().find(|(name, _)| name == last);
        if !known.is_some_and(|(name, by)| ends(name, by)) {
            break;
        }
        out.extend(open.pop().map(Piece::End));
    }
}

/// The pieces of a page; panics with a sentence if it is not well-formed.
pub fn pieces(page: &str) -> Vec<Piece> {
    let mut rest = page.strip_prefix("<!doctype html>").expect("a doctype");
    let mut open: Vec<String> = Vec::new();
    let mut out = Vec::new();
    while !rest.is_empty() {
        let at = rest.find('<').unwrap_or(rest.len());
        let (text, more) = rest.split_at(at);
        if !text.is_empty() {
            out.push(Piece::Text(decoded(text)));
        }
        rest = more;
        if let Some(more) = rest.strip_prefix("</") {
            let (name, more) = more.split_once('>').expect("an end tag has an end");
            over(&mut open, &mut out, |one, _| one != name);
            assert_eq!(open.pop().as_deref(), Some(name), "elements nest");
            out.push(Piece::End(name.to_owned()));
            rest = more;
        } else if let Some(more) = rest.strip_prefix('<') {
            let (name, attributes, more) = start(more);
            over(&mut open, &mut out, |_, by| by.contains(&name.as_str()));
            if !VOID.contains(&name.as_str()) && !name.ends_with('/') {
                open.push(name.clone());
            }
            out.push(Piece::Start(name.clone(), attributes));
            rest = more;
            if RAW.contains(&name.as_str()) {
                let end = format!("</{name}>");
                let at = rest.find(&end).expect("raw text ends");
                out.push(Piece::Text(rest[..at].to_owned()));
                rest = &rest[at..];
            }
        }
    }
    assert!(open.is_empty(), "these have no end: {open:?}");
    out
}

/// The name and the attributes of a start tag, and what follows it. An empty element ends with `/`, which stays in its name.
fn start(text: &str) -> (String, BTreeMap<String, String>, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric())
        .expect("a tag goes on");
    let mut name = text[..end].to_owned();
    assert!(
        !name.is_empty(),
        "a stray < before {:?}",
        &text[..text.len().min(40)]
    );
    let mut rest = &text[end..];
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if let Some(more) = rest.strip_prefix('>') {
            return (name, attributes, more);
        }
        if let Some(more) = rest.strip_prefix("/>") {
            name.push('/');
            return (name, attributes, more);
        }
        let end = rest.find(['=', '>', ' ']).expect("an attribute ends");
        let key = rest[..end].to_owned();
        assert!(
            !key.is_empty() && !key.starts_with("on"),
            "a stray attribute {key:?}"
        );
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(more) = rest.strip_prefix("=\"") {
            let (text, more) = more.split_once('"').expect("a value ends");
            value = decoded(text);
            rest = more;
        } else if let Some(more) = rest.strip_prefix('=') {
            // A value without quotation marks is one of pikc's own words.
            let own = |c: char| c.is_ascii_alphanumeric() || "#-_".contains(c);
            let end = more.find(|c: char| !own(c)).expect("a value ends");
            assert!(
                end > 0 && more[end..].starts_with([' ', '>']),
                "a stray value {:?}",
                &more[..more.len().min(40)]
            );
            value = more[..end].to_owned();
            rest = &more[end..];
        }
        assert_eq!(
            attributes.insert(key, value),
            None,
            "an attribute is there once"
        );
    }
}

fn decoded(text: &str) -> String {
    assert!(
        text.match_indices('&').all(|(at, _)| {
            let known = ["&lt;", "&amp;", "& ", "&&", "&\n"];
            known.iter().any(|begin| text[at..].starts_with(begin))
        }),
        "only two entities are used"
    );
    text.replace("&lt;", "<").replace("&amp;", "&")
}
