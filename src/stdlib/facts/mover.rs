//! Programs that keep an address on one of the control planes.

use std::sync::Arc;

use super::{Fact, whole};
use crate::origin::Sourced;
use crate::schema::{Entity, Schema};
use crate::value::Version;

/// A program that keeps an address on one of the control planes, as a pod that the kubelet starts by itself.
#[derive(Clone, Debug)]
pub struct Mover {
    /// `kube-vip`
    pub name: String,
    /// For people.
    pub title: String,
    /// Its image.
    pub image: Sourced<String>,
    /// The first release in which it needs super-admin.conf until `kubeadm init` is through.
    pub super_admin: Sourced<Version>,
}

impl Fact for Mover {
    const KIND: &'static str = "vip";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        Some(Self {
            name,
            title: view.text("title")?.value,
            image: view.text("image")?,
            super_admin: view.version("super-admin")?,
        })
    }
}
