/** So many mails at once: what waits too long is surely not sent, and nobody's place is lost. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createTurns } from './turns.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('takes so many at once, in order, and hands each place on, whatever comes of it', async () => {
  const turns = createTurns({ most: 2, wait_ms: 60_000, late: () => new Error('late') });
  const began: number[] = [];
  const end: (() => void)[] = [];
  const work = (n: number, fails: boolean): Promise<string> =>
    turns
      .run(
        () =>
          new Promise<void>((resolve, reject) => {
            began.push(n);
            end.push(() => (fails ? reject(new Error('no')) : resolve()));
          }),
      )
      .then(
        () => 'done',
        (error: Error) => error.message,
      );
  const all = [0, 1, 2, 3, 4].map((n) => work(n, n % 2 === 0));
  await turn();
  assert.deepEqual(began, [0, 1]);
  for (let n = 0; n < 5; n += 1) {
    end[n]?.();
    await turn();
    await turn();
  }
  assert.deepEqual(await Promise.all(all), ['no', 'done', 'no', 'done', 'no']);
  assert.deepEqual(began, [0, 1, 2, 3, 4]);
});

it('whoever waited too long has begun nothing, and those after keep their place', async () => {
  const turns = createTurns({ most: 1, wait_ms: 20, late: () => new Error('late') });
  let end: () => void = () => undefined;
  const first = turns.run(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  let begun = false;
  await assert.rejects(
    turns.run(async () => {
      begun = true;
    }),
    /late/,
  );
  assert.equal(begun, false);
  end();
  await first;
  assert.equal(await turns.run(async () => 'mine'), 'mine');
});
