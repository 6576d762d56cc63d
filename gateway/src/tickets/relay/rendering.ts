/**
 * Hands the whole action out to be shown, and keeps that it was: no answer is asked for over what was never handed out whole
 * (A4, I6). Secrets and personal data are blank as for everybody; nothing is revealed here.
 */
import { escapeTerminal, formatLine, type JsonObject, renderJson } from '@countersign/core';
import type { ShownRedaction } from '@countersign/sdk';
import type { TicketSystem } from '../../identity/ticketing.ts';
import { ticketSystemName } from '../../identity/ticketing.ts';
import { stillOpen } from '../../passkeys/challenges.ts';
import { readPayload } from '../../payloads.ts';
import { renderForReview } from '../../requests/views/render.ts';
import type { Step, Store } from '../../store/store.ts';
import { whileInForce } from '../in-force.ts';
import { type TicketOutcome, UNKNOWN } from '../outcome.ts';
import { visibleTo } from '../sees.ts';
import { mayRelay, type RelayDeps, refused } from './may.ts';

export type TicketRendering = {
  readonly id: string;
  readonly action_digest: string;
  /** Of what is to be shown: an answer names it. */
  readonly rendered_digest: string;
  /** The whole action, a line each, made visible: to be drawn in a fixed-width face, as it stands. */
  readonly lines: readonly string[];
  readonly shown_action: JsonObject;
  readonly redactions: readonly ShownRedaction[];
  readonly approvable: { readonly ok: true } | { readonly ok: false; readonly why: string };
  /** The agent's own words, made visible: to be shown apart, as its claim (A1, A3). */
  readonly claim?: string;
};

/** As in the view: what is more is not approvable anywhere. */
const LINES_MAX = 50_000;
const CHARACTERS_MAX = 4_000_000;

/** Kept under what is in force before it is handed out: a key taken out, on whatever gateway, reads nothing more. */
export const rendering = (
  deps: RelayDeps,
  system: TicketSystem,
  request_id: string,
): Promise<TicketOutcome<TicketRendering>> =>
  whileInForce(deps, system, (guard) => renderOnce(deps, system, { request_id, guard }));

type Once = { readonly request_id: string; readonly guard: Step };

async function renderOnce(
  deps: RelayDeps,
  system: TicketSystem,
  { request_id, guard }: Once,
): Promise<TicketOutcome<TicketRendering> | 'again'> {
  const stored = await visibleTo(deps, system, request_id);
  if (stored === undefined) return UNKNOWN;
  const no = mayRelay(deps, system, { stored });
  if (no !== undefined) return no;
  const rendered = await renderForReview(deps, stored, ticketSystemName(system.id));
  if (rendered === undefined) return refused('wrong_state', 'The clear text of this request was erased.');
  const { shown_action, redactions, rendered_digest, approvable } = rendered;
  const { lines } = renderJson(shown_action, {
    redactions: Map.groupBy(redactions, ({ pointer }) => pointer),
    lines_max: LINES_MAX,
    chars_max: CHARACTERS_MAX,
  });
  const { claim_payload_id } = stored;
  const claim = claim_payload_id === null ? undefined : await readPayload(deps.store, claim_payload_id);
  if (!(await keepShown(deps, guard, { system: system.id, request_id, rendered_digest }))) return 'again';
  const { action_digest } = stored.request;
  return {
    kind: 'done',
    result: {
      id: request_id,
      action_digest,
      rendered_digest,
      lines: lines.map(formatLine),
      shown_action,
      redactions,
      approvable,
      ...(claim === undefined ? {} : { claim: escapeTerminal(deps.masking.text(claim.body)) }),
    },
  };
}

type Shown = { readonly system: string; readonly request_id: string; readonly rendered_digest: string };

async function keepShown(
  { store, now }: Pick<RelayDeps, 'store' | 'now'>,
  guard: Step,
  { system, request_id, rendered_digest }: Shown,
): Promise<boolean> {
  const step = {
    name: 'shown',
    sql: 'INSERT INTO ticket_shown (system, request_id, rendered_digest, shown_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    params: [system, request_id, rendered_digest, now()],
    rows: 'any' as const,
  };
  const steps = [guard, stillOpen(request_id), step];
  return (await store.commit({ name: 'ticket-shown', steps, entries: [] })).ok;
}

export async function wasShown(
  store: Store,
  { system, request_id, rendered_digest }: Shown,
): Promise<boolean> {
  const rows = await store.read({
    sql: 'SELECT 1 FROM ticket_shown WHERE system = $1 AND request_id = $2 AND rendered_digest = $3',
    params: [system, request_id, rendered_digest],
  });
  return rows.length > 0;
}
