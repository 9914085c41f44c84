//! Programs that test whether a cluster works.

use std::sync::Arc;

use super::{Fact, whole};
use crate::origin::Sourced;
use crate::schema::{Entity, Schema};

/// A program that runs for the length of a test on every node.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Its image.
    pub image: Sourced<String>,
}

impl Fact for Probe {
    const KIND: &'static str = "probe";
    fn read(_: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        Some(Self {
            image: view.text("image")?,
        })
    }
}
