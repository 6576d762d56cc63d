// Which rules decide and what a draft would do, asked of a whole gateway on the command line.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { type CliHouse, openCliHouse } from '../cli/house.ts';

let house: CliHouse;
before(async () => {
  house = await openCliHouse('alice', 'bob');
});
after(() => house.close());

type Coverage = {
  readonly rules: readonly { readonly rule: string; readonly last_hit?: number }[];
  readonly complete: boolean;
};
const coverage = (...words: string[]) => house.json<Coverage>('bob', 'policy', 'coverage', ...words);
const counts = ({ rules }: Coverage, rule: string) => {
  const { allowed, asked, reviewed, refused } = (rules.find((each) => each.rule === rule) ?? {}) as Record<
    string,
    number
  >;
  return { allowed, asked, reviewed, refused };
};

it('counts what was let through, what asked, and what ran after a review', async () => {
  const before = await coverage();
  assert.deepEqual(counts(before, 'writes-ask'), { allowed: 0, asked: 0, reviewed: 0, refused: 0 });
  assert.equal(before.rules.find(({ rule }) => rule === 'writes-ask')?.last_hit, undefined);
  await house.agent.callTool({ name: 'list_directory', arguments: { path: house.shared('') } });
  const id = await house.ask('a.txt', 'one');
  const { rendered_digest } = await house.json<Record<string, string>>('bob', 'requests', 'show', id);
  const shown = ['--shown', `${rendered_digest}`];
  assert.equal((await house.run('bob', 'requests', 'approve', id, ...shown)).code, 0);
  await house.agent.callTool({
    name: 'write_file',
    arguments: { path: house.shared('a.txt'), content: 'one' },
  });
  const found = await coverage('--since', '1h');
  assert.equal(found.complete, true);
  assert.deepEqual(counts(found, 'writes-ask'), { allowed: 0, asked: 1, reviewed: 1, refused: 0 });
  assert.equal(counts(found, 'reads').allowed, 1);
  assert.ok((counts(found, 'sessions').allowed ?? 0) >= 1);
});

it('says it in a table, and what is wrong with a time', async () => {
  const { out } = await house.run('bob', 'policy', 'coverage');
  assert.match(out, /RULE +ALLOWED +ASKED +REVIEWED +REFUSED +LAST/);
  assert.match(out, /every rule decided/);
  const { code, err } = await house.run('bob', 'policy', 'coverage', '--since', 'yesterday');
  assert.equal(code, 2);
  assert.match(err, /--since yesterday: give how long ago/);
});

async function draft(edit: (text: string) => string): Promise<string> {
  const dir = path.dirname(house.data);
  const text = await readFile(path.join(dir, 'policy', 'policy.yaml'), 'utf8');
  await mkdir(path.join(dir, 'draft'), { recursive: true });
  await writeFile(path.join(dir, 'draft', 'policy.yaml'), edit(text));
  return path.join(dir, 'draft');
}

it('tries a draft: what would change, and the place of an example', async () => {
  const folder = await draft((text) =>
    text.replace('where: { class: read }, then: allow', 'where: { class: read }, then: deny'),
  );
  const { code, out, err } = await house.run(
    'alice',
    'policy',
    'simulate',
    '--draft',
    folder,
    '--since',
    '1d',
  );
  assert.equal(code, 0, err);
  assert.match(out, /ok: 3 rules in 1 file, 0 tests passed/);
  assert.match(out, /1 +stricter +\S+ +list_directory on files +runs +refused/);
  assert.match(out, /1 of \d+ decisions since .* would change/);
  const folderSame = await draft((text) => text);
  assert.match(
    (await house.run('alice', 'policy', 'simulate', '--draft', folderSame)).out,
    /No decision would change/,
  );
});

it('shows what is wrong with a draft as check does, and says no', async () => {
  const folder = await draft((text) => text.replace('class: read', 'clas: read'));
  const { code, out } = await house.run('alice', 'policy', 'simulate', '--draft', folder);
  assert.equal(code, 1);
  assert.match(out, /error: .*\n.*policy\.yaml:4:.*rule reads/);
  assert.match(out, /not loaded/);
  for (const [words, why] of [
    [[], /--draft FOLDER is missing/],
    [['--draft', 'nowhere'], /--draft nowhere: error: the policy folder cannot be read/],
  ] as const) {
    const refused = await house.run('alice', 'policy', 'simulate', ...words);
    assert.equal(refused.code, 2);
    assert.match(refused.err, why);
  }
});

it('writes the files in force to an empty folder, and over nothing', async () => {
  const to = path.join(path.dirname(house.data), 'exported');
  const { code, out } = await house.run('bob', 'policy', 'export', '--to', to);
  assert.equal(code, 0);
  assert.match(out, /^policy\.yaml\nThe policy sha256:/);
  const in_force = await readFile(path.join(path.dirname(house.data), 'policy', 'policy.yaml'), 'utf8');
  assert.equal(await readFile(path.join(to, 'policy.yaml'), 'utf8'), in_force);
  const again = await house.run('bob', 'policy', 'export', '--to', to);
  assert.equal(again.code, 2);
  assert.match(again.err, /the folder is not empty/);
});

it('proposes nothing where the policy comes from files, and writes a patch instead', async () => {
  const folder = await draft((text) => text.replace('reading is free', 'reads are free'));
  const { code, err } = await house.run('alice', 'policy', 'propose', '--draft', folder);
  assert.equal(code, 2);
  assert.match(err, /takes its policy from files.*--patch/);
  const { out } = await house.run('alice', 'policy', 'propose', '--draft', folder, '--patch');
  assert.match(out, /^diff --git a\/policy\/policy\.yaml b\/policy\/policy\.yaml\n--- /);
  assert.match(out, /\n-.*reading is free.*\n\+.*reads are free/);
});

it('proposes nothing narrower from one request, and says why', async () => {
  const { code, out } = await house.run('alice', 'policy', 'suggest');
  assert.equal(code, 0);
  assert.match(out, /Nothing to propose from 1 request\./);
  assert.match(out, /writes-ask, \S+ with write_file: 1 request; too few requests/);
  assert.equal((await house.run('alice', 'policy', 'suggest', '--patch')).out, '');
});
