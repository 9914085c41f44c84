// The pages that the suite reads: made by pikc from the examples, from a thousand machines, and from a spec with hostile words.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const secret = { PIKC_SECRET_WIFI: "correct-horse-4711" };

/** A spec's page and the same as data, in a folder of its own. */
export class Page {
  constructor(pikc, folder, name, spec, files = {}, file = "cluster.pik") {
    this.folder = join(folder, name);
    Object.assign(this, { pikc, name, file });
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
    for (const [path, text] of Object.entries(files)) writeFileSync(join(this.folder, path), text);
    this.write(spec);
  }

  /** Writes the spec and makes the page again, at the same place. */
  write(spec, ...more) {
    this.spec = spec;
    writeFileSync(join(this.folder, this.file), spec);
    this.data = JSON.parse(this.run("review", this.file, "--format", "json", ...more));
    this.run("review", this.file, "-o", "review.html", ...more);
  }

  run(...words) {
    const options = { cwd: this.folder, env: { ...process.env, ...secret }, encoding: "utf8", maxBuffer: 1 << 28 };
    return execFileSync(this.pikc, words, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  }

  get url() {
    return "file://" + join(this.folder, "review.html");
  }

  get size() {
    return readFileSync(join(this.folder, "review.html")).length;
  }
}

const example = (name, file = "cluster.pik") => readFileSync(join("examples", name, file), "utf8");

/** A spec with other words in place of some; each must be there. */
export function replaced(text, pairs) {
  return pairs.reduce((text, [old, word]) => {
    if (!text.includes(old)) throw new Error(`the example has no ${old}`);
    return text.replaceAll(old, word);
  }, text);
}

/** As many machines like home-pi's, at least two. */
export function many(count) {
  const address = (index) => `10.20.${(257 + index) >> 8}.${(257 + index) & 255}`;
  return replaced(example("home-pi"), [
    ["192.168.11.0/24", "10.20.0.0/16"],
    ["192.168.11.202..192.168.11.204", `${address(0)}..${address(count - 2)}`],
    ["192.168.11.2..192.168.11.200", "10.20.200.1..10.20.200.200"],
    ["192.168.11.201", "10.20.0.201"],
    ["192.168.11.1", "10.20.0.1"],
    ["node[02-04]", `worker[0001-${String(count - 1).padStart(4, "0")}]`],
    ["10.244.0.0/16", "10.128.0.0/12"],
    ["10.96.0.0/12", "10.96.0.0/16"],
  ]);
}

/** What would run, or break out of its place, if it were written as it is. */
export const evil = "</script></style></code></p></details><img src=x onerror=window.hit=1><svg onload=window.hit=2>&lt;'x";

export function all(pikc, folder) {
  const home = example("home-pi");
  const made = (name, spec, files, file) => new Page(pikc, folder, name, spec, files, file);
  const hostile = replaced(home, [
    ["1 GB is enough for the small pods that run here", evil],
    ["# Four Raspberry Pis", `# ${evil}`],
    ["you@laptop", "</code><script>window.hit=3</script>"],
    ['ssid = "home"', "ssid = \"</title><b>'&amp;\""],
  ]);
  const changed = made("changed", replaced(home, [["time.google.com", "time.example.org"]]), { "old.pik": home });
  changed.write(changed.spec, "--against", "old.pik");
  return {
    home: made("home-pi", home),
    changed,
    office: made("office", example("office"), { "audit.yaml": example("office", "audit.yaml") }),
    hundred: made("hundred", many(100)),
    thousand: made("thousand", many(1000)),
    hostile: made("hostile", hostile, {}, "<b onclick=window.hit=4>.pik"),
  };
}
