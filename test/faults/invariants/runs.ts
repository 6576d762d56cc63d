/** What reached the upstream, held against what was permitted, and that against what people approved (I1, I3, I9). */
import { type Delegation, quorum, standingVotes } from '@countersign/core';
import { loadCase } from '../../../gateway/src/requests/case.ts';
import { loadRequest } from '../../../gateway/src/requests/load.ts';
import type { Row, Store } from '../../../gateway/src/store/store.ts';
import type { Check } from './check.ts';

/** Tools that policy lets run without people. */
const FREE = new Set(['read_file']);

const rows = (store: Store, sql: string): Promise<readonly Row[]> => store.read({ sql, params: [] });

/** Nothing runs unpermitted, nothing runs twice. */
export const runsOnce: Check = async ({ rig: { store } }, { hits }) => {
  const found: string[] = [];
  const permits = new Map(
    (await rows(store, 'SELECT id, approval_id, status FROM executions')).map((row) => [
      String(row['id']),
      row,
    ]),
  );
  const ran = new Set<string>();
  for (const { hit, execution_id } of hits) {
    const permit = permits.get(execution_id);
    if (permit === undefined) found.push(`${hit} ran without a durable permit (I2)`);
    else if (permit['approval_id'] === null && !FREE.has(hit)) found.push(`${hit} ran unapproved (I1)`);
    if (ran.has(execution_id)) found.push(`${hit} ran twice under one permit (I3)`);
    ran.add(execution_id);
  }
  return found;
};

/** An approval yields as many runs as it has uses, and keeps count of them. */
export const approvalsCover: Check = async ({ rig: { store } }, { hits }) => {
  const approvals = await rows(
    store,
    `SELECT a.id AS id, a.uses_left AS uses_left, r.requirement AS requirement, r.status AS status,
            (SELECT COUNT(*) FROM broken_glass b WHERE b.approval_id = a.id) AS broken,
            (SELECT COUNT(*) FROM executions x WHERE x.approval_id = a.id) AS runs
       FROM approvals a JOIN requests r ON r.id = a.request_id`,
  );
  const approvalOf = new Map(
    (await rows(store, 'SELECT id, approval_id FROM executions WHERE approval_id IS NOT NULL')).map((row) => [
      String(row['id']),
      String(row['approval_id']),
    ]),
  );
  return approvals.flatMap((row) => {
    const asked = JSON.parse(String(row['requirement'])) as { uses: number };
    const uses = Number(row['broken']) === 1 ? 1 : asked.uses;
    const runs = Number(row['runs']);
    const reached = hits.filter(({ execution_id }) => approvalOf.get(execution_id) === row['id']).length;
    const wrong: string[] = [];
    if (runs > uses) wrong.push(`an approval of ${uses} uses was redeemed ${runs} times (I3)`);
    if (runs + Number(row['uses_left']) !== uses) wrong.push('an approval lost count of its uses');
    if (reached > runs) wrong.push('an upstream was reached more often than an approval was redeemed');
    if (row['status'] !== 'approved')
      wrong.push(`an approval of a request that is ${String(row['status'])} (I5)`);
    return wrong;
  });
};

/** A grant yields no more runs than it has uses, and keeps count of them (I3). */
export const grantsCover: Check = async ({ rig: { store } }) => {
  const grants = await rows(
    store,
    `SELECT g.id AS id, g.uses_given AS given, g.uses_left AS uses_left, r.status AS status,
            (SELECT COUNT(*) FROM executions x WHERE x.approval_id = g.id) AS runs
       FROM grants g JOIN requests r ON r.id = g.request_id`,
  );
  return grants.flatMap((row) => {
    const [given, left, runs] = [Number(row['given']), Number(row['uses_left']), Number(row['runs'])];
    const wrong: string[] = [];
    if (runs + left !== given)
      wrong.push(`a grant of ${given} uses has ${left} left after ${runs} runs (I3)`);
    if (row['status'] !== 'approved')
      wrong.push(`a grant of a request that is ${String(row['status'])} (I5)`);
    return wrong;
  });
};

/** Every approval stood on the reviews of enough people who might review it, with whoever sat in for whom just then (I4). */
export const quorumsMet: Check = async ({ rig: { store, authority, deps } }) => {
  const found: string[] = [];
  for (const row of await rows(store, 'SELECT request_id, approved_at FROM approvals')) {
    const stored = await loadRequest(store, String(row['request_id']));
    if (stored === undefined) return ['an approval without a request'];
    // No quorum stands behind those: that it is on record, signed and marked, the log is verified for.
    if (stored.resolution?.broken_glass !== undefined) continue;
    const now = Number(row['approved_at']);
    const theCase = await loadCase(deps, stored, { authority: authority.current() });
    const duties = { ...theCase.duties, delegations: await delegationsAt(store, now) };
    if (!quorum(stored.request.requirement, standingVotes({ ...theCase, duties, now })).met)
      found.push(`${stored.request.id} was approved by too few`);
  }
  return found;
};

async function delegationsAt(store: Store, at: number): Promise<readonly Delegation[]> {
  const found = await store.read({
    sql: 'SELECT id, from_person, to_person, starts_at, ends_at FROM delegations WHERE given_at <= $1 AND (revoked_at IS NULL OR revoked_at >= $1)',
    params: [at],
  });
  return found.map((row) => ({
    id: String(row['id']),
    from: String(row['from_person']),
    to: String(row['to_person']),
    starts_at: Number(row['starts_at']),
    until: Number(row['ends_at']),
  }));
}
