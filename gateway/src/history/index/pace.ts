/** How much is done at a time: so little that a call's commit, which comes after it, hardly waits; more while that is quick. */
const QUICK_MS = 8;
const SLOW_MS = 20;

export type Pace = {
  readonly rows: number;
  /** Does it, and learns. */
  take<T>(work: () => Promise<T>): Promise<T>;
};

export function createPace(most: number, ticks = (): number => performance.now()): Pace {
  let rows = Math.min(16, most);
  return {
    get rows() {
      return rows;
    },
    async take(work) {
      const began = ticks();
      try {
        return await work();
      } finally {
        const took = ticks() - began;
        if (took < QUICK_MS) rows = Math.min(most, rows * 2);
        else if (took > SLOW_MS) rows = Math.max(1, Math.floor(rows / 2));
      }
    },
  };
}
