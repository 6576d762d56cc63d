/** Who waits, in turns: one of each holder after the other, each holder's own in the order they came. */
export class Turns<T> {
  /** In the order of their turns. */
  readonly #waiting = new Map<string, T[]>();

  add(holder: string, one: T): void {
    const own = this.#waiting.get(holder);
    if (own === undefined) this.#waiting.set(holder, [one]);
    else own.push(one);
  }

  take(): T | undefined {
    for (const [holder, own] of this.#waiting) {
      this.#waiting.delete(holder);
      const one = own.shift();
      if (own.length > 0) this.#waiting.set(holder, own);
      return one;
    }
    return undefined;
  }
}
