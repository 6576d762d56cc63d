import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { createRig, policyOf } from '../../testing/rig.ts';
import { createIdempotency } from './idempotency.ts';

const rig = await createRig(policyOf({}));
after(() => rig.close());
let at = 1_000_000;
const keys = createIdempotency({ ...rig.deps, now: () => at });
const use = (key: string, body_hash = 'a', principal = 'person:ann') => ({ principal, key, body_hash });
const answer = { status: 201, content_type: 'application/json', body: '{}' };
const rows = async (): Promise<number> =>
  (await rig.store.read({ sql: 'SELECT key FROM idempotency', params: [] })).length;

it('a key answers once, for its principal and body', async () => {
  assert.deepEqual(await keys.begin(use('k')), { kind: 'fresh' });
  assert.deepEqual(await keys.begin(use('k')), { kind: 'in_progress' });
  await keys.keep(use('k'), answer);
  assert.deepEqual(await keys.begin(use('k')), { kind: 'kept', answer });
  assert.deepEqual(await keys.begin(use('k', 'b')), { kind: 'conflict' });
  assert.deepEqual(await keys.begin(use('k', 'a', 'person:bob')), { kind: 'fresh' });
});

it('I7: what was sent cannot be guessed from the store', async () => {
  const digest = async (): Promise<unknown> => {
    const sql = "SELECT body_hash FROM idempotency WHERE key = 'guessed'";
    return (await rig.store.read({ sql, params: [] }))[0]?.['body_hash'];
  };
  const other = createIdempotency({ ...rig.deps, now: () => at, installation_key: new Uint8Array(32) });
  const digests: unknown[] = [];
  for (const each of [keys, other]) {
    await each.begin(use('guessed', 'the digest of what was sent'));
    digests.push(await digest());
    await each.release(use('guessed'));
  }
  assert.equal(new Set([...digests, 'the digest of what was sent', undefined]).size, 4);
});

it('begun and never kept, it frees itself after a minute; released, at once', async () => {
  await keys.begin(use('crashed'));
  at += 60_001;
  assert.deepEqual(await keys.begin(use('crashed')), { kind: 'fresh' });
  await keys.release(use('crashed'));
  assert.deepEqual(await keys.begin(use('crashed')), { kind: 'fresh' });
});

it('I15: after a day every answer is forgotten, though its key never comes again', async () => {
  for (let n = 0; n < 20; n += 1) await keys.begin(use(`once-${n}`));
  assert.ok((await rows()) >= 20);
  at += 86_400_001;
  await keys.begin(use('another', 'a', 'agent:x'));
  assert.equal(await rows(), 1);
});
