//! What templates render from values, and what they refuse.

use std::process::Command;

use proptest::prelude::*;
use serde::Serialize;

use super::{Context, Engine, RenderError};
use crate::origin::{Origin, Sourced};
use crate::render::Text;
use crate::source::{FileId, Span};

fn origin(number: usize) -> Origin {
    Origin::Written(Span::new(FileId(0), number, number + 1))
}

fn sourced<T>(value: T, number: usize) -> Sourced<T> {
    Sourced::new(value, origin(number))
}

fn context(value: &impl Serialize) -> Context {
    let mut context = Context::new();
    context.set("x", value).expect("plain data");
    context
}

fn render(name: &str, source: &str, context: &Context) -> Result<Text, RenderError> {
    Engine::new([(name, source)])?.render(name, context, &[origin(0)], true)
}

fn shell(source: &str, value: &impl Serialize) -> String {
    match render("a.sh.j2", source, &context(value)) {
        Ok(text) => text.text,
        Err(error) => panic!("{error}"),
    }
}

fn refusal(name: &str, source: &str, value: &impl Serialize) -> String {
    match render(name, source, &context(value)) {
        Ok(text) => panic!("not refused: {}", text.text),
        Err(error) => error.to_string(),
    }
}

/// The numbers of the origins of each line.
fn numbers(text: &Text) -> Vec<Vec<usize>> {
    text.lines
        .iter()
        .map(|line| {
            line.iter()
                .filter_map(|origin| Some(origin.span()?.start as usize))
                .collect()
        })
        .collect()
}

#[test]
fn a_value_in_a_script_is_a_word() {
    assert_eq!(shell("a={{ x }}\n", &"1.36.4"), "a=1.36.4\n");
    assert_eq!(shell("a={{ x }}\n", &"$(reboot)"), "a='$(reboot)'\n");
    assert_eq!(shell("a={{ x }}\n", &""), "a=''\n");
    assert_eq!(shell("a={{ x }}\n", &7), "a=7\n");
    assert_eq!(shell("a={{ x }}\n", &true), "a=on\n");
    assert_eq!(shell("a=({{ x }})\n", &["b", "c d"]), "a=(b 'c d')\n");
    assert_eq!(shell("a=({{ x }})\n", &Vec::<u8>::new()), "a=()\n");
    assert_eq!(shell("a {{ 'b ' ~ x }}\n", &"c"), "a 'b c'\n");
    assert_eq!(shell("a={{ x }}", &"no newline"), "a='no newline'\n");
    assert_eq!(
        shell("{% if x == 'a' %}\nyes\n{% endif %}\n", &sourced("a", 1)),
        "yes\n"
    );
}

#[test]
fn a_value_in_a_comment_is_text_and_nowhere_else() {
    assert_eq!(
        shell("# {{ x }}\na # {{ x }} {{ x | comment }}\n", &"it's $(x)"),
        "# it's $(x)\na # it's $(x) it's $(x)\n"
    );
    assert_eq!(
        shell("a={{ x | comment }}\n", &"b\n$(reboot)"),
        "a='b $(reboot)'\n"
    );
    assert_eq!(shell("a={{ x | multiline }}\n", &"b\nc"), "a='b\nc'\n");
    assert_eq!(shell("# {{ x | multiline }}\n", &"b\nc"), "# b c\n");
}

#[test]
fn a_value_where_a_word_would_come_apart_is_refused() {
    for (source, why) in [
        ("a=\"{{ x }}\"", "inside quotes"),
        ("a='b {{ x }}'", "inside quotes"),
        ("a=$'{{ x }}'", "inside quotes"),
        ("a='b\nc {{ x }}'", "inside quotes"),
        ("a=\"$(b '{{ x }}')\"", "inside quotes"),
        ("a=\"$(b \"c\") {{ x }}\"", "inside quotes"),
        ("a=${b:-{{ x }}}", "inside ${ }"),
        ("a=`b {{ x }}`", "backticks"),
        ("# {{ x }}\na='b", "ends inside"),
        ("cat <<E\nE \n", "ends inside"),
        ("a=${{ x }}", "after a dollar sign"),
        ("a=\\{{ x }}", "after a backslash"),
        ("a=$((1 + {{ x }}))", "in arithmetic"),
        ("cat <<END\n{{ x }}\nEND\n", "here-document"),
        ("cat <<-'E'\n\tb\n\t{{ x }}\n\tE\n", "here-document"),
        ("cat << {{ x }}\n", "here-document"),
    ] {
        let said = refusal("a.sh.j2", source, &"v");
        assert!(said.contains(why), "{source}: {said}");
    }
}

#[test]
fn a_refusal_shows_the_line_and_not_the_value() {
    assert_eq!(
        refusal("a.sh.j2", "a\nb={{ 1 }} \"c {{ x }} d\"\n", &"secret"),
        "a.sh.j2: a value inside quotes: it has its own, so put it outside, in the line `b=1 \"c {{ ... }} d\"`"
    );
}

#[test]
fn a_script_is_followed_as_the_shell_reads_it() {
    for (source, expected) in [
        ("a=\"$(b {{ x }})\"", "a=\"$(b 'v w')\"\n"),
        ("a=\"b\"{{ x }}'c'{{ x }}", "a=\"b\"'v w''c''v w'\n"),
        ("a=\"it's\" {{ x }}", "a=\"it's\" 'v w'\n"),
        ("a='#' {{ x }}", "a='#' 'v w'\n"),
        ("a=$# b#c {{ x }}", "a=$# b#c 'v w'\n"),
        ("a \\\" \\' \\# {{ x }}", "a \\\" \\' \\# 'v w'\n"),
        (
            "a=$(case $b in c) d;; esac) {{ x }}",
            "a=$(case $b in c) d;; esac) 'v w'\n",
        ),
        (
            "case $b in\n  c) {{ x }} ;;\nesac",
            "case $b in\n  c) 'v w' ;;\nesac\n",
        ),
        (
            "cat <<'E'\nit's\nE\na {{ x }}",
            "cat <<'E'\nit's\nE\na 'v w'\n",
        ),
        ("a <<<b {{ x }} # '", "a <<<b 'v w' # '\n"),
        ("a <<<\"$b\" {{ x }}", "a <<<\"$b\" 'v w'\n"),
        ("a=$((1 << 2)) {{ x }}", "a=$((1 << 2)) 'v w'\n"),
        ("((i++)); a {{ x }}", "((i++)); a 'v w'\n"),
        ("a=$'it\\'s' {{ x }}", "a=$'it\\'s' 'v w'\n"),
        ("# it's\na {{ x }}", "# it's\na 'v w'\n"),
        ("a=${b:-'c}'} {{ x }}", "a=${b:-'c}'} 'v w'\n"),
        (
            "(umask 077 && cat >\"$a\" <<E\n${b}\nE\n) {{ x }}",
            "(umask 077 && cat >\"$a\" <<E\n${b}\nE\n) 'v w'\n",
        ),
    ] {
        assert_eq!(shell(source, &"v w"), expected);
    }
    assert_eq!(shell("a=$(({{ x }} * 2))\n", &21), "a=$((21 * 2))\n");
}

#[test]
fn what_cannot_be_written_is_refused_with_its_line() {
    let nothing = Option::<u8>::None;
    assert_eq!(
        refusal("a.sh.j2", "\n\na={{ x }}\n", &nothing),
        "a.sh.j2:3: nothing to write: the value is none"
    );
    assert_eq!(
        refusal("a.sh.j2", "\na={{ y }}\n", &nothing),
        "a.sh.j2:2: undefined value"
    );
    for (source, value) in [
        ("a={{ x }}", "b\nc"),
        ("a={{ x }}", "b\u{1}c"),
        ("# {{ x }}", "b\u{202e}c"),
        ("a={{ x | multiline }}", "b\rc"),
    ] {
        let said = refusal("a.sh.j2", source, &value);
        assert!(said.starts_with("a.sh.j2:1: a "), "{said}");
    }
    refusal("a.sh.j2", "{{ origin.x }}", &sourced("a", 1));
    refusal("a.sh.j2", "{% if y %}{% endif %}", &"a");
    refusal("a.sh.j2", "{{ x | safe }}", &"a");
    refusal(
        "a.sh.j2",
        "{% autoescape false %}{% set y %}{{ x }}{% endset %}{{ y }}{% endautoescape %}",
        &"a",
    );
    refusal("a.sh.j2", "{% set y %}{{ x }}{% endset %}{{ y[1:] }}", &"a");
    refusal("a.txt.j2", "", &"a");
    refusal("a.sh.j2", "\u{1}", &"a");
}

#[test]
fn values_in_yaml_are_json_and_whole() {
    let yaml = |source, value: &str| render("a.yaml.j2", source, &context(&value));
    let text = |source, value| yaml(source, value).map(|text| text.text);
    assert_eq!(
        text(
            "a: {{ x }} # {{ x }}\nb: [{{ x }}, 1]\n- {{ x }}\n{{ x }}: c\n",
            "d: #e"
        ),
        Ok("a: \"d: #e\" # d: #e\nb: [\"d: #e\", 1]\n- \"d: #e\"\n\"d: #e\": c\n".to_owned())
    );
    for source in [
        "a: \"{{ x }}\"",
        "a: b{{ x }}",
        "a: {{ x }}b",
        "a: b {{ x }}",
        "a:{{ x }}",
    ] {
        assert!(yaml(source, "c").is_err(), "{source}");
    }
    let list = render("a.yaml.j2", "a: {{ x }}\n", &context(&["b", "no"]));
    assert_eq!(
        list.map(|text| text.text),
        Ok("a: [\"b\",\"no\"]\n".to_owned())
    );
}

#[test]
fn values_in_markdown_are_text() {
    let text =
        |source, value: &str| render("a.md.j2", source, &context(&value)).map(|text| text.text);
    assert_eq!(
        text("| {{ x }} | `{{ x }}` |\n", "a|b *c* d_e _f_ <g>"),
        Ok("| a\\|b \\*c\\* d_e \\_f\\_ \\<g> | `a\\|b *c* d_e _f_ <g>` |\n".to_owned())
    );
    assert_eq!(
        text("{{ x }}\n```\n{{ x | multiline }}\n```\n{{ x }}\n", "- *a*"),
        Ok("\\- \\*a\\*\n```\n- *a*\n```\n\\- \\*a\\*\n".to_owned())
    );
    assert_eq!(text("`{{ x }}`", "a`b"), Ok("`` a`b ``\n".to_owned()));
    assert_eq!(
        text("`pikc {{ x }} b`", "a``b"),
        Ok("`pikc ` ``` a``b ``` ` b`\n".to_owned())
    );
    assert_eq!(
        text("- {{ x }}\n1. {{ x }}\n", "12) a"),
        Ok("- 12\\) a\n1. 12\\) a\n".to_owned())
    );
}

#[derive(Serialize)]
struct User {
    name: Sourced<&'static str>,
    groups: Vec<Sourced<&'static str>>,
}

#[test]
fn regions_give_their_origins_to_the_lines_inside() {
    let users = [
        User {
            name: sourced("ann", 2),
            groups: vec![sourced("video", 3), sourced("audio", 4)],
        },
        User {
            name: sourced("bob", 5),
            groups: Vec::new(),
        },
    ];
    let mut context = context(&sourced("off", 1));
    context.set("users", &users).expect("plain data");
    context.set("plain", &1).expect("plain data");
    context.set_origin("extra", [origin(6), origin(7)]);
    let source = "\
head
{% filter from(origin.x) %}
swap {{ x }}

{% for user in users %}
{% filter from(user.origin) %}
user {{ user.name }}
{% endfilter %}
between
{% endfor %}
{% endfilter %}
{% filter from(origin.plain) %}
constant
{% endfilter %}
a {% filter from(origin.users[0].name) %}b{% endfilter %} {% filter from(origin.extra) %}c{% endfilter %}

tail
";
    let text = render("a.sh.j2", source, &context).expect("it renders");
    let expected = [
        ("head", vec![0]),
        ("swap off", vec![1]),
        ("", vec![1]),
        ("user ann", vec![2, 3, 4]),
        ("between", vec![1]),
        ("user bob", vec![5]),
        ("between", vec![1]),
        ("constant", vec![0]),
        ("a b c", vec![2, 6, 7]),
        ("tail", vec![0]),
    ];
    let found: Vec<(&str, Vec<usize>)> = text.text.lines().zip(numbers(&text)).collect();
    assert_eq!(found, expected);
    let engine = Engine::new([("a.sh.j2", source)]).expect("it compiles");
    let without = engine.render("a.sh.j2", &context, &[], false);
    assert_eq!(
        without,
        Ok(Text {
            text: text.text,
            lines: Vec::new()
        })
    );
}

#[test]
fn macros_and_included_templates_are_placed_where_they_end_up() {
    let engine = Engine::new([
        (
            "a.sh.j2",
            "{% from 'm.sh.j2' import put %}{% filter from(origin.x) %}\n{{ put(x) }}\n{% endfilter %}\n# {{ put(x) }}\n{% include 'i.sh.j2' %}",
        ),
        ("m.sh.j2", "{% macro put(y) %}put {{ y }}{% endmacro %}"),
        ("i.sh.j2", "included {{ x }}\n"),
    ]);
    let text =
        engine.and_then(|engine| engine.render("a.sh.j2", &context(&sourced("b c", 1)), &[], true));
    let text = text.expect("it renders");
    assert_eq!(text.text, "put 'b c'\n# put b c\nincluded 'b c'\n");
    assert_eq!(numbers(&text), [vec![1], vec![], vec![]]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// In each of the places where a value may stand, bash reads the value.
    #[test]
    fn bash_reads_back_every_value(value in "\\PC{0,30}") {
        let value = value.replace(crate::render::forbidden, "");
        let script = shell(
            "# {{ x }}\na={{ x }}\nb=({{ [x, x] }})\nc=\"$(printf %s {{ x }})\" # {{ x }}\n\
             printf '%s\\n' \"$a\" \"${b[@]}\" \"$c\"x {{ x }}\n",
            &value,
        );
        let output = Command::new("bash").args(["--norc", "-c", &script]).output().expect("bash runs");
        let expected = format!("{value}\n{value}\n{value}\n{value}x\n{value}\n");
        prop_assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
        prop_assert!(output.stderr.is_empty());
    }

    #[test]
    fn json_reads_back_every_value_of_a_yaml_template(value in "\\PC{0,30}") {
        let value = value.replace(crate::render::forbidden, "");
        let text = render("a.yaml.j2", "{{ x }}\n", &context(&value)).expect("it renders").text;
        prop_assert_eq!(serde_json::from_str::<String>(&text).expect("JSON"), value);
    }
}

/// How a template handles values shows only when it is rendered; that it can be read at all is
/// checked here, for all of them.
#[test]
fn every_template_of_the_library_compiles() {
    let templates = crate::stdlib::EMBEDDED
        .iter()
        .copied()
        .filter(|(name, _)| name.ends_with(".j2"));
    if let Err(error) = Engine::new(templates) {
        panic!("{error}");
    }
}
