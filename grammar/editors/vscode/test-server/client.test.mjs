// Drives `pikc lsp` (the program is $PIKC) with the libraries that VS Code's client is made of: vscode-jsonrpc and
// vscode-languageserver-protocol, in the order in which VS Code sends its messages, and the requests of ../../PROTOCOL.md.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import protocol from "vscode-languageserver-protocol/node";

const { createProtocolConnection, StreamMessageReader, StreamMessageWriter } = protocol;
const example = readFileSync(new URL("../../../../examples/home-pi/cluster.pik", import.meta.url), "utf8");
const folder = mkdtempSync(join(tmpdir(), "pikc-client-"));
const file = join(folder, "cluster.pik");
const uri = pathToFileURL(file).href;
const textDocument = { uri };
const published = new Map();
let server;
let connection;
let capabilities;
let version = 1;

/** Waits for diagnostics of the document that pass a test, or fails with the last ones. */
async function diagnostics(fine) {
  for (let tries = 0; tries < 400; tries += 1) {
    const found = published.get(uri);
    if (found !== undefined && fine(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never published; last: ${JSON.stringify(published.get(uri))}`);
}

/** Replaces one piece of the text by another, as an editor does: only the range is sent. */
async function change(text, from, to) {
  const at = text.indexOf(from);
  assert.ok(at >= 0, from);
  const position = (offset) => {
    const lines = text.slice(0, offset).split("\n");
    return { line: lines.length - 1, character: lines.at(-1).length };
  };
  version += 1;
  await connection.sendNotification("textDocument/didChange", {
    textDocument: { uri, version },
    contentChanges: [{ range: { start: position(at), end: position(at + from.length) }, text: to }],
  });
  return text.replace(from, () => to);
}

before(async () => {
  writeFileSync(file, example);
  server = spawn(process.env.PIKC ?? "pikc", ["lsp"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  connection = createProtocolConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
  connection.onNotification("textDocument/publishDiagnostics", (params) => published.set(params.uri, params.diagnostics));
  // What VS Code answers to requests of a server.
  connection.onRequest("client/registerCapability", () => null);
  connection.onRequest("window/workDoneProgress/create", () => null);
  connection.onRequest("workspace/configuration", ({ items }) => items.map(() => null));
  for (const refresh of ["semanticTokens", "inlayHint", "codeLens", "diagnostics"]) connection.onRequest(`workspace/${refresh}/refresh`, () => null);
  connection.onRequest("workspace/textDocumentContent/refresh", () => null);
  connection.listen();
  ({ capabilities } = await connection.sendRequest("initialize", {
    processId: process.pid,
    clientInfo: { name: "pikc's test" },
    rootUri: pathToFileURL(folder).href,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "test" }],
    initializationOptions: { outputFolder: "out", commands: ["pikc.showChanges", "pikc.showOutputTree"] },
    capabilities: {
      general: { positionEncodings: ["utf-16"] },
      textDocument: {
        publishDiagnostics: { relatedInformation: true, versionSupport: true, tagSupport: { valueSet: [1, 2] }, codeDescriptionSupport: true },
        codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix", "refactor", "source"] } } },
      },
      workspace: { workspaceEdit: { documentChanges: true }, textDocumentContent: { dynamicRegistration: true } },
    },
  }));
  await connection.sendNotification("initialized", {});
  await connection.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId: "pik", version, text: example } });
});

after(async () => {
  await connection.sendRequest("shutdown");
  const ended = new Promise((resolve) => server.once("exit", resolve));
  await connection.sendNotification("exit");
  assert.equal(await ended, 0, "the server ends with status 0 after shutdown and exit");
  connection.dispose();
  rmSync(folder, { recursive: true });
});

test("positions are counted in UTF-16, and changes are sent as ranges", () => {
  assert.ok([undefined, "utf-16"].includes(capabilities.positionEncoding));
  const sync = capabilities.textDocumentSync;
  assert.equal(sync.change ?? sync, 2);
});

test("a mistake is reported while it is typed, and gone when it is corrected", async () => {
  await diagnostics((found) => found.every(({ severity }) => severity !== 1));
  let text = await change(example, "swap    = on", "swap    = onn");
  const [found] = await diagnostics((all) => all.some(({ code }) => code === "value/not-a-choice"));
  assert.equal(found.severity, 1);
  assert.match(found.message, /onn/);
  assert.equal(found.range.end.character - found.range.start.character, 3);
  assert.equal(text.split("\n")[found.range.start.line].slice(found.range.start.character, found.range.end.character), "onn");
  text = await change(text, "swap    = onn", "swap    = on");
  assert.equal(text, example);
  await diagnostics((all) => all.every(({ severity }) => severity !== 1));
});

test("the generated tree is listed, and each file can be read", async () => {
  const { files } = await connection.sendRequest("pikc/outputTree", { textDocument });
  const paths = files.map(({ path }) => path);
  assert.ok(paths.includes("README.md") && paths.includes("nodes/node01/kubeadm.yaml"), paths.join(" "));
  const { uri: address } = files.find(({ path }) => path === "nodes/node01/kubeadm.yaml");
  assert.match(address, /^pikc-out:/);
  const { text } = await connection.sendRequest("pikc/textDocumentContent", { uri: address });
  assert.match(text, /kind: InitConfiguration/);
  const standard = await connection.sendRequest("workspace/textDocumentContent", { uri: address });
  assert.equal(standard.text, text);
});

test("the library is served under the capability of LSP 3.18", async () => {
  assert.deepEqual([...capabilities.workspace.textDocumentContent.schemes].sort(), ["pikc-explain", "pikc-lib", "pikc-out"]);
  await assert.rejects(connection.sendRequest("pikc/textDocumentContent", { uri: "pikc-lib:/no/such.pik" }), { code: -32602 });
  await assert.rejects(connection.sendRequest("pikc/textDocumentContent", { uri: "file:///etc/passwd" }), { code: -32602 });
});

test("a generated line leads to the spec, and a line of the spec to what is generated", async () => {
  const { files } = await connection.sendRequest("pikc/outputTree", { textDocument });
  const { uri: address } = files.find(({ path }) => path === "nodes/node01/kubeadm.yaml");
  const { text } = await connection.sendRequest("pikc/textDocumentContent", { uri: address });
  const line = text.split("\n").findIndex((words) => words.includes("kubernetesVersion"));
  const why = await connection.sendRequest("pikc/why", { textDocument: { uri: address }, position: { line, character: 0 } });
  assert.ok(why.locations.some((place) => place.uri === uri), JSON.stringify(why));
  assert.notEqual(why.text, "");
  const version = example.split("\n").findIndex((words) => words.includes("kubernetes = "));
  const back = await connection.sendRequest("pikc/why", { textDocument, position: { line: version, character: 4 } });
  assert.ok(back.locations.some((place) => place.uri.startsWith("pikc-out:")), JSON.stringify(back).slice(0, 500));
});

test("a code is explained in a document", async () => {
  const { text } = await connection.sendRequest("workspace/textDocumentContent", { uri: "pikc-explain:/node/little-left.md" });
  assert.match(text, /^`node\/little-left`/);
  const links = await connection.sendRequest("textDocument/documentLink", { textDocument });
  assert.ok(links.some(({ target }) => target === "pikc-explain:/node/little-left.md"), JSON.stringify(links));
});

test("what a compile changes is a unified diff", async () => {
  const { text, changed } = await connection.sendRequest("pikc/changes", { textDocument });
  assert.ok(changed > 10);
  assert.match(text, /^\+\+\+ /m);
});

test("what the editor has no command for is run by the server, and shown", async () => {
  assert.deepEqual(capabilities.executeCommandProvider.commands, ["pikc.compile", "pikc.why"]);
  const shown = new Promise((resolve) => connection.onNotification("window/showMessage", resolve));
  const { text } = await connection.sendRequest("workspace/executeCommand", { command: "pikc.compile", arguments: [uri] });
  assert.match(text, /^created /m);
  assert.match((await shown).message, /next: read /);
  const { changed } = await connection.sendRequest("pikc/changes", { textDocument });
  assert.equal(changed, 0);
});
