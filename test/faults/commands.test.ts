import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { aftermath, BEGINNING } from './aftermath.ts';
import { type Break, watch } from './faulty-store.ts';
import { COMMANDS } from './points.ts';
import { tell } from './story/story.ts';
import { inFolder, trial } from './trial.ts';
import { openWorld } from './world.ts';

describe('the table of fault points', () => {
  it('has every command that is ever committed, and no other', async () => {
    await inFolder(async (dir) => {
      const watched = watch();
      const world = await openWorld({ dir, start: BEGINNING, watched });
      const cut = await tell(world);
      await world.close();
      assert.equal(cut, 0, 'without a fault no chapter is cut short');
      assert.deepEqual([...watched.names].sort(), Object.keys(COMMANDS).sort());
      assert.deepEqual(await aftermath(dir), []);
    });
  });

  it('has every command name that stands in the sources', () => {
    const root = fileURLToPath(new URL('../../gateway/src/', import.meta.url));
    // No gateway runs while a lost log is rebuilt; what a failure leaves then, its own test says.
    const sources = globSync('**/*.ts', { cwd: root }).filter(
      (file) => !/\.test\.ts$|testing|testdata|contract\.ts$|^audit\/rebuild\.ts$/.test(file),
    );
    const named = sources.flatMap((file) =>
      [
        ...readFileSync(`${root}${file}`, 'utf8').matchAll(
          /(?:commit\(\{\s*name: |authority\.change\(|run\()'([^']+)'/g,
        ),
      ].map(([, name = '']) => name),
    );
    assert.ok(named.length >= 20, `only ${named.length} found: the sources are written another way now`);
    assert.deepEqual(
      named.filter((name) => !Object.hasOwn(COMMANDS, name)),
      [],
    );
  });
});

/** The points where most is at stake; `npm run faults` tries every point in every way. */
const AT_STAKE = [
  'permit',
  'open-request',
  'review-approve',
  'review-resolve',
  'review-deny',
  'redeem',
  'end',
  'delivered',
  'end-approval',
  'break-glass',
  'glass-closed',
  'revoke',
  'ticket-deny',
  'erase',
  'policy',
  'operators',
  'agreed:*',
  'recover',
  'checkpoint',
];

describe('A20: a failing store', () => {
  for (const how of ['lost', 'kept'] satisfies Break[]) {
    for (const command of AT_STAKE) {
      it(`${command}: ${how}`, async () => assert.deepEqual(await trial({ command, how }), []));
    }
  }
});

describe('A20, A22: kill -9', () => {
  const killed: readonly (readonly [string, Break])[] = [
    ['redeem', 'kill-before'],
    ['redeem', 'kill-after'],
    ['review-resolve', 'kill-during'],
    ['break-glass', 'kill-before'],
    ['break-glass', 'kill-after'],
    ['end', 'kill-before'],
    ['agreed:*', 'kill-before'],
    ['agreed:*', 'kill-after'],
    ['erase', 'kill-before'],
    ['erase', 'kill-during'],
    ['erase', 'kill-after'],
  ];
  for (const [command, how] of killed) {
    it(`${command}: ${how}`, async () => assert.deepEqual(await trial({ command, how }), []));
  }
});
