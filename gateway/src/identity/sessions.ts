/**
 * How a person is signed in: with a one-time code, by POST only, once, within ten minutes; or on a provider's word.
 * Sessions are looked up in the store at every use, so that revoking one takes effect at the next request, and whoever
 * holds a stream open is told at once. A session can review and never act; an agent's key can act and never review (I12).
 */
import type { Person } from '@countersign/core';
import type { Row } from '../store/store.ts';
import { hashCredential, kindOf } from './credential.ts';
import type { PersonSession, SessionKind, SessionLimits, SessionsDeps, SignedIn } from './session.ts';
import {
  type Handed,
  issueCode,
  linkOf,
  type Opening,
  openSession,
  type Signing,
  sessionEvent,
  signIn,
} from './sign-in.ts';

export type { PersonSession, SessionKind, SessionsDeps, SignedIn };

/** `last_seen_at` is written at most this often, so that reading does not turn into writing. */
const SEEN_EVERY_MS = 60_000;
export const SESSIONS_LISTED_MAX = 100;

export type Sessions = {
  /** A one-time code for this person; it is handed over out of band and never logged. */
  issueCode(person: string, handed?: Handed): Promise<string>;
  /** Consumes the code. Undefined when it is unknown, used, expired, or its person is not active. */
  signIn(code: string, kind: SessionKind, more?: Omit<Signing, 'kind'>): Promise<SignedIn | undefined>;
  /** Whose code has this hash, while it is good; asking uses nothing up. */
  linkOf(code_hash: string): Promise<Person | undefined>;
  /** A session for somebody a provider vouches for. Whoever calls it has verified that. */
  open(person: Person, opening: Opening): Promise<SignedIn | undefined>;
  /** The live session behind a token; undefined when unknown, expired, idle, revoked, or the person is not active. */
  authenticate(token: string): Promise<PersonSession | undefined>;
  list(person: string): Promise<readonly SessionRow[]>;
  /** Whose session this is; undefined when there is no such session any more. */
  personOf(id: string): Promise<string | undefined>;
  /** Ends a session of this person. False when there is no such live session. */
  revoke(id: string, person: string, by?: Ending): Promise<boolean>;
  /** Ends all of a person's. Answers how many there were. */
  revokeAll(person: string, by: Ending): Promise<number>;
  /** After sessions were ended by a change of who may be here. */
  lookAgain(): void;
  /** Called after sessions have ended, whoever's: whoever serves one looks again. Returns the way to stop. */
  onEnded(listener: () => void): () => void;
};

/** `by`: the person who ended it, if one did. */
export type Ending = { readonly by?: string; readonly why?: string };

export type SessionRow = {
  readonly id: string;
  readonly kind: SessionKind;
  readonly created_at: number;
  readonly last_seen_at: number;
  readonly expires_at: number;
  /** The provider signed in with; undefined for a one-time link. */
  readonly provider?: string;
};

export function createSessions(deps: SessionsDeps): Sessions {
  const listeners = new Set<() => void>();
  const ended = (): void => {
    for (const listener of listeners) listener();
  };
  const revoke: Sessions['revoke'] = async (id, person, by = { by: person }) => {
    const done = await revokeSession(deps, { id, person }, by);
    if (done) ended();
    return done;
  };
  return {
    issueCode: (person, handed) => issueCode(deps, person, handed),
    async signIn(code, kind, more = {}) {
      const signedIn = await signIn(deps, code, { ...more, kind });
      if (signedIn !== undefined && more.replaces !== undefined) ended();
      return signedIn;
    },
    linkOf: (code_hash) => linkOf(deps, code_hash),
    async open(person, opening) {
      const signedIn = await openSession(deps, person, opening);
      if (signedIn !== undefined && opening.replaces !== undefined) ended();
      return signedIn;
    },
    authenticate: (token) => authenticate(deps, token),
    list: (person) => listSessions(deps, person),
    async personOf(id) {
      const sql = 'SELECT person FROM sessions WHERE token_hash = $1 AND revoked_at IS NULL';
      const [row] = await deps.store.read({ sql, params: [id] });
      return row === undefined ? undefined : String(row['person']);
    },
    lookAgain: ended,
    revoke,
    async revokeAll(person, by) {
      const live = await listSessions(deps, person);
      const done = await Promise.all(live.map(({ id }) => revoke(id, person, by)));
      return done.filter(Boolean).length;
    },
    onEnded(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const COLUMNS =
  'token_hash, kind, person, created_at, last_seen_at, expires_at, revoked_at, provider, account, recheck_by, authenticated_at';

export const isLive = (row: Row, at: number, limits: SessionLimits): boolean =>
  row['revoked_at'] === null &&
  at < Number(row['expires_at']) &&
  at - Number(row['last_seen_at']) < limits[row['kind'] as SessionKind].idle_ms &&
  // A provider that was to be asked again and has not answered for too long vouches for nobody.
  (row['recheck_by'] === null || at < Number(row['recheck_by']));

async function authenticate(deps: SessionsDeps, token: string): Promise<PersonSession | undefined> {
  const kind = kindOf(token);
  if (kind !== 'cli' && kind !== 'browser') return undefined;
  const [row] = await deps.store.read({
    sql: `SELECT ${COLUMNS} FROM sessions WHERE token_hash = $1`,
    params: [hashCredential(token)],
  });
  const at = deps.now();
  if (row === undefined || row['kind'] !== kind || !isLive(row, at, deps.limits)) return undefined;
  const person = deps.directory().person(String(row['person']));
  if (person === undefined || !person.active || !isTheirs(deps, row)) return undefined;
  await touch(deps, row, at);
  return {
    id: String(row['token_hash']),
    kind,
    person,
    created_at: Number(row['created_at']),
    expires_at: Number(row['expires_at']),
    authenticated_at: row['authenticated_at'] === null ? undefined : Number(row['authenticated_at']),
  };
}

/** An account that was taken from a person, or given to another, signs nobody in as them any more (A13). */
const isTheirs = ({ directory }: SessionsDeps, { account, person }: Row): boolean =>
  account === null || directory().personOfAccount(String(account))?.id === person;

async function touch(deps: SessionsDeps, row: Row, at: number): Promise<void> {
  if (at - Number(row['last_seen_at']) < SEEN_EVERY_MS) return;
  const sql = 'UPDATE sessions SET last_seen_at = $2 WHERE token_hash = $1 AND last_seen_at < $2';
  const params = [String(row['token_hash']), at];
  await deps.store.commit({
    name: 'session-seen',
    steps: [{ name: 'seen', sql, params, rows: 'any' }],
    entries: [],
  });
}

async function listSessions(deps: SessionsDeps, person: string): Promise<readonly SessionRow[]> {
  const rows = await deps.store.read({
    sql: `SELECT ${COLUMNS} FROM sessions WHERE person = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY created_at DESC LIMIT ${SESSIONS_LISTED_MAX}`,
    params: [person, deps.now()],
  });
  const at = deps.now();
  return rows
    .filter((row) => isLive(row, at, deps.limits) && isTheirs(deps, row))
    .map((row) => ({
      id: String(row['token_hash']),
      kind: row['kind'] as SessionKind,
      created_at: Number(row['created_at']),
      last_seen_at: Number(row['last_seen_at']),
      expires_at: Number(row['expires_at']),
      ...(row['provider'] === null ? {} : { provider: String(row['provider']) }),
    }));
}

async function revokeSession(
  deps: SessionsDeps,
  { id, person }: { readonly id: string; readonly person: string },
  ending: Ending,
): Promise<boolean> {
  const [row] = await deps.store.read({
    sql: 'SELECT kind FROM sessions WHERE token_hash = $1 AND person = $2 AND revoked_at IS NULL',
    params: [id, person],
  });
  if (row === undefined) return false;
  const session = { id, kind: row['kind'] as SessionKind, person: { id: person } };
  const change = ending.by === person ? 'signed out' : 'session ended';
  const event = sessionEvent(deps, session, { change, ...ending });
  const sql =
    'UPDATE sessions SET revoked_at = $3, provider_tokens = NULL WHERE token_hash = $1 AND person = $2 AND revoked_at IS NULL';
  const outcome = await deps.store.commit({
    name: 'revoke-session',
    steps: [{ name: 'revoke', sql, params: [id, person, deps.now()], rows: 1 }],
    entries: [event.entry],
  });
  if (outcome.ok) event.committed();
  return outcome.ok;
}
