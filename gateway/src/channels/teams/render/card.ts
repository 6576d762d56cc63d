/**
 * A card as an Adaptive Card 1.5 for Teams. Pure. Two views: what everybody in a place sees, which has no button that
 * answers; and what one person gets, with the buttons that person may press. Within Teams’ limits, or a link alone (A4).
 */
import type { JsonObject } from '@countersign/core';
import type { Card } from '../../channel.ts';
import { APPROVE, DENY, type Verb, VIEW } from '../verbs.ts';
import * as part from './parts.ts';
import { paragraph, runs, words } from './text.ts';

export const CONTENT_TYPE = 'application/vnd.microsoft.card.adaptive';
/** Teams takes messages of 28 KB; what goes around the card is counted in the rest. */
export const CARD_BYTES_MAX = 24_000;
/** Beyond it people scroll for what they approve. */
const LINES_MAX = 80;
const REASON_MAX = 1_000;
/** Most people a client refreshes a card for by itself. */
export const REFRESHED_MAX = 60;

/** What a card may be answered with, once it is known to fit. */
export type Offered = Card['offers']['kind'];

/** `ids`: who is shown a view of their own, at most {@link REFRESHED_MAX}; undefined: whoever Teams thinks fit. */
export function cardForAll(card: Card, ids: readonly string[] | undefined): JsonObject {
  return within(card, (full) => ({
    ...frame(card, full, ids),
    ...(hasButtons(card)
      ? {
          hint: 'Those who may answer get buttons here. You may, and see none? Open the menu … and choose Refresh card.',
        }
      : {}),
    actions: [open(card)],
  }));
}

/** For the one person with this id; `offers` are theirs. `note`: what they alone are told. */
export function cardForOne(card: Card, id: string, note?: string): JsonObject {
  const kind = offered(card);
  return within(card, (full) => {
    const own = frame(card, full, [id]);
    const body = note === undefined ? own.body : [part.note(note), ...own.body];
    return { ...own, body, actions: actionsOf(card, kind) };
  });
}

/** What may be answered from here: nothing is where not everything can be shown. */
export function offered(card: Card): Offered {
  if (card.status !== 'pending') return 'none';
  return card.offers.kind === 'none' || fits(card) ? card.offers.kind : 'link';
}

/** Whether one may answer it with a button here. */
export function hasButtons(card: Card): boolean {
  const kind = offered(card);
  return kind === 'answers' || kind === 'deny_or_link';
}

export const fits = (card: Card): boolean =>
  card.shown.length <= LINES_MAX &&
  bytes(assemble(card, { ...frame(card, true, longestIds), actions: actionsOf(card, 'answers') })) <=
    CARD_BYTES_MAX;

/** Room for the longest list of people a card is refreshed for. */
const longestIds: readonly string[] = Array.from({ length: REFRESHED_MAX }, () => '29:'.padEnd(128, 'x'));
const bytes = (value: JsonObject): number => Buffer.byteLength(JSON.stringify(value));

type Frame = {
  readonly body: readonly JsonObject[];
  readonly ids: readonly string[] | undefined;
  readonly actions?: readonly JsonObject[];
  readonly hint?: string;
};

const within = (card: Card, drawn: (full: boolean) => Frame): JsonObject => assemble(card, drawn(fits(card)));

function frame(card: Card, full: boolean, ids: readonly string[] | undefined): Frame {
  const outcome = [...part.answers(card), ...part.progress(apartFromAnswers(card))];
  // Of one that is over, how it ended is what people look for.
  const [above, below] = card.status === 'pending' || !full ? [[], outcome] : [outcome, []];
  const over = full
    ? [...part.shown(card), ...part.impact(card), ...part.claim(card), ...below]
    : [
        ...part.tooLong(),
        ...part
          .progress(card)
          .slice(-3)
          .filter((each) => bytes(each) < 2_000),
      ];
  return {
    ids,
    body: [
      part.banner(card),
      ...clipped([part.sentence(card), ...above, ...part.facts(card)], full),
      ...over,
      part.times(card),
      ...whyNot(card, full),
    ],
  };
}

/** That somebody answered is said once, with when and why; that it no longer counts is another sentence, and stays. */
const apartFromAnswers = (card: Card): Card => {
  const said = new Set(card.answers.map(({ name, decision }) => `${name} ${decision} it.`));
  return { ...card, progress: card.progress.filter((each) => !said.has(each)) };
};

/** Even a name can be long: what alone would not fit is left to the page. */
const clipped = (items: readonly JsonObject[], full: boolean): readonly JsonObject[] =>
  full ? items : items.filter((each) => bytes(each) < 1_500);

function whyNot({ offers, status }: Card, full: boolean): readonly JsonObject[] {
  if (status !== 'pending' || !full || (offers.kind !== 'link' && offers.kind !== 'deny_or_link')) return [];
  return [paragraph(runs(offers.why, { isSubtle: true, size: 'Small' }), { spacing: 'Small' })];
}

function assemble(card: Card, { body, ids, actions = [], hint }: Frame): JsonObject {
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.5',
    fallbackText: 'A request waits in Countersign. Open Countersign to see it.',
    body: [
      ...body,
      ...(hint === undefined ? [] : [words(hint, { isSubtle: true, size: 'Small', spacing: 'Small' })]),
    ],
    actions,
    msteams: { width: 'Full' },
    ...(card.status === 'pending'
      ? {
          refresh: {
            action: execute(card, VIEW, { title: 'Refresh' }),
            ...(ids === undefined ? {} : { userIds: ids }),
          },
        }
      : {}),
  };
}

const open = ({ link }: Card): JsonObject => ({
  type: 'Action.OpenUrl',
  title: 'Open in Countersign',
  url: link,
});

function execute({ id, version }: Card, verb: Verb, more: JsonObject): JsonObject {
  return { type: 'Action.Execute', verb, data: { c: id, v: version }, ...more };
}

function actionsOf(card: Card, kind: Offered): readonly JsonObject[] {
  if (kind === 'answers') return [approve(card), deny(card), open(card)];
  if (kind === 'deny_or_link') return [open(card), deny(card)];
  return [open(card)];
}

/** One press where little is at stake; a second where more is. */
function approve(card: Card): JsonObject {
  if (card.risk === 'low' || card.risk === 'medium')
    return execute(card, APPROVE, { title: 'Approve', style: 'positive', associatedInputs: 'none' });
  return unfolding('Approve…', {
    body: [words('What is shown above will run, exactly once, as it is shown.')],
    action: execute(card, APPROVE, { title: 'Yes, approve it', style: 'positive', associatedInputs: 'none' }),
  });
}

const deny = (card: Card): JsonObject =>
  unfolding('Deny…', {
    body: [
      {
        type: 'Input.Text',
        id: 'reason',
        label: 'Why not? The agent is told.',
        isMultiline: true,
        maxLength: REASON_MAX,
      },
    ],
    action: execute(card, DENY, { title: 'Deny', style: 'destructive' }),
  });

const unfolding = (
  title: string,
  { body, action }: { readonly body: readonly JsonObject[]; readonly action: JsonObject },
): JsonObject => ({
  type: 'Action.ShowCard',
  title,
  card: { type: 'AdaptiveCard', body, actions: [action] },
});

/** The message a card travels in. `summary` is what notifications show: nothing of the request is in it. */
export const message = (card: Card, content: JsonObject): JsonObject => ({
  type: 'message',
  summary: card.status === 'pending' ? `A ${card.risk}-risk request waits for review` : 'A request is over',
  attachments: [{ contentType: CONTENT_TYPE, content }],
});
