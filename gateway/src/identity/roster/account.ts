/**
 * An account as somebody writes it, read into the one spelling it is kept under. What cannot be told apart from another
 * account at a glance, or could be the name of somebody or something else here, is refused: who is known by a link is
 * whoever has that account.
 */
import { accountKey, loosely, misspelled } from '../../config/sign-in.ts';

export type ReadAccount = {
  /** By `accountKey`. */
  readonly account: string;
  readonly kind: string;
  readonly value: string;
};

export const ACCOUNT_CHARACTERS_MAX = 320;

/** What the gateway itself calls things by, or a provider alone may say. */
const NOT_A_KIND = new Set([
  'scim',
  'person',
  'group',
  'role',
  'outside',
  'agent',
  'countersign',
  'http',
  'https',
]);

/** A sentence that says what is wrong, where something is. `issuers`: of configured providers. */
export function readAccount(text: string, issuers: readonly string[]): ReadAccount | string {
  if (text.length > ACCOUNT_CHARACTERS_MAX) return `account: at most ${ACCOUNT_CHARACTERS_MAX} characters`;
  if (!/^[\x21-\x7e]+$/.test(text)) return 'account: write it without spaces, in plain letters (ASCII)';
  const written = text.includes(':') || !text.includes('@') ? text : `email:${text}`;
  const [, kind = '', value = ''] = /^([a-z][a-z0-9-]{1,31}):(.+)$/.exec(written) ?? [];
  if (kind === '')
    return 'account: write its kind before it, such as slack:U024BE7LH, teams:…, email:ann@example.com or oidc:<issuer>#<subject>';
  if (NOT_A_KIND.has(kind)) return `account: “${kind}:” is no kind of account people have`;
  if (kind === 'email' && !/^[^@:]+@[^@:]+\.[^@:]+$/.test(value))
    return 'account: that is no e-mail address; write email:ann@example.com';
  const wrong = misspelled(written, issuers);
  if (wrong !== undefined) return `account: ${wrong}`;
  return { account: accountKey(written), kind, value: kind === 'oidc' ? value : value.toLowerCase() };
}

/** Two spellings of one account. */
export const isSpelledAlike = (one: string, other: string): boolean => loosely(one) === loosely(other);
