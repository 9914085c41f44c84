// What a reviewer does: searches, goes through the files by keys, marks what was read, and comes back after a recompile.

import assert from "node:assert/strict";

/** The numbers of the files that match. */
const numbers = (window, which) => window.locator(`#files > details${which}`).evaluateAll((all) => all.map((one) => Number(one.id.slice(1))));
const seen = (window) => numbers(window, ":not([data-out])");

/** The lines of a file as the data has them; at the first node, what differs. */
function lines(data, file) {
  const value = (line) => data.tables[file.table].columns[line.column].values[0];
  const line = (one) => (typeof one === "string" ? one : "hidden" in one ? null : one.before + value(one) + one.after);
  return file.runs.flatMap((run) => run.lines.map(line));
}

/** As the page writes characters that are not seen. */
const shown = (text) => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, (c) => `⟨U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

/** The page as the browser's parser understood it has every line of the data. */
export async function complete(window, data) {
  const files = await window.evaluate(() => [...document.querySelectorAll("#files > details")].map((file) => [...file.querySelectorAll("p[id]")].map((line) => {
    const [first, ...links] = line.querySelectorAll(":scope > a, :scope > b");
    const from = Number(line.id.split("-")[1]);
    if (line.className === "as") return { from, there: links[0].hash.slice(1), count: parseInt(links[0].textContent.replace(/,/g, ""), 10) };
    first.remove();
    // Lines that are not shown are counted.
    for (const one of line.querySelectorAll("i")) {
      const many = /^\(([0-9,]+) lines: /.exec(one.textContent);
      if (many) one.textContent = Array(Number(many[1].replace(/,/g, ""))).fill("(not shown)").join("\n");
    }
    return { from, lines: line.textContent.split("\n").slice(0, -1) };
  })));
  const texts = files.map((parts) => new Map(parts.flatMap((part) => (part.lines ?? []).map((line, at) => [part.from + at, line]))));
  data.files.forEach((file, number) => {
    const found = files[number].flatMap((part) => {
      if (part.lines) return part.lines;
      const [, there, line] = /^f(\d+)-(\d+)$/.exec(part.there);
      return Array.from({ length: part.count }, (_, at) => texts[there].get(Number(line) + at));
    });
    const wanted = lines(data, file);
    assert.equal(found.length, wanted.length, file.title);
    wanted.forEach((line, at) => (line === null ? assert.match(found[at], /^\(/) : assert.equal(found[at], shown(line), `${file.title}:${at + 1}`)));
  });
}

export async function search(window, data) {
  const words = "needs_reboot";
  const has = (number) => lines(data, data.files[number]).some((line) => line?.includes(words));
  await window.keyboard.press("/");
  await window.keyboard.type(words.toUpperCase());
  const found = await seen(window);
  assert.ok(found.length > 1 && found.length < data.files.length / 2);
  assert.ok(found.every(has), `${found}`);
  assert.equal(await window.locator("#hits").textContent(), `${found.length} of ${data.files.length} files`);
  await window.keyboard.press("Enter");
  const open = window.locator("#files > details[open]");
  assert.equal(await open.count(), 1);
  assert.equal(await open.getAttribute("id"), `f${found[0]}`);
  // A link to a file that is filtered out shows it nevertheless.
  const out = await window.locator("#files > details[data-out]").first().getAttribute("id");
  await window.evaluate((id) => { location.hash = id; }, out);
  await window.locator(`#${out}`).waitFor({ state: "visible" });
  assert.equal((await seen(window)).length, data.files.length);
}

export async function keys(window) {
  const focused = () => window.evaluate(() => document.activeElement.closest("#files > details")?.id);
  const press = async (key) => { await window.keyboard.press(key); return focused(); };
  assert.equal(await press("j"), "f0");
  assert.equal(await press("j"), "f1");
  assert.equal(await press("k"), "f0");
  assert.equal(await press("k"), "f0");
  assert.equal(await press("r"), "f0");
  assert.match(await window.locator("#progress").textContent(), /^1 of /);
  await window.locator("#unreviewed").check();
  assert.ok(await window.locator("#f0").isHidden());
  assert.equal(await window.locator("#files > details:not([data-out])").count(), (await window.locator("#files > details").count()) - 1);
  await window.locator("#unreviewed").blur();
  assert.equal(await press("j"), "f1");
  assert.equal(await press("r"), "f2", "the next one has the focus");
  await window.keyboard.press("/");
  assert.equal(await window.evaluate(() => document.activeElement.id), "search");
  await window.keyboard.type("rjk");
  assert.equal(await window.locator("#search").inputValue(), "rjk", "keys are letters there");
  await window.keyboard.press("Escape");
  assert.notEqual(await window.evaluate(() => document.activeElement.id), "search");
}

export async function here(window, data) {
  const line = window.locator(".as").first();
  const id = await line.getAttribute("id");
  const [, number, first] = /^f(\d+)-(\d+)$/.exec(id);
  await window.locator(`#f${number} > summary`).click();
  const count = parseInt(await line.locator("a").nth(1).textContent(), 10);
  await line.getByRole("button").click();
  const text = await window.locator(`#${id}`).evaluate((line) => { line.firstElementChild.remove(); return line.textContent; });
  const wanted = lines(data, data.files[number]).slice(first - 1, Number(first) - 1 + count);
  assert.equal(text, wanted.join("\n") + "\n");
}

/** What a mark is for: the name, the mode and the content. */
const content = (data, file) => JSON.stringify([file.title, file.mode, lines(data, file)]);

export async function marks(window, page) {
  const before = page.data;
  const all = before.files.length;
  await window.evaluate(() => document.querySelectorAll(".mark input").forEach((box) => box.click()));
  assert.equal(await window.locator("#progress").textContent(), `${all} of ${all} files reviewed`);
  await window.reload();
  assert.equal(await window.locator("#progress").textContent(), `${all} of ${all} files reviewed`, "marks stay");
  const old = page.spec;
  try {
    page.write(old.replace("time.google.com", "time.example.org"));
    await window.reload();
    const unmarked = await numbers(window, ":not(.reviewed)");
    const known = new Set(before.files.map((file) => content(before, file)));
    const changed = page.data.files.flatMap((file, number) => (known.has(content(page.data, file)) ? [] : [number]));
    assert.ok(changed.length > 0 && changed.length < all / 3, `${changed.length} of ${all}`);
    assert.deepEqual(unmarked, changed);
  } finally {
    page.write(old);
  }
}
