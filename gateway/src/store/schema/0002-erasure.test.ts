import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { migrate } from '../sqlite/migrate.ts';
import { MIGRATIONS } from './migrations.ts';

/** A row of the first version's table: what is given, and something for every column that must have a value. */
function insert(
  db: DatabaseSync,
  table: string,
  given: { readonly [column: string]: string | number },
): void {
  const columns = db.prepare(`SELECT name, type, "notnull" AS must FROM pragma_table_info('${table}')`).all();
  const row = columns.flatMap(({ name, type, must }) => {
    const value = given[String(name)] ?? (must === 1 ? (type === 'TEXT' ? 'x' : 1) : undefined);
    return value === undefined ? [] : [[String(name), value] as const];
  });
  const names = row.map(([name]) => name).join(', ');
  const marks = row.map(() => '?').join(', ');
  db.prepare(`INSERT INTO ${table} (${names}) VALUES (${marks})`).run(...row.map(([, value]) => value));
}

it('finds the request of every payload that an older gateway stored, and no other', () => {
  const db = new DatabaseSync(':memory:');
  migrate(db, MIGRATIONS.slice(0, 1), 1);
  const payload = (id: string, kind: string, created_at = 1) =>
    insert(db, 'payloads', { id, kind, salt: 's', body: 'b', created_at });
  for (const [id, kind] of [
    ['action', 'action'],
    ['claim', 'claim'],
    ['vote', 'reason'],
    ['result', 'result'],
    ['allowed', 'action'],
    ['allowed-result', 'result'],
  ] as const)
    payload(id, kind);
  payload('reveal', 'reason', 50);
  payload('revoke', 'reason', 60);
  payload('other', 'reason', 61);
  const status = { status: 'denied', resolved_at: 9 };
  insert(db, 'requests', { id: 'req_1', payload_id: 'action', claim_payload_id: 'claim', ...status });
  insert(db, 'requests', { id: 'req_2', payload_id: 'missing', ...status });
  insert(db, 'reviews', {
    id: 'rev_1',
    request_id: 'req_2',
    reason_payload_id: 'vote',
    decision: 'denied',
  });
  insert(db, 'executions', {
    id: 'exe_1',
    request_id: 'req_1',
    result_payload_id: 'result',
    status: 'failed',
  });
  insert(db, 'executions', { id: 'exe_2', result_payload_id: 'allowed-result', status: 'failed' });
  const entry = (leaf_index: number, kind: string, occurred_at: number) =>
    insert(db, 'entries', { leaf_index, event_id: `e${leaf_index}`, kind, occurred_at, request_id: 'req_1' });
  entry(0, 'redaction', 50);
  entry(1, 'resolution', 60);
  entry(2, 'review', 61);

  migrate(db, MIGRATIONS.slice(0, 2), 2);
  const found = db.prepare('SELECT id, request_id FROM payloads ORDER BY id').all();
  assert.deepEqual(Object.fromEntries(found.map((row) => [row['id'], row['request_id']])), {
    action: 'req_1',
    allowed: null,
    'allowed-result': null,
    claim: 'req_1',
    other: null,
    result: 'req_1',
    reveal: 'req_1',
    revoke: 'req_1',
    vote: 'req_2',
  });
  const [erased] = db.prepare('SELECT COUNT(*) AS n FROM requests WHERE erased_at IS NULL').all();
  assert.equal(erased?.['n'], 2);
});
