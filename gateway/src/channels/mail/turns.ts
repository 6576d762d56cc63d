/** So many at once, the others in order; whoever waited too long is told so, and has begun nothing. */
export type Turns = {
  /** @throws what `late` makes when its turn did not come in time */
  run<T>(work: () => Promise<T>): Promise<T>;
};

export type TurnsParts = { readonly most: number; readonly wait_ms: number; readonly late: () => Error };

export function createTurns({ most, wait_ms, late }: TurnsParts): Turns {
  let running = 0;
  const waiting: (() => void)[] = [];

  const mine = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const begin = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(begin), 1);
        reject(late());
      }, wait_ms);
      waiting.push(begin);
    });

  return {
    async run(work) {
      // Whoever ends hands its place on: it stays counted.
      if (running >= most) await mine();
      else running += 1;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}
