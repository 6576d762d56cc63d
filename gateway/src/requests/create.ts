/** The people's side of requests, assembled: what the API and channels are handed. */
import { listApprovals } from '../approvals/list.ts';
import { revokeApproval } from '../approvals/revoke.ts';
import type { Deps } from '../deps.ts';
import type { Previews } from '../previews/previews.ts';
import { reveal } from './clear-text/reveal.ts';
import { cancelByPerson } from './ending/cancel.ts';
import { loadRequest } from './load.ts';
import type { ChangeOutcome, Requests } from './requests.ts';
import { review } from './review.ts';
import { askSignature } from './signing/ask.ts';
import { detailOf } from './views/detail.ts';
import { inboxOf, waitingFor } from './views/inbox.ts';
import { listRequests } from './views/list.ts';
import { createSeenBy } from './views/seen.ts';

/** `erase` reaches what lies above: it is handed in. Without `previews` nothing is ever read to show what would change. */
export function createRequests(deps: Deps, erase: Requests['erase'], previews?: Previews): Requests {
  const seen = createSeenBy(deps);
  return {
    list: (filter, page) => listRequests(deps, filter, page),
    inbox: (person, filter, page) => inboxOf(deps, person, { ...filter, page }),
    waiting: (person) => waitingFor(deps, person),
    async show(id, viewer) {
      const stored = await loadRequest(deps.store, id);
      if (stored === undefined) return undefined;
      const detail = await detailOf(deps, stored, viewer);
      seen(detail, viewer);
      const preview = await previews?.of(stored, viewer);
      return preview === undefined ? detail : { ...detail, preview };
    },
    review: (answer) => review(deps, answer),
    askSignature: (ask) => askSignature(deps, ask),
    reveal: (id, by, reason) => reveal(deps, id, { by, reason }),
    previewAgain: async (id, by) => previews?.again(id, by) ?? NO_PREVIEWS,
    cancel: (id, by) => cancelByPerson(deps, id, by),
    erase,
    listApprovals: (filter, page) => listApprovals(deps.store, filter, page),
    revoke: (approval_id, by, reason) => revokeApproval(deps, approval_id, { by, reason }),
    subscribe: (listener) => deps.bus.subscribe(listener),
  };
}

const NO_PREVIEWS: ChangeOutcome = {
  kind: 'refused',
  why: 'wrong_state',
  message: 'Nobody has said how to preview this; see previews of the upstream.',
};
