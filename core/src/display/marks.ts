// Which characters of one text are suspect, and why: a byte a character, so that a text of nothing else costs no more.
import { SUSPICIONS, type Suspicion } from './code-points.ts';

const CODES = Object.fromEntries(SUSPICIONS.map((kind, at) => [kind, at + 1])) as {
  readonly [kind in Suspicion]: number;
};

export class Marks {
  /** Position in SUSPICIONS plus one; 0 for none. */
  readonly #kinds: Uint8Array;

  constructor(text: string) {
    this.#kinds = new Uint8Array(text.length);
  }

  set(offset: number, suspicion: Suspicion): void {
    this.#kinds[offset] = CODES[suspicion];
  }

  get(offset: number): Suspicion | undefined {
    const kind = this.#kinds[offset] ?? 0;
    return kind === 0 ? undefined : SUSPICIONS[kind - 1];
  }

  has(offset: number): boolean {
    return (this.#kinds[offset] ?? 0) > 0;
  }

  /** The first suspect character from `offset` on; the end of the text when there is none. */
  next(offset: number): number {
    let at = offset;
    while (at < this.#kinds.length && this.#kinds[at] === 0) at += 1;
    return at;
  }
}
