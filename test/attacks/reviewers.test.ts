/**
 * Attacks on who decides, by many at once: 32 people answer one request over the real store, in random order and with
 * random pauses at every read and commit, while people lose groups, are found to be the requester, leave and come back.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import {
  type Case,
  eligibility,
  INELIGIBLE,
  type JsonObject,
  quorum,
  type ReviewDecision,
  responsibleFor,
  standingVotes,
} from '@countersign/core';
import fc from 'fast-check';
import { createChanges } from '../../gateway/src/authority/changes.ts';
import { type Config, configSchema } from '../../gateway/src/config/config.ts';
import { createDelegations } from '../../gateway/src/delegations/delegations.ts';
import { EMPTY_ROSTER } from '../../gateway/src/identity/roster/roster.ts';
import { loadCase } from '../../gateway/src/requests/case.ts';
import { loadRequest } from '../../gateway/src/requests/load.ts';
import type { Row, Store } from '../../gateway/src/store/store.ts';
import { CONFIG, createRig, held, policyOf, type Rig, SEAT } from '../../gateway/testing/rig.ts';

const PEOPLE = 32;
const idOf = (n: number): string => `p${n}`;
const ALL = Array.from({ length: PEOPLE }, (_, n) => idOf(n));

type World = {
  readonly inactive?: string;
  readonly outside?: string;
  /** Found to be the same human as the agent that asks. */
  readonly linked?: string;
};

/** p0 owns the agent; every second person is in `a`, every third in `b`. */
function configOf({ inactive, outside, linked }: World = {}): Config {
  const member = (every: number) => ALL.filter((id, n) => n % every === 0 && id !== outside);
  return configSchema.parse({
    people: Object.fromEntries(
      ALL.map((id, n) => [
        id,
        {
          name: id,
          roles: n % 4 === 0 ? ['reviewer', 'operator'] : ['reviewer'],
          active: id !== inactive,
          accounts: [`${id}@example.com`, ...(id === linked ? ['coder'] : [])],
        },
      ]),
    ),
    groups: { a: member(2), b: member(3) },
    agents: { coder: { owner: 'p0', keys: [`sha256:${'a'.repeat(64)}`], pending_max: 3 } },
  });
}

const seat = (by: 'group:a' | 'group:b' | 'anyone', count: number) => ({
  by,
  count,
  proof: 'session' as const,
});
const POLICY = policyOf({
  flat: {
    then: 'require',
    requirement: { ...SEAT, seats: [seat('group:a', 2), seat('group:b', 2), seat('anyone', 1)] },
  },
  staged: {
    then: 'require',
    requirement: {
      ...SEAT,
      seats: [seat('group:a', 2)],
      next: [{ seats: [seat('group:b', 2), seat('anyone', 1)], choices: [] }],
    },
  },
});

/** Pauses of random length before every read and commit: what is read may be old by the time it is acted on. */
function pausing(store: Store, next: () => number): Store {
  const pause = async (): Promise<void> => {
    for (let left = next() % 4; left > 0; left -= 1) await turn();
  };
  return {
    ...store,
    async read<R extends Row = Row>(query: Parameters<Store['read']>[0]) {
      await pause();
      const rows = await store.read<R>(query);
      await pause();
      return rows;
    },
    commit: async (command) => {
      await pause();
      return store.commit(command);
    },
  };
}

/** Numbers that look random and are the same for the same seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

type Doing = (rig: Rig) => Promise<unknown>;

const someone = fc.integer({ min: 1, max: PEOPLE - 1 }).map(idOf);
const changes: fc.Arbitrary<readonly Doing[]> = fc.array(
  fc.oneof(
    fc.record({ inactive: someone, outside: someone, linked: someone }, { requiredKeys: [] }).map(
      (world): Doing =>
        (rig) =>
          rig.change({ config: configOf(world) }),
    ),
    fc.tuple(someone, someone).map(
      ([from, to]): Doing =>
        (rig) =>
          delegationsOf(rig).give(from, { to, until: rig.time.now + 1000 }),
    ),
  ),
  { maxLength: 4 },
);

function delegationsOf({ deps, authority }: Rig) {
  const world = { config: CONFIG, pins: new Map(), roster: EMPTY_ROSTER };
  return createDelegations({
    ...deps,
    changes: createChanges({ ...deps, authority: () => authority, world }),
    lasts_max_ms: () => 1_000_000,
  });
}

const caseNow = async (rig: Rig, id: string): Promise<Case> => {
  const stored = await loadRequest(rig.store, id);
  assert.ok(stored);
  return loadCase(rig.deps, stored, { authority: rig.authority.current() });
};

const predicates = async (rig: Rig): Promise<readonly JsonObject[]> =>
  (await rig.entries()).map((entry) => ({
    kind: entry['kind'] ?? '',
    ...(entry['predicate'] as JsonObject),
  }));

/** I3–I5 of what the store and the log say, however it came about. */
async function holds(rig: Rig, id: string): Promise<string> {
  const entries = await predicates(rig);
  const endings = entries.filter(
    (entry) => entry['kind'] === 'resolution' && !String(entry['status']).startsWith('approval-'),
  );
  const stored = await loadRequest(rig.store, id);
  const status = stored?.request.status ?? 'gone';
  assert.equal(endings.length, status === 'pending' ? 0 : 1, 'I5: a request ends once');
  const counted = entries.filter((entry) => entry['kind'] === 'review' && entry['counted'] === true);
  assert.equal(
    new Set(counted.map((entry) => entry['reviewer'])).size,
    counted.length,
    'I4: one answer a person',
  );
  assert.ok(!counted.some((entry) => entry['reviewer'] === 'p0'), 'I4: the owner answered');
  const reviews = await rig.store.read({ sql: 'SELECT reviewer, decision FROM reviews', params: [] });
  assert.equal(reviews.length, counted.length, 'I10: what is stored and what is sealed differ');
  const runs = await rig.store.read({ sql: 'SELECT 1 FROM executions', params: [] });
  assert.ok(runs.length <= 1, 'I3: it ran twice');
  if (status === 'denied') {
    assert.equal(runs.length, 0, 'I5: it ran though somebody said no');
    assert.equal((await rig.store.read({ sql: 'SELECT 1 FROM approvals', params: [] })).length, 0);
  }
  return status;
}

describe('32 reviewers at once, in random interleavings (I3–I5)', () => {
  for (const tool of ['flat', 'staged'] as const) {
    it(`A14, A17: ${tool}: one ending, one answer a person, one run, and only on the word of who may`, {
      timeout: 60_000,
    }, async () => {
      const seen = new Map<string, number>();
      const scenario = fc.tuple(
        fc.integer(),
        changes,
        fc.shuffledSubarray(ALL, { minLength: PEOPLE }),
        fc.option(someone, { freq: 2 }),
      );
      await fc.assert(
        fc.asyncProperty(scenario, async ([seed, doings, order, denier]) => {
          const random = numbers(seed);
          const rig = await createRig(POLICY, {
            config: configOf(),
            wrap: (store) => pausing(store, random),
          });
          try {
            const { id } = held(await rig.call(tool));
            const decision = (who: string): ReviewDecision => (who === denier ? 'denied' : 'approved');
            const answers = order.map((who) => rig.answer(id, who, { decision: decision(who) }));
            const asking = Array.from({ length: 4 }, () => rig.call(tool));
            const doing = doings.map((each) => each(rig));
            await Promise.all([...answers, ...asking, ...doing]);
            // In a staged review most came too early: they look again, as people do.
            if (tool === 'staged')
              for (const who of order) await rig.answer(id, who, { decision: decision(who) });
            const status = await holds(rig, id);
            seen.set(status, (seen.get(status) ?? 0) + 1);
            const theCase = await caseNow(rig, id);
            const stillMet = quorum(theCase.requirement, standingVotes(theCase)).met;
            const again = await Promise.all(Array.from({ length: 4 }, () => rig.call(tool)));
            const permits = again.filter(({ kind }) => kind === 'permitted').length;
            const ran = await rig.store.read({
              sql: 'SELECT 1 FROM executions WHERE request_id = $1',
              params: [id],
            });
            assert.ok(permits <= 1 && ran.length <= 1, 'I3: more than one run of one approval');
            if (permits === 1) assert.ok(stillMet, 'I8: it ran on answers that no longer count');
            for (const { person } of standingVotes(theCase))
              assert.ok(
                !responsibleFor(theCase.principal, theCase.directory, theCase.opened_at).has(person.id),
              );
          } finally {
            await rig.close();
          }
        }),
        { numRuns: 10, endOnFailure: true },
      );
      assert.ok((seen.get('approved') ?? 0) > 0, `never approved: ${JSON.stringify([...seen])}`);
    });
  }
});

const person = (name: string, more: object = {}) => ({ name, roles: ['reviewer'], ...more });
const PARTS = {
  people: {
    alice: person('Alice', {
      roles: ['operator', 'reviewer', 'auditor'],
      accounts: ['alice@example.com', 'slack:U1'],
    }),
    bob: person('Bob', { roles: ['operator', 'reviewer'] }),
    carol: person('Carol'),
  },
  groups: { dba: ['alice', 'bob', 'carol'], platform: ['bob'] },
  agents: { coder: { owner: 'alice', team: 'platform', keys: [`sha256:${'a'.repeat(64)}`] } },
};
const withAccounts = (bob: readonly string[]) =>
  configSchema.parse({ ...PARTS, people: { ...PARTS.people, bob: person('Bob', { accounts: bob }) } });

describe('one human under many names (A13)', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await createRig(policyOf({ write: { then: 'require' } }), { config: configSchema.parse(PARTS) });
  });
  afterEach(() => rig.close());

  it('A13: no role and no account of the owner opens a way to approve, and the view says why', async () => {
    const { id } = held(await rig.call('write'));
    for (const name of ['alice', 'alice@example.com', 'slack:U1', 'coder']) {
      const outcome = await rig.answer(id, name);
      assert.equal(outcome.kind === 'refused' && outcome.why, 'not_eligible', name);
    }
    const why = (await rig.requests.show(id, 'alice'))?.eligibility;
    assert.deepEqual(why, { eligible: false, why: 'owner' });
    const outcome = await rig.answer(id, 'alice');
    assert.equal(
      outcome.kind === 'refused' && outcome.message,
      `You may not review this: ${INELIGIBLE.owner}.`,
    );
  });

  const links: readonly (readonly [string, readonly string[], string])[] = [
    ['the agent itself', ['coder'], 'requester'],
    ['an account of the agent’s, in another spelling', ['CODER'], 'requester'],
  ];
  for (const [what, accounts, why] of links) {
    it(`A13: an approval is void once its reviewer turns out to be ${what}`, async () => {
      const { id } = held(await rig.call('write'));
      await rig.answer(id, 'bob');
      await rig.change({ config: withAccounts(accounts) });
      assert.notEqual((await rig.call('write')).kind, 'permitted');
      const ended = (await predicates(rig)).findLast((entry) => entry['status'] === 'approval-revoked');
      assert.deepEqual(ended?.['reason'], {
        why: 'the reviews no longer meet the policy',
        lost: [{ reviewer: 'bob', why }],
      });
      const shown = (await rig.requests.show(id, 'carol'))?.reviews.map((each) => [
        each.counts,
        each.why_not,
      ]);
      assert.deepEqual(shown, [[false, why]]);
    });
  }

  it('A13: an agent handed to another owner: neither the old nor the new one’s answer carries it', async () => {
    const handed = { ...PARTS, agents: { coder: { ...PARTS.agents.coder, owner: 'bob' } } };
    const { id } = held(await rig.call('write'));
    await rig.change({ config: configSchema.parse(handed) });
    for (const who of ['alice', 'bob']) {
      const outcome = await rig.answer(id, who);
      assert.equal(outcome.kind === 'refused' && outcome.why, 'not_eligible', who);
    }
    await rig.answer(id, 'carol');
    assert.equal((await rig.requests.show(id, 'carol'))?.status, 'approved');
  });

  it('A13: whoever changes what decides on a request does not decide it', async () => {
    const { id } = held(await rig.call('write'));
    const { deps, authority } = rig;
    const world = { config: configSchema.parse(PARTS), pins: new Map(), roster: EMPTY_ROSTER };
    const change = async (by: string, tool?: string) =>
      createChanges({ ...deps, authority: () => authority, world }).applyBeside(() => ({
        world: {},
        next: {},
        steps: [],
        record: {
          kind: tool === undefined ? 'config-change' : 'tool-change',
          task_id: 'test',
          by,
          predicate: {},
          ...(tool === undefined ? {} : { upstream: 'files', resource: tool }),
        },
      }));
    await change('bob', 'read');
    assert.deepEqual((await rig.requests.show(id, 'bob'))?.eligibility, { eligible: true });
    await change('bob', 'write');
    assert.deepEqual((await rig.requests.show(id, 'bob'))?.eligibility, {
      eligible: false,
      why: 'changed_rules',
    });
    const outcome = await rig.answer(id, 'bob');
    assert.equal(outcome.kind === 'refused' && outcome.why, 'not_eligible');
    rig.time.now += 1;
    const { id: later } = held(await rig.call('write', { later: true }));
    assert.deepEqual((await rig.requests.show(later, 'bob'))?.eligibility, { eligible: true });
    const theCase = await caseNow(rig, id);
    const carol = theCase.directory.person('carol');
    assert.ok(carol && eligibility(carol, theCase).eligible);
  });
});
