/**
 * From a one-time code, or a provider's word, to a session. A code is consumed by compare-and-swap: of two racers with
 * one code, one signs in. That somebody signed in is on the record in the same transaction, by ids alone (I7).
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Person } from '@countersign/core';
import type { Event } from '../events.ts';
import type { Row, Step } from '../store/store.ts';
import { hashCredential, kindOf, makeCredential } from './credential.ts';
import {
  type AtProvider,
  type PersonSession,
  RECHECKS_MISSED_MAX,
  type SessionKind,
  type SessionsDeps,
  type SignedIn,
} from './session.ts';

export const CODE_TTL_MS = 10 * 60_000;
/** A code a browser hands to a command line on the same machine is on its way for seconds. */
const HANDED_CODE_TTL_MS = 60_000;

/** A code for a command line that waits for it: whoever shows it must know what `challenge` is the hash of (RFC 7636). */
export type Handed = { readonly challenge: string; readonly at: AtProvider };

export async function issueCode(deps: SessionsDeps, person: string, handed?: Handed): Promise<string> {
  const code = makeCredential('code');
  const ttl_ms = handed === undefined ? CODE_TTL_MS : HANDED_CODE_TTL_MS;
  const sql = `INSERT INTO sign_in_codes (code_hash, person, expires_at, consumed_at, challenge, provider, account, provider_tokens)
    VALUES ($1, $2, $3, NULL, $4, $5, $6, $7)`;
  const params = [
    hashCredential(code),
    person,
    deps.now() + ttl_ms,
    handed?.challenge ?? null,
    handed?.at.provider ?? null,
    handed?.at.account ?? null,
    // What the session will need beside it has no columns of its own in a row that lives a minute.
    handed === undefined ? null : JSON.stringify(withSession(handed.at)),
  ];
  await deps.store.commit({
    name: 'issue-sign-in-code',
    steps: [{ name: 'issue', sql, params, rows: 1 }],
    entries: [],
  });
  return code;
}

export type Signing = {
  readonly kind: SessionKind;
  /** What the code's challenge is the hash of. */
  readonly verifier?: string | undefined;
  /** The session the same browser had before: it ends, so that none is carried over a sign-in. */
  readonly replaces?: string | undefined;
};

export async function signIn(
  deps: SessionsDeps,
  code: string,
  signing: Signing,
): Promise<SignedIn | undefined> {
  if (kindOf(code) !== 'code') return undefined;
  const at = deps.now();
  const code_hash = hashCredential(code);
  const [row] = await deps.store.read({
    sql: 'SELECT person, challenge, provider, account, provider_tokens FROM sign_in_codes WHERE code_hash = $1 AND consumed_at IS NULL AND expires_at > $2',
    params: [code_hash, at],
  });
  const person = row === undefined ? undefined : deps.directory().person(String(row['person']));
  if (row === undefined || person === undefined || !person.active || !mayUse(row, signing)) return undefined;
  return openSession(deps, person, { ...signing, at: atProvider(row), first: [consume(code_hash, at)] });
}

/** Whose link this is, by the hash of its code: whoever is shown it holds the link. Uses nothing up. */
export async function linkOf(deps: SessionsDeps, code_hash: string): Promise<Person | undefined> {
  const [row] = await deps.store.read({
    sql: 'SELECT person FROM sign_in_codes WHERE code_hash = $1 AND consumed_at IS NULL AND expires_at > $2 AND challenge IS NULL',
    params: [code_hash, deps.now()],
  });
  const person = row === undefined ? undefined : deps.directory().person(String(row['person']));
  return person?.active === true ? person : undefined;
}

function mayUse(row: Row, { kind, verifier }: Signing): boolean {
  const { challenge } = row;
  if (challenge === null || challenge === undefined) return verifier === undefined;
  if (kind !== 'cli' || verifier === undefined) return false;
  const wanted = Buffer.from(String(challenge));
  const given = Buffer.from(createHash('sha256').update(verifier).digest('base64url'));
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}

function atProvider(row: Row): AtProvider | undefined {
  if (row['provider'] === null || row['provider'] === undefined) return undefined;
  const kept = JSON.parse(String(row['provider_tokens'])) as WithSession;
  return {
    provider: String(row['provider']),
    account: String(row['account']),
    tokens: kept.tokens,
    recheck_ms: kept.recheck_ms,
    authenticated_at: kept.authenticated_at,
  };
}

type WithSession = Pick<AtProvider, 'tokens' | 'recheck_ms' | 'authenticated_at'>;
const withSession = ({ tokens, recheck_ms, authenticated_at }: AtProvider): WithSession => ({
  tokens,
  recheck_ms,
  authenticated_at,
});

const consume = (code_hash: string, at: number): Step => ({
  name: 'consume',
  sql: 'UPDATE sign_in_codes SET consumed_at = $2 WHERE code_hash = $1 AND consumed_at IS NULL AND expires_at > $2',
  params: [code_hash, at],
  rows: 1,
});

export type Opening = Signing & {
  readonly at?: AtProvider | undefined;
  /** What must hold, and happens with it. */
  readonly first?: readonly Step[];
};

/** Undefined when what must hold does not, or the person is no longer who they were. */
export async function openSession(
  deps: SessionsDeps,
  person: Person,
  { kind, at, replaces, first = [] }: Opening,
): Promise<SignedIn | undefined> {
  const now = deps.now();
  const token = makeCredential(kind);
  const session: PersonSession = {
    id: hashCredential(token),
    kind,
    person,
    created_at: now,
    expires_at: now + deps.limits[kind].absolute_ms,
    authenticated_at: at === undefined ? now : earlier(at.authenticated_at, now),
  };
  const event = sessionEvent(deps, session, {
    change: 'signed in',
    by: person.id,
    with: at === undefined ? 'link' : `oidc:${at.provider}`,
  });
  const outcome = await deps.store.commit({
    name: 'sign-in',
    steps: [...first, insert(session, at), ...(replaces === undefined ? [] : [replace(replaces, now)])],
    entries: [event.entry],
  });
  if (!outcome.ok) return undefined;
  event.committed();
  return { token, session };
}

/** A provider whose clock is ahead makes nobody fresher than they are. */
const earlier = (said: number | undefined, now: number): number | undefined =>
  said === undefined ? undefined : Math.min(said, now);

export type Told = {
  readonly change: 'signed in' | 'signed out' | 'session ended' | 'session expired';
  readonly by?: string;
  readonly with?: string;
  readonly why?: string;
};

/** What happened to a session, by ids: whose, which kind, which one. */
export function sessionEvent(
  { events, now }: Pick<SessionsDeps, 'events' | 'now'>,
  session: { readonly id: string; readonly kind: SessionKind; readonly person: { readonly id: string } },
  { change, by, with: means, why }: Told,
): Event {
  return events.authorityChanged({
    kind: 'system',
    at: now(),
    task_id: `session:${session.person.id}`,
    ...(by === undefined ? {} : { by }),
    predicate: {
      change,
      person: session.person.id,
      session: session.id,
      kind: session.kind,
      ...(means === undefined ? {} : { with: means }),
      ...(why === undefined ? {} : { why }),
    },
  });
}

function insert(session: PersonSession, at: AtProvider | undefined): Step {
  const { id, kind, person, created_at, expires_at, authenticated_at } = session;
  const every = at?.recheck_ms;
  return {
    name: 'open',
    sql: `INSERT INTO sessions (token_hash, kind, person, created_at, last_seen_at, expires_at, revoked_at, provider, account, provider_tokens, recheck_at, recheck_by, authenticated_at)
      VALUES ($1, $2, $3, $4, $4, $5, NULL, $6, $7, $8, $9, $10, $11)`,
    params: [
      id,
      kind,
      person.id,
      created_at,
      expires_at,
      at?.provider ?? null,
      at?.account ?? null,
      at?.tokens ?? null,
      every === undefined ? null : created_at + every,
      every === undefined ? null : created_at + every * RECHECKS_MISSED_MAX,
      authenticated_at ?? null,
    ],
    rows: 1,
  };
}

const replace = (token: string, at: number): Step => ({
  name: 'rotate',
  sql: 'UPDATE sessions SET revoked_at = $2 WHERE token_hash = $1 AND revoked_at IS NULL',
  params: [hashCredential(token), at],
  rows: 'any',
});
