/** Requests in memory that refuse what the real ones refuse: strangers, stale digests, second votes, terminal states. */
import { type Directory, eligibility, NO_DUTIES, type Principal, type Requirement } from '@countersign/core';
import type { RequestChange, RequestDetail } from '@countersign/sdk';
import type { Answer, ChangeOutcome, Requests, ReviewOutcome } from '../../requests/requests.ts';

export type FakeRequests = Requests & {
  readonly all: Map<string, RequestDetail>;
  readonly answers: Answer[];
  /** Tells every subscriber. */
  publish(change: RequestChange): void;
  listeners(): number;
};

export const REQUEST_ID = 'req_01JD0000000000000000000000';
const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`;

const principal: Principal = {
  tenant: 'default',
  agent: 'writer',
  owner: 'jon',
  team: null,
  subject: { type: 'agent', id: 'writer' },
};
const requirement: Requirement = {
  seats: [{ by: 'anyone', count: 1, proof: 'session' }],
  choices: [],
  exclude: [],
  within_ms: 3_600_000,
  valid_ms: 600_000,
  uses: 1,
};

export function pendingRequest(over: Partial<RequestDetail> = {}): RequestDetail {
  return {
    id: REQUEST_ID,
    status: 'pending',
    agent: 'writer',
    subject: 'writer',
    owner: 'jon',
    team: null,
    upstream: 'files',
    env: 'dev',
    action: 'tools/call',
    resource: 'write_file',
    risk: 'medium',
    sentence: 'write_file on files (dev): path="/notes.md"',
    rules: ['ask-for-the-rest'],
    opened_at: 1_795_000_000_000,
    expires_at: 1_795_003_600_000,
    quorum: { met: false, filled: 0, needed: 1 },
    principal,
    action_digest: digestOf('a'),
    requirement,
    explanation: {
      policy: { id: 'policy', version: '1', digest: digestOf('c') },
      deciding: [
        {
          rule: 'ask-for-the-rest',
          about: 'Everything not listed as safe asks one reviewer',
          file: 'starter.yaml',
          line: 18,
          then: 'require',
          opaque: false,
          dry_run: false,
          values: { 'mcp.tool': 'write_file' },
          requirement,
          obligations: [],
        },
      ],
      outranked: [],
      would_have: [],
    },
    shown_action: {
      action: { name: 'tools/call' },
      context: { arguments: { path: '/notes.md', content: 'hello' } },
    },
    redactions: [],
    revealed: false,
    findings_total: 0,
    rendered_digest: digestOf('b'),
    approvable: { ok: true },
    reviews: [],
    eligibility: { eligible: true },
    executions: [],
    timeline: [],
    ...over,
  };
}

const NO_PASSKEY = {
  kind: 'refused',
  why: 'no_passkey',
  message: 'You have no confirmed passkey here.',
} as const;

export function fakeRequests(directory: Directory, now: () => number): FakeRequests {
  const all = new Map<string, RequestDetail>([[REQUEST_ID, pendingRequest()]]);
  const answers: Answer[] = [];
  const listeners = new Set<(change: RequestChange) => void>();
  const publish = (change: RequestChange): void => listeners.forEach((listener) => void listener(change));
  const mayReview = reviewingIn(directory, now);
  return {
    all,
    answers,
    publish,
    listeners: () => listeners.size,
    askSignature: async () => NO_PASSKEY,
    async list(filter, { limit }) {
      const items = [...all.values()].filter(
        (each) => filter.status === undefined || each.status === filter.status,
      );
      const mine = filter.reviewable_by;
      return {
        items: items.filter((each) => mine === undefined || mayReview(each, mine).eligible).slice(0, limit),
      };
    },
    ...fakeInbox(all, mayReview),
    async show(id, viewer) {
      const detail = all.get(id);
      return detail === undefined ? undefined : { ...detail, eligibility: mayReview(detail, viewer) };
    },
    async review(answer) {
      answers.push(answer);
      const detail = all.get(answer.request_id);
      const refusal = refuse(detail, answer, (found) => mayReview(found, answer.reviewer).eligible);
      if (refusal !== undefined || detail === undefined) return refusal ?? unknownRequest;
      const quorum = { met: true, filled: 1, needed: 1 };
      const review = {
        reviewer: answer.reviewer,
        name: answer.reviewer,
        decision: answer.decision,
        reviewed_at: now(),
        counts: true,
      };
      all.set(detail.id, {
        ...detail,
        status: answer.decision,
        quorum,
        resolved_at: now(),
        reviews: [review],
      });
      publish({ request_id: detail.id, status: answer.decision, at: now() });
      return { kind: 'recorded', status: answer.decision, quorum, event_id: '01JD0000000000000000000001' };
    },
    previewAgain: async (id, by) => changeable(all.get(id), (found) => mayReview(found, by).eligible),
    reveal: async (id, by) => changeable(all.get(id), (found) => mayReview(found, by).eligible),
    async cancel(id, by) {
      const outcome = changeable(
        all.get(id),
        () => by === 'jon' || directory.person(by)?.roles.includes('operator') === true,
      );
      const detail = all.get(id);
      if (outcome.kind === 'done' && detail !== undefined)
        all.set(id, { ...detail, status: 'cancelled', resolved_at: now() });
      return outcome;
    },
    erase: eraser(all, { directory, now }),
    ...NO_APPROVALS,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

type MayReview = (detail: RequestDetail, id: string) => RequestDetail['eligibility'];

const reviewingIn =
  (directory: Directory, now: () => number): MayReview =>
  (detail, id) => {
    const person = directory.person(id);
    return person === undefined
      ? ({ eligible: false, why: 'inactive' } as const)
      : eligibility(person, {
          principal: detail.principal,
          requirement: detail.requirement,
          directory,
          duties: NO_DUTIES,
          reviews: [],
          upstream: detail.upstream,
          resource: detail.resource,
          opened_at: detail.opened_at,
          now: now(),
        });
  };

const fakeInbox = (
  all: Map<string, RequestDetail>,
  mayReview: MayReview,
): Pick<Requests, 'inbox' | 'waiting'> => ({
  async inbox(person, { for_me }) {
    const items = [...all.values()].filter(({ status }) => status === 'pending');
    const seen = items.map((each) => ({
      ...each,
      eligibility: mayReview(each, person),
      reviewed_by: [],
      group: 'one',
    }));
    return { items: seen.filter(({ eligibility: may }) => for_me !== true || may.eligible) };
  },
  waiting: async () => ({ all: all.size, for_me: 1, more: false }),
});

const NO_APPROVALS: Pick<Requests, 'listApprovals' | 'revoke'> = {
  listApprovals: async () => ({ items: [] }),
  revoke: async () => ({ kind: 'refused', why: 'unknown', message: 'There is no such approval.' }),
};

type Around = { readonly directory: Directory; readonly now: () => number };

function eraser(all: Map<string, RequestDetail>, { directory, now }: Around): Requests['erase'] {
  const event_id = '01JD0000000000000000000002';
  const no = (why: 'not_allowed' | 'unknown' | 'wrong_state', message: string) =>
    ({ kind: 'refused', why, message }) as const;
  return async (id, by, reason) => {
    const detail = all.get(id);
    if (directory.person(by)?.roles.includes('operator') !== true)
      return no('not_allowed', 'Only an operator erases.');
    if (detail === undefined) return no('unknown', 'There is no such request.');
    if (detail.status === 'pending') return no('wrong_state', 'The request is still pending.');
    const already = detail.erased !== undefined;
    const erased = detail.erased ?? { at: now(), by, reason };
    all.set(id, { ...detail, shown_action: {}, erased });
    return { kind: 'erased', already, at: erased.at, by: erased.by, event_id };
  };
}

const unknownRequest: ReviewOutcome = {
  kind: 'refused',
  why: 'unknown_request',
  message: 'There is no such request.',
};

function refuse(
  detail: RequestDetail | undefined,
  answer: Answer,
  eligible: (detail: RequestDetail) => boolean,
): ReviewOutcome | undefined {
  const no = (why: Extract<ReviewOutcome, { kind: 'refused' }>['why'], message: string): ReviewOutcome =>
    detail === undefined ? unknownRequest : { kind: 'refused', why, message, status: detail.status };
  if (detail === undefined) return unknownRequest;
  if (!eligible(detail)) return no('not_eligible', 'This person may not review this request.');
  if (detail.reviews.some(({ reviewer }) => reviewer === answer.reviewer))
    return no('already_reviewed', 'You already answered.');
  if (detail.status !== 'pending') return no('already_resolved', `The request is already ${detail.status}.`);
  if (answer.decision === 'denied') return undefined;
  const same =
    answer.action_digest === detail.action_digest && answer.rendered_digest === detail.rendered_digest;
  if (!same) return no('shown_changed', 'What was shown is not what would run.');
  return detail.approvable.ok ? undefined : no('not_approvable', detail.approvable.why);
}

function changeable(
  detail: RequestDetail | undefined,
  may: (detail: RequestDetail) => boolean,
): ChangeOutcome {
  if (detail === undefined) return { kind: 'refused', why: 'unknown', message: 'There is no such request.' };
  if (!may(detail)) return { kind: 'refused', why: 'not_allowed', message: 'Not this person.' };
  if (detail.status !== 'pending')
    return { kind: 'refused', why: 'wrong_state', message: `The request is already ${detail.status}.` };
  return { kind: 'done' };
}
