//! Specs in the manual are checked: none may have an error or a warning.
//!
//! ```` ```pik ```` is a whole spec, ```` ```pik fragment ```` a piece of one: it is put into a
//! sound spec where pieces of its kind stand.

use std::collections::BTreeSet;

use camino::Utf8Path;
use pikc::ast::{self, Item};
use pikc::diagnostic::{Diagnostics, Severity};
use pikc::model::Reader;
use pikc::source::{Sources, Span};
use pikc::{AnalyzeInput, analyze, cli, syntax};

use super::{fences, pages};

/// The spec into which pieces are put.
const BASE: &str = include_str!("../../src/cli/init/home-pi.pik");

/// A used file is one that could be anything sound.
struct AnyFile;

impl Reader for AnyFile {
    fn read(&self, _: &Utf8Path) -> Result<String, String> {
        Ok("# Nothing.\n".to_owned())
    }
}

#[test]
fn every_spec_of_the_manual_is_sound() {
    let mut seen = 0;
    for (name, text) in pages() {
        for fence in fences(&text) {
            let spec = match fence.tag.as_str() {
                "pik" => fence.text.clone(),
                "pik fragment" => whole(&fence.text),
                tag => {
                    assert!(!tag.starts_with("pik"), "{name}:{}: {tag}?", fence.line);
                    continue;
                }
            };
            seen += 1;
            let place = format!("{name}:{}", fence.line);
            let analysis = analyze(AnalyzeInput {
                path: Utf8Path::new(&place),
                text: &spec,
                reader: &AnyFile,
                overlay: Default::default(),
                as_of: None,
                kept: None,
            });
            let found = analysis.diagnostics.count(Severity::Error)
                + analysis.diagnostics.count(Severity::Warning);
            let report = cli::render_report(&analysis, &place, cli::Look::PLAIN);
            assert_eq!(found, 0, "{report}\n{spec}");
        }
    }
    assert!(seen > 0, "the manual shows no spec");
}

/// The kinds of block that stand at the top level.
const TOP: &[&str] = &["cluster", "profile", "node", "let", "allow"];
/// The kinds that stand in a cluster, where a piece replaces the one of its kind.
const IN_CLUSTER: &[&str] = &[
    "network", "time", "runtime", "cni", "proxy", "join", "mirror", "policy",
];

/// The base with a piece put in.
fn whole(piece: &str) -> String {
    let mut sources = Sources::default();
    let file = sources.add("piece", piece);
    let document = ast::lower(
        &syntax::parse(file, piece).tree,
        file,
        piece,
        &mut Diagnostics::default(),
    );
    let text = |span: Span| format!("  {}\n", sources.text(span));
    let (mut top, mut cluster, mut node) = (String::new(), String::new(), String::new());
    let mut replaced = BTreeSet::new();
    for item in &document.items {
        match item {
            Item::Setting(setting) if setting.key.value == "use" => {
                top.push_str(&text(setting.span))
            }
            Item::Setting(setting) if setting.key.value == "kubernetes" => {
                replaced.insert("kubernetes".to_owned());
                cluster.push_str(&text(setting.span));
            }
            Item::Setting(setting) => {
                replaced.insert(setting.key.value.clone());
                node.push_str(&text(setting.span));
            }
            Item::Block(block) if TOP.contains(&block.kind.value.as_str()) => {
                let label = block.label.as_ref().map(|label| sources.text(label.span));
                replaced.insert(format!(
                    "{} {}",
                    block.kind.value,
                    label.unwrap_or_default()
                ));
                top.push_str(&text(block.span));
            }
            Item::Block(block) if IN_CLUSTER.contains(&block.kind.value.as_str()) => {
                replaced.insert(block.kind.value.clone());
                cluster.push_str(&text(block.span));
            }
            Item::Block(block) => node.push_str(&text(block.span)),
        }
    }
    format!("{top}{}", base(&replaced, &cluster, &node))
}

/// The base without what the piece replaces, and with the piece's lines in its cluster and in its
/// last node.
fn base(replaced: &BTreeSet<String>, cluster: &str, node: &str) -> String {
    let mut sources = Sources::default();
    let file = sources.add("base", BASE);
    let tree = syntax::parse(file, BASE).tree;
    let document = ast::lower(&tree, file, BASE, &mut Diagnostics::default());
    let mut edits: Vec<(u32, u32, &str)> = Vec::new();
    let last = document
        .items
        .iter()
        .rposition(|item| matches!(item, Item::Block(block) if block.kind.value == "node"));
    for (index, item) in document.items.iter().enumerate() {
        let Item::Block(block) = item else {
            continue;
        };
        let label = block.label.as_ref().map(|label| sources.text(label.span));
        let name = format!("{} {}", block.kind.value, label.unwrap_or_default());
        if replaced.contains(&name) {
            edits.push((block.span.start, block.span.end, ""));
            continue;
        }
        let more = match block.kind.value.as_str() {
            "cluster" => cluster,
            "node" if Some(index) == last => node,
            _ => continue,
        };
        edits.push((block.span.end - 1, block.span.end - 1, more));
        for inner in &block.items {
            let (name, span) = match inner {
                Item::Setting(setting) => (&setting.key.value, setting.span),
                Item::Block(inner) => (&inner.kind.value, inner.span),
            };
            if replaced.contains(name) {
                edits.push((span.start, span.end, ""));
            }
        }
    }
    edits.sort();
    let mut text = BASE.to_owned();
    for (from, to, with) in edits.into_iter().rev() {
        text.replace_range(from as usize..to as usize, with);
    }
    text
}
