//! The node's address, by the means of its system. The files with the address are the node's own; those
//! that keep the network stack away from the CNI's interfaces are the class's.

use super::super::file::Placing;
use super::{ClassView, Step};
use crate::file_format::Writer;
use crate::file_format::dhcpcd::Dhcpcd;
use crate::file_format::keyfile::Keyfile;
use crate::file_format::systemd::Systemd;
use crate::file_format::udev::Udev;
use crate::origin::Origin;
use crate::plan::network::from_cloud_init;
use crate::stdlib::{Foreign, NetworkStack};

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let os = class.settings.os.as_ref()?;
    let interfaces = &class.settings.interfaces;
    let wifi = interfaces
        .iter()
        .find_map(|interface| interface.wifi.as_ref().map(|wifi| (interface, wifi)));
    let mut step = Step::new("30-network")
        .asked(format!("os = {}", class.system.name), [os.origin.clone()])
        .set(
            "wifi",
            wifi.is_some(),
            wifi.map(|(_, wifi)| Origin::Written(wifi.head)),
        );
    for interface in interfaces {
        step = step.asked(
            format!("interface {}", interface.name.value),
            [interface.name.origin.clone()],
        );
    }
    let second = class.model.cluster.network.ipv6.as_ref();
    let why = second.map(|ipv6| Origin::Written(ipv6.head));
    step = step.set("ipv6", second.is_some(), why);
    let devices = super::super::network::devices(class.settings);
    let found_by = devices.iter().flat_map(|device| device.from.clone());
    step = step.set("devices", !devices.is_empty(), found_by);
    let named = interfaces
        .iter()
        .any(|one| one.mac.is_some() || one.driver.is_some());
    step = step.set("named", named, []);
    let cloud_init = from_cloud_init(class.system, class.board.hardware).is_some();
    step = step.set("cloud_init", cloud_init, []);
    let links = links(class);
    let stack = class.system.network_stack.value;
    if stack == NetworkStack::Dhcpcd {
        let names: Vec<&str> = links.iter().map(|(name, _)| name.as_str()).collect();
        let mut denied = Writer::<Dhcpcd>::new();
        denied.deny(&names, origins(&links));
        step = step.file(Placing::fragment("dhcpcd-links", denied.finish()));
    }
    let networkd = stack == NetworkStack::NetplanNetworkd && !class.system.keeps_foreign.is_empty();
    step = step.set("networkd", networkd, []);
    if networkd {
        step = step.file(foreign(class));
    }
    let awake = awake(class);
    if matches!(
        stack,
        NetworkStack::NetworkManager | NetworkStack::NetplanNetworkManager
    ) {
        step = step.file(manager(class, &links, awake));
        step = step.set("rule", false, []);
    } else {
        step = step.set("rule", !awake.is_empty(), awake.clone());
        if !awake.is_empty() {
            step = step.file(radio_rule(class, awake));
        }
    }
    Some(step)
}

/// The interfaces that the CNI creates, by name, and why.
pub(in crate::plan) fn links(class: &ClassView<'_>) -> Vec<(String, Vec<Origin>)> {
    let Some((facts, choice)) = class
        .model
        .facts
        .cni
        .as_ref()
        .zip(class.model.cluster.cni.as_ref())
    else {
        return Vec::new();
    };
    let backend = choice.backend();
    let chosen = backend
        .as_ref()
        .and_then(|name| facts.backends.iter().find(|known| known.name == name.value));
    let of_backend = chosen.into_iter().flat_map(|chosen| {
        class.model.devices_of(chosen).map(|device| {
            let why = backend.iter().map(|name| name.origin.clone());
            let mut why: Vec<Origin> = why.chain([device.origin.clone()]).collect();
            (choice.filled(&device.value, &mut why), why)
        })
    });
    facts
        .devices
        .iter()
        .map(|device| {
            (
                device.value.clone(),
                vec![choice.name.origin.clone(), device.origin.clone()],
            )
        })
        .chain(of_backend)
        // One for each pod, whatever the CNI.
        .chain([("veth*".to_owned(), vec![choice.name.origin.clone()])])
        .collect()
}

fn origins(links: &[(String, Vec<Origin>)]) -> Vec<Origin> {
    links.iter().flat_map(|(_, why)| why.clone()).collect()
}

/// What keeps systemd-networkd from removing what the CNI sets.
fn foreign(class: &ClassView<'_>) -> Placing {
    let mut file = Writer::<Systemd>::headed(
        "systemd-networkd keeps the routes and rules of the pod network when it starts again.",
        class.spec,
    );
    file.fixed("[Network]");
    for kept in &class.system.keeps_foreign {
        let line = match kept.value {
            Foreign::Routes => "ManageForeignRoutes=no",
            Foreign::Rules => "ManageForeignRoutingPolicyRules=no",
        };
        file.constant(line, [kept.origin.clone()]);
    }
    Placing::whole("/etc/systemd/networkd.conf.d/90-pikc.conf", file)
}

/// The settings that need the radio awake; none if there is no radio, or if all radios may sleep.
fn awake(class: &ClassView<'_>) -> Vec<Origin> {
    class
        .settings
        .interfaces
        .iter()
        .filter_map(|interface| interface.wifi.as_ref()?.power_save.as_ref())
        .filter(|save| !save.value)
        .map(|save| save.origin.clone())
        .collect()
}

/// A udev rule, for systems whose network has no setting of its own for it.
fn radio_rule(class: &ClassView<'_>, awake: Vec<Origin>) -> Placing {
    let mut file = Writer::<Udev>::headed(
        "A radio in power saving answers 0.1 to 2 seconds late, so power saving is off.",
        class.spec,
    );
    let rule = r#"ACTION=="add", SUBSYSTEM=="net", ENV{DEVTYPE}=="wlan", RUN+="/usr/sbin/iw dev $name set power_save off""#;
    file.constant(rule, awake);
    Placing::whole("/etc/udev/rules.d/70-pikc-radio.rules", file)
}

fn manager(class: &ClassView<'_>, links: &[(String, Vec<Origin>)], power: Vec<Origin>) -> Placing {
    let names: Vec<&str> = links.iter().map(|(link, _)| link.as_str()).collect();
    let mut file = Writer::<Keyfile>::headed(
        "NetworkManager leaves the interfaces of pods alone, and keeps the radio awake.",
        class.spec,
    );
    file.fixed("[keyfile]");
    file.unmanaged(&names, origins(links));
    if !power.is_empty() {
        file.blank();
        file.fixed("[connection]");
        file.fixed("# 2 is off: a radio in power saving answers 0.1 to 2 seconds late.");
        file.constant("wifi.powersave=2", power);
    }
    Placing::whole("/etc/NetworkManager/conf.d/90-pikc.conf", file)
}
