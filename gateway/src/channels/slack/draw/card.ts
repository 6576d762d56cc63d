/**
 * A card as Slack shows it. Pure. Risk and sentence first, then facts, the whole action, the agent's claim apart; buttons
 * only when everything is on it: what does not fit within Slack's limits, or would be folded away by its clients, leaves
 * the link alone (A4).
 */
import type { Risk } from '@countersign/core';
import type { Card, CardAnswer } from '../../channel.ts';
import {
  type Block,
  type Button,
  code,
  context,
  cut,
  escaped,
  type Inline,
  line,
  list,
  type Message,
  plain,
  quote,
  type Rich,
  rich,
  said,
  when,
} from './blocks.ts';

/** Slack draws at most so much without folding it, on a phone too. */
const SHOWN_LINES_MAX = 60;
const SHOWN_CHARS_MAX = 6_000;
/** Shown of one that is longer. */
const BEGINNING = { lines: 12, chars: 1_200 } as const;
/** One preformatted element; a text of Block Kit holds 3,000. */
const CODE_CHARS_MAX = 2_900;
const SENTENCE_CHARS_MAX = 1_000;
const FACT_CHARS_MAX = 600;
const LINE_CHARS_MAX = 600;
const LINES_MAX = 20;
const CLAIM_CHARS_MAX = 1_000;
const REASON_CHARS_MAX = 300;

const MARKS: { readonly [R in Risk]: string } = {
  low: 'white_circle',
  medium: 'large_blue_circle',
  high: 'large_orange_circle',
  critical: 'red_circle',
};

export type Drawn = Message & {
  /** False when something had to be left out: then nothing but the link and, where allowed, Deny is offered. */
  readonly complete: boolean;
};

/** `mention`: a user group told of it. */
export function drawCard(card: Card, mention?: string): Drawn {
  const fit = createFit();
  // Of one that is over, how it ended is what people look for.
  const outcome = became(card, fit);
  const [above, below] = card.status === 'pending' ? [[], outcome] : [outcome, []];
  const body = [
    top(card, fit, mention),
    ...above,
    facts(card, fit),
    what(card, fit),
    ...claimed(card),
    whys(card, fit),
    ...below,
  ];
  return {
    text: escaped(cut(`${titleOf(card)}: ${card.sentence}`, 500)),
    blocks: [...body, ...offered(card, fit.complete())],
    complete: fit.complete(),
  };
}

type Fit = {
  /** The text, cut and remembered as such when it is longer. */
  whole(text: string, max: number): string;
  first<T>(items: readonly T[], max: number): readonly T[];
  complete(): boolean;
};

function createFit(): Fit {
  let complete = true;
  return {
    whole(text, max) {
      complete &&= text.length <= max;
      return cut(text, max);
    },
    first(items, max) {
      complete &&= items.length <= max;
      return items.slice(0, max);
    },
    complete: () => complete,
  };
}

const TITLES = {
  pending: 'Approval needed',
  approved: 'Approved',
  denied: 'Denied',
  expired: 'Expired: nobody answered in time',
  cancelled: 'Cancelled',
  failed: 'Ended: it could not go on',
} as const;
const AGAIN = { asked: '', reminded: 'Reminder: ', escalated: 'Passed on to you: ' } as const;

export const titleOf = ({ status, because, risk }: Card): string =>
  status === 'pending' ? `${AGAIN[because]}${TITLES.pending} (${risk} risk)` : TITLES[status];

function top(card: Card, fit: Fit, mention: string | undefined): Block {
  const head: Inline[] = [
    { type: 'emoji', name: MARKS[card.risk] },
    said(` ${titleOf(card)}`, { bold: true }),
    ...(mention === undefined ? [] : [said('  '), { type: 'usergroup', usergroup_id: mention } as const]),
  ];
  return rich(line(...head, said('\n')), line(said(nonEmpty(fit.whole(card.sentence, SENTENCE_CHARS_MAX)))));
}

function facts(card: Card, fit: Fit): Block {
  const rows: (readonly [string, string | undefined])[] = [
    ['Risk', card.status === 'pending' ? undefined : card.risk], // its title says it while it waits
    ['Agent', card.agent],
    ['Acting for', card.subject],
    ['Agent’s owner', card.owner],
    ['System', card.upstream],
    ['Environment', card.env],
    ['Action', card.action],
    ['On', card.resource],
  ];
  const fields = rows.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [plain(`${name}: ${fit.whole(value, FACT_CHARS_MAX)}`)],
  );
  return { type: 'section', fields };
}

/** The action in a fixed-width face, in as many elements as it takes; of one that does not fit, how it begins. */
function what({ shown, impact, status }: Card, fit: Fit): Block {
  const title = status === 'pending' ? 'What would run' : 'What was asked';
  const whole = fit.whole(fit.first(shown, SHOWN_LINES_MAX).join('\n'), SHOWN_CHARS_MAX);
  const cutShort = shown.length > SHOWN_LINES_MAX || shown.join('\n').length > SHOWN_CHARS_MAX;
  const text = cutShort ? cut(shown.slice(0, BEGINNING.lines).join('\n'), BEGINNING.chars) : whole;
  const parts: Rich[] = [line(said(cutShort ? `${title} (only how it begins)` : title, { bold: true }))];
  for (const part of split(text, CODE_CHARS_MAX)) parts.push(code(part));
  if (cutShort) parts.push(line(said('Not all of it: the rest is on the request’s page.', { bold: true })));
  if (impact.length > 0)
    parts.push(
      list(fit.first(impact, LINES_MAX).map((each) => [said(nonEmpty(fit.whole(each, LINE_CHARS_MAX)))])),
    );
  return rich(...parts);
}

/** At line ends where there are any. */
function split(text: string, max: number): readonly string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > max) {
    const at = rest.lastIndexOf('\n', max);
    const pair = /[\uD800-\uDBFF]/.test(rest.charAt(max - 1)) ? max - 1 : max;
    parts.push(rest.slice(0, at > 0 ? at : pair));
    rest = rest.slice(at > 0 ? at + 1 : pair);
  }
  return [...parts, nonEmpty(rest)];
}

/** Slack refuses text without any. */
const nonEmpty = (text: string): string => (text.trim() === '' ? '–' : text);

/** A claim decides nothing, so cutting one hides nothing of what would run. */
function claimed({ claim }: Card): readonly Block[] {
  if (claim === undefined || claim.trim() === '') return [];
  return [
    rich(
      line(said('The agent says'), said(' (its own words, checked by nobody)', { italic: true })),
      quote(cut(claim, CLAIM_CHARS_MAX)),
    ),
  ];
}

function whys(card: Card, fit: Fit): Block {
  const rules = fit
    .first(card.why, LINES_MAX)
    .map(({ rule, about }) => [
      said(rule, { code: true }),
      said(about === '' ? '' : ` ${fit.whole(about, LINE_CHARS_MAX)}`),
    ]);
  const parts: Rich[] = [];
  if (rules.length > 0) parts.push(line(said('Asked by')), list(rules.map((each) => each.filter(hasText))));
  parts.push(line(...standing(card)));
  return rich(...parts);
}

const hasText = (each: Inline): boolean => each.type !== 'text' || each.text !== '';

function standing({
  status,
  quorum: { filled, needed, stage, stages },
  opened_at,
  expires_at,
}: Card): readonly Inline[] {
  const votes = `${filled} of ${needed} ${needed === 1 ? 'approval' : 'approvals'}`;
  const staged = stage === undefined || stages === undefined ? '' : ` (stage ${stage} of ${stages})`;
  if (status !== 'pending') return [said(`${votes}${staged}. Asked `), when(opened_at), said('.')];
  return [
    said(`${votes}${staged}. Asked `),
    when(opened_at),
    said(', answer by '),
    when(expires_at),
    said('.'),
  ];
}

function became({ answers, progress }: Card, fit: Fit): readonly Block[] {
  const lines = [
    ...progress.slice(-LINES_MAX).map((each) => [said(nonEmpty(cut(each, LINE_CHARS_MAX)))]),
    ...fit.first(answers, LINES_MAX).flatMap((each) => reasoned(each)),
  ];
  return lines.length === 0 ? [] : [rich(list(lines))];
}

/** That they answered stands among what became of it; here is why. */
const reasoned = ({ name, at, reason }: CardAnswer): readonly (readonly Inline[])[] =>
  reason === undefined
    ? []
    : [[said(`${cut(name, 100)}, `), when(at), said(`: “${cut(reason, REASON_CHARS_MAX)}”`)]];

export const TOO_LONG = 'This is too long to show here in full, so it can be approved only on its page.';

function offered(card: Card, complete: boolean): readonly Block[] {
  const offers =
    complete || card.offers.kind !== 'answers'
      ? card.offers
      : ({ kind: 'deny_or_link', why: TOO_LONG } as const);
  const value = `${card.id}.${card.version}`;
  const approve: Button = {
    type: 'button',
    action_id: 'approve',
    text: plain('Approve'),
    style: 'primary',
    value,
    ...(card.risk === 'high' || card.risk === 'critical' ? { confirm: sure(card) } : {}),
  };
  const deny: Button = { type: 'button', action_id: 'deny', text: plain('Deny…'), style: 'danger', value };
  const open: Button = { type: 'button', action_id: 'open', text: plain('Details'), url: card.link };
  const buttons = { answers: [approve, deny, open], deny_or_link: [deny, open], link: [open], none: [open] }[
    offers.kind
  ];
  return [
    ...('why' in offers ? [context(cut(offers.why, LINE_CHARS_MAX))] : []),
    { type: 'actions', block_id: `answer.${card.version}`, elements: buttons },
  ];
}

const sure = ({ risk, sentence }: Card) => ({
  title: plain(`Approve at ${risk} risk?`),
  text: plain(cut(sentence, 300)),
  confirm: plain('Approve'),
  deny: plain('Not yet'),
  style: 'danger' as const,
});

/** What is said in the card’s thread. */
export const drawProgress = (lines: readonly string[]): Message => {
  const said_ = lines.slice(-LINES_MAX).map((each) => nonEmpty(cut(each, LINE_CHARS_MAX)));
  return {
    text: escaped(cut(said_.join(' '), 500)),
    blocks: [rich(...said_.map((each, at) => line(said(at === 0 ? each : `\n${each}`))))],
  };
};
