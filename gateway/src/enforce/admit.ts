/** Who is calling: from the credential alone (I12). The session it yields is all a protocol ever sees of the gateway. */
import type { Principal } from '@countersign/core';
import type { AccessAdmission, AccessSession, AdmitAccess } from '../api/access/access.ts';
import type { Deps } from '../deps.ts';
import { type Agent, principalOf } from '../identity/directory.ts';
import { keyStanding } from '../identity/standing.ts';
import { tokenCredential, type Uses } from '../identity/uses.ts';
import type { Admitted } from '../identity/workload/tokens.ts';
import { readStoredAction } from '../payloads.ts';
import { cancelOwn } from '../requests/ending/cancel.ts';
import { loadOwn, requesterView } from '../requests/views/requester.ts';
import { approvalOf, ask, open as openAccess } from './access.ts';
import { type Caller, isKnown, stillAdmitted } from './decide.ts';
import { createEnforce } from './enforce.ts';
import { createPace } from './pace.ts';
import type { TokenDoor } from './token-door.ts';

export type AdmitOptions = {
  /** Milliseconds of a clock nobody sets. */
  readonly ticks?: () => number;
  /** Takes workload tokens. Left out: nobody comes with one. */
  readonly tokens?: TokenDoor;
  /** Told of each caller that came in, and of what it came with. */
  readonly used?: Uses['note'];
};

type Paced = { readonly principal: Principal; readonly calls_per_minute: number };

export function createAdmit(
  deps: Deps,
  tenant: string,
  options: AdmitOptions & { readonly tokens: TokenDoor },
): AdmitAccess;
/** Without tokens nothing needs to be waited for. */
export function createAdmit(
  deps: Deps,
  tenant: string,
  options?: AdmitOptions & { readonly tokens?: undefined },
): (...given: Parameters<AdmitAccess>) => AccessAdmission;
export function createAdmit(
  deps: Deps,
  tenant: string,
  { ticks = () => performance.now(), tokens, used = () => undefined }: AdmitOptions = {},
): AdmitAccess {
  const pace = createPace(deps, ticks);
  const open = createOpen(deps);
  const byKey = createKeySessions(open, tenant);
  const byToken = new WeakMap<Admitted, AccessSession>();

  const paced = ({ principal, calls_per_minute }: Paced, session: AccessSession): AccessAdmission => {
    const retry_after_s = pace(principal, calls_per_minute);
    return retry_after_s > 0
      ? { admitted: false, reason: 'too_many_calls', retry_after_s }
      : { admitted: true, session };
  };
  const enter = (admitted: Admitted): AccessAdmission => {
    const { principal, standing, limits } = admitted;
    const session = byToken.get(admitted) ?? open({ principal, standing });
    byToken.set(admitted, session);
    used(principal, tokenCredential(admitted.verified.issuer.config.issuer), deps.now());
    return paced({ principal, calls_per_minute: limits.calls_per_minute }, session);
  };

  return (credential, shown) => {
    const found = deps.authority.current().agents.byKey(credential, deps.now());
    if ('agent' in found) {
      if (shown?.scheme === 'dpop') return { admitted: false, reason: 'unknown' };
      const session = byKey(found.agent, found.hash);
      used(session.principal, found.hash, deps.now());
      const { calls_per_minute } = found.agent.config;
      return paced({ principal: session.principal, calls_per_minute }, session);
    }
    if (found.reason !== 'unknown' || tokens === undefined || !credential.includes('.'))
      return { admitted: false, reason: found.reason };
    return tokens(credential, shown, enter);
  };
}

/** The session of a caller. It keeps nothing of a call, and looks at the authority anew each time. */
function createOpen(deps: Deps): (caller: Caller) => AccessSession {
  const enforce = createEnforce(deps);
  return (caller) => {
    const { principal } = caller;
    const admitted = (): boolean => stillAdmitted(deps.authority.current(), caller, deps.now());
    return {
      principal,
      welcome: () => isKnown(deps.authority.current(), caller, deps.now()),
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
}

/** One session for all calls of a key: thousands may be held, and each would keep one of its own. */
function createKeySessions(
  open: (caller: Caller) => AccessSession,
  tenant: string,
): (agent: Agent, key: string) => AccessSession {
  const known = new WeakMap<Agent, Map<string, AccessSession>>();
  return (agent, key) => {
    const own = known.get(agent) ?? new Map<string, AccessSession>();
    known.set(agent, own);
    const held = own.get(key);
    if (held !== undefined) return held;
    const principal = principalOf(agent, tenant);
    const session = open({ principal, standing: keyStanding(agent, key, principal) });
    own.set(key, session);
    return session;
  };
}
