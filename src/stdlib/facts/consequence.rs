//! What a change means for a cluster that runs, and which parts of the output have which consequence.

use std::sync::Arc;

use super::{Fact, Weight, Word, whole};
use crate::schema::{Entity, Schema};

/// What a change means for a cluster that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consequence {
    /// Its name in the library.
    pub name: String,
    /// How much it takes.
    pub weight: Weight,
    /// "the kubelet restarts"
    pub title: String,
    /// Why, in a sentence.
    pub why: String,
    /// What the operator does, because no step does it.
    pub by_hand: Option<String>,
    /// The services that restart.
    pub restarts: Vec<String>,
    /// The consequence that it is if the setting is in the `cluster` block.
    pub in_cluster: Option<String>,
    /// The consequence that it is on a control plane.
    pub on_control_plane: Option<String>,
}

impl Fact for Consequence {
    const KIND: &'static str = "consequence";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let text = |setting: &str| view.text(setting).map(|found| found.value);
        Some(Self {
            name,
            weight: Weight::of(&view, "is")?.value,
            title: text("title")?,
            why: text("why")?,
            by_hand: text("by-hand"),
            restarts: super::values(view.texts("restarts")),
            in_cluster: text("in-cluster"),
            on_control_plane: text("on-control-plane"),
        })
    }
}

/// A part of the output.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its name in the library.
    pub name: String,
    /// Where its files are.
    pub paths: Vec<String>,
    /// The name of the consequence.
    pub applies: String,
    /// The consequence for a file that was there before and still is, if it is another one.
    pub changed: Option<String>,
}

impl Fact for Part {
    const KIND: &'static str = "part";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        Some(Self {
            name,
            paths: super::values(view.texts("paths")),
            applies: view.text("applies")?.value,
            changed: view.text("changed").map(|found| found.value),
        })
    }
}
