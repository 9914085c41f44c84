//! The commands in the manual's blocks are run: they must print what is shown below each.
//!
//! A ```` ```console ```` block holds `$ command` lines, each followed by its output (both streams).
//! A line `...` in it stands for any number of lines. All blocks of a page run in one
//! folder that holds a copy of examples/, and the page's own specs (```` ```pik NAME.pik ````). `PIKC_BLESS=1` writes the outputs again (and keeps blocks
//! with a `...` as they are).

use std::path::Path;

use super::{fences, pages};
use crate::support::bless::{blessing, same};
use crate::support::{Folder, PIKC};

#[test]
fn commands_print_what_the_manual_says() {
    for (name, text) in pages() {
        let folder = Folder::new(&[]);
        let script = format!(
            "mkdir bin && ln -s '{PIKC}' bin/pikc && cp -r '{}/examples' .",
            env!("CARGO_MANIFEST_DIR")
        );
        assert_eq!(folder.shell(&script).status, 0);
        let mut page = text.clone();
        for fence in fences(&text) {
            if let Some(file) = super::file_of(&fence.tag) {
                folder.text(file, &fence.text);
            }
            if fence.tag != "console" {
                continue;
            }
            let made = run(&folder, &fence.text);
            if alike(&fence.text, &made) {
                continue;
            }
            assert!(
                blessing() && !fence.text.lines().any(|line| line == "..."),
                "{name}:{}: the commands print something different:\n{made}",
                fence.line
            );
            page = page.replacen(&fence.text, &made, 1);
        }
        if blessing() && page != text {
            same(&name, &page);
        }
    }
}

fn run(folder: &Folder, block: &str) -> String {
    run_from(folder, "", block)
}

/// Runs the commands of a block, each after `from`, and returns them with their outputs.
pub(super) fn run_from(folder: &Folder, from: &str, block: &str) -> String {
    let mut made = String::new();
    for line in block.lines() {
        let Some(command) = line.strip_prefix("$ ") else {
            continue;
        };
        let path = folder.path().join("bin");
        let run = folder.shell(&format!(
            "export PATH={}:$PATH COLUMNS=100; {from}({command}) 2>&1",
            shown(&path)
        ));
        made.push_str(line);
        made.push('\n');
        made.push_str(&run.out);
        if !run.out.is_empty() && !run.out.ends_with('\n') {
            made.push('\n');
        }
    }
    made
}

fn shown(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// Whether the two are the same; a `...` line matches anything.
fn alike(said: &str, made: &str) -> bool {
    let made: Vec<&str> = made.lines().collect();
    let mut at = 0;
    let mut any = false;
    for line in said.lines() {
        if line == "..." {
            any = true;
            continue;
        }
        let found = if any {
            made[at..].iter().position(|one| *one == line)
        } else {
            (made.get(at) == Some(&line)).then_some(0)
        };
        match found {
            Some(skipped) => at += skipped + 1,
            None => return false,
        }
        any = false;
    }
    any || at == made.len()
}

#[test]
fn three_dots_match_any_lines() {
    assert!(alike("$ a\n1\n...\n4\n", "$ a\n1\n2\n3\n4\n"));
    assert!(alike("$ a\n...\n", "$ a\n1\n"));
    assert!(!alike("$ a\n...\n5\n", "$ a\n1\n"));
    assert!(!alike("$ a\n", "$ a\n1\n"));
}
