/**
 * Signing in with a provider, from the button to the session. The order of checks on what a browser brings back: is it
 * this browser's, of this sign-in, for the first time; is it this provider's word; who is that here; then a session, on
 * the record. Whatever fails is recorded with its reason, and nobody is signed in.
 */

import { parseDuration } from '../../config/duration.ts';
import type { Deps } from '../../deps.ts';
import { ulid } from '../../ids.ts';
import type { RosterChanges } from '../roster/changes.ts';
import type { Roster } from '../roster/roster.ts';
import type { AtProvider, SignedIn } from '../session.ts';
import type { Sessions } from '../sessions.ts';
import { type FailureReason, SignInFailure } from './failure.ts';
import { beginFlow, endFlow, type Loopback, ownPath } from './flow.ts';
import { recognise } from './person.ts';
import type { Known, Provider } from './provider/provider.ts';
import type { Refusals } from './refusals.ts';
import type { Seal } from './seal.ts';

export type ProviderSignIn = {
  /** What the sign-in page offers, in the order of the configuration. */
  readonly offered: readonly { readonly id: string; readonly name: string }[];
  begin(begin: Begin): Promise<{ readonly url: string; readonly cookie: string } | Failed>;
  finish(back: Back): Promise<Finished | Failed>;
  /** A one-time code that was not good: on the record like any other. */
  linkRefused(): Promise<void>;
  /** Where this session's browser signs out of its provider too. */
  signOutUrl(session_id: string): Promise<string | undefined>;
};
export type Begin = {
  readonly provider: string;
  /** They are to show who they are again, even if the provider still knows them (`proof: recent`). */
  readonly fresh?: boolean;
  readonly return_to?: string;
  readonly loopback?: Loopback;
};
export type Back = {
  readonly provider: string;
  readonly url: URL;
  readonly cookie: string | undefined;
  /** The session this browser had until now. */
  readonly replaces: string | undefined;
};
export type Finished =
  | { readonly kind: 'browser'; readonly signedIn: SignedIn; readonly return_to: string }
  /** The command line that waits is handed a code. */
  | { readonly kind: 'cli'; readonly url: string };
export type Failed = {
  readonly kind: 'failed';
  readonly reason: FailureReason;
  /** The account somebody proved to have, where nobody here has it: theirs to pass on to an operator. */
  readonly account?: string;
};

export type SignInDeps = Pick<Deps, 'store' | 'now' | 'authority'> & {
  readonly providers: ReadonlyMap<string, Provider>;
  readonly people: RosterChanges;
  readonly sessions: Sessions;
  readonly seal: Seal;
  readonly refusals: Refusals;
  readonly people_max: number;
};

export function createProviderSignIn(deps: SignInDeps): ProviderSignIn {
  const { providers, refusals } = deps;
  const orFailed = async <T>(means: string, run: () => Promise<T | Failed>): Promise<T | Failed> => {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof SignInFailure)) throw error;
      await refusals.record({ reason: error.reason, with: means, cause: error.cause });
      return { kind: 'failed', reason: error.reason };
    }
  };
  return {
    offered: [...providers.values()].map(({ id, config }) => ({ id, name: config.name })),
    begin: ({ provider: id, fresh = false, return_to, loopback }) =>
      orFailed(known(deps, id)?.id ?? 'unknown', async () => {
        const provider = providerOf(deps, id);
        const { cookie, secrets } = await beginFlow(deps, {
          provider: id,
          return_to: ownPath(return_to),
          loopback,
        });
        return { url: await provider.authorizationUrl(secrets, fresh), cookie };
      }),
    finish: (back) => orFailed(known(deps, back.provider)?.id ?? 'unknown', () => finish(deps, back)),
    linkRefused: () => refusals.record({ reason: 'bad_code', with: 'link' }),
    signOutUrl: (session_id) => signOutUrl(deps, session_id),
  };
}

const known = ({ providers }: SignInDeps, id: string): Provider | undefined => providers.get(id);

function providerOf(deps: SignInDeps, id: string): Provider {
  const provider = known(deps, id);
  if (provider === undefined) throw new SignInFailure('unknown_provider');
  return provider;
}

async function finish(
  deps: SignInDeps,
  { provider: id, url, cookie, replaces }: Back,
): Promise<Finished | Failed> {
  const provider = providerOf(deps, id);
  const [state = '', twice] = url.searchParams.getAll('state');
  if (twice !== undefined) throw new SignInFailure('answer_malformed');
  const flow = await endFlow(deps, { cookie, state, provider: id });
  const vouched = await provider.exchange(url, flow.secrets);
  const { outcome, at } = await takeUp(deps, provider, vouched);
  if ('refused' in outcome) {
    const { refused: reason, person } = outcome;
    await deps.refusals.record({ reason, with: id, person });
    const { account } = vouched.identity;
    return { kind: 'failed', reason, ...(SHOWS_ACCOUNT.has(reason) ? { account } : {}) };
  }
  const person = deps.authority.current().directory.person(outcome.person);
  if (person === undefined || !person.active) throw new SignInFailure('inactive');
  if (flow.loopback !== undefined) {
    const { port, state: theirs, challenge } = flow.loopback;
    const code = await deps.sessions.issueCode(person.id, { challenge, at });
    return { kind: 'cli', url: `http://127.0.0.1:${port}/?${new URLSearchParams({ code, state: theirs })}` };
  }
  const signedIn = await deps.sessions.open(person, { kind: 'browser', at, replaces });
  if (signedIn === undefined) throw new SignInFailure('not_recorded');
  return { kind: 'browser', signedIn, return_to: flow.return_to };
}

const SHOWS_ACCOUNT: ReadonlySet<FailureReason> = new Set(['no_account', 'no_role', 'same_email']);

type TakenUp = {
  readonly outcome:
    | { readonly person: string }
    | { readonly refused: FailureReason; readonly person?: string };
  readonly at: AtProvider;
};

/** What the provider says is taken up, whoever is then let in; a lost group is lost at once, everywhere (I8). */
export async function takeUp(
  { people, now, seal, people_max }: Pick<SignInDeps, 'people' | 'now' | 'seal' | 'people_max'>,
  { id, config }: Provider,
  { identity, tokens }: Known,
): Promise<TakenUp> {
  const new_id = `usr_${ulid(now()).toLowerCase()}`;
  const found: { outcome?: TakenUp['outcome']; roster?: Roster } = {};
  const applied = await people.change((world) => {
    const { change, outcome } = recognise(world, {
      provider: config,
      provider_id: id,
      identity,
      new_id,
      people_max,
    });
    found.outcome =
      'refused' in outcome && change !== undefined ? { ...outcome, person: change.person } : outcome;
    return change;
  });
  if (!applied.ok || found.outcome === undefined) throw new SignInFailure('not_recorded');
  const recheck_ms = tokens.refresh_token === undefined ? undefined : parseDuration(config.recheck);
  const { account, authenticated_at } = identity;
  const at = { provider: id, account, tokens: seal.seal(tokens, account), recheck_ms, authenticated_at };
  return { outcome: found.outcome, at };
}

async function signOutUrl(
  { store, providers, seal }: SignInDeps,
  session_id: string,
): Promise<string | undefined> {
  const [row] = await store.read({
    sql: 'SELECT provider, account, provider_tokens FROM sessions WHERE token_hash = $1',
    params: [session_id],
  });
  const provider = providers.get(String(row?.['provider'] ?? ''));
  if (row === undefined || provider === undefined || row['provider_tokens'] === null) return undefined;
  const tokens = seal.open(String(row['provider_tokens']), String(row['account']));
  if (tokens === undefined || tokens.id_token === '') return undefined;
  // A provider that cannot be asked keeps nobody from signing out here.
  return provider.signOutUrl(tokens).catch((error: unknown) => {
    if (error instanceof SignInFailure) return undefined;
    throw error;
  });
}
