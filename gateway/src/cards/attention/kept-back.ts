/**
 * What is kept back before it is shown for the first time, so that people are not worn down (A19): one person gets only so
 * many cards within an hour, and of many nearly the same at one place the oldest stands for the others. Nothing kept back is
 * lost: it waits in the inbox, and for its turn here.
 */
import { RISKS } from '@countersign/core';
import type { Card } from '../../channels/channel.ts';
import type { ChannelsConfig } from '../../channels/config.ts';
import type { Clock } from '../../clock.ts';
import type { Store } from '../../store/store.ts';
import type { KeptBack } from '../carrying/lease.ts';
import type { CardRow } from '../rows.ts';
import { isFolded, standing, stillStand, wantLeader } from './fold.ts';

export type Attending = {
  readonly store: Pick<Store, 'read'>;
  readonly now: Clock;
  readonly attention: ChannelsConfig['attention'];
};

const HOUR_MS = 3_600_000;
/** Looked at again though nothing was heard of what it waits for: only what was missed is found by it. */
const SWEEP_MS = 5 * 60_000;

export async function keptBack(
  attending: Attending,
  row: CardRow,
  card: Card,
): Promise<KeptBack | 'left' | undefined> {
  const { store, now, attention } = attending;
  if (row.because === 'reminded') {
    if (await isFolded(store, row)) return 'left';
  } else {
    const least = attention.together_from - 1;
    if ((await standing(store, row)) >= least) {
      const only = [stillStand(row, least), ...(row.folded ? [] : [wantLeader(row)])];
      return { at: now() + SWEEP_MS, folded: true, only };
    }
  }
  const at = isUrgent(card, attention) ? undefined : await fullUntil(attending, row);
  if (at === undefined) return undefined;
  return { at, folded: false, only: row.folded ? [wantLeader(row)] : [] };
}

const isUrgent = (
  { risk }: Pick<Card, 'risk'>,
  { urgent_from }: Pick<ChannelsConfig['attention'], 'urgent_from'>,
): boolean => urgent_from !== 'never' && RISKS.indexOf(risk) >= RISKS.indexOf(urgent_from);

/** When this person may be sent another card; undefined: now, or it is no one person’s place. */
async function fullUntil(
  { store, now, attention: { per_person_per_hour: most } }: Attending,
  { id, person }: CardRow,
): Promise<number | undefined> {
  if (person === null) return undefined;
  const rows = await store.read({
    // One that is tried again has not used up its own turn.
    sql: `SELECT begun_at FROM cards WHERE person = $1 AND begun_at > $2 AND id <> $3 ORDER BY begun_at DESC LIMIT ${most}`,
    params: [person, now() - HOUR_MS, id],
  });
  const oldest = rows.at(most - 1)?.['begun_at'];
  return oldest === undefined ? undefined : Number(oldest) + HOUR_MS;
}
