/** What one chunk of the log changes in the history, gathered and made ready to commit. Reads; writes nothing. */
import type { Deps } from '../deps.ts';
import type { Step } from '../store/store.ts';
import { endsBehind } from './ends.ts';
import { Calls, fold } from './fold.ts';
import { glimpsesOf, inTurns, notErased } from './glimpses.ts';
import { moveOf, putDocument } from './index/table.ts';
import { termsOf } from './index/words.ts';
import { CALL_COLUMNS, type CallRow, putCall, readCall } from './row.ts';
import { inList } from './shown.ts';
import { TELLING, type Told, toldBy } from './told.ts';
import { countTrails, trailsFor } from './trails/join.ts';

const DAY_MS = 86_400_000;

export type Span = {
  readonly from: number;
  readonly to: number;
  /** What is younger is left for the next time. */
  readonly settle_ms: number;
};
/** What changes up to `to`, which may be less than was asked for. */
export type Gathered = { readonly steps: readonly Step[]; readonly to: number };

export async function gather(deps: Deps, span: Span): Promise<Gathered> {
  const read = await readTold(deps, span);
  const to = settledEnd(read, span, deps.now());
  const told = to === span.to ? read : read.filter(({ seq }) => seq < to);
  return { steps: await changesOf(deps, [...told, ...(await endsBehind(deps.store, told, to))]), to };
}

const settledEnd = (told: readonly Told[], { to, settle_ms }: Span, now: number): number =>
  told.find(({ at }) => Math.abs(now - at) < settle_ms)?.seq ?? to;

async function changesOf(deps: Deps, told: readonly Told[]): Promise<readonly Step[]> {
  const calls = new Calls(await knownOf(deps, told));
  for (const each of told) fold(calls, each);
  const changed = calls.changed();
  const fresh = changed.filter(({ before }) => before === undefined).map(({ call }) => call);
  const trails = await trailsFor(deps.store, fresh, calls.questions);
  const { glimpses, read } = await glimpsesOf(deps, fresh);
  const move = await moveOf(deps.store);
  const steps: Step[] = [...notErased(read)];
  for (const { call, before } of changed) {
    const glimpse = glimpses.get(call.seq);
    const { sentence, shape, same } = glimpse ?? call;
    const trail = trails.of.get(call.seq) ?? call.trail;
    const row: CallRow = { ...call, sentence, shape, same, trail };
    steps.push(putCall(row), ...putReviewers(row, before));
    // What a call is found by does not change with what becomes of it.
    if (before !== undefined) continue;
    steps.push(...putDocument({ seq: call.seq, terms: termsOf(row), words: glimpse?.words ?? '' }, move));
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

function putReviewers({ seq, reviews }: CallRow, before: CallRow | undefined): readonly Step[] {
  const known = new Set(before?.reviews.map(({ reviewer }) => reviewer));
  const fresh = new Set(reviews.map(({ reviewer }) => reviewer).filter((reviewer) => !known.has(reviewer)));
  return [...fresh].map((reviewer) => ({
    name: 'put-reviewer',
    sql: 'INSERT INTO call_reviewers (reviewer, seq) VALUES ($1, $2) ON CONFLICT (reviewer, seq) DO NOTHING',
    params: [reviewer, seq],
    rows: 'any',
  }));
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
