// The packed extension in a real VS Code: the server part of it from the npm package code-server, its window in Chromium without a display.
// usage: node test-editor/editor.mjs CODE-SERVER PLAYWRIGHT EXTENSION.vsix PIKC PICTURE.png

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [codeServer, playwright, vsix, pikc, picture] = process.argv.slice(2);
const { chromium } = await import(pathToFileURL(join(playwright, "index.mjs")).href);
const folder = mkdtempSync(join(tmpdir(), "pikc-vscode-"));
const data = join(folder, "data");
const work = join(folder, "work");
mkdirSync(join(data, "data/Machine"), { recursive: true });
mkdirSync(work);
writeFileSync(
  join(data, "data/Machine/settings.json"),
  JSON.stringify({ "pikc.path": pikc, "workbench.startupEditor": "none" }),
);
writeFileSync(join(work, "cluster.pik"), readFileSync(new URL("../../screenshots/cluster.pik", import.meta.url)));

const main = join(codeServer, "lib/vscode/out/server-main.js");
const common = ["--accept-server-license-terms", "--server-data-dir", data];
execFileSync(process.execPath, [main, ...common, "--install-extension", vsix], { stdio: ["ignore", "ignore", "ignore"] });
const options = ["--without-connection-token", "--host", "127.0.0.1", "--port", "0", "--telemetry-level", "off"];
const server = spawn(process.execPath, [main, ...common, ...options], { stdio: ["ignore", "pipe", "ignore"] });
let browser;
let passed = 0;
const check = (name) => {
  passed += 1;
  console.log(`ok - ${name}`);
};

try {
  const port = await new Promise((resolve, reject) => {
    let text = "";
    server.once("exit", () => reject(new Error("the server of VS Code ended")));
    server.stdout.on("data", (more) => {
      text += more;
      const found = /listening on (\d+)/.exec(text);
      if (found) resolve(found[1]);
    });
  });
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  page.setDefaultTimeout(60_000);
  await page.goto(`http://127.0.0.1:${port}/?folder=${work}`, { waitUntil: "domcontentloaded" });
  await page.getByRole("button", { name: "Yes, I trust the authors" }).click();
  await page.getByRole("treeitem", { name: "cluster.pik" }).dblclick();
  await page.locator(".squiggly-error").first().waitFor({ state: "attached" });
  assert.ok((await page.locator(".squiggly-error").count()) >= 2);
  check("mistakes are underlined");
  const colour = (text) =>
    page.locator(".view-line span span", { hasText: new RegExp(`^${text}$`) }).first().evaluate((span) => getComputedStyle(span).color);
  assert.notEqual(await colour("network"), await colour("lan"));
  check("blocks and settings have different colours");
  await page.screenshot({ path: picture });
} catch (error) {
  console.log(`FAILED - ${String(error).split("\n").slice(0, 6).join(" ")}`);
  process.exitCode = 1;
} finally {
  await browser?.close();
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${process.exitCode ?? 0} failed`);
