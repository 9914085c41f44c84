//! What an editor asks for: some lines, and the line that is being typed.

use pikc::format::{changes_in, format, on_type};

/// The text after an editor's question at `|`, with the mark left out.
fn typed(text: &str) -> String {
    let at = text.find('|').expect("a mark");
    let mut text = text.replacen('|', "", 1);
    for change in on_type(&text, at).into_iter().rev() {
        text.replace_range(change.range, &change.text);
    }
    text
}

#[test]
fn a_new_line_is_indented_and_the_one_before_is_formatted() {
    for (text, expected) in [
        ("cluster home {\n|", "cluster home {\n  "),
        (
            "cluster home {\n  network {\n|\n",
            "cluster home {\n  network {\n    \n",
        ),
        (
            "cluster home {\n  kubernetes=1.36\n|\n}\n",
            "cluster home {\n  kubernetes = 1.36\n  \n}\n",
        ),
        (
            "cluster home {\nkubernetes=1.36\n|\n}\n",
            "cluster home {\n  kubernetes = 1.36\n  \n}\n",
        ),
        ("a = 1\nlonger = 2\n|", "a = 1\nlonger = 2\n"),
        ("dns = [\n|\n]\n", "dns = [\n  \n]\n"),
        ("dns = [\n  a,\n      |]\n", "dns = [\n  a,\n]\n"),
        (
            "cluster home {\n  network {\n    }|\n}\n",
            "cluster home {\n  network {\n  }\n}\n",
        ),
        (
            "cluster home {\n  network {\n    lan = \n|",
            "cluster home {\n  network {\n    lan = \n    ",
        ),
        ("x = \"{ { {\" # {\n|", "x = \"{ { {\"  # {\n"),
    ] {
        assert_eq!(typed(text), expected, "{text}");
    }
}

#[test]
fn only_the_lines_that_were_asked_for_change() {
    let text = "a=1\n\nb=2\n\nc=3\n";
    let mut changed = text.to_owned();
    for change in changes_in(text, 2..=2).into_iter().rev() {
        changed.replace_range(change.range, &change.text);
    }
    assert_eq!(changed, "a=1\n\nb = 2\n\nc=3\n");
    assert!(changes_in(text, 40..=50).is_empty());
    assert!(changes_in(&format(text), 0..=usize::MAX).is_empty());
}
