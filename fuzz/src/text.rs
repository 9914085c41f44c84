//! Any text as a spec, before it has a meaning.

use pikc::ast;
use pikc::format::format;
use pikc::source::FileId;
use pikc::syntax::{self, SyntaxNode};

const FILE: FileId = FileId(0);

/// Whatever the text: it has a tree, the leaves of the tree are the text, its nodes leave no gap, and it can be formatted once and
/// for all.
pub fn round_trip(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let parsed = syntax::parse(FILE, text);
    let leaves: String = parsed
        .tree
        .leaves()
        .iter()
        .map(|leaf| leaf.text(text))
        .collect();
    assert_eq!(leaves, text, "the leaves are not the text");
    seamless(&parsed.tree.root);
    let mut problems = parsed.problems;
    ast::lower(&parsed.tree, FILE, text, &mut problems);
    let laid_out = format(text);
    assert_eq!(
        format(&laid_out),
        laid_out,
        "formatted twice it is another text"
    );
    for problem in problems.iter() {
        assert!(!problem.labels.is_empty(), "{problem:?} has no place");
    }
}

fn seamless(node: &SyntaxNode) {
    let mut at = node.start;
    for child in &node.children {
        assert_eq!(child.start, at, "a gap or an overlap in {node:?}");
        seamless(child);
        at = child.end;
    }
    if !node.children.is_empty() {
        assert_eq!(at, node.end, "{node:?} ends elsewhere");
    }
}
