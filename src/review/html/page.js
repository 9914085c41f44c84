"use strict";
(() => {
  const all = (query, from = document) => [...from.querySelectorAll(query)];
  const byId = (id) => document.getElementById(id);
  const files = all("#files > details");
  const [search, hits, only, progress] = ["search", "hits", "unreviewed", "progress"].map(byId);
  document.querySelector(".tools").hidden = false;

  // What is folded is opened on the way to a place in it.
  const unfold = (place) => {
    for (let one = place; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
    place.scrollIntoView();
  };
  const follow = () => {
    let place = null;
    try { place = byId(decodeURIComponent(location.hash.slice(1))); } catch { return; }
    if (!place) return;
    // A filter must not hide what a link leads to.
    const file = place.closest("[data-out]");
    if (file) { search.value = ""; only.checked = false; show(); }
    unfold(place);
  };
  addEventListener("beforeprint", () => all("section > details").forEach((one) => { one.open = true; }));

  // Marks are kept by content: a recompile unmarks only what changed.
  const key = (one) => "pikc-reviewed-" + one.dataset.sum;
  const read = (one) => { try { return localStorage.getItem(key(one)) === "1"; } catch { return false; } };
  const keep = (one, on) => { try { if (on) localStorage.setItem(key(one), "1"); else localStorage.removeItem(key(one)); } catch { /* no storage: until the page is closed */ } };
  const isReviewed = (one) => one.classList.contains("reviewed");
  const texts = new Map();
  const text = (one) => {
    if (!texts.has(one)) texts.set(one, one.textContent.toLowerCase());
    return texts.get(one);
  };
  const show = () => {
    progress.textContent = files.filter(isReviewed).length + " of " + files.length + " files reviewed";
    const words = search.value.toLowerCase();
    let count = 0;
    for (const one of files) {
      const out = (words && !text(one).includes(words)) || (only.checked && isReviewed(one));
      if (out) one.dataset.out = ""; else { delete one.dataset.out; count++; }
    }
    hits.textContent = words || only.checked ? count + " of " + files.length + " files" : "";
  };
  for (const one of files) {
    const label = document.createElement("label");
    label.className = "mark";
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = read(one);
    one.classList.toggle("reviewed", box.checked);
    box.addEventListener("change", () => { keep(one, box.checked); one.classList.toggle("reviewed", box.checked); show(); });
    label.append(box, " reviewed");
    one.querySelector("summary").after(label);
  }
  search.addEventListener("input", show);
  only.addEventListener("change", show);

  // Lines that another file shows can be shown here, too.
  for (const one of all(".as")) {
    const button = document.createElement("button");
    button.textContent = "show here";
    button.addEventListener("click", () => {
      const link = one.lastElementChild.previousElementSibling;
      let from = byId(link.hash.slice(1));
      const lines = [];
      for (let left = parseInt(link.textContent.replace(/,/g, ""), 10); left > 0 && from; from = from.nextElementSibling) {
        const copy = from.cloneNode(true);
        copy.firstElementChild.remove();
        const more = copy.textContent.split("\n").slice(0, -1).slice(0, left);
        lines.push(...more);
        left -= more.length;
      }
      one.classList.remove("as");
      link.replaceWith(lines.join("\n") + "\n");
      button.remove();
    });
    one.append(button);
  }

  const seen = () => files.filter((one) => !("out" in one.dataset));
  const go = (one) => { const summary = one.querySelector("summary"); summary.focus(); summary.scrollIntoView({ block: "nearest" }); };
  // From the search to the first line that has the words.
  const first = () => {
    const words = search.value.toLowerCase();
    const one = seen()[0];
    if (!one || !words) return;
    go(one);
    const line = all("p", one).find((line) => line.textContent.toLowerCase().includes(words));
    if (line) unfold(line);
  };
  // Keys: / searches, j and k go from file to file, r marks the one that has the focus.
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === search) {
      if (event.key === "Escape") search.blur();
      // Otherwise the key would fold the file that has the focus then.
      if (event.key === "Enter") { event.preventDefault(); first(); }
      return;
    }
    const now = seen();
    const at = now.findIndex((one) => one.contains(document.activeElement));
    if (event.key === "/") { event.preventDefault(); search.focus(); search.select(); }
    if (event.key === "j" || event.key === "k") {
      const next = now[Math.max(0, Math.min(now.length - 1, at + (event.key === "j" ? 1 : -1)))];
      if (next) go(next);
    }
    if (event.key === "r" && at >= 0) {
      const next = now[at + 1];
      now[at].querySelector(".mark input").click();
      // With the filter on, the file is gone: the next one has the focus.
      if ("out" in now[at].dataset && next) go(next);
    }
  });
  show();
  addEventListener("hashchange", follow);
  follow();
})();
