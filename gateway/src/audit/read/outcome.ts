import type { JsonObject } from '@countersign/core';

/** A read of the gateway's own, by how it ended; its beginning says no status. */
const PREVIEW: { readonly [status: string]: string } = {
  started: 'preview begun',
  shown: 'previewed',
  failed: 'preview failed',
  unknown: 'preview unknown',
};

/** What ticket systems did. */
const TICKETING: { readonly [change: string]: string } = {
  'ticket comment': 'commented',
  'ticket refusal too late': 'too late',
  'relayed answer refused': 'not taken',
  'ticketing over its limit': 'over its limit',
};

/** Of all that happens to the gateway itself, people look for these. */
const SIGN_IN: { readonly [change: string]: string } = {
  'signed in': 'signed in',
  'signed out': 'signed out',
  'session ended': 'ended',
  'session expired': 'expired',
  'sign-in refused': 'refused',
};

const DONE: { readonly [kind: string]: (predicate: JsonObject) => unknown } = {
  evaluation: ({ outcome }) => (outcome === 'held' || outcome === 'approval_required' ? outcome : 'denied'),
  'access-request': ({ status }) => status,
  review: ({ decision, counted }) => (counted === false ? 'not counted' : decision),
  resolution: ({ status }) => status,
  execution: ({ phase, status, approval_id }) =>
    phase === 'started' ? (approval_id === undefined ? 'allowed' : 'started') : status,
  'break-glass': ({ change, verdict }) => (change === 'closed' ? verdict : change),
  system: ({ change, status }) =>
    change === 'preview'
      ? PREVIEW[String(status ?? 'started')]
      : (TICKETING[String(change)] ?? SIGN_IN[String(change)]),
  redaction: ({ erased }) => (erased === undefined ? 'revealed' : 'erased'),
};

/** What an entry says came of it, in one word; read from the signed statement itself, so a list cannot say otherwise (I10). */
export function outcomeOf(kind: string, predicate: JsonObject): string | undefined {
  const word = Object.hasOwn(DONE, kind) ? DONE[kind]?.(predicate) : undefined;
  return typeof word === 'string' ? word : undefined;
}
