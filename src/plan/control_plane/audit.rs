//! pikc's own rules of what the audit log holds, for a spec that names no file of rules.

use crate::model::Data;
use crate::origin::{Origin, Sourced};
use crate::plan::document::fields::{Field, Fields};
use crate::plan::types::{Document, TypedDocument};

/// One line for each request that changes something or reads a Secret; nothing for what comes every few seconds.
/// Fields: kubernetes.io/docs/reference/config-api/apiserver-audit.v1.
pub(super) fn policy(why: &Origin) -> Document {
    let text = |text: &str| Field::Value(Sourced::new(Data::Text(text.to_owned()), why.clone()));
    let texts = |all: &[&str]| Field::List(all.iter().map(|one| text(one)).collect());
    let of = |group: &str, kinds: &[&str]| {
        let mut one = Fields::default();
        one.put(&["group"], text(group));
        one.put(&["resources"], texts(kinds));
        Field::Map(one)
    };
    let rule = |level: &str, more: Vec<(&str, Field)>| {
        let mut one = Fields::default();
        one.put(&["level"], text(level));
        for (name, field) in more {
            one.put(&[name], field);
        }
        Field::Map(one)
    };
    let rules = vec![
        rule(
            "None",
            vec![(
                "nonResourceURLs",
                texts(&[
                    "/healthz*",
                    "/livez*",
                    "/readyz*",
                    "/version",
                    "/openapi/*",
                    "/metrics",
                ]),
            )],
        ),
        rule(
            "None",
            vec![(
                "resources",
                Field::List(vec![
                    of("", &["events"]),
                    of("events.k8s.io", &["events"]),
                    of("coordination.k8s.io", &["leases"]),
                    of("authentication.k8s.io", &["tokenreviews"]),
                    of("authorization.k8s.io", &["subjectaccessreviews"]),
                ]),
            )],
        ),
        rule(
            "Metadata",
            vec![
                ("verbs", texts(&["get", "list"])),
                ("resources", Field::List(vec![of("", &["secrets"])])),
            ],
        ),
        rule("None", vec![("verbs", texts(&["get", "list", "watch"]))]),
        rule("Metadata", Vec::new()),
    ];
    let mut fields = Fields::default();
    fields.put(&["omitStages"], texts(&["RequestReceived"]));
    fields.put(&["rules"], Field::List(rules));
    Document {
        typed: TypedDocument::object("audit.k8s.io/v1", "Policy"),
        fields,
    }
}
