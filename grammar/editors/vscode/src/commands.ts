// The commands of the palette.

import * as vscode from "vscode";

import type { Server } from "./client";
import type { Documents } from "./documents";
import { OUTPUT_TREE, type OutputTreeResult, WHY, type WhyResult } from "./protocol";
import { changesSentence, treeItems } from "./pure";
import { task } from "./tasks";

export function commands(server: Server, documents: Documents): vscode.Disposable[] {
  const command = (name: string, run: () => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(`pikc.${name}`, async () => {
      try {
        await run();
      } catch (error) {
        server.log.error(String(error));
        void vscode.window.showErrorMessage(`pikc: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
  return [
    command("restart", () => server.restart()),
    command("showLog", () => server.log.show()),
    command("compile", compile),
    command("showOutputTree", () => showOutputTree(server, documents)),
    command("showChanges", () => showChanges(documents)),
    command("why", () => why(server)),
  ];
}

/** The spec in the active editor. */
function spec(): vscode.TextDocument {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== "pik") throw new Error("open a spec (*.pik) first");
  return document;
}

async function compile(): Promise<void> {
  const document = spec();
  if (document.uri.scheme !== "file") throw new Error("save the spec first: pikc reads it from the disk");
  await document.save();
  const run = task("compile", document.uri);
  if (run !== undefined) await vscode.tasks.executeTask(run);
}

async function showOutputTree(server: Server, documents: Documents): Promise<void> {
  const params = { textDocument: { uri: spec().uri.toString() } };
  const { files } = await server.request<OutputTreeResult>(OUTPUT_TREE, params);
  if (files.length === 0) {
    void vscode.window.showInformationMessage("pikc: nothing is generated, because the spec has errors");
    return;
  }
  const chosen = await vscode.window.showQuickPick(treeItems(files), {
    placeHolder: `${files.length} generated files; nothing is written`,
    matchOnDescription: true,
  });
  if (chosen !== undefined) await documents.show(vscode.Uri.parse(chosen.uri, true));
}

async function showChanges(documents: Documents): Promise<void> {
  const { uri } = spec();
  const { changed } = await documents.changes(uri);
  if (changed === 0) {
    void vscode.window.showInformationMessage(changesSentence(changed));
    return;
  }
  const view = documents.changesUri(uri);
  await documents.show(view);
  documents.refresh(view);
  vscode.window.setStatusBarMessage(changesSentence(changed), 5000);
}

async function why(server: Server): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) throw new Error("place the cursor on a line first");
  const { document, selection } = editor;
  const position = { line: selection.active.line, character: selection.active.character };
  const params = { textDocument: { uri: document.uri.toString() }, position };
  const { locations, text } = await server.request<WhyResult>(WHY, params);
  if (text !== "") server.log.info(`${document.uri.path}:${position.line + 1}\n${text}`);
  if (locations.length === 0) {
    void vscode.window.showInformationMessage(text === "" ? "pikc: nothing is known about this line" : text);
    return;
  }
  const places = locations.map(
    ({ uri, range }) =>
      new vscode.Location(
        vscode.Uri.parse(uri, true),
        new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character),
      ),
  );
  await vscode.commands.executeCommand("editor.action.goToLocations", document.uri, selection.active, places, "peek", text);
}
