//! The steps of a machine: one file here and one template in `stdlib/script/` each.
//!
//! A step decides from its class's settings whether the class has it, what its template is filled in
//! with, and which files of the class it places. To add one: a template, a file here, a `mod` line
//! and a line in the list below.

mod approver;
mod archive;
mod authorities;
mod boot_cmdline;
mod cluster_dns;
mod cni;
mod disks;
mod hostname;
mod hosts;
mod join_file;
mod kernel;
mod kubeadm_files;
mod kubeadm_init;
mod kubeadm_join;
mod kubeconfig;
mod kubelet_settings;
mod kubernetes;
mod locale;
mod network;
mod packages;
mod policy;
mod preflight;
mod proxy;
mod ready;
mod reflector;
mod renewal;
mod repositories;
mod root_fs;
mod runtime;
mod snapshots;
mod swap;
mod tidy;
mod time;
mod users;
mod vip;
mod vip_services;

use serde_json::Value as Json;

use super::file::Placing;
use super::hosts::Hosts;
use super::types::Context;
use crate::model::{Model, NodeSettings, Role};
use crate::origin::Origin;
use crate::stdlib::{Board, System};

/// What a step sees: the cluster and what the machines of one class have in common.
pub(super) struct ClassView<'a> {
    /// The cluster.
    pub model: &'a Model,
    /// The settings that the machines of the class share.
    pub settings: &'a NodeSettings,
    /// Their system.
    pub system: &'a System,
    /// The board of the first of them; the others are of the same family.
    pub board: &'a Board,
    /// Their role.
    pub role: Role,
    /// The spec's file name, for headers.
    pub spec: &'a str,
    /// Which nodes resolve which names.
    pub hosts: &'a Hosts,
    /// Whether the machines join by themselves, with what a secrets file gives them.
    pub by_itself: bool,
}

/// A step of a class.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// `40-swap`
    pub name: &'static str,
    /// The template that it is rendered from, if it shares one: `60-runtime`.
    pub template: &'static str,
    /// What its template is filled in with.
    pub context: Context,
    /// Files of the class that it places.
    pub files: Vec<Placing>,
    /// The settings that asked for it, as a person would write them.
    pub asked: Vec<String>,
    /// Their places.
    pub origins: Vec<Origin>,
}

impl Step {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            template: name,
            context: Context::default(),
            files: Vec::new(),
            asked: Vec::new(),
            origins: Vec::new(),
        }
    }

    /// Sets the template that it shares with other steps.
    #[must_use]
    fn with_template(mut self, template: &'static str) -> Self {
        self.template = template;
        self
    }

    /// Names a setting that asked for the step.
    #[must_use]
    fn asked(mut self, what: impl Into<String>, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.asked.push(what.into());
        for origin in origins {
            if !self.origins.contains(&origin) {
                self.origins.push(origin);
            }
        }
        self
    }

    /// Gives the template a value and says where it comes from.
    #[must_use]
    fn set(
        mut self,
        name: &str,
        value: impl Into<Json>,
        origins: impl IntoIterator<Item = Origin>,
    ) -> Self {
        self.context.set(name, value, origins);
        self
    }

    /// Adds a file of the class.
    #[must_use]
    fn file(mut self, file: Placing) -> Self {
        self.files.push(file);
        self
    }
}

/// Every step, in the order in which they run.
static STEPS: &[fn(&ClassView<'_>) -> Option<Step>] = &[
    preflight::plan,
    hostname::plan,
    hosts::plan,
    boot_cmdline::plan,
    root_fs::plan,
    users::plan,
    locale::plan,
    network::plan,
    authorities::plan,
    time::plan,
    proxy::plan,
    archive::plan,
    packages::plan,
    kubeadm_files::plan,
    kubelet_settings::plan,
    swap::plan,
    disks::plan,
    kernel::plan,
    repositories::plan,
    runtime::plan,
    kubernetes::plan,
    vip_services::plan,
    kubeadm_init::plan,
    kubeadm_join::plan,
    vip::plan,
    cluster_dns::plan,
    kubeconfig::plan,
    approver::plan,
    cni::plan,
    policy::plan,
    ready::plan,
    reflector::plan,
    join_file::plan,
    snapshots::plan,
    renewal::plan,
    tidy::plan,
];

pub(super) use approver::rotated as server_certificates;
pub(super) use network::links as cni_links;
pub(super) use proxy::add as add_proxy;
pub(super) use runtime::{login_file, with_logins};

/// The steps of a class.
pub(super) fn steps(class: &ClassView<'_>) -> Vec<Step> {
    STEPS.iter().filter_map(|step| step(class)).collect()
}
