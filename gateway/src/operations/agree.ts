/**
 * May this change be made now? The same checks in the same order as an agent's action: policy and floor, what already
 * stands, a request people answer. What comes back for a change that was approved is its redemption, to be committed in
 * the transaction of the change itself: spent exactly once, for exactly these bytes, or not at all (I3, I8, I10).
 */
import { type Decision, type Json, namedBy, type Require } from '@countersign/core';
import { endApproval } from '../approvals/end.ts';
import { spendUse, stillApproved } from '../approvals/redeem.ts';
import { findStanding } from '../approvals/standing.ts';
import type { Snapshot } from '../authority/authority.ts';
import type { Beside } from '../authority/changes.ts';
import { unseenWords } from '../authority/operators.ts';
import type { Deps } from '../deps.ts';
import { type Asked, fix } from '../executions/asked.ts';
import { insertExecution } from '../executions/permit.ts';
import { executionId } from '../ids.ts';
import { loadRequest } from '../requests/load.ts';
import { openRequest } from '../requests/open.ts';
import { type Asks, decideOperation } from './decide.ts';
import { asked, type Operation } from './operation.ts';
import { endOthers } from './outdated.ts';

export type Agreement =
  | {
      readonly kind: 'agreed';
      readonly beside: Beside;
      /** For the entry of the change: who else saw it, or plainly that nobody did. */
      readonly review: Json;
    }
  | { readonly kind: 'held'; readonly request_id: string; readonly expires_at: number }
  | {
      readonly kind: 'refused';
      readonly why: 'not_allowed' | 'wrong_state';
      readonly message: string;
      readonly request_id?: string;
    };

export type Agree = (operation: Operation) => Promise<Agreement>;

export type AgreeDeps = { readonly deps: Deps; readonly tenant: string };

const ATTEMPTS_MAX = 5;
/** Of operators' own requests; each kind of change has few that are not outdated. */
const ASKING_MAX = { pending: 1000, per_hour: 1000 };

const refused = (why: 'not_allowed' | 'wrong_state', message: string, request_id?: string): Agreement => ({
  kind: 'refused',
  why,
  message,
  ...(request_id === undefined ? {} : { request_id }),
});

export const createAgree =
  ({ deps, tenant }: AgreeDeps): Agree =>
  async (operation) => {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const agreement = await once(deps, operation, tenant);
      if (agreement !== 'again') return agreement;
    }
    return refused('wrong_state', 'People or rules kept changing meanwhile. Nothing was changed; try again.');
  };

async function once(deps: Deps, operation: Operation, tenant: string): Promise<Agreement | 'again'> {
  const authority = deps.authority.current();
  if (!mayAsk(authority, operation))
    return refused('not_allowed', 'Whoever asked for this is not an active operator. Nothing was changed.');
  const { principal, evaluation } = asked(operation, tenant);
  const { installation_key, masking } = deps;
  const fixed = fix(principal, evaluation, { now: deps.now(), installation_key, safe: masking.text });
  await endOthers(deps, {
    name: operation.name,
    resource: fixed.about.resource,
    keep: { match_key: fixed.matchKey(), args: operation.arguments },
  });
  const decision = decideOperation(authority, evaluation, asksOf(authority, operation));
  if (decision.effect === 'deny') return denied(deps, fixed, decision);
  if (decision.effect === 'require') return reviewed(deps, { asked: fixed, decision }, authority);
  return {
    kind: 'agreed',
    beside: { epoch: authority.epoch, steps: [], events: [] },
    review: unseenWords(authority.operators),
  };
}

/** A change approved for somebody who has since lost the role is not made for them. */
const mayAsk = ({ directory }: Snapshot, { by, own }: Operation): boolean => {
  if (by === undefined) return true;
  const person = directory.person(by);
  return person?.active === true && (own === true || person.roles.includes('operator'));
};

/** Whoever it concerns, under whatever name, now or before, does not agree to it (I4). */
function asksOf({ directory }: Snapshot, { by, concerns = [] }: Operation): Asks {
  const names = concerns.flatMap((name) => namedBy(name, directory, 0));
  const barred = [...new Set(names)].filter((id) => directory.person(id) !== undefined);
  const asker = by === undefined ? undefined : directory.person(by);
  return { by_another: by !== undefined && asker?.roles.includes('operator') !== true, barred };
}

async function denied(deps: Deps, { about, evaluation_id }: Asked, decision: Decision): Promise<Agreement> {
  const told = { at: deps.now(), reason: 'policy_denied', task_id: evaluation_id };
  const event = deps.events.refused(about, decision, told);
  const outcome = await deps.store.commit({ name: 'refuse', steps: [], entries: [event.entry] });
  if (outcome.ok) event.committed();
  const rules = decision.explanation.deciding.map(({ rule }) => rule).join(', ');
  return refused('not_allowed', `Policy does not allow this change (${rules}). Nothing was changed.`);
}

type Requiring = { readonly asked: Asked; readonly decision: Require };

async function reviewed(deps: Deps, requiring: Requiring, authority: Snapshot): Promise<Agreement | 'again'> {
  const standing = await findStanding(deps.store, requiring.asked.matchKey(), deps.now());
  switch (standing.kind) {
    case 'approval':
      return redeemed(deps, requiring, { ...standing, authority });
    case 'pending':
      return held(deps, standing.request_id);
    case 'denied':
      return refused(
        'not_allowed',
        'Exactly this change was denied. Nothing was changed; see the request for the reason.',
        standing.request_id,
      );
    case 'none':
      return opened(deps, requiring, authority);
    default:
      // A change of the gateway's own has no run that could be under way or in doubt.
      return refused(
        'wrong_state',
        'An earlier change of the same bytes is not settled. Nothing was changed.',
      );
  }
}

async function held(deps: Deps, request_id: string): Promise<Agreement | 'again'> {
  const stored = await loadRequest(deps.store, request_id);
  return stored === undefined ? 'again' : { kind: 'held', request_id, expires_at: stored.request.expires_at };
}

async function opened(deps: Deps, requiring: Requiring, authority: Snapshot): Promise<Agreement | 'again'> {
  const outcome = await openRequest({ ...deps, askingMax: () => ASKING_MAX }, requiring, authority);
  switch (outcome.kind) {
    case 'again':
      return 'again';
    case 'opened':
      return held(deps, outcome.request_id);
    case 'too_many_pending':
    case 'asked_too_often':
      return refused('wrong_state', 'Too many changes already wait for review. Answer some first.');
    default:
      return refused(
        'wrong_state',
        'lacking' in outcome
          ? NO_PASSKEY
          : 'This change takes another operator’s agreement, and there are not enough of them: nobody agrees to what they asked for, or to what is about them. Nothing was changed; make another active operator’s return possible, or let whoever it is about ask for it, then ask again.',
      );
  }
}

const NO_PASSKEY =
  'This change takes a review signed with a passkey, and not enough of those who may review it have one that is confirmed (countersign passkeys list). Nothing was changed.';

type Approval = {
  readonly approval_id: string;
  readonly request_id: string;
  readonly authority: Snapshot;
};

async function redeemed(
  deps: Deps,
  requiring: Requiring,
  { approval_id, request_id, authority }: Approval,
): Promise<Agreement | 'again'> {
  const { decision } = requiring;
  const approved = await stillApproved(deps, requiring, { approval_id, request_id, authority });
  if (approved === undefined) return 'again';
  const { stored, votes } = approved;
  const { valid_ms } = decision.requirement;
  if (valid_ms < stored.request.requirement.valid_ms) {
    const why = 'the policy now gives approvals less time';
    if (await endApproval(deps, stored, { approval_id, why, older_than_ms: valid_ms })) return 'again';
  }
  const now = deps.now();
  const execution_id = executionId(now);
  const valid_until = now + valid_ms;
  const { principal } = requiring.asked;
  const about = { ...stored.about, principal, evaluation_id: requiring.asked.evaluation_id };
  const started = deps.events.executionStarted(about, {
    at: now,
    execution_id,
    decision,
    enforced_by: 'gateway',
    approval: { id: approval_id, request_id, resolution_event: stored.resolution?.event ?? '' },
  });
  const ended = deps.events.executionEnded(about, {
    at: now,
    took_ms: 0,
    execution_id,
    started_event: started.entry.event_id,
    status: 'succeeded',
    request_id,
  });
  const spent = { request_id, approval_id, match_key: stored.match_key, valid_until };
  const run = insertExecution({
    execution_id,
    asked: { ...requiring.asked, about },
    now,
    status: 'succeeded',
    redeemed: spent,
  });
  const committed = (): void => {
    ended.committed();
    const made = { execution_id, status: 'succeeded' } as const;
    deps.bus.publish({ request_id, status: 'approved', at: now, run: made });
  };
  return {
    kind: 'agreed',
    beside: {
      epoch: authority.epoch,
      steps: [spendUse(approval_id, now, valid_ms), run],
      events: [started, { entry: ended.entry, committed }],
    },
    review: { request_id, reviewers: votes.map(({ person }) => person.id) },
  };
}
