/**
 * A card is carried by one gateway at a time: taken by a lease, which is kept on while it is posted, given back with what came of
 * it, or taken away from whoever died with it.
 */
import type { Leased } from '../../limits/leases.ts';
import type { Step, Store } from '../../store/store.ts';
import type { CardRow } from '../rows.ts';

/** `until` is for people to read: with no clock of another is it compared. */
export type Lease = { readonly token: string; readonly until: number };

/** Taken by compare-and-set: of two gateways one carries it. A crash leaves it until somebody has waited long enough. */
export async function lease(
  store: Pick<Store, 'commit'>,
  row: CardRow,
  { token, until, now }: Lease & { readonly now: number },
): Promise<boolean> {
  const outcome = await store.commit({
    name: 'lease-card',
    steps: [
      {
        name: 'lease',
        sql: `UPDATE cards SET lease = $2, leased_until = $3 WHERE id = $1 AND state = 'live' AND wanted = $4 AND shown = $5 AND lease IS NULL AND next_at <= $6`,
        params: [row.id, token, until, row.wanted, row.shown, now],
        rows: 1,
      },
    ],
    entries: [],
  });
  return outcome.ok;
}

/** Far more than all gateways together carry at a time. */
const TAKEN_MAX = 1_000;

/** What somebody carries there, or was carrying when it died; the mark is another each time it is taken or kept on. */
export async function takenCards(store: Pick<Store, 'read'>, channel: string): Promise<readonly Leased[]> {
  const rows = await store.read({
    sql: `SELECT id, lease, leased_until FROM cards
           WHERE state = 'live' AND shown < wanted AND channel = $1 AND lease IS NOT NULL ORDER BY id LIMIT ${TAKEN_MAX}`,
    params: [channel],
  });
  return rows.map((row) => ({
    id: String(row['id']),
    mark: markOf(String(row['lease']), Number(row['leased_until'])),
  }));
}

const markOf = (token: string, until: number): string => `${token} ${until}`;

/** Whoever took these does not carry them any more; what was taken again meanwhile stays taken. */
export async function letGo(store: Pick<Store, 'commit'>, abandoned: readonly Leased[]): Promise<void> {
  const steps = abandoned.map(({ id, mark }): Step => {
    const [token = '', until = ''] = mark.split(' ');
    return {
      name: 'let-go',
      sql: 'UPDATE cards SET lease = NULL, leased_until = 0 WHERE id = $1 AND lease = $2 AND leased_until = $3',
      params: [id, token, Number(until)],
      rows: 'any',
    };
  });
  await store.commit({ name: 'cards-abandoned', steps, entries: [] });
}

/** However long it took until here, nobody else has taken it; nor does anybody while it is posted. */
export const stillOurs = (card_id: string, { token, until }: Lease): Step => ({
  name: 'still-ours',
  sql: 'UPDATE cards SET leased_until = $3 WHERE id = $1 AND lease = $2',
  params: [card_id, token, until],
  rows: 1,
});

/** Until when; `folded`: others like it stand there, one of which says so. `only`: what must still hold, and goes with it. */
export type KeptBack = { readonly at: number; readonly folded: boolean; readonly only?: readonly Step[] };

export type Settled =
  | { readonly kind: 'shown'; readonly version: number; readonly digest: string; readonly posted: string }
  /** Over before it could be shown: nobody is told of what they could never answer. */
  | { readonly kind: 'left'; readonly also?: readonly Step[] }
  | { readonly kind: 'renumbered' }
  | ({ readonly kind: 'kept-back' } & KeptBack)
  | {
      readonly kind: 'again';
      readonly at: number;
      readonly trouble: string;
      readonly failing_since: number;
      readonly maybe_posted: boolean;
    }
  | {
      readonly kind: 'dead';
      readonly trouble: string;
      readonly maybe_posted: boolean;
      readonly also?: readonly Step[];
    };

/** No digest of what was erased is kept, by which it could be guessed. */
const ERASED = 'SELECT 1 FROM requests r WHERE r.id = cards.request_id AND r.erased_at IS NOT NULL';

const SETTLING: {
  readonly [K in Settled['kind']]: (settled: Extract<Settled, { readonly kind: K }>) => {
    readonly set: string;
    readonly params: Step['params'];
  };
} = {
  shown: ({ version, digest, posted }) => ({
    set: `shown = $3, shown_digest = CASE WHEN EXISTS (${ERASED}) THEN NULL ELSE $4 END, posted = $5, attempts = 0, failing_since = NULL, trouble = NULL`,
    params: [version, digest, posted],
  }),
  // Tried before or not, it stands nowhere: it fills nobody's hour and stands for no other.
  'kept-back': ({ at, folded }) => ({
    set: 'next_at = $3, folded = $4, begun_at = NULL, failing_since = NULL, trouble = NULL',
    params: [at, Number(folded)],
  }),
  renumbered: () => ({ set: 'wanted = wanted + 1', params: [] }),
  left: () => ({ set: `state = 'left', shown = wanted`, params: [] }),
  again: ({ at, trouble, failing_since, maybe_posted }) => ({
    set: `attempts = attempts + 1, next_at = $3, trouble = $4, failing_since = $5, maybe_posted = $6`,
    params: [at, trouble, failing_since, Number(maybe_posted)],
  }),
  dead: ({ trouble, maybe_posted }) => ({
    set: `state = 'dead', trouble = $3, maybe_posted = $4`,
    params: [trouble, Number(maybe_posted)],
  }),
};

/** Says what came of it and gives the lease back; nothing when the lease ran out and another has it. */
export async function settle(
  store: Pick<Store, 'commit'>,
  { id, token }: { readonly id: string; readonly token: string },
  settled: Settled,
): Promise<boolean> {
  const { set, params } = (
    SETTLING[settled.kind] as (settled: Settled) => { readonly set: string; readonly params: Step['params'] }
  )(settled);
  const more = 'only' in settled ? settled.only : 'also' in settled ? settled.also : [];
  const outcome = await store.commit({
    name: 'settle-card',
    steps: [
      {
        name: 'settle',
        sql: `UPDATE cards SET ${set}, lease = NULL, leased_until = 0 WHERE id = $1 AND lease = $2`,
        params: [id, token, ...params],
        rows: 1,
      },
      ...(more ?? []),
    ],
    entries: [],
  });
  return outcome.ok;
}
