/**
 * The last act by hand: a person in their browser, with a passkey of their own. The terminal says where to go and what
 * happens there; the operator's part is played by a script. Enter skips it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { escapeTerminal } from '@countersign/core';
import { type Client, type Passkey, ProblemError, type Reviewer } from '@countersign/sdk';
import { fingerprint } from '../../passkeys/passkeys.ts';
import { createPrompt } from '../../requests/prompt.ts';
import type { Checks, Signer, Signing } from '../scene.ts';
import type { Say } from '../story.ts';
import { KEYHOLDER, OWNER, REVIEWER } from '../world.ts';

type ByHand = {
  readonly signer: Signer | undefined;
  readonly checks: Checks;
};

/** Undefined when the terminal went away. */
export async function signByHand(signing: Signing): Promise<ByHand | undefined> {
  const { say, io, world, request_id } = signing;
  const page = `${world.public_url}/requests/${request_id}`;
  say.line();
  say.line('   Be that reviewer. Open this in a browser:');
  say.line();
  say.line(`   ${world.public_url}/sign-in?other=1&to=/requests/${request_id}`);
  say.line();
  say.dim(
    'Whoever is signed in there, sign in with the demo’s provider, as “Rita (reviewers)”: it is the group in the token that lets you review. Then add a passkey under “Your passkeys”; Olivia, who is a script here, confirms it. No browser? Press Enter to skip.',
  );
  const stop = new AbortController();
  const prompt = createPrompt(io);
  const skipped = prompt.ask('', stop.signal);
  try {
    const follower = new Follower(signing, page);
    const followed = follower.untilAnswered(stop.signal);
    await Promise.race([skipped, followed]);
    stop.abort();
    const signer = await followed;
    return prompt.closed ? undefined : { signer, checks: [] };
  } finally {
    stop.abort();
    prompt.close();
  }
}

const LOOK_MS = 250;

/** Looks at what the person does, tells it, and does what an operator would. */
class Follower {
  readonly #say: Say;
  readonly #operator: Client;
  readonly #request_id: string;
  readonly #page: string;
  readonly #groups = new Map<string, string>();
  readonly #confirmed = new Map<string, string[]>();

  constructor({ say, operator, request_id }: Signing, page: string) {
    this.#say = say;
    this.#operator = operator;
    this.#request_id = request_id;
    this.#page = page;
  }

  async untilAnswered(stop: AbortSignal): Promise<Signer | undefined> {
    while (!stop.aborted) {
      const [people, keys, { status, reviews }] = await Promise.all([
        this.#operator.reviewers.list(),
        this.#operator.passkeys.list(),
        this.#operator.requests.show(this.#request_id),
      ]);
      for (const person of people.items) this.#tellSignIn(person);
      for (const key of keys.items) await this.#confirm(key);
      if (status !== 'pending') return this.#signer(reviews.find(({ signed }) => signed)?.reviewer);
      await sleep(LOOK_MS, undefined, { signal: stop }).catch(() => undefined); // stopped: the loop sees it
    }
    return undefined;
  }

  #signer(person: string | undefined): Signer | undefined {
    const key_digests = person === undefined ? undefined : this.#confirmed.get(person);
    return person === undefined || key_digests === undefined ? undefined : { person, key_digests };
  }

  #tellSignIn({ id, groups }: Reviewer): void {
    if (id === OWNER || id === REVIEWER || id === KEYHOLDER) return;
    const now = groups.join(', ');
    if (this.#groups.get(id) === now) return;
    this.#groups.set(id, now);
    this.#say.mark(
      'you',
      now === ''
        ? 'signed in; no group in the token lets you review this. “Sign in as somebody else” there, as the other.'
        : `signed in; the group ${escapeTerminal(now)} in the token lets you review this.`,
    );
  }

  async #confirm(key: Passkey): Promise<void> {
    if (key.status !== 'pending' || !key.confirmable_by.includes(OWNER)) return;
    try {
      await this.#operator.passkeys.confirm(key.id, key.key_digest);
    } catch (error) {
      if (error instanceof ProblemError) return; // revoked meanwhile; or the next look tries again
      throw error;
    }
    this.#confirmed.set(key.person, [...(this.#confirmed.get(key.person) ?? []), key.key_digest]);
    this.#say.mark('you', `made a passkey: ${fingerprint(key)}`);
    this.#say.mark('olivia', 'confirmed it. (A script; people compare fingerprints first.) Answer at');
    this.#say.line(`            ${this.#page}`);
  }
}
