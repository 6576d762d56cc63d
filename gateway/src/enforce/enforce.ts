/**
 * `enforce`: the only door. It lists the order of checks; every other path — a throw, a lost store, an authority that
 * keeps moving — ends in a refusal (I1, I14). Nothing here sends a byte upstream: that takes the permit it returns.
 */
import type { Allow, Evaluation, Require } from '@countersign/core';
import { redeem } from '../approvals/redeem.ts';
import { findStanding } from '../approvals/standing.ts';
import type { Snapshot } from '../authority/authority.ts';
import type { Deps } from '../deps.ts';
import { type Decided, fix } from '../executions/asked.ts';
import { permitAllowed } from '../executions/permit.ts';
import { useGrant } from '../grants/redeem.ts';
import type { Verdict } from '../protocols/protocol.ts';
import { heldVerdict } from '../requests/held.ts';
import { openRequest } from '../requests/open.ts';
import { type Caller, decide, stillAdmitted } from './decide.ts';
import { reasonOf, refuse, refusedUnrecorded } from './refuse.ts';

/** How often a decision is made again because the authority or a racer moved under it, before the answer is no. */
export const ATTEMPTS_MAX = 5;

type Step = Verdict | 'again';

export function createEnforce(deps: Deps) {
  return async (caller: Caller, evaluation: Evaluation): Promise<Verdict> => {
    const { agent } = caller.principal;
    try {
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
        if (deps.authority.trouble() !== undefined && !(await isOpen(deps)))
          return refusedUnrecorded('unavailable');
        const verdict = await once(deps, caller, evaluation);
        if (verdict !== 'again') return verdict;
        // Perhaps another process changed what decides: decided again, it is by what is then in force.
        await deps.authority.catchUp();
      }
      deps.log.warn({ agent }, 'the authority kept changing; refused');
    } catch (error) {
      deps.log.error({ agent, error: String(error) }, 'enforcement failed; refused');
    }
    return refusedUnrecorded('unavailable');
  };
}

/** False: what another process put in force cannot be served here, which is said to operators. */
export async function isOpen({ authority }: Pick<Deps, 'authority'>): Promise<boolean> {
  await authority.catchUp();
  return authority.trouble() === undefined;
}

/** The order of checks. */
async function once(deps: Deps, caller: Caller, evaluation: Evaluation): Promise<Step> {
  const authority = deps.authority.current();
  if (!stillAdmitted(authority, caller, deps.now())) return refusedUnrecorded('not_admitted');
  const asked = fix(caller.principal, evaluation, {
    now: deps.now(),
    installation_key: deps.installation_key,
    safe: deps.masking.text,
  });
  const decision = decide(deps, authority, evaluation);
  switch (decision.effect) {
    case 'deny':
      return refuse(deps, { asked, decision }, { reason: reasonOf(decision) });
    case 'allow':
      return permit(deps, { asked, decision }, authority);
    case 'require':
      return review(deps, { asked, decision }, authority);
  }
}

async function permit(deps: Deps, decided: Decided<Allow>, authority: Snapshot): Promise<Step> {
  const permitted = await permitAllowed(deps, decided, { epoch: authority.epoch, enforced_by: 'gateway' });
  return permitted === undefined ? 'again' : { kind: 'permitted', permit: permitted };
}

async function review(deps: Deps, decided: Decided<Require>, authority: Snapshot): Promise<Step> {
  const { asked } = decided;
  const standing = await findStanding(deps.store, asked.matchKey(), deps.now());
  switch (standing.kind) {
    case 'running':
      return refusedUnrecorded('in_progress');
    case 'undelivered':
      return { kind: 'replayed', execution_id: standing.execution_id, result: { body: standing.body } };
    case 'approval': {
      const redemption = await redeem(deps, decided, { ...standing, authority, enforced_by: 'gateway' });
      return redemption.kind === 'again' ? 'again' : { kind: 'permitted', permit: redemption.permit };
    }
    case 'unknown':
      return refuse(deps, decided, { reason: 'execution_unknown', request_id: standing.request_id });
    case 'denied':
      return refuse(deps, decided, { reason: 'denied', request_id: standing.request_id });
    case 'pending':
      return (await heldVerdict(deps, asked.principal, standing.request_id)) ?? 'again';
    case 'none': {
      const used = await useGrant(deps, decided, authority);
      if (used.kind === 'none') return open(deps, decided, authority);
      return used.kind === 'again' ? 'again' : { kind: 'permitted', permit: used.permit };
    }
  }
}

async function open(deps: Deps, decided: Decided<Require>, authority: Snapshot): Promise<Step> {
  const opened = await openRequest(deps, decided, authority);
  switch (opened.kind) {
    case 'opened':
      return (await heldVerdict(deps, decided.asked.principal, opened.request_id)) ?? 'again';
    case 'again':
      return 'again';
    default:
      return refuse(deps, decided, {
        reason: opened.kind,
        ...('lacking' in opened ? { lacking: opened.lacking } : {}),
      });
  }
}
