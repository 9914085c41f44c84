//! The `cluster` block, typed.

use std::collections::BTreeMap;

use camino::Utf8Path;
use ipnet::IpNet;

use super::bgp;
use super::build::Input;
use super::carried::{self, Carried};
use super::cluster_dns::cluster_dns;
use super::control_plane::Blocks;
use super::fill;
use super::http_proxy::HttpProxy;
use super::kubelet::{gates, kubelet};
use super::policy;
use super::subnet;
use super::types::{
    Cluster, CniChoice, HostsPolicy, Ipv6, Join, Mirror, Network, PackageMirror, RuntimeChoice,
    Time,
};
use super::vip::{self, Vip};
use crate::diagnostic::Diagnostics;
use crate::origin::{Origin, Sourced};
use crate::schema::{Atom, Content, Entity, Given, Schema, View};
use crate::source::Sources;
use crate::stdlib::{Library, Runs};
use crate::value::{Endpoint, Val, Version};

/// What reading a cluster needs beside its block.
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
        let unnamed = || Sourced::new("kubernetes".to_owned(), Origin::Written(entity.head));
        let name = entity.named().unwrap_or_else(unnamed);
        let blocks = Blocks {
            spec: self.spec,
            folder: input.path.parent().unwrap_or(Utf8Path::new("")),
            reader: input.reader,
        };
        let mut cluster = Cluster {
            name,
            head: entity.head,
            kubernetes: None,
            exact: None,
            endpoint: None,
            vip: vip::vip(entity, self.spec),
            api_port: None,
            dns_domain: None,
            hosts: None,
            network: self.network(entity.child("network")).unwrap_or_default(),
            time: self.time(entity.child("time")).unwrap_or_default(),
            runtime: None,
            cni: None,
            dns: cluster_dns(entity, self.spec),
            proxy_disabled: self
                .view(entity.child("proxy"), "proxy")
                .and_then(|view| view.boolean("disabled")),
            proxy_mode: self
                .view(entity.child("proxy"), "proxy")
                .and_then(|view| view.text("mode")),
            kubelet: kubelet(entity.child("kubelet"), self.spec),
            kubeadm_gates: gates(entity.child("kubeadm"), self.spec),
            skip_phases: self
                .view(entity.child("kubeadm"), "kubeadm")
                .map(|view| view.texts("skip-phases"))
                .unwrap_or_default(),
            control_plane: blocks.control_plane(entity),
            registries: blocks.registries(entity),
            authorities: blocks.authorities(entity),
            carried: everything_carried(entity, self.spec),
            join: self
                .view(entity.child("join"), "join")
                .map(|view| Join {
                    ttl: view.duration("ttl"),
                    window: view.duration("window"),
                })
                .unwrap_or_default(),
            mirror: self.mirror(entity.child("mirror")).unwrap_or_default(),
            http_proxy: self.http_proxy(entity.child("http-proxy")),
            bgp: bgp::bgp(entity, self.spec),
            policies: policy::policies(entity, self.spec),
        };
        if let Some(view) = self.view(Some(entity), "cluster") {
            cluster.kubernetes = view.version("kubernetes");
            cluster.endpoint = view.endpoint("endpoint").or_else(|| moving(&cluster));
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
        let own_port = self.own_port(cluster.vip.as_ref());
        if let Some(endpoint) = &mut cluster.endpoint {
            endpoint.value.port = endpoint.value.port.or(own_port);
        }
        cluster.runtime = self.runtime(entity.child("runtime"));
        cluster.cni = self.cni(entity.child("cni"));
        if let Some(written) = &cluster.kubernetes {
            cluster.exact = self.exact(written, input.kept);
        }
        cluster
    }

    fn network(&mut self, entity: Option<&Entity>) -> Option<Network> {
        let ipv6 = entity.and_then(|network| network.child("ipv6"));
        let lan_ipv6 = ipv6
            .and_then(|ipv6| self.view(Some(ipv6), "ipv6"))
            .and_then(|view| view.cidr("lan"));
        let subnets = subnet::subnets(entity, lan_ipv6, self.spec, self.out);
        let view = self.view(entity, "network")?;
        Some(Network {
            head: entity.map(|network| network.head),
            subnets,
            pods: view.cidr("pods"),
            services: view.cidr("services"),
            node_prefix: view.integer("node-prefix"),
            load_balancer: view.range("load-balancer"),
            reserved: reserved(entity),
            ipv6: self.ipv6(ipv6),
        })
    }

    /// The port of an endpoint that has none, if it is not that of the API servers: what moves the address listens at one of its own.
    fn own_port(&mut self, vip: Option<&Vip>) -> Option<u16> {
        let by = vip?.by.as_ref()?;
        let mover = self.library.mover(&by.value, self.sources, self.out)?;
        match mover.runs {
            Runs::Pod { .. } => None,
            Runs::Services { port, .. } => Some(port.value),
        }
    }

    fn ipv6(&self, entity: Option<&Entity>) -> Option<Ipv6> {
        let view = self.view(Some(entity?), "ipv6")?;
        Some(Ipv6 {
            head: entity?.head,
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

    fn http_proxy(&self, entity: Option<&Entity>) -> Option<HttpProxy> {
        let head = entity?.head;
        Some(HttpProxy::read(head, &self.view(entity, "http-proxy")?))
    }

    fn runtime(&mut self, entity: Option<&Entity>) -> Option<RuntimeChoice> {
        let entity = entity?;
        let name = entity.named()?;
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
        let name = entity.named()?;
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

    /// All options of a block that names something of the library: written, else default.
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

    /// The exact version: as written; else as kept from an earlier compile of the same line; else
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
}

/// The endpoint of a cluster that sets none: the address that moves between its control planes.
fn moving(cluster: &Cluster) -> Option<Sourced<Endpoint>> {
    let address = cluster.vip.as_ref()?.address.as_ref()?;
    let why = "the address that moves between the control planes";
    Some(Sourced::new(
        Endpoint {
            host: address.value.to_string(),
            port: None,
        },
        Origin::derived(why, [address.origin.clone()]),
    ))
}

/// What the settings of the cluster become in other programs' files, except for the kubelet's.
fn everything_carried(cluster: &Entity, spec: &Schema) -> Vec<Carried> {
    let mut all = Vec::new();
    for block in cluster
        .blocks
        .iter()
        .filter(|block| block.kind != "kubelet")
    {
        carried::carried(block, spec, &mut all);
    }
    if let Some(proxy) = cluster.child("proxy") {
        all.extend(carried::fields(proxy, "KubeProxyConfiguration", spec));
    }
    all
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
