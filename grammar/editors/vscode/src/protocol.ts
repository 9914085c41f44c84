// The requests of pikc's language server that are not in the LSP standard; ../../PROTOCOL.md describes them.

/** A text document, as in LSP. */
export interface Document {
  uri: string;
}

/** A place in a document, as in LSP: lines and UTF-16 units from 0. */
export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

export interface Location {
  uri: string;
  range: Range;
}

/** The server's commands that the extension has itself: the server must not offer them, because each name can be registered once. */
export const COMMANDS = ["pikc.compile", "pikc.showChanges", "pikc.showOutputTree", "pikc.why"];

/** `pikc/textDocumentContent`: the text of a read-only document. */
export const CONTENT = "pikc/textDocumentContent";
export interface ContentResult {
  text: string;
}

/** `pikc/outputTree`: what a spec compiles to. */
export const OUTPUT_TREE = "pikc/outputTree";
export interface OutputFile {
  path: string;
  uri: string;
}
export interface OutputTreeResult {
  files: OutputFile[];
}

/** `pikc/changes`: what compiling would change in the output folder. */
export const CHANGES = "pikc/changes";
export interface ChangesResult {
  text: string;
  changed: number;
}

/** `pikc/why`: where a line of the output comes from, or what a line or a range of a spec ends up in. */
export const WHY = "pikc/why";
export interface WhyResult {
  locations: Location[];
  text: string;
}
