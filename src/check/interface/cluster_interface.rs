//! Network interfaces: which one is the cluster's, and which one has the default route.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Interface, Model, NodeSettings};
use crate::origin::Origin;
use crate::stdlib::Hardware;

declare! {
    /// Without an `interface` block pikc does not know which interface to give the node's address.
    ///
    /// ```pik fails
    /// node only {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    ///   user pi { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop"] }
    /// }
    /// ```
    ///
    /// ```pik
    /// interface eth0 { }
    /// ```
    pub static NONE = {
        code: "interface/none",
        since: "0.1.0",
        severity: Error,
        title: "a node without a network interface",
        help: "write `interface eth0 { }`, or `interface wlan0 { wifi { ... } }`",
        sources: ["docs/language.md"],
    }

    /// With several interfaces the kubelet, the API server and the CNI must agree on one. Left to themselves they use
    /// the one with the default route, which can change from boot to boot. Logs and exec then fail, or pods do not
    /// reach each other.
    ///
    /// ```pik fails
    /// interface eth0 { }
    /// interface wlan1 { }
    /// ```
    ///
    /// ```pik
    /// interface eth0 { cluster = on }
    /// interface wlan1 { }
    /// ```
    pub static WHICH = {
        code: "interface/no-cluster",
        since: "0.1.0",
        severity: Error,
        title: "several interfaces, and none is the cluster's",
        help: "write `cluster = on` in the one that has the node's address",
        sources: ["kubernetes/kubernetes#33618", "kubernetes/kubeadm#1987", "flannel-io/flannel#1353"],
    }

    /// One interface has the node's address; two cannot.
    ///
    /// ```pik fails
    /// interface eth0 { cluster = on }
    /// interface wlan1 { cluster = on }
    /// ```
    ///
    /// ```pik
    /// interface eth0 { cluster = on }
    /// interface wlan1 { }
    /// ```
    pub static TWO = {
        code: "interface/two-cluster",
        since: "0.1.0",
        severity: Error,
        title: "two interfaces for the cluster",
        help: "keep `cluster = on` in one of them",
        sources: ["kubernetes/kubernetes#33618"],
    }

    /// With two default routes, the reply to a packet may leave through a different interface than the packet came in
    /// on. Routers drop such replies, and which route wins changes from boot to boot.
    ///
    /// ```pik fails
    /// interface eth0 { cluster = on, default-route = on }
    /// interface wlan1 { default-route = on }
    /// ```
    ///
    /// ```pik
    /// interface eth0 { cluster = on }
    /// interface wlan1 { }
    /// ```
    pub static ROUTES = {
        code: "interface/two-default-routes",
        since: "0.1.0",
        severity: Error,
        title: "two default routes",
        help: "keep `default-route = on` in one of them",
        sources: ["k3s-io/k3s#3466", "raspberrypi/linux#4092"],
    }

    /// The cluster's interface has the node's address, which is fixed: certificates and etcd contain it. An address of
    /// its own, or one from DHCP, would be a second one.
    ///
    /// ```pik fails
    /// interface eth0 { dhcp = on }
    /// ```
    ///
    /// ```pik
    /// interface eth0 { }
    /// ```
    pub static BOTH = {
        code: "interface/address-and-dhcp",
        since: "0.1.0",
        severity: Error,
        title: "a fixed address and DHCP on one interface",
        help: "drop the setting: the cluster's interface has the node's `address`",
        sources: ["kubernetes/kubeadm#338", "kubernetes/kubernetes#108453"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&NONE, &WHICH, &TWO, &ROUTES, &BOTH];

pub(in crate::check) fn check(_model: &Model, out: &mut Findings<'_>) {
    none(out);
    which(out);
    routes(out);
    two_addresses(out);
}

fn is_on(setting: &Option<crate::origin::Sourced<bool>>) -> bool {
    setting.as_ref().is_some_and(|on| on.value)
}

fn none(out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| {
        (settings.interfaces.is_empty() && !settings.damaged)
            .then(|| {
                Diagnostic::new(
                    &NONE,
                    format!(
                        "{} {} no network interface",
                        names(nodes),
                        verb(nodes, "has", "have")
                    ),
                )
                .label(settings.head, "no `interface` block here or in a profile")
            })
            .map(|finding| match &settings.board {
                // On these boards the system gives the wired port this name.
                Some(board) if board.value.hardware == Hardware::Pi && !board.value.no_wire => {
                    finding.choice(|it| {
                        it.add_inside(
                            "add `interface eth0 { }`",
                            settings.head,
                            "interface eth0 { }",
                        )
                    })
                }
                _ => finding,
            })
    });
}

fn which(out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| {
        let [first, second, ..] = settings.interfaces.as_slice() else {
            return None;
        };
        let mut able = settings
            .interfaces
            .iter()
            .filter(|one| settings.bond_of(&one.name.value).is_none());
        let several = able.nth(1).is_some();
        let said = settings.interfaces.iter().any(|one| is_on(&one.cluster));
        (several && !said)
            .then(|| {
                Diagnostic::new(
                    &WHICH,
                    format!(
                        "{} {} several interfaces, and none says `cluster = on`",
                        names(nodes),
                        verb(nodes, "has", "have")
                    ),
                )
                .label(&first.name, "this one?")
                .label(&second.name, "or this one?")
            })
            .map(|finding| the_cluster(finding, settings))
    });
    out.blocks(|settings, nodes| {
        let mut said = settings
            .interfaces
            .iter()
            .filter_map(|one| Some((one, one.cluster.as_ref().filter(|on| on.value)?)));
        let ((one, first), (other, second)) = (said.next()?, said.next()?);
        Some(
            Diagnostic::new(
                &TWO,
                format!("{}: two interfaces are the cluster's", names(nodes)),
            )
            .label(second, "and this one")
            .label(first, "this one"),
        )
        .map(|finding| {
            let keep = [(other, first), (one, second)];
            let keep = keep.into_iter().filter(|(kept, _)| is_free(kept));
            keep.fold(finding, |finding, (kept, gone)| {
                let title = format!("keep it in `{}`", kept.name.value);
                finding.choice(|it| it.remove(title, &gone.origin))
            })
        })
    });
}

/// Offers each interface that can be the cluster's.
fn the_cluster(finding: Diagnostic, settings: &NodeSettings) -> Diagnostic {
    let able = settings
        .interfaces
        .iter()
        .filter(|one| is_free(one) && one.cluster.is_none())
        .filter(|one| settings.bond_of(&one.name.value).is_none());
    able.take(3)
        .fold(finding, |finding, one| match one.name.origin {
            Origin::Written(span) => finding.choice(|it| {
                it.add_inside(
                    format!("make it `{}`", one.name.value),
                    span,
                    "cluster = on",
                )
            }),
            _ => finding,
        })
}

/// Whether it can have the node's address: it has no other.
fn is_free(interface: &Interface) -> bool {
    interface.address.is_none() && !is_on(&interface.dhcp)
}

/// Offers to keep one of two settings.
fn one_of(finding: Diagnostic, first: &Origin, second: &Origin) -> Diagnostic {
    finding.choice(|it| {
        it.remove("keep the other one", first)
            .remove("keep this one", second)
    })
}

fn routes(out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| {
        let mut said = settings
            .interfaces
            .iter()
            .filter_map(|one| one.default_route.as_ref().filter(|on| on.value));
        let (first, second) = (said.next()?, said.next()?);
        Some(
            Diagnostic::new(
                &ROUTES,
                format!(
                    "{} {} two default routes",
                    names(nodes),
                    verb(nodes, "has", "have")
                ),
            )
            .label(second, "and by this one")
            .label(first, "packets for everywhere else leave by this one"),
        )
        .map(|finding| one_of(finding, &first.origin, &second.origin))
    });
}

/// Interfaces with two addresses.
fn two_addresses(out: &mut Findings<'_>) {
    out.blocks(|settings, nodes| {
        let cluster = settings.cluster_interface()?;
        let second = cluster
            .dhcp
            .as_ref()
            .filter(|on| on.value)
            .map(|on| &on.origin)
            .or_else(|| cluster.address.as_ref().map(|address| &address.origin))?;
        Some(
            Diagnostic::new(
                &BOTH,
                format!(
                    "`{}` of {} has the node's address and cannot have another",
                    cluster.name.value,
                    names(nodes)
                ),
            )
            .label(second.span(), "another one")
            .label(&cluster.name, "the cluster's interface")
            .remove("drop the setting", second),
        )
    });
    out.blocks(|settings, nodes| {
        let own = settings
            .cluster_interface()
            .map(|cluster| &cluster.name.value);
        let (interface, dhcp, address) = settings
            .interfaces
            .iter()
            .filter(|one| Some(&one.name.value) != own)
            .find_map(|one| {
                let dhcp = one.dhcp.as_ref().filter(|on| on.value)?;
                Some((one, dhcp, one.address.as_ref()?))
            })?;
        Some(
            Diagnostic::new(
                &BOTH,
                format!(
                    "`{}` of {} has a fixed address and gets another by DHCP",
                    interface.name.value,
                    names(nodes)
                ),
            )
            .label(dhcp, "gets one from the router")
            .label(address, "has one")
            .help("keep one of the two"),
        )
        .map(|finding| one_of(finding, &dhcp.origin, &address.origin))
    });
}
