//! Runs the pages of `grammar/`: their blocks of pik are what they claim to be.

use pikc::ast;
use pikc::source::Sources;
use pikc::syntax;

/// What a comment expects: the line, the code and part of the message.
type Expected = (usize, String, String);

/// The blocks of a page that are tagged `pik`, each with the line on which it begins.
fn blocks(page: &str) -> Vec<(usize, String)> {
    let mut out: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    let mut ours = false;
    for (index, line) in page.lines().enumerate() {
        if let Some(tag) = line.strip_prefix("```") {
            inside = !inside;
            ours = inside && tag == "pik";
            if ours {
                out.push((index + 2, String::new()));
            }
        } else if ours && let Some((_, text)) = out.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    out
}

/// The expectations in a block. A comment on a line of its own refers to the line above.
fn expected(text: &str) -> Vec<Expected> {
    let mut out = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some((before, said)) = line.split_once("#! ") else {
            continue;
        };
        let alone = before.trim().is_empty();
        let (code, part) = said.split_once(": ").unwrap_or((said, ""));
        out.push((
            index + usize::from(!alone),
            code.to_owned(),
            part.to_owned(),
        ));
    }
    out
}

#[test]
fn the_pages_are_true() {
    let pages = [
        ("README.md", include_str!("../grammar/README.md")),
        ("examples.md", include_str!("../grammar/examples.md")),
    ];
    let mut wrong = Vec::new();
    for (name, page) in pages {
        let blocks = blocks(page);
        assert!(blocks.len() > 4, "{name} has lost its examples");
        for (line, text) in blocks {
            for mistake in compare(&text) {
                wrong.push(format!("grammar/{name}:{line}: {mistake}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn compare(text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let file = sources.add("page.pik", text);
    let parsed = syntax::parse(file, text);
    let mut problems = parsed.problems;
    ast::lower(&parsed.tree, file, text, &mut problems);
    let mut expected = expected(text);
    let mut wrong = Vec::new();
    for problem in problems.iter() {
        let line = problem.span().map_or(0, |span| sources.start(span).line);
        let found = expected.iter().position(|(at, code, part)| {
            *at == line && code == problem.descriptor.code && problem.message.contains(part)
        });
        match found {
            Some(index) => drop(expected.remove(index)),
            None => wrong.push(format!(
                "not expected, on its line {line}: {}: {}",
                problem.descriptor.code, problem.message
            )),
        }
    }
    let missing = expected.iter().map(|(line, code, part)| {
        format!("expected, not found, on its line {line}: {code}: {part}")
    });
    wrong.extend(missing);
    wrong
}
