/** What waits, as one person sees it: whether they may answer, and if not, why not. It says who may; it lets nobody (I4). */
import { createHash } from 'node:crypto';
import { type Eligibility, eligibility, type Proof } from '@countersign/core';
import type { InboxItem, Page as PageOf } from '@countersign/sdk';
import type { Deps } from '../../deps.ts';
import { loadCase } from '../case.ts';
import type { InboxFilter, Page, Waiting } from '../requests.ts';
import { proofNeeded } from '../signing/stage.ts';
import { rowsOf } from './list.ts';
import type { StoredRequest } from './row.ts';
import { summaryOf } from './summary.ts';

/** Pending requests looked at to count those of one person. */
const COUNTED_MAX = 500;

type Wanting = InboxFilter & { readonly page: Page };

export async function inboxOf(
  deps: Deps,
  person: string,
  { for_me = false, page }: Wanting,
): Promise<PageOf<InboxItem>> {
  const filter = { status: 'pending', ...(for_me ? { reviewable_by: person } : {}) } as const;
  const { rows, ...next } = await rowsOf(deps, filter, page);
  return { items: await Promise.all(rows.map((stored) => itemOf(deps, stored, person))), ...next };
}

async function itemOf(deps: Deps, stored: StoredRequest, person: string): Promise<InboxItem> {
  const [summary, own] = await Promise.all([summaryOf(deps, stored), standingOf(deps, stored, person)]);
  return { ...summary, ...own, group: likenessOf(stored) };
}

type Own = Pick<InboxItem, 'eligibility' | 'proof_needed' | 'reviewed_by' | 'my_decision'>;

async function standingOf(deps: Deps, stored: StoredRequest, id: string): Promise<Own> {
  const theCase = await loadCase(deps, stored, { authority: deps.authority.current() });
  const person = theCase.directory.person(id);
  const may: Eligibility =
    person === undefined ? { eligible: false, why: 'inactive' } : eligibility(person, theCase);
  const mine = theCase.reviews.find(({ reviewer }) => reviewer === id)?.decision;
  const proof: Proof | undefined =
    person !== undefined && may.eligible ? proofNeeded(person, theCase) : undefined;
  return {
    eligibility: may,
    ...(proof === undefined ? {} : { proof_needed: proof }),
    reviewed_by: theCase.reviews.map(({ reviewer }) => reviewer),
    ...(mine === undefined ? {} : { my_decision: mine }),
  };
}

/** What may be looked at together: the same for requests of one requester for one tool, held by the same rules under the same policy. */
export function likenessOf({ request: { principal, risk }, about, explanation }: StoredRequest): string {
  const rules = explanation.deciding.map(({ rule }) => rule).sort();
  const { upstream, env, action, resource } = about;
  const parts = [principal.agent, principal.subject.id, upstream, env, action, resource, risk, rules];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}

export async function waitingFor(deps: Deps, person: string): Promise<Waiting> {
  const sql = "SELECT COUNT(*) AS n FROM requests WHERE status = 'pending'";
  const [[row], { rows, next_cursor }] = await Promise.all([
    deps.store.read({ sql, params: [] }),
    rowsOf(deps, { reviewable_by: person }, { limit: COUNTED_MAX }),
  ]);
  return { all: Number(row?.['n'] ?? 0), for_me: rows.length, more: next_cursor !== undefined };
}
