//! Is this the machine that the spec describes?

use super::{ClassView, Step};
use crate::origin::Origin;

pub(super) fn plan(class: &ClassView<'_>) -> Option<Step> {
    let os = class.settings.os.as_ref()?;
    let board = class.settings.board.as_ref()?;
    let role = class.settings.role.as_ref()?;
    let cni = class.model.cluster.cni.as_ref();
    let facts = class.model.facts.cni.as_ref();
    let by_machine_id = cni.zip(facts.and_then(|facts| facts.machine_id.as_ref()));
    let by_machine_id = by_machine_id.filter(|(_, fact)| fact.value);
    let ipv6 = class.model.cluster.network.ipv6.as_ref();
    Some(
        Step::new("10-preflight")
            .asked(
                format!("os = {}, role = {}", class.system.name, class.role.word()),
                [os.origin.clone(), role.origin.clone()],
            )
            .asked(
                format!("boards of the family {}", class.board.family),
                [board.origin.clone()],
            )
            .set(
                "architecture",
                class.board.architecture.value.clone(),
                [
                    board.origin.clone(),
                    class.board.architecture.origin.clone(),
                ],
            )
            .set(
                "device_tree",
                class.board.compatible.is_some(),
                class
                    .board
                    .compatible
                    .iter()
                    .map(|name| name.origin.clone()),
            )
            .set(
                "boots",
                class.settings.boot.is_some(),
                class.settings.boot.iter().map(|boot| boot.origin.clone()),
            )
            .set(
                "ipv6",
                ipv6.is_some(),
                ipv6.map(|ipv6| Origin::Written(ipv6.head)),
            )
            .set(
                "machine_id",
                by_machine_id.is_some(),
                by_machine_id
                    .iter()
                    .flat_map(|(cni, fact)| [cni.name.origin.clone(), fact.origin.clone()]),
            ),
    )
}
