// Builds dist/: the bundle, the TextMate grammar and the icon. Run by `npm run build` and before packaging.

import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

import { icon } from "./icon.mjs";

const here = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(here, "dist");
mkdirSync(dist, { recursive: true });
copyFileSync(join(here, "../textmate/pik.tmLanguage.json"), join(dist, "pik.tmLanguage.json"));
writeFileSync(join(dist, "icon.png"), icon(128));
await build({
  absWorkingDir: here,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
  minify: true,
  logLevel: "warning",
});
