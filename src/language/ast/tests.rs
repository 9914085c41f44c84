//! What specs mean, by example.

use super::{Block, Document, Item, Label, Part, Value, lower};
use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Sources};
use crate::syntax::parse;

const FILE: FileId = FileId(0);

fn read(text: &str) -> (Document, Diagnostics) {
    let parsed = parse(FILE, text);
    let mut problems = parsed.problems;
    let document = lower(&parsed.tree, FILE, text, &mut problems);
    (document, problems)
}

#[track_caller]
fn sound(text: &str) -> Document {
    let (document, problems) = read(text);
    assert!(problems.is_empty(), "{problems:?}");
    document
}

/// The codes of the mistakes and the texts they point at.
fn wrong(text: &str) -> Vec<(&'static str, String)> {
    let mut sources = Sources::default();
    sources.add("test.pik", text);
    let problems = read(text).1;
    let place = |span: Option<_>| sources.text(span.unwrap()).to_owned();
    problems
        .iter()
        .map(|problem| (problem.descriptor.code, place(problem.span())))
        .collect()
}

fn value(document: &Document) -> &Value {
    match document.items.last() {
        Some(Item::Setting(setting)) => &setting.value,
        other => panic!("{other:?}"),
    }
}

fn block(document: &Document) -> &Block {
    match document.items.last() {
        Some(Item::Block(block)) => block,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn text_of(written: &str) -> String {
    match value(&sound(&format!("a = {written}"))) {
        Value::Text(text) => text.literal().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn escapes() {
    assert_eq!(text_of(r#""""#), "");
    assert_eq!(text_of(r#""a\"b\\c\n\t\u{e9}é""#), "a\"b\\c\n\té\u{e9}");
    assert_eq!(text_of(r#""$ $a $${x} $$ $""#), "$ $a ${x} $$ $");
    let code = "syntax/bad-escape";
    assert_eq!(wrong(r#"a = "x\q""#), [(code, "\\q".to_owned())]);
    assert_eq!(wrong(r#"a = "x\ y""#), [(code, "\\".to_owned())]);
    assert_eq!(wrong(r#"a = "\u{0}""#), [(code, "\\u{0}".to_owned())]);
    assert_eq!(wrong(r#"a = "\u{D800}""#), [(code, "\\u{D800}".to_owned())]);
    assert_eq!(wrong(r#"a = "\u00e9""#), [(code, "\\u".to_owned())]);
    assert_eq!(
        wrong("a = \"\"\"\n  x\\\n  \"\"\""),
        [(code, "\\".to_owned())]
    );
}

#[test]
fn variables() {
    let document = sound(r#"a = "x${index}-${node-name}""#);
    let Value::Text(text) = value(&document) else {
        panic!("a text");
    };
    let shown: Vec<_> = text
        .parts
        .iter()
        .map(|part| match part {
            Part::Literal(literal) => literal.clone(),
            Part::Variable(name) => {
                format!("<{} {} {}>", name.value, name.span.start, name.span.end)
            }
        })
        .collect();
    assert_eq!(shown, ["x", "<index 6 14>", "-", "<node-name 15 27>"]);
    let code = "syntax/bad-variable";
    assert_eq!(wrong(r#"a = "${index""#), [(code, "${index".to_owned())]);
    assert_eq!(wrong(r#"a = "${}""#), [(code, "${".to_owned())]);
    assert_eq!(wrong(r#"a = "${a b}""#), [(code, "${a".to_owned())]);
    assert_eq!(wrong(r#"a = "${1}""#), [(code, "${1".to_owned())]);
    assert_eq!(wrong(r#""${a}" = 1"#), [(code, "${a}".to_owned())]);
}

#[test]
fn strings_over_several_lines() {
    assert_eq!(text_of("\"\"\"\n  a\n\n    b\n  \"\"\""), "a\n\n  b");
    assert_eq!(text_of("\"\"\"\r\n\ta\r\n\t\"\"\""), "a");
    assert_eq!(
        text_of("\"\"\" \n  a \"b\" \\\"\"\"\n   \n\n  \"\"\""),
        "a \"b\" \"\"\"\n\n"
    );
    assert_eq!(text_of("\"\"\"\n\"\"\""), "");
    let code = "syntax/text-layout";
    assert_eq!(
        wrong("a = \"\"\"\n  x\n y\nz\n  \"\"\""),
        [(code, " y".to_owned())]
    );
    assert_eq!(
        wrong("a = \"\"\"\n\tx\n  \"\"\""),
        [(code, "\tx".to_owned())]
    );
    assert_eq!(wrong("a = \"\"\" x\n  \"\"\""), [(code, " x".to_owned())]);
    assert_eq!(wrong("a = \"\"\"x\"\"\""), [(code, "\"\"\"".to_owned())]);
    assert_eq!(
        wrong("a = \"\"\"\n  x\"\"\""),
        [(code, "\"\"\"".to_owned())]
    );
    assert_eq!(
        wrong("a = \"\"\"\n   \\q\n  \"\"\""),
        [("syntax/bad-escape", "\\q".to_owned())]
    );
}

#[test]
fn labels() {
    let document = sound("node n[02-04, 7,] {\n}\n");
    let Some(Label {
        name,
        ranges: Some(ranges),
        quoted: false,
        span,
    }) = &block(&document).label
    else {
        panic!("a label with ranges");
    };
    assert_eq!((name.value.as_str(), span.start, span.end), ("n", 5, 17));
    let shown: Vec<_> = ranges
        .value
        .iter()
        .map(|range| (range.first, range.last, range.width))
        .collect();
    assert_eq!(shown, [(2, 4, 2), (7, 7, 1)]);
    let code = "syntax/label-range";
    assert_eq!(wrong("n a[01..03,2] {}"), [(code, "01..03".to_owned())]);
    assert_eq!(wrong("n a[1-2-3] {}"), [(code, "1-2-3".to_owned())]);
    assert_eq!(
        wrong("n a[1234567890123456789] {}"),
        [(code, "1234567890123456789".to_owned())]
    );
    let (document, _) = read("n a[x] {}");
    assert!(document.items.is_empty() && document.damaged);
}

#[test]
fn damage_is_marked_where_it_is_and_nowhere_else() {
    let (document, problems) = read("a {\n  b = 1 2\n  c d e\n}\nf {\n  g = [1, \"x]\n}\n");
    assert_eq!(problems.len(), 3);
    assert!(!document.damaged);
    let [Item::Block(a), Item::Block(f)] = &document.items[..] else {
        panic!("two blocks");
    };
    assert!(a.damaged && !f.damaged);
    assert!(matches!(&a.items[..], [Item::Setting(b)] if matches!(b.value, Value::Poisoned(_))));
    let [Item::Setting(g)] = &f.items[..] else {
        panic!("one setting");
    };
    assert!(matches!(&g.value, Value::List(values, _)
        if matches!(values[..], [Value::Word(_), Value::Poisoned(_)])));
    assert!(block(&read("a {\n  b = 1\n").0).damaged);
    assert!(read("a = 1\n}\n").0.damaged);
    assert!(read(&"[".repeat(99)).0.damaged);
}

#[test]
fn quoted_keys_and_whole_spans() {
    let document = sound("  \"a\\\"b\" = [x, \"y\"] # c\n");
    let Some(Item::Setting(setting)) = document.items.first() else {
        panic!("a setting");
    };
    assert_eq!(
        (setting.key.value.as_str(), setting.key_quoted),
        ("a\"b", true)
    );
    assert_eq!((setting.span.start, setting.span.end), (2, 19));
}
