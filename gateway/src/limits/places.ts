/**
 * Places held at once (I15), by a rule that is told how many its holder has and how many are taken in all. Whoever will hold
 * one takes it before the first `await` and gives it back however it ends: of many who come at the same moment none sees
 * room another has taken.
 */
export type HasRoom = (own: number, total: number) => boolean;

/** So many over all, so many of one holder. */
export const atMost =
  ({ all, each }: { readonly all: number; readonly each: number }): HasRoom =>
  (own, total) =>
    total < all && own < each;

export class Places {
  readonly #hasRoom: HasRoom;
  readonly #held = new Map<string, number>();
  #total = 0;

  constructor(hasRoom: HasRoom) {
    this.#hasRoom = hasRoom;
  }

  get total(): number {
    return this.#total;
  }

  /** Undefined: there is none for `holder`. Giving it back twice gives back one. */
  take(holder: string): (() => void) | undefined {
    const own = this.#held.get(holder) ?? 0;
    if (!this.#hasRoom(own, this.#total)) return undefined;
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
