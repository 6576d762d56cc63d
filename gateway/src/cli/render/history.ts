/** What has happened since: answers, the approval, runs, and the entries of the log that say so. Pure. */
import { NO_LONGER } from '@countersign/core';
import type { RequestDetail } from '@countersign/sdk';
import { CLAIM_GUTTER, type Drawing, fieldRows, heading, inline, quotedRows } from './frame.ts';
import { ago, instant, left } from './time.ts';

type Told = { readonly drawing: Drawing; readonly now: number | undefined };

export function historyRows(detail: RequestDetail, told: Told): string[] {
  const { drawing } = told;
  const rows = [
    ...reviewRows(detail, told),
    ...refusedRows(detail, drawing),
    ...approvalRows(detail, told),
    ...grantRows(detail, told),
    ...executionRows(detail, told),
  ];
  return [
    ...(rows.length === 0 ? [] : [...heading(drawing, 'Since then'), ...rows]),
    ...(detail.timeline.length === 0
      ? []
      : [...heading(drawing, 'On the record'), ...recordRows(detail, drawing)]),
  ];
}

function reviewRows({ reviews }: RequestDetail, { drawing, now }: Told): string[] {
  return reviews.flatMap(
    ({ name, decision, reviewed_at, reason, counts, why_not, relayed, for: absent = [] }) => {
      const stale = counts ? '' : ` · no longer counts: ${NO_LONGER[why_not ?? 'no_seat']}`;
      const whose = absent.length === 0 ? '' : `, in the seat of ${absent.map(inline).join(' or ')},`;
      const by = relayed === undefined ? '' : ` · relayed by ${inline(relayed.by)}, ${PROOFS[relayed.proof]}`;
      return [
        ...fieldRows(
          drawing,
          capital(decision),
          `by ${inline(name)}${whose} ${ago(reviewed_at, now)}${by}${stale}`,
        ),
        ...(reason === undefined ? [] : quotedRows(drawing, reason, `${' '.repeat(6)}${CLAIM_GUTTER}`)),
      ];
    },
  );
}

/** By no person. */
const refusedRows = ({ refused_by }: RequestDetail, drawing: Drawing): string[] =>
  refused_by === undefined ? [] : fieldRows(drawing, 'Refused', `by the ticket system ${inline(refused_by)}`);

const PROOFS = { passkey: 'passkey', oidc: 'OpenID Connect proof' } as const;

function approvalRows({ approval }: RequestDetail, { drawing, now }: Told): string[] {
  if (approval === undefined) return [];
  const { id, status, uses_left, approved_until, broken_glass } = approval;
  const live =
    status === 'active'
      ? ` · ${uses_left} use${uses_left === 1 ? '' : 's'} · ${left(approved_until, now)}`
      : '';
  const glass = broken_glass === undefined ? '' : ` · by breaking the glass (${inline(broken_glass)})`;
  return fieldRows(drawing, 'Approval', `${inline(id)} · ${inline(status)}${live}${glass}`);
}

function grantRows({ grant }: RequestDetail, { drawing, now }: Told): string[] {
  if (grant === undefined) return [];
  const { id, status, agent, resource, upstream, uses_left, given_until } = grant;
  const live = status === 'active' ? ` · ${uses_left} left · ${left(given_until, now)}` : '';
  const covers = `any call of ${inline(resource)} on ${inline(upstream)} by ${inline(agent)}`;
  return fieldRows(drawing, 'Grant', `${inline(id)} · ${inline(status)}${live} · ${covers}`);
}

function executionRows({ executions }: RequestDetail, { drawing, now }: Told): string[] {
  return executions.flatMap(({ id, status, started_at, broken_glass }) => {
    const glass = broken_glass === undefined ? '' : ' · through broken glass';
    const row = `${inline(id)} · ${outcomeOf(status)} · started ${ago(started_at, now)}${glass}`;
    return fieldRows(drawing, 'Run', row);
  });
}

/** `unknown` is said in full: it is neither yes nor no, and a person has to find out (I9). */
const outcomeOf = (status: string): string =>
  status === 'unknown' ? 'unknown: it may have run, and is not run again' : inline(status);

function recordRows({ timeline }: RequestDetail, { paint, width }: Drawing): string[] {
  return timeline.flatMap(({ at, leaf_index, summary }) =>
    fieldRows({ paint, width }, `#${leaf_index}`, `${instant(at)}  ${inline(summary)}`),
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
