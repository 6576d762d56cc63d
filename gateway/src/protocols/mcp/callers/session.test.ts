import assert from 'node:assert/strict';
import { it } from 'node:test';
import { LegacySession } from './session.ts';

it('the id of a call that goes on elsewhere stays in use: its permit ends exactly once', async () => {
  const peer = { link: { close: () => Promise.resolve() } } as unknown as LegacySession['peer'];
  const session = new LegacySession({ agent: 'a', peer, version: '2025-11-25', now: 0 });
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
