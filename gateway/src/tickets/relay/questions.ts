/** Questions put to a person through their provider: the challenge is the nonce their ID token must carry. Kept here, and good once. */
import { type Salts, stillOpen } from '../../passkeys/challenges.ts';
import type { Step, Store } from '../../store/store.ts';

export type Question = {
  /** base64url: the digest of the document. */
  readonly challenge: string;
  readonly system: string;
  readonly request_id: string;
  readonly person: string;
  /** Theirs at the provider, whose token it must be. */
  readonly account: string;
  readonly document: string;
  readonly salts: Salts;
  readonly made_at: number;
  readonly expires_at: number;
};

/** While the request is open only. */
export const keepQuestion = (question: Question): readonly Step[] => [
  stillOpen(question.request_id),
  {
    name: 'drop-old',
    sql: 'DELETE FROM ticket_challenges WHERE expires_at <= $1',
    params: [question.made_at],
    rows: 'any',
  },
  {
    name: 'keep',
    sql: `INSERT INTO ticket_challenges (challenge, system, request_id, person, account, document, salts, made_at, expires_at)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    params: [
      question.challenge,
      question.system,
      question.request_id,
      question.person,
      question.account,
      question.document,
      JSON.stringify(question.salts),
      question.made_at,
      question.expires_at,
    ],
    rows: 1,
  },
];

type Asked = Pick<Question, 'challenge' | 'system' | 'request_id'>;

/** Of this system and this request, and not over. */
export async function findQuestion(store: Store, asked: Asked, now: number): Promise<Question | undefined> {
  const [row] = await store.read({
    sql: `SELECT person, account, document, salts, made_at, expires_at FROM ticket_challenges
           WHERE challenge = $1 AND system = $2 AND request_id = $3 AND expires_at > $4`,
    params: [asked.challenge, asked.system, asked.request_id, now],
  });
  if (row === undefined) return undefined;
  return {
    ...asked,
    person: String(row['person']),
    account: String(row['account']),
    document: String(row['document']),
    salts: JSON.parse(String(row['salts'])) as Salts,
    made_at: Number(row['made_at']),
    expires_at: Number(row['expires_at']),
  };
}

const close = (challenge: string, rows: 1 | 'any'): Step => ({
  name: rows === 1 ? 'take-question' : 'spend-question',
  sql: 'DELETE FROM ticket_challenges WHERE challenge = $1',
  params: [challenge],
  rows,
});

/** The guard that makes it good once. */
export const takeQuestion = (challenge: string): Step => close(challenge, 1);
/** Whatever became of the answer. */
export const spendQuestion = (challenge: string): Step => close(challenge, 'any');
