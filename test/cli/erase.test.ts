/** What an operator types to erase a request, and that afterwards its words are nowhere: no view, no export, no byte. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Erasure, Page, RequestDetail, RequestSummary } from '@countersign/sdk';
import type { LogReport } from '../../gateway/src/audit/verify/report.ts';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { type CliHouse, openCliHouse } from './house.ts';

const AT_MOST = { timeout: 60_000 };
let house: CliHouse;
before(async () => {
  house = await openCliHouse('alice', 'bob', 'carol');
}, AT_MOST);
after(() => house.close(), AT_MOST);

const show = (id: string) => house.json<RequestDetail>('bob', 'requests', 'show', id);
const erase = (person: string, id: string, ...more: string[]) =>
  house.run(person, 'requests', 'erase', id, '--reason', 'case 4711', ...more);

/** Held, denied with a reason. */
async function denied(name: string, content: string, reason: string): Promise<string> {
  const id = await house.ask(name, content);
  assert.equal((await house.run('bob', 'requests', 'deny', id, '--reason', reason)).code, EXIT.ok);
  return id;
}

/** Held, approved with a reason, run. */
async function ran(name: string, content: string, reason: string): Promise<string> {
  const id = await house.ask(name, content);
  const { rendered_digest } = await show(id);
  const said = ['--shown', rendered_digest, '--reason', reason];
  assert.equal((await house.run('bob', 'requests', 'approve', id, ...said)).code, EXIT.ok);
  const args = { path: house.shared(name), content };
  assert.notEqual((await house.agent.callTool({ name: 'write_file', arguments: args })).isError, true);
  return id;
}

/** Every file the gateway keeps, and how what was erased leaves it. Whoever adds one says so here, and sees to it. */
const FILES: readonly (readonly [name: RegExp, why: string])[] = [
  [/^store\.db$/, 'rows are overwritten where they stood'],
  [/^store\.db-(?:wal|shm)$/, 'moved into the store and cut to nothing'],
  [/^store\.db\.lock$/, 'holds nothing of a request'],
  [/^keys\/(?:entry|log|token)\.pem$/, 'holds nothing of a request'],
  [/^keys\/installation\.key$/, 'holds nothing of a request'],
  [/^sign-in\/[a-z]+\.link$/, 'holds nothing of a request'],
  [/^log\.vkey$/, 'holds nothing of a request'],
  [
    /^log\/(?:checkpoint|entry-keys|(?:tile|envelopes)\/.+)$/,
    'entries: identifiers, digests and commitments',
  ],
];

/**
 * Every file the gateway keeps, as bytes. It goes on writing meanwhile, and writes a file beside its place before it
 * renames it: one that is gone when it is read may hold anything under its other name, so all is read again.
 */
async function kept(): Promise<readonly Buffer[]> {
  for (;;) {
    try {
      return await Promise.all((await filesOf()).map((file) => readFile(file)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

async function filesOf(): Promise<readonly string[]> {
  const entries = await readdir(house.data, { recursive: true, withFileTypes: true });
  return entries.filter((each) => each.isFile()).map((each) => path.join(each.parentPath, each.name));
}

/** One that is written beside its place, to be renamed, is called by that place. */
const nameOf = (file: string): string =>
  path
    .relative(house.data, file)
    .replaceAll(path.sep, '/')
    .replace(/(?:\.[\w-]+)?\.new$/, '');

/** Which words stand anywhere in what the gateway keeps, also inside the entries it signed. */
async function keptOf(words: readonly string[]): Promise<readonly string[]> {
  const texts = (await kept()).flatMap((bytes) => [
    bytes,
    ...[...bytes.toString('latin1').matchAll(/"payload":"([\w+/=]+)"/g)].map(([, payload = '']) =>
      Buffer.from(payload, 'base64'),
    ),
  ]);
  return words.filter((word) => texts.some((text) => text.includes(word)));
}

/** Everything a person can be shown, as it would reach them. */
async function seen(words: readonly string[], ids: readonly string[]): Promise<readonly string[]> {
  const asked = [
    ['requests', 'list', '--all', '--json'],
    ['approvals', 'list', '--json'],
    ['log', 'list', '--json'],
    ['log', 'export'],
    ...ids.flatMap((id) => [
      ['requests', 'show', id],
      ['requests', 'show', id, '--json'],
    ]),
  ];
  const texts: string[] = [];
  for (const line of asked) {
    const { code, out, err } = await house.run('bob', ...line);
    assert.equal(code, EXIT.ok, `${line.join(' ')}: ${err}`);
    texts.push(out);
    for (const [, payload = ''] of out.matchAll(/"payload": ?\\?"([\w+/=]+)\\?"/g))
      texts.push(Buffer.from(payload, 'base64').toString());
  }
  return words.filter((word) => texts.some((text) => text.includes(word)));
}

/** Asked again until a checkpoint covers the entry: the log is published within a second. */
async function verified(index: number): Promise<{ readonly report: LogReport; readonly text: string }> {
  const log = ['log', 'verify', path.join(house.data, 'log'), '--key', path.join(house.data, 'log.vkey')];
  for (;;) {
    const report = JSON.parse((await house.run('nobody', ...log, '--json')).out) as LogReport;
    if (report.size <= index) continue;
    const { code, out } = await house.run('nobody', ...log);
    assert.equal(code, EXIT.ok, out);
    return { report, text: out };
  }
}

describe('erasing', AT_MOST, () => {
  it('takes every word away, from every view and every file, and the log still verifies', async () => {
    const words = ['Ada-of-the-run', 'Ada-approved', 'Ada-of-the-denial', 'Ada-denied'];
    const ids = [
      await ran('ada-ran.md', 'Ada-of-the-run', 'Ada-approved'),
      await denied('ada-denied.md', 'Ada-of-the-denial', 'Ada-denied'),
    ];
    assert.deepEqual([await keptOf(words), await seen(words, ids)], [words, words], 'they are found before');
    const before = await Promise.all(ids.map(show));

    for (const id of ids) {
      const { code, out } = await erase('alice', id, '--yes');
      assert.equal(code, EXIT.ok);
      assert.match(out, /^Erased\. The log keeps its digests and says who erased it: entry [0-9A-Z]{26}\.$/m);
    }
    assert.deepEqual([await keptOf(words), await seen(words, ids)], [[], []]);
    assert.deepEqual(
      (await filesOf()).map(nameOf).filter((name) => !FILES.some(([known]) => known.test(name))),
      [],
      'a new file: does it hold clear text of a request? See to it that erasing takes that out, and name it here',
    );

    for (const [at, id] of ids.entries()) {
      const after = await show(id);
      assert.equal(after.erased?.by, 'alice');
      for (const name of ['status', 'action_digest', 'agent', 'rules', 'executions'] as const)
        assert.deepEqual(after[name], before[at]?.[name], name);
      assert.deepEqual(
        after.reviews.map(({ reviewer, decision }) => [reviewer, decision]),
        before[at]?.reviews.map(({ reviewer, decision }) => [reviewer, decision]),
      );
      assert.match(
        (await house.run('bob', 'requests', 'show', id)).out,
        /^Erased {3}by alice just now\n.*case 4711/m,
      );
    }
    const { items } = await house.json<Page<RequestSummary>>('bob', 'requests', 'list', '--all');
    assert.ok(ids.every((id) => items.find((item) => item.id === id)?.sentence.endsWith('(erased)')));

    const last = (await show(ids[1] ?? '')).timeline.at(-1);
    assert.equal(last?.summary, 'clear text erased by alice');
    const { report, text } = await verified(last?.leaf_index ?? 0);
    assert.ok(report.ok);
    assert.deepEqual(
      report.erased.map(({ request, by }) => [request, by]),
      ids.map((id) => [id, 'alice']),
    );
    assert.match(text, /Nothing found against it/);
    assert.match(text, /Erased, on the record \(2\):/);
    for (const id of ids) assert.match(text, new RegExp(`entry \\d+: ${id} by alice`));
  });

  it('a second time says who was first, and changes nothing', async () => {
    const id = await denied('twice.md', 'x', 'no');
    const first = await house.json<Erasure>('alice', 'requests', 'erase', id, '--reason', 'one', '--yes');
    const second = await house.json<Erasure>('alice', 'requests', 'erase', id, '--reason', 'two', '--yes');
    assert.deepEqual(second, { ...first, already: true });
    const { code, out } = await erase('alice', id, '--yes');
    assert.equal(code, EXIT.ok);
    assert.match(out, /^It was already erased, by alice on .* UTC\. Nothing changed\.$/m);
    assert.equal((await show(id)).erased?.reason, 'one');
  });

  it('is for operators, for what is over, with a reason, and meant', async () => {
    const id = await house.ask('open.md', 'x');
    const cases: readonly (readonly [person: string, words: readonly string[], code: number, why: RegExp])[] =
      [
        ['bob', ['--reason', 'r', '--yes'], EXIT.refused, /operator/],
        ['alice', ['--reason', 'r', '--yes'], EXIT.refused, /still pending: answer or cancel it first/],
        ['alice', ['--reason', 'r'], EXIT.usage, /--yes must say that you mean it/],
        ['alice', ['--reason', 'r', '--json'], EXIT.usage, /--yes must say that you mean it/],
        ['alice', ['--yes'], EXIT.usage, /--reason TEXT is missing/],
        ['alice', ['--reason', ' ', '--yes'], EXIT.usage, /--reason TEXT is missing/],
        ['nobody', ['--reason', 'r', '--yes'], EXIT.refused, /[Nn]ot signed in/],
      ];
    for (const [person, words, code, why] of cases) {
      const ended = await house.run(person, 'requests', 'erase', id, ...words);
      assert.equal(ended.code, code, words.join(' '));
      assert.match(ended.err, why);
    }
    assert.equal((await show(id)).erased, undefined);
    await house.run('bob', 'requests', 'deny', id);
  });

  it('at a terminal shows what it is about, and takes only a yes for one', async () => {
    const id = await denied('asked.md', 'text-of-the-question', 'no');
    for (const [typed, code] of [
      ['n\r', EXIT.no],
      ['\r', EXIT.no],
      ['sure\r', EXIT.no],
      ['\x04', EXIT.no],
      ['y\r', EXIT.ok],
    ] as const) {
      const { terminal, code: ended } = house.start(
        'alice',
        'requests',
        'erase',
        id,
        '--reason',
        'case 4711',
      );
      await terminal.until('Erase what it says, for good? [y]es   [n]o  ›');
      assert.ok(terminal.text.includes('text-of-the-question'), 'what would go is shown');
      terminal.type(typed);
      assert.equal(await ended, code, JSON.stringify(typed));
      assert.equal((await show(id)).erased !== undefined, code === EXIT.ok);
    }
  });
});
