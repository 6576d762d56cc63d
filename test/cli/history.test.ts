/** What somebody types to find out what an agent did: by words, by name, step by step; at a terminal and for a script. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { CallDetail, CallPage, TrailDetail, TrailPage } from '@countersign/sdk';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { type CliHouse, openCliHouse } from './house.ts';

const AT_MOST = { timeout: 60_000 };
let house: CliHouse;
let request_id = '';
before(async () => {
  house = await openCliHouse('alice', 'bob');
  request_id = await house.ask('notes.txt', 'the quick \u202ebrown fox');
}, AT_MOST);
after(() => house.close(), AT_MOST);

it('finds a call by words of its arguments', AT_MOST, async () => {
  const found = await house.json<CallPage>(
    'bob',
    'calls',
    'list',
    '--search',
    'quick',
    '--outcome',
    'waiting',
  );
  assert.deepEqual(
    found.items.map((call) => call.request_id),
    [request_id],
  );
  const { code, out } = await house.run('bob', 'calls', 'list', '--search', 'notes.tx');
  assert.equal(code, EXIT.ok);
  assert.match(out, /held +waiting +write_file on files/);
  assert.match((await house.run('bob', 'calls', 'list', '--search', 'giraffe')).out, /No call matches/);
});

it('shows it at a terminal without what could fool one (A2)', AT_MOST, async () => {
  const { terminal, code } = house.start('bob', 'calls', 'list', '--search', 'quick');
  assert.equal(await code, EXIT.ok);
  assert.match(terminal.text, /write_file/);
  assert.doesNotMatch(terminal.text, /\u202e/);
});

it('shows one call, and the trail it is a step of', AT_MOST, async () => {
  const [call] = (await house.json<CallPage>('bob', 'calls', 'list', '--resource', 'write_file')).items;
  const shown = await house.json<CallDetail>('bob', 'calls', 'show', call?.id ?? '');
  assert.equal(shown.asked.kind, 'kept');
  const { items } = await house.json<TrailPage>('bob', 'trails', 'list');
  assert.ok(items.some(({ id }) => id === call?.trail));
  const trail = await house.json<TrailDetail>('bob', 'trails', 'show', call?.trail ?? '');
  assert.ok(trail.steps.some(({ id }) => id === call?.id));
  assert.match((await house.run('bob', 'trails', 'list')).out, /TRAIL +AGENT/);
  assert.match((await house.run('bob', 'trails', 'show', call?.trail ?? '')).out, /write_file on files/);
});

it('says what is wrong with what was typed', AT_MOST, async () => {
  for (const [words, want] of [
    [['calls', 'list', '--since', 'yesterday'], /--since yesterday/],
    [['calls', 'list', '--search', ';;'], /letters or digits/],
    [['calls', 'list', '--outcome', 'great'], /outcome/],
    [['calls', 'show', 'evl_1'], /evl_/],
    [['trails', 'show', `trl_${'0'.repeat(26)}`], /no trail/],
  ] as const) {
    const { code, err } = await house.run('bob', ...words);
    assert.notEqual(code, EXIT.ok, words.join(' '));
    assert.match(err, want);
  }
});
