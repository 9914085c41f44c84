//! Fields that a spec names itself, in `fields`: the release has them, and nothing else writes them.

use super::carried_settings::at_machines;
use super::field_types::wanted;
use crate::check::support::findings::Findings;
use crate::check::support::offers::text_instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity, suggest};
use crate::model::{Carried, Model, Target, field_names, overlap};
use crate::origin::Sourced;
use crate::stdlib::{Field, Known, Release};

declare! {
    /// The kubelet and kube-proxy read their documents strictly from kubeadm's ConfigMap: a field that they do not have ends them, or is
    /// dropped with one line in a log. A name that is near to a known one is a slip and an error. Any other is a note: it could
    /// be newer than the library, and is written as it is.
    ///
    /// `pikc stdlib show document/kubelet-configuration` and `document/kube-proxy-configuration` list the fields.
    ///
    /// ```pik fails
    /// kubelet { fields { podPidLimit = 4096 } }
    /// ```
    ///
    /// ```pik
    /// kubelet { fields { podPidsLimit = 4096 } }
    /// ```
    pub static UNKNOWN = {
        code: "field/unknown",
        since: "0.1.0",
        severity: Error,
        title: "a field that the document does not have",
        help: "drop the field, or write one that the document has",
        sources: ["kubernetes/kubelet config/v1beta1/types.go", "kubernetes/kube-proxy config/v1alpha1/types.go"],
    }

    /// The document of this release does not have the field: it came later, or is gone.
    ///
    /// ```pik fails
    /// kubernetes = 1.35
    /// kubelet { fields { tlsCurvePreferences = [29] } }
    /// ```
    ///
    /// ```pik
    /// kubernetes = 1.36
    /// kubelet { fields { tlsCurvePreferences = [29] } }
    /// ```
    pub static NOT_IN_RELEASE = {
        code: "field/not-in-release",
        since: "0.1.0",
        severity: Error,
        title: "a field of another release",
        help: "drop the field, or take a release that has it",
        sources: ["kubernetes/kubelet config/v1beta1/types.go", "kubernetes/kube-proxy config/v1alpha1/types.go"],
    }

    /// The field is still read, and is on its way out or has no effect any more.
    ///
    /// ```pik fails
    /// kubelet { fields { streamingConnectionIdleTimeout = 1h } }
    /// ```
    ///
    /// ```pik
    /// kubelet { fields { nodeStatusUpdateFrequency = 20s } }
    /// ```
    pub static DEPRECATED = {
        code: "field/deprecated",
        since: "0.1.0",
        severity: Warning,
        title: "a field that is deprecated",
        help: "drop the field",
        sources: ["kubernetes/kubelet config/v1beta1/types.go", "kubernetes/kube-proxy config/v1alpha1/types.go"],
    }

    /// The kubelet or kube-proxy ends when a field holds a value of another type: "cannot unmarshal". A field with maps in it is
    /// written field by field: `logging.format = json`.
    ///
    /// ```pik fails
    /// kubelet { fields { allowedUnsafeSysctls = "net.core.somaxconn" } }
    /// ```
    ///
    /// ```pik
    /// kubelet { fields { allowedUnsafeSysctls = ["net.core.somaxconn"] } }
    /// ```
    pub static WRONG_TYPE = {
        code: "field/wrong-type",
        since: "0.1.0",
        severity: Error,
        title: "a value of the wrong type",
        help: "write a value of the field's type",
        sources: ["kubernetes/kubelet config/v1beta1/types.go", "kubernetes/kube-proxy config/v1alpha1/types.go"],
    }

    /// pikc or kubeadm writes this field: for a setting of the spec, or so that the parts of the cluster agree. A second value would
    /// contradict it.
    ///
    /// ```pik fails
    /// kubelet { fields { maxPods = 40 } }
    /// ```
    ///
    /// ```pik
    /// kubelet { max-pods = 40 }
    /// ```
    pub static TAKEN = {
        code: "field/taken",
        since: "0.1.0",
        severity: Error,
        title: "a field that pikc or kubeadm already writes",
        help: "drop the field",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/componentconfigs/kubelet.go", "kubernetes/kubernetes cmd/kubeadm/app/componentconfigs/kubeproxy.go"],
    }

    /// One of the two would replace the other: a field holds a value, or a map with fields.
    ///
    /// ```pik fails
    /// kubelet { fields { somethingNew = 1, somethingNew.inner = 2 } }
    /// ```
    ///
    /// ```pik
    /// kubelet { fields { logging.format = json, logging.verbosity = 3 } }
    /// ```
    pub static INSIDE = {
        code: "field/inside-another",
        since: "0.1.0",
        severity: Error,
        title: "a field inside another that holds a value",
        help: "keep one of the two",
        sources: ["docs/language.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[
    &UNKNOWN,
    &NOT_IN_RELEASE,
    &DEPRECATED,
    &WRONG_TYPE,
    &TAKEN,
    &INSIDE,
];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some(release) = model.facts.release.as_deref() else {
        return;
    };
    let look = Look { model, release };
    let groups = [&model.cluster.kubelet.carried, &model.cluster.carried];
    for group in groups {
        for one in group {
            let found = inside(one, group).or_else(|| look.judge(one));
            found.into_iter().for_each(|finding| out.push(finding));
        }
    }
    at_machines(model, out, |one, nodes| {
        let group = &nodes.first()?.settings.kubelet.carried;
        inside(one, group).or_else(|| look.judge(one))
    });
}

/// A field on whose way another one of the same block stands.
fn inside(one: &Carried, group: &[Carried]) -> Option<Diagnostic> {
    let path = named(one)?;
    let other = group.iter().find(|other| {
        named(other).is_some_and(|outer| outer.len() < path.len() && overlap(outer, path))
    })?;
    let message = format!("`{path}` is inside {}, which holds a value", other.setting);
    let finding = Diagnostic::new(&INSIDE, message);
    let finding = finding.label(one.key, "inside").label(other.key, "a value");
    Some(finding.choice(|it| {
        it.remove_block(format!("drop `{path}`"), one.key)
            .remove_block(format!("drop {}", other.setting), other.key)
    }))
}

/// The path of a field that the spec names itself.
fn named(one: &Carried) -> Option<&str> {
    match &one.target {
        Target::Field { path, .. } if one.is_named_by_field() => Some(path),
        _ => None,
    }
}

struct Look<'a> {
    model: &'a Model,
    release: &'a Release,
}

impl Look<'_> {
    fn judge(&self, one: &Carried) -> Option<Diagnostic> {
        let Target::Field { kind, .. } = &one.target else {
            return None;
        };
        let path = named(one)?;
        if let Some(finding) = self.taken(one, kind, path) {
            return Some(finding);
        }
        let Some(known) = self.model.facts.field(kind, path) else {
            return Some(self.unknown(one, kind, path));
        };
        if !known.is_in(self.release.version) {
            return Some(self.not_in_release(one, known, path));
        }
        self.wrong_type(one, kind, path, known)
            .or_else(|| self.deprecated(one, known, path))
    }

    fn taken(&self, one: &Carried, kind: &str, path: &str) -> Option<Diagnostic> {
        let facts = &self.model.facts;
        let by = facts
            .setting_of_field(kind, path)
            .or_else(|| facts.writer_of_field(kind, path))?;
        let message = format!("the field `{path}` is already written elsewhere: {by}");
        let finding = Diagnostic::new(&TAKEN, message)
            .label(one.key, "a second value")
            .remove_block("drop the field", one.key);
        Some(match by.contains('`') {
            true => finding.help(format!("drop the field, and use {by}")),
            false => finding,
        })
    }

    fn unknown(&self, one: &Carried, kind: &str, path: &str) -> Diagnostic {
        let message = format!("{kind} has no field `{path}` that pikc knows");
        let finding =
            Diagnostic::new(&UNKNOWN, message).label(one.key, "not a field that pikc knows");
        let documents = self.model.facts.documents.iter();
        let paths: Vec<String> = documents
            .filter(|document| document.kind == kind)
            .flat_map(|document| document.fields.paths())
            .collect();
        match suggest::nearest(path, paths.iter().map(String::as_str)) {
            Some(near) => finding.help(format!("did you mean `{near}`?")).fix(
                format!("rename to `{near}`"),
                one.key,
                near,
            ),
            None => finding.severity(Severity::Note).help(format!(
                "it is written as it is; look it up for your release: `pikc stdlib show document/{}`",
                in_library(kind)
            )),
        }
    }

    fn not_in_release(&self, one: &Carried, known: &Known, path: &str) -> Diagnostic {
        let release = self.release.version;
        let why = match (known.gone, known.from) {
            (Some(gone), _) if gone <= release => format!("it is gone from {gone} on"),
            (_, Some(from)) => format!("it came with {from}"),
            _ => "another release has it".to_owned(),
        };
        let message = format!(
            "Kubernetes {} does not have the field `{path}`: {why}",
            self.release.name
        );
        Diagnostic::new(&NOT_IN_RELEASE, message)
            .label(one.key, "not in this release")
            .label(&self.model.cluster.kubernetes, "the release")
            .remove_block("drop the field", one.key)
    }

    fn deprecated(&self, one: &Carried, known: &Known, path: &str) -> Option<Diagnostic> {
        let since = known
            .deprecated
            .filter(|since| *since <= self.release.version)?;
        let message = format!("the field `{path}` has been deprecated since {since}");
        let finding = Diagnostic::new(&DEPRECATED, message).label(one.key, "deprecated");
        Some(finding.choice(|it| it.remove_block("drop the field", one.key)))
    }

    fn wrong_type(
        &self,
        one: &Carried,
        kind: &str,
        path: &str,
        known: &Known,
    ) -> Option<Diagnostic> {
        let facts = &self.model.facts;
        // The key of an open map holds what the map holds.
        let names = field_names(path);
        let (_, above) = names.split_last()?;
        let outer = facts.field(kind, &above.join("."));
        let field = match (outer.map(|outer| &outer.field), &known.field) {
            (Some(Field::Map(_)), Field::Map(inner)) => inner,
            (_, field) => field,
        };
        let value: Sourced<_> = one
            .value
            .clone()
            .map(|value| facts.as_held(kind, path, value));
        let wanted = wanted(field, &value.value)?;
        let message = format!("the field `{path}` holds {wanted}");
        let mut finding = Diagnostic::new(&WRONG_TYPE, message).label(&value, "another type");
        if let (Field::Choice(words), crate::model::Data::Text(text)) = (field, &value.value)
            && let Some(near) = suggest::nearest(text, words.iter().map(String::as_str))
        {
            finding = finding.help(format!("did you mean `{near}`?"));
            finding = text_instead(finding, &value.origin, text, near);
        } else {
            finding = finding.help(format!("write {wanted}"));
            finding = finding.choice(|it| it.remove_block("drop the field", one.key));
        }
        Some(finding)
    }
}

/// The library's name of a document: `kube-proxy-configuration` for `KubeProxyConfiguration`.
fn in_library(kind: &str) -> String {
    let mut name = String::new();
    for letter in kind.chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(letter.to_lowercase());
    }
    name
}
