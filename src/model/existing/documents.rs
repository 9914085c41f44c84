//! How the documents of a file for `kubeadm --config` are separated, and which kinds they have: kubeadm refuses the whole file for one of
//! them that it cannot place.

use std::collections::{BTreeMap, BTreeSet};

use super::kubeadm::{KUBEADM, is_ours};
use super::yaml::{Twice, Yaml};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics, Severity, suggest};
use crate::source::{FileId, Span, Spanned};
use crate::stdlib::KubeadmDocument;

use super::kubeadm::IGNORED;

declare! {
    /// kubeadm splits its file by lines before it reads any YAML, and every part must have an `apiVersion` with a group and a `kind`. One part
    /// without them, and the whole file is refused: "invalid configuration for GroupVersionKind /, Kind=: kind and apiVersion is mandatory
    /// information that must be specified".
    ///
    /// - A comment or an empty line before the first `---` is a part of its own. So is one after the last `---`.
    /// - Two separators with only a comment between them are a part, too.
    /// - An object of the API version `v1` has no group. What is applied to the cluster belongs in a file of its own.
    /// - Behind `---` there can be a comment and nothing else.
    ///
    /// ```yaml fails
    /// # The cluster at home.
    /// ---
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ```
    ///
    /// ```yaml
    /// # The cluster at home.
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ```
    pub static STRAY = {
        code: "kubeadm/stray-document",
        since: "0.1.0",
        severity: Error,
        title: "a part of a file that makes kubeadm refuse the whole file",
        help: "remove it, or move it to another file",
        no_edit: "whether the document was meant for another command is not in the file",
        sources: [
            "kubernetes/kubernetes cmd/kubeadm/app/util/marshal.go",
            "kubernetes/kubernetes staging/src/k8s.io/apimachinery/pkg/util/yaml/decoder.go",
        ],
    }

    /// kubeadm reads one document of each kind and refuses a file with two: "kind is specified twice in YAML file". It compares the kinds alone,
    /// so a copy in an older API version is a second one, too.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ---
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// clusterName: home
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// clusterName: home
    /// ```
    pub static KIND_TWICE = {
        code: "kubeadm/kind-twice",
        since: "0.1.0",
        severity: Error,
        title: "a file with two documents of one kind",
        help: "write both into one document, or into two files",
        no_edit: "which of the two documents is right is not in the file",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/util/marshal.go"],
    }

    /// A map has a key once. With a second one, `kubeadm init` writes a line into its log and uses the last; `kubeadm config validate` refuses
    /// the file. `kubectl apply` uses the last, too.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    ///   podSubnet: 10.1.0.0/16
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnet: 10.1.0.0/16
    /// ```
    pub static KEY_TWICE = {
        code: "kubeadm/key-twice",
        since: "0.1.0",
        severity: Error,
        title: "a key that one map has twice",
        help: "remove one of the two",
        no_edit: "which of the two values is right is not in the file",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/util/config/strict/strict.go"],
    }

    /// The document's API version does not have this kind. kubeadm writes one line into its log and goes on without the document, so that
    /// none of its settings reach the cluster; if the kind is one of its own, under a wrong group, it stops.
    ///
    /// | kind | group |
    /// |---|---|
    /// | ClusterConfiguration, InitConfiguration, JoinConfiguration | `kubeadm.k8s.io` |
    /// | KubeletConfiguration | `kubelet.config.k8s.io/v1beta1` |
    /// | KubeProxyConfiguration | `kubeproxy.config.k8s.io/v1alpha1` |
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: KubeletConfiguration
    /// maxPods: 40
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// maxPods: 40
    /// ```
    pub static UNKNOWN_KIND = {
        code: "kubeadm/unknown-kind",
        since: "0.1.0",
        severity: Error,
        title: "a kind that its API version does not have",
        help: "write the kind's own API version",
        no_edit: "which kind was meant is not in the file",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/util/config/initconfiguration.go"],
    }
}

pub(super) static CODES: &[&Descriptor] = &[&STRAY, &KIND_TWICE, &KEY_TWICE, &UNKNOWN_KIND];

/// Kinds that kubeadm finds by their name, whatever their group.
const BY_NAME: &[&str] = &[
    "ClusterConfiguration",
    "InitConfiguration",
    "JoinConfiguration",
];

/// Whether a document belongs to `kubeadm --config`, or was meant to: a kind of kubeadm's under a group that looks like kubeadm's.
pub(super) fn is_meant(root: &Yaml) -> bool {
    let text = |key| root.get(key).and_then(Yaml::text);
    let (Some(api), Some(kind)) = (text("apiVersion"), text("kind")) else {
        return false;
    };
    is_ours(&api.value) || (BY_NAME.contains(&kind.value.as_str()) && api.value.contains("kubeadm"))
}

/// Keys that a map has twice.
pub(super) fn twice(keys: &[Twice], out: &mut Diagnostics) {
    for (key, before) in keys {
        let message = format!(
            "{} stands twice in one map, and the last one counts",
            super::secret::quoted(&key.value)
        );
        let finding = Diagnostic::new(&KEY_TWICE, message)
            .label(key.span, "the second")
            .label(*before, "the first has no effect");
        out.push(finding);
    }
}

/// A file for `kubeadm --config`: what makes kubeadm refuse all of it, or drop a document.
pub(super) struct Whole<'a> {
    pub file: FileId,
    pub text: &'a str,
    pub roots: &'a [Yaml],
    pub documents: &'a [KubeadmDocument],
    pub out: &'a mut Diagnostics,
}

impl Whole<'_> {
    pub(super) fn check(&mut self) {
        self.separators();
        let mut before: BTreeMap<String, Span> = BTreeMap::new();
        let mut reported = BTreeSet::new();
        for root in self.roots {
            let text = |key| root.get(key).and_then(Yaml::text);
            let (api, kind) = (text("apiVersion"), text("kind"));
            let (Some(api), Some(kind)) = (&api, &kind) else {
                self.nameless(root);
                continue;
            };
            match before.get(&kind.value) {
                Some(first) if reported.insert(kind.value.clone()) => {
                    let message = format!(
                        "kubeadm refuses a file with two documents of the kind {}",
                        kind.value.escape_debug()
                    );
                    let finding = Diagnostic::new(&KIND_TWICE, message)
                        .label(kind.span, "the second")
                        .label(*first, "the first");
                    self.out.push(finding);
                }
                Some(_) => {}
                None => {
                    before.insert(kind.value.clone(), kind.span);
                }
            }
            self.kind(api, kind);
        }
    }

    /// A document without `apiVersion` or `kind`.
    fn nameless(&mut self, root: &Yaml) {
        // A placeholder has been reported.
        let unfilled = |key| root.get(key).is_some_and(Yaml::is_unfilled);
        // Only comments: the separators have been checked.
        if root.is_null() || unfilled("apiVersion") || unfilled("kind") {
            return;
        }
        let message =
            "kubeadm refuses the whole file: this document has no `apiVersion` or no `kind`";
        let place = super::shape::first(root);
        self.out
            .push(Diagnostic::new(&STRAY, message).label(place, "this document"));
    }

    fn kind(&mut self, api: &Spanned<String>, kind: &Spanned<String>) {
        let shown = |found: &Spanned<String>| found.value.escape_debug().to_string();
        if !api.value.contains('/') {
            let message = format!(
                "kubeadm refuses the whole file: the API version `{}` of this {} has no group",
                shown(api),
                shown(kind)
            );
            let finding = Diagnostic::new(&STRAY, message).label(api.span, "no group");
            self.out.push(finding.help(
                "move it to a file of its own; `pikc check --manifest FILE` reads what is applied to the cluster",
            ));
        } else if is_ours(&api.value) {
            self.own_group(api, kind);
        } else if BY_NAME.contains(&kind.value.as_str()) {
            let message = format!("kubeadm has no {} of `{}`", shown(kind), shown(api));
            let finding = Diagnostic::new(&UNKNOWN_KIND, message)
                .label(api.span, "not kubeadm's group")
                .label(kind.span, "kubeadm finds it by its kind, and stops");
            self.out.push(match self.newest(&kind.value) {
                Some(own) => finding.help(format!("write `apiVersion: {own}`")),
                None => finding,
            });
        } else {
            let message = format!("kubeadm drops a {} of `{}`", shown(kind), shown(api));
            let finding = Diagnostic::new(&IGNORED, message)
                .label(api.span, "not a document for kubeadm")
                .help("move it to a file of its own; `pikc check --manifest FILE` reads what is applied to the cluster");
            self.out.push(finding);
        }
    }

    /// A kind that is not one of its API version's.
    fn own_group(&mut self, api: &Spanned<String>, kind: &Spanned<String>) {
        let known: Vec<&KubeadmDocument> = self
            .documents
            .iter()
            .filter(|one| one.api == api.value)
            .collect();
        // Of an API version that is not known, its own check speaks.
        if known.is_empty() || known.iter().any(|one| one.kind == kind.value) {
            return;
        }
        let drops = match api.value.starts_with(KUBEADM) {
            true => "kubeadm drops this document",
            false => "kubeadm stops at this document",
        };
        let message = format!(
            "{drops}: `{}` has no kind {}",
            api.value,
            kind.value.escape_debug()
        );
        let finding = Diagnostic::new(&UNKNOWN_KIND, message).label(kind.span, "not a kind of it");
        let names = known.iter().map(|one| one.kind.as_str());
        let help = match (
            self.newest(&kind.value),
            suggest::nearest(&kind.value, names),
        ) {
            (Some(own), _) => format!("write `apiVersion: {own}`"),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => "remove the document".to_owned(),
        };
        self.out.push(finding.help(help));
    }

    /// The newest API version with a kind.
    fn newest(&self, kind: &str) -> Option<&str> {
        let of_kind = self.documents.iter().filter(|one| one.kind == kind);
        of_kind.map(|one| one.api.as_str()).max()
    }

    /// The file as kubeadm splits it: a line that begins with `---` ends a part if anything was read since the last one.
    fn separators(&mut self) {
        let mut at = 0;
        let mut part = Part::default();
        for line in self.text.split_inclusive('\n') {
            let span = Span::new(self.file, at, at + line.trim_end().len());
            at += line.len();
            let Some(rest) = line.strip_prefix("---") else {
                part.line(line, span);
                continue;
            };
            let rest = rest.trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                let message =
                    "kubeadm refuses the whole file: it accepts nothing but a comment behind `---`";
                let finding = Diagnostic::new(&STRAY, message).label(span, "this separator");
                self.out
                    .push(finding.help("write `---` on a line of its own"));
                return;
            }
            if part.lines == 0 {
                part.begins(span);
            } else {
                self.ended(&part, Some(span));
                part = Part::default();
            }
        }
        // A separator at the end of the file is no part.
        if part.lines > 1 || !part.separator {
            self.ended(&part, None);
        }
    }

    /// Reports a part without contents.
    fn ended(&mut self, part: &Part, end: Option<Span>) {
        let place = part.comment.or(end).or(part.start);
        let (Some(place), false, true) = (place, part.full, part.lines > 0) else {
            return;
        };
        let what = match part.comment {
            Some(_) => "only a comment",
            None => "nothing",
        };
        let (message, role, help) = match end {
            Some(_) => (
                format!("kubeadm refuses the whole file: there is {what} before this `---`"),
                "a part without a document",
                "remove the `---` behind it",
            ),
            None => (
                format!("kubeadm refuses the whole file: there is {what} after the last `---`"),
                "a part without a document",
                "remove the last `---` and what follows it",
            ),
        };
        let mut finding = Diagnostic::new(&STRAY, message).severity(Severity::Error);
        finding = finding.label(place, role);
        if let Some(end) = end.filter(|end| *end != place) {
            finding = finding.label(end, "ends it");
        }
        self.out.push(finding.help(help));
    }
}

/// What was read since the last separator.
#[derive(Default)]
struct Part {
    lines: usize,
    /// Whether its first line is a separator.
    separator: bool,
    start: Option<Span>,
    comment: Option<Span>,
    /// Whether it has anything but comments.
    full: bool,
}

impl Part {
    fn begins(&mut self, span: Span) {
        self.lines = 1;
        self.separator = true;
        self.start = Some(span);
    }

    fn line(&mut self, line: &str, span: Span) {
        self.lines += 1;
        self.start.get_or_insert(span);
        let text = line.trim();
        if text.starts_with('#') {
            self.comment.get_or_insert(span);
        } else if !text.is_empty() {
            self.full = true;
        }
    }
}
