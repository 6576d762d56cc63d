/**
 * No holder of clear text is forgotten. A mark of its own is written into every text column of every row that belongs to
 * one request; then the request is erased. What still has its mark must be named here, with why it may stay: so whoever
 * adds a table or a column either has it erased, or says here what it keeps (I7, decision 0013).
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createRig, held, policyOf, type Rig } from '../../testing/rig.ts';

type Value = string | number | null;
type Row = { readonly [column: string]: Value };

/** How rows of a table belong to the request, and which of their columns may stay. Whatever else there is must go. */
type OfRequest = { readonly row: (request_id: string) => Row; readonly stay: string; readonly why: string };

const CALL = 7_000;
const of = (request_id: string): Row => ({ request_id });

const OF_A_REQUEST: { readonly [table: string]: OfRequest } = {
  payloads: {
    row: of,
    stay: 'id kind',
    why: 'what is gone is still named by the rows that pointed to it',
  },
  reviews: {
    row: of,
    stay: 'id reviewer proof reason_payload_id channel',
    why: 'who decided what, when and how; the reason is a payload',
  },
  review_signatures: {
    row: of,
    stay: 'review_id credential_id document client_data authenticator_data signature',
    why: 'identifiers and commitments; what opens those is a payload',
  },
  broken_glass: {
    row: of,
    stay: 'id approval_id person terms reason_payload_id credential_id document client_data authenticator_data signature closed_by note_payload_id',
    why: 'who broke it, who judged it, and what was signed; both reasons are payloads',
  },
  approvals: {
    row: of,
    stay: 'id action_digest agent policy_digest revoked_by',
    why: 'who approved, when and what came of it; the digest is salted',
  },
  grants: {
    row: of,
    stay: 'id agent upstream action_name resource revoked_by',
    why: 'what was granted, by whose request and how it ended, in names',
  },
  executions: {
    row: of,
    stay: 'id approval_id evaluation_id agent upstream action_digest result_payload_id',
    why: 'that it ran and how it ended; the digest is salted',
  },
  request_views: { row: of, stay: 'person', why: 'who was shown it, and how much there was to read' },
  entries: {
    row: (request_id) => ({ request_id, leaf_index: 1_000_000 }),
    stay: 'event_id kind envelope leaf execution_id agent reviewer action resource upstream rules',
    why: 'the log: identifiers, digests and commitments, never clear text',
  },
  passkey_challenges: { row: of, stay: '', why: '' },
  idempotency: { row: () => ({ principal: 'agent:coder', status: 200 }), stay: '', why: '' },
  previews: {
    row: of,
    stay: 'id asked_by tool why payload_id started_event ended_event',
    why: 'which tool was read, when, and how it ended in our words; what was read is a payload',
  },
  cards: {
    row: (request_id) => ({ request_id, id: 'a-card', maybe_posted: 1 }),
    stay: 'channel place person likeness posted lease',
    why: 'where it stands, so that it can be drawn anew there without the text',
  },
  card_versions: {
    row: () => ({ card_id: 'a-card' }),
    stay: 'action_digest',
    why: 'which version offered what; the digest is salted',
  },
  cards_aside: { row: of, stay: '', why: '' },
  calls: {
    row: (request_id) => ({ request_id, seq: CALL }),
    stay: 'id agent subject owner team upstream env action resource class risk outcome permitted_by reason rules reviews granted_by execution_id trail',
    why: 'names, times and what came of it, as in the log',
  },
  call_reviewers: { row: () => ({ seq: CALL }), stay: 'reviewer', why: 'who answered' },
  search_calls: {
    row: () => ({ rowid: CALL }),
    stay: 'terms',
    why: 'names a call is filtered by; the words are written anew, of names',
  },
  search_history: { row: () => ({ rowid: CALL }), stay: 'terms', why: 'as search_calls' },
  webhook_callbacks: { row: of, stay: '', why: '' },
  webhook_deliveries: {
    row: (subject) => ({ subject }),
    stay: 'endpoint type event_id trouble',
    why: 'that it is to be told of; what is told is made when it is sent, and the trouble is in our words',
  },
  ticket_acts: {
    row: of,
    stay: 'id system payload_id event_id',
    why: 'which system tried what, and when; its words are payloads',
  },
  ticket_shown: { row: of, stay: '', why: '' },
  ticket_challenges: { row: of, stay: '', why: '' },
};

/** The request’s own row is a real one, for much of it is read on the way: only these of its columns are marked. */
const READ_ON_THE_WAY =
  'id status principal requirement explanation resolution erased_by erased_event agent subject';
const REQUEST_STAYS =
  'tenant action_digest owner team upstream env action_name resource risk evaluation_id payload_id claim_payload_id policy_digest approval_id';

/** Rows that belong to no one request. What people chose to write there is theirs to take out there. */
const OF_NO_REQUEST: { readonly [table: string]: string } = {
  account_links: 'who is who',
  accounts: 'who is who',
  agent_pauses: 'who stopped an agent, and when; the reason is about the agent',
  agent_uses: 'when agents last came in',
  authority: 'a number',
  call_days: 'counts',
  channel_links: 'who is who',
  checkpoints: 'what was signed of the log',
  delegations: 'who sits in for whom',
  entry_terms: 'names, as in the log',
  glass_acknowledged: 'who has seen that a glass was broken',
  memberships: 'who is who',
  meta: 'positions of followers',
  migrations: 'which build made this store',
  passkeys: 'keys of people',
  people: 'who is who',
  people_left: 'who is who',
  policies: 'policies that were in force',
  policy_drafts: 'policies people proposed',
  review_grants: 'how long and how often a reviewer offered',
  rule_changes: 'who last changed what decides, in names',
  rule_hits: 'counts',
  rule_seen: 'counts',
  saved_searches: 'what a person looks for, until they take it out',
  scim_groups: 'who is who',
  scim_members: 'who is who',
  scim_users: 'who is who',
  sessions: 'who is signed in',
  sign_in_codes: 'who signs in',
  sign_in_flows: 'who signs in',
  tool_pins: 'tools as their upstreams define them',
  trails: 'which calls were made in one go, in names',
  webhook_endpoints: 'how a place that is told stands, in our words',
};

/** Who stores payloads under no request. */
const PAYLOADS_OF_NONE: { readonly [file: string]: string } = {
  'executions/permit.ts': 'the action of a call that nobody was asked about: allowed, or covered by a grant',
  'pauses/pauses.ts': 'why an agent was stopped',
};

let rig: Rig;
beforeEach(async () => {
  rig = await createRig(policyOf({ write: { then: 'require' } }));
});
afterEach(() => rig.close());

type Column = { readonly name: string; readonly type: string; readonly notnull: number };
type Made = { readonly table: string; readonly columns: readonly Column[]; readonly sql: string };

/** Ours, and the tables of words: not what SQLite keeps below those, nor for itself. */
function tablesOf(db: DatabaseSync): readonly Made[] {
  const listed = db.prepare(
    `SELECT l.name AS name, m.sql AS sql FROM pragma_table_list l JOIN sqlite_master m ON m.name = l.name
      WHERE l.schema = 'main' AND l.type IN ('table', 'virtual') ORDER BY l.name`,
  );
  const columns = db.prepare('SELECT name, type, "notnull" FROM pragma_table_info($table)');
  return listed.all().map(({ name, sql }) => ({
    table: String(name),
    sql: String(sql),
    columns: columns.all({ table: String(name) }) as unknown as readonly Column[],
  }));
}

/** Bounded at both ends: no mark is found inside another. */
const mark = (table: string, column: string): string => `<mark ${table}.${column}>`;
const listOf = (names: string): readonly string[] => names.split(' ').filter((name) => name !== '');

/** One of a closed list holds no text. The last one is where nothing can happen any more. */
const lastOf = (sql: string, column: string): string | undefined =>
  new RegExp(`\\b${column} IN \\(([^)]*)\\)`)
    .exec(sql)?.[1]
    ?.match(/[a-z_]+/g)
    ?.at(-1);

function fillerOf({ table, sql }: Made, { name, type, notnull }: Column): Value {
  if (type === 'BIGINT') return notnull === 0 ? null : 1;
  return lastOf(sql, name) ?? mark(table, name);
}

function insertRow(db: DatabaseSync, made: Made, given: Row): void {
  const own = made.columns.map((column): [string, Value] => [column.name, fillerOf(made, column)]);
  const row = { ...Object.fromEntries(own), ...given };
  const names = Object.keys(row);
  db.prepare(
    `INSERT INTO ${made.table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
  ).run(...Object.values(row));
}

/** Which marks stand anywhere in the store's rows, by the table and column they were written to. */
function markedIn(db: DatabaseSync): readonly string[] {
  const all = tablesOf(db).map(({ table }) => JSON.stringify(db.prepare(`SELECT * FROM ${table}`).all()));
  const found = all.flatMap((rows) => [...rows.matchAll(/<mark ([\w.]+)>/g)].map(([, named = '']) => named));
  return [...new Set(found)].sort();
}

/** A request that is over, every text column of every row it can have bearing a mark. */
async function marked(): Promise<{ readonly id: string; readonly marks: readonly string[] }> {
  const { id } = held(await rig.call('write', { text: 'words' }));
  await rig.answer(id, 'bob', { decision: 'denied' });
  using db = new DatabaseSync(path.join(rig.dir, 'store.db'));
  // A row need not make sense, only be found by its request.
  db.exec('PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; PRAGMA busy_timeout = 10000');
  for (const made of tablesOf(db)) {
    const holds = OF_A_REQUEST[made.table];
    if (holds !== undefined) insertRow(db, made, holds.row(id));
    if (made.table === 'requests') markRequest(db, made, id);
  }
  return { id, marks: markedIn(db) };
}

function markRequest(db: DatabaseSync, { columns }: Made, id: string): void {
  const read = listOf(READ_ON_THE_WAY);
  const free = columns.filter(({ name, type }) => type !== 'BIGINT' && !read.includes(name));
  for (const { name } of free)
    db.prepare(`UPDATE requests SET ${name} = ? WHERE id = ?`).run(mark('requests', name), id);
}

describe('erase: no holder of clear text is forgotten', () => {
  it('every table is known here, with what it keeps of a request', () => {
    using db = new DatabaseSync(path.join(rig.dir, 'store.db'), { readOnly: true });
    const known = [...Object.keys(OF_A_REQUEST), ...Object.keys(OF_NO_REQUEST), 'requests'];
    const tables = tablesOf(db).filter(({ table }) => table !== 'sqlite_schema');
    assert.deepEqual(
      tables.map(({ table }) => table).filter((table) => !known.includes(table)),
      [],
      'a new table: does it keep anything of a request, or by which that could be guessed? Have it erased, and say here what stays',
    );
    assert.deepEqual(
      known.filter((each) => !tables.some(({ table }) => table === each)),
      [],
      'no such table any more',
    );
    const named = tables.filter(({ columns }) => columns.some(({ name }) => /request_id|card_id/.test(name)));
    assert.deepEqual(
      named.map(({ table }) => table).filter((table) => Object.hasOwn(OF_NO_REQUEST, table)),
      [],
      'its rows name a request',
    );
  });

  it('what goes is gone from every row and every byte, and what stays is what is said here', async () => {
    const { id, marks } = await marked();
    const outcome = await rig.requests.erase(id, 'dan', 'asked to');
    assert.equal(outcome.kind, 'erased', JSON.stringify(outcome));
    using db = new DatabaseSync(path.join(rig.dir, 'store.db'), { readOnly: true });
    const stayed = markedIn(db);
    const may = [
      ...listOf(REQUEST_STAYS).map((column) => `requests.${column}`),
      ...Object.entries(OF_A_REQUEST).flatMap(([table, { stay }]) =>
        listOf(stay).map((column) => `${table}.${column}`),
      ),
    ];
    assert.deepEqual(
      stayed.filter((each) => !may.includes(each)),
      [],
      'not erased: have it erased, or say here why it may stay',
    );
    assert.deepEqual(may.toSorted(), stayed, 'said to stay, and erased or never there');
    const gone = marks.filter((each) => !stayed.includes(each));
    assert.ok(gone.length > 20, `it is about something: ${gone.join(' ')}`);
    const files = readdirSync(rig.dir).map((name) => readFileSync(path.join(rig.dir, name)));
    assert.deepEqual(
      gone.filter((each) => files.some((bytes) => bytes.includes(`<mark ${each}>`))),
      [],
      'gone from the rows, and left in the files',
    );
  });

  it('every payload names its request, but those that are of none', () => {
    const src = path.resolve(import.meta.dirname, '..');
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => ({
        name: name.replaceAll(path.sep, '/'),
        text: readFileSync(path.join(src, name), 'utf8'),
      }));
    const having = (what: RegExp) => files.filter(({ text }) => what.test(text)).map(({ name }) => name);
    assert.deepEqual(having(/INTO payloads\b/), ['payloads.ts']);
    assert.deepEqual(
      having(/\bstorePayload\(/)
        .filter((name) => name !== 'payloads.ts')
        .sort(),
      Object.keys(PAYLOADS_OF_NONE),
      'erasing finds payloads by their request: storePayloadOf, or say here whose it is',
    );
  });

  it('whatever stays, there is a reason for it', () => {
    const silent = Object.entries(OF_A_REQUEST).filter(([, { stay, why }]) => (stay === '') !== (why === ''));
    assert.deepEqual(silent, []);
  });
});
