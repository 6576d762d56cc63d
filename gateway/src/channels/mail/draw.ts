/**
 * A card as a mail: plain text, and the same words as simple HTML. It says that somebody is asked, by whom and about what,
 * and links to the page that shows all of it; nothing in it can be answered, and opening the link changes nothing (A16).
 * Pure. The whole action stays out: a mail lies in places nobody can empty.
 */
import type { Card, Notice } from '../channel.ts';

export type Letter = { readonly subject: string; readonly text: string; readonly html: string };

const SUBJECT_CHARACTERS_MAX = 150;
const LINE_CHARACTERS_MAX = 1_000;
const RULES_MAX = 5;

type Line = readonly [label: string, value: string];

const OUTCOMES = {
  pending: 'waits for an answer',
  approved: 'was approved',
  denied: 'was denied',
  expired: 'expired: nobody answered in time',
  cancelled: 'was withdrawn',
  failed: 'failed',
} as const;

/** @param now for how long is left, in unix milliseconds */
export function draw(card: Card, now: number): Letter {
  const over = card.status !== 'pending';
  const { head, lead } = openingOf(card);
  const lines = over
    ? [...factsOf(card), ...card.progress.map((each): Line => ['', each])]
    : [...factsOf(card), ...askedOf(card, now)];
  const end = over
    ? 'What happened, in full:'
    : 'See all of it and answer there, signed in. Answers to this mail are not read:';
  const shown = lines.map(([label, value]): Line => [label, plain(value, LINE_CHARACTERS_MAX)]);
  return {
    subject: plain(head, SUBJECT_CHARACTERS_MAX),
    text: textOf({ lead, shown, end, link: card.link }),
    html: htmlOf({ lead, shown, end, link: card.link }),
  };
}

function openingOf(card: Card): { readonly head: string; readonly lead: string } {
  const { status, because, glass_open } = card;
  const what = `${plain(card.action, 80)} ${plain(card.resource, 80)}`;
  const where = `on ${plain(card.upstream, 60)} (${plain(card.env, 40)})`;
  if (glass_open === true)
    return {
      head: `Glass broken: ${what} ${where}`,
      lead: 'Something was let through in an emergency, without the people who must agree to it. Look at it, and say that you know.',
    };
  if (status !== 'pending')
    return {
      head: `Over: ${what} ${OUTCOMES[status]}`,
      lead: `A request you may have been asked about ${OUTCOMES[status]}.`,
    };
  return {
    head: `${because === 'asked' ? '' : 'Again: '}Review asked: ${what} ${where}`,
    lead: 'An agent asks for something that people must agree to. It waits; nothing has run.',
  };
}

/** A summary: nothing in it is asked of anybody. */
export function drawNotice({ title, lines, link }: Notice): Letter {
  const shown = lines.map((line): Line => ['', plain(line, LINE_CHARACTERS_MAX)]);
  const body = { lead: `${plain(title, SUBJECT_CHARACTERS_MAX)}.`, shown, end: 'All of it:', link };
  return { subject: plain(title, SUBJECT_CHARACTERS_MAX), text: textOf(body), html: htmlOf(body) };
}

const factsOf = (card: Card): readonly Line[] => [
  ['What', card.sentence],
  ['Agent', card.subject === undefined ? card.agent : `${card.agent} for ${card.subject}`],
  ...(card.owner === undefined ? [] : [['Owner', card.owner] as const]),
  ['Where', `${card.upstream} (${card.env})`],
  ['Risk', card.risk],
];

const askedOf = ({ why, expires_at, impact }: Card, now: number): readonly Line[] => [
  ...impact.map((each): Line => ['Would', each]),
  ...why.slice(0, RULES_MAX).map(({ about }): Line => ['Why', about]),
  ['Time', `${minutesOf(expires_at - now)} left, until ${new Date(expires_at).toISOString().slice(0, 16)}Z`],
];

function minutesOf(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1_440)} days`;
}

/**
 * One line that is words only: no control or formatting character (A2, A3), so no header either; and no address that a mail
 * program would make a link of under our name.
 */
function plain(text: string, characters_max: number): string {
  const shown = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').replaceAll('://', ':⁄⁄');
  const characters = [...shown];
  return characters.length <= characters_max ? shown : `${characters.slice(0, characters_max - 1).join('')}…`;
}

type Body = {
  readonly lead: string;
  readonly shown: readonly Line[];
  readonly end: string;
  readonly link: string;
};

function textOf({ lead, shown, end, link }: Body): string {
  const width = Math.max(...shown.map(([label]) => label.length)) + 2;
  const lines = shown.map(([label, value]) => `${`${label}`.padEnd(width)}${value}`);
  return `${[lead, '', ...lines, '', end, link, '', '-- ', 'Countersign'].join('\n')}\n`;
}

const ESCAPES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (each) => ESCAPES[each] ?? '');

/** No picture, no script, no style from elsewhere: opening it tells nobody. */
function htmlOf({ lead, shown, end, link }: Body): string {
  const row = ([label, value]: Line): string =>
    `<tr><td style="padding:2px 16px 2px 0;color:#555;vertical-align:top">${escaped(label)}</td><td style="padding:2px 0">${escaped(value)}</td></tr>`;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"></head>',
    '<body style="font:15px/1.5 sans-serif;color:#111;background:#fff">',
    `<p>${escaped(lead)}</p><table role="presentation">${shown.map(row).join('')}</table>`,
    `<p>${escaped(end)}<br><a href="${escaped(link)}">${escaped(link)}</a></p></body></html>`,
  ].join('\n');
}
