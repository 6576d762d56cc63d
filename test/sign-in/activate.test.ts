/** Letting somebody in again where two operators are needed: one asks, the other agrees, and only then (I13). */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { Me, RequestDetail } from '@countersign/sdk';
import { until } from '../../gateway/testing/until.ts';
import { type House, openSignInHouse } from './house.ts';

let house: House;
before(async () => {
  house = await openSignInHouse();
  house.idp.accounts.set('mel', { name: 'Mel', groups: ['idp-staff'] });
  house.idp.accounts.set('olga', { name: 'Olga', groups: ['idp-staff', 'idp-admins'] });
});
after(() => house.close());

it('one operator keeps somebody out alone, and lets them in again with another', async () => {
  const alice = await house.withLink('alice');
  const mel = await house.signIn('mel');
  const { id } = (await (await mel.api('/api/me')).json()) as Me;
  const olga = await house.signIn('olga'); // the second operator there has been
  await until('two are needed', async () => (await alice.operators.show()).needed === 2);

  assert.equal(await alice.reviewers.setActive(id, false), undefined);
  assert.equal((await mel.api('/api/me')).status, 401);

  const held = await alice.reviewers.setActive(id, true);
  assert.equal(held?.status, 'pending');
  assert.equal((await house.signIn('mel')).response.status, 403, 'not yet');
  const path = `/api/requests/${held?.request_id ?? ''}`;
  const own = await alice.requests.show(held?.request_id ?? '');
  const { action_digest, rendered_digest } = own;
  const answer = { decision: 'approved', action_digest, rendered_digest } as const;
  await assert.rejects(alice.requests.review(own.id, answer), { kind: 'not_eligible' });

  const shown = (await (await olga.api(path)).json()) as RequestDetail;
  const body = {
    decision: 'approved',
    action_digest: shown.action_digest,
    rendered_digest: shown.rendered_digest,
  };
  const agreed = await olga.api(`${path}/reviews`, { method: 'POST', body });
  assert.equal(agreed.status, 201, await agreed.text());
  await until('mel may come in', async () => (await house.signIn('mel')).response.status === 303);
});
