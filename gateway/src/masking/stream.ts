// Masking for text too large to hold. It works in windows: a window is released only together with enough of what
// follows to see the end of anything that begins in it, and is judged with enough of what went before to see its start.
// So no secret can hide at the edge of a chunk. Memory is bounded by one window and the text held around it.
import type { Finding, Hit } from './detector.ts';
import { FAILED_LABEL, FINDINGS_MAX, markOf } from './marks.ts';

export const WINDOW_CHARS = 65_536;
/** Never hold less than this, whatever the detectors say of themselves. */
export const HOLD_CHARS_MIN = 8_192;

/** Not a pipe: `write` returns what may leave by now, `end` the rest. After a failure nothing more leaves. */
export interface RedactStream {
  write(chunk: string): string;
  end(): string;
  /** So far, offsets counted over all text returned; the first thousand. */
  readonly findings: readonly Finding[];
}

export type StreamOptions = {
  /** Merged hits in order; undefined when a detector failed. */
  readonly find: (text: string) => readonly Hit[] | undefined;
  /** Asked anew for each window: known secrets may be added while a stream runs. */
  readonly hold_chars: () => number;
  readonly lengths: boolean;
  readonly window_chars?: number;
  readonly hold_chars_min?: number;
};

export function createStream(options: StreamOptions): RedactStream {
  return new Windows(options);
}

class Windows implements RedactStream {
  readonly findings: Finding[] = [];
  readonly #options: StreamOptions;
  readonly #window: number;
  /** Released already; kept to be seen, not to be sent. */
  #before = '';
  #pending = '';
  #sent = 0;
  #state: 'open' | 'failed' | 'ended' = 'open';

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#window = options.window_chars ?? WINDOW_CHARS;
  }

  write(chunk: string): string {
    if (this.#state !== 'open') return '';
    let out = '';
    const step = this.#window + this.#hold();
    // A large chunk is taken in steps, so that the text judged at once stays one window.
    for (let at = 0; at < chunk.length && this.#state === 'open'; at += step) {
      this.#pending += chunk.slice(at, at + step);
      while (this.#state === 'open' && this.#pending.length >= this.#window + this.#hold())
        out += this.#release(this.#window);
    }
    return out;
  }

  end(): string {
    if (this.#state !== 'open') return '';
    let out = '';
    while (this.#state === 'open' && this.#pending.length > 0) out += this.#release(this.#pending.length);
    if (this.#state === 'open') this.#state = 'ended';
    return out;
  }

  #hold(): number {
    return Math.max(this.#options.hold_chars_min ?? HOLD_CHARS_MIN, this.#options.hold_chars());
  }

  /** Releases about `chars` of what is pending: never a part of a hit, never half a character. */
  #release(chars: number): string {
    const text = this.#before + this.#pending;
    const from = this.#before.length;
    const hits = this.#options.find(text);
    if (hits === undefined) return this.#fail();
    const to = this.#cut(text, { from, to: from + chars, hits });
    const out = this.#marked(text, { from, to, hits });
    const hold = this.#hold();
    this.#before = text.slice(Math.max(0, to - hold), to);
    this.#pending = text.slice(to);
    return out;
  }

  #cut(text: string, { from, to, hits }: Span): number {
    const across = hits.find((hit) => hit.start < to && hit.end > to);
    if (across !== undefined && across.end < text.length) return across.end;
    // It reaches the end of what has come so far and may go on: wait for the rest, unless it already fills the window.
    if (across !== undefined && across.start > from) return across.start;
    if (across !== undefined) return text.length;
    const code = text.charCodeAt(to);
    return code >= 0xdc00 && code <= 0xdfff ? to + 1 : to;
  }

  #marked(text: string, { from, to, hits }: Span): string {
    let out = '';
    let at = from;
    for (const { start, end, kind, label } of hits) {
      if (end <= from || start >= to) continue;
      out += text.slice(at, Math.max(at, start));
      const chars = this.#options.lengths ? end - start : undefined;
      const offset = this.#sent + out.length;
      if (this.findings.length < FINDINGS_MAX)
        this.findings.push({ kind, label, offset, ...(chars === undefined ? {} : { chars }) });
      out += markOf(label, chars);
      at = Math.min(end, to);
    }
    out += text.slice(at, to);
    this.#sent += out.length;
    return out;
  }

  #fail(): string {
    this.#state = 'failed';
    this.#before = '';
    this.#pending = '';
    this.findings.push({ kind: 'failure', label: FAILED_LABEL, offset: this.#sent });
    return markOf(FAILED_LABEL);
  }
}

type Span = { readonly from: number; readonly to: number; readonly hits: readonly Hit[] };
