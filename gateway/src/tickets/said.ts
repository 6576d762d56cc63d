/**
 * What a ticket system says for one of its users: a claim, kept apart from every word of the gateway's own (A1). Bounded and
 * cleaned here; whatever could mislead the eye is written out where it is shown (A2, A3).
 */
import { isJsonObject, type Json } from '@countersign/core';
import type { TicketSystem } from '../identity/ticketing.ts';
import { payloadId } from '../ids.ts';
import { newSalt, type Payload } from '../payloads.ts';

export type Said = {
  /** Who said it, in the ticket system's words: nobody here has checked that. */
  readonly author: string;
  readonly text: string;
  readonly ticket?: { readonly key: string; readonly url?: string };
};

export const TEXT_CHARACTERS_MAX = 4000;
export const AUTHOR_CHARACTERS_MAX = 200;
export const KEY_CHARACTERS_MAX = 100;
export const URL_CHARACTERS_MAX = 1024;
/** A wall of lines would push what is decided off a reviewer's screen. */
const LINES_MAX = 100;

/** Controls that are no line break and no tab say nothing to a reader. What else cannot be seen stays, to be shown as such. */
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

const cleaned = (text: string, most: number): string =>
  text.replaceAll(/\r\n?/g, '\n').replaceAll(CONTROLS, '').slice(0, most).toWellFormed().trim();
function fewLines(text: string): string {
  const lines = text.replaceAll(/\n(?:[ \t]*\n)+/g, '\n\n').split('\n');
  return [...lines.slice(0, LINES_MAX - 1), lines.slice(LINES_MAX - 1).join(' ')].join('\n').trim();
}
const oneLine = (text: string, most: number): string => cleaned(text, most).replaceAll(/\s+/g, ' ');

/** Undefined: nothing is left of it. */
export function cleanSaid({ author, text, ticket }: Said): Said | undefined {
  const said = {
    author: oneLine(author, AUTHOR_CHARACTERS_MAX),
    text: fewLines(cleaned(text, TEXT_CHARACTERS_MAX)),
  };
  if (said.author === '' || said.text === '') return undefined;
  const key = ticket === undefined ? '' : oneLine(ticket.key, KEY_CHARACTERS_MAX);
  if (ticket === undefined || key === '') return said;
  return { ...said, ticket: { key, ...(ticket.url === undefined ? {} : { url: ticket.url }) } };
}

/** A link people may press leads to where the configuration says its tickets are, and nowhere else (A2). */
export function linkProblem({ id, config }: TicketSystem, { ticket }: Said): string | undefined {
  if (ticket?.url === undefined) return undefined;
  const where = config.url;
  if (where === undefined)
    return `ticket.url: no link of ${id} is taken; an operator can say where its tickets are with ticketing.${id}.url`;
  const [base, link] = [new URL(where), URL.parse(ticket.url)];
  const below =
    link !== null &&
    link.origin === base.origin &&
    link.username === '' &&
    link.password === '' &&
    isAtOrBelow(link.pathname, base.pathname) &&
    link.href === ticket.url;
  return below ? undefined : `ticket.url: must be an address below ${where}, written in full`;
}

/** By whole names of the path: `/browse` is not the beginning of `/browse-anything`. */
const isAtOrBelow = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.replace(/\/*$/, '/'));

export const saidPayload = (said: Said, now: number): Payload => ({
  id: payloadId(now),
  kind: 'comment',
  salt: newSalt(),
  body: JSON.stringify(said),
});

/** As it was stored. @throws TypeError for a row that is none of ours */
export function readSaid(body: string): Said {
  const value = JSON.parse(body) as Json;
  if (!isJsonObject(value)) throw new TypeError('a comment of a ticket system does not read back');
  return value as unknown as Said;
}
