/** Who is calling: from the credential alone (I12). The session it yields is all a protocol ever sees of the gateway. */
import type { AccessAdmission, AccessSession } from '../api/access/access.ts';
import type { Deps } from '../deps.ts';
import { type Agent, principalOf } from '../identity/directory.ts';
import { readStoredAction } from '../payloads.ts';
import { cancelOwn } from '../requests/cancel.ts';
import { loadOwn, requesterView } from '../requests/views/requester.ts';
import { approvalOf, ask, open as openAccess } from './access.ts';
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
  const pace = createPace(deps, ticks);
  const sessions = createSessions(deps, tenant);
  return (credential) => {
    const found = deps.authority.current().agents.byKey(credential);
    if (!('agent' in found)) return { admitted: false, reason: found.reason };
    const session = sessions(found.agent, found.hash);
    const retry_after_s = pace(session.principal, found.agent.config.calls_per_minute);
    if (retry_after_s > 0) return { admitted: false, reason: 'too_many_calls', retry_after_s };
    return { admitted: true, session };
  };
}

/**
 * The session of a key of an agent, as configured: one for all its calls. It keeps nothing of any, and looks at the
 * authority anew each time; thousands of calls may be held, and each would keep one of its own.
 */
function createSessions(deps: Deps, tenant: string): (agent: Agent, key: string) => AccessSession {
  const enforce = createEnforce(deps);
  const known = new WeakMap<Agent, Map<string, AccessSession>>();

  const open = (agent: Agent, key: string): AccessSession => {
    const principal = principalOf(agent, tenant);
    const caller: Caller = { principal, key };
    const admitted = (): boolean => stillAdmitted(deps.authority.current(), caller);
    return {
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
      open: (evaluation) => openAccess(deps, caller, evaluation),
      approvalOf: async (request_id) => (admitted() ? approvalOf(deps, principal, request_id) : undefined),
    };
  };

  return (agent, key) => {
    const own = known.get(agent) ?? new Map<string, AccessSession>();
    known.set(agent, own);
    const session = own.get(key) ?? open(agent, key);
    own.set(key, session);
    return session;
  };
}
