//! What the editor can do, and what the server offers it in return.

use camino::Utf8PathBuf;
use serde_json::{Value, json};

use super::answer::{COMMANDS, CommandLine, Known, offered};
use super::place::Encoding;
use super::uri;

/// What `initialize` said. Every field is read by itself, so that an odd one costs nothing else.
#[derive(Clone, Debug, Default)]
pub(super) struct Client {
    pub encoding: Encoding,
    pub folders: Vec<Utf8PathBuf>,
    /// It asks for marks instead of being sent them, and can be told to ask again. Without the second, marks in other documents
    /// than the one that is typed in would stay as they were.
    pub pull: bool,
    /// It watches files for the server.
    pub watch: bool,
    /// It can be asked for settings.
    pub configuration: bool,
    /// It shows progress.
    pub progress: bool,
    /// It fills in placeholders.
    pub snippets: bool,
    /// It wants to know which version of a document edits are for.
    pub versions: bool,
    /// Edits can have places to type in.
    pub snippet_edits: bool,
    /// It asks for the edit of an action when it is chosen.
    pub resolves: bool,
    /// It shows where a definition begins and ends.
    pub links: bool,
    /// It shows symbols in symbols.
    pub trees: bool,
    /// It reads documents of this server, and wants to know when they change.
    pub contents: bool,
    /// The commands that it has itself, by their names.
    pub commands: Vec<String>,
}

impl Client {
    pub(super) fn read(params: &Value) -> Self {
        let at = |path: &str| params.pointer(&format!("/capabilities{path}"));
        let can = |path: &str| at(path).and_then(Value::as_bool) == Some(true);
        let offered = at("/general/positionEncodings").and_then(Value::as_array);
        let offered = offered.into_iter().flatten().filter_map(Value::as_str);
        let commands = params.pointer("/initializationOptions/commands");
        let commands = commands.and_then(Value::as_array).into_iter().flatten();
        Self {
            encoding: Encoding::choose(offered),
            folders: folders(params),
            pull: at("/textDocument/diagnostic").is_some_and(Value::is_object)
                && can("/workspace/diagnostics/refreshSupport"),
            watch: can("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            configuration: can("/workspace/configuration"),
            progress: can("/window/workDoneProgress"),
            snippets: can("/textDocument/completion/completionItem/snippetSupport"),
            versions: can("/workspace/workspaceEdit/documentChanges"),
            snippet_edits: can("/workspace/workspaceEdit/snippetEditSupport"),
            resolves: at("/textDocument/codeAction/resolveSupport/properties")
                .and_then(Value::as_array)
                .is_some_and(|all| all.contains(&json!("edit"))),
            links: can("/textDocument/definition/linkSupport"),
            trees: can("/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
            contents: at("/workspace/textDocumentContent").is_some_and(Value::is_object),
            commands: commands
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        }
    }

    /// What the answers depend on.
    pub(super) fn known(&self, command_line: CommandLine) -> Known {
        Known {
            snippets: self.snippets,
            versions: self.versions,
            snippet_edits: self.snippet_edits,
            resolves: self.resolves,
            links: self.links,
            trees: self.trees,
            contents: self.contents,
            ..Known::new(command_line)
        }
    }

    /// What the server can do.
    pub(super) fn capabilities(&self) -> Value {
        let mut all = offered();
        all["positionEncoding"] = json!(self.encoding.name());
        all["textDocumentSync"] = json!({"openClose": true, "change": 2, "save": true});
        all["workspace"] = json!({
            "workspaceFolders": {"supported": true, "changeNotifications": true},
            "textDocumentContent": {"schemes": [uri::EXPLANATION, uri::LIBRARY, uri::OUTPUT]},
        });
        // An editor registers what is offered here, and fails if it has a command of that name already.
        let commands: Vec<&str> = COMMANDS
            .iter()
            .copied()
            .filter(|name| !self.commands.iter().any(|own| own == name))
            .collect();
        if !commands.is_empty() {
            all["executeCommandProvider"] = json!({"commands": commands});
        }
        if self.pull {
            all["diagnosticProvider"] = json!({
                "identifier": "pikc",
                "interFileDependencies": true,
                "workspaceDiagnostics": true,
            });
        }
        all
    }
}

fn folders(params: &Value) -> Vec<Utf8PathBuf> {
    let listed = params.get("workspaceFolders").and_then(Value::as_array);
    let mut found: Vec<Utf8PathBuf> = listed
        .into_iter()
        .flatten()
        .filter_map(|folder| uri::path(folder.get("uri")?.as_str()?))
        .collect();
    if found.is_empty() {
        let old = params.get("rootUri").and_then(Value::as_str);
        let older = params.get("rootPath").and_then(Value::as_str);
        found.extend(
            old.and_then(uri::path)
                .or_else(|| older.map(Utf8PathBuf::from)),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_field_costs_nothing_else() {
        let client = Client::read(&json!({
            "workspaceFolders": [{"uri": 4}, {"uri": "file:///w"}, {"uri": "http://x"}],
            "capabilities": {
                "general": {"positionEncodings": [1, "utf-8"]},
                "window": {"workDoneProgress": "yes"},
                "workspace": 5,
            },
        }));
        assert_eq!(client.folders, ["/w"]);
        assert_eq!(client.encoding, Encoding::Utf8);
        assert!(!client.progress && !client.watch && !client.pull);
        assert!(Client::read(&Value::Null).folders.is_empty());
        let old = Client::read(&json!({"workspaceFolders": null, "rootUri": "file:///old"}));
        assert_eq!(old.folders, ["/old"]);
    }

    #[test]
    fn an_editor_is_not_offered_the_commands_that_it_has() {
        let offered = |own: Value| {
            let client = Client::read(&json!({"initializationOptions": {"commands": own}}));
            let mut all = client.capabilities();
            all["executeCommandProvider"]["commands"].take()
        };
        assert_eq!(offered(json!("pikc.why")), json!(COMMANDS));
        let but_one = offered(json!(["pikc.why", 5, "other"]));
        assert_eq!(but_one.as_array().map(Vec::len), Some(COMMANDS.len() - 1));
        assert!(!but_one.to_string().contains("pikc.why"));
        assert_eq!(offered(json!(COMMANDS)), Value::Null);
    }
}
