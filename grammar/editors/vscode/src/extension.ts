// The VS Code extension of pikc: a client of `pikc lsp`, commands, tasks, and read-only documents.

import * as vscode from "vscode";

import { Server, isGenerated } from "./client";
import { commands } from "./commands";
import { Documents } from "./documents";
import { taskProvider } from "./tasks";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  server = new Server();
  const running = server;
  const documents = new Documents(running);
  context.subscriptions.push(
    running,
    documents,
    ...commands(running, documents),
    vscode.tasks.registerTaskProvider("pikc", taskProvider),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("pikc.path") || event.affectsConfiguration("pikc.arguments")) await running.restart();
    }),
  );
  // A failure has been explained; everything else keeps working, and the next request tries again.
  await running.start().catch(() => undefined);
  for (const { uri } of vscode.workspace.textDocuments) if (isGenerated(uri)) documents.refresh(uri);
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
