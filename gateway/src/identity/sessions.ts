/**
 * How a person is signed in: a one-time code becomes a session, by POST only, once, within ten minutes. Sessions are
 * looked up in the store at every use, so that revoking one takes effect at the next request. A session can review and
 * never act; an agent's key can act and never review (I12).
 */
import type { Directory, Person } from '@countersign/core';
import type { Row, Store } from '../store/store.ts';
import { hashCredential, kindOf, makeCredential } from './credential.ts';

export const CODE_TTL_MS = 10 * 60_000;
export const SESSION_ABSOLUTE_MS = { browser: 12 * 3_600_000, cli: 30 * 86_400_000 } as const;
export const SESSION_IDLE_MS = { browser: 3_600_000, cli: 7 * 86_400_000 } as const;
/** `last_seen_at` is written at most this often, so that reading does not turn into writing. */
const SEEN_EVERY_MS = 60_000;

export type SessionKind = 'browser' | 'cli';
export type PersonSession = {
  readonly id: string;
  readonly kind: SessionKind;
  readonly person: Person;
  readonly created_at: number;
  readonly expires_at: number;
};
export type SignedIn = { readonly token: string; readonly session: PersonSession };

export type Sessions = {
  /** A one-time code for this person; it is handed over out of band and never logged. */
  issueCode(person: string): Promise<string>;
  /** Consumes the code. Undefined when it is unknown, used, expired, or its person is not active. */
  signIn(code: string, kind: SessionKind): Promise<SignedIn | undefined>;
  /** The live session behind a token; undefined when unknown, expired, idle, revoked, or the person is not active. */
  authenticate(token: string): Promise<PersonSession | undefined>;
  list(person: string): Promise<readonly SessionRow[]>;
  /** Ends a session of this person. False when there is no such live session. */
  revoke(id: string, person: string): Promise<boolean>;
};

export type SessionRow = {
  readonly id: string;
  readonly kind: SessionKind;
  readonly created_at: number;
  readonly last_seen_at: number;
  readonly expires_at: number;
};

export type SessionsDeps = {
  readonly store: Store;
  readonly directory: () => Directory;
  readonly now: () => number;
};

export function createSessions({ store, directory, now }: SessionsDeps): Sessions {
  const live = (row: Row, at: number): boolean =>
    row['revoked_at'] === null &&
    at < Number(row['expires_at']) &&
    at - Number(row['last_seen_at']) < SESSION_IDLE_MS[row['kind'] as SessionKind];
  const asSession = (row: Row): PersonSession | undefined => {
    const person = directory().person(String(row['person']));
    if (person === undefined || !person.active) return undefined;
    return {
      id: String(row['token_hash']),
      kind: row['kind'] as SessionKind,
      person,
      created_at: Number(row['created_at']),
      expires_at: Number(row['expires_at']),
    };
  };
  const touch = async (row: Row, at: number): Promise<void> => {
    if (at - Number(row['last_seen_at']) < SEEN_EVERY_MS) return;
    await store.commit({
      name: 'session-seen',
      steps: [{ name: 'seen', sql: 'UPDATE sessions SET last_seen_at = $2 WHERE token_hash = $1 AND last_seen_at < $2', params: [String(row['token_hash']), at], rows: 'any' }],
      entries: [],
    });
  };

  return {
    async issueCode(person) {
      const code = makeCredential('code');
      await store.commit({
        name: 'issue-sign-in-code',
        steps: [{ name: 'issue', sql: 'INSERT INTO sign_in_codes (code_hash, person, expires_at, consumed_at) VALUES ($1, $2, $3, NULL)', params: [hashCredential(code), person, now() + CODE_TTL_MS], rows: 1 }],
        entries: [],
      });
      return code;
    },
    async signIn(code, kind) {
      if (kindOf(code) !== 'code') return undefined;
      const at = now();
      const code_hash = hashCredential(code);
      const [row] = await store.read({ sql: 'SELECT person FROM sign_in_codes WHERE code_hash = $1 AND consumed_at IS NULL AND expires_at > $2', params: [code_hash, at] });
      const person = row === undefined ? undefined : directory().person(String(row['person']));
      if (person === undefined || !person.active) return undefined;
      const token = makeCredential(kind);
      const session: PersonSession = { id: hashCredential(token), kind, person, created_at: at, expires_at: at + SESSION_ABSOLUTE_MS[kind] };
      // The guard consumes the code: of two racers with one code, one gets a session.
      const outcome = await store.commit({
        name: 'sign-in',
        steps: [
          { name: 'consume', sql: 'UPDATE sign_in_codes SET consumed_at = $2 WHERE code_hash = $1 AND consumed_at IS NULL AND expires_at > $2', params: [code_hash, at], rows: 1 },
          { name: 'open', sql: 'INSERT INTO sessions (token_hash, kind, person, created_at, last_seen_at, expires_at, revoked_at) VALUES ($1, $2, $3, $4, $4, $5, NULL)', params: [session.id, kind, person.id, at, session.expires_at], rows: 1 },
        ],
        entries: [],
      });
      return outcome.ok ? { token, session } : undefined;
    },
    async authenticate(token) {
      const kind = kindOf(token);
      if (kind !== 'cli' && kind !== 'browser') return undefined;
      const [row] = await store.read({ sql: 'SELECT token_hash, kind, person, created_at, last_seen_at, expires_at, revoked_at FROM sessions WHERE token_hash = $1', params: [hashCredential(token)] });
      const at = now();
      if (row === undefined || row['kind'] !== kind || !live(row, at)) return undefined;
      await touch(row, at);
      return asSession(row);
    },
    async list(person) {
      const rows = await store.read({ sql: 'SELECT token_hash, kind, person, created_at, last_seen_at, expires_at, revoked_at FROM sessions WHERE person = $1 AND revoked_at IS NULL ORDER BY created_at DESC LIMIT 100', params: [person] });
      const at = now();
      return rows.filter((row) => live(row, at)).map((row) => ({
        id: String(row['token_hash']),
        kind: row['kind'] as SessionKind,
        created_at: Number(row['created_at']),
        last_seen_at: Number(row['last_seen_at']),
        expires_at: Number(row['expires_at']),
      }));
    },
    async revoke(id, person) {
      const outcome = await store.commit({
        name: 'revoke-session',
        steps: [{ name: 'revoke', sql: 'UPDATE sessions SET revoked_at = $3 WHERE token_hash = $1 AND person = $2 AND revoked_at IS NULL', params: [id, person, now()], rows: 1 }],
        entries: [],
      });
      return outcome.ok;
    },
  };
}
