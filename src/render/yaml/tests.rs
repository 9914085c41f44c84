//! What is written must be read back unchanged, by a parser that is not ours.

use proptest::prelude::*;
use serde::Serialize;

use super::reader::{node, read};
use super::{YamlDocument, render};
use crate::origin::{Origin, Sourced};
use crate::plan::document::Versioned;
use crate::plan::document::kubelet_v1beta1::{KubeletConfiguration, MemorySwap};
use crate::render::tree::{Key, Value, ValueNode};
use crate::source::{FileId, Span};

fn origin(number: usize) -> Origin {
    Origin::Written(Span::new(FileId(0), number, number + 1))
}

fn text_of(node: ValueNode) -> String {
    let document = YamlDocument {
        node,
        comment: Vec::new(),
        notes: Vec::new(),
        origins: Vec::new(),
    };
    render(&[document], false).text
}

/// Text with many characters that mean something in YAML.
fn nasty() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        any::<String>(),
        "[-?:,\\[\\]{}#&*!|>'\"%@` \n\t0-9a-z~.]{0,12}",
        "[0-9_.:xobeE+-]{1,10}",
        Just("no".to_owned()),
        Just("key: value # comment".to_owned()),
        Just("---\n...".to_owned()),
        Just(" two\n  lines\n".to_owned()),
        Just("\u{85}\u{2028}\u{feff}\u{7f}\u{fffe}".to_owned()),
    ];
    prop_oneof![
        pieces.clone(),
        prop::collection::vec(pieces, 1..4).prop_map(|pieces| pieces.concat())
    ]
}

fn tree() -> impl Strategy<Value = ValueNode> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|value| Value::Integer(value.into())),
        nasty().prop_map(Value::Text),
    ];
    let key = nasty()
        .prop_map(|key| key.replace(crate::render::text::forbidden, "_"))
        .boxed();
    leaf.prop_map(node).prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::btree_map(key.clone().prop_map(Key::from), inner, 0..4)
                .prop_map(|pairs| Value::Map(pairs.into_iter().collect())),
        ]
        .prop_map(node)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_text_is_read_back(text in nasty()) {
        let written = node(Value::Text(text));
        prop_assert_eq!(read(&text_of(written.clone())), written);
    }

    #[test]
    fn every_tree_is_read_back(tree in tree()) {
        prop_assert_eq!(read(&text_of(tree.clone())), tree);
    }

    #[test]
    fn no_line_holds_a_control_character(tree in tree()) {
        for line in text_of(tree).lines() {
            prop_assert!(!line.contains(crate::render::text::forbidden), "{line:?}");
        }
    }
}

#[test]
fn words_that_some_reader_takes_for_something_else_are_quoted() {
    for text in [
        "",
        "~",
        "null",
        "Null",
        "yes",
        "No",
        "ON",
        "off",
        "y",
        "N",
        "true",
        "1",
        "-1",
        "+1",
        "0x1f",
        "0o17",
        "017",
        "1e3",
        "1_000",
        ".5",
        "1.36",
        "1.36.4",
        "190:20:30",
        "2026-11-22",
        "2001:db8::1",
        ".inf",
        ".nan",
        "=",
        "<<",
        "- a",
        "a: b",
        "a #b",
        "#a",
        "a:",
        "*a",
        "&a",
        "!a",
        "|",
        ">",
        "%a",
        "@a",
        "`a",
        "'a'",
        "\"a\"",
        "{",
        "[",
        " a",
        "a ",
        "?",
    ] {
        let line = text_of(node(Value::Text(text.to_owned())));
        assert!(line.starts_with('"'), "{line}");
    }
}

#[test]
fn ordinary_words_are_not_quoted() {
    for text in [
        "unix:///var/run/crio/crio.sock",
        "10.244.0.0/16",
        "v1.36.4",
        "4m0s",
        "24h",
        "node-role.kubernetes.io/control-plane",
        "/etc/pikc/patches",
        "cluster.local",
        "registry.k8s.io",
        "NoSchedule",
    ] {
        assert_eq!(
            text_of(node(Value::Text(text.to_owned()))),
            format!("{text}\n")
        );
    }
}

#[derive(Serialize)]
struct Sample {
    on: Sourced<bool>,
    words: Vec<Sourced<&'static str>>,
    text: Sourced<&'static str>,
    deep: Deep,
    nothing: Vec<()>,
}

#[derive(Serialize)]
struct Deep {
    list: Vec<Sourced<Inner>>,
}

#[derive(Serialize)]
struct Inner {
    name: &'static str,
    value: Sourced<&'static str>,
}

#[test]
fn each_line_has_the_origin_of_its_value_or_of_what_contains_it() {
    let sample = Sample {
        on: Sourced::new(false, origin(1)),
        words: vec![
            Sourced::new("no", origin(2)),
            Sourced::new("a b", origin(3)),
        ],
        text: Sourced::new("one\n\ntwo", origin(4)),
        deep: Deep {
            list: vec![Sourced::new(
                Inner {
                    name: "n",
                    value: Sourced::new("v", origin(6)),
                },
                origin(5),
            )],
        },
        nothing: Vec::new(),
    };
    let document = YamlDocument::new(&sample, &[origin(0)], true)
        .expect("plain data")
        .comment(["A sample.", ""])
        .note("deep.list", "why the list");
    let text = render(&[document.clone(), document], true);
    let once = "\
# A sample.
#
\"on\": false
words:
  - \"no\"
  - \"a b\"
text: |-
  one

  two
deep:
  # why the list
  list:
    - name: \"n\"
      value: v
nothing: []
";
    assert_eq!(text.text, format!("{once}---\n{once}"));
    let lines: Vec<Vec<usize>> = text
        .lines
        .iter()
        .map(|origins| {
            origins
                .iter()
                .filter_map(|origin| Some(origin.span()?.start as usize))
                .collect()
        })
        .collect();
    let once: Vec<Vec<usize>> = vec![
        vec![0],
        vec![0],
        vec![1],
        vec![2, 3],
        vec![2],
        vec![3],
        vec![4],
        vec![4],
        vec![4],
        vec![4],
        vec![5],
        vec![0],
        vec![5],
        vec![5],
        vec![6],
        vec![0],
    ];
    assert_eq!(lines, [once.clone(), vec![vec![]], once].concat());
}

#[test]
fn a_kubelet_patch_sets_only_what_differs() {
    let patch = Versioned::from(KubeletConfiguration {
        fail_swap_on: Some(Sourced::new(false, origin(1))),
        memory_swap: Some(MemorySwap {
            swap_behavior: Sourced::new("LimitedSwap".to_owned(), origin(1)),
        }),
        ..KubeletConfiguration::default()
    });
    let document = YamlDocument::new(&patch, &[], true).expect("plain data");
    let text = render(&[document], true);
    assert_eq!(
        text.text,
        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfailSwapOn: false\nmemorySwap:\n  swapBehavior: LimitedSwap\n"
    );
    assert_eq!(text.lines[4], [origin(1)]);
    assert_eq!(text.lines[3], [origin(1)]);
}

#[test]
fn what_a_document_cannot_hold_is_refused() {
    assert!(YamlDocument::new(&1.5, &[], false).is_err());
    let twice = [("a".to_owned(), 1), ("a".to_owned(), 2)];
    struct Twice([(String, i32); 2]);
    impl Serialize for Twice {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
        }
    }
    assert!(YamlDocument::new(&Twice(twice), &[], false).is_err());
}
