//! The words of docs/style.md: those in the left column of its table do not occur in any text that the table applies to.

use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The texts of the project. The pages of tests are among `tests`.
const ROOTS: &[&str] = &[
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs",
    "grammar",
    "fuzz/README.md",
    "benches",
    "examples",
    "stdlib",
    "src",
    "tests",
];

const PAGE: &str = "docs/style.md";
const HEAD: &str = "| not this | but this |";

/// Files with one of these endings are texts, and so are those without an ending (`tests/run`).
const ENDINGS: &[&str] = &["md", "rs", "pik", "j2", "pest", "py", "sh", "toml"];

/// Folders, and files, that the program writes: their words come from its sources. And what npm has installed.
const GENERATED: &[&str] = &["golden", "reports.md", "node_modules"];

/// Words that are names in these files: a system account, not a pronoun.
const NAMES: &[(&str, &str)] = &[
    ("stdlib/os/", "`nobody`"),
    ("tests/hostile/evil.py", "`nobody`"),
    ("tests/random/mutate/nodes.rs", "`nobody`"),
];

/// A row of the table: a word or a phrase in lower case, and what to write for it.
struct Entry {
    phrase: Vec<String>,
    instead: String,
}

/// The rows below the head of the table.
fn rows(page: &str) -> impl Iterator<Item = &str> {
    page.lines()
        .skip_while(|line| *line != HEAD)
        .skip(2)
        .take_while(|line| line.starts_with('|'))
}

fn table(page: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    for row in rows(page) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [left, right] = cells.as_slice() else {
            panic!("{PAGE}: a row has two cells: {row}");
        };
        for phrase in left.split(", ") {
            entries.push(Entry {
                phrase: phrase.split(' ').map(str::to_lowercase).collect(),
                instead: (*right).to_owned(),
            });
        }
    }
    entries
}

/// The text with everything outside `kept` (in order) blanked, so that each word keeps its line.
fn only(text: &str, kept: &[std::ops::Range<usize>]) -> String {
    let within = |at| {
        let next = kept.partition_point(|range| range.end <= at);
        kept.get(next).is_some_and(|range| range.start <= at)
    };
    text.char_indices()
        .map(|(at, c)| match c {
            '\n' => c,
            _ if within(at) => c,
            _ => ' ',
        })
        .collect()
}

/// The prose of a Markdown page: no code, no link targets, no HTML, not the table of words itself.
fn prose(text: &str) -> String {
    let mut text = text.to_owned();
    let own: Vec<String> = rows(&text).map(str::to_owned).collect();
    for row in own {
        text = text.replacen(&row, &" ".repeat(row.len()), 1);
    }
    let mut kept = Vec::new();
    let mut code = false;
    for (event, range) in Parser::new_ext(&text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code = true,
            Event::End(TagEnd::CodeBlock) => code = false,
            Event::Text(_) if !code => kept.push(range),
            _ => {}
        }
    }
    only(&text, &kept)
}

/// A source without text in backquotes, which is a name that someone else has chosen.
fn unquoted(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut pieces = line.split('`').peekable();
        let mut quoted = false;
        while let Some(piece) = pieces.next() {
            // A lone backquote opens nothing.
            let hidden = quoted && pieces.peek().is_some();
            out.push_str(if hidden { " x " } else { piece });
            quoted = !quoted;
        }
        out.push('\n');
    }
    out
}

/// The unreleased part of the changelog.
fn unreleased(text: &str) -> &str {
    let mut heads = text.match_indices("\n## [").map(|(at, _)| at);
    heads.nth(1).map_or(text, |end| &text[..end])
}

/// The words of a text in lower case, each with its line and the text between it and the one before. A piece of a path or of a
/// compound name is one word together with the rest of it.
fn words(text: &str) -> Vec<(usize, String, &str)> {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | '\'' | '’');
    let mut found = Vec::new();
    let (mut line, mut end) = (1, 0);
    for run in text.split(|c| !inside(c)).filter(|run| !run.is_empty()) {
        let begin = run.as_ptr() as usize - text.as_ptr() as usize;
        let between = &text[end..begin];
        line += between.matches('\n').count();
        let word = run.trim_matches(|c: char| !c.is_alphanumeric());
        let word = word
            .strip_suffix("'s")
            .or_else(|| word.strip_suffix("’s"))
            .unwrap_or(word);
        end = begin + run.len();
        if !word.is_empty() {
            found.push((line, word.to_lowercase(), between));
        }
    }
    found
}

/// Where a text has a word of the table: `line: word (write ...)`.
fn misses(text: &str, entries: &[Entry]) -> Vec<String> {
    let words = words(text);
    let mut found = Vec::new();
    for at in 0..words.len() {
        for entry in entries {
            let Some(here) = words.get(at..at + entry.phrase.len()) else {
                continue;
            };
            let same = here
                .iter()
                .zip(&entry.phrase)
                .all(|((_, word, _), wanted)| word == wanted);
            // Between the words of a phrase there is white space, or the start of the comment's next line.
            let gap = |c: char| c.is_whitespace() || matches!(c, '#' | '!');
            let joined = here
                .iter()
                .skip(1)
                .all(|(_, _, between)| between.chars().all(gap));
            if same && joined {
                let phrase = entry.phrase.join(" ");
                found.push(format!("{}: `{phrase}` ({})", here[0].0, entry.instead));
            }
        }
    }
    found
}

/// The texts below a root, in order.
fn texts(path: &Path, out: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(path)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        entries.sort();
        for entry in entries {
            let name = entry.file_name().expect("a name").to_string_lossy();
            if !GENERATED.contains(&name.as_ref()) {
                texts(&entry, out);
            }
        }
    } else if path
        .extension()
        .is_none_or(|ending| ENDINGS.iter().any(|known| ending == *known))
    {
        out.push(path.to_owned());
    }
}

/// What a file has of the table, each as `file:line: ...`.
fn misses_of_file(path: &Path, entries: &[Entry]) -> Vec<String> {
    let name = path.display();
    // A spec of the corpus is not UTF-8, on purpose.
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let text = String::from_utf8_lossy(&bytes);
    let markdown = path.extension().is_some_and(|ending| ending == "md");
    if markdown
        && text
            .lines()
            .take(5)
            .any(|line| line.starts_with("<!-- Made from"))
    {
        return Vec::new();
    }
    let text = match path.to_str() {
        Some("CHANGELOG.md") => prose(unreleased(&text)),
        _ if markdown => prose(&text),
        _ => unquoted(&text),
    };
    let is_name = |miss: &str| {
        NAMES
            .iter()
            .any(|(file, word)| name.to_string().starts_with(file) && miss.contains(word))
    };
    misses(&text, entries)
        .into_iter()
        .filter(|miss| !is_name(miss))
        .map(|miss| format!("{name}:{miss}"))
        .collect()
}

fn misses_of_roots() -> Vec<String> {
    let entries = table(&std::fs::read_to_string(PAGE).expect("the page"));
    assert!(entries.len() > 20, "{PAGE}: the table is missing");
    let mut files = Vec::new();
    for root in ROOTS {
        let before = files.len();
        texts(Path::new(root), &mut files);
        assert!(files.len() > before, "{root}: there is no text");
    }
    files
        .iter()
        .flat_map(|path| misses_of_file(path, &entries))
        .collect()
}

#[test]
fn no_text_has_a_word_that_we_do_not_write() {
    let found = misses_of_roots();
    assert!(found.is_empty(), "see {PAGE}:\n{}", found.join("\n"));
}

/// A page with its own table, so that this file has none of the real words.
const TRIAL: &str = "# Words\n\n| not this | but this |\n|---|---|\n| zork, zorks | walk |\n| goes zork | walks |\n\nAfter it.\n";

#[test]
fn a_word_of_the_table_is_found_in_prose_and_nowhere_else() {
    let entries = table(TRIAL);
    assert_eq!(entries.len(), 3);
    let of_page = |text: &str| misses(&prose(text), &entries);
    assert_eq!(
        of_page("One.\n\nIt Zorks here, a *zork*'s.\n"),
        ["3: `zorks` (walk)", "3: `zork` (walk)"]
    );
    assert_eq!(
        of_page("| a | b |\n|---|---|\n| it goes\n\nIt goes\nzork |\n"),
        ["5: `goes zork` (walks)", "6: `zork` (walk)"]
    );
    for fine in [
        TRIAL,
        "Write `zork`, or\n\n```\nzork\n```\n\n    zork\n",
        "[a link](zork.md), <!-- zork --> and zork-mode, a/zork, zork_it, zork.pik, zorkian.\n",
    ] {
        assert_eq!(of_page(fine), Vec::<String>::new(), "{fine}");
    }
}

#[test]
fn sources_are_read_with_their_names_but_without_backquotes() {
    let entries = table(TRIAL);
    let of_source = |text: &str| misses(&unquoted(text), &entries);
    assert_eq!(
        of_source("let a = 1; // it goes\n// zork\nlet zork = \"`zork` `\";\n# goes\n# zork\n"),
        [
            "1: `goes zork` (walks)",
            "2: `zork` (walk)",
            "3: `zork` (walk)",
            "4: `goes zork` (walks)",
            "5: `zork` (walk)"
        ]
    );
    assert_eq!(
        of_source("// the account `zork` and a_zork\n"),
        Vec::<String>::new()
    );
}

#[test]
fn released_changes_are_exempt() {
    let text = "# Changelog\n\n## [Unreleased]\n\n- zork\n\n## [0.1.0]\n\n- zork\n";
    let found = misses(&prose(unreleased(text)), &table(TRIAL));
    assert_eq!(found, ["5: `zork` (walk)"]);
    assert_eq!(
        unreleased("# Changelog\n\n## [Unreleased]\n"),
        "# Changelog\n\n## [Unreleased]\n"
    );
}
