//! Hostile values for every writer: each is refused, or the format's reader gets the same value back. If the real reader is available
//! (bash, a TOML parser), it is used; otherwise its rules are here as its manual has them.

mod disks;
mod read_back;
mod trials;
mod values;

use std::process::Command;

use proptest::prelude::*;

use super::*;
use trials::{Trial, line};
use values::HOSTILE;

/// What a reader does with spaces around a whole value does not matter to this test if the format cannot keep them.
fn same(name: &str, found: &str, value: &str) -> bool {
    match name {
        "authorized_keys remark" => found == value.trim(),
        _ => found == value,
    }
}

/// Every trial.
fn all() -> Vec<Trial> {
    let mut all = trials::trials();
    all.extend(disks::trials());
    all
}

#[test]
fn hostile_values_are_refused_or_read_back() {
    let mut refused = 0;
    for (name, write, read, good) in all() {
        for value in HOSTILE.iter().chain(good) {
            let Some(line) = write(value) else {
                assert!(!good.contains(value), "{name} refuses {value:?}");
                refused += 1;
                continue;
            };
            let found = read(&line);
            assert!(
                found
                    .as_deref()
                    .is_some_and(|found| same(name, found, value)),
                "{name}: {value:?} is written as {line:?} and read as {found:?}"
            );
        }
    }
    assert!(refused > 1000, "{refused} were refused");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_value_is_refused_or_read_back(value in prop_oneof!["\\PC{0,20}", "[ -~\\n\\t]{0,12}", "[a-z0-9./;=#*%\\\\-]{1,8}"]) {
        for (name, write, read, _) in all() {
            if let Some(line) = write(&value) {
                let found = read(&line);
                prop_assert!(
                    found.as_deref().is_some_and(|found| same(name, found, &value)),
                    "{}: {:?} is written as {:?} and read as {:?}", name, value, line, found
                );
            }
        }
    }
}

/// What bash reads from a script, as bytes.
fn bash(script: &str) -> Vec<u8> {
    let output = Command::new("bash")
        .args(["--norc", "-c", script])
        .output()
        .expect("bash runs");
    assert!(output.status.success(), "{script}");
    output.stdout
}

#[test]
fn a_shell_that_sources_the_settings_gets_the_values() {
    let mut script = String::new();
    let mut expected = String::new();
    for value in HOSTILE {
        let text = line::<shell_settings::ShellSettings>(|file| file.set("XKBLAYOUT", value, []));
        assert_eq!(text.is_none(), value.contains(forbidden), "{value:?}");
        if let Some(text) = text {
            script.push_str(&format!("{text}\nprintf '%s\\n' \"$XKBLAYOUT\"\n"));
            expected.push_str(&format!("{value}\n"));
        }
    }
    assert!(expected.lines().count() > 40);
    assert_eq!(String::from_utf8_lossy(&bash(&script)), expected);
}

#[test]
fn node_value_reads_node_conf_as_it_was_written() {
    let lib = include_str!("../../stdlib/script/lib.sh.j2");
    let begin = lib.find("node_value() {").expect("the reader");
    let end = begin + lib[begin..].find("\n}\n").expect("its end") + 3;
    let folder = tempfile::tempdir().expect("a folder");
    for value in HOSTILE {
        let text = line::<node_values::NodeValues>(|file| file.text("board-title", value, []));
        assert_eq!(text.is_none(), value.contains(forbidden), "{value:?}");
        let Some(text) = text else { continue };
        std::fs::write(
            folder.path().join("node.conf"),
            format!("name=n1\n{text}\nrole=worker\n"),
        )
        .expect("a file");
        let script = format!(
            "here={}\n{}\nnode_value board-title",
            folder.path().display(),
            &lib[begin..end]
        );
        assert_eq!(
            String::from_utf8_lossy(&bash(&script)),
            format!("{value}\n"),
            "{value:?}"
        );
    }
}

/// A table with a hostile name and in it a hostile value, alone and in a list.
fn toml_of(name: &str, value: &str) -> String {
    let mut file = Writer::<toml::Toml>::new();
    file.table(&["plugins", name], []);
    file.text("location", value, []);
    file.texts("list", &[value, "x"], []);
    file.item(&["registry"], []);
    file.number("version", 2, []);
    let written = file.finish();
    let lines = written.lines().expect("TOML holds everything");
    lines
        .iter()
        .map(|line| format!("{}\n", line.text()))
        .collect()
}

fn toml_reads_back(value: &str) {
    let text = toml_of(value, value);
    let found: ::toml::Table = text.parse().unwrap_or_else(|why| panic!("{why}\n{text}"));
    let table = &found["plugins"][value];
    assert_eq!(table["location"].as_str(), Some(value), "{text}");
    assert_eq!(table["list"][0].as_str(), Some(value), "{text}");
    assert_eq!(found["registry"][0]["version"].as_integer(), Some(2));
    assert_eq!(text.lines().count(), 5, "{text}");
}

#[test]
fn toml_holds_every_value() {
    HOSTILE.iter().for_each(|value| toml_reads_back(value));
}

proptest! {
    #[test]
    fn toml_holds_any_text(value in prop_oneof!["\\PC{0,20}", "[\\x00-\\x7f\"\\\\]{0,12}", any::<String>()]) {
        toml_reads_back(&value);
    }
}

#[test]
fn a_comment_is_one_line_and_does_not_continue() {
    for value in HOSTILE {
        let text = line::<udev::Udev>(|file| file.comment(value, [])).expect("comments hold all");
        assert!(text.starts_with("# ") && !text.ends_with('\\'), "{text:?}");
    }
    let head = Writer::<udev::Udev>::headed("why\nEVIL", "a\nb.pik").finish();
    assert_eq!(head.lines().expect("lines").len(), 2);
}

#[test]
fn what_is_not_a_key_is_refused_without_showing_it() {
    let mut file = Writer::<keyfile::Keyfile>::new();
    file.psk("correct horse", []);
    let written = file.finish();
    let refused = written.lines().expect_err("refused");
    assert!(!refused[0].why.to_string().contains("horse"));
}

#[test]
fn ssids_have_1_to_32_bytes() {
    for (count, fits) in [(0, false), (1, true), (32, true), (33, false), (400, false)] {
        assert_eq!(word::ssid(&"x".repeat(count)).is_ok(), fits, "{count}");
    }
    assert!(word::ssid(&"é".repeat(17)).is_err());
}
