/**
 * One request put before one person: shown whole, asked about, answered. An approval names the digests of what was
 * shown; when that has changed by then, the new view is shown and asked about anew (I6). Nothing is ever answered for
 * somebody: silence, a lost terminal and every error leave the request as it was (I14).
 */
import { type GrantTerms, INELIGIBLE, type ReviewDecision } from '@countersign/core';
import {
  type Client,
  ProblemError,
  type RequestDetail,
  type ReviewResult,
  UnreachableError,
} from '@countersign/sdk';
import { lookOf, type Paint, painter } from '../output.ts';
import { inline } from '../render/frame.ts';
import { renderRequest } from '../render/request.ts';
import { span } from '../render/time.ts';
import { type View, viewOf } from '../render/view.ts';
import type { Io } from '../verb.ts';
import { showLooked } from './looked.ts';
import { createPrompt, type Prompt } from './prompt.ts';

export type Decided =
  | { readonly kind: 'answered'; readonly decision: ReviewDecision; readonly result: ReviewResult }
  /** This person did not answer, or may not. */
  | { readonly kind: 'skipped' }
  /** It was resolved without this answer. */
  | { readonly kind: 'resolved'; readonly status: RequestDetail['status'] }
  /** The terminal went away. */
  | { readonly kind: 'closed' };

export type Asking = Pick<Io, 'stdin' | 'stdout' | 'env'> & {
  /** Aborts when the request may have been resolved elsewhere. */
  readonly signal?: AbortSignal;
  /** Offered with an approval; said before the question. */
  readonly grant?: GrantTerms;
  /** One for many questions; without it one is made and closed. */
  readonly prompt?: Prompt;
};

/** Shows the request and asks until it is answered, skipped or gone. */
export async function askForDecision(client: Client, id: string, asking: Asking): Promise<Decided> {
  const prompt = asking.prompt ?? createPrompt(asking);
  try {
    return await new Asked(client, prompt, asking).about(id);
  } finally {
    if (asking.prompt === undefined) prompt.close();
  }
}

class Asked {
  readonly #client: Client;
  readonly #prompt: Prompt;
  readonly #asking: Asking;
  readonly #paint: Paint;

  constructor(client: Client, prompt: Prompt, asking: Asking) {
    this.#client = client;
    this.#prompt = prompt;
    this.#asking = asking;
    this.#paint = painter(lookOf(asking).color);
  }

  async about(id: string): Promise<Decided> {
    for (;;) {
      const detail = await showLooked(this.#client, id);
      this.#show(renderRequest(detail, { ...lookOf(this.#asking), now: Date.now() }));
      if (detail.status !== 'pending') return this.#resolved(detail.status);
      if (!detail.eligibility.eligible) {
        this.#say(`You cannot review this: ${INELIGIBLE[detail.eligibility.why]}.`);
        return { kind: 'skipped' };
      }
      const absent = detail.eligibility.for ?? [];
      if (absent.length > 0) this.#say(`You answer in the seat of ${absent.map(inline).join(' or ')}.`);
      if (this.#asking.grant !== undefined) this.#say(grantText(this.#asking.grant, detail));
      const decided = await this.#choose(detail, viewOf(detail));
      if (decided !== 'again') return decided;
    }
  }

  /** A view taller than the terminal has its beginning out of sight: that is said beside the question (A4). */
  #show(view: string): void {
    this.#write(`\n${view}`);
    const rows = view.split('\n').length;
    if (rows > (this.#asking.stdout.rows ?? Number.POSITIVE_INFINITY))
      this.#say(this.#paint('alarm', `${rows} rows, more than fit here: scroll up and read from the top.`));
  }

  /** Asks until there is a choice; `again` when the view must be shown anew. */
  async #choose(detail: RequestDetail, view: View): Promise<Decided | 'again'> {
    const choices = choicesOf(detail, view);
    for (;;) {
      const word = await this.#ask(this.#question(choices));
      if (word === undefined) return this.#interrupted(detail.id);
      const choice = choices.find(({ answers }) => answers.includes(word.toLowerCase()));
      if (choice?.act === 'skip') return { kind: 'skipped' };
      if (choice === undefined) {
        if (word !== '') this.#say(unknownWord(word, choices));
        continue;
      }
      const done = await this.#carryOut(choice.act, detail);
      if (done !== 'ask') return done;
    }
  }

  async #carryOut(act: Exclude<Act, 'skip'>, detail: RequestDetail): Promise<Decided | 'again' | 'ask'> {
    const reason = await this.#ask(this.#paint('dim', REASONS[act]));
    if (reason === undefined) return this.#interrupted(detail.id);
    try {
      if (act !== 'reveal') return await this.#answer(act, detail, reason);
      if (reason === '') {
        this.#say('To reveal it, say why.');
        return 'ask';
      }
      await this.#client.requests.reveal(detail.id, reason);
      return 'again';
    } catch (error) {
      return this.#refused(error);
    }
  }

  async #answer(decision: ReviewDecision, detail: RequestDetail, reason: string): Promise<Decided> {
    const result = await sendReview(this.#client, detail, {
      decision,
      ...(reason === '' ? {} : { reason }),
      ...(this.#asking.grant === undefined || decision === 'denied' ? {} : { grant: this.#asking.grant }),
    });
    this.#say(outcomeText(decision, result, detail));
    return { kind: 'answered', decision, result };
  }

  /** What the gateway will not do is said, and the question stands; what has changed is shown anew. */
  #refused(error: unknown): 'again' | 'ask' {
    if (error instanceof UnreachableError) {
      this.#say(`${error.message}. It is not known whether your answer arrived; nothing else was done.`);
      return 'ask';
    }
    if (!(error instanceof ProblemError) || error.kind === 'not_signed_in') throw error;
    this.#say(inline(error.detail));
    return SHOW_AGAIN.has(error.kind) ? 'again' : 'ask';
  }

  /** The question went away: because the request did, or because the person did. */
  async #interrupted(id: string): Promise<Decided | 'again'> {
    if (this.#prompt.closed) return { kind: 'closed' };
    const { status } = await this.#client.requests.show(id);
    return status === 'pending' ? { kind: 'skipped' } : this.#resolved(status);
  }

  #resolved(status: RequestDetail['status']): Decided {
    this.#say(`It is ${status}; there is nothing left to decide.`);
    return { kind: 'resolved', status };
  }

  #question(choices: readonly Choice[]): string {
    return `${choices.map(({ label }) => this.#paint('accent', label)).join('   ')}  ${this.#paint('dim', '›')} `;
  }

  #ask(question: string): Promise<string | undefined> {
    return this.#prompt.ask(question, this.#asking.signal);
  }

  #say(text: string): void {
    this.#write(`${text}\n`);
  }
  #write(text: string): void {
    this.#asking.stdout.write(text);
  }
}

type Act = ReviewDecision | 'reveal' | 'skip';
type Choice = { readonly act: Act; readonly label: string; readonly answers: readonly string[] };

/** The graver the risk, the less a slip of the hand can do: approving is then a whole word (A19). */
export function choicesOf({ risk }: Pick<RequestDetail, 'risk'>, view: View): readonly Choice[] {
  const grave = risk === 'high' || risk === 'critical';
  const approve: Choice = grave
    ? { act: 'approved', label: 'approve (type the word)', answers: ['approve'] }
    : { act: 'approved', label: '[a]pprove', answers: ['a', 'approve'] };
  return [
    ...(view.approvable.ok ? [approve] : []),
    ...(view.revealable ? [{ act: 'reveal', label: '[r]eveal', answers: ['r', 'reveal'] } as const] : []),
    { act: 'denied', label: '[d]eny', answers: ['d', 'deny'] },
    { act: 'skip', label: '[s]kip', answers: ['s', 'skip'] },
  ];
}

const REASONS: { readonly [A in Exclude<Act, 'skip'>]: string } = {
  approved: 'Why, for the record (Enter for nothing) › ',
  denied: 'Why not? The agent is told (Enter for nothing) › ',
  reveal: 'Why must you see it? This goes on the record › ',
};

const SHOW_AGAIN = new Set([
  'shown_changed',
  'already_resolved',
  'already_reviewed',
  'not_eligible',
  'not_found',
]);

function unknownWord(word: string, choices: readonly Choice[]): string {
  if (word === 'y' || word === 'yes' || word === 'a' || word === 'approve')
    return choices.some(({ act }) => act === 'approved')
      ? 'To approve, type: approve'
      : 'This view cannot approve; the reason stands above.';
  return `Answer with ${choices.map(({ answers }) => answers.join(' or ')).join(', ')}.`;
}

type Answer = {
  readonly decision: ReviewDecision;
  readonly reason?: string;
  readonly grant?: GrantTerms;
};

/** What a grant covers, before anybody gives it: not this call alone. */
export const grantText = (
  { lasts_ms, uses }: GrantTerms,
  { agent, resource, upstream }: RequestDetail,
): string =>
  `Approving also grants: ${inline(agent)} may call ${inline(resource)} on ${inline(upstream)}, whatever the arguments, ${uses === 1 ? 'once' : `${uses} times`} within ${span(lasts_ms)}.`;

/** Sends the answer with the digests of what was shown; a lost reply is asked for again under the same key, never sent as new. */
export async function sendReview(
  client: Client,
  detail: RequestDetail,
  answer: Answer,
): Promise<ReviewResult> {
  const { id, action_digest, rendered_digest, preview } = detail;
  const looked_at = preview?.state === 'shown' ? { preview: preview.id } : {};
  const body = { ...answer, action_digest, rendered_digest, ...looked_at };
  const once = { idempotency_key: crypto.randomUUID() };
  try {
    return await client.requests.review(id, body, once);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    return client.requests.review(id, body, once);
  }
}

export function outcomeText(
  decision: ReviewDecision,
  { status, quorum }: ReviewResult,
  { requirement }: RequestDetail,
): string {
  if (status === 'denied') return 'Denied. It will not run.';
  if (status === 'approved') {
    const uses = requirement.uses === 1 ? 'once' : `${requirement.uses} times`;
    return `Approved. It may run ${uses} within ${span(requirement.valid_ms)}.`;
  }
  return `Your answer (${decision}) is recorded; ${quorum.filled} of ${quorum.needed} so far.`;
}
