/** The app’s two icons, drawn here so that no picture has to travel with the code: a seal with a tick in it. */
import { crc32, deflateSync } from 'node:zlib';

type Rgba = readonly [number, number, number, number];

const BLUE: Rgba = [0x1f, 0x3a, 0x5f, 255];
const WHITE: Rgba = [255, 255, 255, 255];
const NONE: Rgba = [255, 255, 255, 0];

/** The tick, in a square of one. */
const TICK = [
  [0.33, 0.52],
  [0.45, 0.64],
  [0.68, 0.38],
] as const;
const STROKE = 0.045;
const RING = 0.34;

/** 192 × 192, full colour, no transparency. */
export const colorIcon = (): Uint8Array => png(192, BLUE);
/** 32 × 32, white on nothing, as Teams tints it. */
export const outlineIcon = (): Uint8Array => png(32, NONE);

function png(size: number, ground: Rgba): Uint8Array {
  const rows = Buffer.alloc(size * (1 + size * 4));
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const ink = inkAt((x + 0.5) / size, (y + 0.5) / size, 1 / size);
      const at = y * (1 + size * 4) + 1 + x * 4;
      for (let part = 0; part < 4; part++) {
        const [from = 0, to = 0] = [ground[part], WHITE[part]];
        rows[at + part] = Math.round(from + (to - from) * ink);
      }
    }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 6], 8); // eight bits, RGBA
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** From 0 to 1, softened over one pixel. */
function inkAt(x: number, y: number, pixel: number): number {
  const ring = Math.abs(Math.hypot(x - 0.5, y - 0.5) - RING);
  const [a, b, c] = TICK;
  const away = Math.min(ring, distance([x, y], [a, b]), distance([x, y], [b, c]));
  return Math.min(Math.max((STROKE - away) / pixel + 0.5, 0), 1);
}

type Point = readonly [number, number];

function distance([x, y]: Point, [[ax, ay], [bx, by]]: readonly [Point, Point]): number {
  const [dx, dy] = [bx - ax, by - ay];
  const along = Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0), 1);
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'ascii'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
