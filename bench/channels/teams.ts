/**
 * Microsoft Teams, by its counterpart on this machine: from a request being opened to its card being there, through store,
 * log, delivery, the bot's token and the roster; and from a press to the invoke being answered, which in Teams is after the
 * answer is recorded and the card drawn anew. Microsoft's own time on the wire is not in it.
 * Run: npm run bench channels/teams
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ChannelTrouble } from '../../gateway/src/channels/channel.ts';
import { open } from '../../gateway/src/channels/teams/channel.ts';
import { APPROVE } from '../../gateway/src/channels/teams/verbs.ts';
import { DIRECT } from '../../gateway/src/outgoing/way.ts';
import { openReached } from '../../gateway/testing/reaching.ts';
import { startCloud } from '../../test/teams/cloud/cloud.ts';
import { buttonsOf, type Json } from '../../test/teams/cloud/model.ts';
import { configFor, startTeamsDriver, type TeamsDriver } from '../../test/teams/driver.ts';
import { CARD, newDoor } from '../../test/teams/rig.ts';
import { type Bench, median, runAlone, shown } from '../goals.ts';

export const bench: Bench = async ({ quick }) => {
  const { posted, pressed, seen, bare } = await cards(quick ? 3 : 60);
  const { lost, waited_s, refused } = await flood(quick ? 50 : 1_000);
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
      {
        goal: 'teams_lost',
        got: lost,
        baseline: { name: 'told to come back later by the counterpart', value: refused, unit: '' },
        ratio: 1,
      },
    ],
    also: [
      ['opened to posted, the slowest', shown(Math.max(...posted), ' ms')],
      ['a view of one’s own, at the median', shown(median(seen), ' ms')],
      ['the last of the thousand, after it was opened', shown(waited_s, ' s')],
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

const ROOMS = 5;
const MINUTE_MS = 60_000;

/** Within a minute, to five channels, at the rates Teams allows; both sides go by one clock that jumps to what is due next. */
async function flood(count: number) {
  let clock = Date.now();
  const cloud = await startCloud({ now: () => clock });
  const rooms = Array.from({ length: ROOMS }, () => cloud.conversation('channel', [cloud.user('bob')]));
  const door = { ...newDoor(), now: () => clock };
  const channel = await open(configFor(cloud, rooms[0]?.id ?? ''), {
    door,
    secret: () => cloud.bot.secret,
    way: DIRECT,
  });
  const began = clock;
  const waiting = Array.from({ length: count }, (_, at) => {
    const opened_at = began + Math.floor((at * MINUTE_MS) / count);
    return { id: `card-${at}`, room: rooms[at % ROOMS]?.id ?? '', opened_at, due: opened_at };
  });
  let waited = 0;
  for (;;) {
    waiting.sort((one, other) => one.due - other.due);
    const [next] = waiting;
    if (next === undefined) break;
    clock = Math.max(clock, next.due);
    try {
      await channel.post({ ...CARD, id: next.id }, next.room);
      waiting.shift();
      waited = Math.max(waited, clock - next.opened_at);
    } catch (error) {
      if (!(error instanceof ChannelTrouble) || error.when !== 'later') throw error;
      next.due = clock + (error.retry_after_ms ?? 1_000);
    }
  }
  const ids = rooms.flatMap(({ messages }) =>
    messages.map(({ activity }) => /"c":"(card-\d+)"/.exec(JSON.stringify(activity))?.[1]),
  );
  const refused = cloud.connector.refused_for_pace;
  await channel.close();
  await cloud.close();
  return {
    lost: count - new Set(ids).size + (ids.length - new Set(ids).size),
    waited_s: waited / 1_000,
    refused,
  };
}

await runAlone(import.meta.url, bench);
