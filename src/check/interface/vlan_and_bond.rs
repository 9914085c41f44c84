//! Interfaces that are built on others: VLANs and bonds.

use crate::check::support::findings::Findings;
use crate::check::support::findings::names;
use crate::check::support::offers::instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, suggest};
use crate::model::{Bond, Interface, Model, NodeSettings};
use crate::origin::Sourced;
use crate::stdlib::NetworkStack;

declare! {
    /// An interface is one thing: a wired device, a radio, a VLAN or a bond. To put a VLAN on a bond, give each an
    /// interface of its own and write `on = bond0` in the `vlan`. `mac` and `driver` find a device, which a VLAN or a
    /// bond is not.
    ///
    /// ```pik fails
    /// interface eth0 { dhcp = off }
    /// interface lan20 {
    ///   cluster = on
    ///   mac     = dc:a6:32:01:02:03
    ///   vlan { id = 20, on = eth0 }
    /// }
    /// ```
    ///
    /// ```pik
    /// interface eth0 {
    ///   dhcp = off
    ///   mac  = dc:a6:32:01:02:03
    /// }
    /// interface lan20 {
    ///   cluster = on
    ///   vlan { id = 20, on = eth0 }
    /// }
    /// ```
    pub static TWO_KINDS = {
        code: "interface/two-kinds",
        since: "0.1.0",
        severity: Error,
        title: "one interface that is two things",
        help: "give each its own `interface` block",
        sources: ["docs/language.md", "canonical/netplan doc/netplan-yaml.md"],
    }

    /// The interface that carries a VLAN, and the members of a bond, are interfaces of the same machine with a block of
    /// their own. The members of a bond are wired devices: an access point knows each radio by its own address and
    /// drops packets with another; for the same reason a radio carries no VLANs.
    ///
    /// ```pik fails
    /// interface eth0 { dhcp = off }
    /// interface lan20 {
    ///   cluster = on
    ///   vlan { id = 20, on = eht0 }
    /// }
    /// ```
    ///
    /// ```pik
    /// interface eth0 { dhcp = off }
    /// interface lan20 {
    ///   cluster = on
    ///   vlan { id = 20, on = eth0 }
    /// }
    /// ```
    pub static PART = {
        code: "interface/unfit-part",
        since: "0.1.0",
        severity: Error,
        title: "a VLAN or a bond on an interface that cannot carry it",
        help: "name a wired interface of the machine",
        sources: ["torvalds/linux Documentation/networking/bonding.rst", "canonical/netplan doc/netplan-yaml.md"],
    }

    /// A member of a bond has no address, no route and no `cluster = on` of its own: all of that belongs to the bond.
    /// It is a member of one bond, and listed once.
    ///
    /// ```pik fails
    /// interface eth0 { dhcp = on }
    /// interface eth1 { }
    /// interface bond0 { bond { members = [eth0, eth1] } }
    /// ```
    ///
    /// ```pik
    /// interface eth0 { }
    /// interface eth1 { }
    /// interface bond0 { bond { members = [eth0, eth1] } }
    /// ```
    pub static MEMBER = {
        code: "interface/bond-member",
        since: "0.1.0",
        severity: Error,
        title: "a member of a bond with settings that belong to the bond",
        help: "drop the setting, or write it in the bond",
        sources: ["torvalds/linux Documentation/networking/bonding.rst"],
    }

    /// `primary` names the member that carries the traffic as long as it works. Only `active-backup`, `balance-tlb` and
    /// `balance-alb` have one; in the other modes all members carry traffic.
    ///
    /// ```pik fails
    /// interface eth0 { }
    /// interface eth1 { }
    /// interface bond0 { bond { members = [eth0, eth1], primary = eth2 } }
    /// ```
    ///
    /// ```pik
    /// interface eth0 { }
    /// interface eth1 { }
    /// interface bond0 { bond { members = [eth0, eth1], primary = eth1 } }
    /// ```
    pub static PRIMARY = {
        code: "interface/bond-primary",
        since: "0.1.0",
        severity: Error,
        title: "a `primary` that the bond cannot have",
        help: "name one of the members, in a mode that has a primary",
        sources: ["torvalds/linux Documentation/networking/bonding.rst"],
    }

    /// The packets of a VLAN travel inside those of the interface that carries it, so they cannot be larger.
    ///
    /// ```pik fails
    /// interface eth0 { dhcp = off, mtu = 1492 }
    /// interface lan20 {
    ///   cluster = on
    ///   mtu     = 1500
    ///   vlan { id = 20, on = eth0 }
    /// }
    /// ```
    ///
    /// ```pik
    /// interface eth0 { dhcp = off, mtu = 1504 }
    /// interface lan20 {
    ///   cluster = on
    ///   mtu     = 1500
    ///   vlan { id = 20, on = eth0 }
    /// }
    /// ```
    pub static MTU = {
        code: "interface/vlan-mtu",
        since: "0.1.0",
        severity: Error,
        title: "a VLAN with larger packets than its carrier",
        help: "lower the `mtu` of the VLAN, or raise that of the interface that carries it",
        sources: ["torvalds/linux net/8021q/vlan_dev.c (vlan_dev_change_mtu)"],
    }

    /// dhcpcd gives addresses to interfaces that exist; it creates none. Of the systems that pikc knows, those with
    /// netplan and those with NetworkManager create VLANs and bonds.
    ///
    /// ```pik fails
    /// os = raspios-bullseye
    /// interface eth0 { dhcp = off }
    /// interface lan20 {
    ///   cluster = on
    ///   vlan { id = 20, on = eth0 }
    /// }
    /// ```
    ///
    /// ```pik
    /// os = raspios-bookworm
    /// interface eth0 { dhcp = off }
    /// interface lan20 {
    ///   cluster = on
    ///   vlan { id = 20, on = eth0 }
    /// }
    /// ```
    pub static CANNOT = {
        code: "interface/system-cannot",
        since: "0.1.0",
        severity: Error,
        title: "a VLAN or a bond on a system that cannot create it",
        help: "use a newer release of the system, or a plain interface",
        no_edit: "another system or another network is a decision about the machine",
        sources: ["NetworkConfiguration/dhcpcd (dhcpcd.conf.5)"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&TWO_KINDS, &PART, &MEMBER, &PRIMARY, &MTU, &CANNOT];

pub(in crate::check) fn check(_model: &Model, out: &mut Findings<'_>) {
    out.blocks(|settings, _| two_kinds(settings));
    out.blocks(|settings, nodes| cannot(settings, &names(nodes)));
    out.blocks(|settings, _| carriers(settings));
    out.blocks(|settings, _| members(settings));
    out.blocks(|settings, _| member_settings(settings));
    out.blocks(|settings, _| primary(settings));
    out.blocks(|settings, _| mtu(settings));
}

fn two_kinds(settings: &NodeSettings) -> Option<Diagnostic> {
    settings.interfaces.iter().find_map(|one| {
        let vlan = one.vlan.as_ref().map(|vlan| (vlan.head, "a VLAN"));
        let bond = one.bond.as_ref().map(|bond| (bond.head, "a bond"));
        let wifi = one.wifi.as_ref().map(|wifi| (wifi.head, "a radio"));
        let mut kinds = vlan.into_iter().chain(bond).chain(wifi);
        let (first, is) = kinds.next()?;
        if let Some((second, also)) = kinds.next() {
            let message = format!("`{}` is {is} and {also}", one.name.value);
            return Some(
                Diagnostic::new(&TWO_KINDS, message)
                    .label(second, format!("{also} here"))
                    .label(first, format!("{is} here"))
                    .choice(|it| {
                        it.remove_block(format!("make it {is} only"), second)
                            .remove_block(format!("make it {also} only"), first)
                    }),
            );
        }
        if one.wifi.is_some() {
            return None;
        }
        let mac = one.mac.as_ref().and_then(|mac| mac.origin.span());
        let driver = one.driver.as_ref().and_then(|driver| driver.origin.span());
        let found_by = mac.or(driver)?;
        let message = format!("`{}` is {is}, not a device to be found", one.name.value);
        Some(
            Diagnostic::new(&TWO_KINDS, message)
                .label(found_by, "finds a device")
                .label(first, "is not a device")
                .choice(|it| it.remove_block("drop the setting", found_by))
                .help("write `mac` or `driver` in the interface that it is built on"),
        )
    })
}

fn cannot(settings: &NodeSettings, names: &str) -> Option<Diagnostic> {
    let os = settings.os.as_ref()?;
    if os.value.network_stack.value != NetworkStack::Dhcpcd {
        return None;
    }
    let (head, what) = settings.interfaces.iter().find_map(|one| {
        let vlan = one.vlan.as_ref().map(|vlan| (vlan.head, "VLAN"));
        vlan.or_else(|| Some((one.bond.as_ref()?.head, "bond")))
    })?;
    Some(
        Diagnostic::new(
            &CANNOT,
            format!("{names}: {} cannot create a {what}", os.value.title),
        )
        .label(head, "asked for here")
        .label(os, "its network is managed by dhcpcd"),
    )
}

fn carriers(settings: &NodeSettings) -> Option<Diagnostic> {
    settings.interfaces.iter().find_map(|one| {
        let on = one.vlan.as_ref()?.on.as_ref()?;
        let why = match settings.interface(&on.value) {
            None => return unknown(on, settings),
            Some(found) if found.wifi.is_some() => "a radio carries no VLAN",
            Some(found) if found.vlan.is_some() => "is a VLAN itself",
            Some(found) if settings.bond_of(&found.name.value).is_some() => {
                "is a member of a bond, which can carry it instead"
            }
            Some(_) => return None,
        };
        Some(unfit(on, why, settings))
    })
}

fn members(settings: &NodeSettings) -> Option<Diagnostic> {
    bonds(settings).find_map(|(one, bond)| {
        bond.members.iter().find_map(|member| {
            let why = match settings.interface(&member.value) {
                None => return unknown(member, settings),
                Some(found) if found.name.value == one.name.value => "is the bond itself",
                Some(found) if found.wifi.is_some() => "a radio cannot be in a bond",
                Some(found) if found.bond.is_some() => "is a bond itself",
                Some(found) if found.vlan.is_some() => {
                    "is a VLAN, which goes on top of the bond instead"
                }
                Some(_) => return None,
            };
            Some(unfit(member, why, settings))
        })
    })
}

fn bonds(settings: &NodeSettings) -> impl Iterator<Item = (&Interface, &Bond)> {
    let bond = |one| {
        let one: &Interface = one;
        Some((one, one.bond.as_ref()?))
    };
    settings.interfaces.iter().filter_map(bond)
}

fn unknown(part: &Sourced<String>, settings: &NodeSettings) -> Option<Diagnostic> {
    if settings.damaged {
        return None;
    }
    let known = || {
        settings
            .interfaces
            .iter()
            .map(|one| one.name.value.as_str())
    };
    let message = format!("this machine has no interface `{}`", part.value);
    let d = Diagnostic::new(&PART, message).label(part, "no block of that name");
    Some(
        match (suggest::nearest(&part.value, known()), part.origin.span()) {
            (Some(found), Some(span)) => d.help(format!("did you mean `{found}`?")).fix(
                format!("write `{found}`"),
                span,
                found,
            ),
            _ => d.help(format!("write `interface {} {{ }}` as well", part.value)),
        },
    )
}

fn unfit(part: &Sourced<String>, why: &str, settings: &NodeSettings) -> Diagnostic {
    let message = format!("`{}` cannot be part of this: it {why}", part.value);
    let message = message.replace("it a radio", "a radio");
    let block = settings.interface(&part.value);
    let d = Diagnostic::new(&PART, message).label(part, "named here");
    match block.and_then(|block| block.name.origin.span()) {
        Some(span) => d.label(span, "its block"),
        None => d,
    }
}

/// A member that has what belongs to its bond, or is a member twice.
fn member_settings(settings: &NodeSettings) -> Option<Diagnostic> {
    let mut seen: Vec<&Sourced<String>> = Vec::new();
    for (bond, parts) in bonds(settings) {
        for member in &parts.members {
            if let Some(first) = seen.iter().find(|first| first.value == member.value) {
                let message = format!("`{}` is a member twice", member.value);
                return Some(
                    Diagnostic::new(&MEMBER, message)
                        .label(member, "a member again")
                        .label(first, "a member here")
                        .help("name it once")
                        .remove_element("drop it", &member.origin),
                );
            }
            seen.push(member);
            let Some(own) = settings.interface(&member.value) else {
                continue;
            };
            let on = |setting: &Option<Sourced<bool>>| {
                let on = setting.as_ref().filter(|on| on.value);
                on.map(|on| on.origin.span())
            };
            let of_bond = [
                (
                    "an address",
                    own.address.as_ref().map(|it| it.origin.span()),
                ),
                ("DHCP", on(&own.dhcp)),
                ("a router", own.gateway.as_ref().map(|it| it.origin.span())),
                ("the default route", on(&own.default_route)),
                ("the cluster's address", on(&own.cluster)),
            ];
            for (what, place) in of_bond {
                if let Some(place) = place {
                    let message = format!(
                        "`{}` has {what}, and is a member of `{}`",
                        member.value, bond.name.value
                    );
                    return Some(
                        Diagnostic::new(&MEMBER, message)
                            .label(place, "belongs to the bond")
                            .label(member, "a member")
                            .choice(|it| match place {
                                Some(place) => it.remove_block("drop the setting", place),
                                None => it,
                            }),
                    );
                }
            }
        }
    }
    None
}

fn primary(settings: &NodeSettings) -> Option<Diagnostic> {
    bonds(settings).find_map(|(_, bond)| {
        let (primary, mode) = (bond.primary.as_ref()?, bond.mode.as_ref()?);
        if !bond
            .members
            .iter()
            .any(|member| member.value == primary.value)
        {
            let message = format!("`{}` is not a member of the bond", primary.value);
            return Some(
                Diagnostic::new(&PRIMARY, message)
                    .label(primary, "not a member")
                    .label(bond.members.first()?.origin.span(), "the members"),
            )
            .map(|finding| {
                let members = bond.members.iter().take(3).map(|member| &member.value);
                instead(finding, &primary.origin, members)
            });
        }
        let has_one = ["active-backup", "balance-tlb", "balance-alb"];
        if has_one.contains(&mode.value.as_str()) {
            return None;
        }
        let message = format!(
            "in `{}` all members work, and none is the primary",
            mode.value
        );
        Some(
            Diagnostic::new(&PRIMARY, message)
                .label(primary, "has no effect")
                .label(mode, "the mode")
                .choice(|it| {
                    it.remove("drop `primary`", &primary.origin)
                        .write(&mode.origin, "active-backup")
                }),
        )
    })
}

fn mtu(settings: &NodeSettings) -> Option<Diagnostic> {
    settings.interfaces.iter().find_map(|one| {
        let own = one.mtu.as_ref()?;
        let on = one.vlan.as_ref()?.on.as_ref()?;
        let carrier = settings.interface(&on.value)?.mtu.as_ref();
        let most = carrier.map_or(1500, |mtu| mtu.value);
        if own.value <= most {
            return None;
        }
        let message = format!(
            "`{}` has packets of {} bytes, and `{}` carries {most}",
            one.name.value, own.value, on.value
        );
        let d = Diagnostic::new(&MTU, message).label(own, "too large");
        let d = instead(d, &own.origin, [most]);
        Some(match carrier {
            Some(mtu) => instead(d, &mtu.origin, [own.value]).label(mtu, "the carrier's"),
            None => d.label(on, "carries 1500, the default"),
        })
    })
}
