//! Waits until the cluster reports the node as ready.

use super::super::cni;
use super::{ClassView, Step};

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let role = class.settings.role.as_ref()?;
    let step = Step::new("78-ready").asked(
        format!("role = {}", class.role.word()),
        [role.origin.clone()],
    );
    let choice = class.model.cluster.cni.as_ref();
    let choice = choice.filter(|_| cni::by_hand(class.model));
    let step = match choice {
        Some(choice) => step.asked(
            format!("cni {}", choice.name.value),
            [choice.name.origin.clone()],
        ),
        None => step,
    };
    let why = choice.map(|choice| choice.name.origin.clone());
    Some(step.set("by_hand", choice.is_some(), why))
}
