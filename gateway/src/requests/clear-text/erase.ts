/**
 * Takes the clear text of one request away for good: the action, what rules read of it, the agent's claim, people's
 * reasons, the answers of its runs. Only an operator, only when the request is over and nothing of it can run any more; and
 * nobody what they asked for or answered themselves, while another operator could: it is the evidence of what they did.
 * One transaction with the entry that says so; who decided what about which digest stays, and so does the tree (I10).
 */
import {
  canonicalize,
  type Directory,
  type Json,
  namedBy,
  type Person,
  responsibleFor,
} from '@countersign/core';
import { epochGuard } from '../../authority/authority.ts';
import { forgetShown } from '../../cards/forget.ts';
import type { Deps } from '../../deps.ts';
import { forgetCall } from '../../history/index/forget.ts';
import { callerName } from '../../identity/caller.ts';
import { payloadId } from '../../ids.ts';
import { erasePayloads, newSalt, type Payload, sealed, storePayloadOf } from '../../payloads.ts';
import type { Step } from '../../store/store.ts';
import { forgetTickets } from '../../tickets/acts.ts';
import { forgetCallback } from '../../webhooks/callbacks.ts';
import { loadRequest } from '../load.ts';
import type { EraseOutcome } from '../requests.ts';
import type { Erased, StoredRequest } from '../views/row.ts';
import { withoutValues } from './values.ts';

const ATTEMPTS_MAX = 5;

export type Erasing = { readonly by: string; readonly reason: string };
/** `part`: what whoever erases had to do with it, where there is no other operator; it is on the record. */
type Allowed = Erasing & { readonly epoch: number; readonly part: Part | undefined };
type Refused = Extract<EraseOutcome, { kind: 'refused' }>;

export async function erase(deps: Deps, request_id: string, erasing: Erasing): Promise<EraseOutcome> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const outcome = await once(deps, request_id, erasing);
    if (outcome !== 'again') return outcome;
    await deps.authority.catchUp();
  }
  return no('wrong_state', 'The request kept changing meanwhile; look again, then erase it.');
}

const no = (why: Refused['why'], message: string): Refused => ({ kind: 'refused', why, message });

async function once(deps: Deps, request_id: string, erasing: Erasing): Promise<EraseOutcome | 'again'> {
  const { directory, epoch } = deps.authority.current();
  const person = directory.person(erasing.by);
  if (!mayErase(person)) return no('not_allowed', 'Only an operator erases the clear text of a request.');
  const stored = await loadRequest(deps.store, request_id);
  if (stored === undefined) return no('unknown', 'There is no such request.');
  if (stored.erased !== undefined) return { kind: 'erased', already: true, ...stored.erased };
  const parts = await partsIn(deps, stored, directory);
  const part = parts.get(person.id);
  const others = [...directory.people()].filter((each) => mayErase(each) && !parts.has(each.id));
  if (part !== undefined && others.length > 0)
    return no(
      'not_allowed',
      `${PARTS[part]}, and what it says is the evidence of that; another operator erases it: ${namesOf(others)}.`,
    );
  return commitErasure(deps, stored, { ...erasing, epoch, part });
}

const mayErase = (person: Person | undefined): person is Person =>
  person?.active === true && person.roles.includes('operator');

const NAMES_SHOWN = 3;
const namesOf = (people: readonly Person[]): string =>
  people
    .slice(0, NAMES_SHOWN)
    .map(({ id }) => id)
    .join(', ') + (people.length > NAMES_SHOWN ? ', …' : '');

/** What somebody had to do with a request, and how they are told. */
const PARTS = {
  subject: 'It was asked for in your name',
  owner: 'You own the agent that asked',
  act_chain: 'You, or an agent you own, passed it on',
  reviewer: 'You answered it',
  breaker: 'You broke its glass',
  judge: 'You judged whether its glass was rightly broken',
} as const;
type Part = keyof typeof PARTS;

async function partsIn(
  { store }: Deps,
  { request }: StoredRequest,
  directory: Directory,
): Promise<ReadonlyMap<string, Part>> {
  const rows = await store.read({
    sql: `SELECT reviewer AS person, 'reviewer' AS part FROM reviews WHERE request_id = $1
          UNION ALL SELECT person, 'breaker' FROM broken_glass WHERE request_id = $1
          UNION ALL SELECT closed_by, 'judge' FROM broken_glass WHERE request_id = $1 AND closed_by IS NOT NULL`,
    params: [request.id],
  });
  // Under whatever name they did it: an account found to be theirs since, or taken from them, frees nobody (A13).
  const reviewers = rows.flatMap((row): [string, Part][] =>
    namedBy(String(row['person']), directory, request.opened_at).map((id) => [id, row['part'] as Part]),
  );
  return new Map<string, Part>([
    ...reviewers,
    ...responsibleFor(request.principal, directory, request.opened_at),
  ]);
}

/** How many payloads of each kind go. */
type Counts = { readonly [kind: string]: number };

async function payloadsOf({ store }: Deps, request_id: string): Promise<Counts> {
  const rows = await store.read({
    sql: 'SELECT kind, COUNT(*) AS n FROM payloads WHERE request_id = $1 AND erased_at IS NULL GROUP BY kind ORDER BY kind',
    params: [request_id],
  });
  return Object.fromEntries(rows.map((row) => [String(row['kind']), Number(row['n'])]));
}

async function commitErasure(
  deps: Deps,
  stored: StoredRequest,
  { by, reason, epoch, part }: Allowed,
): Promise<EraseOutcome | 'again'> {
  const now = deps.now();
  const counts = await payloadsOf(deps, stored.request.id);
  const why: Payload = { id: payloadId(now), kind: 'erasure', salt: newSalt(), body: reason };
  const event = erasureEvent(deps, stored, { by, at: now, counts, why, part });
  const erased: Erased = { at: now, by, event_id: event.entry.event_id };
  const outcome = await deps.store.commit({
    name: 'erase',
    erases: true,
    steps: [
      epochGuard(epoch),
      ...guards(stored.request.id, now),
      markErased(stored, erased),
      erasePayloads(stored.request.id, {
        rows: Object.values(counts).reduce((sum, count) => sum + count, 0),
        now,
      }),
      ...forget(stored),
      ...forgetCall(stored.request.id, calledAs(stored)),
      forgetCallback(stored.request.id),
      ...forgetShown(stored.request.id, now),
      ...forgetTickets(stored.request.id),
      // After the others are gone: this one stays, or nobody could ever say why they are.
      storePayloadOf(stored.request.id, why, now),
    ],
    entries: [event.entry],
  });
  if (!outcome.ok) {
    const needed = NEEDED[outcome.guard];
    return needed === undefined ? 'again' : no('wrong_state', needed);
  }
  event.committed();
  deps.bus.publish({ request_id: stored.request.id, status: stored.request.status, at: now });
  return { kind: 'erased', already: false, ...erased };
}

/** Why its text is still needed, by the guard that says so; in the order they are asked. */
const NEEDED: { readonly [guard: string]: string } = {
  over: 'The request is still pending: answer or cancel it first, then erase it.',
  'none-running': 'The action is running: erase the request when the run has ended.',
  'none-usable': 'Its approval can still be used: revoke it or let it expire, then erase the request.',
  'none-granted':
    'What it granted can still be used: revoke the grant or let it expire, then erase the request.',
  'glass-judged':
    'Its glass was broken, and nobody has judged that yet: what it says is needed for it. Close it first (countersign break-glass), then erase the request.',
  'none-undelivered':
    'The agent has not got the answer of the run, and would ask people to let it run again: erase the request when the approval’s time is over.',
};

const guards = (request_id: string, now: number): readonly Step[] => [
  {
    name: 'over',
    sql: "SELECT 1 FROM requests WHERE id = $1 AND status <> 'pending'",
    params: [request_id],
    rows: 1,
  },
  {
    name: 'none-running',
    sql: "SELECT 1 FROM executions WHERE request_id = $1 AND status = 'started'",
    params: [request_id],
    rows: 0,
  },
  {
    name: 'none-usable',
    sql: "SELECT 1 FROM approvals WHERE request_id = $1 AND status = 'active'",
    params: [request_id],
    rows: 0,
  },
  {
    name: 'none-granted',
    sql: "SELECT 1 FROM grants WHERE request_id = $1 AND status = 'active'",
    params: [request_id],
    rows: 0,
  },
  {
    name: 'glass-judged',
    sql: "SELECT 1 FROM broken_glass WHERE request_id = $1 AND status = 'open'",
    params: [request_id],
    rows: 0,
  },
  {
    name: 'none-undelivered',
    sql: `SELECT 1 FROM executions WHERE request_id = $1 AND status IN ('succeeded', 'failed')
             AND result_payload_id IS NOT NULL AND delivered_at IS NULL AND valid_until > $2`,
    params: [request_id, now],
    rows: 0,
  },
];

/** The matching key goes too: with the installation's key it could be tried against guesses of the action. */
const markErased = ({ request, explanation }: StoredRequest, { at, by, event_id }: Erased): Step => ({
  name: 'erase',
  sql: "UPDATE requests SET erased_at = $2, erased_by = $3, erased_event = $4, explanation = $5, match_key = '' WHERE id = $1 AND erased_at IS NULL",
  params: [request.id, at, by, event_id, canonicalize(withoutValues(explanation) as unknown as Json)],
  rows: 1,
});

/**
 * Elsewhere: the other rows that carry the matching key, and the answers kept for retries of the agent and of everybody
 * who acted on the request. Such a retry is answered anew: each of these changes happens once whatever is kept.
 */
const forget = ({ request }: StoredRequest): readonly Step[] => [
  {
    name: 'forget-approvals',
    sql: "UPDATE approvals SET match_key = '' WHERE request_id = $1",
    params: [request.id],
    rows: 'any',
  },
  {
    name: 'forget-grants',
    sql: "UPDATE grants SET class_key = '' WHERE request_id = $1",
    params: [request.id],
    rows: 'any',
  },
  {
    name: 'forget-executions',
    sql: 'UPDATE executions SET match_key = NULL WHERE request_id = $1',
    params: [request.id],
    rows: 'any',
  },
  {
    // What opens the commitments of a document that a key was asked to sign and never did.
    name: 'forget-challenges',
    sql: 'DELETE FROM passkey_challenges WHERE request_id = $1',
    params: [request.id],
    rows: 'any',
  },
  {
    name: 'forget-answers',
    sql: `DELETE FROM idempotency WHERE status IS NOT NULL AND (principal = $2 OR principal IN
            (SELECT 'person:' || reviewer FROM entries WHERE request_id = $1 AND reviewer IS NOT NULL))`,
    params: [request.id, `agent:${callerName(request.principal)}`],
    rows: 'any',
  },
];

/** As the history knows it. */
const calledAs = ({ request: { principal }, about }: StoredRequest) => ({
  agent: principal.agent,
  subject: principal.subject.id,
  owner: principal.owner,
  team: principal.team,
  upstream: about.upstream,
  env: about.env,
  action: about.action,
  resource: about.resource,
});

type Entry = {
  readonly by: string;
  readonly at: number;
  readonly counts: Counts;
  readonly why: Payload;
  readonly part: Part | undefined;
};

const erasureEvent = (deps: Deps, { request, about }: StoredRequest, { by, at, counts, why, part }: Entry) =>
  deps.events.recorded(
    {
      kind: 'redaction',
      occurred_at: at,
      task_id: request.id,
      evaluation_id: about.evaluation_id,
      action_digest: about.action_digest,
      predicate: { erased: counts, by, reason: sealed(why), ...(part === undefined ? {} : { own: part }) },
      terms: {
        request_id: request.id,
        reviewer: by,
        agent: request.principal.agent,
        upstream: about.upstream,
        action: about.action,
        resource: about.resource,
      },
    },
    'clear text of a request erased',
  );
