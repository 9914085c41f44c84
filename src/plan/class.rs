//! Classes: the nodes whose scripts are the same.
//!
//! A class is found by its content, not by a list of properties: nodes whose steps and class files
//! all turn out equal are one class. So no key can miss a property, and two node blocks with the same
//! settings share their scripts.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use camino::Utf8PathBuf;
use serde_json::{Value as Json, json};

use super::Options;
use super::document::netplan::Renderer;
use super::hosts::Hosts;
use super::step::{self, Step};
use super::turns::LONGEST_WAIT;
use super::types::{
    AddedRepository, Artifact, Body, Context, List, Listed, Placed, Plan, PlannedStep,
};
use super::{reset, upkeep, verify};
use crate::file_format::Line;
use crate::model::{Model, Node, NodeSettings, Role, Swap};
use crate::origin::Origin;
use crate::stdlib::{Firewall, Hardware, NetworkStack, PackageManager, SwapMechanism, TimeDaemon};

/// All classes, and which node block belongs to which.
pub(super) struct Classes {
    /// In the order of the spec.
    pub list: Vec<Class>,
    by_settings: BTreeMap<*const NodeSettings, usize>,
}

impl Classes {
    /// The class of a node.
    pub(super) fn of(&self, settings: &Arc<NodeSettings>) -> Option<&Class> {
        self.list
            .get(*self.by_settings.get(&Arc::as_ptr(settings))?)
    }
}

/// A class.
pub(super) struct Class {
    /// Its folder's name.
    pub name: String,
    /// The role of its machines.
    pub role: Role,
    /// Whether it has fragments.
    pub has_fragments: bool,
    /// What its nodes' blocks set; where they differ, no file of the class does.
    pub settings: Arc<NodeSettings>,
    /// Why it exists.
    pub origins: Vec<Origin>,
    /// What its carriers have in common, among the payloads of the plan.
    pub payload: Option<usize>,
    steps: Vec<Step>,
    common: Context,
    /// The values for `reset.sh`.
    reset: Context,
    /// The scripts that only some classes have, and their values.
    scripts: Vec<(&'static str, Arc<Context>)>,
    /// The values for `verify.sh`; nothing if the class cannot verify the cluster.
    verify: Option<Context>,
}

/// Sorts the nodes of a model into classes.
pub(super) fn classes(model: &Model, options: &Options, hosts: &Hosts) -> Classes {
    let mut list: Vec<Class> = Vec::new();
    let mut by_settings = BTreeMap::new();
    let mut by_content: BTreeMap<String, usize> = BTreeMap::new();
    for node in &model.nodes {
        let settings = Arc::as_ptr(&node.settings);
        if by_settings.contains_key(&settings) {
            continue;
        }
        let Some(class) = class(model, &node.settings, options, hosts) else {
            continue;
        };
        let index = *by_content.entry(content(&class)).or_insert_with(|| {
            list.push(class);
            list.len() - 1
        });
        by_settings.insert(settings, index);
        for origin in [&node.settings.role].into_iter().flatten() {
            let origins = &mut list[index].origins;
            if !origins.contains(&origin.origin) {
                origins.push(origin.origin.clone());
            }
        }
    }
    number(&mut list);
    Classes { list, by_settings }
}

fn class(
    model: &Model,
    settings: &Arc<NodeSettings>,
    options: &Options,
    hosts: &Hosts,
) -> Option<Class> {
    let system = &settings.os.as_ref()?.value;
    let board = &settings.board.as_ref()?.value;
    let role = settings.role.as_ref()?;
    let swap = settings.swap.as_ref()?;
    let input = step::ClassView {
        model,
        settings,
        system,
        board,
        role: role.value,
        spec: &options.spec,
        hosts,
        by_itself: options.own.is_some(),
    };
    let steps = step::steps(&input);
    let mut name = format!("{}-{}-{}", role.value.word(), system.name, board.family);
    if swap.value != Swap::Off {
        name = format!("{name}-swap-{}", swap.value.word());
    }
    let has_fragments = steps
        .iter()
        .flat_map(|step| &step.files)
        .any(|file| file.path.starts_with("fragments"));
    let common = common(&input);
    let mut reset = common.clone();
    reset::add(&input, &mut reset);
    let verify = verify::of(&input, &common);
    let scripts = upkeep::scripts(&input, &common);
    Some(Class {
        name,
        role: role.value,
        has_fragments,
        payload: None,
        settings: Arc::clone(settings),
        common,
        reset,
        scripts,
        verify,
        origins: vec![role.origin.clone()],
        steps,
    })
}

/// What every template of the class gets.
fn common(class: &step::ClassView<'_>) -> Context {
    let settings = class.settings;
    let system = class.system;
    let mut context = Context::default();
    context.set("spec", class.spec, []);
    context.set("by_itself", class.by_itself, []);
    context.set(
        "role",
        class.role.word(),
        settings.role.iter().map(|role| role.origin.clone()),
    );
    let os = settings.os.iter().map(|os| os.origin.clone());
    let (stack, swap) = (system.network_stack.value, system.swap_mechanism.value);
    let netplan = match stack {
        NetworkStack::NetplanNetworkManager => Some(Renderer::NetworkManager),
        NetworkStack::NetplanNetworkd => Some(Renderer::Networkd),
        NetworkStack::Dhcpcd | NetworkStack::NetworkManager => None,
    };
    context.set(
        "os",
        json!({
            "id": system.id.value,
            "version_id": system.version_id.value,
            "title": system.title,
            "marker": system.marker.as_ref().map(|marker| marker.value.clone()),
            "pi": class.board.hardware == Hardware::Pi,
            "root_grows": system.root_grows.as_ref().is_some_and(|grows| grows.value),
            "dhcpcd": stack == NetworkStack::Dhcpcd,
            "networkmanager": stack == NetworkStack::NetworkManager,
            "netplan": netplan.is_some(),
            "networkmanager_runs": stack == NetworkStack::NetworkManager || netplan == Some(Renderer::NetworkManager),
            "wifi_blocked": system.wifi_blocked.as_ref().is_some_and(|blocked| blocked.value),
            "dnf": system.package_manager.value == PackageManager::Dnf,
            "point_releases": system.point_releases,
            "admins": system.admin_group,
            "ssh": system.ssh_unit,
            "selinux": system.selinux.is_some(),
            "firewalld": system.firewall.as_ref().is_some_and(|one| one.value == Firewall::Firewalld),
            "chrony": system.time_daemon.value == TimeDaemon::Chrony,
            "rpi_swap": swap == SwapMechanism::RpiSwap,
            "zram_generator": swap == SwapMechanism::ZramGenerator,
            "dphys_swapfile": swap == SwapMechanism::DphysSwapfile,
            "fstab": swap == SwapMechanism::Fstab,
        }),
        os.chain([
            system.id.origin.clone(),
            system.version_id.origin.clone(),
            system.network_stack.origin.clone(),
        ]),
    );
    trust_store(class, &mut context);
    users(settings, &mut context);
    context.set("login", settings.login(), []);
    step::add_proxy(class.model, &mut context);
    let disks = settings.disks.iter().map(|disk| disk.name.origin.clone());
    context.set("disks", !settings.disks.is_empty(), disks);
    upkeep::add(class, &mut context);
    planes(class, &mut context);
    context
}

/// Where the system keeps the authorities that it trusts, and which service has read them.
fn trust_store(class: &step::ClassView<'_>, context: &mut Context) {
    let store = &class.system.trust_store;
    let runtime = class.model.facts.runtime.as_ref();
    let words: Vec<&str> = store
        .update
        .iter()
        .map(|word| word.value.as_str())
        .collect();
    context.set(
        "trust_store",
        json!({
            "folder": store.folder.value,
            "bundle": store.bundle.value,
            "update": words,
            "service": runtime.map(|runtime| &runtime.service.value),
        }),
        [store.folder.origin.clone(), store.bundle.origin.clone()],
    );
}

/// The accounts, and whether any has a password.
fn users(settings: &NodeSettings, context: &mut Context) {
    let mut users = Vec::new();
    for user in &settings.users {
        let handle = format!("user_{}", user.name.value);
        let groups: Vec<&str> = user
            .groups
            .iter()
            .map(|group| group.value.as_str())
            .collect();
        let origins = [user.name.origin.clone()]
            .into_iter()
            .chain(user.groups.iter().map(|group| group.origin.clone()))
            .chain(user.sudo.iter().map(|sudo| sudo.origin.clone()))
            .chain(user.password.iter().map(|name| name.origin.clone()));
        context.because(&handle, origins);
        context.because("users", [user.name.origin.clone()]);
        users.push(json!({
            "name": user.name.value,
            "groups": groups,
            "keys": !user.ssh_keys.is_empty(),
            "password": user.password.is_some(),
            "sudo": user.sudo.as_ref().map_or("none", |sudo| sudo.value.as_str()),
            "origin": {"$origin": handle},
        }));
    }
    context.set(
        "passwords",
        settings.users.iter().any(|user| user.password.is_some()),
        [],
    );
    context.set("users", users, []);
}

/// Several control planes, in the order in which they start and join, and under which address they answer together. None if there
/// is one.
fn planes(class: &step::ClassView<'_>, context: &mut Context) {
    let several = class.model.several_control_planes();
    context.set("several", several.is_some(), []);
    let Some(several) = several.filter(|_| class.role == Role::ControlPlane) else {
        context.set("planes", Json::Null, []);
        return;
    };
    let addressed = |node: &Node| Some((node.name.clone(), node.address.clone()?));
    let all: Vec<_> = several.into_iter().filter_map(addressed).collect();
    let from = all
        .iter()
        .flat_map(|(name, address)| [&name.origin, &address.origin]);
    let rows: Vec<Json> = all
        .iter()
        .map(|(name, address)| json!({"name": name.value, "host": in_url(address.value)}))
        .collect();
    context.set("planes", rows, from.cloned());
    let port = class.model.cluster.api_port.as_ref();
    let endpoint = class.model.cluster.endpoint.as_ref().map(|endpoint| {
        let own = endpoint.value.port.or_else(|| Some(port?.value));
        let host = endpoint
            .value
            .address()
            .map_or_else(|| endpoint.value.host.clone(), in_url);
        format!("{host}:{}", own.unwrap_or(6443))
    });
    let origin = class
        .model
        .cluster
        .endpoint
        .iter()
        .map(|endpoint| endpoint.origin.clone());
    context.set("endpoint", endpoint, origin);
    context.set("turn_seconds", LONGEST_WAIT, []);
    context.set("api_port", port.map(|port| port.value), []);
}

/// An address as a URL has it: one of IPv6 in brackets.
fn in_url(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// Everything that must be equal in two classes to make them one.
fn content(class: &Class) -> String {
    let steps: Vec<_> = class
        .steps
        .iter()
        .map(|step| {
            let files: Vec<_> = step
                .files
                .iter()
                .map(|file| {
                    let lines: Vec<&str> = match &file.body {
                        Body::Lines(written) => {
                            let lines = written.lines().unwrap_or_default();
                            lines.iter().map(Line::text).collect()
                        }
                        _ => Vec::new(),
                    };
                    (file.path.as_str(), lines)
                })
                .collect();
            json!([step.name, step.context.values, step.asked, files])
        })
        .collect();
    let scripts: Vec<_> = class
        .scripts
        .iter()
        .map(|(file, own)| json!([file, own.values]))
        .collect();
    json!([class.name, class.reset.values, scripts, steps]).to_string()
}

/// Classes that would have one name get numbers.
fn number(list: &mut [Class]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for class in list {
        let count = seen.entry(class.name.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            class.name = format!("{}-{count}", class.name);
        }
    }
}

impl Class {
    /// Its folder below the output folder.
    pub(super) fn folder(&self) -> String {
        format!("classes/{}", self.name)
    }

    /// Whether its machines can verify the cluster.
    pub(super) fn verifies(&self) -> bool {
        self.verify.is_some()
    }

    /// The scripts of its folder that only some classes have.
    pub(super) fn own_scripts(&self) -> impl Iterator<Item = &'static str> {
        self.scripts.iter().map(|(file, _)| *file)
    }

    /// Adds everything that its folder holds.
    pub(super) fn add_to(&self, plan: &mut Plan) {
        let folder = self.folder();
        let mut entries = Vec::new();
        let common = Arc::new(self.common.clone());
        let reset = Arc::new(self.reset.clone());
        let verify = self.verify.clone().map(Arc::new);
        let always = [
            ("run.sh", 0o755, &common),
            ("lib.sh", 0o644, &common),
            ("reset.sh", 0o755, &reset),
        ];
        let verify = verify.iter().map(|context| ("verify.sh", 0o755, context));
        let own = self.scripts.iter();
        let own = own.map(|(file, context)| (*file, 0o755, context));
        for (file, mode, context) in always.into_iter().chain(own).chain(verify) {
            let artifact = Artifact {
                path: Utf8PathBuf::from(&folder).join(file),
                mode,
                body: Body::Template {
                    name: format!("script/{file}.j2"),
                    context: Arc::clone(context),
                },
                origins: Arc::from(self.origins.clone()),
            };
            // It is handed over when it is needed: user-data has no room for what most boots do not use.
            if file != "verify.sh" {
                entries.push(listed(file, &artifact));
            }
            plan.artifacts.push(artifact);
        }
        for step in &self.steps {
            self.add_step(step, &folder, &mut entries, plan);
        }
        entries.sort_by(|a, b| a.bundle.cmp(&b.bundle));
        plan.lists.push(List {
            path: Utf8PathBuf::from(folder).join("class.list"),
            entries,
        });
    }

    fn add_step(&self, step: &Step, folder: &str, entries: &mut Vec<Listed>, plan: &mut Plan) {
        let mut context = self.common.clone();
        context.values.extend(step.context.values.clone());
        for (name, origins) in &step.context.origins {
            context.because(name, origins.iter().cloned());
        }
        context.set("asked", step.asked.clone(), step.origins.iter().cloned());
        let file = format!("steps/{}.sh", step.name);
        let origins: Vec<Origin> = if step.origins.is_empty() {
            self.origins.clone()
        } else {
            step.origins.clone()
        };
        let artifact = Artifact {
            path: Utf8PathBuf::from(folder).join(&file),
            mode: 0o755,
            body: Body::Template {
                name: format!("script/{}.sh.j2", step.template),
                context: Arc::new(context),
            },
            origins: Arc::from(origins.clone()),
        };
        let mut planned = PlannedStep {
            class: self.name.clone(),
            name: step.name,
            script: artifact.path.clone(),
            asked: step.asked.clone(),
            files: Vec::new(),
            packages: packages(&step.context),
            services: services(&step.context),
            repositories: repositories(&step.context),
        };
        entries.push(listed(&file, &artifact));
        plan.artifacts.push(artifact);
        for file in &step.files {
            let (artifact, listed) = file
                .clone()
                .because(origins.iter().cloned())
                .artifact(folder, true);
            planned.files.push(listed.clone());
            entries.push(listed);
            plan.artifacts.push(artifact);
        }
        plan.steps.push(planned);
    }
}

/// The packages that a step's template installs.
fn packages(context: &Context) -> Vec<String> {
    let value = |name: &str| context.values.get(name);
    let lists = [
        value("packages").map(|packages| &packages["install"]),
        value("kubernetes").map(|kubernetes| &kubernetes["packages"]),
        value("kubernetes").map(|kubernetes| &kubernetes["others"]),
    ];
    let lists = lists.into_iter().flatten().filter_map(Json::as_array);
    let one = value("runtime").map(|runtime| &runtime["package"]);
    let all = lists.flatten().chain(one).filter_map(Json::as_str);
    all.map(str::to_owned).collect()
}

/// The services that a step's template configures.
fn services(context: &Context) -> Vec<String> {
    let runtime = context.values.get("runtime");
    let service = runtime.and_then(|runtime| runtime["service"].as_str());
    service.map(str::to_owned).into_iter().collect()
}

fn listed(bundle: &str, artifact: &Artifact) -> Listed {
    Listed {
        bundle: bundle.to_owned(),
        output: artifact.path.clone(),
        placed: Placed::root(artifact.mode),
    }
}

/// The package repositories that a step's template adds.
fn repositories(context: &Context) -> Vec<AddedRepository> {
    let rows = context.values.get("repositories").and_then(Json::as_array);
    let text = |row: &Json, name: &str| row[name].as_str().map(str::to_owned);
    let added = rows.into_iter().flatten().filter_map(|row| {
        Some(AddedRepository {
            url: text(row, "url")?,
            verified: text(row, "verified")?,
            key: text(row, "key")?,
            fingerprint: text(row, "fingerprint"),
        })
    });
    added.collect()
}
