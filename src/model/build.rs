//! From files to a [`Model`]: load, check against the schema, merge, expand, attach facts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::Utf8Path;

use super::choice::Judge;
use super::cluster::Builder;
use super::facts::Tables;
use super::load::{self, Loaded, Page, Reader};
use super::node::{self, Machines};
use super::not_a_spec;
use super::profile::Profiles;
use super::subnet;
use super::types::{Allow, Cluster, Model};
use crate::declare;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::origin::{Origin, Sourced};
use crate::schema::{self, Entity, Schema, View};
use crate::source::{Sources, Span, Spanned};
use crate::stdlib::{ConfiguredCni, Library, LibraryCatalogue, UpstreamKind};
use crate::value::{Date, Version};

declare! {
    /// A spec describes one cluster. Without a `cluster` block its machines do not belong to
    /// anything.
    ///
    /// ```pik whole fails
    /// profile pi { os = raspios-trixie }
    /// ```
    ///
    /// ```pik
    /// proxy { mode = iptables }
    /// ```
    pub static NO_CLUSTER = {
        code: "spec/no-cluster",
        since: "0.1.0",
        severity: Error,
        title: "a spec without a cluster",
        help: "write a `cluster` block; `pikc init` writes a spec to start from",
        no_edit: "what the cluster is like is not in the spec; `pikc init` writes one to start from",
        sources: ["docs/language.md"],
    }

    /// Nothing uses this constant, so it changes nothing.
    ///
    /// ```pik fails
    /// let { spare = 192.168.11.9 }
    /// ```
    ///
    /// ```pik
    /// let { router = 192.168.11.1 }
    /// interface wlan0 { gateway = $router }
    /// ```
    pub static UNUSED_CONSTANT = {
        code: "spec/unused-constant",
        since: "0.1.0",
        severity: Warning,
        title: "a constant that nothing uses",
        help: "use it as `$name`, or delete it",
        sources: ["docs/language.md"],
    }
}

/// What a model is built from.
pub struct Input<'a> {
    /// The spec's path, as the user wrote it (or `<stdin>`).
    pub path: &'a Utf8Path,
    /// Its text.
    pub text: &'a str,
    /// Where used files come from.
    pub reader: &'a dyn Reader,
    /// The day that rules use as today; none for the library's own date.
    pub as_of: Option<Date>,
    /// The exact Kubernetes version that an earlier compile into the same tree chose.
    pub kept: Option<Version>,
    /// The rules, which `cni auto` is resolved with.
    pub judge: Judge<'a>,
}

/// Findings, and the place of every file that took part.
pub struct Problems<'a> {
    /// All files.
    pub sources: &'a mut Sources,
    /// All findings.
    pub out: &'a mut Diagnostics,
}

/// Builds the model. None only when there is no cluster at all.
///
/// The files of the spec are added to `pages`, in the order of their numbers.
pub fn build(
    input: &Input<'_>,
    library: &mut Library,
    problems: Problems<'_>,
    pages: &mut Vec<Page>,
) -> Option<Model> {
    let Problems { sources, out } = problems;
    if not_a_spec::report(input.path, input.text, sources, out) {
        return None;
    }
    let files = load::load((input.path, input.text), input.reader, sources, out);
    let spec = library.spec_schema();
    let blocks = read(&files, &spec, library, sources, out);
    let damaged = files.iter().any(|file| file.page.document.damaged);
    pages.extend(files.into_iter().map(|file| file.page));
    pages.sort_by_key(|page| page.file);
    let mut builder = Builder {
        spec: &spec,
        library,
        sources,
        out,
    };
    let cluster = the_cluster(&blocks, damaged, input, builder.out)?;
    let stated = blocks.iter().filter(|block| block.kind == "allow");
    let stated = stated.map(|block| (None, block));
    for (outer, inner) in walk(cluster).into_iter().chain(stated) {
        if let Some(schema) = spec.blocks.get(&inner.kind) {
            schema::missing(inner, outer, cluster, schema, builder.out);
        }
    }
    let as_of = match input.as_of {
        Some(date) => Sourced::new(date, Origin::derived("--as-of", [])),
        None => builder.library.date(builder.sources, builder.out),
    };
    let mut typed = builder.cluster(cluster, input);
    bring_manifest(&mut typed, input, builder.sources);
    let mut facts = builder.facts(&mut typed, Tables::of(&blocks, &spec));
    bring_upstream(&mut typed, facts.cni.as_deref(), input);
    let mut profiles = Profiles::new(&blocks);
    let machines = Machines {
        spec: &spec,
        library: builder.library,
        sources: builder.sources,
        out: builder.out,
    };
    let mut machines = node::nodes(&blocks, &mut profiles, machines);
    facts.systems = std::mem::take(&mut machines.systems);
    subnet::settle(&typed.network, &mut machines.nodes, out);
    let all_allows = all_allows(&blocks, &spec, &profiles);
    profiles.finish(out);
    let named = blocks.iter().filter(|block| block.kind == "profile");
    let mut placed: Vec<Spanned<String>> = named
        .map(|block| Spanned::new(block.name().to_owned(), block.span))
        .collect();
    placed.sort_by_key(|profile| profile.span);
    let mut entities = vec![(cluster.clone(), Vec::new())];
    entities.extend(machines.blocks);
    let mut model = Model {
        cluster: typed,
        nodes: machines.nodes,
        lost_nodes: machines.lost,
        allows: allows(&blocks, &spec),
        all_allows,
        profiles: placed,
        facts,
        as_of,
        entities,
        damaged,
    };
    super::choice::choose(&mut model, input.judge, library, sources, out);
    Some(model)
}

/// Reads the manifest that the spec names, if it names one.
fn bring_manifest(cluster: &mut Cluster, input: &Input<'_>, sources: &mut Sources) {
    let Some(choice) = &mut cluster.cni else {
        return;
    };
    let Some(manifest) = &choice.manifest else {
        return;
    };
    let folder = input.path.parent().unwrap_or(Utf8Path::new(""));
    let path = folder.join(&manifest.value);
    match input.reader.read(&path) {
        Ok(text) => {
            let file = sources.add(path.as_str(), text.as_str());
            choice.brought_network = Some(super::manifest::network(file, &text));
            choice.brought = Some(text);
        }
        Err(why) => choice.brought_network = Some(Err(why)),
    }
}

/// Reads the user's own copies of the upstream files that this CNI is built from.
fn bring_upstream(cluster: &mut Cluster, facts: Option<&ConfiguredCni>, input: &Input<'_>) {
    let (Some(choice), Some(facts)) = (&mut cluster.cni, facts) else {
        return;
    };
    let Some(folder) = &choice.upstream else {
        return;
    };
    let folder = input
        .path
        .parent()
        .unwrap_or(Utf8Path::new(""))
        .join(&folder.value);
    let files = choice.made_from(facts);
    // Archives are not text; `--vendored` reads them.
    let manifests = files
        .into_iter()
        .filter(|file| matches!(file.kind, UpstreamKind::Manifest));
    let copies = manifests.map(|file| {
        let text = input.reader.read(&folder.join(&file.file)).map(Arc::from);
        (file.file.clone(), text)
    });
    choice.copies = copies.collect();
}

/// Every block of every file, typed; duplicates of a cluster, profile or node in two files are found here.
fn read(
    files: &[Loaded],
    spec: &Schema,
    library: &mut Library,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> Vec<Entity> {
    let mut blocks: Vec<Entity> = Vec::new();
    let mut used = BTreeSet::new();
    let mut firsts = Firsts::new();
    for file in files {
        let mut catalogue = LibraryCatalogue {
            library,
            sources,
            problems: Diagnostics::default(),
        };
        let applied = schema::apply(
            &file.page.document,
            spec,
            &file.constants,
            &mut catalogue,
            out,
        );
        out.append(catalogue.problems);
        used.extend(applied.used_constants);
        for entity in applied.blocks {
            across_files(&entity, &mut firsts, out);
            blocks.push(entity);
        }
    }
    if let Some(main) = files.last() {
        for (name, constant) in load::unused(main, &used) {
            out.report(
                &UNUSED_CONSTANT,
                format!("nothing uses the constant `{name}`"),
                |d| {
                    d.label(constant.span, "changes nothing")
                        .choice(|it| it.remove_block("delete it", constant.span))
                },
            );
        }
    }
    blocks
}

/// Where the cluster, or a profile of a name, is first defined.
type Firsts = BTreeMap<(String, String), Span>;

fn across_files(entity: &Entity, firsts: &mut Firsts, out: &mut Diagnostics) {
    let name = match entity.kind.as_str() {
        "cluster" => "",
        "profile" => entity.name(),
        _ => return,
    };
    let key = (entity.kind.clone(), name.to_owned());
    let first = *firsts.entry(key).or_insert(entity.head);
    // Two in one file have been reported.
    if first.file != entity.head.file {
        let what = match entity.kind.as_str() {
            "cluster" => "there are two clusters, but a spec describes one".to_owned(),
            kind => format!("`{kind} {}` occurs twice", entity.name()),
        };
        out.report(&schema::DUPLICATE_BLOCK, what, |d| {
            d.label(entity.head, "the second one")
                .label(first, "the first one")
        });
    }
}

/// A block and all blocks in it, each with the block that it is in.
fn walk(entity: &Entity) -> Vec<(Option<&Entity>, &Entity)> {
    let mut all = vec![(None, entity)];
    for block in &entity.blocks {
        let inner = walk(block).into_iter();
        all.extend(inner.map(|(outer, block)| (outer.or(Some(entity)), block)));
    }
    all
}

/// The `allow` blocks among `blocks`.
pub(super) fn allows(blocks: &[Entity], spec: &Schema) -> Vec<Allow> {
    let Some(schema) = spec.blocks.get("allow") else {
        return Vec::new();
    };
    blocks
        .iter()
        .filter(|block| block.kind == "allow")
        .filter_map(|block| {
            Some(Allow {
                code: block.named()?,
                reason: View::new(Some(block), schema).text("reason"),
                head: block.head,
                idle: false,
            })
        })
        .collect()
}

/// Every `allow` of the spec, wherever it is.
fn all_allows(blocks: &[Entity], spec: &Schema, profiles: &Profiles<'_>) -> Vec<Allow> {
    let of = |block: &Entity| {
        let idle = block.kind == "profile" && !profiles.is_used(block.name());
        let found = match block.kind.as_str() {
            "allow" => allows(std::slice::from_ref(block), spec),
            _ => allows(&block.blocks, spec),
        };
        found.into_iter().map(move |allow| Allow { idle, ..allow })
    };
    blocks.iter().flat_map(of).collect()
}

/// The cluster among the blocks. If there is none, that is reported, unless the damaged part of the spec can contain it.
fn the_cluster<'b>(
    blocks: &'b [Entity],
    damaged: bool,
    input: &Input<'_>,
    out: &mut Diagnostics,
) -> Option<&'b Entity> {
    let found = blocks.iter().find(|block| block.kind == "cluster");
    if found.is_none() && !damaged && !out.has_errors() {
        let d = Diagnostic::new(
            &NO_CLUSTER,
            format!("`{}` does not describe a cluster", input.path),
        );
        let first = blocks.first().map(|block| block.head);
        out.push(d.label(first, "there is this block, but no `cluster` block"));
    }
    found
}
