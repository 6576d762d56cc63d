/**
 * What a click comes to. Teams waits for the answer to it and shows it to nobody but who clicked. The door decides; here is
 * only who it was, and that nothing automatic, unreadable or drawn too short to judge ever counts as an answer (A4, A15).
 */
import type { JsonObject } from '@countersign/core';
import { type Account, type Card, type ChannelDoor, ChannelTrouble } from '../channel.ts';
import type { Click, Inbound } from './intake/activity.ts';
import { accountsOf, nameOf, type Roster } from './people.ts';
import { CONTENT_TYPE, cardForOne, fits } from './render/card.ts';
import { APPROVE, VIEW } from './verbs.ts';

export type AnswersOptions = {
  readonly door: ChannelDoor;
  readonly roster: Roster;
  readonly tenant: string;
  /** Whose word the accounts of OpenID Connect are. */
  readonly login: string;
};

/** The body of the answer to an invoke: HTTP says 200 whenever the bot understood it. */
export type InvokeAnswer = JsonObject;

const MESSAGE = 'application/vnd.microsoft.activity.message';
const ERROR = 'application/vnd.microsoft.error';

/** Its words are ours; what could be mark-up in a name is taken out all the same (A2). */
export const saying = (text: string): InvokeAnswer => ({
  statusCode: 200,
  type: MESSAGE,
  value: text.replace(/[<>[\]`]/g, (mark) => INSTEAD[mark] ?? ' ').slice(0, 1_000),
});
const INSTEAD: Readonly<Record<string, string>> = { '<': '‹', '>': '›', '[': '(', ']': ')', '`': "'" };

export const failing = (status: 400 | 500, code: string, text: string): InvokeAnswer => ({
  statusCode: status,
  type: ERROR,
  value: { code, message: text },
});

const showing = (card: JsonObject): InvokeAnswer => ({ statusCode: 200, type: CONTENT_TYPE, value: card });

export const SAYS = {
  unreadable: 'That button is not one of Countersign’s, or is too old. Open the request’s page instead.',
  guest: 'Guests and people of other organisations may not answer here.',
  two: 'Two people here have your account, so it is not known who answers. Ask an operator; nothing was recorded.',
  unsure:
    'Teams does not say just now who you are in this conversation, so nothing was recorded. Try again in a moment.',
  unknown: 'There is no such card any more. Open Countersign to see what waits.',
  much: 'That is too much at once, so nothing was recorded. Wait a moment.',
  automatic: 'Nothing was recorded: nobody pressed that.',
  short: 'What would run is too long to show here, so it cannot be approved here. Open it to see all of it.',
  unlinked:
    'Countersign does not know you yet. Write “link” to it in a chat of your own, then choose Refresh in this card’s menu.',
  fault: 'It is not known whether that was recorded. Open the request’s page to see.',
} as const;

export class Answers {
  readonly #options: AnswersOptions;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** @throws Error when the store is gone */
  async answer({ where, from, click }: Extract<Inbound, { kind: 'click' }>): Promise<InvokeAnswer> {
    const { door, roster, tenant, login } = this.#options;
    if (click.automatic && click.verb !== VIEW) return saying(SAYS.automatic);
    let standing: Awaited<ReturnType<Roster['standing']>>;
    try {
      standing = await roster.standing(where, from);
    } catch (error) {
      if (!(error instanceof ChannelTrouble)) throw error;
      door.log.warn(
        { why: error.message },
        'teams: who is in a conversation could not be asked; a click was not taken',
      );
      return saying(SAYS.unsure);
    }
    if (standing !== 'member') return saying(SAYS.guest);
    const named = nameOf(door, accountsOf(tenant, from.object_id, login));
    if (named.kind === 'two') return saying(SAYS.two);
    if (click.verb === VIEW) return this.#view(click, from.id, named);
    return this.#review(click, from.id, named.account);
  }

  async #view(
    click: Click,
    id: string,
    { account, kind }: { readonly account: Account; readonly kind: 'person' | 'nobody' },
  ): Promise<InvokeAnswer> {
    const card = await this.#options.door.cardFor(click.card_id, account);
    if (card === undefined) return saying(SAYS.unknown);
    return showing(
      cardForOne(card, id, kind === 'nobody' && card.status === 'pending' ? SAYS.unlinked : undefined),
    );
  }

  async #review(click: Click, id: string, account: Account): Promise<InvokeAnswer> {
    const { door } = this.#options;
    if (click.verb === APPROVE) {
      const now = await door.cardFor(click.card_id, account);
      // No card of ours has this button then; whoever made one is not obeyed (A4).
      if (now !== undefined && now.status === 'pending' && !fits(now))
        return showing(cardForOne(now, id, SAYS.short));
    }
    const told = await door.review({
      card_id: click.card_id,
      version: click.version,
      account,
      decision: click.verb === APPROVE ? 'approved' : 'denied',
      ...(click.reason === undefined ? {} : { reason: click.reason }),
    });
    const card = await this.#after(click.card_id, account, told.card);
    return card === undefined ? saying(told.says) : showing(cardForOne(card, id, told.says));
  }

  /** It is recorded or refused by now: that their view cannot be made anew changes nothing about it. */
  async #after(card_id: string, account: Account, otherwise: Card | undefined): Promise<Card | undefined> {
    const { door } = this.#options;
    try {
      return (await door.cardFor(card_id, account)) ?? otherwise;
    } catch (error) {
      door.log.warn({ why: String(error) }, 'teams: a card could not be drawn anew for who answered');
      return otherwise;
    }
  }
}
