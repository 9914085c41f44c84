//! The main loop: it owns the texts, hands work to the worker, and sends what comes back if it is still wanted.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use camino::Utf8PathBuf;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::answer::{self, Drawing, Failure};
use super::client::Client;
use super::document::Document;
use super::protocol::{
    DidChange, DidOpen, ErrorCode, FoldersChanged, OfDocument, WatchedFiles,
};
use super::settings::Settings;
use super::uri;
use super::wire::{self, Id, Incoming};
use super::worker::{self, Question, Task, Told};
use super::workspace::{Marks, Snapshot};

/// What may wait to be written; beyond it, nothing more is read from an editor that does not read.
const MOST_UNWRITTEN: usize = 64 << 20;

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
    drawing: Drawing,
) -> End {
    let (events, arrived) = mpsc::sync_channel(256);
    let from_editor = events.clone();
    thread::spawn(move || {
        let mut input = BufReader::new(input);
        while let Ok(Some(message)) = wire::read(&mut input) {
            if from_editor.send(Event::In(message)).is_err() {
                return;
            }
        }
        let _ = from_editor.send(Event::End);
    });
    let (messages, unwritten) = mpsc::channel::<Value>();
    let waiting = Arc::new(AtomicUsize::new(0));
    let writer = {
        let waiting = Arc::clone(&waiting);
        thread::spawn(move || write_all(output, &unwritten, &waiting))
    };
    let mut server = Server {
        state: State::New,
        client: Client::default(),
        drawing,
        base: settings.clone(),
        now: Snapshot {
            settings,
            ..Snapshot::default()
        },
        edition: 0,
        out: Out {
            messages,
            waiting,
            asked: 0,
        },
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

/// A message and how much room it takes while it waits, roughly.
fn write_all(mut output: impl Write, messages: &Receiver<Value>, waiting: &AtomicUsize) {
    for message in messages {
        let size = weight(&message);
        if wire::write(&mut output, &message).is_err() {
            return;
        }
        waiting.fetch_sub(size, Ordering::Relaxed);
    }
}

/// About how many bytes a value takes.
fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 16,
        Value::String(text) => 16 + text.len(),
        Value::Array(items) => 16 + items.iter().map(weight).sum::<usize>(),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| 32 + name.len() + weight(value);
            16 + fields.iter().map(field).sum::<usize>()
        }
    }
}

/// Where messages go.
struct Out {
    messages: Sender<Value>,
    waiting: Arc<AtomicUsize>,
    /// How many requests the server itself has made.
    asked: u64,
}

impl Out {
    fn send(&self, message: Value) {
        self.waiting.fetch_add(weight(&message), Ordering::Relaxed);
        let _ = self.messages.send(message);
    }

    fn answer(&self, id: &Id, answer: Result<Value, Failure>) {
        let id = id.json();
        self.send(match answer {
            Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Err(failure) => json!({"jsonrpc": "2.0", "id": id, "error": failure.json()}),
        });
    }

    fn notify(&self, method: &str, params: Value) {
        self.send(json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn ask(&mut self, method: &str, params: Value) -> Id {
        self.asked += 1;
        let id = Id::Text(format!("pikc-{}", self.asked));
        self.send(json!({"jsonrpc": "2.0", "id": id.json(), "method": method, "params": params}));
        id
    }
}

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
    drawing: Drawing,
    /// The settings of the command line, which those of the editor change.
    base: Settings,
    now: Snapshot,
    edition: u64,
    out: Out,
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
            while self.out.waiting.load(Ordering::Relaxed) > MOST_UNWRITTEN {
                thread::sleep(Duration::from_millis(10));
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
        let known = self.client.known(self.drawing);
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

    fn notified(&mut self, method: &str, params: Value) {
        match method {
            "initialized" => self.initialized(),
            "$/cancelRequest" => {
                let id = match params.get("id") {
                    Some(Value::String(text)) => Some(Id::Text(text.clone())),
                    Some(number) => number.as_i64().map(Id::Number),
                    None => None,
                };
                self.drop_pending(
                    |(known, _)| Some(known) == id.as_ref(),
                    ErrorCode::Cancelled,
                );
            }
            "textDocument/didOpen" => {
                let Some(DidOpen { text_document: new }) = parsed(method, params) else {
                    return;
                };
                self.edition += 1;
                let document = Document::new(new.version, self.edition, new.text);
                self.now.documents.insert(new.uri.clone(), document);
                self.changed(&new.uri);
                self.reread();
            }
            "textDocument/didChange" => self.did_change(method, params),
            "textDocument/didClose" => {
                if let Some(OfDocument { text_document }) = parsed(method, params) {
                    self.now.documents.remove(&text_document.uri);
                    self.changed(&text_document.uri);
                    self.reread();
                }
            }
            "textDocument/didSave" => self.reread(),
            "workspace/didChangeWatchedFiles" => {
                if parsed::<WatchedFiles>(method, params).is_some_and(|all| !all.changes.is_empty())
                {
                    self.reread();
                }
            }
            "workspace/didChangeWorkspaceFolders" => {
                if let Some(FoldersChanged { event }) = parsed(method, params) {
                    let path = |one: &super::protocol::Document| uri::path(&one.uri);
                    let gone: Vec<Utf8PathBuf> = event.removed.iter().filter_map(path).collect();
                    self.now.folders.retain(|folder| !gone.contains(folder));
                    for added in event.added.iter().filter_map(path) {
                        if !self.now.folders.contains(&added) {
                            self.now.folders.push(added);
                        }
                    }
                    self.reread();
                }
            }
            "workspace/didChangeConfiguration" => {
                let settings = params.get("settings").unwrap_or(&Value::Null);
                if settings.is_object() {
                    self.set(&settings.clone());
                } else {
                    self.ask_settings();
                }
            }
            _ => {}
        }
    }

    fn initialized(&mut self) {
        if self.client.watch {
            let watchers = json!([{"globPattern": "**/*.{pik,yaml,yml,json,j2}"}]);
            self.out.ask(
                "client/registerCapability",
                json!({"registrations": [{
                    "id": "files",
                    "method": "workspace/didChangeWatchedFiles",
                    "registerOptions": {"watchers": watchers},
                }]}),
            );
        }
        self.ask_settings();
    }

    fn ask_settings(&mut self) {
        if self.client.configuration {
            let items = json!({"items": [{"section": "pikc"}]});
            self.configuration = Some(self.out.ask("workspace/configuration", items));
        }
    }

    fn did_change(&mut self, method: &str, params: Value) {
        let Some(DidChange {
            text_document,
            content_changes,
        }) = parsed(method, params)
        else {
            return;
        };
        self.edition += 1;
        let Some(document) = self.now.documents.get_mut(&text_document.uri) else {
            log::warn!("a change of a document that is not open");
            return;
        };
        let encoding = self.client.encoding;
        document.change(&content_changes, self.edition, encoding);
        if let Some(version) = text_document.version {
            document.version = version;
        }
        self.changed(&text_document.uri);
        self.look();
    }

    /// A document has another text: what was asked about the one before is no longer of use.
    fn changed(&mut self, address: &str) {
        self.typed.insert(address.to_owned());
        self.drop_pending(
            |(_, pending)| pending.address.as_deref() == Some(address),
            ErrorCode::ContentModified,
        );
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

    /// Takes settings over; the editor is told what cannot be read.
    fn set(&mut self, value: &Value) {
        let (settings, wrong) = self.base.changed(value);
        for problem in wrong {
            self.say(&problem);
        }
        self.now.settings = settings.within(self.now.folders.first().map(|path| path.as_path()));
        self.look();
    }

    fn say(&self, problem: &str) {
        let message = format!("pikc: {problem}");
        self.out
            .notify("window/showMessage", json!({"type": 2, "message": message}));
    }

    /// Files on the disk may have changed.
    fn reread(&mut self) {
        self.now.disk += 1;
        self.look();
    }

    fn look(&mut self) {
        self.stale = !self.contents.is_empty();
        self.work(Task::Look(self.now.clone()));
    }

    fn work(&mut self, task: Task) {
        if let Some(tasks) = &self.tasks {
            let _ = tasks.send(task);
            self.busy.get_or_insert((Instant::now(), false));
        }
    }

    fn told(&mut self, told: Told) {
        match told {
            Told::Idle => {
                if std::mem::take(&mut self.stale) {
                    for address in self.contents.clone() {
                        let params = json!({"uri": address});
                        self.out.ask("workspace/textDocumentContent/refresh", params);
                    }
                }
                if let Some((_, true)) = self.busy.take() {
                    let value = json!({"kind": "end"});
                    self.out
                        .notify("$/progress", json!({"token": self.token(), "value": value}));
                }
            }
            Told::Answer(id, answer) => {
                if self.pending.remove(&id).is_some() {
                    self.out.answer(&id, answer);
                }
            }
            Told::Marks {
                marks,
                editions,
                problem,
            } => {
                if self.problem != problem {
                    if let Some(problem) = &problem {
                        self.say(problem);
                    }
                    self.problem = problem;
                }
                self.show(marks, &editions);
            }
        }
    }

    fn token(&self) -> String {
        format!("pikc-work-{}", self.progress)
    }

    fn show_progress(&mut self) {
        if let Some((_, shown)) = &mut self.busy {
            *shown = true;
        }
        self.progress += 1;
        let token = self.token();
        self.out.ask(
            "window/workDoneProgress/create",
            json!({"token": token}),
        );
        let value = json!({"kind": "begin", "title": "pikc: checking specs"});
        self.out
            .notify("$/progress", json!({"token": token, "value": value}));
    }

    /// Sends the marks that differ from those that the editor shows.
    fn show(&mut self, marks: Marks, editions: &BTreeMap<String, u64>) {
        if self.state != State::Running {
            return;
        }
        let none = Arc::new(Vec::new());
        let known: BTreeSet<String> = self.shown.keys().chain(marks.keys()).cloned().collect();
        let mut others = false;
        for address in known {
            let open = self.now.documents.get(&address);
            // Typed in since: its marks follow.
            if open.map(|document| document.edition) != editions.get(&address).copied() {
                continue;
            }
            let new = marks.get(&address);
            let old = self.shown.get(&address);
            let is_news = match (old, new) {
                (Some(old), Some(new)) => old != new,
                (None, Some(new)) => open.is_some() || !new.is_empty(),
                (Some(old), None) => !old.is_empty(),
                (None, None) => false,
            };
            match new {
                Some(new) => self.shown.insert(address.clone(), Arc::clone(new)),
                None => self.shown.remove(&address),
            };
            if !is_news {
                continue;
            }
            if self.client.pull {
                others |= !self.typed.contains(&address);
                continue;
            }
            let mut params = json!({"uri": address, "diagnostics": **new.unwrap_or(&none)});
            if let Some(document) = open {
                params["version"] = json!(document.version);
            }
            self.out.notify("textDocument/publishDiagnostics", params);
        }
        self.typed.clear();
        if others {
            self.out.ask("workspace/diagnostic/refresh", Value::Null);
        }
    }
}

/// The parameters of a notification; one that cannot be read is skipped.
fn parsed<T: DeserializeOwned>(method: &str, params: Value) -> Option<T> {
    match serde_json::from_value(params) {
        Ok(params) => Some(params),
        Err(error) => {
            log::warn!("{method}: {error}");
            None
        }
    }
}
