//! What a kubelet keeps away from pods: what is reserved, and what it leaves free before it evicts them.

use super::said::Said;
use super::told::Told;
use crate::value::kubernetes_quantity;

/// What a kubelet keeps of a resource.
#[derive(Clone, Debug, Default)]
pub struct Kept<'t> {
    /// What `kubeReserved` and `systemReserved` name, in thousandths.
    pub reserved: i128,
    /// What says so.
    pub from: Vec<&'t Said>,
}

/// What is left when the kubelet begins to evict pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// An amount, in thousandths.
    Amount(i128),
    /// A percentage of what there is, in thousandths.
    Percentage(i128),
}

impl Threshold {
    fn read(text: &str) -> Option<Self> {
        match text.strip_suffix('%') {
            Some(percent) => kubernetes_quantity(percent).map(Self::Percentage),
            None => kubernetes_quantity(text).map(Self::Amount),
        }
    }

    /// The amount that it is of a whole, in thousandths.
    pub fn of(self, whole: i128) -> i128 {
        match self {
            Self::Amount(amount) => amount,
            Self::Percentage(percent) => whole * percent.clamp(0, 100_000) / 100_000,
        }
    }
}

impl Told<'_> {
    /// What is reserved of `memory` or `cpu`.
    pub fn kept(&self, resource: &str) -> Kept<'_> {
        let mut kept = Kept::default();
        for map in ["kubeReserved", "systemReserved"] {
            if let Some(said) = self.entry(map, resource) {
                kept.reserved += kubernetes_quantity(&said.text()).unwrap_or(0).max(0);
                kept.from.push(said);
            }
        }
        kept
    }

    /// The threshold of `memory.available`, and what sets it; none if nothing is watched.
    pub fn eviction(&self, signal: &str) -> (Option<Threshold>, Option<&Said>) {
        if let Some(said) = self.entry("evictionHard", signal) {
            return (Threshold::read(&said.text()), Some(said));
        }
        let lost = self.lost_evictions().contains(&signal);
        let path = format!("evictionHard{{{signal}}}");
        let default = self.default(&path).filter(|_| !lost);
        (default.and_then(Threshold::read), None)
    }

    /// The kubelet's own thresholds: signal and value.
    pub fn usual_evictions(&self) -> Vec<(&str, &str)> {
        let limits = self.limits.iter().flat_map(|limits| &limits.defaults);
        limits
            .filter(|(_, when)| when.is_in(self.release))
            .filter_map(|(place, _)| {
                let key = place
                    .path
                    .strip_prefix("evictionHard{")?
                    .strip_suffix('}')?;
                Some((key, place.value.as_deref()?))
            })
            .collect()
    }

    /// The signals that nothing watches any more, because others are set. For a spec's own settings pikc writes all of them.
    pub fn lost_evictions(&self) -> Vec<&str> {
        let replaced = self
            .within("evictionHard")
            .any(|said| said.argument || !self.is_spec);
        let merges = self
            .get("mergeDefaultEvictionSettings")
            .is_some_and(|said| said.text() == "true");
        if !replaced || (merges && self.merges_evictions) {
            return Vec::new();
        }
        let usual = self.usual_evictions().into_iter().map(|(signal, _)| signal);
        usual
            .filter(|signal| self.entry("evictionHard", signal).is_none())
            .collect()
    }
}
