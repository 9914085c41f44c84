// The commands of the palette.

import * as vscode from "vscode";

import type { Server } from "./client";
import type { Documents } from "./documents";
import { OUTPUT_TREE, type OutputTreeResult, type Position, type Range, WHY, type WhyResult } from "./protocol";
import { changesSentence, treeItems } from "./pure";
import { task } from "./tasks";

export function commands(server: Server, documents: Documents): vscode.Disposable[] {
  const command = (name: string, run: (...given: unknown[]) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(`pikc.${name}`, async (...given: unknown[]) => {
      try {
        await run(...given);
      } catch (error) {
        server.log.error(String(error));
        void vscode.window.showErrorMessage(`pikc: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
  return [
    command("restart", () => server.restart()),
    command("showLog", () => server.log.show()),
    command("compile", compile),
    command("showOutputTree", (document) => showOutputTree(server, documents, document)),
    command("showChanges", (document) => showChanges(documents, document)),
    command("why", (...place) => why(server, place)),
  ];
}

/** The spec that a code lens names, or the one in the active editor. A menu names a document, too: that of the editor. */
async function spec(named: unknown): Promise<vscode.TextDocument> {
  if (typeof named === "string") return vscode.workspace.openTextDocument(vscode.Uri.parse(named, true));
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== "pik") throw new Error("open a spec (*.pik) first");
  return document;
}

async function compile(named: unknown): Promise<void> {
  const document = await spec(named);
  if (document.uri.scheme !== "file") throw new Error("save the spec first: pikc reads it from the disk");
  await document.save();
  const run = task("compile", document.uri);
  if (run !== undefined) await vscode.tasks.executeTask(run);
}

async function showOutputTree(server: Server, documents: Documents, named: unknown): Promise<void> {
  const params = { textDocument: { uri: (await spec(named)).uri.toString() } };
  const { files } = await server.request<OutputTreeResult>(OUTPUT_TREE, params);
  if (files.length === 0) {
    void vscode.window.showInformationMessage("pikc: nothing is generated, because the spec has errors");
    return;
  }
  const chosen = await vscode.window.showQuickPick(treeItems(files), {
    placeHolder: `${files.length} generated files; nothing is written`,
  });
  if (chosen !== undefined) await documents.show(vscode.Uri.parse(chosen.uri, true));
}

async function showChanges(documents: Documents, named: unknown): Promise<void> {
  const { uri } = await spec(named);
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

/** A place to ask about: the document, a position, and for a code lens the range of its block. */
function asked(given: unknown[]): { uri: vscode.Uri; position: Position; range?: Range } {
  const [named, position, range] = given;
  if (typeof named === "string" && position !== undefined) {
    const place = { uri: vscode.Uri.parse(named, true), position: position as Position };
    return range === undefined ? place : { ...place, range: range as Range };
  }
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) throw new Error("place the cursor on a line first");
  const { line, character } = editor.selection.active;
  return { uri: editor.document.uri, position: { line, character } };
}

async function why(server: Server, given: unknown[]): Promise<void> {
  const { uri: document, position, range } = asked(given);
  const params = { textDocument: { uri: document.toString() }, position, range };
  const { locations, text } = await server.request<WhyResult>(WHY, params);
  if (text !== "") server.log.info(`${vscode.workspace.asRelativePath(document)}:${position.line + 1}\n${text}`);
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
  // The view sorts by name, so lists of checksums would come first; the log has them.
  const read = places.filter(({ uri }) => !/\/(class|node)\.list$/.test(uri.path));
  const shown = read.length > 0 ? read : places;
  const from = new vscode.Position(position.line, position.character);
  await vscode.commands.executeCommand("editor.action.goToLocations", document, from, shown, "peek", text);
}
