//! Platforms: what creates machines and provides their user-data.

use std::sync::Arc;

use super::{Fact, whole};
use crate::origin::Sourced;
use crate::schema::{Entity, Schema};

/// A cloud or a hypervisor that provides the user-data of a new machine.
#[derive(Clone, Debug)]
pub struct Platform {
    /// `ec2`
    pub name: String,
    /// "Amazon EC2"
    pub title: String,
    /// The largest file that it accepts, in bytes.
    pub user_data: Sourced<i64>,
    /// Whether that number is confirmed by a source.
    pub verified: bool,
}

impl Fact for Platform {
    const KIND: &'static str = "platform";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        Some(Self {
            name,
            title: view.text("title")?.value,
            user_data: view.integer("user-data")?,
            verified: view
                .texts("unverified")
                .iter()
                .all(|setting| setting.value != "user-data"),
        })
    }
}
