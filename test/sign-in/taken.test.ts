/** An account taken out of the configuration frees nobody from what was asked while it stood there, running or stopped (A13). */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { Client, RequestDetail } from '@countersign/sdk';
import { until } from '../../gateway/testing/until.ts';
import { callHeld, ranOf } from '../gateway/yard.ts';
import { type House, openSignInHouse, type SignedIn } from './house.ts';

let house: House;
let alice: Client;
before(async () => {
  house = await openSignInHouse();
  const groups = ['idp-staff', 'idp-dba'];
  for (const name of ['double', 'erin']) house.idp.accounts.set(name, { name, groups });
  alice = await house.withLink('alice');
  await house.signIn('erin'); // somebody may always review
});
after(() => house.close());

const OWN = 'alice: { name: Alice, roles: [operator, reviewer] }';
const listing = (): string => OWN.replace(' }', `, accounts: ["oidc:${house.idp.issuer}#double"] }`);
const list = () => house.yard.editConfig((text) => text.replace(OWN, listing()));
const take = () => house.yard.editConfig((text) => text.replace(listing(), OWN));
const accountsOfAlice = async () => (await alice.accounts.list({ person: 'alice' })).items.length;

async function refusedFor(person: SignedIn, id: string): Promise<string> {
  const shown = (await (await person.api(`/api/requests/${id}`)).json()) as RequestDetail;
  const { action_digest, rendered_digest, eligibility } = shown;
  const body = { decision: 'approved', action_digest, rendered_digest };
  const { status } = await person.api(`/api/requests/${id}/reviews`, { method: 'POST', body });
  return `${status} ${eligibility.eligible ? 'eligible' : eligibility.why}`;
}

it('while running: who had it is one with the agent’s owner for what waits, and not for what comes later', async () => {
  const before = await house.signIn('double');
  assert.equal((await before.api('/api/me')).status, 200);
  await list();
  await until('it is listed', async () => (await accountsOfAlice()) === 1);
  const waiting = await callHeld(house.yard);
  assert.ok(waiting);
  await take();
  await until('it is taken out', async () => (await accountsOfAlice()) === 0);
  const double = await house.signIn('double');
  assert.equal(await refusedFor(double, waiting), '403 owner');
  assert.equal(ranOf(house.yard), 0);
  await alice.requests.cancel(waiting);
  house.ahead_ms += 1000;
  const later = await callHeld(house.yard);
  assert.ok(later);
  assert.equal(await refusedFor(double, later), '201 eligible');
});

it('while stopped, the same', async () => {
  await house.yard.restart(list);
  house.gateway = house.yard.house.gateway;
  assert.equal(await accountsOfAlice(), 1);
  for (const { id } of (await alice.requests.list({ status: 'pending' })).items)
    await alice.requests.cancel(id);
  const waiting = await callHeld(house.yard);
  assert.ok(waiting);
  for (const meanwhile of [take, async () => undefined]) {
    await house.yard.restart(meanwhile);
    house.gateway = house.yard.house.gateway;
    assert.equal(await accountsOfAlice(), 0);
    assert.equal(await refusedFor(await house.signIn('double'), waiting), '403 owner');
  }
});
