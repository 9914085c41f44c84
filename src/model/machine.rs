//! A machine of the cluster, as its block and its profiles describe it.

use std::net::IpAddr;
use std::sync::Arc;

use super::disk::Disk;
use super::firmware::Firmware;
use super::types::{Allow, Kubelet, Pairs};
use crate::origin::Sourced;
use crate::source::Span;
use crate::stdlib::{Board, Medium, Platform, System};
use crate::value::{Country, Mac, SecretName, SshKey, Timezone};

/// A machine's role in the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Runs the control plane.
    ControlPlane,
    /// Runs workloads.
    Worker,
}

impl Role {
    /// The word in specs and in the output.
    pub fn word(self) -> &'static str {
        match self {
            Self::ControlPlane => "control-plane",
            Self::Worker => "worker",
        }
    }
}

/// How the machine uses swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Swap {
    /// None, now and after every boot.
    Off,
    /// Tolerated; pods do not use it.
    On,
    /// Pods may use some of it.
    Limited,
}

impl Swap {
    /// The word in specs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Limited => "limited",
        }
    }
}

/// One machine.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name.
    pub name: Sourced<String>,
    /// Its address on the cluster's network.
    pub address: Option<Sourced<IpAddr>>,
    /// Its address of the other family on that network.
    pub address_ipv6: Option<Sourced<IpAddr>>,
    /// The network that it is in, among `subnets` of the cluster's network; none if that is wrong, which is reported.
    pub subnet: Option<usize>,
    /// What its block and profiles set: shared by the nodes of one block if it is the same for all of them.
    pub settings: Arc<NodeSettings>,
}

/// What a node block sets, merged with its profiles.
#[derive(Clone, Debug)]
pub struct NodeSettings {
    /// The head of the node block.
    pub head: Span,
    /// Whether part of it could not be read.
    pub damaged: bool,
    /// Its role.
    pub role: Option<Sourced<Role>>,
    /// Its operating system.
    pub os: Option<Sourced<Arc<System>>>,
    /// Its board.
    pub board: Option<Sourced<Arc<Board>>>,
    /// What it boots from, if the spec says so.
    pub boot: Option<Sourced<Medium>>,
    /// Settings of a Raspberry Pi's firmware.
    pub firmware: Option<Firmware>,
    /// What provides its user-data.
    pub platform: Option<Sourced<Arc<Platform>>>,
    /// The subnet that it is said to be in.
    pub subnet: Option<Sourced<String>>,
    /// Whether it is a route reflector.
    pub route_reflector: Option<Sourced<bool>>,
    /// Swap.
    pub swap: Option<Sourced<Swap>>,
    /// Country, time zone, keyboard.
    pub locale: Locale,
    /// Accounts.
    pub users: Vec<User>,
    /// Network interfaces.
    pub interfaces: Vec<Interface>,
    /// Data disks.
    pub disks: Vec<Disk>,
    /// Packages.
    pub packages: Packages,
    /// Labels of the Kubernetes node.
    pub labels: Pairs,
    /// Taints of the Kubernetes node: key to `value:Effect`.
    pub taints: Pairs,
    /// Kernel settings.
    pub sysctls: Pairs,
    /// The empty `taints` block, where there is one: a control plane without its usual taint.
    pub no_taints: Option<Span>,
    /// The kubelet's settings on this node.
    pub kubelet: Kubelet,
    /// The findings that are allowed here.
    pub allows: Vec<Allow>,
}

/// The `locale` block.
#[derive(Clone, Debug, Default)]
pub struct Locale {
    /// The country, for the radio.
    pub country: Option<Sourced<Country>>,
    /// The time zone, for the clock.
    pub timezone: Option<Sourced<Timezone>>,
    /// The keyboard layout, for the console.
    pub keyboard: Option<Sourced<String>>,
    /// The locale, for messages.
    pub language: Option<Sourced<String>>,
}

/// A `user` block.
#[derive(Clone, Debug)]
pub struct User {
    /// The account's name.
    pub name: Sourced<String>,
    /// The SSH keys that may log in.
    pub ssh_keys: Vec<Sourced<SshKey>>,
    /// `password`, `nopasswd` or `none`.
    pub sudo: Option<Sourced<String>>,
    /// The secret with the hash of its password.
    pub password: Option<Sourced<SecretName>>,
    /// Additional groups.
    pub groups: Vec<Sourced<String>>,
}

/// An `interface` block.
#[derive(Clone, Debug)]
pub struct Interface {
    /// Its name.
    pub name: Sourced<String>,
    /// Its MAC address, to find it by.
    pub mac: Option<Sourced<Mac>>,
    /// Its driver, to find it by.
    pub driver: Option<Sourced<String>>,
    /// Whether the cluster uses it.
    pub cluster: Option<Sourced<bool>>,
    /// Its own address, for an interface that is not the cluster's.
    pub address: Option<Sourced<IpAddr>>,
    /// Whether it uses DHCP.
    pub dhcp: Option<Sourced<bool>>,
    /// Its router.
    pub gateway: Option<Sourced<IpAddr>>,
    /// Whether the default route goes through it.
    pub default_route: Option<Sourced<bool>>,
    /// The MTU.
    pub mtu: Option<Sourced<i64>>,
    /// Whether the machine may start without it.
    pub optional: Option<Sourced<bool>>,
    /// Wi-Fi.
    pub wifi: Option<Wifi>,
    /// A VLAN on top of another interface.
    pub vlan: Option<Vlan>,
    /// Several interfaces that act as one.
    pub bond: Option<Bond>,
}

/// A `vlan` block.
#[derive(Clone, Debug)]
pub struct Vlan {
    /// The head of the block.
    pub head: Span,
    /// The VLAN ID.
    pub id: Option<Sourced<i64>>,
    /// The interface that carries it.
    pub on: Option<Sourced<String>>,
}

/// A `bond` block.
#[derive(Clone, Debug)]
pub struct Bond {
    /// The head of the block.
    pub head: Span,
    /// The interfaces that it consists of.
    pub members: Vec<Sourced<String>>,
    /// The bonding mode, as the kernel names it.
    pub mode: Option<Sourced<String>>,
    /// The member that is active as long as its link is up.
    pub primary: Option<Sourced<String>>,
    /// How often the links are checked, in milliseconds.
    pub monitor: Option<Sourced<i64>>,
}

/// A `wifi` block.
#[derive(Clone, Debug)]
pub struct Wifi {
    /// The head of the block.
    pub head: Span,
    /// The network's name.
    pub ssid: Option<Sourced<String>>,
    /// Its passphrase, by name; none for an open network.
    pub passphrase: Option<Sourced<SecretName>>,
    /// Whether the network hides its name.
    pub hidden: Option<Sourced<bool>>,
    /// Whether the radio may sleep.
    pub power_save: Option<Sourced<bool>>,
}

/// The `packages` block.
#[derive(Clone, Debug, Default)]
pub struct Packages {
    /// Whether all packages are upgraded first.
    pub upgrade: Option<Sourced<bool>>,
    /// Additional packages.
    pub extra: Vec<Sourced<String>>,
}

impl NodeSettings {
    /// The account that a person logs in to: one that sudo asks for no password, if there is one; none without accounts.
    pub fn account(&self) -> Option<&User> {
        let may = |wanted: &str| {
            let mut users = self.users.iter();
            users.find(|user| user.sudo.as_ref().is_some_and(|sudo| sudo.value == wanted))
        };
        may("nopasswd")
            .or_else(|| may("password"))
            .or(self.users.first())
    }

    /// The name of that account; `root` if there is none.
    pub fn login(&self) -> &str {
        self.account()
            .map_or("root", |user| user.name.value.as_str())
    }

    /// The interface that the cluster uses: the one that is marked, else the only candidate.
    pub fn cluster_interface(&self) -> Option<&Interface> {
        let marked = |one: &&Interface| one.cluster.as_ref().is_some_and(|on| on.value);
        self.interfaces.iter().find(marked).or_else(|| {
            let mut able = self
                .interfaces
                .iter()
                .filter(|one| self.bond_of(&one.name.value).is_none());
            able.next().filter(|_| able.next().is_none())
        })
    }

    /// The interface of that name.
    pub fn interface(&self, name: &str) -> Option<&Interface> {
        self.interfaces.iter().find(|one| one.name.value == name)
    }

    /// Whether the interface of that name carries a VLAN. Then it has no address of its own, unless the spec sets one.
    pub fn carries_vlan(&self, name: &str) -> bool {
        self.interfaces.iter().any(|one| {
            let on = one.vlan.as_ref().and_then(|vlan| vlan.on.as_ref());
            on.is_some_and(|on| on.value == name)
        })
    }

    /// The bond that the interface of that name is a member of.
    pub fn bond_of(&self, name: &str) -> Option<&Interface> {
        self.interfaces.iter().find(|one| {
            let members = one.bond.iter().flat_map(|bond| &bond.members);
            members.into_iter().any(|member| member.value == name)
        })
    }
}
