//! The catalogue of codes: each says what a code must say, and its two examples are true: the failing
//! one is reported under that code, the mended one is not, and has no error at all.
//!
//! Examples are short. What they leave out comes from a base spec: a block of the cluster takes the
//! place of the base's, settings and blocks of machines go into its worker, a node takes the place of
//! the node of that name. ```` ```pik whole ```` is a spec as it stands, ```` ```pik library ```` a file
//! of a library folder, which is not run here.

#[path = "explain/reports.rs"]
mod reports;
mod support;

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use pikc::ast::{Block, Item};
use pikc::check::all_codes;
use pikc::diagnostic::{Descriptor, Diagnostic, Diagnostics, Severity};
use pikc::model::{GivenFile, Reader};
use pikc::source::FileId;
use pikc::{Analysis, AnalyzeInput};

const CLUSTER_SETTINGS: &[&str] = &["kubernetes", "endpoint", "api-port", "dns-domain", "hosts"];
const CLUSTER_BLOCKS: &[&str] = &[
    "network", "time", "runtime", "cni", "proxy", "join", "mirror", "policy", "bgp", "kubeadm",
];
const NODE_BLOCKS: &[&str] = &[
    "locale",
    "user",
    "interface",
    "packages",
    "labels",
    "taints",
    "sysctls",
    "kubelet",
];

/// The pieces of the base spec, by what an example may replace.
struct Base {
    cluster_settings: BTreeMap<String, String>,
    cluster_blocks: BTreeMap<String, String>,
    profile: String,
    nodes: BTreeMap<String, Vec<String>>,
    worker_settings: BTreeMap<String, Vec<String>>,
    worker_blocks: Vec<(String, String)>,
    whole_cluster: Option<String>,
    top: Vec<String>,
    completes: bool,
}

impl Base {
    fn new() -> Self {
        let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect()
        };
        Self {
            cluster_settings: map(&[("kubernetes", "kubernetes = 1.36")]),
            cluster_blocks: map(&[
                (
                    "network",
                    "network {\n  lan     = 192.168.11.0/24\n  gateway = 192.168.11.1\n  dns     = [192.168.11.1]\n}",
                ),
                ("runtime", "runtime crio { }"),
                ("cni", "cni flannel { }"),
            ]),
            profile: "profile pi {\n  os = raspios-trixie\n  locale { country = JP }\n  user pi { ssh-keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample you@laptop\"] }\n}".to_owned(),
            nodes: BTreeMap::from([(
                "node01".to_owned(),
                vec!["node node01 {\n  profile = pi\n  role    = control-plane\n  board   = pi-4b-2g\n  address = 192.168.11.201\n  interface eth0 { cluster = on }\n}".to_owned()],
            )]),
            worker_settings: map(&[
                ("profile", "profile = pi"),
                ("role", "role = worker"),
                ("board", "board = pi-4b-2g"),
                ("address", "address = 192.168.11.222"),
            ])
            .into_iter()
            .map(|(name, text)| (name, vec![text]))
            .collect(),
            worker_blocks: vec![("interface".to_owned(), "interface eth0 { cluster = on }".to_owned())],
            whole_cluster: None,
            top: Vec::new(),
            completes: true,
        }
    }

    fn with(example: &str, completes: bool) -> String {
        let mut base = Self::new();
        base.completes = completes;
        let file = FileId(0);
        let parsed = pikc::syntax::parse(file, example);
        let document = pikc::ast::lower(&parsed.tree, file, example, &mut Diagnostics::default());
        if document.damaged || parsed.problems.has_errors() {
            // Its structure cannot be trusted: it stands as it is, in place of what it seems to be.
            let kind = example.split_whitespace().next().unwrap_or_default();
            if CLUSTER_BLOCKS.contains(&kind) {
                base.cluster_blocks
                    .insert(kind.to_owned(), example.trim_end().to_owned());
            } else {
                if example.contains("profile pi") || example.contains("profile = pi") {
                    base.lay_under();
                }
                base.top.push(example.to_owned());
            }
            return base.text();
        }
        let mut replaced: BTreeSet<String> = BTreeSet::new();
        let names_profile = document.items.iter().any(|item| match item {
            Item::Block(block) => {
                block.kind.value == "profile"
                    && block
                        .label
                        .as_ref()
                        .is_some_and(|label| label.name.value == "pi")
            }
            Item::Setting(_) => false,
        });
        if names_profile {
            base.lay_under();
        }
        for item in &document.items {
            let span = match item {
                Item::Setting(setting) => setting.span,
                Item::Block(block) => block.span,
            };
            let text = example[span.start as usize..span.end as usize].to_owned();
            match item {
                Item::Setting(setting) => {
                    let key = setting.key.value.as_str();
                    if CLUSTER_SETTINGS.contains(&key) {
                        base.cluster_settings.insert(key.to_owned(), text);
                    } else if key == "use" {
                        base.top.insert(0, text);
                    } else {
                        let list = base.worker_settings.entry(key.to_owned()).or_default();
                        if replaced.insert(format!("setting {key}")) {
                            list.clear();
                        }
                        list.push(text);
                    }
                }
                Item::Block(block) => base.block(block, text, &mut replaced),
            }
        }
        base.text()
    }

    /// The example has a profile of the base's name, which lies over the base's.
    fn lay_under(&mut self) {
        self.profile = self.profile.replace("profile pi", "profile base");
        let both = |text: &String| text.replace("profile = pi", "profile = [base, pi]");
        let machines = self
            .nodes
            .values_mut()
            .chain(self.worker_settings.values_mut());
        for texts in machines {
            *texts = texts.iter().map(both).collect();
        }
    }

    fn block(&mut self, block: &Block, text: String, replaced: &mut BTreeSet<String>) {
        let kind = block.kind.value.as_str();
        let name = block
            .label
            .as_ref()
            .map_or("", |label| label.name.value.as_str());
        if kind == "cluster" {
            self.whole_cluster = Some(text);
        } else if kind == "node" {
            let list = self.nodes.entry(name.to_owned()).or_default();
            if replaced.insert(format!("node {name}")) {
                list.clear();
            }
            // An example about something else says nothing of interfaces and accounts.
            let mut text = text;
            for (kind, usual) in [
                ("interface", "interface eth0 { cluster = on }"),
                (
                    "user",
                    "user pi { ssh-keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample you@laptop\"] }",
                ),
            ] {
                if self.completes && !text.contains(&format!("{kind} ")) {
                    let end = text.rfind('}').unwrap_or(text.len());
                    text.insert_str(end, &format!("  {usual}\n"));
                }
            }
            list.push(text);
        } else if CLUSTER_BLOCKS.contains(&kind) {
            self.cluster_blocks.insert(kind.to_owned(), text);
        } else if NODE_BLOCKS.contains(&kind) {
            if kind == "interface" && replaced.insert("interface".to_owned()) {
                self.worker_blocks.retain(|(kind, _)| kind != "interface");
            }
            self.worker_blocks.push((kind.to_owned(), text));
        } else {
            self.top.push(text);
        }
    }

    fn text(&self) -> String {
        let join = |texts: Vec<&String>| {
            texts
                .into_iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join("\n")
        };
        let cluster = match &self.whole_cluster {
            Some(whole) => whole.clone(),
            None => format!(
                "cluster home {{\n{}\n{}\n}}",
                indented(&join(self.cluster_settings.values().collect())),
                indented(&join(self.cluster_blocks.values().collect()))
            ),
        };
        let worker = format!(
            "node node02 {{\n{}\n{}\n}}",
            indented(&join(self.worker_settings.values().flatten().collect())),
            indented(&join(
                self.worker_blocks.iter().map(|(_, text)| text).collect()
            ))
        );
        let uses: Vec<&String> = self
            .top
            .iter()
            .filter(|text| text.starts_with("use"))
            .collect();
        let rest: Vec<&String> = self
            .top
            .iter()
            .filter(|text| !text.starts_with("use"))
            .collect();
        format!(
            "{}\n{cluster}\n{}\n{}\n{worker}\n{}\n",
            join(uses),
            self.profile,
            join(self.nodes.values().flatten().collect()),
            join(rest)
        )
    }
}

/// Two blanks further in, as a block's lines stand.
fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| match line {
        "" => String::new(),
        line => format!("  {line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

struct Disk(String);

impl Reader for Disk {
    fn read(&self, path: &Utf8Path) -> Result<String, String> {
        if path == "cluster.pik" {
            return Ok(self.0.clone());
        }
        if let Ok(copy) = path.strip_prefix("upstream") {
            let path = Utf8Path::new("tests/specs/upstream").join(copy);
            return std::fs::read_to_string(path).map_err(|error| error.to_string());
        }
        std::fs::read_to_string(path).map_err(|error| error.to_string())
    }
}

fn analyze(text: &str) -> Analysis {
    pikc::analyze(AnalyzeInput {
        path: Utf8Path::new("cluster.pik"),
        text,
        reader: &Disk(text.to_owned()),
        overlay: BTreeMap::new(),
        as_of: None,
        kept: None,
    })
}

/// The fences of an explanation: their words after `pik`, and their text.
fn fences(explanation: &str) -> Vec<(Vec<String>, String)> {
    let mut out = Vec::new();
    let mut open: Option<(Vec<String>, String)> = None;
    for line in explanation.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let words: Vec<String> = info.split_whitespace().map(str::to_owned).collect();
                open = Some((words, String::new()));
            }
            (Some(_), Some(_)) => out.extend(open.take()),
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    out.retain(|(words, _)| {
        words
            .first()
            .is_some_and(|word| word == "pik" || word == "yaml")
    });
    out
}

/// A cluster without a spec: the files of kubeadm and of what was applied.
fn analyze_existing(text: &str) -> Analysis {
    let name = "kubeadm.yaml";
    pikc::analyze_existing(&[GivenFile { name, text }], BTreeMap::new(), None)
}

fn found(analysis: &Analysis) -> Vec<String> {
    analysis
        .diagnostics
        .iter()
        .map(|d| format!("{} {}: {}", d.severity.word(), d.descriptor.code, d.message))
        .collect()
}

#[test]
fn every_code_says_what_a_code_must_say() {
    let codes = all_codes();
    let mut seen = BTreeSet::new();
    for descriptor in &codes {
        let Descriptor {
            code,
            title,
            help,
            explanation,
            sources,
            ..
        } = descriptor;
        assert!(seen.insert(*code), "{code} is declared twice");
        let kebab = |part: &str| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        let (family, name) = code.split_once('/').expect(code);
        assert!(kebab(family) && kebab(name), "{code}");
        assert!(
            !title.is_empty() && !title.ends_with('.'),
            "{code}: {title}"
        );
        assert!(!help.is_empty(), "{code} has no help");
        assert!(!sources.is_empty(), "{code} has no source");
        let fences = fences(explanation);
        let fails = |words: &[String]| words.iter().any(|word| word == "fails");
        assert!(
            fences.iter().any(|(words, _)| fails(words)),
            "{code} has no failing example"
        );
        assert!(
            fences.iter().any(|(words, _)| !fails(words)),
            "{code} has no mended example"
        );
    }
    assert!(codes.len() > 60, "codes went missing: {}", codes.len());
}

#[test]
fn every_example_is_true() {
    let mut untrue = Vec::new();
    let mut reports = reports::Reports::default();
    for descriptor in all_codes() {
        for (words, text) in fences(descriptor.explanation) {
            let has = |word: &str| words.iter().any(|found| found == word);
            if has("library") {
                continue;
            }
            let analysis = if has("yaml") {
                analyze_existing(&text)
            } else if has("whole") {
                analyze(&text)
            } else {
                let completes = !matches!(descriptor.code, "interface/none" | "user/none");
                analyze(&Base::with(&text, completes))
            };
            let reported = analysis
                .diagnostics
                .iter()
                .any(|d| d.descriptor.code == descriptor.code);
            let errors = analysis
                .diagnostics
                .iter()
                .any(|d| d.severity == Severity::Error);
            if has("fails") && reported {
                reports.add(descriptor, &text, &analysis);
            }
            if has("fails") && !reported {
                untrue.push(format!(
                    "{} is not reported for\n{text}found: {:#?}",
                    descriptor.code,
                    found(&analysis)
                ));
            }
            if !has("fails") && (reported || errors) {
                untrue.push(format!(
                    "{}: not mended by\n{text}found: {:#?}",
                    descriptor.code,
                    found(&analysis)
                ));
            }
        }
    }
    assert!(
        untrue.is_empty(),
        "{} untrue examples:\n{}",
        untrue.len(),
        untrue.join("\n")
    );
    reports.compare();
}

/// Where the failing example of a code is told with one certain edit, `check --fix` makes it, and
/// what it leaves has no such mistake any more.
#[test]
fn what_fix_leaves_is_free_of_the_mistake() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("cluster.pik");
    let mut mended = BTreeSet::new();
    for descriptor in all_codes() {
        for (words, text) in fences(descriptor.explanation) {
            let has = |word: &str| words.iter().any(|found| found == word);
            if !has("fails") || has("library") || has("yaml") {
                continue;
            }
            let spec = match has("whole") {
                true => text.clone(),
                false => Base::with(&text, true),
            };
            let told = |spec: &str| -> Vec<bool> {
                let analysis = analyze(spec);
                let mine = |d: &&Diagnostic| d.descriptor.code == descriptor.code;
                let found = analysis.diagnostics.iter().filter(mine);
                found.map(|d| d.fixes.len() == 1).collect()
            };
            let before = told(&spec);
            if !before.iter().any(|certain| *certain) {
                continue;
            }
            std::fs::write(&place, &spec).expect("a file");
            let run = assert_cmd::Command::new(env!("CARGO_BIN_EXE_pikc"))
                .args(["check", "--fix", "cluster.pik"])
                .current_dir(folder.path())
                .output()
                .expect("the program starts");
            let out = String::from_utf8_lossy(&run.stdout).into_owned();
            let code = format!("({})", descriptor.code);
            assert!(out.contains(&code), "{code} is not mended: {out}\n{spec}");
            let after = told(&std::fs::read_to_string(&place).expect("a file"));
            assert!(after.len() < before.len(), "{code} is still there\n{spec}");
            mended.insert(descriptor.code);
        }
    }
    // Not every mistake has one mend; those that have must not lose it. docs/rules.md counts them.
    assert!(mended.len() >= 55, "{} codes: {mended:?}", mended.len());
    let list: Vec<&str> = mended.into_iter().collect();
    support::bless::same("tests/rules/mended.txt", &format!("{}\n", list.join("\n")));
}

/// What is wrong with a library folder is reported with the place in that folder.
#[test]
fn mistakes_in_a_library_folder_are_reported() {
    let cases = [
        (
            "library/bad-schema",
            "schema/spec/wheel.pik",
            "block wheel { in = [top], label = none, doc = \"Round.\", spokes = 12 }\n",
        ),
        (
            "spec/missing-setting",
            "boards/pi-4.pik",
            "board pi-4b-2g { title = \"A board of which little is known\" }\n",
        ),
    ];
    for (code, path, text) in cases {
        let spec = Base::with("", true);
        let analysis = pikc::analyze(AnalyzeInput {
            path: Utf8Path::new("cluster.pik"),
            text: &spec,
            reader: &Disk(spec.clone()),
            overlay: BTreeMap::from([(path.to_owned(), text.to_owned())]),
            as_of: None,
            kept: None,
        });
        let found = analysis
            .diagnostics
            .iter()
            .find(|d| d.descriptor.code == code);
        let place = found.and_then(pikc::diagnostic::Diagnostic::span);
        let file = place.map(|span| analysis.sources.file(span.file).name.clone());
        assert_eq!(
            file.as_deref(),
            Some(format!("<stdlib>/{path}").as_str()),
            "{code}: {:#?}",
            self::found(&analysis)
        );
    }
}
