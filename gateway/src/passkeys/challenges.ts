/**
 * Questions to a key, kept here and good once: whoever answers must be the person and the session that asked. Taking one
 * is a step of the transaction the answer is stored with, so of two answers to one question one counts.
 */
import { ticketSystemOf } from '../identity/ticketing.ts';
import type { Step, Store } from '../store/store.ts';

export const CHALLENGE_TTL_MS = 5 * 60_000;
/** Open ones a person may have; the oldest give way (I15). */
const OPEN_MAX = 20;

export type Purpose = 'enrol' | 'review';

export type Challenge = {
  /** base64url: what the authenticator is given, and the challenge's name. */
  readonly challenge: string;
  readonly purpose: Purpose;
  readonly person: string;
  /** The session that asked. */
  readonly session: string;
  readonly review?: ReviewChallenge;
  readonly expires_at: number;
};

/** What a review's challenge was made of; the salts open the commitments in the document. */
export type ReviewChallenge = {
  readonly request_id: string;
  readonly document: string;
  readonly salts: Salts;
};
/** base64url. */
export type Salts = { readonly shown: string; readonly reason?: string };

type Asked = Pick<Challenge, 'challenge' | 'purpose' | 'person' | 'session'>;

/**
 * What would be signed about a request is kept while that is open only: one that was erased since it was read must leave
 * nothing to guess from (I7).
 */
export const stillOpen = (request_id: string): Step => ({
  name: 'open',
  sql: "SELECT 1 FROM requests WHERE id = $1 AND status = 'pending'",
  params: [request_id],
  rows: 1,
});

/** False: the request it is about is over. */
export async function keepChallenge(store: Store, challenge: Challenge, now: number): Promise<boolean> {
  const { review } = challenge;
  const steps: Step[] = [
    ...(review === undefined ? [] : [stillOpen(review.request_id)]),
    {
      name: 'drop-old',
      // What a ticket system asks crowds out nothing the person asks by themselves, nor the reverse.
      sql: `DELETE FROM passkey_challenges WHERE expires_at <= $2 OR (person = $1 AND (session = $3 OR ($4 = 0 AND session NOT LIKE 'ticketing:%'))
              AND challenge NOT IN (SELECT challenge FROM passkey_challenges WHERE person = $1 AND (session = $3 OR ($4 = 0 AND session NOT LIKE 'ticketing:%'))
                                     ORDER BY created_at DESC, challenge LIMIT ${OPEN_MAX - 1}))`,
      params: [
        challenge.person,
        now,
        challenge.session,
        ticketSystemOf(challenge.session) === undefined ? 0 : 1,
      ],
      rows: 'any',
    },
    {
      name: 'keep',
      sql: `INSERT INTO passkey_challenges (challenge, purpose, person, session, request_id, document, salts, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      params: [
        challenge.challenge,
        challenge.purpose,
        challenge.person,
        challenge.session,
        review?.request_id ?? null,
        review?.document ?? null,
        review === undefined ? null : JSON.stringify(review.salts),
        now,
        challenge.expires_at,
      ],
      rows: 1,
    },
  ];
  return (await store.commit({ name: 'passkey-challenge', steps, entries: [] })).ok;
}

/** The open challenge of this name, purpose, person and session; undefined when there is none, or its time is up. */
export async function findChallenge(store: Store, asked: Asked, now: number): Promise<Challenge | undefined> {
  const [row] = await store.read({
    sql: `SELECT request_id, document, salts, expires_at FROM passkey_challenges
          WHERE challenge = $1 AND purpose = $2 AND person = $3 AND session = $4 AND expires_at > $5`,
    params: [asked.challenge, asked.purpose, asked.person, asked.session, now],
  });
  if (row === undefined) return undefined;
  const kept = { ...asked, expires_at: Number(row['expires_at']) };
  if (row['document'] === null) return kept;
  const review = {
    request_id: String(row['request_id']),
    document: String(row['document']),
    salts: JSON.parse(String(row['salts'])) as Salts,
  };
  return { ...kept, review };
}

/** The guard that makes it good once. */
export const takeChallenge = ({ challenge }: Pick<Challenge, 'challenge'>): Step => ({
  name: 'take-challenge',
  sql: 'DELETE FROM passkey_challenges WHERE challenge = $1',
  params: [challenge],
  rows: 1,
});

/** For an answer that does not count: the question is spent all the same. */
export const spendChallenge = (challenge: string): Step => ({
  name: 'spend-challenge',
  sql: 'DELETE FROM passkey_challenges WHERE challenge = $1',
  params: [challenge],
  rows: 'any',
});
