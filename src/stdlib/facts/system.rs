//! What the library knows of an operating system.

use std::sync::Arc;

use super::words::{
    BootLoader, Cgroup, Firewall, Foreign, Hardware, NetworkStack, PackageManager, Provisioning,
    Selinux, SwapMechanism, TimeDaemon, Word,
};
use super::{Archive, Fact, inner, printed, values, whole};
use crate::origin::Sourced;
use crate::schema::{Entity, Schema, View};
use crate::source::Span;
use crate::value::{Date, Type, Val, Version};

/// Where the kernel command line is, and what must and must not be on it.
#[derive(Clone, Debug)]
pub struct BootCommandLine {
    /// The machines that it applies to; none for all.
    pub hardware: Option<Hardware>,
    /// What reads it.
    pub kind: Sourced<BootLoader>,
    /// Candidate files, the live one first.
    pub files: Vec<Sourced<String>>,
    /// Tokens that must be there.
    pub append: Vec<Sourced<String>>,
    /// Tokens that must not be there.
    pub drop: Vec<Sourced<String>>,
    /// Where the boot partition is mounted.
    pub partition: Option<Sourced<String>>,
    /// The kernel with memory pages of 4 KiB, if there is one for each size.
    pub kernel_4k: Option<Sourced<String>>,
    /// The kernel with pages of 16 KiB.
    pub kernel_16k: Option<Sourced<String>>,
    /// The package with `rpi-eeprom-config`.
    pub eeprom_tool: Option<Sourced<String>>,
}

/// How a headless machine is prepared.
#[derive(Clone, Debug)]
pub struct Headless {
    /// The machines that it applies to; none for all.
    pub hardware: Option<Hardware>,
    /// What prepares it.
    pub kind: Sourced<Provisioning>,
    /// The label of the boot partition.
    pub volume: Option<Sourced<String>>,
    /// The prefix of the word on the kernel command line that has the instance ID.
    pub instance_word: Option<Sourced<String>>,
}

impl Headless {
    fn read(view: &View<'_>) -> Option<Self> {
        Some(Self {
            hardware: Hardware::of(view, "hardware").map(|hardware| hardware.value),
            kind: Provisioning::of(view, "kind")?,
            volume: view.text("volume"),
            instance_word: view.text("instance-word"),
        })
    }
}

/// The image that a card or disk is written from.
#[derive(Clone, Debug)]
pub struct Image {
    /// The machines that it applies to; none for all.
    hardware: Option<Hardware>,
    /// Their architecture; none for all.
    architecture: Option<String>,
    /// Where Raspberry Pi Imager lists it.
    pub title: Option<String>,
    /// Its address.
    pub url: Sourced<String>,
    /// Where its checksum is published.
    pub sums: Sourced<String>,
    /// Its checksum, if the address always has the same bytes.
    pub sha256: Option<Sourced<String>>,
    /// Whether no second source confirms something about it.
    pub unverified: bool,
}

impl Image {
    fn read(view: &View<'_>) -> Option<Self> {
        Some(Self {
            hardware: Hardware::of(view, "hardware").map(|hardware| hardware.value),
            architecture: view.text("architecture").map(|name| name.value),
            title: view.text("title").map(|title| title.value),
            url: view.text("url")?,
            sums: view.text("sums")?,
            sha256: view.text("sha256"),
            unverified: !view.texts("unverified").is_empty(),
        })
    }
}

/// Where a system keeps the certificate authorities that its programs trust.
#[derive(Clone, Debug)]
pub struct TrustStore {
    /// Where a file with an authority of one's own is placed.
    pub folder: Sourced<String>,
    /// All authorities in one file, which programs read.
    pub bundle: Sourced<String>,
    /// The command that makes the bundle, in words.
    pub update: Vec<Sourced<String>>,
}

impl TrustStore {
    fn read(view: &View<'_>) -> Option<Self> {
        let path = |name: &str| Some(view.path(name)?.map(|path| path.to_string()));
        Some(Self {
            folder: path("folder")?,
            bundle: path("bundle")?,
            update: view.texts("update"),
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
    /// The machines that it is made for.
    pub hardware: Hardware,
    /// `ID` of os-release.
    pub id: Sourced<String>,
    /// `VERSION_ID` of os-release.
    pub version_id: Sourced<String>,
    /// Whether `VERSION_ID` of os-release names a point release, too.
    pub point_releases: bool,
    /// `VERSION_CODENAME` of os-release, if it has one.
    pub codename: Option<Sourced<String>>,
    /// What installs its packages.
    pub package_manager: Sourced<PackageManager>,
    /// The group whose members may become root.
    pub admin_group: String,
    /// The unit of its SSH server.
    pub ssh_unit: String,
    /// The mode of SELinux on a fresh image, if it has that.
    pub selinux: Option<Sourced<Selinux>>,
    /// The firewall of its installer.
    pub firewall: Option<Sourced<Firewall>>,
    /// Whether the steps can set a language and a keyboard, if it is said.
    pub sets_language: Option<Sourced<bool>>,
    /// Whether its images can bring up Wi-Fi, if it is said.
    pub has_wifi: Option<Sourced<bool>>,
    /// The families of boards that it runs on; empty for all.
    pub boards: Vec<String>,
    /// The last day of regular security support.
    pub ends: Sourced<Date>,
    /// The last day of long-term support, if it has that.
    pub lts_ends: Option<Sourced<Date>>,
    /// The oldest and the newest kernel in its images.
    pub kernel: Sourced<String>,
    /// The version of nft, if it is known.
    pub nft: Option<Sourced<String>>,
    /// Whether the machine uses systemd-resolved for DNS, if it is known.
    pub resolved: Option<Sourced<bool>>,
    /// Its cgroup version.
    pub cgroup: Sourced<Cgroup>,
    /// How many bits the address space of a program has, if that is fewer than usual with its kernel.
    pub address_bits: Option<i64>,
    /// A file that identifies this system.
    pub marker: Option<Sourced<String>>,
    /// Architectures it exists for.
    pub architectures: Vec<String>,
    /// The kernel command line, for each kind of machine that it exists for.
    boots: Vec<BootCommandLine>,
    /// What configures its network.
    pub network_stack: Sourced<NetworkStack>,
    /// What systemd-networkd there can be told to keep although others set it.
    pub keeps_foreign: Vec<Sourced<Foreign>>,
    /// What sets up its swap.
    pub swap_mechanism: Sourced<SwapMechanism>,
    /// What sets its clock.
    pub time_daemon: Sourced<TimeDaemon>,
    /// The main file of chrony, if the folder of sources must be named there.
    pub time_file: Option<Sourced<String>>,
    /// Where the files with time servers go, if the library says so.
    pub time_folder: Option<Sourced<String>>,
    /// The servers that it asks besides those of the spec.
    pub time_servers: Vec<Sourced<String>>,
    /// The unit that sets the clock.
    pub time_unit: Sourced<String>,
    /// Whether the radio is off until a country is set.
    pub wifi_blocked: Option<Sourced<bool>>,
    /// Additional packages that a machine with Wi-Fi needs.
    pub wifi_packages: Vec<Sourced<String>>,
    /// Where it keeps the authorities that its programs trust.
    pub trust_store: TrustStore,
    /// Whether the image grows its root file system by itself.
    pub root_grows: Option<Sourced<bool>>,
    /// Packages that the steps need and the image can lack.
    pub base_packages: Vec<Sourced<String>>,
    /// Packages with kernel modules that the images leave out.
    pub modules: Vec<Sourced<String>>,
    /// Packages with kernel modules that a Pi's kernel does not include.
    pub pi_modules: Vec<Sourced<String>>,
    /// Whether a fresh image allows SSH logins.
    pub ssh_enabled: Option<Sourced<bool>>,
    /// The account of a fresh image; `none` if its first boot asks for one.
    pub default_user: Option<Sourced<String>>,
    /// Accounts and groups of every machine.
    pub accounts: Vec<Sourced<String>>,
    /// Accounts and groups that packages in its images create, as far as that is known.
    pub package_accounts: Vec<Sourced<String>>,
    /// How a headless machine is prepared, for each kind of machine.
    headless: Vec<Headless>,
    /// The images that cards and disks are written from.
    images: Vec<Image>,
    /// Where its packages come from.
    pub archives: Vec<Archive>,
    /// The files in which an image configures that.
    pub source_files: Vec<Sourced<String>>,
    /// Where it is in the library.
    pub span: Span,
    /// Everything the library has about it.
    pub entity: Arc<Entity>,
}

impl System {
    /// The newest kernel in its images.
    pub fn newest_kernel(&self) -> Option<Version> {
        let word = self.kernel.value.split_whitespace().last()?;
        match crate::value::parse(Type::Version, word) {
            Ok(Val::Version(version)) => Some(version),
            _ => None,
        }
    }

    /// The kernel command line on machines of a kind (`pi`, `generic`).
    pub fn boot(&self, hardware: Hardware) -> Option<&BootCommandLine> {
        let fits = |boot: &&BootCommandLine| boot.hardware.is_none_or(|own| own == hardware);
        self.boots.iter().find(fits)
    }

    /// The image for machines of a kind and an architecture (as dpkg names it).
    pub fn image(&self, hardware: Hardware, architecture: &str) -> Option<&Image> {
        let fits = |one: &&Image| {
            let own = one.architecture.as_deref();
            one.hardware.is_none_or(|own| own == hardware)
                && own.is_none_or(|own| own == architecture)
        };
        self.images.iter().find(fits)
    }

    /// How a headless machine of a kind is prepared.
    pub fn headless(&self, hardware: Hardware) -> Option<&Headless> {
        let fits = |one: &&Headless| one.hardware.is_none_or(|own| own == hardware);
        self.headless.iter().find(fits)
    }
}

/// A path, or a text in its place.
fn path_or_text(view: &View<'_>, setting: &str) -> Option<Sourced<String>> {
    view.text(setting).or_else(|| {
        view.path(setting)
            .map(|path| path.map(|path| path.to_string()))
    })
}

/// The command lines, for each kind of machine.
fn boots(entity: &Entity, schema: &Schema) -> Vec<BootCommandLine> {
    let read = |boot| {
        let view = whole(boot, schema)?;
        Some(BootCommandLine {
            hardware: Hardware::of(&view, "hardware").map(|hardware| hardware.value),
            kind: BootLoader::of(&view, "kind")?,
            files: printed(view.many("files")),
            append: view.texts("append"),
            drop: view.texts("drop"),
            partition: path_or_text(&view, "partition"),
            kernel_4k: view.text("kernel-4k"),
            kernel_16k: view.text("kernel-16k"),
            eeprom_tool: view.text("eeprom-tool"),
        })
    };
    entity.children("boot").filter_map(read).collect()
}

impl Fact for System {
    const KIND: &'static str = "os";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        Some(Self {
            name,
            title: view.text("title")?.value,
            family: view.text("family")?.value,
            hardware: Hardware::of(&view, "hardware")?.value,
            id: view.text("id")?,
            version_id: view.text("version-id")?,
            point_releases: view
                .boolean("point-releases")
                .is_some_and(|named| named.value),
            codename: view.text("codename"),
            package_manager: PackageManager::of(&view, "package-manager")?,
            admin_group: view
                .text("admin-group")
                .map_or_else(|| "sudo".to_owned(), |group| group.value),
            ssh_unit: view
                .text("ssh-unit")
                .map_or_else(|| "ssh.service".to_owned(), |unit| unit.value),
            selinux: Selinux::of(&view, "selinux"),
            firewall: Firewall::of(&view, "firewall"),
            sets_language: view.boolean("sets-language"),
            has_wifi: view.boolean("has-wifi"),
            boards: values(view.texts("boards")),
            ends: view.date("ends")?,
            lts_ends: view.date("lts-ends"),
            kernel: view.text("kernel")?,
            nft: view.text("nft"),
            resolved: view.boolean("resolved"),
            cgroup: Cgroup::of(&view, "cgroup")?,
            address_bits: view.integer("address-bits").map(|bits| bits.value),
            marker: path_or_text(&view, "marker"),
            architectures: values(view.texts("architectures")),
            boots: boots(&entity, schema),
            network_stack: NetworkStack::of(&inner(&entity, "network-stack", schema)?, "kind")?,
            keeps_foreign: inner(&entity, "network-stack", schema)?
                .texts("keeps-foreign")
                .into_iter()
                .filter_map(|text| Some(Sourced::new(Foreign::read(&text.value)?, text.origin)))
                .collect(),
            swap_mechanism: SwapMechanism::of(&inner(&entity, "swap-mechanism", schema)?, "kind")?,
            time_daemon: TimeDaemon::of(&inner(&entity, "time-daemon", schema)?, "kind")?,
            time_file: path_or_text(&inner(&entity, "time-daemon", schema)?, "main-file"),
            time_folder: path_or_text(&inner(&entity, "time-daemon", schema)?, "folder"),
            time_servers: inner(&entity, "time-daemon", schema)?.texts("servers"),
            time_unit: inner(&entity, "time-daemon", schema)?.text("unit")?,
            wifi_blocked: inner(&entity, "wifi-radio", schema)?.boolean("blocked-until-country"),
            wifi_packages: inner(&entity, "wifi-radio", schema)?.texts("packages"),
            trust_store: TrustStore::read(&inner(&entity, "trust-store", schema)?)?,
            root_grows: inner(&entity, "root-fs", schema)?.boolean("grows"),
            base_packages: inner(&entity, "packages-base", schema)?.texts("install"),
            modules: inner(&entity, "packages-base", schema)?.texts("modules"),
            pi_modules: inner(&entity, "packages-base", schema)?.texts("pi-modules"),
            ssh_enabled: view.boolean("ssh-enabled"),
            default_user: view.text("default-user"),
            accounts: ["users", "groups"]
                .iter()
                .filter_map(|list| Some(inner(&entity, "accounts", schema)?.texts(list)))
                .flatten()
                .collect(),
            package_accounts: inner(&entity, "accounts", schema)?.texts("packages"),
            headless: entity
                .children("headless")
                .filter_map(|headless| Headless::read(&whole(headless, schema)?))
                .collect(),
            images: entity
                .children("image")
                .filter_map(|image| Image::read(&whole(image, schema)?))
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
