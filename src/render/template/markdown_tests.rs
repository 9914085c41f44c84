//! A CommonMark reader that is not ours (with GitHub's tables, strikethroughs, footnotes and task lists) finds every value as text: no
//! markup, no piece less or more.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{Context, Engine};
use crate::file_format::forbidden;

/// What the page contains, as its reader finds it: text outside of code, and code between `{` and `}`.
fn read(page: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM;
    let mut out = String::new();
    for event in Parser::new_ext(page, options) {
        match event {
            Event::Text(text) => out.push_str(&text),
            Event::Code(text) => out.push_str(&format!("\u{1}{text}\u{2}")),
            Event::SoftBreak => out.push('\n'),
            Event::Start(Tag::Paragraph | Tag::List(_) | Tag::Item | Tag::Table(_)) => {}
            Event::Start(Tag::TableHead | Tag::TableRow | Tag::TableCell) => {}
            Event::End(TagEnd::TableCell) => out.push('¦'),
            Event::End(_) => {}
            other => panic!("{other:?} in the page\n{page}"),
        }
    }
    out
}

fn page(template: &str, value: &str) -> String {
    let engine = Engine::new([("a.md.j2", template)]).expect("a template");
    let mut context = Context::new();
    context.set("x", &value).expect("plain data");
    let text = engine.render("a.md.j2", &context, &[], false);
    text.unwrap_or_else(|error| panic!("{error}: {value:?}"))
        .text
}

/// What a reader does with spaces is not compared: they have no meaning there.
fn plain(text: &str) -> String {
    text.split_whitespace().collect()
}

fn is_literal(value: &str) {
    for (template, before, after) in [
        ("{{ x }}\n", "", ""),
        ("{{ x }} after\n", "", " after"),
        ("before\n{{ x }}\n", "before\n", ""),
        ("before {{ x }}, after\n", "before ", ", after"),
        ("- {{ x }}\n", "", ""),
        ("1. {{ x }}\n", "", ""),
        ("- `code`: {{ x }}\n", "\u{1}code\u{2}: ", ""),
        ("| a | b |\n|---|---|\n| {{ x }} | c |\n", "a¦b¦", "¦c¦"),
        ("| a | b |\n|---|---|\n| c | {{ x }} |\n", "a¦b¦c¦", "¦"),
    ] {
        let page = page(template, value);
        let expected = format!("{before}{value}{after}");
        assert_eq!(plain(&read(&page)), plain(&expected), "{page}");
    }
    if value.trim() != value || value.is_empty() {
        return;
    }
    for (template, before, after) in [
        ("a `{{ x }}` b\n", "a \u{1}", "\u{2} b"),
        ("a `{{ x }}`, `c` b\n", "a \u{1}", "\u{2}, \u{1}c\u{2} b"),
    ] {
        let page = page(template, value);
        assert_eq!(
            plain(&read(&page)),
            plain(&format!("{before}{value}{after}")),
            "{page}"
        );
    }
    // A value with backticks is a piece of code of its own between those of the template.
    let page = page("a `pikc card {{ x }} NAME` b\n", value);
    let code = read(&page).replace("\u{2} \u{1}", "");
    assert_eq!(
        plain(&code),
        plain(&format!("a \u{1}pikc card {value} NAME\u{2} b")),
        "{page}"
    );
}

/// What Markdown, HTML or a page of a code host would read as markup.
const MARKUP: &[&str] = &[
    "# a",
    "#",
    "-",
    "- a",
    "+ a",
    "* a",
    "---",
    "===",
    "***",
    "___",
    "> a",
    "1. a",
    "1) a",
    "123456789. a",
    "12",
    "1.",
    "`a`",
    "``",
    "a`b",
    "```",
    "```sh",
    "~~~",
    "~a~",
    "~~a~~",
    "*a*",
    "**a**",
    "_a_",
    "__a__",
    "a_b_c",
    "a _b_",
    "_",
    "[a](http://x)",
    "![a](http://x)",
    "[a]: http://x",
    "[a][b]",
    "[ ] a",
    "[x] a",
    "[^1]",
    "[^1]: a",
    "<b>",
    "<http://x>",
    "<!-- a -->",
    "<script>alert(1)</script>",
    "</td>",
    "&lt;",
    "&#60;",
    "&",
    "a & b",
    "|",
    "a|b",
    "|---|",
    ":-",
    ":-:",
    "|:-",
    "\\",
    "\\*",
    "\\\\",
    "a\\",
    "\\|",
    "    code",
    "\ta",
    "  a  ",
    "a  ",
    "a\\|b",
    "!",
    "!a",
    "http://x/y",
    "www.example.org",
    "a@b.example",
    "$x$",
    ":tada:",
    "'a'",
    "\"a\"",
    "(c)",
    "...",
    "--",
    "{#a}",
    "{.a}",
    "[!NOTE]",
    "名前",
    "=",
    "=a",
    "&copy;",
    "&copy",
];

#[test]
fn values_that_look_like_markup_are_text() {
    for value in MARKUP {
        is_literal(&value.replace('\t', " "));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_value_is_text(value in prop_oneof!["\\PC{0,20}", "[ #>*_`~\\[\\]()<&|\\\\!:=.0-9a;+-]{0,10}"]) {
        is_literal(&value.replace(forbidden, "").replace(|c: char| c.is_whitespace(), " "));
    }
}
