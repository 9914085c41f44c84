//! The order in which several control planes start and join, and how long each waits for the one before it.

use crate::model::Model;
use crate::origin::Sourced;

/// How long a control plane waits for those before it, in seconds. After that its `run.sh` tries again on its own.
pub(super) const LONGEST_WAIT: u32 = 15 * 60;

/// A control plane and what it waits for.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The machine.
    pub name: Sourced<String>,
    /// The one that has to be in the cluster before; none for the one that starts it.
    pub after: Option<String>,
    /// How long it waits for that, in minutes.
    pub minutes: u32,
}

/// The control planes in the order in which they start and join. Empty if there is one: it waits for nothing.
pub fn turns(model: &Model) -> Vec<Turn> {
    let planes = model.several_control_planes().unwrap_or_default();
    let mut before = None;
    let turn = |node: &&crate::model::Node| {
        let name = node.name.clone();
        let after = before.replace(name.value.clone());
        Turn {
            name,
            after,
            minutes: LONGEST_WAIT / 60,
        }
    };
    planes.iter().map(turn).collect()
}
