/**
 * How often each rule decided, counted by the hour from the log's entries: off a durable place in the log, in steps of
 * some milliseconds, whenever somebody looks and now and then between. It costs a call nothing, and decides nothing.
 */
import type { Row, Step, Store } from '../../store/store.ts';

export const HOUR_MS = 3_600_000;
/** Entries counted at a time: what the reader is asked for must not keep a call waiting. */
const CHUNK = 500;
/** Rules and hours one look may return: 10,000 rules at most are in force, and as many may be of earlier policies. */
const RULES_MAX = 50_000;

export type RuleHits = {
  readonly rule: string;
  /** Ran at once. */
  readonly allowed: number;
  /** Requests opened. */
  readonly asked: number;
  /** Ran after people were asked: reviewed, under a grant, or with broken glass. */
  readonly reviewed: number;
  /** Refused, or told to request access first. */
  readonly refused: number;
  readonly last_at: number;
};

export type Counted = { readonly size: number; readonly complete: boolean };

type Counting = Pick<Store, 'read' | 'commit' | 'logSize'>;

/** Counts what the log has gained, at most `chunks_max` steps of it. A crash, or another node, between two changes nothing. */
export async function countRuleHits(store: Counting, chunks_max: number): Promise<Counted> {
  let from = await countedSize(store);
  const size = await store.logSize();
  for (let chunk = 0; from < size; chunk += 1) {
    if (chunk === chunks_max) return { size: from, complete: false };
    const to = Math.min(size, from + CHUNK);
    const steps = [advance(from, to), ...(await hitsIn(store, from, to)).flatMap(add)];
    const outcome = await store.commit({ name: 'count-rule-hits', steps, entries: [], unhurried: true });
    // Another was at it: go on from where it is.
    from = outcome.ok ? to : await countedSize(store);
  }
  return { size: from, complete: true };
}

async function countedSize(store: Pick<Store, 'read'>): Promise<number> {
  const [row] = await store.read({
    sql: "SELECT value FROM meta WHERE name = 'rule_hits_counted'",
    params: [],
  });
  return Number(row?.['value'] ?? 0);
}

const advance = (from: number, to: number): Step => ({
  name: 'advance',
  sql: "UPDATE meta SET value = $2 WHERE name = 'rule_hits_counted' AND value = $1",
  params: [String(from), String(to)],
  rows: 1,
});

type Hit = Omit<RuleHits, 'refused'> & {
  readonly hour: number;
  readonly evaluated: number;
  readonly first_at: number;
};

/** Per rule and hour. Entries name the rules that decided; those of a run's end name none. */
async function hitsIn(store: Pick<Store, 'read'>, from: number, to: number): Promise<readonly Hit[]> {
  const rows = await store.read({
    sql: `SELECT rules, kind, (request_id IS NULL) AS alone, occurred_at / ${HOUR_MS} AS hour, COUNT(*) AS n,
            MIN(occurred_at) AS first_at, MAX(occurred_at) AS last_at
            FROM entries
           WHERE leaf_index >= $1 AND leaf_index < $2 AND rules IS NOT NULL AND kind IN ('evaluation', 'access-request', 'execution')
           GROUP BY rules, kind, (request_id IS NULL), occurred_at / ${HOUR_MS}`,
    params: [from, to],
  });
  const hits = new Map<string, Hit>();
  for (const row of rows) {
    for (const rule of JSON.parse(String(row['rules'])) as readonly string[]) {
      const key = `${row['hour']}\n${rule}`;
      hits.set(key, plus(hits.get(key) ?? noHit(rule, row), row));
    }
  }
  return [...hits.values()];
}

const noHit = (rule: string, row: Row): Hit => ({
  rule,
  hour: Number(row['hour']),
  allowed: 0,
  asked: 0,
  reviewed: 0,
  evaluated: 0,
  first_at: Number(row['first_at']),
  last_at: Number(row['last_at']),
});

function plus(hit: Hit, row: Row): Hit {
  const n = Number(row['n']);
  const kind = row['kind'];
  const alone = Number(row['alone']) === 1;
  return {
    ...hit,
    allowed: hit.allowed + (kind === 'execution' && alone ? n : 0),
    reviewed: hit.reviewed + (kind === 'execution' && !alone ? n : 0),
    asked: hit.asked + (kind === 'access-request' ? n : 0),
    evaluated: hit.evaluated + (kind === 'evaluation' ? n : 0),
    first_at: Math.min(hit.first_at, Number(row['first_at'])),
    last_at: Math.max(hit.last_at, Number(row['last_at'])),
  };
}

function add({ rule, hour, allowed, asked, reviewed, evaluated, first_at, last_at }: Hit): readonly Step[] {
  const later = (table: string): string =>
    `CASE WHEN excluded.last_at > ${table}.last_at THEN excluded.last_at ELSE ${table}.last_at END`;
  return [
    {
      name: 'hit',
      sql: `INSERT INTO rule_hits (hour, rule, allowed, asked, reviewed, evaluated, last_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (hour, rule) DO UPDATE SET allowed = rule_hits.allowed + excluded.allowed, asked = rule_hits.asked + excluded.asked,
              reviewed = rule_hits.reviewed + excluded.reviewed, evaluated = rule_hits.evaluated + excluded.evaluated, last_at = ${later('rule_hits')}`,
      params: [hour, rule, allowed, asked, reviewed, evaluated, last_at],
      rows: 1,
    },
    {
      name: 'seen',
      sql: `INSERT INTO rule_seen (rule, first_at, last_at) VALUES ($1, $2, $3)
            ON CONFLICT (rule) DO UPDATE SET last_at = ${later('rule_seen')},
              first_at = CASE WHEN excluded.first_at < rule_seen.first_at THEN excluded.first_at ELSE rule_seen.first_at END`,
      params: [rule, first_at, last_at],
      rows: 1,
    },
  ];
}

/** Since the beginning of that hour. */
export async function readRuleHits(
  store: Pick<Store, 'read'>,
  since_hour: number,
): Promise<readonly RuleHits[]> {
  const rows = await store.read({
    sql: `SELECT rule, SUM(allowed) AS allowed, SUM(asked) AS asked, SUM(reviewed) AS reviewed, SUM(evaluated) AS evaluated, MAX(last_at) AS last_at
            FROM rule_hits WHERE hour >= $1 GROUP BY rule`,
    params: [since_hour],
    rows_max: RULES_MAX,
  });
  return rows.map((row) => ({
    rule: String(row['rule']),
    allowed: Number(row['allowed']),
    asked: Number(row['asked']),
    reviewed: Number(row['reviewed']),
    // Every request that opened has an entry saying that it was held.
    refused: Math.max(0, Number(row['evaluated']) - Number(row['asked'])),
    last_at: Number(row['last_at']),
  }));
}

export type Seen = { readonly first_at: number; readonly last_at: number };

/** Over all time. */
export async function readRulesSeen(store: Pick<Store, 'read'>): Promise<ReadonlyMap<string, Seen>> {
  const rows = await store.read({
    sql: 'SELECT rule, first_at, last_at FROM rule_seen',
    params: [],
    rows_max: RULES_MAX,
  });
  return new Map(
    rows.map((row) => [
      String(row['rule']),
      { first_at: Number(row['first_at']), last_at: Number(row['last_at']) },
    ]),
  );
}

/** When the last entry that was counted occurred; undefined when none was. */
export async function countedUntil(store: Pick<Store, 'read'>, size: number): Promise<number | undefined> {
  const [row] = await store.read({
    sql: 'SELECT occurred_at FROM entries WHERE leaf_index = $1',
    params: [size - 1],
  });
  return row === undefined ? undefined : Number(row['occurred_at']);
}
