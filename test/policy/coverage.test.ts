// Which rules decide, asked of a whole gateway by people and on the command line.
import assert from 'node:assert/strict';
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
