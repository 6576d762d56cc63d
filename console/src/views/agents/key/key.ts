/**
 * Making an agent's key in this browser: 256 random bits, of which only the hash leaves the page. The key is shown once
 * and kept nowhere; what it is for is said by the lines it makes for `countersign.yaml`.
 */
import { encodeBase64Url, encodeHex, encodeUtf8, sha256 } from '@countersign/core';

export type MadeKey = {
  readonly key: string;
  /** `sha256:` and hex, over the whole key. */
  readonly hash: string;
  /** How it begins, so that people can tell two apart: 36 of its 256 bits. */
  readonly prefix: string;
  readonly created: string;
  readonly expires: string | undefined;
};

const BEGINS = 'cs_agent_';
const KEY_BYTES = 32;
const PREFIX_CHARACTERS = BEGINS.length + 6;
const DAY_MS = 86_400_000;

/** The format the gateway takes: `cs_agent_` and 43 characters of base64url. */
export function keyOf(
  bytes: Uint8Array,
  { now, days }: { readonly now: number; readonly days: number },
): MadeKey {
  const key = BEGINS + encodeBase64Url(bytes);
  return {
    key,
    hash: `sha256:${encodeHex(sha256(encodeUtf8(key)))}`,
    prefix: key.slice(0, PREFIX_CHARACTERS),
    created: day(now),
    expires: days === 0 ? undefined : day(now + days * DAY_MS),
  };
}

export const makeKey = (days: number): MadeKey =>
  keyOf(crypto.getRandomValues(new Uint8Array(KEY_BYTES)), { now: Date.now(), days });

/** How the agents list tells it: the first 12 hex digits of the hash. */
export const idOf = ({ hash }: Pick<MadeKey, 'hash'>): string =>
  hash.slice('sha256:'.length, 'sha256:'.length + 12);

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

export const keyLine = ({ hash, prefix, created, expires }: MadeKey): string =>
  `- { hash: "${hash}", prefix: ${prefix}, created: ${created}${expires === undefined ? '' : `, expires: ${expires}`} }`;

export type NewAgent = { readonly id: string; readonly owner: string; readonly team: string };

/** What goes below `agents:`, for one that is not there yet. */
export const agentLines = ({ id, owner, team }: NewAgent, key: MadeKey): string =>
  [
    `  ${plain(id)}:`,
    `    owner: ${plain(owner)}`,
    ...(team === '' ? [] : [`    team: ${plain(team)}`]),
    '    keys:',
    `      ${keyLine(key)}`,
  ].join('\n');

/** An id as the configuration takes it. */
export const isId = (text: string): boolean => /^[a-z0-9][a-z0-9_.-]{0,63}$/.test(text);

/** Bare where YAML reads it as text, else quoted: `1.5`, `no` and the like are other things there. */
const plain = (id: string): string =>
  /^[a-z][a-z0-9_.-]*$/.test(id) && !OTHER_THINGS.has(id) ? id : JSON.stringify(id);
const OTHER_THINGS = new Set(['true', 'false', 'null', 'yes', 'no', 'on', 'off', 'y', 'n']);
