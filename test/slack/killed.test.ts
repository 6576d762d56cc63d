/** kill -9 of a real gateway process around a card: one card, one answer, and the card says what is so. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, beforeEach, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PROCESS_MS, until } from '../../gateway/testing/until.ts';
import { callHeld, ranOf, UPSTREAM_SECRET } from '../gateway/yard.ts';
import { wordsOf } from './counterpart/block-kit.ts';
import { buttonsOf, click } from './counterpart/people.ts';
import type { Message } from './counterpart/workspace.ts';
import { PEOPLE } from './stage.ts';
import { openSlackYard, type SlackYard } from './yard.ts';

const MAIN = fileURLToPath(new URL('../../gateway/src/cli/main.ts', import.meta.url));

let at: SlackYard;
let child: ChildProcess;

beforeEach(async () => {
  at = await openSlackYard('url');
  await at.yard.house.gateway.close();
  await begin();
});
afterEach(async () => {
  await kill();
  await at.close();
});

async function begin(): Promise<void> {
  const args = [...process.execArgv, MAIN, 'serve', '--config', path.join(at.yard.dir, 'countersign.yaml')];
  const env = { ...process.env, UPSTREAM_TOKEN: UPSTREAM_SECRET };
  child = spawn(process.execPath, args, { cwd: at.yard.dir, env, stdio: 'ignore' });
  const started = child;
  await soon('the gateway answers', async () => {
    assert.equal(started.exitCode, null, 'it ended');
    return fetch(`${at.yard.house.gateway.url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  });
}

async function kill(): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Whatever is waited for here, a process is started or a lease runs out first. */
const soon = (what: string, holds: () => boolean | Promise<boolean>): Promise<void> =>
  until(() => `${what}; ${words()}`, holds, PROCESS_MS);

const roots = (): readonly Message[] =>
  at.slack.workspace.messages.filter(({ thread_ts }) => thread_ts === undefined);
const words = (): string =>
  roots()
    .map(({ blocks }) => wordsOf(blocks))
    .join('\n---\n');
const approve = async (): Promise<boolean> => {
  const [message] = roots();
  const button = buttonsOf(message?.blocks ?? []).find(({ action_id }) => action_id === 'approve');
  if (message === undefined || button === undefined) return false;
  return (await click(at.slack, { user: PEOPLE.bob, message, button })).acked;
};
/** Approves what waits, if it still does, and lets it run: once, whatever came before. */
async function runsOnce(): Promise<void> {
  await soon('it may run', async () => {
    await approve();
    return (await callHeld(at.yard)) === undefined;
  });
  assert.equal(ranOf(at.yard), 1);
  await soon('the card says that it ran', () => /It ran/.test(words()));
  assert.equal(roots().length, 1, words());
  assert.match(words(), /1 of 1 approval/);
  assert.equal(words().match(/Bob approved it/g)?.length, 1);
}

it('between the post and its reference being stored: the card is found again, not posted twice', async () => {
  at.slack.loseNextAnswer('chat.postMessage', () => child.kill('SIGKILL'));
  // Who asked never hears, and asks again.
  const asked = callHeld(at.yard).catch(() => undefined);
  await soon('it was posted, and the process is gone', () => child.signalCode === 'SIGKILL');
  assert.equal(roots().length, 1);
  await begin();
  await runsOnce();
  void asked;
});

it('between a click being acknowledged and its answer being recorded: it counts once, or not at all', async () => {
  assert.ok(await callHeld(at.yard));
  await soon('the card', () => roots().length === 1);
  // Who clicked is asked after the acknowledgement, and before the answer is taken.
  at.slack.loseNextAnswer('users.info', () => child.kill('SIGKILL'));
  assert.ok(await approve());
  await soon('the process is gone', () => child.signalCode === 'SIGKILL');
  assert.equal(ranOf(at.yard), 0);
  await begin();
  assert.equal((await callHeld(at.yard)) === undefined, false, 'what nobody recorded lets nothing through');
  await runsOnce();
});

it('between an answer being recorded and the card being changed: the card is changed once it is back', async () => {
  assert.ok(await callHeld(at.yard));
  await soon('the card', () => roots().length === 1);
  at.slack.loseNextAnswer('chat.update', () => child.kill('SIGKILL'));
  assert.ok(await approve());
  await soon('the process is gone', () => child.signalCode === 'SIGKILL');
  await begin();
  await soon(
    'the card says so',
    () => /Approved/.test(words()) && buttonsOf(roots()[0]?.blocks ?? []).length === 1,
  );
  await runsOnce();
  const thread = at.slack.workspace.messages
    .filter(({ thread_ts }) => thread_ts !== undefined)
    .map(({ blocks }) => wordsOf(blocks));
  const lines = thread.flatMap((each) => each.split('\n')).filter((each) => each.trim() !== '');
  assert.equal(new Set(lines).size, lines.length, `nothing is told twice: ${lines.join(' | ')}`);
});
