//! Programs that a cluster can run in addition to what kubeadm installs.

use std::net::IpAddr;
use std::sync::Arc;

use super::{Fact, whole};
use crate::origin::Sourced;
use crate::schema::{Entity, Schema};

/// A program that the control plane applies to the cluster if the spec asks for it.
#[derive(Clone, Debug)]
pub struct Addon {
    /// `node-local-dns`
    pub name: String,
    /// "NodeLocal DNSCache"
    pub title: String,
    /// Its image.
    pub image: Sourced<String>,
    /// The address on which it listens on every machine.
    pub address: Sourced<IpAddr>,
    /// The modes of kube-proxy in which it also listens on the service's address.
    pub binds_service: Vec<Sourced<String>>,
    /// The CNIs with which it never gets a packet for the service's address.
    pub services_by_cni: Vec<Sourced<String>>,
}

impl Fact for Addon {
    const KIND: &'static str = "addon";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        Some(Self {
            name,
            title: view.text("title")?.value,
            image: view.text("image")?,
            address: view.address("address")?,
            binds_service: view.texts("binds-service"),
            services_by_cni: view.texts("services-by-cni"),
        })
    }
}
