/** Requests are shown where people are, answered there, and shown as answered; what could not be shown is tried again. */
import { sayDigests } from '../../../gateway/src/cards/attention/digest.ts';
import { type Cards, createCards } from '../../../gateway/src/cards/cards.ts';
import { forgetOldCards } from '../../../gateway/src/cards/forget.ts';
import { createLinking } from '../../../gateway/src/cards/linking.ts';
import { DAYS } from '../../../gateway/src/channels/attention/config.ts';
import type { Told } from '../../../gateway/src/channels/channel.ts';
import { channelsSchema } from '../../../gateway/src/channels/config.ts';
import { createDirectory } from '../../../gateway/src/identity/directory.ts';
import { EMPTY_ROSTER } from '../../../gateway/src/identity/roster/roster.ts';
import type { Step } from '../../../gateway/src/store/store.ts';
import { eventually } from '../../../gateway/testing/until.ts';
import { ACCOUNT, type Board, KIND, openBoard } from '../cards/board.ts';
import { insist, type World } from '../world.ts';
import type { Chapter } from './chapter.ts';
import { PEOPLE } from './house.ts';

/** Leases and waits are seconds; here each is some milliseconds. */
const FASTER = 200;

const LINKED = createDirectory(
  {
    ...PEOPLE,
    people: Object.fromEntries(
      Object.entries(PEOPLE.people).map(([id, person]) => [
        id,
        { ...person, accounts: Object.hasOwn(ACCOUNT, id) ? [`${KIND}:${id}`] : person.accounts },
      ]),
    ),
  },
  EMPTY_ROSTER,
);

export type Reaching = {
  readonly cards: Cards;
  readonly board: Board;
  readonly linking: ReturnType<typeof createLinking>;
  /** What the service hands on: somebody pressed a button of what they saw. */
  click(request_id: string, who: keyof typeof ACCOUNT): Promise<Told | undefined>;
  close(): Promise<void>;
};

export async function openReaching({ rig, outside }: World, together_from = 1000): Promise<Reaching> {
  const began = performance.now();
  const now = (): number => rig.deps.now() + Math.round((performance.now() - began) * FASTER);
  const { current } = rig.authority;
  const authority = { ...rig.authority, current: () => ({ ...current(), directory: LINKED }) };
  const deps = { ...rig.deps, now, authority };
  const linking = createLinking({
    ...deps,
    accounts: { link: async () => ({ kind: 'done' }) },
    people: { change: async () => ({ ok: false, why: 'nobody is linked in this story' }) },
    adopts: () => false,
    mayLink: () => ({ why: 'nobody is' }),
  });
  const attention = { ...channelsSchema.parse({}).attention, together_from };
  const config = { ...channelsSchema.parse({}), attention };
  // Answers are judged at the story's own time, as everything else in it is.
  const cards = createCards({
    ...{ deps, requests: rig.requests, config, linking },
    elapsed: () => performance.now() * FASTER,
  });
  const board = openBoard(rig.dir);
  const door = cards.doorOf(KIND);
  await insist(() => cards.start([board.channel]));
  return {
    cards,
    board,
    linking,
    async click(request_id, who) {
      const pin = board.pinOf(request_id);
      if (pin === undefined) return undefined;
      const { id: card_id, version } = pin.card;
      const answer = { card_id, version, account: ACCOUNT[who], decision: 'approved' } as const;
      const told = await insist(() => door.review(answer));
      if (told.status !== undefined) outside.tell({ said: 'request', request_id, status: told.status });
      return told;
    },
    close: () => cards.close(),
  };
}

/** Asked for, shown, answered there, shown as answered. */
export async function answeredThere(
  world: World,
  reaching: Reaching,
  file: string,
): Promise<string | undefined> {
  const verdict = await world.call('write_file', { path: file });
  const request = verdict.kind === 'held' ? verdict.held.request.id : undefined;
  if (request === undefined) return undefined;
  const { board, click } = reaching;
  await eventually(`${file} is shown`, () => board.pinOf(request));
  await click(request, 'bob');
  await eventually(`${file} is shown as approved`, () =>
    board.pinOf(request)?.card.status === 'approved' ? true : undefined,
  );
  return request;
}

/** By a gateway that then died. */
const takenAndLost = (request_id: string): Step => ({
  name: 'lost',
  sql: "UPDATE cards SET lease = 'lost', leased_until = 1, wanted = wanted + 1 WHERE request_id = $1 AND lease IS NULL",
  params: [request_id],
  rows: 'any',
});

export const shownElsewhere: Chapter = async (world) => {
  const reaching = await openReaching(world);
  const { cards, board, linking } = reaching;
  try {
    const waiting = await world.call('write_file', { path: '/waits-elsewhere' });
    const request = waiting.kind === 'held' ? waiting.held.request.id : undefined;
    await answeredThere(world, reaching, '/shown-elsewhere');
    if (request !== undefined) {
      const dead = await eventually('the wall took nothing', async () =>
        (await cards.dead({ limit: 200 })).find((card) => card.request_id === request),
      );
      board.mend();
      await insist(() => cards.replay(dead.id));
      await eventually('the wall took it', () => board.pinOf(request, 'wall'));
      await insist(() =>
        world.rig.store.commit({ name: 'lease-card', steps: [takenAndLost(request)], entries: [] }),
      );
      await eventually('what somebody took and lost is carried again', async () => {
        const sql = "SELECT 1 FROM cards WHERE lease = 'lost'";
        return (await world.rig.store.read({ sql, params: [] })).length === 0 ? true : undefined;
      });
    }
    const page = await insist(() => linking.begin({ channel: KIND, account: 'board:dan', label: 'Dan' }));
    await insist(() => linking.confirm(page.slice(page.indexOf('#') + 1), 'dan'));
    await insist(() => forgetOldCards(world.rig.store, world.rig.deps.now));
  } finally {
    await reaching.close();
  }
};

/** Nearly the same asked again is not shown again: the one that stands there says so. And a summary is said once. */
export const toldTogether: Chapter = async (world) => {
  const { store, deps } = world.rig;
  const reaching = await openReaching(world, 2);
  try {
    for (const path of ['/alike', '/alike-too']) await world.call('write_file', { path });
    await eventually('one stands for the others', async () => {
      const folded = await store.read({ sql: 'SELECT 1 FROM cards WHERE folded = 1', params: [] });
      return folded.length > 0 ? true : undefined;
    });
    const digest = {
      to: ['board:hall'],
      zone: 'UTC',
      days: [...DAYS],
      at: new Date(deps.now()).toISOString().slice(11, 16),
    };
    const { channel } = reaching.board;
    const placesOf = () => [{ channel: channel.kind, place: 'hall' }];
    await insist(() => sayDigests({ deps, channels: [channel], digests: [digest], placesOf }));
  } finally {
    await reaching.close();
  }
};
