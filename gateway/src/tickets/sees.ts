/** What a ticket system may know of a request: that it is there, in one sentence, and how it stands. Blanked as a card is (I7). */
import { type Quorum, type RequestStatus, type Risk, visible } from '@countersign/core';
import type { TicketPower } from '../config/ticketing/ticketing.ts';
import type { Deps } from '../deps.ts';
import type { TicketSystem } from '../identity/ticketing.ts';
import { loadRequest } from '../requests/load.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import { summaryOf } from '../requests/views/summary.ts';
import { CHANGED, isInForce } from './in-force.ts';
import { type TicketOutcome, UNKNOWN } from './outcome.ts';

export type TicketRequest = {
  readonly id: string;
  readonly status: RequestStatus;
  readonly agent: string;
  readonly upstream: string;
  readonly env: string;
  readonly action: string;
  readonly resource: string;
  readonly risk: Risk;
  readonly sentence: string;
  readonly opened_at: number;
  readonly expires_at: number;
  readonly resolved_at?: number;
  readonly quorum: Quorum;
  /** Where people read and answer it; opening it changes nothing (A16). */
  readonly link: string;
  /** What this system may do with it now. */
  readonly may: readonly TicketPower[];
};

/** Of a request it does not see it learns as much as of one that never was. */
export async function visibleTo(
  { store }: Pick<Deps, 'store'>,
  system: TicketSystem,
  request_id: string,
): Promise<StoredRequest | undefined> {
  const stored = await loadRequest(store, request_id);
  return stored !== undefined && system.sees(stored.about) ? stored : undefined;
}

/** It is only read: nothing is committed that a guard could stop, so what is in force is looked up before (I8). */
export async function show(
  deps: Deps,
  { system, request_id }: { readonly system: TicketSystem; readonly request_id: string },
): Promise<TicketOutcome<TicketRequest>> {
  await deps.authority.catchUp();
  if (!isInForce(deps, system)) return CHANGED;
  const stored = await visibleTo(deps, system, request_id);
  return stored === undefined ? UNKNOWN : { kind: 'done', result: await whatItSees(deps, system, stored) };
}

async function whatItSees(deps: Deps, system: TicketSystem, stored: StoredRequest): Promise<TicketRequest> {
  const { id, status, agent, upstream, env, action, resource, risk, sentence, ...rest } = await summaryOf(
    deps,
    stored,
  );
  const { opened_at, expires_at, resolved_at, quorum } = rest;
  const open = status === 'pending' && deps.now() < expires_at;
  return {
    id,
    status,
    agent,
    upstream,
    env,
    action,
    resource: visible(deps.masking.text(resource)).text,
    risk,
    sentence,
    opened_at,
    expires_at,
    ...(resolved_at === undefined ? {} : { resolved_at }),
    quorum,
    link: `${deps.public_url}/requests/${encodeURIComponent(id)}`,
    may: system.config.may.filter((power) => power === 'comment' || open),
  };
}
