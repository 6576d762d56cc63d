/** What it takes to change what decides, and that what was agreed to is made exactly once, or not at all (I3, I8, I13). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Decision } from '@countersign/core';
import { CONFIG, createRig, policyOf, type Rig, type Rule } from '../../testing/rig.ts';
import { createChanges } from '../authority/changes.ts';
import { keepOperatorsRule, loadOperatorsRule, type OperatorsRule } from '../authority/operators.ts';
import { EMPTY_ROSTER } from '../identity/roster/roster.ts';
import { type Agree, type Agreement, createAgree } from './agree.ts';
import { decideOperation } from './decide.ts';
import { asked, type Operation } from './operation.ts';
import { startTakeUp } from './take-up.ts';

const TWO: OperatorsRule = { kind: 'two', since: 1 };
const ENDED: OperatorsRule = { kind: 'ended', since: 1 };
const RESOURCE = 'files/read';
const operation = (over: Partial<Operation> = {}): Operation => ({
  name: 'countersign.tools.accept',
  by: 'alice',
  resource: RESOURCE,
  arguments: { pin: 'sha256:1' },
  ...over,
});
const FROM_A_FILE: Operation = {
  name: 'countersign.policy.change',
  resource: RESOURCE,
  arguments: { after: 'x' },
};

describe('the floor beneath the policy', () => {
  const decided = (
    rule: Rule | undefined,
    operators: OperatorsRule | undefined,
    from = operation(),
  ): Decision =>
    decideOperation(
      { policy: policyOf({ [RESOURCE]: rule }), ...(operators === undefined ? {} : { operators }) },
      asked(from, 'default').evaluation,
    );
  const seats = (decision: Decision): string =>
    decision.effect === 'require'
      ? decision.requirement.seats.map(({ by, count }) => `${by}×${count}`).join(' ')
      : decision.effect;
  const rows: readonly (readonly [string, Rule | undefined, OperatorsRule | undefined, string])[] = [
    ['no rule, one operator', undefined, undefined, 'allow'],
    ['no rule, two agreed on one', undefined, ENDED, 'allow'],
    ['no rule, two', undefined, TWO, 'role:operator×1'],
    ['an allow, two', { then: 'allow' }, TWO, 'role:operator×1'],
    ['a require, one', { then: 'require' }, undefined, 'anyone×1'],
    ['a require, two', { then: 'require' }, TWO, 'anyone×1 role:operator×1'],
    ['a deny, one', { then: 'deny' }, undefined, 'deny'],
    ['a deny, two', { then: 'deny' }, TWO, 'deny'],
    ['a dry-run deny, two', { then: 'deny', dry_run: true }, TWO, 'role:operator×1'],
    ['an allow that erred, two', { then: 'allow', error: 'no such key' }, TWO, 'role:operator×1'],
    ['a require that erred, one', { then: 'require', error: 'no such key' }, undefined, 'anyone×1'],
  ];
  for (const [what, rule, operators, want] of rows)
    it(`${what}: ${want}`, () => assert.equal(seats(decided(rule, operators)), want));

  it('a change nobody is named for takes two operators', () => {
    assert.equal(seats(decided(undefined, TWO, FROM_A_FILE)), 'role:operator×2');
    assert.equal(seats(decided({ then: 'allow' }, undefined, FROM_A_FILE)), 'allow');
  });

  it('a rule that gives an approval many uses, grants more or breaks glass, gives a change one use and no more', () => {
    const asks = requirementOf(decided({ then: 'require' }, undefined));
    const break_glass = { by: ['person:bob'], notify: [], review: ['anyone'] } as const;
    const requirement = { ...asks, uses: 9, grant: { lasts_ms: 60_000, uses: 9 }, break_glass };
    for (const operators of [undefined, TWO]) {
      const floored = requirementOf(decided({ then: 'require', requirement }, operators));
      assert.deepEqual([floored.uses, floored.grant, floored.break_glass], [1, undefined, undefined]);
    }
  });
});

function requirementOf(decision: Decision) {
  assert.equal(decision.effect, 'require');
  return decision.requirement;
}

describe('agreeing to a change', () => {
  let rig: Rig;
  let agree: Agree;
  beforeEach(async () => {
    rig = await createRig(policyOf({}));
    agree = createAgree({ deps: rig.deps, tenant: 'default' });
    await rule(TWO);
  });
  afterEach(() => rig.close());

  const rule = (operators: OperatorsRule) =>
    rig.authority.change('rule', (current) => ({
      next: { ...current, operators },
      steps: [keepOperatorsRule(operators)],
      entries: () => [],
    }));
  const held = async (from = operation()): Promise<string> => {
    const agreement = await agree(from);
    assert.equal(agreement.kind, 'held', JSON.stringify(agreement));
    return agreement.kind === 'held' ? agreement.request_id : '';
  };
  /** The change itself: a row, once. */
  const make = (agreement: Agreement): Promise<boolean> => {
    assert.equal(agreement.kind, 'agreed');
    return rig.authority.change('made', (next) => ({
      next,
      steps: [
        ...agreement.beside.steps,
        {
          name: 'made',
          sql: 'INSERT INTO meta (name, value) VALUES ($1, $2)',
          params: ['made', '1'],
          rows: 1,
        },
      ],
      entries: () => agreement.beside.events.map(({ entry }) => entry),
    }));
  };
  const config = (people: object) => ({ ...CONFIG, people: { ...CONFIG.people, ...people } });

  it('A13: nobody who asks agrees, by whatever account; a reviewer is no operator, a delegate neither', async () => {
    const own = await held();
    const linked = await held(
      operation({ by: 'dan', arguments: { pin: 'sha256:2' }, resource: 'files/other' }),
    );
    const rows = [
      [own, 'alice', false],
      [own, 'bob', false],
      [own, 'mallory', false],
      [linked, 'dan', false],
      [own, 'dan', true],
      [linked, 'alice', true],
    ] as const;
    for (const [id, person, may] of rows)
      assert.equal((await rig.answer(id, person)).kind, may ? 'recorded' : 'refused', `${person} on ${id}`);
  });

  it('an operator who is no reviewer agrees all the same', async () => {
    const id = await held();
    await rig.change({ config: config({ dan: { ...CONFIG.people['dan'], roles: ['operator'] } }) });
    assert.equal((await rig.answer(id, 'dan')).kind, 'recorded');
  });

  it('of any number that take it up at once, one does', async () => {
    await rig.answer(await held(), 'dan');
    const agreements = await Promise.all(Array.from({ length: 32 }, () => agree(operation())));
    const made = await Promise.all(agreements.map((each) => make(each).catch(() => false)));
    assert.equal(made.filter(Boolean).length, 1);
    const runs = await rig.store.read({
      sql: "SELECT 1 FROM executions WHERE status = 'succeeded'",
      params: [],
    });
    assert.equal(runs.length, 1);
    assert.equal((await agree(operation())).kind, 'held', 'the next asks anew');
  });

  it('one byte more is another change', async () => {
    await rig.answer(await held(), 'dan');
    assert.equal((await agree(operation({ arguments: { pin: 'sha256:2' } }))).kind, 'held');
    // And what was approved is outdated by it.
    assert.equal((await agree(operation())).kind, 'held');
  });

  it('the same change asked for by both outdates neither; another outdates both', async () => {
    const asked_by = async (by: string, pin: string) => held(operation({ by, arguments: { pin } }));
    const [one, other] = [await asked_by('alice', '1'), await asked_by('dan', '1')];
    const status = async (id: string) => (await rig.requests.show(id, 'dan'))?.status;
    assert.deepEqual([await status(one), await status(other)], ['pending', 'pending']);
    assert.equal(await asked_by('alice', '1'), one);
    const newer = await asked_by('dan', '2');
    assert.deepEqual(
      [await status(one), await status(other), await status(newer)],
      ['cancelled', 'cancelled', 'pending'],
    );
  });

  const lost: readonly (readonly [string, object, string])[] = [
    ['who agreed left', { dan: { ...CONFIG.people['dan'], active: false } }, 'refused'],
    ['who agreed is no operator now', { dan: { ...CONFIG.people['dan'], roles: ['reviewer'] } }, 'refused'],
    ['who asked left', { alice: { ...CONFIG.people['alice'], active: false } }, 'refused'],
    [
      'who asked is found to be who agreed',
      {
        alice: { ...CONFIG.people['alice'], active: false },
        dan: { ...CONFIG.people['dan'], accounts: ['alice'] },
      },
      'refused',
    ],
  ];
  for (const [what, people, want] of lost) {
    it(`A14, I8: ${what} before it is made: ${want}`, async () => {
      await rig.answer(await held(), 'dan');
      await rig.change({ config: config(people) });
      assert.equal((await agree(operation())).kind, want);
    });
  }

  it('I8: agreed under one epoch, it is not made under another', async () => {
    await rule(ENDED);
    const agreement = await agree(operation());
    assert.equal(agreement.kind, 'agreed');
    const world = { config: CONFIG, pins: new Map(), roster: EMPTY_ROSTER };
    const changes = createChanges({ ...rig.deps, authority: () => rig.authority, world });
    await rule(TWO);
    const applied = await changes.apply(
      () => ({
        world: {},
        next: {},
        steps: [],
        record: { kind: 'tool-change', task_id: 'tool', predicate: {} },
        ...(agreement.kind === 'agreed' ? { beside: agreement.beside } : {}),
      }),
      async (draft) => {
        await assert.rejects(draft.commit(rig.authority.current().policy, undefined), /look again/);
        return { ok: false, why: 'moved' };
      },
    );
    assert.equal(applied.ok, false);
  });

  it('a crash after the approval: the next start makes the change, once', async () => {
    const id = await held();
    await rig.answer(id, 'dan');
    const made: unknown[] = [];
    const maker = async (args: object, by: string | undefined): Promise<void> => {
      made.push([args, by, await make(await agree(operation()))]);
    };
    for (const _ of [1, 2]) {
      const takeUp = await startTakeUp(rig.deps, { 'countersign.tools.accept': maker });
      await takeUp.stop();
    }
    assert.deepEqual(made, [[{ pin: 'sha256:1' }, 'alice', true]]);
  });

  it('a mark that does not read back stops the start', async () => {
    assert.deepEqual(await loadOperatorsRule(rig.store), TWO);
    await rig.authority.change('break', (next) => ({
      next,
      steps: [
        {
          name: 'break',
          sql: "UPDATE meta SET value = '{}' WHERE name = 'operators_rule'",
          params: [],
          rows: 1,
        },
      ],
      entries: () => [],
    }));
    await assert.rejects(loadOperatorsRule(rig.store), /how many operators/);
  });
});
