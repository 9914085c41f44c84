//! The spec that examples are set into.

use std::collections::{BTreeMap, BTreeSet};

use pikc::ast::{Block, Item};
use pikc::diagnostic::Diagnostics;
use pikc::source::FileId;

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
pub struct Base {
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
            profile: "profile pi {\n  os = raspios-trixie\n  locale { country = JP }\n  user pi { ssh-keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop\"] }\n}".to_owned(),
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

    /// The spec with the example in it; `completes` adds what a node of the example leaves out.
    pub fn with(example: &str, completes: bool) -> String {
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
                    "user pi { ssh-keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop\"] }",
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
