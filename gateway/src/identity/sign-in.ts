/** From a one-time code to a session. The code is consumed by compare-and-swap: of two racers with one code, one signs in. */
import type { Step } from '../store/store.ts';
import { hashCredential, kindOf, makeCredential } from './credential.ts';
import type { PersonSession, SessionKind, SessionsDeps, SignedIn } from './session.ts';

export const CODE_TTL_MS = 10 * 60_000;
export const SESSION_ABSOLUTE_MS = { browser: 12 * 3_600_000, cli: 30 * 86_400_000 } as const;

export async function issueCode(deps: SessionsDeps, person: string): Promise<string> {
  const code = makeCredential('code');
  const sql =
    'INSERT INTO sign_in_codes (code_hash, person, expires_at, consumed_at) VALUES ($1, $2, $3, NULL)';
  const params = [hashCredential(code), person, deps.now() + CODE_TTL_MS];
  await deps.store.commit({
    name: 'issue-sign-in-code',
    steps: [{ name: 'issue', sql, params, rows: 1 }],
    entries: [],
  });
  return code;
}

export async function signIn(
  deps: SessionsDeps,
  code: string,
  kind: SessionKind,
): Promise<SignedIn | undefined> {
  if (kindOf(code) !== 'code') return undefined;
  const at = deps.now();
  const code_hash = hashCredential(code);
  const [row] = await deps.store.read({
    sql: 'SELECT person FROM sign_in_codes WHERE code_hash = $1 AND consumed_at IS NULL AND expires_at > $2',
    params: [code_hash, at],
  });
  const person = row === undefined ? undefined : deps.directory().person(String(row['person']));
  if (person === undefined || !person.active) return undefined;
  const token = makeCredential(kind);
  const expires_at = at + SESSION_ABSOLUTE_MS[kind];
  const session: PersonSession = { id: hashCredential(token), kind, person, created_at: at, expires_at };
  const steps = [consume(code_hash, at), open(session)];
  const outcome = await deps.store.commit({ name: 'sign-in', steps, entries: [] });
  return outcome.ok ? { token, session } : undefined;
}

const consume = (code_hash: string, at: number): Step => ({
  name: 'consume',
  sql: 'UPDATE sign_in_codes SET consumed_at = $2 WHERE code_hash = $1 AND consumed_at IS NULL AND expires_at > $2',
  params: [code_hash, at],
  rows: 1,
});

const open = ({ id, kind, person, created_at, expires_at }: PersonSession): Step => ({
  name: 'open',
  sql: 'INSERT INTO sessions (token_hash, kind, person, created_at, last_seen_at, expires_at, revoked_at) VALUES ($1, $2, $3, $4, $4, $5, NULL)',
  params: [id, kind, person.id, created_at, expires_at],
  rows: 1,
});
