// One pass over text for many needles at once: which of them occur, and where. Cost per character does not grow with
// the number of needles: a 16-bit hash of each three characters is looked up in a table, and only hits are compared.

const TABLE_SIZE = 65_536;
/** Exact needles are filed under the rarest of their first windows, so that tokens with one prefix do not share a bucket. */
const WINDOWS_MAX = 48;
export const NEEDLE_CHARS_MIN = 3;

type Entry = { readonly needle: string; readonly at: number; readonly id: number };

/** `exact` compares as written; `folded` takes ASCII upper and lower case as equal, and finds in the order of the text. */
export type ScanMode = 'exact' | 'folded';

export class Scanner {
  readonly #mode: ScanMode;
  readonly #windows: number;
  readonly #present = new Uint8Array(TABLE_SIZE);
  readonly #buckets = new Map<number, Entry[]>();

  constructor(mode: ScanMode) {
    this.#mode = mode;
    this.#windows = mode === 'folded' ? 0 : WINDOWS_MAX;
  }

  /** Needles shorter than NEEDLE_CHARS_MIN cannot be scanned for. */
  add(needle: string, id: number): void {
    if (needle.length < NEEDLE_CHARS_MIN)
      throw new RangeError(`a needle has at least ${NEEDLE_CHARS_MIN} characters`);
    const written = this.#mode === 'folded' ? foldCase(needle) : needle;
    let best = 0;
    let fewest = Number.POSITIVE_INFINITY;
    for (let at = 0; at <= Math.min(written.length - 3, this.#windows) && fewest > 0; at += 1) {
      const size = this.#buckets.get(hashAt(written, at))?.length ?? 0;
      if (size < fewest) [best, fewest] = [at, size];
    }
    const hash = hashAt(written, best);
    this.#present[hash] = 1;
    const bucket = this.#buckets.get(hash);
    if (bucket === undefined) this.#buckets.set(hash, [{ needle: written, at: best, id }]);
    else bucket.push({ needle: written, at: best, id });
  }

  /** Calls `hit` for every occurrence, overlapping ones too; of exact needles in no particular order. */
  scan(text: string, hit: (id: number, start: number, end: number) => void): void {
    const present = this.#present;
    const last = text.length - 2;
    if (last <= 0) return;
    let a = text.charCodeAt(0) | 0x20;
    let b = text.charCodeAt(1) | 0x20;
    for (let at = 0; at < last; at += 1) {
      const c = text.charCodeAt(at + 2) | 0x20;
      const hash = ((a << 10) ^ (b << 5) ^ c) & 0xffff;
      if (present[hash] === 1) {
        for (const entry of this.#buckets.get(hash) ?? []) {
          const start = at - entry.at;
          if (this.#occurs(text, entry.needle, start)) hit(entry.id, start, start + entry.needle.length);
        }
      }
      a = b;
      b = c;
    }
  }

  #occurs(text: string, needle: string, start: number): boolean {
    if (start < 0 || start + needle.length > text.length) return false;
    return this.#mode === 'exact' ? text.startsWith(needle, start) : startsFolded(text, needle, start);
  }
}

function hashAt(text: string, at: number): number {
  const a = text.charCodeAt(at) | 0x20;
  const b = text.charCodeAt(at + 1) | 0x20;
  const c = text.charCodeAt(at + 2) | 0x20;
  return ((a << 10) ^ (b << 5) ^ c) & 0xffff;
}

function foldCase(text: string): string {
  return text.replace(/[A-Z]/g, (char) => char.toLowerCase());
}

/** `needle` is folded already. */
function startsFolded(text: string, needle: string, start: number): boolean {
  for (let at = 0; at < needle.length; at += 1) {
    const code = text.charCodeAt(start + at);
    const folded = code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
    if (folded !== needle.charCodeAt(at)) return false;
  }
  return true;
}
