// Tasks `check` and `compile` for each spec in an editor, with problem matchers for what `check --format github` prints.

import { homedir } from "node:os";
import * as vscode from "vscode";

import { outputFolder, program, taskArguments } from "./pure";

/** A task on one spec, run in the spec's folder. */
export function task(command: string, uri: vscode.Uri, definition?: vscode.TaskDefinition): vscode.Task | undefined {
  const workspace = vscode.workspace.getWorkspaceFolder(uri);
  const settings = vscode.workspace.getConfiguration("pikc", uri);
  const folder = vscode.Uri.joinPath(uri, "..").fsPath;
  const output: unknown = definition?.["output"] ?? settings.get("outputFolder");
  const args = taskArguments(command, uri.fsPath, outputFolder(output, folder));
  if (args === undefined) return undefined;
  const pikc = program(settings.get("path"), workspace?.uri.fsPath, homedir());
  const name = vscode.workspace.asRelativePath(uri);
  const made = new vscode.Task(
    definition ?? { type: "pikc", command, spec: name },
    workspace ?? vscode.TaskScope.Workspace,
    `${command} ${name}`,
    "pikc",
    new vscode.ProcessExecution(pikc, args, { cwd: workspace?.uri.fsPath ?? folder }),
    command === "check" ? ["$pikc", "$pikc-note"] : [],
  );
  made.group = vscode.TaskGroup.Build;
  made.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
  return made;
}

export const taskProvider: vscode.TaskProvider = {
  provideTasks() {
    return vscode.workspace.textDocuments
      .filter(({ languageId, uri }) => languageId === "pik" && uri.scheme === "file")
      .flatMap(({ uri }) => ["check", "compile"].map((command) => task(command, uri)))
      .filter((made) => made !== undefined);
  },
  resolveTask({ definition, scope }) {
    const folder = typeof scope === "object" ? scope : vscode.workspace.workspaceFolders?.[0];
    const { command, spec } = definition;
    if (folder === undefined || typeof command !== "string" || typeof spec !== "string") return undefined;
    return task(command, vscode.Uri.joinPath(folder.uri, spec), definition);
  },
};
