//! Address ranges that something else uses on every machine, or can use on one.

use std::sync::Arc;

use ipnet::IpNet;

use super::{Fact, whole};
use crate::origin::Sourced;
use crate::schema::{Entity, Schema};

/// A range that something else uses.
#[derive(Clone, Debug)]
pub struct Taken {
    /// "Docker's bridge"
    pub title: String,
    /// The range.
    pub range: Sourced<IpNet>,
    /// Whether a cluster cannot work with it.
    pub refuse: bool,
    /// Whether it is inside the ranges for private networks.
    pub private: bool,
    /// What would happen.
    pub why: String,
}

impl Fact for Taken {
    const KIND: &'static str = "taken";
    fn read(_: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let on = |setting: &str| view.boolean(setting).is_some_and(|on| on.value);
        Some(Self {
            title: view.text("title")?.value,
            range: view.cidr("range")?,
            refuse: on("refuse"),
            private: on("private"),
            why: view.text("why")?.value,
        })
    }
}
