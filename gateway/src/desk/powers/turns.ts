/** Much to look at, on the thread that answers calls too: a little at a stretch, so that nobody waits for it (I15). */
import { setImmediate as turn } from 'node:timers/promises';

const STRETCH_MS = 8;

export async function inTurns<T, R>(items: readonly T[], work: (item: T) => R): Promise<readonly R[]> {
  const done: R[] = [];
  let began = performance.now();
  for (const item of items) {
    done.push(work(item));
    if (performance.now() - began < STRETCH_MS) continue;
    await turn();
    began = performance.now();
  }
  return done;
}
