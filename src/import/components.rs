//! The components of the control plane: their arguments and volumes, and files that they read.

use super::Import;
use super::document::{Doc, Item, Leaf};
use super::report::Place;
use super::said;
use super::spec::{Section, Value};
use crate::model::Target;

/// A component: its program, its place in a ClusterConfiguration, its block.
struct Component {
    program: &'static str,
    path: &'static [&'static str],
    block: &'static str,
}

const COMPONENTS: &[Component] = &[
    Component {
        program: "kube-apiserver",
        path: &["apiServer"],
        block: "api-server",
    },
    Component {
        program: "kube-controller-manager",
        path: &["controllerManager"],
        block: "controller-manager",
    },
    Component {
        program: "kube-scheduler",
        path: &["scheduler"],
        block: "scheduler",
    },
    Component {
        program: "etcd",
        path: &["etcd", "local"],
        block: "etcd",
    },
];

/// An argument that names a file of the control plane: pikc brings the file along and places it itself.
struct FileArgument {
    name: &'static str,
    program: &'static str,
    path: &'static [&'static str],
    setting: &'static str,
    /// What the spec names it.
    file: &'static str,
    /// Where pikc places it.
    placed: &'static str,
}

const FILES: &[FileArgument] = &[
    FileArgument {
        name: "audit-policy-file",
        program: "kube-apiserver",
        path: &["api-server", "audit"],
        setting: "policy",
        file: "audit-policy.yaml",
        placed: "/etc/pikc/control-plane/audit-policy.yaml",
    },
    FileArgument {
        name: "admission-control-config-file",
        program: "kube-apiserver",
        path: &["api-server", "admission"],
        setting: "config",
        file: "admission.yaml",
        placed: "/etc/pikc/control-plane/admission.yaml",
    },
    FileArgument {
        name: "oidc-ca-file",
        program: "kube-apiserver",
        path: &["api-server", "oidc"],
        setting: "ca",
        file: "oidc-ca.pem",
        placed: "/etc/pikc/control-plane/oidc-ca.pem",
    },
    FileArgument {
        name: "config",
        program: "kube-scheduler",
        path: &["scheduler"],
        setting: "config",
        file: "scheduler.yaml",
        placed: "/etc/pikc/control-plane/scheduler.yaml",
    },
];

const ENCRYPTION: &str = "/etc/pikc/control-plane/encryption.yaml";
const AUDIT_LOG: &str = "/var/log/kubernetes/audit/audit.log";

/// An argument of a file.
pub(super) struct Argument {
    pub name: String,
    pub text: String,
    pub place: Place,
}

/// The arguments at a path, as a map (up to v1beta3) or a list of names and values.
pub(super) fn arguments(doc: &Doc, path: &[&str]) -> Vec<Argument> {
    let mut all = Vec::new();
    for item in doc.each(path) {
        let (Some(name), value) = (item.text(&["name"]), item.leaf(&["value"])) else {
            continue;
        };
        let place = value.or(item.leaf(&["name"])).map(|leaf| doc.place(leaf));
        let text = value.and_then(Leaf::text).unwrap_or_default();
        if let (Some(place), true) = (place, item.leaves.len() <= 2) {
            let field = format!("{}.{name}", path.join("."));
            all.push(Argument {
                name: name.to_owned(),
                text: text.to_owned(),
                place: Place::new(&place.file, place.line, &field),
            });
            item.take();
        }
    }
    let depth = path.len();
    for leaf in doc.left(path).filter(|leaf| leaf.steps.len() == depth + 1) {
        if let (Some(name), Some(text)) = (leaf.steps.last(), leaf.text()) {
            all.push(Argument {
                name: name.clone(),
                text: text.to_owned(),
                place: doc.place(leaf),
            });
            leaf.take();
        }
    }
    all
}

impl Import {
    pub(super) fn components(&mut self, doc: &Doc) {
        for component in COMPONENTS {
            let all = arguments(doc, &[component.path, &["extraArgs"]].concat());
            // The audit log needs its rules first, and what is about them is read after that.
            let has_policy = all.iter().any(|one| one.name == "audit-policy-file");
            for argument in all {
                self.argument(doc, component, argument, has_policy);
            }
        }
        for component in COMPONENTS {
            for volume in doc.each(&[component.path, &["extraVolumes"]].concat()) {
                self.volume(doc, component.block, &volume);
            }
        }
        self.external_etcd(doc);
    }

    /// An argument that another file than kubeadm's gives to a component.
    pub(super) fn component_argument(&mut self, doc: &Doc, block: &str, one: Argument) {
        if let Some(component) = COMPONENTS.iter().find(|own| own.block == block) {
            self.argument(doc, component, one, false);
        }
    }

    fn argument(&mut self, doc: &Doc, component: &Component, one: Argument, has_policy: bool) {
        let program = component.program;
        let steps = [one.name.clone()];
        let default = self.facts.default(program, &doc.api, &steps);
        if default.is_some_and(|(value, _)| value == one.text) || self.follows(program, &one) {
            return;
        }
        if let Some(file) = FILES
            .iter()
            .find(|file| file.program == program && file.name == one.name)
        {
            self.file_argument(file, &one);
            return;
        }
        if program == "kube-apiserver" && self.api_server(&one, has_policy) {
            return;
        }
        if program == "kube-controller-manager" && one.name.starts_with("node-cidr-mask-size") {
            self.node_prefix(one);
            return;
        }
        let schema = self.facts.schema.clone();
        let own = said::of(&schema, program).into_iter().find(
            |said| matches!(&said.target, Target::Argument { name, .. } if *name == one.name),
        );
        let Some(own) = own else {
            self.put(
                &[component.block, "extra-args"],
                &one.name,
                one.text,
                one.place,
            );
            return;
        };
        if own.path.last().is_some_and(|block| block == "audit") && !has_policy {
            let why = "without a policy the API server writes no audit log, and the spec has none";
            self.report.lost(one.place, why);
            return;
        }
        let texts: Vec<(String, Place)> = match own.setting.list {
            true => one
                .text
                .split(',')
                .map(|part| (part.to_owned(), one.place.clone()))
                .collect(),
            false => vec![(one.text, one.place)],
        };
        self.say(&own, &texts);
    }

    /// Whether kubeadm passes an argument with this value by itself, because of another field.
    fn follows(&self, program: &str, one: &Argument) -> bool {
        let joined = |ranges: &[(ipnet::IpNet, Place)]| {
            let all: Vec<String> = ranges.iter().map(|(net, _)| net.to_string()).collect();
            all.join(",")
        };
        match (program, one.name.as_str()) {
            ("kube-controller-manager", "cluster-cidr") => joined(&self.pods) == one.text,
            ("kube-apiserver" | "kube-controller-manager", "service-cluster-ip-range") => {
                joined(&self.services) == one.text
            }
            _ => false,
        }
    }

    fn file_argument(&mut self, file: &FileArgument, one: &Argument) {
        self.put(file.path, file.setting, file.file, one.place.clone());
        if file.placed != one.text {
            let why = format!(
                "pikc places the file itself, as {}; `{}` of the spec names it",
                file.placed, file.setting
            );
            self.report.lost(one.place.clone(), why);
        }
        let block = file.path.last().copied().unwrap_or_default();
        self.report.fill(
            format!("the file `{}` next to the spec", file.file),
            format!(
                "copy it from the control plane, from the path that the argument {} names: `{}` of `{block}` needs it",
                file.name, file.setting
            ),
        );
    }

    /// Arguments of the API server that are part of a block; whether this was one.
    fn api_server(&mut self, one: &Argument, has_policy: bool) -> bool {
        match one.name.as_str() {
            "enable-admission-plugins" => {
                let items: Vec<_> = one
                    .text
                    .split(',')
                    .filter(|name| *name != "NodeRestriction" && !name.is_empty())
                    .map(|name| (name.to_owned(), Some(one.place.clone())))
                    .collect();
                if !items.is_empty() {
                    let path = &["api-server", "admission"];
                    self.put(path, "enable", Value::Many(items), one.place.clone());
                }
                if !one.text.split(',').any(|name| name == "NodeRestriction") {
                    let why = "the spec keeps NodeRestriction on, which this list turns off";
                    self.report.lost(one.place.clone(), why);
                }
            }
            "audit-log-path" if has_policy => {
                if one.text != AUDIT_LOG {
                    let why = format!("the audit log of a spec is {AUDIT_LOG}");
                    self.report.lost(one.place.clone(), why);
                }
            }
            "audit-log-maxsize" if has_policy => {
                let size = format!("{}MiB", one.text);
                self.put(&["api-server", "audit"], "size", size, one.place.clone());
            }
            "encryption-provider-config" if one.text == ENCRYPTION => {
                let path = &["api-server", "encryption-at-rest"];
                self.put(path, "key", "secret:etcd-key", one.place.clone());
                self.report.fill(
                    "`secret:etcd-key`",
                    "the key in the file that encryption-provider-config names; `provider` and `resources` must be as they are there",
                );
            }
            "encryption-provider-config" => {
                let path = &["api-server", "extra-args"];
                self.put(path, &one.name, one.text.clone(), one.place.clone());
                self.report.fill(
                    "the file that encryption-provider-config names",
                    "it holds keys, so it is left where it is: copy it to the control plane yourself, before the first run",
                );
            }
            _ => return false,
        }
        true
    }

    fn node_prefix(&mut self, one: Argument) {
        if one.name == "node-cidr-mask-size-ipv6" {
            let why = "each node gets a /64 of the IPv6 range";
            self.report.lost(one.place, why);
            return;
        }
        if one.name == "node-cidr-mask-size" {
            let why = "the spec says the same as node-cidr-mask-size-ipv4";
            self.report.lost(one.place.clone(), why);
        }
        self.put(&["network"], "node-prefix", one.text, one.place);
    }

    fn volume(&mut self, doc: &Doc, block: &str, item: &Item<'_>) {
        let (Some(name), Some(host)) = (item.text(&["name"]), item.text(&["hostPath"])) else {
            return;
        };
        let place = |leaf: Option<&Leaf>| leaf.map(|leaf| doc.place(leaf));
        let Some(at) = place(item.leaf(&["name"])) else {
            return;
        };
        // What pikc mounts for a setting of its own.
        if name.starts_with("pikc-")
            && (host.starts_with("/etc/pikc/") || AUDIT_LOG.starts_with(host))
        {
            item.take();
            return;
        }
        let mut volume = Section::new("volume", Some(name));
        let mut set = |key: &str, value: &str, leaf: Option<&Leaf>| {
            let from = place(leaf).unwrap_or_else(|| at.clone());
            // A new block has no other value.
            let _ = volume.put(key, value, from);
        };
        set("host", host, item.leaf(&["hostPath"]));
        let mount = item.text(&["mountPath"]);
        if let Some(mount) = mount.filter(|mount| *mount != host) {
            set("mount", mount, item.leaf(&["mountPath"]));
        }
        // Without `readOnly` a component may write.
        if item.text(&["readOnly"]) != Some("true") {
            set("writable", "on", item.leaf(&["readOnly"]));
        }
        if let Some(kind) = item.text(&["pathType"]) {
            set("kind", kind, item.leaf(&["pathType"]));
        }
        for key in ["name", "hostPath", "mountPath", "readOnly", "pathType"] {
            if let Some(leaf) = item.leaf(&[key]) {
                leaf.take();
                volume.from.push(doc.place(leaf));
            }
        }
        self.cluster.at(&[block]).blocks.push(volume);
    }

    /// The three files of an etcd that runs elsewhere.
    fn external_etcd(&mut self, doc: &Doc) {
        let files = [
            (
                "caFile",
                "ca",
                "etcd-ca.pem",
                "/etc/pikc/control-plane/etcd/ca.pem",
            ),
            (
                "certFile",
                "cert",
                "etcd-client.pem",
                "/etc/pikc/control-plane/etcd/client.pem",
            ),
            (
                "keyFile",
                "key",
                "secret:etcd-client-key",
                "/etc/pikc/control-plane/etcd/client.key",
            ),
        ];
        for (field, setting, word, placed) in files {
            let Some((text, place)) = doc.take(&["etcd", "external", field]) else {
                continue;
            };
            self.put(&["etcd", "external"], setting, word, place.clone());
            if text != placed {
                let why = format!("pikc places the file itself, as {placed}");
                self.report.lost(place, why);
            }
            let why = "copy it from the control plane: the external etcd is reached with it";
            match word.strip_prefix("secret:") {
                Some(_) => self.report.fill(
                    format!("`{word}`"),
                    format!("the content of the file that {field} names, given with --secrets"),
                ),
                None => self
                    .report
                    .fill(format!("the file `{word}` next to the spec"), why),
            }
        }
    }

    /// What a block adds although no file says it.
    pub(super) fn added_by_blocks(&mut self) {
        let Some(audit) = self
            .cluster
            .block("api-server")
            .and_then(|own| own.block("audit"))
        else {
            return;
        };
        let Some(place) = audit.places().into_iter().next() else {
            return;
        };
        let field = |name: &str| {
            let at = format!("apiServer.extraArgs.{name}");
            Place::new(&place.file, place.line, &at)
        };
        let mut lines = Vec::new();
        if audit.get("keep").is_none() {
            lines.push((
                field("audit-log-maxbackup"),
                "the file sets none; the spec keeps 10 rotated files",
            ));
        }
        if audit.get("size").is_none() {
            lines.push((
                field("audit-log-maxsize"),
                "the file sets none; the spec rotates the log at 100MiB",
            ));
        }
        for (place, why) in lines {
            self.report.lost(place, why);
        }
    }
}
