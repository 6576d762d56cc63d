/** kill -9 between a click and its commit, between a commit and the card that shows it, and around every other write. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Break, Fault } from '../faulty-store.ts';
import { CHILD_FLAGS, inFolder } from '../trial.ts';
import { cardsAftermath } from './aftermath.ts';

const POINTS: readonly (readonly [command: string, nth: number, means: string])[] = [
  ['open-request', 2, 'as it is asked'],
  ['follow-cards', 2, 'between the request and its card'],
  ['lease-card', 2, 'as a card is taken up'],
  ['card-version', 2, 'between what a card shows and posting it'],
  ['settle-card', 1, 'between posting a card and knowing where it is'],
  ['settle-card', 3, 'between changing a card and knowing that it was'],
  ['review-resolve', 2, 'between a click and its commit'],
];
const KILLS: readonly Break[] = ['kill-before', 'kill-during', 'kill-after'];

async function killedAt(dir: string, fault: Fault): Promise<boolean> {
  const script = fileURLToPath(new URL('child.ts', import.meta.url));
  const child = spawn(process.execPath, [...CHILD_FLAGS, script, dir, JSON.stringify(fault)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal === 'SIGKILL';
}

describe('A15, A20: kill -9 with cards under way: one answer, no lost card', () => {
  for (const [command, nth, means] of POINTS)
    for (const how of KILLS)
      it(`${means} (${command}, ${how})`, () =>
        inFolder(async (dir) => {
          assert.ok(await killedAt(dir, { command, how, nth }), 'the point was reached');
          assert.deepEqual(await cardsAftermath(dir), []);
        }));
});
