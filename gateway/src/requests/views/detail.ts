/** A request in full, as one person sees it: what would happen, why it was held, what has happened since. */
import {
  type Case,
  type Eligibility,
  type Explanation,
  eligibility,
  entitlement,
  glassEligibility,
  type Json,
  type JsonObject,
  type NoGlass,
  type Person,
  type RuleHit,
} from '@countersign/core';
import type { RequestDetail, ShownReview, TicketNote } from '@countersign/sdk';
import { readApproval } from '../../approvals/list.ts';
import type { Deps } from '../../deps.ts';
import { readGrant } from '../../grants/grants.ts';
import { ticketSystemOf } from '../../identity/ticketing.ts';
import { readPayload, readPayloadOf } from '../../payloads.ts';
import type { Row } from '../../store/store.ts';
import { actsOf, type ToldSaid } from '../../tickets/acts.ts';
import { loadCase } from '../case.ts';
import { withValues } from '../clear-text/values.ts';
import { proofNeeded } from '../signing/stage.ts';
import { ableTo } from './able.ts';
import { executionsOf } from './executions.ts';
import { type Rendered, renderForReview } from './render.ts';
import type { StoredRequest } from './row.ts';
import { namesOf, orderOf } from './sentence.ts';
import { summaryOf } from './summary.ts';

const ERASED: Rendered = {
  shown_action: {},
  redactions: [],
  findings_total: 0,
  rendered_digest: '',
  approvable: { ok: false, why: 'The action of this request has been erased.' },
  revealed: false,
};

export async function detailOf(deps: Deps, stored: StoredRequest, viewer: string): Promise<RequestDetail> {
  const { request } = stored;
  const theCase = await loadCase(deps, stored, { authority: deps.authority.current() });
  const acts = await actsOf(deps.store, request.id);
  const [summary, rendered, reviews, executions, timeline, approval, grant, claim, values, erased] =
    await Promise.all([
      summaryOf(deps, stored),
      renderForReview(deps, stored, viewer),
      reviewsOf(deps, stored, theCase),
      executionsOf(deps.store, stored),
      timelineOf(deps, stored, acts),
      readApproval(deps.store, request.id),
      readGrant(deps.store, request.id),
      claimOf(deps, stored),
      readPayloadOf(deps.store, request.id, 'values'),
      erasureOf(deps, stored),
    ]);
  return {
    ...summary,
    ...(rendered ?? ERASED),
    ...orderIn(deps, stored, rendered),
    principal: request.principal,
    action_digest: request.action_digest,
    requirement: request.requirement,
    explanation: maskExplanation(deps, withValues(stored.explanation, values)),
    ...(claim === undefined ? {} : { claim }),
    ...notesOf(deps, acts),
    ...refusedBy(stored),
    reviews,
    ...eligibilityOf(viewer, theCase),
    ...offerOf(viewer, theCase, { deps, stored }),
    ...(request.status === 'pending' ? { may_answer: ableTo(theCase) } : {}),
    ...(approval === undefined ? {} : { approval }),
    ...(grant === undefined ? {} : { grant }),
    executions,
    timeline,
    ...(erased === undefined ? {} : { erased }),
  };
}

/** Of what is shown, so that no name of a schema is told of an action that does not have it. */
function orderIn(
  { authority }: Deps,
  { request }: StoredRequest,
  rendered: Rendered | undefined,
): Pick<RequestDetail, 'argument_order'> {
  if (rendered === undefined) return {};
  const { shown_action } = rendered;
  const order = orderOf(authority.current().pins, request.upstream, shown_action);
  const named = new Set(order);
  const there = namesOf(shown_action, order).filter((name) => named.has(name));
  return there.length === 0 ? {} : { argument_order: there };
}

function eligibilityOf(viewer: string, theCase: Case): Pick<RequestDetail, 'eligibility' | 'proof_needed'> {
  const person = theCase.directory.person(viewer);
  if (person === undefined) return { eligibility: { eligible: false, why: 'inactive' } };
  const may = eligibility(person, theCase);
  return may.eligible
    ? { eligibility: may, proof_needed: proofNeeded(person, theCase) }
    : { eligibility: may };
}

type Looking = { readonly deps: Deps; readonly stored: StoredRequest };

/** May its glass be broken, and by whoever looks. A key of theirs is asked for too: without one they need not begin. */
function offerOf(
  viewer: string,
  theCase: Case,
  { deps, stored }: Looking,
): Pick<RequestDetail, 'break_glass'> {
  if (stored.request.status !== 'pending') return {};
  const offered = theCase.requirement.break_glass !== undefined;
  const why_not = whyNotBreak(viewer, theCase, deps);
  return {
    break_glass: { offered, eligible: why_not === undefined, ...(why_not === undefined ? {} : { why_not }) },
  };
}

function whyNotBreak(viewer: string, theCase: Case, { authority }: Deps): NoGlass | undefined {
  const person = theCase.directory.person(viewer);
  if (person === undefined) return 'inactive';
  const may = glassEligibility(person, theCase);
  if (!may.eligible) return may.why;
  for (const key of authority.current().passkeys.values()) if (key.person === viewer) return undefined;
  return 'no_passkey';
}

/** The values a rule looked at come from the action: masked like the action. */
function maskExplanation(deps: Deps, explanation: Explanation): Explanation {
  const masked = (hit: RuleHit): RuleHit => ({
    ...hit,
    values: deps.masking.mask(hit.values as Json, []).value as JsonObject,
  });
  return {
    policy: explanation.policy,
    deciding: explanation.deciding.map(masked),
    outranked: explanation.outranked.map(masked),
    would_have: explanation.would_have.map(masked),
  };
}

async function erasureOf(
  deps: Deps,
  { request, erased }: StoredRequest,
): Promise<RequestDetail['erased'] | undefined> {
  if (erased === undefined) return undefined;
  const reason = await readPayloadOf(deps.store, request.id, 'erasure');
  const { at, by } = erased;
  return { at, by, ...(reason === undefined ? {} : { reason: deps.masking.text(reason) }) };
}

async function claimOf(deps: Deps, { claim_payload_id }: StoredRequest): Promise<string | undefined> {
  const payload = claim_payload_id === null ? undefined : await readPayload(deps.store, claim_payload_id);
  return payload === undefined ? undefined : deps.masking.text(payload.body);
}

async function reviewsOf(deps: Deps, stored: StoredRequest, theCase: Case): Promise<readonly ShownReview[]> {
  const rows = await deps.store.read({
    sql: `SELECT v.reviewer AS reviewer, v.decision AS decision, v.proof AS proof, v.channel AS channel, v.reviewed_at AS reviewed_at, p.body AS reason
            FROM reviews v LEFT JOIN payloads p ON p.id = v.reason_payload_id AND p.erased_at IS NULL
           WHERE v.request_id = $1 ORDER BY v.reviewed_at, v.id`,
    params: [stored.request.id],
  });
  return rows.map((row) => {
    const person = theCase.directory.person(String(row['reviewer']));
    const may = person === undefined ? undefined : standingOf(person, theCase);
    return {
      reviewer: String(row['reviewer']),
      name: person?.name ?? String(row['reviewer']),
      decision: row['decision'] === 'approved' ? 'approved' : 'denied',
      ...(row['reason'] === null ? {} : { reason: deps.masking.text(String(row['reason'])) }),
      reviewed_at: Number(row['reviewed_at']),
      ...(row['proof'] === 'passkey' ? { signed: true } : {}),
      ...relayedOf(row),
      counts: may?.eligible === true,
      ...(may?.eligible === true ? {} : { why_not: may?.why ?? 'inactive' }),
      ...(may?.eligible === true && may.for !== undefined ? { for: may.for } : {}),
    };
  });
}

/** By whose hands it came, when not by the person's own. */
function relayedOf({ channel, proof }: Row): Pick<ShownReview, 'relayed'> {
  const by = ticketSystemOf(String(channel));
  return by === undefined ? {} : { relayed: { by, proof: proof === 'passkey' ? 'passkey' : 'oidc' } };
}

/** Stands whatever was erased. */
function refusedBy({ request, resolution }: StoredRequest): Pick<RequestDetail, 'refused_by'> {
  const by = request.status === 'denied' ? ticketSystemOf(resolution?.by ?? '') : undefined;
  return by === undefined ? {} : { refused_by: by };
}

/** What ticket systems said, blanked as what an agent says is; undefined of those erased. */
function notesOf(deps: Deps, acts: readonly ToldSaid[]): Pick<RequestDetail, 'ticket_notes'> {
  const notes = acts.flatMap(({ system, kind, at, said }): readonly TicketNote[] => {
    if (said === undefined || (kind !== 'comment' && kind !== 'denial')) return [];
    const { author, text, ticket } = said;
    return [
      {
        system,
        kind: kind === 'denial' ? 'refusal' : 'comment',
        at,
        author: deps.masking.text(author),
        text: deps.masking.text(text),
        ...(ticket === undefined ? {} : { ticket: blankTicket(deps, ticket) }),
      },
    ];
  });
  return notes.length === 0 ? {} : { ticket_notes: notes };
}

/** A link that carries what is hidden leads nowhere without it. */
function blankTicket(
  { masking }: Pick<Deps, 'masking'>,
  { key, url }: NonNullable<TicketNote['ticket']>,
): NonNullable<TicketNote['ticket']> {
  const link = url !== undefined && masking.text(url) === url ? { url } : {};
  return { key: masking.text(key), ...link };
}

/** Of an answer already given: whether it counts, and if not, why. */
function standingOf(person: Person, theCase: Case): Eligibility {
  const lost = theCase.reviews.find(({ reviewer }) => reviewer === person.id)?.void;
  return lost === undefined ? entitlement(person, theCase) : { eligible: false, why: lost };
}

async function timelineOf(
  deps: Deps,
  { request, erased }: StoredRequest,
  acts: readonly ToldSaid[],
): Promise<RequestDetail['timeline']> {
  const ticketed = new Map(acts.map((act) => [act.event_id, TICKETED[act.kind]?.(act.system)]));
  const rows = await deps.store.read({
    sql: `SELECT e.leaf_index AS leaf_index, e.event_id AS event_id, e.kind AS kind, e.occurred_at AS occurred_at, e.reviewer AS reviewer, p.status AS preview
            FROM entries e LEFT JOIN previews p ON p.request_id = e.request_id AND p.ended_event = e.event_id
           WHERE e.request_id = $1 ORDER BY e.leaf_index LIMIT 1000`,
    params: [request.id],
  });
  return rows.map((row) => ({
    at: Number(row['occurred_at']),
    event_id: String(row['event_id']),
    kind: String(row['kind']),
    leaf_index: Number(row['leaf_index']),
    summary: ticketed.get(String(row['event_id'])) ?? entrySummary(row, erased?.event_id),
  }));
}

const WORDS: Readonly<Record<string, string>> = {
  evaluation: 'policy held the action',
  'access-request': 'access request opened',
  review: 'answered',
  resolution: 'request resolved',
  execution: 'execution',
  redaction: 'hidden text revealed',
  'break-glass': 'break-glass',
};

/** What ticket systems did: named as what they are, never as people. */
const TICKETED: { readonly [kind: string]: ((system: string) => string) | undefined } = {
  comment: (system) => `comment by the ticket system ${system}`,
  denial: (system) => `request refused by the ticket system ${system}`,
  late: (system) => `refused too late by the ticket system ${system}: nothing changed`,
  relay: (system) => `an answer handed over by the ticket system ${system} was not taken: nothing changed`,
};

/** By how a preview ended; its beginning has no end. */
const PREVIEW_WORDS: Readonly<Record<string, string>> = {
  null: 'a look at what it would change was begun',
  shown: 'what it would change was looked at',
  failed: 'what it would change could not be looked at',
  unknown: 'a look at what it would change was cut short',
};

const entrySummary = (row: Row, erasure: string | undefined): string => {
  const kind = String(row['kind']);
  // Two things are a redaction: hidden text shown to somebody, and text taken away for good.
  const words =
    row['event_id'] === erasure
      ? 'clear text erased'
      : kind === 'system'
        ? (PREVIEW_WORDS[String(row['preview'])] ?? kind)
        : (WORDS[kind] ?? kind);
  return row['reviewer'] === null ? words : `${words} by ${String(row['reviewer'])}`;
};
