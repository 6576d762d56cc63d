import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CALLS_MAX, LegacySession } from './session.ts';

const peer = { link: { close: () => Promise.resolve() } } as unknown as LegacySession['peer'];
const open = (): LegacySession =>
  new LegacySession({ agent: 'a', peer, version: '2025-11-25', now: 0, leave: () => undefined });

/** How many are taken before one is not. */
function taken(take: (count: number) => boolean): number {
  let count = 0;
  while (take(count)) count += 1;
  return count;
}

it('A21: calls, streams and questions of one session are bounded, and one that ended takes none', async () => {
  const session = open();
  assert.equal(
    taken((id) => session.begin(id) !== undefined),
    CALLS_MAX,
  );
  session.finish(0);
  assert.ok(session.begin(0));
  assert.equal(
    taken(() => session.openStream() !== undefined),
    16,
  );
  assert.equal(
    taken((id) => session.ask({ kind: 'request', id, method: 'ping', params: {} })),
    1_000,
  );
  await session.end();
  session.finish(1);
  assert.equal(session.begin(1), undefined);
  assert.equal(session.openStream(), undefined);
});

it('the id of a call that goes on elsewhere stays in use: its permit ends exactly once', async () => {
  const session = open();
  let abandoned = 0;
  assert.ok(session.begin(1));
  session.suspend(
    {
      id: 1,
      permit: {} as Parameters<LegacySession['suspend']>[0]['permit'],
      answered: () => Promise.resolve(''),
      abandoned: () => {
        abandoned += 1;
        return Promise.resolve();
      },
    },
    60_000,
  );
  session.finish(1);
  assert.equal(session.begin(1), undefined);
  await session.end();
  assert.equal(abandoned, 1);
});
