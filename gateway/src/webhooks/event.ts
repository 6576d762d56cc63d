/**
 * What a webhook is told of an entry of the log, as a CloudEvents 1.0 event in JSON. Pure. Its id is the entry's own, so
 * that a receiver can ask for the entry's proof. Names, states and times only: never arguments, reasons or results (I7).
 */
import { isJsonObject, type Json, type JsonObject, REQUEST_STATUSES } from '@countersign/core';
import type { EventType } from '../channels/webhook/config.ts';

/** An entry as the store has it, with its signed predicate. */
export type Told = {
  readonly leaf_index: number;
  readonly event_id: string;
  readonly kind: string;
  readonly occurred_at: number;
  readonly request_id: string | undefined;
  readonly execution_id: string | undefined;
  readonly agent: string | undefined;
  readonly reviewer: string | undefined;
  readonly upstream: string | undefined;
  readonly action: string | undefined;
  readonly resource: string | undefined;
  readonly predicate: JsonObject;
};

/** Kinds of entries that may be told. */
export const TELLING = [
  'access-request',
  'review',
  'resolution',
  'execution',
  'break-glass',
  'evaluation',
  'policy-change',
  'config-change',
  'tool-change',
  'reviewer-key',
  'system',
] as const;

const text = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

const GLASS: { readonly [change: string]: EventType | undefined } = {
  broken: 'countersign.glass.broken',
  refused: 'countersign.glass.refused',
  acknowledged: 'countersign.glass.acknowledged',
  closed: 'countersign.glass.closed',
};

const OF: { readonly [kind: string]: (predicate: JsonObject) => EventType | undefined } = {
  'access-request': () => 'countersign.request.opened',
  review: () => 'countersign.request.reviewed',
  resolution: ({ status }) =>
    REQUEST_STATUSES.some((known) => known === status)
      ? 'countersign.request.resolved'
      : 'countersign.approval.ended',
  execution: ({ phase, status }) => {
    if (phase !== 'result') return 'countersign.execution.started';
    return status === 'unknown' ? 'countersign.execution.unknown' : 'countersign.execution.ended';
  },
  'break-glass': ({ change }) => GLASS[text(change) ?? ''],
  // What is held is told by the request it opens.
  evaluation: ({ outcome }) => (outcome === 'held' ? undefined : 'countersign.action.refused'),
};

/**
 * What a ticket system said, and what it tried in vain: no authority changed by it, and nobody answered. A ticket system told
 * of its own doings would answer to them.
 */
const NOT_TOLD: ReadonlySet<Json | undefined> = new Set([
  'ticket comment',
  'ticket refusal too late',
  'relayed answer refused',
]);

export function typeOf({ kind, predicate }: Pick<Told, 'kind' | 'predicate'>): EventType | undefined {
  const of = Object.hasOwn(OF, kind) ? OF[kind] : undefined;
  if (of !== undefined) return of(predicate);
  if (NOT_TOLD.has(predicate['change'])) return undefined;
  return TELLING.some((known) => known === kind) ? 'countersign.authority.changed' : undefined;
}

/** What it is about: a request, or a run without a request, or a thing of ours that changed. */
export const subjectOf = ({ request_id, execution_id, kind }: Told): string =>
  request_id ?? execution_id ?? kind;

/**
 * What is told in order, each when the one before it was taken or is dead. What an agent or an upstream worded stands alone:
 * one refusal or one tool that a receiver’s filter takes for an attack must not hold up what comes after it (A19).
 */
export const lineOf = (told: Told): string =>
  told.kind === 'evaluation' || told.kind === 'tool-change'
    ? (told.request_id ?? told.execution_id ?? told.event_id)
    : subjectOf(told);

/** Members of a predicate that are names, states and times. Commitments, proofs and facts stay in the log. */
const TOLD = [
  'status',
  'risk',
  'expires_at',
  'decision',
  'proof',
  'channel',
  'counted',
  'refused',
  'by',
  'outcome',
  'cause',
  'enforced_by',
  'approval_id',
  'grant_id',
  'broken_glass',
  'glass_id',
  'change',
  'verdict',
  'epoch',
] as const;

type Around = {
  readonly public_url: string;
  readonly type: string;
  /** What people read of the action, where the place is to have it; secrets and personal data are blanked. */
  readonly sentence?: string | undefined;
};

export function eventOf(told: Told, { public_url, type, sentence }: Around): string {
  const { predicate, request_id, execution_id, agent, reviewer, upstream, action, resource } = told;
  const what = isJsonObject(predicate['what']) ? predicate['what'] : {};
  const said = TOLD.flatMap((name) => {
    const value = predicate[name];
    return value === undefined || typeof value === 'object' ? [] : [[name, value] as const];
  });
  const names = {
    request_id,
    execution_id,
    agent,
    reviewer,
    upstream,
    env: text(what['env']),
    action,
    resource,
  };
  return JSON.stringify({
    specversion: '1.0',
    id: told.event_id,
    source: `${public_url}/log`,
    type,
    subject: subjectOf(told),
    time: new Date(told.occurred_at).toISOString(),
    datacontenttype: 'application/json',
    data: {
      leaf_index: told.leaf_index,
      ...names, // what is undefined is not written
      ...Object.fromEntries(said),
      sentence: sentence ?? plainly(action, resource, upstream),
      ...(request_id === undefined
        ? {}
        : { link: `${public_url}/requests/${encodeURIComponent(request_id)}` }),
    },
  });
}

const plainly = (...[action, resource, upstream]: (string | undefined)[]): string | undefined =>
  action === undefined ? undefined : `${action} ${resource ?? ''} on ${upstream ?? ''}`;
