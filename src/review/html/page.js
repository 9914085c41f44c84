"use strict";
(() => {
  const all = (query, from = document) => [...from.querySelectorAll(query)];
  const files = all("details.file");
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const only = document.getElementById("unreviewed");
  const progress = document.getElementById("progress");
  document.querySelector(".tools").hidden = false;

  // What is folded is opened on the way to a place in it.
  const open = () => {
    let place = null;
    try { place = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { return; }
    if (!place) return;
    for (let one = place; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
    place.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
  addEventListener("beforeprint", () => all("details.file, details.table, details.change").forEach((one) => { one.open = true; }));

  // Marks are kept by content: a recompile unmarks only what changed.
  const key = (sum) => "pikc-reviewed-" + sum;
  const read = (sum) => { try { return localStorage.getItem(key(sum)) === "1"; } catch { return false; } };
  const keep = (sum, on) => { try { if (on) localStorage.setItem(key(sum), "1"); else localStorage.removeItem(key(sum)); } catch { /* no storage: until the page is closed */ } };
  const show = () => {
    const done = files.filter((one) => one.classList.contains("reviewed")).length;
    progress.textContent = done + " of " + files.length + " files reviewed";
    const words = search.value.toLowerCase();
    let count = 0;
    for (const one of files) {
      const hit = !words || one.textContent.toLowerCase().includes(words);
      const out = !hit || (only.checked && one.classList.contains("reviewed"));
      if (out) one.dataset.out = ""; else { delete one.dataset.out; count++; }
    }
    found.textContent = words || only.checked ? count + " of " + files.length + " files" : "";
  };
  for (const one of files) {
    const label = document.createElement("label");
    label.className = "mark";
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = read(one.dataset.sum);
    one.classList.toggle("reviewed", box.checked);
    box.addEventListener("change", () => { keep(one.dataset.sum, box.checked); one.classList.toggle("reviewed", box.checked); show(); });
    label.append(box, " reviewed");
    one.querySelector("summary").after(label);
  }
  search.addEventListener("input", show);
  only.addEventListener("change", show);

  // Keys: / searches, j and k go from file to file, r marks the one that has the focus.
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input")) { if (event.key === "Escape") event.target.blur(); return; }
    const seen = files.filter((one) => !("out" in one.dataset));
    const at = seen.findIndex((one) => one.contains(document.activeElement));
    if (event.key === "/") { event.preventDefault(); search.focus(); }
    if (event.key === "j" || event.key === "k") {
      const next = seen[Math.max(0, Math.min(seen.length - 1, at + (event.key === "j" ? 1 : -1)))];
      if (next) next.querySelector("summary").focus();
    }
    if (event.key === "r" && at >= 0) seen[at].querySelector(".mark input").click();
  });
  show();
})();
