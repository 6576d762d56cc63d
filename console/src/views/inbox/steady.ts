/**
 * A list that does not move under who reads it: what comes in between waits until it is asked for, what is gone stays
 * where it stood, marked. Pure; the view says when somebody is reading.
 */
import type { InboxItem } from '@countersign/sdk';

/** `batch`: what came in together; alike requests are grouped within one, so that a late one moves no group. */
export type Place = { readonly id: string; readonly batch: number };
export type Steady = {
  readonly places: readonly Place[];
  /** As last heard of. */
  readonly known: ReadonlyMap<string, InboxItem>;
  readonly gone: ReadonlySet<string>;
  /** Not shown yet. */
  readonly fresh: number;
};

export const NOTHING: Steady = { places: [], known: new Map(), gone: new Set(), fresh: 0 };

/** Everything, in its order. */
export const settle = (items: readonly InboxItem[]): Steady => ({
  places: items.map(({ id }) => ({ id, batch: 0 })),
  known: new Map(items.map((item) => [item.id, item])),
  gone: new Set(),
  fresh: 0,
});

/** What may be changed without moving anything: what follows the last row is put there. */
export function keepStill(before: Steady, items: readonly InboxItem[]): Steady {
  const now = new Map(items.map((item) => [item.id, item]));
  const placed = new Set(before.places.map(({ id }) => id));
  const last = items.findLastIndex(({ id }) => placed.has(id));
  const batch = (before.places.at(-1)?.batch ?? 0) + 1;
  const after = items.slice(last + 1).map(({ id }) => ({ id, batch }));
  const appended = last === -1 && placed.size > 0 ? [] : after;
  const places = [...before.places, ...appended];
  const known = new Map(before.known);
  for (const item of items) known.set(item.id, item);
  return {
    places,
    known,
    gone: new Set(places.flatMap(({ id }) => (now.has(id) ? [] : [id]))),
    fresh: items.length - places.filter(({ id }) => now.has(id)).length,
  };
}

export type Entry =
  | { readonly kind: 'group'; readonly key: string; readonly items: readonly InboxItem[] }
  | {
      readonly kind: 'item';
      readonly key: string;
      readonly item: InboxItem;
      readonly gone: boolean;
      readonly grouped: boolean;
    };

/** Alike requests stand together, where the most urgent of them stands, under a line that says so. */
export function entriesOf(
  { places, known, gone }: Steady,
  shows: (item: InboxItem) => boolean,
): readonly Entry[] {
  const groups = new Map<string, InboxItem[]>();
  for (const { id, batch } of places) {
    const item = known.get(id);
    if (item === undefined || !shows(item)) continue;
    const key = `${batch} ${item.group}`;
    const found = groups.get(key);
    if (found === undefined) groups.set(key, [item]);
    else found.push(item);
  }
  return [...groups].flatMap(([key, items]): readonly Entry[] => {
    const grouped = items.length > 1;
    const rows = items.map((item) => ({
      kind: 'item' as const,
      key: item.id,
      item,
      gone: gone.has(item.id),
      grouped,
    }));
    return grouped ? [{ kind: 'group', key, items }, ...rows] : rows;
  });
}
