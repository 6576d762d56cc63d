/** Absences, changes and stages, case by case. Random worlds: see separation.test.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Directory, Person } from '../people.ts';
import type { Requirement, Seat } from '../requirement.ts';
import { type Delegation, type Duties, NO_DUTIES, type RuleChange } from './duties.ts';
import { type Case, canBeReviewed, eligibility, entitlement, standingVotes } from './eligibility.ts';
import { quorum } from './quorum.ts';

const NOW = 1000;

const directoryOf = (people: readonly Person[]): Directory => ({
  person: (id) => people.find((each) => each.id === id),
  personOfAccount: (account) => people.find((each) => each.id === account || each.accounts.includes(account)),
  ownerOf: () => undefined,
  people: () => people,
});

/** Whoever asks to approve, in this order; those who may are counted, one after the other. */
function cast(start: Case, order: readonly string[]): Case {
  let at = start;
  for (const id of order) {
    const who = at.directory.person(id);
    if (who === undefined || !eligibility(who, at).eligible) continue;
    at = { ...at, reviews: [...at.reviews, { reviewer: id, decision: 'approved', proof: 'session' }] };
  }
  return at;
}

const person = (id: string, groups: readonly string[], more: Partial<Person> = {}): Person => ({
  id,
  name: id,
  active: true,
  roles: ['reviewer'],
  groups,
  accounts: [],
  ...more,
});
const seat = (by: Seat['by'], count = 1): Seat => ({ by, count, proof: 'session' });
const asks = (first: readonly Seat[], ...next: readonly (readonly Seat[])[]): Requirement => ({
  seats: first,
  choices: [],
  ...(next.length === 0 ? {} : { next: next.map((list) => ({ seats: list, choices: [] })) }),
  exclude: [],
  within_ms: 1,
  valid_ms: 1,
  uses: 1,
});
const away = (from: string, to: string, more: Partial<Delegation> = {}): Delegation => ({
  id: `${from}-${to}`,
  from,
  to,
  starts_at: 0,
  until: NOW + 1,
  ...more,
});

const ann = person('ann', ['a']);
const bob = person('bob', ['a', 'b']);
const cas = person('cas', []);
const dee = person('dee', ['b']);
const olga = person('olga', ['a'], { accounts: ['olga@example.com'] });

const caseOf = (asked: Requirement, duties: Partial<Duties> = {}, more: Partial<Case> = {}): Case => ({
  principal: { tenant: 't', agent: 'bot', owner: 'olga', team: null, subject: { type: 'agent', id: 'bot' } },
  requirement: asked,
  directory: directoryOf([ann, bob, cas, dee, olga]),
  duties: { ...NO_DUTIES, ...duties },
  upstream: 'files',
  resource: 'write',
  opened_at: 500,
  reviews: [],
  now: NOW,
  ...more,
});

describe('sitting in for an absent person', () => {
  const asked = asks([seat('group:a', 2)]);

  it('fills their seat, and is one person all the same', () => {
    const at = caseOf(asked, { delegations: [away('ann', 'cas'), away('dee', 'cas')] });
    assert.deepEqual(eligibility(cas, at), { eligible: true, for: ['ann'] });
    assert.deepEqual(quorum(asked, standingVotes(cast(at, ['cas', 'cas']))), {
      met: false,
      filled: 1,
      needed: 2,
    });
    assert.equal(quorum(asked, standingVotes(cast(at, ['cas', 'bob']))).met, true);
  });

  it('A14: fills their own seat or the absent one’s, not both', () => {
    const at = caseOf(asked, { delegations: [away('ann', 'bob')] });
    assert.deepEqual(eligibility(bob, at), { eligible: true });
    assert.equal(quorum(asked, standingVotes(cast(at, ['bob']))).filled, 1);
  });

  const table: readonly (readonly [string, Person, readonly Delegation[], string])[] = [
    ['the owner sits in for somebody', olga, [away('bob', 'olga')], 'owner'],
    ['somebody sits in for the owner', cas, [away('olga', 'cas')], 'no_seat'],
    ['who gave their seat away does not answer', ann, [away('ann', 'cas')], 'delegated'],
    ['a seat does not pass on', dee, [away('ann', 'cas'), away('cas', 'dee')], 'no_seat'],
    ['a seat given to two is nobody’s', cas, [away('ann', 'cas'), away('ann', 'dee')], 'no_seat'],
    ['before it begins', cas, [away('ann', 'cas', { starts_at: NOW + 1, until: NOW + 2 })], 'no_seat'],
    ['once it is over', cas, [away('ann', 'cas', { until: NOW })], 'no_seat'],
    ['of a person nobody knows', cas, [away('zed', 'cas')], 'no_seat'],
  ];
  for (const [what, who, delegations, why] of table) {
    it(`${what}: ${why}`, () => {
      assert.deepEqual(eligibility(who, caseOf(asked, { delegations })), { eligible: false, why });
    });
  }

  it('A13: a seat outside a group is never filled from within it, in an outsider’s name', () => {
    const outside = asks([seat('group:a'), seat('outside:a')]);
    const at = caseOf(outside, { delegations: [away('cas', 'bob')] });
    assert.equal(quorum(outside, standingVotes(cast(at, ['ann', 'bob']))).met, false);
    assert.equal(quorum(outside, standingVotes(cast(at, ['ann', 'dee']))).met, true, 'dee is outside');
    const only = caseOf(asks([seat('outside:a')]), { delegations: [away('cas', 'bob')] });
    assert.deepEqual(eligibility(bob, only), { eligible: false, why: 'no_seat' });
  });

  it('adds nothing where the absent person has answered before they left', () => {
    const at = caseOf(asked, { delegations: [away('ann', 'cas')] });
    const answered: Case = { ...at, reviews: [{ reviewer: 'ann', decision: 'approved', proof: 'session' }] };
    assert.deepEqual(eligibility(cas, answered), { eligible: false, why: 'no_seat' });
    assert.equal(standingVotes(answered).length, 1);
  });

  it('counts only while it lasts: taken back, the vote is void and the seat free again', () => {
    const at = cast(caseOf(asked, { delegations: [away('ann', 'cas')] }), ['cas']);
    assert.equal(standingVotes(at).length, 1);
    const back: Case = { ...at, duties: NO_DUTIES };
    assert.equal(standingVotes(back).length, 0);
    assert.equal(standingVotes(cast(back, ['ann'])).length, 1);
  });
});

describe('who changed what decides', () => {
  const asked = asks([seat('group:a')]);
  const tool = { upstream: 'files', resource: 'write' };
  const table: readonly (readonly [string, string, RuleChange, boolean])[] = [
    ['a policy, since', 'ann', { at: 500 }, false],
    ['a policy, before', 'ann', { at: 499 }, true],
    ['this tool, since', 'ann', { at: 700, tool }, false],
    ['another tool, since', 'ann', { at: 700, tool: { ...tool, resource: 'read' } }, true],
    ['this tool’s namesake elsewhere', 'ann', { at: 700, tool: { ...tool, upstream: 'db' } }, true],
    ['somebody else', 'dee', { at: 700 }, true],
  ];
  for (const [what, by, made, may] of table) {
    it(`${what}: ${may ? 'may review' : 'may not'}`, () => {
      const got = entitlement(ann, caseOf(asked, { changes: new Map([[by, [made]]]) }));
      assert.deepEqual(got, may ? { eligible: true } : { eligible: false, why: 'changed_rules' });
    });
  }

  it('by whatever name they did it', () => {
    const theCase = caseOf(
      asked,
      { changes: new Map([['olga@example.com', [{ at: 700 }]]]) },
      {
        principal: {
          tenant: 't',
          agent: 'bot',
          owner: 'dee',
          team: null,
          subject: { type: 'agent', id: 'bot' },
        },
      },
    );
    assert.deepEqual(entitlement(olga, theCase), { eligible: false, why: 'changed_rules' });
  });
});

describe('stages', () => {
  const asked = asks([seat('group:a')], [seat('group:b'), seat('anyone')]);
  const stage = (at: Case) => quorum(asked, standingVotes(at));

  it('begin one after the other; who comes too early is told so', () => {
    const at = caseOf(asked);
    assert.deepEqual(eligibility(dee, at), { eligible: false, why: 'later_stage' });
    assert.deepEqual(eligibility(cas, at), { eligible: false, why: 'later_stage' });
    assert.deepEqual(stage(at), { met: false, filled: 0, needed: 3, stage: 1, stages: 2 });
    const second = cast(at, ['dee', 'ann']);
    assert.deepEqual(stage(second), { met: false, filled: 1, needed: 3, stage: 2, stages: 2 });
    assert.deepEqual(eligibility(dee, second), { eligible: true });
    assert.deepEqual(stage(cast(second, ['dee', 'cas'])), {
      met: true,
      filled: 3,
      needed: 3,
      stage: 2,
      stages: 2,
    });
  });

  it('A14: one person fills one seat over all of them', () => {
    const at = cast(caseOf(asked), ['bob', 'bob', 'ann', 'cas', 'bob']);
    assert.deepEqual(
      at.reviews.map(({ reviewer }) => reviewer),
      ['bob', 'ann', 'cas'],
    );
    assert.equal(stage(at).met, false);
  });

  it('keep a person for the stage they are needed in, once the one before is full of others', () => {
    const two = asks([seat('group:a', 1), seat('anyone', 1)], [seat('group:a')]);
    const at = cast(caseOf(two), ['ann']);
    assert.deepEqual(eligibility(cas, at), { eligible: true });
    assert.deepEqual(eligibility(bob, at), { eligible: true });
    const full = asks([seat('group:a'), seat('person:cas')], [seat('group:b')]);
    assert.deepEqual(eligibility(bob, cast(caseOf(full), ['ann'])), { eligible: false, why: 'later_stage' });
  });

  it('I8: a vote of an earlier stage that no longer counts takes back what was built on it', () => {
    const at = cast(caseOf(asked), ['ann', 'dee', 'cas']);
    assert.equal(stage(at).met, true);
    const without = { ...at, directory: directoryOf([bob, cas, dee, olga]) };
    assert.equal(stage(without).met, false);
  });

  it('are refused at once when too few people could fill them all', () => {
    const same = asks([seat('group:b')], [seat('group:b')]);
    assert.equal(canBeReviewed(caseOf(same)), true);
    assert.equal(canBeReviewed(caseOf(asks([seat('group:b')], [seat('group:b')], [seat('group:b')]))), false);
    assert.equal(canBeReviewed(caseOf(same, { delegations: [away('bob', 'dee')] })), false);
  });
});
