//! Functions that are too long to read in one go.

use std::path::Path;

use super::sources;

/// The number of lines that a function may have.
const LIMITS: &[(&str, usize)] = &[("src/check", 60), ("src", 80)];

/// The functions of a formatted source: the line, the name, the number of lines.
fn functions(text: &str) -> Vec<(usize, String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(position) = words.iter().position(|word| *word == "fn") else {
            continue;
        };
        let qualifies = |word: &&str| {
            word.starts_with("pub")
                || ["const", "async", "in"].contains(word)
                || word.ends_with(')')
        };
        if !words[..position].iter().all(qualifies) {
            continue;
        }
        // rustfmt puts the last brace below the first letter of the first line.
        let own = indent(line);
        let last = lines[at..].iter().position(|line| {
            indent(line) == own && (line.trim() == "}" || line.ends_with("{}"))
                || indent(line) == own && line.ends_with(';')
        });
        let name = words.get(position + 1).unwrap_or(&"");
        let name = name.split(['(', '<']).next().unwrap_or_default();
        found.extend(last.map(|last| (at + 1, name.to_owned(), last + 1)));
    }
    found
}

#[test]
fn no_function_is_too_long() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in sources(Path::new("src")) {
        let limit = LIMITS.iter().find(|(folder, _)| path.starts_with(folder));
        let Some((_, limit)) = limit else { continue };
        let text = std::fs::read_to_string(&path).expect("a source");
        for (line, name, length) in functions(&text) {
            seen += 1;
            if length > *limit {
                wrong.push(format!(
                    "{}:{line}: {name} has {length} lines; the limit is {limit}",
                    path.display()
                ));
            }
        }
    }
    assert!(seen > 1000, "the test reads the wrong folder");
    assert!(wrong.is_empty(), "split them by what they do: {wrong:#?}");
}

#[test]
fn a_function_is_measured() {
    let text = "impl A {\n    pub(in crate::a) fn f<T>(\n        x: u8,\n    ) -> u8 {\n        if x {\n        }\n    }\n\n    fn g() {}\n}\n\nconst fn h() {\n    1;\n}\n// no fn here\ntype F = fn(u8);\n";
    let found = functions(text);
    assert_eq!(
        found,
        [
            (2, "f".to_owned(), 6),
            (9, "g".to_owned(), 1),
            (12, "h".to_owned(), 3)
        ]
    );
}
