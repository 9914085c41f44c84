// What the extension decides without VS Code, so that node's test runner can test it.

import type { OutputFile } from "./protocol";

/** The schemes of documents that only the server can read. */
export const OUTPUT_SCHEME = "pikc-out";
export const LIBRARY_SCHEME = "pikc-lib";
export const EXPLANATION_SCHEME = "pikc-explain";
export const CHANGES_SCHEME = "pikc-changes";

/** How the server is started. */
export interface Server {
  command: string;
  arguments: string[];
}

/**
 * The command line of the server. A relative path with a folder in it is relative to the workspace folder; a name alone is looked up in
 * PATH, so that a file `pikc` in an opened folder is never started by accident.
 */
export function server(path: unknown, extra: unknown, workspace: string | undefined, home: string): Server {
  return { command: program(path, workspace, home), arguments: ["lsp", ...words(extra)] };
}

/** The program to start, with `~/` and `${workspaceFolder}` substituted. */
export function program(path: unknown, workspace: string | undefined, home: string): string {
  const written = typeof path === "string" && path.trim() !== "" ? path.trim() : "pikc";
  const inFolder = written.startsWith("./") || written.startsWith("../");
  if (written.startsWith("~/")) return home + written.slice(1);
  if (workspace === undefined) return written;
  if (inFolder) return `${workspace}/${written}`;
  return written.replaceAll("${workspaceFolder}", () => workspace);
}

function words(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((word): word is string => typeof word === "string") : [];
}

/** The output folder of a spec: absolute as it is, otherwise next to the spec. */
export function outputFolder(configured: unknown, folder: string): string {
  const name = typeof configured === "string" && configured.trim() !== "" ? configured.trim() : "out";
  return isAbsolute(name) ? name : `${folder}/${name}`;
}

function isAbsolute(path: string): boolean {
  return path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path);
}

/** The arguments of pikc for a task. */
export function taskArguments(command: string, spec: string, output: string): string[] | undefined {
  // A path that begins with `-` would be read as an option.
  const file = spec.startsWith("-") ? `./${spec}` : spec;
  switch (command) {
    case "check":
      return ["check", "--format", "github", file];
    case "compile":
      return ["compile", file, "-o", output];
    default:
      return undefined;
  }
}

/** A file of the generated tree, as the list shows it. */
export interface TreeItem {
  label: string;
  uri: string;
}

/** The files in the order of a tree: the files of a folder before its subfolders, names in order, numbers by value. */
export function treeItems(files: OutputFile[]): TreeItem[] {
  return [...files]
    .sort((one, other) => comparePaths(one.path, other.path))
    // What is typed is looked for in the label: all of the path is in it.
    .map(({ path, uri }) => ({ label: path, uri }));
}

/** How two paths of a tree are ordered. */
export function comparePaths(one: string, other: string): number {
  const a = one.split("/");
  const b = other.split("/");
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const [name = "", otherName = ""] = [a[at], b[at]];
    const isFile = at === a.length - 1;
    if (isFile !== (at === b.length - 1)) return isFile ? -1 : 1;
    const order = name.localeCompare(otherName, "en", { numeric: true });
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** The sentence about what a compile would change. */
export function changesSentence(changed: number): string {
  if (changed === 0) return "pikc: nothing changes, the output is up to date";
  return changed === 1 ? "pikc: 1 file changes" : `pikc: ${changed} files change`;
}

/** The language of a generated file, by its path; `undefined` lets VS Code decide. */
export function languageOf(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name === "user-data" || name === "meta-data" || name === "network-config") return "yaml";
  if (/\.(service|timer|socket|mount|conf|network|link|netdev)$/.test(name)) return "ini";
  return undefined;
}

/** Whether a server answers `workspace/textDocumentContent` for a scheme itself, so that the client library shows its documents. */
export function servesContent(capabilities: unknown, scheme: string): boolean {
  const workspace = field(capabilities, "workspace");
  const schemes = field(field(workspace, "textDocumentContent"), "schemes");
  return Array.isArray(schemes) && schemes.includes(scheme);
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
