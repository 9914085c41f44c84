//! An editor for tests: it talks to a server in this process over pipes.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Read, Write, pipe};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use pikc::cli::COMMAND_LINE;
use pikc::lsp::{End, Settings, serve};
use serde_json::{Value, json};

use super::valid;
use crate::support::PIKC;

/// No answer takes longer, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Client {
    input: Option<PipeWriter>,
    arrived: Receiver<Value>,
    server: Option<JoinHandle<End>>,
    last: i64,
    /// The last marks of each document, as they were sent.
    pub marks: BTreeMap<String, Vec<Value>>,
    /// Every other message of the server that is not an answer.
    pub told: Vec<Value>,
}

/// A message with its header.
pub fn framed(message: &Value) -> Vec<u8> {
    let text = message.to_string();
    format!("Content-Length: {}\r\n\r\n{text}", text.len()).into_bytes()
}

/// The next message of a stream.
pub fn read(stream: &mut BufReader<impl Read>) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().split_once(": ") {
            Some((_, value)) => length = Some(value.parse().expect("a length")),
            None => break,
        }
    }
    let mut bytes = vec![0; length.expect("a header")];
    stream.read_exact(&mut bytes).ok()?;
    Some(serde_json::from_slice(&bytes).expect("the server writes JSON"))
}

impl Client {
    /// A server that was not asked anything yet.
    pub fn connect() -> Self {
        let (from_us, input) = pipe().expect("a pipe");
        let (output, to_us) = pipe().expect("a pipe");
        let server = spawn(move || serve(from_us, to_us, Settings::default(), COMMAND_LINE));
        Self::over(input, output, Some(server))
    }

    /// The program itself, in this folder.
    pub fn program(folder: &Path, capabilities: Value, options: Value) -> Self {
        let (from_us, input) = pipe().expect("a pipe");
        let (output, to_us) = pipe().expect("a pipe");
        let mut program = Command::new(PIKC)
            .arg("lsp")
            .stdin(from_us)
            .stdout(to_us)
            .spawn()
            .expect("it starts");
        spawn(move || program.wait());
        let mut client = Self::over(input, output, None);
        client.initialize(folder, capabilities, options);
        client
    }

    fn over(input: PipeWriter, output: PipeReader, server: Option<JoinHandle<End>>) -> Self {
        let (send, arrived) = channel();
        spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read(&mut output) {
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        Self {
            input: Some(input),
            arrived,
            server,
            last: 0,
            marks: BTreeMap::new(),
            told: Vec::new(),
        }
    }

    /// A server that is ready, in this folder.
    pub fn new(folder: &Path) -> Self {
        Self::with(folder, json!({}), json!({}))
    }

    /// The same, with these capabilities and options.
    pub fn with(folder: &Path, capabilities: Value, options: Value) -> Self {
        let mut client = Self::connect();
        client.initialize(folder, capabilities, options);
        client
    }

    fn initialize(&mut self, folder: &Path, capabilities: Value, options: Value) {
        let params = json!({
            "processId": null,
            "rootUri": null,
            "workspaceFolders": [{"uri": uri(folder), "name": "w"}],
            "capabilities": capabilities,
            "initializationOptions": options,
        });
        self.request("initialize", params)
            .expect("the server initializes");
        self.notify("initialized", json!({}));
    }

    pub fn send(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("the stream is open");
        input.write_all(bytes).expect("the server reads");
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        let message = json!({"jsonrpc": "2.0", "method": method, "params": params});
        self.send(&framed(&message));
    }

    /// Sends a request and returns its number.
    pub fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.last += 1;
        let message =
            json!({"jsonrpc": "2.0", "id": self.last, "method": method, "params": params});
        self.send(&framed(&message));
        self.last
    }

    /// The answer to a request, or its error.
    pub fn answer(&mut self, id: i64) -> Result<Value, Value> {
        loop {
            let mut message = self.next();
            if message["id"] == json!(id) && message.get("method").is_none() {
                return match message.get_mut("error") {
                    Some(error) => Err(error.take()),
                    None => Ok(message["result"].take()),
                };
            }
            self.note(message);
        }
    }

    pub fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params);
        let answer = self.answer(id);
        if let Ok(result) = &answer {
            valid::answer(method, result);
        }
        answer
    }

    /// The next message, whatever it is.
    pub fn next(&mut self) -> Value {
        self.arrived
            .recv_timeout(PATIENCE)
            .expect("the server answers")
    }

    fn note(&mut self, mut message: Value) {
        if let Some(method) = message["method"].as_str() {
            valid::message(method, &message["params"]);
        }
        if message["method"] != "textDocument/publishDiagnostics" {
            self.told.push(message);
            return;
        }
        let address = message["params"]["uri"].as_str().expect("a uri").to_owned();
        let Value::Array(list) = message["params"]["diagnostics"].take() else {
            panic!("no list in {message}");
        };
        self.marks.insert(address, list);
    }

    pub fn open(&mut self, uri: &str, text: &str) {
        self.notify(
            "textDocument/didOpen",
            json!({"textDocument": {"uri": uri, "languageId": "pik", "version": 1, "text": text}}),
        );
    }

    /// Replaces the whole text.
    pub fn change(&mut self, uri: &str, version: i64, text: &str) {
        self.notify(
            "textDocument/didChange",
            json!({"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}),
        );
    }

    pub fn close(&mut self, uri: &str) {
        self.notify(
            "textDocument/didClose",
            json!({"textDocument": {"uri": uri}}),
        );
    }

    /// The marks of a document, once everything sent so far has been analysed.
    pub fn marks_of(&mut self, uri: &str) -> Vec<Value> {
        let answer = self.request(
            "textDocument/diagnostic",
            json!({"textDocument": {"uri": uri}}),
        );
        let pulled = answer.expect("marks")["items"].take();
        let sent = self.marks.get(uri).cloned().unwrap_or_default();
        assert_eq!(
            pulled,
            json!(sent),
            "what is sent and what is asked for differ: {uri}"
        );
        sent
    }

    /// The codes of the marks of a document.
    pub fn codes(&mut self, uri: &str) -> Vec<String> {
        let code = |mark: &Value| mark["code"].as_str().expect("a code").to_owned();
        self.marks_of(uri).iter().map(code).collect()
    }

    /// Waits until the marks that were sent are as wanted: what no one has open is analysed when nothing else is to be done.
    pub fn wait(&mut self, wanted: impl Fn(&BTreeMap<String, Vec<Value>>) -> bool) {
        while !wanted(&self.marks) {
            let message = self.next();
            self.note(message);
        }
    }

    /// Ends it as editors do.
    pub fn shut_down(mut self) -> End {
        assert_eq!(self.request("shutdown", Value::Null), Ok(Value::Null));
        self.notify("exit", Value::Null);
        self.end()
    }

    /// How the server ends when the stream does.
    pub fn end(&mut self) -> End {
        self.input = None;
        let server = self.server.take().expect("it runs");
        server.join().expect("it does not panic")
    }
}

/// The address of a file.
pub fn uri(path: &Path) -> String {
    format!("file://{}", path.to_str().expect("UTF-8"))
}
