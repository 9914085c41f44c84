// The language server as a process: started when it is first needed, restarted by command or when its settings change.

import { homedir } from "node:os";
import * as vscode from "vscode";
import { LanguageClient, RevealOutputChannelOn } from "vscode-languageclient/node";

import { EXPLANATION_SCHEME, LIBRARY_SCHEME, OUTPUT_SCHEME, server, servesContent } from "./pure";
import { COMMANDS, CONTENT, type ContentResult } from "./protocol";

export class Server implements vscode.Disposable {
  readonly log = vscode.window.createOutputChannel("pikc", { log: true });
  private readonly watcher = vscode.workspace.createFileSystemWatcher("**/*.pik");
  private client: LanguageClient | undefined;
  private starting: Promise<void> | undefined;

  /** Starts the server, or waits until it has started. */
  async start(): Promise<void> {
    this.starting ??= this.launch();
    try {
      await this.starting;
    } catch (error) {
      this.starting = undefined;
      throw error;
    }
  }

  private async launch(): Promise<void> {
    const settings = vscode.workspace.getConfiguration("pikc");
    const workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    const { command, arguments: args } = server(settings.get("path"), settings.get("arguments"), workspace, homedir());
    const client = new LanguageClient(
      "pikc",
      "pikc",
      { command, args, options: workspace === undefined ? {} : { cwd: workspace } },
      {
        documentSelector: [
          { language: "pik", scheme: "file" },
          { language: "pik", scheme: "untitled" },
          { language: "pik", scheme: LIBRARY_SCHEME },
        ],
        outputChannel: this.log,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        initializationOptions: { outputFolder: settings.get("outputFolder"), commands: COMMANDS },
        synchronize: { configurationSection: "pikc", fileEvents: this.watcher },
      },
    );
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      this.client = undefined;
      await this.explain(command, error);
      throw error;
    }
  }

  private async explain(command: string, error: unknown): Promise<void> {
    this.log.error(String(error));
    const open = "Open the setting";
    const chosen = await vscode.window.showErrorMessage(
      `\`${command} lsp\` cannot be started. Install pikc, or set \`pikc.path\`. Colours and snippets work without it.`,
      open,
    );
    if (chosen === open) await vscode.commands.executeCommand("workbench.action.openSettings", "pikc.path");
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.starting = undefined;
    if (client?.needsStop()) await client.stop();
    await client?.dispose();
  }

  /** Sends a request, starting the server if need be. */
  async request<Result>(method: string, params: unknown, token?: vscode.CancellationToken): Promise<Result> {
    await this.start();
    if (this.client === undefined) throw new Error("the language server is not running");
    // With an `undefined` in the place of the token, the library would send a list of two parameters.
    return token === undefined ? this.client.sendRequest<Result>(method, params) : this.client.sendRequest<Result>(method, params, token);
  }

  /** The text of a read-only document, by the request of LSP 3.18 if the server has it. */
  async content(uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    await this.start();
    const standard = servesContent(this.client?.initializeResult?.capabilities, uri.scheme);
    const method = standard ? "workspace/textDocumentContent" : CONTENT;
    return (await this.request<ContentResult>(method, { uri: uri.toString() }, token)).text;
  }

  dispose(): void {
    void this.stop();
    this.watcher.dispose();
    this.log.dispose();
  }
}

/** Whether a document is one that the server generates. */
export function isGenerated(uri: vscode.Uri): boolean {
  return [EXPLANATION_SCHEME, LIBRARY_SCHEME, OUTPUT_SCHEME].includes(uri.scheme);
}
