//! Settings of single machines that the kubelet's file holds as they are.

use crate::check::support::findings::Findings;
use crate::diagnostic::Diagnostic;
use crate::model::{Carried, Model, Node};

/// Asks about each of them. A block of nodes gets one finding at a time.
pub(super) fn at_machines(
    model: &Model,
    out: &mut Findings<'_>,
    mut look: impl FnMut(&Carried, &[&Node]) -> Option<Diagnostic>,
) {
    let most = model
        .nodes
        .iter()
        .map(|node| node.settings.kubelet.carried.len());
    for index in 0..most.max().unwrap_or(0) {
        out.blocks(|settings, nodes| look(settings.kubelet.carried.get(index)?, nodes));
    }
}
