//! What the library knows about a board.

use std::sync::Arc;

use super::words::Word as _;
use super::{Fact, Hardware, Medium, System, values, whole};
use crate::origin::{Origin, Sourced};
use crate::schema::{Entity, Schema};
use crate::source::Span;
use crate::value::{Size, Version};

/// A kind of machine.
#[derive(Clone, Debug)]
pub struct Board {
    /// `pi-4b-2g`
    pub name: String,
    /// "Raspberry Pi 4 Model B, 2 GB"
    pub title: String,
    /// How many minutes a first run takes, if that is known.
    pub minutes: Option<i64>,
    /// Whether that has been measured, and is not an estimate.
    pub minutes_measured: bool,
    /// `pi-4`
    pub family: String,
    /// What kind of machine.
    pub hardware: Hardware,
    /// Whether it is known to have no wired port.
    pub no_wire: bool,
    /// Whether each node sets its size; if so, the three sizes below mean nothing.
    pub by_node: bool,
    /// The number of cores.
    pub cores: Sourced<i64>,
    /// The memory as it is sold.
    pub memory: Sourced<Size>,
    /// The memory as the kernel reports it: what kubeadm measures.
    pub usable: Sourced<Size>,
    /// `arm64` or `amd64`
    pub architecture: Sourced<String>,
    /// The device tree's name for it, for machines that have one.
    pub compatible: Option<Sourced<String>>,
    /// Speed of the wired port; none if there is no port.
    pub wired: Option<String>,
    /// The kind of Wi-Fi; none if there is no Wi-Fi.
    pub wifi: Option<String>,
    /// What it can boot from, what it boots from as sold first; empty if that depends on the machine.
    pub boots_from: Vec<Sourced<Medium>>,
    /// Whether a source confirms that.
    pub boots_from_confirmed: bool,
    /// What must be done on it once before it boots from USB.
    pub usb_boot_needs: Option<Sourced<String>>,
    /// The order in which its EEPROM tries media as sold; none for a board without one.
    pub boot_order: Option<Sourced<String>>,
    /// How much current its USB ports supply, for people.
    pub usb_power: Option<Sourced<String>>,
    /// Whether that depends on the power supply.
    pub usb_asks: bool,
    /// Whether `gpu_mem` has no effect on it.
    pub no_gpu_memory: bool,
    /// The size of a memory page under the kernel that it starts by itself.
    pub page_size: Option<Sourced<i64>>,
    /// The first kernel that knows it; none if those of all systems do.
    pub kernel_from: Option<Sourced<Version>>,
    /// Systems whose images do not start on it, whatever the version of their kernel.
    pub unknown_to: Vec<Sourced<String>>,
    /// Whether a source confirms each of the two.
    kernels_confirmed: (bool, bool),
    /// The largest MTU of its wired port, if the driver has a limit that matters.
    pub wired_mtu: Option<Sourced<i64>>,
    /// Whether a source confirms that.
    pub wired_mtu_confirmed: bool,
    /// What must be on it before an image starts; none if it starts one as sold.
    pub firmware: Option<Sourced<String>>,
    /// Where it is in the library.
    pub span: Span,
    /// Everything the library has about it.
    pub entity: Arc<Entity>,
}

/// Why no kernel of a system starts a board.
#[derive(Clone, Debug)]
pub struct NoKernel {
    /// The first kernel that would; none if it is not a matter of the version.
    pub from: Option<Version>,
    /// Whether a source confirms it.
    pub confirmed: bool,
}

impl Board {
    /// "a Raspberry Pi 5, 8 GB", "an Orange Pi 5, 8 GB", "an NVIDIA Jetson ...": its title after an article.
    pub fn with_article(&self) -> String {
        let title = self.title.as_str();
        let mut letters = title.chars();
        let (first, second) = (letters.next(), letters.next());
        // An N before another capital is spelt, and sounds like "en".
        let spelt = first == Some('N') && second.is_some_and(char::is_uppercase);
        let vowel = first.is_some_and(|letter| "AEIOUaeiou".contains(letter));
        match vowel || spelt {
            true => format!("an {title}"),
            false => format!("a {title}"),
        }
    }

    /// Whether a system is made for it at all: for this kind of machine, this family and this architecture.
    pub fn is_meant_by(&self, system: &System) -> bool {
        let architecture = self.architecture.value.as_str();
        (system.hardware == Hardware::Any || system.hardware == self.hardware)
            && (system.boards.is_empty() || system.boards.contains(&self.family))
            && system.architectures.iter().any(|one| one == architecture)
    }

    /// Why it does not start with a system that is otherwise made for it; nothing if it does, as far as the library knows.
    pub fn no_kernel_in(&self, system: &System) -> Option<NoKernel> {
        let (from_confirmed, named_confirmed) = self.kernels_confirmed;
        if let Some(from) = &self.kernel_from
            && system.newest_kernel()? < from.value
        {
            return Some(NoKernel {
                from: Some(from.value),
                confirmed: from_confirmed,
            });
        }
        let named = self.unknown_to.iter().any(|one| one.value == system.name);
        named.then_some(NoKernel {
            from: None,
            confirmed: named_confirmed,
        })
    }
}

impl Fact for Board {
    const KIND: &'static str = "board";
    fn read(name: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let by_node = view.text("sized").is_some_and(|who| who.value == "node");
        let none = || Origin::derived("each node sets it", []);
        let unknown = |one: i64| by_node.then(|| Sourced::new(one, none()));
        let unsized_memory = || by_node.then(|| Sourced::new(Size(0), none()));
        let port = |setting: &str| {
            view.text(setting)
                .map(|found| found.value)
                .filter(|text| text != "none")
        };
        let unverified = values(view.texts("unverified"));
        let confirmed = |setting: &str| unverified.iter().all(|one| one != setting);
        let medium =
            |word: Sourced<String>| Some(Sourced::new(Medium::read(&word.value)?, word.origin));
        let media = view.texts("boots-from").into_iter().filter_map(medium);
        let media = media.collect();
        Some(Self {
            name,
            title: view.text("title")?.value,
            minutes: view.integer("minutes").map(|minutes| minutes.value),
            minutes_measured: confirmed("minutes"),
            family: view.text("family")?.value,
            hardware: Hardware::of(&view, "hardware")?.value,
            no_wire: view.text("wired").is_some_and(|port| port.value == "none"),
            by_node,
            cores: view.integer("cores").or_else(|| unknown(1))?,
            memory: view.size("memory").or_else(unsized_memory)?,
            usable: view.size("usable").or_else(unsized_memory)?,
            architecture: view.text("architecture")?,
            compatible: view.text("compatible").filter(|text| text.value != "none"),
            boots_from: media,
            boots_from_confirmed: confirmed("boots-from"),
            usb_boot_needs: view.text("usb-boot-needs"),
            boot_order: view.text("boot-order"),
            usb_power: view.text("usb-power"),
            usb_asks: view.boolean("usb-asks").is_some_and(|asks| asks.value),
            no_gpu_memory: view.boolean("gpu-memory").is_some_and(|on| !on.value),
            page_size: view.integer("page-size"),
            kernel_from: view.version("kernel-from"),
            unknown_to: view.texts("unknown-to"),
            kernels_confirmed: (confirmed("kernel-from"), confirmed("unknown-to")),
            wired_mtu: view.integer("wired-mtu"),
            wired_mtu_confirmed: confirmed("wired-mtu"),
            firmware: view.text("firmware"),
            wired: port("wired"),
            wifi: port("wifi"),
            span: entity.head,
            entity: Arc::clone(&entity),
        })
    }
}
