/** What a signed-in person is, and what signing in needs. */
import type { Directory, Person } from '@countersign/core';
import type { Config } from '../config/config.ts';
import { parseDuration } from '../config/duration.ts';
import type { Events } from '../events.ts';
import type { Store } from '../store/store.ts';

export type SessionKind = 'browser' | 'cli';
export type PersonSession = {
  readonly id: string;
  readonly kind: SessionKind;
  readonly person: Person;
  readonly created_at: number;
  readonly expires_at: number;
  /** When they last showed who they are; undefined where their provider does not say. Never later than `created_at`. */
  readonly authenticated_at: number | undefined;
};
export type SignedIn = { readonly token: string; readonly session: PersonSession };

/** Where somebody signed in, when it was not with a link. */
export type AtProvider = {
  readonly provider: string;
  readonly account: string;
  /** What the provider gave, sealed: to ask it again, and to sign out there. */
  readonly tokens: string;
  /** How soon it is asked again; undefined where it gave nothing to ask with. */
  readonly recheck_ms: number | undefined;
  /** When they last signed in there themselves; undefined where it does not say. */
  readonly authenticated_at: number | undefined;
};

/** A provider that has not answered for so many times its interval no longer vouches for anybody. */
export const RECHECKS_MISSED_MAX = 3;

export type SessionLimits = {
  readonly [K in SessionKind]: { readonly idle_ms: number; readonly absolute_ms: number };
};

export function sessionLimits({ browser, cli }: Config['sign_in']['sessions']): SessionLimits {
  const ms = (text: string): number => parseDuration(text) ?? 0;
  return {
    browser: { idle_ms: ms(browser.idle), absolute_ms: ms(browser.absolute) },
    cli: { idle_ms: ms(cli.idle), absolute_ms: ms(cli.absolute) },
  };
}

export type SessionsDeps = {
  readonly store: Store;
  readonly events: Pick<Events, 'authorityChanged'>;
  readonly directory: () => Directory;
  readonly now: () => number;
  readonly limits: SessionLimits;
};
