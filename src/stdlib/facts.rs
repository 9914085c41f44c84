//! Facts as types: what rules and plans compute with. What only templates read stays in the entity.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Diagnostics;
use crate::origin::{Origin, Sourced};
use crate::schema::{Entity, Schema, View};
use crate::source::{Sources, Span};
use crate::value::{self, Date, Size, Type, Val, Version};

use super::Library;

mod cni;
mod repository;
mod runtime;

pub use cni::{Backend, Cni, Limit, Upstream};
pub use repository::{Archive, Gone, Repository};
pub use runtime::{Distribution, Format, Runtime, Suits};

/// Something of the library by name.
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
                format!("{} `{name}` lacks something pikc must know", T::KIND),
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

    /// Everything that is known to have vanished.
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

fn leak(list: Vec<Sourced<String>>) -> Option<(Sourced<Version>, Sourced<Version>)> {
    let version = |found: &Sourced<String>| match value::parse(Type::Version, &found.value) {
        Ok(Val::Version(version)) => Some(Sourced::new(version, found.origin.clone())),
        _ => None,
    };
    match list.as_slice() {
        [from, fixed] => Some((version(from)?, version(fixed)?)),
        _ => None,
    }
}

fn here<T>(value: T, entity: &Entity) -> Sourced<T> {
    Sourced::new(value, Origin::Written(entity.head))
}

/// A kind of machine.
#[derive(Clone, Debug)]
pub struct Board {
    /// `pi-4b-2g`
    pub name: String,
    /// "Raspberry Pi 4 Model B, 2 GB"
    pub title: String,
    /// `pi-4`
    pub family: String,
    /// `pi` or `generic`
    pub hardware: String,
    /// Whether it is known to come without a wired port.
    pub no_wire: bool,
    /// Whether each node says how large it is; the three sizes below mean nothing then.
    pub by_node: bool,
    /// How many cores.
    pub cores: Sourced<i64>,
    /// The memory as it is sold.
    pub memory: Sourced<Size>,
    /// The memory as the kernel shows it: what kubeadm measures.
    pub usable: Sourced<Size>,
    /// `arm64` or `amd64`
    pub architecture: Sourced<String>,
    /// The device tree's name for it, for machines that have one.
    pub compatible: Option<Sourced<String>>,
    /// Speed of the wired port; none for none.
    pub wired: Option<String>,
    /// The wireless kind; none for none.
    pub wifi: Option<String>,
    /// Where it stands in the library.
    pub span: Span,
    /// Everything the library says.
    pub entity: Arc<Entity>,
}

impl Fact for Board {
    const KIND: &'static str = "board";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let by_node = view.text("sized").is_some_and(|who| who.value == "node");
        let none = || Origin::derived("each node says it", []);
        let unknown = |one: i64| by_node.then(|| Sourced::new(one, none()));
        let unsized_memory = || by_node.then(|| Sourced::new(Size(0), none()));
        let port = |setting: &str| {
            view.text(setting)
                .map(|found| found.value)
                .filter(|text| text != "none")
        };
        Some(Self {
            name,
            title: view.text("title")?.value,
            family: view.text("family")?.value,
            hardware: view.text("hardware")?.value,
            no_wire: view.text("wired").is_some_and(|port| port.value == "none"),
            by_node,
            cores: view.integer("cores").or_else(|| unknown(1))?,
            memory: view.size("memory").or_else(unsized_memory)?,
            usable: view.size("usable").or_else(unsized_memory)?,
            architecture: view.text("architecture")?,
            compatible: view.text("compatible").filter(|text| text.value != "none"),
            wired: port("wired"),
            wifi: port("wifi"),
            span: entity.head,
            entity: Arc::clone(&entity),
        })
    }
}

/// Where the kernel's command line is, and what must and must not stand on it.
#[derive(Clone, Debug)]
pub struct BootCommandLine {
    /// The machines that it holds for; none for all.
    pub hardware: Option<String>,
    /// `cmdline` (one file with one line) or `grub`.
    pub kind: Sourced<String>,
    /// Candidate files, the live one first.
    pub files: Vec<Sourced<String>>,
    /// Tokens that must be there.
    pub append: Vec<Sourced<String>>,
    /// Tokens that must not be there.
    pub drop: Vec<Sourced<String>>,
    /// Where the boot partition is mounted.
    pub partition: Option<Sourced<String>>,
}

/// How a machine without a screen is prepared.
#[derive(Clone, Debug)]
pub struct Headless {
    /// The machines that it holds for; none for all.
    pub hardware: Option<String>,
    /// `cloud-init` or `firstrun`
    pub kind: Sourced<String>,
    /// The label of the boot partition.
    pub volume: Option<Sourced<String>>,
    /// How the word of the kernel's command line begins that holds the instance's id.
    pub instance_word: Option<Sourced<String>>,
}

impl Headless {
    fn read(view: &View<'_>) -> Option<Self> {
        Some(Self {
            hardware: view.text("hardware").map(|hardware| hardware.value),
            kind: view.text("kind")?,
            volume: view.text("volume"),
            instance_word: view.text("instance-word"),
        })
    }
}

/// An operating system release.
#[derive(Clone, Debug)]
pub struct System {
    /// `raspios-trixie`
    pub name: String,
    /// "Raspberry Pi OS (trixie, 64-bit)"
    pub title: String,
    /// `raspios`, `debian`, `ubuntu`
    pub family: String,
    /// `pi`, `generic` or `any`
    pub hardware: String,
    /// `ID` of os-release.
    pub id: Sourced<String>,
    /// `VERSION_ID` of os-release.
    pub version_id: Sourced<String>,
    /// `VERSION_CODENAME` of os-release.
    pub codename: Sourced<String>,
    /// The last day of regular security support.
    pub ends: Sourced<Date>,
    /// The last day of long-term support, if there is such.
    pub lts_ends: Option<Sourced<Date>>,
    /// 1 or 2.
    pub cgroup: Sourced<i64>,
    /// A file that tells this system apart.
    pub marker: Option<Sourced<String>>,
    /// Architectures it exists for.
    pub architectures: Vec<String>,
    /// The boot command line, for each kind of machine that it exists for.
    boots: Vec<BootCommandLine>,
    /// `dhcpcd`, `networkmanager`, `netplan-networkmanager`, `netplan-networkd`
    pub network_stack: Sourced<String>,
    /// `dphys-swapfile`, `rpi-swap`, `zram-generator`, `fstab`, `none`
    pub swap_mechanism: Sourced<String>,
    /// `timesyncd` or `chrony`
    pub time_daemon: Sourced<String>,
    /// Whether the radio is off until a country is set.
    pub wifi_blocked: Option<Sourced<bool>>,
    /// Packages that a machine with a radio needs beside the others.
    pub wifi_packages: Vec<Sourced<String>>,
    /// Whether the image grows its root file system by itself.
    pub root_grows: Option<Sourced<bool>>,
    /// Packages that the steps need and the image may lack.
    pub base_packages: Vec<Sourced<String>>,
    /// Packages with kernel modules that a Pi's kernel comes without.
    pub pi_modules: Vec<Sourced<String>>,
    /// Whether a fresh image lets people in by SSH.
    pub ssh_enabled: Option<Sourced<bool>>,
    /// The account of a fresh image; `none` where its first boot asks for one.
    pub default_user: Option<Sourced<String>>,
    /// How a machine without a screen is prepared, for each kind of machine.
    headless: Vec<Headless>,
    /// Where its packages come from.
    pub archives: Vec<Archive>,
    /// The files in which an image says that.
    pub source_files: Vec<Sourced<String>>,
    /// Where it stands in the library.
    pub span: Span,
    /// Everything the library says.
    pub entity: Arc<Entity>,
}

impl System {
    /// The boot command line on machines of a kind (`pi`, `generic`).
    pub fn boot(&self, hardware: &str) -> Option<&BootCommandLine> {
        let fits =
            |boot: &&BootCommandLine| boot.hardware.as_ref().is_none_or(|own| own == hardware);
        self.boots.iter().find(fits)
    }

    /// How a machine of a kind is prepared without a screen.
    pub fn headless(&self, hardware: &str) -> Option<&Headless> {
        let fits = |one: &&Headless| one.hardware.as_ref().is_none_or(|own| own == hardware);
        self.headless.iter().find(fits)
    }
}

impl Fact for System {
    const KIND: &'static str = "os";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let path_or_text = |view: &View<'_>, setting: &str| -> Option<Sourced<String>> {
            view.text(setting).or_else(|| {
                view.path(setting)
                    .map(|path| path.map(|path| path.to_string()))
            })
        };
        let boots = entity.children("boot").filter_map(|boot| {
            let view = whole(boot, schema)?;
            Some(BootCommandLine {
                hardware: view.text("hardware").map(|hardware| hardware.value),
                kind: view.text("kind")?,
                files: printed(view.many("files")),
                append: view.texts("append"),
                drop: view.texts("drop"),
                partition: path_or_text(&view, "partition"),
            })
        });
        Some(Self {
            name,
            title: view.text("title")?.value,
            family: view.text("family")?.value,
            hardware: view.text("hardware")?.value,
            id: view.text("id")?,
            version_id: view.text("version-id")?,
            codename: view.text("codename")?,
            ends: view.date("ends")?,
            lts_ends: view.date("lts-ends"),
            cgroup: view.integer("cgroup")?,
            marker: path_or_text(&view, "marker"),
            architectures: values(view.texts("architectures")),
            boots: boots.collect(),
            network_stack: inner(&entity, "network-stack", schema)?.text("kind")?,
            swap_mechanism: inner(&entity, "swap-mechanism", schema)?.text("kind")?,
            time_daemon: inner(&entity, "time-daemon", schema)?.text("kind")?,
            wifi_blocked: inner(&entity, "wifi-radio", schema)?.boolean("blocked-until-country"),
            wifi_packages: inner(&entity, "wifi-radio", schema)?.texts("packages"),
            root_grows: inner(&entity, "root-fs", schema)?.boolean("grows"),
            base_packages: inner(&entity, "packages-base", schema)?.texts("install"),
            pi_modules: inner(&entity, "packages-base", schema)?.texts("pi-modules"),
            ssh_enabled: view.boolean("ssh-enabled"),
            default_user: view.text("default-user"),
            headless: entity
                .children("headless")
                .filter_map(|headless| Headless::read(&whole(headless, schema)?))
                .collect(),
            archives: entity
                .children("archive")
                .filter_map(|archive| Archive::read(archive, &whole(archive, schema)?))
                .collect(),
            source_files: printed(view.many("source-files")),
            span: entity.head,
            entity: Arc::clone(&entity),
        })
    }
}

/// How a release of Kubernetes treats swap.
#[derive(Clone, Debug)]
pub struct SwapSupport {
    /// Values that the kubelet accepts for `swapBehavior`.
    pub behaviours: Vec<String>,
    /// Whether setting `swapBehavior` needs the feature gate `NodeSwap`.
    pub needs_gate: bool,
    /// Where the library says so.
    pub origin: Origin,
}

/// What kubeadm of a release looks at before it acts.
#[derive(Clone, Debug, Default)]
pub struct PreflightFacts {
    /// Programs that must be there.
    pub required: Vec<String>,
    /// Programs whose absence is warned about.
    pub optional: Vec<String>,
}

/// A minor release of Kubernetes.
#[derive(Clone, Debug)]
pub struct Release {
    /// `1.36`
    pub name: String,
    /// The same as a version.
    pub version: Version,
    /// The day of x.y.0.
    pub released: Sourced<Date>,
    /// The last day of support.
    pub ends: Sourced<Date>,
    /// The newest patch release that the library knows.
    pub latest: Sourced<Version>,
    /// The API version of kubeadm's files to write.
    pub kubeadm_api: Sourced<String>,
    /// The sandbox image's tag.
    pub pause: Sourced<String>,
    /// Swap.
    pub swap: SwapSupport,
    /// Whether kubeadm applies `kubeletconfiguration` patches (from 1.25).
    pub kubelet_patches: Sourced<bool>,
    /// What kubeadm checks.
    pub preflight: PreflightFacts,
    /// `works`, `warns` or `refuses` on cgroup v1.
    pub cgroup_v1: Option<Sourced<String>>,
    /// Arguments that the kubelet of this release no longer takes.
    pub gone_arguments: Vec<&'static str>,
    /// Patch releases that leak the first node's kubelet patch to all: from the first, up to but not
    /// including the second.
    pub patch_leak: Option<(Sourced<Version>, Sourced<Version>)>,
    /// The state of each mode of kube-proxy: `ga`, `beta`, `alpha`, `deprecated`, `none`.
    pub proxy_modes: BTreeMap<String, String>,
    /// The packages to ask for by name.
    pub packages: Vec<Sourced<String>>,
    /// Those of them whose version is that of Kubernetes.
    pub exact_packages: Vec<Sourced<String>>,
    /// Where its images come from.
    pub registry: Sourced<String>,
    /// The oldest version of the runtime interface that the kubelet speaks: `v1alpha2` or `v1`.
    pub cri: Sourced<String>,
    /// What becomes of a runtime that does not tell its cgroup driver: `none`, `warning`, `error`.
    pub runtime_config: Sourced<String>,
    /// Where it stands in the library.
    pub span: Span,
    /// Everything the library says.
    pub entity: Arc<Entity>,
}

impl Fact for Release {
    const KIND: &'static str = "release";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let kubelet = inner(&entity, "kubelet-facts", schema)?;
        let swap = inner(&entity, "swap-support", schema)?;
        let preflight = inner(&entity, "preflight", schema)?;
        let swap_head = entity.child("swap-support").map_or(entity.head, |e| e.head);
        let version = match value::parse(Type::Version, &name) {
            Ok(Val::Version(version)) => version,
            _ => return None,
        };
        Some(Self {
            version,
            released: view.date("released")?,
            ends: view.date("ends")?,
            latest: view.version("latest")?,
            kubeadm_api: view.text("kubeadm-api")?,
            pause: view.text("pause")?,
            swap: SwapSupport {
                behaviours: values(swap.texts("behaviours")),
                needs_gate: swap.boolean("needs-gate").is_some_and(|gate| gate.value),
                origin: Origin::Written(swap_head),
            },
            kubelet_patches: kubelet
                .boolean("patch-target")
                .unwrap_or_else(|| here(false, &entity)),
            preflight: PreflightFacts {
                required: values(preflight.texts("required")),
                optional: values(preflight.texts("optional")),
            },
            cgroup_v1: kubelet.text("cgroup-v1"),
            gone_arguments: [
                ("pod-infra-flag", "pod-infra-container-image"),
                ("container-runtime-flag", "container-runtime"),
            ]
            .into_iter()
            .filter(|(fact, _)| kubelet.boolean(fact).is_some_and(|there| !there.value))
            .map(|(_, argument)| argument)
            .collect(),
            patch_leak: leak(kubelet.texts("patch-leak")),
            proxy_modes: ["iptables", "ipvs", "nftables"]
                .into_iter()
                .filter_map(|mode| {
                    let state = inner(&entity, "proxy-modes", schema)?.text(mode)?;
                    Some((mode.to_owned(), state.value))
                })
                .collect(),
            packages: inner(&entity, "packages", schema)?.texts("install"),
            exact_packages: inner(&entity, "packages", schema)?.texts("exact"),
            registry: view.text("registry")?,
            cri: kubelet.text("cri")?,
            runtime_config: preflight.text("runtime-config")?,
            name,
            span: entity.head,
            entity: Arc::clone(&entity),
        })
    }
}
