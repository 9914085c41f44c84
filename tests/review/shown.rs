//! What the page shows, read from its HTML, and compared with the data: no line of any file, and no value of any node, is missing.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::reader::{Piece, pieces};
use super::{items, lines, text};

/// The lines of a file of the page: text, or where they are shown: the file, the first line, and how many.
enum Stretch {
    Text(Vec<String>),
    As(String, usize, usize),
}

/// The files of the page, each with its stretches by the number of their first line.
fn stretches(pieces: &[Piece]) -> BTreeMap<String, BTreeMap<usize, Stretch>> {
    let mut files: BTreeMap<String, BTreeMap<usize, Stretch>> = BTreeMap::new();
    let mut place: Option<(String, usize, bool)> = None;
    let (mut links, mut text_of) = (Vec::new(), String::new());
    let (mut in_number, mut not_shown) = (false, false);
    for piece in pieces {
        match piece {
            Piece::Start(name, at) if name == "p" => {
                let id = at.get("id").and_then(|id| id.split_once('-'));
                place = id.map(|(file, line)| {
                    let other = at.get("class").is_some_and(|class| class == "as");
                    (file.to_owned(), line.parse().expect("a number"), other)
                });
                (in_number, links) = (true, Vec::new());
                text_of.clear();
            }
            Piece::Start(name, at) if name == "a" => links.extend(at.get("href").cloned()),
            Piece::End(name) if name == "a" || name == "b" => in_number = false,
            Piece::Start(name, _) if name == "i" => not_shown = true,
            Piece::End(name) if name == "i" => not_shown = false,
            // Lines that are not shown are counted.
            Piece::Text(text) if not_shown => {
                text_of.push_str(&vec![text.as_str(); count(text)].join("\n"))
            }
            Piece::Text(text) if !in_number => text_of.push_str(text),
            Piece::End(name) if name == "p" => {
                let Some((file, line, other)) = place.take() else {
                    continue;
                };
                let stretch = if other {
                    let link = links.last().expect("a link").trim_start_matches('#');
                    let (there, first) = link.split_once('-').expect("a line");
                    let first = first.parse().expect("a number");
                    Stretch::As(there.to_owned(), first, number(&text_of))
                } else {
                    let text = text_of.strip_suffix('\n').expect("lines end");
                    Stretch::Text(text.split('\n').map(str::to_owned).collect())
                };
                let known = files.entry(file).or_default().insert(line, stretch);
                assert!(known.is_none(), "a line is there once");
            }
            _ => {}
        }
    }
    files
}

/// The number that a text begins with.
fn number(text: &str) -> usize {
    let word = text.split(' ').next().expect("a word");
    word.replace(',', "").parse().expect("a number")
}

/// How many lines this is put in place of.
fn count(text: &str) -> usize {
    let many = text
        .strip_prefix('(')
        .filter(|text| text.contains(" lines: "));
    many.map_or(1, number)
}

/// The files of the page with their lines; a value that differs by node is the first node's. What another file shows is found there.
fn on_page(pieces: &[Piece]) -> BTreeMap<String, Vec<String>> {
    let stretches = stretches(pieces);
    let here = |file: &str| -> BTreeMap<usize, &str> {
        let texts = stretches[file].iter().filter_map(|(first, one)| match one {
            Stretch::Text(lines) => Some((first, lines)),
            Stretch::As(..) => None,
        });
        texts
            .flat_map(|(first, lines)| {
                lines
                    .iter()
                    .enumerate()
                    .map(move |(at, line)| (first + at, line.as_str()))
            })
            .collect()
    };
    let lines = |parts: &BTreeMap<usize, Stretch>| {
        let mut lines = Vec::new();
        for (first, one) in parts {
            assert_eq!(*first, lines.len() + 1, "no line is left out");
            match one {
                Stretch::Text(text) => lines.extend(text.iter().cloned()),
                Stretch::As(file, from, count) => {
                    // The link leads to the line itself.
                    assert!(stretches[file].contains_key(from), "{file}-{from}");
                    let there = here(file);
                    lines.extend((*from..from + count).map(|line| there[&line].to_owned()));
                }
            }
        }
        lines
    };
    let files = stretches.iter();
    files
        .map(|(file, parts)| (file.clone(), lines(parts)))
        .collect()
}

/// The rows of the page's tables of nodes: by the row's place, its cells.
fn rows(pieces: &[Piece]) -> BTreeMap<String, Vec<String>> {
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut row, mut cell) = (None, None::<String>);
    for piece in pieces {
        match piece {
            Piece::Start(name, at) if name == "tr" => row = at.get("id").cloned(),
            Piece::Start(name, _) if name == "td" || name == "th" => cell = Some(String::new()),
            Piece::Text(text) => cell.iter_mut().for_each(|cell| cell.push_str(text)),
            Piece::End(name) if name == "td" || name == "th" => {
                if let (Some(row), Some(cell)) = (&row, cell.take()) {
                    rows.entry(row.clone()).or_default().push(cell);
                }
            }
            _ => {}
        }
    }
    rows
}

/// Compares the page with the data.
pub fn page_has(page: &str, data: &Json) {
    let pieces = pieces(page);
    let files = on_page(&pieces);
    for (index, file) in items(&data["files"]).iter().enumerate() {
        let found = files.get(&format!("f{index}")).cloned().unwrap_or_default();
        let wanted = lines(data, file, 0);
        assert_eq!(found.len(), wanted.len(), "{}", file["title"]);
        for (found, wanted) in found.iter().zip(wanted) {
            match wanted {
                Some(wanted) => assert_eq!(*found, wanted, "{}", file["title"]),
                None => assert!(found.starts_with('('), "{found}"),
            }
        }
    }
    let rows = rows(&pieces);
    for (table, one) in items(&data["tables"]).iter().enumerate() {
        for (row, node) in items(&one["nodes"]).iter().enumerate() {
            let columns = items(&one["columns"]).iter();
            let values = columns.map(|column| &column["values"][row]);
            let wanted: Vec<&str> = std::iter::once(node).chain(values).map(text).collect();
            assert_eq!(rows[&format!("t{table}-{row}")], wanted);
        }
    }
}
