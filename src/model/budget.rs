//! The resources of a machine, what is reserved or used, and what is left for pods.

use super::{Kubelet, Model, NodeSettings};
use crate::value::Size;

/// The resources of a machine, and what uses them.
#[derive(Clone, Debug)]
pub struct Budget {
    /// The memory as the kernel shows it, in MiB.
    pub memory: u64,
    /// The processors, in thousandths of a core.
    pub cpu: u64,
    /// What uses them, in order.
    pub parts: Vec<Part>,
}

/// A share of a machine's resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// "the kubelet"
    pub title: String,
    /// In MiB.
    pub memory: u64,
    /// In thousandths of a core.
    pub cpu: u64,
}

impl Budget {
    /// Memory in use, in MiB.
    pub fn taken(&self) -> u64 {
        self.parts.iter().map(|part| part.memory).sum()
    }

    /// Memory that is left for pods, in MiB.
    pub fn left(&self) -> u64 {
        self.memory.saturating_sub(self.taken())
    }

    /// Processor time that is requested, in thousandths of a core.
    pub fn cpu_taken(&self) -> u64 {
        self.parts.iter().map(|part| part.cpu).sum()
    }
}

/// What the kubelet's arguments reserve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aside {
    /// Memory, in MiB.
    pub memory: u64,
    /// Processor time, in thousandths of a core.
    pub cpu: u64,
}

impl Model {
    /// The budget of a machine with these settings; none if its size is not known.
    pub fn budget(&self, settings: &NodeSettings) -> Option<Budget> {
        let board = &settings.board.as_ref()?.value;
        let role = settings.role.as_ref().map(|role| role.value.word());
        let runtime = self
            .cluster
            .runtime
            .as_ref()
            .map(|choice| choice.name.value.as_str());
        let cni = self.facts.cni.as_deref();
        let proxy = self.cluster.without_proxy().is_none();
        let shares = self.facts.shares.iter().filter(|share| {
            share
                .role
                .as_deref()
                .is_none_or(|wanted| role == Some(wanted))
                && share
                    .runtime
                    .as_deref()
                    .is_none_or(|wanted| runtime == Some(wanted))
                && share
                    .cni
                    .as_ref()
                    .is_none_or(|wanted| cni.is_some_and(|cni| cni.name == *wanted))
                && share
                    .way
                    .as_ref()
                    .is_none_or(|wanted| cni.is_some_and(|cni| cni.used.contains(wanted)))
                && (proxy || !share.proxy)
        });
        let mut parts: Vec<Part> = shares
            .map(|share| Part {
                title: share.title.clone(),
                memory: share.memory.mebibytes(),
                cpu: u64::try_from(share.cpu).unwrap_or(0),
            })
            .collect();
        if let Some(facts) = &self.facts.cni
            && (facts.memory.is_some() || facts.cpu.is_some())
        {
            parts.push(Part {
                title: facts.title.clone(),
                memory: facts
                    .memory
                    .as_ref()
                    .map_or(0, |memory| memory.value.mebibytes()),
                cpu: facts.cpu.as_deref().and_then(millicores).unwrap_or(0),
            });
        }
        let aside = self.aside(settings);
        if aside != Aside::default() {
            parts.push(Part {
                title: "set aside by the kubelet's arguments".to_owned(),
                memory: aside.memory,
                cpu: aside.cpu,
            });
        }
        Some(Budget {
            memory: board.usable.value.mebibytes(),
            cpu: u64::try_from(board.cores.value).unwrap_or(0) * 1000,
            parts,
        })
    }

    /// What the arguments `kube-reserved` and `system-reserved` reserve: the node's, else the cluster's.
    pub fn aside(&self, settings: &NodeSettings) -> Aside {
        let said = |name: &str| {
            let of = |kubelet: &Kubelet| {
                let argument = kubelet
                    .extra_args
                    .iter()
                    .find(|(key, _)| key.value == name)?;
                Some(argument.1.value.clone())
            };
            of(&settings.kubelet).or_else(|| of(&self.cluster.kubelet))
        };
        let mut aside = Aside::default();
        for list in [said("kube-reserved"), said("system-reserved")]
            .into_iter()
            .flatten()
        {
            for pair in list.split(',') {
                match pair.split_once('=') {
                    Some(("memory", amount)) => {
                        aside.memory += quantity(amount).map_or(0, |size| size.mebibytes());
                    }
                    Some(("cpu", amount)) => aside.cpu += millicores(amount).unwrap_or(0),
                    _ => {}
                }
            }
        }
        aside
    }
}

/// An amount of memory as Kubernetes writes it: `100Mi`, `1.5Gi`, `500M`, `1000000`.
fn quantity(text: &str) -> Option<Size> {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(digits);
    let unit: u64 = match suffix {
        "" => 1,
        "k" => 1000,
        "Ki" => 1 << 10,
        "M" => 1_000_000,
        "Mi" => 1 << 20,
        "G" => 1_000_000_000,
        "Gi" => 1 << 30,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let whole: u64 = whole.parse().ok()?;
    // As many decimal places as make a difference in MiB.
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    let part: u128 = part.parse().ok()?;
    let part = u64::try_from(u128::from(unit) * part / 1000).ok()?;
    Some(Size(whole.checked_mul(unit)?.checked_add(part)?))
}

/// An amount of processor time as Kubernetes writes it: `100m`, `2`, `0.5`.
fn millicores(text: &str) -> Option<u64> {
    if let Some(thousandths) = text.strip_suffix('m') {
        return thousandths.parse().ok();
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    whole
        .parse::<u64>()
        .ok()?
        .checked_mul(1000)?
        .checked_add(part.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_kubernetes_reads_them() {
        for (text, mebibytes) in [
            ("100Mi", 100),
            ("1Gi", 1024),
            ("1.5Gi", 1536),
            ("500M", 476),
            ("104857600", 100),
            ("0", 0),
        ] {
            assert_eq!(
                quantity(text).map(Size::mebibytes),
                Some(mebibytes),
                "{text}"
            );
        }
        for text in ["", "Mi", "1Ti", "-1Mi", "1e3", "99999999999999999999Gi"] {
            assert_eq!(quantity(text), None, "{text}");
        }
        for (text, thousandths) in [("100m", 100), ("2", 2000), ("0.5", 500), ("1.25", 1250)] {
            assert_eq!(millicores(text), Some(thousandths), "{text}");
        }
        assert_eq!(millicores("half"), None);
    }
}
