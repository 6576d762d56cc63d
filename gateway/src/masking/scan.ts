// One pass over text for many needles at once: which of them occur, and where. Cost per character hardly grows with the
// number of needles: a rolling hash of the last few characters is looked up in a table, and only hits are compared.

/** Bits by which the hash moves on with each character: after as many characters as its window, one is forgotten. */
const SHIFT = 5;
/** Exact needles are filed under the rarest of their first windows, so that tokens with one prefix do not share a bucket. */
const WINDOWS_MAX = 48;

type Entry = { readonly needle: string; readonly at: number; readonly id: number };

/** `exact` compares as written; `folded` takes ASCII upper and lower case as equal, and finds in the order of the text. */
export type ScanMode = 'exact' | 'folded';
/** The shortest needle of each. */
export const NEEDLE_CHARS_MIN = { exact: 4, folded: 3 } as const;
/** Letters of both cases have it in common: set, they hash alike. */
const CASE_BIT = { exact: 0, folded: 0x20 } as const;

export class Scanner {
  readonly #mode: ScanMode;
  readonly #window: number;
  readonly #mask: number;
  readonly #present: Uint8Array;
  readonly #buckets = new Map<number, Entry[]>();

  constructor(mode: ScanMode) {
    this.#mode = mode;
    this.#window = NEEDLE_CHARS_MIN[mode];
    const size = 1 << (SHIFT * this.#window);
    this.#mask = size - 1;
    this.#present = new Uint8Array(size);
  }

  /** Needles shorter than NEEDLE_CHARS_MIN cannot be scanned for. */
  add(needle: string, id: number): void {
    if (needle.length < this.#window)
      throw new RangeError(`a needle has at least ${this.#window} characters`);
    const written = this.#mode === 'folded' ? foldCase(needle) : needle;
    const at = this.#mode === 'folded' ? 0 : this.#rarest(written);
    const hash = this.#hashAt(written, at);
    this.#present[hash] = 1;
    const bucket = this.#buckets.get(hash);
    if (bucket === undefined) this.#buckets.set(hash, [{ needle: written, at, id }]);
    else bucket.push({ needle: written, at, id });
  }

  #rarest(needle: string): number {
    let best = 0;
    let fewest = Number.POSITIVE_INFINITY;
    for (let at = 0; at <= Math.min(needle.length - this.#window, WINDOWS_MAX) && fewest > 0; at += 1) {
      const size = this.#buckets.get(this.#hashAt(needle, at))?.length ?? 0;
      if (size < fewest) [best, fewest] = [at, size];
    }
    return best;
  }

  #hashAt(text: string, at: number): number {
    let hash = 0;
    for (let next = at; next < at + this.#window; next += 1)
      hash = ((hash << SHIFT) ^ (text.charCodeAt(next) | CASE_BIT[this.#mode])) & this.#mask;
    return hash;
  }

  /** Calls `hit` for every occurrence, overlapping ones too; of exact needles in no particular order. */
  scan(text: string, hit: (id: number, start: number, end: number) => void): void {
    const present = this.#present;
    const mask = this.#mask;
    const case_bit = CASE_BIT[this.#mode];
    const behind = this.#window - 1;
    let hash = 0;
    for (let at = 0; at < text.length; at += 1) {
      hash = ((hash << SHIFT) ^ (text.charCodeAt(at) | case_bit)) & mask;
      if (present[hash] === 1 && at >= behind) this.#compare(text, { hash, at: at - behind, hit });
    }
  }

  #compare(text: string, { hash, at, hit }: Candidate): void {
    for (const entry of this.#buckets.get(hash) ?? []) {
      const start = at - entry.at;
      if (this.#occurs(text, entry.needle, start)) hit(entry.id, start, start + entry.needle.length);
    }
  }

  #occurs(text: string, needle: string, start: number): boolean {
    if (start < 0 || start + needle.length > text.length) return false;
    return this.#mode === 'exact' ? text.startsWith(needle, start) : startsFolded(text, needle, start);
  }
}

type Candidate = {
  readonly hash: number;
  /** Where the window begins. */
  readonly at: number;
  readonly hit: (id: number, start: number, end: number) => void;
};

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
