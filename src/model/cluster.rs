//! The `cluster` block, typed, with the library's facts about what it names.

use std::collections::BTreeMap;
use std::sync::Arc;

use ipnet::IpNet;

use super::bgp;
use super::build::Input;
use super::fill;
use super::policy;
use super::types::{
    Cluster, CniChoice, Facts, GateList, HostsPolicy, Ipv6, Join, Kubelet, Mirror, Network,
    PackageMirror, RuntimeChoice, Time,
};
use crate::declare;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::origin::{Origin, Sourced};
use crate::schema::{Atom, Content, Entity, Given, Schema, View};
use crate::source::{Sources, Span};
use crate::stdlib::Library;
use crate::value::{Val, Version};

declare! {
    /// The standard library has facts about each minor release of Kubernetes: how it treats
    /// swap, which kubeadm files it reads, when its support ends. It has none about this one.
    ///
    /// A patch release newer than the library is not a problem; pikc notes it and goes on.
    ///
    /// ```pik fails
    /// kubernetes = 1.12
    /// ```
    ///
    /// ```pik
    /// kubernetes = 1.36
    /// ```
    pub static UNKNOWN_RELEASE = {
        code: "kubernetes/unknown-release",
        since: "0.1.0",
        severity: Error,
        title: "a Kubernetes release that the library does not know",
        help: "`pikc stdlib list release` shows the known releases",
        sources: ["kubernetes.io/releases"],
    }
}

/// What reading a cluster needs in addition to its block.
pub(super) struct Builder<'a> {
    pub spec: &'a Schema,
    pub library: &'a mut Library,
    pub sources: &'a mut Sources,
    pub out: &'a mut Diagnostics,
}

impl Builder<'_> {
    fn view<'b>(&'b self, entity: Option<&'b Entity>, kind: &str) -> Option<View<'b>> {
        Some(View::new(entity, self.spec.blocks.get(kind)?))
    }

    /// The cluster.
    pub(super) fn cluster(&mut self, entity: &Entity, input: &Input<'_>) -> Cluster {
        if let Some(kubelet) = entity.child("kubelet") {
            fill::no_machine(kubelet, self.out);
        }
        let name = match &entity.label {
            Some(label) => Sourced::new(label.name.value.clone(), Origin::Written(label.span)),
            None => Sourced::new("kubernetes".to_owned(), Origin::Written(entity.head)),
        };
        let mut cluster = Cluster {
            name,
            head: entity.head,
            kubernetes: None,
            exact: None,
            endpoint: None,
            api_port: None,
            dns_domain: None,
            hosts: None,
            network: self.network(entity.child("network")).unwrap_or_default(),
            time: self.time(entity.child("time")).unwrap_or_default(),
            runtime: None,
            cni: None,
            proxy_disabled: self
                .view(entity.child("proxy"), "proxy")
                .and_then(|view| view.boolean("disabled")),
            proxy_mode: self
                .view(entity.child("proxy"), "proxy")
                .and_then(|view| view.text("mode")),
            kubelet: kubelet(entity.child("kubelet"), self.spec),
            kubeadm_gates: gates(entity.child("kubeadm"), self.spec),
            join: Join {
                ttl: self
                    .view(entity.child("join"), "join")
                    .and_then(|view| view.duration("ttl")),
            },
            mirror: self.mirror(entity.child("mirror")).unwrap_or_default(),
            bgp: bgp::bgp(entity, self.spec),
            policies: policy::policies(entity, self.spec),
        };
        if let Some(view) = self.view(Some(entity), "cluster") {
            cluster.kubernetes = view.version("kubernetes");
            cluster.endpoint = view.endpoint("endpoint");
            cluster.api_port = view.port("api-port");
            cluster.dns_domain = view.text("dns-domain");
            cluster.hosts = view.text("hosts").map(|text| {
                text.map(|word| match word.as_str() {
                    "all" => HostsPolicy::All,
                    "control-plane" => HostsPolicy::ControlPlane,
                    _ => HostsPolicy::Auto,
                })
            });
        }
        cluster.runtime = self.runtime(entity.child("runtime"));
        cluster.cni = self.cni(entity.child("cni"));
        if let Some(written) = &cluster.kubernetes {
            cluster.exact = self.exact(written, input.kept);
        }
        cluster
    }

    fn network(&self, entity: Option<&Entity>) -> Option<Network> {
        let view = self.view(entity, "network")?;
        let address = |found: Sourced<&Val>| match found.value {
            Val::Address(address) => Some(Sourced::new(*address, found.origin)),
            _ => None,
        };
        Some(Network {
            lan: view.cidr("lan"),
            gateway: view.address("gateway"),
            dns: view.many("dns").into_iter().filter_map(address).collect(),
            dhcp: view.range("dhcp"),
            pods: view.cidr("pods"),
            services: view.cidr("services"),
            node_prefix: view.integer("node-prefix"),
            load_balancer: view.range("load-balancer"),
            reserved: reserved(entity),
            ipv6: self.ipv6(entity.and_then(|network| network.child("ipv6"))),
        })
    }

    fn ipv6(&self, entity: Option<&Entity>) -> Option<Ipv6> {
        let view = self.view(Some(entity?), "ipv6")?;
        Some(Ipv6 {
            head: entity?.head,
            lan: view.cidr("lan"),
            pods: view.cidr("pods"),
            services: view.cidr("services"),
        })
    }

    fn time(&self, entity: Option<&Entity>) -> Option<Time> {
        let view = self.view(entity, "time")?;
        Some(Time {
            servers: view.texts("servers"),
            fallback: view.texts("fallback"),
        })
    }

    fn mirror(&self, entity: Option<&Entity>) -> Option<Mirror> {
        let view = self.view(entity, "mirror")?;
        let package = |name: &'static str, key: &str, fingerprint: &str| {
            let mirror = PackageMirror {
                url: view.url(name),
                key: view.url(key),
                fingerprint: view.fingerprint(fingerprint),
            };
            (name, mirror)
        };
        let archive = |name: &'static str| Some((name, view.url(name)?));
        Some(Mirror {
            packages: BTreeMap::from([
                package("kubernetes", "kubernetes-key", "kubernetes-fingerprint"),
                package("crio", "crio-key", "crio-fingerprint"),
                package("containerd", "containerd-key", "containerd-fingerprint"),
            ]),
            archives: [
                "debian",
                "debian-security",
                "ubuntu",
                "ubuntu-ports",
                "raspios",
            ]
            .into_iter()
            .filter_map(archive)
            .collect(),
            images: view.text("images"),
        })
    }

    fn runtime(&mut self, entity: Option<&Entity>) -> Option<RuntimeChoice> {
        let entity = entity?;
        let name = label(entity)?;
        let options = self.options("runtime", entity)?;
        let version = match options.get("version") {
            Some(Sourced {
                value: Val::Version(version),
                origin,
            }) => Some(Sourced::new(*version, origin.clone())),
            _ => None,
        };
        let source = match options.get("source") {
            Some(Sourced {
                value: Val::Text(source),
                origin,
            }) => Some(Sourced::new(source.clone(), origin.clone())),
            _ => None,
        };
        Some(RuntimeChoice {
            name,
            version,
            source,
            options,
        })
    }

    fn cni(&mut self, entity: Option<&Entity>) -> Option<CniChoice> {
        let entity = entity?;
        let name = label(entity)?;
        let declared = self
            .library
            .options("cni", &name.value, self.sources, self.out);
        let options = self.options("cni", entity)?;
        let mut choice = super::cni::choice(name, &declared, &options);
        choice.written = entity
            .settings
            .iter()
            .filter_map(|(option, given)| {
                let schema = declared.get(option)?;
                Some((option.clone(), given.key, schema.applies_to.clone()))
            })
            .collect();
        let view = self.view(Some(entity), "cni")?;
        choice.upstream = view.path("upstream");
        choice.manifest = view.path("manifest");
        choice.needs = view.texts("needs");
        Some(choice)
    }

    /// All options of a block that names something from the library: as written, else the default.
    fn options(&mut self, kind: &str, entity: &Entity) -> Option<BTreeMap<String, Sourced<Val>>> {
        let declared = self
            .library
            .options(kind, entity.name(), self.sources, self.out);
        let view = View::new(Some(entity), self.spec.blocks.get(kind)?).with_options(&declared);
        Some(
            declared
                .keys()
                .filter_map(|name| {
                    let found = view.one(name)?;
                    Some((name.clone(), found.map(Val::clone)))
                })
                .collect(),
        )
    }

    /// The exact version: as written; else the one of an earlier compile of the same line; else
    /// the newest that the library knows.
    fn exact(
        &mut self,
        written: &Sourced<Version>,
        kept: Option<Version>,
    ) -> Option<Sourced<Version>> {
        if written.value.patch.is_some() {
            return Some(written.clone());
        }
        if let Some(kept) = kept.filter(|kept| kept.without_patch() == written.value) {
            return Some(Sourced::new(
                kept,
                Origin::derived(
                    "chosen by an earlier compile into this tree and kept until --upgrade",
                    [written.origin.clone()],
                ),
            ));
        }
        let release = self
            .library
            .release(&written.value.to_string(), self.sources, self.out)?;
        Some(Sourced::new(
            release.latest.value,
            Origin::derived(
                "the newest patch release that the standard library knows",
                [written.origin.clone(), release.latest.origin],
            ),
        ))
    }

    /// What the library knows of it. The tables of feature gates are long, and read only if the spec sets `gates`.
    pub(super) fn facts(&mut self, cluster: &mut Cluster, gates: bool) -> Facts {
        let mut known: Vec<Version> = self
            .library
            .names("release")
            .iter()
            .filter_map(
                |name| match crate::value::parse(crate::value::Type::Version, name) {
                    Ok(Val::Version(version)) => Some(version),
                    _ => None,
                },
            )
            .collect();
        known.sort();
        let (library, sources, out) = (&mut *self.library, &mut *self.sources, &mut *self.out);
        let release = cluster.kubernetes.as_ref().and_then(|written| {
            let name = written.value.without_patch().to_string();
            let found = library.release(&name, sources, out);
            if found.is_none() {
                unknown_release(written, &known, out);
            }
            found.map(Arc::new)
        });
        let runtime = cluster
            .runtime
            .as_ref()
            .and_then(|choice| library.runtime(&choice.name.value, sources, out));
        let runtime_repository = runtime
            .as_ref()
            .and_then(|runtime| library.repository(&runtime.name, sources, out));
        let mut gates_of = |program: &str| {
            gates
                .then(|| library.gates(program, sources, out))
                .flatten()
        };
        let (kubelet_gates, kubeadm_gates) = (gates_of("kubelet"), gates_of("kubeadm"));
        Facts {
            release,
            kubelet_gates: kubelet_gates.map(Arc::new),
            kubeadm_gates: kubeadm_gates.map(Arc::new),
            known_releases: known,
            runtime: runtime.map(Arc::new),
            cni: cluster
                .cni
                .as_ref()
                .and_then(|choice| {
                    let facts = library.cni(&choice.name.value, sources, out)?;
                    Some(facts.for_options(|option| choice.option_text(option)))
                })
                .map(Arc::new),
            kubernetes_repository: library.repository("kubernetes", sources, out).map(Arc::new),
            runtime_repository: runtime_repository.map(Arc::new),
            gone: library.gone(sources, out),
            taken: library.taken(sources, out),
            shares: library.shares(sources, out),
        }
    }
}

/// A `kubelet` block, wherever it is.
pub(super) fn kubelet(entity: Option<&Entity>, spec: &Schema) -> Kubelet {
    let Some(schema) = spec.blocks.get("kubelet") else {
        return Kubelet::default();
    };
    let view = View::new(entity, schema);
    let args = entity.and_then(|entity| entity.child("extra-args"));
    Kubelet {
        fail_swap_on: view.boolean("fail-swap-on"),
        max_pods: view.integer("max-pods"),
        gates: gates(entity, spec),
        extra_args: match (args, spec.blocks.get("extra-args")) {
            (Some(args), Some(schema)) => View::new(Some(args), schema).entries(),
            _ => Vec::new(),
        },
    }
}

/// The feature gates in a program's block.
fn gates(program: Option<&Entity>, spec: &Schema) -> GateList {
    let block = program.and_then(|entity| entity.child("feature-gates"));
    match (block, spec.blocks.get("feature-gates")) {
        (Some(block), Some(schema)) => View::new(Some(block), schema)
            .entries()
            .into_iter()
            .map(|(name, open)| (name, open.map(|word| word == "on" || word == "true")))
            .collect(),
        _ => Vec::new(),
    }
}

fn label(entity: &Entity) -> Option<Sourced<String>> {
    let label = entity.label.as_ref()?;
    Some(Sourced::new(
        label.name.value.clone(),
        Origin::Written(label.span),
    ))
}

fn unknown_release(written: &Sourced<Version>, known: &[Version], out: &mut Diagnostics) {
    let (Some(first), Some(last)) = (known.first(), known.last()) else {
        return;
    };
    let line = written.value.without_patch();
    let (why, help) = if line > *last {
        (
            format!("Kubernetes {line} is newer than the standard library, which ends at {last}"),
            format!("write `kubernetes = {last}`, or add the facts of {line} with --stdlib DIR"),
        )
    } else {
        (
            format!(
                "the standard library does not know Kubernetes {line} (it knows {first} to {last})"
            ),
            // The release before the newest: CNIs and runtimes have caught up with it.
            format!(
                "write `kubernetes = {}`",
                known.iter().rev().nth(1).unwrap_or(last)
            ),
        )
    };
    let place: Option<Span> = written.origin.span();
    out.push(
        Diagnostic::new(&UNKNOWN_RELEASE, why)
            .label(place, "no facts about this release")
            .help(help),
    );
}

/// The networks of a `reserved` block, by name.
fn reserved(network: Option<&Entity>) -> Vec<(String, Sourced<IpNet>)> {
    let entries = network
        .and_then(|network| network.child("reserved"))
        .map(|block| &block.settings);
    let net = |(name, given): (&String, &Given)| match &given.content {
        Content::One(Atom::Val(Val::Cidr(net))) => {
            Some((name.clone(), Sourced::new(*net, given.origin.clone())))
        }
        _ => None,
    };
    entries.into_iter().flatten().filter_map(net).collect()
}
