/**
 * What is kept back before it is shown for the first time, so that people are not worn down (A19): one person gets only so
 * many cards within an hour, and of many nearly the same at one place the oldest stands for the others and says how many
 * there are. Nothing kept back is lost: it waits in the inbox, and for its turn here.
 */
import { RISKS } from '@countersign/core';
import type { Card } from '../../channels/channel.ts';
import type { ChannelsConfig } from '../../channels/config.ts';
import type { Clock } from '../../clock.ts';
import type { Step, Store } from '../../store/store.ts';
import type { CardRow, KeptBack } from '../rows.ts';

export type Attending = {
  readonly store: Pick<Store, 'read' | 'commit'>;
  readonly now: Clock;
  readonly attention: ChannelsConfig['attention'];
};

const HOUR_MS = 3_600_000;
/** How soon it is seen that its turn has come. */
const LOOK_AGAIN_MS = 10_000;

export async function keptBack(
  attending: Attending,
  row: CardRow,
  card: Card,
): Promise<KeptBack | 'left' | undefined> {
  const { now, attention } = attending;
  if (row.because === 'reminded' && (await isFolded(attending, row))) return 'left';
  if (row.because === 'asked') {
    const shown = await standing(attending, row);
    if (shown >= attention.together_from - 1) {
      if (!row.folded) await tellLeader(attending, row);
      return { at: now() + LOOK_AGAIN_MS, folded: true };
    }
  }
  const at = isUrgent(card, attention) ? undefined : await fullUntil(attending, row);
  return at === undefined ? undefined : { at, folded: false };
}

export const isUrgent = (
  { risk }: Pick<Card, 'risk'>,
  { urgent_from }: Pick<ChannelsConfig['attention'], 'urgent_from'>,
): boolean => urgent_from !== 'never' && RISKS.indexOf(risk) >= RISKS.indexOf(urgent_from);

/** Requests like it that wait and are shown there one by one. */
const STANDING = `FROM cards c JOIN requests r ON r.id = c.request_id
  WHERE c.channel = $1 AND c.place = $2 AND c.likeness = $3 AND c.because = 'asked' AND c.begun_at IS NOT NULL AND r.status = 'pending'`;

/** Of them the oldest, which speaks for the others: on its card, and on what reminds of it. */
const LEADER = `SELECT request_id FROM cards WHERE id = (SELECT MIN(c.id) ${STANDING})`;

const at = ({ channel, place, likeness }: CardRow) => [channel, place, likeness];

async function standing({ store }: Attending, row: CardRow): Promise<number> {
  const [found] = await store.read({ sql: `SELECT COUNT(*) AS n ${STANDING}`, params: at(row) });
  return Number(found?.['n'] ?? 0);
}

/** Another stands there for its request: what that one is reminded of says how many wait, and speaks for all of them. */
async function isFolded(
  { store }: Attending,
  { request_id, channel, place }: Pick<CardRow, 'request_id' | 'channel' | 'place'>,
): Promise<boolean> {
  const found = await store.read({
    sql: "SELECT 1 FROM cards WHERE request_id = $1 AND channel = $2 AND place = $3 AND because = 'asked' AND folded = 1 AND state = 'live'",
    params: [request_id, channel, place],
  });
  return found.length > 0;
}

const wantLeader = (row: CardRow): Step => ({
  name: 'leader-anew',
  sql: `UPDATE cards SET wanted = wanted + 1
         WHERE request_id = (${LEADER}) AND channel = $1 AND place = $2 AND because <> 'escalated'`,
  params: at(row),
  rows: 'any',
});

/** The one that stands for the others is to say how many there are now. */
export async function tellLeader({ store }: Pick<Attending, 'store'>, row: CardRow): Promise<void> {
  await store.commit({ name: 'leader-anew', steps: [wantLeader(row)], entries: [] });
}

/** How many nearly the same this card stands for; 0 where another does. */
export async function standsFor({ store }: Pick<Attending, 'store'>, row: CardRow): Promise<number> {
  if (row.because === 'escalated') return 0;
  const [found] = await store.read({
    sql: `SELECT COUNT(*) AS n FROM cards f JOIN requests p ON p.id = f.request_id
           WHERE f.channel = $1 AND f.place = $2 AND f.likeness = $3 AND f.folded = 1 AND f.state = 'live' AND p.status = 'pending'
             AND $4 = (${LEADER})`,
    params: [...at(row), row.request_id],
  });
  return Number(found?.['n'] ?? 0);
}

export const othersLikeIt = (count: number): readonly string[] =>
  count === 0
    ? []
    : [count === 1 ? '1 more like it waits in the inbox.' : `${count} more like it wait in the inbox.`];

/** When this person may be sent another card; undefined: now, or it is no one person’s place. */
async function fullUntil(
  { store, now, attention: { per_person_per_hour: most } }: Attending,
  { person }: CardRow,
): Promise<number | undefined> {
  if (person === null) return undefined;
  const rows = await store.read({
    sql: `SELECT begun_at FROM cards WHERE person = $1 AND begun_at > $2 ORDER BY begun_at DESC LIMIT ${most}`,
    params: [person, now() - HOUR_MS],
  });
  const oldest = rows.at(most - 1)?.['begun_at'];
  return oldest === undefined ? undefined : Number(oldest) + HOUR_MS;
}
