/** I3, I4, I5, I8, I9, I10 as questions to the store, asked after every round. */
import assert from 'node:assert/strict';
import type { Row } from '../../../gateway/src/store/store.ts';
import type { Play } from './moves.ts';
import { OWNERS } from './rig.ts';

const WRONG: { readonly [what: string]: string } = {
  'I3: runs and uses left do not add up': `
    SELECT a.id FROM approvals a JOIN requests r ON r.id = a.request_id
     WHERE (SELECT COUNT(*) FROM executions x WHERE x.approval_id = a.id) + a.uses_left
           <> CASE WHEN r.requirement LIKE '%"uses":2%' THEN 2 ELSE 1 END`,
  'I3: an approval and a run of another action, or of another agent': `
    SELECT x.id FROM executions x JOIN approvals a ON a.id = x.approval_id
     WHERE x.match_key <> a.match_key OR x.agent <> a.agent`,
  'I3: a run outside the time of its approval': `
    SELECT x.id FROM executions x JOIN approvals a ON a.id = x.approval_id
     WHERE x.started_at >= a.approved_until OR x.started_at < a.approved_at OR x.started_at > COALESCE(a.revoked_at, x.started_at)`,
  'I5: a request is approved and has no approval, or the other way round': `
    SELECT r.id FROM requests r WHERE (r.status = 'approved') <> EXISTS (SELECT 1 FROM approvals a WHERE a.request_id = r.id)`,
  'I5: two approvals of one request':
    'SELECT request_id FROM approvals GROUP BY request_id HAVING COUNT(*) > 1',
  'I5: a request approved over a denial': `
    SELECT r.id FROM requests r JOIN reviews v ON v.request_id = r.id WHERE r.status = 'approved' AND v.decision = 'denied'`,
  'I14: a request approved after its time':
    "SELECT id FROM requests WHERE status = 'approved' AND resolved_at >= expires_at",
  'I4: somebody answered twice': 'SELECT 1 FROM reviews GROUP BY request_id, reviewer HAVING COUNT(*) > 1',
  'I9: the next use of an approval after a run of unknown outcome': `
    SELECT y.id FROM executions x JOIN executions y ON y.approval_id = x.approval_id
     WHERE x.status = 'unknown' AND y.id <> x.id
       AND (SELECT MIN(e.leaf_index) FROM entries e WHERE e.execution_id = y.id)
         > (SELECT MAX(e.leaf_index) FROM entries e WHERE e.execution_id = x.id)`,
  'I10: a gap in the log': `
    SELECT n FROM (SELECT COUNT(*) AS n, COALESCE(MAX(leaf_index) + 1, 0) AS size FROM entries) AS log WHERE n <> size`,
  'I10: a run off the record': `
    SELECT id FROM executions x WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.execution_id = x.id)`,
};

/** One question, asked after every round: the names of what does not hold. */
const ALL_WRONG = Object.entries(WRONG)
  .map(([what, sql]) => `SELECT '${what}' AS wrong WHERE EXISTS (${sql})`)
  .join(' UNION ALL ');

/** What was final stays final: remembered between rounds. */
export type Memory = Map<string, string>;

const FINAL = `
  SELECT 'request ' || id AS what, status FROM requests WHERE status <> 'pending'
  UNION ALL SELECT 'approval ' || id, status FROM approvals WHERE status <> 'active'
  UNION ALL SELECT 'execution ' || id, status FROM executions WHERE status <> 'started'`;

export async function holds({ rig: { store }, ran }: Play, memory: Memory): Promise<void> {
  const ask = (sql: string): Promise<readonly Row[]> => store.read({ sql, params: [] });
  assert.deepEqual(await ask(ALL_WRONG), []);

  for (const row of await ask(FINAL)) {
    const [what, status] = [String(row['what']), String(row['status'])];
    assert.equal(status, memory.get(what) ?? status, `I5: ${what} moved`);
    memory.set(what, status);
  }
  const reviews = await ask(
    'SELECT r.agent AS agent, v.reviewer AS reviewer FROM reviews v JOIN requests r ON r.id = v.request_id',
  );
  for (const { agent, reviewer } of reviews) {
    assert.notEqual(reviewer, OWNERS[String(agent)], 'I4: an owner reviewed');
    assert.notEqual(reviewer, 'eve', 'I4: somebody without the role reviewed');
  }
  assert.equal(new Set(ran).size, ran.length, 'I3: one execution ran twice');
  const permitted = new Map(
    (await ask('SELECT id, approval_id, evaluation_id FROM executions')).map((row) => [row['id'], row]),
  );
  for (const id of ran) assert.ok(permitted.has(id), 'I2: it ran without a durable permit');
  const denied = await ask(`
    SELECT e.resource AS resource FROM executions x JOIN entries e ON e.execution_id = x.id
     WHERE x.approval_id IS NULL AND e.resource <> 'free'`);
  assert.deepEqual(denied, [], 'I1: a tool that needs people ran without them');
}
