/** What `countersign check` says beside a store, compared with what a gateway would do there. */
import assert from 'node:assert/strict';
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { policyDigest } from '../../gateway/src/policy/source/files.ts';
import { type CliHouse, openCliHouse } from './house.ts';

const AT_MOST = { timeout: 60_000 };
let house: CliHouse;
before(async () => {
  house = await openCliHouse();
}, AT_MOST);
after(() => house.close(), AT_MOST);

describe('check', AT_MOST, () => {
  const dir = () => path.join(house.data, '..');
  const fileIn = (folder: string) => path.join(folder, 'countersign.yaml');
  const check = () => house.json<Checked>('nobody', 'check', '--config', fileIn(dir()));
  type Checked = {
    readonly ok: boolean;
    readonly config: readonly string[];
    readonly tools: string;
    readonly policy: { readonly problems: readonly { readonly message: string }[] };
  };
  /** The house's files in a folder of their own, with one rule more, beside its store as it runs or one at rest. */
  const checkedWith = async (rule: string, store: (dir: string) => Promise<string>, more = '') => {
    const copy = await mkdtemp(path.join(tmpdir(), 'countersign-check-'));
    try {
      for (const name of ['countersign.yaml', 'policy'])
        await cp(path.join(dir(), name), path.join(copy, name), { recursive: true });
      await appendFile(path.join(copy, 'policy', 'policy.yaml'), rule);
      const data = await store(copy);
      await appendFile(fileIn(copy), `store: { sqlite: ${JSON.stringify(data)} }\n${more}`);
      const before = await readdir(copy, { recursive: true });
      const { code, out, err } = await house.run('nobody', 'check', '--config', fileIn(copy), '--json');
      assert.equal(err, '');
      assert.deepEqual(await readdir(copy, { recursive: true }), before, 'no file is left behind');
      return { code, ...(JSON.parse(out) as Checked) };
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  };
  const running = async () => house.data;
  /** As a gateway that stopped leaves its store, then changed: nothing beside the file. */
  const atRest =
    (change = '') =>
    async (copy: string): Promise<string> => {
      const file = path.join(copy, 'data', 'store.db');
      await mkdir(path.dirname(file), { mode: 0o700 });
      const live = new DatabaseSync(path.join(house.data, 'store.db'), { readOnly: true });
      await backup(live, file);
      live.close();
      const db = new DatabaseSync(file);
      db.exec(change);
      db.close();
      return path.dirname(file);
    };
  const misspelt = (tool: string) =>
    `  - { id: odd, about: odd, on: mcp, where: { upstream: files, resource: ${tool} }, when: 'mcp.args.pth == "x"', then: deny }\n`;

  it('passes on what the gateway runs on, changing nothing', async () => {
    const file = fileIn(dir());
    const before = await readFile(file, 'utf8');
    const { ok, tools } = await check();
    assert.deepEqual([ok, tools], [true, 'tools: 14 accepted; rules are checked against their arguments']);
    assert.equal(await readFile(file, 'utf8'), before);
  });

  it('knows the arguments of accepted tools as the gateway does, whether it runs or not', async () => {
    for (const store of [running, atRest()]) {
      const { code, policy } = await checkedWith(misspelt('read_text_file'), store);
      assert.equal(code, EXIT.no);
      assert.deepEqual(
        policy.problems.map(({ message }) => message),
        ['the tool has no argument "pth"'],
      );
      const unknown = await checkedWith(misspelt('other_tool'), store);
      assert.deepEqual([unknown.code, unknown.policy.problems], [EXIT.ok, []], 'nobody accepted that one');
    }
  });

  it('takes a reviewer only the store knows, and does not say that there is none where it saw no store', async () => {
    const rule = `  - { id: odd, about: odd, on: mcp, where: { class: odd-one }, then: require, approve: [{ by: "person:dana" }] }\n`;
    const dana =
      "INSERT INTO people (id, name, active, roles, source, created_at, updated_at) VALUES ('dana', 'Dana', 1, '[\"reviewer\"]', 'scim:okta', 0, 0)";
    const unreadable = async (copy: string): Promise<string> => {
      await mkdir(path.join(copy, 'data'));
      await symlink('store.db', path.join(copy, 'data', 'store.db'));
      return path.join(copy, 'data');
    };
    const rows = [
      [atRest(), ['there is no person "dana"'], /accepted/],
      [atRest(dana), [], /accepted/],
      [atRest('DELETE FROM migrations WHERE version > 3'), [], /^tools: not seen.*: it is at version 3/],
      [unreadable, [], /^tools: not seen.*: ELOOP/],
    ] as const;
    for (const [store, want, said] of rows) {
      const { policy, tools } = await checkedWith(rule.replace('odd-one', 'write'), store);
      assert.deepEqual(
        policy.problems.map(({ message }) => message),
        want,
        tools,
      );
      assert.match(tools, said);
    }
  });

  it('checks the policy that decides: where the store keeps it, that one, whatever the folder holds', async () => {
    const kept = (text: string, digest = policyDigest([{ path: 'policy.yaml', text }])) =>
      atRest(
        `INSERT OR REPLACE INTO meta (name, value) VALUES ('policy_source', 'store');
         UPDATE policies SET digest = '${digest}', body = '${JSON.stringify([{ path: 'policy.yaml', text }]).replaceAll("'", "''")}'`,
      );
    const policyOf = (by: string) =>
      `version: 1\nrules:\n  - { id: odd, about: odd, on: mcp, where: { class: write }, then: require, approve: [{ by: "${by}" }] }\n`;
    const inStore = 'policy: { source: store, folder: ./policy }\n';
    const nonsense = '  - nonsense\n';
    const good = await checkedWith(nonsense, kept(policyOf('anyone')), inStore);
    assert.deepEqual([good.code, good.config, good.policy.problems], [EXIT.ok, [], []]);
    const gone = await checkedWith('', kept(policyOf('group:gone')), inStore);
    assert.equal(gone.code, EXIT.no);
    assert.match(gone.policy.problems[0]?.message ?? '', /no group "gone"/);
    const lost = await checkedWith('', kept(policyOf('anyone'), 'sha256:other'), inStore);
    assert.equal(lost.code, EXIT.no);
    assert.match(lost.config[0] ?? '', /the store does not have the policy as it was/);
    const first = await checkedWith(nonsense, atRest(), inStore);
    assert.equal(first.code, EXIT.no, 'the folder is what the first start begins with');
  });

  it('says that it saw no tools, and why', async () => {
    const rows: readonly (readonly [string | undefined, number, RegExp])[] = [
      [undefined, EXIT.ok, /^tools: none accepted yet, so/],
      ['', EXIT.ok, /^tools: not seen.*file is not a database$/],
      [
        'DELETE FROM migrations WHERE version > 3',
        EXIT.ok,
        /^tools: not seen.*it is at version 3; the next start/,
      ],
      [
        "INSERT INTO migrations VALUES (999, 'x', 'x', 0)",
        EXIT.no,
        /^tools: not seen.*at version 999, .*newer build$/,
      ],
    ];
    for (const [sql, want, said] of rows) {
      const { code, tools, config } = await checkedWith(misspelt('read_text_file'), async (copy) => {
        const data = await atRest(sql)(copy);
        const file = path.join(data, 'store.db');
        if (sql === undefined) await rm(file);
        if (sql === '') await writeFile(file, 'nonsense of some length'.repeat(100));
        return data;
      });
      assert.equal(code, want, tools);
      assert.match(tools, said);
      assert.deepEqual(config.length, want === EXIT.ok ? 0 : 1);
    }
  });
});
