// The policy kept in the store: read from the folder once, changed by proposal and review, by nobody alone where two are needed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Client, type PolicyFileText, ProblemError } from '@countersign/sdk';
import { until } from '../../gateway/testing/until.ts';
import { ASKS, openYard, type Yard } from '../gateway/yard.ts';
import { type Operated, openOperated } from '../operators/house.ts';

const WIDE = ASKS.replace(
  'where: { class: [write, destructive] }, then: require, approve: [{ by: anyone }]',
  'where: { class: write }, then: allow',
);
const file = (text: string): readonly PolicyFileText[] => [{ path: 'policy.yaml', text }];
const IN_STORE = (text: string): string => `${text}policy: { source: store }\n`;
const rules = async (person: Client) =>
  (await person.policy.show()).rules.map(({ id, then }) => `${id} ${then}`);
const refused = (kind: string, why: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ProblemError, String(error));
  assert.deepEqual([error.kind, why.test(error.detail ?? '')], [kind, true], error.detail);
  return true;
};

describe('a policy kept in the store, with one operator', () => {
  let yard: Yard;
  let alice: Client;
  beforeEach(async () => {
    yard = await openYard();
    await yard.restart(() => yard.editConfig(IN_STORE));
    alice = await yard.house.signIn('alice');
  });
  afterEach(() => yard.close());
  const propose = async (text: string, base?: string) =>
    alice.policy.propose({ files: file(text), base: base ?? (await alice.policy.files()).digest });

  it('begins with the folder, which then counts for nothing, over a restart too', async () => {
    assert.deepEqual((await alice.policy.files()).source, 'store');
    assert.deepEqual(
      (await alice.policy.files()).files.map(({ text }) => text),
      [ASKS],
    );
    await yard.writePolicy('version: 1\nrules: nonsense\n');
    await yard.restart();
    alice = await yard.house.signIn('alice');
    assert.deepEqual(
      (await alice.policy.files()).files.map(({ text }) => text),
      [ASKS],
    );
    await yard.restart(() => rm(path.join(yard.dir, 'policy'), { recursive: true }));
    alice = await yard.house.signIn('alice');
    assert.equal((await rules(alice)).length, 3);
    assert.deepEqual((await alice.policy.show()).load_errors, []);
  });

  it('takes a proposal at once, says that nobody else saw it, and keeps it', async () => {
    const taken = await propose(WIDE);
    assert.ok(taken.status === 'in_force');
    assert.match(taken.unseen ?? '', /one operator/);
    assert.ok((await rules(alice)).includes('writes-ask allow'));
    const [entry] = (await alice.log.lookUp({ kind: 'policy-change' })).items;
    assert.equal(entry?.reviewer, 'alice', 'the log says whose it is');
    await yard.restart();
    alice = await yard.house.signIn('alice');
    assert.ok((await rules(alice)).includes('writes-ask allow'));
  });

  it('takes nothing that does not load, is what it is, or was made from another', async () => {
    await assert.rejects(
      propose('version: 1\nrules: nonsense\n'),
      refused('invalid_request', /body\.files: this does not load: policy\.yaml:2/),
    );
    await assert.rejects(
      alice.policy.propose({
        files: [{ path: '../x.yaml', text: WIDE }],
        base: (await alice.policy.files()).digest,
      }),
      refused('invalid_request', /not the path of a policy file/),
    );
    await assert.rejects(propose(ASKS), refused('wrong_state', /this is the policy in force/));
    const { digest } = await alice.policy.files();
    await propose(WIDE);
    await assert.rejects(propose(ASKS, digest), refused('wrong_state', /has changed since/));
    assert.ok((await rules(alice)).includes('writes-ask allow'));
  });

  it('is proposed by operators alone', async () => {
    const bob = await yard.house.signIn('bob');
    const { digest } = await bob.policy.files();
    await assert.rejects(
      bob.policy.propose({ files: file(WIDE), base: digest }),
      refused('not_allowed', /operator/),
    );
  });

  it('A24: altered in the store, does not start', async () => {
    const store = await import('../../gateway/src/store/sqlite/sqlite.ts');
    await assert.rejects(
      yard.restart(async () => {
        const opened = await store.openSqliteStore({ path: path.join(yard.dir, 'data', 'store.db') });
        await opened.commit({
          name: 'tamper',
          steps: [
            {
              name: 'tamper',
              sql: "UPDATE policies SET body = REPLACE(body, 'require', 'allow')",
              params: [],
              rows: 1,
            },
          ],
          entries: [],
        });
        await opened.close();
      }),
      /does not have the policy as it was/,
    );
    // For what is closed after each test.
    await rm(path.join(yard.dir, 'data', 'store.db'));
    await yard.restart().catch(() => undefined);
  });

  it('goes back to files when the configuration says so', async () => {
    await propose(WIDE);
    await yard.restart(() =>
      yard.editConfig((text) => text.replace('policy: { source: store }', 'policy: { source: files }')),
    );
    alice = await yard.house.signIn('alice');
    assert.equal((await alice.policy.files()).source, 'files');
    assert.ok((await rules(alice)).includes('writes-ask require'));
    // And again to the store: what the folder says now is what it begins with.
    await yard.restart(() =>
      yard.editConfig((text) => text.replace('policy: { source: files }', 'policy: { source: store }')),
    );
    alice = await yard.house.signIn('alice');
    assert.ok((await rules(alice)).includes('writes-ask require'));
  });
});

describe('a policy kept in the store, with two operators', () => {
  let house: Operated;
  beforeEach(async () => {
    house = await openOperated();
    await house.yard.restart(() => house.yard.editConfig(IN_STORE));
  });
  afterEach(() => house.yard.close());
  const propose = async (person: string, text: string) => {
    const client = await house.as(person);
    return client.policy.propose({ files: file(text), base: (await client.policy.files()).digest });
  };
  const inForce = async () => rules(await house.as('bob'));

  it('I13: waits for another operator, who sees every line; then it is live, and on the record', async () => {
    const held = await propose('alice', WIDE);
    assert.ok(held.status === 'pending');
    const { id } = await house.onlyPending();
    assert.equal(id, held.request_id);
    const detail = await (await house.as('olga')).requests.show(id);
    const args = (
      detail.shown_action['context'] as { readonly arguments: Record<string, Record<string, unknown>> }
    ).arguments;
    const { lines } = (args['files'] as Record<string, { readonly lines: readonly string[] }>)[
      'policy.yaml'
    ] ?? { lines: [] };
    assert.deepEqual(lines.filter((line) => line.startsWith('-')).length, 1);
    assert.ok(
      lines.some((line) => line.startsWith('+  - { id: writes-ask') && line.endsWith('then: allow }')),
      lines.join('\n'),
    );
    assert.deepEqual(Object.keys(args['changed'] ?? {}), ['writes-ask']);

    await assert.rejects(house.answer('alice', id), ProblemError, 'whoever proposes does not approve');
    for (const reviewer of ['bob', 'carl'])
      await assert.rejects(house.answer(reviewer, id), ProblemError, 'a reviewer is no operator');
    assert.ok((await inForce()).includes('writes-ask require'));
    assert.equal((await house.answer('olga', id)).status, 'approved');
    await until('it is in force', async () => (await inForce()).includes('writes-ask allow'));
    const [entry] = (await (await house.as('bob')).log.lookUp({ kind: 'policy-change' })).items;
    const { statement } = await (await house.as('bob')).log.entry(entry?.event_id ?? '');
    const { predicate } = statement as {
      readonly predicate: { readonly review: object; readonly by: string };
    };
    assert.deepEqual([predicate.by, predicate.review], ['alice', { request_id: id, reviewers: ['olga'] }]);
    await house.verifies();
  });

  it('approved while the gateway is about to stop, is made by the next start', async () => {
    const held = await propose('alice', WIDE);
    assert.ok(held.status === 'pending');
    const answered = house.answer('olga', held.request_id);
    await answered;
    await house.yard.restart();
    await until('it is in force', async () => (await inForce()).includes('writes-ask allow'));
    await house.verifies();
  });

  it('denied, or outdated by a newer one, is never made', async () => {
    const first = await propose('alice', WIDE);
    assert.ok(first.status === 'pending');
    const second = await propose('alice', WIDE.replace('reading is free', 'reads are free'));
    assert.ok(second.status === 'pending' && second.request_id !== first.request_id);
    assert.equal((await (await house.as('olga')).requests.show(first.request_id)).status, 'cancelled');
    await house.answer('olga', second.request_id, 'denied');
    await assert.rejects(
      propose('alice', WIDE.replace('reading is free', 'reads are free')),
      refused('not_allowed', /denied/),
    );
    assert.ok((await inForce()).includes('writes-ask require'));
  });

  it('A10, A24: what was put down for it is exchanged before it is agreed to: nothing of it is made', async () => {
    const held = await propose('alice', WIDE);
    assert.ok(held.status === 'pending');
    const evil = WIDE.replace('class: write }', 'class: [write, destructive] }');
    const { DatabaseSync } = await import('node:sqlite');
    const db = new DatabaseSync(path.join(house.yard.dir, 'data', 'store.db'));
    db.prepare('UPDATE policy_drafts SET body = ?').run(JSON.stringify(file(evil)));
    db.close();
    assert.equal((await house.answer('olga', held.request_id)).status, 'approved');
    await until('another request is open, about what is there now', async () =>
      (await house.pending()).some(({ id }) => id !== held.request_id),
    );
    assert.ok((await inForce()).includes('writes-ask require'));
  });
});

describe('a change of a policy kept in files', () => {
  let yard: Yard;
  beforeEach(async () => {
    yard = await openYard();
  });
  afterEach(() => yard.close());

  it('is a patch that git takes, and no proposal', async () => {
    const alice = await yard.house.signIn('alice');
    const { digest } = await alice.policy.files();
    await assert.rejects(
      alice.policy.propose({ files: file(WIDE), base: digest }),
      refused('wrong_state', /comes from files.*patch/),
    );
    const { patch, files, folder } = await alice.policy.patch({
      files: [...file(WIDE), { path: 'team/more.yaml', text: 'version: 1\nrules: []\n' }],
    });
    assert.equal(folder, 'policy');
    assert.deepEqual(
      files.map(({ path: at, change }) => [at, change]),
      [
        ['policy.yaml', 'changed'],
        ['team/more.yaml', 'added'],
      ],
    );
    execFileSync('git', ['apply', '-'], {
      cwd: yard.dir,
      input: patch,
      env: { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(yard.dir) },
    });
    assert.equal(await readFile(path.join(yard.dir, 'policy', 'policy.yaml'), 'utf8'), WIDE);
    await writeFile(path.join(yard.dir, 'policy', 'policy.yaml'), ASKS);
  });
});
