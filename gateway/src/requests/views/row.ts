/** A request as its row says, back in the core's words. Rows are ours; a row that does not read back is a broken store. */
import type {
  AccessRequest,
  Explanation,
  Principal,
  RequestStatus,
  Requirement,
  Risk,
} from '@countersign/core';
import type { About } from '../../audit/facts/about.ts';
import type { Row } from '../../store/store.ts';

export type Resolution = {
  /** Person or agent that resolved it; absent for expiry. */
  readonly by?: string;
  readonly reason_payload_id?: string;
  /** Set where no quorum approved it: whoever broke this glass did. */
  readonly broken_glass?: string;
  /** Event id of the resolution entry. */
  readonly event: string;
};

export type StoredRequest = {
  readonly request: AccessRequest;
  readonly about: About;
  readonly match_key: string;
  readonly explanation: Explanation;
  readonly claim_payload_id: string | null;
  readonly resolution: Resolution | undefined;
  readonly erased: Erased | undefined;
};

/** Its clear text is gone: since when, by whom, and the event id of the entry that says so. */
export type Erased = { readonly at: number; readonly by: string; readonly event_id: string };

export const REQUEST_COLUMNS =
  'id, tenant, status, match_key, action_digest, agent, subject, owner, team, upstream, env, action_name, resource, risk, principal, requirement, explanation, evaluation_id, payload_id, claim_payload_id, policy_digest, opened_at, expires_at, resolved_at, resolution, approval_id, erased_at, erased_by, erased_event';

const text = (row: Row, column: string): string => String(row[column]);
const json = <T>(row: Row, column: string): T => JSON.parse(text(row, column)) as T;

export function readRequest(row: Row): StoredRequest {
  const principal = json<Principal>(row, 'principal');
  const opened = {
    id: text(row, 'id'),
    principal,
    upstream: text(row, 'upstream'),
    action_digest: text(row, 'action_digest'),
    requirement: json<Requirement>(row, 'requirement'),
    risk: text(row, 'risk') as Risk,
    opened_at: Number(row['opened_at']),
    expires_at: Number(row['expires_at']),
  };
  const resolution = row['resolution'] === null ? undefined : json<Resolution>(row, 'resolution');
  return {
    request: withStatus(opened, row, resolution),
    about: {
      principal,
      upstream: opened.upstream,
      env: text(row, 'env'),
      action: text(row, 'action_name'),
      resource: text(row, 'resource'),
      action_digest: opened.action_digest,
      evaluation_id: text(row, 'evaluation_id'),
    },
    match_key: text(row, 'match_key'),
    explanation: json<Explanation>(row, 'explanation'),
    claim_payload_id: row['claim_payload_id'] === null ? null : text(row, 'claim_payload_id'),
    resolution,
    erased:
      row['erased_at'] === null
        ? undefined
        : {
            at: Number(row['erased_at']),
            by: text(row, 'erased_by'),
            event_id: text(row, 'erased_event'),
          },
  };
}

type Opened = Omit<Extract<AccessRequest, { status: 'pending' }>, 'status'>;

function withStatus(opened: Opened, row: Row, resolution: Resolution | undefined): AccessRequest {
  const status = text(row, 'status') as RequestStatus;
  const resolved_at = Number(row['resolved_at']);
  const by = resolution?.by ?? '';
  switch (status) {
    case 'pending':
      return { ...opened, status };
    case 'approved':
      return { ...opened, status, resolved_at, approval_id: text(row, 'approval_id') };
    case 'denied':
      return { ...opened, status, resolved_at, denied_by: by };
    case 'expired':
      return { ...opened, status, resolved_at };
    case 'cancelled':
      return { ...opened, status, resolved_at, cancelled_by: by };
    case 'failed':
      return { ...opened, status, resolved_at, failure: by };
  }
}
