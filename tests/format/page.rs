//! `layout.md`: a section for each rule, with texts before and after.

use pikc::format::format;

use super::{meaning, wrong};

/// The fences of a page, each with its heading and what is written after its backticks.
fn fences(page: &str) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    let (mut heading, mut open) = (String::new(), None);
    for line in page.lines() {
        match (&mut open, line.strip_prefix("````")) {
            (None, Some(tag)) => open = Some((tag.to_owned(), String::new())),
            (Some(_), Some(_)) => {
                found.extend(open.take().map(|(tag, text)| (heading.clone(), tag, text)));
            }
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {
                if let Some(words) = line.strip_prefix("## ") {
                    words.clone_into(&mut heading);
                }
            }
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    found
}

#[test]
fn each_rule_holds() {
    let page = include_str!("layout.md");
    let fences = fences(page);
    let mut failed = Vec::new();
    for pair in fences.chunks(2) {
        let [(heading, before, text), (_, after, expected)] = pair else {
            panic!("a text has no counterpart");
        };
        assert_eq!(
            (before.as_str(), after.as_str()),
            ("before", "after"),
            "{heading}"
        );
        // What cannot be seen on a page is written with a name.
        let text = text
            .replace("<tab>", "\t")
            .replace("<blank>", " ")
            .replace("<cr>", "\r");
        let new = format(&text);
        if new != *expected {
            failed.push(format!("## {heading}\n{new}"));
        }
        assert_eq!(meaning(&text), meaning(&new), "{heading}");
        failed.extend(wrong(&text));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(fences.len() > 40, "the page has lost its examples");
}

#[test]
fn an_empty_file_stays_empty_and_a_byte_order_mark_goes() {
    for (text, expected) in [
        ("", ""),
        ("\n\n  \n", ""),
        ("\u{feff}swap=on", "swap = on\n"),
        ("\u{feff}\u{feff}swap=on", "\u{feff}\u{feff}swap=on"),
    ] {
        assert_eq!(format(text), expected);
        assert_eq!(wrong(text), None);
    }
}
