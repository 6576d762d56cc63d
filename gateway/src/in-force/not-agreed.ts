/** A changed file that is not taken up, and what it waits for. Said once; whoever asks again is told again. */
import { NotCommitted } from '../authority/changes.ts';
import type { Agreement } from '../operations/agree.ts';

export type Waiting = {
  /** Of the files that are not taken up. */
  readonly digest: string;
  readonly request_id?: string;
  readonly message: string;
};

type Disagreement = Exclude<Agreement, { readonly kind: 'agreed' }>;
type Changed = { readonly what: 'policy' | 'configuration'; readonly digest: string };

/** The files are good, and people have yet to agree to them: what is in force stays. */
export class NotAgreed extends Error {
  override readonly name = 'NotAgreed';
  readonly waiting: Waiting;
  readonly agreement: Disagreement;
  constructor(agreement: Disagreement, changed: Changed) {
    const { what, digest } = changed;
    const message =
      agreement.kind === 'held'
        ? `the changed ${what} (${shortened(digest)}) waits for people to agree: countersign requests show ${agreement.request_id}`
        : `the changed ${what} (${shortened(digest)}) is not taken up: ${agreement.message}`;
    super(message);
    this.agreement = agreement;
    const { request_id } = agreement;
    this.waiting = { digest, message, ...(request_id === undefined ? {} : { request_id }) };
  }
}

const shortened = (digest: string): string => digest.slice('sha256:'.length).slice(0, 12);

const ATTEMPTS_MAX = 5;

/** Agreed to under one epoch, made under the same: a save is not lost because somebody's groups changed between. */
export async function whileMoving<T>(make: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof NotCommitted) || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}
