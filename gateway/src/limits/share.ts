/** As it stands. */
export type Share = { readonly total: number; readonly max: number; readonly refused: number };

/**
 * Places held at once, shared fairly without knowing how many will ask: whoever asks may hold as many as are still free
 * (I15). One holder alone gets half; of n greedy ones each gets its part of n + 1; the next to come finds a place.
 */
export class FairShare implements Share {
  readonly #max: () => number;
  readonly #held = new Map<string, number>();
  #total = 0;
  #refused = 0;

  /** Asked each time: the limit may be configured anew. */
  constructor(max: () => number) {
    this.#max = max;
  }

  get total(): number {
    return this.#total;
  }

  get max(): number {
    return this.#max();
  }

  /** How often somebody found no place. */
  get refused(): number {
    return this.#refused;
  }

  /** Takes one place; undefined when there is none for `holder`. Giving it back twice gives back one. */
  take(holder: string): (() => void) | undefined {
    const own = this.#held.get(holder) ?? 0;
    if (own >= this.#max() - this.#total) {
      this.#refused += 1;
      return undefined;
    }
    this.#held.set(holder, own + 1);
    this.#total += 1;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#give(holder);
    };
  }

  #give(holder: string): void {
    this.#total -= 1;
    const own = (this.#held.get(holder) ?? 0) - 1;
    if (own > 0) this.#held.set(holder, own);
    else this.#held.delete(holder);
  }
}
