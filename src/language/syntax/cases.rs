//! Every mistake by example: its code, its exact place, and that the offered edit fixes it.
//!
//! In the texts, `⟦` and `⟧` enclose what the report must underline first.

use crate::diagnostic::{Diagnostic, Fix};
use crate::source::FileId;
use crate::syntax::{SyntaxKind, SyntaxNode, parse};

const FILE: FileId = FileId(0);

/// Removes the marks: the text, and the places between them.
fn unmark(marked: &str) -> (String, Vec<(usize, usize)>) {
    let mut text = String::new();
    let mut places = Vec::new();
    let mut start = 0;
    for character in marked.chars() {
        match character {
            '⟦' => start = text.len(),
            '⟧' => places.push((start, text.len())),
            other => text.push(other),
        }
    }
    (text, places)
}

fn problems(text: &str) -> Vec<Diagnostic> {
    parse(FILE, text).problems.iter().cloned().collect()
}

/// The text after a fix.
fn fixed(text: &str, fix: &Fix) -> String {
    let mut edits = fix.edits.clone();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    let mut out = text.to_owned();
    for edit in edits {
        out.replace_range(
            edit.span.start as usize..edit.span.end as usize,
            &edit.replacement,
        );
    }
    out
}

/// Checks that there is one mistake, at the marked place, with this code, and that its certain fix results in `after`.
#[track_caller]
fn one(code: &str, marked: &str, after: Option<&str>) {
    let (text, places) = unmark(marked);
    let found = problems(&text);
    let shown: Vec<_> = found
        .iter()
        .map(|problem| (problem.descriptor.code, &problem.message))
        .collect();
    assert_eq!(found.len(), places.len(), "{shown:?} in {text:?}");
    for (problem, place) in found.iter().zip(&places) {
        assert_eq!(problem.descriptor.code, code, "{shown:?} in {text:?}");
        let span = problem.span().unwrap();
        assert_eq!(
            (span.start as usize, span.end as usize),
            *place,
            "{shown:?} in {text:?}"
        );
        assert!(!problem.help_text().is_empty());
    }
    if let [problem] = found.as_slice() {
        let certain = problem.certain_fix().map(|fix| fixed(&text, fix));
        assert_eq!(certain.as_deref(), after, "the fix of {shown:?}");
        for fix in &problem.fixes {
            let fixed = fixed(&text, fix);
            assert!(problems(&fixed).is_empty(), "still wrong: {fixed:?}");
        }
    }
}

#[test]
fn signs() {
    let code = "syntax/missing-equals";
    one(code, "pods⟦:⟧ 10.0.0.0/16\n", Some("pods = 10.0.0.0/16\n"));
    one(code, "pods ⟦:⟧ 1", Some("pods = 1"));
    one(code, "pods ⟦:⟧= 1", Some("pods = 1"));
    one(
        code,
        "# é\npods⟦⟧ 10.0.0.0/16\n",
        Some("# é\npods = 10.0.0.0/16\n"),
    );
    one(code, "dns⟦⟧ [a, b]", Some("dns = [a, b]"));
    one(code, "⟦swap⟧\n", None);
    one(code, "a { ⟦swap⟧ }\n", None);
    one(code, "network⟦:⟧\n  a = 1\n", None);
    one(code, "this⟦⟧ is prose, not a spec\n", None);
}

#[test]
fn values() {
    let code = "syntax/missing-value";
    one(code, "a ⟦=⟧\nb = 1\n", None);
    one(code, "a ⟦=⟧", None);
    one(code, "x { a ⟦=⟧ }", None);
    one(code, "x { a ⟦=⟧, b = 1 }", None);
    one(code, "a ⟦=⟧ # f00\n", None);
    one(code, "a ⟦=⟧\n  1\n", Some("a = 1\n"));
    one(code, "a = ⟦=⟧ 1\n", Some("a =  1\n"));
    let code = "syntax/several-values";
    one(code, "dns = a, ⟦b⟧\n", Some("dns = [a, b]\n"));
    one(
        code,
        "x { dns = a, ⟦b⟧, c, d = 1 }\n",
        Some("x { dns = [a, b, c], d = 1 }\n"),
    );
    one(code, "title = my ⟦home⟧ lab\n", None);
    one(code, "a = b ⟦=⟧ c\n", None);
    one(code, "a = \"x\"⟦y⟧\n", None);
}

#[test]
fn lines() {
    let code = "syntax/two-on-one-line";
    one(code, "a = 1 ⟦b⟧ = 2\n", Some("a = 1\nb = 2\n"));
    one(
        code,
        "x {\n  a = 1, ⟦b⟧ = 2\n}\n",
        Some("x {\n  a = 1\n  b = 2\n}\n"),
    );
    one(code, "x { a = 1 ⟦b⟧ = 2 }\n", Some("x { a = 1, b = 2 }\n"));
    one(code, "x {} ⟦y⟧ {}\n", Some("x {}\ny {}\n"));
    one(
        code,
        "x { ⟦a⟧ = 1\n  b = 2\n}\n",
        Some("x {\n  a = 1\n  b = 2\n}\n"),
    );
    one(code, "x { ⟦a⟧ = 1, c = 1\n  b = 2\n}\n", None);
    let code = "syntax/extra-comma";
    one(code, "a = 1⟦,⟧\n", Some("a = 1\n"));
    one(code, "a = 1⟦,⟧ # c\n", Some("a = 1 # c\n"));
    one(code, "⟦,⟧\n", Some("\n"));
    one(code, "x { a = 1,⟦,⟧ }\n", Some("x { a = 1, }\n"));
    one(code, "a = [⟦,⟧ 1]\n", Some("a = [ 1]\n"));
    one(code, "a = [1,⟦,⟧ 2]\n", Some("a = [1, 2]\n"));
}

#[test]
fn what_is_neither() {
    let code = "syntax/unexpected";
    one(code, "⟦=⟧ 5\n", None);
    one(code, "⟦[⟧section]\n", None);
    one(
        code,
        "⟦//⟧ it's { a [ comment\n",
        Some("# it's { a [ comment\n"),
    );
    one(code, "⟦/*⟧ c */\n", None);
    one(code, "⟦ssh keys⟧ = [a]\n", None);
    one(code, "a = [⟦b⟧ = 1, c = 2]\n", None);
    one(code, "a = [⟦{⟧ b = 1 }, { b = 2 }]\n", None);
    one(code, "⟦\"\"\"\n\"\"\"⟧ = 1\n", None);
}

#[test]
fn heads() {
    let code = "syntax/block-head";
    one(
        code,
        "network ⟦=⟧ {\n  a = 1\n}\n",
        Some("network {\n  a = 1\n}\n"),
    );
    one(code, "node ⟦=⟧ b {\n}\n", Some("node b {\n}\n"));
    one(code, "node b ⟦=⟧ {\n}\n", Some("node b {\n}\n"));
    one(code, "node ⟦a b⟧ {\n}\n", None);
    one(code, "node ⟦[1-2]⟧ {\n}\n", None);
    one(code, "node n ⟦[⟧1-2] {\n}\n", Some("node n[1-2] {\n}\n"));
    one(code, "node n⟦[1 2]⟧ {\n}\n", None);
    one(code, "⟦\"node\"⟧ {\n}\n", None);
    one(code, "⟦{⟧\n  a = 1\n}\n", None);
    let code = "syntax/missing-open";
    one(
        code,
        "⟦node a⟧\n  b = 1\n}\n",
        Some("node a {\n  b = 1\n}\n"),
    );
    one(
        code,
        "node a\n⟦{⟧\n  b = 1\n}\n",
        Some("node a {\n  b = 1\n}\n"),
    );
    one(code, "node a # c\n⟦{⟧\n  b = 1\n}\n", None);
}

#[test]
fn braces() {
    let code = "syntax/unclosed-block";
    one(
        code,
        "a ⟦{⟧\n  b = 1\nc {\n}\n",
        Some("a {\n  b = 1\n}\nc {\n}\n"),
    );
    one(
        code,
        "a {\n  b ⟦{⟧\n    c = 1\n}\n",
        Some("a {\n  b {\n    c = 1\n  }\n}\n"),
    );
    one(
        code,
        "a {\n  b ⟦{⟧\n    c = 1\n  d {}\n}\n",
        Some("a {\n  b {\n    c = 1\n  }\n  d {}\n}\n"),
    );
    one(code, "a {\n  b ⟦{⟧", Some("a {\n  b {\n  }\n}"));
    one(code, "a ⟦{⟧ b = 1\n", Some("a { b = 1 }\n"));
    one(code, "a ⟦{⟧ b = 1 # }\n", None);
    one(
        code,
        "a {\n  b ⟦{⟧ c = 1, d = 2\n  e = 3\n}\n",
        Some("a {\n  b { c = 1, d = 2 }\n  e = 3\n}\n"),
    );
    let code = "syntax/stray-close";
    one(code, "a = 1\n⟦}⟧\n", Some("a = 1\n"));
    one(
        code,
        "a {\n  b {\n  }\n    ⟦}⟧\n  c = 1\n}\n",
        Some("a {\n  b {\n  }\n  c = 1\n}\n"),
    );
    one(code, "a = [1]⟦]⟧\n", Some("a = [1]\n"));
    one(code, "a = 1 ⟦}⟧\nb = 2\n", Some("a = 1\nb = 2\n"));
}

#[test]
fn a_file_with_all_its_braces_may_be_indented_in_any_way() {
    one(
        "",
        "cluster home {\nnetwork {\nlan = a\n}\n        }\n  node a {\n}\n",
        None,
    );
}

#[test]
fn lists() {
    let code = "syntax/missing-comma";
    one(code, "a = [b⟦⟧ c]\n", Some("a = [b, c]\n"));
    one(
        code,
        "a = [\n  b⟦⟧ # x\n  c\n  \"d\"\n]\n",
        Some("a = [\n  b, # x\n  c,\n  \"d\"\n]\n"),
    );
    let code = "syntax/unclosed-list";
    one(code, "a = ⟦[⟧b, c\nd = 1\n", Some("a = [b, c]\nd = 1\n"));
    one(
        code,
        "a = ⟦[⟧\n  b,\n  c,\nx y {\n}\n",
        Some("a = [\n  b,\n  c,]\nx y {\n}\n"),
    );
    one(
        code,
        "x { a = ⟦[⟧b, c, d = 1 }\n",
        Some("x { a = [b, c], d = 1 }\n"),
    );
    one(code, "x {\n  a = ⟦[⟧b\n}\n", Some("x {\n  a = [b]\n}\n"));
    one(code, "a = ⟦[⟧", Some("a = []"));
    one(
        code,
        "node n⟦[⟧1-2 {\n  a = 1\n}\n",
        Some("node n[1-2] {\n  a = 1\n}\n"),
    );
}

#[test]
fn strings() {
    let code = "syntax/unclosed-string";
    one(code, "a = ⟦\"⟧x\nb = 1\n", None);
    one(code, "w { a = ⟦\"⟧home, b = secret:wifi }\n", None);
    one(code, "a = [⟦\"⟧b, c]\nd = [e]\n", None);
    one(code, "a = [\n  ⟦\"⟧b,\n  c\n]\n", None);
    one(code, "node ⟦\"⟧a {\n  b = 1\n}\n", None);
    one(code, "x {\n  a = ⟦\"⟧b }\n}\n", None);
    one(code, "a = ⟦\"\"\"⟧\n  b\nc = {\n", None);
    one(code, "x {\n  a = ⟦\"\"\"⟧\n    b\n}\nc = 1\n", None);
    let code = "syntax/wrong-quotes";
    one(code, "a = ⟦'b \"c\"'⟧\n", Some("a = \"b \\\"c\\\"\"\n"));
    one(code, "a = ⟦“b”⟧\n", Some("a = \"b\"\n"));
    one(code, "a = [⟦`b`⟧, c]\n", Some("a = [\"b\", c]\n"));
    one(code, "a = ⟦'⟧b\n", None);
    let code = "syntax/needs-quotes";
    one(code, "a = b⟦#⟧c\n", None);
    one(code, "a = it⟦'⟧s fine\n", None);
    one(code, "a = b⟦;⟧\n", Some("a = b\n"));
    one(code, "a = C:⟦\\⟧x y\n", Some("a = \"C:\\\\x y\"\n"));
    one(
        code,
        "a = http://h/?q⟦=⟧1\n",
        Some("a = \"http://h/?q=1\"\n"),
    );
    one(code, "a = $⟦{⟧b}/c\n", Some("a = \"${b}/c\"\n"));
    one(code, "a = b⟦\"⟧c d\"\n", None);
    one(code, "a = [b⟦=⟧1]\n", Some("a = [\"b=1\"]\n"));
}

#[test]
fn invisible_characters() {
    let code = "syntax/invisible-character";
    one(code, "a =⟦\u{A0}⟧1\n", Some("a = 1\n"));
    one(
        code,
        "a = 192.168.1.1⟦\u{200B}⟧\n",
        Some("a = 192.168.1.1\n"),
    );
    one(code, "a = \"b⟦\u{202E}⟧c\"\n", Some("a = \"bc\"\n"));
    one(code, "# é ⟦\0\0⟧\n", Some("# é \n"));
    one(code, "a = 1⟦\r⟧b = 2\rc = 3 # \n", None);
    one(code, "⟦\0⟧\n", Some("\n"));
    one("", "\u{FEFF}a = \"b\u{A0}c\" # d\u{A0}e\r\n", None);
}

#[test]
fn limits() {
    let code = "syntax/limits";
    one(code, &format!("{}⟦[⟧", "a {".repeat(16)), None);
    // Both ends are shown: the block that was not closed is nearly always the first.
    let opened = problems(&format!("a {{ }}\n{}", "b {\n".repeat(17)));
    let places: Vec<u32> = opened[0]
        .labels
        .iter()
        .map(|label| label.span.start)
        .collect();
    assert_eq!(places, [6 + 16 * 4 + 2, 6 + 2]);
    one(
        "",
        &format!("{}{}", "a { ".repeat(16), "} ".repeat(16)),
        None,
    );
    let deep = format!("a = {}{}", "[".repeat(16), "]".repeat(16));
    one("", &deep, None);
    one(
        code,
        &format!("⟦⟧{}", " ".repeat(crate::syntax::MAX_BYTES + 1)),
        None,
    );
    let many = problems(&"a b\n".repeat(300));
    assert_eq!(many.len(), 201);
    assert_eq!(many[200].descriptor.code, code);
}

#[test]
fn all_mistakes_of_a_file_are_found_in_one_run() {
    let text = "# é\na: 1\nb {\n  c = \"x\n  d = 'y'\n  e = [1 2]\nf = 1 g = 2\nh = [1\ni = 1\n";
    let found: Vec<_> = problems(text)
        .iter()
        .map(|problem| problem.descriptor.code)
        .collect();
    assert_eq!(
        found,
        [
            "syntax/missing-equals",
            "syntax/unclosed-block",
            "syntax/unclosed-string",
            "syntax/wrong-quotes",
            "syntax/missing-comma",
            "syntax/two-on-one-line",
            "syntax/unclosed-list",
        ]
    );
}

#[test]
fn an_unclosed_block_names_both_places_and_all_blocks_that_end_there() {
    let text = "a {\n  b x {\n    c = 1\n";
    let [problem] = &problems(text)[..] else {
        panic!("expected one finding");
    };
    assert_eq!(problem.message, "`a` and `b x` are not closed");
    let places: Vec<_> = problem
        .labels
        .iter()
        .map(|label| (label.span.start, label.span.end))
        .collect();
    assert_eq!(places, [(10, 11), (2, 3), (21, 21)]);
    assert_eq!(
        problem.certain_fix().map(|fix| fixed(text, fix)).as_deref(),
        Some("a {\n  b x {\n    c = 1\n  }\n}\n")
    );
}

#[test]
fn the_tree_keeps_what_was_meant() {
    fn kinds(node: &SyntaxNode) -> Vec<SyntaxKind> {
        node.parts().map(|part| part.kind).collect()
    }
    let tree = parse(FILE, "a: 1\nb 2\nnode x\n  c = 1\n}\n").tree;
    assert_eq!(
        kinds(&tree.root),
        [SyntaxKind::Setting, SyntaxKind::Setting, SyntaxKind::Block]
    );
    assert_eq!(
        kinds(&tree.root.children[0]),
        [SyntaxKind::Word, SyntaxKind::Equals, SyntaxKind::Word]
    );
    let block = tree.root.part(SyntaxKind::Block).unwrap();
    assert_eq!(
        kinds(block),
        [
            SyntaxKind::Word,
            SyntaxKind::Label,
            SyntaxKind::Setting,
            SyntaxKind::Close
        ]
    );
}
