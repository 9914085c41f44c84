//! Commands, for editors that have none of their own: what a code lens names, and what a user starts from a list.
//!
//! A command does what the request of `grammar/editors/PROTOCOL.md` does, and shows the result as a message.

use serde::Deserialize;
use serde_json::{Value, json};

use super::ask::{Answer, Ask, Failure, Order};
use super::{generated, why};
use crate::lsp::protocol::{ErrorCode, Position, Range};
use crate::output::{self, Sort};

/// Compiles the spec into its output folder.
pub(super) const COMPILE: &str = "pikc.compile";

/// What a compile would change.
const CHANGES: &str = "pikc.showChanges";

/// Which files the spec compiles to.
const TREE: &str = "pikc.showOutputTree";

/// What a line ends up in, or what it comes from.
pub(super) const WHY: &str = "pikc.why";

/// Every command.
pub(in crate::lsp) const COMMANDS: &[&str] = &[COMPILE, CHANGES, TREE, WHY];

/// A message shows so many lines at most.
const LINES: usize = 60;

#[derive(Deserialize)]
struct Params {
    command: String,
    #[serde(default)]
    arguments: Vec<Value>,
}

/// `workspace/executeCommand`
pub(super) fn execute(ask: &mut Ask<'_>) -> Answer {
    let Params { command, arguments } = ask.params()?;
    let mut arguments = arguments.into_iter();
    let address = match arguments.next() {
        Some(Value::String(address)) => address,
        None | Some(Value::Null) => only_spec(ask)?,
        Some(_) => return Err(refused("the first argument is the address of a document")),
    };
    let params = json!({"textDocument": {"uri": address}});
    let (result, message) = match command.as_str() {
        COMPILE => compile(ask, &address)?,
        CHANGES => {
            let result = generated::changes(&mut about(ask, &params))?;
            let message = text_of(&result, "text", "nothing changes, the output is up to date");
            (result, message)
        }
        TREE => {
            let result = generated::tree(&mut about(ask, &params))?;
            let message = files(&result);
            (result, message)
        }
        WHY => {
            let params = place(params, arguments)?;
            let result = why::why(&mut about(ask, &params))?;
            let message = text_of(&result, "text", "nothing is known about this line");
            (result, message)
        }
        _ => {
            let command = command.escape_debug();
            return Err(refused(format!("there is no command `{command}`")));
        }
    };
    ask.known.message = Some(shortened(&message));
    Ok(result)
}

fn refused(why: impl Into<String>) -> Failure {
    Failure::new(ErrorCode::InvalidParams, why)
}

fn failed(why: impl Into<String>) -> Failure {
    Failure::new(ErrorCode::Failed, why)
}

/// A question with other parameters.
fn about<'b>(ask: &'b mut Ask<'_>, params: &'b Value) -> Ask<'b> {
    Ask {
        workspace: ask.workspace,
        known: ask.known,
        params,
    }
}

/// The address of the spec that is open, for editors that cannot name one.
fn only_spec(ask: &Ask<'_>) -> Result<String, Failure> {
    let mut open = ask.workspace.now.documents.keys();
    match (open.next(), open.next()) {
        (Some(only), None) => Ok(only.clone()),
        _ => Err(failed(
            "which spec? The first argument is its address, unless a single one is open",
        )),
    }
}

/// The parameters with the position, or the range, that the other arguments name.
fn place(mut params: Value, mut arguments: impl Iterator<Item = Value>) -> Result<Value, Failure> {
    let position = arguments.next().unwrap_or_default();
    if Position::deserialize(&position).is_err() {
        return Err(refused("the second argument is a position"));
    }
    params["position"] = position;
    let range = arguments.next().unwrap_or_default();
    if Range::deserialize(&range).is_ok() {
        params["range"] = range;
    }
    Ok(params)
}

/// Compiles a spec from the disk: what is typed and not saved would not be in it.
fn compile(ask: &Ask<'_>, address: &str) -> Result<(Value, String), Failure> {
    let workspace = ask.workspace;
    let (spec, analysis) = generated::spec_of(workspace, address)?;
    for (_, source) in analysis.sources.files().filter(|(id, _)| !id.is_library()) {
        let path = source.name.as_str().into();
        let Some(document) = workspace.open(path) else {
            continue;
        };
        let saved = output::read_no_link(path, Sort::Spec);
        if saved.is_ok_and(|saved| saved.bytes == document.text.as_bytes()) {
            continue;
        }
        let name = path.file_name().unwrap_or_default();
        return Err(failed(format!(
            "save `{name}` first: a compile reads it from the disk"
        )));
    }
    let mut settings = workspace.now.settings.clone();
    settings.output = Some(generated::output_folder(workspace, spec));
    let order = Order {
        spec: spec.to_owned(),
        settings,
    };
    let printed = (ask.known.command_line.compile)(&order).map_err(failed)?;
    // The last line counts the changes.
    let message = printed.lines().last().unwrap_or_default().to_owned();
    Ok((json!({"text": printed}), message))
}

fn text_of(result: &Value, field: &str, otherwise: &str) -> String {
    match result[field].as_str() {
        None | Some("") => otherwise.to_owned(),
        Some(text) => text.to_owned(),
    }
}

fn files(result: &Value) -> String {
    let files = result["files"].as_array().into_iter().flatten();
    let paths: Vec<&str> = files.filter_map(|file| file["path"].as_str()).collect();
    match paths.is_empty() {
        true => "nothing is generated, because the spec has errors".to_owned(),
        false => paths.join("\n"),
    }
}

/// The text as far as a message shows it.
fn shortened(text: &str) -> String {
    let more = text.lines().count().saturating_sub(LINES);
    if more == 0 {
        return text.trim_end().to_owned();
    }
    let shown: Vec<&str> = text.lines().take(LINES).collect();
    format!("{}\n... {more} more lines", shown.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_somewhere() {
        assert_eq!(shortened("a\nb\n"), "a\nb");
        let long = shortened(&"x\n".repeat(100));
        assert_eq!(long.lines().count(), LINES + 1);
        assert!(long.ends_with("... 40 more lines"), "{long}");
    }
}
