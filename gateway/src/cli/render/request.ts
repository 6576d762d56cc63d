/**
 * An access request as a person reads it on a terminal, whole: who, for whom, where, why it waits, and everything that
 * would run. Pure. Our own words stand at the left edge; every word from outside stands behind a gutter or inside
 * quotes, made visible, so that none can look like ours (A1–A3).
 */
import { actChain } from '@countersign/core';
import type { RequestDetail } from '@countersign/sdk';
import { contained, painter } from '../output.ts';
import { actionRows } from './action.ts';
import { claimRows, noteRows } from './claim.ts';
import { erasedRows } from './erased.ts';
import { type Drawing, fieldRows, hairline, heading, inline, unpainted } from './frame.ts';
import { historyRows } from './history.ts';
import { needsText } from './needs.ts';
import { previewRows } from './preview/rows.ts';
import { wrapWords } from './text.ts';
import { ago, left } from './time.ts';
import { viewOf } from './view.ts';
import { whyRows } from './why.ts';

export type RenderOptions = {
  readonly width: number;
  readonly color: boolean;
  /** Unix milliseconds. Without it times are absolute. */
  readonly now?: number;
};

/** In the view of nobody else. */
const REVEALED = 'Shown to you in clear: you asked to see it, and that is on the record.';
const BAR = '▎ ';

/** The whole view, ending in a line feed. */
export function renderRequest(detail: RequestDetail, options: RenderOptions): string {
  const drawing: Drawing = { width: options.width, paint: painter(options.color) };
  const view = viewOf(detail);
  const rows = [
    hairline(drawing),
    ...topRows(detail, drawing, options.now),
    ...glassRows(detail, drawing, options.now),
    '',
    ...partyRows(detail, drawing),
    ...heading(drawing, 'Why it waits'),
    ...whyRows(detail.explanation, drawing),
    ...historyRows(detail, { drawing, now: options.now }),
    ...claimRows(detail.claim, drawing),
    ...noteRows(detail, drawing, options.now),
    ...previewRows(detail.preview, drawing),
    // Last, so that the facts stand nearest to the question, and the claim does not (I11).
    ...heading(drawing, detail.status === 'pending' ? 'What would run' : 'The action'),
    ...(detail.revealed ? [REVEALED] : []),
    ...(detail.erased === undefined
      ? actionRows(view, drawing)
      : erasedRows(detail.erased, { drawing, now: options.now })),
    '',
    ...nameRows(detail, drawing),
    hairline(drawing),
  ];
  return `${rows.join('\n')}\n`;
}

function nameRows({ id, action_digest, rendered_digest }: RequestDetail, drawing: Drawing): string[] {
  const { paint } = drawing;
  const rows = [
    ...fieldRows(unpainted(drawing), 'Request', inline(id)),
    ...fieldRows(unpainted(drawing), 'Digest', inline(action_digest)),
    // Empty when nothing is left to show.
    ...(rendered_digest === '' ? [] : fieldRows(unpainted(drawing), 'Shown as', inline(rendered_digest))),
  ];
  return rows.map((row) => paint('dim', row));
}

function topRows(detail: RequestDetail, { width, paint }: Drawing, now: number | undefined): string[] {
  const grave = detail.risk === 'high' || detail.risk === 'critical';
  const risk = paint(grave ? 'alarm' : 'bold', `${detail.risk} risk`.toUpperCase());
  // Broken and behind a bar of ours: a value inside it could otherwise begin a row at the left edge (A1).
  const sentence = wrapWords(contained(detail.sentence), width - BAR.length);
  return [
    `${risk} ${paint('dim', `· ${stateOf(detail, now)}`)}`,
    ...sentence.map((row) => paint('accent', BAR) + paint('bold', row)),
  ];
}

function stateOf({ status, expires_at, resolved_at }: RequestDetail, now: number | undefined): string {
  if (status === 'pending') return `waits for people · ${left(expires_at, now)}`;
  return resolved_at === undefined ? status : `${status} ${ago(resolved_at, now)}`;
}

/** Not a quorum let it through: said before anything else is. */
function glassRows(
  { broken_glass }: RequestDetail,
  { width, paint }: Drawing,
  now: number | undefined,
): string[] {
  if (broken_glass === undefined) return [];
  const { id, by, at, review } = broken_glass;
  const judged = review === 'open' ? 'nobody has judged it yet' : `judged ${review.replace('_', ' ')}`;
  const said = `GLASS BROKEN by ${inline(by)} ${ago(at, now)}, without the others; ${judged} (${inline(id)})`;
  return wrapWords(said, width).map((row) => paint('alarm', row));
}

/** Who passed the work on, last first (RFC 8693): the agent itself stands above. */
function throughRows({ agent, act }: RequestDetail['principal'], drawing: Drawing): string[] {
  const through = actChain(act).filter((id) => id !== agent);
  return through.length === 0 ? [] : fieldRows(drawing, 'Through', through.map(inline).join(' ← '));
}

function partyRows(detail: RequestDetail, drawing: Drawing): string[] {
  const { agent, team, owner, principal, upstream, env, quorum } = detail;
  const { subject } = principal;
  const itself = subject.type === 'agent' && subject.id === agent;
  return [
    ...fieldRows(drawing, 'Agent', team === null ? inline(agent) : `${inline(agent)} · team ${inline(team)}`),
    ...fieldRows(drawing, 'For', itself ? 'itself' : inline(subject.id)),
    ...throughRows(principal, drawing),
    ...fieldRows(drawing, 'Owner', owner === null ? 'nobody' : `${inline(owner)} (may not review)`),
    ...fieldRows(drawing, 'Where', `${inline(upstream)} · env ${inline(env)}`),
    ...fieldRows(drawing, 'What', `${inline(detail.action)} · ${inline(detail.resource)}`),
    ...fieldRows(drawing, 'Needs', needsText(detail.requirement, quorum)),
  ];
}
