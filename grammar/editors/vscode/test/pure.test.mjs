// What the extension decides without VS Code.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const folder = mkdtempSync(join(tmpdir(), "pikc-vscode-"));
after(() => rmSync(folder, { recursive: true }));
const outfile = join(folder, "pure.mjs");
await build({ entryPoints: ["src/pure.ts"], outfile, bundle: true, format: "esm", platform: "node" });
const pure = await import(pathToFileURL(outfile).href);

test("the server is `pikc lsp`, with the arguments of the settings", () => {
  assert.deepEqual(pure.server(undefined, undefined, undefined, "/home/me"), { command: "pikc", arguments: ["lsp"] });
  assert.deepEqual(pure.server("~/bin/pikc", ["--stdlib", "lib", 5], "/ws", "/home/me"), {
    command: "/home/me/bin/pikc",
    arguments: ["lsp", "--stdlib", "lib"],
  });
});

test("a name alone is never a file of the opened folder", () => {
  assert.equal(pure.program("pikc", "/ws", "/home/me"), "pikc");
  assert.equal(pure.program("  ", "/ws", "/home/me"), "pikc");
  assert.equal(pure.program("./pikc", "/ws", "/home/me"), "/ws/./pikc");
  assert.equal(pure.program("./pikc", undefined, "/home/me"), "./pikc");
  assert.equal(pure.program("${workspaceFolder}/bin/pikc", "/a$&b", "/home/me"), "/a$&b/bin/pikc");
});

test("the output folder is next to the spec", () => {
  assert.equal(pure.outputFolder(undefined, "/ws/home"), "/ws/home/out");
  assert.equal(pure.outputFolder("build/out", "/ws/home"), "/ws/home/build/out");
  assert.equal(pure.outputFolder("/srv/out", "/ws/home"), "/srv/out");
  assert.equal(pure.outputFolder("C:\\out", "C:\\work"), "C:\\out");
});

test("tasks run check and compile, and nothing else", () => {
  assert.deepEqual(pure.taskArguments("check", "/a.pik", "/out"), ["check", "--format", "github", "/a.pik"]);
  assert.deepEqual(pure.taskArguments("compile", "/a.pik", "/out"), ["compile", "/a.pik", "-o", "/out"]);
  assert.deepEqual(pure.taskArguments("check", "-x.pik", "/out"), ["check", "--format", "github", "./-x.pik"]);
  assert.equal(pure.taskArguments("rm", "/a.pik", "/out"), undefined);
});

test("generated files are listed as a tree", () => {
  const files = ["nodes/node10/run.sh", "pikc.json", "nodes/node2/run.sh", "nodes/node2/files/etc/hosts", "README.md"].map((path) => ({
    path,
    uri: `pikc-out:/${path}`,
  }));
  assert.deepEqual(
    pure.treeItems(files).map(({ label }) => label),
    ["pikc.json", "README.md", "nodes/node2/run.sh", "nodes/node2/files/etc/hosts", "nodes/node10/run.sh"],
  );
  assert.equal(pure.comparePaths("a/b", "a/b"), 0);
});

test("changes are counted in words", () => {
  assert.match(pure.changesSentence(0), /nothing changes/);
  assert.equal(pure.changesSentence(1), "pikc: 1 file changes");
  assert.equal(pure.changesSentence(3), "pikc: 3 files change");
});

test("files without a telling name get a language", () => {
  assert.equal(pure.languageOf("/nodes/a/cloud-init/user-data"), "yaml");
  assert.equal(pure.languageOf("/files/etc/systemd/system/pikc.service"), "ini");
  assert.equal(pure.languageOf("/run.sh"), undefined);
});

test("the request of LSP 3.18 is used only if the server has it", () => {
  const capabilities = { workspace: { textDocumentContent: { schemes: ["pikc-lib"] } } };
  assert.equal(pure.servesContent(capabilities, "pikc-lib"), true);
  assert.equal(pure.servesContent(capabilities, "pikc-out"), false);
  assert.equal(pure.servesContent({ workspace: {} }, "pikc-lib"), false);
  assert.equal(pure.servesContent(undefined, "pikc-lib"), false);
});
