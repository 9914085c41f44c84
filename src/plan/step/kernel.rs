//! Modules and settings of the kernel.

use std::collections::BTreeMap;

use super::super::file::Placing;
use super::{ClassView, Step};
use crate::file_format::Writer;
use crate::file_format::modules::Modules;
use crate::file_format::sysctl::Sysctl;
use crate::origin::Origin;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let kubernetes = class.model.cluster.kubernetes.as_ref()?;
    let cni = class.model.cluster.cni.as_ref()?;
    let mut step = Step::new("50-kernel")
        .asked(
            format!("kubernetes = {}", kubernetes.value),
            [kubernetes.origin.clone()],
        )
        .asked(format!("cni {}", cni.name.value), [cni.name.origin.clone()])
        .file(modules(class))
        .file(settings(class));
    for (key, value) in &class.settings.sysctls {
        step = step.asked(
            format!("sysctls {{ {} = {} }}", key.value, value.value),
            [key.origin.clone(), value.origin.clone()],
        );
    }
    Some(step)
}

fn modules(class: &ClassView<'_>) -> Placing {
    let kubernetes = class
        .model
        .cluster
        .kubernetes
        .as_ref()
        .map(|version| version.origin.clone());
    let mut wanted: BTreeMap<String, Vec<Origin>> = BTreeMap::new();
    let mut want = |name: &str, origins: Vec<Origin>| {
        wanted.entry(name.to_owned()).or_default().extend(origins);
    };
    want("overlay", kubernetes.clone().into_iter().collect());
    want("br_netfilter", kubernetes.into_iter().collect());
    if let (Some(facts), Some(choice)) = (&class.model.facts.cni, &class.model.cluster.cni) {
        for module in &facts.modules {
            want(
                &module.value,
                vec![choice.name.origin.clone(), module.origin.clone()],
            );
        }
        let backend = choice.backend();
        let chosen = backend
            .as_ref()
            .and_then(|name| facts.backends.iter().find(|known| known.name == name.value));
        if let (Some(chosen), Some(name)) = (chosen, &backend) {
            for module in &chosen.modules {
                want(
                    &module.value,
                    vec![name.origin.clone(), module.origin.clone()],
                );
            }
        }
    }
    let mut list = Writer::<Modules>::headed(
        "Kernel modules that pods and their network need.",
        class.spec,
    );
    for (name, origins) in wanted {
        list.module(&name, origins);
    }
    Placing::whole("/etc/modules-load.d/pikc.conf", list)
}

fn settings(class: &ClassView<'_>) -> Placing {
    let kubernetes: Vec<Origin> = class
        .model
        .cluster
        .kubernetes
        .as_ref()
        .map(|version| version.origin.clone())
        .into_iter()
        .collect();
    let mut file = Writer::<Sysctl>::headed(
        "Kernel settings that pods and their network need.",
        class.spec,
    );
    file.fixed("# This machine forwards packets for its pods.");
    file.constant("net.ipv4.ip_forward = 1", kubernetes.clone());
    file.fixed("# Bridged packets pass through the rules for services, too (module br_netfilter).");
    file.constant("net.bridge.bridge-nf-call-iptables = 1", kubernetes.clone());
    file.constant("net.bridge.bridge-nf-call-ip6tables = 1", kubernetes);
    if let Some(ipv6) = &class.model.cluster.network.ipv6 {
        let why = vec![Origin::Written(ipv6.head)];
        file.fixed("# The same for IPv6; a program keeps handling router advertisements.");
        file.constant("net.ipv6.conf.all.forwarding = 1", why.clone());
        file.constant("net.ipv6.conf.default.forwarding = 1", why);
    }
    if !class.settings.sysctls.is_empty() {
        file.fixed("# Asked for by the spec (sysctls).");
    }
    for (key, value) in &class.settings.sysctls {
        let why = [key.origin.clone(), value.origin.clone()];
        file.set(&key.value, &value.value, why);
    }
    Placing::whole("/etc/sysctl.d/99-pikc.conf", file)
}
