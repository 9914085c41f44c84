// The extension's data: the manifest, the language configuration, the snippets and the problem matchers.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const manifest = JSON.parse(read("package.json"));
const language = JSON.parse(read("language-configuration.json"));

test("every command is registered, and every registered command is in the manifest", () => {
  const declared = manifest.contributes.commands.map(({ command }) => command).sort();
  const registered = [...read("src/commands.ts").matchAll(/\bcommand\("(\w+)"/g)].map((found) => `pikc.${found[1]}`).sort();
  assert.deepEqual(registered, declared);
  for (const entries of Object.values(manifest.contributes.menus)) {
    for (const { command } of entries) assert.ok(declared.includes(command), command);
  }
});

test("the server is told of every command of its own that the extension registers", () => {
  const told = JSON.parse(/COMMANDS = (\[.*?\])/.exec(read("src/protocol.ts"))[1]);
  const declared = manifest.contributes.commands.map(({ command }) => command);
  for (const command of told) assert.ok(declared.includes(command), command);
});

test("every setting that is read is in the manifest", () => {
  const declared = Object.keys(manifest.contributes.configuration.properties);
  const sources = ["client", "tasks", "documents", "commands"].map((name) => read(`src/${name}.ts`)).join("\n");
  const used = [...sources.matchAll(/settings\.get\("([\w.]+)"/g)].map((found) => `pikc.${found[1]}`);
  assert.deepEqual([...new Set(used)].sort(), declared.filter((name) => name !== "pikc.trace.server").sort());
});

test("the problem matchers read what `check --format github` prints", () => {
  const [problem, note] = manifest.contributes.problemMatchers.map(({ pattern }) => ({ ...pattern, regexp: new RegExp(pattern.regexp) }));
  const line =
    "::warning file=home/cluster.pik,line=3,endLine=3,col=12,endColumn=16,title=os/release-ended::`os` is old: 50%25%0Achoose another";
  const found = problem.regexp.exec(line);
  assert.ok(found);
  const part = (pattern, name, match) => match[pattern[name]];
  assert.equal(part(problem, "severity", found), "warning");
  assert.equal(part(problem, "file", found), "home/cluster.pik");
  assert.equal(part(problem, "line", found), "3");
  assert.equal(part(problem, "column", found), "12");
  assert.equal(part(problem, "endColumn", found), "16");
  assert.equal(part(problem, "code", found), "os/release-ended");
  assert.equal(part(problem, "message", found), "`os` is old: 50%25");
  const several = problem.regexp.exec("::error file=a.pik,line=3,endLine=5,title=node/twice::two nodes");
  assert.equal(part(problem, "endLine", several), "5");
  assert.equal(part(problem, "message", several), "two nodes");
  assert.equal(problem.regexp.exec("::notice file=a.pik,line=1,endLine=1,title=a/b::c"), null);
  const noted = note.regexp.exec("::notice file=a.pik,line=1,endLine=1,col=1,endColumn=2,title=a/b::c");
  assert.equal(part(note, "code", noted), "a/b");
  assert.equal(part(note, "message", noted), "c");
});

test("lines that open a block or a list indent the next one", () => {
  const more = new RegExp(language.indentationRules.increaseIndentPattern);
  const less = new RegExp(language.indentationRules.decreaseIndentPattern);
  for (const line of ["node a {", "  keys = [   # two", "\tnetwork {  "]) assert.match(line, more);
  for (const line of ["runtime crio {}", "# a {", "dns = [a, b]", "swap = off"]) assert.doesNotMatch(line, more);
  for (const line of ["}", "  ]", "  }, b"]) assert.match(line, less);
  for (const line of ["a = b }", "# }"]) assert.doesNotMatch(line, less);
});

test("a word is a bare word", () => {
  const words = "lan = 192.168.11.0/24, pass = secret:wifi # $lan".match(new RegExp(language.wordPattern, "g"));
  assert.deepEqual(words, ["lan", "192.168.11.0/24", "pass", "secret:wifi", "$lan"]);
});

test("snippets have placeholders and balanced braces", () => {
  for (const [name, { prefix, body }] of Object.entries(JSON.parse(read("snippets/pik.json")))) {
    const text = body.join("\n").replaceAll(/\$\{\d+[:|]([^}|]*)\|?\}/g, "$1").replaceAll("$0", "");
    assert.ok(prefix && /\$\{1/.test(body.join("\n")), name);
    assert.doesNotMatch(text, /\$\{?\d/, name);
    assert.equal(text.split("{").length, text.split("}").length, name);
  }
});

test("nothing that npm installed is shipped, and no host is pinned in the lock file", () => {
  const lock = JSON.parse(read("package-lock.json"));
  for (const [name, entry] of Object.entries(lock.packages)) assert.equal(entry.resolved, undefined, name);
  assert.deepEqual(manifest.files.slice(0, 2), ["dist", "snippets"]);
});
