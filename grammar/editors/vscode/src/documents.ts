// Read-only documents: generated files (`pikc-out:`), the embedded standard library (`pikc-lib:`), explanations of codes (`pikc-explain:`)
// and differences (`pikc-changes:`).

import * as vscode from "vscode";

import type { Server } from "./client";
import { CHANGES, type ChangesResult } from "./protocol";
import { CHANGES_SCHEME, EXPLANATION_SCHEME, LIBRARY_SCHEME, OUTPUT_SCHEME, changesSentence, languageOf } from "./pure";

/** How long after the last key generated documents are read again. */
const PAUSE = 400;

/** Shows what the server has; open documents follow the spec while it is edited. */
export class Documents implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly parts: vscode.Disposable[];
  private pause: NodeJS.Timeout | undefined;

  constructor(private readonly server: Server) {
    this.parts = [
      this.changed,
      ...[OUTPUT_SCHEME, LIBRARY_SCHEME, EXPLANATION_SCHEME, CHANGES_SCHEME].map((scheme) =>
        vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      ),
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document.languageId === "pik" && event.document.uri.scheme !== LIBRARY_SCHEME) this.follow();
      }),
    ];
  }

  async provideTextDocumentContent(uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    if (uri.scheme !== CHANGES_SCHEME) return this.server.content(uri, token);
    const { text, changed } = await this.changes(vscode.Uri.parse(uri.query, true), token);
    return text === "" ? `${changesSentence(changed)}\n` : text;
  }

  async changes(spec: vscode.Uri, token?: vscode.CancellationToken): Promise<ChangesResult> {
    return this.server.request<ChangesResult>(CHANGES, { textDocument: { uri: spec.toString() } }, token);
  }

  /** Opens a document that the server has, in the language that its name stands for. */
  async show(uri: vscode.Uri, column = vscode.ViewColumn.Beside): Promise<vscode.TextEditor> {
    let document = await vscode.workspace.openTextDocument(uri);
    const language = uri.scheme === CHANGES_SCHEME ? "diff" : languageOf(uri.path);
    if (language !== undefined && document.languageId !== language) {
      document = await vscode.languages.setTextDocumentLanguage(document, language);
    }
    return vscode.window.showTextDocument(document, { viewColumn: column, preview: true, preserveFocus: false });
  }

  /** The document of differences of a spec. */
  changesUri(spec: vscode.Uri): vscode.Uri {
    return vscode.Uri.from({ scheme: CHANGES_SCHEME, path: `${spec.path}.diff`, query: spec.toString() });
  }

  refresh(uri: vscode.Uri): void {
    this.changed.fire(uri);
  }

  private follow(): void {
    clearTimeout(this.pause);
    this.pause = setTimeout(() => {
      for (const { uri } of vscode.workspace.textDocuments) {
        if (uri.scheme === OUTPUT_SCHEME || uri.scheme === CHANGES_SCHEME) this.changed.fire(uri);
      }
    }, PAUSE);
  }

  dispose(): void {
    clearTimeout(this.pause);
    for (const part of this.parts) part.dispose();
  }
}
