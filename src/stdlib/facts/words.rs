//! Closed lists of words in fact files, as types: what a rule or a plan branches on is parsed when the library is read.
//!
//! The schema of facts lists the same words (a test compares them), so an unknown word is an error there. A `match` over one of
//! these types needs no arm for unknown words.

use serde::{Serialize, Serializer};

use crate::origin::Sourced;
use crate::schema::View;
use crate::value::Val;

/// A word from a closed list.
pub trait Word: Copy + Sized + 'static {
    /// All of them, as they are written.
    const ALL: &'static [(&'static str, Self)];

    /// The word as it is written.
    fn word(self) -> &'static str;

    /// Reads a word.
    fn read(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == word)?;
        Some(found.1)
    }

    /// The word in a setting.
    fn of(view: &View<'_>, setting: &str) -> Option<Sourced<Self>> {
        let text = view.text(setting)?;
        Some(Sourced::new(Self::read(&text.value)?, text.origin))
    }
}

macro_rules! words {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident { $($(#[doc = $of:literal])+ $variant:ident = $word:literal),+ $(,)? }
    )+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[doc = $of])+ $variant),+
        }

        impl Word for $name {
            const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];

            fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl super::record::Plain for $name {
            fn of(value: &Val) -> Option<Self> {
                match value {
                    Val::Text(word) => Self::read(word),
                    _ => None,
                }
            }
        }

        /// The word, for templates and for people.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }
    )+};
}

words! {
    /// A kind of machine.
    Hardware {
        /// A Raspberry Pi.
        Pi = "pi",
        /// Any other.
        Generic = "generic",
        /// For a system: both.
        Any = "any",
    }

    /// Where a machine's kernel gets its command line from.
    BootLoader {
        /// A file with one line, on the boot partition.
        Cmdline = "cmdline",
        /// GRUB.
        Grub = "grub",
    }

    /// What a machine boots from.
    Medium {
        /// A card.
        Sd = "sd",
        /// Memory on the board, which a Raspberry Pi reaches in the same way as a card.
        Emmc = "emmc",
        /// A disk or stick at a USB port.
        Usb = "usb",
        /// A disk at a PCIe connector.
        Nvme = "nvme",
        /// The wired network.
        Network = "network",
    }

    /// A kernel, by the size of its memory pages.
    PageSize {
        /// 4 KiB.
        Small = "4k",
        /// 16 KiB.
        Large = "16k",
    }

    /// How much current the USB ports of a Raspberry Pi 5 supply.
    UsbCurrent {
        /// 600 mA.
        Limited = "limited",
        /// 1.6 A.
        Full = "full",
    }

    /// How an image is prepared for a headless first boot.
    Provisioning {
        /// With the files that cloud-init reads.
        CloudInit = "cloud-init",
        /// With a script that the kernel command line names.
        Firstrun = "firstrun",
    }

    /// What systemd-networkd removes when it starts unless it is told not to.
    Foreign {
        /// Routes that others have set.
        Routes = "routes",
        /// Routing rules that others have set.
        Rules = "rules",
    }

    /// What configures the network of a machine.
    NetworkStack {
        /// dhcpcd.
        Dhcpcd = "dhcpcd",
        /// NetworkManager, with its own files.
        NetworkManager = "networkmanager",
        /// netplan, which writes files for NetworkManager.
        NetplanNetworkManager = "netplan-networkmanager",
        /// netplan, which writes files for systemd-networkd.
        NetplanNetworkd = "netplan-networkd",
    }

    /// What sets up swap.
    SwapMechanism {
        /// dphys-swapfile: a file.
        DphysSwapfile = "dphys-swapfile",
        /// rpi-swap: memory, a file, or both.
        RpiSwap = "rpi-swap",
        /// zram-generator: memory.
        ZramGenerator = "zram-generator",
        /// /etc/fstab.
        Fstab = "fstab",
        /// Nothing.
        None = "none",
    }

    /// What sets the clock.
    TimeDaemon {
        /// systemd-timesyncd.
        Timesyncd = "timesyncd",
        /// chrony.
        Chrony = "chrony",
    }

    /// What installs packages.
    PackageManager {
        /// apt, with dpkg.
        Apt = "apt",
        /// dnf, with rpm.
        Dnf = "dnf",
    }

    /// The mode of SELinux.
    Selinux {
        /// It refuses what its policy does not allow.
        Enforcing = "enforcing",
        /// It records that, and refuses nothing.
        Permissive = "permissive",
    }

    /// A firewall that comes with a system.
    Firewall {
        /// firewalld.
        Firewalld = "firewalld",
    }

    /// Whether a project is maintained.
    Maintenance {
        /// It is.
        Active = "active",
        /// Barely.
        Stale = "stale",
        /// No longer.
        Dead = "dead",
    }

    /// How a container runtime is configured.
    RuntimeKind {
        /// Like CRI-O.
        Crio = "crio",
        /// Like containerd.
        Containerd = "containerd",
    }

    /// The version of the API of kubeadm's files.
    KubeadmApi {
        /// `kubeadm.k8s.io/v1beta3`
        V1beta3 = "v1beta3",
        /// `kubeadm.k8s.io/v1beta4`
        V1beta4 = "v1beta4",
    }

    /// What a kubelet does on a machine with cgroup v1.
    CgroupV1 {
        /// It starts, as on any other.
        Works = "works",
        /// It warns.
        Warns = "warns",
        /// It does not start.
        Refuses = "refuses",
    }

    /// A version of the CRI, the interface between the kubelet and the container runtime.
    CriVersion {
        /// `v1alpha2`
        V1alpha2 = "v1alpha2",
        /// `v1`
        V1 = "v1",
    }

    /// What a kubelet does with a runtime that does not report its cgroup driver.
    RuntimeConfig {
        /// Nothing.
        None = "none",
        /// A warning.
        Warning = "warning",
        /// The kubelet does not start.
        Error = "error",
    }

    /// How much a change takes in a cluster that runs, from the least to the most.
    Weight {
        /// Nothing on a machine.
        Nothing = "nothing",
        /// The next run of the steps takes it over.
        NextRun = "next-run",
        /// A service restarts.
        Service = "service",
        /// Pods restart.
        Pods = "pods",
        /// The node has to be drained.
        Drain = "drain",
        /// The machine reboots.
        Reboot = "reboot",
        /// The machine leaves the cluster and is set up again.
        Node = "node",
        /// The cluster is built again.
        Cluster = "cluster",
    }

    /// The maturity of a feature.
    Maturity {
        /// It does not exist.
        None = "none",
        /// It is off unless it is turned on.
        Alpha = "alpha",
        /// It may still change.
        Beta = "beta",
        /// It is stable.
        Ga = "ga",
        /// It is deprecated.
        Deprecated = "deprecated",
    }
}

/// The cgroup version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cgroup {
    /// Version 1.
    V1,
    /// Version 2.
    V2,
}

impl Cgroup {
    /// The version that a setting holds as a number.
    pub(super) fn of(view: &View<'_>, setting: &str) -> Option<Sourced<Self>> {
        let number = view.integer(setting)?;
        let version = match number.value {
            1 => Self::V1,
            2 => Self::V2,
            _ => return None,
        };
        Some(Sourced::new(version, number.origin))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::source::Sources;
    use crate::stdlib::Library;

    fn written<T: Word>() -> Vec<&'static str> {
        T::ALL.iter().map(|(word, _)| *word).collect()
    }

    #[test]
    fn the_schema_of_facts_lists_the_same_words() {
        let library = Library::open(
            BTreeMap::new(),
            &mut Sources::default(),
            &mut Diagnostics::default(),
        );
        let schema = library.fact_schema();
        let machines = ["pi", "generic"];
        let three = ["none", "alpha", "beta", "ga"];
        let of = [
            ("board", "hardware", machines.to_vec()),
            ("boot", "hardware", machines.to_vec()),
            ("headless", "hardware", machines.to_vec()),
            ("image", "hardware", machines.to_vec()),
            ("os", "hardware", written::<Hardware>()),
            ("boot", "kind", written::<BootLoader>()),
            ("headless", "kind", written::<Provisioning>()),
            ("network-stack", "kind", written::<NetworkStack>()),
            ("network-stack", "keeps-foreign", written::<Foreign>()),
            ("swap-mechanism", "kind", written::<SwapMechanism>()),
            ("time-daemon", "kind", written::<TimeDaemon>()),
            ("os", "package-manager", written::<PackageManager>()),
            ("os", "selinux", written::<Selinux>()),
            ("os", "firewall", written::<Firewall>()),
            ("cni", "status", written::<Maintenance>()),
            ("runtime", "configuration", written::<RuntimeKind>()),
            ("release", "kubeadm-api", written::<KubeadmApi>()),
            ("kubelet-facts", "cgroup-v1", written::<CgroupV1>()),
            ("kubelet-facts", "cri", written::<CriVersion>()),
            ("consequence", "is", written::<Weight>()),
            ("kubelet-facts", "cgroup-driver-from-cri", three.to_vec()),
            ("preflight", "runtime-config", written::<RuntimeConfig>()),
            ("proxy-modes", "iptables", written::<Maturity>()),
            ("proxy-modes", "ipvs", written::<Maturity>()),
            ("proxy-modes", "nftables", written::<Maturity>()),
        ];
        for (block, setting, words) in of {
            let declared = &schema.blocks[block].settings[setting].values;
            assert_eq!(*declared, words, "{block} {setting}");
            assert!(words.iter().all(|word| !word.is_empty()));
        }
    }
}
