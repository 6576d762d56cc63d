/** Who stands where is known of one account in one place, and of no other. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Where } from './intake/activity.ts';
import { Roster } from './people.ts';
import type { Connector, Member } from './service/connector.ts';

const [ALICE, EVE] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
const WHERE: Where = { service: 'https://s', conversation: '19:c', place: '19:c', scope: 'groupchat' };

it('what was learnt of one object id is not believed of another under the same name (A15)', async () => {
  const alice: Member = { id: '29:a', object_id: ALICE, tenant: 't', role: 'user', upn: '' };
  const connector = { member: async () => alice } as unknown as Connector;
  const roster = new Roster({ connector, tenant: 't', now: () => 0 });
  assert.equal(await roster.standing(WHERE, { id: '29:a', object_id: ALICE }), 'member');
  assert.equal(await roster.standing(WHERE, { id: '29:a', object_id: EVE }), 'unknown');
  assert.equal(await roster.standing(WHERE, { id: '29:a', object_id: ALICE }), 'member');
});
