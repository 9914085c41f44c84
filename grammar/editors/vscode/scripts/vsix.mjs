// What a packed extension contains: `node scripts/vsix.mjs FILE.vsix`. Reads the list of files at the end of the archive.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const bytes = readFileSync(process.argv[2]);
const names = [];
for (let at = bytes.indexOf("PK\x01\x02", 0, "latin1"); at >= 0; at = bytes.indexOf("PK\x01\x02", at + 46, "latin1")) {
  names.push(bytes.toString("utf8", at + 46, at + 46 + bytes.readUInt16LE(at + 28)));
}
assert.deepEqual(
  names.map((name) => name.toLowerCase()).sort(),
  [
    "[content_types].xml",
    "extension.vsixmanifest",
    "extension/changelog.md",
    "extension/dist/extension.js",
    "extension/dist/icon.png",
    "extension/dist/pik.tmlanguage.json",
    "extension/language-configuration.json",
    "extension/license.txt",
    "extension/package.json",
    "extension/readme.md",
    "extension/snippets/pik.json",
  ],
);
assert.ok(bytes.length < 300_000, `${bytes.length} bytes`);
console.log("1 passed, 0 failed");
