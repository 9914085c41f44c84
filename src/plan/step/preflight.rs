//! Is this the machine that the spec describes?

use super::{Class, Step};

pub(super) fn plan(class: &Class<'_>) -> Option<Step> {
    let os = class.settings.os.as_ref()?;
    let board = class.settings.board.as_ref()?;
    let role = class.settings.role.as_ref()?;
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
            ),
    )
}
