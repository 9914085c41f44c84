//! What the kubelet and kube-proxy check of their own configuration (`tests/rules/validation/*.md`), check by check, with what pikc does
//! about each. A row that names a rule has an example, and the rule must report it: so the table cannot promise what is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use pikc::model::GivenFile;

/// The parts: the file, the start of its ids, and how many checks there are.
const PARTS: &[(&str, &str, usize)] = &[("kubelet", "kubelet", 156), ("kube-proxy", "proxy", 50)];

/// The release of an example that names none.
const USUAL: &str = "1.36.4";

struct Check {
    id: String,
    refused: String,
    releases: String,
    verdict: Verdict,
    example: Option<Example>,
}

enum Verdict {
    /// A rule reports it in specs and files; the example shows it.
    Rule(String),
    /// A rule reports it in a spec; a file does not show it.
    Spec(String),
    /// Neither a spec nor a file can have it, and why.
    Impossible(String),
    /// Only the machine knows.
    Machine(String),
    /// Nothing is refused.
    Note(String),
    /// pikc says nothing yet, and why.
    Left(String),
}

struct Example {
    kind: char,
    release: String,
    lines: Vec<String>,
}

fn part(name: &str) -> (String, Vec<Check>) {
    let path = format!("tests/rules/validation/{name}.md");
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join(&path);
    let text = std::fs::read_to_string(whole).unwrap_or_else(|error| panic!("{path}: {error}"));
    let title = text.lines().next().and_then(|line| line.strip_prefix("# "));
    let rows = text.lines().filter(|line| line.starts_with("| "));
    (
        title.expect("a title").to_owned(),
        rows.map(check).collect(),
    )
}

fn check(line: &str) -> Check {
    let inner = line.trim_start_matches("| ").trim_end_matches(" |");
    let cells: Vec<&str> = inner.split(" | ").map(str::trim).collect();
    let [id, refused, releases, verdict, example] = cells[..] else {
        panic!("expected five cells: {line}");
    };
    let (kind, rest) = verdict.split_once(' ').expect("a verdict and its words");
    let rest = rest.to_owned();
    Check {
        id: id.to_owned(),
        refused: refused.to_owned(),
        releases: releases.to_owned(),
        verdict: match kind {
            "rule" => Verdict::Rule(rest),
            "spec" => Verdict::Spec(rest),
            "impossible" => Verdict::Impossible(rest),
            "machine" => Verdict::Machine(rest),
            "note" => Verdict::Note(rest),
            "left" => Verdict::Left(rest),
            _ => panic!("{id}: there is no verdict `{kind}`"),
        },
        example: (example != "-").then(|| self::example(id, example)),
    }
}

/// ``K 1.30.14: `runOnce: true`<br>`maxPods: 5` ``
fn example(id: &str, text: &str) -> Example {
    let (head, lines) = text
        .split_once(": ")
        .unwrap_or_else(|| panic!("{id}: {text}"));
    let (kind, release) = head.split_once(' ').unwrap_or((head, USUAL));
    let line = |line: &str| {
        let inner = line
            .strip_prefix('`')
            .and_then(|line| line.strip_suffix('`'));
        inner.unwrap_or_else(|| panic!("{id}: {line}")).to_owned()
    };
    Example {
        kind: kind.chars().next().expect("a letter"),
        release: release.to_owned(),
        lines: lines.split("<br>").map(line).collect(),
    }
}

impl Example {
    /// The file: a ClusterConfiguration of the release, and the document of these lines.
    fn file(&self) -> String {
        let minor: u32 = self
            .release
            .split('.')
            .nth(1)
            .expect("a minor")
            .parse()
            .expect("a number");
        let api = if minor >= 31 { "v1beta4" } else { "v1beta3" };
        let (group, kind) = match self.kind {
            'K' => (
                "kubelet.config.k8s.io/v1beta1".to_owned(),
                "KubeletConfiguration",
            ),
            'P' => (
                "kubeproxy.config.k8s.io/v1alpha1".to_owned(),
                "KubeProxyConfiguration",
            ),
            'I' => (format!("kubeadm.k8s.io/{api}"), "InitConfiguration"),
            other => panic!("there is no document {other}"),
        };
        format!(
            "apiVersion: kubeadm.k8s.io/{api}\nkind: ClusterConfiguration\nkubernetesVersion: v{}\n\
             networking: {{ podSubnet: 10.244.0.0/16 }}\n---\napiVersion: {group}\nkind: {kind}\n{}\n",
            self.release,
            self.lines.join("\n")
        )
    }

    fn codes(&self) -> BTreeSet<&'static str> {
        let file = self.file();
        let given = [GivenFile {
            name: "kubeadm.yaml",
            text: &file,
        }];
        let analysis = pikc::analyze_existing(&given, BTreeMap::new(), None);
        let codes = analysis.diagnostics.iter();
        codes.map(|finding| finding.descriptor.code).collect()
    }
}

#[test]
fn every_check_has_a_decision_that_holds() {
    let codes: BTreeSet<&str> = pikc::cli::all_codes()
        .iter()
        .map(|code| code.code)
        .collect();
    let mut wrong = Vec::new();
    for (file, start, count) in PARTS {
        let (_, rows) = part(file);
        let width = if *count > 99 { 3 } else { 2 };
        let wanted: Vec<String> = (1..=*count)
            .map(|number| format!("{start}-{number:0width$}"))
            .collect();
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, wanted, "the rows of {file}");
        for row in &rows {
            let id = &row.id;
            match (&row.verdict, &row.example) {
                (Verdict::Rule(_), None) => wrong.push(format!("{id} has no example")),
                (Verdict::Rule(code), Some(example)) => {
                    let found = example.codes();
                    if !found.contains(code.as_str()) {
                        let file = example.file();
                        wrong.push(format!("{id}: {code} is not in {found:?} of\n{file}"));
                    }
                }
                (Verdict::Spec(code), _) if !codes.contains(code.as_str()) => {
                    wrong.push(format!("{id}: there is no code {code}"));
                }
                (
                    Verdict::Impossible(why)
                    | Verdict::Machine(why)
                    | Verdict::Note(why)
                    | Verdict::Left(why),
                    _,
                ) if why.split(' ').count() < 4 => {
                    wrong.push(format!("{id}: that is not a reason: {why}"));
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How many checks there are, and how many pikc makes before anything is run: by a rule, or because it cannot be.
pub(super) fn counts() -> (usize, usize) {
    let parts: Vec<Vec<Check>> = PARTS.iter().map(|(file, ..)| part(file).1).collect();
    let rows = || parts.iter().flatten();
    let before = |row: &&Check| {
        matches!(
            row.verdict,
            Verdict::Rule(_) | Verdict::Spec(_) | Verdict::Impossible(_)
        )
    };
    (rows().count(), rows().filter(before).count())
}

/// The section of the page of rules.
pub(super) fn section() -> String {
    let (all, before) = counts();
    let mut text = format!(
        "\n## What the kubelet and kube-proxy check themselves\n\n\
         kubeadm does not look at these two documents: what is wrong in them ends the kubelet or kube-proxy on the machine. Of their {all} \
         checks, pikc makes {before} before anything is run. Without releases, a check holds from 1.24 to 1.37.\n"
    );
    for (file, ..) in PARTS {
        let (title, rows) = part(file);
        write!(
            text,
            "\n### {title}\n\n| | refused | releases | what pikc does |\n|---|---|---|---|\n"
        )
        .expect("a String");
        for row in rows {
            let code = |code: &str| format!("[`{code}`](diagnostics.md#{})", code.replace('/', ""));
            let verdict = match &row.verdict {
                Verdict::Rule(name) => format!("rule {}", code(name)),
                Verdict::Spec(name) => format!("rule {}, in a spec", code(name)),
                Verdict::Impossible(why) => format!("impossible: {why}"),
                Verdict::Machine(why) => format!("on the machine: {why}"),
                Verdict::Note(why) => format!("note: {why}"),
                Verdict::Left(why) => format!("left: {why}"),
            };
            writeln!(
                text,
                "| {} | {} | {} | {verdict} |",
                row.id, row.refused, row.releases
            )
            .expect("a String");
        }
    }
    text
}

/// A misspelt path in a table would never be compared with anything.
#[test]
fn every_line_of_the_tables_is_about_a_field() {
    let (mut library, mut sources, mut out) = super::tree::library();
    let mut documents = Vec::new();
    for name in library.names("document") {
        documents.extend(library.kubeadm_document(&name, &mut sources, &mut out));
    }
    let mut wrong = Vec::new();
    for program in ["kubelet", "kube-proxy"] {
        let limits = library
            .limits(program, &mut sources, &mut out)
            .expect("its table");
        let document = documents
            .iter()
            .find(|document| document.kind == limits.kind)
            .expect("its document");
        let mut paths: Vec<&str> = limits.values.iter().map(|row| row.path.as_str()).collect();
        paths.extend(limits.gates.iter().map(|row| row.path.as_str()));
        paths.extend(limits.defaults.iter().map(|(place, _)| place.path.as_str()));
        for row in &limits.relations {
            let places = row.others.iter().chain([&row.this]);
            paths.extend(places.map(|place| place.path.as_str()));
        }
        for path in paths.into_iter().filter(|path| !path.starts_with("--")) {
            let names = pikc::model::field_names(path);
            if document.fields.at(&names, None).is_none() {
                wrong.push(format!("{program}: `{path}`"));
            }
        }
        let gates = library
            .gates("kubelet", &mut sources, &mut out)
            .expect("the gates");
        let unknown = limits
            .gates
            .iter()
            .filter(|row| gates.find(&row.gate).is_none());
        wrong.extend(unknown.map(|row| format!("{program}: the gate {}", row.gate)));
    }
    let kubelet = documents
        .iter()
        .find(|document| document.kind == "KubeletConfiguration")
        .expect("the kubelet's");
    let flags = library
        .flags("kubelet", &mut sources, &mut out)
        .expect("its arguments");
    let mut fields = 0;
    for flag in &flags.flags {
        if let Some(field) = flag.field() {
            fields += 1;
            let names = pikc::model::field_names(field);
            if kubelet.fields.at(&names, None).is_none() {
                wrong.push(format!("--{} sets `{field}`", flag.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(fields > 80, "only {fields} arguments are read as fields");
}

/// One threshold turns the others off, so all that a kubelet has by itself are written, and none that it does not have.
#[test]
fn a_threshold_is_written_with_those_that_the_release_has() {
    for (release, runtime, inodes) in [
        ("1.29", "crio { }", false),
        ("1.30", "crio { }", true),
        ("1.37", "crio { }", true),
    ] {
        let spec = super::tree::Spec {
            kubernetes: release,
            runtime,
            cluster: "kubelet {\n evictions { memory = 200MiB }\n managers { memory = Static }\n reserve { memory = 1GiB }\n}"
                .to_owned(),
            ..super::tree::Spec::default()
        };
        let tree = spec.tree();
        let lines = super::tree::lines(&tree);
        let has = |piece: &str| lines.iter().any(|line| line.contains(piece));
        assert!(has("memory.available: 200Mi"), "{release}: {lines:#?}");
        assert!(has("nodefs.inodesFree: 5%"), "{release}");
        assert_eq!(has("imagefs.inodesFree: 5%"), inodes, "{release}");
        // The sum that the memory manager demands: what is reserved and the threshold.
        assert!(has("memory: 1224Mi"), "{release}: {lines:#?}");
    }
}
