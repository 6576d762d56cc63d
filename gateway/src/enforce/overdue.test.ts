/** Between the moment a request's time is up and the sweep that comes by: whoever asks is told what they will be told after it (I14). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { JsonObject, RequestStatus } from '@countersign/core';
import { CONFIG, createRig, evaluationOf, held, policyOf, type Rig, SEAT } from '../../testing/rig.ts';
import type { AccessSession } from '../api/access/access.ts';
import { hashCredential, makeCredential } from '../identity/credential.ts';
import type { Held } from '../protocols/protocol.ts';
import { sweep } from '../requests/ending/expire.ts';
import { createAdmit } from './admit.ts';

const key = makeCredential('agent');
const { coder } = CONFIG.agents;
assert.ok(coder);
const config = { ...CONFIG, agents: { ...CONFIG.agents, coder: { ...coder, keys: [hashCredential(key)] } } };

let rig: Rig;
let session: AccessSession;
beforeEach(async () => {
  rig = await createRig(policyOf({ write: { then: 'require' } }), { config });
  const admission = createAdmit(rig.deps, 'default')(key);
  assert.ok(!(admission instanceof Promise) && admission.admitted);
  session = admission.session as AccessSession;
});
afterEach(() => rig.close());

const question = (n = 0) => evaluationOf(rig.principal, 'write', { n });
const ask = () => session.enforce(question());
async function overdue(): Promise<Held> {
  const verdict = await ask();
  assert.ok(verdict.kind === 'held');
  rig.time.now += SEAT.within_ms;
  return verdict.held;
}
const resolutions = async (): Promise<readonly unknown[]> =>
  (await rig.entries())
    .filter(({ kind }) => kind === 'resolution')
    .map(({ predicate }) => (predicate as JsonObject)['status']);

describe('of a request that is overdue and not swept yet', () => {
  const says: readonly (readonly [string, (waits: Held) => Promise<RequestStatus | undefined>])[] = [
    ['its status is', async ({ request }) => (await session.find(request.id))?.status],
    ['whoever stops waiting hears it is', async (waits) => (await waits.settled(AbortSignal.abort())).status],
    [
      'whoever begins to wait hears it is',
      async (waits) => (await waits.settled(AbortSignal.timeout(9_999))).status,
    ],
    ['withdrawing it says it is', async ({ request }) => (await session.cancel(request.id))?.status],
  ];
  for (const [what, status] of says) {
    it(`${what} expired, and on the record once`, async () => {
      assert.equal(await status(await overdue()), 'expired');
      assert.deepEqual(await resolutions(), ['expired']);
      assert.equal(await sweep(rig.deps), 0);
    });
  }

  it('the identical call asks people anew, as after the sweep; made twice at once, it asks once', async () => {
    const { request } = await overdue();
    const again = (await Promise.all([ask(), ask()])).map((verdict) => held(verdict));
    assert.deepEqual(
      again.map(({ id, status }) => [id === request.id, status]),
      [1, 2].map(() => [false, 'pending']),
    );
    assert.equal(again[0]?.id, again[1]?.id);
    assert.deepEqual(await resolutions(), ['expired']);
    assert.equal((await session.find(request.id))?.status, 'expired');
  });

  it('the identical request for access opens a new one', async () => {
    const { request } = await overdue();
    const opening = await session.open(question());
    assert.equal(opening.kind, 'opened');
    assert.notEqual(opening.kind === 'opened' && opening.request.id, request.id);
  });

  it('it is not among what its agent has waiting', async () => {
    const { pending_max } = config.agents.coder;
    for (let n = 1; n < pending_max; n += 1) held(await session.enforce(question(n)));
    await overdue();
    held(await session.enforce(question(pending_max)));
  });
});

it('one whose time is not up is left alone', async () => {
  const { id } = held(await ask());
  rig.time.now += SEAT.within_ms - 1;
  assert.equal((await session.find(id))?.status, 'pending');
  assert.equal(held(await ask()).id, id);
  assert.deepEqual(await resolutions(), []);
});
