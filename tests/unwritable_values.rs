//! A value that cannot be written is reported at its setting, before anything is written: a hostile string in place of each setting of
//! each full spec is a finding, or it compiles. Nothing that the checks accept is refused later, and nothing blames the standard library.

use std::collections::BTreeMap;
use std::process::Command;

use pikc::ast::{Document, Item, Setting, Value};
use pikc::diagnostic::Diagnostics;
use pikc::render::Entry;
use pikc::source::FileId;
use pikc::value::SecretName;
use pikc::{Analysis, CompileError, Compiled, plan};

use crate::support::analysis::analyze;

/// Together they have every setting that can be a string.
const SPECS: &[&str] = &["tests/specs/every-setting.pik"];

/// As they are in a spec, between the quotes; the suite `hostile` tries many more.
const HOSTILE: &[&str] = &["1\\nx = |/tmp/x %p", "x\\\"y`$(id)"];

fn compile(analysis: &Analysis) -> Result<Compiled, CompileError> {
    let secret = |name: &str| (SecretName(name.to_owned()), "correct horse".into());
    let options = plan::Options {
        secrets: BTreeMap::from(["wifi", "weave"].map(secret)),
        spec: "cluster.pik".to_owned(),
        ..plan::Options::default()
    };
    pikc::compile(analysis, &options, true)
}

fn settings<'a>(items: &'a [Item], out: &mut Vec<&'a Setting>) {
    for item in items {
        match item {
            Item::Setting(setting) => out.push(setting),
            Item::Block(block) => settings(&block.items, out),
        }
    }
}

fn read(path: &str) -> (String, Document) {
    let text = std::fs::read_to_string(path).expect(path);
    let parsed = pikc::syntax::parse(FileId(0), &text);
    let document = pikc::ast::lower(&parsed.tree, FileId(0), &text, &mut Diagnostics::default());
    (text, document)
}

#[test]
fn what_the_checks_accept_can_be_written() {
    let (mut wrong, mut refused, mut compiled) = (Vec::new(), 0, 0);
    for path in SPECS {
        let (text, document) = read(path);
        let mut all = Vec::new();
        settings(&document.items, &mut all);
        for setting in all {
            let place = setting.value.span();
            for hostile in HOSTILE {
                let new = match &setting.value {
                    Value::List(..) => format!("[\"{hostile}\"]"),
                    _ => format!("\"{hostile}\""),
                };
                let mut other = text.clone();
                other.replace_range(place.start as usize..place.end as usize, &new);
                let analysis = analyze(path, &other);
                if analysis.diagnostics.has_errors() {
                    refused += 1;
                    continue;
                }
                compiled += 1;
                if let Err(error) = compile(&analysis) {
                    wrong.push(format!("{path}: {} = {new}: {error:?}", setting.key.value));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(
        refused > 50 && compiled > 2,
        "{refused} refused, {compiled} compiled"
    );
}

/// A valid spec with this in its cluster and this in its node.
fn spec(cluster: &str, node: &str) -> String {
    format!(
        "cluster c {{\n  kubernetes = 1.36\n  network {{ lan = 10.9.0.0/24, gateway = 10.9.0.1, dns = [10.9.0.1], pods = 10.244.0.0/16, services = 10.96.0.0/12 }}\n  runtime crio {{}}\n  cni flannel {{ backend = vxlan }}\n  {cluster}\n}}\n\
         node cp {{\n  os = raspios-trixie\n  board = pi-4b-4g\n  role = control-plane\n  address = 10.9.0.2\n  interface eth0 {{ cluster = on }}\n  user pi {{ ssh-keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBpa2MgdGVzdCBrZXksIG9mIG5vIG9uZSBhdCBhbGwu you@laptop\"] }}\n  {node}\n}}\n"
    )
}

/// The file of the tree whose path has this ending, or the codes of the errors.
fn made(cluster: &str, node: &str, ending: &str) -> Result<String, Vec<&'static str>> {
    let analysis = analyze("cluster.pik", &spec(cluster, node));
    let errors: Vec<&'static str> = analysis
        .diagnostics
        .iter()
        .filter(|finding| finding.severity == pikc::diagnostic::Severity::Error)
        .map(|finding| finding.descriptor.code)
        .collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let compiled = compile(&analysis).expect("a spec without errors compiles");
    let found = compiled
        .rendered
        .entries()
        .iter()
        .find_map(|(path, entry)| match entry {
            Entry::File(file) if path.as_str().ends_with(ending) => Some(file.content.to_string()),
            _ => None,
        });
    Ok(found.unwrap_or_else(|| panic!("no {ending}")))
}

/// Fails unless the value was refused, or a reader returns it unchanged.
fn refused_or(file: Result<String, Vec<&'static str>>, read: impl Fn(&str) -> String, value: &str) {
    match file {
        Ok(text) => assert_eq!(read(&text), value, "{text}"),
        Err(codes) => assert!(
            codes.iter().all(|code| code.starts_with("value/")),
            "{codes:?}"
        ),
    }
}

#[test]
fn the_specs_of_these_tests_are_valid() {
    made("", "", "/99-pikc.conf").expect("sound");
    made(
        "mirror { images = \"registry.example.org/k8s\" }",
        "",
        "/registries.conf.d/90-pikc.conf",
    )
    .expect("sound");
    made("", "locale { keyboard = jp }", "/default/keyboard").expect("valid");
}

/// Root sources this file: a shell reads the value from it, or there is no file.
#[test]
fn a_keyboard_layout_is_not_shell_code() {
    let bash = |text: &str| {
        let script = format!("{text}\nprintf %s \"$XKBLAYOUT\"");
        let output = Command::new("bash")
            .args(["--norc", "-c", &script])
            .output()
            .expect("bash runs");
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{output:?}"
        );
        String::from_utf8(output.stdout).expect("text")
    };
    for value in [
        "jp",
        "us,de",
        "$(touch /tmp/x)",
        "`id`",
        "a\"b",
        "a\\b",
        "${HOME}",
    ] {
        let written = value
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace("${", "$${");
        let node = format!("locale {{ keyboard = \"{written}\" }}");
        refused_or(made("", &node, "/default/keyboard"), bash, value);
    }
}

#[test]
fn a_registry_is_not_toml() {
    for value in [
        "registry.example.org/k8s",
        "x\"y",
        "x\\y",
        "a b",
        "a]\nb = \"c",
        "-x",
    ] {
        let written = value
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n");
        let cluster = format!("mirror {{ images = \"{written}\" }}");
        let location = |text: &str| {
            let table: toml::Table = text.parse().unwrap_or_else(|why| panic!("{why}\n{text}"));
            let mirror = &table["registry"][0]["mirror"][0]["location"];
            mirror.as_str().expect("text").to_owned()
        };
        refused_or(
            made(&cluster, "", "/registries.conf.d/90-pikc.conf"),
            location,
            value,
        );
        let pause = |text: &str| {
            let table: toml::Table = text.parse().unwrap_or_else(|why| panic!("{why}\n{text}"));
            let image = table["crio"]["image"]["pause_image"]
                .as_str()
                .expect("text")
                .to_owned();
            image
                .rsplit_once("/pause")
                .expect("the sandbox")
                .0
                .to_owned()
        };
        refused_or(
            made(&cluster, "", "/crio.conf.d/90-pikc.conf"),
            pause,
            value,
        );
    }
}

#[test]
fn a_kernel_setting_is_one_setting() {
    for value in ["10\\nkernel.core_pattern = |/tmp/x %p", " 10", "10 ", ""] {
        let node = format!("sysctls {{ \"vm.swappiness\" = \"{value}\" }}");
        assert_eq!(
            made("", &node, "/99-pikc.conf"),
            Err(vec!["value/wrong-type"]),
            "{value:?}"
        );
    }
    for key in [
        "a\\nb",
        "-vm.swappiness",
        ";vm.swappiness",
        "#a",
        "kernel/../../../tmp/x",
        "a.//.b",
        "vm.*",
        "a=b",
        "",
    ] {
        let node = format!("sysctls {{ \"{key}\" = \"1\" }}");
        let found = made("", &node, "/99-pikc.conf").expect_err(key);
        assert!(
            found
                .iter()
                .all(|code| code.starts_with("value/") || code.starts_with("syntax/")),
            "{key:?}: {found:?}"
        );
    }
    let fine = made(
        "",
        "sysctls { \"net.ipv4.ip_local_port_range\" = \"1024 65000\" }",
        "/99-pikc.conf",
    );
    assert!(
        fine.expect("sound")
            .ends_with("\nnet.ipv4.ip_local_port_range = 1024 65000\n")
    );
}
