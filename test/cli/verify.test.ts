import assert from 'node:assert/strict';
import { access, cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { type CliHouse, openCliHouse, type Ran, runWith } from './house.ts';

const AT_MOST = { timeout: 60_000 };
let house: CliHouse;
let log = '';
before(async () => {
  house = await openCliHouse();
  await house.gateway.flushLog();
  log = path.join(house.gateway.data_dir, 'log');
}, AT_MOST);
after(() => house.close(), AT_MOST);

const verify = (place: string, ...words: string[]): Promise<Ran> =>
  house.run('nobody', 'log', 'verify', place, '--key', house.gateway.vkey, ...words);
const beside = (name: string): string => path.join(house.gateway.data_dir, '..', name);
const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

describe('log verify: a wrong path is no finding about a log', AT_MOST, () => {
  const table: readonly (readonly [name: string, place: () => string, said: RegExp])[] = [
    ['nothing there', () => beside('none'), /none: there is no such folder\.$/m],
    ['a file', () => path.join(log, 'checkpoint'), /it is a file; give the folder/],
    [
      'the data folder',
      () => house.gateway.data_dir,
      /the log is the folder “log” inside it; give .*data\/log\.$/m,
    ],
    ['nobody listens', () => 'http://127.0.0.1:1/log', /http:\/\/127\.0\.0\.1:1\/log\/checkpoint: /],
  ];
  for (const [name, place, said] of table)
    it(name, async () => {
      const { code, out, err } = await verify(place());
      assert.equal(code, EXIT.unreachable, err);
      assert.match(err, said);
      assert.equal(out, '', 'nothing is said of a log nobody saw');
    });

  it('prove says the same', async () => {
    const words = ['log', 'prove', 'x', '--log', beside('none'), '--key', house.gateway.vkey];
    const { code, err } = await house.run('nobody', ...words);
    assert.equal(code, EXIT.unreachable);
    assert.match(err, /there is no such folder/);
  });

  it('a folder that is no log has no checkpoint, and nothing is established of it', async () => {
    const { code, out } = await verify(house.shared('.'));
    assert.equal(code, EXIT.no);
    assert.match(out, /no-checkpoint/);
    assert.match(out, /Established:\n {2}nothing\n/);
    assert.doesNotMatch(out, /--older|--keep/);
  });
});

describe('log verify --older', AT_MOST, () => {
  it('is the checkpoint --keep wrote; the log continues it', async () => {
    const kept = beside('kept');
    assert.equal((await verify(log, '--keep', 'kept')).code, EXIT.ok);
    assert.equal(await readFile(kept, 'utf8'), await readFile(path.join(log, 'checkpoint'), 'utf8'));
    const { code, out } = await verify(log, '--older', 'kept');
    assert.equal(code, EXIT.ok);
    assert.match(out, /The log continues the checkpoint you kept/);
  });

  it('a file that holds none is wrong use, and says what to give', async () => {
    const { code, err } = await verify(log, '--older', 'countersign.yaml');
    assert.equal(code, EXIT.usage);
    assert.match(err, /--older countersign\.yaml: it holds no checkpoint; give the file that --keep wrote/);
  });

  it('one that another key signed is said to be that, and not that this log was changed', async () => {
    const text = await readFile(path.join(log, 'checkpoint'), 'utf8');
    await writeFile(beside('other'), text.replace(/\n— \S+ /, '\n— elsewhere.test/log '));
    const { code, out } = await verify(log, '--older', 'other');
    assert.equal(code, EXIT.no);
    assert.match(out, /older-unusable: the checkpoint you kept is not one the log key given signed/);
    assert.doesNotMatch(out, /changed after it was signed/);
  });
});

describe('log verify: the report', AT_MOST, () => {
  for (const columns of [80, 120])
    it(`folds at the edge of a terminal of ${columns} columns, but never what is to be copied`, async () => {
      const words = ['log', 'verify', log, '--key', house.gateway.vkey];
      const { code, out } = await runWith({ tty: true, columns, cwd: '/', env: {} }, words);
      assert.equal(code, EXIT.ok);
      const checkpoint = await readFile(path.join(log, 'checkpoint'), 'utf8');
      assert.ok(out.includes(checkpoint), 'verbatim');
      for (const row of out.replace(checkpoint, '').split('\n')) assert.ok(row.length <= columns, row);
      assert.match(out, /^ {2}✓ \S.*\n {4}\S/m, 'later rows stand under the first word');
    });

  it('is one line a sentence for what reads lines', async () => {
    const { out } = await verify(log);
    assert.match(out, /^ {2}✓ All \d+ entries, .* what is below it\.$/m);
  });

  it('A2, A24: of a log that failed no checkpoint is offered, kept or shown, and its bytes stay off the terminal', async () => {
    const bad = beside('bad');
    await cp(log, bad, { recursive: true });
    const file = path.join(bad, 'checkpoint');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('\n', ' \u009b2J\n'));
    const { code, out, err } = await verify(bad, '--keep', 'never');
    assert.equal(code, EXIT.no);
    assert.match(out, /Found against it \(1\):/);
    assert.match(out, /This log must not be trusted as it is\.\n$/);
    assert.doesNotMatch(out, /--older|Keep this checkpoint/);
    assert.ok(!out.includes('\u009b') && !err.includes('\u009b'));
    for (const signature of text.match(/^— .*$/gm) ?? []) assert.ok(!out.includes(signature));
    assert.equal(await exists(beside('never')), false);
  });
});
