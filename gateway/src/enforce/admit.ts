/** Who is calling: from the credential alone (I12). The session it yields is all a protocol ever sees of the gateway. */
import type { AccessAdmission, AccessSession } from '../api/access/access.ts';
import type { Deps } from '../deps.ts';
import { principalOf } from '../identity/directory.ts';
import { cancelOwn } from '../requests/cancel.ts';
import { loadOwn, requesterView } from '../requests/views/requester.ts';
import { approvalOf, ask, open } from './access.ts';
import { createEnforce } from './enforce.ts';

export function createAdmit(deps: Deps, tenant: string): (credential: string) => AccessAdmission {
  const enforce = createEnforce(deps);
  return (credential) => {
    const found = deps.authority.current().agents.byKey(credential);
    if (!('agent' in found)) return { admitted: false, reason: found.reason };
    const principal = principalOf(found.agent, tenant);
    const session: AccessSession = {
      principal,
      enforce: (evaluation) => enforce(principal, evaluation),
      async find(request_id) {
        const stored = await loadOwn(deps, principal, request_id);
        return stored === undefined ? undefined : requesterView(deps, stored);
      },
      cancel: (request_id) => cancelOwn(deps, principal, request_id),
      ask: (evaluation, approval_id) => ask(deps, { principal, evaluation, approval_id }),
      open: (evaluation) => open(deps, principal, evaluation),
      approvalOf: (request_id) => approvalOf(deps, principal, request_id),
    };
    return { admitted: true, session };
  };
}
