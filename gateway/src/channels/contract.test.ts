/**
 * The contract itself, over the plainest service there can be: a board in memory whose clicks name who clicked. It shows that
 * delivery and door keep it, and that a channel that does not is caught.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ReviewDecision } from '@countersign/core';
import { type Card, type Channel, type ChannelDoor, ChannelTrouble } from './channel.ts';
import { channelContract, type Driver, type SeenCard, type Who } from './contract.ts';

type Pinned = { card: Card; readonly ref: string };
type Click = {
  readonly account: string;
  readonly card: Card;
  readonly decision: ReviewDecision;
  readonly reason?: string;
};

const KIND = 'board';
const accountOf = (who: Who): string => `${KIND}:${who}`;

class Board {
  readonly pinned: Pinned[] = [];
  readonly doors: ChannelDoor[] = [];
  readonly sent: string[] = [];
  down: 'refusing' | 'silent' | undefined;
  losing = false;
  posts = 0;
  last: Click | undefined;

  async call<T>(card: Card, work: () => T): Promise<T> {
    this.sent.push(JSON.stringify(card));
    await delay(1);
    if (this.down === 'refusing') throw new ChannelTrouble('The board is locked.', 'later');
    while (this.down === 'silent') await delay(20);
    return work();
  }

  channel(door: ChannelDoor): Channel {
    this.doors.push(door);
    return {
      kind: KIND,
      places: ['hall'],
      cannotShow: ({ shown }) => (shown.length > 100 ? 'The board is too small for it.' : undefined),
      post: (card) =>
        this.call(card, () => {
          const there = this.pinned.find((each) => each.card.id === card.id);
          if (there !== undefined) {
            there.card = card;
            return there.ref;
          }
          this.posts += 1;
          const ref = `pin-${this.posts}`;
          this.pinned.push({ card, ref });
          if (!this.losing) return ref;
          this.losing = false;
          throw new ChannelTrouble('Nobody heard whether it was pinned.', 'unsure');
        }),
      update: (card, posted) =>
        this.call(card, () => {
          const there = this.pinned.find(({ ref }) => ref === posted);
          if (there === undefined) throw new ChannelTrouble('It was taken down.', 'never');
          there.card = card;
        }),
      health: () =>
        this.down === undefined
          ? { ok: true, says: 'open' }
          : { ok: false, since: door.now(), says: 'locked' },
      close: async () => void this.doors.splice(this.doors.indexOf(door), 1),
    };
  }

  async click(click: Click): Promise<string> {
    this.last = click;
    const { account, card, decision, reason } = click;
    const door = this.doors.at(-1);
    // A guest's click is not passed on.
    if (door === undefined || account === accountOf('foreign')) return '';
    const answer = { card_id: card.id, version: card.version, account, decision };
    const { says } = await door.review(reason === undefined ? answer : { ...answer, reason });
    return says;
  }
}

function startBoard(): Driver {
  const board = new Board();
  const seen = new WeakMap<SeenCard, Card>();
  const whose = { alice: '', bob: '', carol: '', stranger: '', foreign: '' };
  for (const who of Object.keys(whose) as Who[]) whose[who] = accountOf(who);
  return {
    kind: KIND,
    accounts: whose,
    clicks: true,
    open: async ({ door }) => board.channel(door),
    reachedAt: () => undefined,
    seeCards: async () =>
      board.pinned.map(({ card, ref }) => {
        const drawn: SeenCard = { ref, text: textOf(card), buttons: BUTTONS[card.offers.kind] };
        seen.set(drawn, card);
        return drawn;
      }),
    async click(as, drawn, press) {
      const card = seen.get(drawn);
      if (card === undefined) throw new TypeError('no card of this board');
      return board.click({ account: accountOf(as), card, ...press });
    },
    async redeliver() {
      if (board.last !== undefined) await board.click(board.last);
    },
    goDown(how) {
      board.down = how;
    },
    comeUp() {
      board.down = undefined;
    },
    loseNextAnswer() {
      board.losing = true;
    },
    posts: () => board.posts,
    sent: () => board.sent.join('\n'),
    async close() {
      board.down = undefined;
    },
  };
}

const BUTTONS: { readonly [K in Card['offers']['kind']]: SeenCard['buttons'] } = {
  answers: ['approved', 'denied', 'link'],
  deny_or_link: ['denied', 'link'],
  link: ['link'],
  none: ['link'],
};

function textOf({ sentence, agent, resource, shown, offers, progress, quorum, answers }: Card): string {
  const why = 'why' in offers ? offers.why : '';
  const count = `${quorum.filled} of ${quorum.needed}`;
  const said = answers.map(({ name, decision }) => `${name} ${decision}`);
  return [sentence, agent, resource, ...shown, why, count, ...said, ...progress].join('\n');
}

channelContract(KIND, async () => startBoard());
