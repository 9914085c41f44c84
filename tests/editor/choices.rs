//! Each word that a setting of a spec can be says what it means, in a hover and next to a completion.

use std::collections::{BTreeMap, BTreeSet};

use pikc::diagnostic::Diagnostics;
use pikc::editor::{complete, documentation, hover};
use pikc::schema::SettingSchema;
use pikc::source::Sources;
use pikc::stdlib::Library;
use pikc::value::Type;

use super::ask::{project, view};

/// Every setting of specs and every option of CNIs and runtimes that is one of some words, with what has it.
fn choices() -> Vec<(String, SettingSchema)> {
    let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
    let mut library = Library::open(BTreeMap::new(), &mut sources, &mut out);
    let mut found = Vec::new();
    for block in library.spec_schema().blocks.values() {
        for setting in block.settings.values() {
            found.push((
                format!("{} / {}", block.name, setting.name),
                setting.clone(),
            ));
        }
    }
    for kind in ["cni", "runtime"] {
        for name in library.names(kind) {
            let options = library.options(kind, &name, &mut sources, &mut out);
            for option in options.values() {
                found.push((format!("{kind} {name} / {}", option.name), option.clone()));
            }
        }
    }
    assert!(out.is_empty(), "{out:?}");
    found.retain(|(_, setting)| setting.ty == Type::Choice);
    found
}

#[test]
fn each_word_of_each_choice_says_what_it_means() {
    let choices = choices();
    assert!(choices.len() > 20, "{}", choices.len());
    let mut wrong = Vec::new();
    for (name, setting) in choices {
        let words: BTreeSet<&String> = setting.values.iter().collect();
        let said: BTreeSet<&String> = setting.means.keys().collect();
        wrong.extend(
            words
                .difference(&said)
                .map(|word| format!("{name}: {word} is silent")),
        );
        let texts: BTreeSet<&String> = setting.means.values().collect();
        if texts.len() != setting.means.len() {
            wrong.push(format!("{name}: two words mean the same"));
        }
        let ends = setting.means.iter().filter(|(_, what)| what.ends_with('.'));
        wrong.extend(ends.map(|(word, _)| format!("{name}: {word}: it is not a sentence")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_hover_and_a_completion_have_the_same_text() {
    let text = "cluster a {\n  cni flannel { backend = host-gw }\n}\nnode x {\n  user me { sudo = none }\n}\n";
    let project = project(text, &BTreeMap::new());
    let view = view(&project);
    for (word, what) in [
        ("host-gw", "plain routes, faster"),
        ("none", "it cannot become root"),
    ] {
        let at = text.find(word).expect("a word") + 1;
        let hover = hover(&view, at).expect("a hover").markdown;
        assert!(hover.starts_with(&format!("`{word}`: {what}")), "{hover}");
        let offers = complete(&view, at, &[]).items;
        let offer = offers.iter().find(|offer| offer.label == word);
        let topic = offer.and_then(|offer| offer.topic.as_ref());
        let text = documentation(&view, topic.expect("a topic")).expect("a text");
        assert_eq!(text, hover);
    }
}
