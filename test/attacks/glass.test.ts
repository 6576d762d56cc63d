/**
 * Attacks on break-glass (A13, A10, A14, A17): whoever is not named, whoever answers for the action, whoever holds a session
 * or the store and no key, whoever uses one signature for another thing, whoever judges their own.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { JsonObject, Requirement } from '@countersign/core';
import type { BreakOutcome } from '../../gateway/src/break-glass/outcome.ts';
import { type Config, configSchema } from '../../gateway/src/config/config.ts';
import type { ReviewOutcome } from '../../gateway/src/requests/requests.ts';
import { type Authenticator, createAuthenticator } from '../../gateway/testing/authenticator.ts';
import { type Breaker, type GlassHouse, openGlassHouse, WHY } from '../../gateway/testing/glass.ts';
import { SESSION } from '../../gateway/testing/passkeys.ts';
import { CONFIG, createRig, held, permitted, policyOf, type Rig, SEAT } from '../../gateway/testing/rig.ts';

const GLASS = { by: ['group:dba'], notify: [], review: ['anyone'] } as const;
const asks = (over: Partial<Requirement> = {}) => ({
  then: 'require' as const,
  requirement: {
    ...SEAT,
    seats: [{ by: 'group:security' as const, count: 1, proof: 'passkey' as const }],
    break_glass: GLASS,
    ...over,
  },
});
const TODAY = { wipe: asks(), two: asks({ uses: 2 }) };
const VERSION = '2b'.repeat(32);
const policy = (wipe: Parameters<typeof policyOf>[0][string], version = VERSION) =>
  policyOf({ ...TODAY, wipe }, version);

let rig: Rig;
let house: GlassHouse;
/** Bob and Carol are of `dba`: they may break it. Carol and Dan are of `security`: they may approve it. */
const keys = new Map<string, Authenticator>();
beforeEach(async () => {
  rig = await createRig(policy(TODAY.wipe));
  house = openGlassHouse(rig);
  for (const who of ['bob', 'carol', 'dan', 'alice']) keys.set(who, (await house.give(who)).authenticator);
});
afterEach(() => rig.close());

const open = async (tool = 'wipe'): Promise<string> => held(await rig.call(tool)).id;
const breaker = (request_id: string, reviewer = 'bob'): Breaker => {
  const authenticator = keys.get(reviewer);
  assert.ok(authenticator);
  return { request_id, reviewer, authenticator };
};
const said = (outcome: BreakOutcome | ReviewOutcome): string =>
  outcome.kind === 'refused' ? outcome.why : outcome.kind;
const broken = async (request_id: string): Promise<string> => {
  const outcome = await house.smash(breaker(request_id));
  assert.ok(outcome.kind === 'broken', JSON.stringify(outcome));
  return outcome.glass_id;
};
const rewrite = async (sql: string, params: readonly (string | number)[] = []): Promise<void> => {
  const step = { name: 'attack', sql, params, rows: 1 };
  assert.ok((await rig.store.commit({ name: 'attack', steps: [step], entries: [] })).ok);
};
const nothingRan = async (tool = 'wipe'): Promise<void> => {
  assert.notEqual((await rig.call(tool)).kind, 'permitted');
  assert.deepEqual(await rig.store.read({ sql: 'SELECT id FROM executions', params: [] }), []);
};
const changedConfig = (edit: (config: Config) => object): Config =>
  configSchema.parse({ ...CONFIG, ...edit(CONFIG) });

describe('A13: nobody breaks the glass on what they answer for, or where they are not named', () => {
  const people: readonly (readonly [name: string, who: string, config: Config | undefined, why: RegExp])[] = [
    [
      'the agent’s owner',
      'alice',
      changedConfig(({ groups }) => ({ groups: { ...groups, dba: ['alice', 'bob'] } })),
      /you own this agent/,
    ],
    [
      'whoever is found to be the agent that asks',
      'bob',
      changedConfig(({ people: all }) => ({
        people: { ...all, bob: { ...all['bob'], accounts: ['coder'] } },
      })),
      /asked for in your name|passed it on/,
    ],
    ['an operator who is not named', 'dan', undefined, /the policy names others/],
    [
      'whoever was of the group and is not',
      'bob',
      changedConfig(({ groups }) => ({ groups: { ...groups, dba: ['carol'] } })),
      /the policy names others/,
    ],
    [
      'whoever is not active any more',
      'bob',
      changedConfig(({ people: all }) => ({ people: { ...all, bob: { ...all['bob'], active: false } } })),
      /you are not active here/,
    ],
  ];
  for (const [name, who, config, why] of people)
    it(`${name}: no key is asked, and no answer taken`, async () => {
      const request_id = await open();
      // Signed while it was still theirs to sign, where it ever was.
      const signature = await house
        .signed(breaker(request_id, who === 'bob' ? 'bob' : 'carol'))
        .catch(() => assert.fail('somebody named can sign'));
      if (config !== undefined) await rig.change({ config });
      await assert.rejects(house.signed(breaker(request_id, who)), why);
      const outcome = await house.smash(breaker(request_id, who), { signature });
      assert.ok(outcome.kind === 'refused' && outcome.why === 'not_eligible');
      assert.match(outcome.message, why);
      const last = (await rig.entries()).at(-1) as { kind?: string; predicate?: JsonObject };
      assert.deepEqual(
        [last.kind, last.predicate?.['change'], last.predicate?.['refused']],
        ['break-glass', 'refused', 'not_eligible'],
      );
      await nothingRan();
    });

  it('whoever changed the rules since it was asked', async () => {
    const request_id = await open();
    const changes = new Map([['bob', [{ at: rig.time.now }]]]);
    await rig.authority.change('test-duties', (current) => ({
      next: { ...current, duties: { ...current.duties, changes } },
      steps: [],
      entries: () => [],
    }));
    await assert.rejects(house.signed(breaker(request_id)), /you changed what decides on it/);
  });
});

describe('A13: a session, or the store, without the key breaks nothing', () => {
  it('a stolen session: signed with another key, or with none of theirs', async () => {
    const request_id = await open();
    const thief = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const forged = await house.signed(breaker(request_id), { twist: { key: thief } });
    assert.equal(said(await house.smash(breaker(request_id), { signature: forged })), 'signature_refused');
    const unknown = createAuthenticator('http://localhost:7070').credential_id;
    const named = await house.signed(breaker(request_id), { twist: { credential_id: unknown } });
    assert.equal(said(await house.smash(breaker(request_id), { signature: named })), 'signature_refused');
    await nothingRan();
  });

  it('a signature of another session, of another person, for another request, or used before', async () => {
    const request_id = await open();
    const other = await open('two');
    const signature = await house.signed(breaker(request_id));
    for (const attempt of [
      house.smash(breaker(request_id), { signature, session: 'sha256:another' }),
      house.smash(breaker(request_id, 'carol'), { signature }),
      house.smash(breaker(other), { signature }),
    ])
      assert.equal(said(await attempt), 'signature_refused');
    assert.equal(said(await house.smash(breaker(request_id), { signature })), 'broken');
    assert.equal(said(await house.smash(breaker(request_id), { signature })), 'already_resolved');
  });

  it('signed for one reason, said with another', async () => {
    const request_id = await open();
    const signature = await house.signed(breaker(request_id));
    const reason = 'a reason nobody ever signed at all';
    assert.equal(said(await house.smash(breaker(request_id), { signature, reason })), 'signature_refused');
  });

  it('what is shown changed by one byte', async () => {
    const request_id = await open();
    const signature = await house.signed(breaker(request_id));
    const { rendered_digest = '' } = (await rig.requests.show(request_id, 'bob')) ?? {};
    const flipped = rendered_digest.slice(0, -1) + (rendered_digest.endsWith('0') ? '1' : '0');
    const over = { signature, rendered_digest: flipped };
    assert.equal(said(await house.smash(breaker(request_id), over)), 'shown_changed');
  });

  it('a row somebody wrote into the store lets nothing through', async () => {
    const request_id = await open();
    const at = rig.time.now;
    await rewrite(
      `INSERT INTO broken_glass (id, request_id, approval_id, person, terms, reason_payload_id, credential_id, document, client_data, authenticator_data, signature, broken_at, epoch, status)
       VALUES ('brk_x', $1, 'apr_x', 'bob', '{"by":["group:dba"],"notify":[],"review":["anyone"]}', 'pay_x', $3, '{}', 'AA', 'AA', 'AA', $2, 1000000, 'open')`,
      [request_id, at, keys.get('bob')?.credential_id ?? ''],
    );
    await rewrite(
      "INSERT INTO approvals (id, request_id, match_key, action_digest, agent, status, approved_at, approved_until, uses_left, policy_digest) SELECT 'apr_x', id, match_key, action_digest, agent, 'active', $2, $2 + 600000, 1, policy_digest FROM requests WHERE id = $1",
      [request_id, at],
    );
    await rewrite(
      'UPDATE requests SET status = \'approved\', resolved_at = $2, approval_id = \'apr_x\', resolution = \'{"event":"x","by":"bob","broken_glass":"brk_x"}\' WHERE id = $1',
      [request_id, at],
    );
    await nothingRan();
    const [approval] = await rig.store.read({
      sql: "SELECT status FROM approvals WHERE id = 'apr_x'",
      params: [],
    });
    assert.equal(approval?.['status'], 'revoked');
  });

  const forgeries: readonly (readonly [name: string, sql: string])[] = [
    ['who broke it', "UPDATE broken_glass SET person = 'carol'"],
    ['the signature', "UPDATE broken_glass SET signature = 'AAAA' || substr(signature, 5)"],
    ['the document', `UPDATE broken_glass SET document = replace(document, '"uses":1', '"uses":9')`],
    [
      'the decision in the document',
      `UPDATE broken_glass SET document = replace(document, 'break-glass', 'approved')`,
    ],
    ['when it was', 'UPDATE broken_glass SET broken_at = broken_at + 400000'],
    ['which approval it gave', "UPDATE broken_glass SET approval_id = 'apr_y'"],
    ['the row, taken away', 'DELETE FROM broken_glass'],
    [
      'the request’s word of it',
      `UPDATE requests SET resolution = '{"event":"x","by":"bob"}' WHERE status = 'approved'`,
    ],
    [
      'which glass the request names',
      `UPDATE requests SET resolution = '{"event":"x","by":"bob","broken_glass":"brk_y"}' WHERE status = 'approved'`,
    ],
  ];
  for (const [name, sql] of forgeries)
    it(`${name}, edited in the store: what it gave ends unused`, async () => {
      await broken(await open());
      await rewrite(sql);
      await nothingRan();
      const [approval] = await rig.store.read({ sql: 'SELECT status FROM approvals', params: [] });
      assert.equal(approval?.['status'], 'revoked');
    });

  it('not oftener, nor later, than was signed, whatever the store says', async () => {
    await broken(await open('two'));
    await permitted(await rig.call('two')).finish({ status: 'failed' } as never);
    await rewrite("UPDATE approvals SET status = 'active', uses_left = 1");
    assert.notEqual((await rig.call('two')).kind, 'permitted');
    const request_id = await open();
    await broken(request_id);
    await rewrite(
      'UPDATE approvals SET approved_at = approved_at + 2000000, approved_until = approved_until + 4000000 WHERE request_id = $1',
      [request_id],
    );
    rig.time.now += 2_000_000;
    assert.notEqual((await rig.call('wipe')).kind, 'permitted');
  });
});

describe('A17: a signature over one thing is none over another', () => {
  it('of an ordinary approval, used to break the glass: refused', async () => {
    const request_id = await open();
    const [asked, carol] = [await house.challengeFor(request_id, 'carol'), keys.get('carol')];
    assert.ok(asked.kind === 'asked' && carol);
    const signature = carol.get(asked.challenge);
    const outcome = await house.smash(breaker(request_id, 'carol'), { signature });
    assert.ok(outcome.kind === 'refused');
    assert.match(outcome.message, /another decision/);
    await nothingRan();
  });

  it('of a broken glass, used to approve or to deny: refused', async () => {
    const request_id = await open();
    for (const decision of ['approved', 'denied'] as const) {
      const signature = await house.signed(breaker(request_id, 'carol'));
      const outcome = await rig.answer(request_id, 'carol', {
        signature,
        session: SESSION,
        decision,
        reason: WHY,
      });
      assert.ok(outcome.kind === 'refused' && outcome.why === 'signature_refused');
      assert.match(outcome.message, /another decision/);
    }
    await nothingRan();
  });
});

describe('A10: what decides has changed between breaking it and the run', () => {
  const changes: readonly (readonly [name: string, then: () => Promise<unknown>])[] = [
    [
      'the policy offers it no more',
      () => rig.change({ policy: policy(asks({ break_glass: undefined } as never), '3c'.repeat(32)) }),
    ],
    [
      'the policy names others',
      () =>
        rig.change({
          policy: policy(asks({ break_glass: { ...GLASS, by: ['group:security'] } }), '3c'.repeat(32)),
        }),
    ],
    ['the policy says no', () => rig.change({ policy: policy({ then: 'deny' }, '3c'.repeat(32)) })],
    [
      'they left the group',
      () =>
        rig.change({ config: changedConfig(({ groups }) => ({ groups: { ...groups, dba: ['carol'] } })) }),
    ],
    [
      'they own the agent by now',
      () =>
        rig.change({
          config: changedConfig(({ agents }) => ({
            agents: { ...agents, coder: { ...agents['coder'], owner: 'bob' } },
          })),
        }),
    ],
    [
      'their key was revoked',
      async () => {
        const [key] = (await house.passkeys.list(house.person('bob'))).filter(
          ({ person }) => person === 'bob',
        );
        await house.passkeys.revoke(key?.id ?? '', house.person('bob'));
      },
    ],
    [
      'they were taken out, and put back',
      () => rewrite("INSERT INTO people_left (person, epoch) VALUES ('bob', 1000000)"),
    ],
  ];
  for (const [name, then] of changes)
    it(`${name}: nothing runs by it`, async () => {
      await broken(await open());
      await then();
      await nothingRan();
    });

  it('a policy that gives less time shortens it', async () => {
    await broken(await open());
    await rig.change({ policy: policy(asks({ valid_ms: 1000 }), '3c'.repeat(32)) });
    rig.time.now += 1001;
    await nothingRan();
  });
});

describe('A17: of a broken glass, a no and a yes, one happens', () => {
  it('a no stands: nobody breaks the glass on what was denied, nor by asking again', async () => {
    const request_id = await open();
    const signature = await house.signed(breaker(request_id));
    const dan = breaker(request_id, 'dan');
    const deny = { ask: { decision: 'denied' as const } };
    assert.equal(said(await house.sign(dan, deny)), 'recorded');
    assert.equal(said(await house.smash(breaker(request_id), { signature })), 'already_resolved');
    const again = await rig.call('wipe');
    assert.ok(again.kind === 'refused' && again.refusal.reason === 'denied');
    await nothingRan();
  });

  it('all three at once, in whatever order they come: exactly one', async () => {
    for (let round = 0; round < 6; round += 1) {
      const tool = round % 2 === 0 ? 'wipe' : 'two';
      const request_id = await open(tool);
      const signature = await house.signed(breaker(request_id));
      const acts = [
        () => house.smash(breaker(request_id), { signature }),
        () => house.sign(breaker(request_id, 'carol')),
        () => house.sign(breaker(request_id, 'dan'), { ask: { decision: 'denied' as const } }),
      ];
      const turn = [...acts.slice(round % 3), ...acts.slice(0, round % 3)];
      const outcomes = (await Promise.all(turn.map((act) => act().then(said, () => 'refused')))).filter(
        (each) => each === 'broken' || each === 'recorded',
      );
      assert.equal(outcomes.length, 1, `round ${round}: ${outcomes.join()}`);
      const rows = await rig.store.read({
        sql: "SELECT (SELECT COUNT(*) FROM entries WHERE request_id = $1 AND kind = 'resolution') AS ended, (SELECT COUNT(*) FROM approvals WHERE request_id = $1) + (SELECT COUNT(*) FROM requests WHERE id = $1 AND status = 'denied') AS made",
        params: [request_id],
      });
      assert.deepEqual({ ...rows[0] }, { ended: 1, made: 1 });
      rig.time.now += 700_000;
    }
  });

  it('two who break it at once: one did', async () => {
    const request_id = await open();
    const both = await Promise.all(
      ['bob', 'carol'].map((who) => house.smash(breaker(request_id, who)).then(said, () => 'refused')),
    );
    assert.equal(both.filter((each) => each === 'broken').length, 1);
  });

  it('after its time is over, silence was no (I14)', async () => {
    const request_id = await open();
    const signature = await house.signed(breaker(request_id));
    rig.time.now += 60_000;
    assert.equal(said(await house.smash(breaker(request_id), { signature })), 'already_resolved');
  });
});

describe('A13, A14: nobody judges what they broke themselves', () => {
  const close = (id: string, by: string) => house.glass.close(id, { by, verdict: 'justified', note: 'fine' });
  const done = async (id: string) => {
    await permitted(await rig.call('wipe')).finish({ status: 'failed' } as never);
    return id;
  };

  it('not as themselves, not under an account found to be theirs, whatever their roles', async () => {
    const id = await done(await broken(await open()));
    const refused = await close(id, 'bob');
    assert.ok(refused.kind === 'refused' && /you broke the glass/.test(refused.message));
    // Bob turns out to have been an account of Carol's: one human.
    await rig.change({
      config: changedConfig(({ people: { bob: _, ...others }, groups }) => ({
        people: {
          ...others,
          carol: { ...others['carol'], accounts: ['bob'], roles: ['reviewer', 'operator'] },
        },
        groups: { ...groups, dba: ['carol'] },
      })),
    });
    const same = await close(id, 'carol');
    assert.ok(same.kind === 'refused' && /you broke the glass/.test(same.message));
    assert.equal((await close(id, 'dan')).kind, 'done');
  });

  it('where nobody else could ever judge it, nobody breaks it', async () => {
    const alone = { ...GLASS, review: ['person:bob'] as const };
    await rig.change({ policy: policy(asks({ break_glass: alone })) });
    const request_id = await open();
    await assert.rejects(house.signed(breaker(request_id)), /nobody else who could review it afterwards/);
  });

  it('closing is no key to anything: what was judged runs no second time', async () => {
    const id = await done(await broken(await open()));
    assert.equal((await close(id, 'dan')).kind, 'done');
    held(await rig.call('wipe'));
  });
});
