//! Packages that work against a cluster on the same machine.

use std::sync::Arc;

use super::{Fact, whole};
use crate::schema::{Entity, Schema};

/// Packages that do the same harm.
#[derive(Clone, Debug)]
pub struct Clash {
    /// Their names.
    pub packages: Vec<String>,
    /// What would happen.
    pub why: String,
}

impl Fact for Clash {
    const KIND: &'static str = "clash";
    fn read(_: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let packages = view.texts("packages").into_iter();
        Some(Self {
            packages: packages.map(|name| name.value).collect(),
            why: view.text("why")?.value,
        })
    }
}
