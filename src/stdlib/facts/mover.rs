//! Programs that keep an address on one of the control planes.

use std::sync::Arc;

use super::{Fact, whole};
use crate::origin::Sourced;
use crate::schema::{Entity, Schema};
use crate::value::Version;

/// A program that keeps an address on one of the control planes.
#[derive(Clone, Debug)]
pub struct Mover {
    /// `kube-vip`
    pub name: String,
    /// For people.
    pub title: String,
    /// How it runs.
    pub runs: Runs,
}

/// How what moves an address runs on a machine.
#[derive(Clone, Debug)]
pub enum Runs {
    /// As a pod that the kubelet starts by itself.
    Pod {
        /// Its image.
        image: Sourced<String>,
        /// The first release in which it needs super-admin.conf until `kubeadm init` is through.
        super_admin: Sourced<Version>,
    },
    /// As services of the system.
    Services {
        /// The packages that they are in.
        packages: Vec<Sourced<String>>,
        /// The port at which they listen if the endpoint has none.
        port: Sourced<u16>,
    },
}

impl Fact for Mover {
    const KIND: &'static str = "vip";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let pod = view.text("image").zip(view.version("super-admin"));
        let runs = match pod {
            Some((image, super_admin)) => Runs::Pod { image, super_admin },
            None => Runs::Services {
                packages: view.texts("packages"),
                port: view.port("port")?,
            },
        };
        Some(Self {
            name,
            title: view.text("title")?.value,
            runs,
        })
    }
}
