/** The seat of an operator: by the role alone, and not to be passed on (I13). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Directory, Person } from '../people.ts';
import type { Requirement, Seat } from '../requirement.ts';
import { type Delegation, NO_DUTIES } from './duties.ts';
import { type Case, eligibility, entitlement } from './eligibility.ts';
import { quorum } from './quorum.ts';

const person = (id: string, ...roles: Person['roles']): Person => ({
  id,
  name: id,
  active: true,
  roles,
  groups: [],
  accounts: [],
});
const [ann, oper] = [person('ann', 'reviewer'), person('oper', 'operator')];
const asker = person('asker', 'operator', 'reviewer');
const people = [ann, oper, asker];
const directory: Directory = {
  person: (id) => people.find((each) => each.id === id),
  personOfAccount: (id) => people.find((each) => each.id === id),
  ownerOf: () => undefined,
  people: () => people,
};

const asks = (by: Seat['by']): Requirement => ({
  seats: [{ by, count: 1, proof: 'session' }],
  choices: [],
  exclude: [],
  within_ms: 1,
  valid_ms: 1,
  uses: 1,
});
const AWAY: Delegation = { id: 'd', from: 'oper', to: 'ann', starts_at: 0, until: 9 };
const caseOf = (by: Seat['by'], delegations: readonly Delegation[] = []): Case => ({
  principal: {
    tenant: 't',
    agent: 'gateway',
    owner: 'asker',
    team: null,
    subject: { type: 'identity', id: 'asker' },
  },
  requirement: asks(by),
  directory,
  duties: { ...NO_DUTIES, delegations },
  upstream: 'gateway',
  resource: 'policy',
  opened_at: 1,
  reviews: [],
  now: 2,
});

describe('the seat of an operator', () => {
  const seat = caseOf('role:operator');
  it('is theirs, reviewer or not, and nobody else’s', () => {
    assert.deepEqual(eligibility(oper, seat), { eligible: true });
    assert.deepEqual(eligibility(ann, seat), { eligible: false, why: 'no_seat' });
    assert.deepEqual(eligibility(asker, seat), { eligible: false, why: 'requester' });
  });

  it('makes no reviewer of them anywhere else', () =>
    assert.deepEqual(entitlement(oper, caseOf('anyone')), { eligible: false, why: 'not_a_reviewer' }));

  it('does not pass on to whoever sits in for them', () => {
    assert.deepEqual(eligibility(ann, caseOf('role:operator', [AWAY])), { eligible: false, why: 'no_seat' });
    assert.equal(quorum(seat.requirement, [{ person: ann, proof: 'passkey', for: [oper] }]).met, false);
    assert.equal(quorum(seat.requirement, [{ person: oper, proof: 'session' }]).met, true);
  });
});
