//! Requests and their answers: one file for each family of requests.

mod ask;
mod generated;
mod marks;

use serde_json::Value;

use ask::{Answer, Ask};
pub use ask::Drawing;
pub(super) use ask::{Failure, Known};

use super::protocol::ErrorCode;
use super::workspace::Workspace;

/// Every request that the worker answers.
const REQUESTS: &[(&str, fn(&mut Ask<'_>) -> Answer)] = &[
    ("pikc/changes", generated::changes),
    ("pikc/outputTree", generated::tree),
    ("pikc/textDocumentContent", generated::content),
    ("pikc/why", generated::why),
    ("textDocument/diagnostic", marks::of_document),
    ("workspace/diagnostic", marks::of_workspace),
    ("workspace/textDocumentContent", generated::content),
];

/// Whether there is such a request.
pub(super) fn is_known(method: &str) -> bool {
    REQUESTS.iter().any(|(name, _)| *name == method)
}

/// Answers a request from the analyses.
pub(super) fn answer(
    workspace: &Workspace,
    known: &mut Known,
    method: &str,
    params: &Value,
) -> Answer {
    let found = REQUESTS.iter().find(|(name, _)| *name == method);
    let Some((_, answer)) = found else {
        return Err(Failure::new(ErrorCode::MethodNotFound, "no such request"));
    };
    answer(&mut Ask {
        workspace,
        known,
        params,
    })
}
