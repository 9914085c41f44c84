//! A spec compiled in memory, and its files as text.

use std::collections::BTreeMap;

use camino::Utf8Path;
use pikc::diagnostic::Diagnostics;
use pikc::model::Reader;
use pikc::render::Entry;
use pikc::source::Sources;
use pikc::stdlib::Library;
use pikc::value::SecretName;
use pikc::{AnalyzeInput, plan};

use crate::support::base;

/// What a made-up cluster of two machines sets; the rest has defaults.
pub struct Spec {
    pub kubernetes: &'static str,
    /// Settings and blocks of the cluster.
    pub cluster: String,
    pub runtime: &'static str,
    pub cni: String,
    pub network: &'static str,
    /// Settings and blocks of the two machines.
    pub control: &'static str,
    pub worker: &'static str,
}

/// A Raspberry Pi with a cable, and a PC.
pub const PI: &str = "os = raspios-trixie\n board = pi-4b-4g\n interface eth0 { }";
pub const PC: &str =
    "os = debian-13\n board = generic-amd64\n memory = 8GiB\n cpus = 4\n interface eth0 { }";

impl Default for Spec {
    fn default() -> Self {
        Self {
            kubernetes: "1.36",
            cluster: String::new(),
            runtime: "crio { }",
            cni: "flannel { }".to_owned(),
            network: "",
            control: PI,
            worker: PI,
        }
    }
}

/// Every file of an output tree by its path; links are left out.
pub type Tree = BTreeMap<String, String>;

impl Spec {
    pub fn text(&self) -> String {
        let Self {
            kubernetes,
            cluster,
            runtime,
            cni,
            network,
            control,
            worker,
        } = self;
        let lan = "lan = 192.168.11.0/24\n gateway = 192.168.11.1\n dns = [192.168.11.1]";
        base::completed(&format!(
            "kubernetes = {kubernetes}\nnetwork {{\n {lan}\n {network}\n}}\nruntime {runtime}\ncni {cni}\n{cluster}\n\
             node node01 {{\n role = control-plane\n address = 192.168.11.201\n {control}\n}}\n\
             node node02 {{\n role = worker\n address = 192.168.11.202\n {worker}\n}}\n"
        ))
    }

    /// The tree that it compiles to.
    pub fn tree(&self) -> Tree {
        compiled(&self.text())
    }
}

/// The tree that a spec compiles to.
pub fn compiled(text: &str) -> Tree {
    let analysis = pikc::analyze(AnalyzeInput {
        path: Utf8Path::new("cluster.pik"),
        text,
        reader: &Nowhere,
        overlay: BTreeMap::new(),
        as_of: None,
        kept: None,
    });
    let secret = |name: &str| (SecretName(name.to_owned()), "correct horse".into());
    let options = plan::Options {
        secrets: BTreeMap::from(["wifi", "weave"].map(secret)),
        own: None,
        seed_images: false,
        vendored: BTreeMap::new(),
        spec: "cluster.pik".to_owned(),
    };
    let compiled = pikc::compile(&analysis, &options, false).unwrap_or_else(|error| {
        let found: Vec<&str> = analysis
            .diagnostics
            .iter()
            .map(|d| d.message.as_str())
            .collect();
        panic!("{error:?}: {found:#?}\n{text}")
    });
    let text_of = |(path, entry): (&String, &Entry)| match entry {
        Entry::File(file) => Some((path.to_string(), file.content.to_string())),
        Entry::Link(_) => None,
    };
    compiled
        .rendered
        .entries()
        .iter()
        .filter_map(text_of)
        .collect()
}

/// The one file whose path has this ending.
#[track_caller]
pub fn file<'a>(tree: &'a Tree, ending: &str) -> &'a str {
    let mut found = tree.iter().filter(|(path, _)| path.ends_with(ending));
    match (found.next(), found.next()) {
        (Some((_, text)), None) => text,
        (None, _) => panic!("no file {ending} among {:#?}", tree.keys()),
        (Some((one, _)), Some((two, _))) => panic!("{one} and {two} end in {ending}"),
    }
}

/// Every file whose path has this ending.
pub fn files<'a>(tree: &'a Tree, ending: &'a str) -> impl Iterator<Item = &'a str> {
    let ends = move |(path, _): &(&String, &String)| path.ends_with(ending);
    tree.iter().filter(ends).map(|(_, text)| text.as_str())
}

/// All lines of a tree, without comments and packed data.
pub fn lines(tree: &Tree) -> Vec<&str> {
    let packed = |path: &&String| path.ends_with("user-data");
    tree.iter()
        .filter(|(path, _)| !packed(path))
        .flat_map(|(_, text)| text.lines())
        .filter(|line| !line.trim_start().starts_with('#'))
        .collect()
}

/// Checks that the pieces are in the text, in this order.
#[track_caller]
pub fn in_order(text: &str, pieces: &[&str]) {
    let mut from = 0;
    for piece in pieces {
        match text[from..].find(piece) {
            Some(at) => from += at + piece.len(),
            None => panic!("`{piece}` does not follow {pieces:?} in\n{text}"),
        }
    }
}

/// The order in which a machine runs its steps: their names begin with numbers.
pub fn steps(tree: &Tree, class: &str) -> Vec<String> {
    tree.keys()
        .filter(|path| path.starts_with(&format!("classes/{class}")))
        .filter_map(|path| path.split_once("/steps/").map(|(_, step)| step.to_owned()))
        .collect()
}

/// Each release that the library knows, oldest first, and a runtime that is available for it.
pub const RELEASES: &[(&str, &str)] = &[
    ("1.24", "containerd { source = upstream }"),
    ("1.25", "containerd { source = upstream }"),
    ("1.26", "containerd { source = upstream }"),
    ("1.27", "containerd { source = upstream }"),
    ("1.28", "crio { }"),
    ("1.29", "crio { }"),
    ("1.30", "crio { }"),
    ("1.31", "crio { }"),
    ("1.32", "crio { }"),
    ("1.33", "crio { }"),
    ("1.34", "crio { }"),
    ("1.35", "crio { }"),
    ("1.36", "crio { }"),
    ("1.37", "crio { }"),
];

/// The cluster on one of them.
pub fn of_release(kubernetes: &'static str, runtime: &'static str) -> Spec {
    Spec {
        kubernetes,
        runtime,
        ..Spec::default()
    }
}

/// Checks that the piece is in no line that matters.
#[track_caller]
pub fn nowhere(tree: &Tree, piece: &str) {
    let found: Vec<&str> = lines(tree)
        .into_iter()
        .filter(|line| line.contains(piece))
        .collect();
    assert!(found.is_empty(), "`{piece}` is in {found:#?}");
}

/// The built-in library.
pub fn library() -> (Library, Sources, Diagnostics) {
    let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
    let library = Library::open(Default::default(), &mut sources, &mut out);
    (library, sources, out)
}

struct Nowhere;

impl Reader for Nowhere {
    fn read(&self, _: &Utf8Path) -> Result<String, String> {
        Err("there are no other files".to_owned())
    }
}
