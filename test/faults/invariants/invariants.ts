/**
 * What must hold whatever failed: nothing acknowledged is lost, nothing runs twice, nothing runs unapproved, what is
 * final stays, the log is dense and verifies for a stranger. Each check returns what it found wrong.
 */
import { folderSource } from '../../../gateway/src/audit/verify/source.ts';
import { verifyLog } from '../../../gateway/src/audit/verify/verify.ts';
import { readOutside, type Seen } from '../outside.ts';
import { folderOfLog, type World } from '../world.ts';
import type { Check } from './check.ts';
import { approvalsCover, grantsCover, quorumsMet, runsOnce } from './runs.ts';
import { wordsKept } from './words.ts';

const CHECKS: readonly Check[] = [
  runsOnce,
  approvalsCover,
  grantsCover,
  quorumsMet,
  wordsKept,
  logDense,
  logVerifies,
];

export async function violations(world: World): Promise<readonly string[]> {
  const seen = readOutside(world.rig.dir);
  const found: string[] = [];
  for (const check of CHECKS) found.push(...(await check(world, seen)));
  return found;
}

/** I10: leaf indexes without a gap, and an entry for every state that is not its first. */
async function logDense({ rig: { store } }: World): Promise<readonly string[]> {
  const wrong: readonly (readonly [what: string, sql: string])[] = [
    [
      'the log has a gap',
      'SELECT 1 FROM (SELECT COUNT(*) AS n, MAX(leaf_index) AS last FROM entries) AS log WHERE n > 0 AND n <> last + 1',
    ],
    [
      'an execution has no entry of its start',
      "SELECT 1 FROM executions x WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.execution_id = x.id AND e.kind = 'execution')",
    ],
    [
      'an execution ended off the record',
      `SELECT 1 FROM executions x WHERE x.status IN ('succeeded', 'failed')
          AND (SELECT COUNT(*) FROM entries e WHERE e.execution_id = x.id) <> 2`,
    ],
    [
      'a request has no entry',
      "SELECT 1 FROM requests r WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.request_id = r.id AND e.kind = 'access-request')",
    ],
    [
      'a request was resolved off the record',
      "SELECT 1 FROM requests r WHERE r.status <> 'pending' AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.request_id = r.id AND e.kind = 'resolution')",
    ],
    [
      'a review has no entry',
      `SELECT 1 FROM reviews v WHERE NOT EXISTS (SELECT 1 FROM entries e
          WHERE e.request_id = v.request_id AND e.reviewer = v.reviewer AND e.kind = 'review')`,
    ],
    [
      'glass was broken off the record, or approved nothing',
      `SELECT 1 FROM broken_glass b WHERE (SELECT COUNT(*) FROM entries e WHERE e.request_id = b.request_id AND e.kind = 'break-glass') = 0
          OR NOT EXISTS (SELECT 1 FROM approvals a JOIN requests r ON r.id = a.request_id
                          WHERE a.id = b.approval_id AND a.request_id = b.request_id AND r.approval_id = a.id)`,
    ],
    [
      'an erased request still has clear text, or something to try guesses on',
      `SELECT 1 FROM requests r WHERE r.erased_at IS NOT NULL
          AND (r.match_key <> '' OR EXISTS (SELECT 1 FROM payloads p WHERE p.request_id = r.id AND p.kind <> 'erasure' AND p.body IS NOT NULL))`,
    ],
    [
      'clear text was erased off the record',
      `SELECT 1 FROM payloads p JOIN requests r ON r.id = p.request_id WHERE p.erased_at IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.event_id = r.erased_event AND e.kind = 'redaction')`,
    ],
    [
      'an execution still stands as started after recovery',
      "SELECT 1 FROM executions WHERE status = 'started'",
    ],
  ];
  const found: string[] = [];
  for (const [what, sql] of wrong) if ((await store.read({ sql, params: [] })).length > 0) found.push(what);
  return found;
}

/** As a stranger: from the files, the log's key, and every checkpoint that was ever handed out (A24). */
async function logVerifies({ audit, rig }: World, seen: Seen): Promise<readonly string[]> {
  const older = seen.words.flatMap((word) => (word.said === 'checkpoint' ? [word.note] : [])).at(-1);
  const report = await verifyLog({
    source: folderSource(folderOfLog(rig.dir)),
    vkey: audit.keys.log.vkey,
    ...(older === undefined ? {} : { older }),
  });
  const size = await rig.store.logSize();
  return [
    ...report.findings.map(({ problem, detail }) => `log: ${problem}: ${detail}`),
    ...(report.ok ? [] : ['log: does not verify']),
    ...(report.size === size ? [] : [`log: published ${report.size} entries of ${size}`]),
  ];
}
