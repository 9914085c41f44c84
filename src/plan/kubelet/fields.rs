//! Settings of the kubelet that its configuration holds as they are, and what has to stand next to them.

use crate::model::{Carried, Data, Model, Node, Target, Threshold, Told};
use crate::origin::{Origin, Sourced};
use crate::plan::carried::put_all;
use crate::plan::document::fields::{Field, Fields};
use crate::value::Size;

const DOCUMENT: &str = "KubeletConfiguration";

/// What the kubelets of the whole cluster are told.
pub(in crate::plan) fn of_cluster(model: &Model) -> Fields {
    let kubelet = &model.cluster.kubelet;
    let mut fields = Fields::default();
    put_all(&mut fields, DOCUMENT, &kubelet.carried, model);
    other_thresholds(&mut fields, &kubelet.carried, model);
    reserved_memory(&mut fields, &Told::kubelet(model, None));
    name_server(&mut fields, model);
    fields
}

/// What the kubelet of one machine is told besides.
pub(super) fn of_node(model: &Model, node: &Node) -> Fields {
    let (common, own) = (&model.cluster.kubelet, &node.settings.kubelet);
    let mut fields = Fields::default();
    if own.carried.is_empty() {
        return fields;
    }
    put_all(&mut fields, DOCUMENT, &own.carried, model);
    // The cluster's thresholds stay where the machine has none of its own: a patch is merged with them.
    if !common.carried.iter().any(is_threshold) {
        other_thresholds(&mut fields, &own.carried, model);
    }
    reserved_memory(&mut fields, &Told::kubelet(model, Some(&node.settings)));
    fields
}

fn is_threshold(one: &Carried) -> bool {
    matches!(&one.target, Target::Field { path, .. } if path.starts_with("evictionHard"))
}

/// One threshold turns off all that are not named, so the others are named as they were (kubernetes/kubernetes#85580).
fn other_thresholds(fields: &mut Fields, carried: &[Carried], model: &Model) {
    let written: Vec<&Carried> = carried.iter().filter(|one| is_threshold(one)).collect();
    if written.is_empty() {
        return;
    }
    let origin = Origin::derived(
        "the kubelet's own threshold, which another one turns off unless it is written, too",
        written.iter().map(|one| one.value.origin.clone()),
    );
    for (signal, threshold) in Told::kubelet(model, None).usual_evictions() {
        let path = ["evictionHard", signal];
        if fields.get(&path).is_none() {
            fields.text(&path, Sourced::new(threshold.to_owned(), origin.clone()));
        }
    }
}

/// The address of the cache, where pods have to ask that one.
fn name_server(fields: &mut Fields, model: &Model) {
    if let (Some((cache, _)), Some(why)) = (model.dns_cache(), model.dns_cache_alone()) {
        let address = Data::Text(cache.address.value.to_string());
        let list = Data::List(vec![Sourced::new(address, why.clone())]);
        fields.put(&["clusterDNS"], Field::Value(Sourced::new(list, why)));
    }
}

/// The memory manager's `Static` wants to be told what is kept of the memory, and exactly that: the kubelet does not start
/// otherwise (pkg/kubelet/cm/memorymanager: "the total amount of memory to reserve ... is not equal").
fn reserved_memory(fields: &mut Fields, told: &Told<'_>) {
    let is_static = told
        .get("memoryManagerPolicy")
        .filter(|policy| policy.text() == "Static");
    let (Some(policy), None) = (is_static, told.within("reservedMemory").next()) else {
        return;
    };
    let (kept, (eviction, from)) = (told.kept("memory"), told.eviction("memory.available"));
    // A percentage of a memory that is not known here: a rule says so.
    let free = match eviction {
        Some(Threshold::Percentage(_)) => return,
        Some(Threshold::Amount(free)) => free,
        None => 0,
    };
    let Ok(total) = u64::try_from((kept.reserved + free) / 1000) else {
        return;
    };
    let from = kept.from.into_iter().chain(from).chain([policy]);
    let origin = Origin::derived(
        "what `reserve` and the eviction threshold keep of the memory, as the memory manager demands",
        from.map(|said| said.value.origin.clone()),
    );
    let mut limits = Fields::default();
    let node = Field::Value(Sourced::new(Data::Integer(0), origin.clone()));
    limits.put(&["numaNode"], node);
    limits.text(
        &["limits", "memory"],
        Sourced::new(Size(total).quantity(), origin),
    );
    fields.put(&["reservedMemory"], Field::List(vec![Field::Map(limits)]));
}
