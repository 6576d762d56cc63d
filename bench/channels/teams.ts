/**
 * Microsoft Teams, by its counterpart on this machine: from a request being opened to its card being there, through store,
 * log, delivery, the bot's token and the roster; and from a press to the invoke being answered, which in Teams is after the
 * answer is recorded and the card drawn anew. Microsoft's own time on the wire is not in it.
 * Run: npm run bench channels/teams
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { APPROVE } from '../../gateway/src/channels/teams/verbs.ts';
import { openReached } from '../../gateway/testing/reaching.ts';
import { buttonsOf, type Json } from '../../test/teams/cloud/model.ts';
import { startTeamsDriver, type TeamsDriver } from '../../test/teams/driver.ts';
import { type Bench, median, runAlone, shown } from '../goals.ts';

export const bench: Bench = async ({ quick }) => {
  const { posted, pressed, seen, bare } = await cards(quick ? 3 : 60);
  return {
    measured: [
      {
        goal: 'teams_posted',
        got: median(posted),
        baseline: { name: 'a call of the counterpart', value: bare, unit: ' ms' },
        ratio: median(posted) / bare,
      },
      {
        goal: 'teams_clicked',
        got: Math.max(...pressed),
        baseline: { name: 'the same at the median', value: median(pressed), unit: ' ms' },
        ratio: Math.max(...pressed) / median(pressed),
      },
    ],
    also: [
      ['opened to posted, the slowest', shown(Math.max(...posted), ' ms')],
      ['a view of one’s own, at the median', shown(median(seen), ' ms')],
    ],
  };
};

async function cards(count: number) {
  const driver = await startTeamsDriver();
  const { clients, place, people } = driver;
  const world = await openReached({ driver });
  try {
    const [posted, pressed, seen]: [number[], number[], number[]] = [[], [], []];
    for (let at = 0; at < count; at += 1) {
      await world.ask('pair');
      const opened = performance.now();
      while (place.messages.length <= at) await sleep(1);
      posted.push(performance.now() - opened);
      const message = place.messages[at];
      if (message === undefined) throw new Error('the card is gone');
      const began = performance.now();
      const card = (await clients.view(people.bob, message)) ?? {};
      seen.push(performance.now() - began);
      const { says, ms } = await clients.press(people.bob, message, { action: approveIn(card) });
      if (!/1 of 2/.test(says ?? '')) throw new Error(`not recorded: ${says}`);
      pressed.push(ms);
    }
    return { posted, pressed, seen, bare: await bareCall(driver) };
  } finally {
    await world.close();
  }
}

function approveIn(card: Json): Json {
  const found = buttonsOf(card).find(({ action }) => action['verb'] === APPROVE);
  if (found === undefined) throw new Error('there is no button to press');
  return found.action;
}

async function bareCall({ cloud }: TeamsDriver): Promise<number> {
  const took: number[] = [];
  for (let at = 0; at < 20; at += 1) {
    const began = performance.now();
    await (await fetch(cloud.endpoints.openid)).text();
    took.push(performance.now() - began);
  }
  return median(took);
}

await runAlone(import.meta.url, bench);
