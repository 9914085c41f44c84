//! Requests and their answers: one file for each family of requests.

mod marks;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::protocol::{Diagnostic, ErrorCode};
use super::workspace::Workspace;

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    code: ErrorCode,
    message: String,
}

impl Failure {
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({"code": self.code.number(), "message": self.message})
    }
}

/// What the worker remembers between requests.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Whether the editor fills in placeholders.
    pub snippets: bool,
    /// The marks that were sent under each number.
    results: BTreeMap<String, (u64, Arc<Vec<Diagnostic>>)>,
    numbers: u64,
}

impl Known {
    pub(super) fn new(snippets: bool) -> Self {
        Self {
            snippets,
            ..Self::default()
        }
    }
}

/// What a request is answered from.
struct Ask<'a> {
    workspace: &'a Workspace,
    known: &'a mut Known,
    params: &'a Value,
}

impl Ask<'_> {
    /// The parameters as a type.
    fn params<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        T::deserialize(self.params)
            .map_err(|error| Failure::new(ErrorCode::InvalidParams, error.to_string()))
    }
}

type Answer = Result<Value, Failure>;

/// Every request that the worker answers.
const REQUESTS: &[(&str, fn(&mut Ask<'_>) -> Answer)] = &[
    ("textDocument/diagnostic", marks::of_document),
    ("workspace/diagnostic", marks::of_workspace),
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
