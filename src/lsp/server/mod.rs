//! The main loop: it owns the texts, hands work to the worker, and sends what comes back if it is still wanted.

mod notified;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::lsp::answer::{self, CommandLine, Failure};
use crate::lsp::client::Client;
use crate::lsp::outbox::{Out, Outgoing, write_all};
use crate::lsp::protocol::ErrorCode;
use crate::lsp::settings::Settings;
use crate::lsp::uri;
use crate::lsp::wire::{self, Id, Incoming};
use crate::lsp::worker::{self, Newest, Question, Task, Told};
use crate::lsp::workspace::{Marks, Snapshot};

/// What may wait to be written, in bytes; beyond it, nothing more is read from an editor that does not read.
const MOST_UNWRITTEN: usize = 64 << 20;

/// What may be read ahead, in bytes; a single message may have more.
const MOST_UNREAD: usize = 16 << 20;

/// How many requests may wait for an answer.
const MOST_PENDING: usize = 10_000;

/// Work that takes longer is shown as progress.
const LONG: Duration = Duration::from_secs(1);

/// What the main loop waits for.
enum Event {
    In(Incoming),
    /// The editor is gone.
    End,
    Told(Told),
}

/// How the server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The editor asked it to shut down, then to exit.
    Asked,
    /// The stream ended, or the editor asked it to exit without asking it to shut down first.
    Cut,
}

/// Serves one editor until it says `exit` or its stream ends.
pub fn serve(
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
    settings: Settings,
    command_line: CommandLine,
) -> End {
    let (events, arrived) = mpsc::sync_channel(256);
    let unread = Arc::new(AtomicUsize::new(0));
    {
        let (events, unread) = (events.clone(), Arc::clone(&unread));
        thread::spawn(move || read_all(input, &events, &unread));
    }
    let (messages, unwritten) = mpsc::channel::<Value>();
    let outgoing = Arc::new(Outgoing::default());
    let writer = {
        let outgoing = Arc::clone(&outgoing);
        thread::spawn(move || write_all(output, &unwritten, &outgoing))
    };
    let mut server = Server {
        state: State::New,
        client: Client::default(),
        command_line,
        base: settings.clone(),
        now: Snapshot {
            settings,
            ..Snapshot::default()
        },
        edition: 0,
        out: Out::new(messages, outgoing),
        unread,
        newest: Newest::default(),
        tasks: None,
        pending: BTreeMap::new(),
        configuration: None,
        shown: Marks::new(),
        contents: BTreeSet::new(),
        stale: false,
        typed: BTreeSet::new(),
        problem: None,
        busy: None,
        progress: 0,
    };
    let end = server.run(&arrived, &events);
    // The worker ends when it has no more tasks, the writer when it has written everything.
    drop(server);
    drop(arrived);
    let _ = writer.join();
    end
}

/// Hands messages to the main loop as they come, but not many bytes ahead of it.
fn read_all(input: impl Read, events: &mpsc::SyncSender<Event>, unread: &AtomicUsize) {
    let mut input = BufReader::new(input);
    while let Ok(Some(message)) = wire::read(&mut input) {
        unread.fetch_add(message.weight(), Ordering::Relaxed);
        if events.send(Event::In(message)).is_err() {
            return;
        }
        while unread.load(Ordering::Relaxed) > MOST_UNREAD {
            thread::sleep(PAUSE);
        }
    }
    let _ = events.send(Event::End);
}

/// How long a thread waits before it looks again whether another has caught up.
const PAUSE: Duration = Duration::from_millis(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Running,
    ShutDown,
}

/// A request that the worker has not answered yet.
struct Pending {
    /// The document that it is about.
    address: Option<String>,
    dropped: Arc<AtomicBool>,
}

struct Server {
    state: State,
    client: Client,
    command_line: CommandLine,
    /// The settings of the command line, which those of the editor change.
    base: Settings,
    now: Snapshot,
    edition: u64,
    out: Out,
    /// The bytes that were read and not looked at yet.
    unread: Arc<AtomicUsize>,
    newest: Newest,
    tasks: Option<Sender<Task>>,
    pending: BTreeMap<Id, Pending>,
    /// Our request for the editor's settings.
    configuration: Option<Id>,
    /// What the editor shows.
    shown: Marks,
    /// The generated documents that the editor has asked for, and whether a spec has changed since it was told.
    contents: BTreeSet<String>,
    stale: bool,
    /// The documents that were typed in since the last marks.
    typed: BTreeSet<String>,
    /// What was last said about the library folder.
    problem: Option<String>,
    /// Since when the worker works, and whether that is shown.
    busy: Option<(Instant, bool)>,
    progress: u64,
}

impl Server {
    fn run(&mut self, arrived: &Receiver<Event>, events: &mpsc::SyncSender<Event>) -> End {
        loop {
            while self.out.waiting() > MOST_UNWRITTEN && !self.out.is_closed() {
                thread::sleep(PAUSE);
            }
            if self.out.is_closed() {
                return End::Cut;
            }
            let event = match self.busy {
                Some((since, false)) if self.client.progress => {
                    match arrived.recv_timeout(LONG.saturating_sub(since.elapsed())) {
                        Ok(event) => event,
                        Err(RecvTimeoutError::Timeout) => {
                            self.show_progress();
                            continue;
                        }
                        Err(RecvTimeoutError::Disconnected) => return End::Cut,
                    }
                }
                _ => match arrived.recv() {
                    Ok(event) => event,
                    Err(_) => return End::Cut,
                },
            };
            if let Event::In(message) = &event {
                self.unread.fetch_sub(message.weight(), Ordering::Relaxed);
            }
            match event {
                Event::End => return End::Cut,
                Event::Told(told) => self.told(told),
                Event::In(Incoming::Notification { method, .. }) if method == "exit" => {
                    return match self.state {
                        State::ShutDown => End::Asked,
                        State::New | State::Running => End::Cut,
                    };
                }
                Event::In(Incoming::Notification { method, params }) => {
                    if self.state == State::Running {
                        self.notified(&method, params);
                    }
                }
                Event::In(Incoming::Request { id, method, params }) => {
                    self.asked(id, &method, params, events);
                }
                Event::In(Incoming::Answer { id, result }) => {
                    if self.configuration.as_ref() == Some(&id) {
                        self.configuration = None;
                        self.set(result.get(0).unwrap_or(&Value::Null));
                    }
                }
                Event::In(Incoming::Wrong(code, why)) => {
                    let error = Failure::new(code, why).json();
                    self.out
                        .send(json!({"jsonrpc": "2.0", "id": null, "error": error}));
                }
            }
        }
    }

    fn asked(&mut self, id: Id, method: &str, params: Value, events: &mpsc::SyncSender<Event>) {
        let refused = match (self.state, method) {
            (State::New, "initialize") => {
                let result = self.initialize(&params, events);
                self.out.answer(&id, Ok(result));
                return;
            }
            (State::New, _) => Failure::new(
                ErrorCode::NotInitialized,
                "the first request must be `initialize`",
            ),
            (State::ShutDown, _) => {
                Failure::new(ErrorCode::InvalidRequest, "the server is shut down")
            }
            (State::Running, "initialize") => {
                Failure::new(ErrorCode::InvalidRequest, "the server is initialized")
            }
            (State::Running, "shutdown") => {
                self.state = State::ShutDown;
                self.drop_pending(|_| true, ErrorCode::Cancelled);
                self.tasks = None;
                self.out.answer(&id, Ok(Value::Null));
                return;
            }
            (State::Running, method) if answer::is_known(method) => {
                self.delegate(id, method, params);
                return;
            }
            (State::Running, method) => Failure::new(
                ErrorCode::MethodNotFound,
                format!("there is no request `{}`", method.escape_debug()),
            ),
        };
        self.out.answer(&id, Err(refused));
    }

    /// Hands a request to the worker.
    fn delegate(&mut self, id: Id, method: &str, params: Value) {
        if method == "workspace/textDocumentContent"
            && self.client.contents
            && let Some(address) = params.get("uri").and_then(Value::as_str)
            && uri::strip_scheme(address, uri::OUTPUT).is_some()
        {
            self.contents.insert(address.to_owned());
        }
        if self.pending.contains_key(&id) {
            let failure = Failure::new(ErrorCode::InvalidRequest, "this request is under way");
            self.out.answer(&id, Err(failure));
            return;
        }
        if self.pending.len() >= MOST_PENDING {
            let failure = Failure::new(ErrorCode::Failed, "too many requests wait for an answer");
            self.out.answer(&id, Err(failure));
            return;
        }
        let dropped = Arc::new(AtomicBool::new(false));
        let address = params.pointer("/textDocument/uri").and_then(Value::as_str);
        let pending = Pending {
            address: address.map(str::to_owned),
            dropped: Arc::clone(&dropped),
        };
        self.pending.insert(id.clone(), pending);
        self.work(Task::Ask(Question {
            id,
            method: method.to_owned(),
            params,
            dropped,
        }));
    }

    fn initialize(&mut self, params: &Value, events: &mpsc::SyncSender<Event>) -> Value {
        self.state = State::Running;
        self.client = Client::read(params);
        self.now.folders.clone_from(&self.client.folders);
        let options = params.get("initializationOptions");
        let settings = options.unwrap_or(&Value::Null).clone();
        let (tasks, taken) = mpsc::channel();
        let events = events.clone();
        let encoding = self.client.encoding;
        let known = self.client.known(self.command_line);
        thread::spawn(move || {
            worker::run(encoding, known, &taken, &|told| {
                events.send(Event::Told(told)).is_ok()
            });
        });
        self.tasks = Some(tasks);
        self.set(&settings);
        json!({
            "capabilities": self.client.capabilities(),
            "serverInfo": {"name": "pikc", "version": env!("CARGO_PKG_VERSION")},
        })
    }

    fn drop_pending(&mut self, which: impl Fn((&Id, &Pending)) -> bool, code: ErrorCode) {
        let why = match code {
            ErrorCode::ContentModified => "the document has changed",
            _ => "the request was cancelled",
        };
        let gone: Vec<Id> = self
            .pending
            .iter()
            .filter(|one| which(*one))
            .map(|(id, _)| id.clone())
            .collect();
        for id in gone {
            if let Some(pending) = self.pending.remove(&id) {
                pending.dropped.store(true, Ordering::Relaxed);
            }
            self.out.answer(&id, Err(Failure::new(code, why)));
        }
    }

    fn look(&mut self) {
        self.stale = !self.contents.is_empty();
        self.newest.set(self.now.clone());
        self.work(Task::Look(self.newest.clone()));
    }

    fn work(&mut self, task: Task) {
        if let Some(tasks) = &self.tasks {
            let _ = tasks.send(task);
            self.busy.get_or_insert((Instant::now(), false));
        }
    }
}
