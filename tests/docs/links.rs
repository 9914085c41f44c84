//! The manual's links: their targets exist, down to the heading, and the book has every page once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::pages;

/// Anchors and links of a page.
#[derive(Default)]
struct Page {
    anchors: BTreeSet<String>,
    links: Vec<String>,
}

fn read(text: &str) -> Page {
    let mut page = Page::default();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let slug = slug(&heading.take().unwrap_or_default());
                let mut unique = slug.clone();
                let mut count = 0;
                while page.anchors.contains(&unique) {
                    count += 1;
                    unique = format!("{slug}-{count}");
                }
                page.anchors.insert(unique);
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                page.links.push(dest_url.into_string());
            }
            _ => {}
        }
    }
    page
}

/// The anchor of a heading, as GitHub and mdBook derive it.
fn slug(heading: &str) -> String {
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            c => c.is_alphanumeric().then_some(c),
        })
        .collect()
}

/// What is wrong with the links of a page.
fn dead(name: &str, text: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join(name);
    let folder = folder.parent().expect("a parent");
    let own = read(text);
    let mut found = Vec::new();
    for link in &own.links {
        if link.contains("://") {
            continue;
        }
        let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
        let target = folder.join(path);
        if !target.exists() {
            found.push(format!("{name} links to {link}, which does not exist"));
        } else if !anchor.is_empty() {
            let other = match path {
                "" => None,
                _ => std::fs::read_to_string(&target).ok(),
            };
            let anchors = other.map_or_else(|| own.anchors.clone(), |text| read(&text).anchors);
            if !anchors.contains(anchor) {
                found.push(format!("{name} links to {link}: no such heading"));
            }
        }
    }
    found
}

#[test]
fn links_have_targets() {
    let found: Vec<String> = pages()
        .iter()
        .flat_map(|(name, text)| dead(name, text))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_dead_link_is_noticed() {
    let page = "# A `b`, c\n\n[1](#a-b-c) [2](style.md#voice) [3](#d) [4](none.md) [5](style.md#none)\n\n```\n[6](in-a-block.md)\n```\n";
    let found = dead("docs/x.md", page);
    let said: Vec<bool> = ["#d", "none.md", "style.md#none"]
        .iter()
        .map(|link| found.iter().any(|one| one.contains(link)))
        .collect();
    assert_eq!((said, found.len()), (vec![true; 3], 3), "{found:?}");
}

#[test]
fn the_book_has_every_page_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let summary = std::fs::read_to_string(root.join("docs/SUMMARY.md")).expect("the summary");
    let mut listed: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for link in read(&summary).links {
        *listed.entry(Path::new("docs").join(link)).or_default() += 1;
    }
    for (name, _) in pages() {
        let expected = usize::from(name.starts_with("docs/") && name != "docs/SUMMARY.md");
        let times = listed.remove(Path::new(&name)).unwrap_or(0);
        assert_eq!(
            times, expected,
            "docs/SUMMARY.md lists {name} {times} times"
        );
    }
    assert!(listed.is_empty(), "no such pages: {listed:?}");
}
