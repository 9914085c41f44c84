//! What an option of the CNI requires of the machines.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::check::support::offers::instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;

declare! {
    /// Raspberry Pi OS builds its kernel with three levels of page tables: a program has 39-bit addresses, not 48-bit
    /// ones as on other systems. Most programs never notice. Envoy, which inspects requests for Cilium, has an
    /// allocator that needs the longer ones: it exits at once, restarts, and every policy that inspects requests blocks
    /// what it should let through.
    ///
    /// Ubuntu's kernels for the same boards have 48-bit addresses.
    ///
    /// ```pik fails
    /// cni cilium { l7-proxy = on }
    /// ```
    ///
    /// ```pik
    /// cni cilium { l7-proxy = off }
    /// ```
    pub static ADDRESS_BITS = {
        code: "cni/address-bits",
        since: "0.1.0",
        severity: Error,
        title: "an option that needs longer addresses than the kernel has",
        help: "turn the option off, or run Ubuntu on these boards",
        sources: ["cilium/proxy#1027", "raspberrypi/linux#5354", "envoyproxy/envoy#23339", "cilium/cilium#23640"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&ADDRESS_BITS];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let (Some(choice), Some(facts)) = (&model.cluster.cni, &model.facts.cni) else {
        return;
    };
    for demand in &facts.demands {
        let (option, value) = &demand.option;
        let given = choice.option(option);
        let Some(given) = given.filter(|given| given.value.to_string() == *value) else {
            continue;
        };
        out.blocks(|settings, nodes| {
            let os = settings.os.as_ref()?;
            let bits = os
                .value
                .address_bits
                .filter(|bits| *bits < demand.address_bits)?;
            let message = format!(
                "`{option} = {value}` needs {}-bit addresses, and {} {} {} with {bits} bits: {}",
                demand.address_bits,
                names(nodes),
                verb(nodes, "runs", "run"),
                os.value.title,
                demand.why
            );
            let finding = Diagnostic::new(&ADDRESS_BITS, message)
                .label(given, "asked for here")
                .label(os, "addresses are shorter here");
            Some(match value.as_str() {
                "on" => instead(finding, &given.origin, ["off"]).help(format!(
                    "write `{option} = off`, or choose another system for these boards"
                )),
                _ => finding,
            })
        });
    }
}
