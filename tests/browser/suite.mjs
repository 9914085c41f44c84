// The review page in a browser. usage: node suite.mjs PIKC NODE_MODULES FOLDER; writes FOLDER/figures.json and FOLDER/*.png

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import * as checks from "./checks.mjs";
import * as reading from "./reading.mjs";
import { all } from "./pages.mjs";

const [pikc, modules, folder] = process.argv.slice(2);
const { chromium } = await import(pathToFileURL(join(modules, "playwright-core/index.mjs")).href);
const axe = readFileSync(join(modules, "axe-core/axe.min.js"), "utf8");
mkdirSync(folder, { recursive: true });

let passed = 0;
let failed = 0;
async function check(name, run) {
  try {
    await run();
    passed += 1;
    console.log(`ok - ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok - ${name}\n${error.stack}`);
  }
}

const pages = all(pikc, join(folder, "pages"));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });

/** Runs with a page in a window of its own; afterwards nothing may have been loaded, said or asked by it. */
async function open(page, options, run) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const said = [];
  try {
    const window = await context.newPage();
    window.setDefaultTimeout(60_000);
    window.on("console", (message) => said.push(`console: ${message.text()}`));
    window.on("pageerror", (error) => said.push(`error: ${error.message}`));
    window.on("dialog", (dialog) => { said.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    window.on("request", (request) => { if (request.url().split("#")[0] !== page.url) said.push(`request: ${request.url()}`); });
    await window.goto(page.url);
    await run(window);
  } finally {
    await context.close();
  }
  if (said.length) throw new Error(said.join("\n"));
}

const figures = {};
try {
  for (const [name, page] of Object.entries(pages)) {
    for (const colorScheme of ["light", "dark"]) {
      await check(`${name}: no finding of axe, ${colorScheme}`, () =>
        open(page, { colorScheme }, (window) => checks.accessible(window, axe, !["office", "hundred", "thousand"].includes(name))));
    }
    for (const width of [320, 768, 1440]) {
      await check(`${name}: fits ${width} pixels`, () =>
        open(page, { viewport: { width, height: 900 } }, checks.fits));
    }
    await check(`${name}: every line is there`, () => open(page, {}, (window) => reading.complete(window, page.data)));
    await check(`${name}: words stay words`, () => open(page, {}, checks.inert));
    await check(`${name}: the first paint is measured`, () =>
      open(page, {}, async (window) => { figures[name] = { bytes: page.size, paint: await checks.paint(window) }; }));
  }
  for (const name of ["home", "thousand", "hostile"]) {
    await check(`${name}: links lead both ways`, () => open(pages[name], {}, (window) => checks.bothWays(window, pages[name].data)));
    await check(`${name}: without script, too`, () =>
      open(pages[name], { javaScriptEnabled: false }, (window) => checks.withoutScript(window, pages[name].data)));
  }
  await check("search finds the files that have the words", () => open(pages.home, {}, (window) => reading.search(window, pages.home.data)));
  await check("keys go from file to file and mark", () => open(pages.home, {}, (window) => reading.keys(window)));
  await check("what another file shows can be shown here", () => open(pages.home, {}, (window) => reading.here(window, pages.home.data)));
  await check("marks stay for files that stay", () => open(pages.home, {}, (window) => reading.marks(window, pages.home)));
  for (const name of ["changed", "thousand"]) {
    await check(`${name}: prints all of its lines`, () => open(pages[name], {}, checks.prints));
    await check(`${name}: prints without script`, () => open(pages[name], { javaScriptEnabled: false }, checks.prints));
  }
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [320, 768, 1440]) {
      await open(pages.changed, { colorScheme, viewport: { width, height: 900 } }, (window) =>
        window.screenshot({ path: join(folder, `changed-${width}-${colorScheme}.png`) }));
    }
  }
} finally {
  await browser.close();
}
writeFileSync(join(folder, "figures.json"), JSON.stringify(figures, null, 2) + "\n");
for (const [name, { bytes, paint }] of Object.entries(figures)) console.log(`${name}: ${bytes} bytes, first paint after ${paint} ms`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
