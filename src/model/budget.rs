//! The resources of a machine, what is reserved or used, and what is left for pods.

use super::{Model, NodeSettings, Told};
use crate::value::kubernetes_quantity;

/// The resources of a machine, and what uses them.
#[derive(Clone, Debug)]
pub struct Budget {
    /// The memory as the kernel shows it, in MiB.
    pub memory: u64,
    /// The processors, in thousandths of a core.
    pub cpu: u64,
    /// What uses them, in order.
    pub parts: Vec<Part>,
    /// What the kubelet keeps away from pods; it is among the parts.
    pub aside: Aside,
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

/// What a machine's kubelet keeps away from pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aside {
    /// Memory that is reserved, in MiB.
    pub memory: u64,
    /// Processor time that is reserved, in thousandths of a core.
    pub cpu: u64,
    /// Memory that stays free, because pods are evicted before, in MiB.
    pub free: u64,
    /// Whether the kubelet is told that, so that it is not its own threshold.
    pub told: bool,
}

/// The library's share for what stays free: what the kubelet is told takes its place.
const EVICTION: &str = "eviction";

/// What the kubelet keeps free by itself, in MiB.
const KEPT_FREE: u64 = 100;

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
        let addon = self.dns_cache().map(|(cache, _)| cache.name.as_str());
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
                && share
                    .addon
                    .as_ref()
                    .is_none_or(|wanted| addon == Some(wanted.as_str()))
        });
        let aside = self.aside(settings);
        let mut parts: Vec<Part> = shares
            .map(|share| Part {
                title: share.title.clone(),
                memory: match share.name.as_str() {
                    EVICTION if aside.told => aside.free,
                    _ => share.memory.mebibytes(),
                },
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
        if (aside.memory, aside.cpu) != (0, 0) {
            parts.push(Part {
                title: "reserved for the kubelet and the system".to_owned(),
                memory: aside.memory,
                cpu: aside.cpu,
            });
        }
        Some(Budget {
            memory: board.usable.value.mebibytes(),
            cpu: u64::try_from(board.cores.value)
                .unwrap_or(0)
                .saturating_mul(1000),
            parts,
            aside,
        })
    }

    /// What the kubelet of a machine with these settings keeps: `reserve` and `evictions`, fields and arguments.
    pub fn aside(&self, settings: &NodeSettings) -> Aside {
        let told = Told::kubelet(self, Some(settings));
        let whole = settings
            .board
            .as_ref()
            .map_or(0, |board| board.value.usable.value.0);
        let whole = i128::from(whole) * 1000;
        let mebibytes =
            |thousandths: i128| u64::try_from(thousandths / 1000 / (1 << 20)).unwrap_or(0);
        let mut cpu = told.kept("cpu").reserved;
        // Cores that are kept by number take the place of processor time.
        if let Some(cores) = told.get("reservedSystemCPUs") {
            cpu = i128::from(cores_of(&cores.text())) * 1000;
        }
        let free = match told.eviction("memory.available") {
            (Some(threshold), said) => (mebibytes(threshold.of(whole)), said.is_some()),
            (None, _) if told.within("evictionHard").next().is_some() => (0, true),
            (None, _) => (KEPT_FREE, false),
        };
        Aside {
            memory: mebibytes(told.kept("memory").reserved),
            cpu: u64::try_from(cpu).unwrap_or(0),
            free: free.0,
            told: free.1,
        }
    }
}

/// How many cores a list such as `0-1,4` names.
fn cores_of(list: &str) -> u64 {
    let of = |part: &str| match part.split_once('-') {
        None => part.parse::<u64>().ok().map(|_| 1),
        Some((first, last)) => {
            let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
            (last.checked_sub(first)?).checked_add(1)
        }
    };
    list.split(',').filter_map(of).fold(0, u64::saturating_add)
}

/// An amount of processor time as Kubernetes writes it, in thousandths of a core.
fn millicores(text: &str) -> Option<u64> {
    u64::try_from(kubernetes_quantity(text)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_counted() {
        for (list, count) in [("0", 1), ("0-1", 2), ("0-1,4", 3), ("3-1", 0), ("", 0)] {
            assert_eq!(cores_of(list), count, "{list}");
        }
    }

    #[test]
    fn processor_time_is_in_thousandths() {
        for (text, thousandths) in [("100m", 100), ("2", 2000), ("0.5", 500), ("1.25", 1250)] {
            assert_eq!(millicores(text), Some(thousandths), "{text}");
        }
        assert_eq!(millicores("half"), None);
    }
}
