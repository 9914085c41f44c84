//! Arguments in a kubeadm file that contradict what kubeadm writes from the rest of the file.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::check::argument::components;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics};
use crate::model::{ETCD_DATA, Existing, Model, Target};
use crate::origin::Sourced;
use crate::source::{Span, Spanned};

declare! {
    /// kubeadm writes these arguments itself, from fields of the file, and uses the same values for certificates, kube-proxy, DNS and
    /// the files of the machines. An argument of the same name takes the place of kubeadm's own in one program only, so that the
    /// parts of the cluster disagree: nodes get pieces of a range that kube-proxy does not know, the API server listens on a
    /// port where no one looks for it, etcd's data stays in a container.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// controllerManager:
    ///   extraArgs:
    ///     - { name: cluster-cidr, value: 10.99.0.0/16 }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// ```
    pub static OVERRIDES = {
        code: "kubeadm/argument-overrides",
        since: "0.1.0",
        severity: Error,
        title: "an argument that contradicts what kubeadm writes",
        help: "drop the argument, and set the field that kubeadm reads",
        no_edit: "which of the two values is right is not in the file",
        sources: ["kubernetes/kubernetes: cmd/kubeadm/app/phases/controlplane/manifests.go", "kubernetes/kubernetes: cmd/kubeadm/app/phases/etcd/local.go"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&OVERRIDES];

/// The service range that kubeadm takes if the file names none.
const SERVICES: &str = "10.96.0.0/12";
/// The API server's port, likewise.
const PORT: &str = "6443";

pub(super) fn check(model: &Model, existing: &Existing, out: &mut Diagnostics) {
    if existing.cluster.is_none() {
        return;
    }
    for (program, whose, arguments) in components(model) {
        for (name, value) in arguments {
            let look = Look {
                model,
                existing,
                program,
                name: &name.value,
                value,
            };
            if let Some(contradiction) = look.contradiction() {
                let message = format!(
                    "`{}` of {whose} is {}, and {}",
                    name.value,
                    value.value.escape_debug(),
                    contradiction.what
                );
                let finding = Diagnostic::new(&OVERRIDES, message)
                    .label(value, "takes the place of kubeadm's own")
                    .label(contradiction.place, contradiction.role);
                out.push(finding.help(contradiction.help));
            }
        }
    }
}

/// What an argument contradicts.
struct Contradiction {
    what: String,
    place: Option<Span>,
    role: &'static str,
    help: String,
}

struct Look<'a> {
    model: &'a Model,
    existing: &'a Existing,
    program: &'a str,
    name: &'a str,
    value: &'a Sourced<String>,
}

impl Look<'_> {
    fn contradiction(&self) -> Option<Contradiction> {
        match (self.program, self.name) {
            ("kube-apiserver" | "kube-controller-manager", "service-cluster-ip-range") => self
                .ranges(
                    &self.existing.services,
                    "networking.serviceSubnet",
                    Some(SERVICES),
                ),
            ("kube-controller-manager", "cluster-cidr") => {
                self.ranges(&self.existing.pods, "networking.podSubnet", None)
            }
            ("kube-apiserver", "secure-port") => {
                self.text("InitConfiguration", "localAPIEndpoint.bindPort", Some(PORT))
            }
            ("kube-apiserver", "advertise-address") => {
                self.value.value.parse::<IpAddr>().ok()?;
                self.text(
                    "InitConfiguration",
                    "localAPIEndpoint.advertiseAddress",
                    None,
                )
            }
            ("etcd", "data-dir") => self.text(
                "ClusterConfiguration",
                "etcd.local.dataDir",
                Some(ETCD_DATA),
            ),
            _ => None,
        }
    }

    /// Compares ranges with those of a field, in any order.
    fn ranges(
        &self,
        written: &[Spanned<IpNet>],
        field: &str,
        default: Option<&str>,
    ) -> Option<Contradiction> {
        let all = |text: &str| -> Option<Vec<IpNet>> {
            let mut all: Vec<IpNet> = text
                .split(',')
                .map(|one| one.trim().parse().ok())
                .collect::<Option<_>>()?;
            all.sort();
            Some(all)
        };
        let mut own: Vec<IpNet> = written.iter().map(|range| range.value).collect();
        own.sort();
        let given = all(&self.value.value)?;
        if own.is_empty() {
            // Without a range of pods kubeadm gives none, and says nothing of it.
            own = all(default?)?;
        }
        if own == given {
            return None;
        }
        let own: Vec<String> = own.iter().map(IpNet::to_string).collect();
        Some(self.differs(
            field,
            &own.join(","),
            written.first().map(|range| range.span),
        ))
    }

    /// Compares a text with that of a field.
    fn text(&self, kind: &str, path: &str, default: Option<&str>) -> Option<Contradiction> {
        let is_it = |target: &Target| matches!(target, Target::Field { kind: own, path: at } if own == kind && at == path);
        let mut carried = self.model.cluster.carried.iter();
        let written = carried.find(|one| is_it(&one.target));
        let own = match written {
            Some(one) => one.value.value.argument(),
            None => default?.to_owned(),
        };
        let differs = own != self.value.value;
        let place = written.and_then(|one| one.value.origin.span());
        differs.then(|| self.differs(path, &own, place))
    }

    fn differs(&self, field: &str, own: &str, place: Option<Span>) -> Contradiction {
        let written = if place.is_some() { "" } else { ", its default" };
        Contradiction {
            what: format!(
                "kubeadm sets everything else up for {}{written}",
                own.escape_debug()
            ),
            place,
            role: "everything else is set up for this",
            help: format!("drop the argument, and write the value that you mean into `{field}`"),
        }
    }
}
