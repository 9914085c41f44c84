//! The pipelines in docs/ci.md are the files in examples/ci. `PIKC_BLESS=1` writes them into the page again.

use super::{fences, pages};
use crate::support::bless::{blessing, same};

#[test]
fn the_page_shows_the_files() {
    let (name, text) = pages()
        .into_iter()
        .find(|(name, _)| name == "docs/ci.md")
        .expect("the page");
    let mut page = text.clone();
    let mut seen = 0;
    for fence in fences(&text) {
        if fence.tag != "yaml" {
            continue;
        }
        // The first heading above a block names its service, and the file is named like it.
        let above: Vec<&str> = text.lines().take(fence.line - 1).collect();
        let heading = above.iter().rev().find_map(|line| line.strip_prefix("## "));
        let file = heading.expect("a heading").to_lowercase();
        let file = format!("{}/examples/ci/{file}.yml", env!("CARGO_MANIFEST_DIR"));
        let shown =
            std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        seen += 1;
        if blessing() {
            page = page.replacen(&fence.text, &shown, 1);
        } else {
            assert_eq!(fence.text, shown, "{name}:{}: not {file}", fence.line);
        }
    }
    assert_eq!(seen, 2, "one block for each service");
    if blessing() {
        same(&name, &page);
    }
}
