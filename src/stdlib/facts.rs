//! Facts as types: what rules and plans work with. What only templates read stays in the entity.

use std::sync::Arc;

use crate::diagnostic::Diagnostics;
use crate::origin::{Origin, Sourced};
use crate::schema::{Entity, Schema, View};
use crate::source::Sources;
use crate::value::{self, Type, Val, Version};

use super::Library;

mod addon;
mod board;
mod clash;
mod cni;
mod consequence;
mod defaults;
mod document;
mod flags;
mod gates;
mod limits;
mod mover;
mod platform;
mod probe;
mod record;
mod release;
mod repository;
mod runtime;
mod share;
mod system;
mod taken;
mod way;
mod words;

pub use addon::Addon;
pub use board::Board;
pub use clash::Clash;
pub use cni::{Backend, Cni, Limit};
pub use consequence::{Consequence, Part};
pub use defaults::Defaults;
pub use document::{Field, Known, KnownWords, KubeadmDocument, Removed, row};
pub use flags::{AdmissionPlugins, Flag, FlagType, Flags};
pub use gates::{Gate, Gates, Stage};
pub use limits::{Accepts, Demand, End, Form, Limits, NeedsGate, Place, Relation, Verb, When};
pub use mover::{Mover, Runs};
pub use platform::Platform;
pub use probe::Probe;
pub use release::{PreflightFacts, Release, SwapSupport};
pub use repository::{Archive, Gone, Repository, Rpm};
pub use runtime::{Distribution, Format, Runtime, Suits};
pub use share::Share;
pub use system::{BootCommandLine, Headless, Image, System};
pub use taken::Taken;
pub use way::{ConfiguredCni, RangeAt, Upstream, UpstreamKind, Way};
pub use words::{
    BootLoader, Cgroup, CgroupV1, CriVersion, Firewall, Foreign, Hardware, KubeadmApi, Maintenance,
    Maturity, Medium, NetworkStack, PackageManager, PageSize, Provisioning, RuntimeConfig,
    RuntimeKind, Selinux, SwapMechanism, TimeDaemon, UsbCurrent, Weight, Word,
};

/// Something in the library by name.
trait Fact: Sized {
    const KIND: &'static str;
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self>;
}

impl Library {
    fn fact<T: Fact>(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<T> {
        let entity = self.entity(T::KIND, name, sources, out)?;
        let schema = self.fact_schema();
        let head = entity.head;
        let fact = T::read(name.to_owned(), entity, &schema);
        if fact.is_none() && !out.has_errors() {
            out.report(
                &super::INCOMPLETE_FACT,
                format!(
                    "{} `{name}` lacks something that pikc needs to know",
                    T::KIND
                ),
                |d| d.label(head, "this fact is incomplete"),
            );
        }
        fact
    }

    /// The board of that name.
    pub fn board(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Board> {
        self.fact(name, sources, out)
    }

    /// The platform of that name.
    pub fn platform(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Platform> {
        self.fact(name, sources, out)
    }

    /// The program of that name, among those that a cluster can run in addition.
    pub fn addon(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Addon> {
        self.fact(name, sources, out)
    }

    /// The program of that name, among those that keep an address on one of the control planes.
    pub fn mover(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Mover> {
        self.fact(name, sources, out)
    }

    /// The program of that name, among those that test a cluster.
    pub fn probe(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Probe> {
        self.fact(name, sources, out)
    }

    /// The document of that name, among those that `kubeadm --config` reads.
    pub fn kubeadm_document(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<KubeadmDocument> {
        self.fact(name, sources, out)
    }

    /// The operating system of that name.
    pub fn system(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<System> {
        self.fact(name, sources, out)
    }

    /// The Kubernetes release of that name (`1.36`).
    pub fn release(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Release> {
        self.fact(name, sources, out)
    }

    /// The feature gates of a program (`kubelet`).
    pub fn gates(
        &mut self,
        program: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Gates> {
        self.fact(program, sources, out)
    }

    /// What a program (`kubelet`) demands of its configuration.
    pub fn limits(
        &mut self,
        program: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Limits> {
        self.fact(program, sources, out)
    }

    /// The arguments of a program (`kube-apiserver`).
    pub fn flags(
        &mut self,
        program: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Flags> {
        self.fact(program, sources, out)
    }

    /// The admission plugins of the API server.
    pub fn admission_plugins(
        &mut self,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<AdmissionPlugins> {
        self.fact("kube-apiserver", sources, out)
    }

    /// The container runtime of that name.
    pub fn runtime(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Runtime> {
        self.fact(name, sources, out)
    }

    /// The CNI of that name.
    pub fn cni(&mut self, name: &str, sources: &mut Sources, out: &mut Diagnostics) -> Option<Cni> {
        self.fact(name, sources, out)
    }

    /// The package repository of that name.
    pub fn repository(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Repository> {
        self.fact(name, sources, out)
    }

    /// Every API version that is no longer served.
    pub fn removed(&mut self, sources: &mut Sources, out: &mut Diagnostics) -> Vec<Removed> {
        let names = self.names(Removed::KIND);
        names
            .iter()
            .filter_map(|name| self.fact(name, sources, out))
            .collect()
    }

    /// The words of that name: `init-phases`.
    pub fn words(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<KnownWords> {
        self.fact(name, sources, out)
    }

    /// What files hold where they leave something out.
    pub fn defaults(&mut self, sources: &mut Sources, out: &mut Diagnostics) -> Vec<Defaults> {
        self.names(Defaults::KIND)
            .iter()
            .filter_map(|name| self.fact(name, sources, out))
            .collect()
    }

    /// Everything that uses a share of a machine.
    pub fn shares(&mut self, sources: &mut Sources, out: &mut Diagnostics) -> Vec<Share> {
        self.names(Share::KIND)
            .iter()
            .filter_map(|name| self.fact(name, sources, out))
            .collect()
    }

    /// Every address range that something else uses.
    pub fn taken(&mut self, sources: &mut Sources, out: &mut Diagnostics) -> Vec<Taken> {
        self.names(Taken::KIND)
            .iter()
            .filter_map(|name| self.fact(name, sources, out))
            .collect()
    }

    /// Every group of packages that work against a cluster.
    pub fn clashes(&mut self, sources: &mut Sources, out: &mut Diagnostics) -> Vec<Clash> {
        self.names(Clash::KIND)
            .iter()
            .filter_map(|name| self.fact(name, sources, out))
            .collect()
    }

    /// The consequence of that name.
    pub fn consequence(
        &mut self,
        name: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<Consequence> {
        self.fact(name, sources, out)
    }

    /// Everything that a change can mean for a cluster that runs.
    pub fn consequences(
        &mut self,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Vec<Consequence> {
        self.names(Consequence::KIND)
            .iter()
            .filter_map(|name| self.fact(name, sources, out))
            .collect()
    }

    /// All parts of the output.
    pub fn parts(&mut self, sources: &mut Sources, out: &mut Diagnostics) -> Vec<Part> {
        self.names(Part::KIND)
            .iter()
            .filter_map(|name| self.fact(name, sources, out))
            .collect()
    }

    /// Every address that is known to be gone.
    pub fn gone(&mut self, sources: &mut Sources, out: &mut Diagnostics) -> Vec<Gone> {
        let names = self.names(Gone::KIND);
        names
            .iter()
            .filter_map(|name| self.fact(name, sources, out))
            .collect()
    }
}

/// The view of a block inside an entity (or of its absence) through its schema.
fn inner<'a>(entity: &'a Entity, kind: &'a str, schema: &'a Schema) -> Option<View<'a>> {
    Some(View::new(entity.child(kind), schema.blocks.get(kind)?))
}

fn whole<'a>(entity: &'a Entity, schema: &'a Schema) -> Option<View<'a>> {
    Some(View::new(Some(entity), schema.blocks.get(&entity.kind)?))
}

fn values<T>(list: Vec<Sourced<T>>) -> Vec<T> {
    list.into_iter().map(|item| item.value).collect()
}

fn printed(list: Vec<Sourced<&Val>>) -> Vec<Sourced<String>> {
    list.into_iter()
        .map(|found| Sourced::new(found.value.to_string(), found.origin))
        .collect()
}

fn versions(list: Vec<Sourced<&Val>>) -> Vec<Sourced<Version>> {
    let version = |found: Sourced<&Val>| match found.value {
        Val::Version(version) => Some(Sourced::new(*version, found.origin)),
        _ => None,
    };
    list.into_iter().filter_map(version).collect()
}

/// A version that stands in a text.
fn version(text: &str) -> Option<Version> {
    match value::parse(Type::Version, text) {
        Ok(Val::Version(version)) => Some(version),
        _ => None,
    }
}

fn here<T>(value: T, entity: &Entity) -> Sourced<T> {
    Sourced::new(value, Origin::Written(entity.head))
}
