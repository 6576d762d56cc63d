import { Places } from './places.ts';

/** As it stands. */
export type Share = { readonly total: number; readonly max: number; readonly refused: number };

/**
 * Places held at once, shared fairly without knowing how many will ask: whoever asks may hold as many as are still free
 * (I15). One holder alone gets half; of n greedy ones each gets its part of n + 1; the next to come finds a place.
 */
export class FairShare implements Share {
  readonly #max: () => number;
  readonly #places: Places;
  #refused = 0;

  /** Asked each time: the limit may be configured anew. */
  constructor(max: () => number) {
    this.#max = max;
    this.#places = new Places((own, total) => own < max() - total);
  }

  get total(): number {
    return this.#places.total;
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
    const giveBack = this.#places.take(holder);
    if (giveBack === undefined) this.#refused += 1;
    return giveBack;
  }
}
