/** Who is calling: from the credential alone (I12). The session it yields is all a protocol ever sees of the gateway. */
import type { AccessAdmission, AccessSession } from '../api/access/access.ts';
import type { Deps } from '../deps.ts';
import { hashCredential } from '../identity/credential.ts';
import { principalOf } from '../identity/directory.ts';
import { readStoredAction } from '../payloads.ts';
import { cancelOwn } from '../requests/cancel.ts';
import { loadOwn, requesterView } from '../requests/views/requester.ts';
import { approvalOf, ask, open } from './access.ts';
import { type Caller, isKnown, stillAdmitted } from './decide.ts';
import { createEnforce } from './enforce.ts';
import { createPace } from './pace.ts';

export type AdmitOptions = {
  /** Milliseconds of a clock nobody sets. */
  readonly ticks?: () => number;
};

export function createAdmit(
  deps: Deps,
  tenant: string,
  { ticks = () => performance.now() }: AdmitOptions = {},
): (credential: string) => AccessAdmission {
  const enforce = createEnforce(deps);
  const pace = createPace(deps, ticks);
  return (credential) => {
    const found = deps.authority.current().agents.byKey(credential);
    if (!('agent' in found)) return { admitted: false, reason: found.reason };
    const principal = principalOf(found.agent, tenant);
    const retry_after_s = pace(principal, found.agent.config.calls_per_minute);
    if (retry_after_s > 0) return { admitted: false, reason: 'too_many_calls', retry_after_s };
    const caller: Caller = { principal, key: hashCredential(credential) };
    const admitted = (): boolean => stillAdmitted(deps.authority.current(), caller);
    const session: AccessSession = {
      principal,
      welcome: () => isKnown(deps.authority.current(), caller),
      enforce: (evaluation) => enforce(caller, evaluation),
      async find(request_id) {
        const stored = admitted() ? await loadOwn(deps, principal, request_id) : undefined;
        return stored === undefined ? undefined : requesterView(deps, stored);
      },
      async recall(request_id) {
        const stored = admitted() ? await loadOwn(deps, principal, request_id) : undefined;
        return stored === undefined ? undefined : readStoredAction(deps.store, stored.about);
      },
      cancel: async (request_id) => (admitted() ? cancelOwn(deps, principal, request_id) : undefined),
      ask: (evaluation, approval_id) => ask(deps, { caller, evaluation, approval_id }),
      open: (evaluation) => open(deps, caller, evaluation),
      approvalOf: async (request_id) => (admitted() ? approvalOf(deps, principal, request_id) : undefined),
    };
    return { admitted: true, session };
  };
}
