//! Whether the CNI fits this cluster: its boards, its release, its size, its addresses.

use crate::check::support::findings::Findings;
use crate::check::support::findings::{names, verb};
use crate::check::support::offers::{self, instead, left_out};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::{CniChoice, Model};
use crate::stdlib::Cni;
use crate::value::Val;

declare! {
    /// The CNI runs as a container on every node, and its images exist for some architectures only. On another board
    /// the image is not found, and the node never becomes Ready.
    ///
    /// ```pik fails library
    /// # A board of 32 bits, and `cni calico { }` in the spec.
    /// board cubietruck { architecture = armhf }
    /// ```
    ///
    /// ```pik
    /// cni flannel { }
    /// ```
    pub static ARCHITECTURE = {
        code: "cni/architecture",
        since: "0.1.0",
        severity: Error,
        title: "a CNI without images for the boards",
        help: "choose another CNI",
        no_edit: "which other CNI fits depends on what the cluster needs; `pikc cni SPEC` compares them",
        sources: ["projectcalico/calico commit b9d874fe9d"],
    }

    /// The project tests each release of its CNI with certain releases of Kubernetes. Another release may work, but no
    /// one has tested it.
    ///
    /// ```pik fails
    /// kubernetes = 1.33
    /// cni calico { }
    /// ```
    ///
    /// ```pik
    /// kubernetes = 1.36
    /// cni calico { }
    /// ```
    pub static RELEASE = {
        code: "cni/kubernetes-not-tested",
        since: "0.1.0",
        severity: Warning,
        title: "a release of Kubernetes that the CNI is not tested with",
        help: "write a release that the project names",
        sources: ["tigera/docs v3.32 getting-started/kubernetes/requirements"],
    }

    /// A small board runs the system, the kubelet, the runtime, the CNI, and then the pods. How much memory a node
    /// should have for a CNI is what its project recommends for such machines; with less, the kernel kills pods of the
    /// CNI.
    ///
    /// ```pik fails
    /// cni calico { }
    /// board = pi-3b-plus
    /// ```
    ///
    /// ```pik
    /// cni flannel { }
    /// board = pi-3b-plus
    /// ```
    pub static MEMORY = {
        code: "cni/memory",
        since: "0.1.0",
        severity: Warning,
        title: "a CNI that needs more memory than the boards have",
        help: "choose a lighter CNI (flannel), or boards with more memory",
        no_edit: "more memory is bought, and another CNI can do other things; `pikc cni SPEC` compares them",
        sources: ["tigera/docs v3.32 getting-started/kubernetes/requirements", "giantswarm/k8scloudconfig#585"],
    }

    /// What each node has to know about the others grows with the number of nodes. Beyond a certain size, a CNI needs a
    /// component in between, or the cluster needs another CNI.
    ///
    /// ```pik fails
    /// network { lan = 192.168.0.0/20, gateway = 192.168.0.1, dns = [192.168.0.1], pods = 10.244.0.0/16 }
    /// cni calico { }
    /// node more[001-060] {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.1.1..192.168.1.60
    ///   user pi { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop"] }
    ///   interface eth0 { }
    /// }
    /// ```
    ///
    /// ```pik
    /// network { lan = 192.168.0.0/20, gateway = 192.168.0.1, dns = [192.168.0.1], pods = 10.244.0.0/16 }
    /// cni calico { typha = on }
    /// node more[001-060] {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.1.1..192.168.1.60
    ///   user pi { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop"] }
    ///   interface eth0 { }
    /// }
    /// ```
    pub static LIMIT = {
        code: "cni/too-many-nodes",
        since: "0.1.0",
        severity: Warning,
        title: "more nodes than the CNI supports with these settings",
        help: "turn on the CNI's option for large clusters, or choose another CNI",
        sources: ["tigera/docs v3.32 getting-started/kubernetes/self-managed-onprem/onpremises"],
    }

    /// Nodes allocate blocks of addresses from the pod range as they need them. A range smaller than one block has
    /// none; if there are fewer blocks than nodes, nodes borrow addresses from each other's blocks, and each borrowed
    /// address needs a route of its own.
    ///
    /// ```pik fails
    /// network { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1], pods = 10.244.0.0/23, node-prefix = 24 }
    /// cni calico { block-size = 22 }
    /// ```
    ///
    /// ```pik
    /// network { lan = 192.168.11.0/24, gateway = 192.168.11.1, dns = [192.168.11.1], pods = 10.244.0.0/16 }
    /// cni calico { block-size = 26 }
    /// ```
    pub static BLOCKS = {
        code: "cni/blocks-too-few",
        since: "0.1.0",
        severity: Warning,
        title: "a pod range with fewer blocks than nodes",
        help: "write a larger pod range, or smaller blocks",
        sources: ["tigera/docs v3.32 networking/ipam/change-block-size"],
    }

    /// Everything that writes packet filter rules into the kernel should use the same interface. If one program uses
    /// nftables and another iptables, services work for some pods and not for others.
    ///
    /// ```pik fails
    /// cni calico { nftables = on }
    /// ```
    ///
    /// ```pik
    /// proxy { mode = nftables }
    /// cni calico { nftables = on }
    /// ```
    pub static NFTABLES = {
        code: "cni/nftables-alone",
        since: "0.1.0",
        severity: Error,
        title: "nftables for the CNI and not for kube-proxy",
        help: "write `proxy { mode = nftables }`, or drop `nftables`",
        sources: ["tigera/docs v3.32 getting-started/kubernetes/nftables"],
    }
}

declare! {
    /// Two options of the CNI that exclude each other: one rules out what the other asks for. The finding says what
    /// would happen.
    ///
    /// ```pik fails
    /// proxy { disabled = on }
    /// cni calico { ebpf = on, backend = ipip }
    /// ```
    ///
    /// ```pik
    /// proxy { disabled = on }
    /// cni calico { ebpf = on, backend = vxlan }
    /// ```
    pub static CONFLICT = {
        code: "cni/options-conflict",
        since: "0.1.0",
        severity: Error,
        title: "two options of the CNI that rule each other out",
        help: "drop one of the two",
        sources: ["tigera/docs v3.32 operations/ebpf/enabling-ebpf", "projectcalico/calico v3.32.1 manifests/calico-bpf.yaml"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[
    &CONFLICT,
    &ARCHITECTURE,
    &RELEASE,
    &MEMORY,
    &LIMIT,
    &BLOCKS,
    &NFTABLES,
];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let (Some(choice), Some(facts)) = (&model.cluster.cni, &model.facts.cni) else {
        return;
    };
    architecture(model, choice, facts, out);
    release(model, choice, facts, out);
    memory(model, choice, facts, out);
    limits(model, choice, facts, out);
    blocks(model, choice, facts, out);
    nftables(model, choice, facts, out);
    conflicts(choice, facts, out);
}

fn conflicts(choice: &CniChoice, facts: &Cni, out: &mut Findings<'_>) {
    for conflict in &facts.conflicts {
        let has = |(option, value): &(String, String)| {
            choice
                .option(option)
                .filter(|given| given.value.to_string() == *value)
        };
        let (Some(one), Some(other)) = (has(&conflict.option), has(&conflict.other)) else {
            continue;
        };
        let said = |(option, value): &(String, String)| format!("`{option} = {value}`");
        let message = format!(
            "{} and {} rule each other out: {}",
            said(&conflict.option),
            said(&conflict.other),
            conflict.why
        );
        let finding = Diagnostic::new(&CONFLICT, message)
            .label(one, "this")
            .label(other, "and this");
        let both = [(&conflict.option.0, one), (&conflict.other.0, other)];
        // An option that the cluster may need is not left out.
        let offered = facts
            .offers
            .iter()
            .filter_map(|offer| offer.option.as_ref());
        let offered: Vec<&str> = offered.map(|(option, _)| option.as_str()).collect();
        let free = both
            .into_iter()
            .filter(|(option, _)| !offered.contains(&option.as_str()));
        out.push(free.fold(finding, |finding, (option, given)| {
            left_out(finding, option, &given.origin)
        }));
    }
}

fn architecture(model: &Model, choice: &CniChoice, facts: &Cni, out: &mut Findings<'_>) {
    if facts.architectures.is_empty() {
        return;
    }
    let strange = model.on_boards(|board| {
        let own = &board.architecture.value;
        !facts.architectures.iter().any(|known| known.value == *own)
    });
    let Some(first) = strange.first() else {
        return;
    };
    let known: Vec<&str> = facts
        .architectures
        .iter()
        .map(|one| one.value.as_str())
        .collect();
    let message = format!(
        "{} has images for {}, and {} {} another architecture",
        facts.title,
        known.join(", "),
        names(&strange),
        verb(&strange, "has", "have")
    );
    let board = first.settings.board.as_ref();
    out.push(
        Diagnostic::new(&ARCHITECTURE, message)
            .label(&choice.name, "this CNI")
            .label(board.and_then(|board| board.origin.span()), "this board"),
    );
}

fn release(model: &Model, choice: &CniChoice, facts: &Cni, out: &mut Findings<'_>) {
    let (Some(kubernetes), Some(version)) = (&model.cluster.kubernetes, &facts.version) else {
        return;
    };
    let Some(first) = facts.kubernetes_min.as_ref().map(|first| &first.value) else {
        return;
    };
    // An unknown release has been reported already.
    if model.facts.release.is_none() {
        return;
    }
    let line = kubernetes.value.without_patch();
    let last = facts.kubernetes_max.as_ref();
    let range = match last {
        Some(last) => format!("{first} to {}", last.value),
        None => format!("{first} and later"),
    };
    if line >= *first && last.is_none_or(|last| line <= last.value) {
        return;
    }
    let message = format!(
        "{} {} is tested with Kubernetes {range}, not with {line}",
        facts.title, version.value
    );
    let finding = Diagnostic::new(&RELEASE, message)
        .label(kubernetes, "not among them")
        .label(&choice.name, "this CNI");
    let nearest = match last {
        Some(last) if line > last.value => last.value,
        _ => *first,
    };
    let known = model
        .facts
        .known_releases
        .contains(&nearest)
        .then_some(nearest);
    out.push(offers::release(finding, model, known));
}

fn memory(model: &Model, choice: &CniChoice, facts: &Cni, out: &mut Findings<'_>) {
    let Some(wanted) = &facts.node_memory else {
        return;
    };
    let small = model.on_boards(|board| board.memory.value < wanted.value);
    let Some(first) = small.first() else {
        return;
    };
    let board = first.settings.board.as_ref();
    out.push_for(
        first,
        Diagnostic::new(
            &MEMORY,
            format!(
                "{} should have {} on a node, and {} {} less",
                facts.title,
                wanted.value.spoken(),
                names(&small),
                verb(&small, "has", "have")
            ),
        )
        .label(board.and_then(|board| board.origin.span()), "this board")
        .label(&choice.name, "this CNI"),
    );
}

fn limits(model: &Model, choice: &CniChoice, facts: &Cni, out: &mut Findings<'_>) {
    let nodes = i64::try_from(model.nodes.len()).unwrap_or(i64::MAX);
    for limit in &facts.limits {
        let Some(given) = choice.option(&limit.option) else {
            continue;
        };
        let shown = given.value.to_string();
        if limit.value.as_ref().is_some_and(|value| *value != shown) {
            continue;
        }
        let over = |most: Option<i64>| most.filter(|most| nodes > *most);
        let refuse = limit.refuse.as_ref().map(|most| most.value);
        // The option does not count the node itself; 0 means that nothing is counted.
        let refuse = match given.value {
            Val::Integer(others) if limit.counts_other && others > 0 => Some(others + 1),
            _ => refuse,
        };
        let warn = limit.warn.as_ref().map(|most| most.value);
        let (most, severity) = match (over(refuse), over(warn)) {
            (Some(most), _) => (most, Severity::Error),
            (None, Some(most)) => (most, Severity::Warning),
            (None, None) => continue,
        };
        let words = match severity {
            Severity::Error => "supports at most",
            Severity::Warning | Severity::Note => "is recommended for at most",
        };
        let place = choice
            .written
            .iter()
            .find(|(name, ..)| *name == limit.option);
        let place = place.map(|(_, key, _)| *key).or(choice.name.origin.span());
        let finding = Diagnostic::new(
            &LIMIT,
            format!(
                "{} with `{} = {shown}` {words} {most} nodes, and this cluster has {nodes}: {}",
                facts.title, limit.option, limit.why
            ),
        )
        .severity(severity)
        .label(place, format!("`{} = {shown}`", limit.option));
        out.push(match severity {
            Severity::Error if limit.counts_other => instead(finding, &given.origin, [nodes - 1])
                .help(format!(
                    "write `{} = {}`, or choose another CNI",
                    limit.option,
                    nodes - 1
                )),
            _ if shown == "off" => instead(finding, &given.origin, ["on"]).help(format!(
                "write `{} = on`, or choose another CNI",
                limit.option
            )),
            _ => finding,
        });
    }
}

fn blocks(model: &Model, choice: &CniChoice, facts: &Cni, out: &mut Findings<'_>) {
    let Some(option) = &facts.block_option else {
        return;
    };
    let (Some(given), Some(pods)) = (choice.option(option), &model.cluster.network.pods) else {
        return;
    };
    let Val::Integer(length) = given.value else {
        return;
    };
    let prefix = i64::from(pods.value.prefix_len());
    let place = choice.written.iter().find(|(name, ..)| name == option);
    let place = place.map(|(_, key, _)| *key).or(choice.name.origin.span());
    let (message, severity) = if length < prefix {
        (
            format!(
                "no block of length {length} fits into the pod range {}",
                pods.value
            ),
            Severity::Error,
        )
    } else {
        let count = 1_u64.checked_shl(u32::try_from(length - prefix).unwrap_or(64));
        let nodes = model.nodes.len() as u64;
        match count.filter(|count| *count < nodes) {
            None => return,
            Some(count) => (
                format!(
                    "{} has {count} blocks of length {length} for {nodes} nodes",
                    pods.value
                ),
                Severity::Warning,
            ),
        }
    };
    let finding = Diagnostic::new(&BLOCKS, message)
        .severity(severity)
        .label(pods, "the pod range")
        .label(place, "the blocks");
    let bits = model.nodes.len().next_power_of_two().trailing_zeros();
    let fits = prefix + i64::from(bits);
    out.push(instead(
        finding,
        &given.origin,
        (fits <= 28).then_some(fits.max(20)),
    ));
}

fn nftables(model: &Model, choice: &CniChoice, facts: &Cni, out: &mut Findings<'_>) {
    if !facts.nftables_with_proxy {
        return;
    }
    if model.cluster.without_proxy().is_some() {
        return;
    }
    let on = choice
        .option("nftables")
        .filter(|given| given.value.to_string() == "on");
    let Some(on) = on else {
        return;
    };
    let mode = model.cluster.proxy_mode.as_ref();
    if mode.is_some_and(|mode| mode.value == "nftables") {
        return;
    }
    let message = format!(
        "{} would use nftables, and kube-proxy another mode",
        facts.title
    );
    let finding = Diagnostic::new(&NFTABLES, message)
        .label(on, "asked for here")
        .label(mode.and_then(|mode| mode.origin.span()), "kube-proxy's");
    out.push(left_out(finding, "nftables", &on.origin));
}
