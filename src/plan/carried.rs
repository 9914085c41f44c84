//! Settings that a document holds as they are, on their way into its fields.

use super::document::fields::{Field, Fields};
use crate::model::{Carried, Model, Target, field_names};

/// Puts the settings that this kind of document holds into its fields.
pub(super) fn put_all(fields: &mut Fields, document: &str, carried: &[Carried], model: &Model) {
    for one in carried {
        if let Target::Field { kind, path } = &one.target
            && kind == document
        {
            let value = one
                .value
                .clone()
                .map(|value| model.facts.as_held(kind, path, value));
            fields.put(&field_names(path), Field::Value(value));
        }
    }
}
