//! Every setting has a type with the rule of its domain, or states why it can be any text.

use pikc::diagnostic::Diagnostics;
use pikc::schema::{LabelRule, Schema};
use pikc::source::Sources;
use pikc::stdlib::Library;
use pikc::value::Type;

/// The settings of a spec whose value can be any text. Add a new one only on purpose.
const ANY_TEXT: &[&str] = &["allow.reason", "fields"];

fn library() -> (Library, Sources) {
    let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
    let library = Library::open(Default::default(), &mut sources, &mut out);
    assert!(out.is_empty(), "{out:?}");
    (library, sources)
}

/// Every value in a schema, with its reason if it can be any text: settings, and the values of open maps.
fn values(schema: &Schema) -> Vec<(String, Type, Option<String>)> {
    let mut found = Vec::new();
    for block in schema.blocks.values() {
        let open = block
            .open
            .map(|ty| (block.name.clone(), ty, block.any_text.clone()));
        found.extend(open);
        let settings = block.settings.values();
        found.extend(settings.map(|one| {
            (
                format!("{}.{}", block.name, one.name),
                one.ty,
                one.any_text.clone(),
            )
        }));
    }
    found
}

#[test]
fn a_value_that_can_be_any_text_states_why() {
    let (mut library, mut sources) = library();
    let spec = library.spec_schema();
    let mut all = values(&spec);
    for kind in ["runtime", "cni"] {
        for name in library.names(kind) {
            let options = library.options(kind, &name, &mut sources, &mut Diagnostics::default());
            all.extend(options.values().map(|one| {
                (
                    format!("{kind} {name}: {}", one.name),
                    one.ty,
                    one.any_text.clone(),
                )
            }));
        }
    }
    let facts = values(&library.fact_schema());
    let mut any: Vec<&str> = Vec::new();
    for (name, ty, reason) in facts.iter().chain(&all) {
        assert_eq!(ty.is_any_text(), reason.is_some(), "{name}");
        if let Some(reason) = reason {
            assert!(
                reason.len() > 20 && reason.ends_with('.'),
                "{name}: {reason}"
            );
        }
    }
    any.extend(
        all.iter()
            .filter(|(_, ty, _)| ty.is_any_text())
            .map(|(name, ..)| name.as_str()),
    );
    any.sort_unstable();
    assert_eq!(any, ANY_TEXT, "settings of a spec that can be any text");
    assert!(
        facts.len() > 200 && all.len() > 100,
        "{} values were checked",
        all.len()
    );
}

#[test]
fn no_key_and_no_label_of_a_spec_is_any_text() {
    let (library, _) = library();
    for block in library.spec_schema().blocks.values() {
        assert!(!block.keys.is_any_text(), "{}", block.name);
        assert!(block.label != LabelRule::Text, "{}", block.name);
        if let LabelRule::Typed(ty) = block.label {
            assert!(!ty.is_any_text(), "{}", block.name);
        }
    }
}
