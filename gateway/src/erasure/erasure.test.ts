import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  CONFIG,
  createRig,
  evaluationOf,
  held,
  permitted,
  policyOf,
  type Rig,
  SEAT,
} from '../../testing/rig.ts';
import type { Verdict } from '../protocols/protocol.ts';
import { sweep } from '../requests/ending/expire.ts';
import { createIdempotency } from '../store/idempotency.ts';
import type { Row } from '../store/store.ts';
import { insertAct } from '../tickets/acts.ts';

const POLICY = policyOf({
  write: { then: 'require', values: { 'mcp.arguments': 'fact-of-Ada' } },
  wipe: { then: 'require', requirement: { ...SEAT, seats: [{ by: 'anyone', count: 2, proof: 'session' }] } },
  twice: { then: 'require', requirement: { ...SEAT, uses: 2 } },
});
const WHY = 'asked to, case 4711';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig(POLICY);
});
afterEach(() => rig.close());

const ask = async (args: { [name: string]: string | number } = {}, tool = 'write') =>
  held(await rig.call(tool, args)).id;

/** Runs what was permitted, and the answer reaches the agent. */
async function end(verdict: Verdict, body = '{}'): Promise<void> {
  const permit = permitted(verdict);
  await permit.finish({ status: 'succeeded', result: { body } });
  permit.delivered();
}

/** Held, approved, run and answered. */
async function ran(
  args: { [name: string]: string | number } = {},
  body = '{"result":"ok"}',
): Promise<string> {
  const id = await ask(args);
  await rig.answer(id, 'bob');
  await end(await rig.call('write', args), body);
  return id;
}

async function refused(id: string, by: string, want: readonly [string, RegExp]): Promise<void> {
  const outcome = await rig.requests.erase(id, by, WHY);
  assert.equal(outcome.kind, 'refused');
  if (outcome.kind !== 'refused') return;
  assert.equal(outcome.why, want[0]);
  assert.match(outcome.message, want[1]);
}

const erased = async (id: string, by = 'dan') => {
  const outcome = await rig.requests.erase(id, by, WHY);
  assert.equal(outcome.kind, 'erased', JSON.stringify(outcome));
  return outcome;
};

/** Which of these words the store's files hold, whichever way they are written there. */
function found(words: readonly string[]): readonly string[] {
  const bytes = readdirSync(rig.dir).map((name) => readFileSync(path.join(rig.dir, name)));
  return words.filter((word) => bytes.some((file) => file.includes(word)));
}

const rows = (sql: string, ...params: string[]): Promise<readonly Row[]> => rig.store.read({ sql, params });

describe('erase: who and when', () => {
  it('an operator, and nobody else', async () => {
    const id = await ran();
    for (const who of ['bob', 'eve', 'mallory', 'coder', 'nobody', ''])
      await refused(id, who, ['not_allowed', /operator/]);
    assert.equal((await rig.requests.show(id, 'bob'))?.erased, undefined);
    await erased(id);
  });

  it('no request that does not exist', () => refused('req_none', 'dan', ['unknown', /no such request/]));

  it('not while anything of it may still happen', async () => {
    const id = await ask({}, 'twice');
    await refused(id, 'dan', ['wrong_state', /still pending: answer or cancel it first/]);
    await rig.answer(id, 'bob');
    await refused(id, 'dan', ['wrong_state', /can still be used: revoke it or let it expire/]);
    const permit = permitted(await rig.call('twice'));
    await refused(id, 'dan', ['wrong_state', /running: erase the request when the run has ended/]);
    await permit.finish({ status: 'succeeded', result: { body: '{}' } });
    permit.delivered();
    await refused(id, 'dan', ['wrong_state', /can still be used/]);
    rig.time.now += SEAT.valid_ms - 1;
    const second = permitted(await rig.call('twice'));
    await second.finish({ status: 'succeeded', result: { body: '{}' } });
    await refused(id, 'dan', ['wrong_state', /has not got the answer of the run/]);
    rig.time.now += SEAT.valid_ms;
    await erased(id);
  });

  for (const [end, finish] of [
    ['denied', (id: string) => rig.answer(id, 'bob', { decision: 'denied', reason: 'no' })],
    ['cancelled', (id: string) => rig.requests.cancel(id, 'alice')],
    [
      'expired',
      () => {
        rig.time.now += SEAT.within_ms;
        return sweep(rig.deps);
      },
    ],
  ] as const) {
    it(`a request that was ${end}`, async () => {
      const id = await ask();
      await finish(id);
      await erased(id);
      assert.equal((await rig.requests.show(id, 'bob'))?.status, end, 'I5: what it came to stays');
    });
  }

  it('an operator who is one no longer when it commits erases nothing', async () => {
    const id = await ran();
    const { commit } = rig.store;
    rig.deps.store.commit = async (command) => {
      rig.deps.store.commit = commit;
      const { dan: _, ...people } = CONFIG.people;
      const agents = Object.fromEntries(Object.entries(CONFIG.agents).filter(([name]) => name !== 'other'));
      const groups = { dba: ['bob', 'carol'], security: ['carol'] };
      await rig.change({ config: { ...CONFIG, people, agents, groups } });
      return commit(command);
    };
    await refused(id, 'dan', ['not_allowed', /operator/]);
    assert.equal((await rig.requests.show(id, 'bob'))?.erased, undefined);
  });
});

describe('erase: what goes', () => {
  const SAID = {
    argument: 'argument-of-Ada',
    fact: 'fact-of-Ada',
    claim: 'claim-of-Ada',
    reveal: 'reveal-of-Ada',
    review: 'review-of-Ada',
    second: 'second-of-Ada',
    result: 'result-of-Ada',
  } as const;
  const words = [...Object.values(SAID), 'Ada-Lovelace'];
  const text = 'Ada-Lovelace-'.repeat(2000);

  /** Everything a request can carry; the argument in two lengths: within a page, and over many. */
  async function fullOf(): Promise<string> {
    const args = { name: SAID.argument, text };
    const evaluation = { ...evaluationOf(rig.principal, 'write', args), claim: { reason: SAID.claim } };
    const id = held(await rig.enforce(rig.principal, evaluation)).id;
    assert.equal((await rig.requests.reveal(id, 'bob', SAID.reveal)).kind, 'done');
    await rig.answer(id, 'bob', { reason: SAID.review });
    const permit = permitted(await rig.enforce(rig.principal, evaluation));
    await permit.finish({ status: 'succeeded', result: { body: JSON.stringify(SAID.result) } });
    permit.delivered();
    const wipe = held(await rig.call('wipe', args)).id;
    await rig.answer(wipe, 'bob', { reason: SAID.second });
    await rig.requests.cancel(wipe, 'dan');
    await erased(wipe);
    return id;
  }

  it('every word of it, from every view, the rows, the file and its write-ahead log', async () => {
    const id = await fullOf();
    const before = await rig.requests.show(id, 'bob');
    const still = words.filter((word) => word !== SAID.second);
    assert.deepEqual(found(still), still, 'the words are found while they are there');
    assert.ok(JSON.stringify(before).includes(SAID.fact));
    await erased(id);
    assert.deepEqual(found(words), []);

    const after = await rig.requests.show(id, 'bob');
    const views = JSON.stringify([after, await rig.requests.list({}, { limit: 10 })]);
    assert.deepEqual(
      words.filter((word) => views.includes(word)),
      [],
    );
    assert.deepEqual(after?.shown_action, {});
    assert.equal(after?.approvable.ok, false);
  });

  it('keeps who decided what about which digest, and says by whom, when and why the rest is gone', async () => {
    const id = await fullOf();
    const before = await rig.requests.show(id, 'carol');
    rig.time.now += 5;
    const { by, at, event_id } = await erased(id);
    const after = await rig.requests.show(id, 'carol');
    assert.deepEqual([by, at], ['dan', rig.time.now]);
    assert.deepEqual(after?.erased, { at, by: 'dan', reason: WHY });
    for (const name of ['action_digest', 'status', 'rules', 'executions', 'approval', 'requirement'] as const)
      assert.deepEqual(after?.[name], before?.[name], name);
    const votes = after?.reviews.map(({ reviewer, decision, reason }) => [reviewer, decision, reason]);
    assert.deepEqual(votes, [['bob', 'approved', undefined]]);
    assert.deepEqual(
      after?.explanation.deciding.map(({ rule, values }) => [rule, values]),
      [['rule-write', {}]],
    );
    assert.deepEqual(after?.timeline.slice(0, -1), before?.timeline);
    const last = after?.timeline.at(-1);
    assert.deepEqual([last?.event_id, last?.summary], [event_id, 'clear text erased by dan']);
  });

  it('the entry says how much of which kind went, and seals the reason', async () => {
    await erased(await fullOf());
    const predicate = (await rig.entries()).at(-1)?.['predicate'] as { [name: string]: unknown };
    assert.deepEqual(Object.keys(predicate), ['by', 'erased', 'reason']);
    assert.deepEqual(predicate['erased'], { action: 1, claim: 1, reason: 2, result: 1, shown: 1, values: 1 });
    assert.ok(!JSON.stringify(await rig.entries()).includes(WHY));
  });

  it('nothing is left to try guesses on: no matching key, no bare digest of what was shown', async () => {
    const id = await ask();
    const { rendered_digest = '' } = (await rig.requests.show(id, 'bob')) ?? {};
    await rig.answer(id, 'bob');
    const [key] = await rows('SELECT match_key FROM requests WHERE id = $1', id);
    await permitted(await rig.call('write')).finish({ status: 'succeeded' });
    const guesses = [String(key?.['match_key']), rendered_digest];
    assert.deepEqual(found(guesses), guesses);
    await erased(id);
    assert.deepEqual(found(guesses), []);
    const salts = await rows('SELECT 1 FROM payloads WHERE request_id = $1 AND salt IS NOT NULL', id);
    assert.equal(salts.length, 1, 'only the reason of the erasure');
  });

  it('the reason of a revocation', async () => {
    const id = await ask();
    await rig.answer(id, 'bob');
    const approval = (await rig.requests.show(id, 'bob'))?.approval;
    await rig.requests.revoke(approval?.id ?? '', 'bob', 'revoked-for-Ada');
    assert.deepEqual(found(['revoked-for-Ada']), ['revoked-for-Ada']);
    await erased(id);
    assert.deepEqual(found(['revoked-for-Ada']), []);
  });

  it('answers kept for retries: of the agent and of everybody who acted on it, and of nobody else', async () => {
    const id = await ran();
    const act = { id: 'act', system: 'jira', kind: 'comment', request_id: id, at: rig.time.now } as const;
    await rig.store.commit({ name: 'test', steps: [insertAct(act)], entries: [] });
    const keys = createIdempotency(rig.deps);
    const answer = { status: 200, content_type: 'application/json', body: '"answer-to-Ada"' };
    for (const principal of [
      'agent:coder',
      'person:bob',
      'person:carol',
      'agent:other',
      'ticketing:jira',
      'ticketing:desk',
    ]) {
      const use = { principal, key: 'k', body_hash: 'h' };
      await keys.begin(use);
      await keys.keep(use, answer);
    }
    await keys.begin({ principal: 'person:bob', key: 'running', body_hash: 'h' });
    await erased(id);
    const left = await rows('SELECT principal, key FROM idempotency ORDER BY principal');
    assert.deepEqual(
      left.map((row) => `${row['principal']} ${row['key']}`),
      ['agent:other k', 'person:bob running', 'person:carol k', 'ticketing:desk k'],
    );
  });

  it('a question to a key that was never answered', async () => {
    const [one, other] = [await ask({ n: 1 }), await ask({ n: 2 })];
    for (const id of [one, other])
      await rig.store.commit({
        name: 'test',
        entries: [],
        steps: [
          {
            name: 'challenge',
            sql: `INSERT INTO passkey_challenges (challenge, purpose, person, session, request_id, document, salts, created_at, expires_at)
                  VALUES ($1, 'review', 'bob', 's', $2, $3, $3, 1, 2)`,
            params: [`challenge-${id}`, id, `salts-of-${id}`],
            rows: 1,
          },
        ],
      });
    await rig.requests.cancel(one, 'dan');
    await erased(one);
    assert.deepEqual(found([`salts-of-${one}`, `salts-of-${other}`]), [`salts-of-${other}`]);
  });

  it('of one request only, however many lie around it in the file', async () => {
    const ids: string[] = [];
    const textOf = (at: number): string => `words-${at}-${'x'.repeat((at * 37) % 900)}-end-${at}`;
    for (let at = 0; at < 60; at += 1)
      ids.push(await ran({ text: textOf(at) }, JSON.stringify(`result-${textOf(at)}`)));
    const all = ids.map((_, at) => `words-${at}-`);
    assert.deepEqual(found(all), all);
    const gone = new Set<number>();
    for (let round = 0; round < ids.length; round += 1) {
      const at = (round * 23) % ids.length;
      await erased(ids[at] ?? '');
      gone.add(at);
      const left = all.filter((_, each) => !gone.has(each));
      if (round % 10 === 9) assert.deepEqual(found(all), left, `after ${round + 1}`);
    }
    assert.deepEqual(found(all), []);
  });
});

describe('erase: again, at once, and afterwards', () => {
  it('a second time changes nothing, and says who was first', async () => {
    const id = await ran();
    const first = await erased(id, 'dan');
    rig.time.now += 1000;
    const size = await rig.store.logSize();
    const second = await rig.requests.erase(id, 'alice', 'me too');
    assert.deepEqual(second, { ...first, already: true });
    assert.equal(await rig.store.logSize(), size);
  });

  it('two at once: one erases, the other is told', async () => {
    const id = await ran();
    const outcomes = await Promise.all([erased(id), erased(id)]);
    assert.deepEqual(outcomes.map((each) => each.kind === 'erased' && each.already).sort(), [false, true]);
    const entries = (await rig.entries()).filter((each) => each['kind'] === 'redaction');
    assert.equal(entries.length, 1);
  });

  it('with a redemption at once: it runs or it is erased, never an erased action', async () => {
    for (let round = 0; round < 8; round += 1) {
      const id = await ask({ round });
      await rig.answer(id, 'bob');
      const [verdict, outcome] = await Promise.all([
        rig.call('write', { round }),
        rig.requests.erase(id, 'dan', WHY),
      ]);
      assert.equal(outcome.kind, 'refused');
      await permitted(verdict).finish({ status: 'succeeded' });
      await erased(id);
    }
  });

  it('an identical call is asked about anew', async () => {
    const id = await ran({ n: 1 });
    await erased(id);
    const again = await ask({ n: 1 });
    assert.notEqual(again, id);
    assert.equal((await rig.answer(again, 'carol')).kind, 'recorded');
    await permitted(await rig.call('write', { n: 1 })).finish({ status: 'succeeded' });
  });

  it('late words about it change nothing and leave nothing', async () => {
    const id = await ran();
    await erased(id);
    const answer = await rig.answer(id, 'carol', { reason: 'late-words', rendered_digest: 'late-digest' });
    assert.equal(answer.kind === 'refused' && answer.why, 'already_resolved');
    assert.equal((await rig.requests.reveal(id, 'carol', 'late-words')).kind, 'refused');
    assert.deepEqual(found(['late-words', 'late-digest']), []);
  });

  it('a reveal that was asked for before the end is not stored after it', async () => {
    const id = await ask();
    const { commit } = rig.store;
    rig.deps.store.commit = async (command) => {
      rig.deps.store.commit = commit;
      await rig.requests.cancel(id, 'dan');
      await erased(id);
      return commit(command);
    };
    assert.equal((await rig.requests.reveal(id, 'bob', 'late-words')).kind, 'refused');
    assert.deepEqual(found(['late-words']), []);
  });
});
