/**
 * How a person is signed in: a one-time code becomes a session, by POST only, once, within ten minutes. Sessions are
 * looked up in the store at every use, so that revoking one takes effect at the next request. A session can review and
 * never act; an agent's key can act and never review (I12).
 */
import type { Row, Step } from '../store/store.ts';
import { hashCredential, kindOf } from './credential.ts';
import type { PersonSession, SessionKind, SessionsDeps, SignedIn } from './session.ts';
import { issueCode, signIn } from './sign-in.ts';

export type { PersonSession, SessionKind, SessionsDeps, SignedIn };

export const SESSION_IDLE_MS = { browser: 3_600_000, cli: 7 * 86_400_000 } as const;
/** `last_seen_at` is written at most this often, so that reading does not turn into writing. */
const SEEN_EVERY_MS = 60_000;

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

export function createSessions(deps: SessionsDeps): Sessions {
  return {
    issueCode: (person) => issueCode(deps, person),
    signIn: (code, kind) => signIn(deps, code, kind),
    authenticate: (token) => authenticate(deps, token),
    list: (person) => listSessions(deps, person),
    revoke: (id, person) => revokeSession(deps, id, person),
  };
}

const COLUMNS = 'token_hash, kind, person, created_at, last_seen_at, expires_at, revoked_at';

const isLive = (row: Row, at: number): boolean =>
  row['revoked_at'] === null &&
  at < Number(row['expires_at']) &&
  at - Number(row['last_seen_at']) < SESSION_IDLE_MS[row['kind'] as SessionKind];

async function authenticate(deps: SessionsDeps, token: string): Promise<PersonSession | undefined> {
  const kind = kindOf(token);
  if (kind !== 'cli' && kind !== 'browser') return undefined;
  const [row] = await deps.store.read({
    sql: `SELECT ${COLUMNS} FROM sessions WHERE token_hash = $1`,
    params: [hashCredential(token)],
  });
  const at = deps.now();
  if (row === undefined || row['kind'] !== kind || !isLive(row, at)) return undefined;
  const person = deps.directory().person(String(row['person']));
  if (person === undefined || !person.active) return undefined;
  await touch(deps, row, at);
  return {
    id: String(row['token_hash']),
    kind,
    person,
    created_at: Number(row['created_at']),
    expires_at: Number(row['expires_at']),
  };
}

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
    sql: `SELECT ${COLUMNS} FROM sessions WHERE person = $1 AND revoked_at IS NULL ORDER BY created_at DESC LIMIT 100`,
    params: [person],
  });
  const at = deps.now();
  return rows
    .filter((row) => isLive(row, at))
    .map((row) => ({
      id: String(row['token_hash']),
      kind: row['kind'] as SessionKind,
      created_at: Number(row['created_at']),
      last_seen_at: Number(row['last_seen_at']),
      expires_at: Number(row['expires_at']),
    }));
}

async function revokeSession(deps: SessionsDeps, id: string, person: string): Promise<boolean> {
  const sql =
    'UPDATE sessions SET revoked_at = $3 WHERE token_hash = $1 AND person = $2 AND revoked_at IS NULL';
  const steps: Step[] = [{ name: 'revoke', sql, params: [id, person, deps.now()], rows: 1 }];
  return (await deps.store.commit({ name: 'revoke-session', steps, entries: [] })).ok;
}
