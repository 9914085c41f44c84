//! The `kubelet` block, of the cluster or of a machine, and feature gates.

use super::carried;
use super::types::{GateList, Kubelet};
use crate::schema::{Entity, Schema, View};

/// A `kubelet` block, wherever it stands.
pub(super) fn kubelet(entity: Option<&Entity>, spec: &Schema) -> Kubelet {
    let Some(schema) = spec.blocks.get("kubelet") else {
        return Kubelet::default();
    };
    let view = View::new(entity, schema);
    let args = entity.and_then(|entity| entity.child("extra-args"));
    Kubelet {
        fail_swap_on: view.boolean("fail-swap-on"),
        max_pods: view.integer("max-pods"),
        gates: gates(entity, spec),
        extra_args: match (args, spec.blocks.get("extra-args")) {
            (Some(args), Some(schema)) => View::new(Some(args), schema).entries(),
            _ => Vec::new(),
        },
        carried: entity
            .map(|entity| {
                let mut all = Vec::new();
                carried::carried(entity, spec, &mut all);
                all.extend(carried::fields(entity, "KubeletConfiguration", spec));
                all
            })
            .unwrap_or_default(),
    }
}

/// The feature gates in a program's block.
pub(super) fn gates(program: Option<&Entity>, spec: &Schema) -> GateList {
    let block = program.and_then(|entity| entity.child("feature-gates"));
    match (block, spec.blocks.get("feature-gates")) {
        (Some(block), Some(schema)) => View::new(Some(block), schema)
            .entries()
            .into_iter()
            .map(|(name, open)| (name, open.map(|word| word == "on" || word == "true")))
            .collect(),
        _ => Vec::new(),
    }
}
