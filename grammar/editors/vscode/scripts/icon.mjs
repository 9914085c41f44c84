// Draws the icon: four machines joined to one cluster, on a rounded square. A PNG is not committed, because this draws it.

import { deflateSync } from "node:zlib";

const SAMPLES = 4; // per pixel and direction
const BACK = [22, 44, 73];
const LINE = [126, 170, 214];
const NODE = [255, 255, 255];
const FIRST = [255, 176, 59]; // the control plane

/** The icon as a PNG of `size` times `size` pixels. */
export function icon(size) {
  const rows = Buffer.alloc(size * (size * 4 + 1));
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) rows.set(pixel(x, y, size), y * (size * 4 + 1) + 1 + x * 4);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6], 8); // eight bits, with transparency
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function pixel(x, y, size) {
  const sum = [0, 0, 0];
  let inside = 0;
  for (let i = 0; i < SAMPLES * SAMPLES; i += 1) {
    const at = (part) => (part + 0.5) / SAMPLES;
    const colour = colourAt((x + at(i % SAMPLES)) / size, (y + at(Math.floor(i / SAMPLES))) / size);
    if (colour === undefined) continue;
    inside += 1;
    colour.forEach((value, channel) => (sum[channel] += value));
  }
  const alpha = Math.round((255 * inside) / (SAMPLES * SAMPLES));
  return inside === 0 ? [0, 0, 0, 0] : [...sum.map((value) => Math.round(value / inside)), alpha];
}

const CENTRE = [0.5, 0.3];
const NODES = [[0.23, 0.72], [0.5, 0.72], [0.77, 0.72]];

/** The colour at a place of the unit square; `undefined` outside of the rounded square. */
function colourAt(x, y) {
  const edge = (value) => Math.max(Math.abs(value - 0.5) - 0.31, 0);
  if (Math.hypot(edge(x), edge(y)) > 0.17) return undefined;
  if (box(x, y, CENTRE, 0.13)) return FIRST;
  if (NODES.some((node) => box(x, y, node, 0.1))) return NODE;
  return NODES.some((node) => distance(x, y, CENTRE, node) < 0.022) ? LINE : BACK;
}

const box = (x, y, [cx, cy], half) => Math.abs(x - cx) < half && Math.abs(y - cy) < half;

function distance(x, y, [ax, ay], [bx, by]) {
  const along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2);
  const part = Math.min(1, Math.max(0, along));
  return Math.hypot(x - ax - part * (bx - ax), y - ay - part * (by - ay));
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc(body), body.length + 4);
  return out;
}

function crc(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}
