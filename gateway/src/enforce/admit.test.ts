import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { actionBytes, canonicalBytes, type JsonObject } from '@countersign/core';
import { CONFIG, createRig, evaluationOf, held, policyOf } from '../../testing/rig.ts';
import { hashCredential, makeCredential } from '../identity/credential.ts';
import type { Session } from '../protocols/protocol.ts';
import { createAdmit } from './admit.ts';

const [mine, theirs] = [makeCredential('agent'), makeCredential('agent')];
const { coder, other } = CONFIG.agents;
assert.ok(coder && other);
const config = {
  ...CONFIG,
  agents: {
    coder: { ...coder, keys: [hashCredential(mine)] },
    other: { ...other, keys: [hashCredential(theirs)] },
  },
};
const rig = await createRig(policyOf({ write: { then: 'require' } }), { config });
after(() => rig.close());
const admit = createAdmit(rig.deps, 'default');

function session(credential: string): Session {
  const admission = admit(credential);
  assert.ok(admission.admitted);
  return admission.session;
}

it('recalls the caller’s own action, byte for byte, and nobody else’s', async () => {
  const asked = evaluationOf(rig.principal, 'write', { path: '/x', n: 1.5 });
  const { id } = held(await session(mine).enforce(asked));
  const recalled = await session(mine).recall(id);
  assert.ok(recalled);
  assert.deepEqual(canonicalBytes(recalled as unknown as JsonObject), actionBytes(asked));
  assert.equal(await session(theirs).recall(id), undefined);
  assert.equal(await session(mine).recall('req_nope'), undefined);
});

it('A24: recalls nothing whose stored bytes are no longer what people saw', async () => {
  const { id } = held(await session(mine).enforce(evaluationOf(rig.principal, 'write', { path: '/y' })));
  await rig.store.commit({
    name: 'tamper',
    steps: [
      {
        name: 'tamper',
        sql: `UPDATE payloads SET body = replace(body, '/y', '/etc') WHERE id = (SELECT evaluation_id FROM requests WHERE id = $1)`,
        params: [id],
        rows: 1,
      },
    ],
    entries: [],
  });
  assert.equal(await session(mine).recall(id), undefined);
});

it('gives every call of a key the same session, and each key one of its own', () => {
  assert.equal(session(mine), session(mine));
  assert.notEqual(session(mine), session(theirs));
  assert.equal(session(theirs).principal.agent, 'other');
});
