/** Grants through the real door and the real store: what one covers, who gives it, and every way it ends (I3, I8). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Evaluation, GrantTerms, JsonObject } from '@countersign/core';
import type { Grant } from '@countersign/sdk';
import { beforeCommit } from '../../testing/race.ts';
import { CONFIG, createRig, evaluationOf, held, policyOf, type Rig, SEAT } from '../../testing/rig.ts';
import type { Grants } from '../api/ports.ts';
import { pinKey } from '../authority/authority.ts';
import { configSchema } from '../config/config.ts';
import { recoverExecutions } from '../executions/recover.ts';
import { sweep } from '../requests/ending/expire.ts';
import { createGrants } from './grants.ts';

const HOUR = 3_600_000;
const TERMS: GrantTerms = { lasts_ms: 8 * HOUR, uses: 5 };
const PIN = `sha256:${'5'.repeat(64)}`;
const offers = (grant: GrantTerms | undefined, count = 1) => ({
  then: 'require' as const,
  requirement: {
    ...SEAT,
    seats: [{ by: 'group:dba' as const, count, proof: 'session' as const }],
    within_ms: HOUR,
    ...(grant === undefined ? {} : { grant }),
  },
});
const RULES = {
  write: offers(TERMS),
  wipe: offers(TERMS, 2),
  other: offers(TERMS),
  plain: offers(undefined),
};

let rig: Rig;
let grants: Grants;
beforeEach(async () => {
  rig = await createRig(policyOf(RULES));
  grants = createGrants(rig.deps);
  await accept(PIN);
});
afterEach(() => rig.close());

const accept = (pin: string) =>
  rig.authority.change('accept', (current) => ({
    next: {
      ...current,
      pins: new Map(
        Object.keys(RULES).map((tool) => [
          pinKey('files', tool),
          { pin, class: 'write' as const, definition: {} },
        ]),
      ),
    },
    steps: [],
    entries: () => [],
  }));

type More = { readonly agent?: string; readonly pin?: string; readonly upstream?: JsonObject };
const ask = (
  tool: string,
  args: JsonObject,
  { agent = 'coder', pin = PIN, upstream = { id: 'files', config_digest: 'd' } }: More = {},
) => {
  const principal = rig.principalOf(agent);
  const plain = evaluationOf(principal, tool, args);
  const evaluation: Evaluation = { ...plain, context: { upstream, tool_pin: pin, arguments: args } };
  return rig.enforce(principal, evaluation);
};
const open = async (tool = 'write', n = 0) => held(await ask(tool, { n })).id;
const give = async (id: string, who: string, grant: GrantTerms = { lasts_ms: HOUR, uses: 3 }) => {
  const outcome = await rig.answer(id, who, { grant });
  assert.equal(outcome.kind, 'recorded', outcome.kind === 'refused' ? outcome.message : '');
};
const granted = async (tool = 'write', grant?: GrantTerms): Promise<Grant> => {
  const id = await open(tool);
  await give(id, 'bob', grant);
  const given = (await rig.requests.show(id, 'bob'))?.grant;
  assert.ok(given);
  return given;
};
const kind = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).kind;
const predicates = async () => (await rig.entries()).map((entry) => entry['predicate'] as JsonObject);

describe('a grant', () => {
  it('tells whoever looks at its request of each run by it, and that it ended', async () => {
    const { id, request_id } = await granted();
    const told: (string | undefined)[] = [];
    rig.deps.bus.subscribe(({ run, ...change }) => {
      assert.equal(change.request_id, request_id);
      told.push(run?.status);
    });
    const verdict = await ask('write', { n: 7 });
    assert.ok(verdict.kind === 'permitted');
    await verdict.permit.finish({ status: 'succeeded' });
    await grants.revoke(id, 'bob', 'enough');
    assert.deepEqual(told, ['started', 'succeeded', undefined]);
  });

  it('covers the same tool with other arguments, for its uses, and every run is on the record as a use of it', async () => {
    const { id, request_id, uses_left } = await granted();
    assert.equal(uses_left, 3);
    assert.equal(await kind('write', { n: 0 }), 'permitted', 'the one that was shown, by its own approval');
    for (const n of [1, 2, 3]) assert.equal(await kind('write', { n }), 'permitted');
    assert.equal(await kind('write', { n: 4 }), 'held', 'used up');
    const runs = (await predicates()).filter((each) => each['phase'] === 'started');
    assert.deepEqual(
      runs.map((each) => [each['approval_id'] === undefined, each['grant_id'], each['granted_by']]),
      [[false, undefined, undefined], ...[1, 2, 3].map(() => [true, id, request_id])],
    );
    const [now] = (await grants.list({}, { limit: 5 })).items;
    assert.deepEqual([now?.status, now?.uses_left], ['used', 0]);
    assert.deepEqual((await grants.list({ active: true }, { limit: 5 })).items, []);
  });

  const outside: readonly (readonly [string, Parameters<typeof ask>])[] = [
    ['another tool', ['other', { n: 1 }]],
    ['another agent', ['write', { n: 1 }, { agent: 'other' }]],
    [
      'another upstream of the same name',
      ['write', { n: 1 }, { upstream: { id: 'files', config_digest: 'e' } }],
    ],
  ];
  for (const [what, asked] of outside) {
    it(`I3: does not cover ${what}`, async () => {
      await granted();
      assert.equal(await kind(...asked), 'held');
    });
  }

  it('A9: does not cover the tool once it has changed', async () => {
    await granted();
    const changed = `sha256:${'6'.repeat(64)}`;
    await accept(changed);
    assert.equal(await kind('write', { n: 1 }, { pin: changed }), 'held');
  });

  it('I3: is used no more often than given, whoever races', async () => {
    await granted();
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => ask('write', { n: n + 1 })));
    assert.equal(answers.filter((each) => each.kind === 'permitted').length, 3);
  });

  it('A10: nor than today’s policy gives', async () => {
    await granted();
    await rig.change({ policy: policyOf({ ...RULES, write: offers({ ...TERMS, uses: 1 }) }) });
    const kinds = await Promise.all([1, 2].map((n) => kind('write', { n })));
    assert.deepEqual(kinds.sort(), ['held', 'permitted']);
  });

  it('I9: is used once for one call, however often it is made at once', async () => {
    await granted();
    const kinds = await Promise.all([1, 1, 1].map((n) => kind('write', { n })));
    assert.deepEqual(kinds.sort(), ['permitted', 'refused', 'refused']);
  });

  it('I9: is not used again for a call that may have run, until people say so', async () => {
    await granted();
    assert.equal(await kind('write', { n: 1 }), 'permitted');
    assert.equal(await kind('write', { n: 1 }), 'refused', 'it runs');
    assert.equal(await recoverExecutions(rig.deps), 1);
    assert.equal(await kind('write', { n: 1 }), 'held');
    assert.equal(await kind('write', { n: 2 }), 'permitted');
  });

  it('I9: nor for one that began, and of which nothing more is known, while this use was being taken', async () => {
    await granted();
    beforeCommit(rig.store, 'use-grant', async () => {
      assert.equal(await kind('write', { n: 1 }), 'permitted');
      assert.equal(await recoverExecutions(rig.deps), 1);
    });
    assert.equal(await kind('write', { n: 1 }), 'held');
    const [grant] = (await grants.list({}, { limit: 1 })).items;
    assert.equal(grant?.uses_left, 2);
  });

  it('does not lift a person’s no to exactly this call', async () => {
    await granted();
    await grants.revoke((await grants.list({}, { limit: 1 })).items[0]?.id ?? '', 'bob', 'first a no');
    const id = await open('write', 1);
    await rig.answer(id, 'carol', { decision: 'denied' });
    const other = await open('write', 2);
    await give(other, 'bob');
    assert.equal(await kind('write', { n: 1 }), 'refused');
    assert.equal(await kind('write', { n: 3 }), 'permitted');
  });
});

describe('giving one', () => {
  const refusals: readonly (readonly [string, string, GrantTerms, RegExp])[] = [
    ['where the policy offers none', 'plain', { lasts_ms: HOUR, uses: 1 }, /the policy offers none/],
    [
      'longer than it offers',
      'write',
      { lasts_ms: TERMS.lasts_ms + 1, uses: 1 },
      /^grant\.lasts_ms: .* 1m to 8h/,
    ],
    ['for no time at all', 'write', { lasts_ms: 1, uses: 1 }, /^grant\.lasts_ms/],
    ['for more uses', 'write', { lasts_ms: HOUR, uses: TERMS.uses + 1 }, /^grant\.uses: .* 1 to 5/],
    ['for none', 'write', { lasts_ms: HOUR, uses: 0 }, /^grant\.uses/],
  ];
  for (const [what, tool, grant, message] of refusals) {
    it(`is refused ${what}, and the answer with it`, async () => {
      const id = await open(tool);
      const outcome = await rig.answer(id, 'bob', { grant });
      assert.match(outcome.kind === 'refused' ? outcome.message : 'recorded', message);
      assert.equal((await rig.requests.show(id, 'bob'))?.status, 'pending');
    });
  }

  it('is refused with a denial', async () => {
    const outcome = await rig.answer(await open(), 'bob', {
      decision: 'denied',
      grant: { lasts_ms: HOUR, uses: 1 },
    });
    assert.equal(outcome.kind === 'refused' && outcome.why, 'grant_refused');
  });

  it('A13: is not the owner’s to give', async () => {
    const outcome = await rig.answer(await open(), 'alice', { grant: { lasts_ms: HOUR, uses: 1 } });
    assert.equal(outcome.kind === 'refused' && outcome.why, 'not_eligible');
  });

  it('takes everyone whose vote is needed, and is the narrowest any of them offered', async () => {
    const id = await open('wipe');
    await give(id, 'bob', { lasts_ms: 2 * HOUR, uses: 2 });
    await give(id, 'carol', { lasts_ms: HOUR, uses: 4 });
    const given = (await rig.requests.show(id, 'bob'))?.grant;
    assert.deepEqual([given?.uses_given, (given?.given_until ?? 0) - (given?.given_at ?? 0)], [2, HOUR]);
  });

  for (const first of [true, false]) {
    it(`of two, one who offers none (the ${first ? 'first' : 'second'}) leaves it at the one action`, async () => {
      const id = await open('wipe');
      await rig.answer(id, 'bob', first ? {} : { grant: { lasts_ms: HOUR, uses: 2 } });
      await rig.answer(id, 'carol', first ? { grant: { lasts_ms: HOUR, uses: 2 } } : {});
      const shown = await rig.requests.show(id, 'bob');
      assert.deepEqual([shown?.status, shown?.grant], ['approved', undefined]);
      assert.equal(await kind('wipe', { n: 1 }), 'held');
    });
  }

  it('is not given for what has no accepted definition', async () => {
    const id = held(await rig.call('write', { bare: true })).id;
    await give(id, 'bob');
    assert.equal((await rig.requests.show(id, 'bob'))?.grant, undefined);
  });
});

describe('a grant ends', () => {
  it('by itself, on the record', async () => {
    const { id } = await granted();
    rig.time.now += HOUR;
    assert.equal(await kind('write', { n: 1 }), 'held');
    await sweep(rig.deps);
    const ended = (await predicates()).filter((each) => each['status'] === 'grant-expired');
    assert.deepEqual(
      ended.map((each) => each['grant']),
      [{ id }],
    );
  });

  it('when somebody takes it back: who reviewed, who may review, the owner, operators, and nobody else', async () => {
    for (const by of ['bob', 'carol', 'alice', 'dan']) {
      const { id } = await granted();
      const stranger = await grants.revoke(id, 'eve', 'no');
      assert.equal(stranger.kind === 'refused' && stranger.why, 'not_allowed');
      assert.deepEqual(await grants.revoke(id, by, 'enough'), { kind: 'done' });
      const twice = await grants.revoke(id, by, 'again');
      assert.equal(twice.kind === 'refused' && twice.why, 'wrong_state');
      const waits = held(await ask('write', { n: 7 })).id;
      await rig.requests.cancel(waits, 'dan');
      const mine = held(await ask('write', { by })).id;
      await rig.requests.cancel(mine, 'dan');
      rig.time.now += HOUR;
      await sweep(rig.deps);
    }
  });

  const lost: readonly (readonly [string, () => Promise<unknown>, string])[] = [
    [
      'its reviewer has lost the group',
      () => rig.change({ config: { ...CONFIG, groups: { dba: ['carol'] } } }),
      'no_seat',
    ],
    [
      'its reviewer turns out to be the requester (A13)',
      () =>
        rig.change({
          config: configSchema.parse({
            ...CONFIG,
            people: { ...CONFIG.people, bob: { name: 'Bob', roles: ['reviewer'], accounts: ['coder'] } },
          }),
        }),
      'requester',
    ],
  ];
  for (const [what, change, why] of lost) {
    it(`I8: when ${what}, with the reason on the record`, async () => {
      await granted();
      await change();
      assert.equal(await kind('write', { n: 1 }), 'held');
      const ended = (await predicates()).find((each) => each['status'] === 'grant-revoked');
      assert.deepEqual(ended?.['reason'], {
        why: 'the reviews no longer meet the policy',
        lost: [{ reviewer: 'bob', why }],
      });
      assert.equal((await grants.list({}, { limit: 1 })).items[0]?.revoked_by, 'policy');
    });
  }

  const stricter: readonly (readonly [string, GrantTerms | undefined])[] = [
    ['offers none any more', undefined],
    ['offers fewer uses than were taken', { lasts_ms: TERMS.lasts_ms, uses: 1 }],
    ['offers less time than has passed', { lasts_ms: HOUR / 2, uses: 5 }],
  ];
  for (const [what, terms] of stricter) {
    it(`A10: and is of no use while the policy ${what}`, async () => {
      await granted();
      assert.equal(await kind('write', { n: 1 }), 'permitted');
      rig.time.now += HOUR / 2;
      await rig.change({ policy: policyOf({ ...RULES, write: offers(terms) }, '2') });
      assert.equal(await kind('write', { n: 2 }), 'held');
    });
  }

  it('I8: and gives nothing to a policy that denies', async () => {
    await granted();
    await rig.change({ policy: policyOf({ ...RULES, write: { then: 'deny' } }, '2') });
    assert.equal(await kind('write', { n: 1 }), 'refused');
  });
});

it('A13: the request that gave one is not erased while it can be used: it is what people agreed to', async () => {
  const { id, request_id } = await granted();
  assert.equal(await kind('write', { n: 0 }), 'permitted', 'the call that was approved');
  const [run] = await rig.store.read({ sql: 'SELECT id FROM executions', params: [] });
  assert.ok(run);
  await recoverExecutions(rig.deps);
  const early = await rig.requests.erase(request_id, 'dan', 'asked to');
  assert.match(early.kind === 'refused' ? early.message : '', /^What it granted can still be used: revoke/);
  assert.equal((await grants.revoke(id, 'dan', 'to erase it')).kind, 'done');
  const late = await rig.requests.erase(request_id, 'dan', 'asked to');
  assert.equal(late.kind, 'erased', JSON.stringify(late));
});

it('whose agent asked takes the grant back, whoever owns the agent by now', async () => {
  const { id } = await granted();
  const { alice, coder } = { ...CONFIG.people, ...CONFIG.agents } as { alice: object; coder: object };
  await rig.change({
    config: configSchema.parse({
      ...CONFIG,
      people: { ...CONFIG.people, alice: { ...alice, roles: ['auditor'] } },
      agents: { ...CONFIG.agents, coder: { ...coder, owner: 'dan' } },
    }),
  });
  assert.equal((await grants.revoke(id, 'alice', 'not mine to keep')).kind, 'done');
});
