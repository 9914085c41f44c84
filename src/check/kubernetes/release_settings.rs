//! Settings that become a field or an argument: the release has it.

use super::carried_settings::at_machines;
use crate::check::support::findings::{Findings, names, verb};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Carried, Data, Model, Target, field_names};
use crate::stdlib::{Field, Known, Release};
use crate::value::Version;

declare! {
    /// The setting becomes a field of a file or an argument, and this release does not have it, or not with this value. kubeadm
    /// would stop, or drop the field and build a cluster without it.
    ///
    /// | setting | from |
    /// |---|---|
    /// | `certificates` | 1.31, with kubeadm's API v1beta4 |
    /// | `max-age` of `image-gc` | 1.29 |
    /// | `key-type = ECDSA-P384` | 1.34 |
    /// | settings of the kubelet for one machine or a profile | 1.25: before, kubeadm applies no patches to its file |
    ///
    /// ```pik fails
    /// kubernetes = 1.33
    /// certificates { key-type = ECDSA-P384 }
    /// ```
    ///
    /// ```pik
    /// kubernetes = 1.36
    /// certificates { key-type = ECDSA-P384 }
    /// ```
    pub static NOT_THERE = {
        code: "setting/not-in-release",
        since: "0.1.0",
        severity: Error,
        title: "a setting for which this release has no field",
        help: "drop the setting, or write a newer release",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm/v1beta4/types.go", "kubernetes/kubelet config/v1beta1/types.go"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&NOT_THERE];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some(release) = model.facts.release.as_deref() else {
        return;
    };
    let look = Look { model, release };
    let everywhere = model
        .cluster
        .carried
        .iter()
        .chain(&model.cluster.kubelet.carried);
    for finding in everywhere.filter_map(|one| look.judge(one)) {
        out.push(finding);
    }
    if release.kubelet_patches.value {
        at_machines(model, out, |one, _| look.judge(one));
    } else {
        at_machines(model, out, |one, nodes| {
            let message = format!(
                "kubeadm {} applies no patches, so {} cannot be set for the {} of {} alone",
                release.name,
                one.setting,
                verb(nodes, "kubelet", "kubelets"),
                names(nodes)
            );
            let finding = Diagnostic::new(&NOT_THERE, message)
                .label(one.key, "for some machines only")
                .label(&model.cluster.kubernetes, "the release");
            Some(
                finding.help(
                    "set it in `kubelet` of the cluster, or write `kubernetes = 1.25` or later",
                ),
            )
        });
    }
}

struct Look<'a> {
    model: &'a Model,
    release: &'a Release,
}

impl Look<'_> {
    fn judge(&self, one: &Carried) -> Option<Diagnostic> {
        // Fields that the spec names are compared elsewhere, in more detail.
        if one.is_named_by_field() {
            return None;
        }
        let (what, from) = match &one.target {
            Target::Argument { program, name } => {
                let flag = self.model.facts.flags.get(program.as_str())?.find(name)?;
                if flag.is_in(self.release.version) {
                    return None;
                }
                (format!("the argument `{name}`"), flag.from)
            }
            Target::Field { kind, path } => self.field(one, kind, path)?,
        };
        let from = from.map(|from| format!(": it came with {from}"));
        let message = format!(
            "{} needs {what}, and Kubernetes {} does not have it{}",
            one.setting,
            self.release.name,
            from.unwrap_or_default()
        );
        let finding = Diagnostic::new(&NOT_THERE, message)
            .label(one.key, "not in this release")
            .label(&self.model.cluster.kubernetes, "the release");
        Some(finding.remove_block("drop the setting", one.key))
    }

    /// What a release lacks of a field, and the release that brings it.
    fn field(&self, one: &Carried, kind: &str, path: &str) -> Option<(String, Option<Version>)> {
        let facts = &self.model.facts;
        let mut of_kind = facts
            .documents
            .iter()
            .filter(|document| document.kind == kind);
        // Not in a table that a library folder has shortened.
        let own = facts.field(kind, path);
        let release = self.release.version;
        match own.filter(|known| known.is_in(release)) {
            Some(known) => {
                let value = unlisted(known, &one.value.value)?;
                let later = of_kind.filter_map(|document| row_with(&document.fields, path, &value));
                Some((format!("the value `{value}`"), later.min()))
            }
            None => {
                let since = own.and_then(|known| known.from).or_else(|| {
                    let newer = of_kind.find(|document| {
                        document.from > Some(release)
                            && document.fields.at(&field_names(path), None).is_some()
                    });
                    newer?.from
                });
                // One that no release has is the library's mistake, and a test's.
                since.map(|since| (format!("the field `{path}`"), Some(since)))
            }
        }
    }
}

/// A value that is not among those which a field may have.
fn unlisted(known: &Known, value: &Data) -> Option<String> {
    match (&known.field, value) {
        (Field::Choice(words), Data::Text(text)) if !words.contains(text) => Some(text.clone()),
        _ => None,
    }
}

/// The release from which on a field may have a value.
fn row_with(fields: &Field, path: &str, value: &str) -> Option<Version> {
    let names = field_names(path);
    let rows = fields.rows(&names)?;
    let has = |known: &&Known| matches!(&known.field, Field::Choice(words) if words.iter().any(|word| word == value));
    rows.iter().find(has)?.from
}
