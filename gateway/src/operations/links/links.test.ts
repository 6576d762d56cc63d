/** Linking and unlinking accounts: who may ask, who must agree, and that neither is a way round separation of duties (I4, I13, A13, A14). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Json, JsonObject } from '@countersign/core';
import { CONFIG, createRig, evaluationOf, held, policyOf, type Rig, SEAT } from '../../../testing/rig.ts';
import type { Accepted, Accounts } from '../../api/ports.ts';
import { type Changes, createChanges } from '../../authority/changes.ts';
import { keepOperatorsRule, type OperatorsRule } from '../../authority/operators.ts';
import { type Config, configSchema } from '../../config/config.ts';
import { oidcAccount } from '../../config/sign-in.ts';
import { createRosterChanges, type RosterChanges } from '../../identity/roster/changes.ts';
import { conflictsOf } from '../../identity/roster/meaning.ts';
import { EMPTY_ROSTER } from '../../identity/roster/roster.ts';
import { loadRoster } from '../../identity/roster/stored.ts';
import { createAgree } from '../agree.ts';
import { startTakeUp } from '../take-up.ts';
import { createAccounts } from './links.ts';

const ISSUER = 'https://idp.example.com';
const at = (sub: string): string => oidcAccount(ISSUER, sub);
/** Quinn came in by their provider. */
const QUINN = 'usr_quinn';
const SLACK = 'slack:u024be7lh';
const TWO: OperatorsRule = { kind: 'two', since: 1 };
const ENDED: OperatorsRule = { kind: 'ended', since: 1 };

const parts = JSON.parse(JSON.stringify(CONFIG)) as JsonObject;
const configOf = (people: JsonObject = {}): Config =>
  configSchema.parse({
    ...parts,
    people: { ...(parts['people'] as JsonObject), ...people },
    sign_in: {
      oidc: {
        corp: {
          name: 'Corp',
          issuer: ISSUER,
          client_id: 'c',
          client_secret: 'env:S',
          create: true,
          roles: { reviewer: ['*'] },
        },
      },
    },
  });
const TWO_SEATS = { ...SEAT, seats: [{ by: 'anyone' as const, count: 2, proof: 'session' as const }] };
const POLICY = policyOf({ drop: { then: 'require' }, both: { then: 'require', requirement: TWO_SEATS } });

let rig: Rig;
let changes: Changes;
let people: RosterChanges;
let accounts: Accounts;
let stop: () => Promise<void>;
beforeEach(async () => {
  rig = await createRig(POLICY, { config: configOf() });
  const { deps, authority, store } = rig;
  const { now, installation_key } = deps;
  changes = createChanges({
    ...deps,
    authority: () => authority,
    world: { config: configOf(), pins: new Map(), roster: EMPTY_ROSTER },
  });
  people = createRosterChanges({ changes, now });
  const agree = createAgree({ deps, tenant: 'default' });
  accounts = createAccounts({
    store,
    world: changes.world,
    people,
    authority,
    agree,
    now,
    installation_key,
  });
  const text = (value: Json | undefined): string => String(value);
  const takeUp = await startTakeUp(deps, {
    'countersign.people.link': ({ person, account }, by = '') =>
      accounts.link({ person: text(person), account: text(account), by }),
    'countersign.people.unlink': ({ person, account }, by = '') =>
      accounts.unlink({ person: text(person), account: text(account), by }),
  });
  stop = takeUp.stop;
  await people.change(() => ({
    edit: {
      people: [{ id: QUINN, name: 'Quinn', email: 'q@example.com', active: true, roles: [], source: 'oidc' }],
      accounts: [{ account: at('quinn'), person: QUINN, source: 'oidc' }],
      memberships: [{ account: at('quinn'), groups: ['staff'] }],
    },
    person: QUINN,
    predicate: { change: 'person created' },
  }));
  await rule(TWO);
});
afterEach(async () => {
  await stop();
  await rig.close();
});

const rule = (operators: OperatorsRule) =>
  rig.authority.change('rule', (current) => ({
    next: { ...current, operators },
    steps: [keepOperatorsRule(operators)],
    entries: () => [],
  }));
/** Later than whatever was asked so far. */
const tick = (): void => {
  rig.time.now += 1000;
};
const directory = () => rig.authority.current().directory;
const whose = (account: string): string | undefined => directory().personOfAccount(account)?.id;
const requestIn = (accepted: Accepted): string => {
  assert.equal(accepted.kind, 'held', JSON.stringify(accepted));
  return accepted.kind === 'held' ? accepted.request_id : '';
};
const refusedFor = (accepted: Accepted): string =>
  accepted.kind === 'refused' ? accepted.message : `not refused: ${accepted.kind}`;
const may = async (person: string, id: string): Promise<boolean> =>
  (await rig.answer(id, person)).kind === 'recorded';
/** Until what was approved has been made, or is not going to be. */
async function settled(id: string): Promise<void> {
  for (let looks = 0; looks < 400; looks += 1) {
    const shown = await rig.requests.show(id, 'alice');
    if (shown?.approval?.status !== 'active') return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('the approval was never used');
}
async function agreed(accepted: Accepted, by: string): Promise<void> {
  const id = requestIn(accepted);
  assert.ok(await may(by, id), `${by} may agree`);
  await settled(id);
}
const logged = async (): Promise<readonly string[]> =>
  (await rig.entries()).map((entry) => JSON.stringify(entry));
/** The agent asks for whoever goes by this name. */
const asks = (subject: string, tool: string) => {
  const principal = { ...rig.principal, subject: { type: 'identity' as const, id: subject } };
  return rig.enforce(principal, evaluationOf(principal, tool, {}));
};
const link = (person: string, account: string, by = person) => accounts.link({ person, account, by });
const unlink = (person: string, account: string, by = person) => accounts.unlink({ person, account, by });

describe('who may ask, and who must agree', () => {
  it('an operator for another: held, until another operator has agreed; then in force at once', async () => {
    const asked = await link('bob', 'slack:U024BE7LH', 'alice');
    assert.equal(whose(SLACK), undefined);
    await agreed(asked, 'dan');
    assert.equal(whose(SLACK), 'bob');
    assert.equal(whose('SLACK:u024be7lh'), 'bob');
    assert.equal((await link('bob', SLACK, 'alice')).kind, 'refused', 'it is his already');
  });

  it('anybody for themselves; no operator at all has to ask, and one has to agree', async () => {
    for (const operators of [TWO, ENDED]) {
      await rule(operators);
      const account = `slack:u-${operators.kind}`;
      await agreed(await link('bob', account), 'dan');
      assert.equal(whose(account), 'bob');
    }
  });

  it('nobody for another without the role', async () => {
    for (const way of [link, unlink])
      assert.match(refusedFor(await way('carol', SLACK, 'bob')), /^id: that is somebody else/);
    assert.match(refusedFor(await link('carol', SLACK, QUINN)), /^id: that is somebody else/);
  });

  it('where there has been one operator, theirs is made at once, and it says that nobody else saw it', async () => {
    await rule(ENDED);
    assert.deepEqual(await link('bob', SLACK, 'alice'), { kind: 'done' });
    const said = (await logged()).find((entry) => entry.includes('account linked'));
    assert.match(said ?? '', /no second person saw this/);
  });

  it('A13: nobody agrees to what links or unlinks their own account, or to what they asked', async () => {
    await rig.change({ config: configOf({ olga: { name: 'Olga', roles: ['operator'] } }) });
    const [own, mine] = [
      requestIn(await link('dan', SLACK, 'alice')),
      requestIn(await link('bob', 'slack:b')),
    ];
    for (const [person, id] of [
      ['dan', own], // it is his account
      ['alice', own], // she asked
      ['bob', mine],
      ['carol', mine], // no operator
      [QUINN, mine],
    ] as const)
      assert.equal(await may(person, id), false, `${person} on ${id}`);
    // She first: what is made next makes the directory anew, from a configuration that does not list her.
    assert.ok(await may('olga', own));
    assert.ok(await may('dan', mine));
  });

  it('A13: nor under another account of theirs, nor who would lose or win by it under another name', async () => {
    const operator = { name: 'Quinn', roles: ['operator', 'reviewer'], accounts: ['q@example.com'] };
    await rig.change({ config: configOf({ quentin: operator }) });
    // The directory of the roster is made anew with the next change; this one is only of the configuration.
    const id = requestIn(await link('bob', 'q@example.com', 'alice'));
    assert.equal(await may('quentin', id), false);
    assert.ok(await may('dan', id));
  });

  it('two who are the only ones: nobody is left to agree, and it says so', async () => {
    assert.match(refusedFor(await link('dan', SLACK, 'dan')), /not refused: held/);
    const gone = { alice: { name: 'Alice', roles: ['operator', 'reviewer'], active: false } };
    await rig.change({ config: configOf(gone) });
    assert.match(refusedFor(await link('dan', 'slack:other', 'dan')), /nobody agrees to what they asked for/);
  });

  it('people see the account, its kind, whose it was and who stands aside; the log has none of it in clear', async () => {
    const id = requestIn(await link('bob', at('quinn'), 'alice'));
    const shown = await rig.requests.show(id, 'dan');
    const seen = JSON.stringify(shown?.shown_action);
    for (const part of [at('quinn'), '"kind":"oidc"', 'Bob', `"was":{"name":"Quinn","person":"${QUINN}"}`])
      assert.ok(seen.includes(part) || seen.includes(part.replaceAll('"', '\\"')), `${part} in ${seen}`);
    assert.ok(await may('dan', id));
    await settled(id);
    await agreed(await link('carol', 'carol.private@example.com'), 'dan');
    const log = (await logged()).join();
    assert.ok(log.includes('account linked'));
    for (const hidden of ['carol.private', ISSUER, 'Quinn']) assert.ok(!log.includes(hidden), hidden);
  });

  it('I15: who is no operator has five such requests waiting at most; operators are not held up by them', async () => {
    for (let n = 0; n < 5; n += 1) requestIn(await link('bob', `slack:u${n}`));
    assert.match(refusedFor(await link('bob', 'slack:u5')), /5 changes of your accounts wait/);
    requestIn(await link('carol', SLACK));
    requestIn(await link('carol', 'slack:another', 'alice'));
  });
});

describe('an account belongs to one person', () => {
  const rows: readonly (readonly [string, string, string, RegExp])[] = [
    ['of another, by the configuration', 'bob', 'alice@example.com', /^account: it is alice’s, by the conf/],
    ['spelled otherwise', 'bob', 'email:Alice@example.com', /^account: it is alice’s, by the configuration/],
    ['theirs already', 'alice', 'alice@example.com', /^account: it is alice’s already/],
    ['theirs by their provider', QUINN, at('quinn'), /^account: it is usr_quinn’s already/],
    ['of nobody', 'nobody', SLACK, /^id: nobody has this id/],
    ['not an account', 'bob', 'bob', /^account: write its kind before it/],
    ['an issuer misspelled', 'bob', `oidc:${ISSUER}/#x`, /^account: .*the issuer is spelled/],
  ];
  for (const [what, person, account, says] of rows)
    it(`${what}: refused, before anybody is asked`, async () => {
      assert.match(refusedFor(await link(person, account, 'dan')), says);
      assert.equal((await rig.requests.list({}, { limit: 10 })).items.length, 0);
    });

  it('linked to one, it is not linked to another', async () => {
    await agreed(await link('bob', SLACK, 'alice'), 'dan');
    assert.match(refusedFor(await link('carol', SLACK, 'alice')), /it is linked to bob; unlink it there/);
  });

  it('of two asked for one account the first agreed to is made, and the other is not', async () => {
    const [first, second] = [await link('bob', SLACK), await link('carol', SLACK)];
    await agreed(second, 'dan');
    assert.ok(await may('dan', requestIn(first)));
    await stop(); // it has tried by then
    assert.equal(whose(SLACK), 'carol');
    assert.equal(changes.world().roster.links.get(SLACK)?.person, 'carol');
  });

  it('what the configuration lists later for another is refused there, with the way out', async () => {
    await agreed(await link('bob', SLACK, 'alice'), 'dan');
    const config = configOf({ carol: { name: 'Carol', roles: ['reviewer'], accounts: ['slack:U024BE7LH'] } });
    const [conflict] = conflictsOf(config, changes.world().roster);
    assert.match(conflict ?? '', /people\.carol\.accounts: .* is linked to bob; .*unlink it first/);
    assert.deepEqual(conflictsOf(configOf(), changes.world().roster), []);
  });

  const not: readonly (readonly [string, string, string, RegExp])[] = [
    ['of the configuration', 'alice', 'alice@example.com', /stands under people\.alice\.accounts/],
    ['of a provider', QUINN, at('quinn'), /made usr_quinn known by it, so it stays theirs/],
    ['of nobody', 'bob', SLACK, /not linked to this person/],
  ];
  for (const [what, person, account, says] of not)
    it(`unlinking one ${what} is refused`, async () =>
      assert.match(refusedFor(await unlink(person, account, 'dan')), says));
});

describe('two names that turn out to be one human', () => {
  it('A14: both had approved what takes two: it counts once, and does not run', async () => {
    const { id } = held(await rig.call('both'));
    assert.ok(await may('bob', id));
    assert.ok(await may(QUINN, id));
    assert.equal((await rig.requests.show(id, 'carol'))?.status, 'approved');
    await agreed(await link('bob', at('quinn'), 'alice'), 'dan');
    assert.notEqual((await rig.call('both')).kind, 'permitted');
    const after = await rig.requests.show(id, 'carol');
    assert.equal(after?.approval?.status, 'revoked');
    const counting = after?.reviews.filter(({ counts }) => counts).map(({ reviewer }) => reviewer);
    assert.deepEqual(counting, ['bob']);
  });

  it('without the link it runs: the test above can fail', async () => {
    const { id } = held(await rig.call('both'));
    await rig.answer(id, 'bob');
    await rig.answer(id, QUINN);
    assert.equal((await rig.call('both')).kind, 'permitted');
  });

  it('A14: unlinked again, their two answers still count once, and neither answers again', async () => {
    const { id } = held(await rig.call('both'));
    assert.ok(await may(QUINN, id));
    await agreed(await link('bob', at('quinn'), 'alice'), 'dan');
    assert.equal(directory().person(QUINN)?.active, false);
    // Linking made alice and bob nobody's author; bob's own word is the first of this human that counts.
    tick();
    await agreed(await unlink('bob', at('quinn'), 'alice'), 'dan');
    assert.equal(directory().person(QUINN)?.active, true);
    assert.equal(await may(QUINN, id), false, 'they have answered');
    assert.equal(await may('bob', id), false, 'as who they were then');
    const reviews = (await rig.requests.show(id, 'carol'))?.reviews;
    assert.deepEqual(
      reviews?.map(({ reviewer, counts, why_not }) => [reviewer, counts, why_not]),
      [[QUINN, false, 'left']],
    );
  });

  it('A13: being unlinked frees nobody from what they asked for, waiting or approved; it does of what is asked later', async () => {
    await agreed(await link('bob', at('quinn'), 'alice'), 'dan');
    await agreed(await link('bob', SLACK, 'alice'), 'dan');
    const by_slack = held(await asks(SLACK, 'drop')).id;
    const by_bob = held(await asks('bob', 'drop')).id;
    const by_quinn = held(await asks(at('quinn'), 'drop')).id;
    tick();
    await agreed(await unlink('bob', at('quinn'), 'alice'), 'dan');
    await agreed(await unlink('bob', SLACK, 'alice'), 'dan');
    for (const id of [by_slack, by_bob, by_quinn])
      for (const person of ['bob', QUINN]) assert.equal(await may(person, id), false, `${person} on ${id}`);
    assert.ok(await may('carol', by_slack));
    tick();
    const later = held(await asks(SLACK, 'both')).id;
    assert.ok(await may('bob', later), 'asked after it');
  });

  it('A13: it holds after a restart, as long as anything asked before is undecided', async () => {
    await agreed(await link('bob', SLACK, 'alice'), 'dan');
    held(await rig.call('drop'));
    tick();
    await agreed(await unlink('bob', SLACK, 'alice'), 'dan');
    const stored = await loadRoster(rig.store);
    assert.deepEqual(stored.parted, changes.world().roster.parted);
    assert.equal(stored.parted.length, 1);
    assert.deepEqual(stored.links, new Map());
    await agreed(await link('bob', 'slack:new', 'alice'), 'dan');
    assert.deepEqual((await loadRoster(rig.store)).links, changes.world().roster.links);
  });

  it('what was approved before somebody was found to be who asked does not run, and unlinking does not help', async () => {
    const { id } = held(await asks(SLACK, 'drop'));
    assert.ok(await may('bob', id));
    await agreed(await link('bob', SLACK, 'alice'), 'dan');
    tick();
    await agreed(await unlink('bob', SLACK, 'alice'), 'dan');
    assert.notEqual((await asks(SLACK, 'drop')).kind, 'permitted');
    assert.equal((await rig.requests.show(id, 'carol'))?.approval?.status, 'revoked');
  });
});

it('an unlink and a request at once: whichever is first, the request is bound by what was', async () => {
  await rule(ENDED);
  await link('bob', SLACK, 'alice');
  // The store has a request of a later moment than the unlink would be of: that is made once it is past, or not at all.
  rig.time.now += 1000;
  const { id } = held(await asks(SLACK, 'drop'));
  rig.time.now -= 1000;
  assert.match(refusedFor(await unlink('bob', SLACK, 'alice')), /look again/);
  assert.equal(whose(SLACK), 'bob');
  rig.time.now += 1000;
  assert.deepEqual(await unlink('bob', SLACK, 'alice'), { kind: 'done' });
  assert.equal(whose(SLACK), undefined);
  assert.equal(await may('bob', id), false);
});
