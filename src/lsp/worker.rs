//! The thread that analyses and answers, one thing at a time.
//!
//! What waits is taken all at once, and only the newest state of the documents is analysed: whoever types faster than that loses
//! nothing but marks that would have been wrong by the time they appeared.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::answer::{self, Failure, Known};
use super::place::Encoding;
use super::protocol::ErrorCode;
use super::wire::Id;
use super::workspace::{Marks, Snapshot, Workspace};

/// The newest state of the documents, until the worker takes it: one that it has not seen is of no use once there is a newer one, and
/// can be large.
#[derive(Clone, Debug, Default)]
pub(super) struct Newest(Arc<Mutex<Option<Snapshot>>>);

impl Newest {
    pub(super) fn set(&self, snapshot: Snapshot) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(snapshot);
    }

    fn take(&self) -> Option<Snapshot> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.take()
    }
}

/// What the worker is asked to do.
#[derive(Debug)]
pub(super) enum Task {
    /// The documents, folders or settings are others now.
    Look(Newest),
    /// A request.
    Ask(Question),
}

/// A request for the worker.
#[derive(Debug)]
pub(super) struct Question {
    pub id: Id,
    pub method: String,
    pub params: Value,
    /// Set if no one wants the answer any more.
    pub dropped: Arc<AtomicBool>,
}

/// What the worker has to say.
#[derive(Debug)]
pub(super) enum Told {
    /// The marks of all documents, and the editions of the open ones for which they are right.
    Marks {
        marks: Marks,
        editions: BTreeMap<String, u64>,
        /// Why the library folder is not used.
        problem: Option<String>,
    },
    Answer(Id, Result<Value, Failure>),
    /// What the user is to be shown.
    Message(String),
    /// Nothing is left to do.
    Idle,
}

/// Works until no more tasks can come, or no one listens.
pub(super) fn run(
    encoding: Encoding,
    known: Known,
    tasks: &Receiver<Task>,
    tell: &dyn Fn(Told) -> bool,
) {
    let mut worker = Worker {
        workspace: Workspace::new(encoding, known.contents),
        known,
    };
    let mut left = false;
    loop {
        let first = match left {
            true => match tasks.try_recv() {
                Ok(task) => Some(task),
                Err(TryRecvError::Empty) => None,
                Err(TryRecvError::Disconnected) => return,
            },
            false => match tasks.recv() {
                Ok(task) => Some(task),
                Err(_) => return,
            },
        };
        let Some(first) = first else {
            left = worker.guard(Workspace::step).unwrap_or(false);
            let told = left || (tell(worker.marks()) && tell(Told::Idle));
            if !told {
                return;
            }
            continue;
        };
        let (mut newest, mut questions) = (None, Vec::new());
        for task in std::iter::once(first).chain(tasks.try_iter()) {
            match task {
                Task::Look(snapshot) => newest = snapshot.take().or(newest),
                Task::Ask(question) => questions.push(question),
            }
        }
        if let Some(snapshot) = newest {
            worker.guard(|workspace| workspace.update(snapshot));
            left = true;
            if !tell(worker.marks()) {
                return;
            }
        }
        for question in questions {
            if question.dropped.load(Ordering::Relaxed) {
                continue;
            }
            let answer = worker.answer(&question.method, &question.params);
            let message = worker.known.message.take().map(Told::Message);
            if !tell(Told::Answer(question.id, answer)) || message.is_some_and(|one| !tell(one)) {
                return;
            }
        }
        if !left && !tell(Told::Idle) {
            return;
        }
    }
}

struct Worker {
    workspace: Workspace,
    known: Known,
}

impl Worker {
    /// Runs something that must not end the server, whatever it meets.
    fn guard<T>(&mut self, work: impl FnOnce(&mut Workspace) -> T) -> Option<T> {
        let workspace = &mut self.workspace;
        catch_unwind(AssertUnwindSafe(|| work(workspace))).ok()
    }

    fn marks(&self) -> Told {
        let documents = self.workspace.now.documents.iter();
        Told::Marks {
            marks: self.workspace.marks(),
            editions: documents
                .map(|(address, document)| (address.clone(), document.edition))
                .collect(),
            problem: self.workspace.problem.clone(),
        }
    }

    fn answer(&mut self, method: &str, params: &Value) -> Result<Value, Failure> {
        // What only lies on the disk may not have been analysed yet.
        while answer::is_about_all(method) && self.guard(Workspace::step) == Some(true) {}
        let (workspace, known) = (&self.workspace, &mut self.known);
        let answer = catch_unwind(AssertUnwindSafe(|| {
            answer::answer(workspace, known, method, params)
        }));
        answer.unwrap_or_else(|_| {
            Err(Failure::new(
                ErrorCode::InternalError,
                "a bug in pikc: this request could not be answered",
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use serde_json::json;

    use super::*;
    use crate::lsp::answer::CommandLine;

    #[test]
    fn a_bug_in_an_answer_does_not_end_the_server() {
        let (tasks, taken) = channel();
        let ask = |number, method: &str| {
            Task::Ask(Question {
                id: Id::Number(number),
                method: method.to_owned(),
                params: json!({"textDocument": {"uri": "file:///x.pik"}}),
                dropped: Arc::default(),
            })
        };
        let newest = Newest::default();
        newest.set(Snapshot::default());
        for task in [
            Task::Look(newest),
            ask(1, answer::PANIC),
            ask(2, "textDocument/diagnostic"),
        ] {
            tasks.send(task).expect("someone listens");
        }
        drop(tasks);
        let known = Known::new(CommandLine {
            why: |_, _| String::new(),
            diff: |_| String::new(),
            compile: |_| Err(String::new()),
        });
        let (told, heard) = channel();
        run(Encoding::Utf8, known, &taken, &|one| told.send(one).is_ok());
        let answers: Vec<(Id, bool)> = heard
            .try_iter()
            .filter_map(|one| match one {
                Told::Answer(id, answer) => Some((id, answer.is_ok())),
                Told::Marks { .. } | Told::Message(_) | Told::Idle => None,
            })
            .collect();
        assert_eq!(answers, [(Id::Number(1), false), (Id::Number(2), true)]);
    }
}
