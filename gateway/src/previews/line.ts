/** Work that waits its turn: a few at a time, fewer for one holder, each thing once, and no more waiting than there is room for (A21, I15). */
const AT_ONCE_MAX = 4;
const EACH_MAX = 2;
const WAITING_MAX = 256;

export type InLine<T> = { readonly key: string; readonly holder: string; readonly what: T };

export type LineOptions<T> = {
  run(what: T): Promise<void>;
  failed(what: T, error: unknown): void;
  /** Told when one is done, whatever came of it. */
  done?(what: T): void;
};

export class Line<T> {
  readonly #options: LineOptions<T>;
  readonly #waiting = new Map<string, InLine<T>>();
  readonly #running = new Map<string, { readonly holder: string; readonly end: Promise<void> }>();
  #closed = false;

  constructor(options: LineOptions<T>) {
    this.#options = options;
  }

  /** It waits, or is being done. */
  has(key: string): boolean {
    return this.#waiting.has(key) || this.#running.has(key);
  }

  /** False: there is no room. What is in line already stays as it is. */
  take(one: InLine<T>): boolean {
    if (this.#closed) return false;
    if (this.has(one.key)) return true;
    if (this.#waiting.size >= WAITING_MAX) return false;
    this.#waiting.set(one.key, one);
    this.#next();
    return true;
  }

  #next(): void {
    for (const one of this.#waiting.values()) {
      if (this.#closed || this.#running.size >= AT_ONCE_MAX) return;
      const own = [...this.#running.values()].filter(({ holder }) => holder === one.holder).length;
      if (own < EACH_MAX) this.#begin(one);
    }
  }

  #begin({ key, holder, what }: InLine<T>): void {
    this.#waiting.delete(key);
    const end = this.#options
      .run(what)
      .catch((error: unknown) => this.#options.failed(what, error))
      .finally(() => {
        this.#running.delete(key);
        this.#options.done?.(what);
        this.#next();
      });
    this.#running.set(key, { holder, end });
  }

  /** Nothing new is begun; resolves when what runs has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.clear();
    await Promise.all([...this.#running.values()].map(({ end }) => end));
  }
}
