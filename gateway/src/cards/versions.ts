/** What each version of a card showed: on record before anybody sees it, and never given another meaning. */
import type { Step, Store } from '../store/store.ts';
import { type Lease, stillOurs } from './carrying/lease.ts';

export type Version = {
  readonly card_id: string;
  readonly version: number;
  readonly action_digest: string;
  readonly rendered_digest: string;
  /** What it offered: an answer it did not offer is none (A4). */
  readonly offers: 'answers' | 'deny_or_link' | 'link' | 'none';
};

export type Keeping = {
  readonly now: number;
  /** It is about to be posted for the first time; `also` goes with that. */
  readonly begins?: boolean;
  readonly also?: readonly Step[];
  /** Whose it is to carry, and until when from now: else it is another’s by now, and must not be posted here too. */
  readonly lease?: Lease;
};
/** `taken`: that number already stands for something else, shown before a crash; it is never given another meaning. */
export type Kept = 'kept' | 'taken' | 'lost';

/** What a version shows is on record before anybody sees it. */
export async function keepVersion(
  store: Pick<Store, 'commit'>,
  { card_id, version, action_digest, rendered_digest, offers }: Version,
  { now, begins = false, also = [], lease: ours }: Keeping,
): Promise<Kept> {
  const keep: Step = {
    name: 'keep-version',
    sql: `INSERT INTO card_versions (card_id, version, action_digest, rendered_digest, offers, made_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
    params: [card_id, version, action_digest, rendered_digest, offers, now],
    rows: 'any',
  };
  const begin: Step = {
    name: 'may-be-posted',
    sql: 'UPDATE cards SET maybe_posted = 1, folded = 0, begun_at = COALESCE(begun_at, $2) WHERE id = $1',
    params: [card_id, now],
    rows: 1,
  };
  const same: Step = {
    name: 'same-version',
    sql: 'SELECT 1 FROM card_versions WHERE card_id = $1 AND version = $2 AND action_digest = $3 AND rendered_digest = $4 AND offers = $5',
    params: [card_id, version, action_digest, rendered_digest, offers],
    rows: 1,
  };
  // Drawn before, and to be shown after it was erased: it is drawn anew.
  const whole: Step = {
    name: 'not-erased',
    sql: "SELECT 1 FROM cards c JOIN requests r ON r.id = c.request_id WHERE c.id = $1 AND (r.erased_at IS NULL OR $2 = '')",
    params: [card_id, rendered_digest],
    rows: 1,
  };
  const still: readonly Step[] = ours === undefined ? [] : [stillOurs(card_id, ours)];
  const steps = [...still, whole, keep, same, ...(begins ? [begin, ...also] : [])];
  const outcome = await store.commit({ name: 'card-version', steps, entries: [] });
  if (outcome.ok) return 'kept';
  return outcome.guard === 'still-ours' ? 'lost' : 'taken';
}

export async function readVersion(
  store: Pick<Store, 'read'>,
  card_id: string,
  version: number,
): Promise<Version | undefined> {
  const [row] = await store.read({
    sql: 'SELECT action_digest, rendered_digest, offers FROM card_versions WHERE card_id = $1 AND version = $2',
    params: [card_id, version],
  });
  if (row === undefined) return undefined;
  return {
    card_id,
    version,
    action_digest: String(row['action_digest']),
    rendered_digest: String(row['rendered_digest']),
    offers: String(row['offers']) as Version['offers'],
  };
}
