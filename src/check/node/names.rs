//! Node names are unique, taints have a known effect, and someone can log in.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::support::findings::Findings;
use crate::check::support::offers::{instead, is_own};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, suggest};
use crate::model::{Model, Node};
use crate::origin::{Origin, Sourced};

declare! {
    /// A node registers itself under its host name. A second machine with that name replaces the first one, or is
    /// refused (`a Node with name ... already exists`).
    ///
    /// ```pik fails
    /// node twin {
    ///   profile = pi
    ///   role    = worker
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.208
    ///   interface eth0 { }
    /// }
    /// node twin {
    ///   profile = pi
    ///   role    = worker
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    ///   interface eth0 { }
    /// }
    /// ```
    ///
    /// ```pik
    /// node extra {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    /// }
    /// ```
    pub static DUPLICATE = {
        code: "node/duplicate-name",
        since: "0.1.0",
        severity: Error,
        title: "two nodes with one name",
        help: "give each node a name of its own",
        sources: ["kubernetes/kubeadm#1764", "k3s-io/k3s#532"],
    }

    /// A taint is `value:Effect` or just `Effect`, with one of the three effects that Kubernetes knows:
    /// `NoSchedule`, `PreferNoSchedule`, `NoExecute`.
    ///
    /// ```pik fails
    /// taints { "example.org/slow" = "yes:noschedule" }
    /// ```
    ///
    /// ```pik
    /// taints { "example.org/slow" = "yes:NoSchedule" }
    /// ```
    pub static TAINT = {
        code: "node/bad-taint",
        since: "0.1.0",
        severity: Error,
        title: "a taint without a known effect",
        help: "write `value:NoSchedule`, `value:PreferNoSchedule` or `value:NoExecute`",
        sources: ["kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration"],
    }

    /// Without a `user` block pikc creates no account and no key. On Raspberry Pi OS no one can log in then: its images
    /// have had no default account since April 2022.
    ///
    /// ```pik whole fails
    /// cluster home {
    ///   kubernetes = 1.36
    ///   network {
    ///     lan     = 192.168.11.0/24
    ///     gateway = 192.168.11.1
    ///     dns     = [192.168.11.1]
    ///   }
    ///   runtime crio { }
    ///   cni flannel { }
    /// }
    /// node only {
    ///   role    = control-plane
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.10
    ///   interface eth0 { }
    ///   taints { }
    /// }
    /// ```
    ///
    /// ```pik
    /// user pi { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop"] }
    /// ```
    pub static NO_USER = {
        code: "user/none",
        since: "0.1.0",
        severity: Warning,
        title: "a node that no one can log in to",
        help: "add `user NAME { ssh-keys = [...] }` to the node or a profile",
        no_edit: "only the operator has the key to log in with",
        sources: ["raspberrypi.com/news: an update to Raspberry Pi OS bullseye (2022-04)"],
    }

    /// The templates of `pikc init`, and what `pikc import` makes, have this key where yours belongs. No one has the private
    /// key that belongs to it, so no one could log in.
    ///
    /// ```pik fails
    /// user ops { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHJlcGxhY2UgdGhpcyBrZXkgd2l0aCB5b3VyIG93biEh replace@me"] }
    /// ```
    ///
    /// ```pik
    /// user ops { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop"] }
    /// ```
    pub static PLACEHOLDER = {
        code: "user/placeholder-key",
        since: "0.1.0",
        severity: Warning,
        title: "a template's key in place of yours",
        help: "write the line of your own public key: `cat ~/.ssh/id_ed25519.pub` prints it, and `ssh-keygen -t ed25519` makes one",
        no_edit: "only the operator has the key to log in with",
        sources: ["docs/tutorial.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&DUPLICATE, &TAINT, &NO_USER, &PLACEHOLDER];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let mut seen: BTreeMap<String, &Node> = BTreeMap::new();
    for node in &model.nodes {
        let folded = node.name.value.to_lowercase();
        match seen.get(&folded) {
            None => {
                seen.insert(folded, node);
            }
            Some(first) => {
                let message = format!("there are two nodes `{}`", node.name.value);
                let finding = Diagnostic::new(&DUPLICATE, message)
                    .label(&node.name, "given again here")
                    .label(&first.name, "given first here");
                let of = |node: &Node| node.name.origin.span();
                out.push(match is_own(model, of(node), of) {
                    true => instead(
                        finding,
                        &node.name.origin,
                        next_name(model, &node.name.value),
                    ),
                    false => finding,
                });
            }
        }
    }
    out.blocks(|settings, _| {
        let known = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
        let (_, value) = settings.taints.iter().find(|(_, value)| {
            let effect = value.value.rsplit(':').next().unwrap_or_default();
            !known.contains(&effect)
        })?;
        Some(
            meant(
                value,
                &known,
                Diagnostic::new(&TAINT, format!("`{}` is not a taint", value.value)),
            )
            .label(value, "no known effect after the `:`"),
        )
    });
    out.blocks(|settings, nodes| {
        (settings.users.is_empty() && !settings.damaged).then(|| {
            let who = crate::check::support::findings::names(nodes);
            let verb = crate::check::support::findings::verb(nodes, "has", "have");
            Diagnostic::new(&NO_USER, format!("{who} {verb} no user who could log in"))
                .label(settings.head, "no `user` block here or in a profile")
        })
    });
    keys(out);
}

/// No account still has the key of a template.
fn keys(out: &mut Findings<'_>) {
    out.blocks(|settings, _| {
        let mut keys = settings.users.iter().flat_map(|user| {
            let key = user
                .ssh_keys
                .iter()
                .find(|key| key.value.is_placeholder())?;
            Some((user, key))
        });
        let (user, key) = keys.next()?;
        let message = format!("no one can log in as `{}` with this key", user.name.value);
        Some(Diagnostic::new(&PLACEHOLDER, message).label(key, "the key of a template"))
    });
}

/// The next name with another number at its end that no node has.
fn next_name(model: &Model, name: &str) -> Option<String> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let width = name.len() - stem.len();
    let number = name
        .get(stem.len()..)
        .and_then(|digits| digits.parse().ok());
    let taken: BTreeSet<String> = model
        .nodes
        .iter()
        .map(|node| node.name.value.to_lowercase())
        .collect();
    let from: u64 = number.unwrap_or(1);
    let stem = match number {
        Some(_) => stem.to_owned(),
        None => format!("{stem}-"),
    };
    (from + 1..from + 20_000)
        .map(|number| format!("{stem}{number:0width$}"))
        .find(|name| !taken.contains(&name.to_lowercase()))
}

/// Proposes the effect that the taint's last word resembles.
fn meant(taint: &Sourced<String>, known: &[&str], finding: Diagnostic) -> Diagnostic {
    let (before, said) = taint.value.rsplit_once(':').unwrap_or(("", &taint.value));
    let alike = known
        .iter()
        .find(|known| known.eq_ignore_ascii_case(said))
        .copied();
    let Some(effect) = alike.or_else(|| suggest::nearest(said, known.iter().copied())) else {
        return finding;
    };
    let finding = match before {
        "" => finding.help(format!("did you mean `{effect}`?")),
        before => finding.help(format!("did you mean `{before}:{effect}`?")),
    };
    let Origin::Written(span) = taint.origin else {
        return finding;
    };
    // A bare word, or between quotes.
    let end = match span.len().checked_sub(taint.value.len()) {
        Some(0) => span.len(),
        Some(2) => span.len() - 1,
        _ => return finding,
    };
    let word = span.part(end - said.len(), end);
    finding.fix(format!("write `{effect}`"), word, effect)
}
