/**
 * Slack, by its counterpart on this machine: from a request being opened to its card being there, through store, log and
 * delivery; from a click to its acknowledgement, while the answer is recorded; and a thousand requests within a minute at
 * the rates Slack allows, on a clock of their own. Slack's own time on the wire is not in it.
 * Run: npm run bench channels/slack
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openReached } from '../../gateway/testing/reaching.ts';
import { click } from '../../test/slack/counterpart/people.ts';
import type { Obj } from '../../test/slack/counterpart/workspace.ts';
import { startSlackDriver } from '../../test/slack/driver.ts';
import { PEOPLE, ROOM } from '../../test/slack/stage.ts';
import { type Bench, median, runAlone, shown } from '../goals.ts';
import { flood } from './flood.ts';

/** What one channel takes. */
const APART_MS = 1_050;

export const bench: Bench = async ({ quick }) => {
  const { posted, clicked, bare, unlike } = await cards(quick ? 2 : 40, quick ? 5 : 100);
  const { lost, waited_s, refused } = await flood(quick ? 50 : 1_000);
  return {
    measured: [
      {
        goal: 'slack_posted',
        got: median(posted),
        baseline: { name: 'a call of the counterpart', value: bare, unit: ' ms' },
        ratio: median(posted) / bare,
      },
      {
        goal: 'slack_clicked',
        got: Math.max(...clicked),
        baseline: { name: 'the same at the median', value: median(clicked), unit: ' ms' },
        ratio: Math.max(...clicked) / median(clicked),
      },
      {
        goal: 'slack_lost',
        got: lost,
        baseline: { name: 'refused for their rate by the counterpart', value: refused, unit: '' },
        ratio: 1,
      },
    ],
    also: [
      ['opened to posted, the slowest', shown(Math.max(...posted), ' ms')],
      ['answers those clicks made', String(unlike)],
      ['the last of the thousand, after it was opened', shown(waited_s, ' s')],
    ],
  };
};

async function cards(count: number, clicks: number) {
  const driver = await startSlackDriver('url');
  const world = await openReached({ driver });
  const { workspace } = driver.slack;
  const cardsThere = (): number =>
    workspace.messages.filter(({ thread_ts }) => thread_ts === undefined).length;
  try {
    const posted: number[] = [];
    for (let at = 1; at <= count; at += 1) {
      await world.ask('pair');
      const opened = performance.now();
      while (cardsThere() < at) await sleep(1);
      posted.push(performance.now() - opened);
      await sleep(APART_MS);
    }
    const [message] = workspace.messages;
    const button = message?.blocks
      .flatMap(({ elements }) => (elements ?? []) as readonly Obj[])
      .find(({ action_id }) => action_id === 'approve');
    if (message === undefined || button === undefined) throw new Error('there is no card to click');
    const clicked: number[] = [];
    for (let at = 0; at < clicks; at += 1) {
      const { acked, ms } = await click(driver.slack, { user: PEOPLE.bob, message, button });
      if (!acked) throw new Error('a click was not acknowledged');
      clicked.push(ms);
    }
    while (workspace.ephemerals.length < clicks) await sleep(10);
    const id = String(/req_\w+/.exec(JSON.stringify(message.blocks))?.[0]);
    return { posted, clicked, bare: await bareCall(driver.slack), unlike: (await world.counted(id)).length };
  } finally {
    await world.close();
  }
}

async function bareCall({
  api,
  bot_token,
}: {
  readonly api: string;
  readonly bot_token: string;
}): Promise<number> {
  const took: number[] = [];
  for (let at = 0; at < 20; at += 1) {
    const began = performance.now();
    const answer = await fetch(`${api}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bot_token}` },
      body: new URLSearchParams({ channel: ROOM, text: 'x' }),
    });
    await answer.text();
    took.push(performance.now() - began);
  }
  return median(took);
}

await runAlone(import.meta.url, bench);
