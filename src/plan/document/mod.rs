//! Documents that have a schema, as typed data: one module per API version, [`Sourced`] leaves
//! wherever the value comes from the spec, the library or a rule.
//!
//! Fields are those that a cluster of pikc's can need, in the order a reader looks for them; one that
//! is `None` is not written. A misspelt or misplaced field does not compile.
//!
//! [`Sourced`]: crate::origin::Sourced

pub mod cloud_config;
pub mod fields;
mod kubeadm;
pub mod kubeadm_v1beta3;
pub mod kubeadm_v1beta4;
pub mod kubelet_v1beta1;
pub mod kubeproxy_v1alpha1;
pub mod netplan;
pub mod policy_objects;

pub use kubeadm::{
    ApiEndpoint, Arg, ClusterConfiguration, Discovery, Dns, ExtraArgs, FileDiscovery,
    InitConfiguration, JoinConfiguration, JoinControlPlane, Networking, NodeRegistration, Patches,
    PullPolicy, Taint, TaintEffect,
};

use serde::Serialize;

/// The two fields that identify a document.
pub trait ApiKind {
    /// `kubeadm.k8s.io/v1beta4`
    const API_VERSION: &'static str;
    /// `InitConfiguration`
    const KIND: &'static str;
}

/// A document with the two fields that identify it in front.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Versioned<T> {
    api_version: &'static str,
    kind: &'static str,
    /// Its content.
    #[serde(flatten)]
    pub body: T,
}

impl<T> Versioned<T> {
    /// A document of this version and kind.
    pub fn new(api_version: &'static str, kind: &'static str, body: T) -> Self {
        Self {
            api_version,
            kind,
            body,
        }
    }
}

impl<T: ApiKind> From<T> for Versioned<T> {
    fn from(body: T) -> Self {
        Self {
            api_version: T::API_VERSION,
            kind: T::KIND,
            body,
        }
    }
}

/// Declares which document a struct is.
macro_rules! kind {
    ($api_version:literal: $($name:ident),+) => {
        $(impl crate::plan::document::ApiKind for $name {
            const API_VERSION: &'static str = $api_version;
            const KIND: &'static str = stringify!($name);
        })+
    };
}
use kind;
