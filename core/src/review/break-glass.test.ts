/** Who may break the glass, and who may judge it: by cases, and over random worlds (I4). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Directory, isSeatedBy, type Person, responsibleFor } from '../people.ts';
import type { BreakGlass, By } from '../requirement.ts';
import {
  type AfterGlass,
  GLASS_LASTS_MS_MAX,
  glassEligibility,
  glassLasts,
  judgeEligibility,
  type NoGlass,
  type NoJudge,
} from './break-glass.ts';
import type { Case } from './eligibility.ts';

const person = (id: string, more: Partial<Person> = {}): Person => ({
  id,
  name: id,
  active: true,
  roles: ['reviewer'],
  groups: ['oncall', 'security'],
  accounts: [`${id}@example.com`],
  ...more,
});

const directoryOf = (people: readonly Person[]): Directory => ({
  person: (id) => people.find((each) => each.id === id),
  personOfAccount: (account) => people.find((each) => each.id === account || each.accounts.includes(account)),
  ownerOf: (agent) => (agent === 'bot' ? 'olga' : undefined),
  people: () => people,
});

const TERMS: BreakGlass = { by: ['group:oncall'], notify: [], review: ['group:security'] };

type Over = {
  readonly people?: readonly Person[];
  readonly terms?: BreakGlass | undefined;
  readonly exclude?: readonly By[];
  readonly over?: Partial<Case>;
};
/** Bob is asked about; Carol could judge; Olga owns the agent. The quorum is two of a group Bob is not in. */
function caseOf({ people = [person('bob')], exclude = [], over = {}, ...rest }: Over): Case {
  const terms = 'terms' in rest ? rest.terms : TERMS;
  return {
    principal: {
      tenant: 't',
      agent: 'bot',
      owner: 'olga',
      team: null,
      subject: { type: 'agent', id: 'bot' },
    },
    requirement: {
      seats: [{ by: 'group:dba', count: 2, proof: 'passkey' }],
      choices: [],
      exclude,
      within_ms: 1,
      valid_ms: 1,
      uses: 1,
      ...(terms === undefined ? {} : { break_glass: terms }),
    },
    directory: directoryOf([...people, person('carol', { groups: ['security'] }), person('olga')]),
    duties: { delegations: [], changes: new Map() },
    reviews: [],
    opened_at: 100,
    now: 200,
    upstream: 'files',
    resource: 'write',
    ...over,
  };
}

const bob = (more: Partial<Person> = {}) => ({ people: [person('bob', more)] });
const subject = (id: string) => ({
  over: { principal: { ...caseOf({}).principal, subject: { type: 'identity' as const, id } } },
});
const act = { iss: 'i', sub: 'bob', sub_profile: 'ai_agent' as const };
const asked: readonly (readonly [name: string, over: Over, why: NoGlass | undefined])[] = [
  ['who is named, whatever quorum and stages ask', {}, undefined],
  ['where no rule offers it', { terms: undefined }, 'not_offered'],
  ['who is not named', bob({ groups: ['security'] }), 'not_named'],
  [
    'who fits one rule and not the other',
    { terms: { ...TERMS, by: ['group:dba', 'group:oncall'] } },
    'not_named',
  ],
  ['where nobody is named', { terms: { ...TERMS, by: [] } }, 'not_named'],
  ['the inactive', bob({ active: false }), 'inactive'],
  ['an auditor', bob({ roles: ['auditor', 'operator'] }), 'not_a_reviewer'],
  ['whom it is asked for', subject('bob'), 'requester'],
  ['whom it is asked for, under another account', subject('bob@example.com'), 'requester'],
  [
    'the owner, whatever their roles',
    {
      over: { principal: { ...caseOf({}).principal, owner: 'bob' } },
      ...bob({ roles: ['reviewer', 'operator'] }),
    },
    'owner',
  ],
  ['who passed it on', { over: { principal: { ...caseOf({}).principal, act } } }, 'act_chain'],
  [
    'who was responsible when it was opened',
    { over: { opened_as: { ...caseOf({}).principal, owner: 'bob' } } },
    'owner',
  ],
  [
    'who changed the rules since',
    { over: { duties: { delegations: [], changes: new Map([['bob@example.com', [{ at: 150 }]]]) } } },
    'changed_rules',
  ],
  ['whom the policy bars', { exclude: ['group:oncall'] }, 'excluded'],
  [
    'who is away',
    {
      over: {
        duties: {
          delegations: [{ id: 'd', from: 'bob', to: 'carol', starts_at: 0, until: 999 }],
          changes: new Map(),
        },
      },
    },
    'delegated',
  ],
  ['an agent nobody owns', { over: { principal: { ...caseOf({}).principal, owner: null } } }, 'unowned'],
  ['where nobody else could judge it', { terms: { ...TERMS, review: ['person:bob'] } }, 'nobody_after'],
  ['where only the owner could judge it', { terms: { ...TERMS, review: ['person:olga'] } }, 'nobody_after'],
];

describe('breaking the glass', () => {
  for (const [name, over, why] of asked)
    it(`${name}: ${why ?? 'may'}`, () => {
      const theCase = caseOf(over);
      const who = theCase.directory.person('bob');
      assert.ok(who);
      assert.deepEqual(
        glassEligibility(who, theCase),
        why === undefined ? { eligible: true } : { eligible: false, why },
      );
    });

  it('a seat somebody sits in is no name: who sits in for the one named may not', () => {
    const dan = person('dan', { groups: [] });
    const duties = {
      delegations: [{ id: 'd', from: 'bob', to: 'dan', starts_at: 0, until: 999 }],
      changes: new Map(),
    };
    const may = glassEligibility(dan, caseOf({ people: [person('bob'), dan], over: { duties } }));
    assert.deepEqual(may, { eligible: false, why: 'not_named' });
  });

  it('lasts as long as an approval, and never over ten minutes', () => {
    assert.deepEqual(
      [1000, 600_000, 86_400_000].map((valid_ms) => glassLasts({ valid_ms })),
      [1000, GLASS_LASTS_MS_MAX, 600_000],
    );
  });
});

const judges: readonly (readonly [name: string, who: Person, over: Over, why: NoJudge | undefined])[] = [
  ['somebody else of those named', person('eve'), {}, undefined],
  [
    'whoever changed the rules since',
    person('eve'),
    { over: { duties: { delegations: [], changes: new Map([['eve', [{ at: 150 }]]]) } } },
    undefined,
  ],
  ['whoever broke it', person('bob'), {}, 'breaker'],
  [
    'whoever broke it, known by another name by now',
    person('eve', { accounts: ['bob'] }),
    { people: [] },
    'breaker',
  ],
  ['the owner', person('olga'), {}, 'owner'],
  ['whom it was for', person('eve'), subject('eve'), 'requester'],
  ['somebody of another group', person('eve', { groups: ['oncall'] }), {}, 'not_named'],
  ['the inactive', person('eve', { active: false }), {}, 'inactive'],
  ['an operator who is no reviewer', person('eve', { roles: ['operator'] }), {}, 'not_a_reviewer'],
  ['whom the policy bars', person('eve'), { exclude: ['person:eve'] }, 'excluded'],
];

describe('judging it afterwards', () => {
  for (const [name, who, over, why] of judges)
    it(`${name}: ${why ?? 'may'}`, () => {
      const others = over.people ?? [person('bob')];
      const theCase = caseOf({ ...over, people: [...others.filter(({ id }) => id !== who.id), who] });
      const may = judgeEligibility(who, { theCase, terms: TERMS, broken_by: 'bob' });
      assert.deepEqual(may, why === undefined ? { eligible: true } : { eligible: false, why });
    });
});

const IDS = ['ann', 'bob', 'cas', 'dee'] as const;
const name = fc.oneof(fc.constantFrom(...IDS), fc.constantFrom(...IDS.map((id) => `${id}@example.com`)));
const by = fc.constantFrom<By[]>('group:a', 'group:b', 'person:bob', 'anyone');
const named = fc.uniqueArray(by, { maxLength: 2 });
const world = fc.record({
  people: fc.tuple(
    ...IDS.map((id) =>
      fc
        .record({ active: fc.boolean(), reviewer: fc.boolean(), groups: fc.subarray(['a', 'b']) })
        .map(({ active, reviewer, groups }) =>
          person(id, { active, groups, roles: reviewer ? ['reviewer'] : ['operator'] }),
        ),
    ),
  ),
  owner: name,
  asker: name,
  terms: fc.record({ by: named, notify: named, review: named }),
  exclude: fc.uniqueArray(by, { maxLength: 1 }),
});

it('I4: in any world, who breaks it is named and answers for none of it, and somebody else can judge', () => {
  fc.assert(
    fc.property(world, ({ people, owner, asker, terms, exclude }) => {
      const principal = {
        tenant: 't',
        agent: 'helper',
        owner,
        team: null,
        subject: { type: 'identity' as const, id: asker },
      };
      const theCase: Case = { ...caseOf({ terms, exclude }), principal, directory: directoryOf(people) };
      const responsible = responsibleFor(principal, theCase.directory, theCase.opened_at);
      for (const who of people) {
        if (!glassEligibility(who, theCase).eligible) continue;
        assert.ok(who.active && who.roles.includes('reviewer') && !responsible.has(who.id));
        assert.ok(terms.by.length > 0 && terms.by.every((each) => isSeatedBy(who, each)));
        assert.ok(!exclude.some((each) => isSeatedBy(who, each)));
        const after: AfterGlass = { theCase, terms, broken_by: who.id };
        const able = people.filter((each) => judgeEligibility(each, after).eligible);
        assert.ok(able.length > 0 && able.every(({ id }) => id !== who.id && !responsible.has(id)));
      }
    }),
  );
});
