//! kube-vip's pod if it speaks BGP: the number of its system, and the routers that it speaks to.

use std::net::IpAddr;

use super::pod::Variable;
use super::report::Place;
use super::spec::Section;
use super::{Import, address};

/// What kube-vip takes for the number of a system that no one has written (`--localAS`, `--peerAS`).
const USUAL: &str = "65000";

/// What such a pod has in any case, or what a spec derives.
const SAME: &[(&str, &str)] = &[
    ("vip_arp", "false"),
    ("bgp_enable", "true"),
    ("vip_interface", "lo"),
    ("bgp_routerid", ""),
    ("bgp_peeraddress", ""),
    ("bgp_peerpass", ""),
    ("bgp_peers", ""),
];

impl Import {
    /// What several variables say together: the number, and a router with variables of its own.
    pub(super) fn by_bgp(&mut self, all: &[Variable<'_>], head: Place) {
        let find = |name: &str| {
            all.iter()
                .find(|one| one.name == name && !one.value.is_empty())
        };
        self.put(&["vip"], "mode", "bgp", head.clone());
        let (number, place) = match find("bgp_as") {
            Some(own) => (own.value.as_str(), own.place.clone()),
            None => (USUAL, head.clone()),
        };
        self.as_number(number, place);
        if let Some(peer) = find("bgp_peeraddress") {
            let number = find("bgp_peeras").map_or(USUAL, |own| own.value.as_str());
            self.router(&peer.value, number, &peer.place);
        }
        let elected = find("vip_leaderelection").is_some_and(|one| one.value == "true");
        if !elected {
            let why = "all control planes of this kube-vip have the address at the same time; in a spec one has it at a time";
            self.report.lost(head, why);
        }
    }

    /// Whether a variable is about BGP, and has been dealt with.
    pub(super) fn bgp_variable(&mut self, variable: &Variable<'_>) -> bool {
        let (name, value) = (variable.name.as_str(), variable.value.as_str());
        let place = &variable.place;
        let place = Place::new(&place.file, place.line, &format!("env {name}"));
        match name {
            _ if SAME.contains(&(name, value)) => {}
            // Read together.
            "bgp_as" | "bgp_peeraddress" | "bgp_peeras" => {}
            "bgp_peers" => {
                for peer in value.split(',').filter(|peer| !peer.is_empty()) {
                    self.peer(peer, &place);
                }
            }
            "bgp_routerid" => {
                let own = address(value);
                let mut machines = self.machines.iter();
                let known = machines.any(|one| one.address.as_ref().map(|it| it.0) == own);
                if own.is_none() || !known {
                    let why = "in a spec each control plane is known by its own address";
                    self.report.lost(place, why);
                }
            }
            "bgp_peerpass" => {
                let why = "a spec has no password for a router: it would be in the pod, for all who may list pods";
                self.report.lost(place, why);
            }
            // A spec sets this for the routers that are in another network.
            "bgp_multihop" => {}
            "vip_interface" => {
                let why = "the address of a spec that is announced by BGP is on the interface `lo`";
                self.report.lost(place, why);
            }
            _ => return false,
        }
        true
    }

    fn as_number(&mut self, text: &str, place: Place) {
        match text.parse::<u32>() {
            Ok(1..) => self.put(&["vip"], "as-number", text, place),
            _ => {
                let why = "this is not the number of an autonomous system";
                self.report.lost(place, why);
            }
        }
    }

    /// A router as `bgp_peers` has it: `ADDRESS:AS:PASSWORD:MULTIHOP:PORT:OPTIONS:BFD`.
    fn peer(&mut self, text: &str, place: &Place) {
        let parts: Vec<&str> = text.split(':').collect();
        let other_kind = text.starts_with('[') || text.starts_with("unnumbered:");
        let (true, [at, number, rest @ ..]) = (!other_kind, parts.as_slice()) else {
            let why = "a router of a spec has an IPv4 address and the number of a system";
            self.report.lost(place.clone(), why);
            return;
        };
        self.router(at, number, place);
        let given = |index: usize| rest.get(index).is_some_and(|part| !part.is_empty());
        if given(0) {
            let why = "a spec has no password for a router: it would be in the pod, for all who may list pods";
            self.report.lost(place.clone(), why);
        }
        let usual_port = rest.get(2).is_none_or(|port| ["", "179"].contains(port));
        if !usual_port || given(3) || given(4) {
            let why = "a router of a spec has an address and a number, and nothing else";
            self.report.lost(place.clone(), why);
        }
    }

    /// A router, under a name of its own unless another pod has it already.
    fn router(&mut self, at: &str, number: &str, place: &Place) {
        let at = address(at).filter(IpAddr::is_ipv4);
        let number = number.parse::<u32>().ok().filter(|number| *number > 0);
        let (Some(at), Some(number)) = (at, number) else {
            let why = "a router of a spec has an IPv4 address and the number of a system";
            self.report.lost(place.clone(), why);
            return;
        };
        let (at, number) = (at.to_string(), number.to_string());
        let vip = self.cluster.at(&["vip"]);
        let own = |block: &&mut Section| block.get("address") == Some(&at.as_str().into());
        if let Some(known) = vip.blocks.iter_mut().find(own) {
            if known.put("as-number", number, place.clone()).is_err() {
                let why = "the router has another number in a document before this one";
                self.report.lost(place.clone(), why);
            }
            return;
        }
        let label = format!("router-{}", vip.blocks.len() + 1);
        let mut block = Section::new("router", Some(&label));
        block.guess("address", at, None);
        block.guess("as-number", number, None);
        block.from.push(place.clone());
        vip.blocks.push(block);
    }
}
