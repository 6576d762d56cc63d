/**
 * What people do in Slack, carried to the door. Everything here happens after Slack was told that it arrived. Who clicked
 * is learned first; the door decides; what it says is told to that person alone. Texts and names decide nothing (A18).
 *
 * The card itself is changed by delivery, in order; a click never draws it, or an older drawing could cover a newer one.
 */
import { type JsonObject, member, parseJson } from '@countersign/core';
import type { ChannelDoor, Told } from '../channel.ts';
import type { SlackApi } from './api/web.ts';
import type { Places } from './cards/places.ts';
import type { Message } from './draw/blocks.ts';
import { denyView, drawNotice, drawWaiting, homeOf, linkHome, linkView } from './draw/views.ts';
import { fromElsewhere, type Known, type VerifyParts, type Who } from './verify.ts';
import type { Clicked, Commanded, Opened, Speaker, Submitted, Taken } from './wire/payloads.ts';

export type AnswersParts = {
  readonly config: VerifyParts['config'];
  readonly api: SlackApi;
  readonly door: ChannelDoor;
  readonly who: Who;
  readonly places: Places;
};

/** At work at once; more are not acknowledged, and Slack tells whoever clicked. */
const AT_ONCE_MAX = 200;

/** Where somebody is told something: beside the message clicked, or by themselves. */
type Ear = {
  readonly response_url?: string | undefined;
  readonly channel?: string | undefined;
  readonly user: string;
};

export type Answers = {
  /** Whether more can be worked on. Asked before anything is acknowledged. */
  accepts(): boolean;
  take(taken: Taken): void;
  idle(): Promise<void>;
};

export function createAnswers(parts: AnswersParts): Answers {
  const working = new Set<Promise<void>>();
  return {
    accepts: () => working.size < AT_ONCE_MAX,
    take(taken) {
      const work = carry(parts, taken)
        .catch((error: unknown) => failed(parts, taken, error))
        .finally(() => working.delete(work));
      working.add(work);
    },
    async idle() {
      while (working.size > 0) await Promise.all(working);
    },
  };
}

function carry(parts: AnswersParts, taken: Taken): Promise<void> {
  switch (taken.kind) {
    case 'clicked':
      return click(parts, taken);
    case 'submitted':
      return submit(parts, taken);
    case 'commanded':
      return command(parts, taken);
    case 'opened':
      return home(parts, taken);
  }
}

/** The store is gone, or Slack is: whatever it was, nothing may look as if it had been recorded (A20). */
async function failed(parts: AnswersParts, taken: Taken, error: unknown): Promise<void> {
  parts.door.log.error(
    { channel: 'slack', error: String(error) },
    'an answer from Slack could not be carried',
  );
  if (taken.kind === 'opened') return;
  const says =
    'Something went wrong here, so it is not certain that this was recorded. Please look at the request’s page.';
  await tell(parts, earOf(taken), drawNotice(says)).catch(() => undefined); // it was logged; there is nobody else to tell
}

function earOf(taken: Clicked | Submitted | Commanded): Ear {
  const user = taken.who.user_id;
  if (taken.kind === 'clicked')
    return { response_url: taken.message && taken.response_url, channel: taken.message?.channel, user };
  if (taken.kind === 'commanded') return { response_url: taken.response_url, user };
  return { channel: carriedBy(taken.private_metadata)?.channel, user };
}

/** Beside the message where there is one; else by themselves. */
async function tell({ api, places, door }: AnswersParts, ear: Ear, message: Message): Promise<void> {
  const { response_url, channel, user } = ear;
  const ways: (() => Promise<unknown>)[] = [];
  if (response_url !== undefined)
    ways.push(() =>
      api.respond(response_url, { response_type: 'ephemeral', replace_original: false, ...message }),
    );
  if (channel !== undefined) ways.push(() => api.call('chat.postEphemeral', { channel, user, ...message }));
  for (const way of ways)
    try {
      await way();
      return;
    } catch (error) {
      // Half an hour later, say, or not in that channel any more: then another way.
      door.log.info({ channel: 'slack', error: String(error) }, 'somebody could not be told beside a card');
    }
  await api.call('chat.postMessage', { channel: await places.direct(user), ...message });
}

/** Tells them why when they are nobody who counts here. */
async function known(parts: AnswersParts, speaker: Speaker, ear: Ear): Promise<Known | undefined> {
  const who = await parts.who(speaker);
  if (who.ok) return who;
  parts.door.log.info(
    { channel: 'slack', why: who.why, user: speaker.user_id, workspace: speaker.team_id ?? '' },
    'an answer from Slack was refused',
  );
  await tell(parts, ear, drawNotice(who.says));
  return undefined;
}

async function click(parts: AnswersParts, clicked: Clicked): Promise<void> {
  const { action_id, trigger_id, who, value, message } = clicked;
  if (action_id === 'link') return offerLink(parts, clicked);
  const card = cardOf(value);
  if (card === undefined || (action_id !== 'approve' && action_id !== 'deny')) return;
  if (action_id === 'deny') {
    // The dialog must open within three seconds of the click; who denies is asked when it comes back.
    const early = fromElsewhere(parts.config, who);
    if (early === undefined) {
      const carries = JSON.stringify({
        card: card.id,
        version: card.version,
        channel: message?.channel ?? '',
      });
      return ask(parts, { trigger_id, carries, ear: earOf(clicked) });
    }
  }
  const ear = earOf(clicked);
  const someone = await known(parts, who, ear);
  if (someone !== undefined) await answer(parts, { someone, ear, card, decision: 'approved' });
}

type Asked = { readonly trigger_id: string; readonly carries: string; readonly ear: Ear };

async function ask(parts: AnswersParts, { trigger_id, carries, ear }: Asked): Promise<void> {
  try {
    await parts.api.call('views.open', { trigger_id, view: denyView(carries) });
  } catch (error) {
    parts.door.log.warn({ channel: 'slack', error: String(error) }, 'the dialog of a denial did not open');
    const says =
      'Slack did not open the dialog, so nothing was recorded. Please press Deny again, or use the request’s page.';
    await tell(parts, ear, drawNotice(says));
  }
}

async function submit(parts: AnswersParts, submitted: Submitted): Promise<void> {
  const { callback_id, private_metadata, reason, who } = submitted;
  const carried = carriedBy(private_metadata);
  if (callback_id !== 'deny' || carried === undefined) return;
  const ear = earOf(submitted);
  const someone = await known(parts, who, ear);
  if (someone === undefined) return;
  await answer(parts, {
    someone,
    ear,
    card: carried,
    decision: 'denied',
    ...(reason === '' ? {} : { reason }),
  });
}

type Given = {
  readonly someone: Known;
  readonly ear: Ear;
  readonly card: { readonly id: string; readonly version: number };
  readonly decision: 'approved' | 'denied';
  readonly reason?: string;
};

async function answer(parts: AnswersParts, { someone, ear, card, decision, reason }: Given): Promise<void> {
  const told = await parts.door.review({
    card_id: card.id,
    version: card.version,
    account: someone.account,
    decision,
    ...(reason === undefined ? {} : { reason }),
  });
  await tell(parts, ear, await noticeOf(parts, told, someone));
}

async function noticeOf({ door }: AnswersParts, told: Told, { account, label }: Known): Promise<Message> {
  if (told.kind === 'not_linked')
    return drawNotice(told.says, { url: await door.linkPage(account, label), label: 'Sign in and confirm' });
  return drawNotice(
    told.says,
    told.card === undefined ? undefined : { url: told.card.link, label: 'Details' },
  );
}

async function offerLink(parts: AnswersParts, { trigger_id, who }: Clicked): Promise<void> {
  const someone = await known(parts, who, { user: who.user_id });
  if (someone === undefined) return;
  const url = await parts.door.linkPage(someone.account, someone.label);
  await parts.api.call('views.open', { trigger_id, view: linkView(url) });
}

const HELP = `/countersign waiting: what waits for you
/countersign link: make this Slack account yours here, once
/countersign help: this

Cards are answered by their buttons. What is written in messages is never taken as an answer.`;

async function command(parts: AnswersParts, commanded: Commanded): Promise<void> {
  const { door } = parts;
  const ear = earOf(commanded);
  const words = commanded.words === '' ? 'waiting' : commanded.words;
  if (words !== 'link' && words !== 'waiting') return tell(parts, ear, drawNotice(HELP));
  const someone = await known(parts, commanded.who, ear);
  if (someone === undefined) return;
  if (someone.person !== undefined && words === 'waiting')
    return tell(parts, ear, drawWaiting(await door.waitingFor(someone.account), door.public_url));
  if (someone.person !== undefined)
    return tell(parts, ear, drawNotice(`This Slack account is already ${someone.person}’s here.`));
  const url = await door.linkPage(someone.account, someone.label);
  const says = `${words === 'waiting' ? 'Link this Slack account first: sign' : 'Sign'} in and confirm that it is yours. The link works once, for ten minutes. Give it to nobody.`;
  return tell(parts, ear, drawNotice(says, { url, label: 'Sign in and confirm' }));
}

/** App Home is drawn when somebody looks; only for who is somebody here is there anything in it. */
async function home({ api, door, who }: AnswersParts, { who: speaker }: Opened): Promise<void> {
  const someone = await who(speaker);
  if (!someone.ok && someone.why !== 'guest') return;
  const view = !someone.ok
    ? homeOf(drawNotice(someone.says))
    : someone.person === undefined
      ? linkHome()
      : homeOf(drawWaiting(await door.waitingFor(someone.account), door.public_url));
  await api.call('views.publish', { user_id: speaker.user_id, view });
}

/** `<card>.<version>`, as a button carries it. */
function cardOf(value: string): { readonly id: string; readonly version: number } | undefined {
  const [, id, version] = /^([A-Za-z0-9_-]{16,64})\.(\d{1,9})$/.exec(value) ?? [];
  return id === undefined || version === undefined ? undefined : { id, version: Number(version) };
}

function carriedBy(
  text: string,
): { readonly id: string; readonly version: number; readonly channel?: string } | undefined {
  let carried: JsonObject;
  try {
    carried = parseJson(text) as JsonObject;
  } catch {
    return undefined; // not a dialog of ours
  }
  const card = cardOf(`${String(member(carried, 'card'))}.${String(member(carried, 'version'))}`);
  const channel = member(carried, 'channel');
  if (card === undefined) return undefined;
  return typeof channel === 'string' && channel !== '' ? { ...card, channel } : card;
}
