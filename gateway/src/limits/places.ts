/**
 * Places held at once: so many over all, so many of one holder (I15). Whoever will hold one takes it before the first
 * `await` and gives it back however it ends: of many who come at the same moment none sees room another has taken.
 */
export type PlacesMax = { readonly all: number; readonly each: number };

export class Places {
  readonly #max: PlacesMax;
  readonly #held = new Map<string, number>();
  #total = 0;

  constructor(max: PlacesMax) {
    this.#max = max;
  }

  /** Undefined: there is none for `holder`. Giving it back twice gives back one. */
  take(holder: string): (() => void) | undefined {
    const own = this.#held.get(holder) ?? 0;
    if (this.#total >= this.#max.all || own >= this.#max.each) return undefined;
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
