/**
 * The port of a channel: a place outside the console where people read what waits and may answer it. A channel proves who
 * speaks, draws, and carries; it never decides. It is handed a door and sees neither the store nor the policy nor the log,
 * so it cannot forget a check. What it is told to draw has secrets and personal data blanked already (I6, I7).
 *
 * Answers. Only an account the service itself vouched for, in this very message, names a person (A15); never a display
 * name, never text (A18). The door judges the rest: late, twice, ineligible, changed since it was shown, too weak a proof.
 * Whatever it says is told to the person who clicked, and to nobody else.
 *
 * Delivery. What a card is to show is kept in the store, and `post` and `update` are called until they worked: a channel
 * that is down delays nobody, and answers for nobody (A20, I14). Either may be called again after a crash with the same
 * card: a channel finds again what it posted, where its service can be asked, and else posts anew; both copies then
 * answer for the same card. `update` is only ever called with the newest.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Eligibility, Proof, Quorum, RequestStatus, ReviewDecision, Risk } from '@countersign/core';
import type { WayOut } from '../outgoing/way.ts';

export type Channel = {
  /** As in `channels.<kind>` of the configuration, and before the colon of its accounts. */
  readonly kind: string;
  /** Where requests go that no route speaks of: places as routes write them, without the kind. May be none. */
  readonly places: readonly string[];
  /** The place of one person by an account of theirs, where the service can reach them by themselves. */
  readonly placeOf?: (account: Account) => string | undefined;
  /**
   * Why this card does not fit there whole, in one sentence; undefined when it does. What is posted then offers no approval
   * (A4), and neither does the door for that version. Pure.
   */
  readonly cannotShow?: (card: Card) => string | undefined;
  /** What of this card is to be seen there, where that is less than all of it: equal, there is nothing to change. Pure. */
  readonly faceOf?: (card: Card) => string;
  /** How long `post` and `update` may take, where that is longer than a service that answers at once needs. */
  readonly patience_ms?: number;
  /**
   * Posts the card at `to`, a place as the configuration writes it, without the kind. `again` false: it was surely never
   * posted before, so it need not be looked for. @throws ChannelTrouble
   */
  post(card: Card, to: string, again?: boolean): Promise<Posted>;
  /** Makes what `post` posted show this card. @throws ChannelTrouble */
  update(card: Card, posted: Posted): Promise<void>;
  /** Says at `to` what is no request. Nobody answers it, and it is not said twice. @throws ChannelTrouble */
  readonly say?: (notice: Notice, to: string) => Promise<void>;
  /** Requests under `/channels/<kind>/`; it reads the body itself, as signatures are over bytes. */
  readonly handle?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Whether it works now, in words for operators; never a secret. */
  health(): ChannelHealth;
  /** Stops taking answers and ends what is open. */
  close(): Promise<void>;
};

/** What a channel is opened with. Reaching its service may wait: a start must not. */
export type ChannelParts = {
  readonly door: ChannelDoor;
  /** Opens a reference to a secret; `field` is named when it cannot be. @throws SecretError */
  secret(ref: string, field: string): string;
  /** How connections to its service leave. */
  readonly way: WayOut;
};
/** `C`: its own part of the configuration. @throws Error naming the field that cannot work */
export type OpenChannel<C> = (config: C, parts: ChannelParts) => Promise<Channel>;

/** Lines made visible, in plain words; they may still hold any mark-up of the service: escape it. */
export type Notice = {
  /** Names this notice, and at each place it is said nothing else. */
  readonly id: string;
  readonly title: string;
  readonly lines: readonly string[];
  /** What to look at; opening it changes nothing (A16). */
  readonly link: string;
};

/** Where a card came to be, in the service’s own words; opaque to everybody else, at most 1 KB. */
export type Posted = string;

export type ChannelHealth =
  | { readonly ok: true; readonly says: string }
  | { readonly ok: false; readonly since: number; readonly says: string };

/**
 * Why something could not be carried there. `later`: it may work in a while, after `retry_after_ms` when the service said
 * so. `never`: not with this configuration or to this place; an operator must look. `unsure`: it may have arrived.
 */
export class ChannelTrouble extends Error {
  override readonly name = 'ChannelTrouble';
  readonly when: 'later' | 'never' | 'unsure';
  readonly retry_after_ms: number | undefined;
  constructor(message: string, when: 'later' | 'never' | 'unsure', retry_after_ms?: number) {
    super(message);
    this.when = when;
    this.retry_after_ms = retry_after_ms;
  }
}

/** One request at one place. `id` cannot be guessed; a button carries `id` and `version`, and nothing else of meaning. */
export type Card = {
  readonly id: string;
  /** Grows with every change of what is shown. */
  readonly version: number;
  readonly request_id: string;
  readonly status: RequestStatus;
  /** Made from facts, never from prose, made visible; may still hold any mark-up of the service: escape it. */
  readonly sentence: string;
  readonly risk: Risk;
  readonly agent: string;
  /** For whom the agent acts, when not for itself. */
  readonly subject?: string;
  readonly owner?: string;
  readonly upstream: string;
  readonly env: string;
  readonly action: string;
  readonly resource: string;
  /** The whole action as lines to draw in a fixed-width face, made visible; the agent wrote what is in it. */
  readonly shown: readonly string[];
  /** What else is known of what it would do, one sentence each, from the gateway. */
  readonly impact: readonly string[];
  /** The agent’s own words: drawn apart, marked as its claim (A1). */
  readonly claim?: string;
  readonly why: readonly CardRule[];
  readonly opened_at: number;
  readonly expires_at: number;
  readonly quorum: Quorum;
  readonly answers: readonly CardAnswer[];
  /** What became of it, one sentence each, oldest first: approved by whom, ran, failed, broken glass. */
  readonly progress: readonly string[];
  /** Which buttons: never a yes when the card cannot show everything; `link` alone when a proof is asked that no click is (A4). */
  readonly offers: CardOffers;
  /** The request’s page; opening it changes nothing (A16). */
  readonly link: string;
  /** Why this place has it: first asked, asked again, or passed on. */
  readonly because: 'asked' | 'reminded' | 'escalated';
  /** Glass was broken for it, and nobody has judged that: told though it is over, by a channel that asks nothing too. */
  readonly glass_open?: true;
  /** What it said was erased: where it stands it is to be changed, and nobody is to be told anew. */
  readonly erased?: true;
};

export type CardRule = { readonly rule: string; readonly about: string };
export type CardAnswer = {
  readonly name: string;
  readonly decision: ReviewDecision;
  readonly at: number;
  readonly reason?: string;
};
export type CardOffers =
  | { readonly kind: 'answers' }
  /** A no may be said of what cannot be seen whole; `why`: one sentence for the person who wonders. */
  | { readonly kind: 'deny_or_link'; readonly why: string }
  | { readonly kind: 'link'; readonly why: string }
  /** Over: nothing is offered. */
  | { readonly kind: 'none' };

/** Who the service says clicked: `kind:value`, in the one spelling accounts are kept under. */
export type Account = string;

export type ChannelAnswer = {
  readonly card_id: string;
  readonly version: number;
  readonly account: Account;
  readonly decision: ReviewDecision;
  readonly reason?: string;
};

/** What to tell whoever clicked, in one sentence; `card`, when there is one, is what the place should show now. */
export type Told = {
  readonly kind: 'recorded' | 'refused' | 'not_linked' | 'unknown_card';
  readonly says: string;
  readonly status?: RequestStatus;
  readonly card?: Card;
};

export type Waiting = {
  readonly request_id: string;
  readonly sentence: string;
  readonly risk: Risk;
  readonly agent: string;
  readonly upstream: string;
  readonly env: string;
  readonly opened_at: number;
  readonly expires_at: number;
  readonly link: string;
  readonly eligibility: Eligibility;
  readonly proof_needed?: Proof;
};

/** Everything a channel can do here. */
export type ChannelDoor = {
  /** The person who has this account; undefined when nobody has, or they may not sign in any more. */
  personOf(account: Account): { readonly id: string; readonly name: string } | undefined;
  /** Takes an answer to what a card showed. Never throws for what a person did; throws when the store is gone. */
  review(answer: ChannelAnswer): Promise<Told>;
  /** The card as this person may see it: their own buttons, or none. Undefined when there is no such card. */
  cardFor(card_id: string, account: Account): Promise<Card | undefined>;
  /** What waits for the person of this account, most urgent first. */
  waitingFor(account: Account): Promise<readonly Waiting[]>;
  /**
   * Where somebody signed in confirms that this account is theirs. The link names the account, lives ten minutes, works
   * once, and links nothing by being opened. `label` is what the service calls them, shown as its claim.
   */
  linkPage(account: Account, label: string): Promise<string>;
  /**
   * The person with this e-mail address, when the service says that it verified it and the configuration takes that
   * service’s word; they then have the account. Undefined otherwise.
   */
  adopt(
    account: Account,
    verified_email: string,
  ): Promise<{ readonly id: string; readonly name: string } | undefined>;
  now(): number;
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  /** Where people reach the gateway; no slash at the end. */
  readonly public_url: string;
};
