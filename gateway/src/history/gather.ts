/** What one chunk of the log changes in the history, gathered and made ready to commit. Reads; writes nothing. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Deps } from '../deps.ts';
import type { Step } from '../store/store.ts';
import { Calls, fold } from './fold.ts';
import { CALL_COLUMNS, type CallRow, putCall, readCall } from './row.ts';
import { BODY_CHARACTERS_MAX, bodiesOf, type Glimpse, glimpseOf, glimpseOfNames, inList } from './shown.ts';
import { TELLING, type Told, toldBy } from './told.ts';
import { countTrails, trailsFor } from './trails/join.ts';
import { termsOf } from './words.ts';

/** Main-thread work done at a stretch before others have a turn. */
const STRETCH_MS = 4;
const DAY_MS = 86_400_000;

type Span = { readonly from: number; readonly to: number };

export async function gather(deps: Deps, span: Span): Promise<readonly Step[]> {
  const told = await readTold(deps, span);
  const calls = new Calls(await knownOf(deps, told));
  for (const each of told) fold(calls, each);
  const changed = calls.changed();
  const fresh = changed.filter(({ before }) => before === undefined).map(({ call }) => call);
  const trails = await trailsFor(deps.store, fresh, calls.questions);
  const { glimpses, read } = await glimpsesOf(deps, fresh);
  const steps: Step[] = [...notErased(read)];
  for (const { call, before } of changed) {
    const glimpse = glimpses.get(call.seq);
    const { sentence, shape, same } = glimpse ?? call;
    const trail = trails.of.get(call.seq) ?? call.trail;
    const row: CallRow = { ...call, sentence, shape, same, trail };
    steps.push(putCall(row), ...putDocument(row, glimpse?.words ?? '', before));
  }
  return [...steps, ...trails.steps, ...countTrails(changed, trails.of), ...countDays(fresh)];
}

async function readTold(deps: Deps, { from, to }: Span): Promise<readonly Told[]> {
  const kinds = TELLING.map((kind) => `'${kind}'`).join(', ');
  const rows = await deps.store.read({
    sql: `SELECT leaf_index, kind, occurred_at, envelope, request_id, rules FROM entries
           WHERE leaf_index >= $1 AND leaf_index < $2 AND kind IN (${kinds}) ORDER BY leaf_index`,
    params: [from, to],
  });
  const told: Told[] = [];
  await inTurns(rows, (row) => {
    const each = toldBy(row);
    if (each !== undefined) told.push(each);
  });
  return told;
}

/** Does a little, lets others go on, does a little more. */
async function inTurns<T>(items: readonly T[], work: (item: T) => void): Promise<void> {
  let began = performance.now();
  for (const item of items) {
    work(item);
    if (performance.now() - began < STRETCH_MS) continue;
    await turn();
    began = performance.now();
  }
}

async function knownOf({ store }: Deps, told: readonly Told[]): Promise<readonly CallRow[]> {
  const requests = new Set(told.flatMap((each) => ('request_id' in each ? (each.request_id ?? []) : [])));
  const runs = new Set(told.flatMap((each) => ('execution_id' in each ? [each.execution_id] : [])));
  const by = async (column: string, names: ReadonlySet<string>): Promise<readonly CallRow[]> => {
    if (names.size === 0) return [];
    const list = inList([...names]);
    const sql = `SELECT ${CALL_COLUMNS} FROM calls c WHERE c.${column} ${list.sql}`;
    return (await store.read({ sql, params: list.params })).map(readCall);
  };
  const [asked, run] = await Promise.all([by('request_id', requests), by('execution_id', runs)]);
  return [...new Map([...asked, ...run].map((call) => [call.seq, call])).values()];
}

type Glimpses = {
  readonly glimpses: ReadonlyMap<number, Glimpse>;
  /** Requests whose text was read: none of them may be erased meanwhile. */
  readonly read: readonly string[];
};

async function glimpsesOf(deps: Deps, fresh: readonly CallRow[]): Promise<Glimpses> {
  const ids = fresh.map(({ id }) => id);
  const held = fresh.flatMap(({ request_id }) => (request_id === null ? [] : [request_id]));
  const [bodies, claims] = await Promise.all([
    bodiesOf(deps.store, ids, BODY_CHARACTERS_MAX),
    claimsOf(deps, held),
  ]);
  const glimpses = new Map<number, Glimpse>();
  await inTurns(fresh, (call) => {
    const body = bodies.get(call.id);
    const claim = claims.get(call.request_id ?? '');
    glimpses.set(
      call.seq,
      body === undefined ? glimpseOfNames(deps, call) : glimpseOf(deps, call, { body, claim }),
    );
  });
  const read = fresh.flatMap(({ id, request_id }) =>
    request_id !== null && (bodies.has(id) || claims.has(request_id)) ? [request_id] : [],
  );
  return { glimpses, read };
}

async function claimsOf({ store }: Deps, requests: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (requests.length === 0) return new Map();
  const list = inList(requests);
  const rows = await store.read({
    sql: `SELECT request_id, body FROM payloads WHERE kind = 'claim' AND erased_at IS NULL AND request_id ${list.sql}`,
    params: list.params,
  });
  return new Map(rows.map((row) => [String(row['request_id']), String(row['body'])]));
}

/** Somebody may erase a request between its text being read here and its words being stored: then all of this is done again. */
function notErased(requests: readonly string[]): readonly Step[] {
  if (requests.length === 0) return [];
  const { sql, params } = inList(requests);
  return [
    {
      name: 'erased',
      sql: `SELECT 1 FROM requests WHERE erased_at IS NOT NULL AND id ${sql}`,
      params,
      rows: 0,
    },
  ];
}

function putDocument(call: CallRow, words: string, before: CallRow | undefined): readonly Step[] {
  const terms = termsOf(call);
  if (before === undefined)
    return [
      {
        name: 'put-words',
        sql: 'INSERT INTO search_calls (rowid, terms, words) VALUES ($1, $2, $3)',
        params: [call.seq, terms, words],
        rows: 1,
      },
    ];
  if (terms === termsOf(before)) return [];
  const sql = 'UPDATE search_calls SET terms = $2 WHERE rowid = $1';
  return [{ name: 'put-terms', sql, params: [call.seq, terms], rows: 1 }];
}

/** A day's calls by agent and decision, under no rule; and by each rule that decided. */
function countDays(fresh: readonly CallRow[]): readonly Step[] {
  const counts = new Map<string, { readonly of: readonly [number, string, string, string]; calls: number }>();
  for (const { at, agent, rules, decision } of fresh)
    for (const rule of ['', ...rules]) {
      const of = [Math.floor(at / DAY_MS), agent, rule, decision] as const;
      const count = counts.get(JSON.stringify(of)) ?? { of, calls: 0 };
      count.calls += 1;
      counts.set(JSON.stringify(of), count);
    }
  return [...counts.values()].map(({ of, calls }) => ({
    name: 'count-day',
    sql: `INSERT INTO call_days (day, agent, rule, decision, calls) VALUES ($1, $2, $3, $4, $5)
          ON CONFLICT (day, agent, rule, decision) DO UPDATE SET calls = call_days.calls + excluded.calls`,
    params: [...of, calls],
    rows: 1,
  }));
}
