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
const spec = readFileSync(new URL("../../../../examples/home-pi/cluster.pik", import.meta.url), "utf8");
writeFileSync(join(work, "home.pik"), spec);


const main = join(codeServer, "lib/vscode/out/server-main.js");
const common = ["--accept-server-license-terms", "--server-data-dir", data];
execFileSync(process.execPath, [main, ...common, "--install-extension", vsix], { stdio: ["ignore", "ignore", "ignore"] });
const options = ["--without-connection-token", "--host", "127.0.0.1", "--port", "0", "--telemetry-level", "off"];
const server = spawn(process.execPath, [main, ...common, ...options], { stdio: ["ignore", "pipe", "ignore"] });
let browser;
let page;
let passed = 0;
const check = (name) => {
  passed += 1;
  console.log(`ok - ${name}`);
};


/** Opens a file of the folder; a click alone would open it for a look. */
async function open(name) {
  await page.getByRole("treeitem", { name }).dblclick();
  await page.locator(".tab.active", { hasText: name }).waitFor();
}

/** Runs a command of the palette. */
async function run(title) {
  await page.keyboard.press("F1");
  const input = page.locator(".quick-input-widget input[type=text]").first();
  await input.fill(`>${title}`);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().waitFor();
  await page.keyboard.press("Enter");
}

/** Places the cursor on a line, counted from 1. */
async function go(number) {
  await page.keyboard.press("Control+G");
  await page.locator(".quick-input-widget input[type=text]").first().fill(`:${number}`);
  await page.keyboard.press("Enter");
}

/** The line of the spec that has these words. */
const line = (words) => spec.split("\n").findIndex((one) => one.includes(words)) + 1;

/** The text that is visible in the last of the editors. */
const text = async () => (await page.locator(".editor-group-container .view-lines").last().innerText()).replaceAll("\u00a0", " ");

/** Waits for a text in an editor. */
async function shows(words) {
  for (let tries = 0; tries < 300; tries += 1) {
    if ((await text()).includes(words)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no editor shows ${words}, but:\n${await text()}`);
}

async function diagnostics() {
  await open("cluster.pik");
  const errors = page.locator(".squiggly-error");
  await errors.first().waitFor({ state: "attached" });
  const before = await errors.count();
  assert.ok(before >= 2);
  check("mistakes are underlined");
  const colour = (word) =>
    page.locator(".view-line span span", { hasText: new RegExp(`^${word}$`) }).first().evaluate((span) => getComputedStyle(span).color);
  assert.notEqual(await colour("network"), await colour("lan"));
  check("blocks and settings have different colours");
  await page.screenshot({ path: picture });
  const menu = page.locator(".action-widget .monaco-list-row.action");
  await page.keyboard.press("F8");
  await page.locator(".zone-widget, .marker-widget").first().waitFor();
  // A window that is busy can say once that there are none.
  for (let tries = 0; tries < 10 && (await menu.count()) === 0; tries += 1) {
    await page.keyboard.press("Control+.");
    await menu.first().waitFor({ timeout: 3_000 }).catch(() => undefined);
  }
  await page.keyboard.press("Enter");
  await page.waitForFunction((count) => document.querySelectorAll(".squiggly-error").length < count, before);
  check("a quick fix removes a mistake");
  await run("View: Revert and Close Editor");
}

async function commands() {
  await open("home.pik");
  const lens = page.locator(".codelens-decoration a", { hasText: "why" }).first();
  await page.locator(".codelens-decoration", { hasText: "compile" }).first().waitFor();
  await lens.waitFor();
  check("lenses are above the cluster and its nodes");
  await lens.click();
  await page.locator(".peekview-widget", { hasText: "run.sh" }).first().waitFor();
  await page.keyboard.press("Escape");
  check("the lens of a node lists what it ends up in");

  await go(line("kubernetes = "));
  await run("pikc: Why is this line here");
  await page.locator(".peekview-widget", { hasText: "kubeadm" }).first().waitFor();
  await page.keyboard.press("Escape");
  check("a line of the spec leads to what is generated from it");

  await run("pikc: Show the generated tree");
  const input = page.locator(".quick-input-widget input[type=text]").first();
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "README.md" }).first().waitFor();
  await input.fill("nodes/node01/kubeadm.yaml");
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "kubeadm.yaml" }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".tab.active", { hasText: "kubeadm.yaml" }).waitFor();
  await shows("kind: InitConfiguration");
  check("a generated file opens as a document");

  const made = (await text()).split("\n").findIndex((one) => one.startsWith("kubernetesVersion")) + 1;
  assert.ok(made > 0);
  await go(made);
  await run("pikc: Why is this line here");
  await page.locator(".peekview-widget", { hasText: "home.pik" }).first().waitFor();
  await page.keyboard.press("Escape");
  check("a generated line leads to the spec");

  await page.locator(".tab", { hasText: "home.pik" }).first().click();
  await go(line("cluster home"));
  await page.keyboard.press("End");
  for (const key of ["ArrowLeft", "ArrowLeft", ..."home".split("").map(() => "Backspace")]) await page.keyboard.press(key);
  await page.keyboard.type("elsewhere");
  await shows("clusterName: elsewhere");
  check("a generated document follows what is typed");

  await run("pikc: What changes on save");
  await page.locator(".tab.active", { hasText: "home.pik.diff" }).waitFor();
  await shows("+++ ");
  check("what would change is shown as a diff");
  await page.screenshot({ path: picture.replace(/\.png$/, "-commands.png") });
}

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
  page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  page.setDefaultTimeout(60_000);
  await page.goto(`http://127.0.0.1:${port}/?folder=${work}`, { waitUntil: "domcontentloaded" });
  await page.getByRole("button", { name: "Yes, I trust the authors" }).click();
  await diagnostics();
  await commands();
} catch (error) {
  await page?.screenshot({ path: picture });
  console.log(`FAILED - ${String(error).split("\n").slice(0, 6).join(" ")}`);
  process.exitCode = 1;
} finally {
  await browser?.close();
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${process.exitCode ?? 0} failed`);
