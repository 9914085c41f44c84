//! The names of the CNI's links: the kernel must accept them.

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;

declare! {
    /// Linux refuses a network device whose name has more than 15 characters. flannel calls its VXLAN `flannel.` and the number
    /// `vni`, and in a cluster with IPv6 a second one `flannel-v6.` and the same number. If the name is too long, flannel cannot
    /// create the device: it stops and starts again on every node, and no pod gets an address.
    ///
    /// ```pik fails
    /// cluster home {
    ///   kubernetes = 1.36
    ///   network {
    ///     lan     = 192.168.11.0/24
    ///     gateway = 192.168.11.1
    ///     dns     = [192.168.11.1]
    ///     ipv6 { lan = fd00:11::/64, pods = fd00:10:244::/56, services = fd00:10:96::/112 }
    ///   }
    ///   runtime crio { }
    ///   cni flannel { backend = vxlan, vni = 40960 }
    /// }
    /// ```
    ///
    /// ```pik
    /// cni flannel { backend = vxlan, vni = 40960 }
    /// ```
    pub static DEVICE_NAME = {
        code: "cni/device-name",
        since: "0.1.0",
        severity: Error,
        title: "a network device of the CNI whose name is too long for Linux",
        help: "choose a smaller number",
        no_edit: "any smaller number that no other VXLAN on these machines uses will do, and pikc cannot know those",
        sources: ["linux: include/uapi/linux/if.h (IFNAMSIZ)", "flannel-io/flannel: pkg/backend/vxlan/vxlan.go"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&DEVICE_NAME];

/// `IFNAMSIZ` of Linux without the zero at the end.
const LONGEST: usize = 15;

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let Some((facts, choice)) = model.facts.cni.as_ref().zip(model.cluster.cni.as_ref()) else {
        return;
    };
    let Some(chosen) = choice.backend() else {
        return;
    };
    let backend = facts.backends.iter().find(|one| one.name == chosen.value);
    for device in backend.iter().flat_map(|backend| model.devices_of(backend)) {
        let mut why = Vec::new();
        let name = choice.filled(&device.value, &mut why);
        let (Some(option), true) = (why.first(), name.len() > LONGEST) else {
            continue;
        };
        // The value may be in the name once: the rest of it is constant.
        let constant = device.value.split('{').next().unwrap_or("").len();
        out.push(
            Diagnostic::new(
                &DEVICE_NAME,
                format!(
                    "{} would create the network device `{name}`: {} characters, and Linux allows {LONGEST}",
                    choice.name.value,
                    name.len()
                ),
            )
            .label(option.span(), "part of the name")
            .help(format!(
                "choose a number of at most {} digits",
                LONGEST.saturating_sub(constant)
            )),
        );
    }
}
