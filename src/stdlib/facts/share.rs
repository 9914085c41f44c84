//! What uses the resources of a machine before the first of the user's pods runs.

use std::sync::Arc;

use super::{Fact, whole};
use crate::schema::{Entity, Schema};
use crate::value::Size;

/// A share of a machine's resources.
#[derive(Clone, Debug)]
pub struct Share {
    /// Its name in the library.
    pub name: String,
    /// "the kubelet"
    pub title: String,
    /// Memory.
    pub memory: Size,
    /// Processor time, in thousandths of a core.
    pub cpu: i64,
    /// `control-plane` or `worker`; none for all.
    pub role: Option<String>,
    /// The runtime of the clusters that run it; none for any.
    pub runtime: Option<String>,
    /// The CNI of the clusters that run it, and its way; none for any.
    pub cni: Option<String>,
    /// See `cni`.
    pub way: Option<String>,
    /// The program that it is, if it only runs where the spec asks for it.
    pub addon: Option<String>,
    /// Whether it is kube-proxy.
    pub proxy: bool,
}

impl Fact for Share {
    const KIND: &'static str = "share";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        Some(Self {
            name,
            title: view.text("title")?.value,
            memory: view.size("memory")?.value,
            cpu: view.integer("cpu")?.value,
            role: view.text("role").map(|role| role.value),
            runtime: view.text("runtime").map(|runtime| runtime.value),
            cni: view.text("cni").map(|cni| cni.value),
            way: view.text("way").map(|way| way.value),
            addon: view.text("addon").map(|addon| addon.value),
            proxy: view.boolean("proxy").is_some_and(|proxy| proxy.value),
        })
    }
}
