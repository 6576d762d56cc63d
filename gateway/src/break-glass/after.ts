/**
 * After the glass was broken: whoever was told says that they know, and somebody else judges whether it was right. Open until
 * then, however long it takes. Nobody closes their own, or one over an action they answer for (I4); each is an entry.
 */
import { type Case, type JudgeEligibility, judgeEligibility, NO_JUDGE } from '@countersign/core';
import type { GlassVerdict } from '@countersign/sdk';
import { epochGuard, type Snapshot } from '../authority/authority.ts';
import { payloadId } from '../ids.ts';
import { newSalt, type Payload, sealed, storePayloadOf } from '../payloads.ts';
import { caseOf } from '../requests/case.ts';
import { loadRequest } from '../requests/load.ts';
import type { ChangeOutcome } from '../requests/requests.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import type { Step } from '../store/store.ts';
import type { GlassDeps } from './break.ts';
import { loadGlass, type StoredGlass } from './stored.ts';
import { isTold } from './told.ts';

const ATTEMPTS_MAX = 5;

type Refused = Extract<ChangeOutcome, { readonly kind: 'refused' }>;
const refused = (why: Refused['why'], message: string): Refused => ({ kind: 'refused', why, message });
const UNKNOWN = refused('unknown', 'There is no such broken glass.');

type Found = { readonly glass: StoredGlass; readonly stored: StoredRequest };

async function find({ store }: GlassDeps, id: string): Promise<Found | undefined> {
  const glass = await loadGlass(store, id);
  const stored = glass === undefined ? undefined : await loadRequest(store, glass.request_id);
  return glass === undefined || stored === undefined ? undefined : { glass, stored };
}

export async function acknowledge(deps: GlassDeps, id: string, by: string): Promise<ChangeOutcome> {
  const found = await find(deps, id);
  if (found === undefined) return UNKNOWN;
  const { glass, stored } = found;
  const { directory } = deps.authority.current();
  const person = directory.person(by);
  if (person === undefined || !isTold(person, glass, { principal: stored.request.principal, directory }))
    return refused('not_allowed', 'This is not told to you, so there is nothing for you to acknowledge.');
  const at = deps.now();
  const event = deps.events.glass(stored.about, {
    change: 'acknowledged',
    at,
    glass_id: id,
    request_id: glass.request_id,
    by,
  });
  const outcome = await deps.store.commit({
    name: 'glass-acknowledged',
    steps: [
      {
        name: 'acknowledge',
        sql: 'INSERT INTO glass_acknowledged (glass_id, person, acknowledged_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        params: [id, by, at],
        rows: 1,
      },
    ],
    entries: [event.entry],
  });
  // Done before: it stays as it was, and nothing is recorded twice.
  if (!outcome.ok) return { kind: 'done' };
  event.committed();
  deps.notices.notify({ id, request_id: glass.request_id, what: 'acknowledged', by, at });
  return { kind: 'done' };
}

export type Closing = { readonly by: string; readonly verdict: GlassVerdict; readonly note: string };

export async function close(deps: GlassDeps, id: string, closing: Closing): Promise<ChangeOutcome> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const outcome = await closeOnce(deps, id, closing);
    if (outcome !== 'again') return outcome;
    await deps.authority.catchUp();
  }
  return refused('wrong_state', 'It kept changing meanwhile; look again, then close it.');
}

async function closeOnce(deps: GlassDeps, id: string, closing: Closing): Promise<ChangeOutcome | 'again'> {
  const found = await find(deps, id);
  if (found === undefined) return UNKNOWN;
  const { glass, stored } = found;
  const authority = deps.authority.current();
  const may = mayClose(closing.by, glass, { stored, authority, now: deps.now() });
  if (!may.eligible) return refused('not_allowed', `You may not close this: ${NO_JUDGE[may.why]}.`);
  if (glass.review.status === 'closed')
    return refused('wrong_state', `It was closed already, by ${glass.review.by}. Nothing was changed.`);
  return commitClosing(deps, found, { ...closing, epoch: authority.epoch });
}

type Under = { readonly stored: StoredRequest; readonly authority: Snapshot; readonly now: number };

/** Of the request as it was asked: who answered for it then, or does by now. */
export function mayClose(
  by: string,
  { terms, person: broken_by }: Pick<StoredGlass, 'terms' | 'person'>,
  { stored, authority, now }: Under,
): JudgeEligibility {
  const theCase: Case = caseOf(stored, authority, { now, reviews: [] });
  const person = authority.directory.person(by);
  return person === undefined
    ? { eligible: false, why: 'inactive' }
    : judgeEligibility(person, { theCase, terms, broken_by });
}

async function commitClosing(
  deps: GlassDeps,
  { glass, stored }: Found,
  { by, verdict, note, epoch }: Closing & { readonly epoch: number },
): Promise<ChangeOutcome | 'again'> {
  const { id, request_id } = glass;
  const at = deps.now();
  const payload: Payload = { id: payloadId(at), kind: 'reason', salt: newSalt(), body: note };
  const closed = {
    change: 'closed',
    verdict,
    note: sealed(payload),
    at,
    glass_id: id,
    request_id,
    by,
  } as const;
  const event = deps.events.glass(stored.about, closed);
  const outcome = await deps.store.commit({
    name: 'glass-closed',
    steps: [
      epochGuard(epoch),
      ...overGuards(request_id),
      {
        name: 'close',
        sql: "UPDATE broken_glass SET status = 'closed', closed_by = $2, closed_at = $3, verdict = $4, note_payload_id = $5 WHERE id = $1 AND status = 'open'",
        params: [id, by, at, verdict, payload.id],
        rows: 1,
      },
      storePayloadOf(request_id, payload, at),
    ],
    entries: [event.entry],
  });
  if (!outcome.ok) return NOT_OVER[outcome.guard] ?? 'again';
  event.committed();
  deps.notices.notify({ id, request_id, what: 'closed', by, at });
  return { kind: 'done' };
}

/** What it led to is part of what is judged. */
const NOT_OVER: { readonly [guard: string]: Refused } = {
  'none-usable': refused(
    'wrong_state',
    'It can still be run: close it when it has run, was revoked or has expired.',
  ),
  'none-running': refused('wrong_state', 'It is running: close it when the run has ended.'),
};

const overGuards = (request_id: string): readonly Step[] => [
  {
    name: 'none-usable',
    sql: "SELECT 1 FROM approvals WHERE request_id = $1 AND status = 'active'",
    params: [request_id],
    rows: 0,
  },
  {
    name: 'none-running',
    sql: "SELECT 1 FROM executions WHERE request_id = $1 AND status = 'started'",
    params: [request_id],
    rows: 0,
  },
];
