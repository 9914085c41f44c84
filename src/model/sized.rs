//! Boards whose size only the spec knows.

use std::sync::Arc;

use crate::declare;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::origin::{Origin, Sourced};
use crate::schema::View;
use crate::stdlib::Board;

declare! {
    /// A PC, a server or a virtual machine can have any amount of memory and any number of processors. pikc compares both with
    /// what Kubernetes needs before you install anything, so the spec has to set them.
    ///
    /// ```pik fails
    /// board  = generic-amd64
    /// os     = debian-13
    /// memory = 4GiB
    /// ```
    ///
    /// ```pik
    /// board  = generic-amd64
    /// os     = debian-13
    /// memory = 4GiB
    /// cpus   = 2
    /// ```
    pub static UNSIZED = {
        code: "node/size-missing",
        since: "0.1.0",
        severity: Error,
        title: "a machine of unknown size",
        help: "write `memory = ...` and `cpus = ...` in the node or its profile",
        no_edit: "only the machine has its size, not the spec",
        sources: ["docs/language.md"],
    }

    /// The standard library knows the memory and the processors of this board; a spec with other values describes another
    /// board.
    ///
    /// ```pik fails
    /// board  = pi-4b-4g
    /// memory = 8GiB
    /// ```
    ///
    /// ```pik
    /// board = pi-4b-8g
    /// ```
    pub static SIZED_TWICE = {
        code: "node/size-of-a-known-board",
        since: "0.1.0",
        severity: Error,
        title: "a size for a board that has its own",
        help: "remove the setting, or name the board that is meant",
        sources: ["docs/language.md"],
    }
}

/// The board of a node, with the size that the node sets if the board has none of its own. None if
/// the size is not known, which is reported.
pub(super) fn sized(
    name: &Sourced<String>,
    found: Arc<Board>,
    node: &View<'_>,
    out: &mut Diagnostics,
) -> Option<Arc<Board>> {
    let (memory, cpus) = (node.size("memory"), node.integer("cpus"));
    if !found.by_node {
        let own = memory.as_ref().map(|memory| ("memory", &memory.origin));
        let own = own.or_else(|| cpus.as_ref().map(|cpus| ("cpus", &cpus.origin)));
        if let Some((setting, origin)) = own {
            let message = format!(
                "the library already knows the `{setting}` of {}",
                found.with_article()
            );
            out.push(
                Diagnostic::new(&SIZED_TWICE, message)
                    .label(origin.span(), "set again here")
                    .label(name, "this board has its own")
                    .choice(|it| it.remove(format!("leave `{setting}` out"), origin)),
            );
        }
        return Some(found);
    }
    let (Some(memory), Some(cpus)) = (&memory, &cpus) else {
        if node.given("memory").is_some() && node.given("cpus").is_some() {
            return None; // one of them is wrong, and that has been reported
        }
        let lacking = match (&memory, &cpus) {
            (None, None) => "`memory` or `cpus`",
            (None, Some(_)) => "`memory`",
            _ => "`cpus`",
        };
        let message = format!(
            "{} has no size of its own, and the node does not set {lacking}",
            name.value
        );
        out.push(Diagnostic::new(&UNSIZED, message).label(name, "this board has no fixed size"));
        return None;
    };
    let why = Origin::derived("the node sets its size", [memory.origin.clone()]);
    let mut board = (*found).clone();
    board.usable = Sourced::new(memory.value, why);
    board.memory = memory.clone();
    board.cores = cpus.clone();
    Some(Arc::new(board))
}
