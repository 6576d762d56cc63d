/** Accounts taken apart, and people put back: what was asked before still counts one human once (I4, A13, A10). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Directory, Person } from '../people.ts';
import type { Requirement } from '../requirement.ts';
import { NO_DUTIES } from './duties.ts';
import { type Case, type Cast, eligibility, entitlement, INELIGIBLE, standingVotes } from './eligibility.ts';
import { quorum } from './quorum.ts';

const [ASKED, PARTED] = [500, 600];
const person = (id: string): Person => ({
  id,
  name: id,
  active: true,
  roles: ['reviewer'],
  groups: [],
  accounts: [],
});
const people = ['ann', 'usr_ann', 'bob', 'cas'].map(person);
const [ann, double, bob] = people as [Person, Person, Person];
/** Until PARTED, `usr_ann` and `slack:ann` were ann. */
const directory: Directory = {
  person: (id) => people.find((each) => each.id === id),
  personOfAccount: (id) => people.find((each) => each.id === id),
  onceAlso: (name, since) =>
    since <= PARTED && ['ann', 'usr_ann', 'slack:ann'].includes(name) ? ['ann', 'usr_ann'] : [],
  ownerOf: () => undefined,
  people: () => people,
};
const asks = (count: number): Requirement => ({
  seats: [{ by: 'anyone', count, proof: 'session' }],
  choices: [],
  exclude: [],
  within_ms: 1,
  valid_ms: 1,
  uses: 1,
});
const said = (reviewer: string, more: Partial<Cast> = {}): Cast => ({
  reviewer,
  decision: 'approved',
  proof: 'session',
  ...more,
});
const caseOf = (more: Partial<Case> & { readonly subject?: string } = {}): Case => ({
  principal: {
    tenant: 't',
    agent: 'bot',
    owner: 'zoe',
    team: null,
    subject: { type: 'identity', id: more.subject ?? 'zoe' },
  },
  requirement: asks(2),
  directory,
  duties: NO_DUTIES,
  upstream: 'files',
  resource: 'write',
  opened_at: ASKED,
  reviews: [],
  now: 1000,
  ...more,
});
const why = (who: Person, theCase: Case): string => {
  const may = eligibility(who, theCase);
  return may.eligible ? 'yes' : may.why;
};

describe('who was one human when it was asked', () => {
  const rows: readonly (readonly [string, Person, Case, string])[] = [
    ['the account asked: its person then may not', ann, caseOf({ subject: 'slack:ann' }), 'requester'],
    ['the account asked: who has it now may not', double, caseOf({ subject: 'slack:ann' }), 'requester'],
    ['the person asked: the double may not', double, caseOf({ subject: 'ann' }), 'requester'],
    ['the double asked: the person may not', ann, caseOf({ subject: 'usr_ann' }), 'requester'],
    ['others may', bob, caseOf({ subject: 'slack:ann' }), 'yes'],
    [
      'asked after they were taken apart: they are two',
      ann,
      caseOf({ subject: 'usr_ann', opened_at: PARTED + 1 }),
      'yes',
    ],
    [
      'asked in the moment they were: one',
      ann,
      caseOf({ subject: 'usr_ann', opened_at: PARTED }),
      'requester',
    ],
    ['one has answered: the other has', double, caseOf({ reviews: [said('ann')] }), 'already_reviewed'],
    [
      'one has said no: the other has answered',
      ann,
      caseOf({ reviews: [said('usr_ann', { decision: 'denied' })] }),
      'already_reviewed',
    ],
    [
      'the rules were changed under one name: the other changed them',
      double,
      caseOf({ duties: { ...NO_DUTIES, changes: new Map([['ann', [{ at: 550 }]]]) } }),
      'changed_rules',
    ],
  ];
  for (const [what, who, theCase, want] of rows) it(what, () => assert.equal(why(who, theCase), want));

  it('both answers, however they came to be there, are one vote', () => {
    const both = caseOf({ reviews: [said('ann'), said('usr_ann')] });
    assert.deepEqual(
      standingVotes(both).map((vote) => vote.person.id),
      ['ann'],
    );
    assert.equal(quorum(asks(2), standingVotes(both)).met, false);
    const later = caseOf({ reviews: [said('ann'), said('usr_ann')], opened_at: PARTED + 1 });
    assert.equal(quorum(asks(2), standingVotes(later)).met, true);
  });

  it('nobody sits in for who has answered under another name', () => {
    const sits = { id: 'd', from: 'usr_ann', to: 'bob', starts_at: 0, until: 2000 };
    const theCase = caseOf({
      reviews: [said('ann')],
      requirement: { ...asks(1), seats: [{ by: 'person:usr_ann', count: 1, proof: 'session' }] },
      duties: { ...NO_DUTIES, delegations: [sits] },
    });
    assert.equal(why(bob, theCase), 'no_seat');
    assert.equal(why(bob, { ...theCase, opened_at: PARTED + 1 }), 'yes');
  });
});

it('A10: an answer given before somebody was taken out counts no more, and they do not answer again', () => {
  const theCase = caseOf({ reviews: [said('bob', { void: 'left' }), said('cas')] });
  assert.deepEqual(
    standingVotes(theCase).map((vote) => vote.person.id),
    ['cas'],
  );
  assert.equal(why(bob, theCase), 'left');
  assert.deepEqual(entitlement(bob, theCase), { eligible: true });
  assert.match(INELIGIBLE.left, /not been active/);
});
