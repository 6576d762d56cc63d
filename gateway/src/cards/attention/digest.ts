/**
 * A summary at a time of day, for places that ask for one: what waits and since when, what was decided, and what lapsed
 * with nobody's answer. It counts, and quotes only the sentence reviewers read. Said once: it is claimed in the store before it is
 * said, so two gateways do not both, and one that is lost on the way is followed by the next.
 */
import { createHash } from 'node:crypto';
import { visible } from '@countersign/core';
import type { Digest } from '../../channels/attention/config.ts';
import type { Channel, Notice } from '../../channels/channel.ts';
import type { Deps } from '../../deps.ts';
import { loadRequest } from '../../requests/load.ts';
import { summaryOf } from '../../requests/views/summary.ts';
import type { Step } from '../../store/store.ts';
import { withinTime } from '../carrying/within-time.ts';
import type { Place } from '../plan.ts';
import { opensAt } from './hours.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Missed by more than this, as by a gateway that was down, it is left for the next. */
const LATE_MAX_MS = 6 * 3_600_000;
const OLDEST_SHOWN = 3;

export type Digesting = {
  readonly deps: Deps;
  readonly channels: readonly Channel[];
  readonly digests: readonly Digest[];
  readonly placesOf: (to: readonly string[]) => readonly Place[];
};

/** Says every digest whose time has come. Returns how many were said. */
export async function sayDigests({ deps, channels, digests, placesOf }: Digesting): Promise<number> {
  let said = 0;
  for (const digest of digests) {
    const at = lastTime(digest, deps.now());
    if (at === undefined || deps.now() - at > LATE_MAX_MS) continue;
    const since = await claim(deps, digest, at);
    if (since === undefined) continue;
    const notice = await noticeOf(deps, { id: `dig_${keyOf(digest)}_${at}`, since, at });
    for (const { channel, place } of placesOf(digest.to)) {
      const carrier = channels.find(({ kind }) => kind === channel);
      try {
        if (carrier?.say === undefined) continue;
        await withinTime(carrier, carrier.say(notice, place));
        said += 1;
      } catch (error) {
        deps.log.warn({ channel, error: String(error) }, 'a digest could not be said; the next one will be');
      }
    }
  }
  return said;
}

/** When it was last due; undefined: not within the last days. */
export function lastTime(
  { zone, days, at }: Pick<Digest, 'zone' | 'days' | 'at'>,
  now: number,
): number | undefined {
  // A minute that begins then: the newest one that has begun.
  const minute = { zone, days, from: at, to: afterMinute(at) };
  let found: number | undefined;
  for (let from = now - 8 * DAY_MS; ; ) {
    const opens = opensAt(minute, from);
    if (opens > now) return found;
    found = Math.floor(opens / MINUTE_MS) * MINUTE_MS;
    from = found + MINUTE_MS;
  }
}

function afterMinute(time: string): string {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const next = (hour * 60 + minute + 1) % (24 * 60);
  return `${String(Math.floor(next / 60)).padStart(2, '0')}:${String(next % 60).padStart(2, '0')}`;
}

const keyOf = (digest: Digest): string =>
  createHash('sha256').update(JSON.stringify(digest)).digest('hex').slice(0, 16);

/** Since when it speaks; undefined when another said it, or it was said before. */
async function claim({ store }: Deps, digest: Digest, at: number): Promise<number | undefined> {
  const name = `digest:${keyOf(digest)}`;
  const [row] = await store.read({ sql: 'SELECT value FROM meta WHERE name = $1', params: [name] });
  const last = row === undefined ? undefined : Number(row['value']);
  if (last !== undefined && last >= at) return undefined;
  const take: Step =
    last === undefined
      ? {
          name: 'first-digest',
          sql: 'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING',
          params: [name, String(at)],
          rows: 1,
        }
      : {
          name: 'next-digest',
          sql: 'UPDATE meta SET value = $3 WHERE name = $1 AND value = $2',
          params: [name, String(last), String(at)],
          rows: 1,
        };
  const outcome = await store.commit({ name: 'claim-digest', steps: [take], entries: [] });
  return outcome.ok ? Math.max(last ?? 0, at - 7 * DAY_MS, last === undefined ? at - DAY_MS : 0) : undefined;
}

type Span = { readonly id: string; readonly since: number; readonly at: number };

async function noticeOf(deps: Deps, { id, since, at }: Span): Promise<Notice> {
  const { store, public_url } = deps;
  const [[waits], decided, oldest] = await Promise.all([
    store.read({ sql: "SELECT COUNT(*) AS n FROM requests WHERE status = 'pending'", params: [] }),
    store.read({
      sql: 'SELECT status, COUNT(*) AS n FROM requests WHERE resolved_at >= $1 AND resolved_at < $2 GROUP BY status',
      params: [since, at],
    }),
    store.read({
      sql: `SELECT id FROM requests WHERE status = 'pending' ORDER BY opened_at LIMIT ${OLDEST_SHOWN}`,
      params: [],
    }),
  ]);
  const of = (status: string): number => Number(decided.find((row) => row['status'] === status)?.['n'] ?? 0);
  const waiting = Number(waits?.['n'] ?? 0);
  const sentences = await Promise.all(oldest.map((row) => sentenceOf(deps, String(row['id']), at)));
  const lapsed = of('expired');
  return {
    id,
    title:
      waiting === 0
        ? 'Nothing waits for review'
        : `${counted(waiting, 'request waits', 'requests wait')} for review`,
    lines: [
      ...sentences.flatMap((sentence) => sentence ?? []),
      `Since the last summary: ${of('approved')} approved, ${of('denied')} denied, ${of('cancelled')} withdrawn.`,
      ...(lapsed === 0 ? [] : [`${counted(lapsed, 'request', 'requests')} lapsed with nobody’s answer.`]),
    ],
    link: `${public_url}/`,
  };
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

async function sentenceOf(deps: Deps, id: string, at: number): Promise<string | undefined> {
  const stored = await loadRequest(deps.store, id);
  if (stored === undefined) return undefined;
  const { sentence, opened_at, agent } = await summaryOf(deps, stored);
  return visible(`${agent}, for ${ago(at - opened_at)}: ${sentence}`, { chars_max: 400 }).text;
}

function ago(ms: number): string {
  if (ms < MINUTE_MS) return 'less than a minute';
  if (ms < 3_600_000) return counted(Math.floor(ms / MINUTE_MS), 'minute', 'minutes');
  if (ms < DAY_MS) return counted(Math.floor(ms / 3_600_000), 'hour', 'hours');
  return counted(Math.floor(ms / DAY_MS), 'day', 'days');
}
