//! Node blocks as machines: merged with their profiles, expanded, typed, with board and system.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::build::allows;
use super::disk::Disk;
use super::expand;
use super::fill::Filler;
use super::firmware::firmware;
use super::kubelet::kubelet;
use super::machine::{
    Bond, Interface, Locale, Node, NodeSettings, Packages, Role, Swap, User, Vlan, Wifi,
};
use super::profile::Profiles;
use super::sized;
use super::types::Pairs;
use crate::diagnostic::Diagnostics;
use crate::origin::{Origin, Sourced};
use crate::schema::{self, Atom, Content, Entity, Given, Schema, View};
use crate::source::{Sources, Span};
use crate::stdlib::{Board, Library, Medium, Platform, System, Word as _};
use crate::value::Val;

/// What the expansion of nodes needs to know.
pub(super) struct Machines<'a> {
    pub spec: &'a Schema,
    pub library: &'a mut Library,
    pub sources: &'a mut Sources,
    pub out: &'a mut Diagnostics,
}

/// What the node blocks declare.
#[derive(Default)]
pub(super) struct Expanded {
    /// All machines.
    pub nodes: Vec<Node>,
    /// For `show`: each merged block with the names it declares.
    pub blocks: Vec<(Entity, Vec<String>)>,
    /// Every system, if one does not start on its board: those that do are named.
    pub systems: Vec<Arc<System>>,
    /// Whether there is a block without nodes, because its name cannot be read.
    pub lost: bool,
}

/// All machines.
pub(super) fn nodes(
    blocks: &[Entity],
    profiles: &mut Profiles<'_>,
    machines: Machines<'_>,
) -> Expanded {
    let mut reader = NodeReader {
        machines,
        boards: BTreeMap::new(),
        systems: BTreeMap::new(),
        platforms: BTreeMap::new(),
        reported: BTreeSet::new(),
    };
    let mut all = Expanded::default();
    for block in blocks.iter().filter(|block| block.kind == "node") {
        let merged = profiles.merge(block, reader.machines.out);
        reader.required(&merged);
        let Some(label) = &block.label else {
            all.lost = true;
            continue;
        };
        let names = expand::names(label, reader.machines.out);
        if names.is_empty() {
            all.lost = true;
            continue;
        }
        expand::check_counts(&merged, names.len(), label, reader.machines.out);
        reader.expand(&merged, &names, &mut all.nodes);
        all.blocks.push((merged, names));
    }
    let starts = |node: &Node| {
        let (board, system) = (node.settings.board.as_ref(), node.settings.os.as_ref());
        let both = board.zip(system);
        both.is_none_or(|(board, system)| board.value.no_kernel_in(&system.value).is_none())
    };
    if !all.nodes.iter().all(starts) {
        let names = reader.machines.library.names("os");
        all.systems = names
            .iter()
            .filter_map(|name| reader.system(name))
            .collect();
    }
    all
}

struct NodeReader<'a> {
    machines: Machines<'a>,
    boards: BTreeMap<String, Option<Arc<Board>>>,
    systems: BTreeMap<String, Option<Arc<System>>>,
    platforms: BTreeMap<String, Option<Arc<Platform>>>,
    /// The places of strings that were reported as wrong for some node.
    reported: BTreeSet<Span>,
}

impl NodeReader<'_> {
    /// Missing settings can only be known once the profiles are merged in.
    fn required(&mut self, merged: &Entity) {
        for entity in std::iter::once(merged).chain(inner(merged)) {
            if let Some(schema) = self.machines.spec.blocks.get(&entity.kind) {
                schema::missing(entity, None, merged, schema, self.machines.out);
            }
        }
    }

    fn expand(&mut self, merged: &Entity, names: &[String], nodes: &mut Vec<Node>) {
        let label = merged
            .label
            .as_ref()
            .map_or(merged.head, |label| label.span);
        let shared = (!expand::varies(merged)).then(|| Arc::new(self.settings(merged, 0)));
        for (index, name) in names.iter().enumerate() {
            let settings = match &shared {
                Some(settings) => Arc::clone(settings),
                None => {
                    let mut filler = Filler {
                        reported: &mut self.reported,
                        out: self.machines.out,
                    };
                    let own = filler.instance(merged, index, name);
                    Arc::new(self.settings(&own, index))
                }
            };
            let address = |setting: &str| {
                let given = merged.settings.get(setting)?;
                let (address, origin) = expand::dealt(given, index)?;
                Some(Sourced::new(address, origin))
            };
            nodes.push(Node {
                name: Sourced::new(name.clone(), Origin::Written(label)),
                address: address("address"),
                address_ipv6: address("address-ipv6"),
                subnet: None,
                settings,
            });
        }
    }

    fn settings(&mut self, entity: &Entity, index: usize) -> NodeSettings {
        let spec = self.machines.spec;
        let child = |kind: &str| entity.child(kind);
        let view = spec
            .blocks
            .get("node")
            .map(|schema| View::new(Some(entity), schema));
        let text = |name: &str| view.and_then(|view| view.text(name));
        let os = text("os").and_then(|name| {
            let found = self.system(&name.value)?;
            Some(Sourced::new(found, name.origin))
        });
        let board = text("board").and_then(|name| {
            let found = self.board(&name.value)?;
            let board = sized::sized(&name, found, &view?, self.machines.out)?;
            Some(Sourced::new(board, name.origin))
        });
        let platform = text("platform").and_then(|name| {
            let found = self.platform(&name.value)?;
            Some(Sourced::new(found, name.origin))
        });
        NodeSettings {
            head: entity.head,
            damaged: broken(entity),
            role: text("role").map(|role| {
                role.map(|word| match word.as_str() {
                    "control-plane" => Role::ControlPlane,
                    _ => Role::Worker,
                })
            }),
            os,
            board,
            boot: view.as_ref().and_then(|view| Medium::of(view, "boot")),
            firmware: firmware(child("firmware"), spec),
            platform,
            subnet: text("subnet"),
            route_reflector: view.and_then(|view| view.boolean("route-reflector")),
            swap: text("swap").map(|swap| {
                swap.map(|word| match word.as_str() {
                    "on" => Swap::On,
                    "limited" => Swap::Limited,
                    _ => Swap::Off,
                })
            }),
            locale: locale(child("locale"), spec),
            users: entity
                .children("user")
                .filter_map(|user| self::user(user, spec))
                .collect(),
            interfaces: entity
                .children("interface")
                .filter_map(|interface| self::interface(interface, index, spec))
                .collect(),
            disks: entity
                .children("disk")
                .filter_map(|disk| self::disk(disk, spec))
                .collect(),
            packages: packages(child("packages"), spec),
            labels: pairs(child("labels"), spec),
            taints: pairs(child("taints"), spec),
            no_taints: child("taints")
                .filter(|taints| taints.settings.is_empty() && !taints.damaged)
                .map(|taints| taints.head),
            sysctls: pairs(child("sysctls"), spec),
            kubelet: kubelet(child("kubelet"), spec),
            allows: allows(&entity.blocks, spec),
        }
    }

    fn board(&mut self, name: &str) -> Option<Arc<Board>> {
        let Machines {
            library,
            sources,
            out,
            ..
        } = &mut self.machines;
        self.boards
            .entry(name.to_owned())
            .or_insert_with(|| library.board(name, sources, out).map(Arc::new))
            .clone()
    }

    fn platform(&mut self, name: &str) -> Option<Arc<Platform>> {
        let Machines {
            library,
            sources,
            out,
            ..
        } = &mut self.machines;
        self.platforms
            .entry(name.to_owned())
            .or_insert_with(|| library.platform(name, sources, out).map(Arc::new))
            .clone()
    }

    fn system(&mut self, name: &str) -> Option<Arc<System>> {
        let Machines {
            library,
            sources,
            out,
            ..
        } = &mut self.machines;
        self.systems
            .entry(name.to_owned())
            .or_insert_with(|| library.system(name, sources, out).map(Arc::new))
            .clone()
    }
}

/// Whether part of a block, or of a block in it, could not be read or used: a setting that seems to be
/// missing may have been meant there.
fn broken(entity: &Entity) -> bool {
    let poisoned = |given: &Given| match &given.content {
        Content::One(atom) => *atom == Atom::Poisoned,
        Content::Many(items) => items.iter().any(|item| item.value == Atom::Poisoned),
    };
    entity.damaged || entity.settings.values().any(poisoned) || entity.blocks.iter().any(broken)
}

fn inner(entity: &Entity) -> Vec<&Entity> {
    entity
        .blocks
        .iter()
        .flat_map(|block| std::iter::once(block).chain(inner(block)))
        .collect()
}

fn through<'a>(entity: Option<&'a Entity>, kind: &str, spec: &'a Schema) -> Option<View<'a>> {
    Some(View::new(entity, spec.blocks.get(kind)?))
}

fn name(entity: &Entity) -> Option<Sourced<String>> {
    let label = entity.label.as_ref()?;
    Some(Sourced::new(
        label.name.value.clone(),
        Origin::Written(label.span),
    ))
}

fn locale(entity: Option<&Entity>, spec: &Schema) -> Locale {
    // Without the block the spec does not set a locale, so the defaults do not apply either.
    let Some(view) = entity.and_then(|entity| through(Some(entity), "locale", spec)) else {
        return Locale::default();
    };
    Locale {
        country: view.country("country"),
        timezone: view.timezone("timezone"),
        keyboard: view.text("keyboard"),
        language: view.text("language"),
    }
}

fn user(entity: &Entity, spec: &Schema) -> Option<User> {
    let view = through(Some(entity), "user", spec)?;
    let key = |found: Sourced<&Val>| match found.value {
        Val::SshKey(key) => Some(Sourced::new(key.clone(), found.origin)),
        _ => None,
    };
    Some(User {
        name: name(entity)?,
        ssh_keys: view.many("ssh-keys").into_iter().filter_map(key).collect(),
        sudo: view.text("sudo"),
        password: view.secret("password"),
        groups: view.texts("groups"),
    })
}

fn disk(entity: &Entity, spec: &Schema) -> Option<Disk> {
    let view = through(Some(entity), "disk", spec)?;
    let path = |setting: &str| Some(view.path(setting)?.map(|path| path.to_string()));
    Some(Disk {
        head: entity.head,
        name: name(entity)?,
        device: path("device"),
        filesystem: view.text("filesystem"),
        mount: path("mount"),
        format: view.text("format"),
    })
}

fn interface(entity: &Entity, index: usize, spec: &Schema) -> Option<Interface> {
    let view = through(Some(entity), "interface", spec)?;
    Some(Interface {
        name: name(entity)?,
        mac: view.mac("mac"),
        driver: view.text("driver"),
        cluster: view.boolean("cluster"),
        address: view
            .given("address")
            .and_then(|given| expand::dealt(given, index))
            .map(|(address, origin)| Sourced::new(address, origin)),
        dhcp: view.boolean("dhcp"),
        gateway: view.address("gateway"),
        default_route: view.boolean("default-route"),
        mtu: view.integer("mtu"),
        optional: view.boolean("optional"),
        wifi: entity.child("wifi").and_then(|wifi| {
            let view = through(Some(wifi), "wifi", spec)?;
            Some(Wifi {
                head: wifi.head,
                ssid: view.text("ssid"),
                passphrase: view.secret("passphrase"),
                hidden: view.boolean("hidden"),
                power_save: view.boolean("power-save"),
            })
        }),
        vlan: entity.child("vlan").and_then(|vlan| {
            let view = through(Some(vlan), "vlan", spec)?;
            Some(Vlan {
                head: vlan.head,
                id: view.integer("id"),
                on: view.text("on"),
            })
        }),
        bond: entity.child("bond").and_then(|bond| {
            let view = through(Some(bond), "bond", spec)?;
            Some(Bond {
                head: bond.head,
                members: view.texts("members"),
                mode: view.text("mode"),
                primary: view.text("primary"),
                monitor: view.integer("monitor"),
            })
        }),
    })
}

fn packages(entity: Option<&Entity>, spec: &Schema) -> Packages {
    through(entity, "packages", spec).map_or_else(Packages::default, |view| Packages {
        upgrade: view.boolean("upgrade"),
        extra: view.texts("extra"),
    })
}

fn pairs(entity: Option<&Entity>, spec: &Schema) -> Pairs {
    entity
        .and_then(|entity| through(Some(entity), &entity.kind, spec))
        .map_or_else(Vec::new, |view| view.entries())
}
