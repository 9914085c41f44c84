//! The kubelet's memory manager: with `Static` it must be told exactly what is kept of the memory.

use std::collections::BTreeMap;

use super::field_relations::OF_KUBELET;
use crate::check::support::findings::Findings;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Said, Threshold, Told};
use crate::value::{Size, kubernetes_quantity};

/// Its findings have the code of settings that do not go together.
pub(in crate::check) static CODES: &[&Descriptor] = &[];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let all = |told: &Told<'_>| -> Vec<Diagnostic> {
        [sum(told), twice(told)].into_iter().flatten().collect()
    };
    out.each(|settings| all(&Told::kubelet(model, Some(settings))));
    if model.nodes.is_empty() {
        for finding in all(&Told::kubelet(model, None)) {
            out.push(finding);
        }
    }
}

/// What `reservedMemory` names must be what is kept: reserved, or left free before pods are evicted.
fn sum(told: &Told<'_>) -> Option<Diagnostic> {
    let policy = told
        .get("memoryManagerPolicy")
        .filter(|policy| policy.text() == "Static")?;
    let given: Vec<&Said> = told.within("reservedMemory").collect();
    // An argument holds all of it in one text.
    if !told.whole || given.iter().any(|said| said.argument) {
        return None;
    }
    let (threshold, from) = told.eviction("memory.available");
    let kept = told.kept("memory");
    let free = match threshold {
        None => 0,
        Some(Threshold::Amount(free)) => free,
        // Only the machine knows; pikc cannot write it.
        Some(Threshold::Percentage(_)) => {
            let unknown = told.is_spec && given.is_empty();
            return unknown.then(|| of_unknown(policy, from));
        }
    };
    if told.is_spec && given.is_empty() {
        return None;
    }
    let wanted = kept.reserved + free;
    let memory = given
        .iter()
        .filter(|said| said.map_key() == Some("memory"))
        .copied();
    let amounts: Option<Vec<i128>> = memory
        .clone()
        .map(|said| kubernetes_quantity(&said.text()))
        .collect();
    let found: i128 = amounts?.into_iter().sum();
    if found == wanted {
        return None;
    }
    let message = of_amounts(&given, found, wanted);
    let mut finding = Diagnostic::new(&OF_KUBELET, message);
    for said in memory {
        finding = finding.label(said.value.origin.span(), "counted");
    }
    finding = finding.label(
        policy.value.origin.span(),
        "compares the two, and the kubelet exits",
    );
    for said in kept.from.into_iter().chain(from) {
        finding = finding.label(said.value.origin.span(), "kept");
    }
    Some(finding.help(format!(
        "write `reservedMemory: [{{ numaNode: 0, limits: {{ memory: {} }} }}]`, or split that among the NUMA nodes",
        amount(wanted)
    )))
}

fn of_amounts(given: &[&Said], found: i128, wanted: i128) -> String {
    match given {
        [] => format!(
            "the memory manager needs to know the {} of memory that are reserved, and there is no `reservedMemory`",
            spoken(wanted)
        ),
        _ => format!(
            "`reservedMemory` adds up to {}, and the reservations and the eviction threshold together are {}",
            spoken(found),
            spoken(wanted)
        ),
    }
}

/// What is kept free is a percentage of a memory that pikc does not know.
fn of_unknown(policy: &Said, from: Option<&Said>) -> Diagnostic {
    let percent = from.map(Said::text).unwrap_or_default();
    let message = format!(
        "the memory manager needs the reserved memory as an amount, and pikc cannot know how much {percent} of it is"
    );
    Diagnostic::new(&OF_KUBELET, message)
        .label(
            from.and_then(|said| said.value.origin.span()),
            "a percentage",
        )
        .label(policy.value.origin.span(), "needs the amount")
        .help("write an amount, as in `evictions { memory = 200MiB }`")
}

/// A resource of a NUMA node that is there twice.
fn twice(told: &Told<'_>) -> Option<Diagnostic> {
    let mut seen: BTreeMap<(String, String), &Said> = BTreeMap::new();
    for said in told.within("reservedMemory") {
        let Some((item, resource)) = said.path.split_once(".limits{") else {
            continue;
        };
        let node = told.get(&format!("{item}.numaNode"));
        let node = node.map_or_else(|| "0".to_owned(), Said::text);
        let resource = resource.trim_end_matches('}').to_owned();
        let key = (node, resource);
        if let Some(first) = seen.get(&key) {
            let message = format!(
                "`reservedMemory` names {} of NUMA node {} twice, and the kubelet exits because of it",
                key.1, key.0
            );
            return Some(
                Diagnostic::new(&OF_KUBELET, message)
                    .label(said.key, "the second time")
                    .label(first.key, "the first time")
                    .help("write each NUMA node once"),
            );
        }
        seen.insert(key, said);
    }
    None
}

fn size(thousandths: i128) -> Size {
    Size(u64::try_from(thousandths / 1000).unwrap_or(0))
}

fn spoken(thousandths: i128) -> String {
    size(thousandths).spoken()
}

fn amount(thousandths: i128) -> String {
    size(thousandths).quantity()
}
