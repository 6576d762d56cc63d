/**
 * What drives a channel in its contract: the people of its service, what they see and press there, and how the service
 * fails. Each channel's counterpart writes one; it is never told which case is run.
 */
import type { ReviewDecision } from '@countersign/core';
import type { Account, Channel, ChannelParts } from '../src/channels/channel.ts';

/**
 * The people of the counterpart. `alice` owns the agent that asks, so she may answer nothing; `bob` and `carol` review;
 * `stranger` is an ordinary member there whom nobody here knows; `foreign` is a guest, or from elsewhere, and clicks all the same.
 */
export type Who = 'alice' | 'bob' | 'carol' | 'stranger' | 'foreign';

/** A card as one person saw it at one moment. A click on it later is a click on what it was then. */
export type SeenCard = {
  /** One and the same for all that is ever seen of one posted card. */
  readonly ref: string;
  /** Every word a person can read on it, in reading order, with what unfolds or opens on it, as the service would draw it. */
  readonly text: string;
  /** What this person can press. `link`: goes to the request’s page. */
  readonly buttons: readonly (ReviewDecision | 'link')[];
};

export type Driver = {
  readonly kind: string;
  /** As the channel will tell the door: `kind:value`. */
  readonly accounts: Readonly<Record<Who, Account>>;
  /** False where people can only follow a link (mail): then nothing is clicked. */
  readonly clicks: boolean;
  /**
   * Opens the channel by the product’s own code, against the counterpart, with one place of its own where everybody sees
   * its cards. Called again on the same counterpart after `channel.close()`, as by a gateway that starts again, and by a second gateway beside the first.
   */
  open(parts: ChannelParts): Promise<Channel>;
  /** Where requests for `Channel.handle` arrive: `http://127.0.0.1:PORT/channels/<kind>`. Told before `open`. */
  reachedAt(url: string): void;
  /** Cards as this person sees them now, oldest first. What is gone from the service is not among them. */
  seeCards(as: Who): Promise<readonly SeenCard[]>;
  /**
   * Presses a button of what was seen, through whatever dialog the service puts in between, as the service carries it:
   * signed, in its own time. Resolves with every word this person alone was then told; '' when nothing.
   * Where the service draws no such button for them, what the button carries is sent all the same.
   */
  click(as: Who, card: SeenCard, press: { decision: ReviewDecision; reason?: string }): Promise<string>;
  /** Writes this where people can: beside the card, to it, and to the app alone. Absent where nothing written is read. */
  readonly write?: (as: Who, card: SeenCard, text: string) => Promise<void>;
  /** Delivers the last click once more, byte for byte, as the service does when it is unsure. */
  redeliver(): Promise<void>;
  /** `refusing`: every call to it fails at once. `silent`: it takes calls and does not answer. Until `comeUp`. */
  goDown(how: 'refusing' | 'silent'): void;
  comeUp(): void;
  /** The next post is carried out, and its answer lost on the way back. */
  loseNextAnswer(): void;
  /** How often cards were posted anew at its place, whatever became of them. */
  posts(): number;
  /** Everything the gateway ever sent there, as text. */
  sent(): string;
  close(): Promise<void>;
};
