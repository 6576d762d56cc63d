/**
 * May this person review this request: one answer, of an installation with 500 people, 50 absences and 200 authors of
 * changes, for a staged request with answers already cast. Beside it, in the same run, the same question without any of
 * that: one seat, nobody away, nothing cast.
 * Run: npm run bench eligibility
 */
import {
  type Case,
  eligibility,
  NO_DUTIES,
  type Person,
  type Requirement,
  type Seat,
} from '@countersign/core';
import { doublesOf } from '../gateway/src/identity/roster/doubles.ts';
import { EMPTY_ROSTER } from '../gateway/src/identity/roster/roster.ts';
import { type Bench, median, runAlone } from './goals.ts';

const PEOPLE = 500;
const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

const people: readonly Person[] = Array.from({ length: PEOPLE }, (_, n) => ({
  id: `p${n}`,
  name: `Person ${n}`,
  active: n % 50 !== 49,
  roles: ['reviewer'],
  groups: [`team-${n % 10}`, ...(n % 5 === 0 ? ['dba'] : []), ...(n % 7 === 0 ? ['security'] : [])],
  accounts: [`p${n}@example.com`, `oidc:https://idp.example.com#${n}`],
}));
const byName = new Map(
  people.flatMap((person) => [person.id, ...person.accounts].map((name) => [name, person])),
);
const directory: Case['directory'] = {
  person: (id) => byName.get(id),
  personOfAccount: (account) => byName.get(account),
  ownerOf: (agent) => (agent === 'coder' ? 'p1' : agent === 'helper' ? 'p2' : undefined),
  mayAlsoBe: doublesOf(new Map(people.map((person) => [person.id, person])), EMPTY_ROSTER),
  people: () => people,
};

const seat = (by: Seat['by'], count = 1): Seat => ({ by, count, proof: 'session' });
const plain: Requirement = {
  seats: [seat('group:dba')],
  choices: [],
  exclude: [],
  within_ms: HOUR,
  valid_ms: HOUR,
  uses: 1,
};
const staged: Requirement = {
  ...plain,
  seats: [seat('group:dba', 2), seat('group:team-4')],
  choices: [{ rule: 'r', anyOf: [[seat('group:security', 2)], [seat('person:p7'), seat('anyone')]] }],
  next: [{ seats: [seat('group:security', 2), seat('outside:team-3')], choices: [] }],
  exclude: ['group:team-3'],
};
const link = { iss: 'https://issuer.example.com', sub_profile: 'ai_agent' as const };
const simple: Case = {
  principal: {
    tenant: 't',
    agent: 'coder',
    owner: 'p1',
    team: 'team-3',
    subject: { type: 'identity', id: 'p3@example.com' },
    act: { ...link, sub: 'coder', act: { ...link, sub: 'helper' } },
  },
  requirement: plain,
  directory,
  duties: NO_DUTIES,
  reviews: [],
  upstream: 'orders',
  resource: 'drop_table',
  opened_at: NOW,
  now: NOW + HOUR,
};
const full: Case = {
  ...simple,
  requirement: staged,
  reviews: ['p0', 'p4', 'p5', 'p14', 'p21'].map((reviewer) => ({
    reviewer,
    decision: 'approved',
    proof: 'session',
  })),
  duties: {
    delegations: Array.from({ length: 50 }, (_, n) => ({
      id: `d${n}`,
      from: `p${n * 7}`,
      to: `p${n * 7 + 1}`,
      starts_at: NOW,
      until: NOW + 2 * HOUR,
    })),
    changes: new Map(
      Array.from({ length: 200 }, (_, n) => [
        `p${n * 2}`,
        [{ at: NOW - n }, { at: NOW + 1, tool: { upstream: 'orders', resource: 'other' } }],
      ]),
    ),
  },
};

/** Microseconds an answer takes, over everybody: median of the rounds. */
function microseconds(theCase: Case, rounds: number): number {
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    // A case of its own each time: nothing found for one person is there for the next.
    for (const person of people) eligibility(person, { ...theCase });
    took.push(((performance.now() - start) * 1000) / people.length);
  }
  return median(took.slice(Math.floor(rounds / 5)));
}

export const bench: Bench = async ({ quick }) => {
  const rounds = quick ? 5 : 500;
  const plainly = microseconds(simple, rounds);
  const got = microseconds(full, rounds);
  const answers = new Map<string, number>();
  for (const person of people) {
    const may = eligibility(person, full);
    const said = may.eligible ? 'eligible' : may.why;
    answers.set(said, (answers.get(said) ?? 0) + 1);
  }
  const baseline = { name: 'one seat, nobody away', value: plainly, unit: ' µs' };
  return {
    measured: [{ goal: 'eligibility', got, baseline, ratio: got / plainly }],
    also: [['what the 500 were told', [...answers].map(([said, n]) => `${said} ${n}`).join(', ')]],
  };
};

await runAlone(import.meta.url, bench);
