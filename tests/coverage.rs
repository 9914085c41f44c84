//! No setting is silently ignored: every setting of a spec is the reason for a line of the output,
//! and changing it changes the output or the findings. And no line is without a reason.

pub mod changed;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use pikc::ast::{Block, Document, Item, Setting};
use pikc::diagnostic::Diagnostics;
use pikc::render::Entry;
use pikc::schema::{Schema, SettingSchema};
use pikc::source::{FileId, Sources, Span};
use pikc::stdlib::Library;
use pikc::value::SecretName;
use pikc::{Analysis, Compiled, plan};

use crate::support::analysis::analyze;
use changed::changed;

pub const SPECS: &[&str] = &[
    "examples/home-pi/cluster.pik",
    "tests/specs/every-setting.pik",
    "tests/specs/wired.pik",
    "tests/specs/mirrored.pik",
    "tests/specs/calico.pik",
    "tests/specs/operator.pik",
    "tests/specs/dual-stack.pik",
    "tests/specs/ebpf.pik",
    "tests/specs/bgp.pik",
    "tests/specs/cilium.pik",
    "tests/specs/own-copy.pik",
    "tests/specs/canal.pik",
    "tests/specs/chosen.pik",
    "tests/specs/weave.pik",
    "tests/specs/policies.pik",
    "tests/specs/components.pik",
    "tests/specs/external-etcd.pik",
    "tests/specs/three-control-planes.pik",
    "tests/specs/load-balancer.pik",
    "tests/specs/three-keepalived.pik",
    "tests/specs/three-bgp.pik",
    "tests/specs/kubelets.pik",
    "tests/specs/two-racks.pik",
    "tests/specs/two-racks-dual.pik",
    "tests/specs/behind-a-proxy.pik",
    "tests/specs/rhel.pik",
    "tests/specs/registries.pik",
    "tests/specs/disks.pik",
    "tests/specs/firmware.pik",
];

pub fn compile(analysis: &Analysis, keep_lines: bool) -> Compiled {
    let secret = |name: &str| (SecretName(name.to_owned()), "correct horse".into());
    let mut secrets =
        BTreeMap::from(["wifi", "weave", "etcd-key", "etcd-client", "registry"].map(secret));
    secrets.insert(
        SecretName("console".to_owned()),
        format!("$6$saltsalt${}", "x".repeat(86)).into(),
    );
    let options = plan::Options {
        secrets,
        own: Some(pikc::secret::made_up()),
        seed_images: false,
        vendored: BTreeMap::new(),
        spec: "cluster.pik".to_owned(),
    };
    pikc::compile(analysis, &options, keep_lines).unwrap_or_else(|error| {
        let found: Vec<String> = analysis
            .diagnostics
            .iter()
            .map(|d| format!("{}: {}", d.descriptor.code, d.message))
            .collect();
        panic!("{error:?}: {found:#?}")
    })
}

/// Everything that a user sees of a spec: the tree and the findings.
fn seen(path: &str, text: &str) -> String {
    let analysis = analyze(path, text);
    let mut out: Vec<String> = analysis
        .diagnostics
        .iter()
        .map(|d| format!("{} {} {}", d.severity.word(), d.descriptor.code, d.message))
        .collect();
    if !analysis.diagnostics.has_errors() {
        let compiled = compile(&analysis, false);
        for (path, entry) in compiled.rendered.entries() {
            match entry {
                Entry::File(file) => out.push(format!("{path}\n{}", file.content)),
                Entry::Link(target) => out.push(format!("{path} -> {target}")),
            }
        }
        out.push(format!("{:?}", compiled.missing_secrets));
    }
    out.join("\n")
}

pub fn read(path: &str) -> (String, Document) {
    let text = std::fs::read_to_string(path).expect(path);
    let file = FileId(0);
    let parsed = pikc::syntax::parse(file, &text);
    let document = pikc::ast::lower(&parsed.tree, file, &text, &mut Diagnostics::default());
    (text, document)
}

/// Every setting with the path of blocks around it.
pub fn settings(document: &Document) -> Vec<(Vec<&Block>, &Setting)> {
    fn walk<'a>(
        items: &'a [Item],
        path: &[&'a Block],
        out: &mut Vec<(Vec<&'a Block>, &'a Setting)>,
    ) {
        for item in items {
            match item {
                Item::Setting(setting) => out.push((path.to_vec(), setting)),
                Item::Block(block) => {
                    let mut path = path.to_vec();
                    path.push(block);
                    walk(&block.items, &path, out);
                }
            }
        }
    }
    let mut out = Vec::new();
    walk(&document.items, &[], &mut out);
    out
}

#[test]
fn every_setting_is_the_reason_for_something() {
    let mut silent = Vec::new();
    for path in SPECS {
        let (text, document) = read(path);
        let analysis = analyze(path, &text);
        let compiled = compile(&analysis, true);
        let mut reasons: BTreeSet<Span> = BTreeSet::new();
        for entry in compiled.rendered.entries().values() {
            if let Entry::File(file) = entry {
                for origin in file.origins().flatten() {
                    reasons.extend(origin.spans());
                }
            }
        }
        let main = main_file(&analysis.sources, path);
        for (blocks, setting) in settings(&document) {
            let place = setting.value.span();
            let named = |span: &Span| {
                span.file == main && span.start >= place.start && span.end <= place.end
            };
            let by_check_only = matches!(
                setting.key.value.as_str(),
                "dhcp" | "load-balancer" | "reason" | "profile"
            ) || blocks
                .last()
                .is_some_and(|block| matches!(block.kind.value.as_str(), "allow" | "reserved"));
            if !by_check_only && !reasons.iter().any(named) {
                silent.push(format!("{path}: {}", name(&blocks, setting)));
            }
        }
    }
    assert!(silent.is_empty(), "the reason for no line: {silent:#?}");
}

fn main_file(sources: &Sources, path: &str) -> FileId {
    sources
        .files()
        .find(|(_, file)| file.name == path)
        .map(|(id, _)| id)
        .expect("the spec is among the sources")
}

#[test]
fn every_line_has_a_reason() {
    for path in SPECS {
        let (text, _) = read(path);
        let compiled = compile(&analyze(path, &text), true);
        for (file, entry) in compiled.rendered.entries() {
            let Entry::File(entry) = entry else { continue };
            let text = entry.content.text().expect("text");
            let count = text.lines().count();
            assert_eq!(entry.origins().count(), count, "{path}: {file}");
            for (index, (line, reasons)) in text.lines().zip(entry.origins()).enumerate() {
                let constant =
                    line.trim().is_empty() || line.trim_start().starts_with('#') || line == "---";
                assert!(
                    constant || !reasons.is_empty(),
                    "{path}: {file}:{}: has no reason: {line}",
                    index + 1
                );
            }
        }
    }
}

#[test]
fn changing_any_setting_changes_something() {
    let mut ignored = Vec::new();
    let mut unchanged = Vec::new();
    for path in SPECS {
        let (text, document) = read(path);
        let before = seen(path, &text);
        let mut sources = Sources::default();
        let mut library = Library::open(BTreeMap::new(), &mut sources, &mut Diagnostics::default());
        let schema = library.spec_schema();
        for (blocks, setting) in settings(&document) {
            if !has_its_turn(path, &blocks, setting) {
                continue;
            }
            let declared = declared(&blocks, setting, &schema, &mut library);
            let place = setting.value.span();
            let old = &text[place.start as usize..place.end as usize];
            let Some(new) = changed(&setting.value, old, declared.as_ref()) else {
                unchanged.push(format!("{path}: {} = {old}", name(&blocks, setting)));
                continue;
            };
            let mut other = text.clone();
            other.replace_range(place.start as usize..place.end as usize, &new);
            if seen(path, &other) == before {
                ignored.push(format!("{path}: {} = {new}", name(&blocks, setting)));
            }
        }
    }
    assert!(unchanged.is_empty(), "no other value known: {unchanged:#?}");
    assert!(ignored.is_empty(), "silently ignored: {ignored:#?}");
}

/// The tests above are only as good as the specs that they change: those must contain every setting.
#[test]
fn the_full_specs_contain_every_setting() {
    let documents: Vec<Document> = SPECS.iter().map(|path| read(path).1).collect();
    let written: BTreeSet<(String, String)> = documents
        .iter()
        .flat_map(settings)
        .map(|(blocks, setting)| {
            let kind = blocks
                .last()
                .map_or("top", |block| block.kind.value.as_str());
            (kind.to_owned(), setting.key.value.clone())
        })
        .collect();
    let mut sources = Sources::default();
    let mut library = Library::open(BTreeMap::new(), &mut sources, &mut Diagnostics::default());
    let mut lacking = Vec::new();
    // Settings of the wireguard backend, the user's own manifest, and used files have their own
    // tests; a profile's settings are a node's.
    // `os` is in the profiles of this spec.
    let elsewhere = ["use", "manifest", "listen-port", "keepalive", "os"];
    for block in library.spec_schema().blocks.values() {
        for setting in block.settings.keys() {
            let held = written.contains(&(block.name.clone(), setting.clone()));
            if !held && block.name != "profile" && !elsewhere.contains(&setting.as_str()) {
                lacking.push(format!("{}.{setting}", block.name));
            }
        }
    }
    let mut kinds = Vec::new();
    for kind in ["cni", "runtime"] {
        kinds.extend(library.names(kind).into_iter().map(|name| (kind, name)));
    }
    for (kind, label) in &kinds {
        let options = library.options(kind, label, &mut sources, &mut Diagnostics::default());
        for option in options.keys() {
            let held = written.contains(&((*kind).to_owned(), option.clone()));
            if !held && !elsewhere.contains(&option.as_str()) {
                lacking.push(format!("{kind} {label}: {option}"));
            }
        }
    }
    assert!(lacking.is_empty(), "not in the spec: {lacking:#?}");
}

fn name(blocks: &[&Block], setting: &Setting) -> String {
    let mut path: Vec<&str> = blocks
        .iter()
        .map(|block| block.kind.value.as_str())
        .collect();
    path.push(&setting.key.value);
    path.join(".")
}

/// Whether a setting of one of the specs has its turn. Each one is looked at twice, where it occurs first: all occurrences take minutes.
/// `PIKC_THOROUGH=1`, which `tests/run properties` sets, looks at all of them.
pub fn has_its_turn(path: &str, blocks: &[&Block], setting: &Setting) -> bool {
    static TURNS: LazyLock<BTreeSet<(&str, u32)>> = LazyLock::new(|| {
        let mut met: BTreeMap<String, usize> = BTreeMap::new();
        let mut turns = BTreeSet::new();
        for path in SPECS {
            let (_, document) = read(path);
            for (blocks, setting) in settings(&document) {
                let count = met.entry(name(&blocks, setting)).or_default();
                *count += 1;
                if *count <= 2 {
                    turns.insert((*path, setting.value.span().start));
                }
            }
        }
        turns
    });
    std::env::var_os("PIKC_THOROUGH").is_some()
        || TURNS.contains(&(path, setting.value.span().start))
        || blocks.is_empty()
}

pub fn declared(
    blocks: &[&Block],
    setting: &Setting,
    schema: &Schema,
    library: &mut Library,
) -> Option<SettingSchema> {
    let block = blocks.last()?;
    let kind = block.kind.value.as_str();
    let own = schema.blocks.get(kind)?.settings.get(&setting.key.value);
    if let Some(own) = own {
        return Some(own.clone());
    }
    let label = &block.label.as_ref()?.name.value;
    let options = library.options(
        kind,
        label,
        &mut Sources::default(),
        &mut Diagnostics::default(),
    );
    options.get(&setting.key.value).cloned()
}
